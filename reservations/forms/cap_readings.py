"""The forms of cap readings.

* What every form about the caps of the State in one département asks first.
* Choosing how the caps of the State are read.
* Recording a préfet's order that lifts a cap, and ending it earlier.
* Recording a figure of the law.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.text import capfirst

from reservations.forms.fields import DayField, FigureField, TerritoryField, new_year, unsure_field, year_end
from reservations.models import CapReading, Derogation, Landlord, LegalParameter, Territory


class CapForm(forms.Form):
    """Whose caps, and where."""

    landlord = forms.ModelChoiceField(
        label="Bailleur",
        queryset=Landlord.objects.none(),
        empty_label="Choisissez…",
        error_messages={"required": "Choisissez le bailleur.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    departement = TerritoryField(
        label="Département",
        queryset=Territory.objects.none(),
        empty_label="Choisissez…",
        error_messages={"required": "Choisissez le département.", "invalid_choice": "Choisissez-le dans la liste."},
    )

    def __init__(
        self, *args: Any, landlords: QuerySet[Landlord], departements: QuerySet[Territory], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("landlord", landlords), ("departement", departements)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = choices


class CapReadingForm(CapForm):
    """Whose caps, where, how they are read, since when, and who chose it."""

    reading = forms.ChoiceField(
        label="Lecture",
        widget=forms.RadioSelect,
        choices=[(each.value, capfirst(each.label)) for each in CapReading.Reading],
        help_text="Sur les années, un logement de plus qui vient de l’arrondi est repris l’année suivante. Dans "
        "l’année, tout ce qui passe le plafond est un dépassement.",
        error_messages={"required": "Choisissez l’une des deux lectures.", "invalid_choice": "Choisissez-la."},
    )
    starts_on = DayField(label="À compter du", example=new_year)
    source = forms.CharField(
        label="Qui l’a choisie",
        max_length=200,
        help_text="L’article de la convention, ou l’arrêté du préfet : son numéro et sa date.",
        error_messages={"required": "Citez l’article de la convention, ou l’arrêté du préfet."},
    )


class DerogationForm(CapForm):
    """Whose cap, where, how high, when, and by which order."""

    code = forms.ChoiceField(
        label="Plafond levé",
        choices=[
            ("", "Choisissez…"),
            *((code.value, capfirst(LegalParameter.Code(code).label)) for code in Derogation.CAPS),
        ],
        error_messages={"required": "Choisissez le plafond.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    value = FigureField(
        label="Plafond de la dérogation, en %",
        most=100,
        example="35",
        help_text="35 pour 35 %. Quatre décimales au plus.",
        error_messages={"required": "Écrivez le plafond que l’arrêté fixe, en %."},
    )
    starts_on = DayField(label="Premier jour", example=new_year)
    ends_on = DayField(label="Dernier jour", example=year_end(1))
    order = forms.CharField(
        label="Arrêté préfectoral",
        max_length=200,
        help_text="Son numéro et sa date : arrêté n° 118 du 3 mars.",
        error_messages={"required": "Citez l’arrêté préfectoral : son numéro et sa date."},
    )


class DerogationEndForm(forms.Form):
    """Another last day, and why."""

    ends_on = DayField(label="Nouveau dernier jour", example=year_end(1))
    why = forms.CharField(
        label="Pourquoi",
        max_length=300,
        help_text="L’arrêté qui l’abroge, ou l’erreur à corriger.",
        error_messages={"required": "Dites pourquoi : l’arrêté qui l’abroge, ou l’erreur à corriger."},
    )


class LegalParameterForm(forms.Form):
    """One parameter, its value from a day on, and where it is written."""

    code = forms.ChoiceField(
        label="Paramètre",
        choices=[("", "Choisissez…"), *((code.value, capfirst(code.label)) for code in LegalParameter.Code)],
        error_messages={"required": "Choisissez le paramètre.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    value = FigureField(
        label="Valeur",
        help_text="Dans l’unité du paramètre : 30 pour 30 %, 12 pour 12 mois, 228 pour le 28 février, 1 pour oui.",
        error_messages={"required": "Écrivez la valeur."},
    )
    starts_on = DayField(
        label="En vigueur depuis le", example=new_year, help_text="Le premier jour de la nouvelle valeur : {}"
    )
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text="L’article, le décret ou l’arrêté : CCH, R441-5-2 (décret n° 2020-145).",
        error_messages={"required": "Citez l’article, le décret ou l’arrêté."},
    )
    would_confirm = unsure_field()
