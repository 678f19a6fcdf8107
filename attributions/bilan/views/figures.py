"""The screens of figures.

* Which balance an address asks for, to whoever may read it: the same for the page and for its files.
* Figures of a balance as its pages write them, each with the address of the units behind it.
* Beside a balance, as its page writes it: what became of the units registered, and what leads there; what a board
  says of the balances that are sealed.
* The annual balance as one looks at it: accounts through the year, the flow by month, communes in order.
* Projection: where will each holder be on 31 December, and what does it take to land on what is due?
* Mix equity: is one holder offered other units than the others?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import CHARTED, MIX, PROJECTION, account_months, mix_lines
from attributions.bilan.pages.balances import Figure
from attributions.bilan.pages.charts import (
    answer,
    communes_table,
    detail_tables,
    flow_table,
    holders_table,
    projection_table,
)
from attributions.bilan.pages.objectives import objective_words, objectives_table
from attributions.bilan.pages.overview import (
    acts_on_one_page,
    board_words,
    changes_table,
    of_the_day_words,
    sealed_words,
)
from attributions.bilan.pages.readings import SHOWN, BridgeRow, OtherReading
from attributions.bilan.pages.reconciliation import passage_words
from attributions.bilan.queries.balance import Balance, account_figures, balance, read_ahead, scope_ahead, since_of
from attributions.bilan.queries.changes import changes, changes_on
from attributions.bilan.queries.content import Without, less, lines_apart, sums_apart
from attributions.bilan.queries.landlord_figures import Comparison
from attributions.bilan.queries.objectives import Reading
from attributions.bilan.queries.overview import passages
from attributions.bilan.queries.scope import balances_of, scope_of, sees_whole, sent_to, territories, territory_of
from attributions.bilan.queries.since import seals_of
from attributions.bilan.views.sections import sections
from flux.models import Ledger
from flux.queries.accounts import furthest
from flux.queries.cells import Axis, Measures
from flux.queries.flow import communes_in_order, flow_through, holders_through, summed, total_flow
from flux.queries.mix import Equity, HolderMix, equity
from flux.queries.projection import outlook
from reservations.http import MemberRequest, asks_file, in_a_file, member_of
from reservations.models import Landlord, Membership, Territory
from reservations.models.once_a_request import by_id, once_in_steps
from reservations.models.together import Steps, at_once, given, whole
from reservations.models.wall import of_one_moment

#: In the address: no territory, for those whose balances are limited to their own.
WHOLE = "all"


def landlord_of(request: MemberRequest, pk: int, year: int, *ahead: Steps[Any]) -> Landlord:
    """The landlord of a balance that the person may read, or Http404. `ahead`: what the page reads of it then."""
    member, found = member_of(request), Landlord.objects.filter(pk=pk)
    menu = given(None) if sees_whole(member) else sent_to.steps(member, pk, year)
    pairs, landlords, *_ = at_once(balances_of.steps(member), whole(found, "organisation"), menu, *ahead)
    if (pk, year) not in pairs:
        raise Http404
    landlord: Landlord = landlords[0]
    return landlord


def territory_asked(request: MemberRequest, places: list[Territory]) -> tuple[Territory | None, bool]:
    """The territory asked for, one of `places` or the person's own; and was the one in the address another?

    Http404 then for those who read a part of the landlord: whether it has units elsewhere is not theirs to learn.
    """
    member = member_of(request)
    own = territory_of(member)
    asked = request.GET.get("territory", "")
    chosen = next((place for place in [*places, own] if place and str(place.pk) == asked), None)
    unknown = chosen is None and asked not in ("", WHOLE)
    if unknown and not sees_whole(member):
        raise Http404
    if chosen is None and asked != WHOLE:
        chosen = own
    return chosen, unknown


def asked(request: MemberRequest, pk: int, year: int) -> tuple[list[Territory], Balance, bool]:
    """The places that the balance of a landlord (id) may be limited to, the balance asked for, and was its territory
    another one? Http404: the person reads no balance of that year."""
    member = member_of(request)
    landlord = landlord_of(request, pk, year, read_ahead(Landlord(pk=pk), year, member))
    places = territories(landlord, year, member=member)
    place, unknown = territory_asked(request, places)
    return places, balance(landlord, year, place, member=member, on=timezone.localdate()), unknown


def place_query(read: Balance) -> str:
    """What an address adds to stay on the territory of a balance, the whole stated too: « ?territory=12 »."""
    return f"?territory={read.territory.pk if read.territory else WHOLE}"


@once_in_steps
def ledgers_seen(member: Membership, landlord: int, year: int) -> Steps[list[Ledger]]:
    """The yearly accounts of the year of a landlord (id) that the person reads, with their départements. One query."""
    seen = Ledger.objects.ordinary().visible_to(member).filter(landlord=landlord, exercise=year)
    return (yield from whole(seen, "landlord__organisation", "departement"))


def ledger_asked(request: MemberRequest, pk: int, year: int) -> tuple[Landlord, Ledger | None, list[Ledger]]:
    """The landlord of an address (id), the yearly account named there (`ledger`), else the first that the person sees;
    and all of them.

    None when it sees none of that year. Http404 for one that is not among them, or that the person does not read.
    """
    member = member_of(request)
    landlord = landlord_of(request, pk, year, ledgers_seen.steps(member, pk, year))
    ledgers = ledgers_seen(member, pk, year)
    asked = request.GET.get("ledger", "")
    if asked and asked not in {str(ledger.pk) for ledger in ledgers}:
        raise Http404
    chosen = next((ledger for ledger in ledgers if not asked or str(ledger.pk) == asked), None)
    return landlord, chosen, ledgers


#: The axes in addresses.
SLUGS = {
    Axis.TYPOLOGY: "typologie",
    Axis.FINANCING: "financement",
    Axis.QPV: "qpv",
    Axis.COMMUNE: "commune",
    Axis.PERIOD: "construction",
}
#: In the address: what became of the units registered in the year, and not what was done in it.
COHORT = "cohort"
AXES = {slug: axis for axis, slug in SLUGS.items()}

#: What a measure is called in a sentence: one, several.
WORDS = {
    "offered": ("logement proposé", "logements proposés"),
    "designated": ("logement avec candidats désignés", "logements avec candidats désignés"),
    "returned": ("logement rendu", "logements rendus"),
    "lapsed": ("délai écoulé sans candidat", "délais écoulés sans candidat"),
    "refused": ("candidature non aboutie", "candidatures non abouties"),
    "allocated": ("logement attribué", "logements attribués"),
    "leased": ("logement loué", "logements loués"),
    "first_lettings": ("première mise en location", "premières mises en location"),
    "first_allocated": ("première mise en location attribuée", "premières mises en location attribuées"),
    "first_leased": ("première mise en location louée", "premières mises en location louées"),
}


def opened(
    read: Balance,
    measure: str,
    value: int,
    *,
    holder: int | None = None,
    axis: Axis | None = None,
    category: str = "",
    by_cohort: bool = False,
) -> Figure:
    """A figure of a balance and the address of its units: of one holder (id) or all, of one category or all; done in
    the year, or `by_cohort`, whenever, to the units registered in it."""
    if not value:
        return Figure(value, "")
    query = {"measure": measure, "territory": read.territory.pk if read.territory else WHOLE}
    query |= {} if holder is None else {"holder": holder}
    query |= {"reading": COHORT} if by_cohort else {}
    query |= {} if axis is None else {"axis": SLUGS[axis], "category": category}
    return Figure(value, f"{reverse('balance-units', args=[read.landlord.pk, read.year])}?{urlencode(query)}")


#: What the bridge states, in its order.
CROSSED = {
    "offered": "proposés",
    "allocated": "attribués",
    "leased": "loués",
    "returned": "rendus",
    "refused": "candidatures non abouties",
}


def other_reading(read: Balance) -> OtherReading:
    """No query: the balance holds both readings."""

    def shown(measures: Measures, holder: int | None) -> dict[str, Figure]:
        return {name: opened(read, name, getattr(measures, name), holder=holder, by_cohort=True) for name in SHOWN}

    late = read.late
    return OtherReading(
        [(line.holder, shown(read.cohort.holder(line.holder.pk), line.holder.pk)) for line in read.lines],
        shown(read.cohort.total(), None),
        [_row(read, name, words) for name, words in CROSSED.items()],
        [*((each, None) for each in late.earlier), *((each, each.taken_by) for each in late.since)] if late else [],
    )


def _row(read: Balance, name: str, words: str) -> BridgeRow:
    bridge = read.bridge
    both = getattr(bridge.both, name)
    later = [(year, getattr(of, name)) for year, of in bridge.done_otherwise if getattr(of, name)]
    before = [(year, getattr(of, name)) for year, of in bridge.registered_otherwise if getattr(of, name)]
    return BridgeRow(
        words, both + sum(count for _, count in later), later, before, both + sum(count for _, count in before)
    )


def sealed_objectives(read: Reading, landlord: Landlord | None, place: Territory | None) -> dict[str, Any]:
    """For the page of objectives: `sealed`, sentences, and `leases_since`, a table, None where nothing came. One query
    where something did."""
    found = read.changes(None if landlord is None else {landlord.pk}, place)
    named = by_id(Landlord, {each.landlord for each in found}, "organisation")
    return {"sealed": objective_words(read, found), "leases_since": objectives_table(read, found, named)}


def sealed_on(read: Comparison, place: Territory, objectives: Reading | None = None) -> dict[str, Any]:
    """For the page of a territory: `sealed`, sentences, and `since`, a table, None where nothing came, and
    `leases_since` of its `objectives`; `since_named`, its acts for a paper of one page, and how many more there are;
    `passages`, of the communes that came to it, or left it, inside the year. Four queries, but where a commune
    passed."""
    found = changes_on(read)
    landlords = {line.landlord.pk: line.landlord for line in read.lines}
    passed = passages(place, read.accounts.year, read.accounts.acts)
    return {
        "sealed": board_words(read, found),
        "since": changes_table(found, landlords) if found else None,
        "since_named": acts_on_one_page(found, landlords),
        "leases_since": objectives_table(objectives, objectives.changes(landlords, place), landlords)
        if objectives
        else None,
        "passages": passage_words(passed),
    }


@require_safe
@of_one_moment
def balance_charts(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """For whoever may read the balance, on the same places. What it draws is written in a table beside."""
    member, today = member_of(request), timezone.localdate()
    owner = landlord_of(request, landlord, year, scope_ahead(Landlord(pk=landlord), year, member))
    places = _places(owner, year, member)
    place, unknown = _chosen(request.GET.get("territory", ""), places, member)
    scope = scope_of(owner, year, place, member=member)
    yearly = [ledger for ledger in scope.ledgers if ledger.kind == Ledger.Kind.ORDINARY]
    since = since_of(scope, owner, year)
    accounts = list(since.accounts(scope.yearly))
    moved = [(each.holder, each.month, left.get("due", 0), left.get("received", 0)) for each, left in accounts]
    holders = holders_through(scope.months(), year=year, until=today, without=moved)
    fallen = [(each.month, each.kind, each.units) for each in since.fallen]
    flow = flow_through(owner, scope.communes, year=year, until=today, without=fallen)
    acts = [ledger.pk for ledger in scope.acts if ledger.kind == Ledger.Kind.ORDINARY]
    placed = [
        (each.commune, left.get("offered", 0), left.get("allocated", 0))
        for each, left in since.placed(acts)
        if each.commune is not None
    ]
    communes = communes_in_order(acts, scope.communes, year=year, without=placed)
    apart = [Without(each.ledger, each.holder, account_figures(left), True) for each, left in accounts]
    if asks_file(request):
        tables: dict[str, Sequence[Any]] = {"comptes": account_months(holders), "flux": flow, "communes": communes}
        asked = request.GET.get("tableau", "")
        table = asked if asked in tables else "comptes"
        return in_a_file(request, CHARTED[table], tables[table])
    came = changes(since, year, scope.acts, opens=False)
    context = {
        "landlord": owner,
        "year": year,
        "territory": place,
        "places": places,
        "kinds": Territory.Kind,
        "whole": WHOLE,
        "part": not sees_whole(member),
        "unknown_place": unknown,
        "fault": unknown,
        "today": today,
        "sections": sections(
            owner,
            year,
            "balance-charts",
            member=member,
            ledgers=scope.ledgers,
            query=f"?territory={place.pk if place else WHOLE}",
        ),
        "sealed": sealed_words(since.seals, came),
        "since": changes_table(came) if came else None,
        "ledger": yearly[0] if len(yearly) == 1 else None,
        "holders": holders,
        "count": len(account_months(holders)),
        "widest": furthest(line for _, line in lines_apart(less(sums_apart(scope.months()), apart), scope.ledgers)),
        "flow": flow,
        "flow_total": (flow_total := total_flow(flow)),
        "flow_table": flow_table(flow, flow_total, year),
        "communes": communes,
        "communes_table": communes_table(communes, summed(communes, "Ensemble"), year),
    }
    return render(request, "bilan/charts.html", context, status=422 if unknown else 200)


def _places(landlord: Landlord, year: int, member: Membership) -> list[Territory]:
    """Where the charts may be limited to: the reader's own territory too, though nothing fell vacant there."""
    places, own = territories(landlord, year, member=member), territory_of(member)
    return places if own is None or own in places else [own, *places]


def _chosen(asked: str, places: list[Territory], member: Membership) -> tuple[Territory | None, bool]:
    """The territory asked for, the reader's own by default; and was another one asked for than it may choose?

    Http404 then for those who read a part of the landlord: whether it has units elsewhere is not theirs to learn.
    """
    chosen = next((place for place in places if str(place.pk) == asked), None)
    unknown = chosen is None and asked not in ("", WHOLE)
    if unknown and not sees_whole(member):
        raise Http404
    return (territory_of(member) if chosen is None and asked != WHOLE else chosen), unknown


@require_safe
def balance_projection(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The account of a year, projected from today to 31 December."""
    owner, ledger, ledgers = ledger_asked(request, landlord, year)
    today = timezone.localdate()
    found = outlook(ledger, today) if ledger else None
    if asks_file(request):
        return in_a_file(request, PROJECTION, found.lines if found else ())
    context = {
        "landlord": owner,
        "year": year,
        "ledger": ledger,
        "ledgers": ledgers,
        "sections": sections(owner, year, "balance-projection", member=member_of(request), ledgers=ledgers),
        "sealed": _of_the_day(ledger),
        "outlook": found,
        "table": projection_table(found, year) if found else None,
        "count": len(found.lines) if found else 0,
        "today": today,
    }
    return render(request, "bilan/projection.html", context)


@require_safe
def balance_mix(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The answer for the whole account, and one holder in detail: the one asked for, the reader's own, or the first
    to be explained."""
    owner, ledger, ledgers = ledger_asked(request, landlord, year)
    found = equity(ledger) if ledger else Equity((), 0)
    if asks_file(request):
        return in_a_file(request, MIX, mix_lines(found.holders))
    chosen = _mix_chosen(found, request)
    context = {
        "landlord": owner,
        "year": year,
        "ledger": ledger,
        "ledgers": ledgers,
        "sections": sections(owner, year, "balance-mix", member=member_of(request), ledgers=ledgers),
        "sealed": _of_the_day(ledger),
        "equity": found,
        "answer": answer(found, len([each for each in found.holders if each.offered and not each.is_enough])),
        "table": holders_table(found, ledger, chosen, year),
        "chosen": chosen,
        "details": detail_tables(chosen) if chosen and chosen.offered else [],
        "count": len(mix_lines(found.holders)),
        "today": timezone.localdate(),
    }
    return render(request, "bilan/mix.html", context)


def _of_the_day(ledger: Ledger | None) -> list[str]:
    if ledger is None:
        return []
    place = [ledger.departement_id]
    return of_the_day_words(seals_of(ledger.exercise, landlord=ledger.landlord_id, departements=place))


def _mix_chosen(found: Equity, request: MemberRequest) -> HolderMix | None:
    """Whom the page details."""
    asked = request.GET.get("holder", "")
    organisation = member_of(request).organisation_id
    served = [each for each in found.holders if each.offered]
    order = [
        *(each for each in found.holders if str(each.holder.pk) == asked),
        *(each for each in served if each.holder.organisation_id == organisation),
        *(each for each, _, _ in found.alarms),
        *(each for each in served if not each.holder.is_not_reserved),
        *served,
        *found.holders,
    ]
    return order[0] if order else None
