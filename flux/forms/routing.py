"""Sending a vacancy elsewhere: the destination, the one seen instead, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flux.models import Routing, Vacancy
from flux.queries.queue import last_motives, motives_of
from flux.queries.vacancies import latest_routing
from reservations.models import Landlord, ReservationHolder, User
from reservations.refusals import Refusal
from reservations.words import upper_first


class EarlierField(forms.ModelChoiceField):
    """A motive and its sentence, as a person gave them before."""

    def label_from_instance(self, earlier: Routing) -> str:
        """« Relogement urgent : demande de la préfecture. »"""
        return f"{upper_first(earlier.get_motive_display())} : {earlier.motive_text}"


class MotiveForm(forms.Form):
    """Why a unit goes elsewhere: a motive and a sentence, or those of an earlier decision of the person (`again`)."""

    again = EarlierField(
        Routing.objects.none(),
        label="Un motif déjà donné",
        required=False,
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez un motif de la liste, et écrivez une phrase."},
    )
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

    def __init__(self, *args: Any, by: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        earlier: Any = self.fields["again"]
        earlier.queryset = motives_of(by) if by else Routing.objects.none()

    def clean(self) -> dict[str, Any]:
        """An earlier motive is enough by itself."""
        given = super().clean() or {}
        earlier = given.pop("again", None)
        if earlier is not None:
            for name in ("motive", "motive_text"):
                self.errors.pop(name, None)
                given[name] = getattr(earlier, name)
        return given

    def refuse(self, refusal: Refusal) -> None:
        """Say what the act refused, at its field when a person sees it."""
        self.add_error(refusal.field if refusal.field in ("motive", "motive_text") else None, str(refusal))


class RerouteForm(MotiveForm):
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

    def __init__(self, *args: Any, vacancy: Vacancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        recommendation, _ = latest_routing(vacancy)
        ranked = [row["id"] for row in recommendation.ranking] if recommendation else []
        holders: Any = self.fields["holder"]
        holders.queryset = ReservationHolder.objects.select_related("organisation").filter(pk__in=ranked)

    def clean(self) -> dict[str, Any]:
        """What is wrong with a field that nobody sees is stated at the top of the form."""
        given = super().clean() or {}
        for name in ("holder", "instead_of"):
            for sentence in self.errors.pop(name, []):
                self.add_error(None, sentence)
        return given


class ElsewhereForm(MotiveForm):
    """The same on a list: one destination among several, each with what it does to its account."""

    use_required_attribute = False  # an earlier motive is enough by itself

    holder = forms.TypedChoiceField(
        label="Destination",
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez une destination.",
            "invalid_choice": "Cette destination n’a pas de droit là où se trouvent ces logements : choisissez-en une "
            "autre.",
        },
    )

    field_order = ("holder", "again", "motive", "motive_text")

    def __init__(self, *args: Any, by: User, landlord: Landlord, choices: Sequence[tuple[int, str]], **kw: Any) -> None:
        super().__init__(*args, by=by, **kw)
        holders: Any = self.fields["holder"]
        holders.choices = choices
        self.fields["motive_text"].widget = forms.TextInput()
        earlier: Any = self.fields["again"]
        earlier.choices = [(each.pk, earlier.label_from_instance(each)) for each in last_motives(by, landlord)]
        if not earlier.choices:
            del self.fields["again"]


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
