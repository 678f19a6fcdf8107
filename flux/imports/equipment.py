"""The kind of file that tells what each known unit is let for, and has: rents, charges, lift, access."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux import financing
from flux.imports.unit_columns import COLUMNS, energy, floor, rent
from flux.models import Unit
from flux.operations.unit_file import equip_units
from flux.permissions import can_manage_stock
from reservations.imports.cells import decimal, yes_no
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.models import Landlord, Membership
from reservations.models.locking import in_order

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
        by_reference = {unit.reference: unit for unit in mine.filter(reference__in=_said(lines, "référence"))}
        by_rpls = mine.exclude(rpls_id="").filter(rpls_id__in=_said(lines, "identifiant RPLS"))
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


def _said(lines: Sequence[FileLine], column: str) -> set[str]:
    return {line.values[column] for line in lines if column in line.values}
