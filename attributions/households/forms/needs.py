"""What a household of one's own looks for, as a clerk types it; and a household that no unit awaits yet."""

from __future__ import annotations

from typing import Any

from django import forms

from attributions.households.forms.proposal import FactsForm, IdentityForm, NumberForm
from attributions.households.forms.yes_no import YesNoField
from attributions.households.models import Application
from attributions.households.models.household import FACTS, NEED_BOUNDS, NEEDS
from attributions.households.operations.needs import communes_of
from reservations.forms.fields import CountField, DayField, months_away
from reservations.refusals import Refusal

BOUNDS = {bound.field: bound for bound in NEED_BOUNDS}


class NeedsForm(forms.Form):
    """What is left empty is « non renseigné »."""

    wanted_communes = forms.CharField(
        label="Communes souhaitées",
        required=False,
        max_length=2000,
        help_text="Leurs noms ou leurs codes INSEE, séparés par des virgules.",
        error_messages={"max_length": "Abrégez à 2 000 caractères : écrivez des codes INSEE."},
    )
    least_rooms = CountField(label="Pièces, au moins", required=False, bound=BOUNDS["least_rooms"])
    needs_accessible = YesNoField(label="Logement accessible nécessaire", widget=forms.RadioSelect)
    labelled_until = DayField(label="Labellisation valable jusqu’au", required=False, example=months_away(12))
    documents = forms.ChoiceField(
        label="Pièces du dossier",
        required=False,
        choices=[("", "Non renseigné"), *((each.value, each.label.capitalize()) for each in Application.Documents)],
    )

    def clean_wanted_communes(self) -> list[str]:
        """Their codes; raises ValidationError for a name that no commune bears, or several."""
        try:
            return communes_of(self.cleaned_data["wanted_communes"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    @property
    def needs(self) -> dict[str, Any]:
        """As operations take them: what is left empty is erased."""
        return {name: self.cleaned_data[name] for name in NEEDS}

    @property
    def stated(self) -> dict[str, Any]:
        """What was written alone: what is left empty stays as another noted it."""
        return {name: value for name, value in self.needs.items() if value not in ([], None, "")}


class HouseholdForm(NeedsForm, IdentityForm, FactsForm, NumberForm):
    """A household to keep: who asks, what is known of it, what it looks for."""

    field_order = ["number", "name", "birth_date", "nationality", "requested_on", *FACTS, *NEEDS]
