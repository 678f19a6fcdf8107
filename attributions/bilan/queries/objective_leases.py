"""What is read of objective leases.

* The leases that objectives count, one by one: who reads which, and where they differ from the accounts.
* What each objective counts, and among which leases: numerator and denominator (CCH, L441-1; docs/decisions/0023).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
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
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from attributions.bilan.models import Objective
from attributions.bilan.moved_leases import Then
from attributions.households.models import Lease, LeaseCount, SpanCount
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from flux.models.sight import in_promised_place, promised_to
from flux.queries.units import among
from reservations.models import Convention, Landlord, Membership, ReservationHolder, Territory, TerritoryLink
from reservations.models.territory import OneOf, end_of, lay_once, within

Code = Objective.Code
Contingent = ReservationHolder.Contingent


@dataclass(frozen=True, slots=True)
class Folded:
    """Where counts of leases keep what a rule counts, in the words of `Counts`; each with a condition on the holder, if
    it asks for one. A test holds both to each other, lease by lease."""

    numerator: str
    denominator: str = "leases"
    unknown: str = ""
    unplaced: str | Combinable = ""
    among: Q | None = None
    counted: Q | None = None
    unknown_also: Q | None = None

    def sums(self) -> dict[str, Sum | Value]:
        """Its four counts, as annotations of grouped counts of leases."""
        found = {
            "numerator": (self.numerator, self.counted or self.among),
            "denominator": (self.denominator, self.among),
            "unknown": (self.unknown, self.unknown_also or self.among),
            "unplaced": (self.unplaced, None),
        }
        return {
            name: Sum(column, filter=where, default=0) if column else Value(0)
            for name, (column, where) in found.items()
        }


@dataclass(frozen=True, slots=True)
class Rule:
    """What an objective counts: `counted` leases `among` others. `unknown`: among them, not given whether counted.
    `unplaced`: not given whether among them; None when it always is. `folded`: the same of `LeaseCount`."""

    among: Q
    counted: Q
    unknown: Q
    folded: Folded
    unplaced: Q | None = None


#: The objectives that are asked in a priority district, or outside it.
DISTRICT = {Code.FIRST_QUARTILE_OUTSIDE_QPV: False, Code.OTHERS_IN_QPV: True}

_NO_QUARTILE = Q(income_quartile=None)
_NO_DISTRICT = F("leases") - F("outside_qpv") - F("in_qpv")


def _priority(among: Q) -> Rule:
    folded = Folded("priority", unknown="priority_unknown", among=among)
    return Rule(among=among, counted=Q(has_priority=True), unknown=Q(has_priority=None), folded=folded)


RULES = {
    Code.FIRST_QUARTILE_OUTSIDE_QPV: Rule(
        among=Q(in_qpv=DISTRICT[Code.FIRST_QUARTILE_OUTSIDE_QPV]),
        # A household rehoused for urban renewal counts as one of the first quartile does.
        counted=Q(income_quartile=1) | Q(urban_renewal=True),
        unknown=_NO_QUARTILE & Q(urban_renewal=False)
        | Q(urban_renewal=None) & (_NO_QUARTILE | Q(income_quartile__gt=1)),
        folded=Folded("first_quartile", "outside_qpv", "first_unknown", _NO_DISTRICT),
        unplaced=Q(in_qpv=None),
    ),
    Code.OTHERS_IN_QPV: Rule(
        among=Q(in_qpv=DISTRICT[Code.OTHERS_IN_QPV]),
        counted=Q(income_quartile__in=(2, 3, 4)),
        unknown=_NO_QUARTILE,
        folded=Folded("others", "in_qpv", "others_unknown", _NO_DISTRICT),
        unplaced=Q(in_qpv=None),
    ),
    Code.PRIORITY_AUTHORITY: _priority(Q(holder__contingent=Contingent.AUTHORITY)),
    Code.PRIORITY_ACTION_LOGEMENT: _priority(Q(holder__contingent=Contingent.ACTION_LOGEMENT)),
    # Its own units, those subtracted from the flow, and those whose holder proposed nobody and that came back to it:
    # the last routing of each is the landlord's.
    Code.PRIORITY_LANDLORD: _priority(Q(holder=None) | Q(holder__contingent=Contingent.NOT_RESERVED)),
    # Trades that a CIA calls essential (CCH, L441-1-6; loi n° 2022-217): the rate, if any, is the CIA's.
    Code.ESSENTIAL_WORKERS: Rule(
        among=Q(pk__isnull=False),
        counted=Q(essential_worker=True),
        unknown=Q(essential_worker=None),
        folded=Folded("essential", unknown="essential_unknown"),
    ),
    # Tenants of the landlord who move inside its stock: their units are subtracted from the flow (CCH, R441-5 I).
    Code.MOBILITY: Rule(
        among=Q(pk__isnull=False),
        counted=Q(vacancy__exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER),
        unknown=Q(pk=None),
        folded=Folded("mobility"),
    ),
    # Residences that a landlord lists, annexed to the CIA (CCH, L441-1-6, 3° bis): what they count is to be confirmed
    # (docs/decisions/0077).
    Code.MIX_RESIDENCES: Rule(
        among=Q(in_mix_residence=True),
        counted=Q(income_quartile__in=(2, 3, 4)),
        unknown=_NO_QUARTILE,
        folded=Folded("mix_others", "in_mix", "mix_unknown", "mix_unplaced"),
        unplaced=Q(in_mix_residence=None),
    ),
    Code.STATE_AGENTS: Rule(
        among=Q(vacancy__kind=Vacancy.Kind.IN_FLOW),
        counted=Q(holder__contingent=Contingent.STATE_AGENTS),
        unknown=Q(holder=None),
        folded=Folded(
            *("in_flow", "in_flow", "in_flow"),
            counted=Q(holder__contingent=Contingent.STATE_AGENTS),
            unknown_also=Q(holder=None),
        ),
    ),
}

#: What is counted there is the unit's holder or its subtraction, which accounts already show to everybody: never
#: grouped.
OF_UNITS = (Code.MOBILITY, Code.STATE_AGENTS)

#: Counts the same fact of the same households as other objectives do: shown beside them, a subtraction would state of
#: the few that are in one and not in the other. Only who may read every count reads it.
WITHHELD = (Code.MIX_RESIDENCES,)


COUNTED = ("numerator", "denominator", "unknown", "unplaced")


@dataclass(frozen=True, slots=True)
class Counts:
    """Leases: `numerator` of `denominator`, `unknown` of them not stated. `unplaced`: perhaps among them, not
    stated."""

    numerator: int = 0
    denominator: int = 0
    unknown: int = 0
    unplaced: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.numerator + other.numerator,
            self.denominator + other.denominator,
            self.unknown + other.unknown,
            self.unplaced + other.unplaced,
        )

    def __neg__(self) -> Counts:
        return Counts(-self.numerator, -self.denominator, -self.unknown, -self.unplaced)

    @property
    def rest(self) -> int:
        """Known not to be counted."""
        return self.denominator - self.numerator - self.unknown


def sums() -> dict[str, Sum | Value]:
    """The counts of every objective, for `.annotate(**sums())` on grouped counts of leases; `counts_of` reads them
    back."""
    return {f"{code}_{name}": each for code, rule in RULES.items() for name, each in rule.folded.sums().items()}


def counts_of(row: Mapping[str, Any]) -> dict[Objective.Code, Counts]:
    """Those of a row annotated with `sums`."""
    return {code: Counts(**{name: row[f"{code}_{name}"] for name in COUNTED}) for code in RULES}


def readable_leases(member: Membership | None, then: Collection[Then] = ()) -> QuerySet[Lease]:
    """Current leases of the units that a person sees listed: counts are common. Commands have no member. `then`: those
    that counted otherwise when the balance of their year was sealed, counted as they did."""
    current = Lease.objects.filter(_counted(then), vacancy__cancelled_at=None)
    if member is None or member.is_administrator:
        return current
    return current.filter(vacancy__in=Vacancy.objects.visible_to(member).order_by().values("pk"))


def readable_counts(member: Membership | None) -> QuerySet[LeaseCount]:
    """The same, counted: as many rows as there are places and holders."""
    return seen_counts(LeaseCount.objects.filter(leases__gt=0).order_by(), member)


def seen_counts[Kept: (LeaseCount, SpanCount)](counts: QuerySet[Kept], member: Membership | None) -> QuerySet[Kept]:
    """Of these counts, those of units that a person sees listed. What `VacancyQuerySet.sight` says of a unit is stated
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
    """Those of a page of `leases_behind`, chosen by their ids: what is stated of each is read of these alone."""
    found = Lease.objects.filter(among(ArraySubquery(ids)))
    found = found.annotate(stands=_stands(code), district=_district(then))
    return found.select_related("vacancy__unit", "vacancy__description__commune", "holder__organisation").order_by(
        "-signed_on", "-pk"
    )


def _district(then: Collection[Then]) -> Case:
    """Whether leases are in a priority district, as they were sealed."""
    rows = [When(pk=each.lease, then=Value(each.in_qpv)) for each in then if each.counted]
    return Case(*rows, default=F("in_qpv"), output_field=BooleanField(null=True))


def _stands(code: Code) -> Case:
    """How a lease stands in an objective, to annotate leases with."""
    rule = RULES[code]
    counted, unknown = When(rule.counted, then=Value("counted")), When(rule.unknown, then=Value("unknown"))
    return Case(counted, unknown, default=Value("no"))


def leased(ledgers: Collection[Ledger]) -> QuerySet[Any, tuple[int, int, int]]:
    """(vacancy, holder, how many leases stand) as these accounts say it of their units: `standing`, of each."""
    rows = FlowEntry.objects.filter(ledger__in=ledgers, ledger=F("vacancy__ledger"), stage=FlowEntry.Stage.LEASED)
    found: QuerySet[Any, tuple[int, int, int]] = (
        rows.order_by().values_list("vacancy", "holder").annotate(net=Sum("quantity"))
    )
    return found


def leases_of_nobody(year: int, *, member: Membership, landlord: Landlord | None = None) -> list[Vacancy]:
    """Units whose account of the year says « leased » while no household is known here: they lack in the objectives.
    For those who can say who was housed, or see that it is stated: the landlord and administrators; [] for others."""
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
    leases = leased(list(ledgers)).filter(net__gt=Coalesce(Subquery(known), 0))
    lacking = {vacancy for vacancy, _, _ in leases}
    return list(Vacancy.objects.filter(pk__in=lacking).select_related("unit").order_by("unit__reference", "pk"))
