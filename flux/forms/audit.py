"""Saying that an alert was read."""

from __future__ import annotations

from django import forms


class AcknowledgementForm(forms.Form):
    """What the person saw."""

    text = forms.CharField(
        label="Ce que vous avez constaté",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="En une phrase. Ni l’alerte ni le compte ne changent.",
        error_messages={"required": "Dites en une phrase ce que vous avez constaté : l’alerte la garde."},
    )
