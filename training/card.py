"""The model card, written from what training and evaluation recorded."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from stance.checkpoint import CARD, default_folder
from stance.labels import LabelSet

LOG, RECIPE = "training.json", "recipe.yaml"

CORPORA = {
    "polnear": "[PolNeAR 1.0](https://github.com/networkdynamics/PolNeAR) (Newell et al., LREC 2018); text by its seven publishers, no licence stated, for research",
    "persent": "[PerSenT](https://github.com/MHDBST/PerSenT) (Bastan et al., COLING 2020); no licence stated, for research",
    "newsmtsc": "[NewsMTSC](https://github.com/fhamborg/NewsMTSC) (Hamborg and Donnay, EACL 2021); MIT",
    "gum": "[GUM 11](https://github.com/amir-zeldes/gum) (Zeldes, LRE 2017); annotations CC BY 4.0, texts CC BY or CC BY-SA",
    "gap": "[GAP](https://github.com/google-research-datasets/gap-coreference) (Webster et al., TACL 2018); Apache 2.0",
}
USES = {
    "labels": ("polnear", "persent", "newsmtsc", "gum"),
    "joined_clauses": ("polnear", "persent", "newsmtsc", "gum"),
    "polnear_silver": ("polnear",),
    "newsmtsc_sentiment": ("newsmtsc",),
    "persent_sentiment": ("persent",),
    "gum_links": ("gum",),
    "gap_links": ("gap",),
    "gap_renamed": ("gap",),
    "masked_links": ("polnear", "persent"),
    "persent_links": ("persent",),
}


def write_card(folder: Path, log: dict[str, Any], evaluation: str = "", command: str = "") -> None:
    """``README.md`` of a model folder. ``evaluation``: the report of ``stance evaluate``, made by ``command``."""
    recipe = log["recipe"]
    runs = [*log.get("earlier", []), log]
    sources = [item for run in runs for item in run["sources"].items()]
    used = list(dict.fromkeys(c for key, _ in sources for c in USES.get(key.split("/")[1], ())))
    lines = [
        "---",
        "library_name: stance",
        "pipeline_tag: token-classification",
        "tags: [stance, news, attribution, sentiment]",
        "---",
        "",
        f"# {recipe['name']}",
        "",
        f"Reads news text and gives each actor mentioned in a sentence {_heads(log)}. "
        "One encoder pass over a window of sentences finds the mentions and the cue words and labels them.",
        "",
        "```python",
        "import stance",
        "",
        f"classifier = stance.load({'' if folder.resolve() == default_folder().resolve() else repr(folder.name)})",
        'print(classifier.predict("Moscow denied the report.", "Moscow").stance)',
        "```",
        "",
        "## Training",
        "",
        f"Base model `{runs[0]['recipe']['base']}`; "
        + ", then ".join(
            f"recipe `{r['recipe']['name']}` ({r['seconds'] / 60:.0f} minutes, seed {r['recipe']['seed']})" for r in runs
        )
        + _averaged(log)
        + ". Every choice, and the log of losses and scores, is in `training.json`.",
        "",
        "| stage | source | articles | mentions | stance labels | sentiment labels |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for key, n in sources:
        stage, source = key.split("/")
        lines.append(
            f"| {stage} | {source} | {n['articles']} | {n['mentions']} | {_counts(n['stance'])} | {_counts(n['sentiment'])} |"
        )
    if data := log.get("data", {}).get("files"):
        files = ", ".join(f"`{_cell(name)}`" for name in data)
        lines += [
            "",
            f"The data of the last run: {files}, {log['data']['rows']} rows, {log['data']['left_out']} of them left out; what was learnt "
            f"from it has the SHA-256 `{log['data']['sha256'][:16]}`.",
        ]
    if used:
        lines += ["", "Text of these corpora was read in training; none of it is in the model folder or the package:", ""]
        lines += [f"- {CORPORA[c]}" for c in used]
    lines += ["", "## What it reaches", ""]
    if evaluation:
        lines += [
            f"Printed by `{command}`. Sets of real news are development sets: recipes were chosen by looking at them. The "
            "probabilities are calibrated on "
            + (", ".join(sorted({n for names in (recipe.get("calibration") or {}).values() for n in names})) or "them")
            + ".",
            "",
            evaluation.replace("\n## ", "\n### ").replace("## ", "### ", 1) if evaluation.startswith("## ") else evaluation,
            "",
        ]
    elif log.get("figures"):
        lines += _figures(log)
    elif not log["development"]:
        lines += ["Not measured: there were too few articles to hold one out.", ""]
    else:
        lines += [
            "On the development sets, before conversion to int8:",
            "",
            "| set | stance macro-F1 | sentiment macro-F1 | mention F1 |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| {name} | "
            + " | ".join(f"{s[k]:.3f}" if k in s else "" for k in ("stance_macro_f1", "sentiment_macro_f1", "mention_f1"))
            + " |"
            for name, s in log["development"].items()
        ] + [""]
    lines += ["## Limits", "", _limits(log), ""]
    (folder / CARD).write_text("\n".join(lines), encoding="utf-8")


def _heads(log: dict[str, Any]) -> str:
    """What the model gives, with its labels."""
    labels = log.get("labels") or LabelSet().to_config()
    names = (("stance", "a stance"), ("sentiment", "a portrayal"))
    return " and ".join(f"{name} ({', '.join(map(_cell, labels[head]))})" for head, name in names if labels[head])


def _figures(log: dict[str, Any]) -> list[str]:
    """The scores of a user's own data, with intervals, as the finished model gives them."""
    lines = [
        "Measured with the finished model through `stance.load`; 95% intervals by bootstrap over articles (over sentences, where no "
        "column names the article)."
    ]
    if any(stage.get("patience") for stage in log["recipe"]["stages"]) or log.get("trials"):
        lines[0] += " Training was stopped or its settings chosen by the development set: its figures are somewhat too good."
    for name, heads in log["figures"].items():
        for head, h in heads.items():
            f1, accuracy = h["metrics"]["macro_f1"], h["metrics"]["accuracy"]
            lines += [
                "",
                f"{head.capitalize()}, {name}, {h['rows']} mentions: macro-F1 **{f1['value']:.3f}** ({f1['low']:.3f} to {f1['high']:.3f}), "
                f"accuracy {accuracy['value']:.3f}",
                "",
                "| label | precision | recall | F1 | rows |",
                "| --- | --- | --- | --- | --- |",
            ]
            for label in h["label_order"]:
                s = h["labels"][label]
                p, r, f = (_value(s[k]) for k in ("precision", "recall", "f1"))
                lines.append(f"| {_cell(label)} | {p} | {r} | {f} | {s['support']} |")
    return [*lines, ""]


def _value(estimate: dict[str, float]) -> str:
    return f"{estimate['value']:.3f} ({estimate['low']:.3f} to {estimate['high']:.3f})"


def _limits(log: dict[str, Any]) -> str:
    if log.get("data", {}).get("files"):
        few = sum(n["mentions"] for n in log["sources"].values())
        return (
            f"It learnt its labels from {few} mentions: on text of other kinds, times or languages than theirs it is worse than "
            "measured here, by how much is not known. A label says what a sentence gives for an actor, not whether it is true. Do not "
            "decide about a person by it alone."
        )
    return (
        "English news prose. Stance is the actor's own position *in that sentence*: it says nothing about whether the actor is right, "
        "and nothing beyond the article. Irony, long chains of nested reports and actors named only by a pronoun of another article "
        "are often wrong. Most real sentences seen in training are of US politics between 2010 and 2019. Do not decide about a person by it alone."
    )


def _cell(text: str) -> str:
    """Other people's text in a table of Markdown."""
    return re.sub(r"([|<>`*_\\\[\]])", r"\\\1", " ".join(str(text).split()))


def _averaged(log: dict[str, Any]) -> str:
    others = log.get("averaged_with", [])
    runs = Counter(f"seed {o['recipe']['seed']}, {o['recipe']['stages'][-1]['epochs']:g} epochs" for o in others)
    named = "; ".join(run if n == 1 else f"{run}, counted {n} times" for run, n in runs.items())
    return f"; its weights averaged with those of other runs of that recipe ({named})" if others else ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {_cell(label)}" for label, n in sorted(counts.items(), key=lambda x: -x[1]))
