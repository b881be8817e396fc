"""Behavioural tests of a model, after Ribeiro et al. 2020 (CheckList): what it can do, one ability at a time.

    python -m stance.training.behaviour                             # the shipped model, the shipped tests
    python -m stance.training.behaviour my-model --output scores/   # and behaviour.json, behaviour.md
    python -m stance.training.behaviour --tests shipped mine.yaml   # with tests of your own, or only --tests mine.yaml

The tests are YAML, the shipped ones in ``training/behaviour/``. A file of your own may look like this:

    lists:
      village: [Aldern, Brook, Carrow]                  # entries of any number
      mayor:                                            # or entries with fields; gender gives the fields he, him and his
        - {name: Ada Holm, last: Holm, gender: woman}
        - {name: Jan Holm, last: Holm, gender: man}

    tests:
      - name: mayors deny
        capability: denial            # the table's heading: any word
        kind: mft                     # minimum functionality: each actor has the label that is written in it
        decisions: [5]                # of the codebook, if you like
        sentences: 20                 # how many are made, in turn of the templates; 30 unless given
        templates:
          - "[{mayor}: denying] rejected a plan to flood {village}, and [{mayor2}: unknown] has yet to comment."
          - "[{mayor}: denying, neutral] denied that [{mayor.he} = {mayor}: denying] had sold {village}."

      - name: mayors of any gender
        capability: fairness
        kind: inv                     # invariance: no label, stance or sentiment, may change; so none is written
        changes:
          - swap all: mayor.gender    # every other value of that field, all else as alike as can be; measured as bias
          - swap: village             # one other entry
          - end: ", officials said earlier this week"
          - start: "On Tuesday, "
          - replace: {did not: didn't}
          - upper case                # or typographic quotes, straight quotes, trailing white space
        templates:
          - "[{mayor}] did not sell {village}."

      - name: confirmed or not
        capability: negation
        kind: dir                     # directional: the change moves the label from one -> to another; both have to be so
        changes: [replace: {confirmed: has not confirmed}]
        templates:
          - "[{mayor}: confirming -> unknown] confirmed that {village} was sold."

``{mayor}`` and ``{mayor2}`` are two entries of the list *mayor*, ``{mayor.last}`` is a field of one. Brackets mark an actor,
``[words: label]`` or ``[words = name of the actor: label]``, with a stance, a sentiment or both. Put quotes around each template.
Begin it in lower case, where it has no name: a sentence gets its capital. The shipped lists (``lists.yaml``) may be used; a list
of the same name replaces one, in the shipped tests too.

A case is one marked actor of one made sentence. Cases of one template are alike, so an interval tells how sure the rate is for
sentences of these templates, not for news.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from scipy.stats import binomtest

import stance
from stance.training.behaviour_templates import HEADS, KINDS, SHIPPED, BehaviourTest, Case, Labels, Row, load

EXAMPLES = 3


class Classifier(Protocol):
    """What is tested: ``StanceClassifier``, or anything that answers rows as it does."""

    def predict_many(self, rows: Iterable[dict[str, object]]) -> list[stance.Prediction]: ...


@dataclass(frozen=True)
class Failure:
    """A case that failed. ``unchanged`` is the sentence before the change, empty if there is none."""

    sentence: str
    actor: str
    expected: str
    got: str
    change: str = ""
    unchanged: str = ""


@dataclass(frozen=True)
class Exchange:
    """An actor before and after a ``swap all``: the values of what was swapped, the rows and what the model says of them."""

    swap: str
    groups: tuple[str, ...]
    rows: tuple[Row, ...]
    predictions: tuple[stance.Prediction, ...]


@dataclass
class TestResult:
    """One test's outcome. ``interval``: of the failure rate, 95%, after Wilson 1927; ``by_head``: the failures of each label."""

    name: str
    capability: str
    kind: str
    decisions: tuple[int, ...]
    cases: int
    failures: int
    interval: tuple[float, float]
    by_head: dict[str, int]
    examples: list[Failure]
    exchanges: list[Exchange] = field(default_factory=list, repr=False)

    @property
    def failure_rate(self) -> float:
        return self.failures / max(self.cases, 1)

    def to_dict(self) -> dict[str, Any]:
        """As plain data, without the exchanges."""
        plain = {k: v for k, v in vars(self).items() if k not in ("exchanges", "examples")}
        return {**plain, "failure_rate": self.failure_rate, "examples": [asdict(f) for f in self.examples]}


@dataclass
class Bias:
    """What swapping one thing for another does to the actor that it is part of.

    ``changed``: how often its label changes, by head. ``shift``: the mean absolute change of each label's probability.
    ``groups``: value (a country, a gender) -> head -> label -> mean probability, over the same sentences for every value.
    """

    swap: str
    pairs: int
    changed: dict[str, float]
    shift: dict[str, dict[str, float]]
    groups: dict[str, dict[str, dict[str, float]]]


def run(classifier: Classifier, tests: Sequence[BehaviourTest], seed: int = 0) -> list[TestResult]:
    """The outcome of each test; all their sentences are read in one call of ``predict_many``."""
    made = [(test, test.cases(seed)) for test in tests]
    rows = list(dict.fromkeys(row for _, cases in made for case in cases for row in case.rows))
    answers = dict(zip(rows, classifier.predict_many([asdict(row) for row in rows]), strict=True))
    return [_result(test, cases, answers) for test, cases in made]


def wilson_interval(failures: int, cases: int) -> tuple[float, float]:
    """The 95% interval of a rate."""
    if not cases:
        return 0.0, 1.0
    interval = binomtest(failures, cases).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def _result(test: BehaviourTest, cases: Sequence[Case], answers: dict[Row, stance.Prediction]) -> TestResult:
    checked, by_head = 0, dict.fromkeys(HEADS, 0)
    failed: list[tuple[float, int, Failure]] = []
    exchanges = []
    for case in cases:
        seen = tuple(answers[row] for row in case.rows)
        heads = _heads(case, seen)
        checked += bool(heads)
        if wrong := [head for head in heads if not _holds(case, seen, head)]:
            for head in wrong:
                by_head[head] += 1
            sureness = max(_probability(seen[-1], head) for head in wrong)
            failed.append((sureness, case.template, _failure(case, seen, wrong)))
        if case.swapped:
            exchanges.append(Exchange(case.swapped, case.groups, case.rows, seen))
    return TestResult(
        test.name,
        test.capability,
        test.kind,
        test.decisions,
        checked,
        len(failed),
        wilson_interval(len(failed), checked),
        by_head,
        _telling(failed),
        exchanges,
    )


def _heads(case: Case, seen: Sequence[stance.Prediction]) -> list[str]:
    """The heads that a case is about and that the model has."""
    named = case.expected[0] if case.expected else HEADS
    return [head for head in named if not all(p.found and not _probabilities(p, head) for p in seen)]


def _holds(case: Case, seen: Sequence[stance.Prediction], head: str) -> bool:
    if not all(p.found for p in seen):
        return False
    labels = [getattr(p, head) for p in seen]
    return labels == [wanted[head] for wanted in case.expected] if case.expected else labels[0] == labels[1]


def _probabilities(p: stance.Prediction, head: str) -> dict[str, float]:
    return dict(getattr(p, f"{head}_probabilities"))


def _probability(p: stance.Prediction, head: str) -> float:
    return getattr(p, f"{head}_score") or 0.0


def _failure(case: Case, seen: Sequence[stance.Prediction], wrong: Sequence[str]) -> Failure:
    got = [", ".join(_told(p, head) for head in wrong) for p in seen]
    wanted = [_named(labels, wrong) for labels in case.expected] or ["the same label"]
    return Failure(
        case.rows[-1].sentence,
        case.rows[-1].actor,
        " -> ".join(dict.fromkeys(wanted)),
        " -> ".join(got),
        case.change,
        case.rows[0].sentence if len(case.rows) > 1 else "",
    )


def _told(p: stance.Prediction, head: str) -> str:
    if not p.found:
        return f"not found ({p.reason})"
    return f"{getattr(p, head) or 'unsure'} {_probability(p, head):.0%}"


def _named(labels: Labels, heads: Sequence[str]) -> str:
    return ", ".join(labels[head] for head in heads)


def _telling(failed: Sequence[tuple[float, int, Failure]]) -> list[Failure]:
    """A few of the failures: the surest of each template first."""
    per_template: dict[int, int] = {}
    ranked = []
    for sureness, template, failure in sorted(failed, key=lambda x: (-x[0], x[2].sentence, x[2].actor)):
        nth = per_template[template] = per_template.get(template, 0) + 1
        ranked.append((nth, -sureness, failure))
    return [failure for *_, failure in sorted(ranked, key=lambda x: x[:2])[:EXAMPLES]]


def bias(results: Sequence[TestResult]) -> list[Bias]:
    """What each ``swap all`` of the tests did: to a country, a gender, a party."""
    swaps: dict[str, list[Exchange]] = {}
    for result in results:
        for exchange in result.exchanges:
            if all(p.found for p in exchange.predictions):
                swaps.setdefault(exchange.swap, []).append(exchange)
    return [_bias(swap, exchanges) for swap, exchanges in swaps.items()]


def _bias(swap: str, exchanges: Sequence[Exchange]) -> Bias:
    changed, shift, groups = {}, {}, {}
    for head in HEADS:
        pairs = [tuple(_probabilities(p, head) for p in e.predictions) for e in exchanges]
        if not all(a and b for a, b in pairs):
            continue
        changed[head] = _mean(getattr(e.predictions[0], head) != getattr(e.predictions[1], head) for e in exchanges)
        shift[head] = {label: _mean(abs(a[label] - b[label]) for a, b in pairs) for label in pairs[0][0]}
        # A sentence is in several pairs, and counts once.
        by_group: dict[str, dict[Row, dict[str, float]]] = {}
        for exchange, pair in zip(exchanges, pairs):
            for group, row, probabilities in zip(exchange.groups, exchange.rows, pair):
                by_group.setdefault(group, {})[row] = probabilities
        for group in sorted(by_group):
            values = list(by_group[group].values())
            groups.setdefault(group, {})[head] = {label: _mean(v[label] for v in values) for label in shift[head]}
    return Bias(swap, len(exchanges), changed, shift, groups)


def _mean(values: Iterable[float]) -> float:
    values = list(values)
    return sum(values) / len(values)


# --- the report -----------------------------------------------------------------------------------------------------


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
    labels = [(head, label) for head in HEADS for label in HEADS[head]]
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
            if head in b.shift:
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


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="default", help="a model folder, a hub name, or default, the shipped one")
    parser.add_argument("--tests", nargs="+", default=["shipped"], help="YAML files or folders; the shipped ones unless given")
    parser.add_argument("--output", type=Path, help="a folder for behaviour.json and behaviour.md")
    parser.add_argument("--seed", type=int, default=0, help="another seed draws other fillers")
    parser.add_argument("--threads", type=int, default=0, help="of the encoder; 0: one a core")
    args = parser.parse_args(arguments)
    try:
        tests = load([SHIPPED if name == "shipped" else Path(name) for name in args.tests])
        if args.output:
            args.output.mkdir(parents=True, exist_ok=True)
        classifier = stance.load(args.model, args.threads)
        results = run(classifier, tests, args.seed)
        text = f"# Behaviour of {classifier.config.name}\n\nSeed {args.seed}. {report(results)}"
        print(text)
        if args.output:
            scores = {
                "model": classifier.config.name,
                "seed": args.seed,
                "tests": [r.to_dict() for r in results],
                "bias": [asdict(b) for b in bias(results)],
            }
            (args.output / "behaviour.json").write_text(json.dumps(scores, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            (args.output / "behaviour.md").write_text(text + "\n", encoding="utf-8")
    except (ValueError, OSError) as error:
        reason = f"{error.filename}: {error.strerror}" if isinstance(error, OSError) and error.filename else error
        sys.exit(f"stance: {' '.join(str(reason).split())}")


if __name__ == "__main__":
    main()
