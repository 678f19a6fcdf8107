"""The forms of units.

* The facts of a unit, as the landlord's staff type them.
* A unit described otherwise from a day on: an error that is corrected, or a change.
* How a unit is known elsewhere, as the landlord's manager types it.
* The units of a new programme, as the landlord's manager types them: so many alike at one address.
* Saying that a unit is outside what shares bear on, or inside again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst

from flux import financing
from flux.forms.programmes import CountField as ProgrammesCountField
from flux.models import OutsideFlow, Unit, UnitDescription
from flux.models.unit import LONGEST_REFERENCE, UNIT_BOUNDS, unusual_unit
from flux.operations.description import CHANGEABLE, QPV_LIST
from flux.operations.units import CLASSED_BY, UnitFacts
from flux.queries.units import written_alike
from flux.words import written_so
from reservations.forms.fields import AsksOnce, CountField, DayField, FigureField
from reservations.forms.fields import CountField as BoundedField

BOUNDS = {bound.field: bound for bound in UNIT_BOUNDS}

KNOWN = {"True": True, "False": False, "": None}


def known_field(label: str, **kwargs: Any) -> forms.TypedChoiceField:
    """Yes, no, or not known: three answers, all in sight."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("True", "Oui"), ("False", "Non"), ("", "Non renseigné")],
        coerce=KNOWN.__getitem__,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": "Choisissez une réponse de la liste."},
        **kwargs,
    )


class UnitFactsForm(AsksOnce):
    """Each field is the column of its name; what is left empty is « non renseigné ».

    `known`: facts that a description gives already, and that are not asked again: an error or a change is dated.
    """

    floor = CountField(
        label="Étage",
        required=False,
        help_text="0 pour le rez-de-chaussée, −1 pour le premier sous-sol.",
        bound=BOUNDS["floor"],
        error_messages={"invalid": "Écrivez un nombre entier en chiffres : 2 par exemple."},
    )
    has_lift = known_field("Ascenseur")
    is_accessible = known_field("Accessible en fauteuil roulant")
    rent = FigureField(
        label="Loyer mensuel hors charges, en euros",
        required=False,
        help_text="517,20 par exemple.",
        bound=BOUNDS["rent"],
        example="517,20",
    )
    charges = FigureField(
        label="Charges mensuelles, en euros", required=False, bound=BOUNDS["charges"], example="85,50"
    )
    is_adapted_plai = forms.BooleanField(
        label="PLAI adapté",
        required=False,
        help_text="Subvention de l’article D331-25-1 : moins de trois candidats peuvent être examinés (CCH, R441-3).",
    )

    financing_code = forms.ChoiceField(
        label="Financement initial",
        required=False,
        choices=lambda: [("", "Non renseigné"), *((code, financing.label_of(code)) for code in financing.codes())],
        help_text="Le bilan annuel compte le logement sous ce financement.",
        error_messages={"invalid_choice": "Choisissez un financement de la liste."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")
    construction_year = CountField(
        label="Année d’achèvement",
        required=False,
        help_text="1974 par exemple.",
        bound=BOUNDS["construction_year"],
        error_messages={"invalid": "Écrivez une année en chiffres : 1974 par exemple."},
    )

    def __init__(self, *args: Any, known: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in known:
            del self.fields[name]

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of a unit."""
        return unusual_unit(values, today=timezone.localdate())

    def facts(self) -> UnitFacts:
        """What was typed, checked field by field only."""
        return UnitFacts(**{name: value for name, value in self.cleaned_data.items() if name not in CLASSED_BY})

    def classed(self) -> dict[str, Any]:
        """What balances class units by, where it was in the form: a form sent without them erases nothing."""
        return {name: self.cleaned_data[name] for name in CLASSED_BY if name in self.data and name in self.fields}


def known_of(unit: Unit) -> list[str]:
    """What its description gives already of what balances class units by."""
    return [name for name in CLASSED_BY if getattr(unit, name) not in {"", None}]


def initial_facts(unit: Unit) -> dict[str, Any]:
    """The facts of a unit, as the initial values of the form."""
    initial = {name: getattr(unit, name) for name in UnitFactsForm.base_fields if name != "confirmed"}
    for name in ("has_lift", "is_accessible", "in_qpv"):
        initial[name] = "" if initial[name] is None else str(initial[name])
    return initial


Act = UnitDescription.Act


class UnitDescriptionForm(AsksOnce):
    """What is stated, then the facts as they are from that day on; those that are left as they are say nothing."""

    act = forms.ChoiceField(
        label="Ce que vous dites",
        choices=[
            (Act.CHANGE.value, "Le logement a changé : ce qui est compté jusque-là ne bouge pas"),
            (Act.ERROR.value, "La description était fausse : ce qu’elle a compté depuis ce jour suit"),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": "Dites si le logement a changé, ou si la description était fausse.",
            "invalid_choice": "Choisissez un changement ou une erreur.",
        },
    )
    since = DayField(
        label="À compter du",
        required=False,
        example="01/01/2024",
        help_text="Jour du changement ; pour une erreur, laissez vide si elle était là dès le début.",
    )
    ASKED_WHEN = {"since": "pour un changement"}

    source = forms.CharField(
        label="D’où vient ce fait",
        max_length=200,
        help_text="Décret, arrêté, acte, relevé sur place.",
        error_messages={
            "required": "Dites d’où vient ce fait : un décret, un arrêté, une visite, un acte de vente.",
            "max_length": "La source a 200 caractères au plus : raccourcissez-la.",
        },
    )
    rooms = CountField(
        label="Pièces principales",
        bound=BOUNDS["rooms"],
        error_messages={
            "required": "Écrivez le nombre de pièces principales.",
            "invalid": "Écrivez un nombre entier en chiffres : 3 par exemple.",
        },
    )
    financing_code = forms.ChoiceField(
        label="Financement initial",
        required=False,
        choices=lambda: [("", "Non renseigné"), *((code, financing.label_of(code)) for code in financing.codes())],
        error_messages={"invalid_choice": "Choisissez un financement de la liste."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")
    qpv_code = forms.CharField(
        label="Code du quartier",
        required=False,
        max_length=8,
        help_text="Huit signes : QP011009 dans la liste de 2015, par exemple.",
        error_messages={"max_length": "Le code d’un quartier a huit signes : QP011009 par exemple."},
    )
    qpv_list = CountField(
        label="Liste des quartiers",
        required=False,
        help_text="L’année de la liste lue : 2015, 2024…",
        bound=QPV_LIST,
        error_messages={"invalid": "Écrivez une année en chiffres : 2024 par exemple."},
    )
    construction_year = CountField(
        label="Année d’achèvement",
        required=False,
        bound=BOUNDS["construction_year"],
        error_messages={"invalid": "Écrivez une année en chiffres : 1974 par exemple."},
    )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if found.get("act") == Act.CHANGE and "since" in found and found["since"] is None:
            self.add_error("since", "Écrivez le jour du changement : jour, mois, année.")
        return found

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of a unit."""
        return unusual_unit(values, today=timezone.localdate())

    def said(self) -> dict[str, Any]:
        """The facts, by column."""
        return {name: self.cleaned_data[name] for name in CHANGEABLE}


def initial_description(description: UnitDescription) -> dict[str, Any]:
    """The facts of a description, as the initial values of the form."""
    initial = {name: getattr(description, name) for name in CHANGEABLE}
    initial["in_qpv"] = "" if description.in_qpv is None else str(description.in_qpv)
    return initial


TOO_LONG = "Trop long : raccourcissez."


class UnitIdentityForm(AsksOnce):
    """Each field is the column of its name; `why` is kept in the story of the unit."""

    reference = forms.CharField(
        label="Référence",
        max_length=LONGEST_REFERENCE,
        help_text="Celle de votre logiciel de gestion : unique chez vous, et reconnue dans vos fichiers.",
        error_messages={"required": "Écrivez la référence du logement dans votre logiciel.", "max_length": TOO_LONG},
    )
    rpls_id = forms.CharField(
        label="Identifiant RPLS",
        max_length=14,
        required=False,
        help_text="IDENT_REP, dix positions.",
        error_messages={"max_length": TOO_LONG},
    )
    software = forms.CharField(
        label="Logiciel d’origine", max_length=40, required=False, error_messages={"max_length": TOO_LONG}
    )
    why = forms.CharField(label="Pourquoi", max_length=200, required=False, error_messages={"max_length": TOO_LONG})

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unit = unit

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """A reference that another unit has but for its capitals."""
        alike = written_alike(self.unit.landlord_id, [values["reference"]], but=self.unit.pk)
        return {"reference": written_so(alike[values["reference"]])} if alike else {}


class NewUnitsForm(AsksOnce):
    """Each field is the column of its name, but for `count`, and `number` and `street`, read as those of a file."""

    count = ProgrammesCountField(label="Combien de logements", help_text="Les mêmes, à la même adresse.")
    rooms = BoundedField(
        label="Pièces principales",
        bound=BOUNDS["rooms"],
        error_messages={
            "required": "Écrivez le nombre de pièces : 3 pour un T3.",
            "invalid": "Écrivez un nombre de pièces en chiffres : 3 pour un T3.",
        },
    )
    financing_code = forms.ChoiceField(
        label="Financement initial",
        choices=lambda: [("", "À choisir"), *((code, financing.label_of(code)) for code in financing.codes())],
        error_messages={
            "required": "Choisissez un financement de la liste.",
            "invalid_choice": "Choisissez un financement de la liste.",
        },
    )
    number = forms.CharField(label="Numéro dans la voie", max_length=10, required=False)
    street = forms.CharField(
        label="Voie",
        max_length=120,
        help_text="Rue Voltaire, par exemple.",
        error_messages={"required": "Écrivez la voie : elle reconnaîtra ces logements dans votre fichier RPLS."},
    )
    surface = FigureField(label="Surface de chacun, m²", bound=BOUNDS["surface"], required=False, example="65,5")
    construction_year = BoundedField(
        label="Année d’achèvement",
        bound=BOUNDS["construction_year"],
        required=False,
        error_messages={"invalid": "Écrivez une année en chiffres : 2026 par exemple."},
    )
    in_qpv = known_field("En quartier prioritaire (QPV)")

    def unusual(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is seldom true of each of them."""
        return unusual_unit(values, today=timezone.localdate())


class OutsideForm(forms.Form):
    """Why, since when, and what says so."""

    reason = forms.ChoiceField(
        label="Motif",
        widget=forms.RadioSelect,
        choices=[(each.value, capfirst(str(each.label))) for each in OutsideFlow.Reason],
        error_messages={"required": "Choisissez un motif.", "invalid_choice": "Choisissez l’un des motifs proposés."},
    )
    starts_on = DayField(label="Depuis le")
    source = forms.CharField(
        label="Ce qui le dit",
        max_length=200,
        help_text="La convention, l’agrément ou le bail : convention APL de la résidence, bail de l’association.",
        error_messages={"required": "Citez ce qui le dit : la convention, l’agrément ou le bail."},
    )


class InsideForm(forms.Form):
    """The last day outside, and why it enters the flow again."""

    ends_on = DayField(label="Dernier jour hors assiette")
    why = forms.CharField(
        label="Pourquoi il revient dans l’assiette",
        max_length=300,
        help_text="Gardé dans l’historique : fin du bail de l’association.",
        error_messages={"required": "Dites pourquoi il revient dans l’assiette."},
    )
