"""Sessions of the screens, by person; who signed in, and whose roles were looked at again."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from reservations.models.party import Organisation
from reservations.models.person import User


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

    class Meta:
        verbose_name = "revue des personnes"
        verbose_name_plural = "revues des personnes"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.at:%d/%m/%Y}"
