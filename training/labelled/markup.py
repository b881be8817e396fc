"""The inline markup of the labelled articles -> sentences and mentions with character offsets.

The markup is described in ``training/data/README.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from stance.labels import SENTIMENTS, STANCES
from stance.names import phrase

REGIONS = ("Africa", "Asia", "Europe", "Latin America", "Middle East", "North America", "Oceania")
STYLES = ("wire", "tabloid", "broadcast", "local", "financial", "agency")
KEYS = ("article", "region", "style")
HEADER = re.compile(r"#\s*(\w+)\s*:\s*(.*?)\s*$")
MENTION = re.compile(r"\{\{(.*?)\}\}")

Header = dict[str, tuple[int, str]]  # key -> its line and its value


class MarkupError(ValueError):
    """One mistake in the markup: ``FILE:LINE: what is wrong; what to write instead``."""


@dataclass(frozen=True)
class MarkedMention:
    """A labelled mention. ``start``, ``end`` and ``cue`` are characters in the sentence, end excluded."""

    start: int
    end: int
    actor: str
    stance: str | None
    sentiment: str | None
    cue: tuple[int, int] | None = None


@dataclass
class MarkedSentence:
    """The plain text of a sentence and its mentions, in the order of the text."""

    text: str
    mentions: list[MarkedMention] = field(default_factory=list)
    new_paragraph: bool = False


@dataclass
class MarkedArticle:
    """``line``: where its header begins in the file, from 1. ``subject``: the file's name."""

    name: str
    region: str
    style: str
    subject: str
    line: int
    sentences: list[MarkedSentence] = field(default_factory=list)


def find_cue(text: str, cue: str, start: int, end: int) -> tuple[int, int]:
    """Characters of ``cue`` in ``text``: the occurrence nearest to ``[start, end)``, or the n-th if it ends in ``/n``."""
    numbered = re.fullmatch(r"(.*?)/(\d+)\s*", cue, re.DOTALL)
    words, nth = (numbered[1].strip(), int(numbered[2])) if numbered else (cue.strip(), None)
    if not words:
        raise ValueError(f"the cue {cue!r} has no words; write the words that carry the position")
    found = [m.span() for m in phrase(words).finditer(text)]
    if nth is not None:
        if not 1 <= nth <= len(found):
            raise ValueError(f"the cue {cue!r} asks for occurrence {nth} of {len(found)}; count from 1")
        return found[nth - 1]
    if not found:
        raise ValueError(f"the cue {words!r} is not in the sentence as whole words; copy it letter by letter, capitals too")
    return min(found, key=lambda s: max(s[0] - end, start - s[1], 0))


def parse_sentence(line: str) -> MarkedSentence:
    """One line of markup -> its plain text and mentions. Raises ``ValueError`` with what to write instead."""
    text, raw, at = "", [], 0
    for m in MENTION.finditer(line):
        text += line[at : m.start()]
        head, *rest = (part.strip() for part in m[1].split("|"))
        if "{" in m[1] or len(rest) not in (2, 3):
            raise ValueError(f"{m[0]!r} is not a mention; write {{{{text=Actor|stance|sentiment|cue}}}}, not nested")
        surface, _, actor = (part.strip() for part in head.partition("="))
        if not surface:
            raise ValueError(f"{m[0]!r} has no text; write {{{{text=Actor|...}}}}")
        raw.append((len(text), len(text) + len(surface), actor or surface, *rest))
        text += surface
        at = m.end()
    text += line[at:]
    if bad := re.search(r"[{}|]", text):
        raise ValueError(
            f"a stray {bad[0]!r} near {text[max(0, bad.start() - 20) : bad.end() + 20]!r}; "
            "a mention opens with {{ and closes with }}"
        )
    if text != text.strip() or "  " in text or "\t" in text:
        raise ValueError("spaces doubled or at an end of the line; write single spaces")
    sentence, position = MarkedSentence(text), {}
    for start, end, actor, stance, sentiment, *cue in raw:
        label = f"{{{{{text[start:end]}={actor}|{stance}|{sentiment}}}}}"
        if stance not in STANCES:
            raise ValueError(f"{label}: no stance {stance!r}; write one of {', '.join(STANCES)}")
        if sentiment not in SENTIMENTS:
            raise ValueError(f"{label}: no sentiment {sentiment!r}; write one of {', '.join(SENTIMENTS)}")
        if stance != "unknown" and not (cue and cue[0]):
            raise ValueError(f"{label}: {stance} needs the words that say so; add |cue before the }}}}")
        if position.setdefault(actor, (stance, sentiment)) != (stance, sentiment):
            raise ValueError(
                f"{label}: {actor} is {'/'.join(position[actor])} elsewhere in this sentence; "
                "all mentions of an actor in a sentence carry one stance and sentiment"
            )
        span = find_cue(text, cue[0], start, end) if cue and cue[0] else None
        sentence.mentions.append(MarkedMention(start, end, actor, stance, sentiment, span))
    return sentence


def _header_mistakes(header: Header, first: int) -> list[tuple[int, str]]:
    """What is wrong with an article's header, and on which line; ``first`` is the line of its first sentence."""
    found = [(first, f"the article has no '# {key}:' line; add it above its first sentence") for key in KEYS if key not in header]
    for key, names in (("region", REGIONS), ("style", STYLES)):
        line, value = header.get(key, (first, names[0]))
        if value not in names:
            found.append((line, f"no {key} {value!r}; write one of {', '.join(names)}"))
    line, name = header.get("article", (first, "absent"))
    if not re.fullmatch(r"[a-z0-9-]+", name):
        found.append((line, f"{name!r} is no article name; write lower case, digits and hyphens"))
    return found


def parse_articles(path: Path) -> list[MarkedArticle]:
    """Every article of one file. Raises ``MarkupError`` that lists each mistake with its file and line."""
    articles: list[MarkedArticle] = []
    mistakes: list[str] = []
    header: Header = {}
    blank = True
    try:
        lines = path.read_text(encoding="utf-8-sig").removesuffix("\n").split("\n")  # as editors count them
    except UnicodeDecodeError as error:
        raise MarkupError(f"{path}: not UTF-8 at byte {error.start}; save the file as UTF-8") from None

    for number, line in enumerate(lines, 1):
        if line.startswith("#"):
            m = HEADER.match(line)
            if not m or m[1] not in KEYS:
                mistakes.append(f"{path}:{number}: {line!r} is no header; write '# article:', '# region:' or '# style:'")
            elif m[1] in header:
                mistakes.append(f"{path}:{number}: '# {m[1]}:' twice before a sentence; keep one")
            else:
                header[m[1]] = (number, m[2])
            blank = True
        elif not line.strip():
            blank = True
        else:
            if header:
                mistakes += [f"{path}:{at}: {what}" for at, what in _header_mistakes(header, number)]
                values = {key: value for key, (_, value) in header.items()}
                line_of_name = header.get("article", (number, ""))[0]
                articles.append(MarkedArticle(*(values.get(k, "") for k in KEYS), path.stem, line_of_name))
                header = {}
            elif not articles:
                mistakes.append(f"{path}:{number}: a sentence before the first '# article:' line; add the header")
                articles.append(MarkedArticle("", "", "", path.stem, number))
            try:
                sentence = parse_sentence(line)
            except ValueError as error:
                mistakes.append(f"{path}:{number}: {error}")
                continue
            sentence.new_paragraph = blank
            articles[-1].sentences.append(sentence)
            blank = False
    if header:
        mistakes.append(f"{path}:{len(lines)}: an article without a sentence; write it or remove its header")
    if mistakes:
        raise MarkupError("\n".join(mistakes))
    return articles
