"""The tables of candidacy.

* Which household each candidacy is of, for the constraints that hold of a household and not of a request.
* What was decided of a household before its landlord decided here: reported by a file, at its dates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

from attributions.households.models.application import Application
from attributions.households.models.decision import DecisionTerms
from attributions.households.models.letting import Offer
from attributions.households.models.proposal import Proposal, ProposalEnd
from flux.models import Routing, Vacancy
from reservations.models import User


class HouseholdCandidacy(models.Model):
    """Candidature d’un ménage: a candidacy that is in the running or was housed, with the living request of its
    household, the one into which its own merged. Kept by the database (docs/triggers.md): two acts at once never make
    one household a candidate of a unit twice, nor house it twice."""

    proposal = models.OneToOneField(
        Proposal, models.CASCADE, primary_key=True, related_name="candidacy", verbose_name="candidature"
    )
    household = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="demande du ménage")
    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="+", db_index=False, verbose_name="logement")
    routing = models.ForeignKey(
        Routing, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="orientation"
    )
    is_housed = models.BooleanField("bail signé")

    class Meta:
        verbose_name = "candidature d’un ménage"
        verbose_name_plural = "candidatures de ménages"
        ordering = ["proposal"]
        constraints = [
            models.UniqueConstraint(
                fields=["routing", "household"],
                name="household_once_per_routing",
                violation_error_message="Ce ménage est déjà candidat à ce logement.",
            ),
            models.UniqueConstraint(
                fields=["vacancy", "household"],
                condition=Q(routing=None),
                name="household_once_per_unit",
                violation_error_message="Ce ménage est déjà candidat à ce logement.",
            ),
            models.UniqueConstraint(
                fields=["household"],
                condition=Q(is_housed=True),
                name="household_housed_once",
                violation_error_message="Un bail est déjà signé pour ce ménage, sur un autre logement : faites d’abord "
                "annuler ce bail par son bailleur, ou retirez cette candidature.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.proposal} : {self.household}"


if TYPE_CHECKING:
    from reservations.models import Membership

Kind = DecisionTerms.Kind


class PastCandidacyQuerySet(models.QuerySet["PastCandidacy"]):
    def of(self, application: Application) -> PastCandidacyQuerySet:
        """Those of a request, and of what merged into it."""
        asked = Application.objects.filter(Q(pk=application.pk) | Q(merged_into=application.pk))
        return self.filter(application__in=asked.order_by().values("pk"))

    def active(self) -> PastCandidacyQuerySet:
        """Those of units whose past routing was not cancelled."""
        return self.filter(vacancy__cancelled_at=None)

    def visible_to(self, member: Membership) -> PastCandidacyQuerySet:
        """As candidates are read: by the landlord, and by the holder that the unit is routed to."""
        if member.is_landlord:
            return self.filter(vacancy__landlord=member.landlord)
        if member.is_holder:
            mine = Q(holder__organisation=member.organisation_id) | Q(acting=member.organisation_id)
            return self.filter(vacancy__in=Routing.objects.filter(mine, closed_at=None).order_by().values("vacancy"))
        return self.none()


class PastCandidacy(models.Model):
    """Candidature passée: a household for a unit taken over (`Vacancy.Source.PAST`), and what was decided of it then.

    History, and nothing else: no vote, no minutes, no delay and no account hang on it. `kind` is empty when no
    committee examined it. The file that reported it corrects it, and its history keeps what it stated.
    """

    vacancy = models.ForeignKey(Vacancy, models.PROTECT, related_name="past_candidacies", verbose_name="logement")
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="past_candidacies", verbose_name="demande"
    )
    kind = models.CharField("décision", max_length=13, choices=Kind, blank=True)
    rank = models.PositiveSmallIntegerField("rang", null=True, blank=True)
    decided_on = models.DateField("CALEOL du", null=True, blank=True)
    document = models.CharField("pièce attendue", max_length=10, choices=DecisionTerms.Document, blank=True)
    document_on = models.DateField("pièce reçue le", null=True, blank=True)
    reason = models.CharField("motif", max_length=19, choices=ProposalEnd.Reason, blank=True)
    answer = models.CharField("réponse à l’offre", max_length=9, choices=Offer.Answer, blank=True)
    answered_on = models.DateField("répondue le", null=True, blank=True)
    leased_on = models.DateField("bail signé le", null=True, blank=True)
    recorded_at = models.DateTimeField("enregistrée le")
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistrée par")

    objects = PastCandidacyQuerySet.as_manager()

    class Meta:
        verbose_name = "candidature passée"
        verbose_name_plural = "candidatures passées"
        ordering = ["vacancy", "rank", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["vacancy", "application"],
                name="past_candidacy_once",
                violation_error_message="Ce ménage est déjà un candidat passé de ce logement.",
            ),
            models.UniqueConstraint(
                fields=["vacancy", "decided_on", "rank"],
                condition=Q(rank__isnull=False),
                name="past_candidacy_unique_rank",
                violation_error_message="Un autre candidat de ce logement a déjà ce rang, à cette commission.",
            ),
            models.UniqueConstraint(
                fields=["vacancy"],
                condition=Q(leased_on__isnull=False),
                name="past_candidacy_one_lease",
                violation_error_message="Un autre candidat de ce logement a déjà signé le bail.",
            ),
            models.CheckConstraint(
                condition=Q(kind="", decided_on=None) | ~Q(kind="") & Q(decided_on__isnull=False),
                name="past_candidacy_decision_is_dated",
                violation_error_message="Une décision porte le jour de sa commission.",
            ),
            models.CheckConstraint(
                condition=Q(kind="RANKED", rank__isnull=False, rank__gte=1)
                | Q(kind="CONDITIONAL") & (Q(rank=None) | Q(rank__gte=1))
                | Q(kind__in=["", "ALLOCATED", "NOT_ALLOCATED", "INELIGIBLE"], rank=None),
                name="past_candidacy_rank",
                violation_error_message="Une attribution avec un rang porte ce rang ; les autres n’en ont pas.",
            ),
            models.CheckConstraint(
                condition=Q(document_on=None) | Q(kind="CONDITIONAL"),
                name="past_candidacy_document_of_condition",
                violation_error_message="Seule une attribution sous condition attend une pièce.",
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_on=None) | ~Q(answer="") & Q(answered_on__isnull=False),
                name="past_candidacy_answer_is_dated",
                violation_error_message="Une réponse à l’offre porte sa date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy.unit} : candidature passée {self.pk}"
