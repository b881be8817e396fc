"""Behavioural tests put to a model: what fails, and what swapping one name for another does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from scipy.stats import binomtest

import stance
from stance.labels import HEADS
from stance.training.behaviour.templates import BehaviourTest, Case, Labels, Row

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


def answerable(tests: Sequence[BehaviourTest], labels: Mapping[str, Sequence[str]]) -> list[BehaviourTest]:
    """The tests whose labels a model has (``labels``: head -> names)."""
    return [
        test
        for test in tests
        if all(
            label in labels.get(head, ())
            for template in test.templates
            for piece in template
            for head, label in (*piece.before.items(), *piece.after.items())
        )
    ]


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
