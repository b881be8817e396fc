"""The same rows on Ray Data: files are read in tasks, scored by a pool of workers that hold the model, written here in order.

A worker that dies is started again and its stretch scored anew. One CPU is left to the tasks that read, since a pool that took
them all would wait for input for ever. What workers run is made on this machine or found by them: the files have to be where
every node can read them, and the package installed there.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import Any

from stance.batch.items import Columns, Origin
from stance.batch.manifest import BatchError
from stance.batch.scored import Rejected, Scored, items_of, scored
from stance.checkpoint import default_folder
from stance.classifier import StanceClassifier, load
from stance.readers import STDIN, Reject, Source, read_source
from stance.scoring import BUFFER_CHARACTERS, Item, buffers, same_sentence

# Blocks of so many bytes go from task to task: some buffers, a few seconds of work.
BLOCK_BYTES = 2**18
READING_CPUS = 0.5


def score_on_ray(
    sources: list[Source],
    after: tuple[int, int],
    columns: Columns,
    kept: dict[str, str],
    classifier: StanceClassifier,
    sentences: int,
    count: Callable[[int], None],
) -> Iterator[Scored]:
    """What is left of ``sources`` after the row ``after``, scored by workers, in the order of the input.

    Raises ``BatchError`` if Ray is not installed, or its cluster has not two CPUs.
    """
    if any(source.name == STDIN for source in sources):
        raise BatchError("standard input cannot be read by the workers of --engine ray; give files")
    try:
        import ray
        import ray.data
    except ImportError:
        raise BatchError("--engine ray needs Ray: pip install 'stance[ray]'") from None
    started = not ray.is_initialized()
    if started:
        ray.init(include_dashboard=False, log_to_driver=False, logging_level="error")
    try:
        yield from _scored_on_ray(ray, sources, after, columns, kept, classifier, sentences, count)
    finally:
        if started:
            ray.shutdown()


def _scored_on_ray(ray, sources, after, columns, kept, classifier, sentences, count) -> Iterator[Scored]:
    on_gpu = classifier.device != "cpu"
    have = ray.cluster_resources()
    workers = int(have.get("GPU", 0)) if on_gpu else int(have.get("CPU", 0)) - 1
    if workers < 1:
        raise BatchError("--engine ray needs a cluster with " + ("a GPU" if on_gpu else "two CPUs, one of them for reading"))
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current().copy()
    context.execution_options.preserve_order = True
    context.target_max_block_size = BLOCK_BYTES
    context.enable_progress_bars = False
    left = [{"source": n, "file": asdict(source)} for n, source in enumerate(sources) if n >= after[0]]
    with ray.data.DataContext.current(context):
        data = ray.data.from_items(left, override_num_blocks=max(len(left), 1))
        data = data.map_batches(
            read_stretches,
            batch_size=1,
            batch_format="numpy",
            fn_kwargs={"columns": columns, "after": after},
            num_cpus=READING_CPUS,
        )
        data = data.map_batches(
            StretchScorer,
            batch_size=1,
            batch_format="numpy",
            fn_constructor_kwargs={
                "model": None if classifier.checkpoint.folder == default_folder() else str(classifier.checkpoint.folder),
                "min_confidence": classifier.min_confidence,
                "device": classifier.device,
                "precision": classifier.checkpoint.precision if classifier.device == "cpu" else None,
                "kept": kept,
                "sentences": sentences,
            },
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=workers),
            num_cpus=1,
            num_gpus=1 if on_gpu else 0,
        )
        at = after[0]
        for row in data.iter_rows():
            done = json.loads(row["scored"])
            result = Scored(**done | {"rejects": [Reject(*r) for r in done["rejects"]]})
            count(sum(s.size or 0 for s in sources[at : result.source]))
            at = result.source
            yield result


def read_stretches(batch: dict[str, Any], columns: Columns, after: tuple[int, int]) -> Iterator[dict[str, list[str]]]:
    """A file -> stretches of its items, as JSON."""
    for number, file in zip(batch["source"], batch["file"]):
        rows = ((int(number), row) for row in read_source(Source(**file)))
        for stretch in stretches(items_of(rows, columns, after)):
            yield {"stretch": [json.dumps([_to_json(item) for item in stretch])]}


def stretches(items: Iterable[Item | Rejected]) -> Iterator[list[Item | Rejected]]:
    """Runs of items of about a buffer; rows of one sentence stay together."""
    stretch: list[Item | Rejected] = []
    used, key = 0, None
    for item in items:
        if used >= BUFFER_CHARACTERS and not same_sentence(item, key):
            yield stretch
            stretch, used = [], 0
        stretch.append(item)
        if not same_sentence(item, key):
            used += len(item.text) if isinstance(item, Item) else 100
        key = item.sentence_key if isinstance(item, Item) else key
    if stretch:
        yield stretch


def _to_json(item: Item | Rejected) -> dict[str, Any]:
    return {"item" if isinstance(item, Item) else "rejected": asdict(item)}


def _from_json(data: dict[str, Any]) -> Item | Rejected:
    if "rejected" in data:
        return Rejected(data["rejected"]["source"], Reject(**data["rejected"]["reject"]))
    return Item(**data["item"] | {"origin": Origin(**data["item"]["origin"])})


class StretchScorer:
    """A worker: holds the model, scores stretches."""

    def __init__(
        self,
        model: str | None,
        min_confidence: float,
        device: str,
        precision: str | None,
        kept: dict[str, str],
        sentences: int,
    ):
        self.classifier = load(model, threads=1, min_confidence=min_confidence, device=device, precision=precision)
        self.kept, self.sentences = kept, sentences

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[str]]:
        return {"scored": [json.dumps(self._score(json.loads(text))) for text in batch["stretch"]]}

    def _score(self, stretch: list[dict[str, Any]]) -> dict[str, Any]:
        whole = Scored()
        for buffer in buffers(map(_from_json, stretch), sentences=self.sentences):
            self.classifier.inference.run(buffer.readings)
            done = scored(buffer, self.classifier, self.kept)
            whole.rows += done.rows
            whole.rejects += done.rejects
            whole.items += done.items
            whole.sentences += done.sentences
            whole.source, whole.row = done.source, done.row
        return asdict(whole) | {"rejects": [[r.file, r.number, r.reason] for r in whole.rejects]}
