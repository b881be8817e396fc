"""Who wrote a report and where: *By Ruth Amsel*; *MOSCOW, March 4 (Reuters) —*; *(Editing by Tom Vane)*. No actor of it."""

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
_LONGEST = 90  # characters; a dateline is no longer

_PERSON = r"[A-Z][\w.'’-]{0,30}(?: (?:[A-Z][\w.'’-]{0,30}|al|bin|da|de|der|di|van|von)){0,4}"
_BYLINE = re.compile(rf"\W{{0,3}}(?:[Bb]y|BY|[A-Z][a-z]+ by) {_PERSON}(?:(?:, and | and |, | & ){_PERSON}){{0,5}}[\s.,|]*")
_CREDITS = re.compile(r"\W{0,3}(?i:(?:additional |further )?(?:reporting|writing|editing)(?: and (?:writing|editing))? by) [A-Z]")


def report_start(sentence: str) -> int:
    """Where a sentence begins to report: after its dateline; at its end, where it is a byline or the credits; else 0."""
    if _CREDITS.match(sentence) or _BYLINE.fullmatch(sentence[:300]):
        return len(sentence)
    return _dateline_end(sentence)


def _dateline_end(sentence: str) -> int:
    """Where the text after a dateline begins.

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
