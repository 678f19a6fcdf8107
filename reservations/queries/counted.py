"""Pages of a list that is counted already: from what is kept of it, and not row by row."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class CountedPaginator(Paginator):  # type: ignore[type-arg]  # of no type at run time
    """Pages of a list of so many rows, in an order; counted by the database when `rows` is None."""

    def __init__(self, found: QuerySet[Any, Any], each: int, *, rows: int | None) -> None:
        super().__init__(found, each)
        self.found, self.rows = found, rows

    @cached_property
    def count(self) -> int:
        """Of all its pages."""
        return super().count if self.rows is None else self.rows

    def page(self, number: int | str) -> Any:
        """Rows of one page, found from the nearest end of the list: the last page costs what the first does."""
        asked = self.validate_number(number)
        first = (asked - 1) * self.per_page
        after = min(first + self.per_page, self.count)
        if first + after <= self.count:
            return super().page(asked)
        last = self.found.reverse()[self.count - after : self.count - first]
        return Page(list(last)[::-1], asked, self)
