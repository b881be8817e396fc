"""An article as tables in a terminal."""

from __future__ import annotations

import re

from rich import box
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from stance.palette import Swatch, label_sets
from stance.records import Actor, Article, Prediction

# Characters that would move the cursor, change the terminal or turn the reading direction.
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def safe(text: str) -> str:
    """Text that can do nothing to a terminal: white space on one line, control characters shown as �."""
    return CONTROL.sub("\ufffd", " ".join(text.split()))


def _stance(label: str | None, score: float | None, looks: dict[str, Swatch]) -> Text:
    if label is None:  # left out for its probability, or there is none
        return Text("–" if score is None else "? unsure", style="dim")
    return Text(f"{safe(looks[label].sign)} {safe(label)}", style=looks[label].terminal)


def _mood(label: str | None, looks: dict[str, Swatch]) -> Text:
    if label is None:
        return Text("–")
    sign = " " if label == "neutral" else safe(looks[label].sign)
    return Text(f"{sign} {safe(label)}", style=looks[label].terminal)


def _actors(actors: list[Actor], most: int, looks: dict[str, Swatch]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Where they stand", title_justify="left", title_style="bold", pad_edge=False)
    for heading in ("Actor", "Stance", "Portrayed", "Sentences", "Cue"):
        table.add_column(heading, overflow="fold", no_wrap=heading in ("Stance", "Portrayed"))
    for actor in actors[:most]:
        counts = ", ".join(f"{n} {label}" for label, n in actor.stances.most_common())
        table.add_row(
            Text(safe(actor.name), style="bold"),
            _stance(actor.stance, None, looks),
            _mood(actor.sentiment, looks),
            Text(safe(counts)),
            Text(f"“{safe(actor.quote)}”" if actor.quote else "", style="italic"),
        )
    if len(actors) > most:
        table.caption = f"and {len(actors) - most} more"
    return table


def _sentences(article: Article, looks: dict[str, Swatch]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, title="Sentence by sentence", title_justify="left", title_style="bold", pad_edge=False)
    table.add_column("#", justify="right", style="dim")
    table.add_column("Sentence", ratio=3, overflow="fold")
    table.add_column("Who stands where", ratio=2, overflow="fold")
    by_sentence: dict[int, dict[str, Prediction]] = {}
    for p in article.predictions:
        by_sentence.setdefault(p.sentence_id, {}).setdefault(p.actor, p)
    for sentence in article.sentences:
        lines = Text()
        for p in by_sentence.get(sentence.id, {}).values():
            lines.append(f"{safe(p.actor)} ", style="bold").append(_stance(p.stance, p.stance_score, looks)).append(
                f" {p.stance_score or 0:.0%}", style="dim"
            )
            if p.cue:
                lines.append(f" “{safe(p.cue)}”", style=f"italic {looks[p.stance].terminal}")
            if p.sentiment not in (None, "neutral"):
                lines.append("  ").append(_mood(p.sentiment, looks))
            lines.append("\n")
        lines.rstrip()
        table.add_row(str(sentence.id + 1), Text(safe(sentence.text)), lines)
    return table


def show(article: Article, console: Console, most: int = 12) -> None:
    """Print an article: its actors over the whole text, then each sentence."""
    name = safe(article.id) or "article"
    head = Text(name, style="bold").append(
        f"  {len(article.sentences)} sentences, {len(article.actors)} actors, model {safe(article.model)}", style="dim"
    )
    if not article.actors:
        console.print(Group(head, Text("no actor found", style="dim")))
        return
    # Named colours: every terminal, also one of 16 colours, shows them apart and fitted to its background.
    stances, sentiments = label_sets([article])
    looks = sentiments | stances
    console.print(Group(head, Text(""), _actors(article.actors, most, looks), Text(""), _sentences(article, looks)))
