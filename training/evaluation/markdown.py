"""An evaluation as Markdown: the headline (what the command prints), and the whole report."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from stance.labels import HEADS
from stance.training import behaviour
from stance.training.evaluation import comparison
from stance.training.evaluation.crossvalidation import CrossValidation
from stance.training.evaluation.errors import Error, ranked_errors
from stance.training.evaluation.run import Evaluation, SetEvaluation
from stance.training.evaluation.scores import Estimate, HeadScores, SliceScores
from stance.training.evaluation.spans import EXACT, OVERLAPPING, POSITION, WITH_STANCE

METRICS = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy, micro-F1",
    "weighted_f1": "weighted F1",
    "matthews": "Matthews correlation",
    "kappa": "Cohen's kappa",
}
ERRORS = 15
FOUND = {
    EXACT: "exactly",
    OVERLAPPING: "sharing a word",
    POSITION: "of actors that hold a position",
    WITH_STANCE: "found with the right stance",
}


def headline(evaluation: Evaluation) -> str:
    """The scores of all sets in a few tables."""
    lines = ["Intervals are 95%, by bootstrap over articles.", ""]
    for head in HEADS:
        here = [s for s in evaluation.sets if head in s.first.heads]
        if not here:
            continue
        names = list(dict.fromkeys(x.name for s in here for x in s.systems if head in x.heads))
        lines += [f"{head.capitalize()} on given mentions, macro-F1:", ""]
        lines += table(
            ["set", "mentions", *names], [[s.name, str(s.first.heads[head].rows), *_per_system(s, head, names)] for s in here]
        )
        labels = list(dict.fromkeys(label for s in here for label in s.first.heads[head].per_label))
        lines += [
            f"Each label's F1 by {evaluation.model}, and how far the probabilities are off (expected calibration error):",
            "",
        ]
        lines += table(["set", *labels, "calibration error"], [[s.name, *_label_f1(s.first.heads[head], labels)] for s in here])
    found = [s for s in evaluation.sets if s.found]
    if found:
        kinds = [k for k in FOUND if any(k in s.found for s in found)]
        lines += [
            "Finding the mentions, F1: " + ", ".join(FOUND[k] for k in kinds) + ":",
            "",
        ]
        short = {POSITION: "with a position", WITH_STANCE: "with the right stance"}
        names = [short.get(k, k) for k in kinds]
        lines += table(
            ["set", *names], [[s.name, *(f"{s.found[k].f1.value:.3f}" if k in s.found else "" for k in kinds)] for s in found]
        )
    if evaluation.links:
        lines += ["Linking the mentions:", ""]
        lines += table(["set", "scores"], [[name, link_text(scores)] for name, scores in evaluation.links.items()])
    if evaluation.behaviour:
        lines += behaviour_summary(evaluation.behaviour)
    for s in evaluation.sets:
        lines += [f"Note on {s.name}: {note}" for note in s.notes]
    return "\n".join(lines).rstrip()


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    cells = [list(head), ["---"] * len(head), *([cell(str(c)) for c in row] for row in rows)]
    return [*(f"| {' | '.join(row)} |" for row in cells), ""]


def cell(text: str) -> str:
    """Text of users and articles as it stands: nothing of it is a column, a tag, a link or a line of its own."""
    text = " ".join(text.split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"[\\`*\[\]|]|(?<!\w)_|_(?!\w)", r"\\\g<0>", text)


def interval(e: Estimate, digits: int = 3) -> str:
    return f"{e.value:.{digits}f} ({e.low:.{digits}f} to {e.high:.{digits}f})"


def _per_system(s: SetEvaluation, head: str, names: Sequence[str]) -> list[str]:
    scores = {x.name: x.heads.get(head) for x in s.systems}
    cells = []
    for name in names:
        h = scores.get(name)
        if h is None:
            cells.append("-")
        elif name == s.first.name:
            cells.append(f"{h.macro_f1.value:.3f} ({h.macro_f1.low:.2f} to {h.macro_f1.high:.2f})")
        else:
            cells.append(f"{h.macro_f1.value:.3f}")
    return cells


def _label_f1(h: HeadScores, labels: Sequence[str]) -> list[str]:
    cells = [f"{h.per_label[x]['f1'].value:.2f}" if x in h.per_label and h.per_label[x]["support"] else "-" for x in labels]
    return [*cells, f"{h.calibration.expected_error:.3f}" if h.calibration else "-"]


def link_text(scores: Mapping[str, Estimate | int]) -> str:
    def told(name: str, score: Estimate | int) -> str:
        if isinstance(score, int):
            return f"{score} {name}"
        interval = f" ({score.low:.3f} to {score.high:.3f})" if name in ("f1", "conll_f1") else ""
        return f"{name.replace('_', ' ')} {score.value:.3f}{interval}"

    return ", ".join(told(name, score) for name, score in scores.items())


def behaviour_summary(results: Sequence[behaviour.TestResult]) -> list[str]:
    """Failure rates by kind, and what swaps of country, gender and party do."""
    lines = [
        f"Behavioural tests: {len(results)} tests, {sum(r.cases for r in results)} cases; failure rates (Wilson intervals):",
        "",
    ]
    rows = []
    for kind, name in behaviour.KINDS.items():
        here = [r for r in results if r.kind == kind]
        cases, failures = sum(r.cases for r in here), sum(r.failures for r in here)
        if cases:
            low, high = behaviour.wilson_interval(failures, cases)
            rows.append([name, str(len(here)), str(cases), f"{failures / cases:.1%} ({low:.1%} to {high:.1%})"])
    lines += table(["kind", "tests", "cases", "failure rate"], rows)
    if found := behaviour.bias(results):
        lines += ["Bias: how often the label changes when only this is swapped, and the label whose probability moves most:", ""]
        lines += table(["swapped", "pairs", "stance changes", "sentiment changes", "moves most"], [bias_cells(b) for b in found])
    return lines


def bias_cells(b: behaviour.Bias) -> list[str]:
    moves = [(v, label) for shift in b.shift.values() for label, v in shift.items()]
    most = max(moves, default=None)
    changed = [f"{b.changed[h]:.1%}" if h in b.changed else "-" for h in HEADS]
    return [b.swap.replace(".", ", "), str(b.pairs), *changed, f"{most[1]}, by {most[0]:.1%}" if most else "-"]


# --- the report -----------------------------------------------------------------------------------------------------


def report(evaluation: Evaluation) -> str:
    """The whole evaluation."""
    lines = [f"# Evaluation of {cell(evaluation.model)}", ""]
    if evaluation.command:
        lines += [f"Made by `{evaluation.command}`; {evaluation.samples} bootstrap samples, seed {evaluation.seed}.", ""]
    lines += [headline(evaluation), ""]
    for s in evaluation.sets:
        lines += [f"## {cell(s.name)}", "", *set_report(s), *_comparisons(s), *_slices(s), *_errors(s)]
    if evaluation.crossvalidation:
        lines += ["## Cross-validation", "", *crossvalidation(evaluation.crossvalidation)]
    if evaluation.behaviour:
        lines += ["## Behavioural tests", "", behaviour.report(evaluation.behaviour).replace("\n## ", "\n### "), ""]
    return "\n".join(lines).rstrip()


def card(evaluation: Evaluation) -> str:
    """What a model card holds: the headline, and each set's metrics, labels and confusion matrix."""
    lines = [headline(evaluation), ""]
    for s in evaluation.sets:
        lines += [f"### {cell(s.name)}", "", *set_report(s)]
    return "\n".join(lines).rstrip()


def set_report(s: SetEvaluation) -> list[str]:
    """Of the evaluated system: every metric, each label, the confusion matrix, calibration, and how mentions are found."""
    lines = []
    for head, h in s.first.heads.items():
        lines += [f"{head.capitalize()}, {h.rows} given mentions of {h.articles} articles", ""]
        shown = [x for x in s.systems if head in x.heads]
        lines += table(
            ["system", *METRICS.values()], [[x.name, *(interval(x.heads[head].metrics[m]) for m in METRICS)] for x in shown]
        )
        lines += [f"{cell(s.first.name)}: each label, and what was predicted for it", ""]
        rows = [
            [x, *(interval(p[k], 2) for k in ("precision", "recall", "f1")), str(p["support"]), *map(str, h.confusion[i])]
            for i, x in enumerate(h.labels)
            if (p := h.per_label.get(x))
        ]
        lines += table(["true label", "precision", "recall", "F1", "support", *(f"as {x}" for x in h.labels)], rows)
        if h.calibration:
            c = h.calibration
            brier = f", Brier score {interval(c.brier)}" if c.brier else ""
            kept = ", ".join(f"{r:.1%} of {v:.0%}" for v, r in c.risk_coverage[3::4])
            lines += [f"Expected calibration error {c.expected_error:.3f}{brier}. Wrong among the surest share: {kept}.", ""]
    if s.found:
        lines += ["Mentions found in plain text", ""]
        lines += table(
            ["match", "precision", "recall", "F1"],
            [[k, *(interval(e) for e in (f.precision, f.recall, f.f1))] for k, f in s.found.items()],
        )
    return lines


def _comparisons(s: SetEvaluation) -> list[str]:
    lines = []
    for head, c in s.comparisons.items():
        lines += [f"### {head.capitalize()}: against what", "", *comparison.report(c).splitlines(), ""]
    return lines


def _slices(s: SetEvaluation) -> list[str]:
    lines = []
    for head, h in s.first.heads.items():
        if not h.slices:
            continue
        lines += [f"### {head.capitalize()}: where it fails", "", slice_note(h.slices), ""]
        lines += table(
            ["slice", "value", "mentions", "articles", "accuracy", "macro-F1", "accuracy minus the rest's", "p (Holm)"],
            [
                [
                    x.name,
                    x.value,
                    str(x.rows),
                    str(x.articles),
                    interval(x.accuracy),
                    interval(x.macro_f1),
                    signed(x.gap),
                    p_text(x.p),
                ]
                for x in h.slices
            ],
        )
    return lines


def slice_note(slices: Sequence[SliceScores]) -> str:
    worse = sorted((x for x in slices if x.clearly_worse), key=lambda x: x.gap.value)
    if not worse:
        return "No slice is clearly worse than the rest (p under 0.05, corrected for all slices)."
    told = ", ".join(
        f"{cell(x.name)}: {cell(x.value)} ({x.accuracy.value:.2f}, the rest {x.accuracy.value - x.gap.value:.2f})"
        for x in worse[:6]
    )
    return f"Clearly less accurate than the rest (p under 0.05, corrected for all slices): {told}."


def signed(e: Estimate) -> str:
    return f"{e.value:+.3f} ({e.low:+.3f} to {e.high:+.3f})"


def p_text(p: float) -> str:
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def _errors(s: SetEvaluation) -> list[str]:
    lines = []
    for head in s.first.heads:
        wrong = ranked_errors(s.first.scored, head)
        if wrong:
            lines += [
                f"### {head.capitalize()}: the surest errors",
                "",
                f"{len(wrong)} errors; all of them are in errors.csv.",
                "",
            ]
            lines += table(["sure", "true", "predicted", "mention", "sentence"], [_error_cells(e) for e in wrong[:ERRORS]])
    return lines


def _error_cells(e: Error) -> list[str]:
    sure = "-" if e.confidence is None else f"{e.confidence:.0%}"
    return [sure, e.truth, e.guess, e.mention if e.mention == e.actor else f"{e.mention} ({e.actor})", e.sentence]


def crossvalidation(c: CrossValidation) -> list[str]:
    lines = [f"{c.folds} folds by article, seeds {', '.join(map(str, c.seeds))}. Mean and standard deviation (n - 1).", ""]
    lines += table(
        ["head", "macro-F1 over seeds", "over folds", "accuracy over seeds", "over folds"],
        [
            [
                head,
                *(
                    f"{x.mean:.3f} ± {x.deviation:.3f}"
                    for m in ("macro_f1", "accuracy")
                    for x in (c.over_seeds(head, m), c.over_folds(head, m))
                ),
            ]
            for head in c.heads
        ],
    )
    lines += table(
        ["seed", "fold", "mentions", *(f"{h} macro-F1" for h in c.heads)],
        [
            [
                str(r.seed),
                str(r.fold),
                str(r.rows),
                *(f"{r.scores[h]['macro_f1']:.3f}" if h in r.scores else "-" for h in c.heads),
            ]
            for r in c.runs
        ],
    )
    return lines
