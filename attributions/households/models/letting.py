"""From the decision to the keys: offers and leases."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from attributions.households.models.decision import CaseDecision
from attributions.households.models.priority import PERSONS, QUARTILE, PriorityCategory
from attributions.households.models.proposal import Proposal
from flux.models import Routing, Vacancy
from reservations.bounds import constraints as bounded
from reservations.models import ReservationHolder, User
from reservations.rules import NEVER_DELETED, fixed, frozen, software, software_of_end


class Offer(models.Model):
    """Offre: sent to the household that the committee kept, which has at least ten days to answer; silence is a refusal
    (CCH, R441-10). Only its answer is written later. `sent_by` is empty when it follows the refusal of the rank before.
    Accepted, then lost, it keeps the day it was accepted: `ProposalEnd` says when and why it was lost.
    """

    class Answer(models.TextChoices):
        ACCEPTED = "ACCEPTED", "acceptée"
        REFUSED = "REFUSED", "refusée"
        SILENT = "SILENT", "sans réponse, donc refusée"
        WITHDRAWN = "WITHDRAWN", "acceptée, puis sans suite"
        CANCELLED = "CANCELLED", "annulée"

    proposal = models.OneToOneField(Proposal, models.PROTECT, related_name="offer", verbose_name="candidature")
    decision = models.ForeignKey(CaseDecision, models.PROTECT, related_name="offers", verbose_name="décision")
    sent_on = models.DateField("envoyée le")
    answer_by = models.DateField("réponse avant le", help_text="dernier jour pour répondre, inclus")
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField("réponse", max_length=9, choices=Answer, blank=True)
    answered_on = models.DateField("répondue le", null=True, blank=True)

    triggers = (
        # Of an offer, only the answer is written later (CCH, R441-10).
        frozen("answer answered_on"),
        # An offer that was made was made, whatever became of it.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "offre"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answer_by__gt=F("sent_on")),
                name="offer_leaves_time",
                violation_error_message="Le délai de réponse suit l’envoi.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None) | ~Q(answer="") & Q(answered_on__isnull=False),
                name="offer_answer_is_dated",
                violation_error_message="Une réponse porte sa date.",
            ),
            models.CheckConstraint(
                condition=Q(answered_on=None) | Q(answered_on__gte=F("sent_on")),
                name="offer_answered_after_sent",
                violation_error_message="Une réponse suit l’envoi de l’offre.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} : offre du {self.sent_on:%d/%m/%Y}"


class Lease(models.Model):
    """Bail signé: the allocation is effective (CCH, L441-1). With the facts that the objectives count, as they were on
    that day, so that they outlive the named file. None is « non renseigné ».

    `proposal` is empty when the candidates were followed in another tool. Cancelled, it counts no more; nothing else of
    it changes before its term. At its term its facts are dealt among others, `facts_among` of them: they are then those
    of a count, and no longer of this household; 0 when there were too few and they were erased, None before.
    """

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="leases", verbose_name="logement libéré")
    routing = models.ForeignKey(Routing, models.PROTECT, null=True, blank=True, related_name="leases")
    proposal = models.ForeignKey(
        Proposal, models.PROTECT, null=True, blank=True, related_name="leases", verbose_name="candidature"
    )
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    signed_on = models.DateField("signé le")
    in_qpv = models.BooleanField("en quartier prioritaire (QPV)", null=True, blank=True)
    in_mix_residence = models.BooleanField("en résidence à enjeu prioritaire de mixité", null=True, blank=True)
    income_quartile = models.SmallIntegerField("quartile de ressources", null=True, blank=True)
    has_priority = models.BooleanField("ménage prioritaire", null=True, blank=True)
    priority = models.ForeignKey(
        PriorityCategory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="priorité"
    )
    urban_renewal = models.BooleanField("relogement de renouvellement urbain", null=True, blank=True)
    state_agent = models.BooleanField("agent de l’État", null=True, blank=True)
    essential_worker = models.BooleanField("travailleur essentiel", null=True, blank=True)
    persons = models.SmallIntegerField("personnes logées", null=True, blank=True)
    facts_among = models.SmallIntegerField("faits mêlés entre, baux", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistré le")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancelled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_why = models.TextField("pourquoi", blank=True)

    triggers = (
        # The facts that the objectives count are those of the day of signature; only a cancellation is written later
        # (CCH, L441-1).
        frozen(
            "in_qpv facts_among cancelled_at cancelled_by_id cancelled_why",
            when="{} OR (OLD.in_qpv IS DISTINCT FROM NEW.in_qpv AND pg_trigger_depth() = 0)",
        ),
        # A lease is cancelled, with who and why, not deleted.
        NEVER_DELETED,
        software("lease.signed", "vacancy_id", "lease=id", "candidate=proposal_id"),
        software_of_end("lease.cancelled", "vacancy_id", "lease=id"),
        # Facts leave their lease at term alone: so does what says among how many they were dealt.
        fixed("facts_among", "dealt_at_term"),
    )

    class Meta:
        verbose_name = "bail"
        verbose_name_plural = "baux"
        ordering = ["pk"]
        indexes = [models.Index(fields=["signed_on"], name="lease_signed_on")]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(cancelled_at=None),
                name="lease_one_per_vacancy",
                violation_error_message="Un bail est déjà signé pour ce logement.",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at=None, cancelled_by=None, cancelled_why="")
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancelled_why=""),
                name="lease_cancellation",
                violation_error_message="Une annulation porte sa date, son auteur et une phrase.",
            ),
            models.CheckConstraint(
                condition=Q(priority=None) | Q(has_priority__isnull=False, has_priority=True),
                name="lease_priority",
                violation_error_message="Une catégorie prioritaire est celle d’un ménage prioritaire.",
            ),
            *bounded([QUARTILE, PERSONS], table="lease"),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy} : bail du {self.signed_on:%d/%m/%Y}"
