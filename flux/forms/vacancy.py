"""Declaring a unit that falls vacant: what is asked once the unit is known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from flux.models import Vacancy
from flux.queries.units import ProgrammePlace
from reservations.forms.fields import DayField, months_away
from reservations.words import to

#: Kept in stock is typed only where the programme bears rights: else the unit's own stock right decides; so does, of a
#: unit outside what shares bear on, what its page says.
KINDS = [
    (kind.value, kind.label.capitalize())
    for kind in Vacancy.Kind
    if kind not in (Vacancy.Kind.STOCK, Vacancy.Kind.OUTSIDE)
]


class VacancyForm(forms.Form):
    """The classification and the dates. A unit that is `classed` already, kept in stock or outside
    what shares bear on, is not asked for its classification.

    `places`: the rights of its programme that it may use, the one proposed first.
    """

    use_required_attribute = False  # the browser would ask for a motive that is folded away

    kind = forms.ChoiceField(
        label="Classement",
        choices=KINDS,
        widget=forms.RadioSelect,
        initial=Vacancy.Kind.IN_FLOW,
        error_messages={
            "required": "Dites si ce logement entre dans le flux ou en est soustrait.",
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
    notice_on = DayField(label="Congé reçu le")
    available_on = DayField(
        label="Libre le", example=months_away(1), help_text="Fin du préavis. Jour, mois, année : {}"
    )
    works_end_on = DayField(
        label="Fin des travaux le",
        required=False,
        help_text="S’il en faut avant de relouer. Une convention peut faire courir ses délais de ce jour.",
    )
    confirmed = forms.CharField(label="Dates inhabituelles", required=False)  # drawn as a box: which dates it confirms

    def __init__(self, *args: Any, classed: bool, places: Sequence[ProgrammePlace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if classed:
            del self.fields["kind"], self.fields["exclusion"]
        if classed or not places:
            del self.fields["stock_right"]
            return
        offer_places(self, places)

    def clean(self) -> dict[str, Any]:
        """The motive counts only under « soustrait »; what was confirmed is these dates, not others typed since."""
        given = super().clean() or {}
        if given.get("kind") != Vacancy.Kind.EXCLUDED:
            given["exclusion"] = ""
            self.errors.pop("exclusion", None)
        if given.get("kind") != Vacancy.Kind.STOCK and "stock_right" in self.fields:
            given["stock_right"] = None
            self.errors.pop("stock_right", None)
        given["confirmed"] = self.dates != "" and given.get("confirmed") == self.dates
        return given

    @property
    def is_confirmed(self) -> bool:
        """Has the person confirmed the very dates that are typed? Another field may have to be corrected first."""
        return self.is_bound and self.dates != "" and self.cleaned_data.get("confirmed") is True

    @property
    def dates(self) -> str:
        """What a confirmation is about: the two days typed; "" when one of them is not a day."""
        days = [self.cleaned_data.get(name) for name in ("notice_on", "available_on")]
        return " ".join(day.isoformat() for day in days if day) if all(days) else ""


def offer_places(form: forms.Form, places: Sequence[ProgrammePlace]) -> None:
    """Add to a form's `kind` the choice of keeping the unit in stock, and to its `stock_right` these rights."""
    kinds: Any = form.fields["kind"]
    kinds.choices = [*kinds.choices, (Vacancy.Kind.STOCK.value, Vacancy.Kind.STOCK.label.capitalize())]
    titles: Any = form.fields["stock_right"]
    rights = {str(place.assignment.right_id): place.assignment.right for place in places}
    titles.choices = [(str(place.assignment.right_id), _place(place)) for place in places]
    titles.coerce, titles.empty_value = rights.__getitem__, None


def _place(place: ProgrammePlace) -> str:
    """« À Action Logement, titre CT-2008-014 (garantie d’emprunt), reste 3 logements »."""
    right = place.assignment.right
    title = f", titre {right.reference}" if right.reference else ""
    left = f"reste {place.left} logement{'s' if place.left > 1 else ''}" if place.left > 0 else "logement déjà désigné"
    whom = to(right.holder)
    return f"{whom[:1].upper()}{whom[1:]}{title} ({right.get_ground_display()}), {left}"
