"""Units that no share of the flow bears on, and why: in or out, from a day to another."""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from flux.models.unit import Unit
from reservations.models import User
from reservations.models.periods import DateRange


class OutsideFlowQuerySet(models.QuerySet["OutsideFlow"]):
    def in_force(self, on: date) -> OutsideFlowQuerySet:
        """Those that hold on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class OutsideFlow(models.Model):
    """Logement hors de l'assiette: from a day on, and until another, it falls vacant without entering the flow nor any
    account. What is kept in stock is elsewhere (`StockAssignment`), and so is what left the stock (`Unit.left_on`).

    Written once; only its end is said later.
    """

    class Reason(models.TextChoices):
        HOSTEL = "HOSTEL", "logement-foyer ou pension de famille"
        SOCIAL_RESIDENCE = "SOCIAL_RESIDENCE", "résidence sociale"
        STUDENT = "STUDENT", "résidence universitaire ou étudiante"
        ASSOCIATION = "ASSOCIATION", "loué à une association (L442-8-1)"
        INTERMEDIATE = "INTERMEDIATE", "intermédiaire ou non conventionné (PLI, LLI)"
        STAFF = "STAFF", "logement de fonction ou loge de gardien"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="outside", verbose_name="logement")
    reason = models.CharField("motif", max_length=16, choices=Reason)
    starts_on = models.DateField("hors assiette depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200, help_text="convention, agrément ou bail qui le dit")
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")

    objects = OutsideFlowQuerySet.as_manager()

    class Meta:
        verbose_name = "logement hors assiette"
        verbose_name_plural = "logements hors assiette"
        ordering = ["unit", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="outside_flow_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            ExclusionConstraint(
                name="outside_flow_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Ce logement est déjà hors de l’assiette à ces dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} : {self.get_reason_display()}"
