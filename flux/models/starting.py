"""When a landlord begins to route here for real, and what it tried before."""

from __future__ import annotations

from datetime import date

from django.db import models

from flux.models.unit import Unit
from reservations.models import Landlord, ReservationHolder, User


def first_day(landlord: str) -> models.Subquery:
    """Expression: the day on which a landlord begins to route, by the path to it; None when it never chose."""
    chosen = GoLive.objects.filter(landlord=models.OuterRef(landlord)).order_by("-pk")
    return models.Subquery(chosen.values("on")[:1])


class GoLiveQuerySet(models.QuerySet["GoLive"]):
    def starts_on(self, landlord: Landlord) -> date | None:
        """The day on which a landlord begins to route, by its latest choice; None for one that never chose: it does
        already. One query."""
        return self.filter(landlord=landlord).order_by("-pk").values_list("on", flat=True).first()


class GoLive(models.Model):
    """Mise en service: the day from which a landlord's vacancies are routed. Append-only, the latest choice counts.

    Before that day what is registered waits, in its order. A landlord that never chose one routes at once.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="go_lives", verbose_name="bailleur")
    on = models.DateField("mise en service le")
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="choisie par")
    set_at = models.DateTimeField("choisie le")

    objects = GoLiveQuerySet.as_manager()

    class Meta:
        verbose_name = "mise en service"
        verbose_name_plural = "mises en service"
        ordering = ["landlord", "pk"]

    def __str__(self) -> str:
        return f"{self.landlord}, le {self.on:%d/%m/%Y}"


class Rehearsal(models.Model):
    """Essai: what the rule would have decided of a unit, on accounts that were thrown away. Append-only.

    `holder` is empty when nothing could be decided: `sentence` says why.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="rehearsals", verbose_name="logement")
    holder = models.ForeignKey(
        ReservationHolder, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="réservataire"
    )
    sentence = models.TextField("pourquoi")
    tried_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="essayé par")
    tried_at = models.DateTimeField("essayé le")

    class Meta:
        verbose_name = "essai"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.unit} → {self.holder or 'rien'}"
