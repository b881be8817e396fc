"""Readers of the public corpora: each file -> articles with their text and what its authors annotated.

The corpora are not part of this project. A folder of them is made from their authors' own repositories
(``python -m stance.training.convert CLONES OUT``) or handed over ready-made; every reader here takes that folder.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SOURCES = {
    "polnear": ("polnear_train.jsonl.gz", "PolNeAR 1.0 (Newell et al., LREC 2018), github.com/networkdynamics/PolNeAR"),
    "polnear_dev": ("polnear_dev.jsonl.gz", "PolNeAR 1.0 (Newell et al., LREC 2018), github.com/networkdynamics/PolNeAR"),
    "persent": ("persent.jsonl.gz", "PerSenT (Bastan et al., COLING 2020), github.com/MHDBST/PerSenT"),
    "newsmtsc": ("newsmtsc_train.jsonl.gz", "NewsMTSC (Hamborg and Donnay, EACL 2021), github.com/fhamborg/NewsMTSC"),
    "newsmtsc_dev": ("newsmtsc_devtest_mt.jsonl.gz", "NewsMTSC (Hamborg and Donnay, EACL 2021), github.com/fhamborg/NewsMTSC"),
    "gum": ("gum_coreference.jsonl.gz", "GUM 11 (Zeldes, LRE 2017), github.com/amir-zeldes/gum"),
    "gap": ("gap_development.jsonl.gz", "GAP (Webster et al., TACL 2018), github.com/google-research-datasets/gap-coreference"),
    "gap_validation": (
        "gap_validation.jsonl.gz",
        "GAP (Webster et al., TACL 2018), github.com/google-research-datasets/gap-coreference",
    ),
}


class MissingCorpus(FileNotFoundError):
    """A corpus is not where it was looked for; the message says which, and where it comes from."""


def read_corpus(folder: Path, name: str) -> Iterator[dict]:
    """The rows of a corpus. ``name`` is a key of ``SOURCES``. Raises ``MissingCorpus``."""
    file, origin = SOURCES[name]
    path = Path(folder) / file
    if not path.is_file():
        raise MissingCorpus(f"{path} is missing: clone {origin}, then run python -m stance.training.convert CLONES {folder}")
    yield from json_lines(path)


def json_lines(path: Path) -> Iterator[dict]:
    """The objects of a JSON Lines file, gzipped or not. Raises ``ValueError`` that names the file and the line."""
    number = 0
    try:
        with (gzip.open if path.suffix == ".gz" else open)(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                number += 1
                if line.strip():
                    row = json.loads(line)
                    if not isinstance(row, dict):
                        raise ValueError("not an object with named fields")
                    yield row
    except FileNotFoundError:
        raise ValueError(f"{path}: no such file") from None
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: damaged after line {number} ({error}); copy it again") from None
    except ValueError as error:
        raise ValueError(f"{path}:{number}: {str(error).split(':')[0]}") from None


@dataclass(frozen=True)
class Repaired:
    """A text made readable, and where each character of the original went.

    ``cuts`` and ``moves`` say that from original character ``cuts[i]`` on, ``moves[i]`` is added to a position.
    """

    text: str
    cuts: tuple[int, ...]
    moves: tuple[int, ...]

    def position(self, original: int) -> int:
        return original + self.moves[bisect_right(self.cuts, original) - 1]

    def original(self, position: int) -> int:
        """The original character whose place is ``position``: the last one, where a repair put several there."""
        low, high = 0, self.cuts[-1] + len(self.text) + 1
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.position(middle) <= position else (low, middle - 1)
        return low


# UTF-8 that was read as Latin-1, as PerSenT has it; and the runs of spaces where its markers stood.
BROKEN = re.compile(r"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}|[ \t]{2,}")


def repair(text: str) -> Repaired:
    """Undo wrongly decoded UTF-8 and doubled spaces; offsets into the original can be carried over."""
    out, at, cuts, moves = [], 0, [0], [0]
    for m in BROKEN.finditer(text):
        if m[0].isspace():
            new = " "
        else:
            try:
                new = m[0].encode("latin-1").decode("utf-8")
            except UnicodeDecodeError:
                continue
        out += [text[at : m.start()], new]
        at, before = m.end(), moves[-1]
        # Characters inside the replaced run collapse onto its end; what follows moves by the difference.
        for inside in range(m.start() + 1, m.end()):
            cuts.append(inside)
            moves.append(before + m.start() + len(new) - inside)
        cuts.append(m.end())
        moves.append(before + len(new) - len(m[0]))
    return Repaired("".join(out) + text[at:], tuple(cuts), tuple(moves))
