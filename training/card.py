"""The model card, written from what training and evaluation recorded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stance.checkpoint import CARD, default_folder

LOG = "training.json"

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
        "Reads news text and gives each actor mentioned in a sentence a stance (confirming, warning, denying, unknown) and a portrayal "
        "(negative, neutral, positive). One encoder pass over a window of sentences finds the mentions and the cue words and labels them.",
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
    lines += [
        "## Limits",
        "",
        "English news prose. Stance is the actor's own position *in that sentence*: it says nothing about whether the actor is right, "
        "and nothing beyond the article. Irony, long chains of nested reports and actors named only by a pronoun of another article "
        "are often wrong. Most real sentences seen in training are of US politics between 2010 and 2019. Do not decide about a person by it alone.",
        "",
    ]
    (folder / CARD).write_text("\n".join(lines), encoding="utf-8")


def _averaged(log: dict[str, Any]) -> str:
    others = log.get("averaged_with", [])
    seeds = ", ".join(f"seed {o['recipe']['seed']}, {o['recipe']['stages'][-1]['epochs']:g} epochs" for o in others)
    return f"; its weights averaged with those of {len(others)} more run of that recipe ({seeds})" if others else ""


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{n} {label}" for label, n in sorted(counts.items(), key=lambda x: -x[1]))
