"""What a transfer of programmes moves, and what stands in its way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from flux.models import Absorption, Ledger, Programme, StockAssignment, StockTransfer, TransferredUnit, Unit, Vacancy
from flux.models.stock_assignment import StockAssignmentQuerySet
from flux.permissions import can_manage_stock
from flux.queries.programmes import ProgrammeRow, Stage, rows, with_figures
from reservations.models import Convention, Landlord, Membership, StockRight, Territory
from reservations.models.territory import holds_one_of

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


def told_to(transfer: StockTransfer) -> set[int]:
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
        told = {**asdict(self), "on": self.on.isoformat()}
        return told if self.whole else {name: value for name, value in told.items() if name != "whole"}

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Passed:
        """From what `as_json` wrote, for ever."""
        return cls(**{**told, "on": date.fromisoformat(told["on"])})


def passed(landlord: int, exercise: int, departements: Collection[int | None]) -> list[tuple[int, Passed]]:
    """The transfers that gave, or brought, units of these départements (ids) in that year, each with its département,
    in the order of their days. One query."""
    found = (
        TransferredUnit.objects.filter(
            Q(programme__transfer__giver=landlord) | Q(programme__transfer__receiver=landlord),
            becomes__commune__departement__in=departements,
            programme__transfer__takes_effect_on__year=exercise,
        )
        .order_by()
        .values(
            "programme__transfer",
            "becomes__commune__departement",
            "programme__transfer__giver",
            on=F("programme__transfer__takes_effect_on"),
            source=F("programme__transfer__source"),
            whole=F("programme__transfer__absorption"),
            **{
                f"{side}_{name}": F(f"programme__transfer__{side}__organisation__{name}")
                for side in ("giver", "receiver")
                for name in ("siren", "name")
            },
        )
        .annotate(units=Count("pk"), programmes=Count("programme", distinct=True))
    )
    counted: list[dict[str, Any]] = sorted(map(dict, found), key=lambda row: (row["on"], row["programme__transfer"]))
    told: list[tuple[int, Passed]] = []
    for row in counted:
        gave = row["programme__transfer__giver"] == landlord
        other = "receiver" if gave else "giver"
        figures = (row["programmes"], row["units"], row["source"], row["whole"] is not None)
        each = Passed(row["on"], gave, row[f"{other}_siren"], row[f"{other}_name"], *figures)
        told.append((row["becomes__commune__departement"], each))
    return told


def passed_in(ledgers: Collection[Ledger]) -> list[tuple[Territory, Passed]]:
    """The same in accounts of one landlord and one year, in their order. One query, none without an account."""
    if not ledgers:
        return []
    first, places = next(iter(ledgers)), {ledger.departement_id: ledger.departement for ledger in ledgers}
    found = passed(first.landlord_id, first.exercise, list(places))
    return [(place, each) for pk, place in places.items() for departement, each in found if departement == pk]
