"""The tables of lease count.

* How many units took so many days from one step to another: what delays are read from. Kept by triggers on what states
  the steps of a unit.
* How many leases there are of each sort, by place: what objectives add up. Kept by triggers on what it counts.
* The stage of each unit whose candidates are followed. Kept by triggers on what it is read from.
* What was left of households past their term, on a night: read again by nobody when the register is shown.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

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


#: What a count is made by.
LEASE_COUNT_KEY = ("landlord", "year", "commune", "place", "fell", "holder", "acting", "open_holder", "open_acting")


class LeaseCount(models.Model):
    """Décompte des baux: the leases in force of a year in a commune, by landlord, by holder and by who may read them;
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
                fields=list(LEASE_COUNT_KEY),
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


class UnitStage(models.Model):
    """Étape d’un logement: of a unit that is routed now, or subtracted from the flow, where its candidates stand, for
    whom they are followed. Nothing for the others.

    `stage` is the one that `attributions_stage_of` says (docs/triggers.md). `holder` and its `organisation`: where
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


class TermReading(models.Model):
    """Relevé au terme: what `past_term` counted, the last night. One row, written over: the register of processing
    shows it with its day, and counts nothing itself (RGPD, art. 30)."""

    #: The number of the row.
    ROW = 1

    own = models.PositiveIntegerField("baux dont les faits sont ceux de leur ménage")
    dealt = models.PositiveIntegerField("baux au terme, aux faits mêlés")
    among = models.PositiveSmallIntegerField("mêlés entre, au moins", null=True, blank=True, help_text="vide : aucun")
    erased = models.PositiveIntegerField("baux au terme, aux faits effacés")
    requests = models.PositiveIntegerField("demandes sans identité")
    with_a_fact = models.PositiveIntegerField("demandes sans identité qui gardent un fait")
    read_at = models.DateTimeField("relevé le")

    class Meta:
        verbose_name = "relevé au terme"
        verbose_name_plural = "relevés au terme"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"Relevé au terme du {self.read_at:%d/%m/%Y}"

    @property
    def smallest(self) -> int | None:
        """k: how many dwellings the facts that are left may be of, at least; 1 where a request keeps one, None where
        nothing is left."""
        return 1 if self.with_a_fact else self.among
