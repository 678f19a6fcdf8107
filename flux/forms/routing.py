"""Sending a vacancy elsewhere: the destination, the one seen instead, and why."""

from __future__ import annotations

from typing import Any

from django import forms

from flux.models import Routing, Vacancy
from flux.queries.vacancies import standing
from reservations.models import ReservationHolder
from reservations.refusals import Refusal


class RerouteForm(forms.Form):
    """`holder`, `instead_of` and `was_routed` come from the page that the person read; the motive is theirs."""

    holder = forms.ModelChoiceField(
        ReservationHolder.objects.none(),
        widget=forms.HiddenInput,
        label="Destination",
        error_messages={
            "required": "Cochez une destination dans le tableau.",
            "invalid_choice": "Cette destination n’a pas de droit là où se trouve ce logement : cochez-en une autre.",
        },
    )
    instead_of = forms.ModelChoiceField(
        ReservationHolder.objects.select_related("organisation"),
        widget=forms.HiddenInput,
        label="Destination lue",
        error_messages={
            "required": "Rechargez la page, puis décidez de nouveau.",
            "invalid_choice": "Rechargez la page, puis décidez de nouveau.",
        },
    )
    was_routed = forms.NullBooleanField(widget=forms.HiddenInput)
    motive = forms.ChoiceField(
        label="Motif de votre choix",
        choices=[("", "Choisissez un motif"), *((code, label.capitalize()) for code, label in Routing.Motive.choices)],
        help_text="Obligatoire. Les réservataires le liront tel quel.",
        error_messages={
            "required": "Choisissez le motif de votre décision.",
            "invalid_choice": "Choisissez l’un des motifs de la liste.",
        },
    )
    motive_text = forms.CharField(
        label="Précisez en une phrase",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sans nom ni information personnelle.",
        error_messages={
            "required": "Écrivez une phrase qui explique votre choix.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, vacancy: Vacancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recommendation, _ = standing(vacancy)
        ranked = [row["id"] for row in recommendation.ranking] if recommendation else []
        holders: Any = self.fields["holder"]
        holders.queryset = ReservationHolder.objects.select_related("organisation").filter(pk__in=ranked)

    def clean(self) -> dict[str, Any]:
        """What is wrong with a field that nobody sees is said at the top of the form."""
        given = super().clean() or {}
        for name in ("holder", "instead_of"):
            for sentence in self.errors.pop(name, []):
                self.add_error(None, sentence)
        return given

    def refuse(self, refusal: Refusal) -> None:
        """Say what the act refused, at its field when a person sees it."""
        self.add_error(refusal.field if refusal.field in ("motive", "motive_text") else None, str(refusal))


class DecideNowForm(forms.Form):
    """« Décider maintenant »: why it passes before others, when it `passes`; the act has the last word."""

    motive = forms.CharField(
        label="Pourquoi celui-ci passe avant",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sans nom ni information personnelle.",
        error_messages={
            "required": "Dites pourquoi celui-ci passe avant, en une phrase.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, passes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["motive"].required = passes
