"""What is read of conventions.

* The convention that a routing applies, and who proposes in the State's name: decided once, then kept.
* Which rate of a convention's table a unit has: chosen by the facts of its day (docs/decisions/0064).
* What holders do not take, by the convention that bears on a unit: who may not have it, and where its due goes.
* Which past years of a landlord are known whole: the one guard of forecast, projection and conversion.
* When a unit counts for each holder of several landlords: what names the counting point where accounts are listed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone

from flux.apportion import apportion
from flux.engine.counters import Counters, Spread
from flux.models import FlowCount, Ledger, Routing, UnitDescription, Vacancy
from reservations.models import Convention, Delegation, Landlord, Organisation, Quota, ReservationHolder, Territory
from reservations.models.categories import code_of
from reservations.models.convention import UNIT
from reservations.models.rate import SCALES, UnitFacts
from reservations.models.territory import within
from reservations.models.together import Steps, counting, stepwise
from reservations.queries.parties import organisation_now
from reservations.queries.rights import Right, rights


def facts_of(vacancy: Vacancy) -> UnitFacts:
    """What a rate depends on, of one vacancy: the categories that it entered its account with, those of today before;
    its commune; the year of its rights. No query where its unit, programme and commune are read."""
    return UnitFacts(
        vacancy.unit.commune.covering_ids(),
        vacancy.entered_as or vacancy.categories,
        vacancy.kind == Vacancy.Kind.FIRST_LETTING,
        vacancy.rights_on.year,
    )


def bearing(held: Iterable[Right], vacancy: Vacancy) -> list[Right]:
    """Among these rights, those that bear on a vacancy on the day of its rights, each with its share of it: nothing,
    for a contingent whose table gives it nothing there, and for one whose convention is suspended that day."""
    covering, on = vacancy.unit.commune.covering_ids(), vacancy.rights_on
    there = [right.on(on) for right in held if right.holds(covering, on)]
    if not any(right.rates for right in there):
        return there
    facts = facts_of(vacancy)
    return [right.at(facts) for right in there]


def applied(held: Iterable[Right], holder: ReservationHolder) -> Right | None:
    """The right by which a holder receives a unit, among those that bear on it; None for the landlord's own row.

    A holder with two rights there (its commune's, and its EPCI's) uses the one of the narrowest perimeter, then of
    the smallest rank: the terms closest to the unit are the ones its signatory has in mind. One that is suspended
    comes last.
    """
    own = [right for right in held if right.holder == holder]
    return min(
        [right for right in own if not right.suspended] or own,
        key=lambda right: (SCALES[Territory.Kind(right.convention.perimeter.kind)], right.rank),
        default=None,
    )


def held_by_vacancy(vacancies: Sequence[Vacancy]) -> dict[int, list[Right]]:
    """The rights that bear on each of these vacancies (by id) on the day of its rights. One query a landlord."""
    by_landlord: dict[Landlord, list[Vacancy]] = defaultdict(list)
    for vacancy in vacancies:
        by_landlord[vacancy.unit.landlord].append(vacancy)
    found: dict[int, list[Right]] = {}
    for landlord, theirs in by_landlord.items():
        days = [vacancy.rights_on for vacancy in theirs]
        every = rights(landlord, since=min(days), until=max(days))
        for vacancy in theirs:
            found[vacancy.pk] = bearing(every, vacancy)
    return found


def name_delegates(routings: Sequence[Routing]) -> None:
    """Set `acting` on routings to a holder whose contingent is delegated on the unit's territory: that of the State for
    priority households (CCH, L441-1), never that of its agents; that of an EPCI or a département, by its convention.

    The commune comes before the EPCI. Of what a delegation leaves to the préfet (a day, a kind of units, a part), none
    is proposed by another. Who took the place of a delegate proposes in its turn, where the territory of the delegate
    lay on its last day (docs/decisions/0097). Of a holder that signed nothing, under the préfet's order, the State's
    services propose (docs/decisions/0119), by one query more. One query, none when no unit goes to one of
    them; one more for each delegation of a part, two for each delegate that was united to another.
    """
    _name_state(routings)
    delegable = [routing for routing in routings if _may_delegate(routing)]
    if not delegable:
        return
    delegations: dict[tuple[int, int], list[Delegation]] = defaultdict(list)
    former: dict[int, set[int]] = {}
    for delegation in (
        Delegation.objects.filter(quota__convention__in={routing.convention_id for routing in delegable})
        .select_related("quota", "delegate")
        .order_by("pk")
    ):
        if delegation.delegate.merged_into_id is not None:
            former[delegation.delegate_id] = _former(delegation.delegate, delegable)
        delegations[delegation.quota.convention_id, delegation.quota.holder_id].append(delegation)
    turns: dict[tuple[int, int], Turns] = {}
    for routing in delegable:
        covering = routing.vacancy.unit.commune.covering_ids()
        there = [
            delegation
            for delegation in delegations[routing.convention_id or 0, routing.holder_id]
            if delegation.delegate.territory_id in covering
            or routing.vacancy.unit_id in former.get(delegation.delegate_id, ())
            if falls_in(delegation, routing)
        ]
        first = min(
            there, key=lambda each: (each.delegate.kind != Organisation.Kind.COMMUNE, each.delegate_id), default=None
        )
        on = timezone.localdate(routing.routed_at)
        delegate = organisation_now(first.delegate, on) if first else None
        if first is None or first.share == UNIT:
            routing.acting = delegate
            continue
        year = on.year
        if (first.pk, year) not in turns:
            turns[first.pk, year] = turns_of(first, routing, year)
        routing.acting = delegate if turns[first.pk, year].take(first.share) else None


def _may_delegate(routing: Routing) -> bool:
    """Is the holder the préfet, an EPCI or a département, under a convention of its own?"""
    holder = routing.holder
    if holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY:
        return True
    own = routing.convention is not None and not routing.convention.is_order
    return own and holder.contingent == ReservationHolder.Contingent.AUTHORITY and holder.organisation.may_delegate


def _name_state(routings: Sequence[Routing]) -> None:
    """Set `acting` to the State's services of the département on what the préfet's order gives to another holder."""
    ordered = [
        routing
        for routing in routings
        if routing.holder.contingent not in (*ReservationHolder.STATE, ReservationHolder.Contingent.NOT_RESERVED)
        and routing.convention is not None
        and routing.convention.is_order
    ]
    places = {routing.vacancy.unit.commune.departement_id for routing in ordered}
    if not places:
        return
    services = Organisation.objects.open().filter(kind=Organisation.Kind.STATE, territory__in=places)
    found = {each.territory_id: each for each in services.order_by("-pk")}
    for routing in ordered:
        routing.acting = found.get(routing.vacancy.unit.commune.departement_id)


def _described_there(delegate: Organisation) -> QuerySet[UnitDescription, Any]:
    """The units (ids) described in the territory of a delegate, as it lay on its last day."""
    there = within(delegate.territory_id or 0, commune="commune", on=delegate.closed_on)
    return UnitDescription.objects.filter(there).order_by().values("unit")


def _former(delegate: Organisation, routings: Sequence[Routing]) -> set[int]:
    """Of the units of these routings, those (ids) that lay in the territory of a delegate united to another since."""
    ids = {routing.vacancy.unit_id for routing in routings}
    return set(_described_there(delegate).filter(unit__in=ids).values_list("unit", flat=True))


def falls_in(delegation: Delegation, routing: Routing) -> bool:
    """Is this unit of the holder, on the day of its routing, among what is delegated? Its part apart."""
    on, units = timezone.localdate(routing.routed_at), delegation.units
    if (delegation.starts_on and on < delegation.starts_on) or (delegation.ends_on and on > delegation.ends_on):
        return False
    if units == Delegation.Units.NEW:
        return routing.vacancy.kind == Vacancy.Kind.FIRST_LETTING
    return bool(units == Delegation.Units.ALL or routing.vacancy.works_end_on is not None)


@dataclass(slots=True)
class Turns:
    """Of the units of a year that a delegation of a part is about: how many were routed, how many its delegate had."""

    routed: int
    delegated: int

    def take(self, share: int) -> bool:
        """Is the next one the delegate's? Each year, by largest remainder, in the order in which they are routed."""
        self.routed += 1
        due = apportion(self.routed, {"delegate": share, "prefect": UNIT - share})["delegate"]
        theirs = due > self.delegated
        self.delegated += theirs
        return theirs


def turns_of(delegation: Delegation, routing: Routing, year: int) -> Turns:
    """Where a delegation of a part stands, before this routing: of the units of its holder of one year there
    that it has, or gave back with its turn used; not of those cancelled or routed elsewhere since. One query."""
    units, delegate = delegation.units, delegation.delegate
    there, acting = within(delegate.territory_id or 0, commune="vacancy__unit__commune"), [delegate.pk]
    if delegate.merged_into_id is not None:
        there |= Q(vacancy__unit__in=_described_there(delegate))
        acting.append(organisation_now(delegate, timezone.localdate(routing.routed_at)).pk)
    past = Routing.objects.filter(
        there,
        holder=routing.holder_id,
        vacancy__unit__landlord=routing.vacancy.unit.landlord_id,
        vacancy__cancelled_at=None,
        routed_at__year=year,
    ).filter(Q(closed_at=None) | Q(given_back__counted=True))
    if units == Delegation.Units.NEW:
        past = past.filter(vacancy__kind=Vacancy.Kind.FIRST_LETTING)
    elif units == Delegation.Units.REHABILITATED:
        past = past.filter(vacancy__works_end_on__isnull=False)
    if delegation.starts_on:
        past = past.filter(routed_at__date__gte=delegation.starts_on)
    found = past.aggregate(routed=Count("pk"), delegated=Count("pk", filter=Q(acting__in=acting)))
    return Turns(found["routed"], found["delegated"])


def declining(held: Sequence[Right], categories: Mapping[str, str]) -> dict[str, str]:
    """Of the rights that bear on a unit: the holders that do not take it, and the first category (code) they decline.

    A holder with several rights there goes by the one applied.
    """
    codes = [code_of(*pair) for pair in categories.items()]
    found = {}
    for right in _restricted(held):
        declined = [code for code in codes if code in right.declined]
        if declined:
            found[str(right.holder.pk)] = declined[0]
    return found


def elsewhere(counters: Counters, held: Sequence[Right], categories: Mapping[str, str]) -> dict[str, Spread]:
    """By holder and dimension where the category of the unit is declined, the weights of the others.

    Those of its own usual mix, else of that of the flow; a dimension of which nothing else is known is left out.
    """
    targets: dict[str, Spread] = {}
    for right in _restricted(held):
        spread: dict[str, dict[str, int]] = {}
        for dimension, category in categories.items():
            if code_of(dimension, category) not in right.declined:
                continue
            without = frozenset(code.partition(":")[2] for code in right.declined if code.startswith(f"{dimension}:"))
            own = counters.holders[str(right.holder.pk)].usual_mix(dimension, without=without)
            mix = own if any(own.values()) else counters.flow_mix(dimension, without=without)
            if any(mix.values()):
                spread[dimension] = mix
        if spread:
            targets[str(right.holder.pk)] = spread
    return targets


def without_declined(held: Sequence[Right], targets: Mapping[str, Spread]) -> dict[str, Spread]:
    """The same weights, by holder and dimension, less the categories that its convention declines; a dimension where
    nothing else is wanted is left out."""
    declined = {str(right.holder.pk): right.declined for right in _restricted(held)}
    found: dict[str, Spread] = {}
    for key, spread in targets.items():
        codes = declined.get(key, ())
        kept = {
            dimension: {name: weight for name, weight in weights.items() if code_of(dimension, name) not in codes}
            for dimension, weights in spread.items()
        }
        found[key] = {dimension: weights for dimension, weights in kept.items() if any(weights.values())}
    return found


def _restricted(held: Sequence[Right]) -> list[Right]:
    """The right applied to each holder that declines something, in the order of the holders."""
    holders = {right.holder.pk: right.holder for right in held if right.declined}
    every = [applied(held, holders[pk]) for pk in sorted(holders)]
    return [right for right in every if right is not None and right.declined]


@dataclass(frozen=True, slots=True)
class Known:
    """From which month on what falls vacant at a landlord is recorded; None as long as nothing is."""

    since: date | None

    def is_begun(self, year: int) -> bool:
        """Is a year recorded from its first month? The first year of a landlord that began in the course of it is not:
        four departures of December are not those of a year."""
        return self.since is not None and self.since <= date(year, 1, 1)


@stepwise
def known_of(landlord: Landlord) -> Steps[Known]:
    """Of all its départements together: where few units fall vacant, a January without any says nothing. One query."""
    counted = FlowCount.objects.filter(landlord=landlord, units__gt=0)
    return Known((yield from counting(counted, since=Min("month")))[0])


@stepwise
def counting_points(
    lines: Collection[tuple[int, int]], ledgers: Iterable[Ledger], *, on: date
) -> Steps[dict[tuple[int, int], tuple[str, bool]]]:
    """Of each line (ledger, holder: ids) of the yearly accounts among some ledgers, the counting point of the latest
    convention that has begun on that day, or at the end of the year of its account, and whether one is of that year:
    the routing, without one. An account of first lettings counts at the routing, as agreed. One query."""
    last = {
        ledger.pk: (ledger.landlord_id, min(on, date(ledger.exercise, 12, 31)))
        for ledger in ledgers
        if ledger.kind == Ledger.Kind.ORDINARY
    }
    asked = (
        Quota.objects.filter(
            convention__landlord__in={landlord for landlord, _ in last.values()},
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=on,
            holder__in={holder for ledger, holder in lines if ledger in last},
        )
        .order_by("convention__starts_on", "convention__pk")
        .values_list(
            *("convention__landlord", "holder", "convention__starts_on", "convention__ends_on"),
            "convention__counting_point",
        )
    )
    (found,) = yield [asked]
    begun = defaultdict(list)
    for landlord, holder, since, end, point in found:
        begun[landlord, holder].append((since, end, point))
    routed = str(Convention.CountingPoint.ROUTED)
    points = dict.fromkeys(lines, (routed, True))
    for ledger, holder in points:
        if ledger in last:
            landlord, until = last[ledger]
            known = [(end, point) for since, end, point in begun[landlord, holder] if since <= until]
            points[ledger, holder] = (
                known[-1][1] if known else routed,
                any(end.year >= until.year for end, _ in known),
            )
    return points


def counts_later(ledger: Ledger, *, on: date) -> bool:
    """Has a holder of a ledger a convention of its year, begun on that day, that counts a unit later than its routing:
    does the rule count units that are not received yet (docs/decisions/0073)? One query."""
    return (
        Quota.objects.filter(
            convention__landlord=ledger.landlord_id,
            convention__status__in=Convention.BINDING,
            convention__starts_on__lte=min(on, date(ledger.exercise, 12, 31)),
            convention__ends_on__gte=date(ledger.exercise, 1, 1),
            holder__in=ledger.lines.values("holder"),
        )
        .exclude(convention__counting_point=Convention.CountingPoint.ROUTED)
        .exists()
    )
