"""Races in a session: one vote a member, one count a ballot, no ballot in a closed session."""

from __future__ import annotations

import pytest

from attributions.households.models import AgendaItem, Ballot, BallotVote, CaseDecision, CommitteeSession
from attributions.households.operations.agenda import add_to_agenda, postpone_item
from attributions.households.operations.ballot import cast_vote, close_ballot, open_ballot
from attributions.households.operations.committee import seat_member
from attributions.households.operations.session import close_session
from attributions.notices.models import Notice
from flux.models import FlowEntry, Ledger
from reservations.operations.person import grant_membership
from reservations.refusals import Refusal
from tests.attributions.households.sittings import HOUR, SINCE, House, house, lines, person
from tests.concurrency.together import at_once
from tests.flux.books import check_books
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)

NOON = MORNING + 2 * HOUR


@pytest.fixture
@kept
def at(world: World) -> House:
    """Two secretaries: Aline, and Alice who takes over."""
    found = house(world)
    found.members["Alice"] = seat_member(
        committee=found.committee,
        capacity="SECRETARY",
        full_name="Alice",
        user=world.people["alice"],
        starts_on=SINCE,
        by=world.people["alice"],
    )
    return found


@pytest.fixture
def ballot(at: House) -> Ballot:
    item = at.opened()
    terms = lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    return open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)


def voting(at: House, ballot: Ballot, name: str, choice: str, by: str = "aline") -> object:
    member = at.members[name]
    return lambda: cast_vote(ballot=ballot, member=member, choice=choice, by=at.world.people[by], now=NOON)


def closing(at: House, ballot: Ballot, by: str) -> object:
    return lambda: close_ballot(ballot=ballot, by=at.world.people[by], now=NOON)


def split(outcomes: list[object]) -> tuple[list[object], list[str]]:
    """What was done, and the sentences of what was refused."""
    refused = [str(each) for each in outcomes if isinstance(each, Refusal)]
    others = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, Refusal)]
    assert not others, others
    return [each for each in outcomes if not isinstance(each, Exception)], refused


def test_two_votes_of_one_member_count_once(at: House, ballot: Ballot) -> None:
    outcomes = at_once(voting(at, ballot, "Paul", "FOR"), voting(at, ballot, "Paul", "AGAINST", "alice"))
    done, refused = split(outcomes)
    assert (len(done), refused) == (1, ["Ce membre a déjà voté."])
    assert BallotVote.objects.count() == 1


def test_without_the_lock_the_database_still_counts_it_once(at: House, ballot: Ballot, without_row_locks: None) -> None:
    outcomes = at_once(voting(at, ballot, "Paul", "FOR"), voting(at, ballot, "Paul", "AGAINST", "alice"))
    done, refused = split(outcomes)
    assert (len(done), refused) == (1, ["Ce membre a déjà voté."])


def test_two_members_vote_at_once(at: House, ballot: Ballot) -> None:
    done, refused = split(at_once(voting(at, ballot, "Paul", "FOR"), voting(at, ballot, "Rosa", "FOR")))
    assert (len(done), refused) == (2, [])


def test_two_secretaries_close_one_ballot(at: House, ballot: Ballot) -> None:
    voting(at, ballot, "Paul", "FOR")()
    done, refused = split(at_once(closing(at, ballot, "aline"), closing(at, ballot, "alice")))
    assert (len(done), refused) == (1, ["Ce scrutin est déjà clos : décision adoptée. Rechargez la page."])
    assert CaseDecision.objects.count() == 3
    assert FlowEntry.objects.filter(stage=FlowEntry.Stage.ALLOCATED).count() == 1
    assert Notice.objects.filter(kind="DECIDED").count() == 2
    check_books(Ledger.objects.get(pk=ballot.item.vacancy.ledger_id))


def test_without_the_lock_they_both_decide_or_fall_on_the_database(
    at: House, ballot: Ballot, without_row_locks: None
) -> None:
    voting(at, ballot, "Paul", "FOR")()
    outcomes = at_once(closing(at, ballot, "aline"), closing(at, ballot, "alice"))
    assert any(isinstance(each, Exception) and not isinstance(each, Refusal) for each in outcomes)


def test_a_vote_at_the_moment_of_the_count_counts_or_is_refused(at: House, ballot: Ballot) -> None:
    voting(at, ballot, "Paul", "FOR")()
    _, refused = split(at_once(closing(at, ballot, "aline"), voting(at, ballot, "Rosa", "AGAINST")))
    closed = Ballot.objects.get(pk=ballot.pk)
    votes = BallotVote.objects.count()
    assert (closed.outcome, votes) == (("ADOPTED", 1) if refused else ("NO_DECISION", 2))


def test_a_session_closed_while_a_ballot_opens(at: House) -> None:
    """Either order is refused with a sentence: a pending item keeps the session open, a closed one takes no ballot."""
    item = at.opened()
    terms = lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")

    def close() -> CommitteeSession:
        postpone_item(item=item, why="Demain.", by=at.secretary, now=NOON)
        return close_session(session=item.session, by=at.secretary, now=NOON)

    outcomes = at_once(close, lambda: open_ballot(item=item, lines=terms, by=at.world.people["alice"], now=NOON))
    done, refused = split(outcomes)
    assert len(done) == 1
    assert len(refused) == 1
    session = CommitteeSession.objects.get(pk=item.session_id)
    assert (session.state == "CLOSED") != Ballot.objects.exists()


def test_one_unit_put_on_two_agendas(at: House, world: World) -> None:
    vacancy, sessions = at.unit(), [at.session(), at.session()]

    def put(session: CommitteeSession) -> object:
        return lambda: add_to_agenda(session=session, vacancies=[vacancy], by=at.secretary, now=MORNING)

    done, refused = split(at_once(*(put(session) for session in sessions)))
    assert len(done) == 1
    assert refused == ["RH-01-001 : déjà à l’ordre du jour de la séance du 24/11/2026."]
    assert AgendaItem.objects.count() == 1


def test_two_units_put_on_two_agendas_in_opposite_orders_never_wait_for_each_other(at: House) -> None:
    one, other = at.unit(), at.unit()
    sessions = [at.session(), at.session()]
    orders = [(one, other), (other, one)]
    acts = [
        lambda session=session, order=order: add_to_agenda(
            session=session, vacancies=order, by=at.secretary, now=MORNING
        )
        for session, order in zip(sessions, orders, strict=True)
    ]
    done, refused = split(at_once(*acts))
    assert (len(done), len(refused)) == (1, 1)


def test_the_seventh_member_is_seated_by_neither(at: House, world: World) -> None:
    CommitteeSession.objects.all()
    leaving = at.members["Noémie"]
    leaving.ends_on = SINCE
    leaving.save()
    people = [person(name) for name in ("Yannick", "Zacharie")]
    for each in people:
        grant_membership(user=each, organisation=world.landlord.organisation, role="LANDLORD_STAFF")

    def seat(index: int) -> object:
        return lambda: seat_member(
            committee=at.committee,
            capacity="APPOINTED",
            full_name=people[index].full_name,
            user=people[index],
            starts_on=MORNING.date(),
            by=world.people["alice"],
        )

    done, refused = split(at_once(seat(0), seat(1)))
    assert (len(done), len(refused)) == (1, 1)
    assert "limite à 6" in refused[0]
