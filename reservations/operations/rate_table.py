"""What a table of rates may say: rows that are known, that may hold some day, and of which no two speak of the same
unit without one being the more precise."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reservations.models import Convention, Rate, Territory
from reservations.models.categories import CODES, DECLINABLE, code_of, whole_dimension
from reservations.models.convention import UNIT
from reservations.models.ground import ShareGround, grounds_of
from reservations.models.rate import SCALES, WIDEST, RateCell, UnitFacts, most_precise
from reservations.models.territory import within
from reservations.pages import rates as said
from reservations.queries.rates import kinds_of_units
from reservations.refusals import Refusal
from reservations.words import percent

#: Rows of one table: a convention by commune, size and year has a few dozens.
MOST_ROWS = 60


class RatesRefused(Refusal):
    """A table of rates that cannot be; the sentence names the rows, and the way out."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="rates")


@dataclass(frozen=True, slots=True)
class RateTerms:
    """One row of a table, as it is agreed: a share in millionths of a unit, the units for which it holds, and
    why it was given: `grounds`, those of the general share where there is none."""

    share: int
    territory: Territory | None = None
    categories: tuple[str, ...] = ()
    first_letting: bool | None = None
    since_year: int | None = None
    grounds: tuple[ShareGround, ...] = ()

    @property
    def cell(self) -> RateCell:
        """The same, as a unit is compared with it."""
        return RateCell(
            self.share,
            self.territory.pk if self.territory else None,
            SCALES[Territory.Kind(self.territory.kind)] if self.territory else WIDEST,
            frozenset(self.categories),
            self.first_letting,
            self.since_year,
        )

    @property
    def bare(self) -> RateTerms:
        """The same, whatever its grounds."""
        return replace(self, grounds=())

    @property
    def when(self) -> str:
        """The units for which it holds, in words."""
        return said.when(self.cell, self.territory)


def rate_terms(rate: Rate) -> RateTerms:
    """A stored row, apart from its convention."""
    return RateTerms(
        rate.share,
        rate.territory,
        tuple(rate.categories),
        rate.first_letting,
        rate.since_year,
        grounds_of(rate.grounds),
    )


def check_tables(tables: Iterable[tuple[str, Sequence[RateTerms]]], convention: Convention) -> None:
    """Raise RatesRefused at the first table of a draft that cannot be: by contingent, in words."""
    for whose, rows in tables:
        check_rates(
            whose,
            rows,
            perimeter=convention.perimeter,
            starts_on=convention.starts_on,
            ends_on=convention.ends_on,
            first_counts=convention.first_letting_counts,
        )


def check_rates(
    whose: str, rows: Sequence[RateTerms], *, perimeter: Territory, starts_on: date, ends_on: date, first_counts: bool
) -> None:
    """Raise RatesRefused at the first row that cannot be, or at the first unit that two rows claim.

    `whose` names the contingent. `first_counts`: do first lettings count in its share? One query, and one for each
    territory named.
    """
    if not rows:
        return
    if len(rows) > MOST_ROWS:
        raise RatesRefused(f"{whose} : une table va jusqu’à {MOST_ROWS} lignes. Regroupez des tailles ou des communes.")
    seen = set()
    for row in rows:
        _check_row(whose, row, perimeter=perimeter, ends_on=ends_on, first_counts=first_counts)
        conditions = (row.territory, frozenset(row.categories), row.first_letting, row.since_year)
        if conditions in seen:
            raise RatesRefused(f"{whose} : « {row.when} » est écrit deux fois. Gardez une seule des deux lignes.")
        seen.add(conditions)
    for facts, place in _units(rows, perimeter, starts_on):
        found = most_precise([row.cell for row in rows], facts)
        if len({cell.share for cell in found}) > 1:
            one, other = (next(row for row in rows if row.cell == cell) for cell in _two(found))
            raise RatesRefused(_overlap(whose, one, other, said.kind(facts, place)))


def _two(found: Sequence[RateCell]) -> tuple[RateCell, RateCell]:
    """Two rows that give different shares."""
    return found[0], next(cell for cell in found if cell.share != found[0].share)


def _check_row(whose: str, row: RateTerms, *, perimeter: Territory, ends_on: date, first_counts: bool) -> None:
    if not 0 <= row.share <= UNIT:
        raise RatesRefused(f"{whose} : un taux va de 0 % à 100 %. Corrigez celui de « {row.when} ».")
    if not set(row.categories) <= set(CODES):
        raise RatesRefused(f"{whose} : choisissez des tailles, des financements ou des situations de la liste.")
    if not row.when:
        raise RatesRefused(
            f"{whose} : une ligne à {percent(row.share)} ne dit pas pour quels logements elle vaut. Précisez-la, ou "
            "écrivez ce taux comme part générale."
        )
    if whole_dimension(row.categories):
        raise RatesRefused(f"{whose} : « {row.when} » nomme toutes les valeurs possibles. Laissez ce critère vide.")
    if row.since_year is not None and row.since_year > ends_on.year:
        raise RatesRefused(
            f"{whose} : « {row.when} » ne s’appliquerait jamais, la convention finit en {ends_on.year}. Retirez cette "
            "ligne, ou prolongez la convention."
        )
    if row.first_letting and not first_counts:
        raise RatesRefused(
            f"{whose} : « {row.when} » ne s’appliquerait jamais, les premières locations ne comptent pas dans la part. "
            "Faites-les compter (« Programmes neufs »), ou retirez cette ligne."
        )
    if row.territory is not None:
        inside = Territory.objects.communes_within(perimeter).filter(within(row.territory.pk))
        if not inside.exists():
            raise RatesRefused(
                f"{whose} : {row.territory.name} n’a aucune commune dans le périmètre ({perimeter.name}). Choisissez "
                "un territoire qui s’y trouve."
            )


def _units(
    rows: Sequence[RateTerms], perimeter: Territory, starts_on: date
) -> Iterator[tuple[UnitFacts, Territory | None]]:
    """Every kind of unit that the rows state apart, with a commune where it lies, when they name some. One
    query, none where they name no territory."""
    cells = [row.cell for row in rows]
    named = {cell.territory for cell in cells if cell.territory is not None}
    groups: dict[frozenset[int], Territory | None] = {} if named else {frozenset(): None}
    if named:
        for commune in Territory.objects.communes_within(perimeter).order_by("pk"):
            groups.setdefault(frozenset(commune.covering_ids() & named), commune)
    later = {cell.since_year for cell in cells if cell.since_year is not None}
    for territories, place in groups.items():
        for facts in kinds_of_units(cells, territories, years=sorted({starts_on.year, *later})):
            yield facts, place


def _overlap(whose: str, one: RateTerms, other: RateTerms, unit: str) -> str:
    both = RateTerms(
        0,
        min(
            (row.territory for row in (one, other) if row.territory is not None),
            key=lambda territory: SCALES[Territory.Kind(territory.kind)],
            default=None,
        ),
        tuple(code for dimension in DECLINABLE for code in _shared(dimension, one, other)),
        one.first_letting if one.first_letting is not None else other.first_letting,
        max((row.since_year for row in (one, other) if row.since_year is not None), default=None),
    )
    return (
        f"{whose} : {unit} aurait deux taux, « {one.when} » ({percent(one.share)}) et « {other.when} » "
        f"({percent(other.share)}). Ajoutez la ligne « {both.when} », ou retirez l’une des deux."
    )


def _shared(dimension: str, one: RateTerms, other: RateTerms) -> list[str]:
    """The codes of a dimension that both allow; those of the only one that looks at it."""
    mine, theirs = one.cell.of(dimension), other.cell.of(dimension)
    kept = mine & theirs if mine and theirs else mine | theirs
    return [code for category in DECLINABLE[dimension] if (code := code_of(dimension, category)) in kept]
