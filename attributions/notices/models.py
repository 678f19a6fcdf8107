"""What each party receives, without a name: which unit, what happened, when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from flux.models import DecisionWindow, StockTransfer, Vacancy
from reservations.models import Organisation, User
from reservations.rules import frozen

if TYPE_CHECKING:
    from reservations.models import Membership


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, member: Membership) -> NoticeQuerySet:
        """Those addressed to the organisation the person acts for."""
        return self.filter(organisation=member.organisation_id)

    def unread(self) -> NoticeQuerySet:
        return self.filter(read_at=None)


class Notice(models.Model):
    """Avis: one event notified to one organisation. It names a unit, the choice of a landlord about all of its units
    (`window`), or programmes that pass to another (`transfer`), never a person; only its reading is written later."""

    class Kind(models.TextChoices):
        SENT = "SENT", "candidats transmis"
        NO_CANDIDATE = "NO_CANDIDATE", "aucun candidat : le logement repart"
        LAPSED = "LAPSED", "délai écoulé sans candidat : le logement repart"
        RESTARTED = "RESTARTED", "nouveau délai pour proposer"
        DECIDED = "DECIDED", "décisions de la CALEOL"
        CORRECTED = "CORRECTED", "décision rectificative de la CALEOL"
        OFFER_SENT = "OFFER_SENT", "offre envoyée"
        OFFER_ACCEPTED = "OFFER_ACCEPTED", "offre acceptée"
        OFFER_REFUSED = "OFFER_REFUSED", "offre refusée"
        WITHDREW = "WITHDREW", "candidature retirée"
        NOBODY_LEFT = "NOBODY_LEFT", "plus aucun candidat"
        CONDITION_MET = "CONDITION_MET", "condition levée : la pièce est arrivée"
        CONDITION_LOST = "CONDITION_LOST", "condition non levée dans le délai"
        LEASED = "LEASED", "bail signé"
        LEASE_UNDONE = "LEASE_UNDONE", "bail annulé"
        RELEASED = "RELEASED", "candidats libérés"
        TAKEN_BACK = "TAKEN_BACK", "logement repris par le bailleur"
        RULE = "RULE", "la règle d’orientation d’un bailleur change"
        TRANSFER = "TRANSFER", "des programmes passent d’un bailleur à un autre"

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="notices", verbose_name="organisation")
    vacancy = models.ForeignKey(
        Vacancy, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="logement libéré"
    )
    window = models.ForeignKey(
        DecisionWindow,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="notices",
        verbose_name="fenêtre de décision",
    )
    transfer = models.ForeignKey(
        StockTransfer, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name="cession"
    )
    proposal = models.ForeignKey("attributions.Proposal", models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField("événement", max_length=14, choices=Kind)
    text = models.CharField("précision", max_length=300, blank=True)
    at = models.DateTimeField("le")
    read_at = models.DateTimeField("lu le", null=True, blank=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = NoticeQuerySet.as_manager()

    triggers = (
        # Of a notice, only its reading is written later.
        frozen("read_at read_by_id"),
    )

    class Meta:
        verbose_name = "avis"
        verbose_name_plural = "avis"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["organisation"], condition=Q(read_at=None), name="notice_unread"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
                name="notice_read_by_somebody",
                violation_error_message="Un avis lu porte la date et la personne qui l’a lu.",
            ),
            models.CheckConstraint(
                condition=Q(kind="RULE", vacancy=None, window__isnull=False, transfer=None)
                | Q(kind="TRANSFER", vacancy=None, window=None, transfer__isnull=False)
                | ~Q(kind__in=["RULE", "TRANSFER"]) & Q(vacancy__isnull=False, window=None, transfer=None),
                name="notice_about_one_thing",
                violation_error_message=(
                    "Un avis porte sur un logement, sur la règle d’un bailleur, ou sur une cession de programmes."
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} : {self.get_kind_display()}, {self.vacancy or self.window or self.transfer}"
