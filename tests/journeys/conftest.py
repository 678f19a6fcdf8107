"""A real Chromium, a real server, a real worker: what the journeys are made of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.plugin import DjangoDbBlocker

from config.celery import app
from reservations.models import User
from tests.leaks import everybodys
from tests.signing_in import sign_in
from tests.walled import serve_as_the_site
from tests.world import PASSWORD, World
from tests.world_again import the_world

ROOT = Path(__file__).resolve().parents[2]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole session; each test has its own context."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the driver runs a loop in this very thread
    found = next(filter(None, map(shutil.which, BROWSERS)))
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that fails shows what each page that was open stated: what a person would have read there."""
    report = yield
    chromium = getattr(item, "funcargs", {}).get("browser")
    if call.when == "call" and call.excinfo is not None and isinstance(chromium, Browser):
        for page in [page for context in chromium.contexts for page in context.pages]:
            report.sections.append((f"page {page.url}", page.locator("body").inner_text(timeout=5_000)[:3000]))
    return report


@pytest.fixture(scope="module")
def accounts(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The accounts of this database, made once for the journeys of a module. They take from everybody what it may do:
    it is given back at the end, and other tests find the database as it was."""
    with django_db_blocker.unblock():
        connection.ensure_connection()
        before = everybodys(connection.connection)
        call_command("database_roles", stdout=None)
    yield
    with django_db_blocker.unblock():
        connection.ensure_connection()
        for kind, name, right in sorted(before - everybodys(connection.connection)):
            connection.connection.execute(f"GRANT {right} ON {kind} {name} TO PUBLIC")


@pytest.fixture
def live(transactional_db: None, accounts: None, live_server: object) -> Iterator[World]:
    """The small world, committed, behind a real server that serves under the account of the site."""
    world = the_world()
    with pytest.MonkeyPatch.context() as patch:
        serve_as_the_site(patch, WSGIHandler)
        yield world


@pytest.fixture
def worker(transactional_db: None, process_environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery worker on the test database, through the real broker; it is there when the journey begins, however long
    a busy machine takes to start one."""
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", "worker", "--pool", "solo", "--loglevel", "WARNING"],
        cwd=ROOT,
        env=process_environment,
        stdin=subprocess.DEVNULL,
    )
    while not app.control.broadcast("ping", reply=True, limit=1, timeout=1):
        assert process.poll() is None, "the worker ended as it started"
    yield process
    process.terminate()
    process.wait(60)


class Person:
    """Somebody at a browser: every page they open is watched."""

    def __init__(self, context: BrowserContext, base: str) -> None:
        self.context = context
        self.window = context.new_page()
        self.is_expected_home = False
        self.base = base
        self.complaints: list[str] = []
        self.window.on("console", lambda m: self.complaints.append(m.text) if m.type in {"error", "warning"} else None)
        self.window.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def page(self) -> Page:
        """Where they are; their home page, before they go anywhere. It costs more than most: who is sent elsewhere at
        once does not open it."""
        return self.visit("/") if self.is_expected_home else self.window

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        self.page.goto(f"{self.base}/connexion/")
        self.page.get_by_label("Adresse électronique").fill(email)
        self.page.get_by_label("Mot de passe").fill(password)
        self.page.get_by_role("button", name="Se connecter").click()
        self.page.wait_for_url(f"{self.base}/")
        return self.page

    def arrive(self, user: User) -> None:
        """With the session that the form opens (tests/journeys/test_entering.py goes through it)."""
        client = Client()
        sign_in(client, user)
        name = settings.SESSION_COOKIE_NAME
        self.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": self.base}])
        self.is_expected_home = True

    def unfold(self) -> None:
        """Open every part that is folded, as whoever reads all of a page."""
        self.window.evaluate("document.querySelectorAll('main details.fold').forEach((part) => { part.open = true })")

    def visit(self, path: str) -> Page:
        self.is_expected_home = False
        self.window.goto(self.base + path)
        return self.window


@pytest.fixture
def person(browser: Browser, live: World, live_server: object) -> Iterator[Callable[..., Person]]:
    """`person("alice", width=390)` → that person, signed in, in a window of their own."""
    contexts: list[BrowserContext] = []
    people: list[Person] = []

    def arrive(name: str, *, width: int = 1280, javascript: bool = True) -> Person:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            java_script_enabled=javascript,
            locale="fr-FR",
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        someone = Person(context, str(live_server))
        people.append(someone)
        someone.arrive(live.people[name])
        return someone

    yield arrive
    for context in contexts:
        context.close()
    assert [complaint for someone in people for complaint in someone.complaints] == []


def wait_until(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait for another process to do its part; fails when it does not."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.1)


def import_chosen(page: Page) -> None:
    """The file that was chosen: checked by the worker, read, confirmed, written."""
    page.get_by_role("button", name="Vérifier le fichier").click()
    confirm = page.get_by_role("button", name=re.compile("^Importer "))
    read = page.get_by_role("link", name="Lire le résultat")
    expect(confirm.or_(read)).to_be_visible(timeout=30_000)
    if read.is_visible():
        read.click()
    confirm.click()
    written = page.get_by_role("link", name="Voir ce qui est importé")
    expect(written.or_(read)).to_be_visible(timeout=30_000)
