"""``stance export``: a model's weights -> the graphs that scoring runs."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from stance.cli.app import app
from stance.cli.console import examples, guarded, training_module


class Precision(str, Enum):
    both, int8, float32 = "both", "int8", "float32"


@app.command(epilog=examples("stance export my-model", "stance export my-model --precision float32"))
def export(
    model: Annotated[Path, typer.Argument(help="A model folder with model.safetensors.")],
    precision: Annotated[
        Precision,
        typer.Option(
            help="int8 is a quarter of the size and faster; float32 is exact; with both, int8 is what scoring runs unless "
            "stance.load(MODEL, precision='float32') asks for the other."
        ),
    ] = Precision.both,
) -> None:
    """Make the ONNX graphs that scoring runs from a model's weights."""
    module = training_module("network.export")
    guarded(lambda: module.export_folder(model, precision.value))
