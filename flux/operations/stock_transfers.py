"""The acts on stock transfers.

* Giving programmes to another landlord: proposed by one, accepted by the other, carried out on its day.
* A landlord that another absorbs: its stock, its conventions and its accounts pass, then it closes (decision 81).
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from flux.engine.counters import Spread
from flux.models import (
    AbsorbedBalance,
    Absorption,
    FlowEntry,
    Ledger,
    Programme,
    StockTransfer,
    TransferredProgramme,
    Vacancy,
)
from flux.operations.decision import write_lines
from flux.operations.entries import carry_absorbed, pass_carried
from flux.operations.ledgers import open_account
from flux.operations.stock_moving import move_stock
from flux.pages.stock_transfers import obstacles, other_words, why_words
from flux.queries.stock_transfers import (
    all_programmes,
    ended_in,
    last_ledgers,
    other_transfers,
    passing_in,
    waiting_at,
    weigh,
)
from flux.situation import load
from reservations.models import Landlord, ReservationHolder, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.absorption import act_there, close_absorbed, pass_conventions
from reservations.operations.apart import each_apart
from reservations.queries.signatories import signs_here
from reservations.refusals import Refusal, constraints_speak
from reservations.wakeups import wake
from reservations.words import day, of, to

Stage = FlowEntry.Stage


class _Tried(Exception):
    """What was tried is undone."""


def what_hinders(giver: Landlord, receiver: Landlord, on: date, *, by: User, but: StockTransfer | None) -> list[str]:
    """What stands in the way of the conventions, found by having them pass, which is then undone."""
    rows = [other_words(each) for each in other_transfers(giver, but=but)]
    try:
        with transaction.atomic():
            pass_conventions(gone=giver, stays=receiver, last=on - timedelta(days=1), why=why_words(receiver), by=by)
            raise _Tried
    except _Tried:
        return rows
    except Refusal as refused:
        return [*rows, str(refused)]


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
    is_over = first.year > ledger.exercise
    if passing and (is_over or not ledger.lines.exclude(due=0).exists()):
        year = first if is_over else date(ledger.exercise, 12, 31)
        theirs = open_account(absorption.transfer.receiver_id, ledger.departement_id, year)
        clauses = {holder: each for holder, each in ended_in(ledger, absorption).items() if holder in passing}
        if is_over:  # the next year carries what this one left, nothing is written in it
            return len(carry_absorbed(before=ledger, ledger=theirs, absorption=absorption, clauses=clauses, on=on))
        return len(pass_carried(ledger=ledger, theirs=theirs, absorption=absorption, clauses=clauses, on=on))
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


#: Known by its name: what states the parties lives upstairs.
ANNOUNCE = "attributions.announce_transfers"

logger = logging.getLogger(__name__)

#: How far ahead the day of a transfer may be stated.
FURTHEST = timedelta(days=366)


class TransferRefused(Refusal):
    """These programmes cannot be given so; `field` is where."""


class TransferHindered(Refusal):
    """What stands in the way, sentence by sentence."""


@dataclass(frozen=True, slots=True)
class Given:
    """What is given, to whom, from when, and the act that says so. `absorbs`: everything, conventions and accounts too;
    no programme is named."""

    receiver: Landlord
    programmes: Collection[Programme]
    takes_effect_on: date
    source: str
    absorbs: bool = False


@atomic
def propose_transfer(*, giver: Landlord, given: Given, by: User, now: datetime | None = None) -> StockTransfer:
    """Propose programmes to another landlord, from a day on. Nothing moves before it accepts, and before that day.

    Raises TransferRefused: oneself, none of one's own programmes, a day gone by or more than a year ahead, no act, a
    programme that is in another transfer; TransferHindered with what stands in the way.
    """
    now = now or timezone.now()
    check_given(giver, given, today=timezone.localdate(now), by=by)
    with constraints_speak(StockTransfer):
        transfer = StockTransfer.objects.create(
            giver=giver,
            receiver=given.receiver,
            takes_effect_on=given.takes_effect_on,
            source=given.source.strip(),
            proposed_at=now,
            proposed_by=by,
        )
    if given.absorbs:
        Absorption.objects.create(transfer=transfer)
    TransferredProgramme.objects.bulk_create(
        TransferredProgramme(transfer=transfer, programme=programme) for programme in given.programmes
    )
    wake(ANNOUNCE)
    return transfer


def check_given(giver: Landlord, given: Given, *, today: date, by: User) -> None:
    """Raise TransferRefused, or TransferHindered, as `propose_transfer` does. Locks the programmes."""
    if given.receiver.pk == giver.pk:
        raise TransferRefused("Choisissez un autre bailleur : celui-ci cède.", field="receiver")
    if given.absorbs and given.programmes:
        raise TransferRefused("Ne cochez aucun programme : tout passe.", field="programmes")
    if not (given.programmes or given.absorbs) or any(each.landlord_id != giver.pk for each in given.programmes):
        raise TransferRefused("Cochez au moins un de vos programmes.", field="programmes")
    if given.takes_effect_on < today:
        raise TransferRefused(
            "Choisissez aujourd’hui ou un jour à venir : ce qui est passé a déjà été compté.", field="takes_effect_on"
        )
    if given.takes_effect_on > today + FURTHEST:
        raise TransferRefused("Vérifiez l’année : ce jour est à plus d’un an d’ici.", field="takes_effect_on")
    if not given.source.strip():
        raise TransferRefused("Citez l’acte qui le dit : acte notarié, délibération, traité d’apport.", field="source")
    ids = [programme.pk for programme in given.programmes]
    list(in_order(Programme.objects.all()).filter(pk__in=ids).order_by("pk"))
    other = TransferredProgramme.objects.filter(programme__in=ids, transfer__withdrawn_at=None)
    if (found := other.select_related("programme", "transfer__receiver__organisation").first()) is not None:
        raise TransferRefused(
            f"{found.programme} est déjà dans une cession {to(found.transfer.receiver)}, à compter du "
            f"{day(found.transfer.takes_effect_on)}.",
            field="programmes",
        )
    moves = all_programmes(giver) if given.absorbs else given.programmes
    rows = obstacles(given.receiver, weigh(given.receiver, moves, given.takes_effect_on))
    if given.absorbs:
        rows += what_hinders(giver, given.receiver, given.takes_effect_on, by=by, but=None)
    if rows:
        raise TransferHindered(" ".join(rows))


def hindrances(transfer: StockTransfer, on: date, *, by: User) -> list[str]:
    """What stands in the way of a transfer on that day, sentence by sentence."""
    rows = obstacles(transfer.receiver, weigh(transfer.receiver, programmes_of(transfer), on))
    if absorbs(transfer):
        rows += what_hinders(transfer.giver, transfer.receiver, on, by=by, but=transfer)
    return rows


def absorbs(transfer: StockTransfer) -> bool:
    """Does it give the whole of a landlord?"""
    return Absorption.objects.filter(transfer=transfer).exists()


def _check_free(transfer: StockTransfer, today: date, *, by: User) -> None:
    if rows := hindrances(transfer, max(today, transfer.takes_effect_on), by=by):
        raise TransferHindered(" ".join(rows))


@atomic
def accept_transfer(
    *, transfer: StockTransfer, by: User, signer: str = "", now: datetime | None = None
) -> StockTransfer:
    """The landlord that receives accepts: it is then carried out on its day, at once when that day is here.

    `signer`: who accepted by hand, for a landlord for which nobody acts here; the one that gives then says so.
    Raises TransferRefused: answered already, a day gone by, a signature on paper for who signs here, or none;
    TransferHindered.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    held = _waiting(transfer)
    if today > held.takes_effect_on:
        raise TransferRefused(
            f"Le {day(held.takes_effect_on)} est passé : {held.giver} la retire, puis la propose à partir "
            "d’aujourd’hui."
        )
    at = held.receiver.organisation
    if not by.memberships.filter(organisation=at).exists():
        if signs_here(at):
            raise TransferRefused(f"Quelqu’un agit ici au nom {of(at)} : c’est à lui d’accepter.", field="signer")
        if not signer.strip():
            raise TransferRefused("Écrivez le nom et la qualité de qui a accepté.", field="signer")
        held.signer = signer.strip()
    _check_free(held, today, by=by)
    held.accepted_at, held.accepted_by = now, by
    held.save(update_fields=["accepted_at", "accepted_by", "signer"])
    if held.takes_effect_on <= today:
        held = carry_out(transfer=held, now=now)
    wake(ANNOUNCE)
    return held


@atomic
def withdraw_transfer(*, transfer: StockTransfer, why: str, by: User, now: datetime | None = None) -> StockTransfer:
    """The one that gives takes its proposal back, or the other refuses it. Raises TransferRefused: answered already, or
    no reason."""
    held = _waiting(transfer)
    if not why.strip():
        raise TransferRefused("Dites pourquoi en une phrase : l’autre bailleur la lira.", field="why")
    held.withdrawn_at, held.withdrawn_by, held.withdrawn_why = now or timezone.now(), by, why.strip()
    held.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    wake(ANNOUNCE)
    return held


def _waiting(transfer: StockTransfer) -> StockTransfer:
    held = _held(transfer.pk)
    if held.withdrawn_at is not None:
        raise TransferRefused("Cette cession est déjà retirée ou refusée : rechargez la page.")
    if held.accepted_at is not None:
        raise TransferRefused("Cette cession est déjà acceptée : rechargez la page.")
    return held


def _held(pk: int) -> StockTransfer:
    rows = in_order(StockTransfer.objects.all())
    return rows.select_related("giver__organisation", "receiver__organisation").get(pk=pk)


def programmes_of(transfer: StockTransfer) -> list[Programme]:
    """Those that a transfer gives: of an absorption, all those of the landlord until its day."""
    if transfer.done_at is None and absorbs(transfer):
        return all_programmes(transfer.giver)
    ids = transfer.programmes.order_by().values("programme")
    return list(Programme.objects.filter(pk__in=ids).order_by("number", "pk"))


@atomic
def carry_out(*, transfer: StockTransfer, now: datetime) -> StockTransfer:
    """Move what an accepted transfer gives, once: asking again changes nothing. Raises TransferHindered."""
    held = _held(transfer.pk)
    if held.accepted_at is None or held.done_at is not None:
        return held
    assert held.accepted_by is not None
    _check_free(held, timezone.localdate(now), by=held.accepted_by)
    if whole := Absorption.objects.filter(transfer=held).first():
        TransferredProgramme.objects.bulk_create(
            TransferredProgramme(transfer=held, programme=programme) for programme in programmes_of(held)
        )
    move_stock(held)
    if whole:
        absorb(whole, now=now)
    held.done_at = now
    held.save(update_fields=["done_at"])
    wake(ANNOUNCE)
    return held


def carry_out_due(*, now: datetime | None = None) -> int:
    """Every night: carry out each accepted transfer whose day has come. How many.

    One that is hindered stays, its page says why, and it is tried again the next night.
    """
    now = now or timezone.now()
    due = StockTransfer.objects.to_carry_out().filter(takes_effect_on__lte=timezone.localdate(now))
    return each_apart("flux.transfers", list(due), lambda transfer: _carry_out_due(transfer, now), now=now)


def _carry_out_due(transfer: StockTransfer, now: datetime) -> bool:
    try:
        return carry_out(transfer=transfer, now=now).done_at is not None
    except TransferHindered as hindered:
        logger.warning("Transfer %s is hindered: %s", transfer.pk, hindered)
        return False
