"""What contained a territory, and how it was called, from a day on. A new official code adds rows, and writes over none
(docs/decisions/0038).

Those of today are mirrored on the territory, for whoever reads it as of today.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from reservations.models.periods import DateRange

#: The first day of what was known when the territories were loaded for the first time.
BEGINNING = date.min


class TerritoryLinkQuerySet(models.QuerySet["TerritoryLink"]):
    def on(self, day: date) -> TerritoryLinkQuerySet:
        """Those that hold on that day."""
        return self.filter(Q(until=None) | Q(until__gte=day), since__lte=day)


class TerritoryLink(models.Model):
    """Rattachement: a territory lies in another, from a day to another, both included; MERGED: it became a part of it,
    is no commune any more, and lies where this one lies."""

    class Kind(models.TextChoices):
        REGION = "REGION", "région"
        DEPARTEMENT = "DEPARTEMENT", "département"
        EPCI = "EPCI", "intercommunalité"
        EPT = "EPT", "établissement public territorial"
        PARENT_COMMUNE = "PARENT_COMMUNE", "commune de l’arrondissement"
        MERGED = "MERGED", "réunie à"

    territory = models.ForeignKey("reservations.Territory", models.PROTECT, related_name="links")
    kind = models.CharField("nature", max_length=14, choices=Kind)
    container = models.ForeignKey("reservations.Territory", models.PROTECT, related_name="linked")
    since = models.DateField("à compter du")
    until = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=120, blank=True)

    objects = TerritoryLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "rattachement"
        ordering = ["territory", "kind", "since"]
        constraints = [
            ExclusionConstraint(
                name="territory_link_once_at_a_time",
                expressions=[
                    ("territory", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    (DateRange("since", "until"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Un territoire n’est que d’un seul autre de cette nature à la fois.",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")),
                name="territory_link_period",
                violation_error_message="Un rattachement finit après avoir commencé.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory}, {self.get_kind_display()} : {self.container}"


class TerritoryName(models.Model):
    """Nom: how a territory is called from a day on, until the next one."""

    territory = models.ForeignKey("reservations.Territory", models.PROTECT, related_name="names")
    name = models.CharField("nom", max_length=120)
    since = models.DateField("à compter du")
    source = models.CharField("source", max_length=120, blank=True)

    class Meta:
        verbose_name = "nom de territoire"
        verbose_name_plural = "noms de territoires"
        ordering = ["territory", "since"]
        constraints = [
            models.UniqueConstraint(
                fields=["territory", "since"],
                name="territory_name_since",
                violation_error_message="Un territoire n’a qu’un nom à compter d’un jour.",
            )
        ]

    def __str__(self) -> str:
        return self.name
