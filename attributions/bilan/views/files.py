"""The annual balance as files, and who took which. The figures of the screen, for whom the screen is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.exports import balance as export
from attributions.bilan.exports.json_file import balance_json as written_json
from attributions.bilan.exports.lists import DOWNLOADS
from attributions.bilan.exports.tables import title
from attributions.bilan.models import BalanceDownload, BalanceLayout
from attributions.bilan.operations.download import record_balance_download
from attributions.bilan.operations.printing import order_printing
from attributions.bilan.pages.journals import downloads_table
from attributions.bilan.pages.layouts import files_table
from attributions.bilan.permissions import can_read_downloads
from attributions.bilan.queries.downloads import downloads
from attributions.bilan.queries.scope import territories
from attributions.bilan.queries.whole import WholeBalance, whole_balance
from attributions.bilan.views.printing import taken, waiting
from attributions.bilan.views.scope import WHOLE, landlord_of, ledgers_seen, place_query, territory_asked
from attributions.bilan.views.sections import sections
from flux.models import Ledger
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless

PAGE = 25

Form = BalanceDownload.Form


@require_safe
def balance_files(request: MemberRequest, landlord: int, year: int) -> HttpResponse:
    """Every file that the balance is taken as: whole, in the national table, under each layout of its régions."""
    member = member_of(request)
    owner = landlord_of(request, landlord, year)
    place, unknown = territory_asked(request, territories(owner, year, member=member))
    if unknown:
        raise Http404
    layouts = BalanceLayout.objects.for_regions(_regions(ledgers_seen(request, owner, year))).select_related("region")
    query = f"?territory={place.pk if place else WHOLE}"
    context = {
        "landlord": owner,
        "year": year,
        "where": place or "tout ce que vous lisez",
        "table": files_table(owner, year, layouts, query),
    }
    return render(request, "bilan/file_list.html", context)


@require_safe
def balance_xlsx(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """A workbook, a sheet a table; `?modele=` the code of a layout, under it."""
    content = _content(request, landlord, year)
    layout = _layout(request, content)
    book = export.balance_xlsx(content, layout)
    _journal(request, content, Form.XLSX)
    name = export.file_name(content, "xlsx", layout.code if layout else "")
    return FileResponse(book, as_attachment=True, filename=name, content_type=XLSX)


@require_safe
def balance_csv(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """Every figure, one a row; or one table, `?table=` its name; or a layout, `?modele=` its code."""
    content, table = _content(request, landlord, year), request.GET.get("table", "")
    layout = _layout(request, content)
    try:
        chunks = export.balance_csv(content, table, layout)
    except KeyError as error:
        raise Http404 from error
    _journal(request, content, Form.CSV)
    return _streamed(chunks, CSV, export.file_name(content, "csv", layout.code if layout else table))


@require_safe
def balance_json(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The figures by code (docs/balance.md)."""
    content = _content(request, landlord, year)
    _journal(request, content, Form.JSON)
    return _streamed(written_json(content), "application/json", export.file_name(content, "json"))


@require_safe
def balance_pdf(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """On paper, as a tagged PDF, once a worker has drawn it; the page that waits for it before."""
    content = _content(request, landlord, year)
    order = order_printing(page=export.balance_page(content), address=request.path + place_query(content.balance))
    if not order.is_ready:
        return waiting(request, order, title=title(content))
    _journal(request, content, Form.PDF)
    return taken(order, export.file_name(content, "pdf"))


@require_safe
def balance_downloads(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """Who took the files of this balance. For its landlord."""
    owner = landlord_of(request, landlord, year)
    refuse_unless(can_read_downloads(request.member, owner))
    found = downloads(owner, year)
    if asks_file(request):
        return in_a_file(request, DOWNLOADS, found)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "landlord": owner,
        "year": year,
        "page": page,
        "table": downloads_table(page, year),
        "sections": sections(
            owner,
            year,
            "balance-downloads",
            member=member_of(request),
            ledgers=ledgers_seen(request, owner, year),
        ),
        "organisations": found.order_by().values("organisation").distinct().count(),
    }
    return render(request, "bilan/downloads.html", context)


def _content(request: MemberRequest, landlord: int, year: int) -> WholeBalance:
    """The balance asked for, whole; Http404 on a territory that it cannot be limited to: a file has no list of them."""
    member = member_of(request)
    owner = landlord_of(request, landlord, year)
    territory, unknown = territory_asked(request, territories(owner, year, member=member))
    if unknown:
        raise Http404
    return whole_balance(owner, year, territory, member=member, on=timezone.localdate())


def _layout(request: MemberRequest, content: WholeBalance) -> BalanceLayout | None:
    """The layout asked for, of those offered for the régions of this balance; Http404 for another."""
    asked = request.GET.get("modele", "")
    offered = BalanceLayout.objects.for_regions(_regions(content.balance.ledgers))
    return get_object_or_404(offered, code=asked) if asked else None


def _regions(ledgers: Iterable[Ledger]) -> set[int]:
    """Those (ids) of some accounts."""
    return {ledger.departement.region_id for ledger in ledgers if ledger.departement.region_id}


def _journal(request: MemberRequest, content: WholeBalance, form: str) -> None:
    """Written before the file is sent."""
    record_balance_download(
        member=member_of(request),
        landlord=content.landlord,
        year=content.year,
        territory=content.balance.territory,
        form=form,
    )


def _streamed(chunks: Iterator[bytes], content_type: str, name: str) -> StreamingHttpResponse:
    return StreamingHttpResponse(chunks, content_type=content_type, headers={"Content-Disposition": _attached(name)})


def _attached(name: str) -> str:
    return str(content_disposition_header(as_attachment=True, filename=name))
