"""An article as a piece of HTML for notebooks: no script, no style sheet, and nothing to install."""

from __future__ import annotations

from html import escape

from stance.palette import Swatch, label_sets
from stance.records import Article, Prediction, Sentence
from stance.report.content import visible

MOST_SENTENCES, MOST_ACTORS = 200, 15


def article_html(article: Article) -> str:
    """The text with its mentions marked and cues underlined, over a table of its actors. Colours are tints that light and dark
    themes bear; every piece of text is escaped.
    """
    stances, sentiments = label_sets([article])
    looks = sentiments | stances
    by_sentence: dict[int, list[Prediction]] = {}
    for p in article.predictions:
        by_sentence.setdefault(p.sentence_id, []).append(p)
    text, end = [], 0
    for s in article.sentences[:MOST_SENTENCES]:
        text.append("<br><br>" if text and "\n" in article.text[end : s.start] else " ")
        text.append(_sentence(s, by_sentence.get(s.id, []), looks))
        end = s.end
    left = len(article.sentences) - MOST_SENTENCES
    if left > 0:
        text.append(f" <em>and {left:,} more sentences</em>")
    rows = "".join(
        f"<tr><th style='text-align:left'>{_safe(actor.name)}</th><td style='text-align:left'>{_label(actor.stance, looks)}</td>"
        f"<td style='text-align:left'>{_label(actor.sentiment, looks)}</td><td style='text-align:left'>"
        f"{_safe(', '.join(f'{n} {label}' for label, n in actor.stances.most_common()))}</td></tr>"
        for actor in article.actors[:MOST_ACTORS]
    )
    head = "".join(f"<th style='text-align:left'>{name}</th>" for name in ("Actor", "Stance", "Portrayed", "Sentences"))
    more = len(article.actors) - MOST_ACTORS
    return (
        f"<div style='max-width:46em;line-height:1.8'>{''.join(text)}</div>"
        f"<table style='margin-top:1em'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        + (f"<p>and {more:,} more actors</p>" if more > 0 else "")
    )


def _sentence(sentence: Sentence, predictions: list[Prediction], looks: dict[str, Swatch]) -> str:
    marks: list[tuple[int, int, str, str]] = []
    for p in predictions:
        if p.mention_start is not None and p.mention_end is not None:
            marks.append((p.mention_start, p.mention_end, *_mention(p, looks)))
        if p.cue_start is not None and p.cue_end is not None:
            colour = looks[p.stance].light if p.stance else "#80858c"
            marks.append(
                (p.cue_start, p.cue_end, f"<u style='text-decoration-color:{colour};text-decoration-thickness:2px'>", "</u>")
            )
    parts, at = [], sentence.start
    for start, end, opening, closing in sorted(marks, key=lambda mark: (mark[0], -mark[1])):
        if start < at or end > sentence.end:  # inside one that is marked already
            continue
        parts += [_slice(sentence, at, start), opening, _slice(sentence, start, end), closing]
        at = end
    return "".join([*parts, _slice(sentence, at, sentence.end)])


def _mention(p: Prediction, looks: dict[str, Swatch]) -> tuple[str, str]:
    look = looks.get(p.stance or "")
    colour = look.light if look else "#80858c"
    score = "" if p.stance_score is None else f" {p.stance_score:.0%}"
    mood = "" if p.sentiment in (None, "neutral") else f", {p.sentiment}"
    title = _safe(f"{p.actor}: {p.stance or 'unsure'}{score}{mood}")
    sign = _safe(look.sign if look else "?") + (_safe(looks[p.sentiment].sign) if mood else "")
    style = f"background:{colour}2b;border-bottom:2px solid {colour};border-radius:3px;padding:0 2px"
    return f"<span style='{style}' title=\"{title}\">", f"<sup>{sign}</sup></span>"


def _label(label: str | None, looks: dict[str, Swatch]) -> str:
    return "–" if label is None else _safe(label) if label == "neutral" else f"{_safe(looks[label].sign)} {_safe(label)}"


def _slice(sentence: Sentence, start: int, end: int) -> str:
    return _safe(sentence.text[start - sentence.start : end - sentence.start])


def _safe(text: str) -> str:
    return escape(visible(text), quote=True)
