"""Folds of the account: what balances and statements read. Kept by triggers on what they sum, never by this code.

A row whose figures are all zero says nothing and stays: what moved away left it so.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flux.models.account import Ledger
from flux.models.unit import LONGEST_REFERENCE, Programme, Unit
from flux.models.vacancy import Vacancy
from reservations.models import Landlord, Organisation, ReservationHolder, Territory, User


class FlowCell(models.Model):
    """Case du bilan: what one holder was offered, and what became of it, among units of one description (CCH,
    R441-5-1). Raw columns of the unit: how they make categories may change from a landlord to another.

    `year` is that in which the acts were done, that of the ledger is the one in which the units were registered: the
    cells of a year, whatever their ledgers, are what was done in it; those of a ledger, whatever their years, are what
    became of its units (docs/decisions/0036)."""

    #: What is counted, in the order of every table: whatever adds cells up reads it here.
    MEASURES = ("offered", "designated", "returned", "lapsed", "refused", "allocated", "leased")

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="cells", db_index=False)
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année des actes")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False)
    rooms = models.PositiveSmallIntegerField("pièces principales")
    financing_code = models.CharField("financement initial", max_length=2, blank=True)
    in_qpv = models.BooleanField("en quartier prioritaire (QPV)", null=True)
    construction_year = models.PositiveSmallIntegerField("année d’achèvement", null=True)
    offered = models.IntegerField("proposés", default=0)
    designated = models.IntegerField("candidats désignés", default=0)
    returned = models.IntegerField("rendus", default=0)
    lapsed = models.IntegerField("sans réponse", default=0)
    refused = models.IntegerField("candidatures non abouties", default=0)
    allocated = models.IntegerField("attribués", default=0)
    leased = models.IntegerField("baux signés", default=0)

    class Meta:
        verbose_name = "case du bilan"
        verbose_name_plural = "cases du bilan"
        ordering = ["ledger", "holder", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "ledger",
                    "holder",
                    "year",
                    "commune",
                    "rooms",
                    "financing_code",
                    "in_qpv",
                    "construction_year",
                ],
                name="flow_cell_unique",
                nulls_distinct=False,
            ),
        ]
        # What was done in a year, without what was done in the others.
        indexes = [
            models.Index(fields=["year", "ledger"], name="flow_cell_of_year"),
            models.Index(fields=["commune", "ledger"], name="flow_cell_of_place"),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder}, proposés {self.offered}"


class PlaceCell(models.Model):
    """Case d’une commune: the cells of one holder in one account and one year of acts, added up over all that its units
    are. `described`: those of the units offered whose description lacks nothing that the decree asks; `outside_qpv`:
    those stated to be out of the priority districts. What the boards of a territory read."""

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année des actes")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    offered = models.IntegerField("proposés", default=0)
    returned = models.IntegerField("rendus", default=0)
    lapsed = models.IntegerField("sans réponse", default=0)
    allocated = models.IntegerField("attribués", default=0)
    leased = models.IntegerField("baux signés", default=0)
    described = models.IntegerField("proposés, description complète", default=0)
    outside_qpv = models.IntegerField("proposés, hors QPV", default=0, db_default=0)

    class Meta:
        verbose_name = "case d’une commune"
        verbose_name_plural = "cases des communes"
        ordering = ["ledger", "holder", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["ledger", "holder", "year", "commune"], name="place_cell_unique"),
        ]
        indexes = [models.Index(fields=["year", "ledger"], name="place_cell_of_year")]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder}, {self.commune}, proposés {self.offered}"


class AccountMonth(models.Model):
    """Mois de compte: what the entries of one holder add up to in a month and a commune. `due`, and two parts of it,
    `carried` and `shares`, are in millionths of a unit, the others in whole units. `commune` is empty for transfers,
    that bear on no unit. `vacated` and `again`: units that its shares credit for the first time, or once more; the last
    two: first lettings that a yearly account counts beside their own. `received`: at the counting point of their
    convention."""

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="months")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+")
    commune = models.ForeignKey(Territory, models.PROTECT, null=True, related_name="+")
    month = models.DateField("mois")
    due = models.BigIntegerField("dû", default=0)
    carried = models.BigIntegerField("report rendu", default=0)
    routed = models.IntegerField("orientés", default=0)
    awaiting = models.IntegerField("à confirmer", default=0)
    offered = models.IntegerField("proposés", default=0)
    designated = models.IntegerField("candidats désignés", default=0)
    returned = models.IntegerField("rendus", default=0)
    lapsed = models.IntegerField("sans réponse", default=0)
    refused_applicant = models.IntegerField("refus du demandeur", default=0)
    refused_holder = models.IntegerField("retraits du réservataire", default=0)
    refused_landlord = models.IntegerField("du fait du bailleur", default=0)
    refused_committee = models.IntegerField("refus de la CALEOL", default=0)
    refused_unit = models.IntegerField("du fait du logement", default=0)
    allocated = models.IntegerField("attribués", default=0)
    leased = models.IntegerField("baux signés", default=0)
    shares = models.BigIntegerField("parts de l’année", default=0)
    vacated = models.IntegerField("libérés", default=0)
    again = models.IntegerField("comptés de nouveau", default=0)
    first_allocated = models.IntegerField("premières locations attribuées", default=0)
    first_leased = models.IntegerField("baux de premières locations", default=0)
    received = models.IntegerField("reçus", default=0)

    class Meta:
        verbose_name = "mois de compte"
        verbose_name_plural = "mois de compte"
        ordering = ["ledger", "holder", "month", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["ledger", "holder", "commune", "month"], name="account_month_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder}, {self.month:%m/%Y}"


class FlowCount(models.Model):
    """Décompte des libérations: units that fell vacant in a month and a commune, by class; `decided`: those that a
    recommendation has reached. Cancelled ones are out."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+")
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    month = models.DateField("mois")
    kind = models.CharField("classement", max_length=14, choices=Vacancy.Kind)
    exclusion = models.CharField("motif de soustraction", max_length=18, choices=Vacancy.Exclusion, blank=True)
    units = models.IntegerField("logements", default=0)
    decided = models.IntegerField("recommandés", default=0)

    class Meta:
        verbose_name = "décompte des libérations"
        verbose_name_plural = "décomptes des libérations"
        ordering = ["landlord", "month", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "commune", "month", "kind", "exclusion"], name="flow_count_unique"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.commune}, {self.month:%m/%Y} : {self.units} {self.get_kind_display()}"


class PlaceCount(models.Model):
    """Décompte par lieu: units that fell vacant in a year, by the commune where they are today and by their account, if
    any. Cancelled ones are out. What lists count and let one choose, without a reading of what they list."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", db_index=False)
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField("année d’enregistrement")
    ledger = models.ForeignKey(Ledger, models.PROTECT, null=True, related_name="+", db_index=False)
    units = models.IntegerField("logements", default=0)

    class Meta:
        verbose_name = "décompte par lieu"
        verbose_name_plural = "décomptes par lieu"
        ordering = ["landlord", "year", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "commune", "year", "ledger"], name="place_count_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.commune}, {self.year} : {self.units}"


class RoutingCount(models.Model):
    """Décompte des logements orientés: the open routings of a month, by holder and by who acts for it, by class and
    account of the unit. With an `exercise`: those of them that a yearly account of that exercise counts as routed to
    this holder; without: all of them. What a home counts, without a reading of what it counts."""

    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", db_index=False)
    month = models.DateField("mois d’orientation")
    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", db_index=False)
    ledger = models.ForeignKey(Ledger, models.PROTECT, null=True, related_name="+", db_index=False)
    acting = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+", db_index=False)
    kind = models.CharField("nature", max_length=14)
    exercise = models.PositiveSmallIntegerField("exercice du compte", null=True)
    units = models.IntegerField("logements", default=0)

    class Meta:
        verbose_name = "décompte des logements orientés"
        verbose_name_plural = "décomptes des logements orientés"
        ordering = ["holder", "month", "pk"]
        constraints = [
            # By landlord and account, so that two of them never wait for each other.
            models.UniqueConstraint(
                fields=["holder", "month", "landlord", "ledger", "acting", "kind", "exercise"],
                name="routing_count_unique",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["acting"], condition=Q(acting__isnull=False), name="routing_count_of_acting"),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.month:%m/%Y} : {self.units}"


class ChoiceCount(models.Model):
    """Décompte des décisions d’orientation: how many routings followed the recommendations of an account, by holder, by
    motive (empty: as recommended) and by who decided. In the order in which each was first written."""

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="+", db_index=False)
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", db_index=False)
    motive = models.CharField("motif", max_length=16, blank=True)
    routed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    routings = models.IntegerField("orientations", default=0)

    class Meta:
        verbose_name = "décompte des décisions d’orientation"
        verbose_name_plural = "décomptes des décisions d’orientation"
        ordering = ["ledger", "pk"]
        constraints = [
            # By account, so that two of them never wait for each other.
            models.UniqueConstraint(
                fields=["ledger", "holder", "motive", "routed_by"], name="choice_count_unique", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ledger} : {self.holder}, {self.routings}"


class UnitReader(models.Model):
    """Lecteur d’un logement: an organisation that opens a unit of others, since so many open `routings` give it to one
    of its contingents or have it act for the holder. What its list of units is ordered and chosen by is that of the
    unit, which no constraint of the database looks for: who routes a unit never waits for who renames it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.CASCADE, related_name="readers", db_constraint=False)
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", db_index=False)
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="+", db_index=False)
    reference = models.CharField("référence", max_length=LONGEST_REFERENCE)
    routings = models.IntegerField("orientations ouvertes")

    class Meta:
        verbose_name = "lecteur d’un logement"
        verbose_name_plural = "lecteurs des logements"
        ordering = ["organisation", "reference", "unit"]
        constraints = [models.UniqueConstraint(fields=["organisation", "unit"], name="unit_reader_unique")]
        indexes = [
            models.Index(fields=["organisation", "reference", "unit"], name="unit_reader_in_order"),
            models.Index(fields=["organisation", "commune"], name="unit_reader_commune"),
            models.Index(fields=["organisation", "programme"], name="unit_reader_programme"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} lit {self.reference}"
