"""Two sites and three workers, as on so many hosts, behind one PostgreSQL and one Valkey: any of them may die.

Each process is started as on a host of its own, and knows the others by these two addresses alone. What is killed is
not started again: the others do its work. Who asks goes to the other site when one does not answer, as a balancer does.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from config.celery import app
from config.local.state import ROOT
from flux.models import FlowEntry, Ledger, Recommendation, Routing, Vacancy
from flux.queries.controls.accounts import audit
from tests.config.conftest import until
from tests.config.test_storm import Clerk
from tests.world import World

SITE = (sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "1", "--bind")
WORKER = (sys.executable, "-m", "celery", "-A", "config", "worker", "-P", "solo", "--without-gossip", "--hostname")
UNITS = 6  # of each clerk


class Balanced(Clerk):
    """A clerk who goes to the other site when one does not answer, and confirms what it declared before."""

    def __init__(self, hosts: list[str], session: str, units: list[int]) -> None:
        super().__init__(f"http://{hosts[0]}", session, units)
        self.hosts = list(hosts)
        self.used: set[str] = set()

    def ask(
        self, method: str, address: str, typed: dict[str, str] | None = None, token: str = ""
    ) -> tuple[int, str, str]:
        self.host = self.hosts[0]
        try:
            found = super().ask(method, address, typed, token)
        except (OSError, http.client.HTTPException):
            self.hosts.append(self.hosts.pop(0))
            raise
        self.used.add(self.host)
        return found

    def confirm(self, vacancy: int) -> bool:
        """Whether it is routed, by this try or by an earlier one whose answer was lost."""
        try:
            _, page, token = self.ask("GET", f"/liberes/{vacancy}/")
            if f'action="/liberes/{vacancy}/confirmer/"' not in page:
                return "orienté" in page
            field = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
            assert field, page
            self.ask("POST", f"/liberes/{vacancy}/confirmer/", {"csrfmiddlewaretoken": field[1]}, token)
        except (OSError, http.client.HTTPException):
            pass
        return False


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


@pytest.fixture
def start(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts a process of the product as on a host of its own; at the end none is left."""
    started: list[subprocess.Popen[bytes]] = []

    def begin(*command: str) -> subprocess.Popen[bytes]:
        with (tmp_path / f"{len(started)}.log").open("wb") as log:
            begun = subprocess.Popen(
                command,
                cwd=ROOT,
                env=process_environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(begun)
        return begun

    yield begin
    for each in started:
        if each.poll() is None:
            os.killpg(each.pid, signal.SIGTERM)
    for each in started:
        each.wait(30)


def answers(host: str) -> bool:
    line = http.client.HTTPConnection(host, timeout=5)
    try:
        line.request("GET", "/sante/")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()


@pytest.mark.nightly
def test_any_site_and_any_worker_may_die(
    transactional_db: None,
    world: World,
    sign_in: Callable[[str], Client],
    start: Callable[..., subprocess.Popen[bytes]],
) -> None:
    units = [world.unit().pk for _ in range(2 * UNITS)]
    session = sign_in("alice").cookies[settings.SESSION_COOKIE_NAME].value
    hosts = [f"127.0.0.1:{free_port()}" for _ in range(2)]
    sites = [start(*SITE, host) for host in hosts]
    workers = [start(*WORKER, f"{name}@{name}") for name in ("un", "deux", "trois")]
    until(lambda: all(map(answers, hosts)), seconds=120)
    until(lambda: len(app.control.ping(timeout=0.5)) == len(workers), seconds=120)

    clerks = [Balanced(hosts, session, units[:UNITS]), Balanced(hosts[::-1], session, units[UNITS:])]
    for clerk in clerks:
        clerk.start()
    until(lambda: all(len(clerk.declared) >= 2 for clerk in clerks), seconds=60)
    for dead in (workers[0], sites[0]):
        os.killpg(dead.pid, signal.SIGKILL)
        dead.wait(10)
    for clerk in clerks:
        clerk.join(120)
        assert len(clerk.declared) == UNITS, clerk.answers
        assert "500" not in clerk.answers, clerk.answers
    assert clerks[0].used == set(hosts), "it began on the site that died, and ended on the other"

    app.send_task("flux.sweep_waiting_vacancies")  # as the clock does every twenty seconds
    until(lambda: not Vacancy.objects.waiting().exists(), seconds=60)
    mine = list(Vacancy.objects.filter(unit__in=units).order_by("pk").values_list("pk", flat=True))
    assert len(mine) == 2 * UNITS, "each once: none lost, none twice"
    for vacancy in mine:
        until(lambda vacancy=vacancy: clerks[0].confirm(vacancy), seconds=30)
    assert Recommendation.objects.filter(vacancy__in=mine).count() == 2 * UNITS
    assert Routing.objects.filter(vacancy__in=mine, closed_at=None).count() == 2 * UNITS
    assert FlowEntry.objects.filter(vacancy__in=mine, stage="ROUTED").count() == 2 * UNITS
    assert audit(list(Ledger.objects.values_list("pk", flat=True))).differences == ()
    assert [each.poll() is None for each in (*sites, *workers)] == [False, True, False, True, True]
