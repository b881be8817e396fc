"""What the words of a mention tell: its kind, the name in it, whether it stands for a person, a thing or several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from stance.metonyms import government_of, is_seat

SUFFIXES = frozenset("jr sr ii iii iv".split())
# What comes before one of these is part of its name, where it would be a title before a person's: *the Foreign Ministry*.
BODIES = frozenset(
    "ministry department office bank agency party court house council committee minister secretary council union "
    "commission bureau authority service force".split()
)
PRONOUNS = {
    "he": "male",
    "him": "male",
    "his": "male",
    "himself": "male",
    "she": "female",
    "her": "female",
    "hers": "female",
    "herself": "female",
    "it": "thing",
    "its": "thing",
    "itself": "thing",
    "they": "plural",
    "them": "plural",
    "their": "plural",
    "theirs": "plural",
    "themselves": "plural",
    "i": "speaker",
    "me": "speaker",
    "my": "speaker",
    "mine": "speaker",
    "myself": "speaker",
    "we": "speakers",
    "us": "speakers",
    "our": "speakers",
    "ours": "speakers",
    "ourselves": "speakers",
    "you": "addressed",
    "your": "addressed",
    "yours": "addressed",
    "who": "relative",
}
HE = frozenset(word for word, meant in PRONOUNS.items() if meant == "male")
SHE = frozenset(word for word, meant in PRONOUNS.items() if meant == "female")
TITLES = frozenset(
    "mr mrs ms mx miss dr prof professor sir dame lord lady president vice prime minister chancellor secretary senator sen "
    "representative rep congressman congresswoman governor gov mayor judge justice general gen colonel col lieutenant lt captain "
    "sgt sergeant admiral adm king queen prince princess pope cardinal bishop archbishop rev reverend imam sheikh ambassador "
    "chief director chairman chairwoman chair spokesman spokeswoman spokesperson commissioner attorney coach st saint former "
    "the deputy acting foreign defense defence finance first lady speaker leader".split()
)
# Bank of England is no England, North Korea no Korea, the White House no House; the Washington Post is no Washington.
DIRECTIONS = frozenset("north south east west northern southern eastern western new white".split())
NOT_BEFORE = DIRECTIONS | frozenset("of for in and".split())
PAPERS = frozenset("post times daily journal news herald tribune university airport".split())
SMALL = frozenset("of the and for in on at to de la le du des von van der den da di al el bin a an".split())
PREPOSITIONS = frozenset("by with along from about against as near over under into between among".split())
BARE_WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*")
WORD = re.compile(BARE_WORD.pattern + r"\.?")  # with the full stop of an abbreviation: *Gov.*, *U.S.*
POSSESSIVE = re.compile(r"['’]s?$")
EDGES = " \t\r\n\"'“”‘’«»„`.,;:!?()[]{}<>*_–—-…/\\|#"


# The news names the same few again and again: what a name's words alone tell is worked out once.
remembered = lru_cache(maxsize=2**14)


@remembered
def kind_of(text: str) -> str:
    """name, description or pronoun."""
    word = POSSESSIVE.sub("", text.strip(EDGES))
    if word.lower() in PRONOUNS and not (len(word) > 1 and word.isupper()):  # US, WHO, IT are names
        return "pronoun"
    words = [w for w in WORD.findall(text) if w.lower().strip(".") not in SMALL]
    capital = [w for w in words if w[:1].isupper() or w[:1].isdigit()]
    if words and (len(capital) * 2 > len(words) or (words[-1][:1].isupper() and words[0][:1].isupper())):
        return "name"
    return "description"


@dataclass(frozen=True)
class Name:
    """What a name is compared by: its words without titles, in lower case and without dots, and the initials of the name.

    ``acronym`` is in lower case too, and empty where it would be one letter.
    """

    words: tuple[str, ...]
    acronym: str

    @classmethod
    @remembered
    def of(cls, text: str) -> Name:
        found = WORD.findall(text)
        owner = max((k + 1 for k, w in enumerate(found[:-1]) if POSSESSIVE.search(w)), default=0)  # Slovakia's Judicial Council
        words = [POSSESSIVE.sub("", w).replace(".", "").replace("’", "'").lower() for w in found[owner:]]
        while len(words) > 1 and words[-1] in SUFFIXES:
            words.pop()
        while len(words) > 1 and words[0] in TITLES and (words[0] == "the" or words[-1] not in BODIES):
            words.pop(0)
        capitals = "".join(w[0] for w in found if w[:1].isupper() and w.lower() not in SMALL).lower()
        if len(words) > 2:  # Lloyd J. Austin
            words[1:-1] = [w for w in words[1:-1] if len(w) > 1]
        return cls(tuple(w for w in words if w), capitals if len(capitals) > 1 else "")

    def same_as(self, other: Name) -> bool:
        """The same name, a part of it at its end or start (*Diallo*, *Amina*), its acronym, or a government's other name."""
        if not self.words or not other.words:
            return False
        if self.words == other.words:
            return True
        government = government_of(self.words)
        if government or government_of(other.words):  # New Delhi and Delhi are one, North Korea and Korea are not
            return government == government_of(other.words)
        short, long = sorted((self, other), key=lambda n: len(n.words))
        n = len(short.words)
        if n < len(long.words):
            at_end = long.words[-n:] == short.words and long.words[-n - 1] not in NOT_BEFORE
            at_start = long.words[:n] == short.words and long.words[-1] not in PAPERS
            if at_end or at_start:
                return not set(short.words) <= SMALL | TITLES
        return n == 1 and len(short.words[0]) > 1 and short.words[0] == long.acronym


MALE = frozenset(
    "mr sir lord king prince congressman chairman spokesman businessman policeman father son brother husband".split()
)
FEMALE = frozenset(
    "mrs ms miss lady dame queen princess congresswoman chairwoman spokeswoman businesswoman mother daughter sister wife".split()
)
PERSONS = (
    MALE
    | FEMALE
    | frozenset(
        "minister president secretary senator governor mayor judge justice general colonel "
        "captain director chief chair spokesperson commissioner ambassador lawyer attorney professor "
        "analyst economist officer official executive leader coach prosecutor "
        "envoy doctor dr prof premier chancellor founder owner manager".split()
    )
)
THINGS = BODIES - frozenset("minister secretary".split()) | frozenset(
    "company group union government university institute corporation firm regulator association federation board panel team club "
    "hospital report study survey poll statement post times parliament army police centre center fund foundation airline "
    "newspaper network alliance organization organisation inc corp ltd plc".split()
)
RULERS = frozenset("government authorities regime administration".split())
COUNTS = frozenset("two three four five six seven eight nine ten several many some dozens hundreds thousands both few".split())


@remembered
def traits(text: str, kind: str) -> frozenset[str]:
    """What a mention's own words say of its actor: person, thing or plural; male or female; named or counted."""
    pronoun = PRONOUNS.get(bare(text)) if kind == "pronoun" else None
    if pronoun:
        told = {"male": ("person", "male"), "female": ("person", "female"), "speaker": ("person",)}
        return frozenset(told.get(pronoun, (pronoun,) if pronoun in ("thing", "plural") else ()))
    words = [w.lower().strip(".") for w in WORD.findall(text)]
    head = next(
        (words[k - 1] for k, w in enumerate(words) if k and w in ("of", "for", "at", "in", "with", "from", "by")),
        words[-1] if words else "",
    )
    found = {"named"} if kind == "name" else set()
    if head in THINGS:
        return frozenset(found | {"thing"})
    if kind == "description":
        if set(words[:2]) & COUNTS:
            found |= {"plural", "counted"}
        elif head in PERSONS:
            found.add("person")
        elif head.endswith("s") and not head.endswith("ss") or head == "people":
            found.add("plural")
    if set(words[:-1]) & MALE or head in MALE:
        found |= {"person", "male"}
    if set(words[:-1]) & FEMALE or head in FEMALE:
        found |= {"person", "female"}
    return frozenset(found)


@remembered
def owner_of(description: str) -> str:
    """Whose a described actor is: *Kenya* for *Kenya's main opposition*; else the empty text. A government is its country."""
    words = description.split()
    k = next((k for k, w in enumerate(words) if k < len(words) - 1 and POSSESSIVE.search(w)), -1)
    return "" if k < 0 or words[-1].lower() in RULERS else " ".join(words[: k + 1])


@remembered
def content_words(text: str) -> tuple[str, ...]:
    """The words of a mention in lower case, articles and prepositions aside."""
    return tuple(w for w in map(str.lower, WORD.findall(text)) if w not in SMALL)


def bare(text: str) -> str:
    """A mention as a pronoun is looked up: in lower case, without the marks around it."""
    return POSSESSIVE.sub("", text.strip(EDGES)).lower()


def phrase(words: str, flags: int = 0) -> re.Pattern[str]:
    """``words`` as they stand in a text, not as parts of longer words."""
    return re.compile(rf"(?<!\w){re.escape(words)}(?!\w)", flags)


def is_acronym(text: str) -> bool:
    return text.replace(".", "").isupper()


def canonical_name(texts: Sequence[tuple[str, str]]) -> str:
    """The name of an actor from its mentions' (text, kind): the fullest name, else the first description, else the pronoun."""
    names = [t for t, kind in texts if kind == "name"]
    names = [t for t in names if not is_seat(Name.of(t).words)] or names
    if names:
        return max(names, key=lambda t: len(Name.of(t).words))  # the first of the fullest
    return next((t for t, kind in texts if kind == "description"), texts[0][0])
