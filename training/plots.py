"""The plots of an evaluation and of a learning curve, as PNG and SVG."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib

matplotlib.use("Agg")  # no display needed
import matplotlib.pyplot as plt
from matplotlib.figure import Figure

if TYPE_CHECKING:
    from stance.training.evaluation import SetScores


def plot_risk_coverage(results: Sequence[SetScores], path: Path) -> None:
    """The error that is left when only the surest share of the stances is kept; a line a set."""
    scored = [r for r in results if "stance" in r.heads and r.heads["stance"].risk_coverage]
    if not scored:
        return
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for r, style in zip(scored, ("-", "--", ":", "-.") * len(scored)):
        axes.plot(*zip(*r.heads["stance"].risk_coverage), style, label=r.name)
    axes.set(xlabel="share of mentions kept, the surest first", ylabel="wrong stances among them", xlim=(0, 1))
    _finish(figure, path)


def plot_learning_curve(found: Sequence[dict], names: dict[str, str], path: Path) -> None:
    """Labelled mentions -> macro-F1: a line a development set (``names``: key -> label), a dot a run."""
    figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
    sizes = sorted({p["mentions"] for p in found})
    for (key, label), marker in zip(names.items(), "os^v" * len(names)):
        means = [[p[key] for p in found if p["mentions"] == n] for n in sizes]
        (line,) = axes.plot(sizes, [sum(m) / len(m) for m in means], label=label)
        axes.plot([p["mentions"] for p in found], [p[key] for p in found], marker, color=line.get_color(), linestyle="")
    axes.set(xlabel="labelled mentions of real news in training", ylabel="stance macro-F1 on the development gold")
    axes.set_xlim(left=0)
    _finish(figure, path)


def _finish(figure: Figure, path: Path) -> None:
    for axes in figure.axes:
        axes.grid(alpha=0.3)
        axes.legend()
    for suffix in (".png", ".svg"):
        figure.savefig(path.with_suffix(suffix), dpi=150)
    plt.close(figure)
