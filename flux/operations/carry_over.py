"""From one year to the next: what is still due is given back, as each convention says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count, Q, Sum

from flux.models import CarriedOver, FlowEntry, Ledger, Vacancy
from flux.queries.account import bearing, ends_within, entered, last_rights
from flux.queries.applied import applied
from flux.queries.forecast import planned_flow
from reservations.models import Convention, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.queries.rights import Right, rights

Stage = FlowEntry.Stage


@dataclass(slots=True)
class Left:
    """What one year leaves to one holder. In millionths: `amount` is due less received, with what that year had not
    finished giving back, negative for an advance; `due` is what its shares credited. `units` of the flow did so;
    `planned`: those on which what that year carried was spread."""

    holder: ReservationHolder
    amount: int
    due: int = 0
    units: int = 0
    planned: int = 0


@transaction.atomic
def carry_over(*, before: Ledger, ledger: Ledger, holders: Collection[int] | None = None) -> list[CarriedOver]:
    """Write what a ledger does not carry yet of what the year before left due: all of it the first time.

    Who calls holds both ledgers, the oldest first. `holders` (ids): these only. What was left is due less received,
    re-routings and returns made since 31 December included; a holder that was ahead carries its advance. How much is
    let through is settled by the convention under which the holder's year begins in the département, and for ever by
    the first row written. It is given back by equal steps over as many units as credited the holder the year before,
    in proportion to the planned flow once the forecast is sent (routing specification, section 5), so that no one
    gets a burst of units in January.
    """
    return CarriedOver.objects.bulk_create(not_carried(before=before, ledger=ledger, holders=holders))


def not_carried(*, before: Ledger, ledger: Ledger, holders: Collection[int] | None = None) -> list[CarriedOver]:
    """The rows that `carry_over` would write. Nothing is written, and nothing is held."""
    written: dict[int, list[CarriedOver]] = defaultdict(list)
    for row in ledger.carried_over.select_related("convention").order_by("ordinal"):
        written[row.holder_id].append(row)
    settles = settling(ledger)
    flow = entered(before.entries.filter(vacancy__kind=Vacancy.Kind.IN_FLOW))
    planned = planned_flow(ledger.landlord, ledger.departement, ledger.exercise)
    rows = []
    for left in _left(before):
        already = written[left.holder.pk]
        convention = already[0].convention if already else settles.get(left.holder.pk)
        if convention is None or (holders is not None and left.holder.pk not in holders):
            continue
        given = sum(row.amount for row in already if row.opening_id is None)
        amount = _let_through(left, convention, given) - given
        if amount:
            rows.append(
                CarriedOver(
                    ledger=ledger,
                    holder=left.holder,
                    ordinal=len(already) + 1,
                    convention=convention,
                    amount=amount,
                    planned=_expected(left, planned, flow),
                )
            )
    return rows


def carry_again(ledger: Ledger, *, on: date) -> None:
    """Correct what later years carry, after an act of the day `on` moved this ledger, which it holds.

    A unit of December re-routed, given back or recommended in January moves the account of December: the difference
    is a row of its own. No query while the year is not over.
    """
    if ledger.exercise >= on.year or ledger.kind != Ledger.Kind.ORDINARY:
        return
    following = _same(ledger, ledger.exercise + 1)
    if following is not None and carry_over(before=ledger, ledger=following):
        carry_again(following, on=on)


@transaction.atomic
def carry_signed(*, convention: Convention) -> None:
    """Carry over what a convention promises in the years already open when it is signed, for its own holders."""
    years = range(convention.starts_on.year - 1, convention.ends_on.year + 1)
    books = Ledger.objects.ordinary().select_for_update(of=("self",)).select_related("landlord", "departement")
    # In the order of their creation, as routing locks them: of one département, the oldest year first.
    found = list(books.filter(landlord=convention.landlord_id, exercise__in=years).order_by("pk"))
    by_year = {(book.departement_id, book.exercise): book for book in found}
    holders = set(convention.quotas.values_list("holder", flat=True))
    for ledger in sorted(found, key=lambda book: book.exercise):
        before = by_year.get((ledger.departement_id, ledger.exercise - 1))
        if before is not None:
            carry_over(before=before, ledger=ledger, holders=holders)


def year_before(ledger: Ledger) -> Ledger | None:
    """The ledger of the yearly percentages of the year before, locked; None when no unit entered it."""
    return _same(ledger, ledger.exercise - 1)


def _same(ledger: Ledger, exercise: int) -> Ledger | None:
    """The ledger of another year, locked."""
    return (
        Ledger.objects.ordinary()
        .select_for_update(of=("self",))
        .select_related("landlord", "departement")
        .filter(landlord=ledger.landlord_id, departement=ledger.departement_id, exercise=exercise)
        .order_by("pk")
        .first()
    )


def settling(ledger: Ledger) -> dict[int, Convention]:
    """By holder (id), the convention that settles what its year carries: the first in force there that year.

    Of several on that day, the one that its units would be routed under (`applied`).
    """
    first = date(ledger.exercise, 1, 1)
    held = rights(ledger.landlord, since=first, until=date(ledger.exercise, 12, 31))
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    by_holder: dict[ReservationHolder, list[Right]] = defaultdict(list)
    for right in bearing(held, communes):
        by_holder[right.holder].append(right)
    found = {}
    for holder, theirs in by_holder.items():
        begins = max(first, min(right.starts_on for right in theirs))
        if (first_held := applied((each for each in theirs if each.starts_on <= begins), holder)) is not None:
            found[holder.pk] = first_held.convention
    return found


def _left(before: Ledger) -> Iterable[Left]:
    """What a year leaves to each holder, in a fixed order. Five queries.

    A holder that no unit credited still has what earlier years left it, and what it took over.
    """
    lines = before.lines.select_related("holder").order_by("holder")
    found = {line.holder_id: Left(line.holder, line.due - UNIT * line.received) for line in lines}
    sums = (
        before.entries.filter(stage__in=FlowEntry.OWED)
        .order_by()
        .values_list("holder", "stage")
        .annotate(
            credited=Sum("quantity"),
            units=Count(
                "vacancy", filter=Q(vacancy__kind=Vacancy.Kind.IN_FLOW, vacancy__cancelled_at=None), distinct=True
            ),
        )
    )
    rows = list(before.carried_over.select_related("holder").order_by("pk"))
    for row in rows:
        found.setdefault(row.holder_id, Left(row.holder, 0)).planned = row.planned
    held = rights(before.landlord, since=date(before.exercise, 1, 1), until=date(before.exercise, 12, 31))
    ended = {holder for holder, last in last_rights(held, before).items() if ends_within(last, before)}
    for holder, stage, quantity, units in sums:
        if holder not in found:  # the landlord, when it gave its whole remainder back
            continue
        if stage == Stage.DUE:
            found[holder].due, found[holder].units = quantity, units
        elif (
            stage == Stage.CARRIED and holder not in ended
        ):  # part of what is due already: what was carried, less the steps, is left to give
            found[holder].amount -= quantity
    for row in rows:
        if row.holder_id not in ended:  # what was not given back ends with the right
            found[row.holder_id].amount += row.amount
    return found.values()


def _let_through(left: Left, convention: Convention, given: int = 0) -> int:
    """What a convention lets through, of what was due or in advance: `Convention.most_carried`.

    `given`: what the year carries of it already. Rows of years when up to one unit was carried whatever was agreed
    are not taken back by a later act.
    """
    if (limit := convention.most_carried) is None:
        return left.amount
    limit = max(limit, abs(given))
    return max(-limit, min(limit, left.amount))


def _expected(left: Left, planned: int | None, before: int) -> int:
    """Units expected to credit a holder: as many as the year before, in proportion to the planned flow when known.

    `before`: units that entered the flow the year before, each once, first lettings apart as in the forecast. Where
    none credited the holder, what was left to it is spread as it was that year, else on as many units as entered.
    """
    if not left.units:
        return max(1, left.planned or before)
    return max(1, -(-left.units * planned // before) if planned is not None and before else left.units)
