"""The year of a holder on its home: three small charts and their table, the figures of its accounts month by month."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from attributions.home.queries import holder_home
from flux.models import AccountMonth, Ledger
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.flow import KindsMonth, kinds_through
from flux.words import units
from tests.flux.operations.test_returning import give_back, send
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def drawn(months: list[KindsMonth]) -> str:
    return Template("{% load charts %}{% year_chart months %}").render(Context({"months": months}))


def bars(svg: str) -> list[tuple[str, float, float]]:
    """(class, y, height) of each bar that is not the pattern over another."""
    found = re.findall(r'<rect class="(\w+)" x="[^"]+" y="([\d.]+)"\s+width="[^"]+" height="([\d.]+)"', svg)
    return [(css, float(y), float(height)) for css, y, height in found]


def test_the_year_adds_up_to_the_accounts_and_is_read_in_one_table(world: World, sign_in: SignIn) -> None:
    """The same figures as the sentence beside it; a month without anything has its row; nothing of after today."""
    for days in (40, 38, 6):
        world.vacancy(now=MORNING - timedelta(days=days))
    ledger = Ledger.objects.ordinary().get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING - timedelta(days=1))
    oldest = ledger.vacancies.order_by("pk").values_list("pk", flat=True)[:2]
    confirm_recommendations(vacancies=list(oldest), by=world.people["aline"], now=MORNING)
    home = holder_home(world.member("bob"), today=TODAY, page=None)
    lines = [line for line in account(ledger, TODAY).lines if line.holder.organisation == world.state]
    assert [each.first for each in home.months] == [date(2026, month, 1) for month in range(1, TODAY.month + 1)]
    assert sum(each.due for each in home.months) == sum(line.figures.due for line in lines) == home.figures.due > 0
    assert sum(each.received for each in home.months) == home.figures.received
    rows = [row for row in cells(page(sign_in("bob"), reverse("home"))) if row[:1] in (["Janvier"], ["Novembre"])]
    now = home.months[-1]
    assert rows == [
        ["Janvier", "0,00", "0", "0"],
        ["Novembre", units(now.due), str(now.offered), str(now.received)],
    ]
    every = AccountMonth.objects.filter(ledger=ledger)
    now = kinds_through(every, year=2026, until=TODAY)[-1]
    assert (now.offered, now.received) == (2, 3), "what its landlord has to confirm is received, and not yet offered"
    assert [each.first.month for each in kinds_through(every, year=2026, until=date(2026, 10, 31))][-1] == 10


def test_a_unit_that_left_for_works_is_taken_off_below_the_axis(world: World) -> None:
    """Offered in one month and taken off in the next: the bar of the second goes under the axis."""
    taken = send(world, "city", now=MORNING - timedelta(days=30))
    give_back(world, taken, "WORKS")
    home = holder_home(world.member("chloe"), today=TODAY, page=None)
    assert [(each.offered, each.received) for each in home.months[-2:]] == [(1, 1), (-1, -1)]
    months = [KindsMonth(date(2026, 1, 1), 2_000_000, 2, 1), KindsMonth(date(2026, 2, 1), 0, 0, -1)]
    svg = drawn(months)
    axis = float(re.search(r'<line class="axis" x1="[\d.]+%" x2="[\d.]+%" y1="([\d.]+)"', svg)[1])  # type: ignore[index]
    (_, due, tall), _, (_, offered, also), _, (css, _, half), (_, back, deep) = bars(svg)
    assert (due + tall, offered + also) == (pytest.approx(axis, abs=0.2), pytest.approx(axis, abs=0.2))
    assert (tall, back, css) == (also, axis, "got")
    assert (half, deep) == (pytest.approx(tall / 2, abs=0.2), pytest.approx(tall / 2, abs=0.2))


def test_each_kind_has_its_own_drawing_beside_its_name_and_its_total() -> None:
    """Hollow, hatched, solid: what one reads without colours; its title leads to the table."""
    svg = drawn([KindsMonth(date(2026, 1, 1), 1_250_000, 3, 2)])
    words = re.findall(r'<text class="(?:mid|val)"[^>]*>([^<]+)</text>', svg)
    assert words == ["Dû", "1,25", "Proposés", "3", "Reçus", "2"]
    assert [css for css, _, _ in bars(svg)] == ["ahead", "ahead", "got"]
    assert svg.count('fill="url(#year-hatched)"') == 1
    assert "mêmes chiffres dans le tableau suivant</title>" in svg
