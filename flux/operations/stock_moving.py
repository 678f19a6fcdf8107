"""What a transfer of programmes moves, in the transaction of its act: programmes, units, and the rights they bear."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Max

from flux.models import (
    OutsideFlow,
    Programme,
    StockAssignment,
    StockTransfer,
    TransferredProgramme,
    TransferredUnit,
    Unit,
    UnitDescription,
    Vacancy,
)
from flux.operations.description import describe_all
from flux.operations.unit_file import PLACE, copy_units, give_references, ordinals_at
from flux.queries.stock_transfers import borne, moving
from reservations.models import HistoryEntry, Landlord, StockRight, User
from reservations.models.guards import in_order
from reservations.operations.history import record_each
from reservations.operations.stock_right import LONGEST_REFERENCE
from reservations.words import day, of

#: As long as the name of a programme.
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Moved:
    """What a transfer made: by the id of the old one, the new programmes and units."""

    transfer: StockTransfer
    programmes: Mapping[int, Programme]
    units: Mapping[int, Unit]


def move_stock(transfer: StockTransfer) -> None:
    """Each unit leaves the stock of the one that gives, and is a new one of the other's, with the same facts; what was
    lived stays with the one that left (docs/decisions/0071). Rights in stock, and what takes a unit out of the flow,
    follow it. The caller holds the transfer, and nothing hinders it."""
    given = list(transfer.programmes.select_related("programme").order_by("programme__number", "pk"))
    in_order(Landlord.objects.all()).get(pk=transfer.receiver_id)
    list(in_order(Unit.objects.filter(programme__in=[each.programme_id for each in given])).values_list("pk"))
    programmes = _programmes(transfer, given)
    units = moving([each.programme_id for each in given])
    moved = Moved(transfer, programmes, _units(transfer, given, units, programmes))
    _facts(moved, units)
    _outside(moved)
    _rights(moved, units)
    for unit in units:
        unit.left_on, unit.left_why = transfer.takes_effect_on, Unit.Left.TRANSFERRED
    Unit.objects.bulk_update(units, ["left_on", "left_why"], batch_size=1_000)


def _programmes(transfer: StockTransfer, given: Sequence[TransferredProgramme]) -> dict[int, Programme]:
    """By the id of the old one, the new programmes, after those that the landlord has."""
    receiver = transfer.receiver
    theirs = Programme.objects.filter(landlord=receiver)
    last = theirs.aggregate(last=Max("number"))["last"] or 0
    named = set(theirs.values_list("name", "commune"))
    made: dict[int, Programme] = {}
    for rank, each in enumerate(given, start=1):
        old = each.programme
        name = old.name
        if (name, old.commune_id) in named:  # two of one name there: whom this one comes from distinguish them
            name = _name_apart(old, transfer.giver)
        made[old.pk] = each.becomes = Programme.objects.create(
            landlord=receiver,
            number=last + rank,
            name=name,
            commune_id=old.commune_id,
            attractiveness=old.attractiveness,
            delivered_on=old.delivered_on,
        )
        each.save(update_fields=["becomes"])
    return made


def _name_apart(old: Programme, giver: Landlord) -> str:
    """« Les Quais (Robine Habitat, n° 3) »: the name is cut where it is too long, never whom it comes from."""
    mark = f" ({giver}, n° {old.number})"
    if len(mark) > LONGEST_NAME // 2:
        mark = f" ({giver.acronym}, n° {old.number})"
    return f"{old.name[: LONGEST_NAME - len(mark)].rstrip()}{mark}"


def _units(
    transfer: StockTransfer,
    given: Sequence[TransferredProgramme],
    units: Sequence[Unit],
    programmes: Mapping[int, Programme],
) -> dict[int, Unit]:
    """By the id of the old one, the new units. References of ours are given again, theirs are kept."""
    ordinals = ordinals_at(transfer.receiver, [{name: getattr(unit, name) for name in PLACE} for unit in units])
    new: list[Unit] = []
    for unit in units:
        other = copy(unit)
        other.pk, other._state = None, copy(unit._state)
        other.landlord, other.programme = transfer.receiver, programmes[unit.programme_id]
        here = tuple(getattr(unit, name) for name in PLACE)
        ordinals[here] += 1
        other.ordinal = ordinals[here]
        if not unit.is_own_reference:
            other.reference = ""
        new.append(other)
    give_references(transfer.receiver, new)
    copy_units(new)
    written = {
        (unit.programme_id, unit.reference): unit
        for unit in Unit.objects.filter(programme__in=programmes.values()).select_related("programme")
    }
    became = {old.pk: written[other.programme_id, other.reference] for old, other in zip(units, new, strict=True)}
    of_programme = {each.programme_id: each for each in given}
    TransferredUnit.objects.bulk_create(
        (
            TransferredUnit(programme=of_programme[unit.programme_id], unit=unit, becomes=became[unit.pk])
            for unit in units
        ),
        batch_size=1_000,
    )
    return became


def _facts(moved: Moved, units: Sequence[Unit]) -> None:
    """What a description says and a unit does not mirror: the district of each, and the list it is on."""
    last = UnitDescription.objects.filter(unit__in=units).order_by("unit_id", "-since", "-pk").distinct("unit_id")
    values = {
        moved.units[row.unit_id].pk: {"qpv_code": row.qpv_code, "qpv_list": row.qpv_list}
        for row in last
        if row.qpv_code or row.qpv_list
    }
    describe_all(
        Unit.objects.filter(pk__in=list(values)),
        lambda unit: values[unit.pk],
        since=moved.transfer.takes_effect_on,
        source=_source(moved.transfer),
        by=moved.transfer.accepted_by,
    )


def _outside(moved: Moved) -> None:
    since = moved.transfer.takes_effect_on
    kept = OutsideFlow.objects.filter(unit__in=list(moved.units)).exclude(ends_on__lt=since).order_by("pk")
    OutsideFlow.objects.bulk_create(
        OutsideFlow(
            unit=moved.units[each.unit_id],
            reason=each.reason,
            starts_on=max(since, each.starts_on),
            ends_on=each.ends_on,
            source=each.source,
            recorded_by=_who(moved.transfer),
        )
        for each in kept
    )


def _rights(moved: Moved, units: Sequence[Unit]) -> None:
    """Each right goes on with the other landlord for what moves; with this one for what it bears on elsewhere."""
    transfer = moved.transfer
    eve = transfer.takes_effect_on - timedelta(days=1)
    borne_by: dict[int, list[StockAssignment]] = defaultdict(list)
    for each in (
        borne(units, list(moved.programmes), transfer.takes_effect_on)
        .with_taken(eve)
        .select_related("right")
        .order_by("pk")
    ):
        borne_by[each.right_id].append(each)
    rights = list(in_order(StockRight.objects.all()).filter(pk__in=list(borne_by)).order_by("pk"))
    taken = set(transfer.receiver.stock_rights.exclude(reference="").values_list("reference", flat=True))
    for right in rights:
        _pass_right(moved, right, borne_by[right.pk], _free_reference(right, transfer, taken))


def _pass_right(moved: Moved, right: StockRight, bearers: Sequence[StockAssignment], reference: str) -> None:
    transfer = moved.transfer
    since, by = transfer.takes_effect_on, _who(transfer)
    other = copy(right)
    other.pk, other._state = None, copy(right._state)
    other.landlord, other._state.adding = transfer.receiver, True
    other.reference = reference
    other.save()
    StockAssignment.objects.bulk_create(
        assignment for each in bearers for assignment in _bearers(moved, each, other, max(since, each.starts_on))
    )
    for each in bearers:
        if each.starts_on >= since:
            each.delete()
        else:
            each.ends_on = since - timedelta(days=1)
            each.save(update_fields=["ends_on"])
    details = {"landlord": [str(transfer.giver), str(transfer.receiver)]}
    record_each([(other, details)], HistoryEntry.Act.RECORDED, by=by, why=_source(transfer))
    record_each([(right, details)], HistoryEntry.Act.EDITED, by=by, why=_source(transfer))
    if not StockAssignment.objects.living_between(since, date.max).filter(right=right).exists():
        before, right.ends_on = right.ends_on, since - timedelta(days=1)
        right.save(update_fields=["ends_on"])
        ended = {"ends_on": [before.isoformat() if before else None, right.ends_on.isoformat()]}
        record_each([(right, ended)], HistoryEntry.Act.ENDED, by=by, why=_source(transfer))


def _bearers(moved: Moved, each: StockAssignment, right: StockRight, start: date) -> list[StockAssignment]:
    """What bears the right from then on. Of a programme: the units that it has taken, when it has taken all that it may
    and follows them; else as many as were left to take."""
    if each.unit_id is not None:
        return [StockAssignment(right=right, unit=moved.units[each.unit_id], starts_on=start, ends_on=each.ends_on)]
    programme = moved.programmes[each.programme_id or 0]
    recurring = right.use == StockRight.Use.RECURRING
    used = Vacancy.objects.filter(stock_right=each.right_id, unit__programme=each.programme_id).order_by()
    took = [moved.units[unit] for unit in used.values_list("unit", flat=True).distinct() if unit in moved.units]
    if recurring and len(took) == each.units:
        return [
            StockAssignment(right=right, unit=unit, starts_on=start, ends_on=each.ends_on)
            for unit in sorted(took, key=lambda unit: unit.pk)
        ]
    left = each.units if recurring else each.units - each.taken
    return [StockAssignment(right=right, programme=programme, units=left, starts_on=start, ends_on=each.ends_on)]


def _free_reference(right: StockRight, transfer: StockTransfer, taken: set[str]) -> str:
    """That of the title, unless the other landlord has one of that reference: then with whom it comes from."""
    if not right.reference:
        return ""
    reference, rank = right.reference, 1
    while reference in taken:
        mark = f" ({transfer.giver.acronym}{'' if rank == 1 else f' {rank}'})"
        reference, rank = f"{right.reference[: LONGEST_REFERENCE - len(mark)]}{mark}", rank + 1
    taken.add(reference)
    return reference


def _source(transfer: StockTransfer) -> str:
    """« Cession de Robine Habitat le 1er mars 2026 : acte notarié »."""
    return f"Cession {of(transfer.giver)} le {day(transfer.takes_effect_on)} : {transfer.source}"[:200]


def _who(transfer: StockTransfer) -> User:
    """Who accepted it: a transfer is carried out once it is."""
    assert transfer.accepted_by is not None
    return transfer.accepted_by
