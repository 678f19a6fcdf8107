"""Declaring twice, declaring together, declaring when the broker is down; and a real worker behind it all."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from config.celery import app as celery_app
from flux.models import Ledger, Recommendation, Unit, Vacancy
from flux.operations.routing import route_waiting_vacancies, sweep_waiting_vacancies
from flux.operations.vacancy_dates import VacancyOpen
from tests.concurrency.together import account, at_once, lines, sequences
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]


def test_double_click_on_declare_registers_one_vacancy(world: World) -> None:
    unit = world.unit()
    outcomes = at_once(*[lambda: world.vacancy(unit)] * 2)
    [refusal] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    [vacancy] = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert isinstance(refusal, VacancyOpen)
    assert refusal.vacancy == vacancy
    assert list(Vacancy.objects.order_by("pk")) == [vacancy]


def test_asking_first_would_open_the_first_ledger_of_a_year_twice(world: World) -> None:
    """« Is there one? No: create it », at the same time: why the act does not ask first."""
    key = {"landlord": world.landlord, "departement": world.places["Aude"], "exercise": 2026}

    def ask_then_create() -> Ledger:
        return Ledger.objects.filter(**key).first() or Ledger.objects.create(**key)

    outcomes = at_once(ask_then_create, ask_then_create)
    assert sorted(type(outcome) for outcome in outcomes if isinstance(outcome, Exception)) == [IntegrityError]


def test_declaring_two_units_together_opens_one_ledger(world: World) -> None:
    units = [world.unit(), world.unit()]
    outcomes = at_once(*(lambda unit=unit: world.vacancy(unit) for unit in units))
    assert [type(outcome) for outcome in outcomes] == [Vacancy, Vacancy]
    ledger = Ledger.objects.ordinary().get()
    assert {vacancy.ledger_id for vacancy in outcomes} == {ledger.pk}
    assert route_waiting_vacancies(ledger_id=ledger.pk) == 2
    assert sequences(ledger) == [1, 2]
    assert lines(ledger) == account(ledger)


DECLARE = """
import sys, time
slept = []
time.sleep = slept.append  # kept before anybody imports it: who would wait is counted, and nobody waits
import django
django.setup()
from datetime import date
from flux.models import Unit, Vacancy
from flux.operations.vacancy import declare_vacancy
from reservations.models import User
from django.utils import timezone
today = timezone.localdate()
vacancy = declare_vacancy(
    unit=Unit.objects.get(), kind=Vacancy.Kind.IN_FLOW, notice_on=today, available_on=today, by=User.objects.all()[0]
)
print(vacancy.pk, sum(slept))
"""


def test_vacancy_is_saved_when_the_broker_is_down_and_the_sweep_routes_it(
    world: World, process_environment: dict[str, str], tmp_path: Path
) -> None:
    world.unit()
    nowhere = {"REDIS_URL": f"unix://{tmp_path}/nobody-listens.sock"}
    done = subprocess.run(
        [sys.executable, "-c", DECLARE],
        cwd=ROOT,
        env={**process_environment, **nowhere},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    pk, slept = done.stdout.split()
    assert "The broker does not answer: flux.route_ledger" in done.stderr
    assert slept == "0", "a broker that is down must not make a clerk wait"
    vacancy = Vacancy.objects.get(pk=pk)
    assert list(Vacancy.objects.waiting()) == [vacancy]
    assert sweep_waiting_vacancies() == 1
    assert Recommendation.objects.get().vacancy == vacancy
    assert sweep_waiting_vacancies() == 0


def messages() -> int:
    """How many wake-up calls wait in the broker."""
    with celery_app.connection_for_read() as broker:
        return broker.default_channel.client.llen("celery")


class ChangedMyMind(Exception):
    """What a failure after the declaration, in the same transaction, does."""


@transaction.atomic
def declare_then_fail(world: World, unit: Unit) -> None:
    world.vacancy(unit)
    raise ChangedMyMind


def test_worker_is_woken_once_what_is_declared_is_committed(world: World) -> None:
    unit = world.unit()
    before = messages()
    with pytest.raises(ChangedMyMind):
        declare_then_fail(world, unit)
    assert (messages() - before, Vacancy.objects.count(), Ledger.objects.count()) == (0, 0, 0)
    world.vacancy(unit)
    assert (messages() - before, Vacancy.objects.count(), Ledger.objects.count()) == (1, 1, 1)


@pytest.mark.waits(600)
def test_a_real_worker_routes_what_is_declared(world: World, worker: tuple[subprocess.Popen, Path]) -> None:
    process, log = worker
    vacancy = world.vacancy()
    while not Recommendation.objects.exists():
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    assert Recommendation.objects.get().vacancy == vacancy
    assert lines(vacancy.ledger) == account(vacancy.ledger)
