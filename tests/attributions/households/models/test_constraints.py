"""The database says no, in French: each constraint of the committee broken on purpose, and each trigger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.db import IntegrityError, models, transaction
from django.db.utils import ProgrammingError

from attributions.households.models import (
    AgendaCase,
    AgendaItem,
    Attendance,
    Ballot,
    BallotLine,
    BallotVote,
    CaseDecision,
    Committee,
    CommitteeMember,
    CommitteeRules,
    CommitteeSession,
    ConditionMet,
    HouseholdCandidacy,
    Proposal,
    ProposalEnd,
    Recusal,
)
from attributions.households.operations.agenda import recuse
from attributions.households.operations.session import close_session
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.households.sittings import HOUR, SINCE, House, house, lines
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR
TABLES = (
    AgendaCase,
    AgendaItem,
    Attendance,
    Ballot,
    BallotLine,
    BallotVote,
    CaseDecision,
    Committee,
    CommitteeMember,
    CommitteeRules,
    CommitteeSession,
    ConditionMet,
    HouseholdCandidacy,
    ProposalEnd,
    Recusal,
)
Break = Callable[["Decided"], models.Model]


class Decided:
    """A committee that decided of one unit, session open: A kept, B ranked after it, C not."""

    def __init__(self, at: House) -> None:
        self.at = at
        self.item = at.opened()
        recuse(item=self.item, member=at.members["Emma"], by=at.secretary, now=NOON)
        self.ballot = at.decide(self.item, *lines(self.item, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE"))
        self.case = self.item.cases.order_by("pk")[0]
        self.paul = at.members["Paul"]
        self.end = ProposalEnd.objects.get()

    def session(self, **given: object) -> CommitteeSession:
        row = {"committee": self.at.committee, "held_at": NOON, "convened_at": NOON, "convened_by": self.at.secretary}
        return CommitteeSession(**row | given)

    def member(self, **given: object) -> CommitteeMember:
        row = {"committee": self.at.committee, "capacity": "PREFECT", "full_name": "Yann", "starts_on": SINCE}
        return CommitteeMember(**row | given)

    def new_item(self, **given: object) -> AgendaItem:
        return AgendaItem(**{"session": self.item.session, "vacancy": self.item.vacancy, "position": 9} | given)

    def line(self, **given: object) -> BallotLine:
        ballot = Ballot.objects.create(item=self.item, ordinal=2, opened_at=NOON, opened_by=self.at.secretary)
        return BallotLine(**{"ballot": ballot, "case": self.case, "kind": "ALLOCATED"} | given)

    def decision(self, **given: object) -> CaseDecision:
        """One more decision, the one that stood for its candidate being superseded."""
        CaseDecision.objects.filter(proposal=self.case.proposal).update(superseded_at=NOON)
        row = {
            "item": self.item,
            "proposal": self.case.proposal,
            "ballot": self.ballot,
            "kind": "NOT_ALLOCATED",
            "reason": "SIZE",
            "decided_on": SINCE,
            "recorded_at": NOON,
            "recorded_by": self.at.secretary,
        }
        return CaseDecision(**row | given)

    def one_more_end(self, **given: object) -> ProposalEnd:
        row = {"reason": "SIZE", "side": "COMMITTEE", "offered": False, "consumed": False, "restarts": False}
        return ProposalEnd(**row | {"on": SINCE, "recorded_at": NOON} | given)

    def twice_pending(self) -> AgendaItem:
        item = self.at.item(self.at.session())
        return AgendaItem(session=self.item.session, vacancy=item.vacancy, position=9)

    def two_open(self) -> Ballot:
        Ballot.objects.create(item=self.item, ordinal=2, opened_at=NOON, opened_by=self.at.secretary)
        return Ballot(item=self.item, ordinal=3, opened_at=NOON, opened_by=self.at.secretary)

    def two_allocated(self) -> CaseDecision:
        self.decision(kind="ALLOCATED", reason="").save()
        second = self.item.cases.order_by("pk")[1].proposal
        CaseDecision.objects.filter(proposal=second).update(superseded_at=NOON)
        rows = {"item": self.item, "proposal": second, "ballot": self.ballot, "kind": "ALLOCATED"}
        return CaseDecision(**rows, decided_on=SINCE, recorded_at=NOON, recorded_by=self.at.secretary)


DUE = date(2026, 12, 1)
REMOTE = {"mode": "REMOTE", "vote_opens_at": NOON}


def terms(make: str, prefix: str) -> dict[str, list[Break]]:
    """The same checks on what a ballot proposes and on what is decided."""
    not_kept = {"kind": "NOT_ALLOCATED", "reason": "SIZE"}
    return {
        f"{prefix}_rank": [
            lambda d: getattr(d, make)(kind="RANKED", reason=""),
            lambda d: getattr(d, make)(**not_kept, rank=7),
            lambda d: getattr(d, make)(kind="RANKED", rank=0, reason=""),
        ],
        f"{prefix}_condition": [
            lambda d: getattr(d, make)(kind="CONDITIONAL", reason="", document_due_on=DUE),
            lambda d: getattr(d, make)(**not_kept, document="INCOME"),
        ],
        f"{prefix}_reason": [
            lambda d: getattr(d, make)(kind="NOT_ALLOCATED", reason=""),
            lambda d: getattr(d, make)(kind="INELIGIBLE", reason="SIZE"),
            lambda d: getattr(d, make)(kind="ALLOCATED", reason="SIZE"),
        ],
    }


def household_again(**other: object) -> Break:
    """Two candidacies of one household, of which the first is changed too."""

    def broken(d: Decided) -> HouseholdCandidacy:
        first = HouseholdCandidacy.objects.order_by("proposal")[0]
        HouseholdCandidacy.objects.filter(pk=first.pk).update(**other)
        given = {"household": first.household, "vacancy": first.vacancy, "routing": first.routing, "is_housed": False}
        return HouseholdCandidacy(proposal=another(first), **(given | other))

    return broken


def housed_again(d: Decided) -> HouseholdCandidacy:
    """One household housed by two candidacies, of two units."""
    first = HouseholdCandidacy.objects.order_by("proposal")[0]
    HouseholdCandidacy.objects.filter(pk=first.pk).update(is_housed=True)
    return HouseholdCandidacy(
        proposal=another(first), household=first.household, vacancy=first.vacancy, routing=None, is_housed=True
    )


def another(first: HouseholdCandidacy) -> Proposal:
    """A proposal of which no candidacy is kept any more."""
    found = Proposal.objects.exclude(pk=first.pk).order_by("pk")[0]
    HouseholdCandidacy.objects.filter(pk=found.pk).delete()
    return found


BROKEN: dict[str, list[Break]] = {
    "household_once_per_routing": [household_again()],
    "household_once_per_unit": [household_again(routing=None)],
    "household_housed_once": [housed_again],
    "committee_unique_name": [lambda d: Committee(landlord=d.at.world.landlord, name=d.at.committee.name)],
    "committee_rules_unique_date": [
        lambda d: CommitteeRules(committee=d.at.committee, starts_on=SINCE, quorum=3, source="CA")
    ],
    "committee_rules_convening_days_bounds": [
        lambda d: CommitteeRules(committee=d.at.committee, starts_on=DUE, quorum=3, convening_days=400, source="CA")
    ],
    "committee_rules_quorum": [
        lambda d: CommitteeRules(committee=d.at.committee, starts_on=DUE, quorum=0, source="CA")
    ],
    "committee_member_period": [lambda d: d.member(ends_on=date(2025, 12, 31))],
    "committee_member_territory": [
        lambda d: d.member(capacity="MAYOR"),
        lambda d: d.member(territory=d.at.world.places["Aude"]),
    ],
    "committee_member_appointed": [lambda d: d.member(presides=True), lambda d: d.member(represents_tenants=True)],
    "committee_member_holder": [lambda d: d.member(capacity="HOLDER")],
    "committee_member_once": [lambda d: d.member(user=d.at.world.people["bob"])],
    "session_remote_vote_period": [
        lambda d: d.session(vote_opens_at=NOON),
        lambda d: d.session(**REMOTE, vote_closes_at=NOON),
        lambda d: d.session(**REMOTE),
    ],
    "session_closed_is_sealed": [
        lambda d: d.session(opened_at=NOON, closed_at=NOON),
        lambda d: d.session(seal="0" * 64),
    ],
    "attendance_once": [lambda d: Attendance(session=d.item.session, member=d.paul)],
    "agenda_item_unique_position": [lambda d: d.new_item(position=1, vacancy=d.at.unit())],
    "agenda_item_one_pending_per_vacancy": [lambda d: d.twice_pending()],
    "agenda_item_one_issue": [lambda d: d.new_item(concluded_at=NOON, postponed_at=NOON)],
    "agenda_case_unique_letter": [
        lambda d: AgendaCase(item=d.item, proposal=d.at.item(d.at.session()).cases.first().proposal, letter="A")
    ],
    "agenda_case_unique_proposal": [lambda d: AgendaCase(item=d.item, proposal=d.case.proposal, letter="Z")],
    "recusal_once": [lambda d: Recusal(item=d.item, member=d.at.members["Emma"], recorded_at=NOON)],
    "ballot_unique_ordinal": [
        lambda d: Ballot(
            item=d.item, ordinal=1, opened_at=NOON, opened_by=d.at.secretary, closed_at=NOON, outcome="REJECTED"
        )
    ],
    "ballot_one_open_per_item": [lambda d: d.two_open()],
    "ballot_closed_has_outcome": [
        lambda d: Ballot(item=d.item, ordinal=2, opened_at=NOON, opened_by=d.at.secretary, outcome="ADOPTED"),
        lambda d: Ballot(item=d.item, ordinal=2, opened_at=NOON, opened_by=d.at.secretary, by_casting_vote=True),
    ],
    "ballot_line_once": [lambda d: BallotLine(ballot=d.ballot, case=d.case, kind="ALLOCATED")],
    "ballot_vote_once": [
        lambda d: BallotVote(ballot=d.ballot, member=d.paul, choice="AGAINST", cast_at=NOON, recorded_by=d.at.secretary)
    ],
    "case_decision_one_stands": [
        lambda d: CaseDecision(
            item=d.item,
            proposal=d.case.proposal,
            ballot=d.ballot,
            kind="ALLOCATED",
            decided_on=SINCE,
            recorded_at=NOON,
            recorded_by=d.at.secretary,
        )
    ],
    "case_decision_unique_rank": [lambda d: d.decision(kind="RANKED", rank=2, reason="")],
    "case_decision_one_allocated": [lambda d: d.two_allocated()],
    "case_decision_correction_says_why": [lambda d: d.decision(why="Erreur.")],
    "proposal_end_stands_or_undone": [
        lambda d: d.one_more_end(),
        lambda d: d.one_more_end(proposal=d.case.proposal, undone_of=d.case.proposal, undone_at=NOON),
        lambda d: d.one_more_end(undone_of=d.case.proposal),
    ],
    "proposal_end_consumed_is_offered": [
        lambda d: d.one_more_end(undone_of=d.case.proposal, undone_at=NOON, consumed=True)
    ],
    **terms("line", "ballot_line"),
    **terms("decision", "case_decision"),
}


@pytest.fixture
@kept
def decided(world: World) -> Decided:
    return Decided(house(world))


def constraints() -> dict[str, models.BaseConstraint]:
    return {constraint.name: constraint for model in TABLES for constraint in model._meta.constraints}


def test_every_constraint_is_broken_here_and_speaks_french() -> None:
    assert set(BROKEN) == set(constraints())
    for name, constraint in constraints().items():
        sentence = str(constraint.get_violation_error_message())
        assert name not in sentence, sentence
        assert sentence.endswith("."), sentence


@transaction.atomic
def save(decided: Decided, broken: Break) -> None:
    """Undone by the refusal, so that one world serves for all."""
    row = broken(decided)
    with constraints_speak(type(row)):
        row.save(force_insert=True)


def test_each_constraint_is_held_by_the_database_with_its_sentence(decided: Decided) -> None:
    """All in one world, each undone before the next."""
    for name, breaks in BROKEN.items():
        for index, broken in enumerate(breaks):
            with pytest.raises(Refusal) as refused:
                save(decided, broken)
            assert isinstance(refused.value.__cause__, IntegrityError)
            assert str(refused.value) == str(constraints()[name].get_violation_error_message()), (name, index)


def forbidden(act: Callable[[], object]) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"Cannot (update|delete) rows"),
        transaction.atomic(),
    ):
        act()


def test_what_was_voted_and_decided_never_changes(decided: Decided) -> None:
    forbidden(lambda: BallotVote.objects.update(choice="AGAINST"))
    forbidden(lambda: BallotVote.objects.all().delete())
    forbidden(lambda: BallotLine.objects.update(text="autre"))
    forbidden(lambda: BallotLine.objects.all().delete())
    forbidden(lambda: Ballot.objects.update(outcome="REJECTED"))
    forbidden(lambda: Ballot.objects.filter(pk=decided.ballot.pk)._raw_delete("default"))
    forbidden(lambda: CaseDecision.objects.update(rank=None))
    forbidden(lambda: CaseDecision.objects.all()._raw_delete("default"))
    CaseDecision.objects.update(superseded_at=NOON)
    forbidden(lambda: CaseDecision.objects.update(superseded_at=None))


def test_a_session_never_goes_and_once_closed_never_changes(decided: Decided) -> None:
    session = close_session(session=decided.item.session, by=decided.at.secretary, now=NOON)
    forbidden(lambda: CommitteeSession.objects.filter(pk=session.pk).update(place="ailleurs"))
    forbidden(lambda: CommitteeSession.objects.filter(pk=session.pk)._raw_delete("default"))


def test_an_end_is_undone_once_for_its_own_candidate_and_otherwise_kept(decided: Decided) -> None:
    ends, other = ProposalEnd.objects, decided.case.proposal
    forbidden(lambda: ends.update(reason="EFFORT"))
    forbidden(lambda: ends.all().delete())
    forbidden(lambda: ends.update(proposal=None, undone_of=other, undone_at=NOON))
    ends.undo(list(Proposal.objects.filter(status="ENDED")), at=NOON)
    [undone] = ends.order_by("pk")
    assert (undone.proposal, undone.undone_of_id) == (None, decided.end.proposal_id)
    assert str(undone) == f"{undone.undone_of} : logement inadapté à la composition du ménage"
    forbidden(lambda: ends.update(undone_at=NOON + HOUR))
