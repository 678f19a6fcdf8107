"""The tables of stock assignment.

* Which unit bears which stock right.
* What a landlord's RPLS file says of old reservations, when its manager answers that there is nothing to record.
* Units that no share of the flow bears on, and why: in or out, from a day to another.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from flux.models.returning import Return
from flux.models.unit import Programme, Unit
from flux.models.vacancy import Vacancy
from reservations.models import Convention, Landlord, StockRight, User
from reservations.models.periods import DateRange
from reservations.rules import APPEND_ONLY, NEVER_DELETED, frozen, refused


class StockAssignmentQuerySet(models.QuerySet["StockAssignment"]):
    def living(self, on: date) -> StockAssignmentQuerySet:
        """Assignments that bind their bearer on a date: neither they nor their right has ended, been converted into
        flow, or, for a single right, been used up.
        """
        return self._bearing(on, on, spent_by=on)

    def living_between(self, since: date, until: date) -> StockAssignmentQuerySet:
        """Assignments that bind their bearer at some moment between two days, both included: a single right used up
        meanwhile did, until then."""
        return self._bearing(since, until, spent_by=since - timedelta(days=1))

    def _bearing(self, since: date, until: date, *, spent_by: date) -> StockAssignmentQuerySet:
        converted = Q(right__converted_in__status__in=Convention.BINDING, right__converted_in__starts_on__lte=since)
        return (
            self.filter(
                Q(ends_on=None) | Q(ends_on__gte=since),
                Q(right__ends_on=None) | Q(right__ends_on__gte=since),
                Q(right__converted_in=None) | ~converted,
                starts_on__lte=until,
                right__starts_on__lte=until,
            )
            .alias(spent=_spent(spent_by))
            .filter(spent__lt=F("units"))
        )

    def with_taken(self, on: date) -> StockAssignmentQuerySet:
        """Annotate `taken`: how many of its units the right has taken by the end of that day.

        Of a programme, a recurring right takes a unit the first time only: it then follows that unit. A single right
        takes one more each time, as on a unit of its own.
        """
        return self.annotate(
            taken=Case(
                When(Q(right__use=StockRight.Use.RECURRING, unit=None), then=_count(on, "programme", "unit")),
                When(unit=None, then=_count(on, "programme", "pk")),
                default=_count(on, "unit", "pk"),
            )
        )


def _spent(on: date) -> Case:
    """How many units a single right has used up; a recurring right revives at each vacancy, and never is."""
    return Case(
        When(right__use=StockRight.Use.RECURRING, then=Value(0)),
        When(unit=None, then=_count(on, "programme", "pk")),
        default=_count(on, "unit", "pk"),
    )


def _count(on: date, bearer: str, what: str) -> Coalesce:
    """The vacancies of the bearer that used the right, but those given back without using the holder's turn."""
    given_back = Return.objects.filter(routing__vacancy=OuterRef("pk"), counted=False)
    where = {"unit": "unit", "programme": "unit__programme"}[bearer]
    used = (
        Vacancy.objects.filter(~Exists(given_back), stock_right=OuterRef("right"), registered_on__lte=on)
        .filter(**{where: OuterRef(bearer)})
        .order_by()
        .values("stock_right")
        .annotate(count=Count(what, distinct=True))
        .values("count")
    )
    return Coalesce(Subquery(used), 0)


class StockAssignment(models.Model):
    """A stock right borne by one unit, or by so many units of a programme; one living right per unit."""

    right = models.ForeignKey(StockRight, models.PROTECT, related_name="assignments", verbose_name="droit")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="stock_assignments", verbose_name="logement"
    )
    programme = models.ForeignKey(
        Programme, models.PROTECT, null=True, blank=True, related_name="stock_assignments", verbose_name="programme"
    )
    units = models.PositiveSmallIntegerField("logements", default=1)
    starts_on = models.DateField("depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)

    objects = StockAssignmentQuerySet.as_manager()

    taken: int  # set by `with_taken`

    class Meta:
        verbose_name = "logement en stock"
        verbose_name_plural = "logements en stock"
        ordering = ["unit", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="stock_assignment_period",
                violation_error_message="La réservation finit avant de commencer : corrigez l’une des deux dates.",
            ),
            models.CheckConstraint(
                condition=Q(unit__isnull=False, programme=None, units=1)
                | Q(unit=None, programme__isnull=False, units__gte=1),
                name="stock_assignment_bearer",
                violation_error_message="Un droit porte sur un logement, ou sur un nombre de logements d’un programme.",
            ),
            ExclusionConstraint(
                name="stock_assignment_one_per_unit",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Ce logement porte déjà un droit en stock à cette date.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.programme} : {self.right}"


#: What a file of units counts, among what it says: those that item 63 says reserved.
REPORTED_RIGHTS = "réservés selon le RPLS : droits à vérifier"


class SetAsideQuerySet(models.QuerySet["ToldAside"]):
    def left_aside(self, landlord: Landlord) -> dict[int, ToldAside]:
        """By code, the latest that was stated of each, when it leaves the code aside. One query."""
        rows = self.filter(landlord=landlord).select_related("set_by").order_by("contingent", "-pk")
        return {each.contingent: each for each in rows.distinct("contingent") if each.is_aside}


class ToldAside(models.Model):
    """Code mis de côté: of a code of item 63 of the RPLS, that no right is behind it, and why; or that it is to be
    checked after all. Append-only, the latest counts. `units` had the code and no right then."""

    landlord = models.ForeignKey(Landlord, models.PROTECT, related_name="+", verbose_name="bailleur")
    contingent = models.PositiveSmallIntegerField("code de la rubrique 63")
    is_aside = models.BooleanField("mis de côté")
    units = models.PositiveIntegerField("logements alors sans droit")
    why = models.TextField("pourquoi", blank=True)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="dit par")
    set_at = models.DateTimeField("dit le", auto_now_add=True)

    objects = SetAsideQuerySet.as_manager()

    triggers = (
        # Who left a code of item 63 aside, and why: holders may ask what became of rights that a file had declared.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "code du RPLS mis de côté"
        verbose_name_plural = "codes du RPLS mis de côté"
        ordering = ["landlord", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_aside=False) | ~Q(why=""),
                name="told_aside_has_its_reason",
                violation_error_message="Dites pourquoi ce code est mis de côté.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.landlord}, code {self.contingent} : {'mis de côté' if self.is_aside else 'à vérifier'}"


class OutsideFlowQuerySet(models.QuerySet["OutsideFlow"]):
    def in_force(self, on: date) -> OutsideFlowQuerySet:
        """Those that hold on a day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=on), starts_on__lte=on)


class OutsideFlow(models.Model):
    """Logement hors de l'assiette: from a day on, and until another, it falls vacant without entering the flow nor any
    account. What is kept in stock is elsewhere (`StockAssignment`), and so is what left the stock (`Unit.left_on`).

    Written once; only its end is stated later.
    """

    class Reason(models.TextChoices):
        HOSTEL = "HOSTEL", "logement-foyer ou pension de famille"
        SOCIAL_RESIDENCE = "SOCIAL_RESIDENCE", "résidence sociale"
        STUDENT = "STUDENT", "résidence universitaire ou étudiante"
        ASSOCIATION = "ASSOCIATION", "loué à une association (L442-8-1)"
        INTERMEDIATE = "INTERMEDIATE", "intermédiaire ou non conventionné (PLI, LLI)"
        STAFF = "STAFF", "logement de fonction ou loge de gardien"

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="outside", verbose_name="logement")
    reason = models.CharField("motif", max_length=16, choices=Reason)
    starts_on = models.DateField("hors assiette depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200, help_text="convention, agrément ou bail qui le dit")
    recorded_at = models.DateTimeField("enregistré le", auto_now_add=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="enregistré par")

    objects = OutsideFlowQuerySet.as_manager()

    triggers = (
        # Of a unit outside, only its end is written later.
        frozen("ends_on"),
        # It is ended once.
        refused("ended_once", "UPDATE", "OLD.ends_on IS NOT NULL AND NEW.ends_on IS DISTINCT FROM OLD.ends_on"),
        # It is ended, not taken away.
        NEVER_DELETED,
    )

    class Meta:
        verbose_name = "logement hors assiette"
        verbose_name_plural = "logements hors assiette"
        ordering = ["unit", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="outside_flow_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            ExclusionConstraint(
                name="outside_flow_no_overlap",
                expressions=[
                    ("unit", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Ce logement est déjà hors de l’assiette à ces dates.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} : {self.get_reason_display()}"
