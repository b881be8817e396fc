"""Scoring files: nothing lost, nothing twice, whatever the input and whenever it is killed."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from conftest import ARTICLE, jsonl

import stance
from stance.batch import BatchError, Columns, RunOptions, score_files
from stance.batch.manifest import Manifest, remove_run

SENTENCES = [
    "Moscow denied the report {n}.",
    "Oslo warned that dam {n} could fail, and Kyiv agreed.",
    "Analysts said prices rose {n} percent, which the union disputed.",
]


def articles(path: Path, count: int) -> Path:
    rows = [{"id": f"a{n}", "text": " ".join(s.format(n=n) for s in SENTENCES[: n % 3 + 1]), "year": n} for n in range(count)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def contents(folder: Path) -> dict[str, bytes]:
    files = [*folder.glob("part-*"), folder / "_stance/rejects.jsonl", folder / "_stance/manifest.jsonl"]
    return {p.name: p.read_bytes() for p in files}


def rows_of(folder: Path) -> list[dict]:
    return [row for part in sorted(folder.glob("part-*")) for row in jsonl(part.read_text())]


def rejects_of(folder: Path) -> list[dict]:
    return jsonl((folder / "_stance/rejects.jsonl").read_text())


LINES = RunOptions(format="jsonl")


@pytest.fixture
def small_buffers(monkeypatch):
    monkeypatch.setattr("stance.scoring.buffers.__defaults__", (400, 1000, 0))


def test_rows_are_those_of_the_python_interface(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 7)
    summary = score_files([source], tmp_path / "out", classifier, LINES)
    expected = [p.row() for p in classifier.score((r["id"], r["text"]) for r in jsonl(source.read_text()))]
    assert rows_of(tmp_path / "out") == expected and expected
    assert (summary.items, summary.rows, summary.rejects) == (7, len(expected), 0)


@pytest.mark.parametrize("format", ["parquet", "jsonl", "csv"])
def test_kept_columns_and_formats(tmp_path, classifier, format):
    source = tmp_path / "a.jsonl"
    text = "=Moscow denied it 😀, Łódź said."
    source.write_text(json.dumps({"id": 5, "text": text, "stance": "gold", "tags": ["a"], "none": None}) + "\n")
    options = RunOptions(format, columns=Columns(keep=("stance", "tags", "none")))
    score_files([source], tmp_path / "out", classifier, options)
    (part,) = (tmp_path / "out").glob("part-*")
    if format == "parquet":
        rows = pq.read_table(tmp_path / "out").to_pylist()  # the folder as a whole: bookkeeping is no part of it
    else:
        rows = jsonl(part.read_text()) if format == "jsonl" else list(csv.DictReader(part.open(newline="")))
    assert rows[0]["article_id"] == "5" and rows[0]["stance"] == "denying" and rows[0]["input_stance"] == "gold"
    assert rows[0]["tags"] == (["a"] if format == "jsonl" else '["a"]')
    assert rows[0]["sentence"] == ("'" if format == "csv" else "") + text
    assert rows[0]["none"] in (None, "")


def test_rows_with_an_actor_keep_their_order_and_context(tmp_path, classifier):
    with (tmp_path / "pairs.csv").open("w", newline="") as f:
        writer = csv.writer(f)
        writer.writerow(["url", "quote", "who", "from", "to", "before"])
        writer.writerow(["u1", "Russia dismissed it, Austin warned of war.", "Austin", "", "", ""])
        writer.writerow(["u2", "He denied it.", "Samarin", "0", "2", "Samarin spoke in Moscow."])
        writer.writerow(["u3", "Russia dismissed it, Austin warned of war.", "Russia", 0, 6, ""])
        writer.writerow(["u4", "Russia dismissed it, Austin warned of war.", "Merkel", "", "", ""])
        writer.writerow(["u5", "Russia dismissed it.", "Russia", 0, 600, ""])
        writer.writerow(["u6", "Russia dismissed it.", " ", "", "", ""])
    columns = Columns(text="quote", actor="who", id="url", start="from", end="to")
    score_files([tmp_path / "pairs.csv"], tmp_path / "out", classifier, RunOptions("jsonl", columns=columns))
    rows = rows_of(tmp_path / "out")
    assert [(r["article_id"], r["actor"], r["stance"]) for r in rows] == [
        ("u1", "Austin", "warning"),
        ("u2", "Samarin", "denying"),
        ("u3", "Russia", "denying"),
    ]
    rejects = rejects_of(tmp_path / "out")
    assert [r["row"] for r in rejects] == [5, 6, 7]
    assert [word in r["reason"] for word, r in zip(("Merkel", "outside", "who: empty"), rejects)] == [True] * 3


def test_bad_input_costs_no_good_row(tmp_path, classifier, monkeypatch):
    good = [json.dumps({"id": f"g{n}", "text": "Moscow denied it."}).encode() for n in range(5)]
    bad = [b"{", b'{"text": 5}', b'{"body2": "x"}', b'{"text": " "}', b'{"text": "\xff"}', b'{"text": "\\ud800"}', b"[1]"]
    lines = [line for pair in zip(good, bad) for line in pair] + bad[5:]
    (tmp_path / "in").mkdir()
    (tmp_path / "in/1.jsonl").write_bytes(b"\n".join(lines))
    whole = gzip.compress(b"\n".join(b'{"id": "z%d", "text": "Moscow denied it %d."}' % (n, n) for n in range(400)))
    (tmp_path / "in/2.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "in/3.txt").write_bytes(b"a\x00b")
    (tmp_path / "in/4.txt").write_text("قال الوزير إن موسكو نفت التقرير 😀. Moscow denied it.")
    summary = score_files([tmp_path / "in"], tmp_path / "in/out", classifier, LINES)
    ids = list(dict.fromkeys(r["article_id"] for r in rows_of(tmp_path / "in/out")))
    zipped = [i for i in ids if i.startswith("z")]
    assert zipped == [f"z{n}" for n in range(len(zipped))] and len(zipped) > 10
    assert [i for i in ids if i not in zipped] == ["g0", "g1", "g2", "g3", "g4", str(tmp_path / "in/4.txt")]
    rejects = rejects_of(tmp_path / "in/out")
    assert [r["row"] for r in rejects] == [2, 4, 6, 8, 10, 11, 12, len(zipped) + 1, 1]
    assert "cut off" in rejects[-2]["reason"] and "3.txt" in rejects[-1]["file"]
    assert summary.rejects == len(rejects) and summary.items == len(ids)


@pytest.mark.parametrize("step", [0, 1, 2, 4, 7, 11, 16, 23])
def test_a_run_that_stops_anywhere_goes_on_to_the_same_bytes(tmp_path, classifier, small_buffers, monkeypatch, step):
    source = articles(tmp_path / "a.jsonl", 60)
    source.write_text(source.read_text().replace('{"id": "a7"', "broken").replace('{"id": "a20"', "broken"))
    options = RunOptions("jsonl", part_sentences=12)
    score_files([source], tmp_path / "whole", classifier, options)
    expected = contents(tmp_path / "whole")
    assert len(expected) > 5

    steps, fsync, replace = [0], os.fsync, Path.replace

    def stumble(work):
        def may_fail(*args):
            steps[0] += 1
            if steps[0] == step + 1:
                raise KeyboardInterrupt
            return work(*args)

        return may_fail

    with monkeypatch.context() as m:
        m.setattr(os, "fsync", stumble(fsync))
        m.setattr(Path, "replace", stumble(replace))
        with pytest.raises(KeyboardInterrupt):
            score_files([source], tmp_path / "broken", classifier, options)
    score_files([source], tmp_path / "broken", classifier, options)
    assert contents(tmp_path / "broken") == expected
    assert not list((tmp_path / "broken").glob("_part*")), "nothing temporary is left"


def test_killed_and_started_again_on_the_command_line(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 600)
    command = [sys.executable, "-m", "stance", "score", str(source), "-f", "jsonl", "--part-sentences", "100", "-q", "-o"]
    running = subprocess.Popen([*command, str(tmp_path / "out")])
    while len(list((tmp_path / "out").glob("part-*"))) < 2:
        assert running.poll() is None
        time.sleep(0.02)
    running.kill()
    running.wait()
    before = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("part-*")}
    running = subprocess.Popen([*command, str(tmp_path / "out")], stderr=subprocess.PIPE)
    while len(list((tmp_path / "out").glob("part-*"))) <= len(before):
        assert running.poll() is None
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    assert "the same command goes on" in running.communicate()[1].decode() and running.returncode == 130
    options = RunOptions("jsonl", part_sentences=100)
    summary = score_files([source], tmp_path / "out", classifier, options)
    assert summary.resumed_at > len(before) - 1
    score_files([source], tmp_path / "whole", classifier, options)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    finished = sorted(before)[:-1]  # of the last, the line may have been missing
    assert all((tmp_path / "out" / name).stat().st_mtime_ns == before[name] for name in finished), "they are not redone"


def test_a_finished_run_is_not_run_again(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 3)
    score_files([source], tmp_path / "out", classifier, LINES)
    before = contents(tmp_path / "out")
    summary = score_files([source], tmp_path / "out", classifier, LINES)
    assert summary.items == 3 and contents(tmp_path / "out") == before


def test_another_run_on_the_same_output_is_refused(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 3)
    out = tmp_path / "out"
    score_files([source], out, classifier, LINES)
    with pytest.raises(BatchError, match="options.*part_sentences 20000 before, part_sentences 7 now"):
        score_files([source], out, classifier, RunOptions("jsonl", part_sentences=7))
    confident = stance.load(threads=1, min_confidence=0.9)
    with pytest.raises(BatchError, match="options"):
        score_files([source], out, confident, LINES)
    confident = stance.load(threads=1)
    confident.config.name = "another"
    with pytest.raises(BatchError, match="model.*another"):
        score_files([source], out, confident, LINES)
    articles(source, 4)
    with pytest.raises(BatchError, match="other input"):
        score_files([source], out, classifier, LINES)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("dear")
    with pytest.raises(BatchError, match="holds other things"):
        score_files([source], tmp_path / "mine", classifier, LINES)
    remove_run(out)
    assert score_files([source], out, classifier, LINES).items == 4


def test_two_runs_at_once_are_refused(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 3)
    score_files([source], tmp_path / "out", classifier, LINES)
    first = json.loads((tmp_path / "out/_stance/manifest.jsonl").read_text().splitlines()[0])
    with Manifest(tmp_path / "out", first), pytest.raises(BatchError, match="another run"):
        score_files([source], tmp_path / "out", classifier, LINES)


def test_the_most_rejects(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 3)
    source.write_text(source.read_text() + "{\n{\n")
    for most in (0, 1):
        with pytest.raises(BatchError, match=f"a.jsonl:{4 + most}: broken JSON .* {most} rejected"):
            score_files([source], tmp_path / "out", classifier, RunOptions("jsonl", max_rejects=most))
    summary = score_files([source], tmp_path / "out", classifier, RunOptions("jsonl", max_rejects=2))
    assert summary.rejects == 2


def test_a_full_disk_is_one_line_and_the_same_call_goes_on(tmp_path, classifier, monkeypatch):
    source = articles(tmp_path / "a.jsonl", 30)
    write = pq.ParquetWriter.write_table

    def full(self, *args, **kwargs):
        assert self.is_open  # as pyarrow's own
        if list(self.where.parent.glob("part-*")):
            self.is_open = False  # as pyarrow leaves it
            raise OSError(28, "No space left on device")
        write(self, *args, **kwargs)

    options = RunOptions(part_sentences=20)
    with monkeypatch.context() as disk:
        disk.setattr(pq.ParquetWriter, "write_table", full)
        with pytest.raises(BatchError, match="the disk is full; make room, and the same command goes on"):
            score_files([source], tmp_path / "out", classifier, options)
    assert [p.name for p in (tmp_path / "out").glob("*part*")] == ["part-000000.parquet"]
    assert score_files([source], tmp_path / "out", classifier, options).resumed_at == 1
    score_files([source], tmp_path / "whole", classifier, options)
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_nothing_to_score_is_an_empty_table(tmp_path, classifier):
    (tmp_path / "a.csv").write_text("id,text\n")
    summary = score_files([tmp_path / "a.csv"], tmp_path / "out", classifier, RunOptions())
    assert (summary.parts, summary.rows) == (1, 0)
    assert "p_denying" in pq.read_table(tmp_path / "out").column_names
    told = run(tmp_path / "a.csv", "-o", tmp_path / "out")
    assert told.returncode == 0 and b"nothing to score" in told.stderr and b"a.csv holds no rows" in told.stderr


def test_a_column_that_no_row_has_is_said_before_anything_is_written(tmp_path, classifier):
    (tmp_path / "a.csv").write_text("id,words\n1,Moscow denied it.\n")
    with pytest.raises(BatchError, match=r"no column 'text' \(its columns: id, words\).*--text"):
        score_files([tmp_path / "a.csv"], tmp_path / "out", classifier, LINES)
    columns = Columns(text="words", keep=("yaer",))
    with pytest.raises(BatchError, match="no column 'yaer' to keep"):
        score_files([tmp_path / "a.csv"], tmp_path / "out", classifier, RunOptions(columns=columns))
    assert not (tmp_path / "out").exists()


def test_all_other_columns_are_kept(tmp_path, classifier):
    (tmp_path / "a.csv").write_text("id,words,year,score\n1,Moscow denied it.,2020,0.5\n")
    options = RunOptions("jsonl", columns=Columns(text="words"), keep_all=True)
    score_files([tmp_path / "a.csv"], tmp_path / "out", classifier, options)
    (row,) = rows_of(tmp_path / "out")
    assert (row["year"], row["score"]) == ("2020", "0.5") and "words" not in row and "input_id" not in row


def test_an_article_of_ten_megabytes_goes_through_in_pieces(tmp_path, classifier, monkeypatch):
    monkeypatch.setattr("stance.reading.MOST_SENTENCES", 4)
    monkeypatch.setattr("stance.scoring.buffers.__defaults__", (600, 1000, 0))
    text = "\n\n".join(ARTICLE for _ in range(3))
    whole = list(classifier.score([("before", "Moscow denied it."), ("long", text), ("after", "Oslo denied it.")]))
    assert [p.article_id for p in whole] == sorted((p.article_id for p in whole), key=["before", "long", "after"].index)
    long = [p for p in whole if p.article_id == "long"]
    assert [p.sentence_id for p in long] == sorted(p.sentence_id for p in long)
    assert all(text[p.mention_start : p.mention_end] == p.mention for p in long)
    assert all(text[p.sentence_start : p.sentence_end] == p.sentence for p in long)
    assert {p.sentence_id for p in long} >= {p.sentence_id + 14 for p in classifier.score([ARTICLE])}
    article = classifier.analyze(text)
    assert [p.row() | {"article_id": "long"} for p in article.predictions] == [p.row() for p in long]
    assert len({a.name for a in article.actors}) == len(article.actors)


def test_python_streams_without_reading_all(classifier, small_buffers):
    asked = []

    def endless():
        n = 0
        while True:
            asked.append(n)
            yield (
                {"sentence": f"Moscow denied the report {n}.", "actor": "Moscow", "id": n}
                if n % 2
                else {"id": n, "text": f"Oslo warned of war {n}."}
            )
            n += 1

    stream = classifier.score(endless())
    found = [next(stream) for _ in range(100)]
    stream.close()
    assert [p.article_id for p in found] == [str(n) for n in range(100)]
    assert all(p.actor == ("Moscow" if n % 2 else "Oslo") and p.sentence.endswith(f" {n}.") for n, p in enumerate(found))
    assert {p.stance for p in found[::2]} == {"warning"} and {p.stance for p in found[1::2]} == {"denying"}
    assert len(asked) < 300


def test_wrong_items_are_type_errors(classifier):
    for item in (5, None, {"text": 5}, {"headline": "x"}, ("a", "b", "c")):
        with pytest.raises(TypeError, match="item 0"):
            list(classifier.score([item]))


def test_the_number_of_threads_changes_no_byte(tmp_path, classifier):
    source = articles(tmp_path / "a.jsonl", 200)
    score_files([source], tmp_path / "two", classifier, LINES)
    score_files([source], tmp_path / "one", stance.load(threads=1), LINES)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def run(*args, stdin: bytes = b"") -> subprocess.CompletedProcess:
    return subprocess.run([sys.executable, "-m", "stance", "score", *map(str, args)], input=stdin, capture_output=True)


def test_standard_input_and_the_summary(tmp_path):
    rows = b'{"id": "x", "text": "Moscow denied it."}\n{"id": "y"}\n'
    done = run("-", "-o", tmp_path / "out", "-f", "jsonl", "--summary", tmp_path / "s.json", stdin=rows)
    assert (done.returncode, done.stdout) == (0, b"") and b"1 rows could not be scored" in done.stderr
    summary = json.loads((tmp_path / "s.json").read_text())
    assert (summary["items"], summary["rejects"], summary["rows"]) == (1, 1, len(rows_of(tmp_path / "out")))
    done = run("-", "-o", tmp_path / "out", "-f", "jsonl", stdin=b'{"text": "Other."}\n')
    assert done.returncode == 1 and b"other input" in done.stderr and len(done.stderr.splitlines()) == 1


def test_exit_codes(tmp_path):
    articles(tmp_path / "a.jsonl", 2)
    assert run(tmp_path / "none.jsonl", "-o", tmp_path / "out").returncode == 1
    assert run(tmp_path / "a.jsonl", "-o", tmp_path / "out", "--text", "words").returncode == 1
    assert run(tmp_path / "a.jsonl").returncode == 2
    (tmp_path / "a.jsonl").open("a").write("{\n")
    done = run(tmp_path / "a.jsonl", "-o", tmp_path / "out", "--strict")
    assert done.returncode == 1 and b"a.jsonl:3: broken JSON" in done.stderr and b"Traceback" not in done.stderr
