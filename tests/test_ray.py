"""Scoring on Ray gives the rows of the local engine, also where a worker dies."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import pytest
from test_score import articles, rejects_of, rows_of

from stance.batch import BatchError, Columns, RunOptions, score_files


@pytest.fixture
def inputs(tmp_path):
    (tmp_path / "in").mkdir()
    for name, count in (("1.jsonl", 300), ("2.jsonl", 30)):
        path = articles(tmp_path / "in" / name, count)
        path.write_text(path.read_text().replace('{"id": "a7"', "broken"))
    pairs = "actor,sentence,when\n" + "".join(f'Oslo,"Oslo denied report {n // 3}, Kyiv said.",{n}\n' for n in range(200))
    (tmp_path / "in/3.csv").write_text(pairs)
    return tmp_path / "in"


@pytest.fixture
def local(tmp_path, inputs, classifier):
    score_files([inputs], tmp_path / "local", classifier, RunOptions("jsonl", columns=Columns(keep=("year",))))
    return rows_of(tmp_path / "local"), rejects_of(tmp_path / "local")


def test_two_cpus_give_the_rows_of_the_local_engine(tmp_path, inputs, local, classifier, ray_cluster, monkeypatch):
    options = RunOptions("jsonl", columns=Columns(keep=("year",)), part_sentences=300, engine="ray")
    monkeypatch.setattr("stance.batch.ray_engine.BLOCK_BYTES", 4096)
    workers = set()

    def kill_one(progress):
        if workers:
            return
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # one that has just ended
                if b"MapWorker" in (process / "cmdline").read_bytes():
                    workers.add(int(process.name))
                    os.kill(int(process.name), signal.SIGKILL)

    monkeypatch.setattr("stance.batch.ray_engine.BUFFER_CHARACTERS", 4000)
    score_files([inputs], tmp_path / "ray", classifier, options, kill_one)
    assert workers, "a worker was killed"
    assert rows_of(tmp_path / "ray") == local[0]
    assert rejects_of(tmp_path / "ray") == local[1]
    assert len(list((tmp_path / "ray").glob("part-*"))) > 1


def test_standard_input_is_for_the_local_engine(tmp_path, classifier, monkeypatch):
    pytest.importorskip("ray")
    import io
    import sys

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "Moscow denied it."}')))
    with pytest.raises(BatchError, match="give files"):
        score_files(["-"], tmp_path / "out", classifier, RunOptions(engine="ray"))
