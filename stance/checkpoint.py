"""A model folder: what it holds, how it is found, loaded and checked.

config.json         format, name, labels, window limits, temperatures, the encoder's own configuration, file sizes
tokenizer.json      for the library tokenizers
model.safetensors   the weights, to train on from here
encoder.onnx        token ids -> hidden states and tags, in the precision that config.json names
encoder.float32.onnx   the same, exact, beside one in int8; the shipped model has none
heads.onnx          hidden states and mentions -> stance, sentiment, cue, links
README.md           the model card
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from stance.labels import HEADS, LabelSet

FORMAT = 1
CONFIG, TOKENIZER, WEIGHTS, ENCODER, SPAN_HEAD, CARD = (
    "config.json",
    "tokenizer.json",
    "model.safetensors",
    "encoder.onnx",
    "heads.onnx",
    "README.md",
)
ENCODER_FLOAT32 = "encoder.float32.onnx"
SCORING_FILES = (CONFIG, TOKENIZER, ENCODER, SPAN_HEAD)
PRECISIONS = ("int8", "float32")


class CheckpointError(ValueError):
    """A model that cannot be used: the message names the folder or file, what is wrong and what to do, in one line."""


@dataclass
class Config:
    """``biases``, a number a label, are added to the logits (none: nothing is), ``temperatures`` divide what comes out (Guo et
    al. 2017). ``before`` and ``after``: neighbours read beside a given sentence."""

    name: str
    labels: LabelSet
    max_tokens: int = 256
    context_tokens: int = 64
    before: int = 2
    after: int = 1
    temperatures: dict[str, float] = field(default_factory=lambda: {"stance": 1.0, "sentiment": 1.0})
    biases: dict[str, list[float]] = field(default_factory=dict)
    precision: str = "float32"
    encoder: dict[str, Any] = field(default_factory=dict)
    files: dict[str, int] = field(default_factory=dict)

    def save(self, folder: Path) -> None:
        data = {
            "format": FORMAT,
            "name": self.name,
            "labels": self.labels.to_config(),
            "max_tokens": self.max_tokens,
            "context_tokens": self.context_tokens,
            "before": self.before,
            "after": self.after,
            "temperatures": self.temperatures,
            "biases": self.biases,
            "precision": self.precision,
            "files": self.files,
            "encoder": self.encoder,
        }
        (folder / CONFIG).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Config:
        path = folder / CONFIG
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data["format"] > FORMAT:
                raise CheckpointError(f"{path}: written by a newer stance (format {data['format']}); install that one")
            config = cls(
                data["name"],
                LabelSet.from_config(data["labels"]),
                data["max_tokens"],
                data["context_tokens"],
                data["before"],
                data["after"],
                data["temperatures"],
                data.get("biases", {}),
                data["precision"],
                data["encoder"],
                data["files"],
            )
            numbers = (config.max_tokens, config.context_tokens, config.before, config.after)
            if not all(isinstance(n, int) for n in numbers) or not all(config.temperatures[head] > 0 for head in HEADS):
                raise ValueError("a number of it is none, or not above 0")
            for head, bias in config.biases.items():
                if len(bias) != len(getattr(config.labels, head)) or not all(isinstance(b, (int, float)) for b in bias):
                    raise ValueError(f"biases of {head} are not a number a label")
            if not isinstance(config.encoder, dict) or not isinstance(config.files, dict):
                raise ValueError("encoder and files are no tables")
            return config
        except CheckpointError:
            raise
        except FileNotFoundError:
            raise CheckpointError(f"{folder} holds no stance model: it has no {CONFIG}") from None
        except KeyError as error:
            raise CheckpointError(f"{path} is no stance model's: {error} is missing; train one with stance train") from None
        except (ValueError, TypeError, AttributeError, OSError) as error:
            raise CheckpointError(f"{path} is damaged ({str(error).splitlines()[0]}); copy the model again") from None


@dataclass(frozen=True)
class Checkpoint:
    """``encoder``: the file of the graph that scoring runs."""

    folder: Path
    config: Config
    encoder: str = ENCODER

    @property
    def precision(self) -> str:
        """Of the graph that scoring runs."""
        return "float32" if self.encoder == ENCODER_FLOAT32 else self.config.precision

    def with_precision(self, precision: str | None) -> Checkpoint:
        """The same model with its graph in another precision; None: as it is. Raises ``CheckpointError`` if it has none."""
        if precision is None or precision == self.config.precision:
            return self
        if precision not in PRECISIONS:
            raise CheckpointError(f"no precision {precision!r}; choose {' or '.join(PRECISIONS)}")
        if precision != "float32" or not (self.folder / ENCODER_FLOAT32).is_file():
            raise CheckpointError(
                f"{self.folder} holds no graph in {precision}; stance export {self.folder} makes both from its weights"
            )
        Checkpoint.open(self.folder, (ENCODER_FLOAT32,))
        return replace(self, encoder=ENCODER_FLOAT32)

    @classmethod
    def open(cls, folder: Path, needs: tuple[str, ...] = SCORING_FILES) -> Checkpoint:
        """A folder checked for the files that are needed, whole by size. Raises ``CheckpointError``."""
        config = Config.load(folder)
        for name in needs:
            path = folder / name
            if not path.is_file():
                raise CheckpointError(
                    f"{folder} is damaged: {name} is missing; copy the model again or run stance export {folder}"
                )
            expected = config.files.get(name)
            if expected is not None and path.stat().st_size != expected:
                raise CheckpointError(
                    f"{path} is damaged: {path.stat().st_size} bytes instead of {expected}; copy the model again"
                )
        return cls(folder, config)

    def seal(self) -> None:
        """Write down the size of every file beside the configuration, for ``open`` to check."""
        self.config.files = {
            p.name: p.stat().st_size for p in sorted(self.folder.iterdir()) if p.is_file() and p.name not in (CONFIG, CARD)
        }
        self.config.save(self.folder)


def default_folder() -> Path:
    """The folder of the shipped model."""
    from importlib.resources import files

    return Path(str(files("stance.models"))) / "default"


def find(model: str | os.PathLike[str] | None) -> Path:
    """The folder of a model: the shipped one (None or "default"), a local folder, or a name on the Hugging Face hub.

    Raises ``CheckpointError``. Only a name that is no folder, of the form OWNER/NAME, asks the hub.
    """
    if model is None or model == "default":
        return default_folder()
    name = str(model)
    try:
        path = Path(model).expanduser()
        there = path.exists()
        if path.is_dir():
            return path
    except (OSError, RuntimeError):  # a name too long, or a home folder of nobody
        there = True
    if there or name.startswith((".", "/", "~")) or name.count("/") != 1:
        raise CheckpointError(
            f"there is no model {name!r}: give a folder, OWNER/NAME on the Hugging Face hub, or nothing for the shipped model"
        )
    return _from_hub(name)


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, RepositoryNotFoundError
    except ImportError:
        raise CheckpointError(
            f"there is no folder {name!r}; to load it from the Hugging Face hub: pip install 'stance[hub]'"
        ) from None
    try:
        return Path(snapshot_download(name, allow_patterns=[*SCORING_FILES, ENCODER_FLOAT32, WEIGHTS, CARD]))
    except (RepositoryNotFoundError, ValueError):  # ValueError: not a name that the hub could have
        raise CheckpointError(f"there is no folder and no hub model {name!r}") from None
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise CheckpointError(f"there is no folder {name!r}, and the hub did not answer ({type(error).__name__})") from None
