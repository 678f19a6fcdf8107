"""How many units took so many days from one step to another: what delays are read from. Kept by triggers on what tells
the steps of a unit."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from flux.models import Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, Territory

#: What a count is made by.
KEY = (
    "landlord",
    "fell",
    "start",
    "reached",
    "place",
    "commune",
    "days",
    "holder",
    "acting",
    "open_holder",
    "open_acting",
)


class SpanCount(models.Model):
    """Décompte des délais: how many times units that fell vacant in a year went from a step to another (`StepKind`) in
    so many working days, by landlord, by place, by holder and by who may read them. A row of nothing goes.

    `start` empty: no span, but how many candidates were sent, or how many leases are of candidates, as `reached` says.
    `fell`: the year of registration. `commune`: as the unit was described then, and `place`, where it is today.
    `holder` and `acting`: those of the routing of the second step; `open_holder` and `open_acting`: to whom the unit is
    routed now.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", db_index=False, verbose_name="bailleur")
    fell = models.PositiveSmallIntegerField("année d’enregistrement")
    start = models.CharField("de", max_length=10, blank=True)
    reached = models.CharField("à", max_length=10)
    place = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False, verbose_name="lieu")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False, verbose_name="commune")
    days = models.IntegerField("jours ouvrés", default=0)
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="réservataire"
    )
    acting = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="propose à sa place"
    )
    open_holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="orienté à"
    )
    open_acting = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="proposé par"
    )
    units = models.IntegerField("parcours", default=0)

    class Meta:
        verbose_name = "décompte des délais"
        verbose_name_plural = "décomptes des délais"
        ordering = ["landlord", "fell", "pk"]
        constraints = [
            models.UniqueConstraint(fields=list(KEY), name="span_count_unique", nulls_distinct=False),
        ]
        indexes = [
            models.Index(fields=["fell", "start", "reached", "place"], name="span_count_place"),
            # Those of one's own routings, or of those that one acts for.
            models.Index(fields=["holder", "fell", "start", "reached"], name="span_count_holder"),
            models.Index(
                fields=["acting", "fell", "start", "reached"],
                condition=models.Q(acting__isnull=False),
                name="span_count_acting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.fell}, {self.start} → {self.reached}, {self.days} j : {self.units}"


class UnitSpan(models.Model):
    """Parcours d’un logement: the counts (`SpanCount`, by id, once for each time) where a unit is, so that it leaves
    them when its steps change."""

    vacancy = models.OneToOneField(
        Vacancy, models.CASCADE, primary_key=True, related_name="+", verbose_name="logement libéré"
    )
    counts = ArrayField(models.BigIntegerField(), verbose_name="décomptes", default=list)

    class Meta:
        verbose_name = "parcours d’un logement"
        verbose_name_plural = "parcours des logements"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.vacancy} : {len(self.counts)}"
