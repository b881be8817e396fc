"""How training goes: a bar with the loss and the development macro-F1 in a terminal, a line an epoch elsewhere."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback

from stance.training.finetuning.processes import is_main


class TrainingProgress(TrainerCallback):
    """Shown on standard error by the main process alone."""

    def __init__(self, stage: str):
        self.stage, self.loss, self.score, self.bar = stage, "", "", None

    def on_train_begin(self, args, state, control, **kwargs):
        if is_main() and sys.stderr.isatty() and not os.environ.get("CI"):
            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TextColumn("steps"),
                TimeRemainingColumn(),
                TextColumn("{task.fields[told]}"),
                console=Console(stderr=True),
                transient=True,
            )
            self.task = self.bar.add_task(self.stage, total=state.max_steps, completed=state.global_step, told="")
            self.bar.start()

    def on_step_end(self, args, state, control, **kwargs):
        if self.bar:
            self.bar.update(self.task, completed=state.global_step)

    def on_log(self, args, state, control, logs=None, **kwargs):
        if "loss" in (logs or {}):
            self.loss = f"loss {logs['loss']:.3f}"
        self._tell()

    def on_evaluate(self, args, state, control, metrics=None, **kwargs):
        if "eval_macro_f1" in (metrics or {}):
            self.score = f"development macro-F1 {metrics['eval_macro_f1']:.3f}"
        self._tell()
        if is_main() and not self.bar:
            told = ", ".join(part for part in (self.loss, self.score) if part)
            print(f"{self.stage}: epoch {state.epoch:.3g} of {args.num_train_epochs:g}, {told}", file=sys.stderr, flush=True)

    def on_train_end(self, args, state, control, **kwargs):
        if self.bar:
            self.bar.stop()
            print(f"{self.stage}: {state.global_step} steps, {self.loss}, {self.score}".rstrip(", "), file=sys.stderr)

    def _tell(self) -> None:
        if self.bar:
            self.bar.update(self.task, told=", ".join(part for part in (self.loss, self.score) if part))
