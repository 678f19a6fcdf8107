"""The acts on stock rights.

* Which units bear a title of the stock: named, or so many of a programme; and the acts that touch what they bear.
* The end of a right within a year: what is still due, or was received in advance, goes to whoever takes it over.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db.models import Max, Q
from django.utils import timezone

from flux.models import FlowEntry, Ledger, Programme, StockAssignment, Unit, Vacancy
from flux.operations.decision import write_lines
from flux.queries.accounts import bearing, ends_within, last_rights
from flux.queries.programmes import Gone, gone_of
from flux.queries.stock_transfers import absorption_of, passing_in
from flux.situation import load
from reservations.models import HistoryEntry, LegalParameter, StockRight, Territory, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.apart import each_apart
from reservations.operations.history import record
from reservations.operations.stock_right import (
    StockRightRefused,
    TitleTerms,
    correct_stock_right,
    end_stock_right,
    iso,
    locked,
)
from reservations.queries.rights import Right
from reservations.refusals import constraints_speak
from reservations.words import day, of, to, upper_first

type Span = tuple[date, date | None, int]


class AssignmentRefused(StockRightRefused):
    """This title cannot bear on that unit or programme."""


@atomic
def assign_unit(*, right: StockRight, unit: Unit, by: User, starts_on: date | None = None) -> StockAssignment:
    """The unit bears the title from `starts_on` (the title's own start by default) until the title ends.

    Raises AssignmentRefused for another landlord's unit, one that left the stock before the title ends, a day out of
    the title's period, or a programme whose other units are all held already; Refusal when the unit bears another right
    then.
    """
    right = locked(right)
    unit = Unit.objects.select_related("programme", "landlord").get(pk=unit.pk)  # as it is now, not as it was read
    start = _start(right, starts_on)
    if unit.landlord_id != right.landlord_id:
        raise AssignmentRefused("Ce logement n’est pas du même bailleur que le titre.", field="unit")
    if text := out_of_stock(unit, right.ends_on):
        raise AssignmentRefused(upper_first(text), field="unit")
    programme = _locked_programme(unit.programme_id)
    if StockAssignment.objects.filter(_meets(start, right.ends_on), right=right, programme=programme).exists():
        raise AssignmentRefused(
            f"Ce titre porte déjà sur un nombre de logements {of(programme)} : désignez les logements, ou donnez leur "
            "nombre, pas les deux.",
            field="unit",
        )
    with constraints_speak(StockAssignment):
        assignment = StockAssignment.objects.create(right=right, unit=unit, starts_on=start, ends_on=right.ends_on)
    check_room(programme, 1, start, right.ends_on, field="unit", but=assignment.pk)
    record(right, HistoryEntry.Act.EDITED, by=by, details={"unit": [None, unit.reference]})
    return assignment


@atomic
def assign_programme(
    *, right: StockRight, programme: Programme, units: int, by: User, starts_on: date | None = None
) -> StockAssignment:
    """So many units of the programme, not named, bear the title; `declare_vacancy` says which, as they fall vacant.

    Raises AssignmentRefused for another landlord's programme, one given before the title ends, a day out of the title's
    period, a number below one, a title already borne there, or more units than the programme has left.
    """
    right = locked(right)
    start = _start(right, starts_on)
    if programme.landlord_id != right.landlord_id:
        raise AssignmentRefused("Ce programme n’est pas du même bailleur que le titre.", field="programme")
    if text := given_away(programme, gone_of(programme), right.ends_on):
        raise AssignmentRefused(upper_first(text), field="programme")
    if units < 1:
        raise AssignmentRefused("Un droit porte sur un logement au moins.", field="units")
    programme = _locked_programme(programme.pk)
    there = Q(programme=programme) | Q(unit__programme=programme)
    if StockAssignment.objects.filter(there, _meets(start, right.ends_on), right=right).exists():
        raise AssignmentRefused(
            f"Ce titre porte déjà sur des logements {of(programme)} : terminez d’abord ce rattachement.",
            field="programme",
        )
    check_room(programme, units, start, right.ends_on, field="units")
    with constraints_speak(StockAssignment):
        assignment = StockAssignment.objects.create(
            right=right, programme=programme, units=units, starts_on=start, ends_on=right.ends_on
        )
    record(
        right,
        HistoryEntry.Act.EDITED,
        by=by,
        details={"programme": [None, f"{programme}, {units} logement{'s' if units > 1 else ''}"]},
    )
    return assignment


def out_of_stock(unit: Unit, ends_on: date | None) -> str:
    """Why a title that lives until that day bears on this unit no more; "" when it may."""
    if unit.left_on is None or (ends_on is not None and ends_on < unit.left_on):
        return ""
    return (
        f"le logement {unit} est sorti du parc le {day(unit.left_on)} ({unit.get_left_why_display()}) : un titre n’y "
        "porte que s’il finit avant ce jour. Choisissez un autre logement, ou donnez la fin du titre."
    )


def given_away(programme: Programme, gone: Gone | None, ends_on: date | None) -> str:
    """The same of a programme that passed to another landlord."""
    if gone is None or (ends_on is not None and ends_on < gone.on):
        return ""
    return (
        f"le programme {programme} est passé {to(gone.to)} le {day(gone.on)} : un titre n’y porte que s’il finit avant "
        "ce jour. Choisissez un autre programme, ou donnez la fin du titre."
    )


@atomic
def end_assignment(*, assignment: StockAssignment, ends_on: date, why: str, by: User) -> StockAssignment:
    """The unit, or the programme, bears the title until that day only; the title itself goes on.

    Raises AssignmentRefused without a reason, for a day out of its period, or before a vacancy that used it.
    """
    right = locked(assignment.right)
    assignment = in_order(StockAssignment.objects.all()).get(pk=assignment.pk)
    if not why.strip():
        raise AssignmentRefused("Dites pourquoi ce logement ne porte plus le droit.", field="why")
    if ends_on < assignment.starts_on or (assignment.ends_on is not None and ends_on >= assignment.ends_on):
        until = f" et avant le {assignment.ends_on:%d/%m/%Y}" if assignment.ends_on else ""
        raise AssignmentRefused(
            f"Choisissez un jour à partir du {assignment.starts_on:%d/%m/%Y}{until}.", field="ends_on"
        )
    _check_not_used_after(right, ends_on, of=_bearer(assignment))
    before, assignment.ends_on = assignment.ends_on, ends_on
    assignment.save(update_fields=["ends_on"])
    record(
        right,
        HistoryEntry.Act.EDITED,
        by=by,
        why=why,
        details={str(assignment.unit or assignment.programme): [iso(before), iso(ends_on)]},
    )
    return assignment


@atomic
def end_title(*, right: StockRight, ends_on: date, why: str, by: User) -> StockRight:
    """End a title early: what bears it is free from the next day.

    Raises StockRightRefused when a vacancy used it after that day, and as `end_stock_right` does.
    """
    _check_not_used_after(locked(right), ends_on)
    right = end_stock_right(right=right, ends_on=ends_on, why=why, by=by)
    right.assignments.filter(starts_on__gt=ends_on).delete()
    right.assignments.filter(Q(ends_on=None) | Q(ends_on__gt=ends_on)).update(ends_on=ends_on)
    return right


@atomic
def correct_title(*, right: StockRight, terms: TitleTerms, by: User, today: date) -> StockRight:
    """Put a title right as long as no vacancy used it; what bears it follows its dates.

    Raises StockRightRefused when one did, when a bearer has ended or begins out of the new period, and as
    `correct_stock_right` does; Refusal when a unit would bear two rights.
    """
    before = locked(right)
    if Vacancy.objects.filter(stock_right=before).exists():
        raise StockRightRefused(
            "Un logement libéré a déjà usé de ce droit : il ne se corrige plus. Terminez-le, puis enregistrez le bon "
            "titre."
        )
    right = correct_stock_right(right=before, terms=terms, by=by, today=today)
    bearers = list(in_order(right.assignments.select_related("unit")))
    there = {each.unit.programme_id if each.unit else each.programme_id or 0 for each in bearers}
    list(in_order(Programme.objects.filter(pk__in=there)))  # all of them, before the first is counted
    for assignment in bearers:
        if assignment.starts_on == before.starts_on:
            assignment.starts_on = right.starts_on
        if assignment.ends_on == before.ends_on:
            assignment.ends_on = right.ends_on
        if not _inside(assignment, right):
            raise StockRightRefused(
                f"{assignment.unit or assignment.programme} porte ce droit hors de la nouvelle période : terminez "
                "d’abord ce rattachement.",
                field="starts_on",
            )
        bearer = assignment.unit.programme_id if assignment.unit else assignment.programme_id
        assert bearer is not None  # a unit or a programme bears it (constraint `stock_assignment_bearer`)
        with constraints_speak(StockAssignment):
            assignment.save(update_fields=["starts_on", "ends_on"])
        check_room(
            _locked_programme(bearer),
            assignment.units,
            assignment.starts_on,
            assignment.ends_on,
            field="ends_on",
            but=assignment.pk,
        )
    return right


def _inside(assignment: StockAssignment, right: StockRight) -> bool:
    """Does the assignment lie in the period of the title, and begin before it ends?"""
    start, end = assignment.starts_on, assignment.ends_on
    if start < right.starts_on or (end is not None and end < start):
        return False
    return right.ends_on is None or (end is not None and end <= right.ends_on)


def peak(spans: Iterable[Span]) -> int:
    """The most units that these periods hold on one day. It is reached on the first day of one of them."""
    held = list(spans)
    return max(
        (
            sum(units for start, end, units in held if start <= day and (end is None or end >= day))
            for day in {start for start, _, _ in held}
        ),
        default=0,
    )


def check_room(
    programme: Programme, units: int, start: date, end: date | None, *, field: str, but: int | None = None
) -> None:
    """Raise AssignmentRefused when rights would bear on more units of a programme than it has.

    `but`: an assignment left out, which these units replace. Single rights already used up hold nothing.
    """
    there = Q(programme=programme) | Q(unit__programme=programme)
    others = list(
        StockAssignment.objects.filter(there, _meets(start, end))
        .exclude(pk__in=[] if but is None else [but])
        .with_taken(date.max)
        .select_related("right")
    )
    spans: list[Span] = [
        (max(start, other.starts_on), other.ends_on, left) for other in others if (left := units_left(other)) > 0
    ]
    size = Unit.objects.filter(programme=programme).count()
    if (most := peak([*spans, (start, end, units)])) > size:
        raise AssignmentRefused(
            f"{programme} a {size} logement{'s' if size > 1 else ''} : des droits porteraient sur {most}. "
            "Réduisez leur nombre, ou terminez un autre rattachement.",
            field=field,
        )


def units_left(assignment: StockAssignment) -> int:
    """Of an assignment `with_taken`: the units it still holds. A recurring right holds them all until its end."""
    single = assignment.right.use == StockRight.Use.SINGLE
    return assignment.units - assignment.taken if single else assignment.units


def _start(right: StockRight, starts_on: date | None) -> date:
    """The first day of a new bearer, in the period of the title."""
    start = starts_on or right.starts_on
    if start < right.starts_on or (right.ends_on is not None and start > right.ends_on):
        until = f" et jusqu’au {right.ends_on:%d/%m/%Y}" if right.ends_on else ""
        raise AssignmentRefused(
            f"Le titre vaut à partir du {right.starts_on:%d/%m/%Y}{until} : choisissez un jour de cette période.",
            field="starts_on",
        )
    return start


def _meets(start: date, end: date | None) -> Q:
    """Assignments that share a day with this period."""
    condition = Q(ends_on=None) | Q(ends_on__gte=start)
    return condition if end is None else condition & Q(starts_on__lte=end)


def _locked_programme(pk: int) -> Programme:
    """The programme, held: what bears on it is counted by one person at a time."""
    return in_order(Programme.objects.all()).get(pk=pk)


def _bearer(assignment: StockAssignment) -> Q:
    if assignment.unit_id is not None:
        return Q(unit=assignment.unit_id)
    return Q(unit__programme=assignment.programme_id)


def _check_not_used_after(right: StockRight, day: date, *, of: Q | None = None) -> None:
    """What was routed under a title stays under it."""
    used = Vacancy.objects.filter(of or Q(), stock_right=right).aggregate(last=Max("registered_on"))["last"]
    if used is not None and used > day:
        raise StockRightRefused(
            f"Un logement libéré a usé de ce droit le {used:%d/%m/%Y} : choisissez ce jour ou un jour suivant.",
            field="ends_on",
        )


Stage = FlowEntry.Stage


def settle_ended_rights(*, now: datetime | None = None) -> int:
    """Settle every ledger of this year and of the last where a right ended: how many accounts were moved.

    For every night: safe to run twice, since what was moved is nothing any more. A unit given back after the end
    moves the account again, and the next night settles it.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    ledgers = Ledger.objects.ordinary().filter(exercise__in=[today.year - 1, today.year]).order_by("pk")
    found = list(ledgers.values_list("pk", flat=True))
    return each_apart(
        "flux.ended_rights", found, lambda pk: settle_ledger(ledger_id=pk, now=now), name="ledger:{}".format, now=now
    )


@atomic
def settle_ledger(*, ledger_id: int, now: datetime) -> int:
    """Move the accounts of the holders whose last right in this ledger has ended: how many were (routing
    specification, section 5).

    To the same contingent of the successor that the convention named, when it has a right there the day after; else to
    the landlord, so that the checksum stays 0. A right that ends with the year carries over instead, and a holder whose
    next right begins later in the same year keeps its account. Nothing moves before the days of grace of that date are
    over (`LegalParameter`, RIGHT_END_DAYS): a renewal is often signed after its date of effect. What an absorption
    moves to the accounts of another landlord is left to it.
    """
    ledger = in_order(Ledger.objects.all()).select_related("landlord").get(pk=ledger_id)
    situation = load(ledger)
    on = timezone.localdate(now)
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    there, kept = bearing(situation.rights, communes), grace(on)
    absorption = absorption_of(ledger.landlord_id)
    passing = passing_in(ledger, absorption) if absorption else set()
    entries = []
    for holder, last in last_rights(there).items():
        giver = str(holder)
        if (
            holder in passing
            or not ends_within(last, ledger)
            or on <= last.ends_on + kept
            or not situation.delay(giver)
        ):
            continue
        taker = _taker(there, last) or situation.landlord
        amount, given, taken = situation.transfer(giver, taker)
        for key, quantity, spread in ((giver, -amount, given), (taker, amount, taken)):
            entries.append(
                FlowEntry(
                    ledger=ledger,
                    holder=situation.holders[key],
                    stage=Stage.TRANSFERRED,
                    quantity=quantity,
                    spread=spread,
                    on=on,
                )
            )
    if entries:
        FlowEntry.objects.bulk_create(entries)
        write_lines(situation, on=on)
    return len(entries) // 2


def grace(on: date) -> timedelta:
    """How long an account is kept after the last day of its right. One query; none when no parameter is in force."""
    try:
        return timedelta(int(LegalParameter.objects.value_on(LegalParameter.Code.RIGHT_END_DAYS, on)))
    except LegalParameter.DoesNotExist:
        return timedelta(0)


def _taker(there: Iterable[Right], last: Right) -> str | None:
    """The successor's contingent of the same code, when it has a right of its own in the ledger the day after."""
    for right in there:
        same = (right.holder.organisation_id, right.holder.contingent) == (
            last.convention.successor_id,
            last.holder.contingent,
        )
        if same and right.starts_on <= last.ends_on + timedelta(1) <= right.ends_on:
            return str(right.holder.pk)
    return None
