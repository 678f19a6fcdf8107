"""Balances read on a server that follows the first: two real servers, one that replicates the other, and a site.

« Reads of balances on a streaming replica by one setting, run for real with the embedded server. »
"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.local import postgres
from config.local.identity import identity_for
from config.local.processes import spawn
from config.local.state import ROOT, State
from config.replica import READ, READ_THERE
from tests.config.conftest import cluster, until
from tests.config.test_several_hosts import answers, free_port
from tests.house.test_seeing import things
from tests.world import World

__all__ = ["things"]

PEOPLE = ("alice", "chloe", "emma", "bob")


@dataclass
class Server:
    """A PostgreSQL of ours, that may be killed and started again."""

    state: State
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def sockets(self) -> Path:
        return self.state.socket_folder()

    @property
    def address(self) -> str:
        return postgres.address_of(self.sockets)

    def start(self) -> None:
        identity = identity_for(self.state.pgdata)
        identity.give(self.sockets)
        postgres.write_passfiles(self.sockets, self.state.pgdata)
        command = postgres.command(postgres.binaries(self.state.pgdata), self.state, self.sockets, {"fsync": "off"})
        with self.state.log("postgresql").open("ab") as log:
            self.running.append(spawn(command, signal.SIGINT, identity.become, stdout=log, stderr=log))
        until(lambda: postgres.answers(self.sockets), seconds=60)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        server = self.running.pop()
        server.send_signal(how)
        server.wait(60)

    def follow(self, first: Server) -> None:
        """Become a copy of another, with its passwords, and go on as it does."""
        identity = identity_for(self.state.pgdata)
        program = postgres.binaries(first.state.pgdata) / "pg_basebackup"
        password = postgres.password_of(postgres.ACCOUNT, first.state.pgdata)
        where = f"host={first.sockets} user={postgres.ACCOUNT} password={password}"
        command = [program, "-D", self.state.pgdata, "-R", "-c", "fast", "-d", where]
        copying = spawn(command, signal.SIGKILL, identity.become)
        assert copying.wait(120) == 0

    def say(self, statement: str) -> Any:
        with postgres.connect(self.sockets, postgres.NAME) as server:
            row = server.execute(statement).fetchone()
            return row[0] if row else None


@dataclass
class Site:
    """One gunicorn, and the sessions of those who read there."""

    host: str
    sessions: dict[str, str]

    def ask(
        self, person: str, address: str, typed: dict[str, str] | None = None, **cookies: str
    ) -> tuple[int, str, Any]:
        """(status, page, headers); `typed` is sent as a form, its token read on the page before."""
        line = http.client.HTTPConnection(self.host, timeout=60)
        values = {settings.SESSION_COOKIE_NAME: self.sessions[person], **cookies}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in values.items())}
        try:
            if typed is None:
                line.request("GET", address, headers=headers)
            else:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                line.request("POST", address, urllib.parse.urlencode(typed), headers)
            with line.getresponse() as answer:
                return answer.status, answer.read().decode(errors="ignore"), answer.headers
        finally:
            line.close()

    def alarm(self) -> str:
        """What `/sante/pret/` says of the server that follows. Pages are answered whatever it is."""
        assert answers(self.host)
        found = json.loads(self.ask("bob", "/sante/pret/")[1])["problems"]
        return " ".join(each for each in found if "réplique" in each)

    def reads_there(self, person: str, address: str, **cookies: str) -> bool:
        status, _, headers = self.ask(person, address, **cookies)
        assert status == 200
        return bool(headers.get("Server-Timing") == READ)


@pytest.fixture
def pair(
    transactional_db: None, world: World, things: dict[str, Any], sign_in: Callable[[str], Client]
) -> Iterator[tuple[Server, Server, dict[str, str]]]:
    """The first server, the one that follows, and the sessions open there."""
    sessions = {each: sign_in(each).cookies[settings.SESSION_COOKIE_NAME].value for each in PEOPLE}
    with tempfile.TemporaryDirectory(prefix="equiflux-replica-") as folder:
        made = cluster(Path(folder), connection.settings_dict["NAME"])
        first, replica = (Server(State(Path(folder) / name)) for name in ("first", "replica"))
        made.rename(first.state.pgdata)
        first.start()
        try:
            replica.follow(first)
            replica.start()
            yield first, replica, sessions
        finally:
            for each in (replica, first):
                if each.running:
                    each.stop()


@pytest.fixture
def site(
    pair: tuple[Server, Server, dict[str, str]], process_environment: dict[str, str], tmp_path: Path
) -> Iterator[Site]:
    first, replica, sessions = pair
    host = f"127.0.0.1:{free_port()}"
    environment = process_environment | {
        "DATABASE_URL": first.address,
        "REPLICA_URL": replica.address,
        "DATABASE_POOL": "1",
        "SECRET_KEY": settings.SECRET_KEY,  # the sessions are signed with it
    }
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "1", "--bind", host]
    with (tmp_path / "site.log").open("wb") as log:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    found = Site(host, sessions)
    try:
        until(lambda: answers(host), seconds=120)
        yield found
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)


@pytest.mark.nightly
def test_balances_are_read_on_the_server_that_follows_and_never_before_one_s_own_act(
    pair: tuple[Server, Server, dict[str, str]], site: Site, world: World, things: dict[str, dict[str, Any]]
) -> None:
    _, replica, _ = pair

    # Each page is read there by whoever may read it, and by nobody else: rights are asked as on the first server.
    there, elsewhere, refused = set(), set(), set()
    for name in sorted(READ_THERE):
        address = reverse(name, args=things.get(name, {}).get("args", []))
        for person in PEOPLE:
            status, _, headers = site.ask(person, address)
            assert status in {200, 302, 403, 404}, (name, person, status)
            if status == 200:
                (there if headers.get("Server-Timing") == READ else elsewhere).add(name)
            else:
                refused.add(name)
    assert (there, elsewhere) == (READ_THERE, set())
    assert refused, "some of them are not for everybody"
    assert replica.say("SELECT pg_is_in_recovery()") is True
    for name in ("home", "vacancy-list", "balance-xlsx"):
        address = reverse(name, args=things.get(name, {}).get("args", []))
        assert not site.reads_there("alice", address), name

    assert site.alarm() == ""

    # What one just wrote is read, though the other server stands still: it is read on the first.
    rates, purposes = reverse("objective-list"), reverse("balance-purposes", args=[2026])
    whole = "Chiffres de ménages entiers, lus pour"
    assert site.reads_there("emma", rates)
    assert whole not in site.ask("emma", rates)[1]
    _, page, headers = site.ask("emma", purposes)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    secret = http.cookies.SimpleCookie(headers["Set-Cookie"])["csrftoken"].value
    replica.say("SELECT pg_wal_replay_pause()")
    typed = {"csrfmiddlewaretoken": token[1], "why": "CIL"}
    status, _, headers = site.ask("emma", purposes, typed, csrftoken=secret)
    assert status == 302
    wrote = {
        settings.PLACE_COOKIE_NAME: http.cookies.SimpleCookie(headers.get_all("Set-Cookie")[0])[
            settings.PLACE_COOKIE_NAME
        ].value
    }
    assert not site.reads_there("emma", rates, **wrote)
    assert whole in site.ask("emma", rates, **wrote)[1]
    # One that stands still is late, for everybody; it goes on, and is read again.
    until(lambda: not site.reads_there("bob", rates), seconds=30)
    assert "injoignable ou en retard" in site.alarm()
    replica.say("SELECT pg_wal_replay_resume()")
    until(lambda: site.reads_there("emma", rates, **wrote), seconds=30)
    assert whole in site.ask("emma", rates, **wrote)[1]
    assert site.reads_there("emma", rates, **{settings.PLACE_COOKIE_NAME: "n-importe-quoi"})

    # It dies: pages are read on the first; it is back: it is read again.
    replica.stop(signal.SIGKILL)
    assert not site.reads_there("bob", rates)
    assert "injoignable ou en retard" in site.alarm()
    postgres.remove_stale_lock(replica.state.pgdata)
    replica.start()
    until(lambda: site.reads_there("bob", rates) and not site.alarm(), seconds=60)
    with (
        psycopg.connect(replica.address, autocommit=True) as server,
        pytest.raises(psycopg.errors.ReadOnlySqlTransaction),
    ):
        server.execute("UPDATE flux_ledger SET exercise = 2025")
