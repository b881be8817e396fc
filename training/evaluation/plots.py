"""The plots of an evaluation and of a learning curve: PNG and SVG files, and SVG that takes the colours of the page it is in."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from stance.training.evaluation.run import SetEvaluation
    from stance.training.evaluation.scores import HeadScores

# The light colours of the pages; in a page each becomes the variable that follows the reader's choice of light or dark.
INK, SOFT, RULE, ACCENT = "#1a1d21", "#59616c", "#dcdfe4", "#0b57a4"
VARIABLES = {INK: "var(--ink)", SOFT: "var(--soft)", RULE: "var(--rule)", ACCENT: "var(--link)"}
STYLE = {
    "svg.fonttype": "none",
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": SOFT,
    "axes.labelcolor": INK,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": RULE,
    "legend.frameon": False,
}


def confusion_matrix(scores: HeadScores) -> Figure:
    """Each true label's rows by what was predicted for them: the share as colour, the count as number."""
    counts = np.array(scores.confusion)
    shown = [i for i, row in enumerate(counts) if row.sum() or counts[:, i].sum()]
    counts = counts[np.ix_(shown, shown)]
    labels = [scores.labels[i] for i in shown]
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    side = 1.6 + 0.62 * len(labels)
    figure, axes = _figure(max(side + 0.9, 3.4), max(side, 2.6))
    axes.imshow(shares, cmap=matplotlib.colors.LinearSegmentedColormap.from_list("shares", ["#ffffff", ACCENT]), vmin=0, vmax=1)
    for i, row in enumerate(counts):
        for j, count in enumerate(row):
            axes.text(j, i, f"{count}", ha="center", va="center", color="white" if shares[i, j] > 0.5 else INK)
    axes.set_xticks(range(len(labels)), labels, rotation=40, ha="right")
    axes.set_yticks(range(len(labels)), labels)
    axes.set(xlabel="predicted", ylabel="true")
    return figure


def reliability(scores: HeadScores) -> Figure | None:
    """Confidence against accuracy, with the number of rows of each point below: on the diagonal a model knows how sure it is."""
    if scores.calibration is None:
        return None
    points = scores.calibration.reliability
    figure, (axes, rows) = _figure(3.7, 3.7, 2, 1, sharex=True, height_ratios=[4, 1])
    axes.plot([0, 1], [0, 1], color=SOFT, linestyle=":", linewidth=1)
    if points.interval is not None:
        axes.vlines(points.confidence, *points.interval.T, color=ACCENT, linewidth=1)
    axes.plot(points.confidence, points.accuracy, "o", color=ACCENT, markersize=4.5)
    rows.bar(points.confidence, points.rows, width=0.05, color=SOFT)
    low = max(min(float(points.confidence.min()), 0.9) - 0.06, 0)
    axes.set(ylabel="share that is right", ylim=(0, 1.03), xlim=(low, 1.02))
    rows.set(xlabel="how sure the model is", ylabel="rows")
    axes.grid()
    return figure


def risk_coverage(scores: HeadScores) -> Figure | None:
    """The error that is left when only the surest share of the rows is kept."""
    if scores.calibration is None:
        return None
    figure, axes = _figure(3.7, 3.0)
    coverage, risk = zip(*scores.calibration.risk_coverage, strict=True)
    axes.plot([100 * c for c in coverage], [100 * r for r in risk], color=ACCENT, linewidth=1.8)
    axes.set(xlabel="rows kept, the surest first (%)", ylabel="wrong among them (%)", xlim=(0, 101), ylim=(0, None))
    axes.grid()
    return figure


def systems(evaluation: SetEvaluation, head: str) -> Figure | None:
    """Each system's macro-F1 with its interval."""
    shown = [s for s in evaluation.systems if head in s.heads]
    if len(shown) < 2:
        return None
    figure, axes = _figure(5.6, 0.75 + 0.34 * len(shown))
    for k, s in enumerate(reversed(shown)):
        _interval(axes, k, s.heads[head].macro_f1, ACCENT if s is shown[0] else SOFT)
    axes.set_yticks(range(len(shown)), [_short(s.name) for s in reversed(shown)])
    axes.set(xlim=(0, 1), ylim=(-0.6, len(shown) - 0.4), xlabel="macro-F1 and 95% interval")
    axes.grid(axis="x")
    return figure


def slices(scores: HeadScores) -> Figure | None:
    """Each slice's accuracy with its interval, by what it is a slice of; the line is the accuracy of all rows."""
    if not scores.slices:
        return None
    lines: list[tuple[str, object]] = []
    for name in dict.fromkeys(s.name for s in scores.slices):
        lines.append((name, None))
        lines += [(f"{_short(s.value)} ({s.rows})", s) for s in scores.slices if s.name == name]
    figure, axes = _figure(5.6, 0.8 + 0.2 * len(lines))
    overall = scores.metrics["accuracy"].value
    axes.axvline(overall, color=SOFT, linewidth=1, linestyle=":")
    for k, (_, s) in enumerate(reversed(lines)):
        if s is not None:
            _interval(axes, k, s.accuracy, ACCENT)
    axes.set_yticks(range(len(lines)), [n for n, _ in reversed(lines)], fontsize=8)
    for tick, (_, s) in zip(axes.get_yticklabels(), reversed(lines), strict=True):
        tick.set_fontweight("bold" if s is None else "normal")
    axes.tick_params(axis="y", length=0)
    axes.set(xlim=(0, 1), ylim=(-0.7, len(lines) - 0.3), xlabel="accuracy and 95% interval")
    axes.grid(axis="x")
    return figure


def plot_learning_curve(found: Sequence[dict], names: dict[str, str], path: Path) -> None:
    """Labelled mentions -> macro-F1: a line a development set (``names``: key -> label), a dot a run."""
    figure, axes = _figure(6, 3.6)
    sizes = sorted({p["mentions"] for p in found})
    for (key, label), marker in zip(names.items(), "os^v" * len(names)):
        means = [[p[key] for p in found if p["mentions"] == n] for n in sizes]
        (line,) = axes.plot(sizes, [sum(m) / len(m) for m in means], label=label)
        axes.plot([p["mentions"] for p in found], [p[key] for p in found], marker, color=line.get_color(), linestyle="")
    axes.set(xlabel="labelled mentions in training", ylabel="macro-F1")
    axes.set_xlim(left=0)
    axes.grid()
    axes.legend()
    save(figure, path)


def _figure(width: float, height: float, rows: int = 1, columns: int = 1, **settings):
    with plt.rc_context(STYLE):
        return plt.subplots(rows, columns, figsize=(width, height), layout="constrained", **settings)


def _interval(axes, at: float, estimate, colour: str) -> None:
    axes.hlines(at, estimate.low, estimate.high, color=colour, linewidth=1.6)
    axes.plot([estimate.value], [at], "o", color=colour, markersize=5)


def _short(text: str, most: int = 32) -> str:
    """A label of a plot. A dollar sign would begin a formula."""
    text = " ".join(text.split()).replace("$", r"\$")
    return text if len(text) <= most else text[: most - 1] + "…"


def save(figure: Figure, path: Path) -> str:
    """``path`` with .png and .svg; returns the SVG."""
    buffer = io.StringIO()
    with plt.rc_context({**STYLE, "svg.hashsalt": path.name}):
        figure.savefig(path.with_name(path.name + ".png"), dpi=150)
        figure.set_layout_engine("none")  # it is laid out now
        figure.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    path.with_name(path.name + ".svg").write_text(buffer.getvalue(), encoding="utf-8")
    return buffer.getvalue()


def inline(svg: str, title: str, prefix: str) -> str:
    """An SVG as part of a page: with the page's colours and fonts, and a title (plain text) for screen readers.

    ``prefix`` sets its ids apart from those of other pictures.
    """
    from markupsafe import escape

    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r"font: ([^;\"']*?)([\d.]+)px [^;\"]*(?:'[^']*'[^;\"]*)*", r"font: \1\2px var(--sans)", svg)
    svg = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{prefix}-", svg)
    width = float(re.search(r'width="([\d.]+)pt"', svg)[1])
    svg = re.sub(r'<svg ([^>]*?)height="[\d.]+pt"', r"<svg \1", svg, count=1)
    svg = re.sub(r'width="[\d.]+pt"', f'style="width:{width * 1.33:.0f}px" role="img"', svg, count=1)
    return svg.replace(">", f"><title>{escape(title)}</title>", 1)
