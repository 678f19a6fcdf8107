"""Sessions on screen: convening, agenda, attendance, closing, cancelling."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import AgendaItem, Attendance, CommitteeSession
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.committee import set_rules
from attributions.households.operations.session import open_session
from reservations.words import hour
from tests.attributions.households.sittings import APPOINTED, DAY, HOUR, House, candidates, routed
from tests.flux.views.pages import text_of
from tests.world import MORNING

SignIn = Callable[[str], Client]
LIST = reverse("session-list")
WHEN = {"held_on": "26/11/2026", "held_hour": "9 h 30"}


def url(name: str, about: CommitteeSession) -> str:
    return reverse(name, args=[about.pk])


def test_clerk_convenes_in_a_room_and_remotely(home: House, sign_in: SignIn) -> None:
    client = sign_in("aline")
    convene = reverse("session-convene")
    room = {"committee": home.committee.pk, "mode": "ROOM", **WHEN}
    page = client.post(convene, room)
    assert page.status_code == 422
    assert "Dites où la commission se réunit." in text_of(page)
    assert client.post(convene, room | {"place": "Siège, salle 2"}).status_code == 302
    remote = room | {"mode": "REMOTE"}
    page = client.post(convene, remote | {"opens_on": "26/11/2026", "opens_hour": "25 h"})
    assert "Écrivez une heure qui existe" in text_of(page)
    assert "Écrivez le jour de la clôture du vote." in text_of(page)
    period = {"opens_on": "26/11/2026", "opens_hour": "9h", "closes_on": "27/11/2026", "closes_hour": "18:00"}
    assert client.post(convene, remote | period).status_code == 302
    set_rules(
        committee=home.committee,
        quorum=3,
        remote_allowed=True,
        source="CA",
        starts_on=date(2026, 11, 25),
        convening_days=30,
        by=home.secretary,
    )
    soon = room | {"place": "Siège, salle 2", "held_on": "26/11/2026"}
    refused = client.post(convene, soon)
    assert refused.context["form"].errors.keys() == {"short_notice"}
    assert "demande 30 jours entre la convocation et la séance" in text_of(refused)
    response = client.post(convene, soon | {"short_notice": "Un relogement après sinistre."}, follow=True)
    assert "Convoquée dans un délai plus court que celui du règlement : Un relogement après sinistre." in text_of(
        response
    )
    first, second = CommitteeSession.objects.order_by("pk")[:2]
    assert (first.place, first.mode, second.mode) == ("Siège, salle 2", "ROOM", "REMOTE")
    assert f"{second.vote_closes_at:%d %H:%M}" == "27 17:00"


def test_list_states_what_is_ready_and_what_prevents_the_rest(home: House, sign_in: SignIn) -> None:
    home.unit()
    home.session()
    unready = routed(home.world)
    candidates(home.world, unready, 3, status="SENT")
    page = text_of(sign_in("aline").get(LIST))
    assert "1 logement prêt" in page
    assert "Choisissez une séance à venir : vous les y mettrez depuis sa page." in page
    assert "3 dossiers restent à instruire." in page
    assert "Ménage" not in page


def test_units_are_added_then_the_session_opens_with_its_quorum(home: House, sign_in: SignIn) -> None:
    session, vacancy = home.session(), home.unit()
    client = sign_in("aline")
    detail = url("session-detail", session)
    assert client.post(url("session-add", session), {}).status_code == 422
    assert client.post(url("session-add", session), {"vacancies": [vacancy.pk]}).status_code == 302
    page = text_of(client.get(detail))
    assert "1 logement, 3 dossiers. Séance convoquée." in page
    assert vacancy.unit.address in page

    present = {f"present_{home.members[name].pk}": "on" for name in (*APPOINTED[:2], "Chloé")}
    refused = client.post(url("session-open", session), present)
    assert refused.status_code == 422
    assert "Le quorum n’est pas atteint" in text_of(refused)
    rosa, henri = home.members["Rosa"].pk, home.members["Henri"].pk
    absent = client.post(url("session-open", session), {f"by_{henri}": "M. Durand"})
    assert "Cochez ce membre présent, puisqu’il est représenté." in text_of(absent)
    third = {f"present_{henri}": "on", f"by_{rosa}": "Mme Petit"}
    page = client.post(url("session-open", session), present | third, follow=True)
    assert "Quorum atteint : 3 membres désignés présents sur 6, il en faut 3." in text_of(page)
    assert Attendance.objects.get(member=rosa).represented_by == "Mme Petit"


def test_a_unit_put_off_says_the_day_it_was_and_not_that_of_the_session(home: House, sign_in: SignIn) -> None:
    item = home.item(home.session(held_at=MORNING + 2 * DAY))
    postpone_item(item=item, why="Une pièce manque.", by=home.secretary, now=MORNING)
    page = text_of(sign_in("aline").get(url("session-detail", item.session)))
    assert "Une pièce manque. Reporté le 24 nov." in page


def test_agenda_to_print_names_nobody(home: House, sign_in: SignIn) -> None:
    item = home.item()
    page = text_of(sign_in("emma").get(url("session-agenda", item.session)))
    assert item.vacancy.unit.address in page
    assert "Ménage " not in page
    assert "0110" not in page


def test_agenda_gives_each_unit_its_hour_by_how_long_one_takes(home: House, sign_in: SignIn) -> None:
    """In a room, whoever is called comes at an hour; a remote vote has its own."""
    session = home.session(held_at=MORNING + 2 * DAY)
    home.item(session)
    home.item(session)
    address, emma = url("session-agenda", session), sign_in("emma")
    drawn = emma.get(address)
    assert "Donner une heure à chaque logement" in text_of(drawn)
    assert "<th>Heure" not in drawn.content.decode()
    at = timezone.localtime(session.held_at)
    page = text_of(emma.get(address, {"minutes": "15"}))
    for rank in range(2):
        assert hour(at + timedelta(minutes=15 * rank)) in page
    assert "Un logement s’examine en 1 à 120 minutes." in text_of(emma.get(address, {"minutes": "0"}))
    remote = home.opened(mode="REMOTE").session
    assert "Donner une heure" not in text_of(emma.get(url("session-agenda", remote)))


def test_closing_waits_for_every_item_and_cancelling_says_why(home: House, sign_in: SignIn) -> None:
    item = home.opened()
    client = sign_in("aline")
    page = client.post(url("session-close", item.session), follow=True)
    assert "Décidez ou reportez d’abord chaque point." in text_of(page)
    assert client.post(url("session-cancel", item.session), {}).status_code == 422
    assert (
        client.post(url("session-cancel", item.session), {"why": "Panne de réseau.", "sure": "on"}).status_code == 302
    )
    assert client.get(LIST).context["past"][0].session.state.label == "annulée"
    page = text_of(client.get(url("session-detail", item.session)))
    assert "Panne de réseau." in page
    assert AgendaItem.objects.get().postponed_at is not None


#: Reads, opens, cancels.
WHO = {
    "aline": (200, 422, 422),  # keeps the minutes
    "alice": (200, 403, 422),  # of the landlord, no secretary
    "chloe": (200, 403, 403),  # sits
    "zoe": (404, 404, 404),
    "adam": (404, 404, 404),
    "driss": (404, 404, 404),
}


@pytest.mark.parametrize("person", WHO)
def test_who_may(home: House, sign_in: SignIn, person: str) -> None:
    session, client = home.session(), sign_in(person)
    found = (
        client.get(url("session-detail", session)).status_code,
        client.post(url("session-open", session), {}).status_code,
        client.post(url("session-cancel", session), {}).status_code,
    )
    assert found == WHO[person]


def test_member_of_another_organisation_finds_its_sessions(home: House, sign_in: SignIn) -> None:
    session = home.session()
    page = sign_in("bob").get(LIST)
    assert "À quelles séances siégez-vous ?" in text_of(page)
    assert [line.session for line in page.context["to_come"]] == [session]
    assert sign_in("zoe").get(LIST).context["to_come"] == []


@pytest.mark.parametrize("count", [1, 12])
def test_pages_cost_the_same_queries_whatever_their_length(
    home: House, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    session = home.session()
    for _ in range(count):
        home.item(session)
    for _ in range(count - 1):
        home.session()
    client = sign_in("aline")
    with django_assert_num_queries(12):
        assert len(client.get(LIST).context["to_come"]) == count
    with django_assert_num_queries(10):
        assert len(client.get(url("session-detail", session)).context["lines"]) == count
    with django_assert_num_queries(5):  # one of its cases, which its households leave in time
        assert len(client.get(url("session-agenda", session)).context["lines"]) == count


def test_whoever_is_no_secretary_reads_who_opens_and_closes_the_session(home: House, sign_in: SignIn) -> None:
    """Alice convened it and keeps no minutes: she sees no button, and why."""
    session = home.item().session
    answer = sign_in("alice").get(url("session-detail", session))
    assert "Le secrétariat de la commission ouvre la séance : Aline. Quelqu’un d’autre s’en charge ?" in text_of(answer)
    assert f'<a href="{reverse("committee-detail", args=[home.committee.pk])}">la page de la' in answer.content.decode()
    opens = text_of(sign_in("aline").get(url("session-detail", session)))
    sits = text_of(sign_in("chloe").get(url("session-detail", session)))
    assert ["Le secrétariat de la commission" in page for page in (opens, sits)] == [False, False]

    open_session(session=session, present=list(home.members.values()), by=home.secretary)
    pages = {name: text_of(sign_in(name).get(url("session-detail", session))) for name in ("alice", "aline", "chloe")}
    text = "Le secrétariat de la commission enregistre les décisions et clôt la séance : Aline."
    assert {name for name, page in pages.items() if text in page} == {"alice"}


def test_what_is_missing_is_listed_before_the_minutes_are_sealed(home: House, sign_in: SignIn) -> None:
    """The secretary read it once the closing was refused; then the minutes are sealed in one act."""
    session = home.session()
    first, second = (home.item(session) for _ in range(2))
    open_session(session=session, present=list(home.members.values()), by=home.secretary, now=MORNING + HOUR)
    session.refresh_from_db()
    for item in (first, second):
        item.session = session
    client, there = sign_in("aline"), url("session-detail", session)
    before = text_of(client.get(there))
    assert "Avant de clore, décidez ou reportez : Logement 1" in before
    assert "Logement 2" in before.partition("Avant de clore")[2].partition("Clore et sceller")[0]
    for item in (first, second):
        postpone_item(item=item, why="Une pièce manque.", by=home.secretary, now=MORNING + HOUR)
    assert "Avant de clore" not in text_of(client.get(there))
    assert client.post(url("session-close", session)).status_code == 302
    session.refresh_from_db()
    assert session.state == "CLOSED"
