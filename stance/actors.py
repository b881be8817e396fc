"""Mentions -> the actors of an article.

Names are linked by rule (a short name to a longer one that holds it, an acronym to what it stands for); pronouns and
descriptions by the model's pairwise scores, and by the nearest fitting actor where those are silent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import numpy as np

from stance.first_names import gender_of
from stance.names import PRONOUNS, Name, bare, content_words, is_acronym, owner_of, traits
from stance.records import Mention

# Traits that no one actor has together.
CONFLICTS = ({"male", "female"}, {"person", "thing"}, {"person", "plural"}, {"counted", "named"})
# What stands between two actors that are told in one breath: *the government and the Fund*.
JOINED = re.compile(r",? (?:and|or|nor|but not|as well as) ")
ACCORDING = re.compile(r"\baccording to $", re.IGNORECASE)
# How much the score of a mention counts for a *she*, *it* or *they*: of one sentence farther off than the next, and of somebody
# who is first told of in a later sentence. Chosen on the links' development sets (``training/EXPERIMENTS.md``).
FARTHER, LATER = 0.82, 0.3


class Linker:
    """Mentions in the order of the text -> actors.

    ``scores[i]`` maps other mentions (by position in ``mentions``) to the log-probability that they are the same actor
    as mention i, and -1 to that of none; only mentions that one window read together are there. ``text`` is that of the
    article; without it, appositions and quotations are not seen.
    """

    def __init__(self, mentions: Sequence[Mention], scores: Mapping[int, Mapping[int, float]] | None = None, text: str = ""):
        self.mentions, self.scores = mentions, scores or {}
        self.names = [Name.of(m.text) for m in mentions]
        self.own = [traits(m.text, m.kind) | gender_of(m.text, m.kind) for m in mentions]
        self.words = [content_words(m.text) for m in mentions]
        self.text = text
        self.others = self._others()
        self.group: list[int] = [-1] * len(mentions)
        self.members: list[list[int]] = []
        self.traits: list[set[str]] = []

    def _others(self) -> list[set[int]]:
        """Per mention the others that are not its actor: *A and B*; *according to A, B*; *Kenya* and *Kenya's opposition*."""
        others: list[set[int]] = [set() for _ in self.mentions]
        known = [i for i, m in enumerate(self.mentions) if m.kind != "pronoun"]
        for i, j in zip(known, known[1:]):
            first, second = self.mentions[i], self.mentions[j]
            between = self.text[first.end : second.start]
            before = self.text[max(first.start - 20, 0) : first.start]
            if JOINED.fullmatch(between) or between == ", " and ACCORDING.search(before):
                others[i].add(j)
                others[j].add(i)
        bearers: dict[Name, set[int]] = {}
        for i in known:
            if self.mentions[i].kind == "name":
                bearers.setdefault(self.names[i], set()).add(i)
        owned: dict[str, set[int]] = {"": set()}
        for i in known:
            if self.mentions[i].kind == "description":
                owner = owner_of(self.mentions[i].text)
                if owner not in owned:
                    name = Name.of(owner)
                    owned[owner] = {i for other, bearing in bearers.items() if name.same_as(other) for i in bearing}
                others[i] |= owned[owner]
        return others

    def link(self) -> list[list[int]]:
        """Groups of mentions, by position; each is one actor."""
        for i, mention in enumerate(self.mentions):
            if mention.kind == "name":
                self._place(i, self._by_name(i))
        for i, mention in enumerate(self.mentions):
            if mention.kind == "description":
                same = self._by_text(i)
                same = self._apposed(i) if same is None else same
                self._place(i, self._by_score(i) if same is None else same)
        pronouns = [i for i, mention in enumerate(self.mentions) if mention.kind == "pronoun"]
        for i in sorted(pronouns, key=self._is_speaker):  # I and we last: their speaker may be a pronoun that follows
            found = self._speaker(i) if self._is_speaker(i) else None
            found = self._by_score(i) if found is None else found
            self._place(i, self._nearest(i) if found is None else found)
        return [group for group in self.members if group]

    def _place(self, i: int, group: int | None) -> None:
        if group is None:
            self.members.append([])
            self.traits.append(set())
            group = len(self.members) - 1
        self.group[i] = group
        self.members[group].append(i)
        self.traits[group] |= self.own[i]

    def _by_name(self, i: int) -> int | None:
        """The last mention of the same name, if all the longer names of its actor are the same too."""
        name = self.names[i]
        for j in range(i - 1, -1, -1):
            g = self.group[j]
            if (
                g >= 0
                and name.same_as(self.names[j])
                and self._fits(i, g)
                and all(
                    name.same_as(self.names[k]) for k in self.members[g] if min(len(name.words), len(self.names[k].words)) > 1
                )
            ):
                return g
        return None

    def _by_text(self, i: int) -> int | None:
        """The last mention of the same words, articles and prepositions aside."""
        before = range(i - 1, -1, -1) if self.words[i] else ()
        return next((self.group[j] for j in before if self.group[j] >= 0 and self.words[j] == self.words[i]), None)

    def _apposed(self, i: int) -> int | None:
        """The name that a description stands beside: *HydroVolta, the company that*; *the company HydroVolta*."""
        if "plural" in self.own[i]:
            return None
        here = self.mentions[i]
        for j in (i - 1, i + 1):
            if (
                0 <= j < len(self.mentions)
                and self.mentions[j].kind == "name"
                and self.mentions[j].sentence_id == here.sentence_id
            ):
                first, second = (self.mentions[j], here) if j < i else (here, self.mentions[j])
                between = self.text[first.end : second.start]
                if (between == ", " or (between == " " and j > i)) and self._fits(i, self.group[j]):
                    return self.group[j]
        return None

    def _is_speaker(self, i: int) -> bool:
        return PRONOUNS.get(bare(self.mentions[i].text)) in ("speaker", "speakers")

    def _speaker(self, i: int) -> int | None:
        """Who says the *I* or *we* of a quotation: the nearest actor of its sentence that stands outside the quotation marks."""
        if not self._quoted(i):
            return None
        here = [j for j, m in enumerate(self.mentions) if m.sentence_id == self.mentions[i].sentence_id]
        outside = [j for j in here if self.group[j] >= 0 and not self._is_speaker(j) and not self._quoted(j)]
        outside = [j for j in outside if "plural" not in self.own[j] or self.mentions[j].kind == "pronoun"] or outside
        return self.group[min(outside, key=lambda j: abs(j - i))] if outside else None

    def _quoted(self, i: int) -> bool:
        """Whether a mention lies between quotation marks, counted from its line's or its paragraph's start."""
        mention = self.mentions[i]
        start = max(self.text.rfind("\n", 0, mention.start) + 1, mention.start - 2000)
        before = self.text[start : mention.start]
        return before.count('"') % 2 == 1 or before.count("“") > before.count("”")

    def _by_score(self, i: int) -> int | None:
        """The group with most of the probability, if that is more than *none* has, and half of it.

        *he* and *she* mean somebody who is named: they need not the half.
        """
        sums: dict[int, float] = {}
        for j, log_p in self.scores.get(i, {}).items():
            group = -1 if j < 0 else self.group[j]
            if j >= 0 and (group < 0 or self._overlap(i, j) or not self._fits(i, group)):
                continue
            sums[group] = sums.get(group, 0.0) + self._weight(i, j) * float(np.exp(log_p))
        none = sums.pop(-1, 0.0)
        best = max(sums, key=sums.__getitem__, default=None)
        least = 0.0 if self.mentions[i].kind == "pronoun" and self.own[i] & {"male", "female"} else 0.5
        return best if best is not None and sums[best] > max(none, least) else None

    def _weight(self, i: int, j: int) -> float:
        """How much the score of mention j counts for mention i: less with the distance for a pronoun of the third person, half
        for a description by two descriptions that share no word."""
        kind = self.mentions[i].kind
        if j < 0:
            return 1.0
        if kind == "description" and self.mentions[j].kind == kind:
            return 1.0 if set(self.words[i]) & set(self.words[j]) else 0.5
        if kind == "pronoun" and self.own[i] & {"male", "female", "thing", "plural"}:
            apart = abs(self.mentions[i].sentence_id - self.mentions[j].sentence_id)
            return FARTHER ** max(apart - 1, 0) * (LATER if self._later(i, self.group[j]) else 1.0)
        return 1.0

    def _later(self, i: int, group: int) -> bool:
        """Whether all mentions of a group stand in later sentences than mention i."""
        return all(self.mentions[k].sentence_id > self.mentions[i].sentence_id for k in self.members[group])

    def _fits(self, i: int, group: int) -> bool:
        both = self.own[i] | self.traits[group]
        return not any(pair <= both for pair in CONFLICTS) and (
            not self.others[i] or self.others[i].isdisjoint(self.members[group])
        )

    def _nearest(self, i: int) -> int | None:
        """The last mention before a pronoun, in its sentence or the two before, that its own word fits; for I, after it too."""
        mention, own = self.mentions[i], self.own[i]
        near = list(range(i - 1, -1, -1))
        if own == {"person"}:  # I: its speaker is most often in the sentence
            here = [j for j in range(len(self.mentions)) if j != i and self.mentions[j].sentence_id == mention.sentence_id]
            near = sorted(here, key=lambda j: abs(j - i)) + near
        for j in near:
            if mention.sentence_id - self.mentions[j].sentence_id > 2:
                break
            if self.group[j] >= 0 and not self._overlap(i, j) and self._fits(i, self.group[j]) and self._may_be(own, j):
                return self.group[j]
        return None

    def _overlap(self, i: int, j: int) -> bool:
        """*her* and the *her lawyer* around it are two actors."""
        return self.mentions[i].start < self.mentions[j].end and self.mentions[j].start < self.mentions[i].end

    def _may_be(self, own: set[str], j: int) -> bool:
        """Whether a pronoun with the traits ``own`` may stand for mention j, by that mention's own words."""
        name = self.mentions[j].kind == "name"
        if "person" in own:
            return (
                name
                and not is_acronym(self.mentions[j].text)
                or self.mentions[j].kind == "description"
                and "person" in self.own[j]
                or bool(own & self.own[j] - {"person"})
            )
        if "thing" in own:
            return "thing" in self.traits[self.group[j]] or name and is_acronym(self.mentions[j].text)
        return "plural" in own & self.own[j]
