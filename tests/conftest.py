"""Tests are strict once, here, for everybody (what exactly: tests/strict.py)."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from hypothesis import HealthCheck, settings
from whitenoise.middleware import WhiteNoiseMiddleware

from tests import guarded, signing_in, strict
from tests.one_template import forget_counts, template, vacuum
from tests.reader import Reader
from tests.walled import serve_as_the_site
from tests.world import World
from tests.world_again import the_world

#: How long an example takes to draw says how loaded the machine is, and nothing of the product.
settings.register_profile("nightly", deadline=None, suppress_health_check=[HealthCheck.too_slow])
#: So many examples in an ordinary run; a hundred at night, and wherever a test says how many.
settings.register_profile("ordinary", parent=settings.get_profile("nightly"), max_examples=40)


def pytest_configure(config: pytest.Config) -> None:
    settings.load_profile("nightly" if config.getoption("all") else "ordinary")


@pytest.fixture(scope="session", autouse=True)
def strict_templates() -> Iterator[None]:
    """`string_if_invalid` that raises, in the settings: a test that changes DEBUG has the engine built again."""
    from django.conf import settings
    from django.template import engines

    with pytest.MonkeyPatch.context() as patch:
        raises = strict.UndefinedVariable("%s")
        patch.setitem(settings.TEMPLATES[0]["OPTIONS"], "string_if_invalid", raises)
        patch.setattr(engines["django"].engine, "string_if_invalid", raises)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """Each client of the tests has a server of its own, which would look for our seventy static files again."""
    find, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def find_once(server: WhiteNoiseMiddleware) -> None:
        how = server.static_prefix, server.max_age
        if how not in found:
            find(server)
            found[how] = dict(server.files)
        server.files.update(found[how])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", find_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def strict_database() -> Iterator[None]:
    """No luck in the order of rows, no lock on an unnamed table, no moment in the place of a date, nothing written
    without its lock."""
    with pytest.MonkeyPatch.context() as patch:
        strict.shuffle_unordered_rows(patch)
        strict.name_locked_tables(patch)
        strict.refuse_moments_as_dates(patch)
        guarded.Watch(guarded.declared(), guarded.read_locked()).install(patch)
        yield


#: The template is ours from when it is named until our database is copied from it.
holding_the_template = ExitStack()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None, django_db_blocker: pytest.FixtureRequest) -> None:
    """The database of each process is a copy of one template, migrated once (tests/one_template.py).

    Without a server there is nothing to make it on: it is stated, once.
    """
    if not os.environ.get("DATABASE_URL"):
        pytest.exit(
            "Ces tests demandent PostgreSQL et Valkey. Lancez ./run test, qui les démarre, ou donnez DATABASE_URL, "
            "REDIS_URL et SECRET_KEY.",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = holding_the_template.enter_context(template())


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: pytest.FixtureRequest
) -> Iterator[None]:
    """The test database; tests with real transactions leave the rows of data migrations as they found them.

    A thread of the last page that a browser asked for may still hold a connection: it is closed, or the database could
    not be dropped.
    """
    holding_the_template.close()
    made.append(str(connection.settings_dict["NAME"]))
    with pytest.MonkeyPatch.context() as patch:
        with django_db_blocker.unblock():
            strict.put_migrated_rows_back(patch)
            if request.config.getoption("walled"):
                call_command("database_roles", stdout=None)
                serve_as_the_site(patch)
        yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


#: Passwords are quick, and tried without a wait. What costs is not counted: Valkey, which outlives a test, counts it by
#: the numbers of people, which come back.
OF_TESTS = override_settings(
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    COST_LIMITS={},
    API_LIMITS={},
    SIGN_IN_PAUSE=timedelta(0),
    SIGN_IN_PACE=None,
)


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end: the tests, Django, our tables. Python need not look at it again each time
    that it looks for what nobody holds any more; and it looks ten times less often. The settings of tests stay too: a
    test that changes them puts these back."""
    OF_TESTS.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


#: The database of this process, once it is made.
made: list[str] = []

#: Tests between two cleanings of it, at least: what they took back makes tables longer, not yet slower.
EVERY = 150
SINCE = pytest.StashKey[int]()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """Between two modules nothing is held, nothing is being written: it is then, and then only, that rows are counted
    (tests/one_template.py says why)."""
    yield
    since = item.config.stash.get(SINCE, 0) + 1
    if made and nextitem is not None and nextitem.path != item.path:
        if since >= EVERY:
            vacuum(made[0])
            since = 0
        else:
            forget_counts(made[0])
    item.config.stash[SINCE] = since


@pytest.fixture
def world(db: None) -> World:
    """Robine Habitat and its holders; see tests/world.py."""
    return the_world()


@pytest.fixture
def sign_in(world: World) -> Callable[[str], Client]:
    """`sign_in("chloe")` → a client signed in as that person, who reads pages as they are shown (tests/reader.py).

    Forms are posted without their CSRF token; that no address takes them so in production is tested once,
    in tests/house/test_seeing.py.
    """

    def client_of(name: str) -> Client:
        client = Reader()
        signing_in.sign_in(client, world.people[name])
        return client

    return client_of


@pytest.fixture
def process_environment() -> dict[str, str]:
    """For another process of ours: the same broker, and the test's own database."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(database), "DJANGO_SETTINGS_MODULE": "config.settings"}


@pytest.fixture(scope="session")
def service_environment() -> dict[str, str]:
    """The addresses of the real services that `./run test` started."""
    return {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--pages", metavar="FILE", help="write every page of a life there (tests/house/pages.py)")
    parser.addoption("--html", dest="html_too", action="store_true", help="with it: the markup, not the words alone")
    parser.addoption("--people", help="who reads them: alice,chloe (tests/house/people.py)")
    parser.addoption("--screen-reader", metavar="FILE", help="write what tests/journeys/test_screen_reader.py heard")
    parser.addoption("--seeds", default="1", help="the lives to tell: 1,2,3")
    parser.addoption("--seed", type=int, default=1, help="of the first year to live (tests/simulation/test_lives.py)")
    parser.addoption("--acts", type=int, help="how many acts to live, from this seed on")
    parser.addoption("--unshrunk", action="store_true", help="print a difference as it was found, which takes no time")
    parser.addoption("--only", help="the acts of the year to live again, by place: 0,3,7")
    parser.addoption("--walled", action="store_true", help="serve pages by the account of the site (tests/walled.py)")
    parser.addoption("--write-rights", action="store_true", help="write the matrix again (tests/house/rights.py)")
    parser.addoption("--documents", metavar="FOLDER", help="write there what tests/house/documents.py builds")
