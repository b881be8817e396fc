"""``stance push``: a model folder -> a repository on the Hugging Face hub, of which ``stance.load("OWNER/NAME")`` loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stance.checkpoint import CARD, CONFIG, ENCODER, ENCODER_FLOAT32, SPAN_HEAD, TOKENIZER, WEIGHTS, Checkpoint
from stance.training.card import LOG, RECIPE

# What a model is; whatever else lies in its folder stays there.
FILES = (CARD, CONFIG, TOKENIZER, WEIGHTS, ENCODER, ENCODER_FLOAT32, SPAN_HEAD, LOG, RECIPE)


def uploads(folder: Path) -> list[Path]:
    """The files of a model that are uploaded. Raises ``CheckpointError`` if the model is not whole."""
    Checkpoint.open(folder, (CONFIG, TOKENIZER, WEIGHTS, ENCODER, SPAN_HEAD))
    return [folder / name for name in FILES if (folder / name).is_file()]


def push(folder: Path, name: str, public: bool = False, confirm: Callable[[list[Path]], bool] = lambda files: True) -> str | None:
    """Upload a model folder to the repository ``name`` (OWNER/NAME), made if it is not there: private unless ``public``.

    ``confirm`` is asked with the files first. Returns the address, None if it said no. Raises ``ValueError`` in one line.
    """
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, HTTPError, LocalTokenNotFoundError

    files = uploads(folder)
    if name.count("/") != 1 or not all(name.split("/")):
        raise ValueError(f"{name!r} is no name of a repository; give OWNER/NAME")
    if not confirm(files):
        return None
    api = HfApi()
    try:
        address = api.create_repo(name, private=not public, exist_ok=True)
        operations = [CommitOperationAdd(path_in_repo=p.name, path_or_fileobj=str(p)) for p in files]
        api.create_commit(name, operations, commit_message=f"{Checkpoint.open(folder, ()).config.name}")
    except HFValidationError as error:
        raise ValueError(f"{name!r} is no name of a repository: {_first(error)}") from None
    except LocalTokenNotFoundError:
        raise ValueError("you are not logged in to the hub: hf auth login, or set HF_TOKEN") from None
    except HfHubHTTPError as error:
        status = error.response.status_code if error.response is not None else 0
        why = "the hub does not let you; hf auth login with a token that may write" if status in (401, 403) else _first(error)
        raise ValueError(f"{name} was not uploaded: {why}") from None
    except (HTTPError, OSError) as error:
        raise ValueError(f"{name} was not uploaded: the hub did not answer ({type(error).__name__})") from None
    return str(address)


def _first(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
