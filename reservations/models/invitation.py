"""A link by which a person enters: to act for an organisation, or to choose a new password."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from reservations.models.party import Organisation
from reservations.models.person import Membership, User

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
