"""The outcomes of behavioural tests as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

from stance.labels import HEADS
from stance.training.behaviour.suite import Bias, TestResult, bias, wilson_interval
from stance.training.behaviour.templates import KINDS


def report(results: Sequence[TestResult]) -> str:
    """The outcomes as Markdown: by kind and by capability, each test, the worst first, and what swaps do."""
    worst = sorted(results, key=lambda r: (-r.failure_rate, -r.cases, r.name))
    lines = [
        f"{len(results)} tests, {sum(r.cases for r in results)} cases. Failure rates, with 95% intervals (Wilson) for "
        "sentences of these templates.",
        "",
        *_table(
            ["kind", "tests", "cases", "failure rate"],
            [[f"{k}: {KINDS[k]}", *_counts(here)] for k in KINDS if (here := [r for r in results if r.kind == k])],
        ),
        *_table(
            ["capability", "tests", "cases", "failure rate", *KINDS],
            [
                [name, *_counts(here), *(_rate([r for r in here if r.kind == k]) for k in KINDS)]
                for name in dict.fromkeys(r.capability for r in results)
                for here in [[r for r in results if r.capability == name]]
            ],
        ),
        "## Tests, the worst first",
        "",
        *_table(
            ["test", "capability", "kind", "codebook", "cases", "failure rate", "stance", "sentiment"],
            [
                [r.name, r.capability, r.kind, ", ".join(map(str, r.decisions)), *_counts([r])[1:], *map(str, r.by_head.values())]
                for r in worst
            ],
        ),
        *_failures([r for r in worst if r.failures]),
        *_swaps(bias(results)),
    ]
    return "\n".join(lines).rstrip()


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    cells = [head, ["---"] * len(head), *([c.replace("|", "\\|") for c in row] for row in rows)]
    return [*(f"| {' | '.join(row)} |" for row in cells), ""]


def _counts(results: Sequence[TestResult]) -> list[str]:
    cases, failures = sum(r.cases for r in results), sum(r.failures for r in results)
    low, high = wilson_interval(failures, cases)
    rate = f"{_rate(results)} ({low:.1%} to {high:.1%})" if cases else "-"
    return [str(len(results)), str(cases), rate]


def _rate(results: Sequence[TestResult]) -> str:
    cases = sum(r.cases for r in results)
    return f"{sum(r.failures for r in results) / cases:.1%}" if cases else "-"


def _failures(results: Sequence[TestResult]) -> list[str]:
    lines = ["## Examples of failures", ""] if results else []
    for r in results:
        lines += [f"**{r.name}** ({r.kind}, {r.failures} of {r.cases})", ""]
        for f in r.examples:
            change = f" ({f.change}; before: {f.unchanged.strip()})" if f.unchanged else ""
            lines.append(f"- {f.actor}: expected {f.expected}, got {f.got}: {f.sentence.strip()}{change}")
        lines.append("")
    return lines


def _swaps(biases: Sequence[Bias]) -> list[str]:
    if not biases:
        return []
    labels = list(dict.fromkeys((head, label) for b in biases for head in b.shift for label in b.shift[head]))
    lines = ["## Swaps", "", "How often the swapped actor's label changes, and the mean absolute change of each probability", ""]
    lines += _table(
        ["swap", "pairs", "stance changes", "sentiment changes", *(label for _, label in labels)],
        [
            [b.swap, str(b.pairs), *(_percent(b.changed.get(head)) for head in HEADS)]
            + [_percent(b.shift.get(head, {}).get(label)) for head, label in labels]
            for b in biases
        ],
    )
    for b in biases:
        lines += [f"Mean probability of each label by {b.swap}, over the same sentences; the most negative first", ""]
        order = _ranked(b, "sentiment", "negative")
        for head, label in (("stance", "denying"), ("sentiment", "negative")):
            if label in b.shift.get(head, {}):
                ends = [_ranked(b, head, label)[i] for i in (0, -1)]
                most, least = (f"{g} ({_percent(b.groups[g][head][label])})" for g in ends)
                lines += [f"Most {label}: {most}; least: {least}.", ""]
        lines += _table(
            [b.swap, *(label for _, label in labels)],
            [[g, *(_percent(b.groups[g].get(head, {}).get(label)) for head, label in labels)] for g in order],
        )
    return lines


def _ranked(b: Bias, head: str, label: str) -> list[str]:
    """The groups, that to which the model gives most of a label first."""
    return sorted(b.groups, key=lambda g: (-b.groups[g].get(head, {}).get(label, 0.0), g))


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.1%}"
