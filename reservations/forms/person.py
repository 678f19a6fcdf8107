"""Letting people in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from reservations.forms.proof import wait_said
from reservations.models import Membership, Organisation, User

Role = Membership.Role


class InvitationForm(forms.Form):
    """Who is invited, to act for whom, and in which role. The person chooses their password."""

    email = forms.EmailField(
        label="Adresse électronique professionnelle",
        max_length=254,
        help_text="Par exemple : logement@mairie.example",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": "Écrivez l’adresse électronique de la personne.",
            "invalid": "Cette adresse n’est pas complète : nom@domaine.fr.",
        },
    )
    full_name = forms.CharField(
        label="Nom de la personne ou du service",
        max_length=120,
        help_text="Tel que les autres le liront : Service logement.",
        error_messages={"required": "Écrivez le nom de la personne ou du service."},
    )
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Organisation",
        empty_label="Choisissez…",
        error_messages={
            "required": "Choisissez pour quelle organisation agit cette personne.",
            "invalid_choice": "Choisissez une organisation de la liste.",
        },
    )
    role = forms.ChoiceField(
        label="Rôle",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un rôle.", "invalid_choice": "Choisissez un rôle de la liste."},
    )

    def __init__(
        self, *args: Any, organisations: QuerySet[Organisation] | None, roles: Iterable[str], **kwargs: Any
    ) -> None:
        """`organisations` None: one's own, nothing to choose."""
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        role.choices = [(each, capfirst(Role(each).label)) for each in roles]
        if organisations is None:
            del self.fields["organisation"]
        else:
            organisation: Any = self.fields["organisation"]
            organisation.queryset = organisations.order_by("name", "siren")


class RoleForm(forms.Form):
    """Another role in the same organisation."""

    role = forms.ChoiceField(
        choices=Role.choices,
        error_messages={"required": "Choisissez un rôle.", "invalid_choice": "Choisissez un rôle de la liste."},
    )


class AcceptanceForm(forms.Form):
    """Somebody known, signed in as themselves, accepts: nothing to type."""


class ChosenPasswordForm(forms.Form):
    """The password that a person chooses when they enter by a link."""

    password = forms.CharField(
        label="Votre mot de passe",
        max_length=200,
        strip=False,
        help_text="Douze caractères au moins ; ni mot courant, ni nom connu, ni suite du clavier. Vous seul le saurez.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choisissez votre mot de passe."},
    )


class PasswordForm(forms.Form):
    """A new password of one’s own; the current one is said first."""

    current = forms.CharField(
        label="Mot de passe actuel",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Écrivez votre mot de passe actuel."},
    )
    password = forms.CharField(
        label="Nouveau mot de passe",
        max_length=200,
        strip=False,
        help_text="Douze caractères au moins ; ni mot courant, ni nom connu, ni suite du clavier.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Écrivez le nouveau mot de passe."},
    )

    def __init__(self, *args: Any, person: User, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.request: Any = request

    def clean_current(self) -> str:
        """Somebody else in front of an open session changes nothing; what they try counts as at the door."""
        current: str = self.cleaned_data["current"]
        if authenticate(self.request, email=self.person.email, password=current) != self.person:
            raise forms.ValidationError(
                wait_said(self.request) or "Ce n’est pas votre mot de passe actuel. Écrivez celui de cette session."
            )
        return current
