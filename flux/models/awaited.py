"""The units that await a decision, named apart from all those that were decided."""

from __future__ import annotations

from django.db import models

from flux.models.vacancy import Vacancy
from reservations.models import ReservationHolder


class AwaitedDecision(models.Model):
    """Décision attendue: a unit of the flow that no recommendation has reached, or whose recommendation nobody has
    followed nor overridden: `holder` is whom it recommends. Kept by triggers (docs/triggers.md):
    `VacancyQuerySet.waiting` and its neighbours start from here, and still ask the recommendations themselves."""

    vacancy = models.OneToOneField(
        Vacancy, models.CASCADE, primary_key=True, related_name="awaited", verbose_name="logement libéré"
    )
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="recommandé à"
    )

    class Meta:
        verbose_name = "décision attendue"
        verbose_name_plural = "décisions attendues"
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["holder"], condition=models.Q(holder__isnull=False), name="awaited_of_holder"),
        ]

    def __str__(self) -> str:
        return str(self.vacancy)
