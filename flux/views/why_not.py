"""« Pourquoi pas nous ? »: for one holder of a ledger, every unit freed on its ground, where it went and why."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.inventory import why_not_csv, why_not_file_name
from flux.forms.filters import WhyNotFilters, filtered
from flux.models import Ledger
from flux.pages.departures import compared
from flux.pages.list_words import none_elsewhere
from flux.pages.why_not import answer, destinations_table, units_table
from flux.permissions import can_read_why_not
from flux.queries.accounts import Account, AccountLine, account, terms
from flux.queries.why_not import Totals, ground, lines, totals
from flux.queries.why_not_file import file_lines
from reservations.exports.spreadsheet import CSV
from reservations.http import MemberRequest, member_of
from reservations.models import ReservationHolder
from reservations.queries.rows import CountedPaginator

#: Units of one page.
PAGE = 25


@require_safe
def why_not_us(request: MemberRequest, ledger: int, holder: int) -> HttpResponse:
    """The page that the holder, its landlord and those who oversee them read. Yearly percentages only."""
    member, (read, line) = member_of(request), _read(request, ledger, holder)
    book = read.ledger
    whole, filters = _filtered(request, read, line)
    count = None if filtered(filters.form) else filters.count
    ids = filters.qs.values_list("pk", flat=True)
    page = CountedPaginator(ids, PAGE, rows=count).get_page(request.GET.get("page"))
    rows = lines(list(page.object_list), line.holder, member, _known(read))
    own = line.holder.organisation_id == member.organisation_id and not member.is_landlord
    hidden = whole.units - filters.count
    context = {
        "ledger": book,
        "line": line,
        "terms": terms(line, book.exercise),
        "own": own,
        "totals": whole,
        "answer": answer(whole, line, book, own=own, hidden=hidden),
        "hidden": hidden,
        "destinations": destinations_table(whole, book, line),
        "compared": compared(line),
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "rows": rows,
        "table": units_table(rows, own=own).or_say(none_elsewhere(request.path, filtered=filtered(filters.form))),
        "today": timezone.localdate(),
    }
    return render(request, "flux/why_not.html", context)


@require_safe
def why_not_us_csv(request: MemberRequest, ledger: int, holder: int) -> HttpResponseBase:
    """The units that the page lists with the same filters, all on one sheet, written as they are read."""
    read, line = _read(request, ledger, holder)
    book = read.ledger
    _, filters = _filtered(request, read, line)
    ids = list(filters.qs.values_list("pk", flat=True))
    content = why_not_csv(book, line.holder, file_lines(ids, line.holder, _known(read)))
    headers = {"Content-Disposition": f'attachment; filename="{why_not_file_name(book, line.holder)}"'}
    return StreamingHttpResponse(content, content_type=CSV, headers=headers)


def _read(request: MemberRequest, ledger: int, holder: int) -> tuple[Account, AccountLine]:
    """The account and the line of the holder, or Http404 for who may not read this page."""
    member = member_of(request)
    seen = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    book = get_object_or_404(seen, pk=ledger)
    read = account(book, timezone.localdate())
    line = next((line for line in read.lines if line.holder.pk == holder), None)
    if line is None or not can_read_why_not(member, line.holder):
        raise Http404
    return read, line


def _known(read: Account) -> dict[int, ReservationHolder]:
    """The holders of an account, by id."""
    return {each.holder.pk: each.holder for each in read.lines}


def _filtered(request: MemberRequest, read: Account, line: AccountLine) -> tuple[Totals, WhyNotFilters]:
    member, place = member_of(request), ground(read.ledger, line.holder)
    whole = totals(place, member, _known(read))
    return whole, WhyNotFilters(request.GET, member=member, place=place, totals=whole)
