"""The same scoring inside Ray Data, Spark and ``datasets``."""

from __future__ import annotations

import pickle
import sys

import pytest

from stance.batch import Columns
from stance.batch.frames import ColumnScorer, spark_schema

ROWS = [
    {"n": 0, "sentence": "Moscow denied the report, Oslo said.", "actor": "Moscow"},
    {"n": 1, "sentence": "Moscow denied the report, Oslo said.", "actor": "Oslo"},
    {"n": 2, "sentence": "", "actor": "Oslo"},
    {"n": 3, "sentence": "It rained.", "actor": "Oslo"},
    {"n": 4, "sentence": "Kyiv warned of a war.", "actor": "Kyiv"},
    {"n": 5, "sentence": None, "actor": "Kyiv"},
]
BATCH = {name: [row[name] for row in ROWS] for name in ROWS[0]}
KEEP = Columns(keep=("n",))
EXPECTED = [(0, "denying"), (1, "confirming"), (2, None), (3, None), (4, "warning"), (5, None)]


def labels(rows) -> list[tuple[int, str | None]]:
    return sorted((int(r["n"]), r["stance"]) for r in rows)


def test_columns_in_columns_out():
    out = ColumnScorer(KEEP)(BATCH)
    assert list(zip(out["n"], out["stance"])) == EXPECTED
    assert [bool(reason) for reason in out["reason"]] == [False, False, True, True, False, True]
    assert ColumnScorer(KEEP, rejects="drop")(BATCH)["n"] == [0, 1, 4]
    articles = ColumnScorer(Columns(keep=("n",)))({"n": [7, 8], "text": ["Moscow denied it. Oslo agreed.", "It rained."]})
    assert set(articles["n"]) == {7} and articles["actor"] == ["Moscow", "Oslo"]
    assert ColumnScorer()({"text": []})["stance"] == []


def test_the_model_stays_behind_when_a_scorer_is_sent():
    scorer = ColumnScorer(KEEP)
    scorer(BATCH)
    assert len(pickle.dumps(scorer)) < 2000
    assert pickle.loads(pickle.dumps(scorer))(BATCH)["n"] == BATCH["n"]


def test_datasets_map():
    datasets = pytest.importorskip("datasets")
    table = datasets.Dataset.from_list(ROWS)
    out = table.map(ColumnScorer(KEEP), batched=True, batch_size=4, remove_columns=table.column_names)
    assert labels(out) == EXPECTED


def test_spark_map_in_pandas(monkeypatch):
    monkeypatch.setenv("PYSPARK_PYTHON", sys.executable)
    pyspark = pytest.importorskip("pyspark.sql")
    spark = pyspark.SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        frame = spark.createDataFrame(
            [(r["n"], r["sentence"], r["actor"]) for r in ROWS], "n long, sentence string, actor string"
        )
        out = frame.mapInPandas(ColumnScorer(KEEP).pandas, spark_schema("n long")).collect()
    finally:
        spark.stop()
    assert labels(row.asDict() for row in out) == EXPECTED


def test_ray_map_batches(ray_cluster):
    data = ray_cluster.data.from_items([r for r in ROWS if r["sentence"] is not None])
    out = data.map_batches(
        ColumnScorer,
        fn_constructor_kwargs={"columns": KEEP},
        batch_format="numpy",
        compute=ray_cluster.data.ActorPoolStrategy(size=1),
        num_cpus=1,
    ).take_all()
    assert labels(out) == EXPECTED[:-1]
