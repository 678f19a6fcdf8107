"""The second wall (docs/second-wall.md), under the account of the site: « with visible_to removed on purpose in a test,
still nothing is shown »."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse

from attributions.households.models import Application, ApplicationAlias, PastCandidacy, RequestReader
from attributions.households.operations.application import register_application
from config.database_roles import APPLICATION, WORKER, fault, role
from flux.models import Vacancy
from reservations.models import User, wall
from tests.attributions.households.candidates import candidate, routed
from tests.house.rights import cast
from tests.house.test_nothing_of_others import HOUSEHOLDS, marks, read
from tests.house.test_seeing import client_of, things
from tests.house.tree import ROOT
from tests.walled import site_account, walled
from tests.world import MORNING, World

__all__ = ["things"]

#: Where names, numbers and files are read, by pages, by files and by software.
NAMING = (
    *("application-list", "application-detail", "candidate-export", "file", "proposal-detail", "letter", "letting"),
    *("agenda-item", "minutes", "offer-list", "file-list", "access-journal", "search"),
    *("reconciliation-list", "reconciliation-detail", "reconciliation-csv"),
    *("household-list", "household-send", "household-needs", "household-units"),
    *("file-import-list", "file-import", "file-import-content", "file-import-refused", "takeaway-file"),
    *("document-download", "api-candidates", "api-candidate", "api-agenda-item"),
)
#: Lists that go out as a file; to whom nothing belongs, one of each kind of reader.
LISTED = ("application-list", "offer-list", "file-list", "access-journal", "reconciliation-list")
ROLES = ("LANDLORD_MANAGER", "HOLDER_STAFF", "EPCI_OFFICER", "STATE_OFFICER")


@pytest.fixture
def site(db: None) -> Iterator[None]:
    with walled():
        yield


def rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
        return int(cursor.fetchone()[0])


def acting(part: str = "organisation") -> int | None:
    """For whom this connection reads, as the database verifies it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservations_acting(%s)", [part])
        return cursor.fetchone()[0]


def given() -> str:
    """What this connection was given, whatever it is worth."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('equiflux.acting', true), '')")
        return str(cursor.fetchone()[0])


def walled_tables() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace")
        return {name for (name,) in cursor.fetchall()}


def everything_is_visible(patch: pytest.MonkeyPatch) -> int:
    """What a page asks for is all there is: how many querysets forgot whom they are read by."""
    forgetful = {
        type(model._default_manager.get_queryset())
        for model in apps.get_models()
        if hasattr(model._default_manager.get_queryset(), "visible_to")
    }
    for each in forgetful:
        patch.setattr(each, "visible_to", lambda found, _member: found.all())
    # By which a list of requests finds those of its reader.
    patch.setattr(type(RequestReader.objects.all()), "of", lambda found, _member: found.all())
    return len(forgetful)


def addresses_named(addresses: dict[str, str], people: list[User], secret: set[str]) -> set[str]:
    """The addresses that state one of these people who a household is, or what a file of another holds."""
    found = set()
    for person in people:
        client = Client(raise_request_exception=False)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name, url in addresses.items():
            result = read(client, url)
            if any(word in result for word in secret):
                found.add(name)
    return found


@pytest.mark.django_db
def test_the_filter_of_the_code_removed_still_nothing_is_shown(
    world: World, things: dict[str, dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In pages, in files and by software, to people of each role to whom none of it belongs."""
    strangers = cast(world, things).other
    secret = marks(world)[HOUSEHOLDS] | {"%PDF-1.7 signed", "parc.csv"}
    addresses = {name: reverse(name, args=things.get(name, {}).get("args", [])) for name in NAMING}
    addresses |= {f"{name}, file": f"{reverse(name)}?fichier=csv" for name in LISTED}
    assert everything_is_visible(monkeypatch) > 15
    without = addresses_named(addresses, [strangers["LANDLORD_MANAGER"].user], secret)
    shown = {"application-list", "application-detail", "file", "document-download", "file-import", "file-import-list"}
    assert shown <= without, "without the wall, the filter alone hid them"
    with walled():
        assert addresses_named(addresses, [strangers[each].user for each in ROLES], secret) == set()


def test_who_says_nothing_sees_no_row(world: World, things: dict[str, dict[str, Any]], site: None) -> None:
    """Of each table that has a policy, which are those of the page."""
    page = (ROOT / "docs/second-wall.md").read_text(encoding="utf-8").split("## Each policy")[1].split("\n## ")[0]
    tables = walled_tables()
    assert tables == set(re.findall(r"\*\*`(\w+)`\*\*", page))
    merged = Application.objects.order_by("pk")[0]
    ApplicationAlias.objects.create(application=merged, number="111111111111111111", recorded_by=world.people["aline"])
    if not PastCandidacy.objects.exists():
        PastCandidacy.objects.create(
            vacancy=Vacancy.objects.order_by("pk")[0],
            application=merged,
            recorded_at=MORNING,
            recorded_by=world.people["aline"],
        )
    stored = {table: rows(table) for table in tables}
    assert [table for table, count in stored.items() if not count] == [], "each holds something here"
    with site_account():
        assert {table: rows(table) for table in tables} == dict.fromkeys(tables, 0)
        with wall.opened():
            assert {table: rows(table) for table in tables} == stored
        assert {table: rows(table) for table in tables} == dict.fromkeys(tables, 0), "an act closes it behind itself"
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Application.objects.create(number="000000000000000001")


def test_an_act_finds_what_another_organisation_registered(world: World, site: None) -> None:
    """A number that is known already is found by who types it with its household, and cannot read it before."""
    routing = routed(world)
    theirs = candidate(world, routing.vacancy, 1, routing=routing).application
    household = {"number": theirs.number, "name": theirs.name, "birth_date": theirs.birth_date}
    with site_account(), wall.for_request(world.member("zoe")):
        assert not Application.objects.filter(number=theirs.number).exists()
        theirs_too = register_application(
            **household, organisation=world.other_landlord.organisation, by=world.people["zoe"], now=MORNING
        )
        assert theirs_too == theirs
        assert Application.objects.filter(number=theirs.number).exists(), "registered by both, read by both"
    with site_account(), wall.for_request(world.member("emma")):
        assert not Application.objects.filter(number=theirs.number).exists()


def test_an_answer_leaves_no_credential_behind(world: World, things: dict[str, dict[str, Any]], site: None) -> None:
    """Nor does a file that is written as its rows are read, which are read for who asked for it."""
    client = client_of(world, "alice")
    with site_account():
        answer = client.get(reverse("file-import-content", args=things["file-import"]["args"]))
        assert isinstance(answer, StreamingHttpResponse)
        assert given() == ""
        assert len(answer.getvalue()) > 100
        assert given() == ""
    for name, status in (("home", 200), ("proposal-detail", 404)):
        assert client.get(reverse(name, args=[0] if status == 404 else [])).status_code == status
        assert given() == ""
    with wall.for_request(world.member("alice")):
        assert acting() == world.landlord.organisation_id
    assert given() == ""


def test_reading_for_somebody_is_refused_where_nothing_would_end_it(world: World) -> None:
    """The process would read so to its end, and every connection that it opens with it."""
    with pytest.raises(RuntimeError, match="which ends it"):
        wall.read_as(world.member("alice"))
    assert given() == ""


def test_a_connection_that_opens_meanwhile_is_given_for_whom_one_reads(world: World, site: None) -> None:
    """The database came back, or a pool lent another one: it is no reason to see nothing, nor to see for another."""
    fresh = connection.copy()
    try:
        with wall.for_request(world.member("chloe")), fresh.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid(), current_setting('equiflux.acting')")
            number, credential = cursor.fetchone()
    finally:
        fresh.close()
    payload = json.loads(credential[64:])
    assert (payload["organisation"], payload["connection"], payload["use"]) == (world.city.pk, number, "acting")


def test_the_worker_is_shown_all_by_its_own_account(world: World, site: None) -> None:
    """Each says so when it starts with the account of the other, and does not start."""
    database = str(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setconfig FROM pg_db_role_setting WHERE setrole = to_regrole(%s)", [role(WORKER, database)]
        )
        assert cursor.fetchone() is None, "by its privileges, and by no setting"
    with site_account():
        assert fault(APPLICATION) == ""
        assert f"donnez au travailleur et à l’horloge DATABASE_URL=postgres://{database}_worker" in fault(WORKER)
    with site_account(WORKER):
        assert (fault(WORKER), rows("attributions_application")) == ("", Application.objects.count())
        assert f"donnez-lui DATABASE_URL=postgres://{database}_app" in fault(APPLICATION)
