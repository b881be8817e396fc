"""A recipe: every choice of a training run, as YAML."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import yaml

LOSSES = ("stance", "sentiment", "cue", "tag", "link")
RECIPES = Path(__file__).parent / "recipes"


@dataclass(frozen=True)
class Stage:
    """One pass of fine-tuning. ``sources``: name -> weight of its mentions in the loss.

    ``rate`` is the encoder's top layer's; ``head_rate`` times that is the heads', each layer below has ``layer_decay`` times
    the one above. ``bare``: percent of single sentences read without their neighbours.
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
    stance_weights: list[float] | None = None
    loss: dict[str, float] = field(default_factory=dict)
    bare: int = 25


@dataclass(frozen=True)
class Recipe:
    name: str
    base: str
    stages: tuple[Stage, ...]
    development: tuple[str, ...] = ("articles_dev",)
    calibration: dict[str, list[str]] = field(default_factory=dict)  # head -> the sets that its probabilities are fitted on
    max_tokens: int = 192
    context_tokens: int = 48
    before: int = 2
    after: int = 1
    dropout: float = 0.1
    seed: int = 1
    bf16: bool = True
    precision: str = "int8"

    def changed(self, changes: dict[str, Any]) -> Recipe:
        """With other values for some choices; epochs, rate and batch are the last stage's."""
        stage = {k: v for k, v in changes.items() if k in ("epochs", "rate", "batch", "sources")}
        rest = {k: v for k, v in changes.items() if k not in stage}
        return replace(self, stages=(*self.stages[:-1], replace(self.stages[-1], **stage)), **rest)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def load(name: str) -> Recipe:
    """A recipe by name (of ``training/recipes``) or from a YAML file. Raises ``ValueError`` that names the file and the key."""
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
        head in ("stance", "sentiment") and isinstance(names, list) for head, names in calibration.items()
    ):
        raise ValueError(f"{path}: calibration is a list of sets for stance, and one for sentiment")
    stages = tuple(_build(Stage, s, path, f"stage {i + 1}") for i, s in enumerate(data.pop("stages")))
    if "development" in data:
        data["development"] = tuple(data["development"])
    return _build(Recipe, {**data, "stages": stages}, path, "the recipe")


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
        elif f.type.startswith("dict") and not isinstance(value, dict):
            raise ValueError(f"{path}: {where}: {f.name} is {value!r}; write NAME: NUMBER lines")
    if unknown := set(data.get("loss") or ()) - set(LOSSES):
        raise ValueError(f"{path}: {where}: no loss {sorted(unknown)[0]!r}; there are {', '.join(LOSSES)}")
    try:
        return kind(**data)
    except TypeError as error:
        raise ValueError(f"{path}: {where}: {str(error).split(') ')[-1]}") from None
