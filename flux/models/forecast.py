"""What a landlord says each February of the year that begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Exists, ExpressionWrapper, OuterRef, QuerySet
from django.db.models.expressions import Combinable

from flux.models.vacancy import Vacancy
from reservations.models import Convention, Landlord, Organisation, Territory, User
from reservations.models.territory import holds_one_of
from reservations.rules import APPEND_ONLY, refused

if TYPE_CHECKING:
    from reservations.models import Membership


def bearing_during(landlord: Combinable, departement: Combinable, exercise: Combinable) -> QuerySet[Convention]:
    """The landlord's conventions that bind at some moment of a year, on a commune of the département at least.

    `landlord`, `departement` (ids) and `exercise`: values, or columns of an outer row.
    """
    held = Convention.objects.binding().annotate(
        forecast_departement=ExpressionWrapper(departement, output_field=models.BigIntegerField())
    )
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, departement=OuterRef("forecast_departement"))
    return held.filter(
        holds_one_of(communes, "perimeter"),
        landlord=landlord,
        starts_on__year__lte=exercise,
        ends_on__year__gte=exercise,
    )


class ForecastQuerySet(models.QuerySet["Forecast"]):
    def visible_to(self, member: Membership) -> ForecastQuerySet:
        """The landlord reads its own, an administrator everything sent; the others what was sent to them, or would have
        been: a holder whose convention of that year was signed after the dispatch is entitled to it too."""
        if member.is_landlord:
            return self.filter(landlord__organisation=member.organisation_id)
        sent = self.exclude(sent_at=None)
        if member.is_administrator:
            return sent
        dispatched = ForecastDispatch.objects.filter(forecast=OuterRef("pk"), organisation=member.organisation_id)
        signed = bearing_during(OuterRef("landlord"), OuterRef("departement"), OuterRef("exercise"))
        return sent.filter(Exists(dispatched) | Exists(signed.filter(organisation=member.organisation_id)))


class Forecast(models.Model):
    """Prévisionnel: the units expected to fall vacant in a year, and to be subtracted from the flow (CCH, R441-5).

    Sent before a day of the law; once sent it is never changed. `content` is what its readers received that day: the
    year before and the targets (`flux.queries.forecast_content`).
    """

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="forecasts", verbose_name="bailleur")
    departement = models.ForeignKey(Territory, models.PROTECT, related_name="+", verbose_name="département")
    exercise = models.PositiveSmallIntegerField("exercice")
    expected = models.PositiveIntegerField("logements libérés attendus")
    sent_at = models.DateTimeField("envoyé le", null=True, blank=True)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    content = models.JSONField("ce qui fut envoyé", null=True, blank=True, editable=False)

    objects = ForecastQuerySet.as_manager()

    triggers = (
        # Sent, a forecast neither changes nor goes: what follows is another one.
        refused("sent_kept", "UPDATE OR DELETE", "OLD.sent_at IS NOT NULL"),
    )

    class Meta:
        verbose_name = "prévisionnel"
        ordering = ["-exercise", "landlord", "departement"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "departement", "exercise"],
                name="forecast_once_a_year",
                violation_error_message="Le prévisionnel de cette année existe déjà pour ce département.",
            ),
            models.CheckConstraint(
                condition=models.Q(sent_at=None, sent_by=None) | models.Q(sent_at__isnull=False, sent_by__isnull=False),
                name="forecast_sent_by_someone",
                violation_error_message="Un prévisionnel envoyé dit par qui.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, {self.departement}, {self.exercise}"


class ForecastLine(models.Model):
    """Ligne du prévisionnel: units expected to be subtracted under one of the five categories of CCH, R441-5."""

    forecast = models.ForeignKey(Forecast, models.CASCADE, related_name="lines")
    category = models.CharField("motif de soustraction", max_length=18, choices=Vacancy.Exclusion)
    units = models.PositiveIntegerField("logements")

    class Meta:
        verbose_name = "ligne du prévisionnel"
        verbose_name_plural = "lignes du prévisionnel"
        ordering = ["forecast", "category"]
        constraints = [
            models.UniqueConstraint(fields=["forecast", "category"], name="forecast_line_unique_category"),
        ]

    def __str__(self) -> str:
        return f"{self.get_category_display()} : {self.units}"


class ForecastDispatch(models.Model):
    """Envoi du prévisionnel: to whom it was sent. Append-only."""

    forecast = models.ForeignKey(Forecast, models.PROTECT, related_name="dispatches")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", verbose_name="destinataire")

    triggers = (
        # To whom it was sent, and when, is what holders may hold against the landlord.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "envoi du prévisionnel"
        verbose_name_plural = "envois du prévisionnel"
        ordering = ["forecast", "organisation__name"]
        constraints = [
            models.UniqueConstraint(fields=["forecast", "organisation"], name="forecast_dispatch_once"),
        ]

    def __str__(self) -> str:
        return f"{self.forecast} → {self.organisation}"
