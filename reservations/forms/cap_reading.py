"""Choosing how the caps of the State are read."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from reservations.forms.cap import CapForm
from reservations.forms.fields import DayField, new_year
from reservations.models import CapReading


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
