"""What the State received beside its cap, year after year: where a whole unit rounds, and where the cap is passed.

A unit is not shared: 30 % of 6 units are 1.8, and the second unit of the State passes the cap of that year by 0.2.
That is rounding. It becomes a breach when, over the years of the convention, the State is ahead of the cap by what
the rounding of its contingents cannot explain: one whole unit or more for each of them (CCH, R441-5-2). Rounding
explains why a cap is passed; it does not make it kept: over it, this year or over the years, is never shown as kept.
Where the parties or the préfet chose to read it in the year alone (docs/decisions/0047), what passes it is a breach.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from fractions import Fraction
from typing import Any, ClassVar

from django.db.models import Count, F, Q, QuerySet, Sum

from flux.models import AccountMonth, FlowEntry, Ledger, Return
from flux.queries.controls.ledgers import entered_until
from flux.queries.statement import month_after
from reservations.models import CapReading, Convention, Landlord, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.models.derogation import in_force
from reservations.models.together import Steps, read_whole, stepwise, together
from reservations.queries.checks.caps import CAPPED, Cap, Capped, Caps, caps
from reservations.queries.checks.findings import Finding
from reservations.queries.checks.quotas import Code, Level

Stage = FlowEntry.Stage


class Verdict(StrEnum):
    """How the State stands beside its cap: all years together, then the year alone."""

    UNDER = "UNDER"
    MADE_UP = "MADE_UP"
    ROUNDING = "ROUNDING"
    BREACH = "BREACH"
    IN_YEAR = "IN_YEAR"

    @property
    def is_kept(self) -> bool:
        """Is nothing over the cap, in none of the readings that count?"""
        return self is Verdict.UNDER


def is_rounding(ahead: Fraction, contingents: int = 1) -> bool:
    """Is what passes a cap, in units or in leases, less than one for each contingent? One is not shared: it rounds."""
    return 0 < ahead < contingents


@dataclass(frozen=True, slots=True)
class CapYear:
    """One exercise. `net` units entered the flow; `cap` is what the cap makes of them, exactly, in millionths of a
    unit; `received` whole units went to the State, those that wait for a confirmation included. `carried` is the gap
    of the years before, in millionths, positive when the State was ahead. `contingents` share what was received: each
    rounds by less than one unit. `strict`: it is read in the year alone, and nothing is made up.
    """

    exercise: int
    net: int
    cap: int
    received: int
    carried: int
    contingents: int = 1
    strict: bool = False

    @property
    def gap(self) -> int:
        """Received over the cap, this year alone, in millionths; negative under the cap."""
        return UNIT * self.received - self.cap

    @property
    def cumulated(self) -> int:
        """The same, with the years before."""
        return self.carried + self.gap

    @property
    def verdict(self) -> Verdict:
        if self.strict:
            return Verdict.IN_YEAR if self.gap > 0 else Verdict.UNDER
        if is_rounding(Fraction(self.cumulated, UNIT), self.contingents):
            return Verdict.ROUNDING
        if self.cumulated > 0:
            return Verdict.BREACH
        return Verdict.MADE_UP if self.gap > 0 else Verdict.UNDER


def fold(
    years: Iterable[tuple[int, int, int, int]], *, contingents: int = 1, strict: Collection[int] = ()
) -> tuple[CapYear, ...]:
    """(exercise, net, cap, received) of each year, in order, as an account that carries its gap. Exact. `strict`: the
    exercises that are read alone."""
    folded: list[CapYear] = []
    for exercise, net, cap, received in years:
        carried = folded[-1].cumulated if folded else 0
        folded.append(CapYear(exercise, net, cap, received, carried, contingents, exercise in strict))
    return tuple(folded)


@dataclass(frozen=True, slots=True)
class CapAccount:
    """One cap in one département over the years of the State's convention. `cap`: the one in force on the day read;
    `reading`: how it is read then, None where nobody chose: over the years."""

    landlord: Landlord
    departement: Territory
    capped: Capped
    cap: Cap
    years: tuple[CapYear, ...]
    reading: CapReading | None = None

    @property
    def last(self) -> CapYear:
        return self.years[-1]

    @property
    def net(self) -> int:
        return sum(year.net for year in self.years)

    @property
    def exact(self) -> int:
        """The cap of all the years together, in millionths of a unit."""
        return sum(year.cap for year in self.years)

    @property
    def received(self) -> int:
        return sum(year.received for year in self.years)

    @property
    def verdict(self) -> Verdict:
        return self.last.verdict


@stepwise
def state_caps(
    landlords: Sequence[Landlord], *, on: date, departements: Collection[int] | None = None
) -> Steps[dict[int, list[CapAccount]]]:
    """The account of each cap, by landlord (id), for every département where units entered the flow by that day.

    From the year in which the State's convention in force began, its earlier versions included; the exercise of `on`
    alone when none is in force. `departements` (ids) keeps those only. Two queries, whatever the number of landlords;
    one more where a cap becomes another within a year.
    """
    ledgers = Ledger.objects.ordinary().filter(landlord__in=landlords, exercise__lte=on.year)
    if departements is not None:
        ledgers = ledgers.filter(departement__in=departements)
    books: dict[tuple[int, int], list[Ledger]] = defaultdict(list)
    counted = ledgers.annotate(entered=entered_until(on)).select_related("landlord__organisation", "departement")
    since, opened = yield from together(
        _beginnings(landlords, on), read_whole(counted.order_by("departement__code", "exercise"))
    )
    for book in opened:
        if book.exercise >= since.get((book.landlord_id, book.departement_id), on.year):
            books[book.landlord_id, book.departement_id].append(book)
    every = [book for found in books.values() for book in found]
    first = min((book.exercise for book in every), default=on.year)
    chosen = CapReading.objects.filter(landlord__in=list(landlords), starts_on__lte=on).order_by("starts_on", "pk")
    in_period, readings, received = yield from together(
        caps.steps(landlords, since=date(first, 1, 1), until=on), read_whole(chosen), _received(every, on)
    )
    read: dict[tuple[int, int], list[CapReading]] = defaultdict(list)
    for each in readings:
        read[each.landlord_id, each.departement_id].append(each)
    flow = _Flow(in_period, _entered(every, in_period, on), received, read, on)
    accounts: dict[int, list[CapAccount]] = {landlord.pk: [] for landlord in landlords}
    for found in books.values():
        for capped in CAPPED:
            account = _account(found, capped, flow)
            if account is not None and account.net:
                accounts[account.landlord.pk].append(account)
    return accounts


@dataclass(frozen=True, slots=True)
class _Flow:
    """What every account is made of: the caps, the units of each day and those of the State, up to a day."""

    caps: Caps
    entered: Mapping[int, Sequence[tuple[date, int]]]
    received: Mapping[tuple[int, int], int]
    readings: Mapping[tuple[int, int], Sequence[CapReading]]
    on: date


def _account(books: Sequence[Ledger], capped: Capped, flow: _Flow) -> CapAccount | None:
    """None when the law has no value for the day: the checks say so."""
    book = books[0]

    def cap_on(day: date) -> Cap | None:
        return flow.caps.on(capped.parameter, day, landlord=book.landlord_id, departement=book.departement_id)

    today = cap_on(flow.on)
    if today is None:
        return None
    years = []
    for each in books:
        days = flow.entered.get(each.pk, ())
        bounds = [(cap_on(day) or today, count) for day, count in days]
        years.append(
            (
                each.exercise,
                sum(count for _, count in days),
                sum(cap.share * count for cap, count in bounds),
                sum(flow.received.get((each.pk, contingent), 0) for contingent in capped.contingents),
            )
        )
    served = {
        contingent for each in books for contingent in capped.contingents if (each.pk, contingent) in flow.received
    }
    chosen = flow.readings.get((book.landlord_id, book.departement_id), ())
    strict = {
        each.exercise
        for each in books
        if (read := in_force(chosen, min(flow.on, date(each.exercise, 12, 31)))) and read.is_strict
    }
    folded = fold(years, contingents=max(1, len(served)), strict=strict)
    return CapAccount(book.landlord, book.departement, capped, today, folded, in_force(chosen, flow.on))


def _entered(books: Sequence[Ledger], in_period: Caps, on: date) -> dict[int, list[tuple[date, int]]]:
    """(day, units) that entered each ledger (by id): each once, even when a return offered it again, and none of those
    cancelled by then. All on the first day of a year whose caps are the same from its first day to its last."""
    found: dict[int, list[tuple[date, int]]] = {}
    by_day = []
    for book in books:
        if _caps_change(book, in_period):
            by_day.append(book)
        else:
            found[book.pk] = [(date(book.exercise, 1, 1), book.entered)]  # type: ignore[attr-defined]
    return found | (_by_day(by_day, on) if by_day else {})


def _caps_change(book: Ledger, in_period: Caps) -> bool:
    """Is one of the caps another on some day of the exercise than on its first?"""
    first, last = date(book.exercise, 1, 1), date(book.exercise, 12, 31)

    def share_on(code: str, day: date) -> int | None:
        cap = in_period.on(code, day, landlord=book.landlord_id, departement=book.departement_id)
        return cap.share if cap else None

    return any(
        share_on(capped.parameter, day) != share_on(capped.parameter, first)
        for capped in CAPPED
        for day in in_period.moments(capped.parameter, landlord=book.landlord_id)
        if first < day <= last
    )


def _by_day(books: Sequence[Ledger], on: date) -> dict[int, list[tuple[date, int]]]:
    state = Q(vacancy__cancelled_at=None) | Q(vacancy__cancelled_at__date__gt=on)
    rows = (
        FlowEntry.objects.filter(state, ledger__in=books, stage=Stage.DUE, on__lte=on)
        .order_by()
        .values_list("ledger", "vacancy__registered_on")
        .annotate(units=Count("vacancy", distinct=True))
    )
    found: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for ledger, day, units in rows:
        found[ledger].append((day, units))
    return found


def _received(books: Sequence[Ledger], on: date) -> Steps[dict[tuple[int, int], int]]:
    """Units of the State's contingents in each ledger: {(ledger id, contingent): units}. What it gave back went to
    somebody else, though its turn was used: it is none of the units that the cap is about."""
    of = {"ledger__in": books, "holder__contingent__in": ReservationHolder.STATE}
    after = month_after(on.replace(day=1)) if on < date(MAXYEAR, 12, 1) else date.max
    months = AccountMonth.objects.filter(**of, month__lte=on).order_by().values_list("ledger", "holder__contingent")
    later = FlowEntry.objects.filter(**of, on__gt=on, on__lt=after).order_by()
    held, had = Q(stage__in=FlowEntry.RECEIVED), Q(stage=Stage.RETURNED)
    rows = months.annotate(units=Sum(F("routed") + F("awaiting")), back=Sum("returned")).union(
        later.values_list("ledger", "holder__contingent").annotate(
            units=-Sum("quantity", filter=held, default=0), back=-Sum("quantity", filter=had, default=0)
        ),
        all=True,
    )
    moved, used = yield [rows.order_by(), _turns_used(books, on)]
    found: dict[tuple[int, int], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for ledger, contingent, units, back in moved:
        found[ledger, contingent] = found[ledger, contingent][0] + units, found[ledger, contingent][1] + back
    given_back = {(ledger, contingent): units for ledger, contingent, units in used}
    return {key: units - given_back.get(key, 0) for key, (units, back) in found.items() if units or back}


def _turns_used(books: Sequence[Ledger], on: date) -> QuerySet[Return, tuple[Any, ...]]:
    """Units that the State gave back and that count as received in its account: (ledger id, contingent, units)."""
    return (
        Return.objects.turns_used()
        .filter(
            routing__vacancy__ledger__in=books,
            routing__vacancy__cancelled_at=None,
            routing__holder__contingent__in=ReservationHolder.STATE,
            returned_at__date__lte=on,
        )
        .order_by()
        .values_list("routing__vacancy__ledger", "routing__holder__contingent")
        .annotate(units=Count("pk"))
    )


def _beginnings(landlords: Sequence[Landlord], on: date) -> Steps[dict[tuple[int, int], int]]:
    """The year in which the State's convention in force began, by landlord and département (ids)."""
    rows = (
        Convention.objects.binding()
        .filter(
            landlord__in=landlords,
            perimeter__kind=Territory.Kind.DEPARTEMENT,
            quotas__holder__contingent__in=ReservationHolder.STATE,
            starts_on__lte=on,
        )
        .order_by("starts_on", "pk")
        .distinct()
    )
    chain: dict[int, int] = {}
    found: dict[tuple[int, int], int] = {}
    for convention in (yield from read_whole(rows)):
        began = chain.get(convention.amends_id or 0, convention.starts_on.year)
        chain[convention.pk] = began
        if convention.ends_on >= on:
            key = (convention.landlord_id, convention.perimeter_id)
            found[key] = min(found.get(key, began), began)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CapPassed(Finding):
    """A cap is passed by what the rounding of its contingents explains."""

    name: ClassVar[Code] = Code.STATE_RECEIVED
    level: ClassVar[Level] = Level.WARNING

    account: CapAccount


@dataclass(frozen=True, slots=True, kw_only=True)
class CapBroken(CapPassed):
    """A cap is passed by more than that."""

    level: ClassVar[Level] = Level.REFUSAL


def cap_findings(accounts: Iterable[CapAccount]) -> list[Finding]:
    """What is to be stated of each cap that is passed; none of those that are kept."""
    return [
        (CapBroken if account.verdict in (Verdict.BREACH, Verdict.IN_YEAR) else CapPassed)(account=account)
        for account in accounts
        if not account.verdict.is_kept
    ]
