"""How the years of construction are cut into periods: a dated list, which a region or the conventions of a landlord may
cut otherwise (CCH, R441-5-1, that fixes none)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from flux.models.unit import BOUNDS
from reservations.models import Landlord, Territory
from reservations.models.together import Steps, whole

if TYPE_CHECKING:
    from flux.models.account import Ledger


class PeriodCutQuerySet(models.QuerySet["PeriodCut"]):
    def bounds_of(self, ledgers: Iterable[Ledger], *, day: date) -> Steps[tuple[int, ...]]:
        """The bounds in force on that day for these accounts: of their landlord there, then of their territory, then of
        everybody; those of everybody for accounts of several. One query."""
        books = list(ledgers)
        landlords, places = {book.landlord_id for book in books}, {book.departement_id for book in books}
        own, near = Q(landlord=None), Q(territory=None)
        if len(landlords) == 1:
            own |= Q(landlord__in=landlords)
        if len(places) == 1:
            around = Territory.objects.filter(pk__in=places).order_by()
            near |= Q(territory__in=places) | Q(territory__in=around.values("region"))
        best: PeriodCut | None = None
        cuts = self.filter(own & near, starts_on__lte=day).order_by("starts_on", "pk")
        for cut in (yield from whole(cuts, "territory")):
            if best is None or cut.closeness >= best.closeness:
                best = cut
        return tuple(best.bounds) if best is not None else BOUNDS


class PeriodCut(models.Model):
    """Découpage des périodes de construction, from a day on: `bounds` are the last years of each period but the last,
    that goes on."""

    landlord = models.ForeignKey(
        Landlord, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="bailleur"
    )
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="région ou département"
    )
    starts_on = models.DateField("à compter du")
    bounds = ArrayField(models.SmallIntegerField(), verbose_name="dernières années")
    source = models.CharField("source", max_length=200)

    objects = PeriodCutQuerySet.as_manager()

    class Meta:
        verbose_name = "découpage des périodes de construction"
        verbose_name_plural = "découpages des périodes de construction"
        ordering = ["landlord", "territory", "starts_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["landlord", "territory", "starts_on"],
                name="period_cut_once",
                nulls_distinct=False,
                violation_error_message="Un découpage commence déjà ce jour-là ici : choisissez un autre jour.",
            ),
        ]

    @property
    def closeness(self) -> tuple[bool, int]:
        """A landlord's own first, then that of the département, of the région, of everybody."""
        scale = {Territory.Kind.DEPARTEMENT: 2, Territory.Kind.REGION: 1}
        return self.landlord_id is not None, scale[Territory.Kind(self.territory.kind)] if self.territory else 0

    def __str__(self) -> str:
        return ", ".join(str(bound) for bound in self.bounds)
