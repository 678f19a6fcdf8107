"""Sending candidates: enough of them, or one of the three exceptions; the clock stops, and both sides are reported."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import Application, Designation, Proposal
from attributions.households.operations.candidate_state import ProposalRefused, end, lock_candidates
from attributions.households.operations.proposal import remove_proposal
from attributions.households.operations.sending import claim_exemption, send_proposals
from attributions.households.queries.journey import StepKind, steps
from attributions.households.queries.minimum import count_of
from attributions.notices.models import Notice
from flux.models import Routing, Vacancy
from flux.operations.departures import HoldRefused
from flux.operations.routing import route_elsewhere
from flux.queries.returns import clock
from reservations.models import Convention, LegalParameter, Organisation
from tests.attributions.households.candidates import agree, candidate, excluded, routed, sent
from tests.world import MORNING, World


def prepared(world: World, number: int, holder: str = "city", vacancy: Vacancy | None = None, **given) -> Routing:
    routing = routed(world, holder, vacancy)
    for rank in range(1, number + 1):
        candidate(world, routing.vacancy, rank, routing=routing, **given)
    return routing


def send(world: World, routing: Routing, *, of: Organisation | None = None, **given: str) -> Designation:
    return send_proposals(
        vacancy=routing.vacancy,
        routing=routing,
        sender=of or world.city,
        by=world.people["chloe"],
        now=MORNING,
        **given,
    )


def test_three_candidates_are_sent_together(world: World) -> None:
    agree(world.conventions["city"], proposal_days=10)
    routing = prepared(world, 3)
    designation = send(world, routing)
    assert (designation.exemption, designation.sent_for, designation.routing) == ("", world.city, routing)
    proposals = Proposal.objects.order_by("position")
    assert [(each.status, each.since, each.designation) for each in proposals] == [("SENT", MORNING, designation)] * 3
    routing.refresh_from_db()
    assert routing.answered_on == MORNING.date()
    asked = clock(routing, Vacancy.Kind.IN_FLOW, today=MORNING.date() + timedelta(days=90))
    assert asked is not None
    assert not asked.late
    rows = Notice.objects.order_by("pk")
    assert [(notice.organisation, notice.kind, notice.text) for notice in rows] == [
        (organisation, "SENT", "3 candidats")
        for organisation in sorted([world.landlord.organisation, world.city], key=lambda each: each.pk)
    ]


def test_nobody_is_notified_of_the_act_of_its_own_organisation(world: World) -> None:
    """For whoever sent the candidates the notice is read already; the landlord has one to read."""
    send(world, prepared(world, 3))
    own = Notice.objects.get(organisation=world.city)
    assert (own.read_at, own.read_by) == (MORNING, world.people["chloe"])
    assert [notice.organisation for notice in Notice.objects.unread()] == [world.landlord.organisation]


def test_nobody_to_send(world: World) -> None:
    with pytest.raises(ProposalRefused, match="Aucun candidat à transmettre"):
        send(world, routed(world))


def test_too_few_need_an_exception_with_its_sentence(world: World) -> None:
    routing = prepared(world, 2)
    with pytest.raises(ProposalRefused, match=r"Il manque 1 candidat : .* au moins 3") as refused:
        send(world, routing)
    assert refused.value.field == "exemption"
    with pytest.raises(ProposalRefused, match="en une phrase") as refused:
        send(world, routing, exemption="TOO_FEW", exemption_text="  ")
    assert refused.value.field == "exemption_text"
    for exemption, words in (("DALO", "contingent prioritaire"), ("ADAPTED_PLAI", "pas un PLAI"), ("ANY", "la loi")):
        with pytest.raises(ProposalRefused, match=words):
            send(world, routing, exemption=exemption)
    assert not Designation.objects.exists()
    made = send(world, routing, exemption="TOO_FEW", exemption_text=" Deux demandes de T5. ")
    assert (made.exemption, made.exemption_text) == ("TOO_FEW", "Deux demandes de T5.")


def test_those_sent_before_count(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    candidate(world, routing.vacancy, 3, routing=routing)
    assert send(world, routing, exemption="TOO_FEW", exemption_text="Inutile.").exemption == ""
    assert routing.vacancy.designations.count() == 2


def test_those_taken_back_by_their_holder_do_not_count(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    end(lock_candidates(routing.vacancy_id).proposals[:1], "HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    candidate(world, routing.vacancy, 3, routing=routing)
    with pytest.raises(ProposalRefused, match="Il manque 1 candidat"):
        send(world, routing)


def claim(
    world: World, routing: Routing, exemption: str = "TOO_FEW", text: str = "Une demande retirée."
) -> Designation:
    return claim_exemption(
        vacancy=routing.vacancy,
        routing=routing,
        sender=world.city,
        exemption=exemption,
        exemption_text=text,
        by=world.people["chloe"],
        now=MORNING,
    )


def test_an_exception_is_claimed_for_those_sent_before(world: World) -> None:
    """Nobody more is sent: the holder took one back, and those left are too few."""
    routing = prepared(world, 3)
    with pytest.raises(ProposalRefused, match="Aucun candidat transmis n’est en cours"):
        claim(world, routing)
    send(world, routing)
    with pytest.raises(ProposalRefused, match="Aucune exception n’est à demander"):
        claim(world, routing)
    end(lock_candidates(routing.vacancy_id).proposals[:1], "HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    with pytest.raises(ProposalRefused, match="quelle exception s’applique"):
        claim(world, routing, "")
    with pytest.raises(ProposalRefused, match="en une phrase"):
        claim(world, routing, text=" ")
    with pytest.raises(ProposalRefused, match="contingent prioritaire"):
        claim(world, routing, "DALO")
    made = claim(world, routing)
    assert (made.exemption, made.exemption_text, made.proposals.count()) == ("TOO_FEW", "Une demande retirée.", 0)
    rows = Notice.objects.filter(text__startswith="Exception pour les candidats déjà transmis : insuffisance")
    assert {notice.organisation for notice in rows} == {world.landlord.organisation, world.city}
    with pytest.raises(ProposalRefused, match="Aucune exception n’est à demander"):
        claim(world, routing)
    with pytest.raises(ProposalRefused, match="qui propose les candidats"):
        claim_exemption(
            vacancy=routing.vacancy,
            routing=routing,
            sender=world.als,
            exemption="TOO_FEW",
            by=world.people["bob"],
            now=MORNING,
        )
    sent_on = [step for step in steps([routing.vacancy])[routing.vacancy_id] if step.kind == StepKind.SENT]
    assert len(sent_on) == 1, "an exception is not a sending"


def test_those_that_the_committee_or_the_household_ended_still_count(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    end(lock_candidates(routing.vacancy_id).proposals[:1], "UNIT_REFUSED", by=world.people["aline"], now=MORNING)
    candidate(world, routing.vacancy, 3, routing=routing)
    assert send(world, routing).exemption == ""


def test_drafts_taken_out_are_not_sent(world: World) -> None:
    routing = prepared(world, 3)
    first = Proposal.objects.order_by("pk")[0]
    remove_proposal(proposal=first, reason="RECORDED_BY_MISTAKE", by=world.people["chloe"], now=MORNING)
    with pytest.raises(ProposalRefused, match="Il manque 1 candidat"):
        send(world, routing)


def test_a_dalo_household_that_the_prefet_designates_is_sent_alone(world: World) -> None:
    state = {"proposer": world.state, "by": "bob", "dalo_designated": True}
    routing = prepared(world, 1, "priority", **state)
    assert send(world, routing, of=world.state, exemption="DALO").exemption == "DALO"


def test_one_household_that_is_not_designated_undoes_the_exception(world: World) -> None:
    state = {"proposer": world.state, "by": "bob"}
    routing = prepared(world, 1, "priority", dalo_designated=True, **state)
    candidate(world, routing.vacancy, 9, routing=routing, **state)
    with pytest.raises(ProposalRefused, match="contingent prioritaire"):
        send(world, routing, of=world.state, exemption="DALO")


def test_an_adapted_unit_is_excused(world: World) -> None:
    routing = prepared(world, 1, vacancy=world.vacancy(is_adapted_plai=True))
    assert send(world, routing, exemption="ADAPTED_PLAI").exemption == "ADAPTED_PLAI"


def test_the_larger_minimum_holds(world: World) -> None:
    routing = routed(world)
    agree(world.conventions["city"], minimum_candidates=5)
    routing.refresh_from_db()
    assert count_of(routing.vacancy, routing, on=MORNING.date()).minimum == 5
    agree(world.conventions["city"], minimum_candidates=1)
    routing.refresh_from_db()
    assert count_of(routing.vacancy, routing, on=MORNING.date()).minimum == 3
    LegalParameter.objects.filter(code="MINIMUM_CANDIDATES").update(ends_on=date(2026, 1, 1))
    assert count_of(routing.vacancy, routing, on=MORNING.date()).minimum == 1


def test_under_delegated_management_the_landlord_sends_and_the_holder_is_notified(world: World) -> None:
    agree(world.conventions["city"], management=Convention.Management.DELEGATED)
    landlord = world.landlord.organisation
    routing = prepared(world, 3, proposer=landlord, by="aline")
    with pytest.raises(ProposalRefused, match="C’est Robine Habitat qui cherche"):
        send(world, routing)
    assert send(world, routing, of=landlord).sent_for == landlord
    assert Notice.objects.filter(organisation=world.city, kind="SENT").exists()


def test_subtracted_from_the_flow_only_the_landlord_is_notified(world: World) -> None:
    vacancy, landlord = excluded(world), world.landlord.organisation
    candidate(world, vacancy, 1, proposer=landlord, by="aline")
    made = send_proposals(
        vacancy=vacancy,
        routing=None,
        sender=landlord,
        exemption="TOO_FEW",
        exemption_text="Mutation interne.",
        by=world.people["aline"],
        now=MORNING,
    )
    assert made.routing is None
    assert [notice.organisation for notice in Notice.objects.order_by("pk")] == [landlord]


def test_a_unit_routed_elsewhere_meanwhile(world: World) -> None:
    routing = prepared(world, 3)
    route_elsewhere(
        vacancy=routing.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Test.",
        by=world.people["aline"],
        now=MORNING,
    )
    with pytest.raises(HoldRefused, match="est orienté vers Action Logement"):
        send(world, routing)


def test_a_request_closed_meanwhile_is_not_sent(world: World) -> None:
    routing = prepared(world, 3)
    first = Proposal.objects.order_by("pk")[1]
    Application.objects.filter(pk=first.application_id).update(closed_on=MORNING.date(), closure="WAIVED")
    with pytest.raises(ProposalRefused, match="candidat n° 2 est radiée"):
        send(world, routing)
