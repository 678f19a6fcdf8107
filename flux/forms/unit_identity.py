"""How a unit is known elsewhere, as the landlord's manager types it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from flux.models import Unit
from flux.models.unit import LONGEST_REFERENCE
from flux.queries.units import written_alike
from flux.words import written_so
from reservations.forms.asks_once import AsksOnce

TOO_LONG = "Trop long : raccourcissez."


class UnitIdentityForm(AsksOnce):
    """Each field is the column of its name; `why` is kept in the story of the unit."""

    reference = forms.CharField(
        label="Référence",
        max_length=LONGEST_REFERENCE,
        help_text="Celle de votre logiciel de gestion : unique chez vous, et reconnue dans vos fichiers.",
        error_messages={"required": "Écrivez la référence du logement dans votre logiciel.", "max_length": TOO_LONG},
    )
    rpls_id = forms.CharField(
        label="Identifiant RPLS",
        max_length=14,
        required=False,
        help_text="IDENT_REP, dix positions.",
        error_messages={"max_length": TOO_LONG},
    )
    software = forms.CharField(
        label="Logiciel d’origine", max_length=40, required=False, error_messages={"max_length": TOO_LONG}
    )
    why = forms.CharField(label="Pourquoi", max_length=200, required=False, error_messages={"max_length": TOO_LONG})

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit

    def unusual(self, said: Mapping[str, Any]) -> dict[str, str]:
        """A reference that another unit has but for its capitals."""
        alike = written_alike(self.unit.landlord_id, [said["reference"]], but=self.unit.pk)
        return {"reference": written_so(alike[said["reference"]])} if alike else {}
