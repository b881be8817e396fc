"""Tags -> mentions, and mentions -> the actors of an article.

Names are linked by rule (a short name to a longer one that holds it, an acronym to what it stands for); pronouns and
descriptions by the model's pairwise scores, and by the nearest fitting actor where those are silent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from stance.encoding import Window, WindowSentence
from stance.records import Mention

SUFFIXES = frozenset("jr sr ii iii iv".split())
# Titles that are also the first words of organisations' names; they are dropped before a person's name only.
BODIES = frozenset("ministry department office bank agency party court house council committee minister secretary council union "
                   "commission bureau authority service force".split())
PRONOUNS = {
    "he": "male", "him": "male", "his": "male", "himself": "male",
    "she": "female", "her": "female", "hers": "female", "herself": "female",
    "it": "thing", "its": "thing", "itself": "thing",
    "they": "plural", "them": "plural", "their": "plural", "theirs": "plural", "themselves": "plural",
    "i": "speaker", "me": "speaker", "my": "speaker", "mine": "speaker", "myself": "speaker",
    "we": "speakers", "us": "speakers", "our": "speakers", "ours": "speakers", "ourselves": "speakers",
    "you": "addressed", "your": "addressed", "yours": "addressed", "who": "relative",
}
TITLES = frozenset(
    "mr mrs ms mx miss dr prof professor sir dame lord lady president vice prime minister chancellor secretary senator sen "
    "representative rep congressman congresswoman governor gov mayor judge justice general gen colonel col lieutenant lt captain "
    "sgt sergeant admiral adm king queen prince princess pope cardinal bishop archbishop rev reverend imam sheikh ambassador "
    "chief director chairman chairwoman chair spokesman spokeswoman spokesperson commissioner attorney coach st saint former "
    "the deputy acting foreign defense defence finance first lady speaker leader".split())
SMALL = frozenset("of the and for in on at to de la le du des von van der den da di al el bin a an".split())
PREPOSITIONS = frozenset("by with along from about against as near over under into between among".split())
WORD = re.compile(r"[^\W_]+(?:['’.&-][^\W_]+)*\.?")
POSSESSIVE = re.compile(r"['’]s?$")
EDGES = " \t\r\n\"'“”‘’«»„`.,;:!?()[]{}<>*_–—-…/\\|#"


def kind_of(text: str) -> str:
    """name, description or pronoun."""
    if _bare(text) in PRONOUNS and text.strip(EDGES) != "US":
        return "pronoun"
    words = [w for w in WORD.findall(text) if w.lower().strip(".") not in SMALL]
    capital = [w for w in words if w[:1].isupper() or w[:1].isdigit()]
    return "name" if words and (len(capital) * 2 > len(words) or (words[-1][:1].isupper() and words[0][:1].isupper())) else "description"


# Scores of going from one tag (row) to the next (column), O, B, I: no I without a beginning, and mentions seldom touch.
TRANSITIONS = np.array([[0.0, 0.0, -1e4], [0.0, -2.0, 0.0], [0.0, -2.0, 0.0]], dtype=np.float32)


def best_tags(logits: np.ndarray, transitions: np.ndarray = TRANSITIONS) -> list[int]:
    """The best sequence of O, B, I for tag logits (T, 3), by Viterbi's algorithm."""
    shifted = logits - logits.max(-1, keepdims=True)
    score = shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
    best, back = score[0] + transitions[0], []
    for row in score[1:]:
        paths = best[:, None] + transitions
        back.append(paths.argmax(0))
        best = paths.max(0) + row
    tags = [int(best.argmax())]
    for pointers in reversed(back):
        tags.append(int(pointers[tags[-1]]))
    return tags[::-1]


def spans_of_tags(tags: Sequence[int]) -> list[tuple[int, int]]:
    """Tags O, B, I (0, 1, 2) -> spans ``[start, end)``. An I after O opens a span, as in lenient IOB2."""
    spans, start = [], None
    for i, tag in enumerate([*tags, 0]):
        if start is not None and tag != 2:
            spans.append((start, i))
            start = None
        if tag == 1 or (tag == 2 and start is None):
            start = i
    return spans


def find_mentions(text: str, window: Window, sentence: WindowSentence, tags: np.ndarray, sentence_id: int) -> list[Mention]:
    """The actor mentions that tag logits (T, 6) give in one sentence of a window, widened to whole words."""
    if sentence.end <= sentence.start:
        return []
    best = best_tags(tags[sentence.start : sentence.end, :3].astype(np.float32))
    found: list[tuple[int, int]] = []
    for first, end in spans_of_tags(best):
        a, b = _whole_words(text, *window.character_span(sentence.start + first, sentence.start + end))
        if found and (a < found[-1][1] or _goes_on(text, *found[-1], a)):
            found[-1] = (found[-1][0], max(b, found[-1][1]))
        elif b > a:
            found.append((a, b))
    found = [_whole_words(text, a, _without_tail(text, a, b)) for a, b in found]
    return [Mention(a, b, text[a:b], sentence_id, kind_of(text[a:b])) for a, b in found if not _empty(text[a:b])]


def _goes_on(text: str, start: int, end: int, following: int) -> bool:
    """Whether a mention that begins at ``following`` is the rest of ``[start, end)``: *the | Kremlin*, *a study by | Delta Bank*."""
    last = text[start:end].split()[-1].lower() if text[start:end].split() else ""
    return text[end:following].isspace() and last in SMALL | PREPOSITIONS


def _without_tail(text: str, start: int, end: int) -> int:
    """The end of a mention without prepositions and articles that nothing follows."""
    words = text[start:end].split()
    while len(words) > 1 and words[-1].lower() in SMALL | PREPOSITIONS:
        end = start + len(text[start:end].rstrip()) - len(words.pop())
    return end


def _empty(text: str) -> bool:
    words = text.lower().split()
    return not any(c.isalnum() for c in text) or (all(w in SMALL | PREPOSITIONS for w in words) and not any(w in PRONOUNS for w in words))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    while start < end and text[start] in EDGES:
        start += 1
    while end > start and text[end - 1] in EDGES and not (text[end - 1] == "." and _abbreviation(text[start:end])):
        end -= 1
    possessive = POSSESSIVE.search(text[start:end])
    if possessive and possessive.start() > 0:
        end = start + len(text[start : start + possessive.start()].rstrip())
    return start, end


def _abbreviation(text: str) -> bool:
    return bool(re.search(r"(?:\b[^\W\d_]\.){2,}$|\b(?:Jr|Sr|Inc|Corp|Co|Ltd)\.$", text))


@dataclass(frozen=True)
class Name:
    """What a name is compared by: its words without titles, lower case and without dots."""

    words: tuple[str, ...]
    acronym: str

    @classmethod
    def of(cls, text: str) -> Name:
        words = [POSSESSIVE.sub("", w).replace(".", "").replace("’", "'").lower() for w in WORD.findall(text)]
        while len(words) > 1 and words[-1] in SUFFIXES:
            words.pop()
        while len(words) > 1 and words[0] in TITLES and (words[0] == "the" or words[-1] not in BODIES):
            words.pop(0)
        capitals = "".join(w[0] for w in WORD.findall(text) if w[:1].isupper() and w.lower() not in SMALL).lower()
        return cls(tuple(w for w in words if w), capitals if len(capitals) > 1 else "")

    def same_as(self, other: Name) -> bool:
        """The same name, a part of it at its end or start (*Diallo*, *Amina*), or its acronym."""
        if not self.words or not other.words:
            return False
        if self.words == other.words:
            return True
        short, long = sorted((self, other), key=lambda n: len(n.words))
        n = len(short.words)
        if n < len(long.words) and (long.words[-n:] == short.words or (long.words[:n] == short.words and n >= 1)):
            return not set(short.words) <= SMALL | TITLES
        return n == 1 and len(short.words[0]) > 1 and short.words[0] == long.acronym


def contains_name(name: str, text: str) -> bool:
    """Whether ``text`` (a mention) stands for the actor called ``name``."""
    return Name.of(name).same_as(Name.of(text))


class Linker:
    """Mentions in the order of the text -> actors.

    ``scores[i]`` maps other mentions (by position in ``mentions``) to the log-probability that they are the same actor
    as mention i, and -1 to that of none; only mentions that one window read together are there.
    """

    def __init__(self, mentions: Sequence[Mention], scores: Mapping[int, Mapping[int, float]] | None = None,
                 quoted: Sequence[bool] | None = None):
        self.mentions, self.scores = mentions, scores or {}
        self.group: list[int] = [-1] * len(mentions)
        self.members: list[list[int]] = []
        self.genders: list[set[str]] = []

    def link(self) -> list[list[int]]:
        """Groups of mentions, by position; each is one actor."""
        for i, mention in enumerate(self.mentions):
            if mention.kind == "name":
                self._place(i, self._by_name(i))
        for i, mention in enumerate(self.mentions):
            if mention.kind == "description":
                self._place(i, self._by_text(i) if self._by_text(i) is not None else self._by_score(i))
        for i, mention in enumerate(self.mentions):
            if mention.kind == "pronoun":
                found = self._by_score(i)
                self._place(i, found if found is not None else self._nearest(i))
        return [group for group in self.members if group]

    def _place(self, i: int, group: int | None) -> None:
        if group is None:
            self.members.append([])
            self.genders.append(set())
            group = len(self.members) - 1
        self.group[i] = group
        self.members[group].append(i)
        gender = PRONOUNS.get(_bare(self.mentions[i].text))
        if gender in ("male", "female"):
            self.genders[group].add(gender)

    def _by_name(self, i: int) -> int | None:
        name = Name.of(self.mentions[i].text)
        for j in range(i - 1, -1, -1):
            if self.group[j] >= 0 and name.same_as(Name.of(self.mentions[j].text)):
                return self.group[j]
        return None

    def _by_text(self, i: int) -> int | None:
        words = tuple(w.lower() for w in WORD.findall(self.mentions[i].text) if w.lower() not in SMALL)
        for j in range(i - 1, -1, -1):
            if self.group[j] >= 0 and words and words == tuple(
                    w.lower() for w in WORD.findall(self.mentions[j].text) if w.lower() not in SMALL):
                return self.group[j]
        return None

    def _by_score(self, i: int) -> int | None:
        """The group with most of the probability, if that is more than *none* has."""
        sums: dict[int, float] = {}
        for j, log_p in self.scores.get(i, {}).items():
            group = -1 if j < 0 else self.group[j]
            if j >= 0 and (group < 0 or not self._fits(i, group)):
                continue
            sums[group] = sums.get(group, 0.0) + float(np.exp(log_p))
        none = sums.pop(-1, 0.0)
        best = max(sums, key=sums.__getitem__, default=None)
        return best if best is not None and sums[best] > none else None

    def _fits(self, i: int, group: int) -> bool:
        gender = PRONOUNS.get(_bare(self.mentions[i].text))
        if gender in ("male", "female"):
            return not self.genders[group] - {gender}
        return True

    def _nearest(self, i: int) -> int | None:
        """For he and she: the last name before it, in its sentence or the two before, that no pronoun of the other gender has."""
        mention = self.mentions[i]
        if PRONOUNS.get(_bare(mention.text)) not in ("male", "female"):
            return None
        for j in range(i - 1, -1, -1):
            if mention.sentence_id - self.mentions[j].sentence_id > 2:
                break
            if self.mentions[j].kind != "description" and self.group[j] >= 0 and self._fits(i, self.group[j]) and not _acronym(
                    self.mentions[j].text):
                return self.group[j]
        return None


def _bare(text: str) -> str:
    return POSSESSIVE.sub("", text.strip(EDGES)).lower()


def _acronym(text: str) -> bool:
    return text.replace(".", "").isupper()


def canonical_name(texts: Sequence[tuple[str, str]]) -> str:
    """The name of an actor from its mentions' (text, kind): the fullest name, else the first description, else the pronoun."""
    names = [t for t, kind in texts if kind == "name"]
    if names:
        return max(names, key=lambda t: (len(Name.of(t).words), -names.index(t)))
    return next((t for t, kind in texts if kind == "description"), texts[0][0])
