"""Unlabelled sentences, labelled by a model: probabilities in the place of labels."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from stance.labels import LabelSet
from stance.training.finetuning import self_training, teaching
from stance.training.finetuning.recipe import Recipe, Stage
from stance.training.finetuning.trainer import load_base
from stance.training.labelled import sources
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, share
from stance.training.network.dataset import Collator, examples
from stance.training.network.modeling import StanceNetwork

SENTENCES = (
    "Oslo denied the report.",
    "It rained in the hills.",
    "Oslo warned that the dam could break.",
    "Oslo said that all was well.",
)


def teachable(start: str) -> str:
    return next(f"{start}{n}" for n in range(100) if share(f"{start}{n}") >= sources.HELD_OUT_PERCENT)


def kept_out(start: str) -> str:
    return next(f"{start}{n}" for n in range(100) if share(f"{start}{n}") < sources.HELD_OUT_PERCENT)


@pytest.fixture
def unlabelled(corpora, monkeypatch):
    """Two articles, the second of them for development; a sentence of the first bears labels already."""
    text = " ".join(SENTENCES)
    names = teachable("a"), kept_out("a")
    folder = corpora("polnear_train", [{"id": n, "text": text, "attributions": []} for n in names])
    monkeypatch.setattr(self_training, "CORPORA", ("polnear",))
    at = text.index(SENTENCES[3])
    done = Document(names[0], "polnear", text, [(at, len(text))], {0: LabelledSentence(at, len(text))})
    monkeypatch.setattr(sources, "labels", lambda corpora, development=False: [done])
    return folder


def test_unlabelled_sentences_with_a_position_get_the_probabilities_of_the_teacher(unlabelled, classifier):
    (document,) = self_training.taught(unlabelled, "default", 100)
    assert [document.text[s.start : s.end] for s in document.labelled.values()] == [SENTENCES[0], SENTENCES[2]]
    (mention,) = document.labelled[0].mentions
    expected = classifier.analyze(document.text).predictions[0]
    assert mention.soft["stance"] == expected.stance_probabilities and mention.stance is None and mention.sentiment is None
    assert not document.labelled[0].complete and not mention.cue_known
    assert self_training.taught(unlabelled, "default", 0) == []


def test_a_recipe_without_a_teacher_says_so(unlabelled):
    recipe = Recipe("r", "b", (Stage("gold", {"taught": 1.0}),), development=())
    with pytest.raises(ValueError, match="taught needs a model, teacher in the recipe"):
        teaching.recipe_teaching(recipe, unlabelled)
    (stage,) = teaching.recipe_teaching(replace(recipe, teacher="default", taught_percent=100), unlabelled).stages
    assert [len(d.labelled) for d in stage["taught"]] == [2]


@pytest.mark.parametrize("focal", [0.0, 2.0])
def test_a_probability_of_one_is_learnt_like_a_label(tiny_base, focal):
    labels = LabelSet()
    encoder, tokens = load_base(str(tiny_base), 64, 16)
    network = StanceNetwork(encoder, labels).eval()
    network.objective = replace(network.objective, focal=focal, class_weights={"stance": [1.0, 2.0, 3.0, 4.0]})

    def loss(**mention) -> torch.Tensor:
        text = "Moscow denied the report ."
        sentence = LabelledSentence(0, len(text), [LabelledMention(0, 6, "", cue_known=False, **mention)], complete=False)
        document = Document("a", "x", text, [(0, len(text))], {0: sentence})
        return network(**Collator(labels)(examples([document], tokens)))["loss"]

    sure, other = ({"stance": {label: float(label == one) for label in labels.stance}} for one in ("denying", "warning"))
    mixed = {"stance": {"denying": 0.25, "warning": 0.75}}
    assert loss(soft=sure).item() == pytest.approx(loss(stance="denying").item())
    if not focal:
        assert loss(soft=mixed).item() == pytest.approx(0.25 * loss(soft=sure).item() + 0.75 * loss(soft=other).item())
    assert loss(soft={}).item() == 0
