"""Who did what, when and why. Append-only."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from reservations.models.person import User
from reservations.rules import APPEND_ONLY


class HistoryEntryQuerySet(models.QuerySet["HistoryEntry"]):
    def about(self, subject: models.Model) -> HistoryEntryQuerySet:
        """The story of one row, oldest first."""
        return self.filter(subject=subject._meta.label_lower, subject_id=subject.pk).order_by("pk")


class HistoryEntry(models.Model):
    """One act on one row: a convention, a right in stock, an allotment, a person. Written by operations only.

    `subject` is the table (« reservations.convention »); `details` what changed, as {field: [before, after]}.
    `organisations`, for an act on a person or an organisation: those for whom the person acted at that moment.
    """

    class Act(models.TextChoices):
        RECORDED = "RECORDED", "enregistrement"
        EDITED = "EDITED", "modification"
        PROPOSED = "PROPOSED", "proposition au signataire"
        WITHDRAWN = "WITHDRAWN", "retrait de la proposition"
        PARTY_SIGNED = "PARTY_SIGNED", "signature d’une partie"
        SIGNED = "SIGNED", "signature"
        AMENDED = "AMENDED", "remplacement par un avenant"
        FORMAL_NOTICE = "FORMAL_NOTICE", "mise en demeure"
        DENOUNCED = "DENOUNCED", "dénonciation : ne sera pas reconduite"
        NOT_DENOUNCED = "NOT_DENOUNCED", "dénonciation retirée"
        PAUSE_ASKED = "PAUSE_ASKED", "suspension proposée"
        PAUSE_ACCORD = "PAUSE_ACCORD", "accord d’une partie sur la suspension"
        PAUSED = "PAUSED", "suspension convenue"
        PAUSE_DROPPED = "PAUSE_DROPPED", "suspension retirée avant d’être convenue"
        LIFT_ASKED = "LIFT_ASKED", "levée de la suspension proposée"
        LIFTED = "LIFTED", "suspension levée plus tôt"
        END_ASKED = "END_ASKED", "fin proposée à chaque partie"
        END_ACCORD = "END_ACCORD", "accord d’une partie sur la fin"
        END_DROPPED = "END_DROPPED", "fin retirée avant d’être convenue"
        VOIDED = "VOIDED", "sans effet avant d’avoir commencé"
        ENDED = "ENDED", "fin avancée"
        TERMINATED = "TERMINATED", "résiliation"
        DISCARDED = "DISCARDED", "suppression du brouillon"
        ATTACHED = "ATTACHED", "ajout d’une pièce signée"
        CONVERTED = "CONVERTED", "conversion en flux"
        IMPORTED = "IMPORTED", "import d’un fichier"
        SENT = "SENT", "envoi"
        AGREED = "AGREED", "accord sur la répartition"
        CANCELLED = "CANCELLED", "annulation"
        GRANTED = "GRANTED", "rôle donné"
        REVOKED = "REVOKED", "rôle retiré"
        PASSWORD = "PASSWORD", "mot de passe changé"
        INVITED = "INVITED", "invitation"
        CLOSED = "CLOSED", "fermeture"
        MERGED = "MERGED", "réunion à une autre organisation"
        WARNED = "WARNED", "avertissement avant fermeture"
        REVIEWED = "REVIEWED", "revue des personnes"
        ADDRESS = "ADDRESS", "changement d’adresse électronique"
        FACTOR = "FACTOR", "second facteur ajouté"
        FACTOR_GONE = "FACTOR_GONE", "second facteur retiré"
        SIGNED_IN = "SIGNED_IN", "première connexion avec un mot de passe donné"
        LOCKED = "LOCKED", "connexions suspendues après trop d’essais"

    subject = models.CharField("objet", max_length=60)
    subject_id = models.BigIntegerField()
    act = models.CharField("acte", max_length=13, choices=Act)
    by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="par",
        help_text="vide : un délai s’est écoulé, ou une commande du serveur a agi",
    )
    at = models.DateTimeField("le", auto_now_add=True)
    why = models.TextField("pourquoi", blank=True)
    details = models.JSONField(default=dict, blank=True)
    organisations = ArrayField(models.BigIntegerField(), verbose_name="organisations concernées", null=True, blank=True)

    objects = HistoryEntryQuerySet.as_manager()

    triggers = (
        # A history that can be rewritten is not one. Typed texts about a household are erased at term, by that act
        # alone.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "acte de l’historique"
        verbose_name_plural = "actes de l’historique"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["subject", "subject_id"], name="history_subject"),
            GinIndex(
                fields=["organisations"],
                name="history_organisations",
                condition=models.Q(organisations__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}, {self.subject} {self.subject_id}"
