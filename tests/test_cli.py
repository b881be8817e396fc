"""The command line, run as a user runs it."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys

import pytest
from conftest import EXAMPLES, jsonl

from stance.checkpoint import CONFIG, ENCODER, default_folder


def run(*args: str, stdin: str | bytes | None = None) -> subprocess.CompletedProcess:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [sys.executable, "-m", "stance.cli", *map(str, args)], input=data if data is not None else b"", capture_output=True
    )
    done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
    return done


def one_line(done: subprocess.CompletedProcess) -> str:
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("stance: "), done.stderr
    assert "Traceback" not in done.stderr
    return lines[0]


def test_jsonl_from_standard_input():
    done = run("analyze", stdin="Moscow denied the report. Oslo warned of a war.")
    rows = jsonl(done.stdout)
    assert done.returncode == 0
    assert {(r["actor"], r["stance"]) for r in rows} == {("Moscow", "denying"), ("Oslo", "warning")}
    assert all(r["article_id"] == "standard input" for r in rows)


def test_json_holds_the_summary_of_each_article(tmp_path):
    out = tmp_path / "out.json"
    done = run("analyze", "--format", "json", "-o", out, *sorted(EXAMPLES.glob("*.txt")))
    assert (done.returncode, done.stdout) == (0, "")
    articles = json.loads(out.read_text())
    assert len(articles) == 2
    stances = {a["actor"]: a["stance"] for a in articles[1]["actors"]}
    assert stances["Viktor Samarin"] == "denying"


def test_csv_defuses_spreadsheet_formulas():
    done = run("analyze", "--format", "csv", stdin='=HYPERLINK("http://x","y") said Moscow denied it.')
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert rows and all(not r["sentence"].startswith("=") for r in rows)


def test_the_table_shows_the_actors_and_no_control_characters():
    done = run("analyze", "--format", "table", stdin="Moscow denied the report \x1b[2J\u202eon Monday.")
    assert "Moscow" in done.stdout and "denying" in done.stdout
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout


def test_one_bad_file_costs_no_other(tmp_path):
    (tmp_path / "empty.txt").write_text(" \n")
    (tmp_path / "binary.bin").write_bytes(b"\x89PNG\x00\xff")
    (tmp_path / "nul.txt").write_bytes(b"a\x00b")
    good = EXAMPLES / "river_dam.txt"
    done = run(
        "analyze", tmp_path / "empty.txt", tmp_path / "binary.bin", tmp_path / "nul.txt", tmp_path / "none.txt", tmp_path, good
    )
    assert done.returncode == 1
    complaints = done.stderr.strip().splitlines()
    assert len(complaints) == 5
    for name, words in (
        ("empty.txt", "empty"),
        ("binary.bin", "not UTF-8"),
        ("nul.txt", "not text"),
        ("none.txt", "no such file"),
    ):
        assert any(name in line and words in line for line in complaints)
    assert {r["article_id"] for r in jsonl(done.stdout)} == {str(good)}


@pytest.mark.parametrize("model", ["./nowhere", "nowhere", "/tmp"])
def test_an_unknown_model_is_one_line(model):
    done = run("analyze", "-m", model, EXAMPLES / "river_dam.txt")
    assert done.returncode == 1
    assert model in one_line(done)


@pytest.fixture
def copy(tmp_path):
    folder = tmp_path / "model"
    shutil.copytree(default_folder(), folder, ignore=shutil.ignore_patterns("*.safetensors"))
    return folder


@pytest.mark.parametrize("name", [CONFIG, "tokenizer.json", ENCODER, "heads.onnx"])
@pytest.mark.parametrize("damage", ["cut", "gone", "garbage of the same length"])
def test_a_damaged_model_is_one_line(copy, name, damage):
    path = copy / name
    data = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if damage == "cut" else b"\x07" * len(data))
    done = run("analyze", "-m", copy, EXAMPLES / "river_dam.txt")
    assert done.returncode == 1
    assert str(copy) in one_line(done)


def test_help_shows_examples():
    for command in ("analyze", "train", "evaluate", "export"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert f"stance {command}" in done.stdout.split("Examples")[1]


def test_a_wrong_option_is_usage():
    done = run("analyze", "--format", "xml", EXAMPLES / "river_dam.txt")
    assert done.returncode == 2
    assert "xml" in done.stderr


def test_wrong_data_for_training_is_one_line(tmp_path):
    (tmp_path / "bad.txt").write_text("# article: a\n# region: Asia\n# style: wire\n{{Seoul|denies|neutral}} spoke.\n")
    done = run("train", tmp_path / "bad.txt", "-o", tmp_path / "model")
    assert done.returncode == 1
    assert "bad.txt:4" in one_line(done) and "denying" in done.stderr
    assert "no such file" in one_line(run("train", tmp_path / "none.txt", "-o", tmp_path / "model"))
    assert "no recipe" in one_line(run("train", "--recipe", "none", "-o", tmp_path / "model"))
    assert "--corpora" in one_line(run("train", "-o", tmp_path / "model"))


def test_the_input_is_not_written_over(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("Moscow denied it.")
    done = run("analyze", path, "-o", path)
    assert done.returncode == 2 and "another file" in one_line(done)
    assert path.read_text() == "Moscow denied it."


def test_csv_without_a_row_has_its_header():
    done = run("analyze", "--format", "csv", stdin="It rained.")
    assert done.stdout.startswith("article_id,sentence_id,") and done.stdout.count("\n") == 1


def test_a_pipe_in_another_encoding_loses_no_row():
    done = subprocess.run(
        [sys.executable, "-m", "stance", "analyze"],
        input="Łódź denied it, 東京 said.".encode(),
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 0 and "Łódź" in done.stdout.decode()


@pytest.mark.parametrize(
    "change", [{"temperatures": {}}, {"before": "2"}, {"encoder": None}, {"labels": {"stance": ["a", "b"], "sentiment": []}}]
)
def test_a_configuration_that_does_not_fit_is_one_line(copy, change):
    config = json.loads((copy / CONFIG).read_text())
    (copy / CONFIG).write_text(json.dumps(config | change))
    done = run("analyze", "-m", copy, EXAMPLES / "river_dam.txt")
    assert done.returncode == 1
    assert str(copy) in one_line(done)
