"""Data sets of the ``datasets`` library, in a folder or on the hub -> rows of a table. No script of a data set is run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from stance.readers import Row

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+(?::[\w.-]+)?")


def is_saved_dataset(path: str) -> bool:
    """Whether ``path`` is a folder that ``save_to_disk`` wrote, or ``FOLDER:SPLIT`` of one."""
    folder = _parts(path)[0]
    return any(os.path.isfile(os.path.join(folder, name)) for name in ("dataset_dict.json", "dataset_info.json"))


def is_hub_name(path: str) -> bool:
    """Whether ``path`` has the form of a hub name (OWNER/NAME, or OWNER/NAME:SPLIT), and is no file that there is."""
    return bool(HUB_NAME.fullmatch(path)) and not path.startswith(".") and not os.path.exists(path)


def dataset_rows(path: str) -> Iterator[Row]:
    """The rows of a data set: its split *train* unless ``:SPLIT`` says another. Numbers of classes become their names.

    Raises ``ValueError`` in one line if it cannot be read or has no such split.
    """
    import datasets

    name, split = _parts(path)
    try:
        found = datasets.load_from_disk(name) if os.path.isdir(name) else datasets.load_dataset(name)
    except Exception as error:  # the library raises classes of many kinds, pyarrow's among them
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise ValueError(f"the data set {name} cannot be read: {reason[:200]}") from None
    if isinstance(found, dict):
        wanted = split or ("train" if "train" in found else next(iter(found), "train"))
        if wanted not in found:
            raise ValueError(f"the data set {name} has no split {wanted!r}; it has {', '.join(found)}")
        found = found[wanted]
    elif split:
        raise ValueError(f"the data set {name} has no splits; leave out :{split}")
    classes = {c: f.int2str for c, f in found.features.items() if isinstance(f, datasets.ClassLabel)}
    for number, values in enumerate(found, 1):
        for column, named in classes.items():
            value = values[column]
            values[column] = named(value) if value is not None and value >= 0 else None
        yield Row(path, number, values)


def _parts(path: str) -> tuple[str, str | None]:
    """``PATH:SPLIT`` -> path and split; a drive letter is no path."""
    name, _, split = path.rpartition(":")
    return (name, split) if len(name) > 1 and not os.path.exists(path) and re.fullmatch(r"[\w.-]+", split) else (path, None)
