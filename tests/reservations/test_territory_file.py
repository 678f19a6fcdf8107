"""The prepared file of territories: what its sources say, and loaded by COPY, what one by one they would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from django.db import connection, transaction

from reservations.imports.parties import PREPARED, read_prepared, read_territories, write_prepared
from reservations.models import Territory, TerritoryLink, TerritoryName
from reservations.operations.territory import (
    Edition,
    Merger,
    TerritoriesLoaded,
    TerritoryPlace,
    load_territories,
)
from reservations.operations.territory_file import load_prepared, prepared
from reservations.queries.imprints import described

Kind = Territory.Kind
COG_2027 = Edition("COG 2027", date(2027, 1, 1))

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def some() -> list[TerritoryPlace]:
    """The Aude, Paris with its districts and its métropole, and all that holds them."""
    kept = {Kind.REGION, Kind.DEPARTEMENT, Kind.EPCI, Kind.EPT}
    return [each for each in read_territories() if each.kind in kept or each.departement in ("11", "75", "93")]


def lines(places: Sequence[TerritoryPlace]) -> bytes:
    return b"".join(prepared(places))


def written() -> list[tuple[object, ...]]:
    """Every territory, link and name, by codes."""
    links = [f"{link}__code" for link in ("region", "departement", "epci", "ept", "parent_commune")]
    fields = ("kind", "code", "name", "search_name", "population", "postal_codes")
    of_link = ("territory__code", "kind", "container__kind", "container__code", "since", "until", "source")
    of_name = ("territory__kind", "territory__code", "name", "since", "source")
    return [
        *Territory.objects.order_by("kind", "code").values_list(*fields, *links),
        *TerritoryLink.objects.order_by(*of_link).values_list(*of_link),
        *TerritoryName.objects.order_by(*of_name).values_list(*of_name),
    ]


def undone(act: Callable[[], TerritoriesLoaded]) -> tuple[TerritoriesLoaded, list[tuple[object, ...]]]:
    """What an act says, and leaves; then as if it had not been."""
    with transaction.atomic():
        found = act(), written()
        transaction.set_rollback(True)
    return found


def test_the_file_is_what_its_sources_give(tmp_path: Path) -> None:
    """Otherwise: ./run manage load_territories --prepare"""
    write_prepared(tmp_path / "again.gz")
    assert read_prepared(tmp_path / "again.gz") == read_prepared()
    assert PREPARED.stat().st_size < 1_000_000


def test_an_empty_database_is_filled_as_one_by_one(some: list[TerritoryPlace]) -> None:
    mergers = [Merger("11106", "11262", date(2026, 3, 1), "essai")]
    expected = undone(lambda: load_territories(places=some, mergers=mergers))
    assert undone(lambda: load_prepared(lines=lines(some), edition=COG_2027, mergers=mergers)) == expected
    assert expected[0].merged == 1


def test_tables_are_as_before_once_filled(some: list[TerritoryPlace]) -> None:
    """Their constraints and indexes were made again, their triggers act, and numbers go on."""
    before = described()
    load_prepared(lines=lines(some), edition=COG_2027)
    assert described() == before
    last = Territory.objects.order_by("-pk")[0]
    more = Territory.objects.create(kind=Kind.COMMUNE, code="11999", name="Neuve", departement_id=last.departement_id)
    assert more.pk == last.pk + 1
    assert more.links.count() == 1


def test_where_there_are_some_only_what_differs_is_written(some: list[TerritoryPlace]) -> None:
    load_prepared(lines=lines(some), edition=COG_2027)
    changes = {
        "11262": {"name": "Narbonne-la-Neuve", "epci": "200054781", "population": None},
        "11106": {"postal_codes": ("11110", "11111")},
        "93048": {"ept": ""},
    }
    changed = [replace(each, **changes.get(each.code, {})) for each in some if each.code != "11379"]
    changed.append(TerritoryPlace(Kind.COMMUNE, "11999", "Neuve", region="76", departement="11"))
    mergers = [Merger("11379", "11999", date(2027, 1, 1), "essai")]
    expected = undone(lambda: load_territories(places=changed, edition=COG_2027, mergers=mergers))
    assert undone(lambda: load_prepared(lines=lines(changed), edition=COG_2027, mergers=mergers)) == expected
    assert (expected[0].created, expected[0].updated, expected[0].merged) == (1, 3, 1)


def test_a_second_load_writes_nothing(some: list[TerritoryPlace], django_assert_max_num_queries: Callable) -> None:
    load_prepared(lines=lines(some), edition=COG_2027)
    before = written()
    with django_assert_max_num_queries(12):  # whatever their number; two ask whether a later code was loaded
        again = load_prepared(lines=lines(some), edition=COG_2027)
    assert (again.created, again.updated, again.merged) == (0, 0, 0)
    assert written() == before


@pytest.mark.parametrize("filled", [False, True])
def test_a_container_that_nobody_gave_is_refused(some: list[TerritoryPlace], filled: bool) -> None:
    if filled:
        load_prepared(lines=lines(some), edition=COG_2027)
    lost = [*some, TerritoryPlace(Kind.COMMUNE, "11999", "Neuve", departement="99")]
    with pytest.raises(KeyError, match="99"), transaction.atomic():
        load_prepared(lines=lines(lost), edition=COG_2027)


def test_an_account_that_does_not_own_the_tables_fills_them_too(some: list[TerritoryPlace]) -> None:
    """It may not take their indexes away: they are written one by one."""
    few = [each for each in some if each.kind in (Kind.REGION, Kind.DEPARTEMENT)]
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE equiflux_other_of_tests")
        cursor.execute("GRANT USAGE ON SCHEMA public TO equiflux_other_of_tests")  # the accounts take it from everybody
        cursor.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO equiflux_other_of_tests")
        cursor.execute("GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO equiflux_other_of_tests")
        database = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"GRANT TEMPORARY ON DATABASE {database} TO equiflux_other_of_tests")  # as accounts are given it
        cursor.execute("SET LOCAL ROLE equiflux_other_of_tests")
        loaded = load_prepared(lines=lines(few), edition=COG_2027)
        cursor.execute("RESET ROLE")
    assert loaded.created == len(few) == Territory.objects.count()
