"""The files of descriptions that come in.

* The kind of file that says again what units are: each line a change from a day on, or an error since one.
* The kind of file that states what each known unit is let for, and has: rents, charges, lift, access.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import batched
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from flux import financing
from flux.imports.unit_columns import COLUMNS, energy, financed, floor, rent, rooms
from flux.models import Unit, UnitDescription
from flux.models.description import BEGINNING
from flux.models.unit import LONGEST_REFERENCE, unusual_unit
from flux.operations.description import change_unit, correct_unit, in_force
from flux.operations.unit_file import equip_units
from flux.permissions import can_manage_stock
from reservations.imports.cells import CellRefused, choice, day, decimal, text, whole, yes_no
from reservations.imports.convention_rates import CONFIRMED, CONFIRMED_COLUMN, ask_once, of_columns
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.models import Landlord, Membership
from reservations.models.guards import in_order

#: The facts that a line may say, by their column.
FACTS = {
    "pièces": "rooms",
    "financement": "financing_code",
    "QPV": "in_qpv",
    "code du quartier": "qpv_code",
    "année d’achèvement": "construction_year",
}
CHANGE, ERROR = "changement", "erreur"
BATCH = 500


def district(cell: str) -> str:
    """The code of a priority district: QP011009, QN01109M."""
    code = cell.strip().upper()
    if not re.fullmatch(r"Q[A-Z0-9]{7}", code):
        raise CellRefused("écrivez les huit signes du code, par exemple QN01109M.")
    return code


class Descriptions(FileKind):
    """Un logement par ligne, et ce qui en est dit autrement."""

    code = "descriptions"
    title = "Corrections de logements"
    one, many = "correction", "corrections"
    says = (
        "Ce qui change d’un logement depuis un jour, sans toucher aux bilans passés ; ou une erreur depuis un jour, "
        "que les bilans non scellés suivent."
    )
    columns = (
        Column("référence", text(LONGEST_REFERENCE), "Celle du logement ici.", required=True, example="RH-03-009"),
        Column(
            "nature",
            choice({CHANGE: CHANGE, ERROR: ERROR}),
            "« changement » : le logement est devenu autre. « erreur » : ce qui est dit était faux.",
            required=True,
            example=CHANGE,
        ),
        Column("depuis", day, "Le premier jour. Vide pour une erreur : depuis le début.", example="01/01/2024"),
        Column("source", text(200), "D’où vient ce fait.", required=True, example="décret n° 2023-1314"),
        Column("pièces", rooms, "Pièces principales.", ("nbpiece",), example="3"),
        Column("financement", financed, "Code du RPLS, ou PLAI, PLUS, PLS, PLI.", ("finan",), example="13"),
        Column("QPV", yes_no, "Oui ou non.", ("en qpv",), example="oui"),
        Column("code du quartier", district, "Huit signes.", ("code qpv",), example="QN01109M"),
        Column("année d’achèvement", whole(1000, 2100), "Quatre chiffres.", ("construct",), example="1984"),
        CONFIRMED_COLUMN,
    )
    rank = 25

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """A unit, and what is stated of it since when: its past may take several lines, in the order of their days."""
        return f"{values.get('référence', '')}|{values.get('nature', '')}|{values.get('depuis', '')}"

    def check(self, line: FileLine) -> None:
        """A change has a day, and a line says a fact."""
        if line.values.get("nature") == CHANGE and "depuis" not in line.values:
            line.refuse("depuis", "écrivez le jour à partir duquel le logement a changé.")
        if not _values_of(line):
            line.refuse("nature", "dites au moins un fait : pièces, financement, QPV, quartier ou année d’achèvement.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is stated of each unit that day, and whether the act would do it. After another line of the same unit,
        only what is written already as it says is the same: the line before may be what makes it a change. Three
        queries."""
        asked = [line.values["référence"] for line in lines]
        units = {each.reference: each for each in self._units(scope).filter(reference__in=asked)}
        rows = _descriptions_of(units.values())
        spoken = set(earlier.about([unit.pk for unit in units.values()]))
        for line in lines:
            unit = units.get(line.values["référence"])
            if unit is None:
                line.refuse("référence", "aucun de vos logements n’a cette référence : vérifiez-la.")
                continue
            follows = unit.pk in spoken
            spoken.add(unit.pk)
            self._compare(line, unit, rows[unit.pk], scope, follows=follows)

    def _compare(
        self, line: FileLine, unit: Unit, rows: Sequence[UnitDescription], scope: Scope, *, follows: bool
    ) -> None:
        is_change = line.values["nature"] == CHANGE
        of_that_day = [row for row in rows if is_change and row.since == line.values["depuis"]]
        described = (of_that_day or [rows[-1] if is_change else _in_force(rows, line.values.get("depuis"))])[-1]
        since = line.values.get("depuis", described.since)
        line.target = unit.pk
        line.changes = _changes(line, described)
        changed = {FACTS[name]: line.values[name] for name in line.changes}
        ask_once(line, of_columns(unusual_unit(changed, today=scope.today), FACTS))
        if since > scope.today:
            line.refuse("depuis", "ce jour est à venir : il se dira le jour venu.")
        elif is_change and since < rows[-1].since and line.changes:
            line.refuse(
                "depuis", f"ce logement est déjà décrit depuis le {rows[-1].since:%d/%m/%Y} : dites une erreur."
            )
        is_new = follows and is_change and not of_that_day
        line.verdict = Verdict.CHANGED if line.changes or is_new else Verdict.SAME
        if line.verdict == Verdict.CHANGED:
            line.topics.append("changements : les bilans passés restent" if is_change else "erreurs : ils suivent")

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's units, and all that is stated of them."""
        return [self._units(scope), UnitDescription.objects.filter(unit__landlord=scope.landlord)]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the acts of the storey, one a line; what the line before made true already is left."""
        units = self._units(scope).in_bulk([line.target for line in lines])
        rows = _descriptions_of(units.values())
        for line in lines:
            unit = units[line.target or 0]
            given = {"changes": _values_of(line), "source": line.values["source"], "by": scope.by, "today": scope.today}
            is_change = line.values["nature"] == CHANGE
            described = rows[unit.pk][-1] if is_change else _in_force(rows[unit.pk], line.values.get("depuis"))
            if not _changes(line, described):
                continue
            if is_change:
                change_unit(unit=unit, since=line.values["depuis"], **given)
            else:
                correct_unit(description=described, since=line.values.get("depuis", described.since), **given)
            rows |= _descriptions_of([unit])

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """The past of the units that were something else before, from the beginning on; what each is today alone goes
        with the stock."""
        mine = Unit.objects.filter(landlord__organisation=member.organisation_id)
        today = timezone.localdate()
        past = mine.filter(Exists(UnitDescription.objects.filter(unit=OuterRef("pk"), since__gt=BEGINNING)))
        for batch in batched(past.order_by("pk").iterator(chunk_size=BATCH), BATCH):
            rows = _descriptions_of(batch)
            for unit in batch:
                for place, row in enumerate(rows[unit.pk]):
                    yield {
                        "référence": unit.reference,
                        "nature": CHANGE if place else ERROR,
                        "depuis": f"{row.since:%d/%m/%Y}" if place else "",
                        "source": row.source or str(row.get_act_display()),
                        **{name: _cell(getattr(row, field)) for name, field in FACTS.items()},
                        CONFIRMED: "oui" if unusual_unit(_facts(row), today=today) else "",
                    }

    def after(self) -> str:
        """The stock."""
        return "unit-list"

    def _units(self, scope: Scope) -> QuerySet[Unit]:
        return Unit.objects.filter(landlord=scope.landlord)


def _changes(line: FileLine, described: UnitDescription) -> dict[str, Any]:
    """What a line says otherwise; an empty cell says nothing."""
    return {
        name: [plain(getattr(described, field)), plain(line.values[name])]
        for name, field in FACTS.items()
        if name in line.values and line.values[name] != getattr(described, field)
    }


def _facts(row: UnitDescription) -> dict[str, Any]:
    return {field: getattr(row, field) for field in FACTS.values()}


def _cell(value: Any) -> str:
    return "" if value is None else ("non", "oui")[value] if isinstance(value, bool) else str(value)


def _values_of(line: FileLine) -> dict[str, Any]:
    """The facts of a line, by field; in a district by its code."""
    values = {field: line.values[name] for name, field in FACTS.items() if name in line.values}
    return values | ({"in_qpv": True} if values.get("qpv_code") else {})


def _descriptions_of(units: Iterable[Unit]) -> dict[int, list[UnitDescription]]:
    """The descriptions of each that stand, the oldest first, by unit (id). One query."""
    of: dict[int, list[UnitDescription]] = defaultdict(list)
    found = UnitDescription.objects.filter(unit__in=[unit.pk for unit in units]).select_related("unit")
    for row in found.order_by("unit", "since", "pk"):
        of[row.unit_id].append(row)
    return {unit: in_force(rows) for unit, rows in of.items()}


def _in_force(rows: Sequence[UnitDescription], on: date | None) -> UnitDescription:
    """The one that counts on a day; the first without any."""
    return rows[0] if on is None else [row for row in rows if row.since <= on][-1]


#: By column, the field of the unit that it gives.
FIELDS = {
    "loyer": "rent",
    "charges": "charges",
    "étage": "floor",
    "ascenseur": "has_lift",
    "accessible": "is_accessible",
    "PLAI adapté": "is_adapted_plai",
    "surface": "surface",
    "étiquette énergie": "energy_class",
}


class Equipment(FileKind):
    """Loyers et équipements, un logement par ligne."""

    code = "loyers"
    title = "Loyers et équipements"
    one, many = "logement", "logements"
    says = "Ce que votre logiciel sait de vos logements déjà connus ici : loyers, charges, étage, ascenseur, accès."
    columns = (
        *(column for column in COLUMNS if column.name in ("référence", "identifiant RPLS")),
        Column("loyer", rent, "Loyer mensuel hors charges, €.", ("loyer hc", "loyer principal", "LOYERPRINC")),
        Column("charges", decimal(0, 5_000), "Charges mensuelles, €.", ("provision charges",), example="85,50"),
        Column("étage", floor, "0 ou RDC est le rez-de-chaussée.", ("ETAGE", "niveau"), example="2"),
        Column("ascenseur", yes_no, "Oui ou non.", ("asc",), example="oui"),
        Column("accessible", yes_no, "En fauteuil roulant : oui ou non.", ("pmr", "accessible en fauteuil roulant")),
        Column("PLAI adapté", yes_no, "Subvention de l’article D331-25-1 : oui ou non.", ("plai a",)),
        Column("surface", decimal(1, 2_000), "Surface habitable, m².", ("SURFHAB", "surface habitable")),
        Column("étiquette énergie", energy, "Une lettre : A, B, C… G.", ("DPEENERGIE", "dpe", "classe énergie")),
    )
    rank = 20

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Its reference; without one, its identifier in the RPLS."""
        return str(values.get("référence") or values.get("identifiant RPLS") or "")

    def check(self, line: FileLine) -> None:
        """A unit is named."""
        if not self.key(line.values):
            line.refuse("référence", "donnez la référence du logement, ou son identifiant RPLS.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Of known units only: two queries."""
        mine = Unit.objects.filter(landlord=scope.landlord).order_by("pk")
        by_reference = {
            unit.reference: unit for unit in mine.filter(reference__in=_equipment_given(lines, "référence"))
        }
        by_rpls = mine.exclude(rpls_id="").filter(rpls_id__in=_equipment_given(lines, "identifiant RPLS"))
        identified = {unit.rpls_id: unit for unit in by_rpls}
        taken = earlier.about(unit.pk for unit in (*by_reference.values(), *identified.values()))
        for line in lines:
            unit = by_reference.get(line.values.get("référence", "")) or identified.get(
                line.values.get("identifiant RPLS", "")
            )
            if unit is None:
                line.refuse("référence", "aucun logement n’a cette référence : importez d’abord vos logements.")
            elif line.values.get("PLAI adapté") and financing.group_of(unit.financing_code) != "PLAI":
                line.refuse("PLAI adapté", "ce logement n’est pas PLAI (CCH, D331-25-1).", value="oui")
            elif unit.pk in taken:
                line.refuse("référence", f"ce logement est déjà à la ligne {taken[unit.pk]} : n’en gardez qu’une.")
            else:
                taken[unit.pk] = line.number
                line.target = unit.pk
                line.changes = {
                    name: [plain(getattr(unit, name)), plain(value)]
                    for name, value in equipped(line).items()
                    if getattr(unit, name) != value
                }
                line.verdict = Verdict.CHANGED if line.changes else Verdict.SAME

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's units."""
        return [Unit.objects.filter(landlord=scope.landlord)]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the storey."""
        equip_units([(line, equipped(line)) for line in lines], scope)

    def after(self) -> str:
        """The stock."""
        return "unit-list"


def equipped(line: FileLine) -> dict[str, Any]:
    """What a line says, by field of the unit."""
    return {field: line.values[name] for name, field in FIELDS.items() if line.values.get(name) is not None}


def _equipment_given(lines: Sequence[FileLine], column: str) -> set[str]:
    return {line.values[column] for line in lines if column in line.values}
