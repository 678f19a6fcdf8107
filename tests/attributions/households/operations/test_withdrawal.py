"""Candidates taken back: at any step, by whom, and what follows."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum

from attributions.households.models import Offer, Proposal, ProposalEnd
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.offers import send_offer, withdraw_proposal
from attributions.households.operations.silence import give_back
from attributions.households.pages.file_words import words
from attributions.households.permissions import removal_reasons, withdrawal_reasons
from attributions.households.queries.file_steps import happened
from attributions.households.queries.file_steps import steps as file_steps
from attributions.households.queries.journey import steps
from attributions.notices.models import Notice
from flux.models import AccountMonth, FlowEntry
from flux.queries.first_letting import outcomes
from reservations.models.together import by_itself
from tests.attributions.households.candidates import agree, excluded
from tests.attributions.households.rows import (
    Case,
    accepted,
    candidates,
    decided,
    reasons,
    send,
    statuses,
)
from tests.flux.books import check_books
from tests.world import MORNING, World


def withdraw(world: World, proposal: Proposal, reason: str = "WITHDREW", **given: object) -> Offer | None:
    terms = {"reason": reason, "by": world.people["aline"], "now": MORNING}
    return withdraw_proposal(proposal=proposal, **(terms | given))


def kinds() -> list[str]:
    return sorted(set(Notice.objects.order_by("pk").values_list("kind", flat=True)))


@pytest.mark.parametrize("status", ["SENT", "READY", "ON_AGENDA"])
def test_candidate_leaves_before_the_committee_and_the_others_stay(world: World, status: str) -> None:
    proposals = candidates(world, send(world, "city"), status=status)
    assert withdraw(world, proposals[0], text="A trouvé un logement privé.") is None
    assert statuses(proposals) == ["ENDED", status, status]
    assert kinds() == ["WITHDREW"]
    assert Notice.objects.count() == 2


def test_draft_leaves_without_a_word(world: World) -> None:
    [draft, *_] = candidates(world, send(world, "city"), status="DRAFT")
    withdraw(world, draft, "HOLDER_WITHDREW")
    assert (statuses([draft]), kinds()) == (["ENDED"], [])
    assert ProposalEnd.objects.get().side == "HOLDER"


def test_rank_that_waits_leaves_without_calling_anybody(world: World) -> None:
    proposals = decided(world)
    send_offer(proposal=proposals[0], by=world.people["aline"], now=MORNING)
    withdraw(world, proposals[1])
    assert statuses(proposals) == ["OFFERED", "ENDED", "ALLOCATED"]
    assert outcomes([proposals[0].vacancy])


def test_first_rank_that_leaves_before_its_offer_waits_for_a_person(world: World) -> None:
    proposals = decided(world)
    assert withdraw(world, proposals[0]) is None
    assert not Offer.objects.exists()
    assert send_offer(proposal=proposals[1], by=world.people["aline"], now=MORNING).proposal == proposals[1]


def test_withdrawal_after_acceptance_states_every_party_and_calls_the_next(world: World) -> None:
    proposals = accepted(world, Case(), Case())
    called = withdraw(world, proposals[0], now=MORNING + timedelta(2))
    assert called is not None
    assert (called.proposal, called.sent_by) == (proposals[1], None)
    offer = Offer.objects.get(proposal=proposals[0])
    assert (offer.answer, offer.answered_on) == ("WITHDRAWN", MORNING.date())
    assert statuses(proposals) == ["ENDED", "OFFERED"]
    rows = Notice.objects.filter(kind="WITHDREW").order_by("pk")
    assert {notice.organisation for notice in rows} == {world.city, world.landlord.organisation}
    assert [notice.text for notice in rows] == ["désistement."] * 2
    check_books(proposals[0].vacancy.ledger)


@pytest.mark.parametrize("reason", ["WITHDREW", "UNIT_UNFIT"])
def test_day_of_the_acceptance_stays_and_the_loss_has_its_own(world: World, reason: str) -> None:
    [first] = accepted(world, Case("ALLOCATED"))
    withdraw(world, first, reason, now=MORNING + timedelta(6))
    on, lost = MORNING.date(), MORNING.date() + timedelta(6)
    found = steps([first.vacancy])[first.vacancy_id]
    values = {step.kind: (step.on, step.reason) for step in found if step.kind in ("ANSWERED", "ENDED")}
    assert values == {"ANSWERED": (on, "ACCEPTED"), "ENDED": (lost, reason)}
    past = by_itself(happened(first.vacancy, first.routing))
    told_so = [(step.on, words(step)) for step in file_steps(past, named=False)]
    assert (on, "Offre acceptée") in told_so
    assert [day for day, each in told_so if each.startswith("Fin d’une candidature")] == [lost]


def test_last_one_taken_back_by_its_holder_lets_the_clock_go_on(world: World) -> None:
    proposals = candidates(world, send(world, "city"), 1, status="ON_AGENDA")
    routing = proposals[0].routing
    withdraw(world, proposals[0], "HOLDER_WITHDREW", by=world.people["chloe"])
    routing.refresh_from_db()
    assert (routing.answered_on, routing.clock_from) == (None, None)
    assert outcomes([proposals[0].vacancy]) == {}
    assert "NOBODY_LEFT" not in kinds()
    check_books(proposals[0].vacancy.ledger)


def test_unit_that_cannot_be_let_loses_everybody_and_is_given_back_for_works(world: World) -> None:
    proposals = accepted(world)
    assert withdraw(world, proposals[1], "UNIT_UNFIT", text="Dégât des eaux.") is None
    assert reasons(proposals) == ["UNIT_UNFIT"] * 3
    assert outcomes([proposals[0].vacancy]) == {}
    given = give_back(routing=proposals[0].routing, by=world.people["aline"], now=MORNING)
    assert (given.reason, given.counted) == ("WORKS", False)
    check_books(proposals[0].vacancy.ledger)


def test_refused_units_are_given_back_as_the_last_refusal_says(world: World) -> None:
    proposals = decided(world, Case("ALLOCATED"))
    with pytest.raises(ProposalRefused, match="encore en cours"):
        give_back(routing=proposals[0].routing, by=world.people["aline"], now=MORNING)
    withdraw(world, proposals[0])
    assert give_back(routing=proposals[0].routing, by=world.people["aline"], now=MORNING).reason == "REFUSED"
    check_books(proposals[0].vacancy.ledger)


@pytest.mark.parametrize("reason", ["", "AREA_REFUSED", "NO_ANSWER", "SIZE"])
def test_other_reasons_are_those_of_other_acts(world: World, reason: str) -> None:
    [first, *_] = decided(world)
    with pytest.raises(ProposalRefused, match="pourquoi cette candidature s’arrête"):
        withdraw(world, first, reason)


def test_candidate_leaves_once(world: World) -> None:
    [first, *_] = decided(world)
    withdraw(world, first)
    with pytest.raises(ProposalRefused, match="Entre-temps, cette candidature en est à « terminée »"):
        withdraw(world, first)


@pytest.mark.parametrize(
    ("person", "may"),
    [
        ("aline", ("WITHDREW", "HOUSED_ELSEWHERE", "RECORDED_BY_MISTAKE", "UNIT_UNFIT")),
        ("chloe", ("WITHDREW", "HOUSED_ELSEWHERE", "HOLDER_WITHDREW")),
        ("bob", ()),
        ("zoe", ()),
        ("adam", ()),
    ],
)
def test_reasons_are_those_of_whoever_gives_them(world: World, person: str, may: tuple[str, ...]) -> None:
    [first, *_] = candidates(world, send(world, "city"))
    assert withdrawal_reasons(world.member(person), first) == may


def proposed_by_the_landlord(world: World, case: str, status: str = "READY") -> list[Proposal]:
    """Candidates of a unit for which the landlord looks for them itself."""
    mine = world.landlord.organisation
    if case == "excluded":
        return candidates(world, vacancy=excluded(world), count=1, status=status)
    if case == "delegated":
        agree(world.conventions["city"], management="DELEGATED")
    routing = send(world, "city" if case == "delegated" else "landlord")
    return candidates(world, routing, 1, proposer=mine, status=status)


@pytest.mark.parametrize("case", ["delegated", "own share", "excluded"])
def test_landlord_that_takes_its_own_candidate_back_charges_no_holder(world: World, case: str) -> None:
    [one] = proposed_by_the_landlord(world, case)
    may = ("WITHDREW", "HOUSED_ELSEWHERE", "LANDLORD_WITHDREW", "RECORDED_BY_MISTAKE", "UNIT_UNFIT")
    assert withdrawal_reasons(world.member("aline"), one) == may
    with pytest.raises(ProposalRefused, match="pourquoi cette candidature s’arrête"):
        withdraw(world, one, "HOLDER_WITHDREW")
    withdraw(world, one, "LANDLORD_WITHDREW")
    ended = ProposalEnd.objects.get()
    assert (ended.side, ended.proposal.status) == ("LANDLORD", "ENDED")
    refused = FlowEntry.objects.filter(vacancy=one.vacancy, stage="REFUSED").order_by("pk")
    assert [entry.side for entry in refused] == (["LANDLORD"] if case != "excluded" else [])
    if case == "delegated":
        cells = AccountMonth.objects.filter(holder=world.holders["city"]).aggregate(
            Sum("refused_holder"), Sum("refused_landlord")
        )
        assert cells == {"refused_holder__sum": 0, "refused_landlord__sum": 1}
    if one.vacancy.ledger_id:
        check_books(one.vacancy.ledger)


@pytest.mark.parametrize(
    ("case", "reason"),
    [("delegated", "LANDLORD_WITHDREW"), ("holder", "HOLDER_WITHDREW"), ("excluded", "LANDLORD_WITHDREW")],
)
def test_draft_is_taken_out_by_whoever_prepared_it(world: World, case: str, reason: str) -> None:
    [draft] = (
        candidates(world, send(world, "city"), 1, status="DRAFT")
        if case == "holder"
        else proposed_by_the_landlord(world, case, "DRAFT")
    )
    assert removal_reasons(draft) == (reason, "RECORDED_BY_MISTAKE")


@pytest.mark.parametrize(
    ("person", "may"),
    [("aline", ("WITHDREW", "HOUSED_ELSEWHERE", "UNIT_UNFIT")), ("chloe", ("WITHDREW", "HOUSED_ELSEWHERE"))],
)
def test_nobody_takes_back_the_choice_of_the_committee(world: World, person: str, may: tuple[str, ...]) -> None:
    [first] = accepted(world, Case("ALLOCATED"))
    assert withdrawal_reasons(world.member(person), first) == may
    for reason in ("HOLDER_WITHDREW", "RECORDED_BY_MISTAKE"):
        with pytest.raises(ProposalRefused, match="La CALEOL a retenu ce candidat"):
            withdraw(world, first, reason)
    assert outcomes([first.vacancy])
