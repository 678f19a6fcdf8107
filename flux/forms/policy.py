"""Choosing how recommendations become routings."""

from __future__ import annotations

from django import forms

from flux.models import RoutingPolicy
from reservations.forms.fields import DayField


class PolicyForm(forms.Form):
    """A mode, and its first day."""

    mode = forms.ChoiceField(
        label="Mode d’orientation",
        choices=[(mode.value, mode.label.capitalize()) for mode in RoutingPolicy.Mode],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez un mode d’orientation.",
            "invalid_choice": "Choisissez l’un des deux modes.",
        },
    )
    starts_on = DayField(label="À partir du")
