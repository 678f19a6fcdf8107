"""Letting people in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.text import capfirst

from reservations.models import Membership, Organisation, User

Role = Membership.Role

HANDED_OVER = (
    "Douze caractères au moins. Transmettez-le de vive voix : la personne devra le changer à sa première connexion."
)


class PersonForm(forms.Form):
    """Somebody, for whom they act, and in which role."""

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
    password = forms.CharField(
        label="Premier mot de passe",
        max_length=200,
        strip=False,
        required=False,
        help_text=f"{HANDED_OVER} Laissez vide si la personne a déjà un compte : elle garde le sien.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, member: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role: Any = self.fields["role"]
        organisation: Any = self.fields["organisation"]
        self.own: Organisation | None = None
        if member.is_administrator:
            organisation.queryset = Organisation.objects.order_by("name", "siren")
            role.choices = [(each.value, capfirst(each.label)) for each in Role]
        else:
            self.own = member.organisation
            del self.fields["organisation"]  # nothing to choose: one's own
            role.choices = [(each.value, capfirst(each.label)) for each in Membership.LANDLORD_ROLES]

    def admission(self) -> dict[str, Any]:
        """What `admit_person` takes."""
        return {"organisation": self.own} | self.cleaned_data


class PasswordForm(forms.Form):
    """A new password; whoever changes their own says the current one first."""

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

    def __init__(self, *args: Any, person: User, own: bool, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.request: Any = request
        if not own:
            del self.fields["current"]
            self.fields["password"].help_text = HANDED_OVER

    def clean_current(self) -> str:
        """Somebody else in front of an open session changes nothing; what they try counts as at the door."""
        current: str = self.cleaned_data["current"]
        if authenticate(self.request, email=self.person.email, password=current) != self.person:
            if getattr(self.request, "axes_locked_out", False):
                self.request.axes_locked_out = False  # said here, in its page, rather than at the door
                minutes = self.request.lock.minutes
                wait = "une minute" if minutes == 1 else f"{minutes} minutes"
                raise forms.ValidationError(
                    f"Trop d’essais ont échoué : rien n’est essayé avant {wait}. Recommencez ensuite."
                )
            raise forms.ValidationError("Ce n’est pas votre mot de passe actuel. Écrivez celui de cette session.")
        return current
