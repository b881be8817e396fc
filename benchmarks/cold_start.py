"""Seconds from `stance analyze` to its table, process start included, for examples/strait_incident.txt (six paragraphs)."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

ARTICLE = Path(__file__).parent.parent / "examples" / "strait_incident.txt"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    args = parser.parse_args()
    command = [sys.executable, "-m", "stance.cli", "analyze", "--format", "table", str(ARTICLE)]
    seconds = []
    for _ in range(args.runs):
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - begun)
    print(
        f"cold start to table: median {statistics.median(seconds):.2f} s, "
        f"from {min(seconds):.2f} to {max(seconds):.2f} s, {args.runs} runs"
    )
    probe = (
        "import sys; from stance.cli import app; "
        "app(['analyze', '--format', 'jsonl', sys.argv[1], '-o', '/dev/null'], standalone_mode=False); "
        "print('torch' in sys.modules, 'transformers' in sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", probe, str(ARTICLE)], check=True, capture_output=True, text=True
    ).stdout.split()[-2:]
    print(f"torch imported: {loaded[0]}, transformers imported: {loaded[1]}")
    sys.exit("True" in loaded)


if __name__ == "__main__":
    main()
