"""What is evaluated on: the project's own sets, or a user's labelled text; and what tells the new from the known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from stance.training.corpora import partial
from stance.training.evaluation.systems import TrainingData
from stance.training.labelled import sources
from stance.training.labelled.corpus import Document, articles, splits
from stance.training.labelled.tabular import Columns, LabelledTable, LeftOut


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


def user_set(paths: Sequence[str | Path], corpora: Path | None, columns: Columns | None = None) -> LabelledTable:
    """A user's labelled text. Raises ``ValueError`` that names what is wrong with it."""
    table = sources.read_labelled(list(paths), corpora, columns)
    if not any(True for d in table.documents for _ in d.mentions()):
        first = f" ({reason_of(table.left_out[0])})" if table.left_out else ""
        raise ValueError(f"{' '.join(map(str, paths))}: no labelled mention in it{first}")
    return table


def reason_of(left_out: LeftOut) -> str:
    return f"{left_out.file}, row {left_out.number}: {left_out.reason}"


def reading_notes(table: LabelledTable) -> list[str]:
    """What a reader of the scores has to know of how their rows were read."""
    notes = list(table.notes)
    if table.left_out:
        few = "; ".join(reason_of(o) for o in table.left_out[:3])
        more = f"; and {len(table.left_out) - 3} more (stance check lists them)" if len(table.left_out) > 3 else ""
        notes.append(f"{len(table.left_out)} of {table.rows} rows are left out: {few}{more}.")
    if table.rows and len({d.id for d in table.documents}) == len(table.documents) > 1 and not _has_articles(table):
        notes.append(
            "No column names the article of a row, so each sentence counts as one; if several are of one article, the intervals "
            "are too narrow. Name the column with --article-column."
        )
    return notes


def _has_articles(table: LabelledTable) -> bool:
    return any(c.article for c in table.columns.values())


def training_data(paths: Sequence[str | Path], corpora: Path | None, columns: Columns | None = None) -> TrainingData:
    """What a model learnt from: ``paths``, or the project's written articles and, with the corpora, its labels on real news."""
    if paths:
        return TrainingData(sources.read_labelled(list(paths), corpora, columns).documents, " ".join(map(str, paths)))
    documents = splits(articles())["train"] + (sources.labels(corpora) if corpora is not None else [])
    return TrainingData(documents, "the project's written articles" + (" and labels on real news" if corpora else ""))
