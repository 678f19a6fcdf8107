"""What is written down: one line an event, under the identifier of its request, without anybody's data."""

from __future__ import annotations

import contextlib
import http.client
import io
import json
import logging
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from email.message import Message
from logging.config import DictConfigurator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from django.utils import timezone

from config.local.state import ROOT
from config.logs import logging_configuration, scrubbed
from reservations.middleware import SESSION_KEY
from tests.world import World, build_world

NAME, EMAIL, NUMBER = "Éléonore Grandet", "eleonore.grandet@exemple.test", "011260012345678901"


def lines(as_json: bool) -> tuple[logging.Handler, io.StringIO]:
    """A handler that writes as the product does, and what it wrote."""
    configurator = DictConfigurator(dict(logging_configuration("DEBUG", as_json=as_json)))
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(configurator.configure_formatter(configurator.config["formatters"]["line"]))
    return handler, written


@pytest.fixture(params=[False, True], ids=["line", "json"])
def written(request: pytest.FixtureRequest) -> Iterator[io.StringIO]:
    """All that the product writes in this process, either way."""
    handler, text = lines(request.param)
    root = logging.getLogger()
    root.addHandler(handler)
    yield text
    root.removeHandler(handler)


#: What PostgreSQL refuses with the value in its message, each in its own way.
REFUSED = {
    "unique": ("CREATE TEMP TABLE people (name text UNIQUE); INSERT INTO people VALUES (%s), (%s)", [NAME, NAME]),
    "row": ("CREATE TEMP TABLE ages (name text, age int CHECK (age > 0)); INSERT INTO ages VALUES (%s, -1)", [NAME]),
    "lines": (
        "CREATE TEMP TABLE cut (name text, age int NOT NULL); INSERT INTO cut VALUES (%s, NULL)",
        [f"première ligne\n\n{NAME}\n"],
    ),
    "date": ("SELECT %s::date", [NAME]),
    "number": ("SELECT %s::int", [NUMBER]),
    "line": ("SELECT full_name FROM reservations_user WHERE full_name = %s AND nowhere", [NAME]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("case", REFUSED)
def test_what_the_database_refuses_is_written_without_its_values(case: str, written: io.StringIO) -> None:
    """« DETAIL: Key (name)=(…) already exists. », « Failing row contains (…) », « LINE 1: SELECT … ».

    As an exception with its trace, and as its `repr`, which is how some libraries write one.
    """
    statement, values = REFUSED[case]
    with pytest.raises(DatabaseError) as refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    result = str(refused.value)
    assert [secret for secret in (NAME, NUMBER) if secret in result]
    logging.getLogger("house").error("It could not be done", exc_info=refused.value)
    logging.getLogger("house").error("It could not be done: %r", refused.value)
    text = written.getvalue()
    assert "It could not be done" in text
    assert "Traceback" in text
    assert "psycopg.errors." in text  # what happened is still reported
    assert [secret for secret in (NAME, EMAIL, NUMBER, "Grandet") if secret in text] == []


@pytest.mark.parametrize(
    ("expected", "kept"),
    [
        (
            'duplicate key value violates unique constraint "user_email"\nDETAIL:  Key (email)=(a) already exists.',
            'duplicate key value violates unique constraint "user_email"',
        ),
        (f"Repeated failure by {EMAIL} from 203.0.113.9", "Repeated failure by …@… from 203.0.113.9"),
        (f"Error handling request /recherche/?q={NUMBER}", "Error handling request /recherche/?…"),
        (f"Application {NUMBER} is closed", "Application … is closed"),
        ("Field 'id' expected a number but got 'Grandet'.", "Field 'id' expected a number but got …"),
        ("celery@house ready, 3 tasks", "celery@house ready, 3 tasks"),
    ],
)
def test_what_is_somebody_s_is_left_out_and_the_rest_stays(expected: str, kept: str) -> None:
    assert scrubbed(expected) == kept


@pytest.mark.django_db
def test_no_statement_is_written_even_when_everything_is_asked_for(written: io.StringIO, settings: object) -> None:
    """Django writes each statement with its values at DEBUG, when DEBUG is on."""
    configuration = logging_configuration("DEBUG", as_json=False)["loggers"]["django.db.backends"]
    logger = logging.getLogger("django.db.backends")
    before = logger.level
    logger.setLevel(configuration["level"])
    settings.DEBUG = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT %s", [NAME])
    finally:
        logger.setLevel(before)
    assert written.getvalue() == ""


def fails(request: HttpRequest) -> HttpResponse:
    """A fault of ours, with somebody's name in it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::date", [NAME])
    return HttpResponse()


urlpatterns = [path("faute/", fails, name="fails"), path("", include("config.urls"))]


@pytest.mark.parametrize("written", [True], indirect=True, ids=["json"])
def test_the_error_page_says_a_reference_found_in_the_log(
    world: World, sign_in: Callable[[str], Client], written: io.StringIO, settings: object
) -> None:
    settings.ROOT_URLCONF = __name__
    client = sign_in("alice")
    client.raise_request_exception = False
    with transaction.atomic():
        answer = client.get("/faute/")
        transaction.set_rollback(True)

    identifier = answer["X-Request-ID"]
    assert answer.status_code == 500
    assert f"Référence de l’incident : <b>{identifier[:8]}</b>" in answer.content.decode()
    [fault] = [line for line in map(json.loads, written.getvalue().splitlines()) if line["level"] == "error"]
    assert (fault["request_id"], fault["user_id"]) == (identifier, world.people["alice"].pk)
    assert "InvalidDatetimeFormat" in fault["exception"]
    assert "Grandet" not in written.getvalue()


@pytest.mark.parametrize("written", [True], indirect=True, ids=["json"])
def test_a_refusal_is_one_line_without_a_trace(
    world: World, sign_in: Callable[[str], Client], written: io.StringIO
) -> None:
    """403: what one may see but not do. 404: what is not one's."""
    assert sign_in("bob").get(reverse("person-list")).status_code == 403
    assert sign_in("bob").get(reverse("unit-detail", args=[10**6])).status_code == 404
    found = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["level"], line["event"]) for line in found] == [
        ("warning", "Forbidden (Permission denied): /personnes/"),
        ("warning", f"Not Found: {reverse('unit-detail', args=[10**6])}"),
    ]
    assert [line for line in found if "exception" in line] == []


def test_two_requests_have_two_identifiers_and_no_claim_is_believed() -> None:
    claimed = {"X-Request-ID": "chosen-by-the-client"}
    found = {Client().get("/static/", headers=claimed)["X-Request-ID"] for _ in range(2)}
    assert len(found) == 2
    assert "chosen-by-the-client" not in found


def test_nobody_writes_a_line_by_what_they_ask_for() -> None:
    handler, text = lines(as_json=False)
    handler.handle(logging.makeLogRecord({"msg": "Not Found: /a\n2026-11-27 root is in", "levelno": logging.WARNING}))
    assert len(text.getvalue().splitlines()) == 1


class Answer(NamedTuple):
    """What the site answered."""

    status: int
    headers: Message
    text: str


@dataclass(frozen=True)
class Site:
    """gunicorn and a worker on the test database, writing JSON."""

    port: int
    site: Path
    worker: Path
    cookies: str
    world: World

    def ask(self, method: str, where: str, body: str = "", token: str = "") -> Answer:
        """One request as our proxy hands it over: the client says it is somebody else, the proxy adds the truth."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers = {
            "Host": "localhost",
            "Cookie": self.cookies + (f"; __Host-csrf={token}" if token else ""),
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "198.51.100.1, 203.0.113.9",
            "Referer": f"https://localhost{where}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        with contextlib.closing(link):
            link.request(method, where, body, headers)
            answer = link.getresponse()
            return Answer(answer.status, answer.headers, answer.read().decode())


def read(log: Path) -> list[dict[str, object]]:
    """Every line, each a JSON object; a line half written is for the next reading."""
    return [json.loads(line) for line in log.read_text().split("\n")[:-1]]


def until(log: Path, holds: Callable[[dict[str, object]], bool], seconds: float = 60) -> dict[str, object]:
    """The first line that holds."""
    deadline = time.monotonic() + seconds
    while True:
        for line in read(log):
            if holds(line):
                return line
        assert time.monotonic() < deadline, log.read_text()[-3000:]
        time.sleep(0.1)


@pytest.fixture
def site(transactional_db: None, process_environment: dict[str, str], tmp_path: Path) -> Iterator[Site]:
    world = build_world()
    client = Client()
    client.force_login(world.people["aline"], backend="django.contrib.auth.backends.ModelBackend")
    session = client.session
    session[SESSION_KEY] = world.member("aline").pk
    session.save()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    environment = {**process_environment, "HTTPS": "1", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"}
    logs = tmp_path / "site.log", tmp_path / "worker.log"
    commands = (
        ["gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "1"],
        ["celery", "--quiet", "-A", "config", "worker", "--pool", "solo", "--without-gossip", "--without-mingle"],
    )
    running = []
    for log, command in zip(logs, commands, strict=True):
        with log.open("wb") as output:
            running.append(
                subprocess.Popen(
                    [sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=output, stderr=output
                )
            )
    cookie = f"__Host-session={client.cookies['sessionid'].value}"  # as it is called behind HTTPS
    until(logs[0], lambda line: "Listening at" in str(line["event"]))
    yield Site(port, *logs, cookie, world)
    for process in running:
        process.terminate()
    for process in running:
        process.wait(20)


def test_the_log_of_a_site_states_who_asked_and_follows_the_request_into_its_task(site: Site) -> None:
    """Behind a proxy: the address it wrote, not what the client claims. Never what was searched.

    The unit declared vacant is routed by a worker, whose lines hold the identifier of that request.
    """
    searched = site.ask("GET", f"/recherche/?{urlencode({'q': NUMBER})}")
    asked = until(site.site, lambda line: line["logger"] == "gunicorn.access" and "/recherche/" in str(line["event"]))
    assert (asked["event"], asked["address"]) == (f"GET /recherche/ {searched.status}", "203.0.113.9")
    assert asked["request_id"] == searched.headers["X-Request-ID"]

    unit = site.world.unit()
    page = site.ask("GET", f"{reverse('vacancy-declare')}?unit={unit.pk}")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    secret = re.search(r"__Host-csrf=(\w+)", page.headers["Set-Cookie"])
    assert token is not None
    assert secret is not None
    today = timezone.localdate()
    body = {
        "csrfmiddlewaretoken": token[1],
        "unit": unit.pk,
        "kind": "IN_FLOW",
        "notice_on": f"{today:%d/%m/%Y}",
        "available_on": f"{today + timedelta(days=30):%d/%m/%Y}",
    }
    declared = site.ask("POST", f"{reverse('vacancy-declare')}?unit={unit.pk}", urlencode(body), secret[1])
    assert declared.status == 302, declared.text
    identifier = declared.headers["X-Request-ID"]
    done = until(site.worker, lambda line: line["event"] == "task_succeeded" and line.get("request_id") == identifier)
    assert done["task_id"]
    started = until(site.worker, lambda line: line["event"] == "task_started" and line["task_id"] == done["task_id"])
    assert started["task"] == "flux.route_ledger"
    assert [line for log in (site.site, site.worker) for line in read(log) if NUMBER in json.dumps(line)] == []
    assert [line for log in (site.site, site.worker) for line in read(log) if "SELECT" in str(line["event"])] == []
