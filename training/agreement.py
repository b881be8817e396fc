"""Two annotators' labels of the same sentences, by reference: how far they agree.

python -m stance.training.agreement training/data/dev_gold_pass_a.jsonl training/data/dev_gold_pass_b.jsonl
python -m stance.training.agreement training/data/stance_labels_grown.jsonl.gz training/data/stance_labels_second_pass.jsonl
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from sklearn.metrics import cohen_kappa_score

from stance.training.corpus import read_references


def krippendorff_alpha(pairs: Sequence[tuple[str, str]]) -> float:
    """Krippendorff's alpha for nominal labels of two annotators without gaps.

    After Krippendorff 2011, Computing Krippendorff's Alpha-Reliability.
    """
    values = Counter(v for pair in pairs for v in pair)
    n = 2 * len(pairs)
    expected = sum(c * (n - c) for c in values.values())
    observed = 2 * sum(a != b for a, b in pairs)
    return 1.0 if expected == 0 else 1 - (n - 1) * observed / expected


def paired_labels(a: Path, b: Path) -> tuple[dict[str, list[tuple[str, str]]], int, int]:
    """The labels that both gave to the same mention (sharing a character, the larger overlap first), and how many each marked.

    Only sentences that both annotated count: the second may have read a sample.
    """
    first, second = ({(r["corpus"], r["article"], r["start"]): r["mentions"] for r in read_references(p)} for p in (a, b))
    pairs: dict[str, list[tuple[str, str]]] = {"stance": [], "sentiment": []}
    for key in first.keys() & second.keys():
        overlaps = sorted(
            (
                (min(m["end"], n["end"]) - max(m["start"], n["start"]), i, j)
                for i, m in enumerate(first[key])
                for j, n in enumerate(second[key])
            ),
            reverse=True,
        )
        used_a, used_b = set(), set()
        for overlap, i, j in overlaps:
            if overlap > 0 and i not in used_a and j not in used_b:
                used_a.add(i)
                used_b.add(j)
                for head in pairs:
                    pairs[head].append((first[key][i][head], second[key][j][head]))
    common = first.keys() & second.keys()
    return pairs, sum(len(first[k]) for k in common), sum(len(second[k]) for k in common)


def main(a: str, b: str) -> None:
    pairs, marked_a, marked_b = paired_labels(Path(a), Path(b))
    both = len(pairs["stance"])
    print(f"mentions: {marked_a} and {marked_b} marked, {both} by both, F1 {2 * both / max(marked_a + marked_b, 1):.3f}")
    for head, labels in pairs.items():
        same = sum(x == y for x, y in labels) / max(len(labels), 1)
        kappa = cohen_kappa_score(*zip(*labels, strict=True))
        print(
            f"{head}: the same label {same:.1%}, Cohen's kappa {kappa:.3f}, Krippendorff's alpha {krippendorff_alpha(labels):.3f}"
        )


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python -m stance.training.agreement PASS_A PASS_B")
    main(*sys.argv[1:3])
