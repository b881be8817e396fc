"""Two or more annotators' labels of the same sentences: how far they agree, and where they do not.

stance agreement training/data/dev_gold_pass_a.jsonl training/data/dev_gold_pass_b.jsonl
stance agreement anna.csv ben.csv chen.csv --disagreements disagreements.tsv
"""

from __future__ import annotations

import csv
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from stance.labels import HEADS
from stance.tables import FORMULA
from stance.terminal import CONTROL
from stance.training.evaluation.rows import rows_of
from stance.training.labelled import sources
from stance.training.labelled.corpus import read_references
from stance.training.labelled.tabular import Columns
from stance.training.metrics import confusion, kappa_of_confusion

# The labels that annotators gave to one thing, in the annotators' order. None: this one gave none.
Unit = Sequence[Hashable | None]


@dataclass(frozen=True)
class AnnotatedMention:
    """A mention as each annotator labelled it. Offsets are characters of the article.

    ``span`` reaches from the first character that any of them marked to the last. ``marks`` are the annotators' own rows, None
    where one did not mark it; ``read``: whether an annotator had the sentence at all.
    """

    corpus: str
    article: str
    sentence: tuple[int, int]
    span: tuple[int, int]
    marks: tuple[dict | None, ...]
    read: tuple[bool, ...]

    def labels(self, head: str) -> list[str | None]:
        """Each annotator's label of ``head``, None where one gave none."""
        return [m and m[head] for m in self.marks]

    def cells(self) -> list[str]:
        """Each annotator's ``stance/sentiment``; - where one read the sentence and marked nothing here, empty if not read."""
        return [
            "/".join(m[h] for h in HEADS if m[h]) if m else "-" if read else ""
            for m, read in zip(self.marks, self.read, strict=True)
        ]


# --- coefficients ---------------------------------------------------------------------------------------------------


def label_counts(units: Sequence[Unit]) -> np.ndarray:
    """How many annotators gave each label to each unit, (units, labels)."""
    at = {label: i for i, label in enumerate(dict.fromkeys(x for unit in units for x in unit if x is not None))}
    counts = np.zeros((len(units), len(at)))
    for row, unit in zip(counts, units, strict=True):
        for label in unit:
            if label is not None:
                row[at[label]] += 1
    return counts


def krippendorff_alpha(units: Sequence[Unit]) -> float:
    """Krippendorff's alpha for nominal labels of any number of annotators, with gaps.

    After Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section C. A unit with one label is in no pair and counts
    as nothing. 1 where every label is the same, NaN where no unit has two.
    """
    counts = label_counts(units)
    counts = counts[counts.sum(1) > 1]
    if not len(counts):
        return float("nan")
    given, total = counts.sum(1), counts.sum()
    observed = ((given**2 - (counts**2).sum(1)) / (given - 1)).sum()
    expected = total**2 - (counts.sum(0) ** 2).sum()
    return float(1 - (total - 1) * observed / expected) if expected else 1.0


def fleiss_kappa(units: Sequence[Unit]) -> float:
    """Fleiss' kappa (1971) of units that all have the same number of labels, two or more. Raises ``ValueError`` otherwise.

    NaN where every label is the same.
    """
    counts = label_counts(units)
    given = set(counts.sum(1).tolist())
    if len(given) != 1 or min(given) < 2:
        raise ValueError("Fleiss' kappa needs the same number of labels for every unit, two or more")
    (n,) = given
    agreement = (((counts**2).sum(1) - n) / (n * (n - 1))).mean()
    chance = ((counts.sum(0) / counts.sum()) ** 2).sum()
    return float((agreement - chance) / (1 - chance)) if chance < 1 else float("nan")


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]]) -> float:
    """Cohen's kappa of two annotators' labels; NaN where there are not two different ones."""
    at = {label: i for i, label in enumerate(dict.fromkeys(x for pair in pairs for x in pair))}
    if len(at) < 2:
        return float("nan")
    first, second = ([at[x] for x in labels] for labels in zip(*pairs, strict=True))
    return float(kappa_of_confusion(np.array(confusion(first, second, len(at))), undefined=np.nan))


def labelled_by_both(units: Sequence[Unit], i: int, j: int) -> list[tuple[Hashable, Hashable]]:
    """The labels of annotators ``i`` and ``j`` of the units that both labelled."""
    return [(unit[i], unit[j]) for unit in units if unit[i] is not None and unit[j] is not None]


# --- annotators' mentions side by side ------------------------------------------------------------------------------


def annotated_mentions(passes: Sequence[Sequence[dict]]) -> list[AnnotatedMention]:
    """Every mention that an annotator marked in a sentence that another read too, in the order of the text.

    ``passes``: each annotator's labels by reference. One may have read a sample.
    """
    sentences = [{(r["corpus"], r["article"], r["start"]): r for r in rows} for rows in passes]
    found = []
    for key in sorted(set().union(*sentences)):
        rows = [s.get(key) for s in sentences]
        present = [r for r in rows if r]
        if len(present) < 2:
            continue
        corpus, article, start = key
        for marks in same_mentions([r["mentions"] if r else [] for r in rows]):
            marked = [m for m in marks if m]
            found.append(
                AnnotatedMention(
                    corpus,
                    article,
                    (start, present[0]["end"]),
                    (start + min(m["start"] for m in marked), start + max(m["end"] for m in marked)),
                    marks,
                    tuple(r is not None for r in rows),
                )
            )
    return sorted(found, key=lambda m: (m.corpus, m.article, m.sentence, m.span))


def same_mentions(mentions: Sequence[Sequence[dict]]) -> list[tuple[dict | None, ...]]:
    """Annotators' mentions of one sentence, those that share a character put together, the larger overlap first.

    Each result has a place for every annotator, with at most one mention of each.
    """
    numbered = [(i, a) for i, marked in enumerate(mentions) for a in range(len(marked))]
    groups = {x: {x[0]: x[1]} for x in numbered}
    overlaps = sorted(
        (
            (overlap, i, j, a, b)
            for (i, a), (j, b) in combinations(numbered, 2)
            if i != j and (overlap := _overlap(mentions[i][a], mentions[j][b])) > 0
        ),
        reverse=True,
    )
    for _, i, j, a, b in overlaps:
        one, other = groups[i, a], groups[j, b]
        if not one.keys() & other.keys():
            one |= other
            groups |= {x: one for x in other.items()}
    distinct = {id(group): group for group in groups.values()}.values()
    return [tuple(mentions[i][g[i]] if i in g else None for i in range(len(mentions))) for g in distinct]


def _overlap(m: dict, n: dict) -> int:
    return min(m["end"], n["end"]) - max(m["start"], n["start"])


def disagreements(mentions: Sequence[AnnotatedMention]) -> list[AnnotatedMention]:
    """Those that annotators who read the sentence labelled differently, or did not all mark."""
    return [m for m in mentions if len({cell for cell in m.cells() if cell}) > 1]


def write_disagreements(mentions: Sequence[AnnotatedMention], names: Sequence[str], path: Path) -> None:
    """A tab-separated row a disagreement: where it is (characters of the article), and each annotator's labels side by side."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter="\t", lineterminator="\n")
        out.writerow(["corpus", "article", "sentence_start", "sentence_end", "mention_start", "mention_end", "actor", *names])
        for m in disagreements(mentions):
            actor = next(mark for mark in m.marks if mark)["actor"]
            cells = [m.corpus, m.article, *m.sentence, *m.span, actor, *m.cells()]
            # A lone - says that nothing was marked; other text that a spreadsheet would run gets an apostrophe.
            out.writerow("'" + c if isinstance(c, str) and c != "-" and c.startswith(FORMULA) else c for c in cells)


# --- the report -----------------------------------------------------------------------------------------------------


def report(mentions: Sequence[AnnotatedMention], names: Sequence[str]) -> str:
    """How far annotators agree, in lines of text: two in a few words, more of them pair by pair."""
    heads = [h for h in HEADS if any(m.labels(h).count(None) < len(names) for m in mentions)]
    pairs = list(combinations(range(len(names)), 2))
    if len(pairs) == 1:
        alphas = {head: f", Krippendorff's alpha {krippendorff_alpha([m.labels(head) for m in mentions]):.3f}" for head in heads}
        return "\n".join(_pair_lines(mentions, 0, 1, alphas))
    lines = []
    for head in heads:
        units = [m.labels(head) for m in mentions]
        shared = sum(sum(x is not None for x in unit) > 1 for unit in units)
        lines.append(f"{head}: Krippendorff's alpha {krippendorff_alpha(units):.3f} on {shared} mentions that two or more marked")
        by_all = [unit for unit in units if None not in unit]
        if by_all:
            lines[-1] += f", Fleiss' kappa {fleiss_kappa(by_all):.3f} on {len(by_all)} that all marked"
    for i, j in pairs:
        lines += ["", f"{names[i]} and {names[j]}", *_pair_lines(mentions, i, j, dict.fromkeys(heads, ""))]
    return "\n".join(lines)


def _pair_lines(mentions: Sequence[AnnotatedMention], i: int, j: int, endings: dict[str, str]) -> list[str]:
    shared = [m for m in mentions if m.read[i] and m.read[j]]
    first, second = (sum(m.marks[k] is not None for m in shared) for k in (i, j))
    both = sum(m.marks[i] is not None and m.marks[j] is not None for m in shared)
    lines = [f"mentions: {first} and {second} marked, {both} by both, F1 {2 * both / max(first + second, 1):.3f}"]
    for head in endings:
        labels = labelled_by_both([m.labels(head) for m in shared], i, j)
        same = sum(a == b for a, b in labels) / max(len(labels), 1)
        lines.append(f"{head}: the same label {same:.1%}, Cohen's kappa {cohen_kappa(labels):.3f}{endings[head]}")
    return lines


def annotation(path: Path, corpora: Path | None = None, columns: Columns | None = None) -> list[dict]:
    """An annotator's labels, a row a sentence: labels by reference, which need no text, or any other labelled text.

    Sentences of tables and articles are told by their article's id and their words, so annotators may have them in any order.
    """
    if path.name.endswith((".jsonl", ".jsonl.gz")) and sources.holds_references(path):
        return read_references(path)
    table = sources.read_labelled([path], corpora, columns)
    named = not table.columns or any(c.article for c in table.columns.values())
    rows: dict[tuple[str, str], dict] = {}
    for r in rows_of(table.documents):
        sentence = r.row["sentence"]
        key = (r.document.id if named else "", sentence)
        article = ": ".join(filter(None, key))
        empty = {"corpus": r.document.source, "article": article, "start": 0, "end": len(sentence), "mentions": []}
        mention = {**{k: r.row[k] for k in ("start", "end", "actor")}, "stance": r.stance, "sentiment": r.sentiment}
        rows.setdefault(key, empty)["mentions"].append(mention)
    if not rows:
        raise ValueError(f"{path}: no labelled mention in it")
    return list(rows.values())


def annotator_names(paths: Sequence[Path]) -> list[str]:
    """The files' names without their endings; the whole paths where two are the same."""
    short = [p.name.split(".")[0] for p in paths]
    return short if len(set(short)) == len(short) else [str(p) for p in paths]


def run(
    paths: Sequence[Path],
    disagreements: Path | None = None,
    corpora: Path | None = None,
    columns: Mapping[str, str | None] | None = None,
) -> None:
    """Print how far annotators agree, and write what they disagree on. Raises ``ValueError`` in one line."""
    if len(paths) < 2:
        raise ValueError("agreement needs two annotators or more; give a file of labels for each")
    mentions = annotated_mentions([annotation(p, corpora, Columns(**(columns or {}))) for p in paths])
    if not mentions:
        raise ValueError(f"{', '.join(map(str, paths))}: no sentence that two of them labelled")
    names = annotator_names(paths)
    print("\n".join(CONTROL.sub("\ufffd", line) for line in report(mentions, names).split("\n")))
    if disagreements is not None:
        write_disagreements(mentions, names, disagreements)
