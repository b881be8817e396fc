"""The shipped model, as Python users call it."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from conftest import ARTICLE

import stance

MISSION = (
    'Russia has dismissed reports of troops as "fabrication", Austin warned they could widen the war, '
    "and Pyongyang has yet to comment."
)


def test_opposed_actors_of_one_sentence(classifier):
    found = {
        p.actor: p
        for p in classifier.predict_many([{"sentence": MISSION, "actor": a} for a in ("Russia", "Austin", "Pyongyang")])
    }
    assert {name: p.stance for name, p in found.items()} == {"Russia": "denying", "Austin": "warning", "Pyongyang": "unknown"}
    assert "dismissed" in found["Russia"].cue
    assert "warned" in found["Austin"].cue


def test_analyze_finds_the_actors_and_their_stances(classifier):
    article = classifier.analyze(MISSION, "mission")
    assert {a.name: a.stance for a in article.actors}.items() >= {
        "Russia": "denying",
        "Austin": "warning",
        "Pyongyang": "unknown",
    }.items()
    assert all(p.article_id == "mission" for p in article.predictions)


def test_offsets_cut_the_mention_and_the_sentence(classifier):
    article = classifier.analyze(ARTICLE)
    assert len(article.predictions) > 20
    for p in article.predictions:
        assert ARTICLE[p.mention_start : p.mention_end] == p.mention
        assert ARTICLE[p.sentence_start : p.sentence_end] == p.sentence
        assert p.sentence_start <= p.mention_start < p.mention_end <= p.sentence_end
        if p.cue:
            assert ARTICLE[p.cue_start : p.cue_end] == p.cue


def test_probabilities_of_all_labels(classifier):
    p = classifier.predict(MISSION, "Russia")
    assert set(p.stance_probabilities) == set(stance.STANCES)
    assert set(p.sentiment_probabilities) == set(stance.SENTIMENTS)
    assert sum(p.stance_probabilities.values()) == pytest.approx(1)
    assert p.stance_score == max(p.stance_probabilities.values()) == p.stance_probabilities[p.stance]


def test_a_row_has_the_documented_columns(classifier):
    row = classifier.analyze(MISSION).predictions[0].row()
    assert list(row) == [
        "article_id",
        "sentence_id",
        "sentence_start",
        "sentence_end",
        "sentence",
        "actor",
        "mention",
        "mention_start",
        "mention_end",
        "stance",
        "stance_score",
        "p_confirming",
        "p_warning",
        "p_denying",
        "p_unknown",
        "sentiment",
        "sentiment_score",
        "cue",
        "model",
    ]


def test_mentions_of_an_actor_in_a_sentence_share_one_position(classifier):
    article = classifier.analyze("Lloyd Austin said on Monday that he had seen the plan and that he would sign it.")
    austin = [p for p in article.predictions if p.actor == "Lloyd Austin"]
    assert len(austin) > 1, "the pronouns should be linked to the name"
    assert len({(p.stance, p.stance_score) for p in austin}) == 1


def test_short_names_and_pronouns_point_back(classifier):
    article = classifier.analyze(
        "Amina Diallo, the finance minister, presented the budget on Monday. Diallo said the deficit would fall. "
        "She rejected claims that taxes would rise."
    )
    assert {p.actor for p in article.predictions if p.mention in ("Diallo", "She")} == {"Amina Diallo"}


def test_an_actor_that_is_not_there_is_said_so(classifier):
    p = classifier.predict(MISSION, "Angela Merkel")
    assert (p.found, p.stance, p.sentiment, p.stance_probabilities) == (False, None, None, {})
    assert "Angela Merkel" in p.reason


def test_an_actor_is_found_by_a_short_name_or_acronym(classifier):
    assert classifier.predict(MISSION, "Lloyd Austin").mention == "Austin"
    assert classifier.predict("The IMF warned of a recession.", "International Monetary Fund").mention == "IMF"


def test_given_characters_decide_which_mention(classifier):
    sentence = "Kim said Kim's rival had refused the offer."
    p = classifier.predict(sentence, "the rival", start=9, end=20)
    assert (p.mention, p.mention_start, p.mention_end) == ("Kim's rival", 9, 20)
    assert p.actor == "the rival"


def test_bad_rows_cost_no_good_row_and_keep_their_place(classifier):
    good = {"sentence": MISSION, "actor": "Russia"}
    rows = [
        good,
        {"sentence": "", "actor": "X"},
        {"actor": "X"},
        {"sentence": 5, "actor": "X"},
        {"sentence": MISSION, "actor": None},
        {"sentence": MISSION, "actor": "Russia", "start": 900, "end": 910},
        {"sentence": MISSION, "actor": "Russia", "start": "x"},
        {"sentence": "\u200b \ufeff", "actor": "\u200b"},
        {**good, "before": None, "after": float("nan")},
        good,
    ]
    out = classifier.predict_many(rows)
    assert [p.found for p in out] == [True, False, False, False, False, False, False, False, True, True]
    assert all(p.reason for p in out if not p.found)
    assert out[0].stance == out[-1].stance == out[-2].stance == "denying"


def test_a_row_is_scored_alike_whatever_is_scored_beside_it(classifier):
    opposed = "Russia dismissed the report, and Austin warned of a wider war."
    rows = [
        {"sentence": s, "actor": a}
        for s, a in [
            ("He denied the report.", "He"),
            ("Oslo warned that the dam could fail.", "Oslo"),
            (opposed, "Austin"),
            ("Analysts at Delta Bank said prices would rise, and the union disagreed.", "the union"),
        ]
    ]
    together = classifier.predict_many(rows)
    assert [classifier.predict_many([row])[0] for row in reversed(rows)] == together[::-1]
    assert classifier.analyze(opposed).rows and [p.row() for p in classifier.analyze(opposed).predictions] == [
        p.row() | {"article_id": ""} for p in classifier.score([ARTICLE, opposed, opposed]) if p.article_id == "1"
    ]


def test_context_is_read_but_not_scored(classifier):
    p = classifier.predict(
        "He did not comment.", "He", before="Viktor Samarin called the report a fabrication.", after="Kyiv warned of war."
    )
    assert p.stance == "unknown"
    assert (p.sentence_start, p.mention_start, p.mention_end) == (0, 0, 2)


@pytest.mark.parametrize(
    "text", ["", "   \n\n\t ", "!!!", "\u200b", "😀 😀", "a" * 5000, "مرحبا قال الوزير", "\x00\x01\x02 said \x1b[31mX"]
)
def test_strange_texts_do_no_harm(classifier, text):
    article = classifier.analyze(text)
    for p in article.predictions:
        assert text[p.mention_start : p.mention_end] == p.mention


def test_not_a_string_is_a_type_error(classifier):
    with pytest.raises(TypeError, match="string"):
        classifier.analyze(b"bytes")


def test_an_article_of_20000_words(classifier):
    text = "\n\n".join([ARTICLE] * 90)
    assert len(text.split()) > 20_000
    begun = time.monotonic()
    article = classifier.analyze(text)
    assert time.monotonic() - begun < 120
    last = max(p.mention_end for p in article.predictions)
    assert last > len(text) - 300, "the end of the article must be read too"
    names = {a.name for a in article.actors}
    assert "Viktor Samarin" in names


def test_a_sentence_longer_than_a_window(classifier):
    sentence = "Officials listed " + ", ".join(f"item {n}" for n in range(600)) + ", and Helsinki denied the report."
    p = classifier.predict(sentence, "Helsinki")
    assert p.found and sentence[p.mention_start : p.mention_end] == "Helsinki"
    assert p.stance == "denying"


def test_scoring_imports_no_torch_and_opens_no_socket():
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise RuntimeError('network')\n"
        "socket.socket.connect = no; socket.create_connection = no; socket.getaddrinfo = no\n"
        "import stance; c = stance.load(); p = c.predict('Moscow denied the report.', 'Moscow')\n"
        "c.analyze('Moscow denied the report.')\n"
        "print(p.stance, [m for m in ('torch', 'transformers', 'sklearn', 'datasets') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "denying []", done.stderr


@pytest.mark.parametrize(
    ("actor", "sentence"),
    [
        ("South Korea", "North Korea denied the report."),
        ("United States", "The United Kingdom denied the report."),
        ("European Central Bank", "The World Bank denied the report."),
        ("Joe Biden", "Hunter Biden denied the report."),
        ("Ministry of Health", "The Ministry of Defence denied the report."),
        ("US", "Officials told us that it was denied."),
        ("WHO", "Smith, who denied the report, left."),
        ("Korea", "North Korea denied the report."),
    ],
)
def test_an_actor_of_a_similar_name_is_not_taken_for_it(classifier, actor, sentence):
    assert not classifier.predict(sentence, actor).found


@pytest.mark.parametrize(
    ("actor", "sentence", "mention"),
    [
        ("UN", "The United Nations denied it.", "United Nations"),
        ("Lloyd J. Austin III", "Lloyd Austin denied it.", "Lloyd Austin"),
        ("Moscow", "Moscow's denial was brief.", "Moscow"),
        ("the ministry", "The ministry denied it.", "The ministry"),
        ("he", "Then he denied it.", "he"),
    ],
)
def test_an_actor_is_found_by_other_forms_of_its_name(classifier, actor, sentence, mention):
    p = classifier.predict(sentence, actor)
    assert p.found and p.mention == mention


def test_rows_of_two_actors_do_not_share_a_position(classifier):
    sentence = "Mr. Smith denied the report, while Mrs. Smith confirmed it."
    rows = [
        {"sentence": sentence, "actor": "John Smith", "start": 0, "end": 9},
        {"sentence": sentence, "actor": "Mary Smith", "start": 35, "end": 45},
    ]
    john, mary = classifier.predict_many(rows)
    assert (john.stance, mary.stance) == ("denying", "confirming")


def test_a_row_said_twice_is_answered_twice_alike(classifier):
    row = {"sentence": "He said that he had rejected the plan, which she called reckless.", "actor": "he", "start": 0, "end": 2}
    once, twice = classifier.predict_many([row]), classifier.predict_many([row, dict(row)])
    assert once[0].stance_probabilities == pytest.approx(twice[0].stance_probabilities)
    assert twice[0] == twice[1] and twice[0] is not twice[1]


def test_missing_numbers_of_a_spreadsheet_are_no_offsets(classifier):
    row = {"sentence": MISSION, "actor": "Russia"}
    out = classifier.predict_many(
        [
            {**row, "start": float("nan"), "end": float("nan")},
            {**row, "start": "", "end": ""},
            {**row, "start": float("inf"), "end": 3},
            {**row, "start": 0.5, "end": 3},
            {**row, "start": "0", "end": "6"},
        ]
    )
    assert [p.found for p in out] == [True, True, False, False, True]


def test_a_lone_surrogate_is_read_past(classifier):
    text = "Moscow \ud800 denied the report."
    assert [p.stance for p in classifier.analyze(text).predictions if p.mention == "Moscow"] == ["denying"]
    assert classifier.predict(text, "Moscow").stance == "denying"
