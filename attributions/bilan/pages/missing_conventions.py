"""Conventions in flow that miss on a territory, in words: one list for every page and paper."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from attributions.bilan.queries.answers import Key
from attributions.bilan.queries.missing_conventions import Lacking, lacking_conventions
from flux.pages.compliance import consequence, situation_name, todo
from reservations.models import Landlord, Membership


@dataclass(frozen=True, slots=True)
class Missing:
    """A convention that the law asks for and that is not in force: where it stands, what to do, what follows."""

    landlord: Landlord
    holder: str
    stands: str
    todo: str
    consequence: str


def missing_conventions(member: Membership, owners: Collection[Key], *, on: date) -> tuple[Missing, ...]:
    """As `lacking_conventions`, whose queries it costs."""
    return tuple(_missing(each) for each in lacking_conventions(member, owners, on=on))


def _missing(each: Lacking) -> Missing:
    row = each.row
    if row is not None:
        stands = situation_name(row.situation)
        return Missing(each.landlord, str(row.organisation), stands, todo(row), consequence(row))
    return Missing(
        each.landlord,
        str(each.state or f"État ({each.departement})"),
        "aucune convention signée enregistrée",
        "Préparer la convention de l’État avec ce bailleur, puis la signer.",
        "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV).",
    )
