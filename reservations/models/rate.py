"""The rates of a convention that are not the same for every unit: a table, of which its share is the general row."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from reservations.models.categories import CODES, DECLINABLE, code_of
from reservations.models.convention import UNIT, Quota
from reservations.models.territory import Territory

#: From the narrowest territory to the widest.
SCALES = {
    Territory.Kind.DISTRICT: 0,
    Territory.Kind.COMMUNE: 1,
    Territory.Kind.EPCI: 2,
    Territory.Kind.EPT: 2,
    Territory.Kind.DEPARTEMENT: 3,
    Territory.Kind.REGION: 4,
}


class Rate(models.Model):
    """A share that a convention gives a contingent on some of the units only (CCH, R441-5-2 II: « sauf stipulation
    contraire »).

    Each condition left empty is none. `categories` are codes of the rights' vocabulary (`models.categories`): several
    of one dimension are « or », of two dimensions « and ». `since_year`: from 1 January of that year on. `share` is
    that of `Quota.share`, nothing included; the quota's own share is the row without a condition.
    """

    quota = models.ForeignKey(Quota, models.CASCADE, related_name="rates", verbose_name="part réservée")
    territory = models.ForeignKey(
        Territory, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire"
    )
    categories = ArrayField(models.CharField(max_length=24), verbose_name="catégories", default=list, blank=True)
    first_letting = models.BooleanField("première location", null=True, blank=True)
    since_year = models.PositiveSmallIntegerField("à partir de l’année", null=True, blank=True)
    share = models.PositiveIntegerField("part")
    #: Those of the general share where there is none (`ShareGround.as_json`).
    grounds = models.JSONField("fondements", default=list, db_default=[], blank=True)

    class Meta:
        verbose_name = "taux particulier"
        verbose_name_plural = "taux particuliers"
        ordering = ["quota", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["quota", "territory", "categories", "first_letting", "since_year"],
                nulls_distinct=False,
                name="rate_once",
                violation_error_message="Deux taux de ce contingent valent pour les mêmes logements : gardez-en un.",
            ),
            models.CheckConstraint(
                condition=Q(share__lte=UNIT),
                name="rate_share_bounds",
                violation_error_message="Un taux va de 0 %% à 100 %%.",
            ),
            models.CheckConstraint(
                condition=Q(categories__contained_by=list(CODES)),
                name="rate_categories_known",
                violation_error_message="Un taux vaut pour des catégories connues.",
            ),
            models.CheckConstraint(
                condition=Q(territory__isnull=False)
                | ~Q(categories=[])
                | Q(first_letting__isnull=False)
                | Q(since_year__isnull=False),
                name="rate_has_condition",
                violation_error_message="Un taux particulier dit pour quels logements il vaut.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quota.holder} : {self.share}"

    @property
    def cell(self) -> RateCell:
        """The same, apart from the database."""
        return RateCell(
            self.share,
            self.territory_id,
            SCALES[Territory.Kind(self.territory.kind)] if self.territory else WIDEST,
            frozenset(self.categories),
            self.first_letting,
            self.since_year,
        )


#: The scale of a row that names no territory.
WIDEST = 9


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """What a rate depends on, of one vacancy on its day: the territories that cover it (ids), its category in each
    dimension ("" where it is not given), is it a first letting, the year of its rights."""

    territories: Collection[int]
    categories: Mapping[str, str] = field(default_factory=dict)
    first_letting: bool = False
    year: int = 0


@dataclass(frozen=True, slots=True)
class RateCell:
    """One row of a table of rates. `scale`: that of its territory (`SCALES`)."""

    share: int
    territory: int | None = None
    scale: int = WIDEST
    categories: frozenset[str] = frozenset()
    first_letting: bool | None = None
    since_year: int | None = None

    def of(self, dimension: str) -> frozenset[str]:
        """Its codes in one dimension; empty when it does not look at it."""
        return frozenset(code for code in self.categories if code.startswith(f"{dimension}:"))

    def holds(self, facts: UnitFacts) -> bool:
        """Does this unit meet every condition? What is not given of it meets none."""
        return (
            (self.territory is None or self.territory in facts.territories)
            and (self.first_letting is None or self.first_letting == facts.first_letting)
            and (self.since_year is None or self.since_year <= facts.year)
            and all(
                code_of(dimension, facts.categories.get(dimension, "")) in wanted
                for dimension in DECLINABLE
                if (wanted := self.of(dimension))
            )
        )

    def within(self, other: RateCell) -> bool:
        """Is it as precise as another one, that holds for the same unit, in every condition?"""
        return (
            self.scale <= other.scale
            and (other.first_letting is None or self.first_letting is not None)
            and (self.since_year or 0) >= (other.since_year or 0)
            and all(
                not (wide := other.of(dimension)) or (bool(own := self.of(dimension)) and own <= wide)
                for dimension in DECLINABLE
            )
        )


def most_precise(cells: Iterable[RateCell], facts: UnitFacts) -> list[RateCell]:
    """The rows that hold for a unit, and that no other one that holds is more precise than: one where the table is
    clear, several where two rows overlap, none where only the general share applies."""
    holding = [cell for cell in cells if cell.holds(facts)]
    return [cell for cell in holding if not any(other.within(cell) and not cell.within(other) for other in holding)]


def cell_at(cells: Iterable[RateCell], facts: UnitFacts) -> RateCell | None:
    """The most precise row for a unit; None where only the general share applies.

    A signed table gives each unit one share; where territories moved since and two rows hold, the narrowest, then the
    latest, then the one that looks at most, then the smallest share decides, the same for ever.
    """
    return min(
        most_precise(cells, facts),
        key=lambda cell: (cell.scale, -(cell.since_year or 0), -len(cell.categories), cell.share),
        default=None,
    )


def share_at(general: int, cells: Iterable[RateCell], facts: UnitFacts) -> int:
    """The share of a unit: that of its most precise row, the general one where none holds."""
    found = cell_at(cells, facts)
    return general if found is None else found.share
