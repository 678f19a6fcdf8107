"""Software that acts for an organisation: its tokens, and what was done through each."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reservations.models.party import Organisation
from reservations.models.person import Membership, User

if TYPE_CHECKING:
    from collections.abc import Collection


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    def visible_to(self, member: Membership) -> ApiTokenQuerySet:
        """Those of the organisation the person acts for."""
        return self.filter(organisation=member.organisation_id)

    def usable(self, today: date) -> ApiTokenQuerySet:
        """Neither revoked nor out of date."""
        return self.filter(revoked_at=None, expires_on__gte=today)


class ApiToken(models.Model):
    """By which a piece of software speaks for its organisation. The secret is never kept: its digest is, and the few
    letters (`prefix`) that name it. It does what its scopes say, under the predicates of its role."""

    class Scope(models.TextChoices):
        READ = "READ", "lire les logements libérés, les comptes et le parc"
        NOTICES = "NOTICES", "enregistrer et annuler des avis de congé"
        UNITS = "UNITS", "créer et corriger des logements"
        ROUTINGS = "ROUTINGS", "confirmer ou modifier des orientations"
        PROPOSALS = "PROPOSALS", "proposer des candidats et suivre leurs étapes"
        BALANCES = "BALANCES", "lire les bilans annuels"

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="api_tokens", verbose_name="organisation"
    )
    name = models.CharField("logiciel", max_length=80)
    role = models.CharField("rôle", max_length=16, choices=Membership.Role)
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope), verbose_name="droits")
    prefix = models.CharField("début du jeton", max_length=16, unique=True)
    digest = models.CharField("empreinte", max_length=64)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="créé par")
    made_at = models.DateTimeField("créé le", auto_now_add=True)
    expires_on = models.DateField("valable jusqu’au")
    last_used_on = models.DateField("dernier usage", null=True, blank=True)
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True)
    revoked_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="révoqué par"
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "jeton d’accès"
        verbose_name_plural = "jetons d’accès"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at=None, revoked_by=None) | Q(revoked_at__isnull=False, revoked_by__isnull=False),
                name="token_revoked_by_somebody",
                violation_error_message="Un jeton révoqué porte la date et la personne qui l’a révoqué.",
            ),
            models.CheckConstraint(
                condition=~Q(scopes=[]),
                name="token_has_scopes",
                violation_error_message="Choisissez au moins un droit pour ce jeton.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def member(self) -> Membership:
        """For whom it acts, and in which role: what every predicate asks. Its author is whoever made it."""
        return Membership(user=self.made_by, organisation=self.organisation, role=self.role)

    @property
    def scope_words(self) -> list[str]:
        """What it may do, in words."""
        return [str(self.Scope(each).label) for each in self.scopes]

    def may(self, scopes: Collection[str]) -> bool:
        """Has it one of these scopes?"""
        return bool(set(scopes) & set(self.scopes))

    def is_usable(self, today: date) -> bool:
        """Neither revoked nor out of date."""
        return self.revoked_at is None and self.expires_on >= today


class ApiCallQuerySet(models.QuerySet["ApiCall"]):
    def visible_to(self, member: Membership) -> ApiCallQuerySet:
        """Those made through the tokens of the organisation the person acts for."""
        return self.filter(token__organisation=member.organisation_id)


class ApiCall(models.Model):
    """One act done through a token: what was asked, where, and what it gave. Written in the transaction of the act, so
    that no act is without it; with an `Idempotency-Key`, its answer is kept for two days, and given again."""

    token = models.ForeignKey(ApiToken, models.PROTECT, related_name="calls", verbose_name="jeton")
    at = models.DateTimeField("le", auto_now_add=True)
    method = models.CharField("méthode", max_length=6)
    path = models.CharField("adresse", max_length=200)
    key = models.CharField("clé d’idempotence", max_length=255, blank=True)
    asked = models.CharField("empreinte de la demande", max_length=64)
    status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    answer = models.TextField("contenu de la réponse", blank=True)
    headers = models.JSONField("en-têtes de la réponse", default=dict, blank=True)

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        verbose_name = "acte par l’API"
        verbose_name_plural = "actes par l’API"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["token", "key"],
                condition=~Q(key=""),
                name="api_call_once_a_key",
                violation_error_message="Cette clé d’idempotence a déjà servi pour ce jeton.",
            ),
        ]
        indexes = [models.Index(fields=["at"], condition=~Q(key=""), name="api_call_kept_answers")]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
