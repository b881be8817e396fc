"""Text -> sentences: where English news misleads a splitter, and what holds for any text."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from stance.sentences import MAX_CHARACTERS, split_sentences


def split(text: str) -> list[str]:
    return [text[a:b] for a, b in split_sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "On Friday Mr. Okoro left the room without a word.",
        "The bridge, Gov. Dana Whitfield said, will open in May.",
        "A letter from Sen. Ruth Amsel and Rep. Tom Vane asked for a delay.",
        "The pier was closed by Lt. Col. Marta Quist at noon.",
        "She told Dr. Lindqvist that the vaccine had arrived.",
        "The letter went to Amb. Quist and to Mx. Vane.",
        "Officials in the U.S. Treasury met their hosts in Quito.",
        "The train left at 7 a.m. Tuesday with nobody aboard.",
        "The vote ended at 11:30 p.m. EST in an empty hall.",
        "The bill rose by 3.5 percent to $4.2 million, Harbour Corp. said.",
    ],
)
def test_a_full_stop_that_ends_no_sentence(text):
    assert split(text + " Then it rained.") == [text, "Then it rained."]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The gate opened at 7 a.m. Nobody came.", ["The gate opened at 7 a.m.", "Nobody came."]),
        ("Who knew? Ilse did! Finn did not.", ["Who knew?", "Ilse did!", "Finn did not."]),
        ("Ferries stop\nThe harbour was still.", ["Ferries stop", "The harbour was still."]),
        ("Ferries stop\r\n\r\n  The harbour was still.  \n", ["Ferries stop", "The harbour was still."]),
    ],
)
def test_what_ends_a_sentence(text, sentences):
    assert split(text) == sentences


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", ("``", "''")])
def test_a_quotation_of_several_sentences_is_split(opening, closing):
    text = f"{opening}We waited. Nobody came. We went home,{closing} Finn Dahl said. He sighed."
    first, last = f"{opening}We waited.", f"We went home,{closing} Finn Dahl said."
    assert split(text) == [first, "Nobody came.", last, "He sighed."]


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", ("``", "''")])
def test_closing_quotes_stay_with_their_sentence(opening, closing):
    text = f"Orla was blunt: {opening}It is over.{closing} The hall fell silent."
    assert split(text) == [f"Orla was blunt: {opening}It is over.{closing}", "The hall fell silent."]


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", ("``", "''")])
def test_closing_quotes_stay_where_the_space_is_missing(opening, closing):
    text = f"{opening}It is over.{closing}The hall fell silent."
    assert split(text) == [f"{opening}It is over.{closing}", "The hall fell silent."]


@pytest.mark.parametrize(("opening", "closing"), ['""', "“”", ("``", "''")])
def test_opening_quotes_go_with_the_sentence_they_open(opening, closing):
    text = f"The hall fell silent. {opening}It is over.{closing}"
    assert split(text) == ["The hall fell silent.", f"{opening}It is over.{closing}"]


@pytest.mark.parametrize(
    "text",
    [
        '"Is it over?" asked Finn Dahl.',
        '"Is it over?" Finn Dahl asked.',
        "“Stop the ferry!” she shouted from the pier.",
        "“Stop the ferry!” Captain Marta Quist shouted.",
        "``Is it over?'' he said.",
    ],
)
def test_a_question_stays_with_its_speaker(text):
    assert split(f"The hall fell silent. {text} Nobody replied.") == ["The hall fell silent.", text, "Nobody replied."]


def test_a_question_is_apart_from_a_sentence_that_names_no_speaker():
    assert split('"Is it over?" The hall fell silent.') == ['"Is it over?"', "The hall fell silent."]


def test_offsets_count_from_the_start_of_the_text():
    assert split_sentences("  Gulls slept.\n\n Nobody came. ") == [(2, 14), (17, 29)]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\t \r\n"])
def test_nothing_to_read(text):
    assert split_sentences(text) == []


def test_endless_text_is_cut_between_words():
    words = "gull " * MAX_CHARACTERS
    spans = split_sentences(words)
    assert max(b - a for a, b in spans) <= MAX_CHARACTERS
    assert {word for a, b in spans for word in words[a:b].split()} == {"gull"}


def test_endless_word_is_cut_too():
    spans = split_sentences("x" * (3 * MAX_CHARACTERS + 1))
    assert max(b - a for a, b in spans) <= MAX_CHARACTERS and spans[-1][1] == 3 * MAX_CHARACTERS + 1


PIECES = st.sampled_from(
    [
        "Mr. ",
        "Dr.",
        "U.S. ",
        "7 a.m. ",
        "Mon",
        "gull",
        "Gull ",
        " said",
        "? ",
        "! ",
        ". ",
        ".",
        "...",
        "…",
        ", ",
        "3.5",
        "é",
        "😀",
        "𐐷",
        '"',
        "“",
        "”",
        "``",
        "''",
        "«",
        "»",
        "’",
        "(",
        ")",
        "]",
        "مرحبا. ",
        "你好。",
        "\n",
        "\r\n",
        "\t",
        "\u2028",
        "\u00a0",
        "\u200b",
        "\x1c",
        "\x85",
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=40).map("".join))


@settings(max_examples=200, deadline=None, database=None)
@given(TEXTS)
@example("“Gone?” ”\u2029“. Dr.")
def test_sentences_of_any_text_are_ordered_disjoint_and_complete(text):
    spans = split_sentences(text)
    assert all(0 <= a < b <= len(text) for a, b in spans)
    assert all(b <= c for (_, b), (c, _) in zip(spans, spans[1:]))
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)
    inside = {i for a, b in spans for i in range(a, b)}
    assert [i for i, c in enumerate(text) if not c.isspace() and i not in inside] == []


def test_a_wrapped_line_goes_on_and_a_headline_does_not():
    assert split("Oslo denied\nthe report. It rained.") == ["Oslo denied\nthe report.", "It rained."]
    assert split("Oslo denies report\nThe minister spoke.") == ["Oslo denies report", "The minister spoke."]
