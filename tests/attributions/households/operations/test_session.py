"""Convening, opening, closing under seal, cancelling: each refusal once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import AgendaItem, Attendance, CommitteeRules, CommitteeSession
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.candidate_state import SittingRefused
from attributions.households.operations.committee import set_rules
from attributions.households.operations.session import cancel_session, close_session, convene_session, open_session
from reservations.canonical import verify
from reservations.models import HistoryEntry
from reservations.refusals import Refusal
from tests.attributions.households.sittings import DAY, HOUR, House, elsewhere, house, lines
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def refused(words: str) -> object:
    return pytest.raises(SittingRefused, match=words)


def test_convened_opened_closed(at: House) -> None:
    session = at.session()
    assert session.state == "CONVENED"
    item = at.item(session)
    opened = open_session(
        session=session,
        present=at.users("Paul", "Rosa", "Aline"),
        represented={at.members["Henri"].pk: "Mme Roux", at.members["Bob"].pk: "M. Serre"},
        by=at.secretary,
        now=MORNING + HOUR,
    )
    assert (opened.state, opened.quorum) == ("OPEN", 3)
    there = Attendance.objects.filter(session=session).order_by("pk")
    assert {row.member.full_name: row.represented_by for row in there} == {
        "Paul": "",
        "Rosa": "",
        "Henri": "Mme Roux",
        "Bob": "M. Serre",
        "Aline": "",
    }
    postpone_item(item=item, why="Une pièce manque.", by=at.secretary, now=NOON)
    closed = close_session(session=session, by=at.secretary, now=NOON)
    assert closed.state == "CLOSED"
    assert verify(closed.minutes, closed.seal)
    assert [entry.act for entry in HistoryEntry.objects.about(session)] == ["RECORDED", "EDITED", "ENDED"]


def test_sessions_are_not_convened_so(at: House, world: World) -> None:
    with refused("aujourd’hui ou un jour à venir"):
        at.session(held_at=MORNING - DAY)
    with refused("au plus un an à l’avance : vérifiez l’année"):
        at.session(held_at=MORNING.replace(year=2062))
    with refused("dans l’année qui vient : vérifiez l’année"):
        at.session(mode="REMOTE", vote_opens_at=MORNING, vote_closes_at=MORNING.replace(year=2062))
    with refused("le lieu"):
        at.session(place=" ")
    with refused("dans cet ordre"):
        at.session(mode="REMOTE", vote_closes_at=MORNING)
    with refused("déjà passée"):
        at.session(mode="REMOTE", vote_opens_at=MORNING - 2 * HOUR, vote_closes_at=MORNING - HOUR)
    with refused("L’ouverture du vote est déjà passée"):
        at.session(mode="REMOTE", vote_opens_at=MORNING - timedelta(minutes=16), vote_closes_at=MORNING + DAY)
    just_now = at.session(mode="REMOTE", vote_opens_at=MORNING - timedelta(minutes=15), vote_closes_at=MORNING + DAY)
    assert just_now.pk, "who writes the hour of the clock is a little late"
    set_rules(
        committee=at.committee,
        quorum=3,
        remote_allowed=False,
        source="Délibération",
        starts_on=date(2026, 11, 24),
        by=world.people["alice"],
    )
    with refused("ne permet pas le vote à distance"):
        at.session(mode="REMOTE")
    CommitteeRules.objects.all().delete()
    with refused("Aucun règlement"):
        at.session()


def test_a_session_without_rules_any_more_does_not_open(at: House) -> None:
    session = at.session()
    CommitteeRules.objects.all().delete()
    with refused("Aucun règlement"):
        open_session(session=session, present=[], by=at.secretary, now=MORNING)


def test_without_quorum_it_does_not_open_and_says_how_many_are_missing(at: House) -> None:
    session = at.session()
    with refused("1 membre désigné présent sur 3 requis, il en manque 2"):
        open_session(session=session, present=at.users("Paul", "Bob", "Chloé"), by=at.secretary, now=MORNING)
    with refused("2 membres désignés présents sur 3 requis, il en manque 1"):
        open_session(session=session, present=at.users("Paul", "Rosa"), by=at.secretary, now=MORNING)
    assert not Attendance.objects.exists()


def test_who_opens_when_and_with_whom(at: House, world: World) -> None:
    session = at.session(held_at=MORNING + DAY)
    everybody = list(at.members.values())
    with refused("Seul le secrétariat"):
        open_session(session=session, present=everybody, by=world.people["alice"], now=MORNING + DAY)
    with refused("se tient le 25 novembre 2026"):
        open_session(session=session, present=everybody, by=at.secretary, now=MORNING)
    at.members["Rosa"].ends_on = date(2026, 11, 1)
    at.members["Rosa"].save()
    with refused("Rosa ne siège pas"):
        open_session(session=session, present=everybody, by=at.secretary, now=MORNING + DAY)
    sitting = [member for member in everybody if member.full_name != "Rosa"]
    open_session(session=session, present=sitting, by=at.secretary, now=MORNING + 2 * DAY)  # noted the day after
    with refused("déjà ouverte"):
        open_session(session=session, present=sitting, by=at.secretary, now=MORNING + 2 * DAY)


def test_a_remote_session_opens_in_its_time_with_everybody(at: House) -> None:
    session = at.session(mode="REMOTE")
    with refused("Le vote s’ouvre le 24 novembre 2026, à 10 h 00"):
        open_session(session=session, by=at.secretary, now=MORNING)
    with refused("temps du vote est passé"):
        open_session(session=session, by=at.secretary, now=MORNING + 2 * DAY)
    open_session(session=session, by=at.secretary, now=MORNING + HOUR)
    assert Attendance.objects.filter(session=session).count() == len(at.members)


def test_closing_waits_for_every_item_and_ballot(at: House, world: World) -> None:
    with refused("pas encore ouverte"):
        close_session(session=at.session(), by=at.secretary, now=NOON)
    item = at.opened()
    with refused("Seul le secrétariat"):
        close_session(session=item.session, by=world.people["alice"], now=NOON)
    with refused(r"Il reste : 1 \(RH-01-001\)"):
        close_session(session=item.session, by=at.secretary, now=NOON)
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    with refused("Un scrutin est ouvert au point 1"):
        close_session(session=item.session, by=at.secretary, now=NOON)
    with refused("Un scrutin est ouvert au point 1"):
        cancel_session(session=item.session, why="Erreur.", by=at.secretary, now=NOON)


def test_a_unit_gone_elsewhere_falls_by_itself_at_closing(at: House, world: World) -> None:
    item = at.opened()
    ballot = open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    elsewhere(world, item.vacancy, now=NOON)
    closed = close_session(session=item.session, by=at.secretary, now=NOON)
    item.refresh_from_db()
    ballot.refresh_from_db()
    assert item.postponed_why == "le logement n’est plus orienté"
    assert ballot.outcome == "NO_DECISION"
    assert closed.minutes["items"][0]["issue"] == "POSTPONED"


def test_what_is_closed_or_cancelled_is_over(at: House) -> None:
    item = at.opened()
    postpone_item(item=item, why="Demain.", by=at.secretary, now=NOON)
    close_session(session=item.session, by=at.secretary, now=NOON)
    for act in (cancel_session, close_session):
        given = {"why": "Erreur."} if act is cancel_session else {}
        with refused("close et son procès-verbal scellé"):
            act(session=item.session, by=at.secretary, now=NOON, **given)
    session = at.session()
    cancel_session(session=session, why="Grève.", by=at.secretary, now=NOON)
    with refused("annulée"):
        open_session(session=session, by=at.secretary, now=NOON)


def test_cancelled_gives_its_candidates_back(at: House, world: World) -> None:
    session = at.session()
    item = at.item(session)
    other = at.item(session, vacancy=at.unit())
    elsewhere(world, other.vacancy)
    with refused("Dites pourquoi"):
        cancel_session(session=session, why=" ", by=at.secretary, now=NOON)
    cancelled = cancel_session(session=session, why="Grève.", by=at.secretary, now=NOON)
    assert cancelled.state == "CANCELLED"
    assert set(item.cases.values_list("proposal__status", flat=True)) == {"READY"}
    assert list(AgendaItem.objects.order_by("pk").values_list("postponed_why", flat=True)) == [
        "séance annulée : Grève.",
        "le logement n’est plus orienté",
    ]


def test_not_cancelled_once_something_is_decided(at: House, world: World) -> None:
    item = at.opened()
    with refused("Seul le secrétariat"):
        cancel_session(session=item.session, why="Erreur.", by=world.people["alice"], now=NOON)
    at.decide(item, *lines(item, "RANKED 1", "RANKED 2", "RANKED 3"))
    with refused("a déjà décidé d’un logement"):
        cancel_session(session=item.session, why="Erreur.", by=at.secretary, now=NOON)


def test_the_day_of_a_session_is_that_of_its_decisions(at: House) -> None:
    assert at.session().day == date(2026, 11, 24)
    assert at.session(mode="REMOTE").day == date(2026, 11, 26)
    assert CommitteeSession(held_at=MORNING.replace(hour=23, minute=30)).day == date(2026, 11, 25)  # in Paris


def test_a_session_is_not_convened_once_its_hour_is_past(at: House) -> None:
    """On the same day too: convened at noon for ten, it was opened, closed and sealed."""
    noon = MORNING + timedelta(hours=2)
    with pytest.raises(Refusal, match="Cette heure est passée") as error:
        at.session(now=noon, held_at=noon - timedelta(minutes=1))
    assert error.value.field == "held_at"
    assert at.session(now=noon, held_at=noon).held_at == noon


def test_a_session_is_not_convened_sooner_than_the_rules_say_without_a_reason(at: House) -> None:
    """R441-9 IV: the rules of the committee are its board's; eight days, here, or the reason that members read."""
    set_rules(
        committee=at.committee,
        quorum=3,
        remote_allowed=True,
        source="CA du 3 novembre 2026",
        starts_on=date(2026, 11, 20),
        convening_days=8,
        by=at.secretary,
    )
    late = MORNING + timedelta(days=7)
    text = "demande 8 jours entre la convocation et la séance : choisissez un jour à partir du 2 décembre 2026"
    for given in ({"held_at": late}, {"mode": "REMOTE", "vote_opens_at": late, "vote_closes_at": late + DAY}):
        with refused(text) as error:
            at.session(**given)
        assert error.value.field == "short_notice"
    assert not CommitteeSession.objects.exists()
    assert at.session(held_at=MORNING + timedelta(days=8)).short_notice == ""
    session = at.session(held_at=late, short_notice="Un relogement après sinistre.")
    assert session.short_notice == "Un relogement après sinistre."
    entry = HistoryEntry.objects.about(session).get()
    assert entry.why == "Un relogement après sinistre."


def test_a_delay_of_convening_has_its_bounds(at: House) -> None:
    with pytest.raises(Refusal, match="va de 1 à 60 jours") as error:
        set_rules(
            committee=at.committee,
            quorum=3,
            remote_allowed=True,
            source="CA",
            starts_on=date(2026, 11, 20),
            convening_days=61,
            by=at.secretary,
        )
    assert error.value.field == "convening_days"


def test_refusals_carry_their_field(at: House) -> None:
    with pytest.raises(Refusal) as error:
        convene_session(
            committee=at.committee, held_at=MORNING - timedelta(days=2), place="siège", by=at.secretary, now=MORNING
        )
    assert error.value.field == "held_at"
