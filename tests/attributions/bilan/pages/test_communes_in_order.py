"""The communes of a territory in order: by what is owed there, by what fell vacant there; what a map would show."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.pages.territory_board import COMMUNES, NOWHERE, communes_answer, communes_tables
from attributions.bilan.queries.landlord_figures import CommuneLine, LandlordFigures, compare
from flux.models import Ledger
from flux.operations.routing import confirm_recommendations
from flux.words import gap, units
from reservations.models import Territory
from reservations.models.convention import UNIT
from tests.flux.before_the_rule import route_all
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World


def line(place: int | None, due: int, received: int, net: int) -> CommuneLine:
    """What holders are due (in units) and received, and what entered the flow: in a commune, or in none."""
    reserved = LandlordFigures(due=due * UNIT, routed=received, received=received)
    return CommuneLine(place and Territory(name=f"Commune {place:02}"), LandlordFigures(net=net), reserved)


def texts(table: Any, *, total: bool = False) -> list[list[str]]:
    """What the cells of a table say, without their bars."""
    bare = re.compile(r"<svg.*?</svg>|<[^>]+>", re.DOTALL)
    rows = table.totals if total else table.lines
    return [[" ".join(bare.sub(" ", cell.content.text).split()) for cell in row.cells] for row in rows]


def test_what_is_owed_first_then_what_is_ahead_and_the_flow_on_its_own() -> None:
    """Two orders of the same communes; dues that bear on no commune are owed and never fall vacant."""
    lines = [line(1, 3, 5, 8), line(2, 9, 4, 2), line(3, 4, 4, 0), line(None, 1, 0, 0)]
    owed, entered = communes_tables(lines, Territory(name="Aude"), 2026)
    assert texts(owed) == [
        ["Commune 02", "9,00", "4", "+5,00"],
        [NOWHERE, "1,00", "0", "+1,00"],
        ["Commune 03", "4,00", "4", "0,00"],
        ["Commune 01", "3,00", "5", "−2,00"],
    ]
    assert texts(owed, total=True) == [["Ensemble", "17,00", "13", "+4,00"]]
    assert texts(entered) == [["Commune 01", "8", ""], ["Commune 02", "2", ""]]
    bars = re.findall(r'<rect class="(got|ahead)" x="[\d.]+%" [^>]*?width="([\d.]+)%"', owed.lines[0].html)
    assert bars == [("got", "50.00")], "the largest gap fills its half"


def test_a_page_holds_fifteen_communes_and_the_others_add_up() -> None:
    lines = [line(place, 40 - place, 0, place) for place in range(1, COMMUNES + 4)]
    owed, entered = communes_tables(lines, Territory(name="Aude"), 2026)
    assert len(owed.lines) == len(entered.lines) == COMMUNES + 1
    assert texts(owed)[-1] == ["Les 3 autres", units(69 * UNIT), "0", gap(69 * UNIT)]
    assert texts(entered)[0] == ["Commune 18", "18", ""]
    assert texts(entered)[-1] == ["Les 3 autres", "6", ""]
    assert texts(entered, total=True) == [["Ensemble", str(sum(range(1, 19))), ""]]
    sixteen, _ = communes_tables(lines[: COMMUNES + 1], Territory(name="Aude"), 2026)
    assert texts(sixteen)[-1][0] == "Commune 16", "a lone one keeps its name"


def test_the_page_of_a_territory_reads_its_communes_as_its_landlords(
    world: World, sign_in: Any, time_machine: Any
) -> None:
    """The same figures of the same accounts: both tables end on the totals of the landlords."""
    time_machine.move_to(MORNING, tick=False)
    emma: Client = sign_in("emma")
    address = reverse("balance-communes", args=[2026])
    assert address in page(emma, reverse("balance-territory", args=[2026]))
    assert "Aucun logement n’est dû ni libéré ici en 2026." in page(emma, address)
    for number, commune in enumerate(("Narbonne", "Narbonne", "Coursan")):
        world.vacancy(commune=commune, now=MORNING - timedelta(days=9 - number))
    ledger = Ledger.objects.get()
    route_all(ledger)
    confirm_recommendations(
        vacancies=list(ledger.vacancies.values_list("pk", flat=True)), by=world.people["aline"], now=MORNING
    )
    time_machine.move_to(datetime(2027, 2, 24, 9, tzinfo=UTC), tick=False)
    rows = cells(page(sign_in("emma"), address))
    read = compare(2026, world.places["Le Grand Narbonne"], member=world.member("emma"))
    assert ["Narbonne", "2", ""] in rows
    assert rows.index(["Narbonne", "2", ""]) < rows.index(["Coursan", "1", ""])
    assert ["Ensemble", str(read.total.net), ""] in rows
    whole = [units(read.reserved.due), str(read.reserved.received), gap(read.reserved.gap)]
    assert ["Ensemble", *whole] in rows


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (
            [line(1, 3, 5, 8), line(2, 9, 4, 2)],
            "Il reste le plus à recevoir à Commune 02 : +5,00. On libère le plus à Commune 01 : 8 logements en 2026.",
        ),
        (
            [line(1, 4, 4, 1)],
            "Aucune commune n’attend de logement. On libère le plus à Commune 01 : 1 logement en 2026.",
        ),
        ([line(1, 4, 3, 0), line(None, 2, 0, 0)], f"Il reste le plus à recevoir à {NOWHERE} : +2,00."),
    ],
)
def test_the_answer_names_where_the_most_is_owed_and_where_the_most_falls_vacant(
    lines: list[CommuneLine], words: str
) -> None:
    assert " ".join(re.sub("<[^>]+>", "", communes_answer(lines, 2026)).split()) == words


@pytest.mark.parametrize("figures", [(0, 0), (1, 1)])
def test_communes_that_are_even_have_a_scale_all_the_same(figures: tuple[int, int]) -> None:
    owed, entered = communes_tables([line(1, *figures, 0)], Territory(name="Aude"), 2026)
    assert texts(owed)[0][-1] == "0,00"
    assert not entered.lines
