"""A database that restarts: a page « réessayez dans un instant » (503, Retry-After), never an error of ours."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import LazySettings
from django.core.exceptions import SuspiciousOperation
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.urls import path
from django.views.decorators.http import require_safe

from config.database import limit_statements
from config.outage import is_outage
from config.urls import urlpatterns
from tests.reader import Reader
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def hang_up() -> None:
    """End this very connection, as a server that shuts down ends them all."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [pid] = cursor.fetchone()
    with psycopg.connect(os.environ["DATABASE_URL"]) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.fixture
def cut() -> Iterator[Callable[[], None]]:
    """`cut()` ends the connection of the test; another is opened after it."""
    yield hang_up
    connection.close()


@pytest.fixture
def nobody_answers(tmp_path: Path) -> Iterator[None]:
    """The server is gone: no connection can be opened."""
    connection.close()
    before, connection.settings_dict["HOST"] = connection.settings_dict["HOST"], str(tmp_path)
    yield
    connection.close()
    connection.settings_dict["HOST"] = before


def patient(client: Client) -> Client:
    """As a browser: an error is a page."""
    client.raise_request_exception = False
    return client


def test_a_page_says_to_come_back_in_a_moment_and_comes_back(
    sign_in: Callable[[str], Client], cut: Callable, settings: LazySettings
) -> None:
    settings.SUPPORT_CONTACT = "04 00 00 00 00"
    alice = patient(sign_in("alice"))
    cut()

    page = alice.get("/")

    assert (page.status_code, page["Retry-After"], page["Cache-Control"]) == (503, "5", "no-store")
    text = page.content.decode()
    assert "Réessayez dans un instant" in text
    assert "prévenez l’administrateur d’Équiflux (04 00 00 00 00)." in text
    assert '<meta http-equiv="refresh" content="5">' in text  # it was only read: it may be asked again
    connection.close()  # as the end of a request does with a connection that is lost
    assert alice.get("/").status_code == 200


def test_what_was_posted_is_not_sent_again_by_itself(sign_in: Callable[[str], Client], cut: Callable) -> None:
    alice = patient(sign_in("alice"))
    cut()

    page = alice.post("/personnes/nouvelle/", {})

    assert page.status_code == 503
    text = page.content.decode()
    assert "refresh" not in text
    assert "vérifiez avant de recommencer" in text


@pytest.mark.usefixtures("world", "nobody_answers")
def test_the_sign_in_says_so_too_when_no_connection_can_be_opened() -> None:
    page = patient(Reader()).post("/connexion/", {"email": "alice@robine.example", "password": "x"})

    assert page.status_code == 503
    assert "Réessayez dans un instant" in page.content.decode()


def test_the_api_says_it_in_json(sign_in: Callable[[str], Client], cut: Callable) -> None:
    alice = patient(sign_in("alice"))
    cut()

    answer = alice.get("/api/v1/vacancies/")

    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, "application/problem+json", "5")
    assert "Réessayez dans un instant" in answer.json()["detail"]


def test_htmx_gets_a_sentence_and_no_second_page_in_the_page(sign_in: Callable[[str], Client], cut: Callable) -> None:
    alice = patient(sign_in("alice"))
    cut()

    answer = alice.get("/", headers={"HX-Request": "true"})

    assert answer.status_code == 503
    assert "Réessayez dans un instant" in answer.content.decode()
    assert "<html" not in answer.content.decode()


@require_safe
def divide(request: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")


@require_safe
def suspect(request: object) -> None:
    raise SuspiciousOperation("no")


@require_safe
def sleep(request: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 100; SELECT pg_sleep(5)")


@require_safe
def wait(request: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = 50; SELECT pg_advisory_lock(28)")


handler400, handler500 = "config.outage.bad_request", "config.outage.server_error"
urlpatterns = [
    *urlpatterns,
    path("divide/", divide),
    path("api/divide/", divide),
    path("suspect/", suspect),
    path("long/", sleep),
    path("waiting/", wait),
    path("api/waiting/", wait),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(("address", "status"), [("/divide/", 500), ("/api/divide/", 500), ("/suspect/", 400)])
def test_an_error_of_ours_stays_one(sign_in: Callable[[str], Client], address: str, status: int) -> None:
    answer = patient(sign_in("alice")).get(address)

    assert answer.status_code == status
    assert "Réessayez dans un instant" not in answer.content.decode()
    if address.startswith("/api/"):
        assert "Erreur de notre côté" in answer.json()["detail"]


@pytest.mark.urls(__name__)
def test_a_page_that_asks_too_much_is_stopped_and_says_what_to_choose(sign_in: Callable[[str], Client]) -> None:
    """Asked again as it is, it would be stopped again: it does not come back by itself."""
    answer = patient(sign_in("alice")).get("/long/")
    connection.close()
    text = answer.content.decode()
    assert answer.status_code == 503
    assert "Trop à lire d’un coup" in text
    assert "choisissez une seule année" in text
    assert "refresh" not in text


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/waiting/", "/api/waiting/"])
def test_what_somebody_else_holds_is_busy_and_not_too_much_to_read(
    sign_in: Callable[[str], Client], address: str
) -> None:
    """« choisissez une seule année » is advice for another fault."""
    client = patient(sign_in("alice"))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(28)")
        answer = client.get(address)
    finally:
        other.close()
        connection.close()
    text = answer.json()["detail"] if address.startswith("/api/") else answer.content.decode()
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "Occupé" in text
    assert "Réessayez" in text
    assert "une seule année" not in text


def test_a_process_limits_its_statements_and_compiles_none(monkeypatch: pytest.MonkeyPatch) -> None:
    found = connections.settings["default"]
    monkeypatch.setitem(found, "OPTIONS", dict(found["OPTIONS"]))
    limit_statements(7)
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        assert cursor.fetchone() == ("7s", "3500ms")
        cursor.execute("SELECT current_setting('jit')")
        assert cursor.fetchone() == ("off",)
    other.close()


def failure(statement: str) -> BaseException:
    """What the real server answers to a statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 100")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(statement)
    return caught.value


def test_a_statement_at_fault_is_no_outage() -> None:
    assert not is_outage(failure("SELECT 1 / 0"))
    assert not is_outage(failure("SELECT pg_sleep(5)"))
    assert not is_outage(failure("SELECT nothing_of_the_kind"))
    assert not is_outage(ValueError("ours"))
    assert not is_outage(None)


@pytest.mark.parametrize("code", ["57P01", "57P03", "53300", "53100", "08006"])
def test_what_the_server_says_when_it_fails_is_an_outage(code: str) -> None:
    """Shutting down, starting up, too many connections, disk full, connection lost: raised by the server itself."""
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'as the server would' USING ERRCODE = '{code}'; END $$"
    assert is_outage(failure(raised))


@require_safe
def full(request: object) -> None:
    raise failure("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$")


@require_safe
def crowded(request: object) -> None:
    raise failure("DO $$ BEGIN RAISE EXCEPTION 'too many clients' USING ERRCODE = '53300'; END $$")


@require_safe
def crossed(request: object) -> None:
    raise failure("DO $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END $$")


urlpatterns += [
    path("full/", full),
    path("crowded/", crowded),
    path("crossed/", crossed),
    path("api/crossed/", crossed),
]


@pytest.mark.urls(__name__)
def test_a_database_without_room_is_not_stated_to_restart(sign_in: Callable[[str], Client]) -> None:
    page = patient(sign_in("alice")).get("/full/")

    text = page.content.decode()
    assert page.status_code == 503
    assert "n’a plus de place" in text
    assert "<h1>Rien ne s’enregistre pour l’instant</h1>" in text
    assert "redémarre" not in text
    assert "refresh" not in text  # the disk does not grow in five seconds


@pytest.mark.urls(__name__)
def test_too_many_at_the_door_of_the_database_is_not_stated_to_restart(sign_in: Callable[[str], Client]) -> None:
    text = patient(sign_in("alice")).get("/crowded/").content.decode()

    assert "a plus à faire qu’elle ne peut. Réessayez dans un instant." in text
    assert "redémarre" not in text


@pytest.mark.urls(__name__)
def test_an_act_that_crossed_another_again_and_again_says_what_to_do(sign_in: Callable[[str], Client]) -> None:
    """It was a 500, « Erreur de notre côté »: nothing is at fault, and the same act succeeds in a moment."""
    client = patient(sign_in("alice"))
    page = client.get("/crossed/")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "5")
    assert "quelqu’un d’autre enregistre au même endroit" in page.content.decode()
    response = client.get("/api/crossed/")
    assert (response.status_code, response.json()["code"]) == (503, "indisponible")
    assert "Réessayez dans un instant" in response.json()["detail"]


def test_a_lost_connection_is_an_outage_even_behind_another_error(world: World, cut: Callable) -> None:
    cut()
    with pytest.raises(DatabaseError) as caught:
        world.landlord.refresh_from_db()
    behind = LookupError()
    behind.__cause__ = caught.value

    assert is_outage(caught.value)
    assert is_outage(behind)
    aside = LookupError()
    aside.__context__ = caught.value
    assert is_outage(aside)
    aside.__suppress_context__ = True  # `raise … from None`: an error of ours, of which the outage is not the reason
    assert not is_outage(aside)
