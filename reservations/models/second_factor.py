"""What a person proves beside their password: an application of codes, a passkey, or a recovery code."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from reservations.models.person import User


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

    The page writes the same row for every address, so that neither its answer nor its time tells which ones exist.
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
    """A person leaves an address for another, once both have said so: each receives a key, for 24 hours.

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
