"""Who wrote a report, and where, is no actor of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stance.bylines import report_start

TEXT = "Officials denied the report on Tuesday."


@pytest.mark.parametrize(
    "dateline",
    [
        "QUITO — ",
        "PORT VILA – ",
        "LIMA, March 4 - ",
        "Accra (Harbour News) – ",
        "MAPUTO, Nov. 12 (Wire) -- ",
        "CAPE TOWN South Africa (Wire) - ",
        "QUITO/LIMA (Wire) - ",
        "BANGOR, N.D., Oct. 4 (Wire) — ",
    ],
)
def test_a_dateline_ends_where_the_text_begins(dateline):
    assert report_start(dateline + TEXT) == len(dateline)


@pytest.mark.parametrize(
    "sentence",
    [
        TEXT,
        "UNHCR — the refugee agency — denied the report.",
        "EU - Kenya talks were denied.",
        "U.S. - led forces denied the report.",
        "Ruth Amsel (R-N.Y.) — who denied the report — left.",
        "THE MAYOR — WE DENY IT",
        "MAYOR DENIES ALL OF IT — Ruth Amsel spoke for an hour.",
        "Amsel - who denied the report - left.",
        "By Friday the mayor had denied the report.",
        "Led by Ruth Amsel, the council denied the report.",
        "Reporting by the paper was denied.",
        "",
    ],
)
def test_what_only_looks_like_one(sentence):
    assert report_start(sentence) == 0


@pytest.mark.parametrize(
    "line",
    [
        "By Ruth Amsel",
        "BY RUTH AMSEL AND TOM VANE",
        "By Grace W. Achieng, Tom van der Vane and Ruth Amsel",
        "Photographs by Tom Vane",
        "(Reporting by Ruth Amsel in Quito; Editing by Tom Vane)",
        "Additional reporting by Ruth Amsel.",
        "Writing and editing by Tom Vane",
    ],
)
def test_a_byline_reports_nothing(line):
    assert report_start(line) == len(line)


@given(st.text(alphabet="AB.a,( )-—/\n", max_size=200))
def test_any_text_is_read_and_something_is_left(text):
    assert 0 <= report_start(text) <= len(text)
    assert report_start(text) == 0 or text[report_start(text) :].strip()


def test_no_mention_is_found_in_a_dateline_and_none_runs_into_it(classifier):
    said = "Police in Sierra Leone denied the report."
    text = f"MOSCOW, March 4 (Interfax) -- {said}\n\nFREETOWN - {said}"
    found = [m.text for m in classifier.analyze(text).mentions]
    assert found.count("Police in Sierra Leone") == 2
    assert not classifier.analyze("By Ruth Amsel and Tom Vane").mentions
    assert not any(place in m for m in found for place in ("MOSCOW", "Interfax", "FREETOWN"))
