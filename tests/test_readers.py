"""Users' tables and texts: what is read, and what is rejected with its place and its reason."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stance.readers import MAX_CHARACTERS, ReadError, Reject, Row, find_sources, read_rows

RECORDS = [{"id": str(n), "text": f"Oslo said “no” to plan {n},\nand Łódź 😀 مرحبا."} for n in range(5)]
JSONL = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in RECORDS).encode()


def table(delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["id", "text"], delimiter=delimiter)
    writer.writeheader()
    writer.writerows(RECORDS)
    return out.getvalue().encode()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), out, row_group_size=2)
    return out.getvalue()


def read(path, data: bytes, format=None) -> list[Row | Reject]:
    path.write_bytes(data)
    return list(read_rows([path], format))


def standard_input(monkeypatch, data: bytes):
    class Pipe(io.BytesIO):
        def seekable(self):
            return False

    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BufferedReader(Pipe(data))))


WHOLE = {"jsonl": JSONL, "csv": table(","), "tsv": table("\t"), "parquet": parquet()}
PACKED = {"": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


@pytest.mark.parametrize("packed", PACKED)
@pytest.mark.parametrize("format", ["jsonl", "csv", "tsv"])
def test_every_format_gives_the_same_rows(tmp_path, format, packed):
    rows = read(tmp_path / f"a.{format}{packed}", PACKED[packed](WHOLE[format]))
    assert [r.values for r in rows] == RECORDS


@pytest.mark.parametrize("format", ["jsonl", "csv", "tsv", "parquet"])
@pytest.mark.parametrize("packed", PACKED)
def test_standard_input_is_told_by_its_beginning(monkeypatch, format, packed):
    if format == "parquet" and packed:
        pytest.skip("Parquet is compressed inside")
    standard_input(monkeypatch, PACKED[packed](WHOLE[format]))
    rows = list(read_rows(["-"]))
    assert [r.values for r in rows] == RECORDS and rows[0].file == "standard input"


def test_standard_input_without_a_header_is_a_text(monkeypatch):
    standard_input(monkeypatch, b"Oslo, he said, denied it.\nIt rained.")
    assert [r.values for r in read_rows(["-"])] == [{"text": "Oslo, he said, denied it.\nIt rained."}]


def test_parquet_rows_are_numbered_through_their_groups(tmp_path):
    rows = read(tmp_path / "a.parquet", parquet())
    assert [(r.number, r.values) for r in rows] == list(enumerate(RECORDS, 1))


def test_a_row_of_a_table_is_numbered_by_its_first_line(tmp_path):
    assert [r.number for r in read(tmp_path / "a.csv", table(","))] == [2, 4, 6, 8, 10]
    assert [r.number for r in read(tmp_path / "a.jsonl", b'{"a":1}\n\n\n{"a":2}')] == [1, 4]


def test_semicolons_and_byte_order_marks_of_spreadsheets(tmp_path):
    rows = read(tmp_path / "a.csv", b"\xef\xbb\xbf" + b'id;text\r\n1;"He said; ""no"""\r\n')
    assert [r.values for r in rows] == [{"id": "1", "text": 'He said; "no"'}]


def test_folders_globs_and_stores(tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("b/2.jsonl", "1.csv", "_rejects.jsonl", ".hidden.jsonl", "b/picture.png"):
        (tmp_path / name).write_bytes(WHOLE["csv" if name.endswith("csv") else "jsonl"])
    here = [str(tmp_path / "1.csv"), str(tmp_path / "b/2.jsonl")]
    assert [s.name for s in find_sources([tmp_path])] == here
    assert [s.name for s in find_sources([f"{tmp_path}/**/*.jsonl", tmp_path])][-1] == here[0], "each file once"
    with fsspec.open("memory://news/a.jsonl.gz", "wb") as f:
        f.write(gzip.compress(JSONL))
    for path in ("memory://news/a.jsonl.gz", "memory://news", "memory://news/*.gz"):
        rows = list(read_rows([path]))
        assert [r.values for r in rows] == RECORDS and rows[0].file == "memory:///news/a.jsonl.gz"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("none.jsonl", "no such file"),
        ("*.none", "matches no file"),
        ("a.docx", "--format"),
        ("empty/", "without a file"),
        ("memory://nowhere/x.csv", "no such file"),
        ("nostore://a.csv", "nostore"),
    ],
)
def test_what_cannot_be_read_at_all_is_said_before_the_first_row(tmp_path, monkeypatch, path, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.docx").touch()
    (tmp_path / "empty").mkdir()
    with pytest.raises(ReadError, match=words) as raised:
        read_rows([path])
    assert path.strip("/") in str(raised.value) and "\n" not in str(raised.value)


BAD_LINES = {
    b'{"id": "1", "text": "x"': "broken JSON",
    b'["a"]': "no object",
    b"null": "no object",
    b'{"id": "1", "text": "\xff"}': "not UTF-8",
    b'{"id": "1", "text": "a\x00b"}': "NUL",
    b'{"id": "1", "text": "a\\u0000b"}': "NUL",
    b'{"id": "1", "text": "a\\ud800b"}': "surrogate",
    b'{"id": "1", "text": ["a\\ud800b"]}': "surrogate",
    b'{"id": ' + b"9" * 5000 + b"}": "broken JSON",
    b"[" * 100_000: "broken JSON",
    b"garbage": "broken JSON",
}


@pytest.mark.parametrize("bad", BAD_LINES, ids=range(len(BAD_LINES)))
def test_a_bad_line_costs_no_other(tmp_path, bad):
    good = JSONL.splitlines(keepends=True)
    rows = read(tmp_path / "a.jsonl", good[0] + bad + b"\n" + b"".join(good[1:]))
    assert [r.values for r in rows if isinstance(r, Row)] == RECORDS
    (reject,) = [r for r in rows if isinstance(r, Reject)]
    assert (reject.file, reject.number) == (str(tmp_path / "a.jsonl"), 2) and BAD_LINES[bad] in reject.reason


BAD_RECORDS = {
    b"1": "1 fields, the header has 2",
    b"1,x,y": "3 fields",
    b'1,"no end': "broken CSV",
    b'1,"a" b': "broken CSV",
    b"1,\xff": "text: holds bytes that are not UTF-8",
    b"1,a\x00": "text: holds a NUL",
}


@pytest.mark.parametrize("bad", BAD_RECORDS, ids=range(len(BAD_RECORDS)))
@pytest.mark.parametrize("after", [b'7,"quoted, ""so"""\n8,plain\n', b"8,plain\n"])
def test_a_bad_record_costs_no_other(tmp_path, bad, after):
    rows = read(tmp_path / "a.csv", b"id,text\n6,six\n" + bad + b"\n" + after)
    assert [r.values["id"] for r in rows if isinstance(r, Row)] == ["6"] + [line[:1].decode() for line in after.splitlines()]
    (reject,) = [r for r in rows if isinstance(r, Reject)]
    assert reject.number == 3 and BAD_RECORDS[bad] in reject.reason


def test_tabs_without_quoting(tmp_path):
    rows = read(tmp_path / "a.tsv", b'id\ttext\n1\t"No," he said\n2\t"unclosed\n3\tplain\n')
    assert [r.values["text"] for r in rows] == ['"No," he said', '"unclosed', "plain"]


@pytest.mark.parametrize("packed", [".gz", ".zst"])
@pytest.mark.parametrize("damage", ["cut", "garbage"])
def test_rows_before_the_end_of_a_cut_file_are_read(tmp_path, packed, damage):
    lines = b"".join(b'{"n": %d}\n' % n for n in range(30_000))
    data = PACKED[packed](lines)
    data = data[: len(data) * 2 // 3] if damage == "cut" else data + b"garbage that is nothing"
    (tmp_path / "b.jsonl").write_bytes(JSONL)
    (tmp_path / f"a.jsonl{packed}").write_bytes(data)
    rows = list(read_rows([tmp_path]))
    good = [r.values["n"] for r in rows if isinstance(r, Row) and "n" in r.values]
    rejects = [r for r in rows if isinstance(r, Reject)]
    assert good == list(range(len(good))) and len(good) > 10_000
    assert len(rejects) == 1 and rejects[0].number == len(good) + 1, "one for what is lost"
    assert [r.values for r in rows[-5:]] == RECORDS, "the next file is read"


def test_damaged_parquet(tmp_path):
    data = bytearray(parquet())
    assert "no Parquet file" in read(tmp_path / "a.parquet", bytes(data[:-20]))[0].reason
    start = pq.ParquetFile(io.BytesIO(bytes(data))).metadata.row_group(1).column(1).data_page_offset
    data[start : start + 12] = b"\xff" * 12
    rows = read(tmp_path / "a.parquet", bytes(data))
    assert [r.values["id"] for r in rows if isinstance(r, Row)] == ["0", "1", "4"]
    assert [r.number for r in rows if isinstance(r, Reject)] == [3]


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_a_line_too_long_to_hold_is_passed_over(tmp_path, format):
    start, end = (b'{"text": "', b'"}\n{"text": "b"}\n') if format == "jsonl" else (b"text\n", b"\nb\n")
    rows = read(tmp_path / f"a.{format}", start + b"a" * (MAX_CHARACTERS + 5) + end)
    assert isinstance(rows[0], Reject) and "longer" in rows[0].reason
    assert [r.values for r in rows[1:]] == [{"text": "b"}]


def test_texts(tmp_path):
    assert read(tmp_path / "a.txt", b"\xef\xbb\xbfOslo denied it.\r\n")[0].values == {"text": "Oslo denied it.\r\n"}
    assert read(tmp_path / "a.txt.gz", gzip.compress(b"Oslo"))[0].values == {"text": "Oslo"}
    for data, words in ((b" \n", "empty"), (b"a\xff", "byte 1"), (b"a\x00", "NUL")):
        (reject,) = read(tmp_path / "a.txt", data)
        assert words in reject.reason


def test_a_json_array_and_a_header_that_names_a_column_twice_get_a_remedy(tmp_path):
    assert "jq" in read(tmp_path / "a.json", b'[{"text": "x"}]')[0].reason
    assert "twice" in read(tmp_path / "a.csv", b"text,text\na,b\n")[0].reason


# --- any bytes at all -----------------------------------------------------------------------------------------------------

FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(data=st.binary(max_size=300), format=st.sampled_from(["jsonl", "csv", "tsv", "parquet", "text"]), packed=st.booleans())
def test_any_bytes_are_rows_and_rejects(tmp_path, data, format, packed):
    for row in read(tmp_path / "x", gzip.compress(data) if packed else data, format):
        assert isinstance(row, Row) or row.reason and row.number > 0


value = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@FEW
@given(
    rows=st.lists(st.fixed_dictionaries({"id": value, "text": value}), max_size=6),
    bad=st.sampled_from([b"}{", b'{"text": "\xff"}', b'{"text": 1', b'"']),
    at=st.integers(0, 6),
    packed=st.sampled_from(list(PACKED)),
)
def test_no_good_json_row_is_lost(tmp_path, rows, bad, at, packed):
    lines = [json.dumps(r, ensure_ascii=False).encode() for r in rows]
    lines.insert(min(at, len(lines)), bad)
    read_back = read(tmp_path / "a", PACKED[packed](b"\n".join(lines)), "jsonl")
    assert [r.values for r in read_back if isinstance(r, Row)] == rows
    assert [r.number for r in read_back if isinstance(r, Reject)] == [min(at, len(rows)) + 1]


@FEW
@given(rows=st.lists(st.tuples(value, value.filter(bool)), max_size=6), delimiter=st.sampled_from([",", ";", "\t"]))
def test_what_python_writes_as_csv_is_read_back(tmp_path, rows, delimiter):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([("id", "text"), *rows])
    read_back = read(tmp_path / "a", out.getvalue().encode(), "tsv" if delimiter == "\t" else "csv")
    assert [tuple(r.values.values()) for r in read_back] == rows
