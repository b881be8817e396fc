"""What a run has done, in its output folder: an append-only file, a line a part, each on the disk before the next begins.

The first line says what the run is: model, options, input. A run with another first line is refused. A line that a crash cut
off does not count, nor does a part without a line: both are made anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from stance.checkpoint import CONFIG, SPAN_HEAD, TOKENIZER, WEIGHTS, Checkpoint
from stance.readers import STDIN, Reject, Row, Source

# Readers of a folder of Parquet (pyarrow, Spark, Ray) pass over what begins with an underscore.
FOLDER = "_stance"
MANIFEST, REJECTS = "manifest.jsonl", "rejects.jsonl"


class BatchError(ValueError):
    """A run that cannot start or go on: the message says why and what to do, in one line."""


@dataclass
class Part:
    """A finished part. ``source``, ``row``: the last row of the input that it took. The other numbers count what it holds."""

    file: str = ""
    rows: int = 0
    items: int = 0
    sentences: int = 0
    rejects: int = 0
    source: int = 0
    row: int = 0
    rejects_bytes: int = 0  # how long rejects.jsonl is after it


class Manifest:
    """The manifest of an output folder, locked for this process. Raises ``BatchError``."""

    def __init__(self, output: Path, run: dict[str, Any]):
        self.output, self.folder = output, output / FOLDER
        self.path, self.rejects = self.folder / MANIFEST, self.folder / REJECTS
        self.parts: list[Part] = []
        self.done = False
        if output.exists() and not output.is_dir():
            raise BatchError(f"{output}: a file; give a folder for the parts")
        if output.is_dir() and not self.path.exists() and any(p.name != FOLDER for p in output.iterdir()):
            raise BatchError(f"{output}: a folder that holds other things; give a new one")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = _locked(self.folder / "lock", output)
        try:
            self._open(run)
        except BaseException:
            self.close()
            raise

    def _open(self, run: dict[str, Any]) -> None:
        lines = self._lines()
        if lines:
            self._same(lines[0], run)
            for line in lines[1:]:
                if line.get("done"):
                    self.done = True
                else:
                    self.parts.append(Part(**line))
        else:
            self._write([run])
        self._forget_unfinished()

    def close(self) -> None:
        self._lock.close()

    def __enter__(self) -> Manifest:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def last(self) -> Part | None:
        return self.parts[-1] if self.parts else None

    def total(self, what: str) -> int:
        return sum(getattr(part, what) for part in self.parts)

    def add(self, part: Part) -> None:
        self._append(asdict(part))
        self.parts.append(part)

    def finish(self) -> None:
        self._append({"done": True})
        self.done = True

    def _lines(self) -> list[dict[str, Any]]:
        """The whole lines; the file is cut to them."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return []
        lines, length = [], 0
        for line in data.splitlines(keepends=True):
            try:
                lines.append(json.loads(line))
            except ValueError:
                break
            if not line.endswith(b"\n"):
                lines.pop()
                break
            length += len(line)
        if length < len(data):
            with self.path.open("rb+") as f:
                f.truncate(length)
                os.fsync(f.fileno())
        return lines

    def _same(self, before: dict[str, Any], now: dict[str, Any]) -> None:
        for key, what in (("stance", "version of stance"), ("model", "model"), ("input", "input"), ("options", "options")):
            if before.get(key) != now[key]:
                a, b = before.get(key), now[key]
                if isinstance(a, dict) and isinstance(b, dict):
                    changed = [k for k in {**a, **b} if a.get(k) != b.get(k) and k != "sha256"][:3]
                    a, b = ({k: side.get(k) for k in changed} for side in (a, b))
                told = f" ({_short(a)} before, {_short(b)} now)" if a != b else ""
                raise BatchError(f"{self.output} was begun with other {what}{told}; give another --output, or --overwrite")

    def _forget_unfinished(self) -> None:
        """What was written after the last line: parts without one, the rejects of such parts."""
        kept = {part.file for part in self.parts}
        for path in self.output.glob("part-*"):
            if path.name not in kept:
                path.unlink()
        for part in self.parts:
            if not (self.output / part.file).exists() and not self.done:
                raise BatchError(f"{self.output / part.file} is gone; give another --output, or --overwrite")
        length = self.parts[-1].rejects_bytes if self.parts else 0
        with self.rejects.open("ab") as f:
            f.truncate(length)

    def _write(self, lines: list[dict[str, Any]]) -> None:
        temporary = self.path.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as f:
            f.writelines(json.dumps(line) + "\n" for line in lines)
            f.flush()
            os.fsync(f.fileno())
        temporary.replace(self.path)
        sync_folder(self.folder)

    def _append(self, line: dict[str, Any]) -> None:
        with self.path.open("a", encoding="utf-8") as f:
            f.write(json.dumps(line) + "\n")
            f.flush()
            os.fsync(f.fileno())


def sync_folder(folder: Path) -> None:
    """Names of a folder onto the disk; not every system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_run(output: Path) -> None:
    """Delete what a run wrote into its folder, and nothing else. Raises ``BatchError`` if no run did."""
    if not (output / FOLDER).is_dir():
        return
    _locked(output / FOLDER / "lock", output).close()
    for path in [*output.glob("part-*"), *output.glob("_part-*.tmp"), *(output / FOLDER).iterdir()]:
        path.unlink()


def model_fingerprint(checkpoint: Checkpoint, device: str) -> dict[str, str]:
    """The name of a model and a hash of what scoring reads of it."""
    digest = hashlib.sha256()
    for name in (CONFIG, TOKENIZER, *((checkpoint.encoder, SPAN_HEAD) if device == "cpu" else (WEIGHTS,))):
        with (checkpoint.folder / name).open("rb") as f:
            digest.update(hashlib.file_digest(f, "sha256").digest())
    return {"name": checkpoint.config.name, "sha256": digest.hexdigest()}


def input_fingerprint(sources: list[Source], first: list[Row | Reject]) -> dict[str, object]:
    """Names, sizes and times of the files, cheap for a terabyte; of standard input, which has none, the ``first`` rows."""
    digest = hashlib.sha256(json.dumps([[s.name, s.format, s.size, s.modified] for s in sources]).encode())
    digest.update(repr([row for row in first if row.file == STDIN]).encode("utf-8", "replace"))
    return {"files": len(sources), "bytes": sum(s.size or 0 for s in sources), "sha256": digest.hexdigest()}


def _short(value: object) -> str:
    text = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else str(value)
    return text if len(text) <= 120 else text[:117] + "..."


def _locked(path: Path, output: Path):
    """A file that this process alone holds; its end, however it comes, lets go."""
    file = path.open("w")
    try:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:  # Windows: two runs at once are the user's care
        pass
    except OSError:
        file.close()
        raise BatchError(f"{output}: another run is writing there; wait for it, or give another --output") from None
    return file
