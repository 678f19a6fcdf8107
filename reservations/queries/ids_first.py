"""Ids found first, in the statement that reads what has them."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Func, QuerySet


def ids_first(ids: QuerySet[Any, Any]) -> Func:
    """For a condition `pk__in=ids_first(ids)`: they are found, and each is then looked up by an index, however many
    rows are stored. Of a plain subquery PostgreSQL weighs a reading of the whole table, and takes it for thousands."""
    return Func(ArraySubquery(ids), template="(SELECT unnest(%(expressions)s))", output_field=BigIntegerField())
