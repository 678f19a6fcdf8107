"""What is notified to software as it happens: facts, the addresses that asked for them, and each time one was sent.

A fact is written by the database in the transaction of what it states (docs/triggers.md), so that none is lost nor sent
for nothing; a worker then spreads it to the addresses whose organisation may see it, and sends.
"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flux.models.account import Ledger
from flux.models.vacancy import Vacancy
from reservations.models import Membership, Organisation, User

if TYPE_CHECKING:
    from collections.abc import Collection


class WebhookEvent(models.Model):
    """A fact to state: which vacancy, or which account, and the ids of what happened; no household, no name."""

    class Kind(models.TextChoices):
        DECLARED = "vacancy.declared", "logement libéré enregistré"
        CANCELLED = "vacancy.cancelled", "déclaration annulée"
        RECOMMENDED = "vacancy.recommended", "destination recommandée"
        ROUTED = "vacancy.routed", "logement orienté"
        RETURNED = "vacancy.returned", "logement rendu, ou délai écoulé"
        SENT = "candidates.sent", "candidats transmis"
        DECIDED = "case.decided", "décision de la CALEOL"
        LEASED = "lease.signed", "bail signé"
        UNLEASED = "lease.cancelled", "bail annulé"
        BALANCE = "balance.sent", "bilan envoyé"

    #: About candidates: sent to those who follow the unit, and to nobody else.
    FOR_THE_PARTIES = (Kind.SENT, Kind.DECIDED, Kind.LEASED, Kind.UNLEASED)

    kind = models.CharField("fait", max_length=20, choices=Kind)
    vacancy = models.ForeignKey(
        Vacancy, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="logement libéré"
    )
    ledger = models.ForeignKey(Ledger, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="compte")
    data = models.JSONField("numéros", default=dict, blank=True)
    at = models.DateTimeField("le")
    spread_at = models.DateTimeField("réparti le", null=True, blank=True)

    class Meta:
        verbose_name = "fait à annoncer"
        verbose_name_plural = "faits à annoncer"
        ordering = ["pk"]
        indexes = [models.Index(fields=["id"], condition=Q(spread_at=None), name="webhook_event_to_spread")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, le {self.at:%d/%m/%Y}"


class WebhookEndpointQuerySet(models.QuerySet["WebhookEndpoint"]):
    def visible_to(self, member: Membership) -> WebhookEndpointQuerySet:
        """Those of the organisation the person acts for."""
        return self.filter(organisation=member.organisation_id)

    def failing_for(self, member: Membership) -> WebhookEndpointQuerySet:
        """Those of its organisation that were stopped because they answered nothing: a person has to mend them."""
        return self.visible_to(member).filter(stopped=WebhookEndpoint.Stopped.FAILING)

    def open(self) -> WebhookEndpointQuerySet:
        """Those that are sent to: neither stopped by a person, nor for having failed too long."""
        return self.filter(stopped_at=None)


class WebhookEndpoint(models.Model):
    """Where a piece of software is notified of the facts of `kinds` that its organisation may see, and the secret that
    signs them; while it is replaced (`old_secret`, until a moment), both sign."""

    class Stopped(models.TextChoices):
        BY_HAND = "BY_HAND", "suspendue par une personne"
        FAILING = "FAILING", "suspendue : elle ne répond plus"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="webhooks", verbose_name="organisation")
    role = models.CharField("rôle", max_length=16, choices=Membership.Role)
    url = models.CharField("adresse", max_length=300)
    kinds = ArrayField(models.CharField(max_length=20, choices=WebhookEvent.Kind), verbose_name="faits")
    secret = models.CharField("secret", max_length=80)
    old_secret = models.CharField("secret précédent", max_length=80, blank=True)
    old_until = models.DateTimeField("valable jusqu’à", null=True, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="créée par")
    made_at = models.DateTimeField("créée le", auto_now_add=True)
    failing_since = models.DateTimeField("en échec depuis", null=True, blank=True)
    stopped_at = models.DateTimeField("suspendue le", null=True, blank=True)
    stopped = models.CharField("pourquoi", max_length=8, choices=Stopped, blank=True)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        verbose_name = "adresse d’un logiciel"
        verbose_name_plural = "adresses de logiciels"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(stopped_at=None, stopped="") | Q(stopped_at__isnull=False) & ~Q(stopped=""),
                name="webhook_stopped_for_a_reason",
                violation_error_message="Une adresse suspendue dit depuis quand, et pourquoi.",
            ),
            models.CheckConstraint(
                condition=~Q(kinds=[]),
                name="webhook_has_kinds",
                violation_error_message="Choisissez au moins un fait à annoncer.",
            ),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def member(self) -> Membership:
        """For whom it is notified: what every predicate asks."""
        return Membership(user=self.made_by, organisation=self.organisation, role=self.role)

    def secrets(self, now: datetime) -> Collection[str]:
        """Those that sign: the one in use, and the one before as long as it is replaced."""
        old = self.old_until is not None and now < self.old_until
        return [self.secret, *([self.old_secret] if old else [])]


class WebhookDelivery(models.Model):
    """One fact to state one address, under one identifier (`webhook-id`) however often it is sent."""

    class State(models.TextChoices):
        PENDING = "PENDING", "à envoyer"
        DELIVERED = "DELIVERED", "reçu"
        GIVEN_UP = "GIVEN_UP", "abandonné"

    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, related_name="deliveries", verbose_name="adresse")
    event = models.ForeignKey(WebhookEvent, models.CASCADE, related_name="deliveries", verbose_name="fait")
    identifier = models.UUIDField("identifiant", default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField("état", max_length=9, choices=State, default=State.PENDING)
    tries = models.PositiveSmallIntegerField("essais", default=0)
    next_at = models.DateTimeField("prochain essai")

    class Meta:
        verbose_name = "envoi à un logiciel"
        verbose_name_plural = "envois à des logiciels"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["endpoint", "event"],
                name="webhook_delivery_once",
                violation_error_message="Ce fait est déjà annoncé à cette adresse.",
            ),
        ]
        indexes = [models.Index(fields=["next_at"], condition=Q(state="PENDING"), name="webhook_delivery_due")]

    def __str__(self) -> str:
        return f"{self.event} → {self.endpoint}"


class WebhookAttempt(models.Model):
    """One time that a fact was sent: what was answered, or why nothing was; a few words of it, never its body."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="attempts", verbose_name="envoi")
    at = models.DateTimeField("le")
    status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    duration = models.PositiveIntegerField("durée, en millisecondes")
    said = models.CharField("ce qui a été répondu", max_length=300, blank=True)

    class Meta:
        verbose_name = "essai d’envoi"
        verbose_name_plural = "essais d’envoi"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.at:%d/%m/%Y %H:%M}, {self.status or self.said}"
