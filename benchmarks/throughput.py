"""(sentence, actor) pairs a second: stance, and the other ways to get them, in one run on the same threads.

All score the same sentences with three given actors each. Contenders take turns, round by round, so that what else the machine
does meets them alike; the best round of each counts. The pipeline gets the pair as two segments, in float32; its head is new,
since the speed of a pass does not depend on what it says. NewsSentiment's way is a pass of a RoBERTa of base size for every
target; one of random weights stands in. The bare session runs the encoder on stance's own batches, and does nothing else.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import stance
from stance.classifier import StanceClassifier
from stance.reading import pair_reading
from stance.training.labelled.corpus import articles

BATCH_SIZES = (8, 16, 32, 64)
# What each figure is held to: the least ratio to it.
LEAST = {
    "pipeline, one pair at a time": 9,
    "pipeline, best batch size": 7,
    "NewsSentiment's way": 40,
    "stance in float32": 1.4,
    "the bare session": 0.85,
}


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


def seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def bare_session(classifier: StanceClassifier, rows: list[dict]) -> Callable[[], object]:
    """The encoder's session alone, over the batches that stance makes of the rows, as many at a time."""
    texts = dict.fromkeys(row["sentence"] for row in rows)
    packs = classifier.inference.prepare([pair_reading("", text, "", []) for text in texts])
    return lambda: [pack.encoded.result() for pack in classifier.inference.submit(packs)]


def in_float32(folder: Path, threads: int) -> StanceClassifier:
    from stance.checkpoint import default_folder
    from stance.training.network.export import export_folder

    shutil.copytree(default_folder(), folder)
    export_folder(folder, "float32")
    return stance.load(folder, threads=threads)


def pipelines(classifier: StanceClassifier, scratch: Path):
    """transformers' pipeline with stance's encoder, and one with a random RoBERTa of base size."""
    from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedTokenizerFast, RobertaConfig, pipeline

    settings = dict(classifier.config.encoder)
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(classifier.checkpoint.folder / "tokenizer.json"),
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=256,
    )
    own = AutoConfig.for_model(settings.pop("model_type"), **settings, num_labels=4)
    roberta = RobertaConfig(vocab_size=50265, max_position_embeddings=514, type_vocab_size=1, num_labels=3)
    Path(scratch, "config.json").write_text(json.dumps(own.to_dict(), default=str), encoding="utf-8")
    for config in (own, roberta):
        model = AutoModelForSequenceClassification.from_config(config).eval()
        pipe = pipeline("text-classification", model=model, tokenizer=tokenizer, device="cpu")
        tokenizer.model_input_names = ["input_ids", "attention_mask"]
        yield pipe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sentences", type=int, default=1000)
    parser.add_argument("--actors", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default=None)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = pairs(args.sentences, args.actors)
    classifier = stance.load(args.model, threads=args.threads)

    import torch

    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.set_num_threads(args.threads)
    with tempfile.TemporaryDirectory() as scratch:
        pipe, roberta = pipelines(classifier, Path(scratch))
        float32 = in_float32(Path(scratch, "float32"), args.threads)
        inputs = sorted(({"text": r["sentence"], "text_pair": r["actor"]} for r in rows), key=lambda r: len(r["text"]))
        few, fewer = inputs[:: max(len(inputs) // 300, 1)], inputs[:: max(len(inputs) // 60, 1)]
        trial = {size: seconds(lambda size=size: pipe(list(few), batch_size=size)) for size in BATCH_SIZES}
        size = min(trial, key=trial.__getitem__)
        contenders: dict[str, tuple[int, Callable[[], object]]] = {  # how many pairs, and how
            "stance": (len(rows), lambda: classifier.predict_many(rows)),
            "the bare session": (len(rows), bare_session(classifier, rows)),
            "stance in float32": (len(rows), lambda: float32.predict_many(rows)),
            "pipeline, best batch size": (len(few), lambda: pipe(list(few), batch_size=size)),
            "pipeline, one pair at a time": (len(few), lambda: [pipe(pair) for pair in few]),
            "NewsSentiment's way": (len(fewer), lambda: [roberta(pair) for pair in fewer]),
        }
        classifier.predict_many(rows[:60])
        rates: dict[str, float] = dict.fromkeys(contenders, 0.0)
        for _ in range(args.rounds):
            for name, (count, work) in contenders.items():
                rates[name] = max(rates[name], count / seconds(work))
    ours = rates["stance"]
    print(f"{args.sentences} sentences, {args.actors} actors each, {args.threads} threads, best of {args.rounds} rounds")
    print(f"stance ({classifier.config.precision}): {ours:.0f} pairs/s, {ours / args.actors:.0f} sentences/s")
    failed = False
    for name, least in LEAST.items():
        ratio = ours / rates[name]
        failed |= ratio < least
        extra = f" ({size})" if "best" in name else ""
        print(f"{name}{extra}: {rates[name]:.0f} pairs/s; stance is {ratio:.2f} times as fast (at least {least})")
    sys.exit(failed)


if __name__ == "__main__":
    main()
