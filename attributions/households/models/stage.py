"""The stage of each unit whose candidates are followed. Kept by triggers on what it is read from."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flux.models import Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, Territory


class UnitStage(models.Model):
    """Étape d’un logement: of a unit that is routed now, or subtracted from the flow, where its candidates stand, for
    whom they are followed. Nothing for the others.

    `stage` is the one that `queries.stage.with_stage` reads (docs/triggers.md). `holder` and its `organisation`: where
    it is routed; `acting`: who proposes for it.
    """

    vacancy = models.OneToOneField(
        Vacancy, models.CASCADE, primary_key=True, related_name="staged", verbose_name="logement libéré"
    )
    landlord = models.ForeignKey(Landlord, models.CASCADE, related_name="+", db_index=False, verbose_name="bailleur")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False, verbose_name="commune")
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="réservataire"
    )
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="organisme"
    )
    acting = models.ForeignKey(
        Organisation, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name="propose à sa place"
    )
    stage = models.CharField("étape", max_length=11)

    class Meta:
        verbose_name = "étape d’un logement"
        verbose_name_plural = "étapes des logements"
        ordering = ["-pk"]
        indexes = [
            models.Index(fields=["landlord", "stage", "-vacancy"], name="stage_of_landlord"),
            models.Index(fields=["organisation", "stage", "-vacancy"], name="stage_of_holder"),
            models.Index(
                fields=["acting", "stage", "-vacancy"], condition=Q(acting__isnull=False), name="stage_of_acting"
            ),
            # What goes on: few beside all those that were let.
            models.Index(
                fields=["landlord"], condition=~Q(stage__in=["LET", "OUTSIDE"]), name="stage_landlord_going_on"
            ),
            models.Index(
                fields=["organisation"], condition=~Q(stage__in=["LET", "OUTSIDE"]), name="stage_holder_going_on"
            ),
            # What a list may be narrowed to.
            models.Index(fields=["landlord", "commune"], name="stage_commune_of_landlord"),
            models.Index(fields=["landlord", "holder"], name="stage_holder_of_landlord"),
            models.Index(fields=["organisation", "commune"], name="stage_commune_of_holder"),
            models.Index(fields=["organisation", "landlord"], name="stage_landlord_of_holder"),
            models.Index(
                fields=["acting", "commune"], condition=Q(acting__isnull=False), name="stage_commune_of_acting"
            ),
            models.Index(
                fields=["acting", "landlord"], condition=Q(acting__isnull=False), name="stage_landlord_of_acting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vacancy} : {self.stage}"
