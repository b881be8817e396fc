"""``stance evaluate``: a model on labelled text, beside the baselines.

Given mentions are scored through ``StanceClassifier.predict_many``, the way a user's table is; mentions are found through
``analyze``. Sets of real news are development sets: models are chosen on them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import stance
from stance.training import baselines as baseline
from stance.training import coreference, links, partial, sources
from stance.training.card import LOG, write_card
from stance.training.corpus import Document, articles, splits
from stance.training.metrics import (
    classification_scores,
    confusion,
    expected_calibration_error,
    macro_f1_interval,
    risk_coverage,
)
from stance.training.plots import plot_risk_coverage


@dataclass
class LabelledRow:
    """A labelled mention as a row that a classifier or a baseline takes."""

    row: dict
    group: str
    stance: str | None
    sentiment: str | None


@dataclass
class HeadScores:
    """One head's scores on one set. ``confusion``: rows true, columns predicted, in the order of ``labels``."""

    labels: list[str]
    rows: int
    macro_f1: float
    interval: tuple[float, float]
    accuracy: float
    per_label: dict[str, dict[str, float]]
    confusion: list[list[int]]
    calibration_error: float | None = None
    # The error among the surest share of the rows, at ten coverages from 0.1 to 1.
    risk_coverage: list[tuple[float, float]] = field(default_factory=list)


@dataclass
class SetScores:
    """A model's scores on one set; ``mentions`` are precision, recall and F1 of finding them, exactly and overlapping."""

    model: str
    name: str
    heads: dict[str, HeadScores] = field(default_factory=dict)
    mentions: dict[str, dict[str, float]] = field(default_factory=dict)
    end_to_end: dict[str, float] = field(default_factory=dict)
    links: dict[str, float] = field(default_factory=dict)


def rows_of(documents: Iterable[Document]) -> list[LabelledRow]:
    """Every labelled mention with its sentence and the text around it."""
    rows = []
    for d in documents:
        for index, m in d.mentions():
            a, b = d.sentences[index]
            near = d.sentences[max(index - 4, 0)][0]
            far = d.sentences[min(index + 3, len(d.sentences) - 1)][1]
            rows.append(
                LabelledRow(
                    {
                        "sentence": d.text[a:b],
                        "actor": m.actor or d.text[m.start : m.end],
                        "start": m.start - a,
                        "end": m.end - a,
                        "before": d.text[near:a],
                        "after": d.text[b:far],
                    },
                    f"{d.source}/{d.id}",
                    m.stance,
                    m.sentiment,
                )
            )
    return rows


def head_scores(
    truth: Sequence[str],
    guess: Sequence[str],
    labels: Sequence[str],
    groups: Sequence[str],
    confidence: Sequence[float] | None = None,
) -> HeadScores:
    at = {name: i for i, name in enumerate(labels)}
    t, g = [at[x] for x in truth], [at[x] for x in guess]
    scores = classification_scores(t, g, labels)
    matrix = np.array(confusion(t, g, len(labels)))
    hit, support, guessed = matrix.diagonal(), matrix.sum(1), matrix.sum(0)
    per_label = {
        name: {
            "precision": hit[i] / max(guessed[i], 1),
            "recall": hit[i] / max(support[i], 1),
            "f1": scores[f"f1_{name}"],
            "support": int(support[i]),
        }
        for i, name in enumerate(labels)
    }
    error, curve = None, []
    if confidence is not None:
        correct = np.array(t) == np.array(g)
        error = expected_calibration_error(np.array(confidence), correct)
        coverage, risk = risk_coverage(np.array(confidence), correct)
        curve = [(k / 10, float(risk[np.searchsorted(coverage, k / 10 - 1e-9)])) for k in range(1, 11)]
    return HeadScores(
        list(labels),
        len(t),
        scores["macro_f1"],
        macro_f1_interval(t, g, groups, len(labels)),
        scores["accuracy"],
        per_label,
        matrix.tolist(),
        error,
        curve,
    )


def evaluate_classifier(classifier: stance.StanceClassifier, name: str, documents: Sequence[Document]) -> SetScores:
    """A loaded model on labelled documents."""
    rows = rows_of(documents)
    predictions = classifier.predict_many(r.row for r in rows)
    scores = SetScores(classifier.config.name, name)
    for head, labels in (("stance", classifier.labels.stance), ("sentiment", classifier.labels.sentiment)):
        known = [(getattr(r, head), p, r.group) for r, p in zip(rows, predictions, strict=True) if getattr(r, head) in labels]
        lost = [p for _, p, _ in known if getattr(p, head) is None]
        if lost:
            print(f"{name}: {len(lost)} mentions could not be scored ({lost[0].reason}); they count as wrong", file=sys.stderr)
        if known and labels:
            # A mention that could not be scored counts as a wrong answer, whichever that is.
            guess = [getattr(p, head) or next(x for x in labels if x != t) for t, p, _ in known]
            scores.heads[head] = head_scores(
                [t for t, _, _ in known],
                guess,
                labels,
                [g for *_, g in known],
                [getattr(p, f"{head}_score") or 0.0 for _, p, _ in known],
            )
    if any(s.complete and s.mentions for d in documents for s in d.labelled.values()):
        scores.mentions, scores.end_to_end = found_mentions(classifier, documents)
    return scores


def found_mentions(classifier: stance.StanceClassifier, documents: Sequence[Document]) -> tuple[dict, dict]:
    """How well the actors' mentions are found in completely labelled sentences, and found with the right stance.

    Returns (exact and overlapping precision, recall, F1; the same for mentions with a position; F1 of span and stance).
    """
    counts = {"exact": [0, 0, 0], "overlapping": [0, 0, 0], "with a position, overlapping": [0, 0, 0], "end to end": [0, 0, 0]}
    for d, article in zip(documents, classifier.analyze_many((d.id, d.text) for d in documents), strict=True):
        for s in d.labelled.values():
            if not s.complete:
                continue
            got = [p for p in article.predictions if s.start <= (p.mention_start or 0) < s.end]
            want = s.mentions
            exact = {(m.start, m.end) for m in want} & {(p.mention_start, p.mention_end) for p in got}
            pairs = _overlaps(want, got)
            positioned = [(m, p) for m, p in pairs if m.stance != "unknown"]
            right = [(m, p) for m, p in pairs if m.stance == p.stance]
            _add(counts["exact"], len(exact), len(want), len(got))
            _add(counts["overlapping"], len(pairs), len(want), len(got))
            # One that was found where nothing is labelled counts as false if it was given a position.
            matched = {id(p) for _, p in pairs}
            false = sum(p.stance != "unknown" for p in got if id(p) not in matched)
            held = sum(m.stance != "unknown" for m in want)
            _add(counts["with a position, overlapping"], len(positioned), held, len(positioned) + false)
            _add(counts["end to end"], len(right), len(want), len(got))
    scores = {name: _prf(*c) for name, c in counts.items()}
    return {k: v for k, v in scores.items() if k != "end to end"}, scores["end to end"]


def _overlaps(want, got) -> list[tuple]:
    """Pairs of labelled and found mentions that share a character, each used once, the larger overlap first."""
    pairs = sorted(
        (
            (min(m.end, p.mention_end) - max(m.start, p.mention_start), m, p)
            for m in want
            for p in got
            if m.start < p.mention_end and p.mention_start < m.end
        ),
        key=lambda x: -x[0],
    )
    used, out = set(), []
    for _, m, p in pairs:
        if id(m) not in used and id(p) not in used:
            used |= {id(m), id(p)}
            out.append((m, p))
    return out


def _add(count: list[int], hit: int, want: int, got: int) -> None:
    count[0], count[1], count[2] = count[0] + hit, count[1] + want, count[2] + got


def _prf(hit: int, want: int, got: int) -> dict[str, float]:
    precision, recall = hit / max(got, 1), hit / max(want, 1)
    return {"precision": precision, "recall": recall, "f1": 2 * precision * recall / max(precision + recall, 1e-12)}


def evaluate_baseline(name: str, train: Sequence[LabelledRow], set_name: str, documents: Sequence[Document]) -> SetScores:
    """A baseline, fitted on ``train``, on labelled documents."""
    scores = SetScores(name, set_name)
    rows = rows_of(documents)
    for head, labels in (("stance", stance.STANCES), ("sentiment", stance.SENTIMENTS)):
        known = [r for r in rows if getattr(r, head)]
        teach = [r for r in train if getattr(r, head)]
        if not known or not teach or (head == "sentiment" and name == "baseline:lexicon"):
            continue
        model = baseline.make(name).fit([r.row for r in teach], [getattr(r, head) for r in teach])
        guess = model.predict([r.row for r in known])
        scores.heads[head] = head_scores([getattr(r, head) for r in known], guess, labels, [r.group for r in known])
    return scores


def standard_sets(corpora: Path | None) -> dict[str, list[Document]]:
    """The project's own sets: the written articles' test subjects; with the corpora, the development gold and NewsMTSC."""
    sets = {"written articles, test subjects": splits(articles())["test"]}
    if corpora is not None:
        sets = {
            "real news, PolNeAR dev": sources.load("gold_polnear", corpora),
            "real news, PerSenT": sources.load("gold_persent", corpora),
            "NewsMTSC devtest_mt": list(partial.newsmtsc(corpora, "newsmtsc_dev")),
            **sets,
        }
    return sets


def link_sets(classifier: stance.StanceClassifier, corpora: Path | None) -> list[SetScores]:
    """How well mentions are linked, on what no model has learnt links from."""
    name = classifier.config.name
    scores = [
        SetScores(
            name,
            "links, written articles, test subjects",
            links=coreference.chain_scores(classifier, splits(articles())["test"], possessives=False),
        )
    ]
    if corpora is not None:
        news = list(links.gum(corpora, news=True))
        scores += [
            SetScores(name, "links, GAP validation", links=coreference.gap_scores(classifier, corpora)),
            SetScores(name, "links, GUM news", links=coreference.chain_scores(classifier, news, possessives=True)),
        ]
    return scores


def training_rows(corpora: Path | None) -> list[LabelledRow]:
    """What the baselines learn from: the written articles and, with the corpora, the labels on real news."""
    documents = splits(articles())["train"] + (sources.labels(corpora) if corpora is not None else [])
    return rows_of(documents)


def run(
    model: str, data: list[Path], corpora: Path | None, output: Path | None, with_baselines: bool = True, card: bool = False
) -> None:
    """Print a model's scores beside the baselines', and write them to ``output`` and into the model's card."""
    if data:
        sets = {" ".join(map(str, data)): sources.read_paths(data, corpora)}
        if not any(True for d in next(iter(sets.values())) for _ in d.mentions()):
            raise ValueError("the data holds no labelled mention")
    else:
        sets = standard_sets(corpora)
    names = list(baseline.NAMES) if with_baselines else []
    if model.startswith("baseline:"):
        baseline.make(model)
        names, classifier = [model], None
    else:
        classifier = stance.load(model)
        if card and not (classifier.checkpoint.folder / LOG).is_file():
            raise ValueError(f"{classifier.checkpoint.folder} has no {LOG}, so no card can be written; leave out --card")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
    train = training_rows(corpora) if names else []
    results = []
    for name, documents in sets.items():
        if classifier is not None:
            results.append(evaluate_classifier(classifier, name, documents))
        results += [evaluate_baseline(b, train, name, documents) for b in names]
    if classifier is not None and not data:
        results += link_sets(classifier, corpora)
    text = report(results)
    print(text)
    if card and classifier is not None:
        folder = classifier.checkpoint.folder
        log = json.loads((folder / LOG).read_text(encoding="utf-8"))
        write_card(
            folder,
            log,
            text,
            f"stance evaluate {model}{' ' if data else ''}{' '.join(map(str, data))}"
            + (" --corpora corpora/" if corpora else ""),
        )
    if output is not None:
        (output / "metrics.json").write_text(json.dumps([to_dict(r) for r in results], indent=1) + "\n", encoding="utf-8")
        (output / "report.md").write_text(text + "\n", encoding="utf-8")
        plot_risk_coverage(results, output / "risk_coverage")


def to_dict(scores: SetScores) -> dict:
    return json.loads(json.dumps(scores, default=lambda o: o.__dict__ if hasattr(o, "__dict__") else o.item()))


def report(results: Sequence[SetScores]) -> str:
    """The scores as Markdown."""
    lines = []
    for name in dict.fromkeys(r.name for r in results):
        here = [r for r in results if r.name == name]
        lines += [f"## {name}", ""]
        for head in ("stance", "sentiment"):
            scored = [r for r in here if head in r.heads]
            if not scored:
                continue
            first = scored[0].heads[head]
            lines += [
                f"{head.capitalize()}, {first.rows} given mentions: macro-F1 (95% interval over articles), each label's F1",
                "",
                "| model | macro-F1 | accuracy | " + " | ".join(first.labels) + " |",
                "| --- " * (3 + len(first.labels)) + "|",
            ]
            for r in scored:
                h = r.heads[head]
                lines.append(
                    f"| {r.model} | {h.macro_f1:.3f} ({h.interval[0]:.3f} to {h.interval[1]:.3f}) | {h.accuracy:.3f} | "
                    + " | ".join(f"{h.per_label[x]['f1']:.3f}" for x in h.labels)
                    + " |"
                )
            lines.append("")
            h = first
            lines += [
                f"{scored[0].model}: precision, recall and support of each label, and what was predicted for it"
                + (f"; expected calibration error {h.calibration_error:.3f}" if h.calibration_error is not None else ""),
                "",
                "| true label | precision | recall | support | " + " | ".join(f"as {x}" for x in h.labels) + " |",
                "| --- " * (4 + len(h.labels)) + "|",
            ]
            for i, x in enumerate(h.labels):
                p = h.per_label[x]
                lines.append(
                    f"| {x} | {p['precision']:.3f} | {p['recall']:.3f} | {p['support']} | "
                    + " | ".join(map(str, h.confusion[i]))
                    + " |"
                )
            if h.risk_coverage:
                lines += [
                    "",
                    "wrong among the surest share of them: " + ", ".join(f"{r:.1%} of {c:.0%}" for c, r in h.risk_coverage[1::2]),
                ]
            lines.append("")
        for r in here:
            if r.mentions:
                lines += [f"Mentions found by {r.model}", "", "| match | precision | recall | F1 |", "| --- | --- | --- | --- |"]
                lines += [
                    f"| {kind} | {s['precision']:.3f} | {s['recall']:.3f} | {s['f1']:.3f} |" for kind, s in r.mentions.items()
                ]
                e = r.end_to_end
                lines += [
                    f"| overlapping, with the right stance | {e['precision']:.3f} | {e['recall']:.3f} | {e['f1']:.3f} |",
                    "",
                ]
            if r.links:
                lines += [f"Mentions linked by {r.model}", ""]
                lines += ["| " + " | ".join(k.replace("_", " ") for k in r.links) + " |", "| --- " * len(r.links) + "|"]
                lines += ["| " + " | ".join(f"{v:.3f}" if isinstance(v, float) else str(v) for v in r.links.values()) + " |", ""]
    return "\n".join(lines).rstrip()
