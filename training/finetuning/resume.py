"""A run that was interrupted goes on: where its checkpoints are, whether they are its own, which stages are done.

The folder ``checkpoints`` inside of the output holds them while a run lasts, and is deleted when it ends. Weights are
safetensors; the Trainer's optimizer, schedule and random states are read by torch with ``weights_only``, which runs no code.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from stance.training.labelled.corpus import Document

FOLDER = "checkpoints"
RUN = "run.json"
STATE = "trainer_state.json"  # the last file of a checkpoint that the Trainer writes
STAGE_WEIGHTS, STAGE_LOG = "stage.safetensors", "stage.json"


def data_fingerprint(documents: Iterable[Document]) -> str:
    """A hash of everything that is learnt from documents."""
    digest = hashlib.sha256()
    for d in documents:
        labelled = [(s.start, s.end, s.complete, [_of_mention(m) for m in s.mentions]) for _, s in sorted(d.labelled.items())]
        digest.update(json.dumps([d.id, d.source, d.text, d.sentences, labelled]).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _of_mention(m) -> tuple:
    soft = [{head: {label: round(p, 4) for label, p in given.items()} for head, given in m.soft.items()}] if m.soft else []
    return m.start, m.end, m.actor, m.stance, m.sentiment, m.cue, m.cue_known, *soft


@dataclass(frozen=True)
class Run:
    """The checkpoints of a run. ``resumed``: an earlier process began it."""

    folder: Path
    resumed: bool

    def stage(self, number: int, name: str) -> Path:
        return self.folder / f"{number}-{name}"

    def last_checkpoint(self, number: int, name: str) -> Path | None:
        """The last checkpoint of a stage that was written whole."""
        found = [p for p in self.stage(number, name).glob("checkpoint-*") if _whole(p)]
        return max(found, key=lambda p: int(p.name.rpartition("-")[2]), default=None)

    def finished_stage(self, number: int, name: str) -> tuple[dict[str, torch.Tensor], list[dict[str, Any]]] | None:
        """The weights and the log of a stage that is done; None if it is not."""
        folder = self.stage(number, name)
        try:
            log = json.loads((folder / STAGE_LOG).read_text(encoding="utf-8"))  # written after the weights
            return load_file(folder / STAGE_WEIGHTS), log
        except (OSError, ValueError, SafetensorError):
            return None

    def finish_stage(self, number: int, name: str, weights: Mapping[str, torch.Tensor], log: list[dict[str, Any]]) -> None:
        folder = self.stage(number, name)
        folder.mkdir(parents=True, exist_ok=True)
        save_file({k: w.detach().cpu().contiguous() for k, w in weights.items()}, folder / STAGE_WEIGHTS)
        (folder / STAGE_LOG).write_text(json.dumps(log), encoding="utf-8")
        for checkpoint in folder.glob("checkpoint-*"):
            shutil.rmtree(checkpoint)

    def close(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def open_run(output: Path, about: Mapping[str, Any], restart: bool = False) -> Run:
    """Begin a run in ``output``, or go on with the one that was interrupted there if it is ``about`` the same.

    Raises ``ValueError`` if the checkpoints there are another run's, unless ``restart`` gives them up.
    """
    folder = output / FOLDER
    about = json.loads(json.dumps(about))
    if restart:
        shutil.rmtree(folder, ignore_errors=True)
    if (folder / RUN).is_file():
        try:
            before = json.loads((folder / RUN).read_text(encoding="utf-8"))
        except ValueError:
            before = {}
        if before == about:
            return Run(folder, any(folder.rglob(STATE)) or any(folder.rglob(STAGE_LOG)))
        changed = sorted(k for k in {*before, *about} if before.get(k) != about.get(k))
        raise ValueError(
            f"{folder} holds an interrupted run with another {' and '.join(changed)}: go on with its own command, give another "
            "--output, or give it up with --restart"
        )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RUN).write_text(json.dumps(about), encoding="utf-8")
    return Run(folder, False)


def is_interrupted(output: Path) -> bool:
    return (output / FOLDER / RUN).is_file()


def _whole(checkpoint: Path) -> bool:
    try:
        json.loads((checkpoint / STATE).read_text(encoding="utf-8"))
        return (checkpoint / "model.safetensors").is_file()
    except (OSError, ValueError):
        return False
