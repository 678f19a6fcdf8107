"""The pages of the controls: who is reported, what each alert says, and that reading it changes nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.controls import CONTROLS
from flux.models import AuditAlert, Ledger, LedgerLine, Recommendation
from flux.operations.audit import audit_ledgers, record_differences
from flux.operations.routing import sweep_waiting_vacancies
from flux.pages.alerts import FIGURES, figures
from flux.queries.controls.accounts import Check, Difference
from tests.flux.programmes import agreed, let
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
LIST = reverse("audit-alert-list")


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def ledger(world: World) -> Ledger:
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    return Ledger.objects.ordinary().get()


@pytest.fixture
def alert(world: World, ledger: Ledger) -> AuditAlert:
    LedgerLine.objects.filter(holder=world.holders["als"]).update(last_served=9)
    audit_ledgers(now=MORNING)
    return AuditAlert.objects.get()


def page_of(alert: AuditAlert) -> str:
    return reverse("audit-alert", args=[alert.pk])


def test_nothing_found_is_stated_with_what_is_looked_at(world: World, sign_in: SignIn) -> None:
    words = text_of(sign_in("adam").get(LIST))
    assert "Oui : 0 alerte depuis le début." in words
    assert all(words.count(control.meaning) == 1 for control in CONTROLS.values())
    assert set(CONTROLS) == set(Check)


def test_alert_is_reported_at_home_to_those_who_may_read_it(world: World, sign_in: SignIn, alert: AuditAlert) -> None:
    values = {
        who: LIST in sign_in(who).get(reverse("home")).content.decode() for who in ("alice", "aline", "zoe", "adam")
    }
    assert values == {"alice": True, "aline": False, "zoe": False, "adam": True}
    assert "Contrôles du compte : 1 alerte à lire." in text_of(sign_in("alice").get(reverse("home")))


def test_alert_is_read_in_plain_words(world: World, sign_in: SignIn, alert: AuditAlert) -> None:
    words = text_of(sign_in("alice").get(page_of(alert)))
    assert "La ligne n’est pas la somme de ses mouvements : Action Logement Services." in words
    assert "Rang du dernier logement reçu" in words
    assert "1 alerte reste à lire" in text_of(sign_in("alice").get(LIST))
    assert page_of(alert) not in sign_in("zoe").get(LIST).content.decode()


def test_alert_is_stated_read_and_the_account_stays_as_it_is(world: World, sign_in: SignIn, alert: AuditAlert) -> None:
    client = sign_in("alice")
    assert "l’alerte la garde" in text_of(client.post(page_of(alert), {"text": ""}))
    answer = client.post(page_of(alert), {"text": "Vu avec l’exploitant."}, follow=True)
    assert messages_of(answer) == [
        "Alerte lue. Le compte n’est pas changé : elle reviendra demain si elle dure.",
    ]
    assert "0 alerte à lire : toutes ont été lues." in text_of(answer)
    assert "« Vu avec l’exploitant. »" in text_of(client.get(page_of(alert)))
    again = client.post(page_of(alert), {"text": "Encore."})
    assert (again.status_code, "déjà été lue" in text_of(again)) == (422, True)
    assert LedgerLine.objects.get(holder=world.holders["als"]).last_served == 9


def test_every_kind_of_difference_has_its_words(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    made = Recommendation.objects.get()
    kinds = [
        (
            Check.LINE,
            {"typology/T3/due": 250_000, "qpv//received": 1},
            {"typology/T3/due": 250_007, "qpv//received": 0},
        ),
        (Check.LINE, {"due": 5, "received": 1}, None),
        (Check.DUE, {"lines": 1_000_000, "entries": 1_000_000}, {"lines": 1_000_001, "entries": 1_000_000}),
        (Check.LACKS, {"typology": 0}, {"typology": 7}),
        (Check.SUMS, {"FORFEITED": 0}, {"FORFEITED": -20_000}),
        (Check.ORDER, "registered", {"rank": 1}),
        (Check.REPLAY, {"sentence": "Ainsi.", "ranking": []}, {"sentence": "Parce que.", "ranking": [1]}),
        (Check.SEQUENCE, 1, 2),
    ]
    differences = [
        Difference(ledger.pk, check, one, other, recommendation=made.pk if check == Check.ORDER else None)
        for check, one, other in kinds
    ]
    record_differences(differences=differences, now=MORNING)
    rows = [
        (row.name, row.expected, row.found) for alert in AuditAlert.objects.order_by("pk") for row in figures(alert)
    ]
    assert rows[:3] == [
        ("quartier non renseigné, reçus", "1", "0"),
        ("typologie T3, dû", "+0,25", "+250007 millionièmes"),
        (FIGURES["due"], "+5 millionièmes", "rien"),
    ]
    assert ("abandons", "0,00", "−0,02") in rows
    assert ("rang", "l’ordre d’enregistrement", "1") in rows
    for alert in AuditAlert.objects.order_by("pk"):
        assert sign_in("adam").get(page_of(alert)).status_code == 200


def test_alert_says_that_its_account_is_one_of_first_lettings(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    """Two accounts of one landlord, département and year: their names alone are the same."""
    let(world, agreed(world, ("city", 1, []), units=2))
    first = Ledger.objects.get(kind="FIRST_LETTING")
    differences = [Difference(each.pk, Check.SEQUENCE, 0, 1) for each in (ledger, first)]
    record_differences(differences=differences, now=MORNING)
    cells = re.findall(r'data-l="Compte">(.*?)</td>', sign_in("alice").get(LIST).content.decode())
    assert sorted(cells) == sorted([str(ledger), str(first)])


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_queries_whatever_the_number(
    world: World, sign_in: SignIn, ledger: Ledger, django_assert_num_queries: Callable[[int], Any], count: int
) -> None:
    record_differences(differences=[Difference(ledger.pk, Check.SEQUENCE, 0, n + 1) for n in range(count)], now=MORNING)
    client = sign_in("alice")
    with django_assert_num_queries(4):
        client.get(LIST)
