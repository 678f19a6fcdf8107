"""Ballots: who votes, what a count comes to, and what is decided."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models import Sum

from attributions.bilan.queries import recounts
from attributions.bilan.queries.balance import balance
from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Ballot,
    BallotVote,
    CaseDecision,
    Proposal,
    ProposalEnd,
)
from attributions.households.operations.agenda import recuse, refresh_item
from attributions.households.operations.ballot import (
    DecisionsRefused,
    LineTerms,
    cast_vote,
    close_ballot,
    close_due_ballots,
    decide_in_room,
    open_ballot,
)
from attributions.households.operations.candidate_state import SittingRefused, end, lock_candidates
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.sending import claim_exemption
from attributions.households.operations.session import open_session
from attributions.notices.models import Notice
from attributions.tasks import close_ballots
from flux.models import FlowEntry, Ledger
from flux.operations.departures import HoldRefused
from flux.queries.controls.folds import drift
from reservations.migrations._sql import ROOT
from reservations.models import User
from reservations.refusals import Refusal
from tests.attributions.households.sittings import APPOINTED, DAY, HOUR, House, candidates, elsewhere, house, lines
from tests.flux.books import check_books
from tests.guards import unguarded
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def statuses(item: AgendaItem) -> list[str]:
    return list(item.cases.order_by("pk").values_list("proposal__status", flat=True))


def refused(act: object, *, words: str) -> Refusal:
    with pytest.raises(Refusal, match=words) as error:
        act()
    return error.value


# --- what is decided ---


def test_adopted_in_the_room_decides_moves_ends_counts_and_states(at: House) -> None:
    item = at.opened()
    ballot = at.decide(item, *lines(item, "RANKED 1", "NOT_ALLOCATED EFFORT", "RANKED 2"))
    assert (ballot.outcome, ballot.by_casting_vote) == ("ADOPTED", False)
    assert statuses(item) == ["ALLOCATED", "ENDED", "ALLOCATED"]
    item.refresh_from_db()
    assert item.concluded_at == NOON
    decided = CaseDecision.objects.filter(item=item).order_by("pk")
    assert [(each.kind, each.rank, each.reason, each.decided_on) for each in decided] == [
        ("RANKED", 1, "", item.session.day),
        ("NOT_ALLOCATED", None, "EFFORT", item.session.day),
        ("RANKED", 2, "", item.session.day),
    ]
    [ended] = ProposalEnd.objects.all()
    assert (ended.reason, ended.side) == ("EFFORT", "COMMITTEE")
    [entry] = FlowEntry.objects.filter(stage=FlowEntry.Stage.ALLOCATED)
    assert (entry.quantity, entry.on) == (1, item.session.day)
    rows = Notice.objects.filter(kind=Notice.Kind.DECIDED)
    assert {notice.text for notice in rows} == {"2 candidats retenus, 1 non retenu."}
    assert rows.count() == 2  # the landlord and the holder
    check_books(Ledger.objects.get(pk=item.vacancy.ledger_id))


def test_nobody_kept_states_that_nobody_is_left_and_allocates_nothing(at: House) -> None:
    item = at.opened()
    at.decide(item, *lines(item, "NOT_ALLOCATED SIZE", "INELIGIBLE OVER_CEILING", "INELIGIBLE NOT_REGULAR"))
    assert statuses(item) == ["ENDED"] * 3
    assert not FlowEntry.objects.filter(stage=FlowEntry.Stage.ALLOCATED).exists()
    kinds = set(Notice.objects.values_list("kind", flat=True))
    assert kinds & {"DECIDED"}
    assert kinds & {"NOBODY_LEFT", "RESTARTED"}
    assert Notice.objects.filter(text="0 candidat retenu, 3 non retenus.").exists()


def test_rejected_leaves_the_candidates_and_another_ballot_opens(at: House) -> None:
    item = at.opened()
    ballot = at.decide(item, *lines(item, "ALLOCATED", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2), choice="AGAINST")
    assert ballot.outcome == "REJECTED"
    assert statuses(item) == ["ON_AGENDA"] * 3
    second = at.decide(item, *lines(item, "CONDITIONAL", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2))
    assert (second.ordinal, second.outcome) == (2, "ADOPTED")


def test_a_tie_is_broken_by_the_mayor(at: House) -> None:
    item = at.opened()
    votes = {at.members["Paul"].pk: "FOR", at.members["Rosa"].pk: "AGAINST", at.members["Bob"].pk: "AGAINST"}
    terms = lines(item, "ALLOCATED", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2)
    ballot = at.decide(item, *terms, votes=votes | {at.members["Chloé"].pk: "FOR"})
    assert (ballot.outcome, ballot.by_casting_vote) == ("ADOPTED", True)


def test_a_tie_without_the_mayor_decides_nothing(at: House) -> None:
    item = at.opened()
    votes = {at.members["Paul"].pk: "FOR", at.members["Rosa"].pk: "AGAINST", at.members["Chloé"].pk: "ABSTAIN"}
    ballot = at.decide(item, *lines(item, "ALLOCATED", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2), votes=votes)
    assert ballot.outcome == "NO_DECISION"
    assert not CaseDecision.objects.exists()


def test_who_withdrew_during_the_vote_is_no_more_to_decide_and_ranks_close_up(at: House) -> None:
    item = at.opened()
    ballot = open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    withdraw(at, item, 0)
    cast_vote(ballot=ballot, member=at.members["Paul"], choice="FOR", by=at.secretary, now=NOON)
    closed = close_ballot(ballot=ballot, by=at.secretary, now=NOON)
    assert closed.outcome == "ADOPTED"
    assert statuses(item) == ["ENDED", "ALLOCATED", "ALLOCATED"]
    assert list(CaseDecision.objects.order_by("rank").values_list("rank", flat=True)) == [1, 2]


def test_a_vote_whose_reason_fell_decides_nothing(at: House) -> None:
    item = at.opened()
    terms = lines(item, "ALLOCATED", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2)
    ballot = open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)
    withdraw(at, item, 0)
    cast_vote(ballot=ballot, member=at.members["Paul"], choice="FOR", by=at.secretary, now=NOON)
    assert close_ballot(ballot=ballot, by=at.secretary, now=NOON).outcome == "NO_DECISION"
    assert statuses(item) == ["ENDED", "ON_AGENDA", "ON_AGENDA"]


def withdraw(at: House, item: AgendaItem, index: int) -> None:
    state = lock_candidates(item.vacancy_id)
    end([state.proposals[index]], "WITHDREW", by=at.secretary, now=NOON)


# --- each refusal ---


def test_decisions_that_do_not_hold_are_refused_by_letter(at: House) -> None:
    item = at.opened()
    with pytest.raises(DecisionsRefused) as error:
        open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 1", "RANKED 2"), by=at.secretary, now=NOON)
    assert set(error.value.faults) == {"A", "B"}
    assert "le rang 1 est déjà donné" in str(error.value)


def test_a_ballot_asks_for_an_open_session_its_secretary_and_no_other_ballot(at: House, world: World) -> None:
    convened = at.item()
    terms = lines(convened, "RANKED 1", "RANKED 2", "RANKED 3")
    refused(lambda: open_ballot(item=convened, lines=terms, by=at.secretary, now=NOON), words="pas encore ouverte")
    item = at.opened()
    terms = lines(item, "RANKED 1", "RANKED 2", "RANKED 3")
    refused(lambda: open_ballot(item=item, lines=terms, by=world.people["alice"], now=NOON), words="secrétariat")
    open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)
    refused(lambda: open_ballot(item=item, lines=terms, by=at.secretary, now=NOON), words="déjà ouvert")


def test_no_ballot_without_a_candidate(at: House) -> None:
    item = at.opened()
    for _ in range(3):
        withdraw(at, item, 0)
    refused(lambda: open_ballot(item=item, lines=[], by=at.secretary, now=NOON), words="Plus aucun candidat")


def test_a_document_is_awaited_after_the_day_it_is_recorded(at: House) -> None:
    """Recorded days after the session, a delay that is over would end the candidate the same night."""
    item = at.opened()
    late = MORNING + timedelta(days=16)
    asked = lines(item, "CONDITIONAL", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE")
    with pytest.raises(DecisionsRefused, match="la pièce est attendue après le 10/12/2026"):
        at.decide(item, *asked, now=late)
    assert at.decide(item, *asked, now=late - DAY).outcome == "ADOPTED"


def take_back(item: AgendaItem, number: int, by: User) -> None:
    for case in item.cases.order_by("-pk")[:number]:
        withdraw_proposal(proposal=case.proposal, reason="HOLDER_WITHDREW", by=by, now=NOON)


def test_no_ballot_on_fewer_than_the_law_asks_but_with_its_exception(at: House) -> None:
    """Those that the holder takes back after the agenda were never there."""
    item = at.opened()
    take_back(item, 2, at.secretary)
    with pytest.raises(SittingRefused, match=r"plus assez de candidats : la commission examine au moins 3 candidats"):
        at.decide(item, LineTerms(item.cases.order_by("pk")[0], "ALLOCATED"))
    claim_exemption(
        vacancy=item.vacancy,
        routing=item.routing,
        sender=at.world.als,
        exemption="TOO_FEW",
        exemption_text="Deux demandes retirées.",
        by=at.secretary,
        now=NOON,
    )
    assert at.decide(item, LineTerms(item.cases.order_by("pk")[0], "ALLOCATED")).outcome == "ADOPTED"


def test_those_sent_since_count_once_they_are_before_the_committee(at: House) -> None:
    item = at.opened()
    take_back(item, 2, at.secretary)
    candidates(at.world, item.vacancy, 2)
    with pytest.raises(SittingRefused, match="d’autres ont été transmis depuis"):
        at.decide(item, LineTerms(item.cases.order_by("pk")[0], "ALLOCATED"))
    refresh_item(item=item, by=at.secretary, now=NOON)
    terms = [LineTerms(case, "RANKED", rank=rank) for rank, case in enumerate(live(item), 1)]
    assert at.decide(item, *terms).outcome == "ADOPTED"


def live(item: AgendaItem) -> list[AgendaCase]:
    return list(item.cases.filter(proposal__status="ON_AGENDA").order_by("pk"))


def test_votes_refused_in_the_room(at: House, world: World) -> None:
    item = at.opened()
    ballot = open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    recuse(item=item, member=at.members["Rosa"], by=at.secretary, now=NOON)

    def vote(name: str, choice: str = "FOR", by: User = at.secretary) -> BallotVote:
        return cast_vote(ballot=ballot, member=at.members[name], choice=choice, by=by, now=NOON)

    refused(lambda: vote("Paul", by=at.members["Paul"].user), words="secrétariat")
    refused(lambda: vote("Paul", "MAYBE"), words="Votez pour")
    refused(lambda: vote("Ada"), words="sans voix")
    refused(lambda: vote("Rosa"), words="s’est déporté")
    vote("Paul")
    refused(lambda: vote("Paul", "AGAINST"), words="déjà voté")
    refused(lambda: recuse(item=item, member=at.members["Paul"], by=at.secretary, now=NOON), words="déjà voté")
    close_ballot(ballot=ballot, by=at.secretary, now=NOON)
    refused(lambda: vote("Henri"), words="déjà clos : décision adoptée")
    refused(lambda: close_ballot(ballot=ballot, by=at.secretary, now=NOON), words="déjà clos")


def test_absent_members_do_not_vote(at: House) -> None:
    item = at.item()
    open_session(session=item.session, present=at.users("Paul", "Rosa", "Henri"), by=at.secretary, now=MORNING + HOUR)
    terms = lines(item, "RANKED 1", "RANKED 2", "RANKED 3")
    refused(
        lambda: decide_in_room(
            item=item, lines=terms, votes={at.members["Leïla"].pk: "FOR"}, by=at.secretary, now=NOON
        ),
        words="n’est pas noté présent",
    )
    refused(
        lambda: decide_in_room(item=item, lines=terms, votes={0: "FOR"}, by=at.secretary, now=NOON),
        words="ne siège pas",
    )
    assert not Ballot.objects.exists()


def test_a_mayor_votes_in_the_commune_only_and_the_epci_in_its_territory(at: House) -> None:
    item = at.opened(vacancy=at.unit(commune="Sigean"))
    ballot = open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    refused(
        lambda: cast_vote(ballot=ballot, member=at.members["Chloé"], choice="FOR", by=at.secretary, now=NOON),
        words=r"son territoire seulement \(Narbonne\)",
    )
    cast_vote(ballot=ballot, member=at.members["Emma"], choice="FOR", by=at.secretary, now=NOON)


def test_a_unit_routed_elsewhere_meanwhile_is_not_decided(at: House, world: World) -> None:
    item = at.opened()
    terms = lines(item, "RANKED 1", "RANKED 2", "RANKED 3")
    ballot = open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)
    elsewhere(at.world, item.vacancy, now=NOON)
    with pytest.raises(HoldRefused, match="Entre-temps"):
        close_ballot(ballot=ballot, by=at.secretary, now=NOON)


# --- remote ---


def remote(at: House) -> tuple[AgendaItem, Ballot]:
    item = at.opened(mode="REMOTE")
    terms = lines(item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED EFFORT")
    return item, open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)


def vote(at: House, ballot: Ballot, *names: str, choice: str = "FOR") -> None:
    for name in names:
        member = at.members[name]
        cast_vote(ballot=ballot, member=member, choice=choice, by=member.user, now=NOON)


def test_remotely_each_votes_under_its_own_name_and_in_time(at: House) -> None:
    item, ballot = remote(at)
    paul = at.members["Paul"]
    refused(
        lambda: cast_vote(ballot=ballot, member=paul, choice="FOR", by=at.secretary, now=NOON),
        words="vote lui-même",
    )
    late = item.session.vote_closes_at
    refused(
        lambda: cast_vote(ballot=ballot, member=paul, choice="FOR", by=paul.user, now=late), words="Le vote est clos"
    )
    refused(
        lambda: cast_vote(ballot=ballot, member=paul, choice="FOR", by=paul.user, now=MORNING),
        words="Le vote s’ouvre le",
    )
    refused(lambda: at.decide(item), words="vote lui-même")
    refused(lambda: close_ballot(ballot=ballot, by=at.secretary, now=NOON), words="reste ouvert jusqu’au")


def test_a_remote_vote_closes_by_itself_and_the_mayor_breaks_the_tie(at: House) -> None:
    item, ballot = remote(at)
    vote(at, ballot, "Paul", "Rosa", "Chloé")
    vote(at, ballot, "Henri", "Leïla", "Bob", choice="AGAINST")
    assert close_due_ballots(now=NOON) == 0
    late = item.session.vote_closes_at + timedelta(minutes=2)
    assert close_due_ballots(now=late) == 1
    assert close_due_ballots(now=late) == 0
    ballot.refresh_from_db()
    assert (ballot.outcome, ballot.by_casting_vote, ballot.closed_at) == ("ADOPTED", True, late)
    decision = CaseDecision.objects.order_by("pk").first()
    assert (decision.decided_on, decision.recorded_by) == (item.session.day, at.secretary)


def test_a_remote_vote_without_quorum_decides_nothing(at: House) -> None:
    item, ballot = remote(at)
    vote(at, ballot, "Paul", "Rosa", "Bob", "Chloé", "Emma")
    assert close_due_ballots(now=item.session.vote_closes_at) == 1
    ballot.refresh_from_db()
    assert ballot.outcome == "NO_DECISION"
    assert statuses(item) == ["ON_AGENDA"] * 3


def test_once_everybody_has_voted_the_secretary_need_not_wait(at: House) -> None:
    item, ballot = remote(at)
    recuse(item=item, member=at.members["Noémie"], by=at.members["Noémie"].user, now=NOON)
    vote(at, ballot, *(name for name in APPOINTED if name != "Noémie"), "Bob", "Emma", "Chloé")
    assert close_ballot(ballot=ballot, by=at.secretary, now=NOON).outcome == "ADOPTED"
    assert {each.decided_on for each in CaseDecision.objects.all()} == {NOON.date()}  # today, before the announced end


def test_the_task_leaves_what_went_elsewhere(at: House) -> None:
    item, _ = remote(at)
    elsewhere(at.world, item.vacancy, now=NOON)
    assert close_ballots() == 0


def test_no_ballot_out_of_the_time_of_the_vote(at: House) -> None:
    item = at.opened(mode="REMOTE")
    terms = lines(item, "RANKED 1", "RANKED 2", "RANKED 3")
    refused(lambda: open_ballot(item=item, lines=terms, by=at.secretary, now=MORNING + 3 * DAY), words="clos depuis")


def test_a_candidate_outside_the_flow_is_decided_without_an_account(at: House, world: World) -> None:
    vacancy = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")
    candidates(world, vacancy, 3)
    item = at.opened(vacancy=vacancy)
    at.decide(item, *lines(item, "ALLOCATED", *["NOT_ALLOCATED OTHER_CANDIDATE"] * 2))
    assert not FlowEntry.objects.filter(stage=FlowEntry.Stage.ALLOCATED).exists()
    assert Proposal.objects.filter(status="ALLOCATED").count() == 1


# --- typed after the end of the year ---


def refused_in(year: int) -> int:
    """Candidatures that did not come to a lease, in the balance of a year."""
    found = FlowEntry.objects.filter(stage=FlowEntry.Stage.REFUSED, acted_on__year=year)
    return int(found.aggregate(sum=Sum("quantity", default=0))["sum"])


def test_a_committee_typed_in_january_counts_its_refusals_in_the_year_that_it_sat(at: House) -> None:
    """« au cours de l’année » (CCH, R441-5-1): as its allocation does. The recount reads the decisions themselves."""
    item = at.opened()
    january = NOON.replace(year=2027, month=1, day=4)
    at.decide(item, *lines(item, "RANKED 1", "NOT_ALLOCATED EFFORT", "INELIGIBLE OVER_CEILING"), now=january)
    assert set(ProposalEnd.objects.values_list("on", flat=True)) == {item.session.day}
    assert (refused_in(2026), refused_in(2027)) == (2, 0)
    for exercise in (2026, 2027):
        read = recounts.read_tables(balance(at.world.landlord, exercise).cells)
        differ = recounts.differences(recounts.tables(at.world.landlord.pk, exercise), read)
        assert not [each for each in differ if each[3] == "refused"]


def test_the_recount_does_not_read_the_day_that_an_end_copies(at: House) -> None:
    item = at.opened()
    at.decide(item, *lines(item, "RANKED 1", "NOT_ALLOCATED EFFORT", "INELIGIBLE OVER_CEILING"))
    with unguarded("attributions_proposalend.kept", "attributions_proposalend.undone_once"):
        ProposalEnd.objects.update(on=date(2027, 1, 4))
    counted = recounts.tables(at.world.landlord.pk, 2026)["TYPOLOGY"]
    assert sum(cell.get("refused", 0) for row in counted.values() for cell in row.values()) == 2


def test_what_an_earlier_version_counted_in_the_year_of_typing_is_put_in_that_of_the_decision(at: House) -> None:
    """The migration takes it out of one year and puts it in the other, by entries of their own."""
    item = at.opened()
    at.decide(item, *lines(item, "RANKED 1", "RANKED 2", "INELIGIBLE OVER_CEILING"))
    held = lock_candidates(item.vacancy_id).proposals[-1]
    with unguarded("attributions_casedecision.kept"):
        CaseDecision.objects.filter(proposal=held).update(kind="NOT_ALLOCATED", rank=None, reason="EFFORT")
    end([held], "EFFORT", on=date(2027, 1, 4), by=at.secretary, now=NOON)
    assert (refused_in(2026), refused_in(2027)) == (1, 1)
    with connection.cursor() as cursor:
        cursor.execute((ROOT / "attributions/sql/replaced/0200_refusals_dated.sql").read_text(encoding="utf-8"))
    assert (refused_in(2026), refused_in(2027)) == (2, 0)
    assert drift() == {}
