"""A session ends after some time without a request, and after a day’s work; the sign-in page says which."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axes.models import AccessLog
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from attributions.tasks import clear_sessions
from config.settings import duration
from reservations.models import Session, User
from reservations.operations.person import set_password
from tests.world import PASSWORD, World

SIGN_IN, HOME, LIST = reverse("sign-in"), reverse("home"), reverse("convention-list")
EIGHT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def clock(time_machine: Any) -> Any:
    """`clock(HOUR)`: an hour after eight in the morning, when Chloé signs in."""

    def at(after: timedelta) -> None:
        time_machine.move_to(EIGHT + after, tick=False)

    at(timedelta())
    return at


@pytest.fixture
def chloe(world: World, clock: Any) -> Client:
    client = Client()
    assert client.post(SIGN_IN, {"email": "chloe@exemple.test", "password": PASSWORD}).status_code == 302
    return client


def test_two_hours_without_a_request_close_the_session_and_it_is_stated(chloe: Client, clock: Any) -> None:
    clock(2 * HOUR + MINUTE)
    sent = chloe.get(LIST)
    assert sent["Location"] == f"{SIGN_IN}?next={LIST}&fin=inactif"
    page = chloe.get(sent["Location"]).content.decode()
    assert "Vous n’avez rien fait depuis 2 heures : votre session s’est fermée. Connectez-vous" in page
    assert f'name="next" value="{LIST}"' in page


def test_what_was_being_sent_is_stated_to_be_lost(chloe: Client, clock: Any) -> None:
    clock(3 * HOUR)
    sent = chloe.post(reverse("switch-organisation"), {"membership": "1"})
    assert sent["Location"].endswith("&fin=inactif&perdu=1")
    page = chloe.get(sent["Location"]).content.decode()
    assert "Ce que vous veniez d’envoyer n’est pas enregistré : connectez-vous, puis refaites-le." in page


def test_a_request_now_and_then_keeps_it_open_twelve_hours_and_no_more(chloe: Client, clock: Any) -> None:
    for quarter in range(1, 49):
        clock(quarter * 15 * MINUTE)
        assert chloe.get(LIST).status_code == 200, quarter
    clock(12 * HOUR + MINUTE)
    sent = chloe.get(LIST)
    assert sent["Location"].endswith("&fin=duree")
    assert (
        "Votre session était ouverte depuis 12 heures : elle s’est fermée."
        in chloe.get(sent["Location"]).content.decode()
    )


def test_the_next_morning_it_is_stated_though_the_row_is_cleared_away(chloe: Client, clock: Any) -> None:
    clock(24 * HOUR)
    clear_sessions()
    sent = chloe.get(HOME)
    assert sent["Location"].endswith("&fin=fermee")
    page = chloe.get(sent["Location"]).content.decode()
    assert "après 2 heures sans rien faire, après 12 heures en tout, et quand le mot de passe change." in page


def test_a_password_changed_elsewhere_is_stated_too(chloe: Client, world: World) -> None:
    set_password(
        user=User.objects.get(email="chloe@exemple.test"),
        password="une autre phrase",
        by=User.objects.get(email="chloe@exemple.test"),
    )
    assert chloe.get(LIST)["Location"].endswith("&fin=fermee")


def test_a_first_visit_and_a_sign_out_say_nothing(chloe: Client) -> None:
    assert Client().get(LIST)["Location"] == f"{SIGN_IN}?next={LIST}"
    chloe.post(reverse("sign-out"))
    assert chloe.get(LIST)["Location"] == f"{SIGN_IN}?next={LIST}"
    assert 'class="alert warn"' not in chloe.get(SIGN_IN, {"fin": "<b>"}).content.decode()


def test_a_fragment_leads_the_whole_page_to_the_door(chloe: Client, clock: Any) -> None:
    clock(3 * HOUR)
    page = f"http://testserver{LIST}?page=2"
    answer = chloe.get(reverse("territory-search"), headers={"HX-Request": "true", "HX-Current-URL": page})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, f"{SIGN_IN}?next={LIST}%3Fpage%3D2&fin=inactif")


@pytest.mark.parametrize("forged", ["http://[/x", "http://[::1", "//[z]/"])
def test_an_address_that_no_browser_has_leads_to_the_door_all_the_same(db: None, forged: str) -> None:
    answer = Client().get(reverse("territory-search"), headers={"HX-Request": "true", "HX-Current-URL": forged})
    assert (answer.status_code, answer["HX-Redirect"]) == (200, f"{SIGN_IN}?next=")


def test_a_page_left_open_that_looks_by_itself_is_nobody_s_activity(world: World, clock: Any) -> None:
    """It would keep the session open all day for whoever passes by."""
    aline, waits = Client(), reverse("vacancy-detail", args=[world.vacancy().pk])
    aline.post(SIGN_IN, {"email": "aline@exemple.test", "password": PASSWORD})
    looks = re.findall(r'hx-get="([^"]+)"', aline.get(waits).content.decode())
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{waits}"}
    assert len(looks) == 1
    for minutes in range(10, 121, 10):
        clock(minutes * MINUTE - timedelta(seconds=1))
        assert "HX-Redirect" not in aline.get(looks[0], headers=headers), minutes
    assert Session.objects.get().expire_date == EIGHT + 2 * HOUR
    clock(2 * HOUR + MINUTE)
    door = aline.get(looks[0], headers=headers)
    assert door["HX-Redirect"] == f"{SIGN_IN}?next={waits}&fin=inactif"


def test_a_request_writes_its_session_once_a_minute_at_most(
    chloe: Client, clock: Any, django_assert_num_queries: Any
) -> None:
    chloe.get(LIST)
    before = Session.objects.get().session_data

    def ends() -> datetime:
        return Session.objects.get().expire_date

    clock(59 * timedelta(seconds=1))
    chloe.get(LIST)
    assert ends() == EIGHT + 2 * HOUR
    clock(5 * MINUTE)
    chloe.get(LIST)
    assert (ends(), Session.objects.get().session_data) == (EIGHT + 2 * HOUR + 5 * MINUTE, before)


def test_the_key_is_another_one_after_signing_in(world: World) -> None:
    """Whoever planted the key before (« session fixation ») does not enter with it."""
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.post(SIGN_IN, {"email": "chloe@exemple.test", "password": PASSWORD})
    assert client.session.session_key != session.session_key
    assert not Session.objects.filter(pk=session.session_key).exists()


def test_the_cookie_goes_with_the_browser_and_is_hidden_from_scripts(chloe: Client) -> None:
    cookie = chloe.cookies["sessionid"]
    assert (cookie["max-age"], cookie["expires"], cookie["httponly"], cookie["samesite"]) == ("", "", True, "Lax")


def test_sign_ins_are_forgotten_after_six_months(chloe: Client, clock: Any) -> None:
    clock(timedelta(days=182))
    clear_sessions()
    assert AccessLog.objects.count() == 1
    clock(timedelta(days=184))
    clear_sessions()
    assert AccessLog.objects.count() == 0


@pytest.mark.parametrize("given", ["0", "-5", "deux", "1.5"])
def test_a_length_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("SESSION_MINUTES", given)
    with pytest.raises(ImproperlyConfigured, match="nombre entier de minutes"):
        duration("SESSION_MINUTES", 720)
    monkeypatch.setenv("SESSION_MINUTES", "")
    assert duration("SESSION_MINUTES", 720) == 720
