"""Rows chosen by their ids, given to the database as one array: in a list each id is a value that is written, sent and
read apart, and a set may be looked for among all the rows."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Value


def among(ids: Iterable[int] | ArraySubquery) -> Func:
    """Condition on rows: their id is one of these, given or found first."""
    given = ids if isinstance(ids, ArraySubquery) else Value(f"{{{','.join(map(str, ids))}}}")
    return Func(
        F("pk"),
        given,
        template="%(expressions)s::bigint[])",
        arg_joiner=" = ANY(",
        output_field=BooleanField(),
    )
