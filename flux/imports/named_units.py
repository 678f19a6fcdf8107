"""The units that the lines of a file name, by their landlord's reference or by their identifier in the RPLS."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from flux.models import Unit
from flux.models.unit import LONGEST_REFERENCE
from reservations.imports.cells import text, yes_no
from reservations.imports.kinds import Column, FileLine, Scope

UNIT, CONFIRMED = "logement", "exercice confirmé"

#: The columns that every file of what befell units has.
UNIT_COLUMN = Column(
    UNIT,
    text(LONGEST_REFERENCE),
    "Votre référence, ou l’identifiant RPLS.",
    ("référence", "référence du logement", "identifiant RPLS", "ident_int", "ident_rep"),
    required=True,
    example="RH-03-009",
)
CONFIRMED_COLUMN = Column(
    CONFIRMED,
    yes_no,
    "Oui, pour un congé ancien ou d’une autre année que vous avez vérifié. Vide : ces lignes sont refusées.",
    ("confirmé",),
)


def units_named(lines: Sequence[FileLine], scope: Scope) -> dict[int, Unit]:
    """By number of line, its unit; a line that names none is refused. One query."""
    names = {line.values[UNIT] for line in lines}
    found = Unit.objects.filter(Q(reference__in=names) | Q(rpls_id__in=names), landlord=scope.landlord)
    units = list(found.select_related("landlord__organisation", "programme", "commune").order_by("pk"))
    by_name: dict[str, dict[int, Unit]] = {}
    for unit in units:
        for name in {unit.reference, unit.rpls_id} - {""}:
            by_name.setdefault(name, {})[unit.pk] = unit
    named: dict[int, Unit] = {}
    for line in lines:
        answering = list(by_name.get(line.values[UNIT], {}).values())
        if len(answering) == 1:
            named[line.number] = answering[0]
        elif answering:
            one, other = (f"{unit.reference} (RPLS {unit.rpls_id})" for unit in answering)
            line.refuse(
                UNIT,
                f"c’est la référence d’un logement et l’identifiant RPLS d’un autre : {one}, {other}. Écrivez "
                "l’autre nom de celui que vous voulez.",
            )
        else:
            line.refuse(
                UNIT,
                "aucun de vos logements n’a cette référence ni cet identifiant : vérifiez-la, ou importez-le d’abord.",
            )
    return named


def their_names(scope: Scope) -> QuerySet[Unit, tuple[int, str, str]]:
    """What lines are matched with: it moves when a unit is named otherwise, and not when its rent does."""
    return Unit.objects.filter(landlord=scope.landlord).values_list("pk", "reference", "rpls_id")
