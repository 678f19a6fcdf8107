"""The forms of vacancies.

* Declaring a unit that falls vacant: what is asked once the unit is known.
* Cancelling a declared vacancy, or declaring it again under another kind: why, and as what.
* Giving a unit back: the routing that the person read, the reason, and one sentence.
* A past routing, as the landlord's manager types it from the spreadsheet that this account replaces.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from flux.models import Return, Routing, Vacancy
from flux.operations.past import PastDates
from flux.pages.sheet_words import effects_words
from flux.queries.returns import Choice
from flux.queries.units import ProgrammePlace
from reservations.forms.fields import DayField, months_away
from reservations.models import ReservationHolder
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


#: Want of candidates says enough by itself.
SILENT = (Return.Reason.NO_CANDIDATE, Return.Reason.DECLINED)


class ReturnForm(forms.Form):
    """`routing` comes from the page that the person read; each reason says what it does to the holder's account."""

    use_required_attribute = False  # the sentence is asked for some reasons only

    routing = forms.ModelChoiceField(
        Routing.objects.none(),
        widget=forms.HiddenInput,
        error_messages={
            "required": "Rechargez la page, puis décidez de nouveau.",
            "invalid_choice": "Rechargez la page, puis décidez de nouveau.",
        },
    )
    reason = forms.ChoiceField(
        label="Pourquoi",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez pourquoi le logement est rendu.",
            "invalid_choice": "Choisissez l’une des raisons de la liste.",
        },
    )
    text = forms.CharField(
        label="Précisez en une phrase",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Sans nom ni information personnelle. Le bailleur et les réservataires la liront.",
        error_messages={
            "required": "Dites pourquoi en une phrase : les réservataires la liront.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, vacancy: Vacancy, choices: Iterable[Choice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        routings: Any = self.fields["routing"]
        routings.queryset = Routing.objects.filter(vacancy=vacancy)
        reasons: Any = self.fields["reason"]
        reasons.choices = [(choice.reason, _words(choice)) for choice in choices]
        given = set(dict(reasons.choices))
        if given and given <= set(SILENT):
            self.fields["text"].required = False
        elif given & set(SILENT):
            self.fields["text"].help_text += " Facultatif si aucun candidat n’est venu dans le délai."
        if len(reasons.choices) == 1:
            self.initial.setdefault("reason", reasons.choices[0][0])

    def clean(self) -> dict[str, Any]:
        """What is wrong with the field that nobody sees is stated at the top; want of candidates needs no sentence."""
        given = super().clean() or {}
        if given.get("reason") in SILENT and not self["text"].value():
            self.errors.pop("text", None)
            given["text"] = ""
        for sentence in self.errors.pop("routing", []):
            self.add_error(None, sentence)
        return given


def _words(choice: Choice) -> str:
    return f"{choice.words[:1].upper()}{choice.words[1:]} ({effects_words(choice.effects)})"


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
