"""Who has priority in law: a dated list, loaded with its source."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q


class PriorityCategoryQuerySet(models.QuerySet["PriorityCategory"]):
    def in_force(self, on: date) -> PriorityCategoryQuerySet:
        """The categories of the law on a date."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class PriorityCategory(models.Model):
    """Catégorie prioritaire (CCH, L441-1 and L441-2-3). `group` is all that others than the instructors read."""

    class Group(models.TextChoices):
        DALO = "DALO", "DALO"
        LAW = "LAW", "priorité de l’article L441-1"

    code = models.CharField("code", max_length=24)
    label = models.CharField("catégorie", max_length=160)
    group = models.CharField("groupe", max_length=4, choices=Group)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200)

    objects = PriorityCategoryQuerySet.as_manager()

    class Meta:
        verbose_name = "catégorie prioritaire"
        verbose_name_plural = "catégories prioritaires"
        ordering = ["group", "label", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "starts_on"],
                name="priority_category_unique",
                violation_error_message="Cette catégorie commence déjà ce jour-là.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="priority_category_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
        ]

    def __str__(self) -> str:
        return self.label
