"""The first letting of a unit of a new programme: to whom the agreed allotment gives it, and in which accounts."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from django.db.models import Count
from django.utils import timezone

from flux.engine.allotment import furthest_behind, step
from flux.engine.counters import Spread
from flux.models import Allotment, AllottedUnit, FlowEntry, Ledger, Programme, Routing, Vacancy
from flux.operations.decision import write_lines
from flux.operations.ledger import open_ledger
from flux.queries.applied import applied, held_by_vacancy, name_delegates
from flux.situation import LedgerSituation, load
from reservations.models.convention import UNIT
from reservations.queries.parties import contingent_now
from reservations.queries.rights import over_commitment_at
from reservations.refusals import Refusal
from reservations.words import to, upper_first

Stage = FlowEntry.Stage


class FirstLettingRefused(Refusal):
    """This unit has no place in the allotment of its programme."""


def let_first(*, vacancy: Vacancy, programme: Programme, now: datetime) -> Routing:
    """Give a first letting its destination at once, and write it in the accounts. In the caller's transaction.

    `programme` is the vacancy's, its row locked and its allotment agreed. The unit goes to the holder it is named
    for, else to the one furthest behind its part of the units let so far, the landlord included for what nobody was
    allotted. The ledger of first lettings is credited by exact proportions (`flux.engine.allotment`).

    Where conventions in force that day count first lettings, the unit also enters the yearly ledger: their holders
    are credited with their shares, the landlord with all the rest, and it counts as received by the destination when
    its own convention is one of them, else by the landlord (routing specification, section 1).

    Raises FirstLettingRefused when the allotment has no unit left for this one, or when the conventions that count
    first lettings promise more than the whole.
    """
    allotments = list(programme.allotments.select_related("holder__organisation").order_by("pk"))
    chosen, number = _destination(programme, allotments, vacancy)
    held = held_by_vacancy([vacancy])[vacancy.pk]
    inside = [right for right in held if right.convention.first_letting_counts and not right.suspended]
    if excess := over_commitment_at(inside, vacancy.unit.commune, vacancy.registered_on):
        raise FirstLettingRefused(
            f"{upper_first(to(excess.commune))}, les conventions qui comptent les premières locations promettent "
            "plus de 100 % : corrigez l’une d’elles, puis déclarez ce logement."
        )
    ledger = open_ledger(vacancy.unit, vacancy.registered_on, kind=Ledger.Kind.FIRST_LETTING)
    situation = load(ledger)
    on = timezone.localdate(now)
    holders = [contingent_now(allotment.holder, on) for allotment in allotments]
    taker = contingent_now(chosen.holder, on) if chosen else situation.holders[situation.landlord]
    situation.admit(holders)
    counts = [allotment.units for allotment in allotments]
    shares = step(counts, units=programme.expected_units or 0, number=number, unit=UNIT)
    keys = [*(str(holder.pk) for holder in holders), situation.landlord]
    # Before its entries: the folds count a unit in the account that it belongs to.
    vacancy.ledger, vacancy.allotment, vacancy.entered_as = ledger, chosen, vacancy.categories
    vacancy.save(update_fields=["ledger", "allotment", "entered_as"])
    credited: Counter[str] = Counter()
    for key, share in zip(keys, shares, strict=True):  # two that became one have both shares
        credited[key] += share
    _enter(situation, vacancy, credited, taker=str(taker.pk), now=now)
    if inside:
        yearly = load(open_ledger(vacancy.unit, vacancy.registered_on))
        counted = any(contingent_now(right.holder, on) == taker for right in inside)
        yearly.admit([taker])
        _enter(
            yearly,
            vacancy,
            yearly.shares_of(inside),
            taker=str(taker.pk) if counted else yearly.landlord,
            now=now,
        )
    right = applied(held, taker) or (applied(held, chosen.holder) if chosen else None)
    routing = Routing(vacancy=vacancy, holder=taker, convention=right.convention if right else None, routed_at=now)
    name_delegates([routing])
    routing.save()
    return routing


def _destination(programme: Programme, allotments: list[Allotment], vacancy: Vacancy) -> tuple[Allotment | None, int]:
    """The allotment that takes the unit (None: the landlord), and how many units of the programme that makes."""
    units = programme.expected_units or 0
    let = dict(
        Vacancy.objects.filter(unit__programme=programme, kind=Vacancy.Kind.FIRST_LETTING, ledger__isnull=False)
        .order_by()
        .values_list("allotment")
        .annotate(Count("pk"))
    )
    number = sum(let.values()) + 1
    if number > units:
        raise FirstLettingRefused(
            f"La répartition du programme {programme} est épuisée, {units} sur {units} : vérifiez le programme de ce "
            "logement."
        )
    named = {
        row.unit_id: row.allotment_id for row in AllottedUnit.objects.filter(allotment__in=allotments).order_by("pk")
    }
    by_id = {allotment.pk: allotment for allotment in allotments}
    if vacancy.unit_id in named:
        return by_id[named[vacancy.unit_id]], number
    gone = set(
        Vacancy.objects.filter(unit__in=named, kind=Vacancy.Kind.FIRST_LETTING, ledger__isnull=False)
        .order_by()
        .values_list("unit", flat=True)
    )
    kept = [sum(of == pk and unit not in gone for unit, of in named.items()) for pk in by_id]
    counts = [allotment.units for allotment in allotments]
    counts.append(units - sum(counts))
    received = [*(let.get(pk, 0) for pk in by_id), let.get(None, 0)]
    free = [count - got - wait for count, got, wait in zip(counts, received, [*kept, 0], strict=True)]
    if max(free) <= 0:
        raise FirstLettingRefused(
            f"Dans la répartition du programme {programme}, les logements qui restent sont tous désignés, et celui-ci "
            "ne l’est pas : vérifiez son programme."
        )
    place = furthest_behind(counts, received, free, units=units, number=number)
    return (allotments[place] if place < len(allotments) else None), number


def _enter(situation: LedgerSituation, vacancy: Vacancy, shares: dict[str, int], *, taker: str, now: datetime) -> None:
    """Write one unit in a ledger: what it credits, what it gives back of earlier years, who received it."""
    ledger = situation.ledger
    ledger.sequence += 1
    credited = situation.credit(shares, vacancy)
    situation.receive(taker, vacancy.categories, sequence=ledger.sequence)

    def entry(key: str, stage: Stage, quantity: int, spread: Spread | None = None) -> FlowEntry:
        return FlowEntry(
            ledger=ledger,
            holder=situation.holders[key],
            vacancy=vacancy,
            stage=stage,
            quantity=quantity,
            spread=spread,
            sequence=ledger.sequence if stage == Stage.ROUTED else None,
            on=vacancy.registered_on if stage in FlowEntry.OWED else timezone.localdate(now),
        )

    spreads, carried_spreads = credited.spreads, credited.carried_spreads
    FlowEntry.objects.bulk_create(
        [
            *(entry(key, Stage.DUE, share, spreads.get(key)) for key, share in shares.items() if share),
            *(entry(key, Stage.CARRIED, given, carried_spreads.get(key)) for key, given in credited.carried.items()),
            entry(taker, Stage.ROUTED, 1),
            *([entry(taker, Stage.OFFERED, 1)] if ledger.pk == vacancy.ledger_id else []),
        ]
    )
    write_lines(situation, on=timezone.localdate(now))
    ledger.save(update_fields=["sequence"])
