"""The tables of needs.

* What a holder says it needs: the mix it would rather receive, and the targets drawn from it for everybody.
* What a household may earn at most to be let a unit, by financing, zone and size of household.
"""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from flux import financing
from flux.models.account import Ledger
from flux.models.unit import IN_QPV, OUT_OF_QPV, TYPOLOGIES
from reservations.models import ReservationHolder, User
from reservations.models.once_a_request import once_in_steps
from reservations.models.periods import DateRange
from reservations.models.together import Steps, read_whole
from reservations.rules import APPEND_ONLY
from reservations.words import euros

#: Dimensions of the profile that a holder can state, and their categories; the others mirror the flow.
STATED = {"typology": TYPOLOGIES, "financing": financing.GROUPS, "qpv": (IN_QPV, OUT_OF_QPV)}

#: {holder (id, as text): {dimension: {category: weight}}}: on which categories the dues of each holder go.
Targets = dict[str, dict[str, dict[str, int]]]


class NeedsDeclarationQuerySet(models.QuerySet["NeedsDeclaration"]):
    def targets(self, ledger: Ledger) -> Targets:
        """What the latest act left in force in a ledger; nothing when nobody declares. One query."""
        return self.filter(ledger=ledger).order_by("-pk").values_list("targets", flat=True).first() or {}

    def history(self, ledger: Ledger) -> list[tuple[int, Targets]]:
        """The targets of a ledger, each with the rank from which it applied, in that order. One query."""
        return list(self.filter(ledger=ledger).order_by("pk").values_list("from_sequence", "targets"))


class NeedsDeclaration(models.Model):
    """Déclaration de besoins: the mix that a holder would rather receive in a ledger. Append-only; the latest counts.

    `mix` is {dimension: {category: weight}} for the dimensions it states; empty, the holder withdraws what it had
    declared. `targets` is what the projection made, that day, of everything declared there: those of every holder with
    a right, since what one gets more of others get less of. They bear on the vacancies that enter at `from_sequence`
    or after; what was credited before stays.
    """

    ledger = models.ForeignKey(Ledger, models.PROTECT, related_name="needs", verbose_name="compte")
    holder = models.ForeignKey(ReservationHolder, models.PROTECT, related_name="+", verbose_name="réservataire")
    mix = models.JSONField("besoins", default=dict, blank=True)
    targets = models.JSONField("cibles de chacun", default=dict, blank=True, editable=False)
    from_sequence = models.PositiveIntegerField("à partir du rang")
    note = models.TextField("précision", blank=True)
    declared_at = models.DateTimeField("déclarés le")
    declared_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="déclarés par")

    objects = NeedsDeclarationQuerySet.as_manager()

    triggers = (
        # A declaration moves everybody’s targets: the next one replaces it, and both stay.
        APPEND_ONLY,
    )

    class Meta:
        verbose_name = "déclaration de besoins"
        verbose_name_plural = "déclarations de besoins"
        ordering = ["ledger", "pk"]
        indexes = [models.Index(fields=["ledger", "holder"], name="needs_ledger_holder")]
        constraints = [
            models.CheckConstraint(
                condition=Q(from_sequence__gte=1),
                name="needs_apply_from_a_rank",
                violation_error_message="Des besoins valent à partir d’un logement à venir.",
            ),
            models.CheckConstraint(
                condition=Q(mix={}) | ~Q(targets={}),
                name="needs_have_targets",
                violation_error_message="Des besoins déclarés donnent une cible à chaque réservataire.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder} : {self.ledger}, à partir du n° {self.from_sequence}"


class IncomeCeiling(models.Model):
    """Plafond de ressources: a dated figure of the yearly order (arrêté of 29 July 1987, as amended), with its source.

    `amount` in euros of yearly taxable income (revenu fiscal de référence); `household` is the category of the order,
    1 to 6 (`extra` on the sixth: for each further person). `financing` is a group of `flux.financing`.
    """

    class Zone(models.TextChoices):
        PARIS = "PARIS", "Paris et communes limitrophes"
        ILE_DE_FRANCE = "ILE_DE_FRANCE", "Île-de-France hors Paris et communes limitrophes"
        ELSEWHERE = "ELSEWHERE", "autres régions"

    financing = models.CharField("financement", max_length=10)
    zone = models.CharField("zone", max_length=13, choices=Zone)
    household = models.PositiveSmallIntegerField("catégorie de ménage")
    amount = models.PositiveIntegerField("plafond annuel, €")
    extra = models.PositiveIntegerField("par personne supplémentaire, €", null=True, blank=True)
    starts_on = models.DateField("en vigueur depuis le")
    ends_on = models.DateField("jusqu’au", null=True, blank=True)
    source = models.CharField("source", max_length=200)

    class Meta:
        verbose_name = "plafond de ressources"
        verbose_name_plural = "plafonds de ressources"
        ordering = ["financing", "zone", "household", "-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(household__range=(1, 6)),
                name="income_ceiling_household",
                violation_error_message="La catégorie de ménage va de 1 à 6.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")),
                name="income_ceiling_period",
                violation_error_message="La date de fin précède la date de début.",
            ),
            ExclusionConstraint(
                name="income_ceiling_no_overlap",
                expressions=[
                    ("financing", RangeOperators.EQUAL),
                    ("zone", RangeOperators.EQUAL),
                    ("household", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Deux plafonds de cette catégorie se chevauchent dans le temps.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.financing}, {self.get_zone_display()}, catégorie {self.household} : {euros(self.amount)}"


@once_in_steps
def needs_in_force(ledger: Ledger) -> Steps[list[NeedsDeclaration]]:
    """The latest of each holder of a ledger, withdrawn ones left out, in the order declared. One query."""
    latest = NeedsDeclaration.objects.filter(ledger=ledger).order_by("holder_id", "-pk").distinct("holder_id")
    found = yield from read_whole(latest.select_related("holder__organisation", "declared_by"))
    return sorted((row for row in found if row.mix), key=lambda row: row.pk)
