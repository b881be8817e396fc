"""From a CSV to scored articles, in Python: python examples/retrain/retrain.py [OUTPUT]"""

from __future__ import annotations

import sys
from pathlib import Path

import stance
from stance.training import finetune

HERE = Path(__file__).parent


def main(output: Path) -> None:
    # Reads the table, says what it found, holds a tenth of the threads out, trains, measures, saves.
    finetune.train("default", output, [HERE / "rumours.csv"], None, {})
    classifier = stance.load(output)
    article = classifier.analyze((HERE / "article.txt").read_text(encoding="utf-8"))
    for actor in article.actors:
        print(f"{actor.name}: {actor.stance} ({dict(actor.stances)})")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "my-model"))
