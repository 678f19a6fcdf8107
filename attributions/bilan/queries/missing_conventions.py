"""Conventions in flow that miss on a territory: those that the reader knows of, and a landlord without the State's.

One list for every page and paper. What is negotiated is read by its two parties only, and is not known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from attributions.bilan.queries.answers import Key
from flux.pages.compliance import consequence, todo
from flux.queries.compliance import Situation, board
from reservations.models import Convention, Landlord, Membership, Organisation, Territory


@dataclass(frozen=True, slots=True)
class Missing:
    """A convention that the law asks for and that is not in force: where it stands, what to do, what follows."""

    landlord: Landlord
    holder: str
    stands: str
    todo: str
    consequence: str = ""


def missing_conventions(member: Membership, owners: Collection[Key], *, on: date) -> tuple[Missing, ...]:
    """Of landlords in départements (ids), by landlord; nothing on a day when the law asks for none. Nine queries at
    most, whatever there is to read."""
    read = board(member, on=on)
    if read.deadline is None or read.deadline > on:
        return ()
    wanted = {landlord for landlord, _ in owners}
    found = [
        Missing(row.landlord, str(row.organisation), str(row.situation.label), todo(row), consequence(row))
        for row in read.rows
        if row.landlord.pk in wanted and row.situation not in (Situation.SIGNED, Situation.KEPT)
    ]
    told = {(row.landlord.pk, row.organisation.territory_id) for row in read.rows if row.organisation and row.is_state}
    found += _without_state([key for key in owners if key not in told])
    return tuple(sorted(found, key=lambda each: (each.landlord.organisation.search_name, each.landlord.pk)))


def _without_state(keys: Collection[Key]) -> list[Missing]:
    """Of these, landlords that never signed with the State in that département. Four queries."""
    bound = set(
        Convention.objects.binding()
        .filter(
            landlord__in={landlord for landlord, _ in keys},
            organisation__kind=Organisation.Kind.STATE,
            organisation__territory__in={departement for _, departement in keys},
        )
        .order_by()
        .values_list("landlord", "organisation__territory")
        .distinct()
    )
    lacking = [key for key in keys if key not in bound]
    landlords = Landlord.objects.select_related("organisation").in_bulk({landlord for landlord, _ in lacking})
    places = {departement for _, departement in lacking}
    names = {
        territory: str(organisation)
        for organisation in Organisation.objects.filter(kind=Organisation.Kind.STATE, territory__in=places).order_by(
            "-pk"
        )
        if (territory := organisation.territory_id) is not None
    }
    departements = Territory.objects.in_bulk(places)
    return [
        Missing(
            landlords[landlord],
            names.get(departement, f"État ({departements[departement]})"),
            "aucune convention signée enregistrée",
            "Préparer la convention de l’État avec ce bailleur, puis la signer.",
            "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV).",
        )
        for landlord, departement in lacking
    ]
