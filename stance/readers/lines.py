"""The lines of a stream of bytes, counted and none too long for memory."""

from __future__ import annotations

import io
from collections import deque
from typing import TextIO

from stance.readers.rows import MAX_CHARACTERS, Damage


class Lines:
    """The lines of a stream, counted; those of the record can be given back. Bytes that are no UTF-8 become surrogates."""

    def __init__(self, binary: io.BufferedReader):
        self.text: TextIO = io.TextIOWrapper(binary, encoding="utf-8-sig", errors="surrogateescape", newline="")
        self.number = 0
        self.record: list[str] = []
        self.returned: deque[str] = deque()

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        line = self.returned.popleft() if self.returned else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.record.append(line)
        return line

    def _read(self) -> str:
        try:
            line = self.text.readline(MAX_CHARACTERS)
            if len(line) >= MAX_CHARACTERS and line[-1] not in "\r\n":
                while (rest := self.text.readline(MAX_CHARACTERS)) and rest[-1] not in "\r\n":
                    pass
                self.number += 1
                raise TooLong
            return line
        except Damage as damage:
            raise Damage(damage.reason, self.number + 1) from None

    def begin(self) -> None:
        self.record = []

    def give_back(self) -> None:
        """All but the first line of the record."""
        self.number -= len(self.record) - 1
        self.returned.extendleft(reversed(self.record[1:]))
        self.begin()


class TooLong(Exception):
    """A line longer than ``MAX_CHARACTERS``; the lines after it can be read."""
