"""What units that entered the flow between the first day of a convention and its signature would have owed its holders,
had it been signed: what is shown before signing is what is then settled (docs/decisions/0118)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, Sum

from flux.engine.counters import Spread
from flux.models import FlowEntry, Ledger, Vacancy
from flux.queries.rates import bearing
from flux.situation.ledger import LedgerSituation
from flux.situation.loading import load
from reservations.models import Convention, ReservationHolder
from reservations.models.convention import UNIT
from reservations.queries.rights import Right, rights_in

Stage = FlowEntry.Stage


@dataclass(frozen=True, slots=True)
class Earlier:
    """What one account would have owed one holder: `amount` in millionths, `parts` by dimension and category, of
    `units` that entered the flow on the days `since` to `until`."""

    holder: ReservationHolder
    amount: int
    parts: Spread
    units: int
    since: date
    until: date


def settled_from(convention: Convention) -> date | None:
    """The first day whose units it owes once it is recorded as signed; None for those of no day. Its own first day,
    where its text settles what precedes the signature, or where it was signed by then; else the day after the last
    signature, that a paper may bear long before it is recorded. Of an order, its first day or none, as it says."""
    if convention.earlier_dues == Convention.EarlierDues.SETTLED:
        return convention.starts_on
    if convention.is_order or convention.signed_on is None:
        return None
    if convention.signed_on <= convention.starts_on:
        return convention.starts_on
    return convention.signed_on + timedelta(days=1)


def earlier_ledgers(convention: Convention, *, since: date | None = None) -> list[Ledger]:
    """The yearly accounts of the landlord that some unit entered since its first day, or `since`, the oldest first."""
    entered = Vacancy.objects.filter(
        _period(convention, since), entries__ledger=OuterRef("pk"), entries__stage=Stage.DUE
    )
    first = since or convention.starts_on
    found = Ledger.objects.ordinary().filter(Exists(entered), landlord=convention.landlord_id, exercise__gte=first.year)
    return list(found.select_related("landlord", "departement").order_by("exercise", "pk"))


def earlier_dues(
    situation: LedgerSituation, convention: Convention, *, since: date | None = None, before: datetime | None = None
) -> list[Earlier]:
    """What one account would have owed each holder of a convention, signed or not, for the units that it credited
    since its first day, or `since`; `before`: credited until then only. Four queries, one more for units a year.

    A right of N units a year stops there. Nothing is written."""
    mine, ledger = rights_in(convention), situation.ledger
    credited = FlowEntry.objects.filter(ledger=ledger, stage=Stage.DUE)
    if before is not None:
        credited = credited.filter(recorded_at__lt=before)
    counted = credited.order_by().values("vacancy").annotate(due=Sum("quantity")).exclude(due=0)
    units = (
        Vacancy.objects.filter(_period(convention, since), pk__in=counted.values("vacancy"))
        .select_related("unit__commune", "unit__programme")
        .order_by("pk")
    )
    held_on = [(unit, bearing(mine, unit)) for unit in units]
    each_holder = {right.holder.pk: right.holder for right in mine}  # one may have several rights, one after another
    in_units = {right.holder.pk for right in mine if right.yearly_units is not None}
    found = (_of_one(situation, each, held_on, in_units=pk in in_units) for pk, each in each_holder.items())
    return [each for each in found if each is not None]


def owed_before(convention: Convention) -> list[tuple[Ledger, Earlier]]:
    """What each account would have owed, as things stand: what is shown before signing. A few queries an account."""
    return [(ledger, each) for ledger in earlier_ledgers(convention) for each in earlier_dues(load(ledger), convention)]


def _of_one(
    situation: LedgerSituation, holder: ReservationHolder, units: list[tuple[Vacancy, list[Right]]], *, in_units: bool
) -> Earlier | None:
    credited = _credited(situation, holder) if in_units else 0
    amount, days, parts = 0, [], {dimension: dict[str, int]() for dimension in situation.counters.dimensions}
    key = str(holder.pk)
    situation.admit([holder])
    for unit, held in units:
        own = [each for each in held if each.holder.pk == holder.pk]
        share = sum(each.share for each in own)
        for most in (each.yearly_units for each in own if each.yearly_units is not None):
            share = min(share, UNIT * most - credited - amount)
        if share <= 0:
            continue
        categories = unit.entered_as or unit.categories
        spread = situation.spread_of(key, share, unit, categories, held)
        for dimension, totals in parts.items():
            for name, part in spread.get(dimension, {categories[dimension]: share}).items():
                totals[name] = totals.get(name, 0) + part
        amount += share
        days.append(unit.rights_on)
    return Earlier(holder, amount, parts, len(days), min(days), max(days)) if days else None


def _credited(situation: LedgerSituation, holder: ReservationHolder) -> int:
    """What an account credited to a holder already, in millionths: a right of N units a year stops there."""
    shared = Q(stage=Stage.DUE) | Q(settled__isnull=False)
    own = FlowEntry.objects.filter(shared, ledger=situation.ledger, holder=holder)
    return own.aggregate(due=Sum("quantity"))["due"] or 0


def _period(convention: Convention, since: date | None) -> Q:
    """On vacancies: their rights are those of a day of the convention, the days before `since` apart."""
    days = (since or convention.starts_on, convention.ends_on)
    return Q(covered_on__range=days) | Q(covered_on=None, registered_on__range=days)
