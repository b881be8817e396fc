"""How long an evaluation of stored predictions takes: scores, slices, comparison with three baselines, and the whole report.

python benchmarks/evaluation.py                      # 10,000 mentions, 2,000 bootstrap samples
python benchmarks/evaluation.py --mentions 100000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from stance.labels import SENTIMENTS, STANCES
from stance.training import evaluation
from stance.training.evaluation.scored import TEXT_COLUMNS, ScoredMentions, head_of


def made_up(model: str, mentions: int, right: float, seed: int) -> ScoredMentions:
    """Predictions of a model that is right so often, in articles of about 8 mentions; all models have the same labels."""
    truths, rng = np.random.default_rng(0), np.random.default_rng(seed)
    article = np.sort(truths.integers(mentions // 8, size=mentions))
    text = {c: [None] * mentions for c in TEXT_COLUMNS}
    text["article_id"] = [f"article {a}" for a in article]
    text["sentence"] = [f"Sentence {i // 2} of a made-up article that a made-up minister has denied." for i in range(mentions)]
    text["sentence_start"] = [80 * (i // 2) for i in range(mentions)]
    text["mention_start"] = [80 * (i // 2) + 40 + i % 2 for i in range(mentions)]
    text["mention"] = text["actor"] = [f"Minister {i % 97}" for i in range(mentions)]
    heads = {}
    for head, labels in (("stance", STANCES), ("sentiment", SENTIMENTS)):
        truth = truths.integers(len(labels), size=mentions)
        guess = np.where(rng.random(mentions) < right, truth, rng.integers(len(labels), size=mentions))
        table = rng.dirichlet(np.ones(len(labels)), mentions) + 1.5 * np.eye(len(labels))[guess]
        table /= table.sum(1, keepdims=True)
        given = [dict(zip(labels, row.tolist(), strict=True)) for row in table]
        heads[head] = head_of(labels, [labels[t] for t in truth], [labels[g] for g in guess], given)
    slices = {f"slice {k}": [f"value {v}" for v in truths.integers(4, size=mentions)] for k in range(12)}
    return ScoredMentions(model, "made up", text, heads, slices)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mentions", type=int, default=10_000)
    parser.add_argument("--samples", type=int, default=2_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        models = {"model": 0.8, "other": 0.7, "third": 0.6, "fourth": 0.3}
        made = [made_up(m, args.mentions, right, seed) for seed, (m, right) in enumerate(models.items(), 1)]
        evaluation.write_predictions(made, folder / "predictions.parquet")
        begin, worked = time.perf_counter(), time.process_time()
        found = evaluation.evaluate(str(folder / "predictions.parquet"), samples=args.samples)
        scored = time.perf_counter()
        evaluation.write(found, folder / "scores")
        written, worked = time.perf_counter(), time.process_time() - worked
    size = f"{args.mentions:,} mentions, {len(models)} systems, 2 heads, {len(found.sets[0].first.heads['stance'].slices)} slices"
    print(
        f"{size}, {args.samples:,} samples: {scored - begin:.1f} s to read, score and compare, {written - scored:.1f} s to write"
    )


if __name__ == "__main__":
    main()
