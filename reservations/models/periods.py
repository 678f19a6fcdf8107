"""Periods of validity, as PostgreSQL ranges with both days included."""

from typing import Any

from django.contrib.postgres.fields import DateRangeField
from django.db.models import Func, Value


class DateRange(Func):
    """`daterange(start, end, '[]')` over two date columns; an empty end means « for ever »."""

    function = "DATERANGE"
    output_field = DateRangeField()

    def __init__(self, start: str, end: str, **extra: Any) -> None:
        super().__init__(start, end, Value("[]"), **extra)
