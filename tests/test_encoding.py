"""Sentences -> windows of tokens, and characters <-> tokens."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import Replace
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing

from stance.encoding import SentenceEncoder, Window

WORDS = ["a", "gull", "ferry", "pier", "captain", "sailed", "slept", "over", "again", "."]


def tokenizer() -> Tokenizer:
    vocabulary = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *WORDS])}
    made = Tokenizer(WordLevel(vocabulary, unk_token="[UNK]"))
    made.pre_tokenizer = Whitespace()
    made.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    return made


def encoder(max_tokens: int = 20, context_tokens: int = 6) -> SentenceEncoder:
    return SentenceEncoder(tokenizer(), max_tokens, context_tokens)


def article(lengths: list[int]) -> tuple[str, list[tuple[int, int]]]:
    """A text whose sentences have so many tokens, and where they stand."""
    text, spans = "", []
    for number, length in enumerate(lengths):
        words = [WORDS[(number + i) % 9] for i in range(length - 1)]
        sentence = " ".join(words) + "."
        spans.append((len(text), len(text) + len(sentence)))
        text += sentence + "  "
    return text, spans


def read(text: str, window: Window, start: int, end: int) -> str:
    a, b = window.character_span(start, end)
    return text[a:b]


def labelled(windows: list[Window]) -> list[int]:
    return [s.index for w in windows for s in w.sentences if not s.context]


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.integers(2, 16), min_size=1, max_size=15), st.integers(10, 30), st.integers(0, 20))
def test_each_sentence_is_labelled_once_and_windows_keep_to_their_limits(lengths, max_tokens, context_tokens):
    text, spans = article([min(n, max_tokens - 2) for n in lengths])
    coder = encoder(max_tokens, context_tokens)
    windows = coder.windows(coder.encode(text, spans))
    assert labelled(windows) == list(range(len(spans)))
    assert max(map(len, windows)) <= max_tokens
    for w in windows:
        assert all(read(text, w, s.start, s.end) == text[slice(*spans[s.index])] for s in w.sentences)
        assert sum(s.end - s.start for s in w.sentences if s.context) <= context_tokens


def test_window_has_the_special_tokens_around_its_sentences():
    text, spans = article([4, 5])
    (window,) = encoder().windows(encoder().encode(text, spans))
    assert (window.ids[0], window.ids[-1]) == (2, 3) and not {2, 3} & set(window.ids[1:-1].tolist())
    assert [(s.start, s.end) for s in window.sentences] == [(1, 5), (5, 10)]
    assert window.offsets[0].tolist() == window.offsets[-1].tolist() == [0, 0]


def test_context_is_the_sentences_just_before():
    text, spans = article([6, 3, 3, 9, 9])
    windows = encoder(max_tokens=18, context_tokens=6).windows(encoder().encode(text, spans))
    assert [[(s.index, s.context) for s in w.sentences] for w in windows] == [
        [(0, False), (1, False), (2, False)],
        [(1, True), (2, True), (3, False)],
        [(4, False)],
    ]


def test_context_gives_way_to_a_sentence_that_fills_the_window():
    text, spans = article([4, 18, 4])
    windows = encoder(max_tokens=20, context_tokens=6).windows(encoder().encode(text, spans))
    assert [[(s.index, s.context) for s in w.sentences] for w in windows] == [[(0, False)], [(1, False)], [(2, False)]]


def test_no_context_where_none_is_wanted():
    text, spans = article([9, 9, 9])
    windows = encoder(max_tokens=20, context_tokens=0).windows(encoder().encode(text, spans))
    assert not any(s.context for w in windows for s in w.sentences)


@settings(max_examples=100, deadline=None, database=None)
@given(st.integers(19, 90), st.integers(0, 30))
def test_a_long_sentence_is_read_in_overlapping_pieces_that_cover_it(length, context_tokens):
    text, spans = article([3, length, 3])
    coder = encoder(20, context_tokens)
    windows = coder.windows(coder.encode(text, spans))
    pieces = [w for w in windows if w.sentences[0].index == 1]
    assert [s.index for w in windows for s in w.sentences if s.index != 1] == [0, 2]
    assert all(len(w.sentences) == 1 and not w.sentences[0].context and len(w) <= 20 for w in pieces)
    read_at = [w.character_span(1, len(w) - 1) for w in pieces]
    assert (read_at[0][0], read_at[-1][1]) == spans[1]
    overlap = min(context_tokens, 9)
    for before, after in zip(pieces, pieces[1:]):
        shared = before.offsets[len(before) - 1 - overlap : len(before) - 1]
        assert shared.tolist() == after.offsets[1 : 1 + overlap].tolist()
        assert after.offsets[len(after) - 2, 1] > before.offsets[len(before) - 2, 1]


def test_an_article_without_sentences_has_no_windows():
    assert encoder().windows(encoder().encode("", [])) == []


def test_a_sentence_without_tokens_has_its_place():
    made = tokenizer()
    made.normalizer = Replace("\u200b", "")
    coder = SentenceEncoder(made)
    (window,) = coder.windows(coder.encode("Gulls. \u200b Gulls.", [(0, 6), (7, 8), (9, 15)]))
    assert [(s.index, s.end - s.start) for s in window.sentences] == [(0, 2), (1, 0), (2, 2)]
    assert window.token_span(window.sentences[1], 7, 8) is None


def test_a_window_needs_room():
    with pytest.raises(ValueError, match="max_tokens is 9; a window needs room for at least 8 tokens"):
        encoder(max_tokens=9)


def test_a_tokenizer_s_own_truncation_is_undone():
    made = tokenizer()
    made.enable_truncation(4)
    made.enable_padding(length=12)
    text, spans = article([9])
    (sentence,) = SentenceEncoder(made).encode(text, spans)
    assert len(sentence) == 9


@settings(max_examples=100, deadline=None, database=None)
@given(st.lists(st.integers(2, 9), min_size=2, max_size=6), st.data())
def test_token_and_character_spans_invert_each_other_on_words(lengths, data):
    text, spans = article(lengths)
    coder = encoder(max_tokens=80)
    (window,) = coder.windows(coder.encode(text, spans))
    s = data.draw(st.sampled_from(window.sentences))
    words = [m.span() for m in re.compile(r"\w+|\.").finditer(text, *spans[s.index])]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    span = window.token_span(s, words[first][0], words[last][1])
    assert span == (s.start + first, s.start + last + 1)
    assert window.character_span(*span) == (words[first][0], words[last][1])


def test_part_of_a_word_is_found_by_its_token():
    text, spans = article([5])
    (window,) = encoder().windows(encoder().encode(text, spans))
    assert text[3:5] == "ul" and window.token_span(window.sentences[0], 3, 5) == (2, 3)


def test_characters_outside_the_sentence_have_no_tokens():
    text, spans = article([5, 5])
    (window,) = encoder().windows(encoder().encode(text, spans))
    first, second = window.sentences
    assert window.token_span(second, *spans[0]) is None
    assert window.token_span(first, spans[0][1], spans[1][0]) is None


def test_window_around_takes_the_neighbours_that_were_asked_for():
    text, spans = article([3, 3, 3, 3, 3, 3])
    window = encoder(max_tokens=40).window_around(encoder().encode(text, spans), 3, before=2, after=1)
    assert [(s.index, s.context) for s in window.sentences] == [(1, True), (2, True), (3, False), (4, True)]


@pytest.mark.parametrize(("at", "read_too"), [(0, [0, 1]), (5, [3, 4, 5])])
def test_window_around_ends_where_the_article_does(at, read_too):
    text, spans = article([3, 3, 3, 3, 3, 3])
    window = encoder(max_tokens=40).window_around(encoder().encode(text, spans), at, before=2, after=1)
    assert [s.index for s in window.sentences] == read_too


def test_window_around_leaves_out_neighbours_that_do_not_fit():
    text, spans = article([9, 4, 9, 9])
    window = encoder(max_tokens=20).window_around(encoder().encode(text, spans), 2, before=2, after=1)
    assert [(s.index, s.context) for s in window.sentences] == [(1, True), (2, False)]


@pytest.mark.parametrize("word", [0, 1, 17, 18, 30, 46, 58, 59])
def test_window_around_keeps_the_given_mention_of_a_long_sentence(word):
    text, spans = article([3, 60, 3])
    start, end = [m.span() for m in re.finditer(r"\w+|\.", text[slice(*spans[1])])][word]
    mention = (spans[1][0] + start, spans[1][0] + end)
    window = encoder(max_tokens=20).window_around(encoder().encode(text, spans), 1, 2, 1, spare=mention[0])
    (sentence,) = window.sentences
    assert len(window) == 20 and sentence.index == 1 and not sentence.context
    found = window.token_span(sentence, *mention)
    assert found and window.character_span(*found) == mention
