"""Cancelling a vacancy: what it accrued is reversed, entry by entry. Reclassifying cancels, and declares again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime

from django.db.models import Sum
from django.utils import timezone

from flux.models import FlowCount, FlowEntry, FormerForecast, Ledger, Programme, Routing, Unit, Vacancy
from flux.operations.decision import already_cancelled, write_lines
from flux.operations.departures import foresee_again, forget, ledgers_of
from flux.operations.ledgers import hold_for
from flux.operations.vacancy import declare_vacancy, hold_titles
from flux.situation import LedgerSituation, load
from reservations.models import HistoryEntry, StockRight, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.words import of

Kind = Vacancy.Kind
Reason = Vacancy.Cancellation
Stage = FlowEntry.Stage

#: Refuses, by raising, a cancellation that the flow alone would allow.
Check = Callable[[Vacancy], None]


class CancellationRefused(Refusal):
    """This vacancy cannot be cancelled so; the sentence says what to do first."""


@atomic
def cancel_vacancy(
    *, vacancy: Vacancy, reason: str, text: str, by: User, now: datetime | None = None, check: Check | None = None
) -> Vacancy:
    """The unit did not fall vacant: take back from every account exactly what it accrued there, dated `now`.

    Opposite entries are added in each ledger where it has some, the categories of their spreads included; a step of
    an earlier year is owed again, and a later year carries the difference. Decisions made since are not replayed,
    and a turn taken stays taken (routing specification, section 5). Its open routing is closed. Outside the accounts
    there is nothing to reverse: a right in stock that it used, or a part of an allotment, is free again. `check` is
    called once everything is locked, and refuses by raising: what the storey above knows.

    Raises CancellationRefused: no such reason or no sentence, cancelled already, allocated or let, or a first letting
    after which others came.
    """
    if reason not in Reason.values or reason == Reason.RECLASSIFIED:
        raise CancellationRefused(
            "Dites pourquoi vous annulez, en choisissant un motif ; pour un autre classement, reclassez le logement.",
            field="reason",
        )
    now = now or timezone.now()
    in_order(Unit.objects.all()).get(pk=vacancy.unit_id)  # first, as whoever declares it otherwise
    if vacancy.kind == Kind.FIRST_LETTING:
        _hold_programme(vacancy.unit)
    return _cancel(vacancy, reason, text, by=by, now=now, check=check)


@atomic
def reclassify_vacancy(
    *,
    vacancy: Vacancy,
    kind: str,
    exclusion: str = "",
    stock_right: StockRight | None = None,
    text: str,
    by: User,
    now: datetime | None = None,
    check: Check | None = None,
) -> Vacancy:
    """Cancel a vacancy that was classified wrong, and declare it again under another kind, with the same dates.

    Both or neither, `check` as for `cancel_vacancy`. The new one is registered `now`, and enters the exercise of that
    day: it `replaces` the old one.

    Raises CancellationRefused as `cancel_vacancy`, or when nothing would change; what `declare_vacancy` refuses.
    """
    again = declare_instead(
        vacancy=vacancy,
        kind=kind,
        exclusion=exclusion,
        stock_right=stock_right,
        text=text,
        by=by,
        now=now or timezone.now(),
        check=check,
    )
    if again.stock_right is not None and kind != Kind.STOCK:
        raise CancellationRefused(
            f"{again.unit} porte un droit en stock {of(again.stock_right.holder)} : il va à lui, quel que soit le "
            "classement. Terminez d’abord ce rattachement, sur la page du droit.",
            field="kind",
        )
    return again


@atomic
def declare_instead(
    *,
    vacancy: Vacancy,
    kind: str,
    exclusion: str = "",
    stock_right: StockRight | None = None,
    text: str,
    by: User,
    now: datetime,
    check: Check | None = None,
    closes: bool = False,
) -> Vacancy:
    """Declare a vacancy under another kind in place of what it was, with its dates: that is cancelled, or `closes` when
    it was true in its year, which goes on counting it. Raises what `reclassify_vacancy` raises."""
    today = timezone.localdate(now)
    unit = Unit.objects.select_related("commune", "programme", "landlord").get(pk=vacancy.unit_id)
    # In the order in which a declaration takes them, before any ledger: the two never wait for each other.
    in_order(Unit.objects.all()).get(pk=unit.pk)
    hold_titles(unit, kind)
    programme = _hold_programme(unit)
    _open_next(vacancy, unit, kind, programme, on=today)
    _hold_counts(vacancy, unit, on=today)
    before = vacancy
    if closes:
        before = in_order(Vacancy.objects.all()).get(pk=vacancy.pk)
        before.closed_on = today
        before.save(update_fields=["closed_on"])
    else:
        before = _cancel(vacancy, Reason.RECLASSIFIED, text, by=by, now=now, check=check)
    if (kind, exclusion) == (before.kind, before.exclusion) and stock_right in (None, before.stock_right):
        raise CancellationRefused(
            f"{unit} est déjà déclaré ainsi : choisissez un autre classement, ou annulez la déclaration.", field="kind"
        )
    return declare_vacancy(
        unit=unit,
        kind=kind,
        exclusion=exclusion,
        notice_on=before.notice_on,
        available_on=before.available_on,
        works_end_on=before.works_end_on,
        stock_right=stock_right,
        replaces=before,
        by=by,
        now=now,
    )


def _hold_programme(unit: Unit) -> Programme:
    """Lock the programme: no other first letting of it comes meanwhile."""
    return in_order(Programme.objects.all()).get(pk=unit.programme_id)


def _open_next(vacancy: Vacancy, unit: Unit, kind: str, programme: Programme, *, on: date) -> None:
    """Lock the ledgers of both classes before any count of the vacancies of a class moves: two reclassifications that
    cross, or one and a declaration, never wait for each other.
    """
    first = kind == Kind.FIRST_LETTING and programme.allotment_agreed_on is not None
    hold_for(unit, on, first=first, yearly=kind == Kind.IN_FLOW, also=ledgers_of(vacancy.pk))


def _hold_counts(vacancy: Vacancy, unit: Unit, *, on: date) -> None:
    """Lock what both classes are counted in, in the order in which the folds take it: outside the accounts no ledger
    keeps two reclassifications that cross from waiting for each other, one leaving the class that the other enters.
    """
    months = {day.replace(day=1) for day in (vacancy.registered_on, on)}
    counts = FlowCount.objects.filter(landlord=unit.landlord_id, commune=unit.commune_id, month__in=months)
    list(in_order(counts))


def _cancel(
    vacancy: Vacancy, reason: str, text: str, *, by: User, now: datetime, check: Check | None = None
) -> Vacancy:
    """Lock the ledgers, then the vacancy; check; reverse; write who, when and why."""
    if not text.strip():
        raise CancellationRefused("Dites pourquoi, en une phrase : les réservataires la liront.", field="text")
    ledgers = _lock_ledgers(vacancy)
    vacancy = in_order(Vacancy.declared.all()).select_related("unit__programme", "stock_right").get(pk=vacancy.pk)
    if check is not None and not vacancy.is_cancelled:
        check(vacancy)
    _check(vacancy)
    part = vacancy.allotment
    vacancy.cancellation, vacancy.cancellation_text = reason, text.strip()
    vacancy.cancelled_at, vacancy.cancelled_by = now, by
    vacancy.allotment = None  # the part of the programme is free again: its draft may be amended, or withdrawn
    vacancy.save(
        update_fields=["cancellation", "cancellation_text", "cancelled_at", "cancelled_by", "allotment"],
    )
    Routing.objects.filter(vacancy=vacancy, closed_at=None).update(closed_at=now)
    if vacancy.ledger_id is not None:  # nothing of it was credited while it waited: the others are planned without it
        forget([vacancy], now=now, cause=FormerForecast.Cause.CANCELLED)
        foresee_again(vacancy.ledger_id)
    take_back(vacancy, on=timezone.localdate(now), ledgers=ledgers)
    details = {"cancellation": ["", str(reason)]} | ({"allotment": [str(part), None]} if part else {})
    record(vacancy, HistoryEntry.Act.CANCELLED, by=by, why=text, details=details)
    return vacancy


def _lock_ledgers(vacancy: Vacancy) -> list[Ledger]:
    """The ledgers where the vacancy has entries, or will."""
    return list(in_order(Ledger.objects.filter(ledgers_of(vacancy.pk))).select_related("landlord", "departement"))


def _check(vacancy: Vacancy) -> None:
    """Raises CancellationRefused when this vacancy, locked, cannot be cancelled."""
    unit = vacancy.unit
    if vacancy.is_cancelled:
        raise CancellationRefused(already_cancelled(vacancy))
    outcomes = FlowEntry.objects.filter(vacancy=vacancy, stage__in=(Stage.ALLOCATED, Stage.LEASED)).order_by()
    done = {stage for stage, current in outcomes.values_list("stage").annotate(Sum("quantity")) if current}
    if Stage.LEASED in done:
        raise CancellationRefused(
            f"Le bail de {unit} est signé : annulez d’abord le bail, puis l’attribution, sur la page "
            "« Attribution et bail »."
        )
    if done:
        raise CancellationRefused(
            f"{unit} est attribué à un ménage : annulez d’abord l’attribution, sur la page « Attribution et bail »."
        )
    if vacancy.kind == Kind.FIRST_LETTING:
        _check_last_let(vacancy)


def _check_last_let(vacancy: Vacancy) -> None:
    """The dues of a programme are running sums: the last unit let is the only one that comes off exactly."""
    later = vacancy.unit.vacancies.exclude(kind=Kind.TECHNICAL).filter(pk__gt=vacancy.pk).order_by("-pk").first()
    if later is not None:
        raise CancellationRefused(
            f"{vacancy.unit} s’est libéré de nouveau depuis, enregistré le {later.registered_on:%d/%m/%Y} : annulez "
            "d’abord cette libération."
        )
    if vacancy.ledger_id is None:  # recorded only: it took no place in an allotment
        return
    last = (
        Vacancy.objects.filter(unit__programme=vacancy.unit.programme_id, kind=Kind.FIRST_LETTING, ledger__isnull=False)
        .select_related("unit")
        .order_by("pk")
        .last()
    )
    if last is not None and last.pk != vacancy.pk:
        raise CancellationRefused(
            f"D’autres logements du programme {vacancy.unit.programme} ont été mis en location depuis : annulez "
            f"d’abord la dernière première location, celle de {last.unit}."
        )


def take_back(
    vacancy: Vacancy,
    *,
    on: date,
    ledgers: Iterable[Ledger] | None = None,
    stages: Collection[Stage] = tuple(Stage),
) -> None:
    """Bring what a vacancy moved to nothing in these ledgers, held (all of its own by default): its entries of these
    stages have their opposites, dated that day."""
    held = _lock_ledgers(vacancy) if ledgers is None else ledgers
    entries = list(FlowEntry.objects.filter(vacancy=vacancy, stage__in=stages).order_by("pk"))
    for ledger in held:
        _reverse(ledger, vacancy, [entry for entry in entries if entry.ledger_id == ledger.pk], on=on)


#: What an act writes of a unit in the accounts themselves.
COUNTED = (*FlowEntry.OWED, *FlowEntry.RECEIVED)


def _reverse(ledger: Ledger, vacancy: Vacancy, entries: Collection[FlowEntry], *, on: date) -> None:
    """Write the opposite of what the vacancy moved in one ledger, and fold it into the lines."""
    if entries:
        situation = load(ledger)
        reverse_in(situation, vacancy, entries, on=on)
        write_lines(situation, on=on)


def reverse_in(situation: LedgerSituation, vacancy: Vacancy, entries: Iterable[FlowEntry], *, on: date) -> None:
    """Write the opposite of these entries of a vacancy in one ledger, and count it in its `situation`."""
    opposites = FlowEntry.objects.bulk_create(_opposites(vacancy, entries, on))
    categories = vacancy.entered_as or vacancy.categories
    for entry in opposites:
        owed, received = entry.stage in FlowEntry.OWED, entry.stage in FlowEntry.RECEIVED
        if owed or received:
            key = str(entry.holder_id)
            situation.counters.post(
                key,
                categories,
                due=entry.quantity if owed else 0,
                received=entry.quantity if received else 0,
                spread=entry.spread,
            )
            situation.touched.add(key)


def _opposites(vacancy: Vacancy, entries: Iterable[FlowEntry], on: date) -> Iterator[FlowEntry]:
    """The entries that bring the vacancy to nothing in a ledger, dues first: a reader knows it cancelled from there.

    What is owed, and what bears a spread, has one opposite each; whole units are netted by holder and stage.
    """
    rank = {stage: place for place, stage in enumerate(FlowEntry.OWED)}
    whole: dict[tuple[int, int, str, str], int] = {}
    each: list[FlowEntry] = []
    for entry in entries:
        if entry.stage in FlowEntry.OWED or entry.spread:
            each.append(entry)
        else:
            key = entry.ledger_id, entry.holder_id, entry.stage, entry.side
            whole[key] = whole.get(key, 0) + entry.quantity
    for entry in sorted(each, key=lambda entry: (rank.get(Stage(entry.stage), len(rank)), entry.pk)):
        spread = {
            dimension: {category: -part for category, part in parts.items()}
            for dimension, parts in (entry.spread or {}).items()
        }
        yield FlowEntry(
            ledger_id=entry.ledger_id,
            holder_id=entry.holder_id,
            vacancy=vacancy,
            stage=entry.stage,
            quantity=-entry.quantity,
            spread=spread or None,
            on=on,
        )
    for (ledger, holder, stage, side), quantity in whole.items():
        for _ in range(abs(quantity)):
            yield FlowEntry(
                ledger_id=ledger,
                holder_id=holder,
                vacancy=vacancy,
                stage=stage,
                quantity=-1 if quantity > 0 else 1,
                side=side,
                on=on,
            )
