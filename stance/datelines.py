"""The dateline of a news text: *MOSCOW, March 4 (Reuters) —*. It tells where a report was written; it is no actor."""

from __future__ import annotations

import re

_CAPITALS = r"[A-Z][A-Z.'’-]+(?:[ /][A-Z][A-Z.'’-]*){0,3}"
_WORDS = r"[A-Z][\w.'’-]{1,20}(?:[ /][A-Z][\w.'’-]{1,20}){0,3}"
_REGION_OR_DATE = r"(?:,? [A-Z][^()\n–—:;]{1,30}?)?"
# An agency in brackets, not a party and a state: *Peter King (R-N.Y.) — who ...*
_AGENCY = r" ?\((?![A-Z]-)[A-Z][^()\n]{1,30}\)"
_DASH = r"(?:\s+-\s+|\s*(?P<dash>–|—|--)\s*)"
_DATELINE = re.compile(
    rf"\W{{0,2}}(?:(?P<capitals>{_CAPITALS}){_REGION_OR_DATE}(?P<agency>{_AGENCY})?|{_WORDS}{_REGION_OR_DATE}{_AGENCY}){_DASH}(?=\S)"
)
_LONGEST = 90  # characters; what is beyond is not looked at


def dateline_end(sentence: str) -> int:
    """Where the text after a sentence's dateline begins; 0 where it has none.

    A place is in capitals, or an agency stands behind it in brackets. Up to three letters are none (*US - China talks*), nor is
    an acronym before a pair of dashes (*NATO — the alliance — said*) or a heading in capitals.
    """
    found = _DATELINE.match(sentence[:_LONGEST])
    if not found:
        return 0
    capitals = found["capitals"]
    if capitals and not found["agency"]:
        dashes = sentence.count(found["dash"]) if found["dash"] else len(re.findall(r"\s-\s", sentence))
        letters = sum(c.isalpha() for c in capitals)
        acronym = letters <= 3 or letters <= 5 and dashes == 2
        heading = not any(c.islower() for c in sentence[found.end() : found.end() + 40]) or len(capitals.split()) > 3
        if acronym or heading:
            return 0
    return found.end()
