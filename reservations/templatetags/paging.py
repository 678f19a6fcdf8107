"""How a long list is shown: which of its pages are one click away, and the columns that its reader keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context

from reservations.models import DeskChoice

register = template.Library()


@register.filter
def page_numbers(page: Page[Any]) -> Iterator[int | str]:
    """The first two, the last two, three on each side of the page shown, and « … » where some are passed over."""
    return page.paginator.get_elided_page_range(page.number)


@register.inclusion_tag("components/list.html", takes_context=True)
def list_table(context: Context) -> dict[str, Any]:
    """The `table` of a page, without the columns that the person leaves out of it, and the choice of them."""
    request, table = context["request"], context["table"]
    name = request.resolver_match.url_name
    left_out = set(DeskChoice.of(request.user).columns.get(name, ()))
    columns = [(heading, heading not in left_out) for heading in table.choosable]
    return {
        "table": table.without(left_out),
        "columns": columns,
        "shown": sum(is_shown for _, is_shown in columns),
        "back": request.get_full_path(),
        "csrf_token": context.get("csrf_token"),
    }
