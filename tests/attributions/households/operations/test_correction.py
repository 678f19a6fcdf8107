"""Corrective decisions: what they replace, what follows, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from attributions.households.models import AgendaItem, CaseDecision, ConditionMet, Lease, Offer, Proposal, ProposalEnd
from attributions.households.operations.agenda import postpone_item
from attributions.households.operations.ballot import DecisionsRefused, LineTerms
from attributions.households.operations.calls import close_missed_conditions, record_document
from attributions.households.operations.candidate_state import SittingRefused, end, lock_candidates
from attributions.households.operations.correction import correct_decisions
from attributions.households.operations.session import close_session
from attributions.households.queries.minutes import decided as decided_cases
from attributions.notices.models import Notice
from flux.models import FlowEntry, Ledger, Routing
from reservations.canonical import verify
from reservations.refusals import Refusal
from tests.attributions.households.sittings import DAY, HOUR, House, candidates, house, lines
from tests.flux.books import check_books
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR
LATER = MORNING + DAY


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def refused(words: str) -> object:
    return pytest.raises(SittingRefused, match=words)


def decided(at: House, *kinds: str, closed: bool = False) -> AgendaItem:
    item = at.opened()
    at.decide(item, *lines(item, *kinds))
    if closed:
        close_session(session=item.session, by=at.secretary, now=NOON)
    item.refresh_from_db()
    return item


def decided_now(item: AgendaItem) -> dict[str, tuple[str, int | None, str]]:
    """What stands, by letter."""
    letters = {case.proposal_id: case.letter for case in item.cases.order_by("pk")}
    rows = CaseDecision.objects.filter(item=item, superseded_at=None).order_by("pk")
    return {letters[row.proposal_id]: (row.kind, row.rank, row.reason) for row in rows}


def terms(item: AgendaItem, **asked: str) -> dict[CaseDecision, LineTerms]:
    """New terms by letter, `A="RANKED 2"`, for the decisions that stand."""
    found = {}
    for case in item.cases.order_by("pk"):
        if case.letter in asked:
            decision = CaseDecision.objects.get(item=item, proposal=case.proposal, superseded_at=None)
            kinds = [asked.get(other.letter, "ALLOCATED") for other in item.cases.order_by("pk")]
            found[decision] = next(line for line in lines(item, *kinds) if line.case == case)
    return found


def correct(at: House, item: AgendaItem, why: str = "Erreur de saisie.", **asked: str) -> list[CaseDecision]:
    return correct_decisions(item=item, terms=terms(item, **asked), why=why, by=at.secretary, now=LATER)


def statuses(item: AgendaItem) -> list[str]:
    return list(item.cases.order_by("pk").values_list("proposal__status", flat=True))


def allocated(item: AgendaItem) -> int:
    entries = FlowEntry.objects.filter(vacancy=item.vacancy, stage=FlowEntry.Stage.ALLOCATED)
    return sum(entries.order_by("pk").values_list("quantity", flat=True))


def test_two_ranks_exchanged_after_the_closing(at: House) -> None:
    item = decided(at, "RANKED 1", "RANKED 2", "RANKED 3", closed=True)
    item.session.refresh_from_db()
    minutes, seal = item.session.minutes, item.session.seal
    written = correct(at, item, A="RANKED 2", B="RANKED 1")
    assert decided_now(item) == {
        "A": ("RANKED", 2, ""),
        "B": ("RANKED", 1, ""),
        "C": ("RANKED", 3, ""),
    }
    assert {(row.corrects.rank, row.rank, row.why, row.decided_on) for row in written} == {
        (1, 2, "Erreur de saisie.", item.session.day),
        (2, 1, "Erreur de saisie.", item.session.day),
    }
    assert statuses(item) == ["ALLOCATED"] * 3
    item.session.refresh_from_db()
    assert (item.session.minutes, item.session.seal) == (minutes, seal)
    assert verify(minutes, seal)
    assert set(Notice.objects.filter(kind="CORRECTED").values_list("text", flat=True)) == {
        "3 candidats retenus, 0 non retenu."
    }


def test_an_ended_candidate_comes_back_and_its_end_stays_beside(at: House) -> None:
    item = decided(at, "ALLOCATED", "NOT_ALLOCATED OTHER_CANDIDATE", "NOT_ALLOCATED SIZE")
    correct(at, item, A="NOT_ALLOCATED OTHER_CANDIDATE", B="ALLOCATED")
    assert statuses(item) == ["ENDED", "ALLOCATED", "ENDED"]
    back = item.cases.order_by("pk")[1].proposal
    assert not ProposalEnd.objects.filter(proposal=back).exists()
    [undone] = back.undone_ends.order_by("pk")
    assert (undone.reason, undone.undone_at) == ("OTHER_CANDIDATE", LATER)
    assert allocated(item) == 1
    # and it may end again, for another reason
    end(lock_candidates(item.vacancy_id).among("ALLOCATED"), "WITHDREW", by=at.secretary, now=LATER)
    back.refresh_from_db()
    assert back.end.reason == "WITHDREW"


def test_nobody_is_kept_any_more_and_the_account_follows(at: House) -> None:
    item = decided(at, "ALLOCATED", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE")
    assert allocated(item) == 1
    correct(at, item, A="INELIGIBLE OVER_CEILING")
    assert (statuses(item), allocated(item)) == (["ENDED"] * 3, 0)
    assert Notice.objects.filter(kind__in=["RESTARTED", "NOBODY_LEFT"]).exists()
    check_books(Ledger.objects.get(pk=item.vacancy.ledger_id))


def test_somebody_is_kept_after_all_and_the_clock_of_the_holder_stops_again(at: House) -> None:
    item = decided(at, "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED EFFORT")
    Routing.objects.filter(pk=item.routing_id).update(answered_on=None)
    correct(at, item, C="ALLOCATED")
    assert (statuses(item), allocated(item)) == (["ENDED", "ENDED", "ALLOCATED"], 1)
    assert Routing.objects.get(pk=item.routing_id).answered_on == MORNING.date()
    check_books(Ledger.objects.get(pk=item.vacancy.ledger_id))


def test_another_reason(at: House) -> None:
    item = decided(at, "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED EFFORT")
    decision, line = next(iter(terms(item, A="NOT_ALLOCATED EFFORT").items()))
    [new] = correct_decisions(item=item, terms={decision: line}, why="Motif inversé.", by=at.secretary, now=LATER)
    assert new.corrects == decision
    proposal = Proposal.objects.get(pk=decision.proposal_id)
    assert (proposal.end.reason, proposal.undone_ends.get().reason) == ("EFFORT", "SIZE")


def test_a_document_is_awaited_after_the_correction_and_not_the_session_only(at: House) -> None:
    item = decided(at, "ALLOCATED", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE")
    asked = terms(item, A="CONDITIONAL")
    late = MORNING + timedelta(days=20)
    with pytest.raises(DecisionsRefused, match="Dossier A : la pièce est attendue après le 14/12/2026"):
        correct_decisions(item=item, terms=asked, why="Pièce manquante.", by=at.secretary, now=late)
    assert correct_decisions(item=item, terms=asked, why="Pièce manquante.", by=at.secretary, now=LATER)


def test_a_day_that_is_over_and_does_not_change_prevents_no_other_correction(at: House) -> None:
    item = decided(at, "CONDITIONAL", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE")
    asked, late = terms(item, B="NOT_ALLOCATED EFFORT"), MORNING + timedelta(days=20)
    assert correct_decisions(item=item, terms=asked, why="Motif inversé.", by=at.secretary, now=late)


def conditional(item: AgendaItem, **changed: object) -> dict[CaseDecision, LineTerms]:
    """Other terms for the decision that stands on the first case: under a condition."""
    [(decision, line)] = terms(item, A="CONDITIONAL 1").items()
    return {decision: replace(line, **changed)}


@pytest.mark.parametrize(
    ("changed", "carried"),
    [
        ({"rank": 2, "text": "Deux avis."}, True),
        ({"document_due_on": date(2026, 12, 20)}, True),
        ({"document": "IDENTITY"}, False),
        ({"document": "OTHER", "text": "Livret de famille."}, False),
    ],
    ids=["another rank", "a later day", "another document", "some other document"],
)
def test_a_document_that_came_is_not_awaited_again(at: House, changed: dict[str, object], *, carried: bool) -> None:
    item = decided(at, "CONDITIONAL 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    [decision] = terms(item, A="CONDITIONAL 1")
    record_document(decision=decision, received_on=MORNING.date(), by=at.secretary, now=LATER)
    asked = conditional(item, **changed)
    if "rank" in changed:
        asked |= terms(item, B="RANKED 1")
    correct_decisions(item=item, terms=asked, why="Erreur de saisie.", by=at.secretary, now=LATER)
    met = ConditionMet.objects.filter(decision__superseded_at=None).values_list("received_on", flat=True)
    assert list(met) == ([MORNING.date()] if carried else [])
    assert close_missed_conditions(now=MORNING + timedelta(days=60)) == (0 if carried else 1)


def test_a_document_is_known_again_after_another_decision(at: House) -> None:
    item = decided(at, "CONDITIONAL", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE")
    [decision] = terms(item, A="CONDITIONAL")
    record_document(decision=decision, received_on=MORNING.date(), by=at.secretary, now=LATER)
    correct(at, item, A="ALLOCATED")
    assert not ConditionMet.objects.filter(decision__superseded_at=None).exists()
    correct(at, item, A="CONDITIONAL")
    assert ConditionMet.objects.get(decision__superseded_at=None).received_on == MORNING.date()


def test_corrections_refused(at: House, world: World) -> None:
    item = decided(at, "RANKED 1", "RANKED 2", "NOT_ALLOCATED SIZE")
    with refused("Dites pourquoi"):
        correct(at, item, why=" ", A="RANKED 1")
    with refused("au moins une décision"):
        correct(at, item)
    with pytest.raises(DecisionsRefused, match="le rang 2 est déjà donné"):
        correct(at, item, A="RANKED 2")
    swapped = terms(item, A="RANKED 2", B="RANKED 1")
    with refused("Seul le secrétariat"):
        correct_decisions(item=item, terms=swapped, why="Erreur.", by=world.people["alice"], now=LATER)
    first, second = swapped
    with refused("pour le même dossier"):
        correct_decisions(item=item, terms={first: swapped[second]}, why="Erreur.", by=at.secretary, now=LATER)
    correct(at, item, A="RANKED 2", B="RANKED 1")
    with refused("déjà été rectifiée"):
        correct_decisions(item=item, terms=swapped, why="Erreur.", by=at.secretary, now=LATER)
    end(lock_candidates(item.vacancy_id).among("ALLOCATED")[:1], "WITHDREW", by=at.secretary, now=LATER)
    with refused("n’est plus en cours"):
        correct(at, item, A="RANKED 1", B="RANKED 2")


def test_nothing_is_corrected_before_it_is_decided(at: House) -> None:
    item = decided(at, "RANKED 1", "RANKED 2", "RANKED 3")
    other = at.opened()
    postpone_item(item=other, why="Demain.", by=at.secretary, now=NOON)
    with refused("n’a pas encore décidé"):
        correct_decisions(item=other, terms=terms(item, A="RANKED 1"), why="Erreur.", by=at.secretary, now=LATER)


def test_nothing_is_corrected_once_an_offer_is_sent_or_a_lease_signed(at: House) -> None:
    item = decided(at, "RANKED 1", "RANKED 2", "RANKED 3")
    lease = Lease.objects.create(
        vacancy=item.vacancy, signed_on=date(2026, 11, 25), recorded_at=LATER, recorded_by=at.secretary
    )
    with refused("Un bail est déjà signé"):
        correct(at, item, A="RANKED 2", B="RANKED 1")
    Lease.objects.filter(pk=lease.pk).update(cancelled_at=LATER, cancelled_by=at.secretary, cancelled_why="Erreur.")
    decision = CaseDecision.objects.get(item=item, rank=1)
    Offer.objects.create(
        proposal=decision.proposal, decision=decision, sent_on=date(2026, 11, 25), answer_by=date(2026, 12, 6)
    )
    with refused("Une offre est déjà envoyée"):
        correct(at, item, A="RANKED 2", B="RANKED 1")


def test_nothing_is_corrected_once_the_unit_is_before_the_committee_again(at: House, world: World) -> None:
    item = decided(at, *["NOT_ALLOCATED SIZE"] * 3)
    candidates(world, item.vacancy)
    at.item(vacancy=item.vacancy)
    with refused("revenu depuis devant la commission"):
        correct(at, item, A="ALLOCATED")


def test_a_household_proposed_again_since_does_not_come_back_twice(at: House, world: World) -> None:
    item = decided(at, *["NOT_ALLOCATED SIZE"] * 3)
    [again] = candidates(world, item.vacancy, 1)
    again.application = item.cases.order_by("pk")[0].proposal.application
    again.save()
    with pytest.raises(Refusal, match="déjà candidat à ce logement"):
        correct(at, item, A="ALLOCATED")
    assert statuses(item) == ["ENDED"] * 3


def test_before_a_decision_are_those_that_it_corrected_not_itself(at: House) -> None:
    item = decided(at, "NOT_ALLOCATED SIZE", "NOT_ALLOCATED SIZE", "NOT_ALLOCATED EFFORT")
    correct(at, item, A="NOT_ALLOCATED EFFORT")
    found = decided_cases(item)
    reasons = [(each.letter, each.decision.reason, [old.reason for old in each.before]) for each in found]
    assert reasons == [("A", "EFFORT", ["SIZE"]), ("B", "SIZE", []), ("C", "EFFORT", [])]
