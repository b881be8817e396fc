"""A text made readable, and its characters found again in the original: wrongly decoded UTF-8, runs of spaces."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass


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
