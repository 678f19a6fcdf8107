"""Where a unit stands is one ordered line: the day each step was reached, the day the next one is expected."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.operations.lease import sign_lease
from flux.pages.steps import LineStep, line
from tests.attributions.households.candidates import routed, sent
from tests.attributions.households.rows import Case, accepted
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
NOTICE, ROUTED, DUE = date(2026, 11, 2), date(2026, 11, 24), date(2026, 12, 22)


def test_a_step_is_done_then_under_way_then_to_come() -> None:
    found = line({"Congé": NOTICE, "Candidats": None, "Bail": None}, 1, {"Candidats": ("au plus tard le", DUE)})
    assert found == [
        LineStep("Congé", "2026-11-02", "2 novembre 2026"),
        LineStep("Candidats", "2026-12-22", "au plus tard le 22 décembre 2026", "now"),
        LineStep("Bail", "", "à venir", "next"),
    ]
    assert [step.is_now for step in found] == [False, True, False]


def test_what_was_followed_elsewhere_is_done_without_a_day_and_the_last_step_is_where_it_ends() -> None:
    found = line({"Congé": NOTICE, "Candidats": None, "Bail": ROUTED}, 3, {})
    assert [(step.when, step.css) for step in found] == [
        ("2 novembre 2026", ""),
        ("c’est fait", ""),
        ("24 novembre 2026", "now over"),
    ]
    assert found[-1].is_now


@pytest.fixture(autouse=True)
def morning(time_machine) -> None:
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)


def test_sheet_and_file_say_how_far_a_unit_is(world: World, sign_in: SignIn) -> None:
    """On the sheet of the unit and on the page of its candidates; what a holder has to do is for who opens the file."""
    routing = routed(world)
    sheet, file = (reverse(name, args=[routing.vacancy_id]) for name in ("vacancy-detail", "file"))
    due = "au plus tard le 22 décembre 2026"
    for person, when in (("alice", due), ("chloe", due), ("bob", "en cours")):
        page = sign_in(person).get(sheet)
        assert f"Candidats {when} Attribué à venir" in text_of(page)
        assert page.content.decode().count('aria-current="step"') >= 1
        assert '<ol class="steps" aria-label="Où en est ce logement">' in page.content.decode()
    words = text_of(sign_in("alice").get(file))
    assert "Orienté 24 novembre 2026 Candidats au plus tard le 22 décembre 2026 Instruction à venir" in words
    sent(world, routing, 1, 2, 3)
    words = text_of(sign_in("alice").get(file))
    assert "Candidats 24 novembre 2026 Instruction en cours CALEOL à venir" in words


def test_line_ends_at_the_lease(world: World, sign_in: SignIn) -> None:
    [proposal] = accepted(world, Case())
    file = reverse("file", args=[proposal.vacancy_id])
    assert "Bail signé en cours" in text_of(sign_in("alice").get(file))
    sign_lease(proposal=proposal, signed_on=MORNING.date(), by=world.people["aline"], now=MORNING)
    page = sign_in("alice").get(file)
    assert '<li class="now over" aria-current="step">' in page.content.decode()
    assert "Bail signé 24 novembre 2026" in text_of(page)


def test_a_unit_that_goes_to_nobody_has_no_line(world: World, sign_in: SignIn) -> None:
    outside = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    page = sign_in("alice").get(reverse("vacancy-detail", args=[outside.pk]))
    assert 'class="steps"' not in page.content.decode()
    file = text_of(sign_in("alice").get(reverse("file", args=[outside.pk])))
    assert "Libéré 24 novembre 2026 Candidats en cours" in file, "its candidates are followed all the same"
