"""The acts on description.

* What a unit is, from a day on: a change begins a description and moves no figure; an error corrected, or what was
  not known, takes the past along, and leaves a trace (CCH, R441-5-1; docs/decisions/0037).
* Units of a commune that became a part of another: they are in this one from that day on (docs/decisions/0038).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from flux import financing
from flux.models import Programme, Unit, UnitDescription
from flux.models.description import DESCRIBED
from flux.models.unit import UNIT_BOUNDS
from reservations.bounds import Bound, first_fault
from reservations.models import HistoryEntry, Territory, TerritoryLink, User
from reservations.models.guards import in_order
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

Act = UnitDescription.Act

#: What the landlord's staff may say of a unit from a day on.
CHANGEABLE = ("rooms", "financing_code", "in_qpv", "qpv_code", "qpv_list", "construction_year")
BATCH = 1000
#: Of a fact that a description may not give.
UNKNOWN = ("", None)
QPV_LIST = Bound("qpv_list", 2015, 2100, "La première liste de quartiers est celle de 2015 : écrivez son année.")
#: The list that the codes of a district come from, by their first letters.
LIST_OF = {"QP": 2015, "QN": 2024}


class DescriptionRefused(Refusal):
    """A description that cannot be; `field` is its column."""


@atomic
def change_unit(
    *, unit: Unit, since: date, changes: Mapping[str, Any], source: str, by: User | None, today: date | None = None
) -> UnitDescription:
    """The unit is another one from a day on: a works programme, another list of districts, another commune. What was
    counted before stays as counted, and so does what was counted since, before this was known.

    `changes`: some of CHANGEABLE, by column; the others stay. `today`: the last day that may be stated.
    Raises DescriptionRefused: nothing changes, a day to come or before the last description, no source, a value that
    cannot be.
    """
    rows = _held(unit)
    last = rows[-1]
    _check_day(since, today or timezone.localdate(), source)
    if since < last.since:
        raise DescriptionRefused(
            f"Ce logement est déjà décrit à compter du {last.since:%d/%m/%Y}. Choisissez ce jour ou un jour suivant ; "
            "si c’est une description passée qui est fausse, corrigez-la comme une erreur.",
            field="since",
        )
    values = _values_changed(last, changes)
    return _write(unit, [_row(last, values, act=Act.CHANGE, since=since, source=source, by=by)], rows, by=by)


@atomic
def correct_unit(
    *,
    description: UnitDescription,
    since: date,
    changes: Mapping[str, Any],
    source: str,
    by: User | None,
    today: date | None = None,
) -> UnitDescription:
    """A description was false from a day on: what it counted since then counts otherwise, in every balance that is not
    sealed. A false value is put right in the descriptions that follow too, as long as they repeat it.

    `since`: its first day, or a later one before the next description: a change that was missed is an error since that
    day. Raises DescriptionRefused, as `change_unit`; a description already corrected.
    """
    unit = description.unit
    rows = _held(unit)
    at = next((place for place, row in enumerate(rows) if row.pk == description.pk), None)
    if at is None:
        raise DescriptionRefused("Cette description a déjà été corrigée : relisez la page, et corrigez la dernière.")
    _check_day(since, today or timezone.localdate(), source)
    until = next((row.since for row in rows[at + 1 :] if row.since > description.since), None)
    if since < description.since or (until is not None and since >= until):
        raise DescriptionRefused(
            f"Cette description vaut {description.begins}"
            + (f", jusqu’au {until - timedelta(1):%d/%m/%Y}" if until else "")
            + " : choisissez un jour de cette période.",
            field="since",
        )
    values = _values_changed(description, changes)
    new = [_row(description, values, act=Act.ERROR, since=since, source=source, by=by)]
    wrong = {name: getattr(description, name) for name in DESCRIBED if values[name] != getattr(description, name)}
    new += _following(rows[at + 1 :], new[0], wrong)
    return _write(unit, new, rows, by=by)


def completed(
    rows: Sequence[UnitDescription], values: Mapping[str, Any], *, source: str, by: User | None
) -> list[UnitDescription]:
    """The rows that say, of a unit with these descriptions, what the last of them did not know: from the first of those
    without it. Nothing is written."""
    known = {
        name: value for name, value in values.items() if getattr(rows[-1], name) in UNKNOWN and value not in UNKNOWN
    }
    if not known:
        return []
    first = len(rows) - 1
    while first and all(getattr(rows[first - 1], name) in UNKNOWN for name in known):
        first -= 1
    return [
        _row(row, _values(row) | known, act=Act.COMPLETED, since=row.since, source=source, by=by)
        for row in rows[first:]
    ]


def changed(
    rows: Sequence[UnitDescription], changes: Mapping[str, Any], *, since: date, source: str, by: User | None
) -> list[UnitDescription]:
    """The row that begins a change, when there is one. Nothing is written, nor checked."""
    last = rows[-1]
    values = _checked(_values(last) | dict(changes))
    same = all(values[name] == getattr(last, name) for name in DESCRIBED)
    return [] if same else [_row(last, values, act=Act.CHANGE, since=max(since, last.since), source=source, by=by)]


def describe_all(
    units: QuerySet[Unit],
    describe: Callable[[Unit], Mapping[str, Any]],
    *,
    since: date,
    source: str,
    by: User | None,
) -> None:
    """Describe many units at once: what was not known is completed, the rest changes on a day. One read, and one write
    for 1,000 new descriptions; none when nothing is stated otherwise. Raises DescriptionRefused, as `change_unit`."""
    of: dict[int, list[UnitDescription]] = defaultdict(list)
    for row in UnitDescription.objects.filter(unit__in=units).select_related("unit").order_by("unit", "since", "pk"):
        of[row.unit_id].append(row)
    new: list[UnitDescription] = []
    for each in of.values():
        rows, given = in_force(each), describe(each[0].unit)
        found = completed(rows, given, source=source, by=by)
        new += [*found, *changed([*rows, *found[-1:]], given, since=since, source=source, by=by)]
    UnitDescription.objects.bulk_create(new, batch_size=BATCH)


def in_force(rows: Sequence[UnitDescription]) -> list[UnitDescription]:
    """Of all descriptions of one unit, in the order of their day, those that no other has taken the place of."""
    begins = {row.pk: row.since for row in rows}
    replaced = {row.corrects_id for row in rows if row.corrects_id and begins[row.corrects_id] == row.since}
    return [row for row in rows if row.pk not in replaced]


def _held(unit: Unit) -> list[UnitDescription]:
    """Its descriptions that stand, the oldest first; the unit is locked."""
    in_order(Unit.objects.all()).get(pk=unit.pk)
    return in_force(list(unit.descriptions.order_by("since", "pk")))


def _following(
    rows: Sequence[UnitDescription], first: UnitDescription, wrong: Mapping[str, Any]
) -> list[UnitDescription]:
    """What puts right the descriptions that follow, as long as they repeat a wrong value. Those of one day keep their
    order: the last written has the last word."""
    new: list[UnitDescription] = []
    for row in rows:
        days = {first.since, *(each.since for each in new)}
        wrong = {name: value for name, value in wrong.items() if getattr(row, name) == value}
        if wrong or row.since in days:
            right = _values(row) | {name: getattr(first, name) for name in wrong}
            new.append(_row(row, right, act=Act.ERROR, since=row.since, source=first.source, by=first.recorded_by))
    return new


def _row(
    of: UnitDescription, values: Mapping[str, Any], *, act: Act, since: date, source: str, by: User | None
) -> UnitDescription:
    return UnitDescription(
        unit_id=of.unit_id,
        since=since,
        act=act,
        corrects=None if act == Act.CHANGE else of,
        source=source.strip(),
        recorded_by=by,
        **values,
    )


def _write(
    unit: Unit, new: Sequence[UnitDescription], rows: Sequence[UnitDescription], *, by: User | None
) -> UnitDescription:
    """Save them in their order, and state the story of the unit."""
    first = new[0]
    before = first.corrects or rows[-1]
    if unit.is_adapted_plai and financing.group_of(new[-1].financing_code) != "PLAI":
        raise DescriptionRefused(
            "Ce logement est dit PLAI adapté, donc d’abord PLAI (CCH, D331-25-1) : retirez-le d’abord de sa fiche.",
            field="financing_code",
        )
    with constraints_speak(UnitDescription):
        for row in new:
            row.save(force_insert=True)
    changes = {name: [_plain(getattr(before, name)), _plain(getattr(first, name))] for name in DESCRIBED}
    record(
        unit,
        HistoryEntry.Act.EDITED,
        by=by,
        why=f"{first.get_act_display()}, {first.begins} : {first.source}",
        details={name: both for name, both in changes.items() if both[0] != both[1]},
    )
    return first


def _values(row: UnitDescription) -> dict[str, Any]:
    return {name: getattr(row, name) for name in DESCRIBED}


def _values_changed(row: UnitDescription, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a description that says otherwise. Raises DescriptionRefused, when it says the same too."""
    values = _checked(_values(row) | dict(changes))
    if all(values[name] == getattr(row, name) for name in DESCRIBED):
        raise DescriptionRefused("Cette description dit déjà cela : changez au moins un fait, ou revenez à la fiche.")
    return values


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    """The same, made of one piece: a district is stated of what is in one, and comes from a list."""
    if values["financing_code"] and not financing.is_known(values["financing_code"]):
        raise DescriptionRefused("Choisissez un financement de la liste.", field="financing_code")
    values["qpv_code"] = values["qpv_code"].strip().upper()
    if values["in_qpv"] is not True:
        values["qpv_code"] = ""
    if values["in_qpv"] is None:
        values["qpv_list"] = None
    if values["qpv_list"] is None:
        values["qpv_list"] = LIST_OF.get(values["qpv_code"][:2])
    if fault := first_fault((*UNIT_BOUNDS, QPV_LIST), {name: values.get(name) for name in DESCRIBED}):
        raise DescriptionRefused(fault[1], field=fault[0])
    return values


def _check_day(since: date, today: date, source: str) -> None:
    if since > today:
        raise DescriptionRefused(
            f"Choisissez un jour jusqu’à aujourd’hui, le {today:%d/%m/%Y} : ce qui est à venir se dit le jour venu.",
            field="since",
        )
    if not source.strip():
        raise DescriptionRefused(
            "Dites d’où vient ce fait : un décret, un arrêté, une visite, un acte de vente.", field="source"
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def follow_mergers(*, today: date, by: User | None = None) -> int:
    """Describe them so, one transaction a unit: how many there were. Asking again changes nothing; what was counted in
    the former commune stays there.

    Two units of one address, once their communes are one, are distinguished by their ordinal. A programme moves with
    its last unit."""
    merged = TerritoryLink.objects.on(today).filter(kind=TerritoryLink.Kind.MERGED).order_by("since", "pk")
    moved = 0
    for link in merged.select_related("territory", "container"):
        for unit in Unit.objects.filter(commune=link.territory).select_related("landlord").order_by("pk"):
            moved += _move(unit, link, today=today, by=by)
        _move_programmes(link.territory, link.container)
    return moved


@atomic
def _move(unit: Unit, link: TerritoryLink, *, today: date, by: User | None) -> bool:
    twins = Unit.objects.filter(
        landlord=unit.landlord,
        commune=link.container,
        street_number=unit.street_number,
        street_index=unit.street_index,
        street_type=unit.street_type,
        street_name=unit.street_name,
    )
    if twins.filter(ordinal=unit.ordinal).exists():
        unit.ordinal = 1 + twins.aggregate(last=Max("ordinal"))["last"]
        unit.save(update_fields=["ordinal"])
    since = max(link.since, *_days(unit))
    change_unit(
        unit=unit,
        since=since,
        changes={"commune_id": link.container_id},
        source=f"{link.territory} réunie à {link.container} ({link.source or 'code officiel géographique'})",
        by=by,
        today=today,
    )
    return True


def _days(unit: Unit) -> Iterable[date]:
    return unit.descriptions.order_by().values_list("since", flat=True)


def _move_programmes(former: Territory, current: Territory) -> None:
    """Those whose units are all in the new commune; one of the same name there keeps the old."""
    for programme in Programme.objects.filter(commune=former).order_by("pk"):
        twin = Programme.objects.filter(landlord=programme.landlord_id, name=programme.name, commune=current)
        if not programme.units.filter(commune=former).exists() and not twin.exists():
            programme.commune = current
            programme.save(update_fields=["commune"])
