"""Conventions in flow that miss on a territory: those that the reader knows of, and a landlord without the State's.

One list for every page and paper. What is negotiated is read by its two parties only, and is not known here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from attributions.bilan.queries.answers import Key
from flux.queries.compliance import ComplianceRow, Situation, board
from reservations.models import Convention, Landlord, Membership, Organisation, Territory


@dataclass(frozen=True, slots=True)
class Lacking:
    """A convention that the law asks for and that is not in force: what the board says of it; None for one that a
    landlord never signed with the State, in that département (`state`: who it is, where it is registered)."""

    landlord: Landlord
    row: ComplianceRow | None
    departement: Territory | None = None
    state: Organisation | None = None


def lacking_conventions(member: Membership, owners: Collection[Key], *, on: date) -> list[Lacking]:
    """Of landlords in départements (ids), by landlord; nothing on a day when the law asks for none. Nine queries at
    most, whatever there is to read."""
    read = board(member, on=on)
    if read.deadline is None or read.deadline > on:
        return []
    wanted = {landlord for landlord, _ in owners}
    found = [
        Lacking(row.landlord, row)
        for row in read.rows
        if row.landlord.pk in wanted and row.situation not in (Situation.SIGNED, Situation.KEPT)
    ]
    told = {(row.landlord.pk, row.organisation.territory_id) for row in read.rows if row.organisation and row.is_state}
    found += _without_state([key for key in owners if key not in told])
    return sorted(found, key=lambda each: (each.landlord.organisation.search_name, each.landlord.pk))


def _without_state(keys: Collection[Key]) -> list[Lacking]:
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
    states = {
        territory: organisation
        for organisation in Organisation.objects.filter(kind=Organisation.Kind.STATE, territory__in=places).order_by(
            "-pk"
        )
        if (territory := organisation.territory_id) is not None
    }
    departements = Territory.objects.in_bulk(places)
    return [
        Lacking(landlords[landlord], None, departements[departement], states.get(departement))
        for landlord, departement in lacking
    ]
