"""The leases that objectives count, one by one: who reads which, and where they differ from the accounts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BooleanField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from attributions.bilan.models import Objective
from attributions.bilan.moved_leases import Then
from attributions.bilan.queries.objective_rules import DISTRICT, RULES
from attributions.households.models import Lease, LeaseCount, SpanCount
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.models.promised import in_promised_place, promised_to
from flux.queries.among import among
from reservations.models import Convention, Landlord, Membership, ReservationHolder, Territory, TerritoryLink
from reservations.models.territory import OneOf, end_of, lay_once, within

Code = Objective.Code


def readable_leases(member: Membership | None, then: Collection[Then] = ()) -> QuerySet[Lease]:
    """Standing leases of the units that a person sees listed: counts are common. Commands have no member. `then`: those
    that counted otherwise when the balance of their year was sealed, counted as they did."""
    standing = Lease.objects.filter(_counted(then), vacancy__cancelled_at=None)
    if member is None or member.is_administrator:
        return standing
    return standing.filter(vacancy__in=Vacancy.objects.visible_to(member).order_by().values("pk"))


def readable_counts(member: Membership | None) -> QuerySet[LeaseCount]:
    """The same, counted: as many rows as there are places and holders."""
    return seen_counts(LeaseCount.objects.filter(leases__gt=0).order_by(), member)


def seen_counts[Kept: (LeaseCount, SpanCount)](counts: QuerySet[Kept], member: Membership | None) -> QuerySet[Kept]:
    """Of these counts, those of units that a person sees listed. What `VacancyQuerySet.sight` says of a unit is said
    here of where it is, when it fell vacant and to whom it is routed."""
    if member is None or member.is_administrator:
        return counts
    if member.is_landlord:
        return counts.filter(landlord=member.landlord)
    seen, territory = Q(pk__in=[]), member.organisation.territory_id if member.is_overseer else None
    if territory:
        seen |= within(territory, commune="place") | lay_once(territory, commune="commune", year="fell")
        if not member.is_holder:
            # Of the communes that it has, and of those that left it, by the indexes of both.
            has = Territory.objects.filter(within(territory)).order_by().values("pk")
            left = TerritoryLink.objects.filter(container=territory, until__isnull=False).order_by()
            had = OneOf(F("commune"), ArraySubquery(left.values("territory")))
            counts = counts.filter(Q(OneOf(F("place"), ArraySubquery(has))) | Q(had))
    if member.is_holder:
        own = member.organisation_id
        routed = Q(open_holder__in=ReservationHolder.objects.filter(organisation=own).order_by().values("pk"))
        # Of the landlords with whom it never signed, nothing is looked for. Of the others, each place is asked once by
        # whoever oversees nothing, and the few counts that lie elsewhere one by one by whoever does.
        signed = Convention.objects.landlords_of(own)
        of = {"year": "fell", "commune": "place"}
        promised = promised_to(own, **of) if territory else in_promised_place(own, **of)
        seen |= routed | Q(open_acting=own) | Q(landlord__in=signed) & Q(promised)
    return counts.filter(seen)


def own_leases(member: Membership, then: Collection[Then] = ()) -> QuerySet[Lease]:
    """Those that a person may open one by one: a landlord its own; a holder those of its units, or of the State that it
    acts for. Nobody else's. `then`: those that counted otherwise when their balance was sealed, counted as they did."""
    counted = _counted(then)
    if not member.is_holder:
        if not member.is_landlord:
            return Lease.objects.none()
        seen = Vacancy.objects.visible_to(member).order_by().values("pk")
        return Lease.objects.filter(counted, vacancy__cancelled_at=None, vacancy__in=seen)
    # Of its own leases, each is asked whether its unit is seen, by its key: as a set, all that is seen is read first.
    seen = Vacancy.objects.visible_to(member).filter(pk=OuterRef("vacancy")).order_by().values("pk")[:1]
    return Lease.objects.filter(_of(member), counted, vacancy=Subquery(seen))


def _counted(then: Collection[Then]) -> Q:
    """Condition on leases: they count, or did when they were sealed."""
    undone = [each.lease for each in then if each.counted and not each.counts]
    late = [each.lease for each in then if each.counts and not each.counted]
    return Q(cancelled_at=None) & ~Q(pk__in=late) | Q(pk__in=undone)


def of_reader(member: Membership | None) -> Case:
    """Whether leases are of those that a holder opens one by one, as an annotation of their counts: such leases hide
    no one."""
    mine = Q(pk=None)
    if member is not None and member.is_holder:
        mine = Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)
    return Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField())


def _of(member: Membership) -> Q:
    own = member.organisation_id
    holders = ReservationHolder.objects.filter(organisation=own).order_by().values("pk")
    return Q(holder__in=holders) | Q(routing__in=Routing.objects.filter(acting=own).order_by().values("pk"))


def leases_behind(
    code: Code,
    year: int,
    *,
    member: Membership,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    stands: str = "",
    then: Collection[Then] = (),
) -> QuerySet[Lease]:
    """The leases of an objective that a person may open, each with how it `stands`: counted, unknown, or no; and its
    `district`. `then`: those that counted otherwise when the year was sealed, read as they did."""
    among = Q(district=DISTRICT[code]) if code in DISTRICT else RULES[code].among
    found = (
        own_leases(member, then).filter(signed_on__year=year).annotate(stands=_stands(code), district=_district(then))
    )
    found = found.filter(among)
    if stands:
        found = found.filter(stands=stands)
    if landlord is not None:
        found = found.filter(vacancy__landlord=landlord)
    if territory is not None:
        found = found.filter(within(territory.pk, commune="vacancy__description__commune", on=end_of(year)))
    return found.order_by("-signed_on", "-pk")


def leases_shown(code: Code, ids: Any, then: Collection[Then] = ()) -> QuerySet[Lease]:
    """Those of a page of `leases_behind`, chosen by their ids: what is said of each is read of these alone."""
    found = Lease.objects.filter(among(ArraySubquery(ids)))
    found = found.annotate(stands=_stands(code), district=_district(then))
    return found.select_related("vacancy__unit", "vacancy__description__commune", "holder__organisation").order_by(
        "-signed_on", "-pk"
    )


def _district(then: Collection[Then]) -> Case:
    """Whether leases are in a priority district, as they were sealed."""
    said = [When(pk=each.lease, then=Value(each.in_qpv)) for each in then if each.counted]
    return Case(*said, default=F("in_qpv"), output_field=BooleanField(null=True))


def _stands(code: Code) -> Case:
    """How a lease stands in an objective, to annotate leases with."""
    rule = RULES[code]
    counted, unknown = When(rule.counted, then=Value("counted")), When(rule.unknown, then=Value("unknown"))
    return Case(counted, unknown, default=Value("no"))


def leased(ledgers: Collection[Ledger]) -> QuerySet[Any, tuple[int, int, int]]:
    """(vacancy, holder, how many leases stand) as these accounts say it of their units: `standing`, of each."""
    said = FlowEntry.objects.filter(ledger__in=ledgers, ledger=F("vacancy__ledger"), stage=FlowEntry.Stage.LEASED)
    found: QuerySet[Any, tuple[int, int, int]] = (
        said.order_by().values_list("vacancy", "holder").annotate(standing=Sum("quantity"))
    )
    return found


def leases_of_nobody(year: int, *, member: Membership, landlord: Landlord | None = None) -> list[Vacancy]:
    """Units whose account of the year says « leased » while no household is known here: they lack in the objectives.
    For those who can say who was housed, or see that it is said: the landlord and administrators; [] for others."""
    if not (member.is_landlord or member.is_administrator):
        return []
    ledgers = Ledger.objects.visible_to(member).filter(exercise=year)
    if landlord is not None:
        ledgers = ledgers.filter(landlord=landlord)
    known = (
        Lease.objects.filter(vacancy=OuterRef("vacancy"), holder=OuterRef("holder"), cancelled_at=None)
        .order_by()
        .values("vacancy")
        .annotate(count=Count("pk"))
        .values("count")
    )
    told = leased(list(ledgers)).filter(standing__gt=Coalesce(Subquery(known), 0))
    lacking = {vacancy for vacancy, _, _ in told}
    return list(Vacancy.objects.filter(pk__in=lacking).select_related("unit").order_by("unit__reference", "pk"))
