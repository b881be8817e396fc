"""Who is who: the passages that teach links, and the metrics of linking."""

from __future__ import annotations

import pytest
from conftest import spans

import stance
from stance.names import HE, SHE
from stance.training.corpora import links
from stance.training.corpora.masked_names import masked_names
from stance.training.evaluation import coreference
from stance.training.labelled.corpus import articles
from stance.training.metrics import b_cubed, ceaf_e, conll_f1, muc


@pytest.fixture
def passage(corpora):
    text = "Ilse Brandt met Anna Pohl in Oslo before she left. Ilse stayed on."
    row = {
        "id": "p",
        "text": text,
        "pronoun": spans(text, "she")[0],
        "names": [{"span": spans(text, "Ilse Brandt")[0], "same": False}, {"span": spans(text, "Anna Pohl")[0], "same": True}],
    }
    other = "Rosa Keller wrote to Jana Weiss, and Weiss kept her letter."
    second = {
        "id": "q",
        "text": other,
        "pronoun": spans(other, "her")[0],
        "names": [
            {"span": spans(other, "Rosa Keller")[0], "same": False},
            {"span": spans(other, "Jana Weiss")[0], "same": False},
        ],
    }
    return corpora("gap_development", [row, second])


def by_actor(document) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for _, m in document.mentions():
        found.setdefault(m.actor, set()).add(document.text[m.start : m.end])
    return found


def test_gap_links_the_pronoun_to_the_right_name_and_short_names_to_theirs(passage):
    first, second = links.gap(passage)
    assert {"she", "Anna Pohl"} in by_actor(first).values()
    assert {"Ilse Brandt", "Ilse"} in by_actor(first).values()
    assert {"her"} in by_actor(second).values()  # neither is meant: the pronoun is alone


def test_renamed_passages_mean_the_same_under_other_names(passage):
    first, *copies = [d for d in links.gap(passage, renamed=5) if d.id.startswith("p")]
    assert len(copies) == 5 and any(d.text != first.text for d in copies)
    for d in copies:
        subject, object_ = d.text.removesuffix(" stayed on.").split(" in Oslo")[0].split(" met ")
        actors = by_actor(d)
        assert {"she", object_} in actors.values()
        assert any(subject in names and "she" not in names for names in actors.values())


def test_masked_names_give_a_pronoun_its_person(corpora):
    text = "Maria Keller wrote to Anna Weiss on Monday. A week later Keller asked for an answer, and Weiss sent none."
    folder = corpora("persent", [{"id": "a", "paragraphs": [{"text": text, "mentions": [], "sentiment": None}]}])
    corpora("polnear_train", [])
    made = masked_names(folder)
    assert made
    for d in made:
        for actor, names in by_actor(d).items():
            assert {n.split()[-1] for n in names} - HE - SHE - {"She", "Her"} <= {actor}
        assert any(names & {"she", "She", "her", "Her"} for names in by_actor(d).values())
    assert [d.text for d in made] == [d.text for d in masked_names(folder)]


KEY = [frozenset("abc"), frozenset("defg")]
RESPONSE = [frozenset("ab"), frozenset("cd"), frozenset("fghi")]


def test_coreference_metrics_on_the_worked_example_of_pradhan_2014():
    assert muc(KEY, RESPONSE) == pytest.approx((0.4, 0.4))
    assert b_cubed(KEY, RESPONSE) == pytest.approx((0.5, 35 / 84))
    assert ceaf_e(KEY, RESPONSE) == pytest.approx((1.3 / 3, 0.65))
    assert conll_f1(KEY, RESPONSE)["conll_f1"] == pytest.approx((0.4 + 2 * 0.5 * (35 / 84) / (0.5 + 35 / 84) + 2 * 1.3 / 5) / 3)


def test_coreference_metrics_at_their_ends():
    assert conll_f1(KEY, KEY)["conll_f1"] == 1
    assert conll_f1(KEY, [])["conll_f1"] == 0


def test_pronouns_are_linked_without_a_row_of_their_own(classifier):
    text = "Maria Santos denied the charge on Monday. Her lawyer said the court had misread her letter."
    article = classifier.analyze(text)
    hers = [m for m in article.mentions if m.text.lower() == "her"]  # one of them inside *Her lawyer*
    assert len(hers) == 2 and {m.actor for m in hers} == {"Maria Santos"}
    rows = {(p.mention_start, p.mention_end) for p in article.predictions}
    assert all(m.labelled == ((m.start, m.end) in rows) for m in article.mentions)


def test_chains_of_a_written_article_are_scored_in_range(classifier):
    scores = coreference.chain_scores(classifier, articles()[:3], possessives=False)
    f1 = scores["conll_f1"]
    assert 0.3 < f1.low <= f1.value <= f1.high <= 1 and scores["chains"] > 3


def test_gap_scores_count_pairs(classifier, passage):
    scores = coreference.gap_scores(classifier, passage, "gap")
    assert scores["passages"] == 2 and 0 <= scores["f1"].low <= scores["f1"].value <= 1


def test_labels_under_the_least_confidence_are_left_out_and_keep_their_score(classifier):
    text = "Austin warned that troops could widen the war, and Pyongyang has yet to comment."
    sure = stance.load(threads=2, min_confidence=0.0).analyze(text)
    strict = stance.load(threads=2, min_confidence=1.0).analyze(text)
    assert len(sure.predictions) == len(strict.predictions) >= 2
    for p, q in zip(sure.predictions, strict.predictions, strict=True):
        assert p.stance is not None and q.stance is None and q.sentiment is None
        assert q.stance_score == p.stance_score and q.stance_probabilities == p.stance_probabilities
    with pytest.raises(ValueError, match="from 0 to 1"):
        stance.load(min_confidence=7)
