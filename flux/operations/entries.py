"""The acts on entries.

* What a year left due and no later account carries: found by the night, carried by a person.
* From one year to the next: what is still due is given back, as each convention says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum

from flux.models import Absorption, CarriedOver, FlowEntry, Ledger, Vacancy
from flux.queries.accounts import bearing_in, ends_within, entered, last_rights
from flux.queries.controls.accounts import Check, Difference
from flux.queries.controls.alerts import let_through, to_read
from flux.queries.conventions import applied
from flux.queries.forecasts import planned_flow
from reservations.models import Convention, HistoryEntry, ReservationHolder, User
from reservations.models.convention import UNIT
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import record
from reservations.queries.rights import Right
from reservations.refusals import Refusal

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


@atomic
def carry_over(*, before: Ledger, ledger: Ledger, holders: Collection[int] | None = None) -> list[CarriedOver]:
    """Write what a ledger does not carry yet of what the last ledger before it left due: all of it the first time.

    Who calls holds both ledgers, the oldest first. `holders` (ids): these only. What was left is due less received,
    re-routings and returns made since 31 December included; a holder that was ahead carries its advance. How much is
    let through is settled by the convention under which the holder's year begins in the département, and for ever by
    the first row written. It is given back by equal steps over as many units as credited the holder the year before,
    in proportion to the planned flow once the forecast is sent (routing specification, section 5), so that no one
    gets a burst of units in January.

    A year between the two in which nothing fell vacant lets through what its own conventions do: its ledger is opened
    for what it keeps, and is a year like any other (docs/decisions/0098).
    """
    between = _in_between(before, ledger, holders)
    if between is None:
        return []
    return CarriedOver.objects.bulk_create(not_carried(before=between, ledger=ledger, holders=holders))


def _in_between(before: Ledger, ledger: Ledger, holders: Collection[int] | None) -> Ledger | None:
    """The ledger of the year before, what the empty years carry written; None when one of them carries nothing."""
    for exercise in range(before.exercise + 1, ledger.exercise):
        # Another clerk may have opened it, while this one waited for the ledger before.
        between = _beside(before).filter(exercise=exercise).first() or Ledger(
            landlord=before.landlord, departement=before.departement, exercise=exercise, kind=before.kind
        )
        rows = not_carried(before=before, ledger=between, holders=holders)
        if between.pk is None and not rows:  # what carries nothing into that year has nothing left for the next
            return None
        if between.pk is None:
            between.save()
        CarriedOver.objects.bulk_create(rows)
        before = between
    return before


def not_carried(*, before: Ledger, ledger: Ledger, holders: Collection[int] | None = None) -> list[CarriedOver]:
    """What a ledger, written or not, lacks of what that of the year before left: the rows that `carry_over` would
    write. Nothing is written, and nothing is held."""
    written: dict[int, list[CarriedOver]] = defaultdict(list)
    if ledger.pk is not None:
        for row in ledger.carried_over.select_related("convention").order_by("ordinal"):
            written[row.holder_id].append(row)
    settles = settling(ledger)
    flow = entered(before.entries.filter(vacancy__kind=Vacancy.Kind.IN_FLOW))
    planned = planned_flow(ledger.landlord, ledger.departement, ledger.exercise)
    rows = []
    absorbed = _absorbed(before, ledger.exercise)
    lasts = last_rights(bearing_in(before))
    for left in _passed(_left(before, lasts), before, lasts, settles):
        already = written[left.holder.pk]
        own = [row for row in already if row.absorption_id is None]
        convention = own[0].convention if own else settles.get(left.holder.pk)
        if convention is None or (holders is not None and left.holder.pk not in holders):
            continue
        given = sum(row.amount for row in own if row.opening_id is None) + absorbed.get(left.holder.pk, 0)
        amount = let_through(left.amount, convention, given) - given
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


def _absorbed(before: Ledger, exercise: int) -> dict[int, int]:
    """By holder (id), what an account leaves that an absorption has carried already in a year after it, up to
    `exercise`: an account that the landlord absorbed opens since carries none of it. One query."""
    rows = CarriedOver.objects.filter(
        absorption__transfer__giver=before.landlord_id,
        ledger__departement=before.departement_id,
        ledger__exercise__gt=before.exercise,
        ledger__exercise__lte=exercise,
    )
    return dict(rows.order_by().values_list("holder").annotate(Sum("amount")))


@atomic
def carry_absorbed(
    *, before: Ledger, ledger: Ledger, absorption: Absorption, clauses: Mapping[int, Convention], on: date
) -> list[CarriedOver]:
    """Carry what the last account of a landlord absorbed left into that of the other for a later year, both held: each
    holder of `clauses` (by id) as the convention that is taken over says. Twice is once; what moved since is a row
    more."""
    known: dict[int, list[CarriedOver]] = defaultdict(list)
    for row in ledger.carried_over.order_by("ordinal"):
        known[row.holder_id].append(row)
    lasts = last_rights(bearing_in(before))
    flow = entered(before.entries.filter(vacancy__kind=Vacancy.Kind.IN_FLOW))
    rows = []
    for left in _left(before, lasts):
        already, convention = known[left.holder.pk], clauses.get(left.holder.pk)
        if convention is None:
            continue
        given = sum(row.amount for row in already if row.absorption_id == absorption.pk)
        if amount := let_through(left.amount, convention, given) - given:
            rows.append(
                CarriedOver(
                    ledger=ledger,
                    holder=left.holder,
                    ordinal=len(already) + 1,
                    convention=convention,
                    absorption=absorption,
                    amount=amount,
                    planned=_expected(left, None, flow),
                )
            )
    written = CarriedOver.objects.bulk_create(rows)
    if written:
        carry_again(ledger, on=on)
    return written


@atomic
def pass_carried(
    *, ledger: Ledger, theirs: Ledger, absorption: Absorption, clauses: Mapping[int, Convention], on: date
) -> list[CarriedOver]:
    """Have what an account of a landlord absorbed carries be carried by the other's of the same year instead, both
    held, for the holders of `clauses` (by id): nothing fell due in it yet, so that no mix of units says how to move it.
    Its own row is taken back by one of the opposite sign."""
    rows = []
    for holder, convention in sorted(clauses.items()):
        found = list(ledger.carried_over.filter(holder=holder).order_by("ordinal"))
        amount = sum(row.amount for row in found)
        for book, signed in ((ledger, -amount), (theirs, amount)) if amount else ():
            rows.append(
                CarriedOver(
                    ledger=book,
                    holder_id=holder,
                    ordinal=book.carried_over.filter(holder=holder).count() + 1,
                    convention=convention,
                    absorption=absorption,
                    amount=signed,
                    planned=found[-1].planned,
                )
            )
    written = CarriedOver.objects.bulk_create(rows)
    if written:
        carry_again(theirs, on=on)
    return written


def carry_again(ledger: Ledger, *, on: date) -> None:
    """Correct what later years carry, after an act of the day `on` moved this ledger, which it holds.

    A unit of December re-routed, given back or recommended in January moves the account of December: the difference
    is a row of its own. No query while the year is not over.
    """
    if ledger.exercise >= on.year or ledger.kind != Ledger.Kind.ORDINARY:
        return
    following = _beside(ledger).filter(exercise__gt=ledger.exercise).order_by("exercise").first()
    if following is not None and carry_over(before=ledger, ledger=following):
        carry_again(following, on=on)


@atomic
def carry_signed(*, convention: Convention) -> None:
    """Carry over what a convention promises in the years already open when it is signed, for its own holders."""
    books = in_order(Ledger.objects.ordinary()).select_related("landlord", "departement")
    found = list(books.filter(landlord=convention.landlord_id))
    holders = set(convention.quotas.values_list("holder", flat=True))
    before: dict[int, Ledger] = {}
    for ledger in sorted(found, key=lambda book: book.exercise):
        last = before.get(ledger.departement_id)
        if last is not None and ledger.exercise >= convention.starts_on.year:
            carry_over(before=last, ledger=ledger, holders=holders)
        before[ledger.departement_id] = ledger


def carry_gaps(*, today: date) -> int:
    """Carry over what the last year that had an account left, where a ledger of this year or of the last one opened
    after a year without any: how many. Every night; what is carried already is not carried again."""
    same = (
        Ledger.objects.ordinary().filter(landlord=OuterRef("landlord"), departement=OuterRef("departement")).order_by()
    )
    follows = Exists(same.filter(exercise=OuterRef("exercise") - 1))
    earlier = Exists(same.filter(exercise__lt=OuterRef("exercise")))
    years = [today.year - 1, today.year]
    alone = Ledger.objects.ordinary().filter(~follows, earlier, exercise__in=years).order_by("exercise", "pk")
    return each_apart("carry-gaps", alone, lambda ledger: bool(carry_from_before(ledger=ledger, on=today)))


@atomic
def carry_from_before(*, ledger: Ledger, on: date) -> list[CarriedOver]:
    """Carry over what a ledger does not carry yet of the last one before it, and correct what later years carry: what
    was written in it. Both are locked, the oldest first."""
    before = year_before(ledger)
    held = _beside(ledger).get(exercise=ledger.exercise)
    rows = carry_over(before=before, ledger=held) if before else []
    if rows:
        carry_again(held, on=on)
    return rows


def year_before(ledger: Ledger) -> Ledger | None:
    """The last ledger of the yearly percentages before this one, locked: that of the year before, or of the last in
    which a unit entered; None when there is none."""
    return _beside(ledger).filter(exercise__lt=ledger.exercise).order_by("-exercise").first()


def _beside(ledger: Ledger) -> QuerySet[Ledger]:
    """The ledgers of every year of the same landlord and département, to lock."""
    books = in_order(Ledger.objects.ordinary()).select_related("landlord", "departement")
    return books.filter(landlord=ledger.landlord_id, departement=ledger.departement_id)


def settling(ledger: Ledger) -> dict[int, Convention]:
    """By holder (id), the convention that settles what its year carries: the first in force there that year.

    Of several on that day, the one that its units would be routed under (`applied`).
    """
    first = date(ledger.exercise, 1, 1)
    by_holder: dict[ReservationHolder, list[Right]] = defaultdict(list)
    for right in bearing_in(ledger):
        by_holder[right.holder].append(right)
    found = {}
    for holder, theirs in by_holder.items():
        begins = max(first, min(right.starts_on for right in theirs))
        if (first_held := applied((each for each in theirs if each.starts_on <= begins), holder)) is not None:
            found[holder.pk] = first_held.convention
    return found


def _left(before: Ledger, lasts: Mapping[int, Right]) -> Iterable[Left]:
    """What a year leaves to each holder, in a fixed order. Three queries. `lasts`: the last right of each there.

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
    ended = {holder for holder, last in lasts.items() if ends_within(last, before)}
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


def _passed(
    found: Iterable[Left], before: Ledger, lasts: Mapping[int, Right], settles: Mapping[int, Convention]
) -> Iterable[Left]:
    """What a year leaves, that of a right which ends with it added to what its successor is left, when it has a right
    in the year after: the same contingent of the organisation that the convention named. A query for each."""
    each = {left.holder.pk: left for left in found}
    for pk, right in lasts.items():
        named = right.convention.successor_id
        if pk not in each or pk in settles or named is None or right.ends_on != _last(before):
            continue
        taker = ReservationHolder.objects.filter(organisation=named, contingent=right.holder.contingent).first()
        if taker is not None and taker.pk in settles:
            gone, kept = each.pop(pk), each.setdefault(taker.pk, Left(taker, 0))
            kept.amount, kept.due = kept.amount + gone.amount, kept.due + gone.due
            kept.units, kept.planned = max(kept.units, gone.units), max(kept.planned, gone.planned)
    return each.values()


def _last(ledger: Ledger) -> date:
    return date(ledger.exercise, 12, 31)


def _expected(left: Left, planned: int | None, before: int) -> int:
    """Units expected to credit a holder: as many as the year before, in proportion to the planned flow when known.

    `before`: units that entered the flow the year before, each once, first lettings apart as in the forecast. Where
    none credited the holder, what was left to it is spread as it was that year, else on as many units as entered.
    """
    if not left.units:
        return max(1, left.planned or before)
    return max(1, -(-left.units * planned // before) if planned is not None and before else left.units)


def lost_dues(today: date) -> Iterator[Difference]:
    """What the accounts of this year and of the last do not carry of the latest year before them, holder by holder;
    and those of every year that came after a year without a unit. Eight queries, and nine for each account that may
    lack something: hardly any in a sound house."""
    pairs = to_read(today)
    read = Ledger.objects.select_related("landlord", "departement").in_bulk({pk for pair in pairs for pk in pair})
    for after, before in pairs:
        carried = (
            CarriedOver.objects.filter(ledger=after, opening=None, absorption=None)
            .order_by()
            .values_list("holder", "amount")
        )
        given: dict[int, int] = {}
        for holder, amount in carried:
            given[holder] = given.get(holder, 0) + amount
        for row in not_carried(before=read[before], ledger=read[after]):
            found = given.get(row.holder_id, 0)
            yield Difference(
                after, Check.LOST, {"carried": found + row.amount}, {"carried": found}, holder=row.holder_id
            )


@atomic
def carry_lost(*, ledger: int, by: User, on: date) -> list[CarriedOver]:
    """Carry over what this account (id) does not carry yet of the latest year before it. It gives it back by steps, as
    what January carries. `on`: the day of the act.

    Raises Refusal: nothing is missing any more.
    """
    about = Ledger.objects.ordinary().select_related("landlord", "departement").get(pk=ledger)
    rows = carry_from_before(ledger=about, on=on)
    if not rows:
        raise Refusal("Ce compte reprend déjà tout ce que l’année d’avant laisse. Rechargez la page.")
    details = {str(row.holder): [0, row.amount] for row in rows}
    record(about, HistoryEntry.Act.RECORDED, by=by, why="Report manquant, trouvé par un contrôle.", details=details)
    return rows
