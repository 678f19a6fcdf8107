"""A past routing, as the landlord's manager types it from the spreadsheet that this account replaces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flux.operations.past import PastDates
from reservations.forms.fields import DayField, months_away
from reservations.models import ReservationHolder


class PastRoutingForm(forms.Form):
    """The unit, the notice, who had it, and what became of it when that is known."""

    ELSEWHERE = {"unit": "reference"}

    reference = forms.CharField(
        label="Référence du logement",
        max_length=60,
        error_messages={"required": "Écrivez la référence d’un logement de votre parc."},
    )
    notice_on = DayField(label="Congé reçu le", example=months_away(-9))
    holder = forms.TypedChoiceField(
        label="Orienté vers",
        help_text="« Non réservé » pour ce que vous avez gardé.",
        error_messages={"invalid_choice": "Choisissez l’un des réservataires de la liste."},
    )
    proposed_on = DayField(label="Proposé le", example=months_away(-9))
    available_on = DayField(label="Libre le", help_text="Vide : le jour où il a été proposé.", required=False)
    allocated_on = DayField(label="Attribué par la CALEOL le", help_text="Vide : non suivi.", required=False)
    leased_on = DayField(label="Bail signé le", help_text="Vide : non suivi.", required=False)

    def __init__(self, *args: Any, holders: Sequence[ReservationHolder], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["holder"]
        field.choices = [("", "Choisissez"), *((str(each.pk), str(each)) for each in holders)]
        field.coerce = {str(each.pk): each for each in holders}.__getitem__

    @property
    def dates(self) -> PastDates:
        """The days as typed, once valid."""
        names = ("notice_on", "proposed_on", "available_on", "allocated_on", "leased_on")
        return PastDates(**{name: self.cleaned_data[name] for name in names})
