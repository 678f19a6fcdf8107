"""Acts that may meet take their locks in one order: units, programme, ledgers, and only then what counts a class."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from flux.models import Ledger, Vacancy
from flux.operations.allotment import agree_allotment
from flux.operations.cancellation import reclassify_vacancy
from tests.flux.programmes import agreed, drafted, let, planned, unit_of
from tests.world import MORNING, World

Kind = Vacancy.Kind
COUNTED = ('INSERT INTO "flux_vacancy"', 'UPDATE "flux_vacancy"')
FIRST, YEARLY = "ledger FIRST_LETTING", "ledger ORDINARY"


def taken(act: Callable[[], object]) -> list[str]:
    """What an act locked: unit, programme, a ledger by its kind; and `counted`, where a class of vacancies changes."""
    with CaptureQueriesContext(connection) as queries:
        act()
    found = []
    for each in queries:
        sql = each["sql"]
        if sql.startswith(COUNTED):
            found.append("counted")
        elif sql.endswith(("UPDATE", 'OF "flux_ledger"', 'OF "flux_unit"', 'OF "flux_programme"')):
            kind = re.search(r'"flux_ledger"\."kind" = \'?(\w+)', sql)
            table = re.search(r'FROM "flux_(\w+)"', sql)
            found.append(f"ledger {kind[1]}" if kind else table[1] if table else sql)
    return found


def before(found: list[str], *names: str) -> bool:
    """Each was taken, for the first time, before the next was."""
    places = [found.index(name) for name in names]
    return places == sorted(places)


def test_agreement_holds_the_units_that_wait_before_their_programme(world: World) -> None:
    """None is described otherwise between what the agreement reads of it and its first entries."""
    programme = planned(world, units=2)
    unit = unit_of(world, programme)
    let(world, programme, unit)
    drafted(world, programme, ("city", 1, []))
    found = taken(
        lambda: agree_allotment(programme=programme, agreed_on=MORNING.date(), by=world.people["alice"], now=MORNING)
    )
    assert before(found, "unit", "programme", FIRST)


@pytest.mark.parametrize("opened", [True, False])
def test_first_letting_opens_its_ledgers_before_it_is_counted(world: World, opened: bool) -> None:
    if opened:
        world.vacancy()
    programme = agreed(world, ("city", 1, []), units=2)
    found = taken(lambda: let(world, programme))
    assert before(found, "unit", "programme", FIRST, *([YEARLY] if opened else []), "counted")
    assert Ledger.objects.filter(kind=Ledger.Kind.ORDINARY).exists() is opened


def test_reclassified_into_the_flow_opens_its_ledger_before_it_is_counted(world: World) -> None:
    world.vacancy()
    excluded = world.vacancy(kind=Kind.EXCLUDED, exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER)
    found = taken(lambda: reclassify(world, excluded, Kind.IN_FLOW))
    assert before(found, "unit", "programme", YEARLY, "counted")


def test_reclassified_as_a_first_letting_opens_both_ledgers_before_it_is_counted(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=2)
    technical = world.vacancy(unit_of(world, programme), kind=Kind.TECHNICAL)
    world.vacancy()
    found = taken(lambda: reclassify(world, technical, Kind.FIRST_LETTING))
    assert before(found, "unit", "programme", FIRST, YEARLY, "counted")


def reclassify(world: World, vacancy: Vacancy, kind: str) -> Vacancy:
    return reclassify_vacancy(vacancy=vacancy, kind=kind, text="Erreur.", by=world.people["aline"], now=MORNING)
