"""The forms of applications.

* What a person types about a request: a number that it is known by, how it was closed, why it is opened again.
* What a household of one's own looks for, as a clerk types it; and a household that no unit awaits yet.
* Saying what became of a unit whose candidates are followed in another tool.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db import models
from django.utils import timezone

from attributions.households.forms.requests import FactsForm, IdentityForm, MixResidenceField, YesNoField
from attributions.households.forms.requests import NumberForm as RequestNumberForm
from attributions.households.models import Application, PriorityCategory
from attributions.households.models.priority import FACTS, NEED_BOUNDS, NEEDS, PERSONS
from attributions.households.operations.needs import communes_of
from attributions.households.operations.request_facts import CATEGORY_ALONE
from reservations.forms.fields import CountField, DayField, months_away
from reservations.refusals import Refusal


class NumberForm(forms.Form):
    """A numéro unique, to find a request or to say that it is also known by it. Posted: never in an address."""

    number = forms.CharField(
        label="Numéro unique",
        max_length=40,
        help_text="Les 18 caractères de l’attestation ; les espaces ne comptent pas",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": "Écrivez un numéro unique.", "max_length": "Un numéro unique a 18 caractères."},
    )


class ClosureForm(forms.Form):
    """One of the six causes of R441-2-8, and the day."""

    cause = forms.ChoiceField(
        label="Cause de radiation",
        choices=Application.Closure.choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez l’une des six causes de radiation.",
            "invalid_choice": "Choisissez l’une des six causes de radiation.",
        },
    )
    on = DayField(label="Radiée le")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "radiation_%s")
        super().__init__(*args, **kwargs)


class ReopeningForm(forms.Form):
    """Why a closure was a mistake."""

    why = forms.CharField(
        label="Pourquoi cette radiation est une erreur",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une phrase, sans nom ni information personnelle. L’historique la garde.",
        error_messages={
            "required": "Dites pourquoi, en une phrase : l’historique la garde.",
            "max_length": "Abrégez à 500 caractères : une phrase suffit.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "reouverture_%s")
        super().__init__(*args, **kwargs)


BOUNDS = {bound.field: bound for bound in NEED_BOUNDS}


class NeedsForm(forms.Form):
    """What is left empty is « non renseigné »."""

    wanted_communes = forms.CharField(
        label="Communes souhaitées",
        required=False,
        max_length=2000,
        help_text="Leurs noms ou leurs codes INSEE, séparés par des virgules.",
        error_messages={"max_length": "Abrégez à 2 000 caractères : écrivez des codes INSEE."},
    )
    least_rooms = CountField(label="Pièces, au moins", required=False, bound=BOUNDS["least_rooms"])
    needs_accessible = YesNoField(label="Logement accessible nécessaire", widget=forms.RadioSelect)
    labelled_until = DayField(label="Labellisation valable jusqu’au", required=False, example=months_away(12))
    documents = forms.ChoiceField(
        label="Pièces du dossier",
        required=False,
        choices=[("", "Non renseigné"), *((each.value, each.label.capitalize()) for each in Application.Documents)],
    )

    def clean_wanted_communes(self) -> list[str]:
        """Their codes; raises ValidationError for a name that no commune bears, or several."""
        try:
            return communes_of(self.cleaned_data["wanted_communes"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal

    @property
    def needs(self) -> dict[str, Any]:
        """As operations take them: what is left empty is erased."""
        return {name: self.cleaned_data[name] for name in NEEDS}

    @property
    def stated(self) -> dict[str, Any]:
        """What was written alone: what is left empty stays as another noted it."""
        return {name: value for name, value in self.needs.items() if value not in ([], None, "")}


class HouseholdForm(NeedsForm, IdentityForm, FactsForm, RequestNumberForm):
    """A household to keep: who asks, what is known of it, what it looks for."""

    field_order = ["number", "name", "birth_date", "nationality", "requested_on", *FACTS, *NEEDS]


class Outcome(models.TextChoices):
    """What a person may say of it."""

    ANSWERED = "ANSWERED", "Des candidats sont reçus, leur dossier est suivi ailleurs"
    ALLOCATED = "ALLOCATED", "La commission l’a attribué, le dossier est suivi ailleurs"
    LEASED = "LEASED", "Le bail est signé"
    DATED = "DATED", "La commission l’a attribué, un autre jour que celui du bail ou ce jour-là"
    UNDONE = "UNDONE", "Annuler ce qui a été enregistré par erreur"


#: Months in which a lease may follow an allocation of another year.
TURN_OF_YEAR = (12, 1)


class OutcomeForm(forms.Form):
    """What, when, why when it is undone; and, for a lease, what the objectives count of household and residence."""

    outcome = forms.ChoiceField(
        label="Qu’est devenu ce logement ?",
        widget=forms.RadioSelect,
        error_messages={
            "required": "Choisissez ce qu’est devenu le logement.",
            "invalid_choice": "Choisissez l’une des réponses proposées.",
        },
    )
    on = DayField(
        label="Le",
        required=False,
        help_text="Jour de la réception des candidats, de la commission ou de la signature du bail.",
    )
    allocated_on = DayField(
        label="Attribué par la commission le",
        required=False,
        help_text="Pour un bail sans attribution enregistrée. Il dit l’année du bilan : demandé en décembre "
        "et en janvier.",
    )
    why = forms.CharField(label="Pourquoi annuler", required=False, max_length=500, help_text="En une phrase.")
    income_quartile = forms.TypedChoiceField(
        label="Quartile de ressources",
        choices=[("", "Non renseigné"), (1, "1er, les plus faibles"), (2, "2e"), (3, "3e"), (4, "4e")],
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": "Choisissez un quartile de 1 à 4."},
    )
    has_priority = YesNoField(label="Ménage prioritaire (L441‑1)")
    priority = forms.ModelChoiceField(
        PriorityCategory.objects.none(),
        label="Catégorie prioritaire",
        required=False,
        empty_label="Non renseignée",
        error_messages={"invalid_choice": "Choisissez une catégorie de la liste."},
    )
    urban_renewal = YesNoField(label="Relogement de renouvellement urbain")
    state_agent = YesNoField(label="Agent de l’État")
    essential_worker = YesNoField(label="Travailleur essentiel, au sens de la convention intercommunale (CIA)")
    persons = CountField(
        label="Personnes logées",
        required=False,
        bound=PERSONS,
        error_messages={"invalid": "Écrivez un nombre entier de personnes."},
    )

    in_mix_residence = MixResidenceField()

    ASKED_WHEN = {
        "on": "sauf pour annuler",
        "allocated_on": "pour un bail de décembre ou de janvier",
        "why": "pour annuler",
    }

    #: What the objectives count; the rest is asked of every outcome.
    FACTS = (
        *("income_quartile", "has_priority", "priority", "urban_renewal", "state_agent", "essential_worker"),
        *("persons", "in_mix_residence"),
    )

    #: The day of the lease is the day of the form.
    ELSEWHERE = {"signed_on": "on"}

    def __init__(
        self, *args: Any, in_account: bool, allocated: bool = False, undated: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.dates_allocation = in_account and not allocated
        if not self.dates_allocation:
            del self.fields["allocated_on"]
        outcome: Any = self.fields["outcome"]
        left_out = {Outcome.ALLOCATED: not in_account, Outcome.DATED: not undated}
        outcome.choices = [(each.value, each.label) for each in Outcome if not left_out.get(each, False)]
        if undated:
            outcome.initial = Outcome.DATED
        priority: Any = self.fields["priority"]
        priority.queryset = PriorityCategory.objects.in_force(timezone.localdate())

    @property
    def facts(self) -> list[forms.BoundField]:
        """The fields of the household and of its residence."""
        return [self[name] for name in self.FACTS]

    def clean(self) -> dict[str, Any]:
        """What happened has its day; a category is that of a household that has priority."""
        given = super().clean() or {}
        if given.get("outcome") not in ("", None, Outcome.UNDONE) and not given.get("on") and "on" not in self.errors:
            self.add_error("on", "Écrivez le jour : jour, mois, année.")
        if self.dates_allocation and given.get("outcome") == Outcome.LEASED and given.get("on"):
            self._check_allocation(given["on"], given.get("allocated_on"))
        if given.get("priority") is not None and given.get("has_priority") is False:
            self.add_error("has_priority", CATEGORY_ALONE)
        return given

    def _check_allocation(self, signed_on: date, allocated_on: date | None) -> None:
        """Around the end of a year, the day of the lease does not say in which balance the allocation counts."""
        if allocated_on is None and signed_on.month in TURN_OF_YEAR and "allocated_on" not in self.errors:
            self.add_error(
                "allocated_on",
                "Écrivez le jour où la commission l’a attribué : d’un bail de décembre ou de janvier, il dit dans quel "
                "bilan l’attribution compte (CCH, R441-5-1).",
            )
