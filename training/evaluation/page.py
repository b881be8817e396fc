"""An evaluation, or a comparison, as one self-contained page."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from stance.labels import HEADS
from stance.palette import palette
from stance.training import behaviour
from stance.training.evaluation import markdown, plots
from stance.training.evaluation.comparison import Comparison
from stance.training.evaluation.errors import ranked_errors
from stance.training.evaluation.run import Evaluation, SetEvaluation

TEMPLATES = Path(__file__).parent / "templates"
ERRORS = 15


def page(evaluation: Evaluation, drawn: Mapping[tuple[str, str, str], str]) -> str:
    """HTML, with the plots in it. ``drawn``: (set, head, plot) -> SVG."""
    from markupsafe import Markup

    from stance.report.page import render

    def plot(name: str, head: str, kind: str, title: str) -> Markup | None:
        svg = drawn.get((name, head, kind))
        number = list(drawn).index((name, head, kind)) if svg else 0
        return Markup(plots.inline(svg, title, f"p{number}")) if svg else None

    labels = {
        head: palette(dict.fromkeys(x for s in evaluation.sets if head in s.first.heads for x in s.first.heads[head].labels))
        for head in HEADS
    }
    worst = sorted(evaluation.behaviour, key=lambda r: (-r.failure_rate, -r.cases, r.name))
    return render(
        "evaluation.html",
        title=f"Evaluation of {evaluation.model}",
        styles=["evaluation.css"],
        folders=[TEMPLATES],
        labels={head: swatches for head, swatches in labels.items() if swatches},
        kicker="stance evaluate",
        lede=_lede(evaluation),
        footer=_footer(evaluation),
        evaluation=evaluation,
        answers=[_answers(s) for s in evaluation.sets],
        class_of={head: {x: f"{head}{i}" for i, x in enumerate(swatches)} for head, swatches in labels.items()},
        signs={head: {x: s.sign for x, s in swatches.items()} for head, swatches in labels.items()},
        plot=plot,
        errors=lambda s, head: ranked_errors(s.first.scored, head),
        most_errors=ERRORS,
        best_other=_best_other,
        metrics=markdown.METRICS,
        worst=worst,
        lowest=lambda h: math.floor(10 * min(x.accuracy.low for x in h.slices)) / 10,
        kinds=behaviour.KINDS,
        wilson=behaviour.wilson_interval,
        bias=[(b, markdown.bias_cells(b)) for b in behaviour.bias(evaluation.behaviour)],
        p_text=markdown.p_text,
        link_text=markdown.link_text,
    )


def comparison_page(compared: Mapping[str, Mapping[str, Comparison]], samples: int, seed: int) -> str:
    """HTML. ``compared``: set -> head -> the comparison."""
    from stance.report.page import render

    names = list(dict.fromkeys(m.name for heads in compared.values() for c in heads.values() for m in c.models))
    return render(
        "comparison.html",
        title="Comparison of models",
        styles=["evaluation.css"],
        folders=[TEMPLATES],
        kicker="stance compare",
        lede=", ".join(names),
        footer=(
            f"Intervals are 95%, from {samples:,} bootstrap samples of whole articles (seed {seed}), the same articles for every "
            "model. McNemar's test is of being right equally often. Each p is corrected for all pairs of its table after Holm."
        ),
        compared=compared,
        verdict=_verdict,
        p_text=markdown.p_text,
    )


def _verdict(c: Comparison) -> str:
    """Who is best, and whether by more than chance, in a sentence."""
    best = max(c.models, key=lambda m: m.macro_f1)
    against = [p for p in c.pairs if best.name in (p.first, p.second)]
    beaten = [p.second if p.first == best.name else p.first for p in against if p.macro_f1_p_holm < 0.05]
    equal = [p.second if p.first == best.name else p.first for p in against if p.macro_f1_p_holm >= 0.05]
    told = [f"{best.name} has the best macro-F1, {best.macro_f1:.3f}."]
    if beaten:
        told.append(f"It is better than {', '.join(beaten)} by more than chance (p under 0.05).")
    if equal:
        told.append(f"Against {', '.join(equal)} the difference may be chance.")
    return " ".join(told)


def _lede(evaluation: Evaluation) -> str:
    rows = sum(s.rows for s in evaluation.sets)
    sets = f" in {len(evaluation.sets)} sets" if len(evaluation.sets) > 1 else ""
    articles = sum(s.articles for s in evaluation.sets)
    asked = "How good it is, how sure that is, where it fails, and against what."
    return f"{rows:,} labelled mentions of {articles:,} articles{sets}. {asked}"


def _footer(evaluation: Evaluation) -> str:
    parts = [f"Made by {evaluation.command}." if evaluation.command else ""]
    parts.append(
        f"Intervals are 95%, from {evaluation.samples:,} bootstrap samples of whole articles (seed {evaluation.seed}), since the "
        "mentions of one article are not independent."
    )
    if evaluation.training:
        parts.append(f"Seen and unseen actors and cues are told by {evaluation.training}.")
    return " ".join(p for p in parts if p)


def _answers(s: SetEvaluation) -> dict[str, list[tuple[str, str]]]:
    """By head: the four questions that a reader has, each answered in a sentence."""
    found = {}
    for head, h in s.first.heads.items():
        m = h.macro_f1
        answers = [
            (
                "How good?",
                f"Macro-F1 {m.value:.3f}; {h.metrics['accuracy'].value:.1%} of {h.rows:,} labels right.",
            ),
            (
                "How sure?",
                f"Macro-F1 is {m.low:.3f} to {m.high:.3f} (95%, over articles). {_calibrated(h)}",
            ),
            ("Where does it fail?", _fails(h)),
        ]
        if head in s.comparisons:
            answers.append(("Against what?", _against(s, head)))
        found[head] = answers
    return found


def _best_other(s: SetEvaluation, head: str) -> str:
    others = [(x.heads[head].macro_f1.value, x.name) for x in s.systems[1:] if head in x.heads]
    return "{1}, {0:.3f}".format(*max(others)) if others else "-"


def _calibrated(h) -> str:
    if h.calibration is None:
        return "It gives no probabilities."
    return f"Its probabilities are off by {h.calibration.expected_error:.3f} on average."


def _fails(h) -> str:
    known = {label: p for label, p in h.per_label.items() if p["support"]}
    label = min(known, key=lambda x: known[x]["f1"].value)
    p = known[label]
    row = h.confusion[h.labels.index(label)]
    taken = max((i for i in range(len(row)) if h.labels[i] != label), key=row.__getitem__, default=None)
    text = f"Worst at {label}: F1 {p['f1'].value:.2f} ({p['support']} rows)"
    if taken is not None and row[taken]:
        text += f", {row[taken]} of them taken for {h.labels[taken]}"
    worse = sorted((x for x in h.slices if x.clearly_worse), key=lambda x: x.gap.value)
    if worse:
        told = ", ".join(f"{x.name}: {x.value} ({x.accuracy.value:.0%} right)" for x in worse[:2])
        return f"{text}. Clearly below the rest: {told}."
    return f"{text}. No slice is clearly below the rest."


def _against(s: SetEvaluation, head: str) -> str:
    pairs = s.comparisons[head].pairs
    scores = {m.name: m.macro_f1 for m in s.comparisons[head].models}
    best = max(pairs, key=lambda p: scores[p.second])
    d = best.macro_f1
    sure = "" if best.macro_f1_p_holm < 0.05 else "; that may be chance"
    return (
        f"The best other, {best.second}, has {scores[best.second]:.3f}: {d.value:+.3f} for {best.first} "
        f"({d.interval[0]:+.3f} to {d.interval[1]:+.3f}, p {markdown.p_text(best.macro_f1_p_holm)}{sure})."
    )
