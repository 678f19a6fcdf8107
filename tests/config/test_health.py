"""Alive, able to answer pages, ready: three questions, and what each part of the product answers."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from config import heartbeat
from config.celery import app
from config.local.state import ROOT
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.queue import DAYS, oldest_waiting
from reservations.models import Mail
from tests.flux.known import departure, plan_together
from tests.world import MORNING, World

COMPOSITION = (ROOT / "docker-compose.yml").read_text()
PARTS = {
    "ready", "pages", "problems", "database", "encoding", "schema", "writes", "refusal", "clock_ahead_seconds",
    "oldest_waiting_seconds", "oldest_mail_seconds", "broker", "worker_seen_seconds", "beat_seen_seconds",
}  # fmt: skip


@pytest.fixture
def unseen() -> Iterator[None]:
    """Neither worker nor beat was seen by this broker."""
    forget()
    yield
    forget()


def forget() -> None:
    with app.connection_for_write() as broker:
        broker.default_channel.client.delete("equiflux.seen.worker", "equiflux.seen.beat")


def last_seen(who: str, *, seconds: int) -> None:
    """As `mark` does, so many seconds ago."""
    with app.connection_for_write() as broker:
        broker.default_channel.client.set(f"equiflux.seen.{who}", "1", ex=heartbeat.KEPT - seconds)


def ask(address: str) -> tuple[int, dict[str, object]]:
    answer = Client().get(address)
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, answer.json()


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
def test_without_worker_pages_are_answered_but_the_product_is_not_ready() -> None:
    status, found = ask("/sante/pret/")

    assert set(found) == PARTS  # nothing else: anybody may ask
    assert (status, found["ready"], found["pages"]) == (503, False, True)
    assert (found["database"], found["encoding"], found["schema"], found["broker"]) == (True, "UTF8", True, True)
    assert found["problems"] == [
        "Aucun travailleur n’a été vu depuis une heure au moins : lancez « celery -A config worker ».",
        "L’horloge des tâches n’a pas été vue depuis une heure au moins : lancez « celery -A config beat ».",
    ]
    assert ask("/sante/") == (200, found)


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
def test_ready_once_worker_and_beat_were_seen() -> None:
    heartbeat.mark(app, heartbeat.WORKER)
    heartbeat.mark(app, heartbeat.BEAT)

    status, found = ask("/sante/pret/")

    assert (status, found["ready"], found["problems"]) == (200, True, [])
    assert found["worker_seen_seconds"] < heartbeat.STALE


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize("who", ["worker", "beat"])
def test_not_seen_for_a_minute_is_reported_with_its_age(who: str) -> None:
    heartbeat.mark(app, heartbeat.WORKER)
    heartbeat.mark(app, heartbeat.BEAT)
    last_seen(who, seconds=60)

    status, found = ask("/sante/pret/")

    assert status == 503
    assert 60 <= found[f"{who}_seen_seconds"] < 65
    [problem] = found["problems"]
    assert "depuis 60 s" in problem
    assert f"celery -A config {who}" in problem


@pytest.mark.django_db
def test_tables_behind_the_code_are_not_ready_and_answer_no_page() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'flux' AND name = '0001_start'")

    status, found = ask("/sante/")

    assert (status, found["schema"], found["pages"]) == (503, False, False)
    assert "Les tables ne sont pas à jour : lancez manage.py migrate." in found["problems"]


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
def test_a_database_without_room_is_not_ready_and_says_why() -> None:
    """A full disk fails whatever asks for one more block: that the probe asks for one is held by the trigger, which
    answers in place of the disk, with the server's own code (53100)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.no_room() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute("CREATE EVENT TRIGGER no_room ON ddl_command_start EXECUTE FUNCTION pg_temp.no_room()")

    status, found = ask("/sante/pret/")

    assert (status, found["ready"], found["writes"], found["refusal"]) == (503, False, False, "53100")
    assert found["problems"][0].startswith("La base ne peut plus écrire : plus de place sur son disque.")
    assert ask("/sante/") == (200, found)  # what is only read is still answered


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
def test_a_database_that_is_read_only_is_not_ready() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")

    status, found = ask("/sante/pret/")

    assert (status, found["database"], found["schema"], found["writes"]) == (503, True, True, False)
    assert found["problems"][0].startswith("La base ne peut plus écrire : elle est en lecture seule.")


@pytest.mark.django_db
@pytest.mark.usefixtures("unseen")
@pytest.mark.parametrize(("moved", "side"), [(3600, "avance"), (-3600, "retarde"), (30, None)])
def test_a_clock_apart_from_that_of_the_database_is_stated(moved: int, side: str | None, time_machine: Any) -> None:
    """What is entered is dated by the machine that takes it; the order of a queue rests on it."""
    time_machine.move_to(datetime.now(UTC) + timedelta(seconds=moved), tick=True)

    _, found = ask("/sante/pret/")

    ahead = found["clock_ahead_seconds"]
    assert abs(ahead - moved) < 20
    assert found["pages"]
    assert [each for each in found["problems"] if "L’heure de cette machine" in each] == [
        f"L’heure de cette machine {each} de {abs(ahead)} secondes sur celle de la base : remettez les deux à l’heure "
        "(NTP). D’ici là, ce qui s’y enregistre est daté de travers ; rien n’est perdu."
        for each in [side]
        if each
    ]


@pytest.mark.django_db
def test_asking_writes_nothing_and_changes_no_setting() -> None:
    ask("/sante/pret/")

    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_temp.equiflux_health'), current_setting('statement_timeout')")
        assert cursor.fetchone() == (None, "0")


@pytest.mark.parametrize("address", ["/sante/", "/sante/vivant/", "/sante/pret/"])
@pytest.mark.django_db
def test_a_probe_names_no_host_of_ours_and_speaks_plain_http(address: str, settings: object) -> None:
    """What a balancer or an orchestrator sends: the address of the container, without TLS."""
    settings.ALLOWED_HOSTS, settings.SECURE_SSL_REDIRECT = ["equiflux.example"], True

    answer = Client().get(address, headers={"Host": "10.0.0.3:8000"})

    assert answer.status_code == (503 if address == "/sante/pret/" else 200)
    assert answer["Content-Type"] == "application/json"
    assert answer["X-Request-ID"]


@pytest.mark.django_db
def test_alive_asks_the_database_nothing(django_assert_num_queries: Callable) -> None:
    with django_assert_num_queries(0):
        assert ask("/sante/vivant/") == (200, {"alive": True})


@pytest.mark.django_db
def test_ready_costs_the_same_whatever_waits(world: World, django_assert_num_queries: Callable) -> None:
    ask("/sante/pret/")
    for _ in range(2):
        with django_assert_num_queries(8):  # five, and three of the savepoint that undoes
            ask("/sante/pret/")
        world.vacancy()
        world.vacancy()


def test_mails_that_no_server_took_for_two_hours_are_an_alarm(world: World, settings: Any) -> None:
    """A message put off once or twice is nobody’s; a server that takes none is the operator’s."""

    def state_after(waits: timedelta) -> tuple[int, list[str]]:
        Mail.objects.all().delete()
        at = timezone.now() - waits
        Mail.objects.create(user=world.people["alice"], address="alice@exemple.test", made_at=at, next_at=at)
        _, found = ask("/sante/pret/")
        return found["oldest_mail_seconds"], [each for each in found["problems"] if "courriels" in each]

    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    seconds, problems = state_after(timedelta(hours=2, seconds=-30))
    assert (seconds // 60, problems) == (119, [])
    seconds, problems = state_after(timedelta(hours=2, minutes=5))
    assert seconds // 60 == 125
    assert problems == [
        "Des courriels attendent depuis 125 minutes : le serveur d’EMAIL_URL ne les prend pas. Voyez le journal du "
        "travailleur ; rien n’est perdu pendant quatre jours."
    ]
    settings.EMAIL_URL = ""
    assert state_after(timedelta(hours=3))[1] == [], "nobody is told by e-mail there"


def test_the_oldest_that_waits_is_reported(world: World, time_machine: Any) -> None:
    assert oldest_waiting(MORNING) is None
    first = world.vacancy()
    world.vacancy()

    assert oldest_waiting(first.registered_at + timedelta(minutes=7)) == timedelta(minutes=7)
    assert oldest_waiting(first.registered_at + timedelta(days=DAYS + 2)) is None  # that waits for people

    for waits, each in {timedelta(minutes=7): 420, timedelta(days=DAYS + 2): None}.items():
        time_machine.move_to(first.registered_at + waits, tick=False)
        _, found = ask("/sante/pret/")
        assert found["oldest_waiting_seconds"] == each


def test_what_has_its_forecast_of_the_day_is_not_late(world: World) -> None:
    """It waits for other departures to be known; from midnight on, the worker has to look at it again."""
    plan_together(world)
    departure(world)
    assert oldest_waiting(MORNING + timedelta(minutes=7)) == timedelta(minutes=7)
    sweep_waiting_vacancies(now=MORNING + timedelta(minutes=7))
    assert oldest_waiting(MORNING + timedelta(hours=2)) is None
    midnight = datetime(2026, 11, 24, 23, tzinfo=UTC)  # in Paris
    assert oldest_waiting(midnight + timedelta(minutes=3)) == timedelta(minutes=3)


ASK = """
import json, django
django.setup()
from django.test import Client
from tests.waiting import asleep
client = Client()
client.cookies["sessionid"] = "x" * 32
client.get("/sante/vivant/")
for address in ("/sante/vivant/", "/sante/", "/sante/pret/"):
    began = asleep()
    answer = client.get(address, headers={"Host": "localhost"})
    print(json.dumps([answer.status_code, answer.json() | {"waited": asleep() - began}]))
"""


def elsewhere(environment: dict[str, str], **changed: str) -> list[tuple[int, dict[str, object]]]:
    """The three answers, in a process whose services are changed."""
    done = subprocess.run(
        [sys.executable, "-c", ASK],
        env={**environment, **changed},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


@pytest.mark.django_db
def test_a_broker_that_is_down_is_reported(process_environment: dict[str, str], tmp_path: Path) -> None:
    alive, pages, ready = elsewhere(process_environment, REDIS_URL=f"unix://{tmp_path}/nobody-listens.sock")

    assert [alive[0], pages[0], ready[0]] == [200, 200, 503]
    [problem] = ready[1]["problems"]
    assert problem.startswith("Valkey (ou Redis) ne répond pas")


@pytest.mark.django_db
def test_a_replica_that_does_not_follow_is_reported_and_pages_are_answered(
    process_environment: dict[str, str], tmp_path: Path
) -> None:
    """Nobody answers there, or it is the first server itself."""
    nobody, first = f"postgres://equiflux@/equiflux?host={tmp_path}", process_environment["DATABASE_URL"]
    for url, pool in ((nobody, "0"), (nobody, "1"), (first, "0")):
        alive, pages, ready = elsewhere(process_environment, REPLICA_URL=url, DATABASE_POOL=pool)
        assert [alive[0], pages[0], ready[0]] == [200, 200, 503]
        assert [each for each in ready[1]["problems"] if each.startswith("La réplique (REPLICA_URL) est arrêtée")]
        assert "replica" not in pages[1], "a balancer’s probe waits for no other server"


def test_a_database_that_is_down_is_reported(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": f"postgres://equiflux@/equiflux?host={tmp_path}", "DATABASE_POOL": "1"}
    alive, pages, ready = elsewhere({**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}, **nowhere)

    assert [alive[0], pages[0], ready[0]] == [200, 503, 503]
    assert ready[1]["problems"][0].startswith("La base de données ne répond pas")


@pytest.mark.parametrize("pool", ["0", "1"])
def test_a_database_that_keeps_one_waiting_is_reported_before_a_probe_gives_up(pool: str) -> None:
    """Its port takes the connection and says nothing more, as a server that is frozen. A probe waits one to three
    seconds; what the process itself does is not counted, a busy machine being no frozen one."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgres://equiflux@127.0.0.1:{silent.getsockname()[1]}/equiflux"
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
        alive, pages, ready = elsewhere(environment, DATABASE_URL=url, DATABASE_POOL=pool)

    assert [alive[0], pages[0], ready[0]] == [200, 503, 503]
    assert ready[1]["problems"][0].startswith("La base de données ne répond pas")
    assert max(found["waited"] for _, found in (alive, pages, ready)) < 2


@pytest.mark.usefixtures("unseen")
def test_a_container_without_pages_knows_whether_beat_is_seen(tmp_path: Path) -> None:
    """What docker-compose.yml asks of beat."""
    command = [
        sys.executable,
        *re.search(r'"CMD", "python", ("-m", "config.seen", "beat")', COMPOSITION)[1].split(", "),
    ]
    command = [part.strip('"') for part in command]

    def asked(**changed: str) -> int:
        return subprocess.run(command, env={**os.environ, **changed}, cwd=ROOT, check=False).returncode

    assert asked() == 1
    heartbeat.mark(app, heartbeat.BEAT)
    assert asked() == 0
    last_seen("beat", seconds=60)
    assert asked() == 1
    assert asked(REDIS_URL=f"unix://{tmp_path}/nobody-listens.sock") == 1
