"""Routings of before the account was kept here: entered at their date, counted, and not routed again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from django.utils import timezone

from flux.engine import recorded, versions
from flux.engine.facts import Chain
from flux.models import (
    FlowEntry,
    GoLive,
    Ledger,
    OpeningBalance,
    Recommendation,
    Return,
    Unit,
    Vacancy,
)
from flux.operations.decision import entry, open_routing
from flux.operations.ledgers import PastBook
from flux.operations.vacancy import open_of
from flux.operations.vacancy_dates import LONGEST_NOTICE, OLDEST_NOTICE, VacancyRefused
from flux.queries.conventions import name_delegates
from flux.situation import Entered, LedgerSituation, OverCommitted, seen_of
from reservations.deadlines import months_after
from reservations.models import ReservationHolder, User
from reservations.models.wall import atomic
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day as dmy
from reservations.words import to, upper_first

Stage = FlowEntry.Stage


@dataclass(frozen=True, slots=True)
class PastDates:
    """What is known of a past routing: the notice, the day the unit was proposed to its holder, when it was free (then,
    by default), and what became of it, None where nobody knows or nothing did."""

    notice_on: date
    proposed_on: date
    available_on: date | None = None
    allocated_on: date | None = None
    leased_on: date | None = None

    @property
    def free_on(self) -> date:
        return self.available_on or self.proposed_on


@atomic
def record_past_routing(
    *,
    unit: Unit,
    holder: ReservationHolder,
    dates: PastDates,
    by: User,
    now: datetime | None = None,
    book: PastBook | None = None,
) -> Vacancy:
    """Enter a unit that fell vacant, and was routed, before its landlord began to route here.

    It enters the account of its year at the date of its notice: every right of that day is credited with its share, and
    `holder` with the unit it had, on the day it was proposed. Nobody confirms it and nothing routes it again. It is
    distinguished for ever: the vacancy says `PAST`, and its recommendation is of version 0, which no rule took.

    `book`: where several are recorded in one transaction; the caller closes it.

    Raises VacancyRefused: dates out of order or not past, a notice from the day the landlord began here or that an
    opening balance counts already, a unit vacant at these dates or kept in stock, no convention there that day, over
    100 % promised, or a holder without a right there; Refusal when the unit is already vacant then.
    """
    now = now or timezone.now()
    check_past(dates, today=timezone.localdate(now))
    kept = book or PastBook()
    with kept.trying():
        vacancy = enter_past(kept, unit, holder, dates, by=by, now=now)
    if book is None:
        kept.close(now=now)
    return vacancy


def enter_past(
    book: PastBook, unit: Unit, holder: ReservationHolder, dates: PastDates, *, by: User, now: datetime
) -> Vacancy:
    """The unit goes to its holder, for the first time or after those who gave it back.

    Raises VacancyRefused or Refusal, nothing in the book having moved.
    """
    if book.bears(unit, dates.notice_on):
        raise VacancyRefused(f"{unit} portait un droit en stock ce jour-là : il n’est pas du flux.", field="unit")
    if book.is_outside(unit, dates.notice_on):
        raise VacancyRefused(
            f"{unit} était hors de l’assiette du flux ce jour-là : aucune part ne portait sur lui.", field="unit"
        )
    if (left_on := book.left[unit.pk]) is not None and left_on <= dates.notice_on:
        raise VacancyRefused(
            f"{unit} est sorti du parc le {dmy(left_on)} : un congé d’après ne peut être le sien.", field="unit"
        )
    ledger = book.ledger(unit, dates.notice_on)
    _check_before(book, ledger, dates.notice_on)
    vacancy, returns = book.given_back(unit, dates.notice_on), list[Return]()
    if vacancy is not None:
        given = Return.objects.filter(routing__vacancy=vacancy).select_related("routing__recommendation")
        returns = list(given.order_by("pk"))
    with _open_once(unit):
        vacancy = _declared(vacancy, unit, ledger, dates, by=by, now=now)
    situation = book.situation(ledger)
    if returns and (returns[-1].routing.one_turn or returns[-1].counted) and ledger.credits_once:
        situation = book.situation(book.one_turn(ledger))
    _count(situation, vacancy, holder, dates, returns, by=by, now=now)
    return vacancy


def _declared(
    vacancy: Vacancy | None, unit: Unit, ledger: Ledger, dates: PastDates, *, by: User, now: datetime
) -> Vacancy:
    """The notice, or the one of before, given back since, that somebody has again."""
    if vacancy is not None:
        vacancy.closed_on = None
        vacancy.save(update_fields=["closed_on"])
        return vacancy
    return Vacancy.objects.create(
        unit=unit,
        kind=Vacancy.Kind.IN_FLOW,
        source=Vacancy.Source.PAST,
        ledger=ledger,
        notice_on=dates.notice_on,
        available_on=dates.free_on,
        registered_at=now,
        registered_on=dates.notice_on,
        registered_by=by,
    )


@contextmanager
def _open_once(unit: Unit) -> Iterator[None]:
    """Raises VacancyRefused where the unit has another notice, without its lease: it fell vacant once."""
    try:
        with constraints_speak(Vacancy):
            yield
    except Refusal as refusal:
        other = open_of(unit)
        if other is None:
            raise
        raise VacancyRefused(
            f"{unit} a déjà un congé du {dmy(other.notice_on)}, sans bail : il ne s’est libéré qu’une fois. Donnez "
            "d’abord la date de ce bail, ou dites qu’il a été rendu.",
            field="unit",
        ) from refusal


def check_past(dates: PastDates, *, today: date) -> None:
    """Raises VacancyRefused for dates out of order, not past, or too old."""
    if months_after(dates.notice_on, OLDEST_NOTICE) < today:
        raise VacancyRefused(
            f"Le congé serait du {dates.notice_on:%d/%m/%Y}, il y a plus de trois ans : vérifiez l’année.",
            field="notice_on",
        )
    if dates.free_on < dates.notice_on or dates.free_on > dates.notice_on + LONGEST_NOTICE:
        raise VacancyRefused(
            "Le logement est libre après le congé, d’ici un an : corrigez l’une des deux dates.",
            field="available_on" if dates.available_on else "proposed_on",
        )
    before, text = dates.notice_on, "le congé"
    for name, on, words in (
        ("proposed_on", dates.proposed_on, "l’orientation"),
        ("allocated_on", dates.allocated_on, "l’attribution"),
        ("leased_on", dates.leased_on, "le bail"),
    ):
        if on is None:
            continue
        if on < before:
            raise VacancyRefused(
                f"{upper_first(words)} vient après {text} : corrigez l’une des deux dates.", field=name
            )
        if on > today:
            raise VacancyRefused(f"{upper_first(words)} est à venir : une reprise ne dit que le passé.", field=name)
        before, text = on, words


def _check_before(book: PastBook, ledger: Ledger, notice_on: date) -> None:
    """Raises VacancyRefused for what the rule had to decide, or what an opening balance counts already."""
    if ledger.pk not in book.limits:
        book.limits[ledger.pk] = _limits(ledger)
    begun, opened_on = book.limits[ledger.pk]
    if begun is not None and notice_on >= begun:
        raise VacancyRefused(
            f"L’orientation se fait ici depuis le {begun:%d/%m/%Y} : un congé de ce jour-là ou d’après se déclare "
            "comme les autres, et la règle l’oriente.",
            field="notice_on",
        )
    if opened_on is not None and notice_on < opened_on:
        raise VacancyRefused(
            f"Ce qui précède le {opened_on:%d/%m/%Y} est dans les soldes d’ouverture de ce compte : retirez-les "
            "d’abord, ou ne reprenez pas ce logement.",
            field="notice_on",
        )


def _limits(ledger: Ledger) -> tuple[date | None, date | None]:
    """The first day that is the rule's there, and the day before which opening balances count. Three queries."""
    starts_on = GoLive.objects.starts_on(ledger.landlord)
    ruled = Vacancy.objects.filter(
        ledger__landlord=ledger.landlord_id,
        ledger__departement=ledger.departement_id,
        kind=Vacancy.Kind.IN_FLOW,
        source=Vacancy.Source.HERE,
        recommendations__isnull=False,
    )
    first = ruled.order_by("registered_on").values_list("registered_on", flat=True).first()
    begun = min((day for day in (starts_on, first) if day is not None), default=None)
    opened = OpeningBalance.objects.active().filter(
        ledger__landlord=ledger.landlord_id, ledger__departement=ledger.departement_id
    )
    return begun, opened.order_by("-opened_on").values_list("opened_on", flat=True).first()


def _count(
    situation: LedgerSituation,
    vacancy: Vacancy,
    holder: ReservationHolder,
    dates: PastDates,
    returns: Sequence[Return],
    *,
    by: User,
    now: datetime,
) -> None:
    """Credit the shares of the day of the notice, and the unit to who had it; or what its last return credits."""
    held = situation.held_at(vacancy)
    key, place = str(holder.pk), vacancy.unit.commune.name
    if not held:
        raise VacancyRefused(
            f"Aucune convention de réservation n’était en vigueur {to(place)} le {dates.notice_on:%d/%m/%Y} : "
            "enregistrez d’abord celle qui l’était.",
            field="notice_on",
        )
    if key != situation.landlord and all(right.holder != holder for right in held):
        raise VacancyRefused(
            f"{holder} n’avait pas de droit {to(place)} le {dates.notice_on:%d/%m/%Y} : corrigez sa convention, ou "
            "choisissez un autre réservataire.",
            field="holder",
        )
    last = returns[-1] if returns else None
    if last is not None and dates.proposed_on < (returned_on := timezone.localdate(last.returned_at)):
        raise VacancyRefused(
            f"Ce logement a été rendu le {returned_on:%d/%m/%Y} : il a été orienté de nouveau ensuite.",
            field="proposed_on",
        )
    try:
        entered = _entered(situation, vacancy, returns)
    except OverCommitted as error:
        raise VacancyRefused(
            f"{upper_first(to(error.excess.commune))}, les conventions promettaient plus de 100 % du flux ce "
            "jour-là : corrigez-en une d’abord.",
            field="notice_on",
        ) from error
    facts = replace(entered.facts, chain=Chain(holder=key, step=recorded.STEP, after=""))
    decision = versions.VERSIONS[recorded.VERSION](facts)
    situation.ledger.sequence = facts.sequence
    categories = seen_of(last.routing) if last else vacancy.categories
    situation.receive(key, categories, sequence=facts.sequence)
    recommendation = Recommendation.objects.create(
        vacancy=vacancy,
        attempt=len(returns) + 1,
        ledger=situation.ledger,
        sequence=facts.sequence,
        holder=holder,
        reason=decision.reason,
        sentence=versions.say(facts, decision),
        situation=facts.as_json(),
        ranking=decision.ranking_as_json(),
        plan=None,
        engine_version=decision.version,
        fingerprint=facts.fingerprint(),
        recorded_at=now,
    )
    credited, proposed = last.returned_at if last else noon(dates.notice_on), noon(dates.proposed_on)
    own = situation.ledger.pk
    routing = open_routing(vacancy, holder, recommendation, held, now=proposed)
    routing.routed_by, routing.answered_on = by, dates.proposed_on  # nobody is asked for candidates again
    name_delegates([routing])
    routing.save()
    if last is None:
        vacancy.entered_as = dict(vacancy.categories)
        vacancy.save(update_fields=["entered_as"])
    FlowEntry.objects.bulk_create(
        [
            *_credited(situation, vacancy, entered, credited),
            entry(vacancy, holder, Stage.ROUTED, 1, now=proposed, sequence=facts.sequence, ledger=own),
            entry(vacancy, holder, Stage.OFFERED, 1, now=proposed),
            *_became(vacancy, holder, dates),
        ]
    )


def _entered(situation: LedgerSituation, vacancy: Vacancy, returns: Sequence[Return]) -> Entered:
    """The unit enters the account, or is offered again as after its last return. Raises OverCommitted."""
    sequence = situation.ledger.sequence + 1
    if not returns:
        return situation.enter(vacancy, sequence=sequence)
    if returns[-1].reason == Return.Reason.WORKS and situation.ledger.credits_once:  # what it credited was taken back
        return situation.enter(vacancy, sequence=sequence)
    gone = {str(each.routing.holder_id) for each in returns} - {situation.landlord}
    return situation.offer_again(
        vacancy,
        sequence=sequence,
        categories=seen_of(returns[-1].routing),
        counted=returns[-1].counted,
        returned=gone,
        chain=None,
    )


def _credited(situation: LedgerSituation, vacancy: Vacancy, entered: Entered, at: datetime) -> Iterable[FlowEntry]:
    """What the unit credited to each, on the day of its notice."""
    for stage, shares, spreads in (
        (Stage.DUE, entered.shares, entered.spreads),
        (Stage.CARRIED, entered.carried, entered.carried_spreads),
    ):
        for key, quantity in shares.items():
            if quantity:
                holder, spread = situation.holders[key], spreads.get(key)
                yield entry(vacancy, holder, stage, quantity, now=at, spread=spread, ledger=situation.ledger.pk)


def _became(vacancy: Vacancy, holder: ReservationHolder, dates: PastDates) -> Iterable[FlowEntry]:
    """Allocated, then let: a lease says that it was allocated, that day at the latest."""
    allocated_on = dates.allocated_on or dates.leased_on
    if allocated_on is not None:
        yield entry(vacancy, holder, Stage.ALLOCATED, 1, now=noon(allocated_on))
    if dates.leased_on is not None:
        yield entry(vacancy, holder, Stage.LEASED, 1, now=noon(dates.leased_on))


def noon(day: date) -> datetime:
    """A moment of a day that is known by its day alone."""
    return timezone.make_aware(datetime.combine(day, time(12)))
