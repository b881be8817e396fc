"""Kills `stance score` at random instants until it has died so often, and compares the output with that of an unbroken run.

python benchmarks/kills.py --kills 20
"""

from __future__ import annotations

import argparse
import hashlib
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scoring import write_articles


def digest(folder: Path) -> str:
    """Of all files of an output, names and bytes; the lock holds nothing."""
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "lock")
    return hashlib.sha256(b"".join(str(p.relative_to(folder)).encode() + p.read_bytes() for p in files)).hexdigest()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--sentences", type=int, default=1500)
    parser.add_argument("--part-sentences", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    rng = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as scratch:
        source = Path(scratch, "articles.jsonl")
        write_articles(source, args.sentences)
        with source.open("a") as f:
            f.write('{"id": "broken"\n' * 3)
        command = [sys.executable, "-m", "stance", "score", str(source), "-q", "--part-sentences", str(args.part_sentences), "-o"]
        begun = time.perf_counter()
        subprocess.run([*command, str(Path(scratch, "whole"))], check=True)
        whole = time.perf_counter() - begun
        expected = digest(Path(scratch, "whole"))
        same = killed = 0
        for number in range(args.kills):
            output = Path(scratch, f"killed-{number}")
            process = subprocess.Popen([*command, str(output)])
            try:
                process.wait(rng.uniform(0.2, whole))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                killed += 1
            subprocess.run([*command, str(output)], check=True)
            same += digest(output) == expected
        print(
            f"{killed} of {args.kills} runs killed at random instants of {whole:.1f} s; {same} outputs are those of a whole run"
        )
        sys.exit(same < args.kills)


if __name__ == "__main__":
    main()
