"""The suspensive condition: the document in time, or the candidate is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import ConditionMet, Offer, Proposal, ProposalEnd
from attributions.households.operations.calls import ConditionRefused, close_missed_conditions, record_document
from attributions.households.operations.lease import LeaseRefused, sign_lease
from attributions.households.operations.offers import send_offer
from attributions.notices.models import Notice
from flux.queries.first_letting import outcomes
from tests.attributions.households.rows import Case, accepted, decided, decisions_of, reasons, statuses
from tests.flux.books import check_books
from tests.world import MORNING, World

TODAY = MORNING.date()
DUE = date(2026, 12, 1)
CONDITIONAL = Case("CONDITIONAL", due=DUE)
RANKED = (Case("CONDITIONAL", rank=1, due=DUE), Case(rank=2))


def test_document_in_time_fulfils_the_condition_and_the_holder_is_notified(world: World) -> None:
    proposals = decided(world, CONDITIONAL)
    [decision] = decisions_of(proposals)
    met = record_document(decision=decision, received_on=DUE, by=world.people["aline"], now=MORNING + timedelta(9))
    assert (met.received_on, met.decision) == (DUE, decision)
    notice = Notice.objects.get(kind="CONDITION_MET")
    assert notice.organisation == world.city
    assert close_missed_conditions(now=MORNING + timedelta(30)) == 0


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (DUE + timedelta(1), "fixé le délai au 01/12/2026"),
        (TODAY - timedelta(1), "entre la décision"),
        (TODAY + timedelta(20), "entre la décision"),
    ],
)
def test_document_outside_its_term_is_refused(world: World, received: date, expected: str) -> None:
    [decision] = decisions_of(decided(world, CONDITIONAL))
    with pytest.raises(ConditionRefused, match=expected) as refused:
        record_document(decision=decision, received_on=received, by=world.people["aline"], now=MORNING + timedelta(9))
    assert refused.value.field == "received_on"
    assert not ConditionMet.objects.exists()


def test_document_is_recorded_once_and_only_where_one_is_awaited(world: World) -> None:
    conditional, plain = decisions_of(decided(world, *RANKED))
    terms = {"received_on": TODAY, "by": world.people["aline"], "now": MORNING}
    record_document(decision=conditional, **terms)
    with pytest.raises(ConditionRefused, match="déjà enregistrée"):
        record_document(decision=conditional, **terms)
    with pytest.raises(ConditionRefused, match="n’attend aucune pièce"):
        record_document(decision=plain, **terms)


def test_lease_waits_for_the_document(world: World) -> None:
    proposals = accepted(world, CONDITIONAL)
    [decision] = decisions_of(proposals)
    aline, later = world.people["aline"], MORNING + timedelta(3)
    with pytest.raises(LeaseRefused, match="enregistrez d’abord la pièce attendue"):
        sign_lease(proposal=proposals[0], signed_on=TODAY, by=aline, now=later)
    record_document(decision=decision, received_on=TODAY + timedelta(2), by=aline, now=later)
    with pytest.raises(LeaseRefused, match=r"entre l’accord, le 26/11/2026"):
        sign_lease(proposal=proposals[0], signed_on=TODAY + timedelta(1), by=aline, now=later)
    assert sign_lease(proposal=proposals[0], signed_on=TODAY + timedelta(2), by=aline, now=later).pk


def test_condition_missed_ends_the_candidate_cancels_its_offer_and_calls_the_next(world: World) -> None:
    proposals = decided(world, *RANKED)
    send_offer(proposal=proposals[0], answer_by=date(2026, 12, 31), by=world.people["aline"], now=MORNING)
    for days in (7, 8):
        assert close_missed_conditions(now=MORNING + timedelta(days)) == 0
    night = MORNING + timedelta(9)
    assert (close_missed_conditions(now=night), close_missed_conditions(now=night)) == (1, 0)
    assert (reasons(proposals), statuses(proposals)) == (["CONDITION_NOT_MET", ""], ["ENDED", "OFFERED"])
    assert [offer.answer for offer in Offer.objects.order_by("pk")] == ["CANCELLED", ""]
    end = ProposalEnd.objects.get()
    assert (end.recorded_by, end.on) == (None, date(2026, 12, 2)), "refused since the day after its term"
    assert end.text == "Pièce non reçue le 01/12/2026 au soir, constaté le 03/12/2026."
    assert Notice.objects.filter(kind="CONDITION_LOST").count() == 2


def test_document_that_came_on_friday_is_recorded_on_the_monday_after_the_term(world: World) -> None:
    sunday = date(2026, 12, 6)
    [decision] = decisions_of(decided(world, Case("CONDITIONAL", due=sunday)))
    monday = MORNING + timedelta(13)
    assert close_missed_conditions(now=monday) == 0
    record_document(decision=decision, received_on=date(2026, 12, 4), by=world.people["aline"], now=monday)
    assert close_missed_conditions(now=monday + timedelta(1)) == 0


def test_condition_missed_after_acceptance_withdraws_the_offer(world: World) -> None:
    proposals = accepted(world, CONDITIONAL)
    assert close_missed_conditions(now=MORNING + timedelta(9)) == 1
    assert Offer.objects.get().answer == "WITHDRAWN"
    assert outcomes([proposals[0].vacancy]) == {}
    check_books(proposals[0].vacancy.ledger)


def test_condition_missed_before_any_offer_waits_for_a_person(world: World) -> None:
    """Nobody was called yet: the landlord sends the first offer when it chooses."""
    proposals = decided(world, *RANKED)
    assert close_missed_conditions(now=MORNING + timedelta(9)) == 1
    assert statuses(proposals) == ["ENDED", "ALLOCATED"]
    assert not Offer.objects.exists()


def test_condition_of_a_candidate_gone_is_not_missed(world: World) -> None:
    decided(world, CONDITIONAL)
    Proposal.objects.update(status="RELEASED")
    assert close_missed_conditions(now=MORNING + timedelta(9)) == 0
