"""A recipe: every choice of a training run, as YAML."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

from stance.labels import HEADS

LOSSES = ("stance", "sentiment", "cue", "tag", "link")
RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Stage:
    """One pass of fine-tuning. ``sources``: name -> weight of its mentions in the loss.

    ``rate`` is the encoder's top layer's; ``head_rate`` times that is the heads', each layer below has ``layer_decay`` times
    the one above. ``batch``: windows that go through the network together, over all processes; ``accumulate`` of them make a
    step. ``freeze``: *nothing*, *embeddings*, a number of layers from the bottom (and the embeddings), or *encoder*. ``lora``:
    the rank of adapters that are trained instead of the encoder (Hu et al. 2022), 0 for none; saving merges them.
    ``class_weights``: label -> weight, or *auto* for weights that make up for rare labels. ``focal``: the exponent of the focal
    loss (Lin et al. 2017). ``consistency``: the weight of regularised dropout (Liang et al. 2021), which doubles a step's time (0:
    none). ``averaging``: the decay of a running mean of the weights, which then is the model (0: none).
    ``patience``: stop after so many evaluations without a better development macro-F1, and keep the best weights (0: train
    all epochs, keep the last). ``bare``: percent of single sentences read without their neighbours. ``rehearsal``: for each
    token of the data, so many tokens of the project's own articles, which keep the model finding and linking mentions.
    """

    name: str
    sources: dict[str, float]
    epochs: float = 3.0
    rate: float = 1e-4
    batch: int = 16
    head_rate: float = 3.0
    layer_decay: float = 1.0
    warmup: float = 0.1
    weight_decay: float = 0.01
    label_smoothing: float = 0.0
    class_weights: dict[str, float] | str | None = None
    focal: float = 0.0
    consistency: float = 0.0
    freeze: str = "nothing"
    lora: int = 0
    accumulate: int = 1
    averaging: float = 0.0
    patience: int = 0
    loss: dict[str, float] = field(default_factory=dict)
    bare: int = 25
    rehearsal: float = 0.0


@dataclass(frozen=True)
class Recipe:
    """``labels``: head -> its labels in order, of tables; without it, those of the data. ``held_out``: percent of the data's
    articles kept for development. ``teacher``: the model that labels the source *taught*, and ``taught_percent`` how much of the
    unlabelled sentences. ``checkpoint_minutes``: how often training is saved to go on from there after an interruption.
    """

    name: str
    base: str
    stages: tuple[Stage, ...]
    labels: dict[str, list[str]] = field(default_factory=dict)
    development: tuple[str, ...] = ("articles_dev",)
    calibration: dict[str, list[str]] = field(default_factory=dict)  # head -> the sets that its probabilities are fitted on
    max_tokens: int = 192
    context_tokens: int = 48
    before: int = 2
    after: int = 1
    dropout: float = 0.1
    seed: int = 1
    bf16: bool = True
    precision: str = "both"
    held_out: int = 10
    teacher: str = ""
    taught_percent: int = 45
    checkpoint_minutes: float = 2.0
    tensorboard: bool = False

    def changed(self, changes: dict[str, Any]) -> Recipe:
        """With other values for some choices; what is a stage's is changed in the last stage. Raises ``ValueError``."""
        of_stage = {f.name for f in fields(Stage)} - {"name"}
        stage = {k: v for k, v in changes.items() if k in of_stage}
        rest = {k: v for k, v in changes.items() if k not in stage}
        changed = replace(self, stages=(*self.stages[:-1], replace(self.stages[-1], **stage)), **rest)
        _check_stage(changed.stages[-1], "")
        return changed

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def load(name: str) -> Recipe:
    """A recipe by name (of the folder ``recipes``) or from a YAML file. Raises ``ValueError`` that names the file and the key."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else RECIPES / f"{name}.yaml"
    if not path.is_file():
        there = ", ".join(sorted(p.stem for p in RECIPES.glob("*.yaml")))
        raise ValueError(f"no recipe {name!r}; there are {there}, or give a .yaml file")
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(data, dict) or not data.get("stages"):
        raise ValueError(f"{path}: a recipe has name, base and stages")
    if not isinstance(data["stages"], list) or not isinstance(data.get("development", []), list):
        raise ValueError(f"{path}: stages and development are lists")
    calibration = data.get("calibration", {})
    if not isinstance(calibration, dict) or not all(
        head in HEADS and isinstance(names, list) for head, names in calibration.items()
    ):
        raise ValueError(f"{path}: calibration is a list of sets for stance, and one for sentiment")
    stages = tuple(_build(Stage, s, path, f"stage {i + 1}") for i, s in enumerate(data.pop("stages")))
    if "development" in data:
        data["development"] = tuple(data["development"])
    return _build(Recipe, {**data, "stages": stages}, path, "the recipe")


def save(recipe: Recipe, path: Path) -> None:
    """Write a recipe as YAML, to train by again."""
    path.write_text(yaml.safe_dump(json.loads(json.dumps(recipe.to_dict())), sort_keys=False), encoding="utf-8")


def _check_stage(stage: Stage, where: str) -> None:
    """Raises ``ValueError`` for a choice that is none; ``where`` begins the message."""
    if not (stage.freeze in ("nothing", "embeddings", "encoder") or stage.freeze.isdecimal()):
        raise ValueError(f"{where}freeze is {stage.freeze!r}; give nothing, embeddings, encoder or a number of layers")
    weights = stage.class_weights
    if isinstance(weights, dict):
        if not all(isinstance(w, (int, float)) and w > 0 for w in weights.values()):
            raise ValueError(f"{where}class_weights is {weights!r}; write LABEL: NUMBER above 0 for each label")
    elif weights not in (None, "auto"):
        raise ValueError(f"{where}class_weights is {weights!r}; give auto, or LABEL: NUMBER for each label")
    if stage.lora and stage.freeze not in ("nothing", "embeddings"):
        raise ValueError(f"{where}lora trains adapters of all layers and freezes the rest; leave out freeze {stage.freeze}")
    for name in ("lora", "focal", "consistency", "patience", "rehearsal"):
        if getattr(stage, name) < 0:
            raise ValueError(f"{where}{name} is {getattr(stage, name)}, under 0")
    if stage.accumulate < 1 or not 0 <= stage.averaging < 1:
        raise ValueError(f"{where}accumulate is at least 1, averaging from 0 to under 1")


def _build(kind: type, data: dict[str, Any], path: Path, where: str):
    if not isinstance(data, dict):
        raise ValueError(f"{path}: {where} is {data!r}, not names with values")
    known = {f.name for f in fields(kind)}
    if unknown := set(data) - known:
        raise ValueError(f"{path}: {where} has no {sorted(unknown)[0]!r}; it may have {', '.join(sorted(known))}")
    for f in fields(kind):
        value = data.get(f.name)
        if value is None:
            continue
        if f.type in ("float", "int"):
            try:  # YAML reads 1e-4 as text, 1.0e-4 as a number
                data[f.name] = {"float": float, "int": int}[f.type](value)
            except (TypeError, ValueError):
                raise ValueError(f"{path}: {where}: {f.name} is {value!r}, not a number") from None
            if f.name in ("epochs", "rate", "batch", "max_tokens") and data[f.name] <= 0:
                raise ValueError(f"{path}: {where}: {f.name} is {value!r}, not above 0")
        elif f.type == "str":
            data[f.name] = str(value)  # a number, say, of layers
        elif f.type.startswith("dict") and "str | None" not in f.type and not isinstance(value, dict):
            raise ValueError(f"{path}: {where}: {f.name} is {value!r}; write NAME: NUMBER lines")
    if unknown := set(data.get("loss") or ()) - set(LOSSES):
        raise ValueError(f"{path}: {where}: no loss {sorted(unknown)[0]!r}; there are {', '.join(LOSSES)}")
    try:
        made = kind(**data)
    except TypeError as error:
        raise ValueError(f"{path}: {where}: {str(error).split(') ')[-1]}") from None
    if kind is Stage:
        _check_stage(made, f"{path}: {where}: ")
    elif not all(h in HEADS and isinstance(x, list) and len(x) > 1 for h, x in made.labels.items()):
        raise ValueError(f"{path}: labels is a list of two or more for stance, and one for sentiment")
    else:
        labels = {head: [str(x) for x in found] for head, found in made.labels.items()}
        made = replace(made, labels=labels)
    return made
