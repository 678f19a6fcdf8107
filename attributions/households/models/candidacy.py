"""Which household each candidacy is of, for the constraints that hold of a household and not of a request."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from attributions.households.models.application import Application
from attributions.households.models.proposal import Proposal
from flux.models import Routing, Vacancy


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
