"""What is read of opening.

* From when an account is kept here, and what its openings wait for.
* How far a landlord is on the way to routing here: what there is of each thing, counted.
* What item 63 of the RPLS says of a landlord's units, and the units of it that no right in stock covers yet.
* The item says that a unit was reserved, under which contingent, and nothing else: whose right it is, on what ground
  and until when is for the landlord's manager to say. A unit of a programme where titles of that contingent bear on
  as many units as the file states is covered too, though no title names it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import md5
from typing import Any, cast

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, QuerySet, StringAgg, Subquery, Sum, TextField, Value
from django.db.models.functions import MD5, Cast
from django.utils import timezone

from flux.models import (
    DecisionWindow,
    FlowCount,
    GoLive,
    Ledger,
    OpeningAct,
    OpeningBalance,
    Recommendation,
    Rehearsal,
    RoutingPolicy,
    StockAssignment,
    ToldAside,
    Unit,
    Vacancy,
)
from flux.models.stock_assignment import REPORTED_RIGHTS
from flux.queries.compliance import Uncovered, uncovered_of
from reservations.models import Convention, FileImport, Landlord, Membership, ReservationHolder, StockRight, Territory
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps, at_once, counting, queried, read_whole, together, whole
from reservations.queries.rights import rights
from reservations.words import towards


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening balance that counts, as papers name its holder, `called` so in a sentence: due in millionths, received
    in units."""

    siren: str
    contingent: int
    holder: str
    since: date
    opened_on: date
    units: int
    due: int
    received: int
    source: str
    called: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Past routings that were recorded: `units` of notices from `first` to `last`, entered here up to `entered_on`; the
    rule took the others from `ruled_from` on, None when it took none yet."""

    units: int
    first: date
    last: date
    entered_on: date
    ruled_from: date | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An account kept here `since` a day of its year, with what came from before: what holders `accepted`, those whose
    opening balance is `unsettled`, `called` so in a sentence, and the routings `recorded` as they had been."""

    since: date
    accepted: tuple[Opened, ...] = ()
    unsettled: tuple[str, ...] = ()
    recorded: Recorded | None = None
    called: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a file: days in ISO; what `of_json` reads back."""
        return cast("dict[str, Any]", json.loads(json.dumps(asdict(self), default=date.isoformat)))

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Kept:
        """From what `as_json` wrote, for ever."""
        recorded = content["recorded"]
        return cls(
            date.fromisoformat(content["since"]),
            tuple(Opened(**_dated(each, "since", "opened_on")) for each in content["accepted"]),
            tuple(content["unsettled"]),
            Recorded(**_dated(recorded, "first", "last", "entered_on", "ruled_from")) if recorded else None,
            tuple(content.get("called") or content["unsettled"]),
        )


def _dated(content: Mapping[str, Any], *days: str) -> dict[str, Any]:
    return {**content, **{name: date.fromisoformat(content[name]) if content[name] else None for name in days}}


def kept(ledger: Ledger) -> Kept | None:
    """From when an account is kept here; None when nothing came from before. One query."""
    return kept_in([ledger]).get(ledger.pk)


@once_in_steps
def kept_in(ledgers: Iterable[Ledger]) -> Steps[dict[int, Kept]]:
    """By account (id), those that began in the year, elsewhere before; the others are not there. One query."""
    asked = {ledger.pk for ledger in ledgers}
    found: dict[int, list[OpeningBalance]] = {}
    current = OpeningBalance.objects.active().filter(ledger__in=asked).with_state()
    openings, recorded = yield from together(
        read_whole(current.select_related("holder__organisation").order_by("opened_on", "pk")), _recorded(asked)
    )
    for opening in openings:
        found.setdefault(opening.ledger_id, []).append(opening)
    return {pk: _kept(found.get(pk, []), recorded.get(pk)) for pk in asked if pk in found or pk in recorded}


def _kept(openings: Sequence[OpeningBalance], recorded: Recorded | None) -> Kept:
    since = openings[0].opened_on if openings else recorded.first if recorded else date.max
    unsettled = [each.holder for each in openings if each.last_act != OpeningAct.Act.ACCEPTED]
    return Kept(
        since,
        tuple(_opened(each) for each in openings if each.last_act == OpeningAct.Act.ACCEPTED),
        tuple(map(str, unsettled)),
        recorded,
        tuple(map(towards, unsettled)),
    )


def _opened(opening: OpeningBalance) -> Opened:
    holder = opening.holder
    return Opened(
        holder.organisation.siren,
        holder.contingent,
        str(holder),
        opening.since,
        opening.opened_on,
        opening.units,
        opening.due,
        opening.received,
        opening.source,
        towards(holder),
    )


def _recorded(ledgers: Collection[int]) -> Steps[dict[int, Recorded]]:
    """Past routings of each account. One query, which reads those alone."""
    ruled = Vacancy.objects.filter(
        ledger=OuterRef("ledger"), source=Vacancy.Source.HERE, kind=Vacancy.Kind.IN_FLOW, recommendations__isnull=False
    )
    sums = {
        "units": Count("pk"),
        "first": Min("registered_on"),
        "last": Max("registered_on"),
        "entered_at": Max("registered_at"),
        "ruled_from": Subquery(ruled.order_by("registered_on").values("registered_on")[:1]),
    }
    past = Vacancy.objects.filter(ledger__in=ledgers, source=Vacancy.Source.PAST).order_by()
    (rows,) = yield [past.values("ledger").annotate(**sums).values_list("ledger", *sums)]
    return {
        ledger: Recorded(units, first, last, timezone.localdate(entered_at), ruled_from)
        for ledger, units, first, last, entered_at, ruled_from in rows
    }


def awaiting(member: Membership) -> QuerySet[OpeningBalance]:
    """The opening balances that wait for this person's organisation: to accept or contest, or contested."""
    found = OpeningBalance.objects.all()
    if member.is_landlord:
        return found.awaiting("LANDLORD").filter(ledger__landlord__organisation=member.organisation_id)
    return found.awaiting("HOLDER").filter(holder__organisation=member.organisation_id)


def openable(member: Membership, *, on: date) -> tuple[Sequence[Territory], Sequence[ReservationHolder]]:
    """Where a landlord may open an account, and for whom: its départements, and the holders that have a right there on
    a day of the year of `on`. Two queries."""
    landlord = member.landlord
    assert landlord is not None, "asked of a landlord's people only"
    departements = Territory.objects.filter(
        pk__in=landlord.programmes.order_by().values("commune__departement")
    ).order_by("code", "pk")
    held = rights(landlord, since=date(on.year, 1, 1), until=date(on.year, 12, 31))
    holders = {right.holder.pk: right.holder for right in held}
    return list(departements), sorted(holders.values(), key=lambda holder: (str(holder), holder.pk))


#: Under this code a unit is reserved to nobody.
NOT_RESERVED = ReservationHolder.Contingent.NOT_RESERVED


@dataclass(frozen=True, slots=True)
class ReportedCode:
    """A code of item 63: how many units have it, how many of them no right covers, and what was stated of it."""

    code: int
    units: int
    left: int
    aside: ToldAside | None

    @property
    def to_check(self) -> int:
        """The units that still ask for an answer."""
        return 0 if self.aside else self.left


def reported_units(landlord: Landlord) -> QuerySet[Unit]:
    """The landlord's units that item 63 says reserved, under whatever code."""
    return Unit.objects.filter(landlord=landlord, left_on=None, told_contingent__isnull=False).exclude(
        told_contingent=NOT_RESERVED
    )


def unchecked(landlord: Landlord) -> Q:
    """Condition on `reported_units`: no title was ever recorded for the unit, nor for enough units of its programme.
    Two queries, of the programmes that bear titles by number."""
    condition = ~Q(Exists(StockAssignment.objects.filter(unit=OuterRef("pk"))))
    for code, programmes in _covered_by_number(landlord).items():
        condition &= ~Q(told_contingent=code, programme__in=programmes)
    return condition


def _covered_by_number(landlord: Landlord) -> dict[int, list[int]]:
    """By code, the programmes where titles bear on as many units, not named, as the file states without a title."""
    borne = StockAssignment.objects.filter(right__landlord=landlord, programme__isnull=False).order_by()
    held = {
        (programme, code): units
        for programme, code, units in borne.values_list("programme", "right__holder__contingent").annotate(
            units=Sum("units")
        )
    }
    named = Exists(StockAssignment.objects.filter(unit=OuterRef("pk")))
    reported = reported_units(landlord).filter(~named, programme__in={programme for programme, _ in held}).order_by()
    covered: dict[int, list[int]] = defaultdict(list)
    for programme, code, units in reported.values_list("programme", "told_contingent").annotate(units=Count("pk")):
        if held.get((programme, code), 0) >= units:
            covered[code].append(programme)
    return covered


def reported_codes(landlord: Landlord) -> list[ReportedCode]:
    """Each code that the landlord's units have, in order. Four queries."""
    aside = ToldAside.objects.left_aside(landlord)
    counted = (
        reported_units(landlord)
        .order_by("told_contingent")
        .values_list("told_contingent")
        .annotate(units=Count("pk"), left=Count("pk", filter=unchecked(landlord)))
    )
    return [ReportedCode(code, units, left, aside.get(code)) for code, units, left in counted]


def unchecked_of(landlord: Landlord, code: int) -> QuerySet[Unit]:
    """The units of one code that no right covers, programme by programme."""
    found = reported_units(landlord).filter(unchecked(landlord), told_contingent=code)
    return found.select_related("programme", "commune").order_by("programme__name", "programme", "reference", "pk")


def seal(ids: Iterable[int]) -> str:
    """A digest of these units: another one when one of them came or left."""
    return md5(",".join(str(pk) for pk in sorted(ids)).encode(), usedforsecurity=False).hexdigest()


def seal_of(units: QuerySet[Unit]) -> tuple[int, str]:
    """How many units these are, and their `seal`, without reading them. One query."""
    ids = StringAgg(Cast("pk", TextField()), delimiter=Value(","), order_by="pk")
    sums = units.order_by().aggregate(units=Count("pk"), seal=MD5(ids))
    return sums["units"], sums["seal"] or ""


def holders_of(landlord: Landlord, code: int, *, on: date) -> QuerySet[ReservationHolder]:
    """Who may hold the rights of this code: its holders that are not closed, whose territory has some of its units, or
    who have none."""
    communes = reported_units(landlord).filter(told_contingent=code).order_by().values("commune")
    there = Q(organisation__territory=None) | Q(organisation__territory__in=Territory.objects.covering(communes, on=on))
    holders = ReservationHolder.objects.filter(there, contingent=code, organisation__closed_on=None)
    return holders.exclude(contingent=NOT_RESERVED).select_related("organisation")


def file_of(landlord: Landlord) -> str:
    """The name of the latest file that stated units reserved; "" when none is kept. One query."""
    files = FileImport.objects.filter(
        organisation=landlord.organisation_id,
        kind="logements",
        state=FileImport.State.DONE,
        topics__has_key=REPORTED_RIGHTS,
    )
    return files.order_by("-pk").values_list("name", flat=True).first() or ""


#: The roles of a landlord that settle what the others do.
MANAGING = [role for role in Membership.LANDLORD_ROLES if Membership.ROLES[role].is_manager]


@dataclass(frozen=True, slots=True)
class Progress:
    """What a landlord has here, in counts. `starts_on` is None for one that never chose a day: it routes already."""

    units: int
    referenced: int
    titles: int
    to_check: int
    signed: int
    unsigned: int
    uncovered: tuple[Uncovered, ...]
    managers: int
    staff: int
    openings: int
    accepted: int
    decided: int
    waiting: int
    automatic: bool
    policy_chosen: bool
    window: DecisionWindow
    past: int
    rehearsal: Rehearsal | None
    starts_on: date | None


def progress(landlord: Landlord, *, today: date) -> Progress:
    """Count what a landlord has here. A fixed number of queries."""
    here = Membership.objects.filter(organisation=landlord.organisation_id, user__is_active=True)
    openings = OpeningBalance.objects.active().filter(ledger__landlord=landlord)
    flow = Vacancy.objects.filter(ledger__in=Ledger.objects.filter(landlord=landlord).order_by().values("pk"))
    drafts = Convention.objects.filter(landlord=landlord).exclude(status__in=Convention.BINDING)
    tried = Rehearsal.objects.filter(unit__landlord=landlord).select_related("unit", "holder__organisation")
    of_law = RoutingPolicy.objects.filter(landlord=landlord, starts_on__lte=today).order_by("-starts_on")
    is_decided = Exists(Recommendation.objects.filter(vacancy=OuterRef("pk")))
    people, stock, past, counted, *numbers, policies, rehearsals, days = at_once(
        counting(
            here,
            managers=Count("user", distinct=True, filter=Q(role__in=MANAGING)),
            staff=Count("user", distinct=True, filter=~Q(role__in=MANAGING)),
        ),
        counting(
            Unit.objects.filter(landlord=landlord),
            units=Count("pk"),
            referenced=Count("pk", filter=Q(is_own_reference=True)),
        ),
        counting(flow.filter(source=Vacancy.Source.PAST), units=Count("pk"), decided=Count("pk", filter=is_decided)),
        counting(FlowCount.objects.filter(landlord=landlord, kind=Vacancy.Kind.IN_FLOW), sum=Sum("decided")),
        counting(StockRight.objects.filter(landlord=landlord)),
        counting(Convention.objects.in_force(today).filter(landlord=landlord)),
        counting(drafts.filter(ends_on__gte=today)),
        counting(openings),
        counting(openings.accepted()),
        counting(flow.filter(entered_as__isnull=True).waiting()),  # by their own index
        whole(of_law[:1]),
        read_whole(tried.order_by("-pk")[:1]),
        queried(GoLive.objects.filter(landlord=landlord).order_by("-pk").values_list("on")[:1]),
    )
    titles, signed, unsigned, offered, accepted, waiting = numbers
    return Progress(
        units=stock[0],
        referenced=stock[1],
        titles=titles[0],
        to_check=sum(each.to_check for each in reported_codes(landlord)),
        signed=signed[0],
        unsigned=unsigned[0],
        uncovered=tuple(uncovered_of(landlord, on=today)),
        managers=people[0],
        staff=people[1],
        openings=offered[0],
        accepted=accepted[0],
        decided=(counted[0] or 0) - past[1],
        waiting=waiting[0],
        automatic=any(policy.mode == RoutingPolicy.Mode.AUTOMATIC for policy in policies),
        policy_chosen=bool(policies),
        window=DecisionWindow.objects.of(landlord, today),
        past=past[0],
        rehearsal=next(iter(rehearsals), None),
        starts_on=next((on for (on,) in days[0]), None),
    )


def past_holders(landlord: Landlord, today: date) -> list[ReservationHolder]:
    """Who may have had a unit of the last three years: the holders with a right there since, and the landlord itself.
    Two queries."""
    held = rights(landlord, since=date(today.year - 3, 1, 1), until=today)
    own = ReservationHolder.objects.select_related("organisation").get(
        organisation=landlord.organisation_id, contingent=ReservationHolder.Contingent.NOT_RESERVED
    )
    found = {right.holder.pk: right.holder for right in held}
    return [*sorted(found.values(), key=lambda holder: (str(holder), holder.pk)), own]
