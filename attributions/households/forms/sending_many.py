"""Which households are sent to which units, of those that a page showed."""

from __future__ import annotations

from typing import Any

from django import forms

from attributions.households.models import Designation
from attributions.households.operations.sending_many import TWICE

Exemption = Designation.Exemption

RELOAD = "Rechargez la page."
#: Units of one page, and households of one post, at most.
MOST = 500


class PairsField(forms.Field):
    """Two ids each: « 12:345 »."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[tuple[int, int]]:
        """Raises ValidationError for what no page of ours wrote."""
        pairs = []
        for each in (value or [])[:MOST]:
            parts = str(each).split(":")
            if len(parts) != 2 or not all(part.isdecimal() and len(part) < 19 for part in parts):
                raise forms.ValidationError(RELOAD)
            pairs.append((int(parts[0]), int(parts[1])))
        return pairs


class SendManyForm(forms.Form):
    """`menage`: unit and household; `routing`: unit and routing, as the person read it."""

    use_required_attribute = False

    menage = PairsField(error_messages={"required": "Cochez au moins un ménage."})
    routing = PairsField(required=False)
    exemption = forms.ChoiceField(
        label="Si un logement a moins de candidats que la loi n’en demande",
        required=False,
        choices=[
            ("", "Ne rien transmettre pour lui"),
            *((e.value, e.label.capitalize()) for e in Designation.Exemption),
        ],
        error_messages={"invalid_choice": "Choisissez l’une des exceptions de la loi."},
    )
    exemption_text = forms.CharField(
        label="Pourquoi il n’y a pas assez de candidats",
        required=False,
        max_length=500,
        help_text="Une phrase, sans nom ni information personnelle. Le bailleur et la commission la liront.",
        error_messages={"max_length": "Abrégez à 500 caractères : une phrase suffit."},
    )

    def clean_menage(self) -> list[tuple[int, int]]:
        """Raises ValidationError when a household is chosen for two units."""
        pairs: list[tuple[int, int]] = list(dict.fromkeys(self.cleaned_data["menage"]))
        if len({household for _, household in pairs}) < len(pairs):
            raise forms.ValidationError(TWICE)
        return pairs

    @property
    def ticked(self) -> list[tuple[int, int]]:
        """Those that were ticked, whatever is wrong with them; none that are not pairs."""
        try:
            found: list[tuple[int, int]] = PairsField(required=False).clean(self["menage"].data)
        except forms.ValidationError:
            return []
        return found
