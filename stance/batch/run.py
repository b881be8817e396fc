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
from stance.batch.items import Columns, missing_column
from stance.batch.manifest import BatchError, Manifest, Part, input_fingerprint, model_fingerprint
from stance.batch.parts import PartFile, columns_of
from stance.batch.scored import Scored, items_of, score_here
from stance.classifier import StanceClassifier
from stance.readers import STDIN, ReadError, Reject, Row, Source, find_sources, read_source
from stance.scoring import BUFFER_SENTENCES

# Rows looked at before the start, for their columns.
LOOK_AT = 100
FIRST_PART_SENTENCES = 256


@dataclass(frozen=True)
class RunOptions:
    """How a run reads and writes. ``max_rejects``: the run fails on one more; None: on none.

    ``part_sentences``: a part is closed after so many sentences, or a few hundred more, the first ones sooner.
    ``engine``: local, or ray.
    """

    format: str = "parquet"
    input_format: str | None = None
    columns: Columns = Columns()
    keep_all: bool = False
    part_sentences: int = 20_000
    max_rejects: int | None = None
    engine: str = "local"


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
                "engine": o.engine,
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
            stream = self._scored(looked)
            with contextlib.closing(stream):
                for done in stream:
                    self._take(done, part, file, rejects)
                    self.tell(self.progress)
                    if done.complete and part.sentences + part.rejects >= self._part_sentences():
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

    def _scored(self, looked: _Looked) -> Iterator[Scored]:
        last = self.manifest.last
        after = (last.source, last.row) if last else (0, 0)
        sentences = min(self.options.part_sentences, BUFFER_SENTENCES)
        self.progress.bytes_read = self.progress.bytes_before = sum(s.size or 0 for s in self.sources[: after[0]])
        if self.options.engine == "ray":
            from stance.batch.ray_engine import score_on_ray

            return score_on_ray(self.sources, after, self.columns, self.kept, self.classifier, sentences, self._count)
        items = items_of(looked.rows_from(after[0], self._count), self.columns, after)
        return score_here(items, self.classifier, self.kept, sentences, self.manifest.total("sentences"))

    def _part_sentences(self) -> int:
        """The first parts are small, so that what is wrong with an output shows soon; each may be as long as all before it."""
        return min(self.options.part_sentences, max(self.manifest.total("sentences"), FIRST_PART_SENTENCES))

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

    def _take(self, done: Scored, part: Part, file: PartFile, rejects: list[Reject]) -> None:
        """Write what was scored, and count."""
        file.write(done.rows)
        rejects += done.rejects
        part.source, part.row = done.source, done.row
        for what, more in (
            ("rows", len(done.rows)),
            ("items", done.items),
            ("sentences", done.sentences),
            ("rejects", len(done.rejects)),
        ):
            setattr(part, what, getattr(part, what) + more)
            setattr(self.progress, what, getattr(self.progress, what) + more)
        most = self.options.max_rejects
        if most is not None and self.progress.rejects > most:
            r = done.rejects[most - self.progress.rejects]
            raise BatchError(f"{r.file}:{r.number}: {r.reason}; {most} rejected rows allowed")

    # --- input ------------------------------------------------------------------------------------------------------

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
        """With ``keep_all``, the columns of the first row that scoring does not read."""
        if options.keep_all and self.rows:
            return list(dict.fromkeys([*options.columns.keep, *options.columns.others(self.rows[0].values)]))
        return list(options.columns.keep)

    def rows_from(self, first: int, count: Callable[[int], None]) -> Iterator[tuple[int, Row | Reject]]:
        for number in range(first, len(self.sources)):
            kept = self.kept.get(number)
            for row in itertools.chain(*kept) if kept else read_source(self.sources[number], count):
                yield number, row


__all__ = ["BatchError", "ReadError", "RunOptions", "Progress", "Summary", "score_files"]
