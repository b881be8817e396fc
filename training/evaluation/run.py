"""An evaluation: systems scored and compared on sets, with what ``analyze`` finds and links, and the behavioural tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import stance
from stance.labels import HEADS
from stance.training import behaviour
from stance.training.corpora import links
from stance.training.evaluation import baselines, coreference
from stance.training.evaluation.comparison import Comparison, align, compare_scored
from stance.training.evaluation.crossvalidation import CrossValidation
from stance.training.evaluation.scored import ScoredMentions
from stance.training.evaluation.scores import HeadScores, score
from stance.training.evaluation.sets import reading_notes, standard_sets, training_data, user_set
from stance.training.evaluation.slices import normal
from stance.training.evaluation.spans import Found, found_mentions
from stance.training.evaluation.systems import Baseline, Model, Stored, System, TrainingData, open_system
from stance.training.labelled.corpus import Document, articles, splits
from stance.training.labelled.tabular import Columns

SAMPLES = 2000


@dataclass(frozen=True)
class SystemScores:
    """One system on one set: its rows, and the scores of each head."""

    scored: ScoredMentions
    heads: Mapping[str, HeadScores]

    @property
    def name(self) -> str:
        return self.scored.model


@dataclass(frozen=True)
class SetEvaluation:
    """A set: the systems on it, the evaluated one first; how they compare (by head); how its mentions are found in plain text.

    ``notes``: what a reader has to know of it, such as rows that were in the training data.
    """

    name: str
    systems: Sequence[SystemScores]
    comparisons: Mapping[str, Comparison] = field(default_factory=dict)
    found: Mapping[str, Found] = field(default_factory=dict)
    notes: Sequence[str] = ()

    @property
    def first(self) -> SystemScores:
        return self.systems[0]

    @property
    def rows(self) -> int:
        return len(self.first.scored)

    @property
    def articles(self) -> int:
        return len(set(self.first.scored.articles))


@dataclass(frozen=True)
class Evaluation:
    """All that is known of a system. ``links``: set -> how well mentions are linked. ``training``: the name of the training data
    by which actors and cues are new, "" if that is not known."""

    model: str
    sets: Sequence[SetEvaluation]
    links: Mapping[str, coreference.Scores] = field(default_factory=dict)
    behaviour: Sequence[behaviour.TestResult] = ()
    crossvalidation: CrossValidation | None = None
    training: str = ""
    samples: int = SAMPLES
    seed: int = 0
    command: str = ""


def evaluate_classifier(
    classifier: stance.StanceClassifier, name: str, documents: Sequence[Document], samples: int = SAMPLES, seed: int = 0
) -> SystemScores:
    """A loaded model alone on given mentions: the scores of each head."""
    scored = Model(classifier, classifier.config.name).score(name, documents)
    return SystemScores(scored, score(scored, samples, seed))


def evaluate_sets(
    systems: Sequence[System],
    sets: Mapping[str, Sequence[Document]],
    training: TrainingData | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    notes: Sequence[str] = (),
) -> list[SetEvaluation]:
    """Each set scored by every system; the first one is the one that is evaluated, the others what it is measured against."""
    found = []
    for name, documents in sets.items():
        scored = [s.score(name, documents, training) for s in systems]
        first = systems[0]
        spans = found_mentions(first.classifier, documents, samples, seed) if isinstance(first, Model) else {}
        labels = {h: getattr(first.classifier.labels, h) for h in HEADS} if isinstance(first, Model) else None
        told = [*notes, *_notes(scored[0], training)]
        found.append(evaluate_scored(scored, samples, seed, spans, told, labels))
    return found


def evaluate_scored(
    scored: Sequence[ScoredMentions],
    samples: int = SAMPLES,
    seed: int = 0,
    found: Mapping[str, Found] | None = None,
    notes: Sequence[str] = (),
    labels: Mapping[str, Sequence[str]] | None = None,
) -> SetEvaluation:
    """The scores of systems on one set, from their rows alone. ``labels``: those that the first system has, by head."""
    if not scored[0].heads:
        raise ValueError(
            f"{scored[0].name}: {scored[0].model} cannot answer its labels; a baseline needs two articles, or training data with "
            "these labels (--train)"
        )
    # Where it fails is asked of the first one alone.
    scored = [s for s in scored if s.heads]
    systems = [SystemScores(s, score(s, samples, seed, sliced=s is scored[0])) for s in scored]
    comparisons = {}
    for head in scored[0].heads:
        able = [s for s in scored if head in s.heads]
        if len(able) > 1:
            comparisons[head] = compare_scored(align(able), head, able[0].model, samples, seed)
    return SetEvaluation(scored[0].name, systems, comparisons, found or {}, list(notes) + _weaknesses(systems[0], labels or {}))


def _notes(scored: ScoredMentions, training: TrainingData | None) -> list[str]:
    if training is None:
        return []
    known = sum(normal(s) in training.seen.sentences for s in scored.text["sentence"])
    if not known:
        return []
    return [
        f"{known} of {len(scored)} mentions are in sentences that {training.name} hold too: a model trained on them has seen "
        "the answers. The slice “sentence in training” tells the two apart; baselines are fitted without them."
    ]


def _weaknesses(system: SystemScores, model_labels: Mapping[str, Sequence[str]]) -> list[str]:
    """What makes the scores of a set less sure than they look."""
    notes = []
    for head, h in system.heads.items():
        if h.articles < 20:
            notes.append(f"{head}: {h.articles} articles are few; an interval over so few is too narrow.")
        lacked = [x for x in h.per_label if x not in model_labels.get(head, h.labels)]
        if lacked:
            rows = sum(h.per_label[x]["support"] for x in lacked)
            notes.append(f"{head}: {system.name} has no label {', '.join(lacked)}; its {rows} rows count as wrong.")
        few = [f"{label} ({p['support']})" for label, p in h.per_label.items() if 0 < p["support"] < 20]
        if few:
            notes.append(f"{head}: few rows of {', '.join(few)}; their scores, and macro-F1 with them, turn on single rows.")
    return notes


def evaluate(
    model: str = "default",
    data: Sequence[str | Path] = (),
    corpora: Path | None = None,
    *,
    with_baselines: bool = True,
    train: Sequence[str | Path] = (),
    behaviour_tests: Sequence[Path] = (),
    samples: int = SAMPLES,
    seed: int = 0,
    threads: int = 0,
    columns: Columns | None = None,
    command: str = "",
) -> Evaluation:
    """A model, a baseline or stored predictions on labelled text; on the project's own sets if none is given.

    ``train``: the model's training data, which baselines learn from and which tells the seen from the unseen; that of the
    project unless given. ``columns``: of tables, where they have other names than usual. ``behaviour_tests``: files of tests.
    Raises ``ValueError`` in one line.
    """
    system = open_system(model, threads)
    tests = behaviour.load(behaviour_tests) if behaviour_tests else []
    if isinstance(system, Stored):
        if data or train or tests:
            raise ValueError(f"{model} holds predictions with their true labels; give no other data, and no tests, with it")
        names = list(dict.fromkeys(s.name for s in system.sets))
        sets = [evaluate_scored([s for s in system.sets if s.name == name], samples, seed) for name in names]
        return Evaluation(system.name, sets, samples=samples, seed=seed, command=command)
    fit = _answerable(system, tests, model)
    table = user_set(data, corpora, columns) if data else None
    chosen = {" ".join(map(str, data)): table.documents} if table else standard_sets(corpora)
    training = training_data(train, corpora, columns)
    others = [Baseline(b) for b in baselines.NAMES if with_baselines and b != model]
    sets = evaluate_sets([system, *others], chosen, training, samples, seed, reading_notes(table) if table else ())
    linked: Mapping[str, Mapping[str, float]] = {}
    results: list[behaviour.TestResult] = []
    if isinstance(system, Model):
        linked = link_scores(system.classifier, corpora) if not data else {}
        if fit:
            results = behaviour.run(system.classifier, fit, seed)
    return Evaluation(system.name, sets, linked, results, None, training.name, samples, seed, command)


def _answerable(system: System, tests: Sequence[behaviour.BehaviourTest], name: str) -> list[behaviour.BehaviourTest]:
    """The tests whose labels a model has. Raises ``ValueError`` where it has those of none."""
    if tests and not isinstance(system, Model):
        raise ValueError(f"{name} cannot be put to behavioural tests; give a model")
    fit = behaviour.answerable(tests, {head: getattr(system.classifier.labels, head) for head in HEADS}) if tests else []
    if tests and not fit:
        raise ValueError(f"{name} has the labels of none of the {len(tests)} behavioural tests; write tests with its own")
    return fit


def link_scores(classifier: stance.StanceClassifier, corpora: Path | None) -> dict[str, coreference.Scores]:
    """How well mentions are linked, on what no model of the project has learnt links from."""
    test = splits(articles())["test"]
    scores = {"written articles, test subjects": coreference.chain_scores(classifier, test, possessives=False)}
    if corpora is not None:
        news = list(links.gum(corpora, news=True))
        scores |= {
            "GAP validation": coreference.gap_scores(classifier, corpora),
            "GUM news": coreference.chain_scores(classifier, news, possessives=True),
        }
    return scores


def compare(
    models: Sequence[str],
    data: Sequence[str | Path] = (),
    corpora: Path | None = None,
    *,
    train: Sequence[str | Path] = (),
    reference: str | None = None,
    samples: int = SAMPLES,
    seed: int = 0,
    threads: int = 0,
    columns: Columns | None = None,
) -> dict[str, dict[str, Comparison]]:
    """Models, baselines and stored predictions on the same rows: set -> head -> comparison.

    Stored predictions stand for the first model in their file; a file alone is compared in itself. Raises ``ValueError``.
    """
    systems = [open_system(m, threads) for m in models]
    live = [s for s in systems if not isinstance(s, Stored)]
    if not systems:
        raise ValueError("nothing to compare; give two models, baselines or files of predictions, or more")
    if len(systems) == 1 and isinstance(systems[0], Stored):
        per_set = _by_set(systems[0].sets)
    else:
        names = _distinct(systems, models)
        per_set = {}
        sets: Mapping[str, Sequence[Document]] = {}
        training = None
        if live:
            chosen = {" ".join(map(str, data)): user_set(data, corpora, columns).documents} if data else None
            sets = chosen or standard_sets(corpora)
            training = training_data(train, corpora, columns)
        elif data:
            raise ValueError("stored predictions hold their rows; leave the data out, or give a model too")
        for name, system in zip(names, systems, strict=True):
            if isinstance(system, Stored):
                found = [s for s in system.sets if s.model == system.name]
            else:
                found = [system.score(n, documents, training) for n, documents in sets.items()]
            for scored in found:
                # Rows are matched by what they are of, so sets of one file each may be called differently.
                key = scored.name if len(found) > 1 else ""
                per_set.setdefault(key, []).append(_renamed(scored, name))
    compared = {}
    for scored in per_set.values():
        if len(scored) < 2:
            continue
        scored = align(scored)
        heads = [h for h in scored[0].heads if sum(h in s.heads for s in scored) > 1]
        compared[scored[0].name] = {
            h: compare_scored([s for s in scored if h in s.heads], h, reference, samples, seed) for h in heads
        }
    if not any(compared.values()):
        raise ValueError("there are no two systems with predictions on the same set and head; nothing can be compared")
    return compared


def _by_set(scored: Sequence[ScoredMentions]) -> dict[str, list[ScoredMentions]]:
    found: dict[str, list[ScoredMentions]] = {}
    for s in scored:
        found.setdefault(s.name, []).append(s)
    return found


def _distinct(systems: Sequence[System], arguments: Sequence[str]) -> list[str]:
    """The systems' own names; the arguments where two have the same."""
    names = [s.name for s in systems]
    if len(set(names)) < len(names):
        names = list(arguments)
    if len(set(names)) < len(names):
        raise ValueError(f"{next(n for n in names if names.count(n) > 1)} is given twice; a model does not differ from itself")
    return names


def _renamed(scored: ScoredMentions, model: str) -> ScoredMentions:
    return replace(scored, model=model)
