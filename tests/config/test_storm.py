"""Short storms: sixteen clerks declare units while each process of the product is killed in turn, then all of them, the
database loses its connections, the broker is emptied, and says nothing for a while; while the disk is full; while the
clock of the site jumps both ways. Nothing is lost or doubled, and the health page states what is wrong.

The real product (`./run demo`, without its data): its web server, worker, beat, PostgreSQL and Valkey, under its
supervisor. What is asked of it comes by its pages.
"""

from __future__ import annotations

import http.client
import http.cookies
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone
from redis import Redis

from config.local import postgres
from config.local.state import ROOT
from tests.config.conftest import House, cluster, kill, until
from tests.world import World

KILLED = ("worker", "beat", "web", "valkey", "postgresql")
CLERKS, UNITS = 16, 640
PAUSE = 6  # seconds without a word of the broker
WITHIN = 10  # seconds, on a machine where Django starts in two
DISK = 700  # megabytes
DECLARE = "/liberes/declarer/"


@contextmanager
def served(folder: Path, world: World, sign_in: Callable[[str], Client]) -> Iterator[House]:
    """The product on a copy of the small world, its files in a folder, with units to declare and Alice’s session."""
    for _ in range(UNITS):
        world.unit()
    session = sign_in("alice").cookies[settings.SESSION_COOKIE_NAME].value
    with tempfile.TemporaryDirectory(prefix="equiflux-storm-") as tables:
        house = House(folder, cluster(Path(tables), connection.settings_dict["NAME"]))
        house.environment["SECRET_KEY"] = settings.SECRET_KEY  # the session is signed with it
        house.session = session
        yield house
        house.close()


@pytest.fixture
def product(transactional_db: None, world: World, sign_in: Callable[[str], Client], tmp_path: Path) -> Iterator[House]:
    with served(tmp_path / "state", world, sign_in) as house:
        yield house


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}m", "tmpfs", disk]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk cannot be mounted here")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.fixture
def crowded(
    transactional_db: None, world: World, sign_in: Callable[[str], Client], small_disk: Path
) -> Iterator[House]:
    """The product, all of whose files are on a small disk."""
    with served(small_disk / "state", world, sign_in) as house:
        yield house


class Clerk(threading.Thread):
    """Declares one unit after the other, insisting as a person does when a page says to come back."""

    def __init__(self, url: str, session: str, units: list[int]) -> None:
        super().__init__(daemon=True)
        self.host = urllib.parse.urlsplit(url).netloc
        self.session, self.units = session, units
        self.declared: list[int] = []
        self.answers: Counter[str] = Counter()
        self.enough = threading.Event()

    def run(self) -> None:
        for unit in self.units:
            while not self.enough.is_set() and not self.declare(unit):
                time.sleep(0.2)
            if self.enough.is_set():
                return
            self.declared.append(unit)
            self.enough.wait(2.5)

    def declare(self, unit: int) -> bool:
        """Whether the unit is declared, by this try or by an earlier one whose answer was lost."""
        today = timezone.localdate().isoformat()
        typed = {"kind": "IN_FLOW", "notice_on": today, "available_on": today}
        try:
            address = f"{DECLARE}?unit={unit}"
            status, page, token = self.ask("GET", address)
            if status == 200:
                field = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
                assert field, page
                status, page, _ = self.ask("POST", address, {**typed, "csrfmiddlewaretoken": field[1]}, token)
        except (OSError, http.client.HTTPException) as error:
            self.answers[type(error).__name__] += 1
            return False
        self.answers[str(status)] += 1
        assert status != 422 or "déjà déclaré" in page, page
        return status in {302, 422}

    def ask(
        self, method: str, address: str, typed: dict[str, str] | None = None, token: str = ""
    ) -> tuple[int, str, str]:
        """(status, page, CSRF cookie)."""
        line = http.client.HTTPConnection(self.host, timeout=30)
        cookies = f"{settings.SESSION_COOKIE_NAME}={self.session}" + (f"; csrftoken={token}" if token else "")
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            line.request(method, address, urllib.parse.urlencode(typed or {}), headers)
            with line.getresponse() as answer:
                page = answer.read().decode()
        finally:
            line.close()
        if answer.status == 503 and not (answer.headers["Retry-After"] and "<h1>" in page):
            self.answers["503 without a sentence"] += 1
        given = http.cookies.SimpleCookie(answer.headers.get("Set-Cookie", ""))
        return answer.status, page, given["csrftoken"].value if "csrftoken" in given else token


def readiness(url: str) -> dict[str, object]:
    """What `/sante/pret/` says; {} when it does not answer in time."""
    line = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=10)
    try:
        line.request("GET", "/sante/pret/")
        with line.getresponse() as answer:
            return dict(json.loads(answer.read()))
    except (OSError, http.client.HTTPException):
        return {}
    finally:
        line.close()


def slowness() -> float:
    """How many times slower than two seconds Django starts here and now; 1 at least."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import django; django.setup()"], env=os.environ, cwd=ROOT, check=True)
    return max(1.0, (time.monotonic() - began) / 2)


def back_after_killing(house: House, *names: str) -> float:
    """Kill these processes together, wait until the product is ready with others in their place; how many seconds it
    took."""
    before = {name: house.record.processes[name] for name in names}
    url = str(house.record.url)
    began = time.monotonic()
    for each in before.values():
        kill(each.pid)

    def back() -> bool:
        found = readiness(url)
        ages = [found.get(f"{name}_seen_seconds", 0) for name in names]
        seen_since = all(age is not None and age < time.monotonic() - began for age in ages)
        others = all(house.record.processes[name] != each for name, each in before.items())
        return bool(others and found.get("ready") and seen_since)

    until(back, seconds=120)
    return time.monotonic() - began


def back_after_losing(house: House, *, by_crash: bool) -> float:
    """End every connection of the site and of the worker, or kill one (PostgreSQL ends them all and recovers); wait
    until a page and the alarm answer as before; how many seconds it took."""
    with postgres.connect(house.state.socket_folder(), postgres.NAME) as server:
        lost = [pid for (pid,) in server.execute(SERVED).fetchall()]
        began = time.monotonic()
        if by_crash:
            kill(lost[0])
        else:
            server.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) pid", [lost])
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in lost))
    reader = Clerk(str(house.record.url), house.session, [])

    def back() -> bool:
        with suppress(OSError, http.client.HTTPException):
            return reader.ask("GET", "/liberes/")[0] == 200 and is_ready(house)
        return False

    until(back, seconds=120)
    return time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Office:
    """Clerks at work, each on units of its own."""

    clerks: list[Clerk]

    @property
    def declared(self) -> list[int]:
        return [unit for clerk in self.clerks for unit in list(clerk.declared)]

    @property
    def answers(self) -> Counter[str]:
        return sum((clerk.answers for clerk in self.clerks), Counter[str]())

    def goes_on(self) -> None:
        """More is declared than a moment ago."""
        done = len(self.declared)
        until(lambda: len(self.declared) >= done + 2)

    def close(self) -> None:
        for clerk in self.clerks:
            clerk.enough.set()
        for clerk in self.clerks:
            clerk.join(60)


def opened(product: House, world: World) -> Office:
    """Clerks at work on the units of a landlord, once each has declared one."""
    started = product.demo("--detach", "--port", "0")
    assert started.returncode == 0, started.stderr
    units = list(world.landlord.units.order_by("pk").values_list("pk", flat=True))
    shares = [units[place::CLERKS] for place in range(CLERKS)]
    office = Office([Clerk(str(product.record.url), product.session, share) for share in shares])
    for clerk in office.clerks:
        clerk.start()
    until(lambda: len(office.declared) >= CLERKS, seconds=60)
    return office


def is_ready(product: House) -> bool:
    return bool(readiness(str(product.record.url)).get("ready"))


def problems(product: House) -> str:
    return " ".join(readiness(str(product.record.url)).get("problems", ()))  # type: ignore[arg-type]


def nothing_is_lost_or_doubled(product: House, office: Office) -> None:
    """What was declared is there, once, routed once, and the accounts are what their movements say."""
    with psycopg.connect(product.record.environment["DATABASE_URL"], autocommit=True) as database:
        until(lambda: database.execute(WAITING).fetchone() == (0,), seconds=90)  # what a message lost, the sweep finds
        vacancies = dict(database.execute(RECOMMENDED).fetchall())
        known = [unit for (unit,) in database.execute("SELECT unit_id FROM flux_vacancy").fetchall()]
    assert set(office.declared) <= set(known)
    assert len(known) == len(set(known)) <= len(office.declared) + CLERKS  # a last try may be done without its answer
    assert set(vacancies.values()) == {1}
    audited = product.run("manage", "audit_routing", "--json")
    assert audited.returncode == 0, audited.stdout


@pytest.mark.nightly
def test_killing_each_process_in_turn_loses_nothing_and_does_nothing_twice(product: House, world: World) -> None:
    office = opened(product, world)
    supervisor = product.record.pid

    took, slow = {}, slowness()
    for name in KILLED:
        took[name] = back_after_killing(product, name)
        office.goes_on()  # and it works
    took["together"] = back_after_killing(product, *KILLED)
    office.goes_on()
    for by_crash in (False, True):
        took[f"connections, {by_crash=}"] = back_after_losing(product, by_crash=by_crash)
        office.goes_on()
    broker = Redis.from_url(product.record.environment["REDIS_URL"])
    broker.flushall()
    office.goes_on()
    held = product.record.processes["valkey"].pid
    os.kill(held, signal.SIGSTOP)
    time.sleep(PAUSE)
    office.goes_on()  # what is declared waits for no broker
    os.kill(held, signal.SIGCONT)
    until(lambda: bool(readiness(str(product.record.url)).get("ready")), seconds=120)
    office.goes_on()
    slow = max(slow, slowness())
    office.close()

    assert {name: round(seconds, 1) for name, seconds in took.items() if seconds > WITHIN * slow} == {}
    assert product.record.pid == supervisor
    # A worker that loses its broker in the middle of a task may end by itself (kombu 5.7): it is started again too.
    assert {name for name in KILLED if product.record.restarts[name].count < 2} == set()
    assert {product.record.restarts[name].reason for name in KILLED} <= {"signal SIGKILL", "code 1"}
    assert "ConnectionRefusedError" not in office.answers  # the supervisor keeps the door while the web starts again
    assert {"500", "503 without a sentence"} & set(office.answers) == set(), office.answers

    nothing_is_lost_or_doubled(product, office)


@pytest.mark.nightly
def test_a_full_disk_loses_nothing_and_is_stated(crowded: House, world: World, small_disk: Path) -> None:
    office = opened(crowded, world)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as left, suppress(OSError):
        while True:
            left.write(bytes(4096))

    until(lambda: "plus de place sur son disque" in problems(crowded), seconds=60)
    time.sleep(PAUSE)  # clerks insist
    refused = office.answers
    filler.unlink()

    until(lambda: is_ready(crowded), seconds=120)
    office.goes_on()
    office.close()
    assert refused["503"], refused
    assert {"500", "503 without a sentence"} & set(office.answers) == set(), office.answers
    nothing_is_lost_or_doubled(crowded, office)


#: Read by each process of the site and of the worker as it starts: its clock is moved by the seconds that a file holds.
JUMPING = """
    import os, pathlib, sys, threading, time
    import time_machine

    def follow():
        moved, travel = 0, None
        while True:
            wanted = int(pathlib.Path(os.environ["CLOCK"]).read_text() or 0)
            if wanted != moved:
                if travel is not None:
                    travel.stop()
                travel = time_machine.travel(time.time() + wanted, tick=True)
                travel.start()
                moved = wanted
            threading.Event().wait(0.2)

    def begin():
        threading.Thread(target=follow, daemon=True).start()

    if any(name in each for each in sys.orig_argv for name in ("gunicorn", "celery")):
        os.register_at_fork(after_in_child=begin)
        begin()
"""


@pytest.mark.nightly
def test_a_clock_that_jumps_both_ways_loses_nothing_and_is_stated(product: House, world: World, tmp_path: Path) -> None:
    clock = tmp_path / "clock"
    clock.write_text("0")
    (tmp_path / "jumping").mkdir()
    (tmp_path / "jumping/sitecustomize.py").write_text(textwrap.dedent(JUMPING))
    product.environment |= {"CLOCK": str(clock), "PYTHONPATH": f"{ROOT}:{tmp_path / 'jumping'}"}
    office = opened(product, world)

    for moved, side in ((3600, "avance"), (-3600, "retarde"), (90, "avance")):
        clock.write_text(str(moved))
        until(lambda side=side: f"L’heure de cette machine {side} de" in problems(product), seconds=60)
        office.goes_on()
    clock.write_text("0")
    until(lambda: is_ready(product), seconds=120)
    office.goes_on()
    office.close()

    assert "500" not in office.answers, office.answers
    nothing_is_lost_or_doubled(product, office)


SERVED = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
WAITING = """
    SELECT count(*) FROM flux_vacancy v WHERE NOT EXISTS (SELECT FROM flux_recommendation r WHERE r.vacancy_id = v.id)
"""
RECOMMENDED = """
    SELECT v.id, count(r.id) FROM flux_vacancy v LEFT JOIN flux_recommendation r ON r.vacancy_id = v.id GROUP BY v.id
"""
