"""Cancelling a declared vacancy, or declaring it again under another kind: why, and as what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flux.forms.vacancy import KINDS, offer_places
from flux.models import Vacancy
from flux.queries.units import ProgrammePlace

Kind = Vacancy.Kind
Reason = Vacancy.Cancellation

WORDS = {
    Reason.DECLARED_BY_MISTAKE: "Annuler : déclaré par erreur",
    Reason.NOTICE_WITHDRAWN: "Annuler : le locataire a retiré son congé",
    Reason.RECLASSIFIED: "Reclasser : le logement s’est bien libéré, mais autrement",
}


class CancellationForm(forms.Form):
    """The reason and one sentence; to reclassify, the other kind.

    `in_stock`: the unit bears a right in stock of its own, that settles its kind. `places`: the rights of its
    programme that it may use, the one proposed first.
    """

    use_required_attribute = False  # the browser would ask for a kind that is folded away

    reason = forms.ChoiceField(
        label="Que voulez-vous faire ?",
        choices=[(reason.value, words) for reason, words in WORDS.items()],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez d’annuler ou de reclasser.",
            "invalid_choice": "Choisissez l’une des réponses proposées.",
        },
    )
    kind = forms.ChoiceField(
        label="Nouveau classement",
        choices=KINDS,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez le nouveau classement.",
            "invalid_choice": "Choisissez l’un des classements proposés.",
        },
    )
    exclusion = forms.ChoiceField(
        label="Motif de soustraction",
        choices=[("", "Choisissez un motif"), *Vacancy.Exclusion.choices],
        help_text="La liste est fermée (CCH, R441-5).",
        error_messages={
            "required": "Choisissez l’un des motifs de la loi pour soustraire ce logement du flux.",
            "invalid_choice": "Choisissez l’un des motifs de la loi.",
        },
    )
    stock_right = forms.TypedChoiceField(
        label="Droit en stock à servir",
        required=False,
        error_messages={"invalid_choice": "Choisissez l’un des droits de ce programme."},
    )
    text = forms.CharField(
        label="Pourquoi, en une phrase",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sans nom ni information personnelle. Les réservataires la liront.",
        error_messages={
            "required": "Dites pourquoi, en une phrase : les réservataires la liront.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(
        self, *args: Any, vacancy: Vacancy, classed: str, places: Sequence[ProgrammePlace] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kinds: Any = self.fields["kind"]
        # Of the same kind, only a subtraction changes anything: its motive.
        kinds.choices = [pair for pair in KINDS if pair[0] == Kind.EXCLUDED or pair[0] != vacancy.kind]
        if classed:
            kept = (classed, Kind(classed).label.capitalize())
            kinds.choices = [kept] if vacancy.kind != classed else []
        if places and not classed:
            offer_places(self, places)
        else:
            del self.fields["stock_right"]
        if not kinds.choices:
            reasons: Any = self.fields["reason"]
            reasons.choices = [pair for pair in reasons.choices if pair[0] != Reason.RECLASSIFIED]

    def clean(self) -> dict[str, Any]:
        """The kind counts only to reclassify, the motive of subtraction only under « soustrait »."""
        given = super().clean() or {}
        if given.get("reason") != Reason.RECLASSIFIED:
            given["kind"] = ""
            self.errors.pop("kind", None)
        if given.get("kind") != Kind.EXCLUDED:
            given["exclusion"] = ""
            self.errors.pop("exclusion", None)
        if given.get("kind") != Kind.STOCK:
            given["stock_right"] = None
            self.errors.pop("stock_right", None)
        return given
