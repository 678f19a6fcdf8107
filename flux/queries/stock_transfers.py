"""What is read of stock transfers.

* Dues moved at the end of a right: they bear on no commune, and are read where a whole département is.
* What a transfer of programmes moves, and what stands in its way.
* What passes with a landlord that another absorbs: its conventions, and what its accounts leave to each holder.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import product
from operator import itemgetter
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from flux.models import (
    AbsorbedBalance,
    Absorption,
    CarriedOver,
    FlowEntry,
    Ledger,
    LedgerLine,
    Programme,
    StockAssignment,
    StockTransfer,
    TransferredProgramme,
    TransferredUnit,
    Unit,
    Vacancy,
)
from flux.models.stock_assignment import StockAssignmentQuerySet
from flux.permissions import can_manage_stock
from flux.queries.accounts import bearing
from flux.queries.programmes import ProgrammeRow, Stage, rows, with_figures
from reservations.models import Convention, Landlord, Membership, ReservationHolder, StockRight, Territory
from reservations.models.convention import UNIT
from reservations.models.territory import holds_one_of
from reservations.models.together import Steps, stepwise
from reservations.queries.rates import bound, bound_until
from reservations.queries.rights import rights


def transfers_in(territory: int) -> Q:
    """Condition on months of accounts: they bear on no commune, and a territory (id) has their whole département."""
    # By their ids, found first: joined, a région would be looked for in every commune of France.
    whole = Territory.objects.filter(Q(pk=territory) | Q(region=territory), kind=Territory.Kind.DEPARTEMENT)
    return Q(commune=None, ledger__departement__in=whole.order_by().values("pk"))


#: Where the first letting of a programme is over, or was never shared.
LIVED = (Stage.STOCK, Stage.LET)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a transfer moves: counts, and the accounts in which the units fall vacant from then on. `stays`: units
    declared vacant already, which are let where they were declared.

    What stands in the way: programmes whose first letting goes on (`lettings`), references and RPLS identifiers that
    the landlord that receives has (`references`, `ids`), rights that begin on that day or later (`later`).
    """

    programmes: int
    units: int
    rights: int
    stays: int
    accounts: list[str]
    lettings: list[ProgrammeRow]
    references: list[str]
    ids: list[str]
    later: list[StockRight]


def moving(programmes: Collection[int]) -> list[Unit]:
    """The units of these programmes (by id) that are in the stock still."""
    found = Unit.objects.filter(programme__in=programmes, left_on=None)
    return list(found.select_related("commune__departement").order_by("programme", "reference", "pk"))


def borne(units: Iterable[Unit], programmes: Collection[int], on: date) -> StockAssignmentQuerySet:
    """The stock rights that these bear on that day, or will."""
    living = StockAssignment.objects.living_between(on, date.max)
    return living.filter(Q(unit__in=[unit.pk for unit in units]) | Q(programme__in=programmes))


def weigh(receiver: Landlord, programmes: Collection[Programme], on: date) -> Weighed:
    """What would move on that day. A fixed number of queries."""
    ids = [programme.pk for programme in programmes]
    units = moving(ids)
    rights = list(borne(units, ids, on).select_related("right__holder__organisation").order_by("pk"))
    stays = Vacancy.objects.filter(unit__programme__in=ids, is_let=False).exclude(
        kind__in=[Vacancy.Kind.TECHNICAL, Vacancy.Kind.OUTSIDE]
    )
    theirs = Unit.objects.filter(landlord=receiver).order_by()
    own = {unit.reference for unit in units if unit.is_own_reference}
    known = {unit.rpls_id for unit in units if unit.rpls_id}
    figures = with_figures(Programme.objects.filter(pk__in=ids)).order_by("number", "pk")
    return Weighed(
        programmes=len(ids),
        units=len(units),
        rights=len({each.right_id for each in rights}),
        stays=stays.count(),
        accounts=sorted({str(unit.commune.departement) for unit in units}),
        lettings=[row for row in rows(figures) if row.stage not in LIVED],
        references=sorted(theirs.filter(reference__in=own).values_list("reference", flat=True)),
        ids=sorted(theirs.filter(rpls_id__in=known).values_list("rpls_id", flat=True)),
        later=list({each.right_id: each.right for each in rights if each.right.starts_on >= on}.values()),
    )


def to_accept(member: Membership) -> QuerySet[StockTransfer]:
    """Those that a person may accept for the landlord that receives: a manager's, who takes the stock in."""
    landlord = member.landlord
    if landlord is None or not can_manage_stock(member, landlord):
        return StockTransfer.objects.none()
    return StockTransfer.objects.filter(receiver=landlord, accepted_at=None, withdrawn_at=None).order_by("pk")


def concerned_by(transfer: StockTransfer) -> set[int]:
    """The organisations (by id) that a transfer concerns beside its two landlords: those with a right on what moves,
    or a share of what either of them lets in a commune of what moves. An absorption ends every convention of the one
    that gives: it concerns all of its holders."""
    moved = transfer.programmes.order_by()
    programmes = list(moved.values_list("programme", flat=True))
    units = Unit.objects.filter(programme__in=programmes)
    held = StockAssignment.objects.filter(Q(programme__in=programmes) | Q(unit__in=units)).order_by()
    found = set(held.values_list("right__holder__organisation", flat=True))
    communes = Territory.objects.filter(pk__in=Programme.objects.filter(pk__in=programmes).order_by().values("commune"))
    concerned = holds_one_of(communes, "perimeter")
    if Absorption.objects.filter(transfer=transfer).exists():
        concerned |= Q(landlord=transfer.giver_id)
    bound = Convention.objects.in_force(transfer.takes_effect_on).filter(
        concerned, landlord__in=[transfer.giver_id, transfer.receiver_id]
    )
    return found | set(bound.order_by().values_list("organisation", flat=True))


@dataclass(frozen=True, slots=True)
class Passed:
    """Units that passed in one account: what its landlord `gave`, or received; the other `landlord`, with its SIREN;
    the act that says so; `whole`: an absorption, that moved the conventions and the accounts too."""

    on: date
    gave: bool
    siren: str
    landlord: str
    programmes: int
    units: int
    source: str
    whole: bool = False

    def as_json(self) -> dict[str, Any]:
        """For a file; what `of_json` reads back."""
        content = {**asdict(self), "on": self.on.isoformat()}
        return content if self.whole else {name: value for name, value in content.items() if name != "whole"}

    @classmethod
    def of_json(cls, content: Mapping[str, Any]) -> Passed:
        """From what `as_json` wrote, for ever."""
        return cls(**{**content, "on": date.fromisoformat(content["on"])})


@stepwise
def passed(landlord: int, exercise: int, departements: Collection[int | None]) -> Steps[list[tuple[int, Passed]]]:
    """The transfers that gave, or brought, units of these départements (ids) in that year, each with its département,
    in the order of their days. One query."""
    transfer, of_each = "programme__transfer__", product(("giver", "receiver"), ("siren", "name"))
    counted = (
        TransferredUnit.objects.filter(
            Q(programme__transfer__giver=landlord) | Q(programme__transfer__receiver=landlord),
            becomes__commune__departement__in=departements,
            programme__transfer__takes_effect_on__year=exercise,
        )
        .order_by()
        .values_list(
            *(f"{transfer}{name}" for name in ("takes_effect_on", "pk", "giver", "source", "absorption")),
            "becomes__commune__departement",
            *(f"{transfer}{side}__organisation__{name}" for side, name in of_each),
        )
        .annotate(programmes=Count("programme", distinct=True), units=Count("pk"))
    )
    (rows,) = yield [counted]
    listed: list[tuple[int, Passed]] = []
    for on, _, giver, source, absorption, departement, *names, programmes, units in sorted(rows, key=itemgetter(0, 1)):
        gave = giver == landlord
        siren, name = names[2:] if gave else names[:2]
        listed.append((departement, Passed(on, gave, siren, name, programmes, units, source, absorption is not None)))
    return listed


@stepwise
def passed_in(ledgers: Collection[Ledger]) -> Steps[list[tuple[Territory, Passed]]]:
    """The same in accounts of one landlord and one year, in their order. One query, none without an account."""
    if not ledgers:
        return []
    first, places = next(iter(ledgers)), {ledger.departement_id: ledger.departement for ledger in ledgers}
    found = yield from passed.steps(first.landlord_id, first.exercise, list(places))
    return [(place, each) for pk, place in places.items() for departement, each in found if departement == pk]


@dataclass(frozen=True, slots=True)
class Passing:
    """One convention that ends: what the other landlord signed binds its holder until the day `own`, if any; it then
    goes on."""

    convention: Convention
    own: date | None


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
    ending = [each for each in bound(transfer_giver, last) if each.starts_on <= last]
    found = [Passing(each, bound_until(each, receiver, on)) for each in ending]
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
