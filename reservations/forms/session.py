"""Signing in."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from reservations.access.hashing import even_out
from reservations.access.limits import LONGEST
from reservations.models import User
from reservations.models.person import spelling


class SignInForm(forms.Form):
    """E-mail address and password; once valid, `person` is who they are."""

    email = forms.CharField(
        label="Adresse électronique professionnelle",
        max_length=LONGEST,
        help_text="Par exemple : logement@mairie.example",
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
        error_messages={"required": "Écrivez votre adresse électronique."},
    )
    password = forms.CharField(
        label="Mot de passe",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Écrivez votre mot de passe."},
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.person: User | None = None

    def clean_email(self) -> str:
        """One spelling an address: trials are counted by it, whatever the case typed.

        Bounded as it is counted: « İ » is two characters in small letters.
        """
        email = spelling(self.cleaned_data["email"])
        if len(email) > LONGEST:
            raise forms.ValidationError("Cette adresse est trop longue : vérifiez-la, puis recommencez.")
        return email

    def clean(self) -> dict[str, Any]:
        """Ask the doors of `AUTHENTICATION_BACKENDS`; the answer never says which of the two was wrong."""
        given = super().clean() or {}
        if not self.errors:
            found = authenticate(self.request, email=given["email"], password=given["password"])
            self.person = found if isinstance(found, User) else None
            if self.person is None:
                if getattr(self.request, "password_is_checked", True):  # refused before, there is nothing to even out
                    even_out(email=given["email"], password=given["password"])
                raise forms.ValidationError(
                    "Cette adresse et ce mot de passe ne vont pas ensemble. Vérifiez les deux, majuscules comprises, "
                    "puis recommencez."
                )
        return given
