"""« Décider maintenant » is counted by person, shown to holders, and reported when it is a habit."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from flux.controls import CONTROLS
from flux.models import AskedDecision, AuditAlert, Recommendation
from flux.operations.audit import acknowledge_alert, audit_ledgers
from flux.operations.departures import decide_now
from flux.operations.routing import route_waiting_vacancies
from flux.pages.alerts import figures
from flux.queries.controls.accounts import Check, audit
from flux.queries.controls.early_decisions import asked_in, habits, is_habit
from flux.queries.transparency import order, transparency
from tests.flux.known import departure, departures, plan_together
from tests.world import MORNING
from tests.world_again import kept

if TYPE_CHECKING:
    from flux.models import Ledger
    from tests.world import World


def ask(world: World, ledger: Ledger, times: int, *, person: str = "aline") -> None:
    """So many times, the departure registered last is decided before one registered earlier."""
    for _ in range(times):
        last = departure(world)
        decide_now(vacancy=last, motive="Relogement urgent.", by=world.people[person], now=MORNING)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """One departure waits, that others pass before."""
    plan_together(world)
    first = departure(world)
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING)
    return first.ledger


def test_who_asked_is_counted_with_what_was_passed_and_the_good_units(world: World, ledger: Ledger) -> None:
    ask(world, ledger, 2)
    ask(world, ledger, 1, person="alice")
    decide_now(vacancy=ledger.vacancies.waiting().first(), by=world.people["alice"], now=MORNING)
    found = asked_in(ledger, order(ledger).decided)
    assert (found.decided, found.asked, found.out_of_turn) == (4, 4, 3)
    assert [(each.person, each.asked, each.out_of_turn, each.passed) for each in found.people] == [
        (world.people["aline"].pk, 2, 2, 2),
        (world.people["alice"].pk, 2, 1, 1),
    ]
    assert [each.motive for each in found.latest] == ["Relogement urgent."] * 3
    assert transparency(ledger).asked == found


def test_deciding_out_of_turn_by_a_person_is_no_fault_of_the_order(world: World, ledger: Ledger) -> None:
    """The worker then decides what was passed: the control of the order has nothing to say, nor `audit_routing`."""
    ask(world, ledger, 1)
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING + timedelta(days=3))
    assert Recommendation.objects.filter(ledger=ledger).count() == 2
    assert audit([ledger.pk]).differences == ()
    assert transparency(ledger).out_of_order == 0


@pytest.mark.parametrize(
    ("out", "decided", "habit"), [(2, 2, False), (3, 30, True), (3, 31, False), (4, 41, False), (5, 41, True)]
)
def test_a_habit_is_three_of_a_year_and_one_in_ten(out: int, decided: int, habit: bool) -> None:
    assert is_habit(out, decided) is habit


def test_what_was_asked_in_its_turn_makes_no_habit(world: World, ledger: Ledger) -> None:
    ask(world, ledger, 2)
    for _ in range(3):
        decide_now(vacancy=ledger.vacancies.waiting().first(), by=world.people["aline"], now=MORNING)
        departure(world)
    assert AskedDecision.objects.count() == 5
    assert habits() == {}


def test_a_habit_is_notified_once_and_again_when_there_are_twice_as_many(world: World, ledger: Ledger) -> None:
    ask(world, ledger, 2)
    assert audit_ledgers(now=MORNING) == []
    ask(world, ledger, 1)
    [alert] = audit_ledgers(now=MORNING)
    assert (alert.check_code, alert.expected, alert.found) == ("ASKED", {"out_of_turn": 2}, {"out_of_turn": 3})
    assert [(each.name, each.expected, each.found) for each in figures(alert)] == [
        ("décisions demandées hors de leur tour", "2", "3")
    ]
    assert "avant son tour" in CONTROLS[Check.ASKED].meaning
    ask(world, ledger, 1)
    assert audit_ledgers(now=MORNING) == []
    acknowledge_alert(
        alert=AuditAlert.objects.get(), text="Trois relogements de sinistre.", by=world.people["alice"], now=MORNING
    )
    assert audit_ledgers(now=MORNING + timedelta(days=2)) == []
    ask(world, ledger, 2)
    [again] = audit_ledgers(now=MORNING + timedelta(days=2))
    assert again.found == {"out_of_turn": 6}
    assert AuditAlert.objects.count() == 2


def test_command_counts_who_asked_without_a_name(world: World, ledger: Ledger) -> None:
    ask(world, ledger, 3)
    out = io.StringIO()
    call_command("transparency", landlord=world.landlord.organisation.siren, year=2026, json=True, stdout=out)
    [book] = json.loads(out.getvalue())["ledgers"]
    assert book["asked"] == {
        "decided": 3,
        "count": 3,
        "out_of_turn": 3,
        "people": [{"asked": 3, "out_of_turn": 3, "passed": 3, "class_a": 0}],
        "habit": True,
    }


def test_a_year_where_nobody_asked_says_so(world: World) -> None:
    plan_together(world, days=0)
    ledger = departures(world, 2)[0].ledger
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    found = asked_in(ledger, order(ledger).decided)
    assert (found.decided, found.asked, found.people, found.latest, found.is_habit) == (2, 0, (), (), False)
