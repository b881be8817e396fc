"""What a run learns from, is measured on and calibrated on; documents -> the windows of a stage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from stance.encoding import SentenceEncoder
from stance.labels import LabelSet
from stance.training.finetuning import recipe as recipes
from stance.training.finetuning import self_training
from stance.training.finetuning.recipe import Recipe, Stage
from stance.training.finetuning.resume import data_fingerprint
from stance.training.finetuning.starting_point import label_set, stance_folder
from stance.training.labelled import sources
from stance.training.labelled.corpus import Document, articles, share, splits
from stance.training.labelled.tabular import TABLE, Columns, LabelledTable
from stance.training.network.dataset import Example, examples, rehearsal_examples

# Up to so many labelled mentions of a user's own, the recipe for few labels is the default.
FEW = 600


@dataclass
class Teaching:
    """What a run learns from: a dict a stage, of source -> documents; what it is measured and calibrated on; its labels."""

    stages: list[dict[str, list[Document]]]
    development: dict[str, list[Document]]
    test: dict[str, list[Document]] = field(default_factory=dict)
    calibration: dict[str, list[list[Document]]] = field(default_factory=dict)
    labels: LabelSet | None = None
    own: LabelledTable | None = None

    def sets(self) -> dict[str, list[Document]]:
        """A user's own data: *training*, and *development* and *test* where there are such."""
        sets = {"training": self.stages[-1]["data"], "development": self.development.get("data", []), **self.test}
        return {name: documents for name, documents in sets.items() if documents}

    def fingerprint(self) -> str:
        return data_fingerprint(d for stage in self.stages for documents in stage.values() for d in documents)


def own_teaching(
    recipe_name: str,
    data: Sequence[str | Path],
    corpora: Path | None,
    changes: Mapping[str, Any],
    columns: Columns | None,
    development: Sequence[str | Path] = (),
    test: Sequence[str | Path] = (),
) -> tuple[Recipe, Teaching]:
    """A user's own labelled text, parted into training and development, and the recipe for it. Raises ``ValueError``."""
    named = None if recipe_name == "default" else recipes.load(recipe_name)
    given = (named or recipes.load("finetune")).labels
    own = sources.read_labelled(data, corpora, columns, given)
    if not (mentions := sum(1 for d in own.documents for _ in d.mentions())):
        why = f" ({own.left_out[0].file} row {own.left_out[0].number}: {own.left_out[0].reason})" if own.left_out else ""
        raise ValueError(f"the data holds no labelled mention: {' '.join(map(str, data))}{why}")
    recipe = named or recipes.load(default_recipe(mentions, changes.get("base")))
    recipe = recipe.changed(dict(changes))
    taught, held = own.documents, []
    if development:
        held = sources.read_labelled(development, corpora, columns, given).documents
    elif recipe.held_out:
        taught, held = parted(own.documents, recipe.held_out)
        if not taught:  # a single article, say: it is better learnt from than measured on
            taught, held = own.documents, []
    tested = sources.read_labelled(test, corpora, columns, given).documents if test else []
    labels = label_set(taught, recipe.labels)
    for weights in (stage.class_weights for stage in recipe.stages):
        if unknown := sorted(set(weights if isinstance(weights, dict) else ()) - {*labels.stance, *labels.sentiment}):
            raise ValueError(
                f"class weights for {unknown[0]!r}, which is no label; there are {', '.join(sum(vars(labels).values(), ()))}"
            )
    teaching = Teaching(
        [{"data": taught} for _ in recipe.stages],
        {"data": held} if held else {},
        {"test": tested} if tested else {},
        labels=labels,
        own=own,
    )
    return recipe, teaching


def parted(documents: Sequence[Document], percent: int) -> tuple[list[Document], list[Document]]:
    """Documents to learn from, and ``percent`` of the articles to measure on: of tables so many as near as can be, from ten
    articles on at least one; of other sources those that always are held out."""
    names = sorted({d.id for d in documents if d.source == TABLE}, key=lambda name: share(name, 2**31))
    count = max(round(len(names) * percent / 100), percent > 0 and len(names) >= 10)
    chosen = set(names[:count])
    held = [d for d in documents if (d.id in chosen if d.source == TABLE else sources.held_out(d, percent))]
    kept = {id(d) for d in held}
    return [d for d in documents if id(d) not in kept], held


def default_recipe(mentions: int, base: str | None) -> str:
    """The recipe for a user's own data: for few labels, for more, or for an encoder without heads."""
    encoder = base is not None and stance_folder(base) is None
    if mentions <= FEW:
        return "few_encoder" if encoder else "few"
    return "encoder" if encoder else "finetune"


def recipe_teaching(recipe: Recipe, corpora: Path | None) -> Teaching:
    """What a recipe's own sources hold."""

    @cache
    def load(name: str) -> list[Document]:
        if name == self_training.SOURCE:
            if not recipe.teacher or corpora is None:
                raise ValueError(f"the source {name} needs a model, teacher in the recipe, and --corpora")
            return self_training.taught(corpora, recipe.teacher, recipe.taught_percent)
        return sources.load(name, corpora)

    return Teaching(
        [{name: load(name) for name in stage.sources} for stage in recipe.stages],
        {name: found for name in recipe.development if (found := sources.load(name, corpora))},
        calibration={head: [sources.load(name, corpora) for name in names] for head, names in recipe.calibration.items()},
    )


def prepared(documents: list[Document], encoder: SentenceEncoder, recipe: Recipe) -> list[Example]:
    """Windows to measure on: every sentence with its neighbours, as in scoring."""
    return examples(documents, encoder, recipe.before, recipe.after, bare=0)


def stage_examples(
    stage: Stage, documents: Mapping[str, list[Document]], encoder: SentenceEncoder, recipe: Recipe
) -> tuple[list[Example], dict[str, dict[str, Any]]]:
    """The windows of a stage, and what each source holds."""
    items: list[Example] = []
    counts = {}
    for name, found in documents.items():
        made = examples(found, encoder, recipe.before, recipe.after, stage.bare, stage.sources.get(name, 1.0))
        counts[f"{stage.name}/{name}"] = _count(found, made)
        items += made
    if stage.rehearsal:
        items += rehearsal_examples(splits(articles())["train"], encoder, stage.rehearsal * sum(len(e.window) for e in items))
    return items, counts


def _count(documents: list[Document], made: list[Example]) -> dict[str, Any]:
    mentions = [m for d in documents for _, m in d.mentions()]
    return {
        "articles": len({(d.source, d.id) for d in documents}),
        "windows": len(made),
        "mentions": len(mentions),
        "stance": dict(Counter(m.stance for m in mentions if m.stance)),
        "sentiment": dict(Counter(m.sentiment for m in mentions if m.sentiment)),
    }
