"""The named sources of a recipe -> documents."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from pathlib import Path

from stance.readers import SUFFIXES, Row, read_rows
from stance.training.corpora import links, partial
from stance.training.corpora.masked_names import masked_names
from stance.training.labelled.augment import joined_clauses
from stance.training.labelled.corpus import DATA, LABELS, Document, articles, join, read_references, share, splits
from stance.training.labelled.hub_data import dataset_rows, is_hub_name, is_saved_dataset
from stance.training.labelled.tabular import Columns, LabelledTable, read_table

GROWN = DATA / "stance_labels_grown.jsonl.gz"
GOLD = DATA / "dev_gold.jsonl"
# Of the labels on real news, articles whose share is under this many percent are for development, not for training.
HELD_OUT_PERCENT = 10


def held_out(document: Document, percent: int = HELD_OUT_PERCENT) -> bool:
    """Whether an article is for development. NewsMTSC's ids name a target; what comes before the third _ is the article."""
    article = "_".join(document.id.split("_")[:3]) if document.source.startswith("newsmtsc") else document.id
    if document.source == "gum":
        return links.gum_held_out(document.id)
    return share(article) < percent


def labels(corpora: Path, development: bool = False) -> list[Document]:
    """The labels on real news, joined to their text: the training part, or the part kept for development."""
    return [d for d in _all_labels(corpora) if held_out(d) == development]


@lru_cache(maxsize=1)
def _all_labels(corpora: Path) -> list[Document]:
    """Joined once: a recipe asks for them as labels, as clauses to join and for development."""
    return join(read_references(LABELS) + (read_references(GROWN) if GROWN.is_file() else []), corpora)


@lru_cache(maxsize=1)
def _gold(corpora: Path) -> list[Document]:
    return join(read_references(GOLD), corpora)


def teaching(documents: Iterable[Document]) -> list[Document]:
    """Without the articles that a development set has, so that no text of theirs is seen with any label."""
    gold = {(row["corpus"], row["article"]) for row in read_references(GOLD)}
    return [d for d in documents if not held_out(d) and (d.source.split("_")[0], d.id) not in gold]


def _outside_gold(documents: Iterable[Document]) -> list[Document]:
    """Link passages (ARTICLE/PLACE) without those of articles that a development set has."""
    gold = {row["article"] for row in read_references(GOLD)}
    return [d for d in documents if (article := d.id.rpartition("/")[0]) not in gold and share(article) >= HELD_OUT_PERCENT]


SOURCES: dict[str, Callable[[Path], list[Document]]] = {
    "labels": labels,
    "articles": lambda corpora: splits(articles())["train"],
    "joined_clauses": lambda corpora: joined_clauses(splits(articles())["train"] + labels(corpora), 2500),
    "polnear_silver": lambda corpora: teaching(partial.polnear(corpora)),
    "newsmtsc_sentiment": lambda corpora: teaching(partial.newsmtsc(corpora)),
    "persent_sentiment": lambda corpora: teaching(partial.persent(corpora)),
    "gum_links": lambda corpora: list(links.gum(corpora)),
    "gap_links": lambda corpora: list(links.gap(corpora)),
    "gap_renamed": lambda corpora: list(links.gap(corpora, renamed=1)),
    "masked_links": lambda corpora: _outside_gold(masked_names(corpora)),
    "persent_links": lambda corpora: _outside_gold(links.persent(corpora)),
}

DEVELOPMENT: dict[str, Callable[[Path], list[Document]]] = {
    "labels_dev": lambda corpora: labels(corpora, development=True),
    "newsmtsc_held_out": lambda corpora: [d for d in partial.newsmtsc(corpora) if held_out(d)],
    "articles_dev": lambda corpora: splits(articles())["dev"],
    "gold_polnear": lambda corpora: [d for d in _gold(corpora) if d.source == "polnear_dev"],
    "gold_persent": lambda corpora: [d for d in _gold(corpora) if d.source == "persent"],
}


def load(name: str, corpora: Path | None) -> list[Document]:
    """The documents of a source. Raises ``ValueError`` for a name that is none, or where it needs corpora and has none."""
    table = SOURCES if name in SOURCES else DEVELOPMENT
    if name not in table:
        raise ValueError(f"no source {name!r}; there are {', '.join([*SOURCES, *DEVELOPMENT])}, and taught in a stage")
    if corpora is None and not name.startswith("articles"):
        raise ValueError(
            f"the source {name} needs the public corpora: give their folder with --corpora (training/data/README.md "
            "says where they come from)"
        )
    return table[name](corpora)


def read_paths(paths: Sequence[str | os.PathLike[str]], corpora: Path | None) -> list[Document]:
    """The documents of ``read_labelled``."""
    return read_labelled(paths, corpora).documents


def read_labelled(
    paths: Sequence[str | os.PathLike[str]],
    corpora: Path | None,
    columns: Columns | None = None,
    labels: Mapping[str, Sequence[str]] | None = None,
) -> LabelledTable:
    """A user's own labelled text: articles in the markup (.txt, or folders of them), labels by reference (.jsonl), tables
    (.csv, .tsv, .jsonl, .parquet, compressed or not), data sets of the ``datasets`` library (a folder, or a hub name).

    ``columns`` and ``labels`` are those of tables. Raises ``ValueError``.
    """
    found, rows = LabelledTable(), []
    for path in map(os.fspath, paths):
        place = Path(path)
        if is_saved_dataset(path):
            rows.append(dataset_rows(path))
        elif path.endswith(".txt") or place.is_dir() and any(place.glob("*.txt")):
            found.documents += articles(place)
        elif path.endswith((".jsonl", ".jsonl.gz")) and holds_references(place):
            if corpora is None:
                raise ValueError(f"{path}: labels by reference need the corpora's text; give its folder with --corpora")
            found.documents += join(read_references(place), corpora)
        elif is_hub_name(path) and not path.endswith(tuple(SUFFIXES)):
            rows.append(dataset_rows(path))
        else:
            rows.append(read_rows([path]))
    if rows:
        table = read_table(chain.from_iterable(rows), columns, labels)
        table.documents = found.documents + table.documents
        return table
    return found


def holds_references(path: Path) -> bool:
    """Whether the first row of a .jsonl file refers to a text of a corpus instead of holding one."""
    first = next((row for row in read_rows([path])), None)
    return isinstance(first, Row) and {"corpus", "article", "mentions"} <= set(first.values)
