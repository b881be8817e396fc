"""Scored articles as figures for print: actors by stance, stances over time, an article sentence by sentence.

Each function returns a ``matplotlib.figure.Figure``, and raises ``ModuleNotFoundError`` without matplotlib. Stances are told by
sign, hatching or number besides colour, so that a figure reads in grey as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from stance.names import kind_of
from stance.palette import ink_on, label_sets
from stance.records import Article
from stance.report.content import actor_key, actor_names, portrayals_as_stances, visible

if TYPE_CHECKING:
    from matplotlib.figure import Figure

HATCHES = ("", "//", "xx", "..", "\\\\", "++", "oo", "--")
UNITS = (("D", "day"), ("W", "week"), ("M", "month"), ("Y", "year"))
MOST_BINS = 48
# Names of actors are no formulas; fonts go into PDF as text that can be searched and edited.
SETTINGS = {
    "text.parse_math": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "font.size": 9,
    "hatch.linewidth": 0.4,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "savefig.dpi": 300,
}


def plot_actors(articles: Iterable[Article], most: int = 20, title: str = "") -> Figure:
    """Heat map: a row for each of the ``most`` actors with most sentences, a column a stance, the share of the actor's sentences.

    The number in a cell is the count. Raises ``ValueError`` if no actor has a stance.
    """
    articles = portrayals_as_stances(articles)
    stances, _ = label_sets(articles)
    names = actor_names(articles)
    counts: dict[str, Counter[str]] = {}
    for article in articles:
        for actor in article.actors:
            if actor.stances:
                counts.setdefault(names[actor.name], Counter()).update(actor.stances)
    # Descriptions and pronouns ("officials", "we") mean others in every article; they come after the names.
    chosen = sorted(counts, key=lambda name: (len(articles) > 1 and kind_of(name) != "name", -counts[name].total()))[:most]
    if not chosen:
        raise ValueError("no actor with a stance to plot")
    table = np.array([[counts[name][label] for label in stances] for name in chosen])
    with _settings():
        figure, axes = _figure(2.8 + min(0.95 * len(stances), 6.5), 1.1 + 0.27 * len(chosen))
        share = table / table.sum(axis=1, keepdims=True)
        axes.imshow(share, cmap="Greys", vmin=0, vmax=1.15, aspect="auto")
        for (i, j), value in np.ndenumerate(share):
            axes.text(j, i, f"{table[i, j]}" if table[i, j] else "", ha="center", va="center", color="w" if value > 0.55 else "k")
        axes.set_xticks(range(len(stances)), [f"{look.sign} {visible(label)}" for label, look in stances.items()])
        axes.xaxis.tick_top()
        if len(stances) > 6:
            axes.tick_params(axis="x", rotation=40)
        axes.set_yticks(range(len(chosen)), [_short(name) for name in chosen])
        axes.tick_params(length=0)
        for tick, look in zip(axes.get_xticklabels(), stances.values()):
            tick.set_bbox({"boxstyle": "round,pad=0.25", "facecolor": look.light, "edgecolor": "none"})
            tick.set_color(ink_on(look.light))
        for spine in axes.spines.values():
            spine.set_visible(False)
        axes.set_xticks(np.arange(len(stances) + 1) - 0.5, minor=True)
        axes.set_yticks(np.arange(len(chosen) + 1) - 0.5, minor=True)
        axes.grid(which="minor", color="w", linewidth=1.5)
        axes.tick_params(which="minor", length=0)
        axes.set_xlabel("sentences; the darker, the greater the share of the actor's")
        _title(axes, title)
    return figure


def plot_timeline(
    articles: Iterable[Article], dates: Mapping[str, str], actor: str | None = None, shares: bool = False, title: str = ""
) -> Figure:
    """Stacked bars: sentences by stance a day, week, month or year, whichever is the finest that gives at most 48 bars.

    ``dates``: article id -> YYYY, YYYY-MM or YYYY-MM-DD; articles without one are left out. ``actor``: of this actor alone.
    Raises ``ValueError`` if nothing is left.
    """
    articles = portrayals_as_stances(articles)
    stances, _ = label_sets(articles)
    names = actor_names(articles)
    wanted = next((name for raw, name in names.items() if actor_key(raw) == actor_key(actor)), actor) if actor else None
    found = [(dates[a.id], _counts(a, names, wanted)) for a in articles if a.id in dates]
    found = [(date, counts) for date, counts in found if counts]
    if not found:
        of = f" of {actor!r}" if actor else ""
        raise ValueError(
            f"no stance{of} in an article with a date to plot; give dates as YYYY-MM-DD, and the actor's name as a row has it"
        )
    unit, unit_name = _unit([date for date, _ in found])
    bins = [np.datetime64(date, unit).astype(int) for date, _ in found]
    first, size = min(bins), max(bins) - min(bins) + 1
    table = np.zeros((len(stances), size))
    for at, (_, counts) in zip(bins, found):
        table[:, at - first] += [counts[label] for label in stances]
    if shares:
        table = table / np.maximum(table.sum(axis=0), 1)
    ticks = [str(np.datetime64(int(first + k), unit).astype(f"datetime64[{'D' if unit == 'W' else unit}]")) for k in range(size)]
    with _settings():
        figure, axes = _figure(6.5, 3.2)
        under = np.zeros(size)
        for row, (label, look), hatch in zip(table, stances.items(), HATCHES * len(stances)):
            axes.bar(
                range(size), row, 0.88, bottom=under, color=look.light, hatch=hatch, edgecolor="w", linewidth=0.5,
                label=f"{look.sign} {visible(label)}",
            )  # fmt: skip
            under += row
        every = -(-size // 8)
        axes.set_xticks(range(0, size, every), ticks[::every])
        axes.set_ylabel(f"{'share of ' if shares else ''}sentences a {unit_name}")
        axes.margins(x=0.01)
        axes.legend(frameon=False, ncols=min(len(stances), 4), loc="lower left", bbox_to_anchor=(0, 1.0), handlelength=1.4)
        _title(axes, title or (visible(actor) if actor else ""), pad=_above(stances))
    return figure


def plot_article(article: Article, most: int = 20, low_confidence: float = 0.6, title: str = "") -> Figure:
    """Strip: a row an actor, a column a sentence, the sign of its stance on its colour; without colour where the stance's
    probability is under ``low_confidence``. Raises ``ValueError`` if no actor has a stance.
    """
    (article,) = portrayals_as_stances([article])
    stances, _ = label_sets([article])
    actors = [actor for actor in article.actors if actor.stances][:most]
    if not actors:
        raise ValueError(f"{article.id or 'the article'}: no actor with a stance to plot")
    rows = {actor.name: i for i, actor in enumerate(actors)}
    with _settings():
        last = max(s.id for s in article.sentences) + 1
        figure, axes = _figure(min(max(5.8, 2.4 + 0.24 * last), 10), 0.8 + _above(stances) / 72 + 0.26 * len(actors))
        size = min(0.175, 6 / last) * 72
        seen = set()
        for p in article.predictions:
            place = (p.sentence_id, p.actor)
            if p.actor not in rows or p.stance is None or place in seen:
                continue
            seen.add(place)
            look = stances[p.stance]
            unsure = p.stance_score is not None and p.stance_score < low_confidence
            x, y = p.sentence_id + 1, rows[p.actor]
            axes.plot(
                x, y, "s", markersize=size, markerfacecolor="none" if unsure else look.light, markeredgecolor=look.light,
                markeredgewidth=0.8,
            )  # fmt: skip
            ink = "k" if unsure else ink_on(look.light)
            axes.text(x, y, look.sign, ha="center", va="center_baseline", color=ink, fontsize=size * 0.62)
        axes.set_yticks(range(len(actors)), [_short(actor.name) for actor in actors])
        axes.set(xlim=(0.3, last + 0.7), ylim=(len(actors) - 0.4, -0.6), xlabel="sentence")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(axis="y", alpha=0.25)
        axes.set_axisbelow(True)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _legend(axes, stances)
        _title(axes, title or visible(Path(article.id).name), pad=_above(stances))
    return figure


def save(figure: Figure, path: str | Path) -> None:
    """PDF, SVG, PNG (300 dpi) and what else matplotlib writes, by the suffix. Raises ``ValueError`` for an unknown one."""
    check_suffix(path)
    with _settings():
        figure.savefig(path)


def check_suffix(path: str | Path) -> None:
    """Raises ``ValueError`` where ``save`` would."""
    from matplotlib.backend_bases import FigureCanvasBase

    known = FigureCanvasBase.get_supported_filetypes()
    if Path(path).suffix.lstrip(".").lower() not in known:
        raise ValueError(f"{path}: no suffix of a figure; give one of {', '.join(sorted(known))}")


def _figure(width: float, height: float):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.add_subplot()


def _settings():
    try:
        import matplotlib
    except ModuleNotFoundError:
        raise ModuleNotFoundError("a plot needs matplotlib: pip install 'stance[report]'", name="matplotlib") from None
    return matplotlib.rc_context(SETTINGS)


def _title(axes, title: str, pad: float | None = None) -> None:
    if title:
        axes.set_title(visible(title), loc="left", fontweight="bold", pad=pad)


def _above(stances) -> int:
    """Points between the axes and a title over their legend."""
    return 24 + 13 * ((len(stances) - 1) // 4)


def _legend(axes, stances) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], marker="s", linestyle="", color=look.light, label=f"{look.sign} {visible(label)}")
        for label, look in stances.items()
    ]
    axes.legend(
        handles=handles, frameon=False, ncols=min(len(handles), 4), loc="lower left", bbox_to_anchor=(0, 1.0), handletextpad=0.2
    )


def _short(name: str, most: int = 34) -> str:
    name = visible(name)
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _counts(article: Article, names: Mapping[str, str], wanted: str | None) -> Counter[str]:
    return sum((a.stances for a in article.actors if wanted is None or names[a.name] == wanted), Counter())


def _unit(dates: Sequence[str]) -> tuple[str, str]:
    """The finest unit of time that every date has and that gives few enough bars."""
    coarsest = min(len(date) for date in dates)
    able = [u for u in UNITS if u[0] == "Y" or coarsest >= (7 if u[0] == "M" else 10)]
    for unit in able:
        bins = [np.datetime64(date, unit[0]).astype(int) for date in dates]
        if max(bins) - min(bins) < MOST_BINS:
            return unit
    return able[-1]
