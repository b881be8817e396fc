"""Readers of the public corpora: each file -> articles with their text and what its authors annotated.

The corpora are not part of this project. A folder of them is made from their authors' own repositories
(``python -m stance.training.corpora.convert CLONES OUT``) or handed over ready-made; every reader here takes that folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from stance.readers import Reject, read_rows
from stance.training.corpora.shapes import Shape, misfit

SPAN = (int, int)  # characters, end excluded
ATTRIBUTIONS = {"id": str, "text": str, "attributions": [{"source": [SPAN], "cue": [SPAN], "content": [SPAN]}]}
PARAGRAPHS = {"id": str, "paragraphs": [{"text": str, "mentions": [SPAN], "sentiment": str | None}]}
TARGETS = {"primary_gid": str, "sentence_normalized": str, "targets": [{"from": int, "to": int, "polarity": int | float}]}
CHAINS = {"id": str, "genre": str, "text": str, "sentences": [SPAN], "entities": [{"type": str, "mentions": [SPAN]}]}
PRONOUN = {"id": str, "text": str, "pronoun": SPAN, "names": [{"span": SPAN, "same": bool}]}

POLNEAR = "PolNeAR 1.0 (Newell et al., LREC 2018), github.com/networkdynamics/PolNeAR"
PERSENT = "PerSenT (Bastan et al., COLING 2020), github.com/MHDBST/PerSenT"
NEWSMTSC = "NewsMTSC (Hamborg and Donnay, EACL 2021), github.com/fhamborg/NewsMTSC"
GUM = "GUM 11 (Zeldes, LRE 2017), github.com/amir-zeldes/gum"
GAP = "GAP (Webster et al., TACL 2018), github.com/google-research-datasets/gap-coreference"


class Source(NamedTuple):
    """Where a corpus is in the folder, who made it, and what each row of its file holds."""

    file: str
    origin: str
    row: Shape


SOURCES = {
    "polnear": Source("polnear_train.jsonl.gz", POLNEAR, ATTRIBUTIONS),
    "polnear_dev": Source("polnear_dev.jsonl.gz", POLNEAR, ATTRIBUTIONS),
    "persent": Source("persent.jsonl.gz", PERSENT, PARAGRAPHS),
    "newsmtsc": Source("newsmtsc_train.jsonl.gz", NEWSMTSC, TARGETS),
    "newsmtsc_dev": Source("newsmtsc_devtest_mt.jsonl.gz", NEWSMTSC, TARGETS),
    "gum": Source("gum_coreference.jsonl.gz", GUM, CHAINS),
    "gap": Source("gap_development.jsonl.gz", GAP, PRONOUN),
    "gap_validation": Source("gap_validation.jsonl.gz", GAP, PRONOUN),
}


class MissingCorpus(FileNotFoundError):
    """A corpus is not where it was looked for; the message says which, and where it comes from."""


def read_corpus(folder: Path, name: str) -> Iterator[dict]:
    """The rows of a corpus. ``name`` is a key of ``SOURCES``.

    Raises ``MissingCorpus``, or ``ValueError`` that names the file and the line of a row that cannot be read.
    """
    folder, source = Path(folder), SOURCES[name]
    path = folder / source.file
    make = f"python -m stance.training.corpora.convert CLONES {folder}"
    if not folder.is_dir():
        found = "no folder" if folder.exists() else "no such folder"
        raise MissingCorpus(f"{folder}: {found}; give that of the public corpora ({make} makes it)")
    if not path.is_file():
        raise MissingCorpus(f"{path} is missing: clone {source.origin}, then run {make}")
    try:
        for _, row in json_rows(path, source.row):
            yield row
    except ValueError as error:
        raise ValueError(f"{error}; make the file again: {make}") from None


def json_rows(path: Path, shape: Shape) -> Iterator[tuple[str, dict]]:
    """The rows of a JSON Lines file, compressed or not, each with its place (``FILE:LINE``).

    Raises ``ValueError`` that names the place at the first that cannot be read or lacks the shape.
    """
    for row in read_rows([path], "jsonl"):
        problem = row.reason if isinstance(row, Reject) else misfit(row.values, shape)
        if problem:
            raise ValueError(f"{row.file}:{row.number}: {problem}")
        yield f"{row.file}:{row.number}", row.values


def article_id(row: dict) -> str:
    return row["primary_gid"] if "primary_gid" in row else row["id"]


def article_text(row: dict) -> str:
    """The text of a row of any corpus, in which labels by reference count characters."""
    if "paragraphs" in row:
        return "\n".join(p["text"] for p in row["paragraphs"])
    return row["sentence_normalized"] if "sentence_normalized" in row else row["text"]
