"""One's own address, and a password that was lost."""

from __future__ import annotations

from django import forms

from reservations.access.limits import LONGEST


class AddressForm(forms.Form):
    """The address that one takes."""

    email = forms.EmailField(
        label="Nouvelle adresse électronique professionnelle",
        max_length=254,
        help_text="Par exemple : logement@mairie.example",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Écrivez la nouvelle adresse.",
            "invalid": "Cette adresse n’est pas complète : nom@domaine.fr.",
        },
    )


class LostPasswordForm(forms.Form):
    """The address of whoever lost their password."""

    email = forms.CharField(
        label="Adresse électronique professionnelle",
        max_length=LONGEST,
        help_text="Celle avec laquelle vous entrez.",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Écrivez votre adresse électronique."},
    )
