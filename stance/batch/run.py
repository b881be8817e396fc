"""The batch engine: files in, parts out, so that a run that was killed goes on where its last whole part ended.

A part is a run of whole buffers, and both end by the length of the input alone. Each is scored by itself, so a part that is
made again has the same bytes.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import stance
from stance.batch.items import Columns, Origin, missing_column
from stance.batch.manifest import BatchError, Manifest, Part, input_fingerprint, model_fingerprint
from stance.batch.parts import PartFile, columns_of
from stance.classifier import StanceClassifier
from stance.readers import STDIN, ReadError, Reject, Row, Source, find_sources, read_source
from stance.scoring import BUFFER_SENTENCES, Buffer, Item, buffers

# Rows looked at before the start, for their columns.
LOOK_AT = 100


@dataclass(frozen=True)
class RunOptions:
    """How a run reads and writes. ``max_rejects``: the run fails on one more; None: on none.

    ``part_sentences``: a part is closed after so many sentences, or a few hundred more.
    """

    format: str = "parquet"
    input_format: str | None = None
    columns: Columns = Columns()
    keep_all: bool = False
    part_sentences: int = 20_000
    max_rejects: int | None = None


@dataclass
class Summary:
    """What a run, with the runs that it went on from, wrote. ``seconds`` are of this one alone."""

    output: str
    model: str
    parts: int = 0
    items: int = 0
    sentences: int = 0
    rows: int = 0
    rejects: int = 0
    rejects_file: str = ""
    resumed_at: int = 0
    seconds: float = 0.0
    sentences_per_second: float = 0.0


@dataclass
class Progress:
    """What is told while a run goes: bytes read of all, and what was scored, in this run and before it."""

    bytes_read: int = 0
    bytes: int = 0
    items: int = 0
    sentences: int = 0
    rows: int = 0
    rejects: int = 0
    sentences_before: int = 0
    bytes_before: int = 0


@dataclass(frozen=True)
class _Rejected:
    source: int
    reject: Reject


def score_files(
    inputs: Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    classifier: StanceClassifier,
    options: RunOptions | None = None,
    tell: Callable[[Progress], None] = lambda progress: None,
) -> Summary:
    """Score files into a folder of parts; or go on with what an earlier call with the same arguments left.

    ``tell`` is called after every buffer. Raises ``ReadError`` and ``BatchError``; what is written stays good for the next call.
    """
    return Run(inputs, Path(output), classifier, options or RunOptions(), tell).score()


class Run:
    def __init__(self, inputs, output: Path, classifier: StanceClassifier, options: RunOptions, tell):
        self.output, self.classifier, self.options, self.tell = output, classifier, options, tell
        found = find_sources(inputs, options.input_format)
        inside = output.absolute()  # a folder that is read may hold the output
        self.sources = [s for s in found if "://" in s.name or s.name == STDIN or inside not in Path(s.name).absolute().parents]
        self.progress = Progress(bytes=sum(s.size or 0 for s in self.sources))

    def score(self) -> Summary:
        begun = time.monotonic()
        looked = _Looked(self.sources)
        keep = looked.columns_to_keep(self.options)
        self.columns = Columns(**{**asdict(self.options.columns), "keep": tuple(keep)})
        if problem := missing_column(self.columns, looked.rows):
            raise BatchError(problem)
        self.names, self.kept = columns_of(self.classifier.labels.stance, keep)
        with Manifest(self.output, self._identity(looked)) as self.manifest:
            resumed = len(self.manifest.parts)
            self.progress.sentences_before = self.manifest.total("sentences")
            for what in ("items", "sentences", "rows", "rejects"):
                setattr(self.progress, what, self.manifest.total(what))
            if not self.manifest.done:
                self._score(looked)
                self.manifest.finish()
            return self._summary(resumed, time.monotonic() - begun)

    def _identity(self, looked: _Looked) -> dict[str, object]:
        o = self.options
        return {
            "stance": stance.__version__,
            "model": model_fingerprint(self.classifier.checkpoint, self.classifier.device),
            "input": input_fingerprint(self.sources, looked.first),
            "options": {
                "format": o.format,
                **{k: v for k, v in asdict(self.columns).items() if v and k != "keep"},
                "keep": list(self.columns.keep),
                "part_sentences": o.part_sentences,
                "min_confidence": self.classifier.min_confidence,
                "device": self.classifier.device,
            },
        }

    def _summary(self, resumed: int, seconds: float) -> Summary:
        m, p = self.manifest, self.progress
        return Summary(
            output=str(self.output),
            model=self.classifier.config.name,
            parts=len(m.parts),
            **{what: m.total(what) for what in ("items", "sentences", "rows", "rejects")},
            rejects_file=str(m.rejects),
            resumed_at=resumed,
            seconds=round(seconds, 2),
            sentences_per_second=round((p.sentences - p.sentences_before) / max(seconds, 1e-9), 1),
        )

    # --- parts ------------------------------------------------------------------------------------------------------

    def _score(self, looked: _Looked) -> None:
        part = self._next_part()
        file = self._file(part)
        rejects: list[Reject] = []
        try:
            made = buffers(self._items(looked), sentences=min(self.options.part_sentences, BUFFER_SENTENCES))
            stream = self.classifier.inference.stream(made)
            with contextlib.closing(stream):
                for buffer in stream:
                    self._take(buffer, part, file, rejects)
                    self.tell(self.progress)
                    if buffer.complete and part.sentences + part.rejects >= self.options.part_sentences:
                        self._commit(part, file, rejects)
                        part = self._next_part()
                        file, rejects = self._file(part), []
            if part.items or part.rejects or not self.manifest.parts:
                self._commit(part, file, rejects)
            else:
                file.discard()
        except OSError as error:
            file.discard()
            if error.errno == errno.ENOSPC:
                raise BatchError(f"{self.output}: the disk is full; make room, and the same command goes on") from None
            raise
        except BaseException:
            file.discard()
            raise

    def _next_part(self) -> Part:
        last = self.manifest.last or Part()
        return Part(
            f"part-{len(self.manifest.parts):06d}.{self.options.format}",
            source=last.source,
            row=last.row,
            rejects_bytes=last.rejects_bytes,
        )

    def _file(self, part: Part) -> PartFile:
        return PartFile(self.output / part.file, self.names, self.kept.values())

    def _commit(self, part: Part, file: PartFile, rejects: list[Reject]) -> None:
        """Rejects, then the part, then the line that makes both count."""
        with self.manifest.rejects.open("ab") as f:
            for r in rejects:
                line = {"file": r.file, "row": r.number, "reason": r.reason}
                f.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            part.rejects_bytes = f.tell()
            f.flush()
            os.fsync(f.fileno())
        file.commit()
        self.manifest.add(part)

    def _take(self, buffer: Buffer, part: Part, file: PartFile, rejects: list[Reject]) -> None:
        """Write the rows of a buffer, and count."""
        passed = iter([*buffer.passed, (len(buffer.entries), None)])
        place, other = next(passed)
        rows, bad = [], []
        for n, (entry, predictions) in enumerate(self.classifier.entry_predictions(buffer)):
            while other is not None and place <= n:
                self._reject(other, part, bad)
                place, other = next(passed)
            origin: Origin = entry.item.origin
            reason = entry.reason or next((p.reason for p in predictions if not p.found), "")
            if reason:
                self._reject(_Rejected(origin.source, Reject(origin.file, origin.number, reason)), part, bad)
                continue
            kept = {self.kept[name]: value for name, value in origin.kept.items()}
            rows += [p.row() | kept for p in predictions]
            part.source, part.row = origin.source, origin.number
            part.items += entry.last
            self.progress.items += entry.last
        while other is not None:
            self._reject(other, part, bad)
            place, other = next(passed)
        file.write(rows)
        rejects += bad
        part.rows += len(rows)
        part.sentences += buffer.sentences
        self.progress.rows += len(rows)
        self.progress.sentences += buffer.sentences

    def _reject(self, rejected: _Rejected, part: Part, rejects: list[Reject]) -> None:
        rejects.append(rejected.reject)
        part.rejects += 1
        part.source, part.row = rejected.source, rejected.reject.number
        self.progress.rejects += 1
        most = self.options.max_rejects
        if most is not None and self.progress.rejects > most:
            r = rejected.reject
            raise BatchError(f"{r.file}:{r.number}: {r.reason}; {self.progress.rejects} rows rejected, {most} allowed")

    # --- input ------------------------------------------------------------------------------------------------------

    def _items(self, looked: _Looked) -> Iterator[Item | _Rejected]:
        """What is still to be scored, in order."""
        last = self.manifest.last
        done = (last.source, last.row) if last else (-1, 0)
        self.progress.bytes_read = self.progress.bytes_before = sum(s.size or 0 for s in self.sources[: max(done[0], 0)])
        for number, row in looked.rows_from(max(done[0], 0), self._count):
            if (number, row.number) <= done:
                continue
            item = row if isinstance(row, Reject) else self.columns.item(row, number)
            yield _Rejected(number, item) if isinstance(item, Reject) else item

    def _count(self, read: int) -> None:
        self.progress.bytes_read += read


class _Looked:
    """The input, its first rows read before the others; of standard input, which cannot be read again, they are kept."""

    def __init__(self, sources: list[Source]):
        self.sources = sources
        self.kept: dict[int, tuple[list[Row | Reject], Iterator[Row | Reject]]] = {}
        self.first: list[Row | Reject] = []
        for number, source in enumerate(sources):
            rows = read_source(source)
            here = list(itertools.islice(rows, LOOK_AT - len(self.first)))
            self.first += here
            if source.name == STDIN:
                self.kept[number] = (here, rows)
            if len(self.first) >= LOOK_AT:
                break

    @property
    def rows(self) -> list[Row]:
        return [row for row in self.first if isinstance(row, Row)]

    def columns_to_keep(self, options: RunOptions) -> list[str]:
        """With ``keep_all``, the columns of the first row."""
        if options.keep_all and self.rows:
            return list(dict.fromkeys([*options.columns.keep, *self.rows[0].values]))
        return list(options.columns.keep)

    def rows_from(self, first: int, count: Callable[[int], None]) -> Iterator[tuple[int, Row | Reject]]:
        for number in range(first, len(self.sources)):
            kept = self.kept.get(number)
            for row in itertools.chain(*kept) if kept else read_source(self.sources[number], count):
                yield number, row


__all__ = ["BatchError", "ReadError", "RunOptions", "Progress", "Summary", "score_files"]
