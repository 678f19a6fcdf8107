"""Pages of a list that is counted already: from what is kept of it, and not row by row."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class CountedPaginator(Paginator):  # type: ignore[type-arg]  # of no type at run time
    """Pages of a list of so many rows; counted by the database when `rows` is None."""

    def __init__(self, found: QuerySet[Any, Any], each: int, *, rows: int | None) -> None:
        super().__init__(found, each)
        self.rows = rows

    @cached_property
    def count(self) -> int:
        """Of all its pages."""
        return super().count if self.rows is None else self.rows
