"""The columns of a file of conventions that say how far the préfet delegates."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from reservations.imports.cells import choice, day, percent, percent_cell, text
from reservations.imports.kinds import Column, Shown
from reservations.models import Delegation, Quota
from reservations.models.convention import UNIT, percent_of
from reservations.operations.convention_terms import share_of
from reservations.operations.terms import DelegationScope

SHARE, UNITS, FROM, UNTIL = "part déléguée", "logements délégués", "délégation du", "délégation au"
ACCORD, REFERENCE = "accord du maire", "référence de l’accord"
#: The column of what is refused of the mayor’s accord, by field.
ACCORDED = {"accord_on": ACCORD, "accord_reference": REFERENCE}

COLUMNS = (
    Column(
        SHARE,
        percent,
        "En pourcentage ; vide : tous les logements.",
        ("fraction déléguée",),
        shown=Shown.PERCENT,
    ),
    Column(
        UNITS,
        choice({each.label: each.value for each in Delegation.Units}),
        "Tous, neufs ou réhabilités ; vide : tous.",
        ("délégation sur",),
    ),
    Column(FROM, day, "Premier jour délégué ; vide : celui de la convention.", ("début de délégation",)),
    Column(UNTIL, day, "Dernier jour délégué ; vide : celui de la convention.", ("fin de délégation",)),
    Column(ACCORD, day, "Jour de l’accord du maire, pour une intercommunalité (CCH, L441-1).", ("accord du maire le",)),
    Column(REFERENCE, text(200), "La lettre ou la délibération qui le donne.", ("référence accord",)),
)


def scope_in(values: Mapping[str, Any]) -> DelegationScope:
    """How far, as a line says. Raises QuotaRefused for a part that cannot be."""
    return DelegationScope(
        share=share_of(Decimal(values[SHARE])) if SHARE in values else UNIT,
        units=values.get(UNITS) or Delegation.Units.ALL,
        starts_on=values.get(FROM),
        ends_on=values.get(UNTIL),
        accord_on=values.get(ACCORD),
        accord_reference=values.get(REFERENCE) or "",
    )


def cells_of(quota: Quota) -> dict[str, str]:
    """The same cells, of a quota whose delegations are read."""
    row = next(iter(quota.delegations.all()), None)
    if row is None:
        return dict.fromkeys((SHARE, UNITS, FROM, UNTIL, ACCORD, REFERENCE), "")
    return {
        SHARE: "" if row.share == UNIT else percent_cell(percent_of(row.share)),
        UNITS: "" if row.units == Delegation.Units.ALL else str(row.get_units_display()),
        FROM: f"{row.starts_on:%d/%m/%Y}" if row.starts_on else "",
        UNTIL: f"{row.ends_on:%d/%m/%Y}" if row.ends_on else "",
        ACCORD: f"{row.accord_on:%d/%m/%Y}" if row.accord_on else "",
        REFERENCE: row.accord_reference,
    }
