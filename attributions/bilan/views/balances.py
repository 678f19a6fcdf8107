"""The screens of balances.

* The annual balances: which there are, the synthesis of one of them.
* The units behind a figure of a sealed balance, as it was sealed: those of the day, less what was recorded since
  (docs/decisions/0121).
* Balances that another tool sealed: their list, and each file as it came.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.bilan.exports.lists import BALANCES
from attributions.bilan.moved import Cause, Moved
from attributions.bilan.operations.sending import record_kept_taken
from attributions.bilan.pages.balances import (
    BalanceRow,
    Figure,
    Listed,
    flow_table,
    stock_table,
    subtracted_table,
    suites_table,
    synthesis_table,
)
from attributions.bilan.pages.overview import changes_table, no_balance, overview_table, sealed_words
from attributions.bilan.pages.readings import bridge_table, cohort_table, late_table
from attributions.bilan.pages.reconciliation import passage_words
from attributions.bilan.pages.sheets import elsewhere_table, elsewhere_words, kept_lines, passed_lines
from attributions.bilan.queries.balance import Balance, delegates_of
from attributions.bilan.queries.beside import StockLine, Subtracted, forecast_places, stock_lines, subtracted
from attributions.bilan.queries.files import balances_elsewhere
from attributions.bilan.queries.overview import overview, passages_in
from attributions.bilan.queries.scope import balances_of, sees_whole, territory_of
from attributions.bilan.queries.since import Since
from attributions.bilan.queries.transmissions import changes_of, kept_where
from attributions.bilan.views.figures import WHOLE, asked, opened, other_reading, place_query
from attributions.bilan.views.sections import sections
from flux.models import Ledger, UnitDescription, Vacancy
from flux.pages.account_words import delegated_words, order_words
from flux.queries.accounts import terms
from flux.queries.balance import FigureUnits, ordered_in
from flux.queries.cells import COLUMNS, ENTRIES, bounds_of, category_of
from flux.queries.opening import kept_in
from flux.queries.stock_transfers import passed_in
from flux.queries.units import completeness
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, table_in_a_file
from reservations.models import Territory
from reservations.models.convention import UNIT
from reservations.models.together import at_once, read_whole
from reservations.models.wall import of_one_moment
from reservations.pages.imprints import imprint_words
from reservations.queries.log import printed_heads

PAGE = 25
#: Balances of another tool shown beside those of here.
LATEST = 5

#: Measures of the synthesis, and of what became of the units beside it.
SHOWN = ("offered", "returned", "allocated", "leased")
BESIDE = ("designated", "lapsed", "refused", "first_lettings", "first_allocated", "first_leased")


@require_safe
def balance_list(request: MemberRequest) -> HttpResponseBase:
    """Every balance that the person may read, a line each."""
    today = timezone.localdate()
    pairs = balances_of(request.member) if request.member else []
    place = territory_of(request.member) if request.member else None
    read = partial(overview, territory=place, on=today, member=request.member)
    if asks_file(request):
        return in_a_file(request, BALANCES, pairs, read)
    page = Paginator(pairs, PAGE).get_page(request.GET.get("page"))
    rows = read(list(page.object_list))
    context = {
        "page": page,
        "rows": rows,
        "balances": overview_table("bilans", rows, place, request.member, show_year=True).or_say(
            no_balance(by_landlord=request.member is not None and request.member.is_landlord)
        ),
        "territory": place,
        "today": today,
        "years": sorted({year for _, year in pairs}, reverse=True),
        "landlords": len({landlord for landlord, _ in pairs}),
        **_elsewhere(request),
    }
    return render(request, "bilan/list.html", context)


def _elsewhere(request: MemberRequest) -> dict[str, Any]:
    """The latest balances that another tool sealed, and how many there are."""
    if request.member is None:
        return {}
    found = balances_elsewhere(request.member)
    latest = list(found[:LATEST])
    return {"table": elsewhere_table(latest), "elsewhere_count": found.count()} if latest else {}


@require_safe
@of_one_moment
def balance(request: MemberRequest, landlord: int, year: int) -> HttpResponse:
    """The synthesis of one balance, on the whole or on one territory."""
    places, read, unknown = asked(request, landlord, year)
    member, own = member_of(request), territory_of(member_of(request))
    query = place_query(read)
    complete = completeness(read.cells)

    def figures(names: tuple[str, ...], holder: int | None) -> dict[str, Figure]:
        measures = read.measures if holder is None else read.cells.holder(holder)
        return {name: opened(read, name, getattr(measures, name), holder=holder) for name in names}

    reading, part = other_reading(read), not sees_whole(member)
    where = {"landlord": landlord, "exercise": year} | ({"territory": read.territory.pk} if read.territory else {})
    alone = len(read.yearly) == 1 and not read.territory and not part
    listed = Listed(urlencode(where), read.yearly[0].pk if alone else None)
    rows = [
        BalanceRow(line, terms(line, year), figures(SHOWN, line.holder.pk), figures(BESIDE, line.holder.pk))
        for line in read.lines
    ]
    came = changes_of(read, member)
    stock, less, delegated, gone, elsewhere, *_ = at_once(
        stock_lines.steps(read.landlord, read.year, communes=read.communes, seals=read.since.seals),
        subtracted.steps(
            read.landlord,
            read.year,
            read.flow.by_exclusion,
            departements=forecast_places(read.ledgers, read.territory, member=member),
        ),
        delegates_of.steps(read),
        passed_in.steps(read.yearly),
        read_whole(balances_elsewhere(member).filter(landlord=landlord, exercise=year)),
        kept_in.steps(read.yearly),
        printed_heads.steps([ledger.pk for ledger in read.ledgers]),
    )
    context = {
        "balance": read,
        "rows": rows,
        "synthesis": synthesis_table(read, rows, figures(SHOWN, None), listed),
        "suites": suites_table(
            rows, read.total, figures(BESIDE, None), listed, firsts=bool(read.measures.first_lettings)
        ),
        "vacated": flow_table(read.flow, listed, year),
        **_beside(read, stock, less, listed),
        "within_one": read.widest is None or abs(read.widest.gap) < UNIT,
        "places": places if own is None or own in places else [own, *places],
        "part": part,
        "unknown_place": unknown,
        "kinds": Territory.Kind,
        "whole": WHOLE,
        "today": timezone.localdate(),
        "ledgers": read.yearly,
        "sealed": sealed_words(read.since.seals, came),
        "passages": passage_words(passages_in(read, member)),
        "since": changes_table(came) if came else None,
        "kept": [
            *kept_lines(kept_where(read)),
            *passed_lines(gone),
            *order_words(ordered_in(read.lines)),
            *delegated_words(delegated),
        ],
        "complete": complete,
        "imprint": imprint_words([ledger.pk for ledger in read.ledgers]),
        "elsewhere": [(elsewhere_words(each), reverse("balance-elsewhere-file", args=[each.pk])) for each in elsewhere],
        "late": late_table(reading.late) if reading.late else None,
        "cohort": cohort_table(reading, year),
        "bridge": bridge_table(reading.bridge, year),
        "sections": sections(
            read.landlord,
            year,
            "balance",
            member=member,
            ledgers=read.ledgers,
            query=query,
            counts={"balance-defects": complete.incomplete},
        ),
    }
    return render(request, "bilan/balance.html", context, status=422 if unknown else 200)


def _beside(read: Balance, stock: list[StockLine], rows: list[Subtracted], listed: Listed) -> dict[str, Any]:
    """What stands beside the accounts: units in stock, units subtracted, with their totals."""
    whole = _sum(row.forecast for row in rows), read.flow.excluded, _sum(row.next_forecast for row in rows)
    return {
        "stock": stock,
        "stock_table": stock_table(stock, listed, read.year),
        "subtracted": rows,
        "subtracted_table": subtracted_table(rows, whole, read.year),
    }


def _sum(counts: Iterable[int | None]) -> int | None:
    """Their sum; None when nothing is known."""
    known = [count for count in counts if count is not None]
    return sum(known) if known else None


def moved_in(behind: FigureUnits, since: Since, year: int) -> Counter[int]:
    """By vacancy (id), how many times more it counts today in a figure than it did when the balance was sealed. One
    query where communes are distinguished; none where nothing came."""
    if not since.moved:
        return Counter()
    stage, kind = ENTRIES[behind.measure]
    ledgers = {ledger.pk for ledger in behind.ledgers if ledger.kind == kind}
    bounds = bounds_of(behind.ledgers, year)
    codes = dict(Territory.objects.filter(pk__in=since.communes).order_by().values_list("pk", "code"))

    def counts(each: Moved) -> bool:
        return (
            each.own
            and each.stage == stage
            and each.first == (kind == Ledger.Kind.FIRST_LETTING)
            and each.ledger in ledgers
            and behind.holder in (None, each.holder)
            and behind.acted_in in (None, each.acted_on.year)
            and (behind.communes is None or each.commune in behind.communes)
        )

    def category(each: Moved) -> str:
        assert behind.axis is not None, "asked of an axis alone"
        raw = dict(zip(COLUMNS, each.described, strict=True))[behind.axis]
        return codes.get(raw, "") if COLUMNS[behind.axis] == "commune_id" else category_of(behind.axis, raw, bounds)

    found: Counter[int] = Counter()
    for each in since.moved:
        if counts(each) and each.vacancy is not None and (behind.axis is None or category(each) == behind.category):
            found[each.vacancy] += each.quantity
    return Counter({vacancy: times for vacancy, times in found.items() if times})


def described_then(behind: FigureUnits, since: Since) -> dict[int, UnitDescription]:
    """By vacancy (id), the description under which it counted in a figure when the balance was sealed, where another
    took its place since: the first of those that follow each other. One query, none where nothing came."""
    stage, _ = ENTRIES[behind.measure]
    under: dict[int, int] = {}
    for each in since.moved:
        if (each.cause, each.stage) == (Cause.DESCRIBED, stage) and each.vacancy and each.description:
            under[each.vacancy] = min(each.description, under.get(each.vacancy, each.description))
    found = UnitDescription.objects.select_related("commune").in_bulk(set(under.values())) if under else {}
    return {vacancy: found[description] for vacancy, description in under.items()}


def as_sealed(behind: FigureUnits, vacancies: QuerySet[Vacancy], moved: Counter[int]) -> list[tuple[int, int]]:
    """Of some vacancies, those (ids) that count in a sealed figure, and how many times, in the order of registration.
    Two queries."""
    times = dict(behind.among(vacancies).values_list("pk", F("times")))
    others = [vacancy for vacancy in moved if vacancy not in times]
    times |= dict.fromkeys(vacancies.filter(pk__in=others).order_by().values_list("pk", flat=True), 0)
    return [(vacancy, had) for vacancy in sorted(times) if (had := times[vacancy] - moved[vacancy])]


@require_safe
def balance_elsewhere_list(request: MemberRequest) -> HttpResponseBase:
    """All that the person may read."""
    found = balances_elsewhere(member_of(request))
    if asks_file(request):
        return table_in_a_file(request, "bilans-tenus-ailleurs", found, elsewhere_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "bilan/elsewhere.html", {"page": page, "table": elsewhere_table(page)})


@require_safe
def balance_elsewhere_file(request: MemberRequest, pk: int) -> HttpResponse:
    """The very bytes that came. The download is written down."""
    member = member_of(request)
    kept = get_object_or_404(balances_elsewhere(member), pk=pk)
    record_kept_taken(kept=kept, member=member)
    response = HttpResponse(bytes(kept.content), content_type=kept.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name)
    return response
