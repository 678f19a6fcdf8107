"""A demonstration lives on another day, wholly: site, worker, clock, commands and database; production never does."""

from __future__ import annotations

import os
import subprocess
import sys
import urllib.request
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import time_machine
from celery.schedules import crontab
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Lease
from config.database_checks import refuse_unfit_database
from config.day import AHEAD, SETTING, given, in_the_database
from config.local import days, loading, recording
from config.local.cli import main
from config.local.console import Refusal
from config.local.state import ROOT, State
from config.local.supervisor import Supervisor
from config.management.commands.pass_days import BUT, in_order
from config.safety import WORKSTATION, fault
from config.schedule import SCHEDULE
from flux.models import Ledger, Return
from reservations import words
from tests.config.conftest import House
from tests.config.test_safety import GOOD
from tests.own_database import recorded_story

#: All that a process of ours asks of its clock once everything is loaded, by one of its doors; and what it kept of the
#: function that Django had, which nobody may (but for a storage in memory, where no file of ours is).
ASKED = """
import sys
from config import day
{door}
from django.apps import apps
from django.utils import timezone
kept = {{
    f"{{name}}.{{attribute}}"
    for name, module in list(sys.modules.items())
    for attribute, value in list(vars(module).items())
    if value is day.real_now
    and (name, attribute) not in {{("config.day", "real_now"), ("django.core.files.storage.memory", "now")}}
}}
kept |= {{
    f"{{model.__name__}}.{{field.name}}"
    for model in apps.get_models()
    for field in model._meta.fields
    if field.default is day.real_now
}}
print(kept or "nothing", round((timezone.now() - day.real_now()).total_seconds() / 86400), timezone.localdate())
"""
DOORS = {
    "site": "import os, django; django.setup(); import config.urls",
    "worker": "from config.celery import app; app.loader.import_default_modules()",
    "command": "from django.core.management import get_commands; import django; django.setup(); get_commands()",
}


@pytest.mark.parametrize("door", DOORS)
def test_everything_that_a_process_loads_asks_one_clock(door: str) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", WORKSTATION: "1", AHEAD: "31"}
    asked = subprocess.run(
        [sys.executable, "-c", ASKED.format(door=DOORS[door])],
        env=environment, cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert asked.stdout.split() == ["nothing", "31", f"{days.day_at(31)}"], asked.stderr


def test_production_lives_today() -> None:
    production = {"DATABASE_URL": "postgres://site@base/equiflux", "SECRET_KEY": GOOD}
    assert fault(production, debug=False) == ""
    assert "seule une démonstration le peut" in fault(production | {AHEAD: "31"}, debug=False)
    assert fault(production | {AHEAD: "31", WORKSTATION: "1"}, debug=False) == ""
    assert given({AHEAD: "demain"}) == 0


@pytest.mark.django_db
def test_a_database_of_another_day_than_its_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.database_checks.connections.close_all", lambda: None)  # this transaction is the test’s
    refuse_unfit_database()
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {SETTING} = '31'")
    with pytest.raises(ImproperlyConfigured, match="Cette base vit 31 jours après aujourd’hui"):
        refuse_unfit_database()


def test_days_of_the_clock_are_only_passed_by_a_demonstration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(AHEAD, raising=False)
    with pytest.raises(CommandError, match="seule une démonstration le peut"):
        call_command("pass_days", until=date(2030, 1, 1))


def test_each_day_has_every_task_of_the_clock_in_the_order_of_its_hours() -> None:
    order = in_order()
    assert set(order) == set(SCHEDULE) - BUT
    hours = [SCHEDULE[name]["schedule"] for name in order]
    nights = [each for each in hours if isinstance(each, crontab) and len(each.hour) == 1]
    assert nights == sorted(nights, key=lambda each: (min(each.hour), min(each.minute)))
    assert order.index("lapse-silent-routings") < order.index("sweep-waiting-vacancies"), "what lapses is routed again"


@pytest.mark.parametrize(
    ("moment", "day", "ahead"),
    [
        (datetime(2026, 12, 1, 9, tzinfo=UTC), date(2026, 12, 31), 30),
        (datetime(2026, 7, 1, 22, 30, tzinfo=UTC), date(2026, 12, 31), 183),  # half past midnight in summer: the 2nd
        (datetime(2026, 12, 1, 22, 30, tzinfo=UTC), date(2027, 7, 1), 211),  # half past eleven in winter
    ],
)
def test_a_day_is_found_across_the_hours_of_summer(moment: datetime, day: date, ahead: int) -> None:
    with time_machine.travel(moment, tick=False):
        assert (days.ahead_of(day), days.day_at(ahead)) == (ahead, day)


def test_a_day_before_the_recorded_story_is_refused(tmp_path: object) -> None:
    kept = recording.Recording.at(recording.KEPT)
    assert kept is not None
    build = loading.Build(Supervisor(State.for_tests(), "test"), {}, loading.steps(State.for_tests()))
    morning = datetime.combine(kept.next_day, datetime.min.time(), UTC) + timedelta(days=20, hours=8)
    with time_machine.travel(morning, tick=False):
        assert build.morning(kept.next_day + timedelta(days=5)) == kept.next_day + timedelta(days=5)
        assert build.morning(kept.next_day + timedelta(days=60)) == kept.next_day + timedelta(days=20)
        with pytest.raises(Refusal, match=f"jusqu’à la veille du {kept.next_day:%d/%m/%Y}"):
            build.morning(kept.next_day - timedelta(days=1))


def test_a_database_that_is_given_never_lives_on_another_day(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody@production/equiflux")
    assert main(["demo", "--on", "2030-01-01"]) == 1
    assert "Une base en service vit le jour de tout le monde." in capsys.readouterr().err
    assert main(["demo", "--on", "31/12/2030"]) == 2
    assert "un jour s’écrit AAAA-MM-JJ" in capsys.readouterr().err


@pytest.mark.django_db
def test_every_page_says_which_day_it_is_taken_to_be(client: Client, settings: LazySettings) -> None:
    assert "Démonstration : elle vit le" not in client.get(reverse("sign-in")).content.decode()
    settings.DAYS_AHEAD = 31
    for address in (reverse("sign-in"), "/nulle-part/"):
        page = client.get(address).content.decode()
        assert f"elle vit le <b>{words.day(timezone.localdate())}</b>" in page


def test_a_demonstration_is_opened_on_a_later_day_and_stays_there(house: House) -> None:
    day, later = days.day_at(1), days.day_at(3)
    started = house.demo("--detach", "--port", "0", "--on", f"{day}")
    assert started.returncode == 0, started.stderr
    assert f"Elle vit le {day:%d/%m/%Y}" in started.stdout
    with urllib.request.urlopen(f"{house.record.url}connexion/", timeout=20) as page:  # noqa: S310
        assert f"elle vit le <b>{words.day(day)}</b>" in page.read().decode()
    asked = house.run("manage", "shell", "-v", "0", "-c", "from django.utils.timezone import now; print(now().date())")
    assert date.fromisoformat(asked.stdout.split()[-1]) in {day, day - timedelta(days=1)}, "of another hour than Paris"
    with psycopg.connect(house.record.environment["DATABASE_URL"]) as database:
        row = database.execute("SELECT now() - pg_catalog.now(), current_schema()").fetchone()
    assert row == (timedelta(days=1), "public")

    refused = house.demo("--on", f"{day - timedelta(days=1)}")
    assert (refused.returncode, "rien n’y revient en arrière" in refused.stderr) == (1, True), "it runs"
    assert "tourne déjà" in house.demo("--on", f"{day}").stderr
    again = house.demo("--detach", "--port", "0", "--on", f"{later}")
    assert "je l’arrête d’abord" in again.stderr
    assert f"Elle vit le {later:%d/%m/%Y}" in again.stdout
    assert house.run("stop").returncode == 0
    refused = house.demo("--on", f"{day}")
    assert (refused.returncode, "rien n’y revient en arrière" in refused.stderr) == (1, True), "it does not run"
    asked = house.run("manage", "shell", "-v", "0", "-c", "from django.utils.timezone import now; print(now().date())")
    assert date.fromisoformat(asked.stdout.split()[-1]) in {later, later - timedelta(days=1)}, "the database carries it"


@pytest.mark.nightly
@pytest.mark.waits(600)
def test_silence_has_its_effects_and_the_year_ends(django_db_setup: None, django_db_blocker: object) -> None:
    """From the recorded story to the second of January after it: who answers nothing loses its turn, nobody signs, and
    nothing is dated after that day."""
    with django_db_blocker.unblock(), recorded_story("passed") as found:  # type: ignore[attr-defined]
        leases, lapsed = Lease.objects.count(), Return.objects.filter(reason=Return.Reason.NO_CANDIDATE).count()
        name = connection.settings_dict["NAME"]
        connection.close()
        until, ahead = date(found.next_day.year + 1, 1, 2), days.ahead_of(found.next_day)
        address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))
        with psycopg.connect(address, autocommit=True) as database:
            for statement in in_the_database(name, ahead):
                database.execute(statement)
        own = {"DATABASE_URL": address, WORKSTATION: "1", AHEAD: f"{ahead}", "EMAIL_URL": "mailbox:"}
        passed = subprocess.run(
            [sys.executable, "manage.py", "pass_days", "--until", f"{until}"],
            env={**os.environ, **own}, cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert passed.returncode == 0, passed.stderr[-3000:]
        assert f"au {until:%d/%m/%Y}." in passed.stderr
        assert Lease.objects.count() == leases
        later = Return.objects.filter(reason=Return.Reason.NO_CANDIDATE)
        assert later.count() > lapsed
        days_of_return = set(later.values_list("returned_at__date", flat=True))
        assert len({each for each in days_of_return if each >= found.next_day}) > 1, "each on its own day"
        assert not Ledger.objects.filter(exercise__gt=until.year).exists()
