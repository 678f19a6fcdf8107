"""What a household may earn at most to be let a unit, by financing, zone and size of household."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from reservations.models.periods import DateRange


class IncomeCeiling(models.Model):
    """Plafond de ressources: a dated figure of the yearly order (arrêté of 29 July 1987, as amended), with its source.

    `amount` in euros of yearly taxable income (revenu fiscal de référence); `household` is the category of the order,
    1 to 6 (`extra` on the sixth: for each further person). `financing` is a group of `flux.financing`.
    """

    class Zone(models.TextChoices):
        PARIS = "PARIS", "Paris et communes limitrophes"
        ILE_DE_FRANCE = "ILE_DE_FRANCE", "Île-de-France hors Paris et communes limitrophes"
        ELSEWHERE = "ELSEWHERE", "autres régions"

    financing = models.CharField("financement", max_length=10)
    zone = models.CharField("zone", max_length=13, choices=Zone)
    household = models.PositiveSmallIntegerField("catégorie de ménage")
    amount = models.PositiveIntegerField("plafond annuel, €")
    extra = models.PositiveIntegerField("par personne supplémentaire, €", null=True, blank=True)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "plafond de ressources"
        verbose_name_plural = "plafonds de ressources"
        ordering = ["financing", "zone", "household", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(household__range=(1, 6)),
                name="income_ceiling_household",
                violation_error_message="La catégorie de ménage va de 1 à 6.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="income_ceiling_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            ExclusionConstraint(
                name="income_ceiling_no_overlap",
                expressions=[
                    ("financing", RangeOperators.EQUAL),
                    ("zone", RangeOperators.EQUAL),
                    ("household", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Deux plafonds de cette catégorie se chevauchent dans le temps.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.financing}, {self.get_zone_display()}, catégorie {self.household} : {self.amount} €"
