"""``stance data join``: the labels on real news, kept by reference, joined to the text of their corpora."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from stance.training.corpora.reader import SOURCES
from stance.training.labelled import sources
from stance.training.labelled.corpus import LABELS, join, read_references


def write_joined(corpora: Path, references: list[Path], output: Path | None) -> None:
    """Every labelled mention on real news as a row with its sentence and neighbours, in JSON Lines."""
    paths = references or [p for p in (LABELS, sources.GROWN, sources.GOLD) if p.is_file()]
    if output and not output.parent.is_dir():  # found out before the corpora are read
        raise ValueError(f"{output}: no such folder; make it, or write elsewhere")
    documents = join((row for path in paths for row in read_references(path)), corpora)
    count = 0
    out = open(output, "w", encoding="utf-8") if output else sys.stdout
    try:
        for d in documents:
            for index, m in d.mentions():
                a, b = d.sentences[index]
                out.write(
                    json.dumps(
                        {
                            "corpus": d.source,
                            "article": d.id,
                            "sentence": d.text[a:b],
                            "actor": m.actor,
                            "start": m.start - a,
                            "end": m.end - a,
                            "before": " ".join(d.text[x:y] for x, y in d.sentences[max(index - 3, 0) : index]),
                            "after": " ".join(d.text[x:y] for x, y in d.sentences[index + 1 : index + 2]),
                            "stance": m.stance,
                            "sentiment": m.sentiment,
                            "cue": d.text[m.cue[0] : m.cue[1]] if m.cue else None,
                        },
                        ensure_ascii=False,
                    )
                    + "\n"
                )
                count += 1
    finally:
        if output:
            out.close()
    kinds = Counter(d.source for d in documents)
    parts = [f"{n} articles of {SOURCES[k].origin.split(' (')[0]}" for k, n in sorted(kinds.items())]
    print(f"{count} mentions joined, in {', '.join(parts)}", file=sys.stderr)
