"""Scoring columns of tables, for those who have their data in Ray Data, Spark or ``datasets`` already.

One object serves them all, and is made where the data is; each worker loads the model once, at its first batch:

    Ray Data   dataset.map_batches(ColumnScorer, batch_format="numpy")
    datasets   dataset.map(ColumnScorer(), batched=True, remove_columns=dataset.column_names)
    Spark      frame.mapInPandas(ColumnScorer().pandas, spark_schema("id long"))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from stance.batch.items import Columns, Origin, plain
from stance.batch.parts import WHOLE, columns_of
from stance.classifier import StanceClassifier, load
from stance.labels import STANCES
from stance.readers import Reject, Row
from stance.scoring import Item


class ColumnScorer:
    """Columns in, columns out: a row a mention, or a row a given actor, as ``stance score`` writes them.

    ``columns`` says which column holds what, and which are carried along. ``rejects`` chooses what becomes of a row that cannot
    be scored: with ``rejects="row"`` it comes out with the ``reason`` and empty labels, with ``"drop"`` not at all.
    """

    def __init__(
        self,
        columns: Columns | None = None,
        model: str | None = None,
        min_confidence: float = 0.0,
        device: str = "cpu",
        threads: int = 1,
        rejects: str = "row",
        precision: str | None = None,
    ):
        if rejects not in ("row", "drop"):
            raise ValueError(f"rejects is {rejects!r}; choose row or drop")
        self.columns, self.rejects = columns or Columns(), rejects
        self.settings = (model, threads, min_confidence, device, precision)

    def __getstate__(self) -> dict[str, Any]:
        """What goes to a worker: not the model, which it loads itself."""
        return {k: v for k, v in self.__dict__.items() if k != "classifier"}

    @cached_property
    def classifier(self) -> StanceClassifier:
        return load(*self.settings)

    def __call__(self, batch: Mapping[str, Sequence[object]]) -> dict[str, list[Any]]:
        """Columns of equal length -> columns of equal length."""
        rows = list(self.rows(dict(zip(batch, values)) for values in zip(*batch.values())))
        names, _ = columns_of(self.classifier.labels.stance, self.columns.keep)
        return {name: [row.get(name) for row in rows] for name in [*names, "reason"]}

    def pandas(self, frames: Iterable[Any]) -> Iterator[Any]:
        """Data frames of pandas, one after another, as Spark's ``mapInPandas`` hands them on."""
        import pandas as pd

        for frame in frames:
            yield pd.DataFrame(self({name: frame[name].tolist() for name in frame.columns}))

    def rows(self, rows: Iterable[Mapping[str, object]]) -> Iterator[dict[str, Any]]:
        """Rows as mappings -> rows of output with ``reason``, as a stream."""
        _, kept = columns_of(self.classifier.labels.stance, self.columns.keep)
        items: dict[int, Item | Reject] = {}

        def scorable() -> Iterator[Item]:
            for number, values in enumerate(rows):
                values = {k: v.item() if hasattr(v, "item") else v for k, v in values.items()}  # numpy's scalars
                item = self.columns.item(Row("row", number, values))
                items[number] = item
                if isinstance(item, Item):
                    yield item
                else:
                    refused[number] = {kept[name]: plain(values.get(name)) for name in self.columns.keep}

        refused: dict[int, dict[str, object]] = {}
        following = 0
        for item, predictions in self.classifier.score_items(scorable()):
            origin: Origin = item.origin
            while following < origin.number:
                yield from self._refused(items.pop(following, None), refused.pop(following, {}))
                following += 1
            following = origin.number + 1
            items.pop(origin.number, None)
            carried = {kept[name]: value for name, value in origin.kept.items()}
            for p in predictions:
                if p.found or self.rejects == "row":
                    yield p.row() | carried | {"reason": p.reason}
        while following in items:
            yield from self._refused(items.pop(following), refused.pop(following, {}))
            following += 1

    def _refused(self, item: Item | Reject | None, carried: dict[str, object]) -> Iterator[dict[str, Any]]:
        if isinstance(item, Reject) and self.rejects == "row":
            yield {"model": self.classifier.config.name, **carried, "reason": item.reason}


def spark_schema(kept: str = "", labels: Sequence[str] = STANCES) -> str:
    """The schema of the output for Spark; ``kept`` are the columns carried along, as *name type, name type*."""
    names, _ = columns_of(labels, ())
    types = ["bigint" if n in WHOLE else "double" if n.startswith("p_") or n.endswith("_score") else "string" for n in names]
    return ", ".join([*(f"{n} {t}" for n, t in zip(names, types)), *filter(None, [kept]), "reason string"])
