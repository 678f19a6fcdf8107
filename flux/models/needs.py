"""What a holder says it needs: the mix it would rather receive, and the targets drawn from it for everybody."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from flux import financing
from flux.models.account import Ledger
from flux.models.unit import IN_QPV, OUT_OF_QPV, TYPOLOGIES
from reservations.models import ReservationHolder, User

#: Dimensions of the profile that a holder can state, and their categories; the others mirror the flow.
STATED = {"typology": TYPOLOGIES, "financing": financing.GROUPS, "qpv": (IN_QPV, OUT_OF_QPV)}

#: {holder (id, as text): {dimension: {category: weight}}}: on which categories the dues of each holder go.
Targets = dict[str, dict[str, dict[str, int]]]


class NeedsDeclarationQuerySet(models.QuerySet["NeedsDeclaration"]):
    def in_force(self, ledger: Ledger) -> list[NeedsDeclaration]:
        """The latest of each holder of a ledger, withdrawn ones left out, in the order declared. One query."""
        latest = self.filter(ledger=ledger).order_by("holder_id", "-pk").distinct("holder_id")
        found = latest.select_related("holder__organisation", "declared_by")
        return sorted((row for row in found if row.mix), key=lambda row: row.pk)

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
