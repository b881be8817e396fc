"""Partly labelled corpora and joined clauses, on invented rows in the corpora's form."""

from __future__ import annotations

import json

from conftest import spans

from stance.training.corpora import partial
from stance.training.finetuning.trainer import LikeLengthSampler
from stance.training.labelled.augment import joined_clauses
from stance.training.labelled.corpus import LabelledMention, articles
from stance.training.labelled.sources import GOLD, teaching


def test_polnear_gives_the_source_the_stance_of_its_cue(corpora):
    text = "Mayor Ilse Brandt, a baker, denied that Bo Li had paid. Bo Li warned of floods. The clerk declined to comment."
    folder = corpora(
        "polnear_train",
        [
            {
                "id": "a",
                "text": text,
                "attributions": [
                    {
                        "source": spans(text, "Mayor Ilse Brandt, a baker"),
                        "cue": spans(text, "denied"),
                        "content": spans(text, "that Bo Li had paid"),
                    },
                    {
                        "source": [[text.rindex("Bo Li"), text.rindex("Bo Li") + 5]],
                        "cue": spans(text, "warned of"),
                        "content": spans(text, "floods"),
                    },
                    {"source": spans(text, "The clerk"), "cue": spans(text, "declined to comment"), "content": []},
                ],
            }
        ],
    )
    (document,) = partial.polnear(folder)
    found = {(text[m.start : m.end], m.stance, text[m.cue[0] : m.cue[1]] if m.cue else None) for _, m in document.mentions()}
    assert found == {
        ("Ilse Brandt", "denying", "denied"),
        ("Bo Li", "unknown", None),
        ("Bo Li", "warning", "warned of"),
        ("The clerk", "unknown", "declined to comment"),
    }
    assert not any(s.complete for s in document.labelled.values())


def test_a_cue_in_another_sentence_is_not_known_to_be_none():
    text = "Ilse Brandt spoke. She denied it."
    cue = (text.index("denied"), text.index("denied") + 6)
    mentions = [LabelledMention(0, 11, "", "denying", None, cue), LabelledMention(19, 22, "", "denying", None, cue)]
    document = partial.document_of("a", "polnear_silver", text, mentions)
    first, second = (m for _, m in document.mentions())
    assert first.cue is None and not first.cue_known
    assert second.cue == cue and second.cue_known


def test_newsmtsc_gives_sentiment_alone(corpora):
    text = "Reckless Brandt met Li."
    folder = corpora(
        "newsmtsc_train",
        [
            {
                "primary_gid": "g",
                "sentence_normalized": text,
                "targets": [
                    {"from": 9, "to": 15, "polarity": 2.0},
                    {"from": 20, "to": 22, "polarity": 4.0},
                    {"from": 90, "to": 95, "polarity": 6.0},
                ],
            }
        ],
    )
    (document,) = partial.newsmtsc(folder)
    assert [(text[m.start : m.end], m.stance, m.sentiment) for _, m in document.mentions()] == [
        ("Brandt", None, "negative"),
        ("Li", None, "neutral"),
    ]


def test_no_source_for_training_has_an_article_of_the_development_gold():
    gold = [json.loads(line) for line in GOLD.read_text(encoding="utf-8").splitlines()]
    persent = next(r["article"] for r in gold if r["corpus"] == "persent")
    other = next(
        str(n) for n in range(10**6, 10**7) if len(teaching([partial.Document(str(n), "persent_sentiment", "", [])])) == 1
    )
    documents = [partial.Document(name, "persent_sentiment", "", []) for name in (persent, other)]
    assert [d.id for d in teaching(documents)] == [other]


def test_joined_clauses_keep_every_label_in_its_place():
    documents = articles()[:60]
    made = joined_clauses(documents, 40)
    assert len(made) == 40 and made[0].text == joined_clauses(documents, 40)[0].text
    known = {
        (d.text[m.start : m.end].lower(), m.stance, m.cue and d.text[m.cue[0] : m.cue[1]].lower())
        for d in documents
        for _, m in d.mentions()
    }
    for d in made:
        mentions = [m for _, m in d.mentions()]
        assert len({m.actor for m in mentions}) >= 2 and d.text.endswith(".")
        for m in mentions:
            assert (d.text[m.start : m.end].lower(), m.stance, m.cue and d.text[m.cue[0] : m.cue[1]].lower()) in known


def test_batches_are_of_like_length_in_a_new_order_each_epoch():
    lengths = [n % 97 for n in range(1003)]
    epoch = 0
    sampler = LikeLengthSampler(lengths, 10, seed=3, epoch=lambda: epoch)
    first = list(sampler)
    assert sorted(first) == list(range(1003)) and first == list(sampler)
    batches = [[lengths[i] for i in first[k : k + 10]] for k in range(0, 1000, 10)]
    assert sum(max(b) - min(b) for b in batches) / len(batches) < 10
    means = [sum(b) / 10 for b in batches]
    assert sum(a > b for a, b in zip(means, means[1:])) in range(30, 70), "neither ascending nor descending"
    epoch = 1
    assert list(sampler) != first
