"""« Pourquoi pas nous ? »: all that fell vacant in a year on a holder's ground, where it went, and why not there.

On its ground: what credited it in the account, and what falls vacant where it has a right that day, of the flow or not.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    DateField,
    Exists,
    ExpressionWrapper,
    F,
    FilteredRelation,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, JSONObject, TruncMonth

from flux.models import AccountMonth, FlowEntry, Ledger, LedgerLine, Recommendation, Routing, Vacancy
from flux.queries.recommendations import RankingPlace, places
from flux.queries.vacancies import latest_routing, left_the_flow, returned_by
from reservations.models import Convention, Membership, Pause, ReservationHolder, Territory
from reservations.models.once_a_request import by_id
from reservations.models.territory import OneOf, within
from reservations.models.together import Steps, by_itself, read_whole, stepwise, whole

Kind = Vacancy.Kind


class Outcome(StrEnum):
    """Where a unit went, for one holder. A recommendation that waits counts for its holder."""

    OURS = "OURS"
    ELSEWHERE = "ELSEWHERE"
    SET_ASIDE = "SET_ASIDE"
    UNDECIDED = "UNDECIDED"
    OUTSIDE = "OUTSIDE"


#: Where a unit of the flow stands when nobody has it.
WAITING, LEFT = "WAITING", "LEFT"
#: What no share bears on, in the order of the page.
OUT = (*Vacancy.Exclusion.values, Kind.STOCK, Kind.FIRST_LETTING, Kind.TECHNICAL, Kind.OUTSIDE)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where some of the units went: a holder of the flow, or what became of those that nobody received. `code` in the
    address; `holder`: None for the latter; `ours`: it is the holder that asks."""

    code: str
    holder: ReservationHolder | None
    units: int
    ours: bool = False
    in_flow: bool = True


@dataclass(frozen=True, slots=True)
class Totals:
    """All the units on the ground of a holder, seen or not, by destination.

    `credited`: those that entered its account; `again`: how many times one of them entered it once more, given back and
    its turn used (docs/decisions/0010); `promised`: what its shares of both come to (millionths); `set_aside`:
    recommended to it, and sent elsewhere by the landlord's choice. `seen`: how many the reader may see, by month
    (its first day) and commune (id).
    """

    destinations: tuple[Destination, ...]
    credited: int
    again: int
    set_aside: int
    promised: int
    seen: Mapping[tuple[date, int], int]

    @property
    def units(self) -> int:
        return sum(each.units for each in self.destinations)

    @property
    def largest(self) -> int:
        """Units of the destination that has the most, and never 0: what bars are drawn against."""
        return max(1, *(each.units for each in self.destinations))

    @property
    def ours(self) -> int:
        """Those of the flow that the holder has, or that wait for the landlord to confirm."""
        return sum(each.units for each in self.destinations if each.ours)

    @property
    def outside(self) -> int:
        """Those that no share bears on: subtracted, in stock, first lettings, technical vacancies."""
        return sum(each.units for each in self.destinations if not each.in_flow)


@dataclass(frozen=True, slots=True)
class WhyNotLine:
    """One unit, for `holder`. `paused`: its convention was suspended that day; `left`: it was taken out of the flow.
    `destination` is None once works took it out of the flow, and outside it for what goes to nobody;
    `waiting`: the landlord has not confirmed."""

    vacancy: Vacancy
    outcome: Outcome
    destination: ReservationHolder | None
    routing: Routing | None
    waiting: bool
    holder: ReservationHolder
    recommendation: Recommendation | None
    left: bool
    paused: bool

    @property
    def place(self) -> RankingPlace | None:
        """Its place in the ranking; None where it had no right. No query."""
        found = places(self.recommendation, [self.holder.pk], returned_by(self.vacancy)) if self.recommendation else []
        return found[0] if found else None

    @property
    def hint(self) -> str | None:
        """Why not its holder, as the ranking says it; None where it had no right. No query."""
        place = self.place
        return place.hint if place is not None else None


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one holder was, or would be, credited in the year of an account: the condition on vacancies is that of
    `covers`. `rights`: the first and last day, and the perimeter (id), of each convention that gives it a right there;
    None for what is left to the landlord, who has it everywhere."""

    ledger: Ledger
    holder: ReservationHolder
    rights: tuple[tuple[date, date, int], ...] | None

    def covers(self) -> Q:
        """On the ground: what falls vacant there in the year, on a day and in a place of a right. Of vacancies with
        their `day`. No query."""
        here = Q(
            landlord=self.ledger.landlord_id,
            commune__in=Territory.objects.filter(departement=self.ledger.departement_id).order_by().values("pk"),
            registered_on__year=self.ledger.exercise,
        )
        if self.rights is None:
            return here
        held = Q(pk__in=[])
        for since, until, perimeter in self.rights:
            held |= Q(day__range=(since, until)) & within(perimeter, commune="commune")
        return here & held

    def near(self) -> Q:
        """Condition that all of them satisfy, with those that credited the holder elsewhere, found by indexes: an entry
        is of the account of its unit, or counts a first letting whose own account is of the same place and year."""
        of = {"landlord": self.ledger.landlord_id, "exercise": self.ledger.exercise}
        books = Ledger.objects.filter(**of, departement=self.ledger.departement_id).order_by().values("pk")
        lies = Q(landlord=of["landlord"], registered_on__year=of["exercise"])
        return lies | Q(OneOf(F("ledger"), ArraySubquery(books)))


def ground(ledger: Ledger, holder: ReservationHolder) -> Ground:
    """That of a holder in the year of an account. One query, none for the landlord's own part."""
    if holder.is_not_reserved:
        return Ground(ledger, holder, None)
    held = Convention.objects.binding().filter(quotas__holder=holder, landlord=ledger.landlord_id).order_by()
    return Ground(ledger, holder, tuple(held.values_list("starts_on", "ends_on", "perimeter").distinct()))


def concerned(units: QuerySet[Vacancy], place: Ground, *, some: bool = False) -> QuerySet[Vacancy]:
    """Those on a ground (`standing_on`), each with its `outcome` for the holder."""
    return with_outcome(situated_on(units, place, some=some), place.holder)


def situated_on(units: QuerySet[Vacancy], place: Ground, *, some: bool = False) -> QuerySet[Vacancy]:
    """Those on a ground. `some`: a page of them is read, and whether a unit credited its holder is asked of each: of
    all of them it would be found first."""
    due = FlowEntry.objects.filter(
        ledger=place.ledger, holder=place.holder, stage=FlowEntry.Stage.DUE, vacancy__isnull=False
    ).order_by()
    units = units.alias(day=Coalesce("covered_on", "registered_on"))
    if some:
        units = units.alias(due=Subquery(due.filter(vacancy=OuterRef("pk")).values("pk")[:1]))
        credited = Q(due__isnull=False)
    else:
        credited = Q(pk__in=due.values("vacancy"))
    # Where it fell vacant is asked first: what credited it is looked up for the others alone, and only if there are.
    return units.filter(place.near(), place.covers() | credited)


def recommended() -> Subquery:
    """Whom the rule named last, of vacancies: its id."""
    rows = Recommendation.objects.filter(vacancy=OuterRef("pk")).order_by("-attempt")
    return Subquery(rows.values("holder")[:1])


def with_outcome(vacancies: QuerySet[Vacancy], holder: ReservationHolder) -> QuerySet[Vacancy]:
    """Annotate where each went, for this holder: `outcome`, `gone_to`, who has it or waits for it (its id), and whether
    its convention was `paused` on the day of its rights."""
    awaiting = Recommendation.objects.filter(vacancy=OuterRef("pk"), routings=None).order_by()
    day = Coalesce(OuterRef("covered_on"), OuterRef("registered_on"))
    agreed = Pause.objects.agreed().filter(starts_on__lte=OuterRef("day"), ends_on__gte=OuterRef("day"))
    paused = (
        Convention.objects.binding()
        .filter(quotas__holder=holder, landlord=OuterRef("landlord"), starts_on__lte=day, ends_on__gte=day)
        .covering("commune")
        .annotate(day=ExpressionWrapper(day, output_field=DateField()))
        .filter(Exists(agreed.filter(convention=OuterRef("pk"))))
        .order_by()
    )
    # One at most is open (`routing_one_open_per_vacancy`): who has it and why are read together.
    done = FilteredRelation("routings", condition=Q(routings__closed_at=None))
    return vacancies.annotate(
        done=done,
        recommended_to=recommended(),
        gone_to=Coalesce(
            F("done__holder_id"), Subquery(awaiting.values("holder_id")[:1]), output_field=BigIntegerField()
        ),
        motive=F("done__motive"),
        paused=Exists(paused),
    ).annotate(
        outcome=Case(
            When(~Q(kind=Kind.IN_FLOW), then=Value(Outcome.OUTSIDE.value)),
            When(gone_to=holder.pk, then=Value(Outcome.OURS.value)),
            When(Q(recommended_to=holder.pk) & Q(motive__gt=""), then=Value(Outcome.SET_ASIDE.value)),
            When(Q(gone_to=None) & Q(recommended_to=None), then=Value(Outcome.UNDECIDED.value)),
            default=Value(Outcome.ELSEWHERE.value),
        )
    )


def gone(vacancies: QuerySet[Vacancy], code: str) -> QuerySet[Vacancy]:
    """Those of vacancies `concerned` that went to a `Destination`, by its code."""
    if code in Vacancy.Exclusion.values:
        return vacancies.filter(kind=Kind.EXCLUDED, exclusion=code)
    if code in Kind.values:
        return vacancies.filter(kind=code)
    flow = vacancies.filter(kind=Kind.IN_FLOW)
    if code in (WAITING, LEFT):
        return flow.filter(Q(gone_to=None) & Q(recommended_to__isnull=code == WAITING))
    return flow.filter(Q(gone_to=int(code)))


def totals(place: Ground, member: Membership, known: Mapping[int, ReservationHolder]) -> Totals:
    """Count them all, whoever reads; and where and when those that this person may see fell vacant, read at once.
    `known`: holders by id, those of its account. Two queries, one more when a unit went to another holder."""
    # Who has each is asked by its key; who waits for it, of the few that await a decision.
    opened = Routing.objects.filter(vacancy=OuterRef("pk"), closed_at=None).order_by()
    rows = list(
        situated_on(Vacancy.objects.all(), place)
        .order_by()
        .annotate(
            recommended_to=recommended(),
            opened=Subquery(opened.values(as_json=JSONObject(holder="holder", motive="motive"))[:1]),
            month=TruncMonth("registered_on"),
            is_seen=Case(When(Vacancy.objects.sight(member), then=Value(True)), default=Value(False)),
        )
        .values_list("kind", "exclusion", "opened", "awaited__holder", "recommended_to", "month", "commune", "is_seen")
        .annotate(units=Count("pk"))
    )
    counts: dict[str, int] = {}
    seen: dict[tuple[date, int], int] = {}
    set_aside = 0
    for kind, exclusion, had, awaited, recommended_to, month, commune, is_seen, count in rows:
        gone_to, motive = (had["holder"], had["motive"]) if had else (awaited, "")
        in_flow, never = kind == Kind.IN_FLOW, LEFT if recommended_to else WAITING
        code = str(gone_to or never) if in_flow else exclusion or kind
        counts[code] = counts.get(code, 0) + count
        # As `outcome` says of one; asked of each, it would look for all of it again.
        if in_flow and motive and recommended_to == place.holder.pk != gone_to:
            set_aside += count
        if is_seen:
            seen[month, commune] = seen.get((month, commune), 0) + count
    credited, again, promised = _credited(place)
    found = _destinations(counts, place.holder, known)
    return Totals(found, credited, again, set_aside, promised, seen)


def _credited(place: Ground) -> tuple[int, int, int]:
    """Units of the flow that credited a holder in an account, how many times one of them did once more, and its shares
    of both: from its months, less the first lettings that its share counts. One query."""
    of = {"ledger": place.ledger, "holder": place.holder}
    names = ("units", "more", "sum")
    months = AccountMonth.objects.filter(**of).order_by().values("ledger")
    first = FlowEntry.objects.filter(
        **of, stage=FlowEntry.Stage.DUE, vacancy__kind=Kind.FIRST_LETTING, vacancy__cancelled_at=None
    )
    counted = months.annotate(units=Sum("vacated"), more=Sum("again"), sum=Sum("shares")).values_list(*names)
    apart = (
        first.order_by()
        .values("ledger")
        .annotate(
            units=-Count("vacancy", distinct=True),
            more=Count("vacancy", distinct=True) - Count("pk"),
            sum=-Sum("quantity"),
        )
        .values_list(*names)
    )
    rows = list(counted.union(apart, all=True).order_by())
    units, again, promised = (sum(column) for column in zip(*rows, strict=True)) if rows else (0, 0, 0)
    return int(units), int(again), int(promised)


def _destinations(
    counts: Mapping[str, int], holder: ReservationHolder, known: Mapping[int, ReservationHolder]
) -> tuple[Destination, ...]:
    """The holder first, even with nothing; the others by number; then what left the flow, or was never of it. One query
    when some of them are not `known`."""
    went = [int(code) for code in counts if code.isdecimal()]
    lacking = [pk for pk in went if pk not in known]
    read = {**known, **by_id(ReservationHolder, lacking, "organisation")}
    named = {pk: read[pk] for pk in went}
    others = [Destination(str(other.pk), other, counts[str(other.pk)]) for other in named.values() if other != holder]
    return (
        Destination(str(holder.pk), holder, counts.get(str(holder.pk), 0), ours=True),
        *sorted(others, key=lambda each: (-each.units, str(each.holder))),
        *(Destination(code, None, counts[code]) for code in (WAITING, LEFT) if code in counts),
        *(Destination(code, None, counts[code], in_flow=False) for code in OUT if code in counts),
    )


@stepwise
def own_lines(member: Membership, year: int) -> Steps[list[LedgerLine]]:
    """The lines of a holder's own contingents in the yearly accounts of a year: each has its page. One query; none for
    the others, who come to it from an account."""
    if not member.is_holder:
        return []
    found = LedgerLine.objects.filter(
        holder__organisation=member.organisation_id, ledger__exercise=year, ledger__kind=Ledger.Kind.ORDINARY
    ).order_by("ledger__landlord__organisation__name", "ledger__departement__code", "holder", "pk")
    paths = ("holder__organisation", "ledger__landlord__organisation", "ledger__departement")
    return (yield from whole(found, *paths))


def listed(place: Ground, member: Membership) -> QuerySet[Vacancy]:
    """Those that this person may see listed, the latest first. The address goes with `file_open` only."""
    seen = Vacancy.objects.visible_to(member)
    return concerned(seen, place, some=True).order_by("-registered_on", "-pk")


def lines(
    ids: Sequence[int], holder: ReservationHolder, member: Membership, known: Mapping[int, ReservationHolder]
) -> list[WhyNotLine]:
    """Read vacancies that are `listed` (their ids), in their order, each with what a line says of it and no more: two
    queries; one more when a unit went to a holder that is not `known`."""
    rows = read_whole(
        with_outcome(Vacancy.objects.filter(pk__in=ids).with_file_access(member), holder)
        .select_related("unit__commune", "expected__holder__organisation")
        .prefetch_related(
            Prefetch("recommendations", Recommendation.objects.order_by("attempt")),
            Prefetch("routings", Routing.objects.select_related("acting", "given_back").order_by("pk")),
        )
        .order_by("pk")
    )
    found = {each.pk: each for each in by_itself(rows)}
    _name(found.values(), dict(known))
    return [line(found[pk], holder) for pk in ids if pk in found]


def _name(found: Collection[Vacancy], named: dict[int, ReservationHolder]) -> None:
    """Give what was decided of these its holders, each read once and shared."""
    decided: list[Any] = [
        each for vacancy in found for each in (*vacancy.recommendations.all(), *vacancy.routings.all())
    ]
    named |= by_id(ReservationHolder, {each.holder_id for each in decided} - named.keys(), "organisation")
    for each in decided:
        each.holder = named[each.holder_id]


def line(vacancy: Vacancy, holder: ReservationHolder) -> WhyNotLine:
    """One of them."""
    recommendation, routing = latest_routing(vacancy)
    out = left_the_flow(vacancy)
    destination = routing.holder if routing else None
    if destination is None and recommendation is not None and not out:
        destination = recommendation.holder
    return WhyNotLine(
        vacancy=vacancy,
        outcome=Outcome(vars(vacancy)["outcome"]),
        destination=destination,
        routing=routing,
        waiting=routing is None and destination is not None,
        holder=holder,
        recommendation=recommendation,
        left=out,
        paused=vars(vacancy)["paused"],
    )
