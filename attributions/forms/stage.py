"""Filtering a list of units by where they stand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst

from attributions.queries.stage import Stage


class StageForm(forms.Form):
    """One stage, or every unit that is not let yet."""

    etape = forms.ChoiceField(
        label="Étape",
        required=False,
        choices=[("", "Toutes, sauf terminées"), *((stage.value, capfirst(str(stage.label))) for stage in Stage)],
    )

    @property
    def stage(self) -> str:
        """The stage asked for; empty for all of them, and for what is no stage."""
        given: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return str(given.get("etape", ""))
