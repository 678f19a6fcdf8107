"""The tables of session.

* A link by which a person enters: to act for an organisation, or to choose a new password.
* Sessions of the screens, by person; who signed in, and whose roles were looked at again.
* What a person proves beside their password: an application of codes, a passkey, or a recovery code.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q

from reservations.models.party import Organisation
from reservations.models.person import Membership, User
from reservations.rules import APPEND_ONLY, NEVER_CHANGED, NEVER_DELETED

#: How long a link is worth.
LASTS = timedelta(hours=72)
#: That of a link for a new password that its person asked for.
OWN_LASTS = timedelta(hours=2)


def new_key() -> str:
    """What only whoever was given the link knows."""
    return secrets.token_urlsafe(32)


def digest_of(key: str) -> str:
    """What is kept of it: nobody makes the link again from the database."""
    return hashlib.sha256(key.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def awaiting(self, now: datetime) -> InvitationQuerySet:
        """Those that may still be taken."""
        return self.filter(taken_at=None, withdrawn_at=None, ends_at__gt=now)


class Invitation(models.Model):
    """A link, for 72 hours and once. Without an organisation, it gives a known person a new password."""

    email = models.EmailField("adresse électronique", max_length=254)
    full_name = models.CharField("nom ou service", max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="invitations", verbose_name="organisation"
    )
    role = models.CharField("rôle", max_length=16, choices=Membership.Role, blank=True)
    digest = models.CharField("empreinte de la clé", max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    made_at = models.DateTimeField("le")
    ends_at = models.DateTimeField("vaut jusqu’au")
    taken_at = models.DateTimeField("prise le", null=True, blank=True)
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="prise par"
    )
    withdrawn_at = models.DateTimeField("retirée le", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, role="") | Q(organisation__isnull=False) & ~Q(role=""),
                name="invitation_role_in_organisation",
                violation_error_message="Une invitation donne un rôle dans une organisation, ou un mot de passe.",
            ),
            models.CheckConstraint(
                condition=Q(taken_at=None, taken_by=None) | Q(taken_at__isnull=False, taken_by__isnull=False),
                name="invitation_taken_by_somebody",
                violation_error_message="Une invitation prise l’est par une personne.",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("made_at")),
                name="invitation_period",
                violation_error_message="Une invitation finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.full_name}, {self.organisation or 'mot de passe'}"


class Session(AbstractBaseSession):
    """A session of the screens, which knows whose it is: its person reads the list of theirs, and closes them."""

    user = models.ForeignKey(
        User, models.CASCADE, null=True, blank=True, related_name="sessions", verbose_name="personne"
    )

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session ouverte"
        verbose_name_plural = "sessions ouvertes"
        ordering = ["-expire_date", "session_key"]

    def __str__(self) -> str:
        return f"session de {self.user or 'personne'}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The one of the settings."""
        return import_module(settings.SESSION_ENGINE).SessionStore


class SignIn(models.Model):
    """Somebody came in: by which door, with which second factor, from where. Append-only, for six months."""

    class Door(models.TextChoices):
        PASSWORD = "PASSWORD", "mot de passe"
        LINK = "LINK", "lien d’invitation"
        PROCONNECT = "PROCONNECT", "ProConnect"

    class Factor(models.TextChoices):
        NONE = "NONE", "sans second facteur"
        CODES = "CODES", "code d’une application"
        PASSKEY = "PASSKEY", "clé d’accès"
        RECOVERY = "RECOVERY", "code de secours"
        PROVIDER = "PROVIDER", "second facteur de ProConnect"

    user = models.ForeignKey(User, models.PROTECT, related_name="sign_ins", verbose_name="personne")
    at = models.DateTimeField("le")
    door = models.CharField("par", max_length=10, choices=Door)
    factor = models.CharField("second facteur", max_length=8, choices=Factor, default=Factor.NONE)
    address = models.GenericIPAddressField("adresse", null=True, blank=True)
    browser = models.CharField("navigateur", max_length=200, blank=True)

    triggers = (
        # A sign-in is written once.
        NEVER_CHANGED,
        # The journal is purged after six months by the task that clears sessions, and by nobody else.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "connexion"
        ordering = ["-pk"]
        indexes = [models.Index(fields=["at"], name="sign_in_at")]

    def __str__(self) -> str:
        return f"{self.user}, {self.at:%d/%m/%Y}"


class PeopleReview(models.Model):
    """A manager looked at everybody who acts for its organisation, and kept those who still should. Append-only.

    `reviewed`: who was there, [{"person": id, "role": code}], as it was read.
    """

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reviews", verbose_name="organisation")
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    at = models.DateTimeField("le")
    reviewed = models.JSONField("personnes et rôles vus", default=list)

    triggers = (
        # Who was reviewed, by whom and when stays.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "revue des personnes"
        verbose_name_plural = "revues des personnes"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.at:%d/%m/%Y}"


class SecondFactor(models.Model):
    """An application of codes (RFC 6238), or a passkey (WebAuthn). A person may have several.

    Of codes: `secret`, kept unreadable, and `last_step`, the latest half-minute whose code was taken: none is taken
    twice. Of a passkey: its identifier, its public key and how often it signed.
    """

    class Kind(models.TextChoices):
        CODES = "CODES", "application de codes"
        PASSKEY = "PASSKEY", "clé d’accès"

    user = models.ForeignKey(User, models.CASCADE, related_name="second_factors", verbose_name="personne")
    kind = models.CharField("sorte", max_length=7, choices=Kind)
    name = models.CharField("nom", max_length=60)
    secret = models.BinaryField("secret chiffré", default=b"", blank=True)
    last_step = models.BigIntegerField("dernier code pris", default=0)
    credential = models.BinaryField("identifiant de la clé", null=True, blank=True, unique=True)
    public_key = models.BinaryField("clé publique", default=b"", blank=True)
    sign_count = models.BigIntegerField("usages de la clé", default=0)
    added_at = models.DateTimeField("ajouté le")
    used_at = models.DateTimeField("dernier usage", null=True, blank=True)

    class Meta:
        verbose_name = "second facteur"
        verbose_name_plural = "seconds facteurs"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="CODES", credential=None) & ~Q(secret=b"")
                | Q(kind="PASSKEY", credential__isnull=False) & ~Q(public_key=b""),
                name="second_factor_whole",
                violation_error_message="Un second facteur est une application de codes, ou une clé d’accès.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.get_kind_display()})"


class RecoveryCode(models.Model):
    """A code kept on paper, for the day when nothing else is at hand: its digest alone is kept, it serves once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes", verbose_name="personne")
    digest = models.CharField("empreinte", max_length=64, unique=True)
    made_at = models.DateTimeField("fait le")
    used_at = models.DateTimeField("pris le", null=True, blank=True)

    class Meta:
        verbose_name = "code de secours"
        verbose_name_plural = "codes de secours"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"code de secours de {self.user}"


class Identity(models.Model):
    """Who somebody is for an OpenID Connect provider, known by its `sub`, for good once it is met."""

    user = models.ForeignKey(User, models.CASCADE, related_name="identities", verbose_name="personne")
    issuer = models.CharField("fournisseur", max_length=200)
    subject = models.CharField("identifiant chez lui", max_length=255)
    added_at = models.DateTimeField("depuis le")

    class Meta:
        verbose_name = "identité ProConnect"
        verbose_name_plural = "identités ProConnect"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "subject"],
                name="identity_one_person",
                violation_error_message="Cette identité est déjà celle d’une personne.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} chez {self.issuer}"


class PasswordRequest(models.Model):
    """Somebody says to have lost the password of this address, whoever has it: a worker answers, or nobody does.

    The page writes the same row for every address, so that neither its answer nor its time states which ones exist.
    """

    email = models.CharField("adresse électronique", max_length=254)
    asked_at = models.DateTimeField("demandé le")
    done_at = models.DateTimeField("traité le", null=True, blank=True)

    class Meta:
        verbose_name = "mot de passe perdu"
        verbose_name_plural = "mots de passe perdus"
        ordering = ["pk"]
        indexes = [models.Index(fields=["id"], name="password_request_waiting", condition=Q(done_at=None))]

    def __str__(self) -> str:
        return f"{self.email}, {self.asked_at:%d/%m/%Y}"


class AddressChange(models.Model):
    """A person leaves an address for another, once both have stated so: each receives a key, for 24 hours.

    The keys alone are not kept: their digests are.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="address_changes", verbose_name="personne")
    old = models.EmailField("ancienne adresse", max_length=254)
    new = models.EmailField("nouvelle adresse", max_length=254)
    old_digest = models.CharField("empreinte de la clé de l’ancienne", max_length=64, unique=True)
    new_digest = models.CharField("empreinte de la clé de la nouvelle", max_length=64, unique=True)
    old_said_at = models.DateTimeField("confirmé à l’ancienne", null=True, blank=True)
    new_said_at = models.DateTimeField("confirmé à la nouvelle", null=True, blank=True)
    asked_at = models.DateTimeField("demandé le")
    ends_at = models.DateTimeField("vaut jusqu’au")
    done_at = models.DateTimeField("fait le", null=True, blank=True)
    dropped_at = models.DateTimeField("abandonné le", null=True, blank=True)

    class Meta:
        verbose_name = "changement d’adresse"
        verbose_name_plural = "changements d’adresse"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.old} devient {self.new}"
