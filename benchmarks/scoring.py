"""`stance score` on made articles: sentences a second, peak memory, and the seconds to the first row.

python benchmarks/scoring.py 20000 100000 1000000
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from stance.training.labelled.corpus import articles

FIRST_ROW = """
import json, sys
import stance
def items():
    for line in open(sys.argv[1]):
        yield json.loads(line)
next(stance.load(threads=int(sys.argv[2])).score(items()))
"""


def write_articles(path: Path, sentences: int, seed: int = 0) -> None:
    """Articles of the project's sentences in a new order, three a paragraph, until there are so many."""
    rng = random.Random(seed)
    texts = [[d.text[a:b] for a, b in d.sentences] for d in articles()]
    with path.open("w", encoding="utf-8") as f:
        number = made = 0
        while made < sentences:
            article = texts[number % len(texts)].copy()
            rng.shuffle(article)
            text = "\n".join(" ".join(article[i : i + 3]) for i in range(0, len(article), 3))
            f.write(json.dumps({"id": f"a{number}", "text": text}) + "\n")
            number, made = number + 1, made + len(article)


def run(command: list[str]) -> tuple[float, float]:
    """Seconds, and the peak of resident memory in MiB."""
    begun = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - begun, usage.ru_maxrss / 1024


def first_part(folder: Path, begun: float, seen: list[float]) -> None:
    while not seen and time.perf_counter() - begun < 60:
        if list(folder.glob("part-*")):
            seen.append(time.perf_counter() - begun)
        time.sleep(0.01)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sentences", type=int, nargs="*", default=[2_000, 20_000])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--engine", default="local")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        for sentences in args.sentences:
            source, output = Path(scratch, f"{sentences}.jsonl"), Path(scratch, f"out-{sentences}")
            write_articles(source, sentences)
            seconds, _ = run([sys.executable, "-c", FIRST_ROW, str(source), str(args.threads)])
            seen: list[float] = []
            watch = threading.Thread(target=first_part, args=(output, time.perf_counter(), seen), daemon=True)
            watch.start()
            command = [sys.executable, "-m", "stance", "score", str(source), "-o", str(output), "-q"]
            whole, peak = run([*command, "--threads", str(args.threads), "--engine", args.engine])
            watch.join()
            size = sum(p.stat().st_size for p in output.glob("part-*")) / 2**20
            print(
                f"{sentences:,} sentences: {sentences / whole:.0f} a second, peak {peak:.0f} MiB, "
                f"first row after {seconds:.2f} s, first part after {seen[0]:.2f} s, {size:.1f} MiB of Parquet",
                flush=True,
            )


if __name__ == "__main__":
    main()
