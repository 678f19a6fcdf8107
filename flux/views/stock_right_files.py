"""The inventory of rights as files: importing it, level 1 unit by unit, level 2 the synthesis."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from flux.exports.inventory import file_name, synthesis_csv, units_csv, units_xlsx
from flux.forms.stock_right import InventoryFileForm
from flux.forms.stock_right_filters import StockRightFilters
from flux.imports.inventory import COLUMNS, NEEDED, InventoryReading, read_inventory
from flux.operations.stock_inventory import import_inventory, preview_inventory
from flux.permissions import can_manage_stock, can_read_inventory
from flux.queries.inventory import BearerRow, bearer_row, bearers, synthesis, synthesis_of
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Landlord
from reservations.queries.stock_rights import warning_days_on
from reservations.refusals import Refusal
from reservations.words import integer, plural

#: Where the session keeps the checked file until it is imported, replaced or left.
KEPT = "inventory_import"
MOST_ERRORS = 200


@require_http_methods(["GET", "HEAD", "POST"])
def stock_right_import(request: MemberRequest) -> HttpResponse:
    """Choose a file, read what it says, import it: three steps, one address. For the landlord's manager."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None
    if "digest" in request.POST:
        return _write(request, landlord)
    form, report = InventoryFileForm(), {}
    if request.method != "POST":
        request.session.pop(KEPT, None)
    else:
        form = InventoryFileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            content = file.read()
            with refusals_on(form):
                report = _report(request, landlord, read_inventory(content), file.name or "", content)
        if not report or report["errors"]:
            request.session.pop(KEPT, None)
    context = {
        "landlord": landlord,
        "form": form,
        "report": report,
        "columns": [(name, name in NEEDED) for name in COLUMNS],
        "today": timezone.localdate(),
    }
    wrong = form.errors or (report and report["errors"])
    return render(request, "flux/stock_right_import.html", context, status=422 if wrong else 200)


def _report(
    request: MemberRequest, landlord: Landlord, reading: InventoryReading, name: str, content: bytes
) -> dict[str, Any]:
    """What the file says and would change; the file is kept in the session, so that it and no other is imported."""
    plan = preview_inventory(landlord=landlord, lines=reading.lines, today=timezone.localdate())
    errors = sorted([*reading.errors, *plan.errors], key=lambda error: error.row)
    digest = hashlib.sha256(content).hexdigest()
    request.session[KEPT] = {
        "landlord": landlord.pk,
        "digest": digest,
        "content": b64encode(zlib.compress(content)).decode("ascii"),
    }
    return {
        "name": name,
        "digest": digest,
        "rows": reading.rows,
        "plan": plan,
        "errors": errors[:MOST_ERRORS],
        "errors_count": len(errors),
        "errors_beyond": max(0, len(errors) - MOST_ERRORS),
    }


def _write(request: MemberRequest, landlord: Landlord) -> HttpResponse:
    """Import the file that was checked, and no other."""
    kept = request.session.pop(KEPT, None)
    if kept is None or kept["landlord"] != landlord.pk or kept["digest"] != request.POST["digest"]:
        messages.warning(
            request,
            "Rien n’est importé : le fichier vérifié n’est plus gardé. Choisissez-le et vérifiez-le de nouveau.",
        )
        return redirect("stock-right-import")
    reading = read_inventory(zlib.decompress(b64decode(kept["content"])))
    try:
        plan = import_inventory(landlord=landlord, lines=reading.lines, by=request.user, today=timezone.localdate())
    except Refusal as refusal:
        messages.warning(request, f"{refusal} Vérifiez le fichier de nouveau.")
        return redirect("stock-right-import")
    messages.success(
        request,
        f"L’inventaire est importé : {_count(len(plan.titles), 'titre nouveau,titres nouveaux')} et "
        f"{_count(plan.units, 'logement rattaché,logements rattachés')} ; "
        f"{_count(plan.titles_known, 'titre déjà connu,titres déjà connus')}.",
    )
    return redirect("stock-right-list")


def _count(number: int, forms: str) -> str:
    return f"{integer(number)} {plural(number, forms)}"


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
    context = {
        "lines": lines,
        "units": sum(line.units for line in lines),
        "holders": len({line.holder.pk for line in lines}),
        "show_landlord": not member.is_landlord,
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
