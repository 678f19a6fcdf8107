"""Proving who one is: by a code, a passkey, or the password of whoever has neither."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest

from reservations.access.second_factor import CHALLENGE, Proof, has_factor, origin_of, passkey_asked
from reservations.models import SignIn, User


def wait_said(request: Any) -> str:
    """Why nothing is tried for now, said in the form rather than at the door; "" when trials are open."""
    if not getattr(request, "axes_locked_out", False):
        return ""
    request.axes_locked_out = False
    minutes = request.lock.minutes
    wait = "une minute" if minutes == 1 else f"{minutes} minutes"
    return f"Trop d’essais ont échoué : rien n’est essayé avant {wait}. Recommencez ensuite."


class ProofForm(forms.Form):
    """What proves that it is this person. `passkey` is filled by the browser; `factor` says by what it was proved.

    `options`: what the browser has a passkey sign, as JSON; "" for a person without one.
    """

    proof = forms.CharField(
        label="Code à six chiffres, ou code de secours",
        max_length=40,
        error_messages={"required": "Écrivez un code, ou prenez votre clé d’accès."},
        help_text="Celui que votre application affiche en ce moment.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}),
    )
    password_again = forms.CharField(
        label="Votre mot de passe",
        max_length=200,
        strip=False,
        error_messages={"required": "Écrivez votre mot de passe."},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    passkey = forms.CharField(required=False, max_length=10_000, widget=forms.HiddenInput)

    #: A code or a passkey: the browser cannot say which is missing.
    use_required_attribute = False

    def __init__(self, data: Any, *, request: HttpRequest, person: User | None = None) -> None:
        """Whoever has a second factor gives it, the others their password. `person`: who is signed in, by default."""
        super().__init__(data)
        self.request: Any = request
        self.person = cast("User", self.request.user) if person is None else person
        self.by_password = not has_factor(self.person)
        self.factor = SignIn.Factor.NONE
        self.options = ""
        for name in ("proof", "passkey") if self.by_password else ("password_again",):
            del self.fields[name]
        given = bool(data and data.get("passkey")) and not self.by_password
        self.fields["password_again" if self.by_password else "proof"].required = not given

    @classmethod
    def is_in(cls, sent: Mapping[str, Any]) -> bool:
        """Was a proof given with what was sent?"""
        return any(name in sent for name in cls.base_fields)

    def ask(self) -> None:
        """Have the browser ask for a passkey, on the page that comes."""
        self.options = "" if self.by_password else passkey_asked(self.request, self.person)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if self.errors:
            return given
        if self.by_password:
            found = authenticate(self.request, email=self.person.email, password=given.get("password_again", ""))
        else:
            challenge = self.request.session.pop(CHALLENGE, "")
            proof = Proof(given.get("proof", ""), given.get("passkey", ""), challenge, origin_of(self.request))
            found = authenticate(self.request, email=self.person.email, secret_proof=proof)
            self.factor = getattr(self.request, "factor", None) or SignIn.Factor.NONE
        if found != self.person:
            raise forms.ValidationError(wait_said(self.request) or self._wrong(given))
        return given

    def _wrong(self, given: dict[str, Any]) -> str:
        if self.by_password:
            return "Ce n’est pas votre mot de passe. Écrivez celui de cette session."
        if given.get("passkey"):
            return "Cette clé d’accès n’est pas la vôtre, ou la page a trop attendu. Recommencez."
        return "Ce code n’est pas le bon, ou il a déjà servi. Attendez le suivant, puis recommencez."


class NewFactorForm(forms.Form):
    """An application of codes, by its first code; or a passkey, by what its device made."""

    name = forms.CharField(
        label="Nom de cet appareil",
        max_length=60,
        help_text="Pour le reconnaître : Téléphone de service.",
        widget=forms.TextInput(attrs={"required": True}),
        error_messages={"required": "Donnez un nom à cet appareil."},
    )
    code = forms.CharField(
        label="Code à six chiffres de l’application",
        max_length=12,
        error_messages={"required": "Écrivez le code que l’application affiche, ou enregistrez une clé d’accès."},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
    passkey = forms.CharField(required=False, max_length=20_000, widget=forms.HiddenInput)

    use_required_attribute = False

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["code"].required = not (data and data.get("passkey"))
