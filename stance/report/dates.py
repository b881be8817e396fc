"""Dates of articles, as they stand in tables, as YYYY, YYYY-MM or YYYY-MM-DD."""

from __future__ import annotations

import datetime
import re
from email.utils import parsedate_to_datetime

PARTIAL = re.compile(r"(\d{4})(-(?:0[1-9]|1[0-2]))?")


def parse_date(value: object) -> str | None:
    """A date as text, as precise as it is given; None for none.

    Reads dates and datetimes, ISO 8601, and the dates of feeds and mails (RFC 2822). Raises ``ValueError`` for other text, such
    as 3/4/2024, of which nobody knows which part is the month.
    """
    if value is None or value == "" or value != value:  # not a number, as pandas writes a date that is missing
        return None
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = str(value).strip()
    if PARTIAL.fullmatch(text):
        return text
    for parse in (datetime.datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text).date().isoformat()
        except (ValueError, TypeError, IndexError):
            continue
    raise ValueError(f"date {text[:40]!r} is not of the form YYYY-MM-DD")
