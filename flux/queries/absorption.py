"""What passes with a landlord that another absorbs: its conventions, and what its accounts leave to each holder."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, Sum

from flux.models import (
    AbsorbedBalance,
    Absorption,
    CarriedOver,
    FlowEntry,
    Ledger,
    LedgerLine,
    Programme,
    StockTransfer,
    TransferredProgramme,
    Vacancy,
)
from flux.queries.account import bearing
from reservations.models import Convention, Landlord, ReservationHolder, Territory
from reservations.models.convention import UNIT
from reservations.queries.absorption import bound, twin
from reservations.queries.rights import rights


@dataclass(frozen=True, slots=True)
class Passing:
    """One convention that ends: `ours` binds its holder already, else it goes on."""

    convention: Convention
    ours: Convention | None


@dataclass(frozen=True, slots=True)
class Balance:
    """What one account leaves to one holder, in millionths: due less received, and what is left to give back."""

    ledger: Ledger
    holder: ReservationHolder
    amount: int


@dataclass(frozen=True, slots=True)
class Whole:
    """What an absorption moves beside the stock."""

    conventions: list[Passing]
    balances: list[Balance]


def whole(transfer_giver: Landlord, receiver: Landlord, on: date) -> Whole:
    """What would pass that day."""
    last = on - timedelta(days=1)
    found = [Passing(each, twin(each, receiver, on)) for each in bound(transfer_giver, last) if each.starts_on <= last]
    holders = set(
        ReservationHolder.objects.filter(quotas__convention__in=[each.convention for each in found])
        .order_by()
        .values_list("pk", flat=True)
    )
    balances = [
        each for ledger in last_ledgers(transfer_giver) for each in balances_of(ledger) if each.holder.pk in holders
    ]
    return Whole(found, balances)


def last_ledgers(landlord: Landlord) -> list[Ledger]:
    """Of each département, the account of the yearly percentages of the last year: it has what earlier ones left."""
    found = Ledger.objects.ordinary().filter(landlord=landlord).select_related("landlord__organisation", "departement")
    return list(found.order_by("departement_id", "-exercise").distinct("departement_id"))


def balances_of(ledger: Ledger) -> list[Balance]:
    """What an account leaves to each of its holders, the landlord apart; those of nothing too. Three queries."""
    left: dict[int, int] = {}
    for line in LedgerLine.objects.filter(ledger=ledger).order_by("holder"):
        left[line.holder_id] = line.due - UNIT * line.received
    for holder, amount in (
        CarriedOver.objects.filter(ledger=ledger).order_by().values_list("holder").annotate(Sum("amount"))
    ):
        left[holder] = left.get(holder, 0) + amount
    given = FlowEntry.objects.filter(ledger=ledger, stage=FlowEntry.Stage.CARRIED).order_by()
    for holder, amount in given.values_list("holder").annotate(Sum("quantity")):
        left[holder] = left.get(holder, 0) - amount
    own = Q(organisation=ledger.landlord.organisation_id)
    holders = ReservationHolder.objects.exclude(own).filter(pk__in=list(left)).select_related("organisation")
    return [Balance(ledger, holder, left[holder.pk]) for holder in holders.order_by("pk")]


def all_programmes(landlord: Landlord) -> list[Programme]:
    """Those that are the landlord's still: what it gave before is another's."""
    given = TransferredProgramme.objects.filter(becomes__isnull=False, programme__landlord=landlord).order_by()
    return list(
        Programme.objects.filter(landlord=landlord).exclude(pk__in=given.values("programme")).order_by("number", "pk")
    )


def passing_in(ledger: Ledger, absorption: Absorption) -> set[int]:
    """The holders (ids) whose right in an account ended with the landlord, and who have one in that of the other."""
    assert absorption.last_day is not None
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    first = absorption.last_day + timedelta(days=1)
    goes_on = bearing(rights(absorption.transfer.receiver, since=first, until=first), communes)
    return set(ended_in(ledger, absorption)) & {right.holder.pk for right in goes_on}


def ended_in(ledger: Ledger, absorption: Absorption) -> dict[int, Convention]:
    """By holder (id), the convention that ended with the landlord there: it settles what it leaves."""
    assert absorption.last_day is not None
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=ledger.departement_id)
    last = absorption.last_day
    held = bearing(rights(absorption.transfer.giver, since=last, until=last), communes)
    return {right.holder.pk: right.convention for right in held if right.ends_on == last}


def absorption_of(landlord: Landlord | int) -> Absorption | None:
    """The absorption of a landlord that was carried out."""
    found = Absorption.objects.filter(transfer__giver=landlord, last_day__isnull=False)
    return found.select_related("transfer__giver__organisation", "transfer__receiver__organisation").first()


def waiting_at(landlord: Landlord) -> int:
    """What is still to be let there: units declared vacant that no lease closed."""
    found = Vacancy.objects.filter(unit__landlord=landlord, is_let=False, cancelled_at=None)
    return found.exclude(kind__in=[Vacancy.Kind.TECHNICAL, Vacancy.Kind.OUTSIDE]).count()


def other_transfers(landlord: Landlord, *, but: StockTransfer | None = None) -> Collection[StockTransfer]:
    """Transfers of that landlord, given or received, that are not over."""
    found = StockTransfer.objects.filter(Q(giver=landlord) | Q(receiver=landlord), withdrawn_at=None, done_at=None)
    if but is not None:
        found = found.exclude(pk=but.pk)
    return list(found.select_related("giver__organisation", "receiver__organisation").order_by("pk"))


def taken_from(ledger: Ledger, holder: ReservationHolder) -> dict[tuple[date, int], tuple[Landlord, bool]]:
    """In the account of a holder, by day and amount of a movement: with whom an absorption moved it, and whether this
    account gave it. One query."""
    rows = AbsorbedBalance.objects.filter(entry__ledger=ledger, entry__holder=holder).select_related(
        "entry", "absorption__transfer__giver__organisation", "absorption__transfer__receiver__organisation"
    )
    found = {}
    for row in rows.order_by("pk"):
        transfer, gave = row.absorption.transfer, ledger.landlord_id == row.absorption.transfer.giver_id
        found[row.entry.on, row.entry.quantity] = (transfer.receiver if gave else transfer.giver, gave)
    return found
