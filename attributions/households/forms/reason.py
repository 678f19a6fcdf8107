"""Choosing why a candidate ends, with what each reason does to the account beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from attributions.households.queries.reasons import ReasonChoice


class ReasonRadios(forms.RadioSelect):
    """Radio buttons that carry the effects of their reason: `choice.data.about` in a template."""

    about: dict[str, ReasonChoice]

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"about": self.about[str(value)]}


class ReasonField(forms.ChoiceField):
    """One of the reasons offered, by `offer`; drawn by templates/households/reasons.html."""

    default_error_messages = {
        "required": "Choisissez l’un des motifs.",
        "invalid_choice": "Choisissez l’un des motifs de la liste.",
    }
    widget = ReasonRadios

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Pourquoi")
        kwargs.setdefault("template_name", "households/reasons.html")
        super().__init__(**kwargs)

    def offer(self, choices: Iterable[ReasonChoice]) -> None:
        """These reasons, and no other."""
        offered = list(choices)
        assert isinstance(self.widget, ReasonRadios)
        self.widget.about = {choice.reason: choice for choice in offered}
        self.choices = [(choice.reason, f"{choice.words[:1].upper()}{choice.words[1:]}") for choice in offered]
