"""What each act counts a unit under: its description, dated (CCH, R441-5-1; docs/decisions/0037).

Written once, and never changed. The latest one is mirrored on the unit, by trigger, for whoever reads it as of today.
"""

from __future__ import annotations

from copy import copy
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils import timezone

from flux import financing
from flux.models.unit import Unit, period_of, qpv_of, typology_of
from reservations.models import Territory, User
from reservations.rules import APPEND_ONLY, IMPRINTED_TOGETHER

#: The first day of what was known when the unit was recorded: whatever happened before counts under it too.
BEGINNING = date.min

#: The facts that a description dates, by their column; those that the unit mirrors come first.
MIRRORED = ("commune_id", "rooms", "financing_code", "in_qpv", "construction_year")
DESCRIBED = (*MIRRORED, "qpv_code", "qpv_list", "attractiveness")


class UnitDescriptionQuerySet(models.QuerySet["UnitDescription"]):
    def latest_first(self) -> UnitDescriptionQuerySet:
        """The one that counts on a day is the first of those that began by then: written later, it has the last word
        over one of the same day."""
        return self.order_by("-since", "-pk")

    def on(self, unit: Unit, day: date) -> UnitDescription:
        """What an act of that day counts the unit under. One query."""
        return self.filter(unit=unit, since__lte=day).select_related("commune").latest_first()[0]

    def unit_on(self, unit: Unit, day: date) -> Unit:
        """The unit as it was described on a day: not to be saved. One query."""
        return self.on(unit, day).of(unit)


class UnitDescription(models.Model):
    """Description datée d’un logement: what it was from a day on, until the next one, and where that was read.

    An act keeps the one of its day (`Vacancy.description`, `FlowEntry.description`). A CHANGE begins a new one, and
    moves no figure. An ERROR, or what was not known and is COMPLETED, takes the place of the one that it `corrects`:
    the acts that this one counted from that day on follow, and it stays here as a trace.
    """

    class Act(models.TextChoices):
        RECORDED = "RECORDED", "à l’enregistrement"
        CHANGE = "CHANGE", "changement"
        ERROR = "ERROR", "erreur corrigée"
        COMPLETED = "COMPLETED", "complément"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="descriptions", verbose_name="logement")
    since = models.DateField("à compter du")
    act = models.CharField("acte", max_length=9, choices=Act)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="corrected_by", verbose_name="corrige"
    )
    commune = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="commune")
    rooms = models.SmallIntegerField("pièces principales")
    financing_code = models.CharField("financement initial", max_length=2, blank=True)
    in_qpv = models.BooleanField("en quartier prioritaire (QPV)", null=True, blank=True)
    qpv_code = models.CharField("code du quartier", max_length=8, blank=True, help_text="QP011009, QN01109M")
    qpv_list = models.PositiveSmallIntegerField(
        "liste des quartiers", null=True, blank=True, help_text="année de la liste : 2015, 2024…"
    )
    construction_year = models.SmallIntegerField("année d’achèvement", null=True, blank=True)
    attractiveness = models.CharField("attractivité", max_length=1, blank=True)
    source = models.CharField("source", max_length=200, blank=True)
    recorded_at = models.DateTimeField("enregistrée le", auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="enregistrée par"
    )

    objects = UnitDescriptionQuerySet.as_manager()

    triggers = (
        IMPRINTED_TOGETHER,
        # A description is written once. Another takes its place, beside it.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "description de logement"
        verbose_name_plural = "descriptions de logements"
        ordering = ["unit", "since", "pk"]
        indexes = [
            models.Index(fields=["unit", "since"], name="description_unit_since"),
            # Those to complete: they lack what a balance classes units by.
            models.Index(
                fields=["commune"],
                condition=Q(financing_code="") | Q(in_qpv=None) | Q(construction_year=None),
                name="description_lacking",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(act__in=["ERROR", "COMPLETED"], corrects__isnull=False)
                | Q(act__in=["RECORDED", "CHANGE"], corrects=None),
                name="description_corrects",
                violation_error_message="Une correction, et elle seule, dit quelle description elle corrige.",
            ),
            models.CheckConstraint(
                condition=Q(qpv_code="") | Q(in_qpv=True, qpv_code__regex=r"^Q[A-Z0-9]{7}$"),
                name="description_qpv_code",
                violation_error_message="Le code d’un quartier a huit signes et commence par Q : QP011009, QN01109M.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}, à compter du {self.since:%d/%m/%Y}"

    @property
    def begins(self) -> str:
        """« depuis le début », « à compter du 01/01/2024 »."""
        return "depuis le début" if self.since == BEGINNING else f"à compter du {self.since:%d/%m/%Y}"

    @property
    def source_words(self) -> str:
        """« Changement : décret n° 2023-1314, écrit le 27/11/2026 par Aline »."""
        source = f" : {self.source}" if self.source else ""
        by = f" par {self.recorded_by}" if self.recorded_by else ""
        act = self.Act(self.act).label.capitalize()
        return f"{act}{source}, écrit le {timezone.localdate(self.recorded_at):%d/%m/%Y}{by}"

    def of(self, unit: Unit) -> Unit:
        """The unit as this describes it, under the relations already read: not to be saved. `commune`: read."""
        found = copy(unit)
        found.commune = self.commune
        for name in MIRRORED:
            setattr(found, name, getattr(self, name))
        return found

    @property
    def typology(self) -> str:
        return typology_of(self.rooms)

    @property
    def financing_group(self) -> str:
        return financing.group_of(self.financing_code)

    @property
    def qpv(self) -> str:
        return qpv_of(self.in_qpv)

    @property
    def period(self) -> str:
        return period_of(self.construction_year)
