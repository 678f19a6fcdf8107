"""What the operator types to keep the lists of the law."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import RATE
from reservations.forms.fields import DayField, FigureField, new_year, unsure_field, year_end

CITED = "L’article et la loi qui l’a écrit : CCH, L441-1 (loi n° 2022-140 du 7 février 2022)."


class CategoryForm(forms.Form):
    """A category of those who have priority, as the law names it, from a day on."""

    label = forms.CharField(
        label="Catégorie",
        max_length=160,
        help_text="Comme la loi la nomme, en une ligne : victime de violences au sein du couple ou de la famille.",
        error_messages={"required": "Écrivez la catégorie comme la loi la nomme."},
    )
    starts_on = DayField(label="En vigueur depuis le", example=new_year)
    source = forms.CharField(
        label="Source",
        max_length=200,
        help_text=CITED,
        error_messages={"required": "Citez l’article et la loi qui l’a écrit."},
    )
    would_confirm = unsure_field()


class CategoryEndForm(forms.Form):
    """The last day that the law names a category."""

    ends_on = DayField(label="Dernier jour", example=year_end())
    why = forms.CharField(
        label="Texte qui la retire",
        max_length=300,
        help_text="Gardé dans l’historique : l’article et la loi qui l’a abrogée.",
        error_messages={"required": "Citez le texte qui la retire."},
    )


class LawRateForm(forms.Form):
    """A rate of the law, from a day on."""

    code = forms.ChoiceField(
        label="Objectif",
        choices=[("", "Choisissez…"), *((code.value, capfirst(str(code.label))) for code in Objective.Code)],
        error_messages={"required": "Choisissez l’objectif.", "invalid_choice": "Choisissez-le dans la liste."},
    )
    percent = FigureField(
        label="Taux, en %",
        bound=RATE,
        example="27,5",
        help_text="28 ou 27,5.",
        error_messages={"required": "Écrivez le taux."},
    )
    starts_on = DayField(label="En vigueur depuis le", example=new_year)
    source = forms.CharField(
        label="Source", max_length=200, help_text=CITED, error_messages={"required": "Citez l’article ou la loi."}
    )
    would_confirm = unsure_field()


class ConfirmForm(forms.Form):
    """Where the text was read."""

    source = forms.CharField(
        label="Texte lu",
        max_length=200,
        help_text="L’article, le décret ou l’arrêté, et le jour de la version lue.",
        error_messages={"required": "Citez le texte que vous avez lu : l’article, le décret ou l’arrêté."},
    )
