"""The persons that a text names in full, wherever it names them, and the gender of their first names."""

from __future__ import annotations

import re
from functools import cache

from gender_guesser.detector import Detector

from stance.names import TITLES

# Capitalised words, and the small ones between those of a name.
CAPITALISED = r"[A-Z][a-zà-ÿ]+(?:[-’'][A-Z][a-z]+)*"
NAME = re.compile(rf"(?<!\w){CAPITALISED}(?: (?:[A-Z]\.|bin|de|van|von|al|el|da|la|{CAPITALISED}))*(?!\w)")
FIRST_WORDS = TITLES | frozenset("the but and in as when after while if on for at".split())


@cache
def _detector() -> Detector:
    return Detector()


@cache
def _gender(first_name: str) -> str | None:
    """male, female, "" for a first name that may be both, None for a word that is no known first name."""
    found = _detector().get_gender(first_name)
    return None if found == "unknown" else found.removeprefix("mostly_") if found != "andy" else ""


def people(text: str) -> list[tuple[int, int, str, str]]:
    """Persons named in full somewhere in a text, wherever they are named: start, end, surname, gender ("" if unknown)."""
    named, full = [], {}
    for m in NAME.finditer(text):
        words = m[0].split()
        start = m.start()
        while len(words) > 1 and words[0].lower().strip(".") in FIRST_WORDS:
            start += len(words.pop(0)) + 1
        named.append((start, m.end(), words))
        if 2 <= len(words) <= 3 and (gender := _gender(words[0])) is not None:
            full.setdefault(words[-1], (words[0], gender))
    return [
        (a, b, words[-1], full[words[-1]][1])
        for a, b, words in named
        if words[-1] in full and (len(words) == 1 or words[0] == full[words[-1]][0])
    ]
