"""A landlord that another absorbs: its stock, its conventions and its accounts pass, then it closes (decision 81)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flux.engine.counters import Spread
from flux.models import AbsorbedBalance, Absorption, FlowEntry, Ledger, StockTransfer, Vacancy
from flux.operations.carry_over import carry_absorbed
from flux.operations.decision import write_lines
from flux.operations.ledger import open_account
from flux.pages.absorption import other_words, why_words
from flux.queries.absorption import ended_in, last_ledgers, other_transfers, passing_in, waiting_at
from flux.situation import load
from reservations.models import Landlord, ReservationHolder, User
from reservations.models.acting import atomic
from reservations.models.locking import in_order
from reservations.operations.absorption import act_there, close_absorbed, pass_conventions
from reservations.operations.apart import each_apart
from reservations.refusals import Refusal

Stage = FlowEntry.Stage


class _Tried(Exception):
    """What was tried is undone."""


def what_hinders(giver: Landlord, receiver: Landlord, on: date, *, by: User, but: StockTransfer | None) -> list[str]:
    """What stands in the way of the conventions, found by having them pass, which is then undone."""
    said = [other_words(each) for each in other_transfers(giver, but=but)]
    try:
        with transaction.atomic():
            pass_conventions(gone=giver, stays=receiver, last=on - timedelta(days=1), why=why_words(receiver), by=by)
            raise _Tried
    except _Tried:
        return said
    except Refusal as refused:
        return [*said, str(refused)]


def last_day(giver: Landlord, today: date) -> date:
    """The last day of the conventions of a landlord absorbed today: yesterday; today when a unit was declared there
    before the night came, so that it keeps the convention of its day."""
    declared = Vacancy.declared.filter(unit__landlord=giver, registered_at__date=today)
    return today if declared.exists() else today - timedelta(days=1)


def absorb(absorption: Absorption, *, now: datetime) -> None:
    """Have conventions, accounts and managers pass, the stock having passed. The caller holds the transfer."""
    transfer, today = absorption.transfer, timezone.localdate(now)
    assert transfer.accepted_by is not None
    gone, stays, by = transfer.giver, transfer.receiver, transfer.accepted_by
    last = last_day(gone, today)
    pass_conventions(gone=gone, stays=stays, last=last, why=why_words(stays), by=by)
    absorption.last_day = last
    absorption.save(update_fields=["last_day"])
    act_there(gone=gone, stays=stays, by=by)
    move_balances(absorption_id=absorption.pk, now=now)


@atomic
def move_balances(*, absorption_id: int, now: datetime) -> int:
    """Move what the last accounts of the landlord absorbed leave to each holder to the other's of the same year: how
    many. What moved again since (a unit that waited, a lease undone) is moved again; twice is once."""
    absorption = Absorption.objects.select_related(
        "transfer__giver__organisation", "transfer__receiver__organisation"
    ).get(pk=absorption_id)
    ids = [ledger.pk for ledger in last_ledgers(absorption.transfer.giver)]
    places = Ledger.objects.filter(pk__in=ids).order_by().values("departement")
    both = [absorption.transfer.giver_id, absorption.transfer.receiver_id]
    # Those of the two landlords, the years that carry them included, before any of them moves.
    books = in_order(Ledger.objects.ordinary().filter(landlord__in=both, departement__in=places))
    held = [ledger for ledger in books if ledger.pk in ids]
    return sum(_move(ledger.pk, absorption, on=timezone.localdate(now)) for ledger in held)


def _move(ledger_id: int, absorption: Absorption, *, on: date) -> int:
    held = in_order(Ledger.objects.all()).select_related("landlord", "departement")
    ledger = held.get(pk=ledger_id)
    passing = passing_in(ledger, absorption)
    assert absorption.last_day is not None
    first = absorption.last_day + timedelta(days=1)
    if first.year > ledger.exercise:  # that year is over: the next one carries what it left, nothing is written in it
        theirs = open_account(absorption.transfer.receiver_id, ledger.departement_id, first)
        clauses = {holder: each for holder, each in ended_in(ledger, absorption).items() if holder in passing}
        return len(carry_absorbed(before=ledger, ledger=theirs, absorption=absorption, clauses=clauses, on=on))
    left = load(ledger)
    moves = []
    for key in sorted((str(pk) for pk in passing), key=int):
        if key in left.holders:
            amount, given, taken = left.hand_on(key, left.landlord)
            if amount:
                moves.append((key, amount, given, taken))
    if not moves:
        return 0
    theirs = open_account(absorption.transfer.receiver_id, ledger.departement_id, date(ledger.exercise, 12, 31))
    there = load(theirs)
    there.admit(left.holders[key] for key, *_ in moves)
    entries = []
    for key, amount, given, taken in moves:
        entries += [
            _entry(ledger, left.holders[key], -amount, given, on),
            _entry(ledger, left.holders[left.landlord], amount, taken, on),
        ]
        less, more = there.take_over(there.landlord, key, amount, taken)
        entries += [
            _entry(theirs, there.holders[there.landlord], -amount, less, on),
            _entry(theirs, there.holders[key], amount, more, on),
        ]
    written = FlowEntry.objects.bulk_create(entries)
    AbsorbedBalance.objects.bulk_create(AbsorbedBalance(absorption=absorption, entry=entry) for entry in written)
    write_lines(left, on=on)
    write_lines(there, on=on)
    return len(moves)


def _entry(ledger: Ledger, holder: ReservationHolder, quantity: int, spread: Spread, on: date) -> FlowEntry:
    return FlowEntry(ledger=ledger, holder=holder, stage=Stage.TRANSFERRED, quantity=quantity, spread=spread, on=on)


def follow_absorptions(*, now: datetime | None = None) -> int:
    """Every night: move what late acts left in the accounts of landlords absorbed, and close those where nothing waits
    any more. How many balances moved."""
    now = now or timezone.now()
    done = Absorption.objects.filter(last_day__isnull=False)

    def followed(absorption: Absorption) -> int:
        moved = move_balances(absorption_id=absorption.pk, now=now)
        _close(absorption.transfer, on=timezone.localdate(now))
        return moved

    found = done.select_related("transfer__giver__organisation").order_by("pk")
    return each_apart("flux.absorptions", list(found), followed, now=now)


def _close(transfer: StockTransfer, *, on: date) -> None:
    gone = transfer.giver
    if gone.organisation.closed_on is not None or waiting_at(gone):
        return
    if gone.units.filter(left_on=None).exists():
        return
    assert transfer.accepted_by is not None
    close_absorbed(gone=gone, stays=transfer.receiver, why=why_words(transfer.receiver), on=on, by=transfer.accepted_by)
