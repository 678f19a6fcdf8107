"""The screens of files.

* The annual balance as files, and who took which. The figures of the screen, for whom the screen is.
* Units of a balance: those behind a figure, and those whose description is to complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.exports import layout as export
from attributions.bilan.exports.json_file import balance_json as written_json
from attributions.bilan.exports.lists import DEFECTS, DOWNLOADS, UNITS
from attributions.bilan.exports.tables import title
from attributions.bilan.models import BalanceDownload, BalanceLayout
from attributions.bilan.operations.layout import record_balance_download
from attributions.bilan.operations.printing import announced, order_printing
from attributions.bilan.pages.balances import behind_table, none_behind
from attributions.bilan.pages.overview import units_words
from attributions.bilan.pages.sheets import downloads_table, files_table
from attributions.bilan.pages.states import defects_table
from attributions.bilan.permissions import can_read_downloads
from attributions.bilan.queries.balance import Balance, read_ahead
from attributions.bilan.queries.scope import downloads, territories
from attributions.bilan.queries.since import Since
from attributions.bilan.queries.transmissions import WholeBalance, whole_balance
from attributions.bilan.views.balances import as_sealed, described_then, moved_in
from attributions.bilan.views.corrections import taken, waiting
from attributions.bilan.views.figures import (
    AXES,
    COHORT,
    WHOLE,
    WORDS,
    asked,
    landlord_of,
    ledgers_seen,
    place_query,
    territory_asked,
)
from attributions.bilan.views.sections import sections
from flux.models import Ledger, Unit, Vacancy
from flux.queries.balance import FigureUnits, tallied
from flux.queries.cells import Axis
from flux.queries.units import LACKING, completeness, lacking_offers
from flux.words import known
from reservations.exports.spreadsheet import CSV
from reservations.exports.workbook import XLSX
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refuse_unless
from reservations.models import Landlord, Membership
from reservations.models.wall import of_one_moment

PAGE = 25

Form = BalanceDownload.Form


@require_safe
def balance_files(request: MemberRequest, landlord: int, year: int) -> HttpResponse:
    """Every file that the balance is taken as: whole, in the national table, under each layout of its régions."""
    member = member_of(request)
    ahead = territories.steps(Landlord(pk=landlord), year, member=member)
    owner = landlord_of(request, landlord, year, ahead, ledgers_seen.steps(member, landlord, year))
    place, unknown = territory_asked(request, territories(owner, year, member=member))
    if unknown:
        raise Http404
    layouts = BalanceLayout.objects.for_regions(_regions(ledgers_seen(member, landlord, year))).select_related("region")
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
    """On paper, as a tagged PDF, once a worker has drawn it; the page that waits for it before. `?dessin=` is the
    fingerprint of the one that this page announced: figures that move meanwhile do not take it away."""
    content = _content(request, landlord, year)
    address = request.path + place_query(content.balance)
    order = announced(request.GET.get("dessin", ""), address)
    if order is None:
        order = order_printing(page=export.balance_page(content), address=address)
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
            ledgers=ledgers_seen(member_of(request), landlord, year),
        ),
        "organisations": found.order_by().values("organisation").distinct().count(),
    }
    return render(request, "bilan/downloads.html", context)


def _content(request: MemberRequest, landlord: int, year: int) -> WholeBalance:
    """The balance asked for, whole; Http404 on a territory that it cannot be limited to: a file has no list of them."""
    member = member_of(request)
    owner = landlord_of(request, landlord, year, read_ahead(Landlord(pk=landlord), year, member))
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


@require_safe
@of_one_moment
def balance_units(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The units behind one figure of a balance: their sum is the figure."""
    member, read = member_of(request), _read(request, landlord, year)
    owner = read.landlord
    measure = request.GET.get("measure", "offered")
    slug = request.GET.get("axis", "")
    if measure not in WORDS or (slug and slug not in AXES):
        raise Http404
    axis, category = AXES.get(slug), request.GET.get("category", "")
    by_cohort = request.GET.get("reading") == COHORT
    behind = FigureUnits(
        read.ledgers if by_cohort else read.acts,
        read.communes,
        measure,
        _holder(request, read),
        axis,
        category,
        None if by_cohort else year,
    )
    cells = read.cohort if by_cohort else read.cells
    moved, read_units = (
        moved_in(behind, read.since, year),
        partial(_counted, member=member, behind=behind, since=read.since),
    )
    counted: QuerySet[Vacancy, tuple[int, int]] | list[tuple[int, int]]
    if moved:
        counted = as_sealed(behind, Vacancy.declared.visible_to(member), moved)
    else:
        counted = behind.seen_by(member).values_list("pk", F("times"))
    if asks_file(request):
        return in_a_file(request, UNITS, counted, read_units)
    seen = list(counted)
    mine = tallied(seen)
    # Counted again, whoever reads, where what this person sees is not all that the figure says.
    figure_shown = cells.figure(measure, behind.holder, axis, category)
    if mine.times == figure_shown:
        figure = mine
    else:
        figure = tallied(as_sealed(behind, Vacancy.declared.all(), moved)) if moved else behind.figure()
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    context = {
        "balance": read,
        "page": page,
        "table": behind_table(read_units(page.object_list), counts_candidates=measure == "refused").or_say(
            none_behind(hidden=figure.times > mine.times)
        ),
        "figure": figure,
        "hidden": figure.times - mine.times,
        "sealed": units_words(len(moved)) if moved else [],
        "one": WORDS[measure][0],
        "several": WORDS[measure][1],
        "holder": read.holders.get(behind.holder) if behind.holder is not None else None,
        "axis": axis,
        "category": known(cells.name(axis, category))
        if axis is not None and category in cells.categories(axis)
        else "",
        "counts_candidates": measure == "refused",
        "by_cohort": by_cohort,
        "query": place_query(read),
        "today": timezone.localdate(),
        "sections": sections(
            owner,
            year,
            "balance-units",
            member=member_of(request),
            ledgers=read.ledgers,
            query=place_query(read),
        ),
    }
    return render(request, "bilan/units.html", context)


def _counted(
    pairs: Iterable[tuple[int, int]], *, member: Membership, behind: FigureUnits, since: Since
) -> list[tuple[Vacancy, int]]:
    """Of these ids, each unit as the figure counts it, and how many times. Three queries, one more where a unit is
    described otherwise since a seal."""
    times = dict(pairs)
    vacancies = Vacancy.declared.filter(pk__in=times).with_file_access(member).order_by("pk")
    found = list(vacancies.select_related("unit__commune", "unit__programme", "description__commune"))
    under = behind.described_in(times) | described_then(behind, since)
    for each in found:
        if (description := under.get(each.pk, each.description)) is not None:
            each.unit = description.of(each.unit)
    return [(each, times[each.pk]) for each in found]


def _read(request: MemberRequest, landlord: int, year: int) -> Balance:
    """The balance asked for. Http404: limited to a territory that is not in it."""
    _, read, unknown = asked(request, landlord, year)
    if unknown:
        raise Http404
    return read


def _holder(request: MemberRequest, read: Balance) -> int | None:
    """The holder asked for (id), None for all. Http404: one without a line."""
    wanted = request.GET.get("holder", "")
    found = next((pk for pk in read.holders if str(pk) == wanted), None)
    if wanted and found is None:
        raise Http404
    return found


#: What each axis is called when a description lacks it.
LACKED = {
    Axis.FINANCING: "sans financement",
    Axis.QPV: "sans situation au regard des quartiers prioritaires (QPV)",
    Axis.PERIOD: "sans année de construction",
}


@require_safe
def balance_defects(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """Units offered in the year whose description lacks what the balance classes them by: the landlord completes
    them."""
    member, read = member_of(request), _read(request, landlord, year)
    owner = read.landlord
    complete = completeness(read.cells)
    seen = lacking_offers(read.acts, Vacancy.objects.visible_to(member), read.communes, year=year)
    # Read once: to count the units is to group all their offers, and costs as much as to list them.
    own = member.is_landlord and member.organisation_id == owner.organisation_id
    if asks_file(request):
        return in_a_file(request, DEFECTS, seen, partial(_defects, own=own))
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    rows, query = _defects(list(page), own=own), place_query(read)
    context = {
        "balance": read,
        "complete": complete,
        "counts": [(LACKED[axis], complete.by_axis[axis]) for axis in LACKING],
        "page": page,
        "rows": rows,
        "table": defects_table(rows, year, can_edit=own),
        "can_edit": own,
        "query": query,
        "today": timezone.localdate(),
        "sections": sections(
            owner,
            year,
            "balance-defects",
            member=member,
            ledgers=read.ledgers,
            query=query,
            counts={"balance-defects": complete.incomplete},
        ),
    }
    return render(request, "bilan/defects.html", context)


def _defects(pairs: Sequence[tuple[int, int]], *, own: bool) -> list[dict[str, Any]]:
    """Units offered so many times, and what each lacks. One query."""
    units = Unit.objects.select_related("commune", "programme").in_bulk(pk for pk, _ in pairs)
    return [
        {
            "unit": units[pk],
            "offers": offers,
            "lacked": [LACKED[axis] for axis in LACKING if _lacks(units[pk], axis)],
            "own": own,
        }
        for pk, offers in pairs
    ]


def _lacks(unit: Unit, axis: Axis) -> bool:
    return getattr(unit, LACKING[axis]) in ("", None)
