"""The public corpora, as their authors' repositories hold them -> the files that ``reader.py`` reads.

    python -m stance.training.corpora.convert CLONES OUT

CLONES holds PolNeAR/, PerSenT/, gap-coreference/, gum/ and NewsMTSC/, cloned from GitHub (``reader.py`` names the owners).
Those that are missing, or not as their authors publish them, are left out, and said so. Every offset is in characters, end
excluded.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from stance.training.corpora.reader import SOURCES, TARGETS, json_rows

# Articles of PerSenT that hold a sentence of NewsMTSC devtest_rw, which is kept out of everything here.
HELD_OUT = {"3991", "4398", "4600", "4612", "4639", "4900", "4960", "5037", "5142", "5304"}
GUM_GENRES = ("news", "bio", "interview", "court", "academic", "voyage")  # texts under CC BY or CC BY-SA


def write(path: Path, rows: Iterable[dict]) -> None:
    """All of the rows, or no file: what breaks off leaves none that looks whole."""
    part = path.with_name(path.name + ".part")
    try:
        with gzip.GzipFile(part, "wb", mtime=0) as f:
            for row in rows:
                f.write((json.dumps(row, ensure_ascii=False) + "\n").encode())
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def polnear(root: Path) -> Iterator[dict]:
    """Text as published; the attributions of an article's first annotation file."""
    for path in sorted((root / "text").glob("*.txt")):
        spans, attributions = {}, []
        with open(path, encoding="utf8", newline="") as f:
            text = f.read()
        files = sorted(p for p in (root / "attributions").iterdir() if p.name.startswith(path.stem + "_"))
        lines = files[0].read_text(encoding="utf8").splitlines() if files else []
        for line in lines:
            if m := re.match(r"(T\d+)\t\w+ ([\d ;]+)\t", line):
                spans[m[1]] = [[int(x) for x in part.split()] for part in m[2].split(";")]
        for line in lines:
            if line.startswith("E"):
                roles = {"source": [], "cue": [], "content": []}
                for role, ref in re.findall(r"(Source|Cue|Content)\d*:(T\d+)", line):
                    roles[role.lower()] += spans.get(ref, [])
                attributions.append(roles)
        yield {"id": path.stem, "text": text, "attributions": attributions}


def target_mentions(text: str, masked: str) -> list[list[int]]:
    """The target's spans in a paragraph, found by its version in which they read [TGT]."""
    parts = [re.escape(p.strip()).replace(r"\ ", r"\s*") for p in masked.split("[TGT]")]
    m = re.fullmatch(r"\s*" + r"\s*(\S.*?)\s*".join(parts) + r"\s*", text, re.S) if 1 < len(parts) < 25 else None
    return [list(m.span(k)) for k in range(1, len(parts)) if m.end(k) - m.start(k) <= 60] if m else []


def persent(root: Path) -> Iterator[dict]:
    """Paragraphs are the lines of DOCUMENT; their labels are kept where there is one for each."""
    for name in ("dev", "random_test", "fixed_test"):
        with open(root / f"{name}.csv", encoding="utf8") as f:
            for row in csv.DictReader(f):
                if row["DOCUMENT_INDEX"] in HELD_OUT:
                    continue
                text, masked = row["DOCUMENT"].split("\n"), row["MASKED_DOCUMENT"].split("\n")
                labels = [row[f"Paragraph{i}"] for i in range(16) if row[f"Paragraph{i}"]]
                known = len(text) == len(masked) == len(labels)
                yield {
                    "id": row["DOCUMENT_INDEX"],
                    "title": row["TITLE"],
                    "target": row["TARGET_ENTITY"],
                    "sentiment": row["TRUE_SENTIMENT"].lower(),
                    "paragraphs": [
                        {
                            "text": t,
                            "mentions": target_mentions(t, masked[i]) if len(text) == len(masked) else [],
                            "sentiment": labels[i].lower() if known else None,
                        }
                        for i, t in enumerate(text)
                    ],
                }


def gap(path: Path) -> Iterator[dict]:
    """The pronoun of each passage, and two names that it may mean."""
    with open(path, encoding="utf8") as f:
        for row in csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE):
            span = {k: [int(row[k + "-offset"]), int(row[k + "-offset"]) + len(row[k])] for k in ("Pronoun", "A", "B")}
            yield {
                "id": row["ID"],
                "text": row["Text"],
                "pronoun": span["Pronoun"],
                "names": [{"span": span[k], "same": row[k + "-coref"].upper() == "TRUE"} for k in "AB"],
            }


def gum(root: Path) -> Iterator[dict]:
    return (gum_document(p) for p in sorted(root.glob("GUM_*.conllu")) if p.stem.split("_")[1] in GUM_GENRES)


def gum_document(path: Path) -> dict:
    """Tokens joined as SpaceAfter says, sentences by a space, paragraphs by a newline; persons, organisations and places."""
    text, sentences, mentions, kinds, open_at = "", [], {}, {}, {}
    name = path.stem
    for block in path.read_text(encoding="utf8").strip().split("\n\n"):
        lines = block.split("\n")
        if text:
            text += "\n" if any(line.startswith("# newpar") for line in lines) else ("" if text.endswith((" ", "\n")) else " ")
        start, space, inside, at = len(text), False, 0, 0
        for cols in (line.split("\t") for line in lines if not line.startswith("#")):
            misc = dict(x.split("=", 1) for x in cols[9].split("|") if "=" in x)
            if "." in cols[0]:
                continue
            if inside:  # a word of a contraction: find it in the contraction's letters
                a = max(text.find(cols[1], at), at)
                at = b = min(a + len(cols[1]), len(text))
                inside -= 1
            else:
                text += " " if space else ""
                a, b = len(text), len(text) + len(cols[1])
                text += cols[1]
                space = misc.get("SpaceAfter") != "No"
                if "-" in cols[0]:
                    first, last = map(int, cols[0].split("-"))
                    inside, at = last - first + 1, a
                    continue
            for m in re.finditer(r"\((\d+)-([a-z]+)[^()]*(\)?)|(\d+)\)", misc.get("Entity", "")):
                if m[1]:
                    kinds[m[1]] = m[2]
                    if m[3]:
                        mentions.setdefault(m[1], []).append([a, b])
                    else:
                        open_at.setdefault(m[1], []).append(a)
                elif open_at.get(m[4]):
                    mentions.setdefault(m[4], []).append([open_at[m[4]].pop(), b])
        sentences.append([start, len(text)])
    entities = [
        {"type": kinds[k], "mentions": sorted(v)} for k, v in mentions.items() if kinds[k] in ("person", "organization", "place")
    ]
    return {
        "id": name,
        "genre": name.split("_")[1],
        "text": text,
        "sentences": sentences,
        "entities": sorted(entities, key=lambda e: e["mentions"][0]),
    }


def newsmtsc(path: Path) -> Iterator[dict]:
    """As published."""
    return (row for _, row in json_rows(path, TARGETS))


def convert(clones: Path, out: Path) -> int:
    """Convert every corpus whose clone is there; returns how many are left out."""
    targets = clones / "NewsMTSC/NewsSentiment/controller_data/datasets/NewsMTSC-dataset"
    made = {
        "polnear": (clones / "PolNeAR/data/train", polnear),
        "polnear_dev": (clones / "PolNeAR/data/dev", polnear),
        "persent": (clones / "PerSenT", persent),
        "gap": (clones / "gap-coreference/gap-development.tsv", gap),
        "gap_validation": (clones / "gap-coreference/gap-validation.tsv", gap),
        "gum": (clones / "gum/dep", gum),
        "newsmtsc": (targets / "train.jsonl", newsmtsc),
        "newsmtsc_dev": (targets / "devtest_mt.jsonl", newsmtsc),
    }
    out.mkdir(parents=True, exist_ok=True)
    left_out = 0
    for name, (source, read) in made.items():
        path = out / SOURCES[name].file
        try:
            if not source.exists():
                raise FileNotFoundError("missing")
            write(path, read(source))
            print(path)
        except (OSError, ValueError, LookupError, csv.Error) as error:
            left_out += 1
            told = f"no field {error}" if isinstance(error, KeyError) else error
            print(f"{source}: {told}; {path.name} is left out: clone {SOURCES[name].origin}", file=sys.stderr)
    return left_out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clones", type=Path, metavar="CLONES")
    parser.add_argument("out", type=Path, metavar="OUT")
    args = parser.parse_args()
    try:
        sys.exit(1 if convert(args.clones, args.out) else 0)
    except OSError as error:
        sys.exit(f"stance: {error.filename}: {error.strerror}")


if __name__ == "__main__":
    main()
