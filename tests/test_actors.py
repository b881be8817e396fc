"""Tags -> mentions, and mentions -> actors."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stance.actors import Linker
from stance.encoding import Window, WindowSentence
from stance.mentions import find_mentions
from stance.names import Name, canonical_name, kind_of
from stance.records import Mention


def same(a: str, b: str) -> bool:
    forth, back = Name.of(a).same_as(Name.of(b)), Name.of(b).same_as(Name.of(a))
    assert forth == back
    return forth


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Amina Diallo", "Diallo"),
        ("Amina Diallo", "Amina"),
        ("Amina Diallo", "DIALLO"),
        ("President Amina Diallo", "Ms. Diallo"),
        ("Secretary of State Ann Vane", "Vane"),
        ("Gov. Dana Whitfield", "Dana Whitfield"),
        ("Diallo's", "Amina Diallo"),
        ("the Kremlin", "Kremlin"),
        ("Delta Bank", "Delta"),
        ("World Harbour Union", "WHU"),
        ("World Harbour Union", "W.H.U."),
        ("Bank of the North", "BN"),
        ("the United States", "U.S."),
    ],
)
def test_two_names_of_one_actor(a, b):
    assert same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Amina Diallo", "Sena Diallo"),
        ("Amina", "Sena"),
        ("South Korea", "North Korea"),
        ("Amina Sena Diallo", "Sena"),
        ("President", "President Diallo"),
        ("The Prime Minister", "Prime Minister Bo Li"),
        ("World Harbour Union", "W"),
        ("World Harbour Union", "WH"),
        ("World Harbour Union", "of"),
        ("Diallo", "Dial"),
        ("", "Diallo"),
        ("...", "..."),
    ],
)
def test_names_of_different_actors(a, b):
    assert not same(a, b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("the Foreign Ministry", "the Defense Ministry"),
        ("the Justice Department", "the State Department"),
        ("First Bank", "Delta Bank"),
        ("Prime Minister", "Foreign Minister"),
    ],
)
def test_offices_that_share_their_last_word(a, b):
    assert not same(a, b)


def test_a_name_with_either_apostrophe():
    assert same("Bo O'Neill", "O’Neill")


def test_a_name_with_a_suffix():
    assert same("Ilse Brandt Jr.", "Brandt")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("he", "pronoun"),
        ("She", "pronoun"),
        ("“They", "pronoun"),
        ("his", "pronoun"),
        ("us", "pronoun"),
        ("Amina Diallo", "name"),
        ("the Kremlin", "name"),
        ("Bank of the North", "name"),
        ("U.S.", "name"),
        ("3M", "name"),
        ("Diallo's", "name"),
        ("South Korean officials", "name"),
        ("the finance minister", "description"),
        ("The finance minister", "description"),
        ("two officials", "description"),
        ("the mayor of Quito", "description"),
    ],
)
def test_kind_of_a_mention(text, kind):
    assert kind_of(text) == kind


def test_the_country_us_is_a_name():
    assert kind_of("US") == "name"


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([("Diallo", "name"), ("she", "pronoun"), ("Amina Diallo", "name")], "Amina Diallo"),
        ([("WHU", "name"), ("World Harbour Union", "name")], "World Harbour Union"),
        ([("Amina Diallo", "name"), ("AMINA DIALLO", "name")], "Amina Diallo"),
        ([("the minister with the longest title", "description"), ("Li", "name")], "Li"),
        ([("she", "pronoun"), ("the minister", "description"), ("the tall minister", "description")], "the minister"),
        ([("she", "pronoun"), ("her", "pronoun")], "she"),
    ],
)
def test_canonical_name_is_the_fullest(texts, name):
    assert canonical_name(texts) == name


# --- mentions from tags ---------------------------------------------------------------------------------------------


def find(marked: str, tags: str, logit: float = 4.0) -> list[str]:
    """Mentions of a text whose tokens are parted by spaces and ``|``; ``tags`` is a letter (B, I, O) for each."""
    text, offsets = marked.replace("|", ""), [(0, 0)]
    for word in re.finditer(r"[^\s|]+", marked):
        at = word.start() - marked[: word.start()].count("|")
        offsets.append((at, at + len(word[0])))
    window = Window(np.arange(len(offsets) + 1), np.array([*offsets, (0, 0)]), (WindowSentence(0, 1, len(offsets)),))
    logits = np.zeros((len(window), 6), np.float32)
    for i, tag in enumerate(tags.replace(" ", ""), 1):
        logits[i, "OBI".index(tag)] = logit
    assert len(tags.replace(" ", "")) == len(offsets) - 1
    found = find_mentions(text, window, window.sentences[0], logits, 7)
    assert all(m.text == text[m.start : m.end] and m.sentence_id == 7 and m.kind == kind_of(m.text) for m in found)
    return [m.text for m in found]


def test_mentions_are_read_from_tags():
    assert find("Amina Diallo met two officials .", "BIOBIO") == ["Amina Diallo", "two officials"]


def test_neighbours_are_two_mentions():
    assert find("She told Diallo reporters were late", "BOBBOO") == ["She", "Diallo", "reporters"]


def test_an_inside_tag_opens_a_mention_too():
    assert find("On Monday Amina Diallo left", "OOIIO") == ["Amina Diallo"]


@pytest.mark.parametrize("tags", ["BOOO", "OBOO", "BIOO", "BBOO"])
def test_a_tagged_piece_gives_its_whole_word_once(tags):
    assert find("Dia|llo left early", tags) == ["Diallo"]


def test_a_mention_that_begins_within_a_word_takes_in_the_one_before():
    assert find("Ami|na Diallo left", "BBIO") == ["Amina Diallo"]


@pytest.mark.parametrize(
    ("marked", "tags", "text"),
    [
        ("Diallo|'s sister left", "BIOO", "Diallo"),
        ("Diallo|’s sister left", "BIOO", "Diallo"),
        ("the workers|' hall", "BIIO", "the workers"),
        ("“|Diallo|,|” he said", "BIIIOO", "Diallo"),
        ("It was Diallo|.", "OOBI", "Diallo"),
        ("It was the U.S|.", "OOBII", "the U.S."),
        ("Harbour Inc|. left", "BIIO", "Harbour Inc."),
    ],
)
def test_possessives_and_marks_at_the_edges_are_dropped(marked, tags, text):
    assert find(marked, tags) == [text]


def test_a_possessive_set_apart_is_dropped_with_its_space():
    assert find("Diallo 's sister left", "BIOO") == ["Diallo"]


def test_marks_alone_are_no_mention():
    assert find("Gulls slept , then left", "OOBOO") == []


def test_touching_mentions_need_more_evidence():
    assert find("Diallo Moreau", "BB", logit=9.0) == ["Diallo", "Moreau"]
    assert find("Diallo Moreau", "BB", logit=1.0) != ["Diallo", "Moreau"]


@pytest.mark.parametrize(
    ("marked", "tags", "text"),
    [
        ("The Harbour Union left", "BBIO", "The Harbour Union"),
        ("A study by the Harbour Union found", "BIIBIIO", "A study by the Harbour Union"),
        ("two officials familiar with", "BIII", "two officials familiar"),
    ],
)
def test_pieces_of_a_noun_phrase_are_one_mention(marked, tags, text):
    assert find(marked, tags) == [text]


def test_an_article_alone_is_no_mention():
    assert find("the rain of", "BOB") == []


# --- actors from mentions -------------------------------------------------------------------------------------------


def mentions(*texts: str | tuple[str, int]) -> list[Mention]:
    """Mentions one after another; a number beside a text is its sentence (0 if there is none)."""
    pairs = [(t, 0) if isinstance(t, str) else t for t in texts]
    return [Mention(100 * i, 100 * i + len(t), t, sentence, kind_of(t)) for i, (t, sentence) in enumerate(pairs)]


def link(found: list[Mention], scores: dict[int, dict[int, float]] | None = None) -> list[list[int]]:
    """The actors as sorted lists of positions. ``scores`` are probabilities."""
    logs = {i: {j: math.log(p) for j, p in row.items()} for i, row in (scores or {}).items()}
    return sorted(sorted(group) for group in Linker(found, logs).link())


def test_names_are_linked_to_longer_and_shorter_ones():
    found = mentions("Diallo", "World Harbour Union", "Amina Diallo", "WHU", "Moreau", "Amina")
    assert link(found) == [[0, 2, 5], [1, 3], [4]]


def test_a_shared_family_name_goes_to_the_last_who_bore_it():
    assert link(mentions("Amina Diallo", "Sena Diallo", "Diallo")) == [[0], [1, 2]]


def test_names_do_not_need_the_scores():
    assert link(mentions("Amina Diallo", "Diallo"), {1: {0: 0.01, -1: 0.99}}) == [[0, 1]]


def test_descriptions_are_linked_by_their_words_then_by_the_scores():
    found = mentions("Amina Diallo", "the finance minister", "Bo Li", "The finance minister", "the captain")
    assert link(found, {1: {0: 0.9, -1: 0.1}, 4: {2: 0.7, -1: 0.3}}) == [[0, 1, 3], [2, 4]]


def test_a_description_without_a_fit_is_an_actor_of_its_own():
    assert link(mentions("Amina Diallo", "two officials"), {1: {0: 0.4, -1: 0.6}}) == [[0], [1]]


def test_a_pronoun_follows_the_scores_over_distance():
    assert link(mentions("Amina Diallo", "Bo Li", "she"), {2: {0: 0.8, 1: 0.1, -1: 0.1}}) == [[0, 2], [1]]


def test_the_mentions_of_an_actor_add_up():
    found = mentions("Amina Diallo", "Bo Li", "Diallo", "she")
    assert link(found, {3: {0: 0.3, 1: 0.4, 2: 0.2, -1: 0.1}}) == [[0, 2, 3], [1]]


def test_it_is_the_nearest_thing_and_no_person():
    assert link(mentions("Delta Bank", "it"), {1: {0: 0.3, -1: 0.7}}) == [[0, 1]]
    assert link(mentions("Delta Bank", "Amina Diallo", "it")) == [[0, 2], [1]]
    assert link(mentions("Amina Diallo", "it")) == [[0], [1]]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Bank of England", "England"),
        ("Joe Biden", "Hunter Biden"),
        ("Washington", "Washington Post"),
        ("Mr. Clinton", "Mrs. Clinton"),
        ("South Korea", "North Korea"),
        ("South Korea", "Korea"),
        ("New York", "New York Times"),
    ],
)
def test_names_that_share_words_are_not_one_actor(a, b):
    assert link(mentions(a, b)) == [[0], [1]]


def test_he_is_no_organisation():
    assert link(mentions("Delta Bank", "he"), {1: {0: 0.9, -1: 0.1}}) == [[0], [1]]


def test_he_and_she_are_given_to_the_nearest_name_where_no_scores_are():
    assert link(mentions("Amina Diallo", "Bo Li", "he")) == [[0], [1, 2]]


def test_he_is_not_who_was_she():
    assert link(mentions("Bo Li", "Amina Diallo", "she", "he")) == [[0, 3], [1, 2]]


def test_he_is_not_who_was_she_whatever_the_scores():
    found = mentions("Bo Li", "Amina Diallo", "she", "he")
    assert link(found, {3: {0: 0.2, 1: 0.4, 2: 0.35, -1: 0.05}}) == [[0, 3], [1, 2]]


def test_he_is_no_acronym_and_no_description():
    assert link(mentions("Bo Li", "WHU", "two officials", "he")) == [[0, 3], [1], [2]]


@pytest.mark.parametrize(("sentence", "groups"), [(2, [[0, 1]]), (3, [[0], [1]])])
def test_the_nearest_name_is_at_most_two_sentences_back(sentence, groups):
    assert link(mentions(("Bo Li", 0), ("he", sentence))) == groups


def test_a_name_after_the_pronoun_is_not_the_nearest():
    assert link(mentions("she", "Amina Diallo")) == [[0], [1]]


TEXTS = st.sampled_from(["Amina Diallo", "Diallo", "Bo Li", "WHU", "the captain", "The captain", "he", "she", "it"])


@settings(max_examples=150, deadline=None, database=None)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=12), st.data())
def test_each_mention_is_of_one_actor(texts, data):
    found = mentions(*texts)
    rows = st.dictionaries(st.integers(-1, max(len(found) - 1, 0)), st.floats(0.01, 1.0), max_size=4)
    scores = {i: data.draw(rows) for i in range(len(found))}
    assert sorted(i for group in link(found, scores) for i in group) == list(range(len(found)))
    for group in link(found, scores):
        assert not {"he", "she"} <= {found[i].text for i in group}


def in_text(text: str, *found: str, scores: dict[int, dict[int, float]] | None = None) -> list[list[int]]:
    """Mentions of a one-sentence text, in its order -> actors."""
    spans, at = [], 0
    for words in found:
        at = text.index(words, at)
        spans.append(Mention(at, at + len(words), words, 0, kind_of(words)))
        at += len(words)
    logs = {i: {j: math.log(p) for j, p in row.items()} for i, row in (scores or {}).items()}
    return sorted(sorted(group) for group in Linker(spans, logs, text).link())


def test_a_description_beside_a_name_is_its_actor():
    assert in_text("HydroVolta, the company that runs it, said no.", "HydroVolta", "the company") == [[0, 1]]
    assert in_text("Her chief executive, Amina Diallo, said no.", "Her chief executive", "Amina Diallo") == [[0, 1]]
    assert in_text("the newspaper Hansa Kurier said no.", "the newspaper", "Hansa Kurier") == [[0, 1]]
    assert in_text("Diallo told two officials, Moreau said.", "Diallo", "two officials", "Moreau") == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("text", "first", "second", "one"),
    [
        ("The council met the Harbour Union and told it so.", "The council", "the Harbour Union", True),
        ("The council and the Harbour Union met.", "The council", "the Harbour Union", False),
        ("the council, and the Harbour Union", "the council", "the Harbour Union", False),
        ("According to the council, the Harbour Union met.", "the council", "the Harbour Union", False),
        ("two unions met the Harbour Union", "two unions", "the Harbour Union", False),
        ("Kenya's main opposition met Kenya", "Kenya's main opposition", "Kenya", False),
        ("Kenya's government met Kenya", "Kenya's government", "Kenya", True),
    ],
)
def test_what_no_score_links(text, first, second, one):
    description = 0 if kind_of(first) == "description" else 1
    found = in_text(text, first, second, scores={description: {1 - description: 0.9, -1: 0.1}})
    assert found == ([[0, 1]] if one else [[0], [1]])


def test_a_pronoun_means_somebody_of_before_rather_than_of_after():
    found = mentions(("Amina Diallo", 0), ("she", 1), ("Sena Moreau", 2))
    assert link(found, {1: {0: 0.3, 2: 0.6, -1: 0.1}}) == [[0, 1], [2]]
    assert link(found, {1: {0: 0.05, 2: 0.9, -1: 0.05}}) == [[0], [1, 2]]
    found = mentions(("Amina Diallo", 0), ("Sena Moreau", 3), ("she", 4))
    assert link(found, {2: {0: 0.5, 1: 0.4, -1: 0.1}}) == [[0], [1, 2]]


def test_he_and_she_go_by_first_names():
    found = mentions("Paloma Vane", "Tom Amsel", "he", "she")
    scores = {2: {0: 0.8, 1: 0.1, -1: 0.1}, 3: {0: 0.1, 1: 0.8, -1: 0.1}}
    assert link(found, scores) == [[0, 3], [1, 2]]
    found = mentions("Kim Vane", "Victor Harbour Hospital", "she")  # a name of both, and no person
    assert link(found, {2: {0: 0.8, 1: 0.1, -1: 0.1}}) == [[0, 2], [1]]


def test_an_s_of_a_name_is_no_possessive():
    assert find("Moody's , by contrast , cautioned", "BOOOOO") == ["Moody's"]
    assert find("Diallo's lawyer left", "BOO") == ["Diallo"]


def test_i_and_we_of_a_quotation_are_its_speaker():
    assert in_text('"I told Moreau that we won," Diallo said.', "I", "Moreau", "we", "Diallo") == [[0, 2, 3], [1]]
    assert in_text('Diallo told reporters: "We won."', "Diallo", "reporters", "We") == [[0, 2], [1]]


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("Seoul", "South Korea", True),
        ("the Kremlin", "Moscow", True),
        ("U.S.", "Washington", True),
        ("Britain", "the United Kingdom", True),
        ("North Korea", "South Korea", False),
        ("Washington", "The Washington Post", False),
        ("the White House", "Washington", False),
        ("Brussels", "Belgium", False),
    ],
)
def test_a_capital_stands_for_its_government(first, second, same):
    assert Name.of(first).same_as(Name.of(second)) is same
    assert Name.of(second).same_as(Name.of(first)) is same


def test_a_government_is_named_by_its_country():
    assert canonical_name([("Seoul", "name"), ("South Korea", "name")]) == "South Korea"
    assert canonical_name([("Moscow", "name")]) == "Moscow"
