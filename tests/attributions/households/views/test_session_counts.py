"""What a session counts, and who was there: the same on every page, and in the minutes that are sealed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.models import AgendaItem, Attendance, CommitteeSession
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.session import close_session, open_session
from reservations.canonical import verify
from tests.attributions.households.sittings import APPOINTED, DAY, HOUR, House, lines
from tests.flux.views.pages import text_of
from tests.world import MORNING

SignIn = Callable[[str], Client]
NOON = MORNING + 2 * HOUR


def url(name: str, pk: int) -> str:
    return reverse(name, args=[pk])


@pytest.fixture
def items(home: House) -> list[AgendaItem]:
    """Three units in an open session, the second postponed."""
    session = home.session()
    found = [home.item(session) for _ in range(3)]
    open_session(session=session, present=home.users(*APPOINTED[:3], "Chloé", "Ada"), by=home.secretary, now=NOON)
    postpone_item(item=found[1], why="Une pièce manque.", by=home.secretary, now=NOON)
    return found


def closed(home: House, items: list[AgendaItem]) -> CommitteeSession:
    for item in (items[0], items[2]):
        votes = {home.members[name].pk: "FOR" for name in APPOINTED[:3]}
        home.decide(item, *lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), votes=votes)
    return close_session(session=items[0].session, by=home.secretary, now=NOON)


def test_a_postponed_unit_is_distinguished_on_every_page(home: House, items: list[AgendaItem], sign_in: SignIn) -> None:
    client, session, text = sign_in("aline"), items[0].session, "2 logements, 6 dossiers, et 1 logement reporté."
    assert text in text_of(client.get(url("session-detail", session.pk)))
    for item in items:
        words = text_of(client.get(url("agenda-item", item.pk)))
        assert f"Logement n° {item.position}, 3 dossiers. À la séance : {text}" in words
    assert "2 et 1 reporté 6 0" in text_of(client.get(reverse("session-list")))
    closed(home, items)
    assert text in text_of(client.get(url("session-detail", session.pk)))
    assert text in text_of(client.get(url("minutes", session.pk)))


def test_without_a_postponed_unit_nothing_is_added(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    words = text_of(sign_in("aline").get(url("agenda-item", item.pk)))
    assert "À la séance : 1 logement, 3 dossiers. À examiner." in words


def test_minutes_count_who_votes_and_never_call_the_secretary_absent(
    home: House, items: list[AgendaItem], sign_in: SignIn
) -> None:
    """Sealed before the sheet could note a secretary, as the first minutes were: it opened and closed the session."""
    session = closed(home, items)
    words = text_of(sign_in("aline").get(url("minutes", session.pk)))
    assert "Membres qui votent : 4 présents sur 9." in words
    assert "Secrétariat : Aline." in words
    assert "Aline secrétariat" not in words
    assert "Ada organisme agréé d’ingénierie sociale (voix consultative) présent" in words
    session.refresh_from_db()
    assert verify(session.minutes, session.seal)


def test_the_sheet_notes_advisers_and_the_secretary_who_count_for_no_quorum(home: House, sign_in: SignIn) -> None:
    session, client = home.session(), sign_in("aline")
    aline, ada = home.members["Aline"].pk, home.members["Ada"].pk
    page = client.get(url("session-detail", session.pk)).content.decode()
    assert f'name="present_{ada}"' in page
    assert f'name="present_{aline}" id="attendance_present_{aline}" checked' in page
    assert f'name="by_{aline}"' not in page
    beside = {f"present_{pk}": "on" for pk in (aline, ada)}
    two = {f"present_{member.pk}": "on" for member in home.users(*APPOINTED[:2])}
    refused = client.post(url("session-open", session.pk), beside | two)
    assert "2 membres désignés présents sur 3 requis" in text_of(refused)
    three = {f"present_{member.pk}": "on" for member in home.users(*APPOINTED[:3])}
    assert client.post(url("session-open", session.pk), beside | three).status_code == 302
    assert Attendance.objects.filter(member=aline).exists()
    session = close_session(session=session, by=home.secretary, now=NOON)
    assert {each["name"]: each["presence"] for each in session.minutes["members"]}["Aline"] == "PRESENT"
    assert "Membres qui votent : 3 présents sur 9. Secrétariat : Aline." in text_of(
        client.get(url("minutes", session.pk))
    )


def test_before_its_day_a_session_shows_who_sits_and_no_sheet_to_fill(home: House, sign_in: SignIn) -> None:
    session, client = home.session(held_at=MORNING + DAY), sign_in("aline")
    response = client.get(url("session-detail", session.pk))
    words = text_of(response)
    text = "La séance s’ouvre le mercredi 25 novembre 2026 : la feuille de présence se remplit ce jour-là."
    assert text in words
    assert "Rosa désigné par le conseil d’administration" in words
    assert 'name="present_' not in response.content.decode()
    assert "Annuler la séance" in words
    assert text not in text_of(sign_in("alice").get(url("session-detail", session.pk)))
