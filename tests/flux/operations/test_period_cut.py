"""Construction periods are a dated list: a region, or the conventions of a landlord, cut them otherwise."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from attributions.bilan.queries import recounts
from attributions.bilan.queries.balance import balance
from flux.models import Ledger, PeriodCut
from flux.models.unit import BOUNDS, period_names, period_of
from flux.operations.reference_figures import PeriodCutRefused, cut_periods
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.balance import FigureUnits
from flux.queries.cells import Axis
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

TODAY = MORNING.date()
KNOWN = {"bounds": [1989, 2012], "starts_on": date(2026, 1, 1), "source": "cadre régional", "by": None, "today": TODAY}


@pytest.mark.parametrize(
    ("year", "words"),
    [(1948, "avant 1949"), (1949, "1949-1974"), (1999, "1975-1999"), (2000, "depuis 2000"), (None, "")],
)
def test_period_of_a_year(year: int | None, words: str) -> None:
    assert period_of(year) == words
    assert period_of(year, (1989,)) in {"", "avant 1990", "depuis 1990"}


def test_names_of_periods_follow_their_bounds() -> None:
    assert period_names() == ("avant 1949", "1949-1974", "1975-1999", "depuis 2000")
    assert period_names((1989, 2012)) == ("avant 1990", "1990-2012", "depuis 2013")


def counted(world: World) -> list[str]:
    """The periods of a balance; that which counts it again, act by act, cuts them alike."""
    cells = balance(world.landlord, 2026).cells
    assert recounts.differences(recounts.tables(world.landlord.pk, 2026), recounts.read_tables(cells)) == []
    return cells.categories(Axis.PERIOD)


def test_balance_counts_by_the_closest_cut_of_its_year(world: World) -> None:
    for year in (1984, 2005):
        vacancy = world.vacancy(construction_year=year)
        assert vacancy.ledger_id is not None
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    assert counted(world) == ["1975-1999", "depuis 2000"]
    cut_periods(**KNOWN | {"territory": world.places["Occitanie"]})
    cut_periods(**KNOWN | {"territory": world.places["Hérault"], "bounds": [1800]})
    cut_periods(**KNOWN | {"landlord": world.other_landlord, "bounds": [1900]})
    assert counted(world) == ["avant 1990", "1990-2012"]
    ledgers = tuple(Ledger.objects.order_by("pk"))
    for words in counted(world):
        assert FigureUnits(ledgers, None, "offered", axis=Axis.PERIOD, category=words).figure().units == 1
    cut_periods(**KNOWN | {"landlord": world.landlord, "bounds": [2000]})
    assert counted(world) == ["avant 2001", "depuis 2001"]
    cut_periods(**KNOWN | {"landlord": world.landlord, "bounds": [1950], "starts_on": date(2027, 1, 1)})
    assert counted(world) == ["avant 2001", "depuis 2001"]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"bounds": []}, "années croissantes"),
        ({"bounds": [1974, 1948]}, "années croissantes"),
        ({"bounds": [12, 1948]}, "Une année va de 1700 à 2100"),
        ({"starts_on": date(2025, 12, 31)}, "années closes gardent leurs périodes"),
        ({"source": " "}, "Dites d’où vient ce découpage"),
    ],
)
def test_cut_that_cannot_be_is_refused(world: World, given: dict[str, object], sentence: str) -> None:
    with pytest.raises(PeriodCutRefused, match=sentence):
        cut_periods(**KNOWN | given)
    assert PeriodCut.objects.count() == 1


def test_cut_of_a_commune_is_refused_and_two_of_one_day_too(world: World) -> None:
    with pytest.raises(PeriodCutRefused, match="région ou un département"):
        cut_periods(**KNOWN | {"territory": world.places["Narbonne"]})
    cut_periods(**KNOWN)
    with pytest.raises(Exception, match="Un découpage commence déjà ce jour-là"):
        cut_periods(**KNOWN)


def test_command_lists_and_adds_a_cut(world: World) -> None:
    out = io.StringIO()
    call_command("construction_periods", bounds="1989,2012", source="cadre", territory="76", stdout=out)
    assert "tous, depuis début : avant 1949 | 1949-1974 | 1975-1999 | depuis 2000" in out.getvalue()
    assert "Occitanie, depuis " in out.getvalue()
    assert "avant 1990 | 1990-2012 | depuis 2013 (cadre)" in out.getvalue()
    assert PeriodCut.objects.get(territory=world.places["Occitanie"]).bounds == [1989, 2012]
    assert BOUNDS == (1948, 1974, 1999)


@time_machine.travel(MORNING, tick=False)
def test_the_administrator_cuts_the_periods_on_a_screen(world: World, sign_in: Callable[[str], Client]) -> None:
    adam, url = sign_in("adam"), reverse("period-cuts")
    assert "tous le début avant 1949 · 1949-1974 · 1975-1999 · depuis 2000" in text_of(adam.get(url))
    given = {"bounds": "1989, 2012", "territory": world.places["Occitanie"].pk, "starts_on": "01/01/2026"}
    given |= {"source": "cadre régional"}
    assert "Le découpage compte à partir du 1er janvier 2026" in text_of(adam.post(url, given, follow=True))
    assert "Occitanie 1er janvier 2026 avant 1990 · 1990-2012 · depuis 2013 cadre régional" in text_of(adam.get(url))
    for wrong, sentence in (
        ({"bounds": "1989, hier"}, "« hier » n’est pas une année"),
        ({"bounds": "2012, 1989"}, "années croissantes"),
        ({"starts_on": "31/12/2025"}, "Les bilans des années closes gardent leurs périodes"),
        ({}, "Un découpage commence déjà ce jour-là"),
    ):
        answer = adam.post(url, given | wrong)
        assert (answer.status_code, sentence in text_of(answer)) == (422, True), sentence
