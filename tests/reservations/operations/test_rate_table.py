"""A table of rates: what of it is refused, with the rows named and the way out."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Territory
from reservations.operations.rate_table import MOST_ROWS, RatesRefused, RateTerms, check_rates
from tests.world import World

T1, T2, OUTSIDE, INSIDE, PLAI = "typology:T1", "typology:T2", "qpv:hors QPV", "qpv:en QPV", "financing:PLAI"


def refusal_of(refused: pytest.ExceptionInfo[RatesRefused]) -> str:
    """With plain spaces."""
    return str(refused.value).replace("\u202f", " ")


def check(world: World, *rows: RateTerms, perimeter: str = "Aude", first_counts: bool = False) -> None:
    check_rates(
        "État",
        rows,
        perimeter=world.places[perimeter],
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 12, 31),
        first_counts=first_counts,
    )


def row(share: int, *categories: str, where: Territory | None = None, **given: object) -> RateTerms:
    return RateTerms(share, where, categories, **given)


def test_two_rows_for_one_unit_are_refused_with_both_and_the_row_to_add(world: World) -> None:
    """« sauf stipulation contraire » (CCH, R441-5-2 II): a stipulation that contradicts itself settles nothing."""
    narbonne, agglomeration = world.places["Narbonne"], world.places["Le Grand Narbonne"]
    with pytest.raises(RatesRefused) as refused:
        check(world, row(100_000, T1, T2), row(200_000, OUTSIDE))
    assert refusal_of(refused) == (
        "État : un T1 hors QPV en 2026 aurait deux taux, « T1 ou T2 » (10 %) et « hors QPV » (20 %). Ajoutez la ligne "
        "« T1 ou T2, hors QPV », ou retirez l’une des deux."
    )
    with pytest.raises(RatesRefused) as refused:
        check(world, row(100_000, T1, where=agglomeration), row(200_000, where=narbonne))
    assert (
        "un T1 à Narbonne en 2026 aurait deux taux, « T1, à la CA Le Grand Narbonne » (10 %) et « à Narbonne »"
        in refusal_of(refused)
    )
    with pytest.raises(RatesRefused, match="en 2027 aurait deux taux"):
        check(world, row(100_000, T1), row(200_000, since_year=2027))


def test_the_most_precise_row_settles_what_two_others_would_dispute(world: World) -> None:
    narbonne = world.places["Narbonne"]
    check(world, row(100_000, T1), row(200_000, OUTSIDE), row(150_000, T1, OUTSIDE))
    check(world, row(100_000, T1), row(100_000, OUTSIDE))  # they say the same
    check(world, row(100_000, T1, T2), row(200_000, T1), row(300_000, T1, PLAI))
    check(world, row(100_000, T1), row(200_000, T1, since_year=2027), row(300_000, T1, since_year=2028))
    check(world, row(250_000, where=world.places["Le Grand Narbonne"]), row(0, where=narbonne))
    check(world, row(100_000, first_letting=True), first_counts=True)
    check(world)


REFUSED = [
    ((row(100_000, T1), row(120_000, T1)), "« T1 » est écrit deux fois. Gardez une seule des deux lignes."),
    ((row(100_000),), "une ligne à 10 % ne dit pas pour quels logements elle vaut. Précisez-la"),
    ((row(1_000_001, T1),), "un taux va de 0 % à 100 %. Corrigez celui de « T1 »."),
    ((row(1, "typology:T9"),), "choisissez des tailles, des financements ou des situations de la liste."),
    ((row(1, INSIDE, OUTSIDE),), "nomme toutes les valeurs possibles. Laissez ce critère vide."),
    ((row(1, T1, since_year=2029),), "ne s’appliquerait jamais, la convention finit en 2028. Retirez cette ligne"),
    ((row(1, first_letting=True),), "les premières locations ne comptent pas dans la part. Faites-les compter"),
    (tuple(row(n, since_year=1900 + n) for n in range(MOST_ROWS + 1)), "une table va jusqu’à 60 lignes."),
]


@pytest.mark.parametrize(("rows", "sentence"), REFUSED)
def test_a_row_that_cannot_be_is_named_with_the_way_out(
    world: World, rows: tuple[RateTerms, ...], sentence: str
) -> None:
    with pytest.raises(RatesRefused) as refused:
        check(world, *rows)
    assert sentence in refusal_of(refused)


def test_a_territory_out_of_the_perimeter_is_refused(world: World) -> None:
    with pytest.raises(RatesRefused) as refused:
        check(world, row(1, where=world.places["Aude"]), row(2, where=world.places["Hérault"]))
    assert "Hérault n’a aucune commune dans le périmètre (Aude). Choisissez un territoire" in refusal_of(refused)
