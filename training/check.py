"""``stance data``: what the labelled articles hold, and the references joined to their text."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

from stance.labels import SENTIMENTS, STANCES
from stance.training import sources
from stance.training.corpora import SOURCES
from stance.training.corpus import ARTICLES, LABELS, articles, join, read_references, splits

# What the written articles must have; see training/data/README.md.
LEAST = {"articles": 150, "mentions": 1800, "subjects": 12, "cues": 200, "warning": 0.15, "denying": 0.15}
MOST_OF_ONE_CUE = 0.03


def report(folder: Path | None = None) -> None:
    """Print the counts of a folder of articles. Raises ``MarkupError`` for mistakes, ``ValueError`` where ours fall short."""
    documents = articles(folder or ARTICLES)
    if not documents:
        raise ValueError(
            f"{folder or ARTICLES}: no articles; give a folder of .txt files in the markup of training/data/README.md"
        )
    mentions = [m for d in documents for _, m in d.mentions()]
    stances, sentiments = (Counter(getattr(m, name) for m in mentions) for name in ("stance", "sentiment"))
    cues = Counter(d.text[m.cue[0] : m.cue[1]].lower() for d in documents for _, m in d.mentions() if m.cue)
    subjects = Counter(d.subject for d in documents)
    total = max(len(mentions), 1)
    print(
        f"articles    {len(documents)} on {len(subjects)} subjects ({', '.join(f'{s} {n}' for s, n in sorted(subjects.items()))})"
    )
    print(f"sentences   {sum(len(d.sentences) for d in documents)}")
    print(f"mentions    {len(mentions)} of {sum(len({m.actor for _, m in d.mentions()}) for d in documents)} actors")
    print("stance      " + ", ".join(f"{s} {stances[s]} ({stances[s] / total:.1%})" for s in STANCES))
    print("sentiment   " + ", ".join(f"{s} {sentiments[s]} ({sentiments[s] / total:.1%})" for s in SENTIMENTS))
    common = ", ".join(f"{cue} {n / total:.1%}" for cue, n in cues.most_common(5))
    print(f"cues        {len(cues)} different; most frequent: {common}")
    if folder is None:
        for name, part in splits(documents).items():
            print(
                f"{name:<11} {len(part)} articles, {sum(1 for d in part for _ in d.mentions())} mentions: "
                f"{', '.join(sorted({d.subject for d in part}))}"
            )
        _demand(len(documents), len(mentions), len(subjects), stances, cues, total)


def _demand(documents: int, mentions: int, subjects: int, stances: Counter, cues: Counter, total: int) -> None:
    found = {
        "articles": documents,
        "mentions": mentions,
        "subjects": subjects,
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


def write_joined(corpora: Path, references: list[Path], output: Path | None) -> None:
    """Every labelled mention on real news as a row with its sentence and neighbours, in JSON Lines."""
    paths = references or [p for p in (LABELS, sources.GROWN, sources.GOLD) if p.is_file()]
    for path in paths:
        if not path.is_file():
            raise ValueError(f"{path}: no such file")
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
    parts = [f"{n} articles of {SOURCES[k][1].split(' (')[0]}" for k, n in sorted(kinds.items())]
    print(f"{count} mentions joined, in {', '.join(parts)}", file=sys.stderr)
