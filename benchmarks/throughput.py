"""(sentence, actor) pairs a second: stance, and transformers' text-classification pipeline with the same encoder.

Both score the same pairs, three actors a sentence, in this process, one after the other, on the same number of threads.
The pipeline gets the pair as two segments, in float32, at the best of several batch sizes, its input sorted by length.
Its classification head is new: the speed of a pass does not depend on what it says.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path

import stance
from stance.training.corpus import articles

BATCH_SIZES = (1, 8, 16, 32, 64)


def pairs(sentences: int, actors: int, seed: int = 0) -> list[dict]:
    """Sentences of the written articles with ``actors`` mentions each: those labelled, and more words where there are fewer."""
    rng = random.Random(seed)
    found = []
    for d in articles():
        for index, labelled in d.labelled.items():
            a, b = d.sentences[index]
            spans = sorted({(m.start - a, m.end - a) for m in labelled.mentions})
            text = d.text[a:b]
            spans += [
                (k, k + len(w))
                for w in text.split()
                if len(w) > 4 and (k := text.find(w)) >= 0 and not any(x < k + len(w) and k < y for x, y in spans)
            ]
            if len(spans) >= actors:
                found.append((text, spans[:actors]))
    rng.shuffle(found)
    rows = []
    for n in range(sentences):
        text, spans = found[n % len(found)]
        # Numbered, so that no sentence comes twice and none is read once for two.
        text = f"{text} {n}."
        rows += [{"sentence": text, "actor": text[s:e], "start": s, "end": e} for s, e in spans]
    return rows


def best_of(runs: int, work) -> float:
    seconds = []
    for _ in range(runs):
        begun = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--actors", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--runs", type=int, default=3, help="the best of so many is taken, for both")
    parser.add_argument("--model", default=None)
    args = parser.parse_args()
    rows = pairs(args.sentences, args.actors)
    classifier = stance.load(args.model, threads=args.threads)
    classifier.predict_many(rows[:60])
    ours = best_of(args.runs, lambda: classifier.predict_many(rows))
    print(
        f"stance ({classifier.config.precision}, onnxruntime): {len(rows) / ours:.0f} pairs/s, "
        f"{args.sentences / ours:.0f} sentences/s"
    )

    warnings.simplefilter("ignore")
    import torch
    from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast, pipeline

    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(args.threads)
    settings = dict(classifier.config.encoder)
    config = AutoConfig.for_model(settings.pop("model_type"), **settings, num_labels=4)
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch, "config.json").write_text(json.dumps(config.to_dict(), default=str), encoding="utf-8")
        tokenizer = PreTrainedTokenizerFast(
            tokenizer_file=str(classifier.checkpoint.folder / "tokenizer.json"),
            pad_token="[PAD]",
            cls_token="[CLS]",
            sep_token="[SEP]",
            model_max_length=256,
        )
        model = AutoModelForSequenceClassification.from_config(config).eval()
        pipe = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
    inputs = sorted(({"text": r["sentence"], "text_pair": r["actor"]} for r in rows), key=lambda r: len(r["text"]))
    sample = inputs[:: max(len(inputs) // 300, 1)]
    trial = {size: best_of(1, lambda size=size: pipe(list(sample), batch_size=size)) for size in BATCH_SIZES}
    size = min(trial, key=trial.__getitem__)
    theirs = best_of(args.runs, lambda: pipe(list(inputs), batch_size=size))
    print(f"transformers pipeline (float32, batch size {size}): {len(rows) / theirs:.0f} pairs/s")
    print(f"ratio: {theirs / ours:.1f}, {args.threads} threads")
    sys.exit(theirs / ours < 5)


if __name__ == "__main__":
    main()
