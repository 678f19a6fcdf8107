"""Where software is told, and of which facts."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst

from flux.models import WebhookEvent


class EndpointForm(forms.Form):
    """One address, and the facts that it asks for."""

    url = forms.CharField(
        label="Adresse du logiciel",
        max_length=300,
        help_text="En HTTPS, joignable de l’extérieur : https://logiciel.exemple.fr/equiflux",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Écrivez l’adresse à laquelle le logiciel attend les faits."},
    )
    kinds = forms.MultipleChoiceField(
        label="Faits à annoncer",
        choices=[(code, capfirst(str(label))) for code, label in WebhookEvent.Kind.choices],
        widget=forms.CheckboxSelectMultiple,
        help_text="Chaque fait est dit par des numéros, sans nom : le logiciel lit le reste par l’API.",
        error_messages={
            "required": "Choisissez au moins un fait à annoncer.",
            "invalid_choice": "Choisissez des faits de la liste.",
        },
    )
