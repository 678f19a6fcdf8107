"""Is anybody favoured? What one ledger shows of it: good units by holder, delays, order, and what people overrode.

Read by whoever reads the account. People are named to the managers of their own landlord only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import TruncDate
from django.utils import timezone

from flux.models import ChoiceCount, Ledger, LedgerLine, Programme, Routing, Unit, Vacancy
from flux.models.account import LedgerQuerySet
from flux.queries.controls.early_decisions import GOOD, Asked, Clerk, Registered, asked_in, clerks
from flux.queries.controls.ledgers import CHUNK, Order, out_of_order
from reservations.models import Landlord, LegalParameter, ReservationHolder, User
from reservations.models.convention import UNIT
from reservations.models.once_a_request import by_id

#: Classes in the order of the table; "" is « non classé ».
CLASSES = (*Programme.Attractiveness.values, "")


@dataclass(frozen=True, slots=True)
class Share:
    """What a holder was due and received of one class. `due` and `lack` in millionths of a unit."""

    attractiveness: str
    due: int
    received: int

    @property
    def lack(self) -> int:
        return self.due - UNIT * self.received

    def as_json(self) -> dict[str, Any]:
        return {"class": self.attractiveness, "due": self.due, "received": self.received, "lack": self.lack}


@dataclass(frozen=True, slots=True)
class HolderShares:
    """One holder, class by class in the order of `CLASSES`."""

    holder: ReservationHolder
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Spell:
    """How long something took, in whole days: over `count` units, half waited `median` at most, nine in ten `ninth`."""

    count: int
    median: int
    ninth: int

    def as_json(self) -> dict[str, int]:
        return {"count": self.count, "median": self.median, "ninth_decile": self.ninth}


@dataclass(frozen=True, slots=True)
class Delays:
    """Notice to registration, then registration to routing; of a month (its first day), or of the whole year."""

    month: date | None
    notice: Spell
    routing: Spell

    def as_json(self) -> dict[str, Any]:
        month = self.month.strftime("%Y-%m") if self.month else None
        return {
            "month": month,
            "notice_to_registration": self.notice.as_json(),
            "registration_to_routing": self.routing.as_json(),
        }


@dataclass(frozen=True, slots=True)
class Registrations:
    """Of one landlord and one year: delays, and each person who registered. `threshold` in days; None when no parameter
    is in force, and then nobody is compared."""

    delays: Delays
    months: tuple[Delays, ...]
    threshold: int | None
    clerks: tuple[Clerk, ...]

    @property
    def alerts(self) -> list[Clerk]:
        return [clerk for clerk in self.clerks if clerk.alert]


@dataclass(frozen=True, slots=True)
class Overrides:
    """Routings of one ledger, and beside it for one turn, that departed from the recommendation or from the routing
    before, each with its motive.

    `routed`: all the routings of the ledger, these included.
    """

    routed: int
    motives: tuple[tuple[Routing.Motive, int], ...]
    people: tuple[tuple[int, int], ...]
    holders: tuple[tuple[ReservationHolder, int], ...]

    @property
    def count(self) -> int:
        return sum(number for _, number in self.motives)


@dataclass(frozen=True, slots=True)
class Transparency:
    """Everything of one ledger; `out_of_order` is 0 where nobody passed without asking for it; `asked` are the
    decisions that people asked for; `waited` were kept by over 100 % promised."""

    ledger: Ledger
    holders: tuple[HolderShares, ...]
    registrations: Registrations
    out_of_order: int
    waited: int
    overrides: Overrides
    asked: Asked


def transparency(ledger: Ledger, found: Registrations | None = None) -> Transparency:
    """Read one ledger, and its landlord's year unless it is `found` already. Seven queries, five when it is; one more
    when people asked for decisions, one more when units were passed by those of another pass."""
    in_order = order(ledger)
    return Transparency(
        ledger=ledger,
        holders=good_units(ledger),
        registrations=found or registrations(ledger.landlord, ledger.exercise),
        out_of_order=len(in_order.swapped),
        waited=in_order.waited,
        overrides=overrides(ledger),
        asked=asked_in(ledger, in_order.decided),
    )


def good_units(ledger: Ledger) -> tuple[HolderShares, ...]:
    """Due and received of each class, by holder, from the account's own fold. One query."""
    lines = LedgerLine.objects.filter(ledger=ledger).select_related("holder__organisation")
    rows = []
    for line in lines.order_by("pk"):
        known = line.profile.get("attractiveness", {})
        rows.append(HolderShares(line.holder, tuple(Share(name, *known.get(name, (0, 0))) for name in CLASSES)))
    return tuple(
        sorted(rows, key=lambda row: (row.holder.is_not_reserved, -sum(s.due for s in row.shares), row.holder.pk))
    )


def registrations(landlord: Landlord, exercise: int) -> Registrations:
    """Delays and people, over every unit of the flow that the landlord registered in the year. Two queries."""
    good = Unit.objects.filter(landlord=landlord, programme__attractiveness=GOOD).order_by().values("pk")
    # The first of each, by its index: joined and grouped, the routings of every landlord would be read.
    first = Routing.objects.filter(vacancy=OuterRef("pk")).order_by("routed_at").values(day=TruncDate("routed_at"))
    found = Vacancy.objects.filter(landlord=landlord, kind=Vacancy.Kind.IN_FLOW, registered_on__year=exercise).annotate(
        attractiveness=Case(When(unit__in=good, then=Value(GOOD)), default=Value("")),
        routed_on=Subquery(first[:1]),
    )
    values = found.order_by("pk").values_list(
        "notice_on", "registered_on", "registered_by", "attractiveness", "routed_on"
    )
    rows = [Registered(*row) for row in values.iterator(chunk_size=CHUNK)]
    threshold = _threshold(min(date(exercise, 12, 31), timezone.localdate()))
    by_month: dict[date, list[Registered]] = defaultdict(list)
    for row in rows:
        by_month[row.on.replace(day=1)].append(row)
    whole = _delays(None, rows)
    return Registrations(
        delays=whole,
        months=tuple(_delays(month, by_month[month]) for month in sorted(by_month)),
        threshold=threshold,
        clerks=() if threshold is None else tuple(clerks(rows, median=whole.notice.median, threshold=threshold)),
    )


def _threshold(on: date) -> int | None:
    """Days beyond the median after which a unit was registered late; None until an administrator records them."""
    try:
        return int(LegalParameter.objects.value_on(LegalParameter.Code.HOLDING_BACK_DAYS, on))
    except LegalParameter.DoesNotExist:
        return None


def _delays(month: date | None, rows: Sequence[Registered]) -> Delays:
    return Delays(
        month,
        spell(row.delay for row in rows),
        spell((row.routed_on - row.on).days for row in rows if row.routed_on is not None),
    )


def spell(days: Iterable[int]) -> Spell:
    """Median and ninth decile by nearest rank: figures that some unit did wait, never an average of two."""
    waited = sorted(days)
    if not waited:
        return Spell(0, 0, 0)

    def rank(percent: int) -> int:
        return waited[-(-percent * len(waited) // 100) - 1]

    return Spell(len(waited), rank(50), rank(90))


def order(ledger: Ledger) -> Order:
    """What was decided before a unit registered earlier, and how many conventions kept waiting."""
    return next(out_of_order([ledger.pk]), Order(ledger.pk, 0, [], 0))


def beside(ledger: Ledger) -> LedgerQuerySet:
    """An account, and the one of the units handed on for one turn beside it."""
    same = {"landlord": ledger.landlord_id, "departement": ledger.departement_id, "exercise": ledger.exercise}
    return Ledger.objects.filter(Q(pk=ledger.pk) | Q(**same, kind=Ledger.Kind.ONE_TURN)).order_by()


def overrides(ledger: Ledger) -> Overrides:
    """What people sent elsewhere, by motive, by person and by who gets it, of units handed on for one turn too: from
    what is counted. Two queries."""
    motives, people, taken = Counter[str](), Counter[int](), Counter[int]()
    routed = 0
    counts = ChoiceCount.objects.filter(ledger__in=beside(ledger)).order_by("pk")
    for motive, person, holder, number in counts.values_list("motive", "routed_by", "holder", "routings"):
        routed += number
        if motive:
            motives[motive] += number
            taken[holder] += number
            if person is not None:
                people[person] += number
    holders = by_id(ReservationHolder, taken, "organisation")
    return Overrides(
        routed=routed,
        motives=tuple((Routing.Motive(motive), number) for motive, number in motives.most_common()),
        people=tuple(people.most_common()),
        holders=tuple((holders[pk], number) for pk, number in sorted(taken.items(), key=lambda pair: -pair[1])),
    )


def names(people: Iterable[int]) -> dict[int, str]:
    """Who they are (ids), for those who may know. One query."""
    return dict(User.objects.filter(pk__in=people).order_by("pk").values_list("pk", "full_name"))
