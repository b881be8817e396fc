"""``stance check``: what is wrong, or looks wrong, with labelled text, before a model learns from it or is measured on it."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np

from stance.labels import HEADS, SENTIMENTS, STANCES
from stance.tables import FORMULA
from stance.terminal import CONTROL
from stance.training.evaluation import baselines
from stance.training.evaluation.rows import LabelledRow, rows_of
from stance.training.evaluation.slices import normal
from stance.training.evaluation.systems import FOLDS, folds
from stance.training.labelled import sources
from stance.training.labelled.corpus import ARTICLES, Document, articles, splits
from stance.training.labelled.tabular import Columns

# Kinds of problems, and whether one is certain: what is only suspected is no failure.
KINDS = {
    "row left out": True,
    "contradiction": True,
    "duplicate across splits": True,
    "duplicate across articles": False,
    "near-duplicate across splits": True,
    "near-duplicate across articles": False,
    "two labels of one actor": False,
    "few rows of a label": False,
    "label error": False,
}
# Sentences that share this much of their words in threes (cosine) are the same but for a name or a date.
NEARLY = 0.8
FEW = 10
TFIDF = "baseline:tfidf"
SPLIT_COLUMNS = ("split", "fold", "partition", "subset", "set")

# What the written articles must have; see training/data/README.md.
LEAST = {"articles": 150, "mentions": 1800, "subjects": 12, "cues": 200, "warning": 0.15, "denying": 0.15}
MOST_OF_ONE_CUE = 0.03


@dataclass(frozen=True)
class Problem:
    """``where``: the article or the row of a file. ``suspicion``: how likely the label is wrong, 0 to 1, for label errors."""

    kind: str
    where: str
    what: str
    actor: str = ""
    sentence: str = ""
    suspicion: float | None = None


@dataclass(frozen=True)
class Checked:
    """Labelled text and what is wrong with it. ``split``: of each row, the file or the column that says where it belongs."""

    rows: Sequence[LabelledRow]
    split: Sequence[str]
    problems: Sequence[Problem] = ()
    documents: Sequence[Document] = field(default_factory=list)

    @property
    def certain(self) -> list[Problem]:
        return [p for p in self.problems if KINDS[p.kind]]


def check(
    paths: Sequence[str | Path],
    corpora: Path | None = None,
    columns: Columns | None = None,
    model: str | None = None,
    label_errors: bool = True,
) -> Checked:
    """Check labelled text. Several paths are splits (train, test): no sentence may be in two of them.

    ``model`` gives the probabilities by which labels are suspected (``suspected``). Raises ``ValueError`` for what cannot be read
    at all.
    """
    rows: list[LabelledRow] = []
    split: list[str] = []
    problems: list[Problem] = []
    documents: list[Document] = []
    for path in paths:
        table = sources.read_labelled([path], corpora, columns)
        found = rows_of(table.documents)
        rows += found
        split += [_split_of(r, str(path)) for r in found]
        documents += table.documents
        problems += [Problem("row left out", f"{o.file}, row {o.number}", o.reason) for o in table.left_out]
    if not rows:
        first = f" ({problems[0].where}: {problems[0].what})" if problems else ""
        raise ValueError(f"{' '.join(map(str, paths))}: no labelled mention in it{first}")
    problems += [
        *contradictions(rows),
        *two_labels(rows),
        *few_rows(rows),
        *duplicates(rows, split),
        *near_duplicates(rows, split),
    ]
    if label_errors:
        problems += suspected(rows, model)
    order = list(KINDS)
    problems.sort(key=lambda p: (order.index(p.kind), -(p.suspicion or 0.0)))
    return Checked(rows, split, problems, documents)


def _split_of(row: LabelledRow, path: str) -> str:
    named = (row.mention.attributes.get(c) for c in SPLIT_COLUMNS)
    return next((str(v) for v in named if v), path)


def _problem(kind: str, row: LabelledRow, what: str, suspicion: float | None = None) -> Problem:
    return Problem(kind, row.document.id, what, row.row["actor"], row.row["sentence"], suspicion)


def contradictions(rows: Sequence[LabelledRow]) -> Iterator[Problem]:
    """The same words about the same mention with two labels."""
    first: dict[tuple, LabelledRow] = {}
    for r in rows:
        key = (normal(r.row["sentence"]), r.row["actor"].lower(), normal(r.row["sentence"][: r.row["start"]]))
        other = first.setdefault(key, r)
        for head in HEADS:
            a, b = getattr(other, head), getattr(r, head)
            if a and b and a != b:
                yield _problem("contradiction", r, f"{head} {b}, but {a} in {other.document.id}")


def two_labels(rows: Sequence[LabelledRow]) -> Iterator[Problem]:
    """An actor with two stances in one sentence. The model gives all mentions of an actor in a sentence one label."""
    by_actor: dict[tuple, list[LabelledRow]] = defaultdict(list)
    for r in rows:
        by_actor[r.group, r.sentence, r.row["sentence"], r.row["actor"].lower()].append(r)
    for together in by_actor.values():
        for head in HEADS:
            found = sorted({getattr(r, head) for r in together if getattr(r, head)})
            if len(found) > 1:
                yield _problem("two labels of one actor", together[0], f"{head} {' and '.join(found)} in one sentence")


def few_rows(rows: Sequence[LabelledRow]) -> Iterator[Problem]:
    for head in HEADS:
        counts = Counter(getattr(r, head) for r in rows if getattr(r, head))
        for label, n in counts.items():
            if n < FEW:
                yield Problem("few rows of a label", head, f"{label} has {n}: too few to learn it or to measure it")


def duplicates(rows: Sequence[LabelledRow], split: Sequence[str]) -> Iterator[Problem]:
    """The same sentence (by its words) in two splits, or in two articles: wherever a split is drawn, it may be on both sides."""
    first: dict[str, int] = {}
    told: set[tuple] = set()
    for i, r in enumerate(rows):
        k = first.setdefault(normal(r.row["sentence"]), i)
        kind = _apart(rows, split, k, i)
        if kind and (key := (kind, k, r.group, split[i])) not in told and len(r.row["sentence"].split()) > 3:
            told.add(key)
            yield _problem(
                f"duplicate across {kind}", r, f"{_place(r, split[i])} has the sentence of {_place(rows[k], split[k])}"
            )


def _apart(rows: Sequence[LabelledRow], split: Sequence[str], i: int, k: int) -> str | None:
    """What two rows are on two sides of."""
    return "splits" if split[i] != split[k] else "articles" if rows[i].group != rows[k].group else None


def _place(row: LabelledRow, split: str) -> str:
    return f"{row.document.id} ({split})"


def near_duplicates(rows: Sequence[LabelledRow], split: Sequence[str]) -> Iterator[Problem]:
    """Sentences of which nearly all runs of three words are the same, in two splits or two articles."""
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.preprocessing import normalize

    sentences = {}
    for i, r in enumerate(rows):
        words = normal(r.row["sentence"])
        if words.count(" ") >= 5:
            sentences.setdefault(words, i)
    if len(sentences) < 2:
        return
    owners = list(sentences.values())
    runs = CountVectorizer(ngram_range=(3, 3), token_pattern=r"\S+", binary=True).fit_transform(sentences)
    unit = normalize(runs.astype(np.float32))
    for begin in range(0, len(owners), 2000):
        alike = (unit[begin : begin + 2000] @ unit.T).tocoo()
        for a, b, likeness in zip(alike.row + begin, alike.col, alike.data):
            if a < b and likeness >= NEARLY and (kind := _apart(rows, split, owners[a], owners[b])):
                r, other = rows[owners[b]], rows[owners[a]]
                places = _place(r, split[owners[b]]), _place(other, split[owners[a]])
                what = f"{places[0]} is {likeness:.0%} like {places[1]}: {other.row['sentence']}"
                yield _problem(f"near-duplicate across {kind}", r, what)


# --- label errors ---------------------------------------------------------------------------------------------------


def suspected(rows: Sequence[LabelledRow], model: str | None = None) -> list[Problem]:
    """Labels that are likely wrong, by confident learning (Northcutt et al. 2021, the library cleanlab).

    It needs probabilities from something that did not learn from the row: ``model``; unless one is named the shipped model, where
    it has the labels, else TF-IDF, cross-validated over articles (``baseline:tfidf``).
    """
    from cleanlab.filter import find_label_issues
    from cleanlab.rank import get_label_quality_scores

    found = []
    for head in HEADS:
        known = [r for r in rows if getattr(r, head)]
        names = sorted({getattr(r, head) for r in known})
        if len(names) < 2 or len({r.group for r in known}) < 2 or len(known) < 20:
            continue
        table = None if model == TFIDF else model_probabilities(known, head, names, model or "default")
        if table is None:
            if model not in (None, TFIDF):
                raise ValueError(f"{model} has not all of the labels {', '.join(names)}; leave out --model")
            table = crossed_probabilities(known, head, names)
        labels = np.array([names.index(getattr(r, head)) for r in known])
        quality = get_label_quality_scores(labels, table)
        # What both ways of counting errors find: alone each takes too many where the probabilities are weak.
        wrong = find_label_issues(labels, table, filter_by="both", return_indices_ranked_by="self_confidence", n_jobs=1)
        for i in wrong:
            guess = names[int(table[i].argmax())]
            if guess != names[labels[i]]:
                what = f"{head} is {names[labels[i]]}, {guess} is likelier ({table[i].max():.0%})"
                found.append(_problem("label error", known[i], what, float(1 - quality[i])))
    return found


def crossed_probabilities(rows: Sequence[LabelledRow], head: str, names: Sequence[str]) -> np.ndarray:
    """(rows, labels), each row by TF-IDF and logistic regression that has not seen its article."""
    table = np.full((len(rows), len(names)), 1 / len(names))
    for fold in folds([r.group for r in rows], FOLDS):
        inside = set(fold)
        taught = [r for i, r in enumerate(rows) if i not in inside]
        if len({getattr(r, head) for r in taught}) > 1:
            fitted = baselines.TfIdf().fit([r.row for r in taught], [getattr(r, head) for r in taught])
            table[fold] = fitted.probabilities([rows[i].row for i in fold], names)
    return table


def model_probabilities(rows: Sequence[LabelledRow], head: str, names: Sequence[str], model: str) -> np.ndarray | None:
    """(rows, labels) by a loaded model; None if it lacks one of the labels."""
    import stance

    classifier = stance.load(model)
    if not set(names) <= set(getattr(classifier.labels, head)):
        return None
    predictions = classifier.predict_many(r.row for r in rows)
    given = [getattr(p, f"{head}_probabilities") for p in predictions]
    table = np.array([[p.get(n, 1 / len(names)) if p else 1 / len(names) for n in names] for p in given])
    return table / table.sum(1, keepdims=True)


# --- what is printed ------------------------------------------------------------------------------------------------


def counts(checked: Checked) -> str:
    """What the labelled text holds, in lines."""
    mentions = checked.rows
    total = max(len(mentions), 1)
    subjects = Counter(d.subject for d in checked.documents if d.subject)
    of_subjects = (
        f" on {len(subjects)} subjects ({', '.join(f'{s} {n}' for s, n in sorted(subjects.items()))})" if subjects else ""
    )
    lines = [
        f"articles    {len({r.group for r in mentions})}{of_subjects}",
        f"sentences   {len({(r.group, r.row['sentence']) for r in mentions})} with a label",
        f"mentions    {len(mentions)} of {len({(r.group, r.row['actor']) for r in mentions})} actors",
    ]
    for head, usual in (("stance", STANCES), ("sentiment", SENTIMENTS)):
        found = Counter(getattr(r, head) for r in mentions if getattr(r, head))
        if found:
            order = [*(x for x in usual if x in found), *sorted(found.keys() - set(usual))]
            lines.append(f"{head:<11} " + ", ".join(f"{x} {found[x]} ({found[x] / total:.1%})" for x in order))
    cues = Counter(r.cue.lower() for r in mentions if r.cue)
    if cues:
        common = ", ".join(f"{cue} {n / total:.1%}" for cue, n in cues.most_common(5))
        lines.append(f"cues        {len(cues)} different; most frequent: {common}")
    parts = Counter(checked.split)
    if len(parts) > 1:
        for name, n in parts.items():
            inside = {r.group: r.document.subject for r, s in zip(mentions, checked.split) if s == name}
            told = ", ".join(sorted({s for s in inside.values() if s}))
            lines.append(f"{name:<11} {len(inside)} articles, {n} mentions" + (f": {told}" if told else ""))
    return "\n".join(lines)


def problem_lines(problems: Sequence[Problem], most: int = 3) -> list[str]:
    """Each kind of problem with its first cases."""
    lines = []
    for kind in KINDS:
        here = [p for p in problems if p.kind == kind]
        if not here:
            continue
        lines += ["", f"{kind}: {len(here)}"]
        for p in here[:most]:
            of = f" [{p.actor}]" if p.actor else ""
            text = f": {p.sentence[:110]}{'…' * (len(p.sentence) > 110)}" if p.sentence else ""
            lines.append(f"  {p.where}{of}: {p.what}{text}")
        if len(here) > most:
            lines.append(f"  and {len(here) - most} more")
    return lines or ["", "nothing found"]


def write_problems(problems: Sequence[Problem], path: Path) -> None:
    """A CSV row a problem. Text that a spreadsheet would run as a formula gets an apostrophe before it."""
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow([f.name for f in fields(Problem)])
        for p in problems:
            out.writerow("'" + v if isinstance(v, str) and v.startswith(FORMULA) else v for v in vars(p).values())


def run(
    paths: Sequence[str | Path],
    corpora: Path | None = None,
    columns: Mapping[str, str | None] | None = None,
    model: str | None = None,
    label_errors: bool = True,
    output: Path | None = None,
) -> bool:
    """Print what labelled text holds and what is wrong with it; True if nothing is certainly wrong. The project's own articles
    unless ``paths`` names some."""
    checked = check(paths, corpora, Columns(**(columns or {})), model, label_errors) if paths else check_articles()
    for line in [*counts(checked).splitlines(), *problem_lines(checked.problems)]:
        print(CONTROL.sub("\ufffd", line))
    if output is not None:
        write_problems(checked.problems, output)
        print(f"\n{len(checked.problems)} problems in {output}")
    return not checked.certain


# --- the articles of the project ------------------------------------------------------------------------------------


def check_articles() -> Checked:
    """The articles written for this project. Raises ``MarkupError`` for mistakes, ``ValueError`` where they fall short."""
    documents = articles(ARTICLES)
    rows = rows_of(documents)
    part = {d.id: name for name, found in splits(documents).items() for d in found}
    demand(documents, rows)
    split = [part[r.document.id] for r in rows]
    return Checked(rows, split, [*contradictions(rows), *two_labels(rows), *duplicates(rows, split)], documents)


def demand(documents: Iterable[Document], rows: Sequence[LabelledRow]) -> None:
    """Raises ``ValueError`` with all that the written articles lack."""
    documents, total = list(documents), max(len(rows), 1)
    stances, cues = Counter(r.stance for r in rows), Counter(r.cue.lower() for r in rows if r.cue)
    found: Mapping[str, float] = {
        "articles": len(documents),
        "mentions": len(rows),
        "subjects": len({d.subject for d in documents}),
        "cues": len(cues),
        "warning": stances["warning"] / total,
        "denying": stances["denying"] / total,
    }
    short = [f"{name} is {value:.3g}, at least {LEAST[name]} is asked" for name, value in found.items() if value < LEAST[name]]
    short += [
        f"the cue {cue!r} is {n / total:.1%} of mentions, at most {MOST_OF_ONE_CUE:.0%} is asked"
        for cue, n in cues.items()
        if n / total > MOST_OF_ONE_CUE and cue != "said"
    ]
    if short:
        raise ValueError("\n".join(short))
