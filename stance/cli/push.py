"""``stance push``: a model folder to the Hugging Face hub."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from stance.cli.app import app
from stance.cli.console import examples, fail, guarded, training_module


@app.command(epilog=examples("stance push my-model me/my-model", "stance push my-model me/my-model --public --yes"))
def push(
    folder: Annotated[Path, typer.Argument(help="A model folder.")],
    name: Annotated[str, typer.Argument(help="The repository, OWNER/NAME; it is made if it is not there.")],
    public: Annotated[
        bool, typer.Option("--public", help="Make a new repository for everybody to see, not a private one.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Upload a model to the Hugging Face hub, for stance.load("OWNER/NAME").

    Only the files of a model are uploaded: they are listed, and you are asked. None of them holds the text that taught it.
    """
    hub = training_module("hub")
    if not yes and not sys.stdin.isatty():
        raise fail("nobody to ask whether to upload; give --yes", 2)

    def confirm(files: list[Path]) -> bool:
        for path in files:
            print(f"{path.name}  {path.stat().st_size / 1e6:.1f} MB", file=sys.stderr)
        kind = "public" if public else "private"
        return yes or typer.confirm(f"Upload these to {name} ({kind} if it is new)?", err=True)

    def work() -> None:
        address = hub.push(folder, name, public, confirm)
        if address is None:
            raise fail("nothing was uploaded")
        print(address)

    guarded(work)
