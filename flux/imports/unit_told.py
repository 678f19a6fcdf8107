"""The stock as its own file would say it: what the import of units reads back (reservations/takeaway.py)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from flux.imports.unit_columns import FIELDS
from flux.models import Unit
from flux.models.unit import unusual_unit
from reservations.exports.spreadsheet import decimal
from reservations.imports.asks_once import CONFIRMED
from reservations.models import Membership

BATCH = 2_000


def told_units(member: Membership) -> Iterator[Mapping[str, str]]:
    """The landlord's units, those that left too, by column."""
    held = Unit.objects.filter(landlord__organisation=member.organisation_id).select_related("commune", "programme")
    today = timezone.localdate()
    for unit in held.order_by("pk").iterator(chunk_size=BATCH):
        unusual = unusual_unit({field: getattr(unit, field) for field in FIELDS.values()}, today=today)
        yield {
            CONFIRMED: "oui" if unusual else "",
            **{name: _written(getattr(unit, field)) for name, field in FIELDS.items()},
            "commune": unit.commune.code,
            "numéro": unit.street_number,
            "indice": unit.street_index,
            "type de voie": unit.street_type,
            "voie": unit.street_name,
            "programme": unit.programme.name,
            "individuel": "" if unit.is_house is None else "I" if unit.is_house else "C",
            "bail": f"{unit.leased_since:%m/%Y}" if unit.leased_since else "",
            "sortie": Unit.Left(unit.left_why).label if unit.left_why else "",
        }


def _written(value: Any) -> str:
    """A fact as a cell: oui or non, a French day, a decimal comma; "" for what is not known."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal():
            return decimal(value)
    return str(value)
