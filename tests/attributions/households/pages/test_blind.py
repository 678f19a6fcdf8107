"""What the comparison of cases says, word by word."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from attributions.households.models import Application, PriorityCategory, Proposal
from attributions.households.pages.blind import asked, comparison, ending, household, priority, resources
from attributions.households.queries.applications import late_labels
from attributions.households.queries.minutes import blind_cases
from tests.attributions.households.lettings import candidate, convene, put_on_agenda
from tests.flux.operations.test_returning import send
from tests.world import MORNING, World

DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        (date(2023, 3, 12), "de mars 2023, 3 ans et 8 mois"),
        (date(2026, 1, 26), "de janvier 2026, 10 mois"),
        (date(2025, 10, 27), "d’octobre 2025, 1 an"),
        (date(2026, 11, 20), "de novembre 2026, moins d’un mois"),
        (None, "non renseigné"),
    ],
)
def test_age_of_a_request(since: date | None, expected: str) -> None:
    assert asked(since, DAY) == expected


def test_number_is_known_by_its_end() -> None:
    assert ending("011012345678904107") == "se termine par 41 07"
    assert ending("") == "numéro effacé"


def test_household_is_counted_and_never_guessed() -> None:
    assert household(Proposal(adults=1, children=2)) == "1 adulte, 2 enfants"
    assert household(Proposal(adults=2)) == "2 adultes"
    assert household(Proposal(children=2)) == "non renseigné"


def test_income_beside_its_ceiling() -> None:
    thin = "\u202f"
    mine = Proposal(adults=1, children=2, income=14210)
    text = f"14{thin}210{thin}€ / 47{thin}020{thin}€, 30,2{thin}%"
    assert resources(mine, {4: 47020}.get) == text
    assert resources(mine, lambda _: None) == f"14{thin}210{thin}€"


@pytest.mark.parametrize(
    ("labelled", "pill", "more"),
    [
        (None, "late", "DALO, sans label"),
        (date(2026, 11, 12), "ok", "DALO, labellisé le 12 novembre 2026, avant la séance"),
        (DAY, "ok", "DALO, labellisé le 26 novembre 2026, jour de la séance"),
        (date(2026, 12, 1), "late", "DALO, labellisé le 1er décembre 2026, après la séance"),
    ],
)
def test_label_after_the_session_is_seen(labelled: date | None, pill: str, more: str) -> None:
    category = PriorityCategory(code="DALO", label="Ménage reconnu prioritaire", group="DALO")
    cell = priority(Proposal(has_priority=True, priority=category, labelled_on=labelled), DAY)
    assert (cell.text, cell.pill, cell.more) == ("Oui", pill, more)


@pytest.mark.parametrize(
    ("facts", "text", "more"),
    [
        ({}, "Non renseigné", ""),
        ({"has_priority": False}, "Non", ""),
        ({"has_priority": True}, "Oui", "catégorie non renseignée, sans label"),
        ({"dalo_designated": True}, "Oui", "DALO, sans label"),
    ],
)
def test_what_nobody_stated_is_not_a_no_and_a_missing_label_is_reported(
    facts: dict[str, bool], text: str, more: str
) -> None:
    cell = priority(Proposal(**facts), DAY)
    assert (cell.text, cell.more, cell.pill) == (text, more, "late" if more else "plain")


def test_cases_late_in_the_comparison_are_those_reported_before_the_meeting(world: World) -> None:
    """Of the State's contingent: late though nobody stated that the household has priority."""
    session = convene(world, MORNING + timedelta(days=7))
    for holder in ("priority", "city"):
        vacancy = send(world, holder).vacancy
        facts = ({}, {"has_priority": False}, {"has_priority": True}, {"dalo_designated": True})
        put_on_agenda(session, *(candidate(world, vacancy, **each) for each in facts))
    day = timezone.localdate(session.held_at)
    shown = [
        (case.item.vacancy, case.letter)
        for case in blind_cases().filter(item__session=session).order_by("item__position", "letter")
        if priority(case.proposal, day).pill == "late"
    ]
    assert shown == [(late.vacancy, late.letter) for late in late_labels(session)]
    assert len(shown) == 6


def test_request_that_merged_is_as_old_as_the_one_it_merged_into(world: World) -> None:
    """Its candidates go on before the committee with the seniority of the household, and nobody's name is read."""
    session = convene(world, MORNING + timedelta(days=7))
    one = candidate(world, send(world, "city").vacancy)
    put_on_agenda(session, one)
    request = one.application
    Application.objects.filter(pk=request.pk).update(requested_on=date(2024, 3, 1))
    kept = Application.objects.create(number="9" * 18, name="Autre Nom", requested_on=date(2019, 3, 1))
    Application.objects.filter(pk=request.pk).update(merged_into=kept, closed_on=DAY, closure="MERGED")
    [case] = blind_cases()
    with connection.execute_wrapper(_no_query):
        [since] = [line for line in comparison([case], held_on=DAY) if line.words == "Demande"]
    assert since.cells[0].text.startswith("de mars 2019")
    assert "name" in case.proposal.application.merged_into.get_deferred_fields()


def _no_query(*_: object) -> object:
    raise AssertionError("one more query")
