"""Which pages of a long list are one click away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page

register = template.Library()


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """The first two, the last two, three on each side of the page shown, and « … » where some are passed over."""
    return page.paginator.get_elided_page_range(page.number)
