"""How many known departures are planned together, how long one waits for others, and from when."""

from __future__ import annotations

from django import forms

from flux.models.window import DAYS, LENGTH
from reservations.forms.fields import CountField, DayField


class WindowForm(forms.Form):
    """The choice, as it is first looked at on last year, then made."""

    length = CountField(
        bound=LENGTH,
        label="Départs planifiés ensemble, au plus",
        help_text="De 1 à 16. 1 : chaque départ est décidé seul, dès son enregistrement. Sans choix : 8.",
        error_messages={"required": "Écrivez combien de départs la règle regarde ensemble, de 1 à 16."},
    )
    days = CountField(
        bound=DAYS,
        label="Jours ouvrés d’attente, au plus",
        help_text="De 0 à 20. Au-delà, un départ est décidé avec ceux qui sont connus. Sans choix : 3.",
        error_messages={"required": "Écrivez combien de jours ouvrés un départ en attend d’autres, de 0 à 20."},
    )
    starts_on = DayField(label="À partir du")
