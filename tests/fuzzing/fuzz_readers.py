"""Any bytes, in any format and compression, are rows and rejects: no crash, no good row lost.

pip install atheris
python tests/fuzzing/fuzz_readers.py -max_total_time=60
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["stance.readers"]):
    from stance.readers import FORMATS, Reject, Row, read_rows

SCRATCH = Path(tempfile.mkdtemp())
GOOD = {"id": "1", "text": "Łódź said “no”."}


def any_bytes(data: atheris.FuzzedDataProvider) -> None:
    format = FORMATS[data.ConsumeIntInRange(0, len(FORMATS) - 1)]
    packed = data.ConsumeBool()
    content = data.ConsumeBytes(data.remaining_bytes())
    path = SCRATCH / "any"
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    last = 0
    for row in read_rows([path], format):
        assert isinstance(row, (Row, Reject)) and row.number > last, row
        last = row.number
        if isinstance(row, Row):
            json.dumps(row.values, default=str, ensure_ascii=False).encode()  # no half characters


def good_among_bad(data: atheris.FuzzedDataProvider) -> None:
    """A good line of JSON before and after anything that holds no line break."""
    bad = data.ConsumeBytes(data.remaining_bytes()).replace(b"\n", b"").replace(b"\r", b"").strip()
    good = json.dumps(GOOD, ensure_ascii=False).encode()
    path = SCRATCH / "lines"
    path.write_bytes(b"\n".join([good, bad, good]))
    rows = list(read_rows([path], "jsonl"))
    assert [rows[0].number, rows[-1].number] == [1, 3]
    assert rows[0].values == rows[-1].values == GOOD
    assert len(rows) == 3 or not bad


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    (any_bytes if provider.ConsumeBool() else good_among_bad)(provider)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
