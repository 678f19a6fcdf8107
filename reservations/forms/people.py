"""The forms of people.

* Proving who one is: by a code, a passkey, or the password of whoever has neither.
* Letting people in.
* Signing in.
* One's own address, and a password that was lost.
* Letting a piece of software act for one's organisation.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.contrib.auth import authenticate
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import capfirst

from reservations.access.limits import LONGEST
from reservations.access.passwords import even_out
from reservations.access.second_factor import CHALLENGE, Proof, has_factor, origin_of, passkey_asked
from reservations.forms.fields import DayField
from reservations.models import ApiToken, Membership, Organisation, SignIn, User
from reservations.models.person import spelling


def wait_words(request: Any) -> str:
    """Why nothing is tried for now, stated in the form rather than at the door; "" when trials are open."""
    if not getattr(request, "axes_locked_out", False):
        return ""
    request.axes_locked_out = False
    return f"Trop d’essais ont échoué : rien n’est essayé avant {request.lock.wait}. Recommencez ensuite."


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
            raise forms.ValidationError(wait_words(self.request) or self._wrong(given))
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
    """A new password of one’s own; the current one is stated first."""

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
                wait_words(self.request) or "Ce n’est pas votre mot de passe actuel. Écrivez celui de cette session."
            )
        return current


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


class TokenForm(forms.Form):
    """Which software, what it may do, until when."""

    name = forms.CharField(
        label="Logiciel",
        max_length=80,
        help_text="Celui qui s’en servira : « Logiciel de gestion locative », « Entrepôt de données ».",
        error_messages={"required": "Écrivez quel logiciel se servira de ce jeton."},
    )
    scopes = forms.MultipleChoiceField(
        label="Ce qu’il pourra faire",
        choices=[(code, capfirst(str(label))) for code, label in ApiToken.Scope.choices],
        widget=forms.CheckboxSelectMultiple,
        help_text="Le moins possible : un logiciel qui envoie des congés n’a pas à lire les bilans.",
        error_messages={
            "required": "Choisissez au moins un droit pour ce jeton.",
            "invalid_choice": "Choisissez des droits de la liste.",
        },
    )
    expires_on = DayField(label="Valable jusqu’au", help_text="Un an au plus. Jour, mois, année.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"expires_on": timezone.localdate() + timedelta(days=180)})
        super().__init__(*args, **kwargs)
