"""The end of a right within a year: what is still due, or was received in advance, goes to whoever takes it over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.utils import timezone

from flux.models import FlowEntry, Ledger
from flux.operations.decision import write_lines
from flux.queries.absorption import absorption_of, passing_in
from flux.queries.account import bearing, ends_within, last_rights
from flux.situation import load
from reservations.models import LegalParameter, Territory
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.apart import each_apart
from reservations.queries.rights import Right

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
    for holder, last in last_rights(situation.rights, ledger).items():
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
