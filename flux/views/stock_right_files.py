"""The inventory of rights as files: level 1 unit by unit, level 2 the synthesis."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.inventory import file_name, synthesis_csv, units_csv, units_xlsx
from flux.forms.stock_right_filters import StockRightFilters
from flux.pages.titles import synthesis_table
from flux.permissions import can_read_inventory
from flux.queries.inventory import BearerRow, bearer_row, bearers, synthesis, synthesis_of
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.queries.stock_rights import warning_days_on


@require_safe
def stock_right_units_csv(request: MemberRequest) -> HttpResponse:
    """Level 1, as CSV: to the landlord, and to the holder concerned only."""
    return _download(request, "inventaire", "csv", units_csv(_level_1(request)))


@require_safe
def stock_right_units_xlsx(request: MemberRequest) -> HttpResponse:
    """Level 1, as XLSX: to the landlord, and to the holder concerned only."""
    return _download(request, "inventaire", "xlsx", units_xlsx(_level_1(request)))


def _level_1(request: MemberRequest) -> list[BearerRow]:
    """Unit by unit, under the filters of the list."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    filters = StockRightFilters(request.GET, member=member, today=today, warning=warning_days_on(today))
    return [bearer_row(row, on=today) for row in bearers(filters.qs, on=today)]


@require_safe
def stock_right_synthesis(request: MemberRequest) -> HttpResponse:
    """Level 2: how many rights, whose, on what ground, where, and when they end."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    lines = synthesis(synthesis_of(member), on=today)
    units = sum(line.units for line in lines)
    context = {
        "lines": lines,
        "units": units,
        "holders": len({line.holder.pk for line in lines}),
        "table": synthesis_table(lines, units, show_landlord=not member.is_landlord),
        "today": today,
    }
    return render(request, "flux/stock_right_synthesis.html", context)


@require_safe
def stock_right_synthesis_csv(request: MemberRequest) -> HttpResponse:
    """Level 2, as CSV."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_read_inventory(member))
    return _download(request, "synthese", "csv", synthesis_csv(synthesis(synthesis_of(member), on=today)))


def _download(request: MemberRequest, what: str, extension: str, content: Iterable[bytes]) -> HttpResponse:
    name = file_name(what, member_of(request).organisation.siren, timezone.localdate(), extension)
    kind = XLSX if extension == "xlsx" else CSV
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
