"""What is evaluated on: the project's own sets, or a user's labelled text; and what tells the new from the known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stance.training import partial, sources
from stance.training.corpus import Document, articles, splits
from stance.training.evaluation.systems import TrainingData


def standard_sets(corpora: Path | None) -> dict[str, list[Document]]:
    """The project's own sets: the written articles' test subjects; with the corpora, the development gold and NewsMTSC.

    Sets of real news are development sets: models are chosen on them.
    """
    sets = {"written articles, test subjects": splits(articles())["test"]}
    if corpora is not None:
        sets = {
            "real news, PolNeAR dev": sources.load("gold_polnear", corpora),
            "real news, PerSenT": sources.load("gold_persent", corpora),
            "NewsMTSC devtest_mt": list(partial.newsmtsc(corpora, "newsmtsc_dev")),
            **sets,
        }
    return sets


def user_sets(paths: Sequence[Path], corpora: Path | None) -> dict[str, list[Document]]:
    """A user's labelled text as one set. Raises ``ValueError`` that names what is wrong with it."""
    documents = sources.read_paths(paths, corpora)
    name = " ".join(map(str, paths))
    if not any(True for d in documents for _ in d.mentions()):
        raise ValueError(f"{name}: no labelled mention in it")
    return {name: documents}


def training_data(paths: Sequence[Path], corpora: Path | None) -> TrainingData:
    """What a model learnt from: ``paths``, or the project's written articles and, with the corpora, its labels on real news."""
    if paths:
        return TrainingData(sources.read_paths(paths, corpora), " ".join(map(str, paths)))
    documents = splits(articles())["train"] + (sources.labels(corpora) if corpora is not None else [])
    return TrainingData(documents, "the project's written articles" + (" and labels on real news" if corpora else ""))
