"""How many leases there are of each sort, by place: what objectives add up. Kept by triggers on what it counts."""

from __future__ import annotations

from django.db import models

from reservations.models import Landlord, Organisation, ReservationHolder, Territory

#: What a count is made by.
KEY = ("landlord", "year", "commune", "place", "fell", "holder", "acting", "open_holder", "open_acting")


class LeaseCount(models.Model):
    """Décompte des baux: the standing leases of a year in a commune, by landlord, by holder and by who may read them;
    and among them, how many have each fact that an objective asks for (CCH, L441-1; `RULES`).

    `commune`: as the unit was described when it fell vacant, and `place`, where it is today. `fell`: the year in which
    it did. `holder` and `acting`: those of the lease; `open_holder` and `open_acting`: to whom the unit is routed now,
    nearly always the same.
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", db_index=False, verbose_name="bailleur")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False, verbose_name="commune")
    place = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False, verbose_name="lieu")
    year = models.PositiveSmallIntegerField("année de signature")
    fell = models.PositiveSmallIntegerField("année d’enregistrement")
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
    leases = models.IntegerField("baux", default=0)
    outside_qpv = models.IntegerField("hors QPV", default=0)
    in_qpv = models.IntegerField("en QPV", default=0)
    first_quartile = models.IntegerField("hors QPV, premier quartile ou renouvellement urbain", default=0)
    first_unknown = models.IntegerField("hors QPV, premier quartile non renseigné", default=0)
    others = models.IntegerField("en QPV, autres quartiles", default=0)
    others_unknown = models.IntegerField("en QPV, quartile non renseigné", default=0)
    priority = models.IntegerField("ménages prioritaires", default=0)
    priority_unknown = models.IntegerField("priorité non renseignée", default=0)
    essential = models.IntegerField("travailleurs essentiels", default=0)
    essential_unknown = models.IntegerField("métier non renseigné", default=0)
    mobility = models.IntegerField("mutations internes", default=0)
    in_flow = models.IntegerField("dans le flux", default=0)
    in_mix = models.IntegerField("en résidence de mixité", default=0)
    mix_others = models.IntegerField("en résidence de mixité, autres quartiles", default=0)
    mix_unknown = models.IntegerField("en résidence de mixité, quartile non renseigné", default=0)
    mix_unplaced = models.IntegerField("résidence de mixité non renseignée", default=0)

    class Meta:
        verbose_name = "décompte des baux"
        verbose_name_plural = "décomptes des baux"
        ordering = ["landlord", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=list(KEY),
                name="lease_count_unique",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["place", "year"], name="lease_count_place"),
            models.Index(fields=["commune", "year"], name="lease_count_commune"),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.commune}, {self.year} : {self.leases}"
