"""The forms of requests.

* Yes, no, or not known: three answers, the last of which is None.
* Choosing why a candidate ends, with what each reason does to the account beside it.
* A candidate, as a clerk types it: the request by its number, then the household, then the figures of its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import forms

from attributions.households.models import Application, Designation, PriorityCategory
from attributions.households.models.priority import EFFORT, FACT_BOUNDS, FACTS, IDENTITY_BOUNDS, INSTRUCTION_BOUNDS
from attributions.households.operations.application import Identity, normalised
from attributions.households.queries.deadlines import ReasonChoice
from attributions.households.queries.minimum import Count
from flux.models import Routing, Vacancy
from reservations.forms.fields import AsksOnce, CountField, DayField, FigureField, months_away
from reservations.refusals import Refusal

#: What is asked of a lease beside its household (CCH, L441-1-6, 3° bis).
LISTED = "logement d’une résidence à enjeu prioritaire de mixité sociale, de la liste annexée à la convention (CIA)"


class YesNoField(forms.TypedChoiceField):
    """What is not stated is « non renseigné », never no."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("required", False)
        super().__init__(
            choices=[("", "Non renseigné"), ("yes", "Oui"), ("no", "Non")],
            coerce=lambda value: value == "yes",
            empty_value=None,
            error_messages={"invalid_choice": "Choisissez oui, non, ou non renseigné."},
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """True and False as their choices are written."""
        return {True: "yes", False: "no", None: ""}.get(value, value) if not isinstance(value, str) else value


class MixResidenceField(YesNoField):
    """Is the unit, on the day of the lease, of a residence that the landlord lists?"""

    def __init__(self) -> None:
        super().__init__(
            label="Résidence à enjeu prioritaire de mixité sociale",
            help_text="Oui, si la liste annexée à la convention intercommunale (CIA) la nomme le jour du bail "
            "(L441‑1‑6, 3° bis).",
        )


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


BOUNDS = {bound.field: bound for bound in (*FACT_BOUNDS, *IDENTITY_BOUNDS, *INSTRUCTION_BOUNDS)}

RELOAD = "Rechargez la page, puis décidez de nouveau."
QUARTILES = [
    ("", "Non renseigné"),
    ("1", "1er quartile"),
    ("2", "2e quartile"),
    ("3", "3e quartile"),
    ("4", "4e quartile"),
]


class BirthField(DayField):
    """A day of birth: older than what the house records."""

    default_example = "31/12/1984"

    default_validators = [BOUNDS["birth_date"]]


class SinceField(DayField):
    """The day of a request: older than what the house records too."""

    default_validators = [BOUNDS["requested_on"]]


class RoutingForm(forms.Form):
    """An act on a unit: `routing` is the one that the person read, empty when the unit is subtracted from the flow."""

    routing = forms.ModelChoiceField(
        Routing.objects.none(), widget=forms.HiddenInput, required=False, error_messages={"invalid_choice": RELOAD}
    )

    def __init__(self, *args: Any, vacancy: Vacancy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        routings: Any = self.fields["routing"]
        routings.queryset = Routing.objects.filter(vacancy=vacancy)

    def clean(self) -> dict[str, Any]:
        """What is wrong with the field that nobody sees is stated at the top."""
        given = super().clean() or {}
        for sentence in self.errors.pop("routing", []):
            self.add_error(None, sentence)
        return given


class ChosenForm(RoutingForm):
    """Which households are added, of those that a page showed."""

    menage = forms.TypedMultipleChoiceField(
        coerce=int,
        error_messages={"required": "Cochez au moins un ménage.", "invalid_choice": "Rechargez la page."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ticked = self.data.getlist("menage") if hasattr(self.data, "getlist") else []
        chosen: Any = self.fields["menage"]
        chosen.choices = [(each, each) for each in ticked if each.isdecimal() and len(each) < 19]

    def clean(self) -> dict[str, Any]:
        """No box is the place of what is wrong with them all: it is stated at the top."""
        given = super().clean()
        for sentence in self.errors.pop("menage", []):
            self.add_error(None, sentence)
        return given


class NumberForm(forms.Form):
    """The numéro unique: posted, so that no address and no log ever holds it."""

    number = forms.CharField(
        label="Numéro unique",
        max_length=40,
        help_text="18 caractères, sur l’attestation d’enregistrement. Les espaces ne comptent pas.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={
            "required": "Écrivez le numéro unique de la demande.",
            "max_length": "Un numéro unique a 18 caractères.",
        },
    )

    def clean_number(self) -> str:
        """As it is stored; raises ValidationError when it is not written as one."""
        try:
            return normalised(self.cleaned_data["number"])
        except Refusal as refusal:
            raise forms.ValidationError(str(refusal)) from refusal


class FactsForm(forms.Form):
    """What is known of the household; what is left empty is « non renseigné ». `kept`: its category of today, that the
    law may have ended since."""

    adults = CountField(label="Adultes", required=False, bound=BOUNDS["adults"])
    children = CountField(label="Enfants", required=False, bound=BOUNDS["children"])
    income = FigureField(
        label="Revenu fiscal de référence, en € par an",
        required=False,
        help_text="Année N−2 : 18 400 par exemple.",
        bound=BOUNDS["income"],
        example="18 400",
    )
    income_units = FigureField(
        label="Unités de consommation",
        required=False,
        help_text="1,5 par exemple.",
        bound=BOUNDS["income_units"],
        example="1,5",
    )
    income_quartile = forms.TypedChoiceField(
        label="Quartile de ressources", required=False, choices=QUARTILES, coerce=int, empty_value=None
    )
    has_priority = YesNoField(label="Ménage prioritaire (DALO ou article L441‑1)", widget=forms.RadioSelect)
    priority = forms.ModelChoiceField(
        PriorityCategory.objects.none(),
        label="Catégorie prioritaire",
        required=False,
        empty_label="Non renseignée",
        help_text="La choisir suffit à dire « Oui ».",
        error_messages={"invalid_choice": "Choisissez une catégorie de la liste en vigueur."},
    )
    labelled_on = DayField(label="Labellisé prioritaire par l’État le", required=False, example=months_away(-12))
    urban_renewal = forms.BooleanField(label="Relogement de renouvellement urbain", required=False)
    state_agent = forms.BooleanField(label="Agent de l’État", required=False)
    essential_worker = YesNoField(
        label="Travailleur essentiel",
        help_text="Les métiers que la convention intercommunale d’attribution (CIA) retient.",
        widget=forms.RadioSelect,
    )
    score = CountField(label="Cotation, en points", required=False, bound=BOUNDS["score"])

    def __init__(self, *args: Any, today: date, kept: PriorityCategory | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["labelled_on"].validators = [BOUNDS["labelled_on"].until(today)]
        priorities: Any = self.fields["priority"]
        priorities.queryset = PriorityCategory.objects.in_force(today)
        if kept is not None:
            priorities.queryset |= PriorityCategory.objects.filter(pk=kept.pk)

    def clean_income(self) -> int | None:
        """Whole euros."""
        income = self.cleaned_data["income"]
        return None if income is None else int(income)

    @property
    def facts(self) -> dict[str, Any]:
        """As operations take them."""
        return {name: self.cleaned_data[name] for name in FACTS}


class IdentityForm(forms.Form):
    """Who asks, as the attestation says."""

    name = forms.CharField(
        label="Nom et prénom du demandeur",
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Écrivez le nom du demandeur, comme sur l’attestation."},
    )
    birth_date = BirthField(label="Né ou née le")
    nationality = forms.ChoiceField(
        label="Nationalité",
        required=False,
        choices=[("", "Non renseignée"), *Application.Nationality.choices],
    )
    requested_on = SinceField(label="Demande créée le", required=False, example=months_away(-12))

    @property
    def identity(self) -> Identity:
        """Who asks."""
        given = self.cleaned_data
        return Identity(given["name"], given["birth_date"], given["nationality"], given["requested_on"])


class CandidateForm(IdentityForm, FactsForm, RoutingForm):
    """A household for a unit. `designates`: the unit is for the State's priority contingent."""

    dalo_designated = forms.BooleanField(label="Ménage DALO désigné par le préfet", required=False)

    field_order = ["routing", "name", "birth_date", "nationality", "requested_on", *FACTS, "dalo_designated"]

    def __init__(self, *args: Any, designates: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not designates:
            del self.fields["dalo_designated"]

    @property
    def designated(self) -> bool:
        """Did the préfet designate it?"""
        return bool(self.cleaned_data.get("dalo_designated"))


class NewCandidateForm(CandidateForm, NumberForm):
    """The same, with the number under which it was looked for."""

    field_order = ["number", *CandidateForm.field_order]


class InstructionForm(AsksOnce, FactsForm):
    """The facts as the landlord verified them, and what the unit would cost the household."""

    effort_rate = FigureField(
        label="Taux d’effort, en %, APL déduite",
        required=False,
        help_text="28,4 par exemple. Une décimale.",
        bound=BOUNDS["effort_rate"],
        example="28,4",
    )
    living_rest = FigureField(
        label="Reste pour vivre, en € par personne et par jour",
        required=False,
        help_text="14,20 par exemple.",
        bound=BOUNDS["living_rest"],
        example="14,20",
    )

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """More than all that it has."""
        sentence = EFFORT.doubt(values.get("effort_rate"))
        return {"effort_rate": sentence} if sentence else {}


class SendForm(RoutingForm):
    """Sending the candidates; when some are missing, which exception of the law applies."""

    use_required_attribute = False  # the sentence is asked for one exception only

    exemption = forms.ChoiceField(
        label="Quelle exception s’applique ?",
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez une exception qui vaut pour ce logement."},
    )
    exemption_text = forms.CharField(
        label="Pourquoi il n’y a pas assez de candidats",
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une phrase, sans nom ni information personnelle. Le bailleur et la commission la liront.",
        error_messages={"max_length": "Abrégez à 500 caractères : une phrase suffit."},
    )

    def __init__(self, *args: Any, count: Count, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not count.missing:
            del self.fields["exemption"], self.fields["exemption_text"]
            return
        exemptions: Any = self.fields["exemption"]
        exemptions.choices = [
            (each.value, f"{each.label[:1].upper()}{each.label[1:]}")
            for each in Designation.Exemption
            if each in count.exemptions
        ]


class RemovalForm(forms.Form):
    """Why a candidate that was not sent is taken out."""

    reason = ReasonField(label="Motif")

    def __init__(self, *args: Any, choices: list[ReasonChoice], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reasons = self.fields["reason"]
        assert isinstance(reasons, ReasonField)
        reasons.offer(choices)
