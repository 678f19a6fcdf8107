"""The flows of FluxBench are what the specification says they are, and the same each time."""

from __future__ import annotations

import pytest

from benchmarks.instances import catalogue
from benchmarks.instances.catalogue import build
from benchmarks.instances.flow import LANDLORD

LARGE = {"A/usual/8/50000/0", "A/usual/60/50000/0", "B5/0"}


@pytest.mark.parametrize("name", sorted({*catalogue.quick(), "A/usual/60/200/0", "B4/3", "C/sorted/0", "C/seasonal/0"}))
def test_shares_sum_to_the_unit_and_everything_is_reported(name: str) -> None:
    flow = build(name)
    assert build(name) == flow
    assert len({vacancy.id for vacancy in flow.vacancies}) == len(flow.vacancies)
    assert max(flow.ranks, key=flow.ranks.__getitem__) == LANDLORD
    for vacancy in flow.vacancies:
        assert sum(vacancy.shares.values()) == flow.unit
        assert min(vacancy.shares.values()) >= 0
        assert set(vacancy.shares) <= set(flow.ranks)
        assert set(vacancy.categories) == set(flow.dimensions)
        assert vacancy.may_take is None or LANDLORD in vacancy.may_take


def test_names_are_all_different_and_seeds_matter() -> None:
    assert len(set(catalogue.full(10))) == len(catalogue.full(10))
    assert {*catalogue.full(10)} >= LARGE
    assert build("B1/0") != build("B1/1")


@pytest.mark.parametrize("name", ["Z", "A/usual/8", "A/other/8/10/0", "B9/0", "C/random/0", "D/C/0"])
def test_an_unknown_name_builds_nothing(name: str) -> None:
    with pytest.raises((KeyError, ValueError)):
        build(name)


def test_departement_is_that_of_the_specification() -> None:
    flow = build("B4/0")
    assert len(flow.vacancies) == 2000
    assert len({holder for holder in flow.ranks if holder.startswith("EPCI")}) == 10
    assert len({holder for holder in flow.ranks if holder.startswith("C")}) == 35  # 70 % of 50 communes
    for vacancy in flow.vacancies:
        for holder, share in vacancy.shares.items():
            low, high = {"ETAT": (2500, 2500), "AGENTS": (500, 500), "ALS": (1500, 2000), "DEPT": (1, 300)}.get(
                holder, (0, 10_000) if holder == LANDLORD else (300, 1000) if holder[0] == "E" else (500, 2000)
            )
            assert low <= share <= high


def test_orders_keep_the_vacancies() -> None:
    for order in catalogue.ORDERS:
        flow = build(f"C/{order}/0")
        assert len(flow.vacancies) == 2000
    by_commune = [vacancy.place for vacancy in build("C/sorted/0").vacancies]
    assert by_commune == sorted(by_commune)


def test_a_third_refuse_and_a_fully_reserved_flow_leaves_the_landlord_nothing() -> None:
    refusing = build("D/A/0")
    whole = set(refusing.ranks)
    refusers = {holder for vacancy in refusing.vacancies for holder in whole - (vacancy.may_take or whole)}
    assert len(refusers) == round(0.3 * (len(whole) - 1))
    for name in ("E/A/0", "E/B/0"):
        assert {vacancy.shares[LANDLORD] for vacancy in build(name).vacancies} == {0}
