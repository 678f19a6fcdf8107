"""Giving a unit back: the routing ends, the convention says whose turn is used, and the unit is offered again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from flux.engine.facts import Chain
from flux.models import FlowEntry, Ledger, Return, Routing, Unit, Vacancy
from flux.operations.cancellation import COUNTED, take_back
from flux.operations.decision import (
    Batch,
    DecisionState,
    RoutingRefused,
    Stage,
    check_not_allocated,
    entry,
    lay_entries,
    lock,
    open_batch,
)
from flux.operations.departures import foresee_again
from flux.operations.ledgers import open_account, open_one_turn
from flux.queries.departures import queue_of
from flux.queries.returns import asked_of, forfeited, routing_effects
from flux.situation import LedgerSituation, OverCommitted, categories_of, load
from reservations.models import Organisation, ReservationHolder, User
from reservations.models.guards import in_order
from reservations.models.terms import Terms
from reservations.models.wall import atomic
from reservations.words import of, to, towards, upper_first

Reason = Return.Reason


class ReturnRefused(RoutingRefused):
    """This unit cannot be given back so; the sentence says what to do next."""


@atomic
def return_vacancy(*, routing: Routing, reason: str, text: str, by: User | None, now: datetime | None = None) -> Return:
    """Give back the unit of an open routing, the one that the person read, and offer it again at once.

    The version of the convention that the routing applied settles whether the holder's turn is used. When not, the
    holder counts one unit less as received, what that leaves it due above the cap of its convention goes to the
    landlord (`forfeited`), and whoever takes the unit is charged with it as with any other. When it is, the unit stays
    received in the yearly account, and goes on for one turn: it is credited and counted beside it
    (`Ledger.Kind.ONE_TURN`), however many give it back. In an account of before (`Ledger.accounting` 1) it credited
    everybody there again.
    Whoever gave the unit back does not get it again; a commune that proposed on the landlord's part had no turn: the
    landlord's stays, and it may get the unit. Where the holder is the cause, the convention's chain names
    the next destination; otherwise, and when no step of it can take the unit, the rule decides. Works take the unit
    out of the flow: nobody gets it, and what it had credited and counted is taken back (in an account of before, what
    was due stays due). `by` is None when the delay ran out: nobody did it.

    A unit kept in stock, or let for the first time, that its holder gives up goes on for one turn too, in the account
    of the year in which it was registered: the right serves this time, and holds at the next vacancy.

    Raises ReturnRefused: no such reason, no sentence, a holder not yet out of time or whose landlord looks for the
    candidates, the landlord's own unit, or a routing that is closed already.
    """
    now = now or timezone.now()
    turn: Ledger | None = None
    if routing.vacancy.ledger_id is None and routing.by_its_own_right:  # no account holds it: its own row does
        turn = _one_turn_of(routing.vacancy)  # before that row, as whoever holds the account of several units
        in_order(Vacancy.declared.all()).get(pk=routing.vacancy_id)
    [state] = lock([routing.vacancy_id])
    current = state.routing
    if current is None or current.pk != routing.pk:
        where = f"est orienté vers {towards(current.holder)}" if current else "n’est plus orienté"
        raise ReturnRefused(f"Entre-temps, ce logement {where}. Relisez la fiche, puis décidez de nouveau.")
    _check(current, reason, text, timezone.localdate(now))
    check_not_allocated(current)
    current.closed_at = now
    current.save(update_fields=["closed_at"])
    effect = routing_effects(current, Return.SIDES[Reason(reason)])
    given = Return.objects.create(
        routing=current,
        reason=reason,
        counted=effect.consumed,
        offered=effect.offered,
        text=text.strip(),
        returned_at=now,
        returned_by=by,
    )
    if current.by_its_own_right:
        lay_entries(list(_recorded(state.vacancy, given)))
        batch = open_batch(load(turn or _one_turn_of(state.vacancy)), now=now)
        _offer_again(batch, state, given)
        batch.write()
        return given
    assert state.recommendation is not None, "a routed unit of the flow was recommended first"
    ledger = state.recommendation.ledger
    if reason == Reason.WORKS and ledger.credits_once:
        beside = [ledger] if state.vacancy.kind in Vacancy.BESIDE else None  # its own right served
        take_back(state.vacancy, stages=COUNTED, on=timezone.localdate(now), ledgers=beside)
        lay_entries(list(_recorded(state.vacancy, given)))
    elif given.counted and ledger.credits_once:
        lay_entries(list(_recorded(state.vacancy, given)))
        batch = open_batch(load(open_one_turn(ledger)), now=now)
        _offer_again(batch, state, given)
        batch.write()
    else:
        batch = open_batch(load(ledger), now=now)
        batch.entries += _recorded(state.vacancy, given)
        if not given.counted:
            spread = batch.situation.forgive(str(current.holder_id), categories_of(state.recommendation))
            batch.entries.append(batch.entry(state.vacancy, current.holder, Stage.ROUTED, -1, spread=spread))
            _forfeit(batch, given)
        if reason != Reason.WORKS:
            _offer_again(batch, state, given)
        batch.write()
    if state.vacancy.ledger_id is not None:
        foresee_again(state.vacancy.ledger_id)
    return given


def _one_turn_of(vacancy: Vacancy) -> Ledger:
    """The account, locked, of the units handed on for one turn in the year and the place of one beside the flow."""
    unit = vacancy.unit
    return open_account(unit.landlord_id, unit.commune.departement_id, vacancy.registered_on, kind=Ledger.Kind.ONE_TURN)


def _recorded(vacancy: Vacancy, given: Return) -> Iterator[FlowEntry]:
    """What the balance counts of a return, in the account that the unit belongs to; of one kept in stock, its routings
    say it."""
    if vacancy.ledger_id is None:
        return
    holder, at = given.routing.holder, given.returned_at
    yield entry(vacancy, holder, Stage.RETURNED, 1, now=at)
    if given.reason == Reason.NO_CANDIDATE:  # whoever recorded it: nobody may before the delay is over
        yield entry(vacancy, holder, Stage.LAPSED, 1, now=at)
    if not given.offered:
        yield entry(vacancy, holder, Stage.OFFERED, -1, now=at)


def _forfeit(batch: Batch, given: Return) -> None:
    """What the return leaves above the cap of the convention goes to the landlord, in the same account."""
    if given.routing.on_landlords_part or given.routing.one_turn:
        return
    situation, holder = batch.situation, given.routing.holder
    key = str(holder.pk)
    amount = forfeited(situation.delay(key), given.routing.convention, reason=given.reason, counted=given.counted)
    if amount:
        lost, won = situation.forfeit(key, amount)
        landlord, vacancy = situation.holders[situation.landlord], given.routing.vacancy
        batch.entries += [
            entry(vacancy, holder, Stage.FORFEITED, -amount, now=batch.now, spread=lost),
            entry(vacancy, landlord, Stage.FORFEITED, amount, now=batch.now, spread=won),
        ]


def _check(current: Routing, reason: str, text: str, today: date) -> None:
    """Raises ReturnRefused when this reason does not hold today."""
    if reason not in Reason.values:
        raise ReturnRefused("Choisissez l’une des raisons de la liste.", field="reason")
    if current.by_its_own_right and reason not in Return.HOLDER_FAULT:
        raise ReturnRefused(
            "Ce logement est hors du flux : reclassez sa déclaration ou annulez-la, sur la page « Annuler ou "
            "reclasser ».",
            field="reason",
        )
    if current.holder.is_not_reserved and not current.on_landlords_part and reason != Reason.WORKS:
        raise ReturnRefused(
            "Ce logement est au bailleur : pour le donner à un réservataire, choisissez une autre destination.",
            field="reason",
        )
    if reason == Reason.NO_CANDIDATE:
        _check_out_of_time(current, today)
    elif not text.strip():
        raise ReturnRefused("Dites pourquoi en une phrase : les réservataires la liront.", field="text")


def _check_out_of_time(current: Routing, today: date) -> None:
    """A holder is at fault for want of candidates only when it had to look for them, and its time is over."""
    asked = asked_of(current, today=today)
    if asked is None or asked.until is None:
        raise ReturnRefused(
            "La convention ne fixe aucun délai pour proposer : choisissez une autre raison.", field="reason"
        )
    if asked.delegated:
        raise ReturnRefused(
            f"La gestion est déléguée : c’est le bailleur qui cherche les candidats {of(current.holder)}. "
            "Choisissez une autre raison.",
            field="reason",
        )
    if not asked.late:
        raise ReturnRefused(
            f"{current.acting or current.holder} peut proposer jusqu’au {asked.until:%d/%m/%Y} inclus : attendez cette "
            "date.",
            field="reason",
        )


def _offer_again(batch: Batch, state: DecisionState, given: Return) -> None:
    """Decide in memory who comes next, at once: the unit is late. What waits in the ledger is known.

    Raises ReturnRefused where the conventions now promise over 100 %.
    """
    vacancy, situation, before = state.vacancy, batch.situation, state.recommendation
    own = set() if given.routing.on_landlords_part else {given.routing.holder_id}
    returned = {str(holder) for holder in {*state.returned, *own}}
    categories = categories_of(before) if before else vacancy.entered_as or vacancy.categories
    returned |= situation.suspended(vacancy, on=timezone.localdate(batch.now))
    try:
        out = returned | set(situation.declining(vacancy, categories))
        queue = queue_of(situation.ledger, situation.rights, batch.window)
        chain, passed = _chain(given, situation, vacancy.unit, situation.destinations(vacancy), out)
        entered = situation.offer_again(
            vacancy,
            sequence=situation.ledger.sequence + 1,
            categories=categories,
            counted=given.counted,
            returned=returned,
            chain=chain,
            passed=passed,
            waiting=queue,
            window=batch.window.length,
        )
    except OverCommitted as error:
        raise ReturnRefused(
            f"{upper_first(to(error.excess.commune))}, les conventions promettent plus de 100 % du flux : corrigez-les "
            "d’abord, sans quoi ce logement rendu n’aurait pas de destination."
        ) from error
    attempt = before.attempt + 1 if before else 1
    batch.decide(vacancy, entered, categories, attempt=attempt, due_at=batch.now)


def _chain(
    given: Return, situation: LedgerSituation, unit: Unit, holders: set[str], out: set[str]
) -> tuple[Chain | None, str]:
    """The first step of the convention's chain that can take the unit; None when the rule decides.

    `holders`: ids of those with a right there; `out`: of those who gave the unit back, or do not take it. The mayor of
    a commune without a right there proposes on the landlord's part, for this letting.

    With the step, the name of a commune that is no organisation here and was passed.
    """
    convention, passed = given.routing.convention, ""
    if given.reason not in Return.HOLDER_FAULT or convention is None:
        return None, passed
    after, steps = str(given.routing.holder), convention.fallback
    if given.routing.acting is not None and given.routing.on_landlords_part:  # the mayor's step is behind
        after, steps = given.routing.acting.name, steps[steps.index(Terms.Fallback.MAYOR) + 1 :]
    for step in steps:
        if step == Terms.Fallback.NEXT:
            return None, passed
        if step == Terms.Fallback.LANDLORD:
            return Chain(situation.landlord, step, after), passed
        there = [key for key in sorted(holders, key=int) if _is_step(step, situation.holders[key], unit)]
        for key in there:
            if key not in out:
                return Chain(key, step, after), passed
        if step == Terms.Fallback.MAYOR and not there:
            commune = _commune_itself(unit)
            if commune is not None:
                return Chain(situation.landlord, step, after, str(commune.pk), commune.name), passed
            passed = unit.commune.name
    return None, passed


def _commune_itself(unit: Unit) -> Organisation | None:
    """The commune of a unit as an organisation; None when nobody registered it."""
    own = [unit.commune_id, unit.commune.parent_commune_id]
    communes = Organisation.objects.filter(kind=Organisation.Kind.COMMUNE, territory__in=own)
    return communes.order_by("pk").first()


def _is_step(step: str, holder: ReservationHolder, unit: Unit) -> bool:
    if step == Terms.Fallback.STATE:
        return holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY
    own = {unit.commune_id, unit.commune.parent_commune_id}
    return holder.organisation.kind == Organisation.Kind.COMMUNE and holder.organisation.territory_id in own
