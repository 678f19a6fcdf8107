"""The end of a right within a year: what is still due, or was received in advance, goes to whoever takes it over."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from flux.models import FlowEntry, Ledger
from flux.operations.decision import write_lines
from flux.queries.account import bearing
from flux.situation import LedgerSituation, load
from reservations.models import ReservationHolder, Territory
from reservations.queries.rights import Right

logger = logging.getLogger(__name__)

Stage = FlowEntry.Stage


def settle_ended_rights(*, now: datetime | None = None) -> int:
    """Settle every ledger of this year and of the last where a right ended: how many accounts were moved.

    For every night: safe to run twice, since what was moved is nothing any more. A unit given back after the end
    moves the account again, and the next night settles it.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    ledgers = Ledger.objects.ordinary().filter(exercise__in=[today.year - 1, today.year]).order_by("pk")
    moved = 0
    for ledger in ledgers.values_list("pk", flat=True):
        try:
            moved += settle_ledger(ledger_id=ledger, now=now)
        except Exception:  # one ledger at fault must not keep the others from being settled: it is told
            logger.exception("Ended rights of ledger %s could not be settled", ledger)
    return moved


@transaction.atomic
def settle_ledger(*, ledger_id: int, now: datetime) -> int:
    """Move the accounts of the holders whose last right in this ledger has ended: how many were (routing
    specification, section 5).

    To the same contingent of the successor that the convention named, when it has a right there the day after; else to
    the landlord, so that the checksum stays 0. A right that ends with the year carries over instead, and a holder whose
    next right begins later in the same year keeps its account.
    """
    ledger = Ledger.objects.select_for_update(of=("self",)).select_related("landlord").get(pk=ledger_id)
    situation = load(ledger)
    on = timezone.localdate(now)
    entries = []
    for holder, last in _ended(situation, on):
        giver = str(holder.pk)
        if not situation.delay(giver):
            continue
        taker = _taker(situation, holder, last)
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


def _ended(situation: LedgerSituation, on: date) -> Iterable[tuple[ReservationHolder, Right]]:
    """The holders whose rights in the ledger all ended before that day and before 31 December, with the last right."""
    ledger = situation.ledger
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    by_holder: dict[int, list[Right]] = defaultdict(list)
    for right in bearing(situation.rights, communes):
        by_holder[right.holder.pk].append(right)
    for key in sorted(by_holder):
        last = max(by_holder[key], key=lambda right: (right.ends_on, right.convention.pk))
        if last.ends_on < min(on, date(ledger.exercise, 12, 31)):
            yield last.holder, last


def _taker(situation: LedgerSituation, holder: ReservationHolder, last: Right) -> str:
    """The successor's contingent of the same code, when it has a right of its own in the ledger after the end."""
    successor = last.convention.successor_id
    for right in situation.rights:
        same = right.holder.organisation_id == successor and right.holder.contingent == holder.contingent
        if same and right.ends_on > last.ends_on:
            return str(right.holder.pk)
    return situation.landlord
