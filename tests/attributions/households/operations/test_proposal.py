"""Candidates until they are sent: who may propose, when, and what they keep."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from attributions.households.models import Application, Proposal
from attributions.households.operations.candidate_state import ProposalRefused, move
from attributions.households.operations.proposal import edit_proposal, prepare_proposal, remove_proposal
from flux.operations.departures import HoldRefused
from flux.operations.outcomes import record_allocation
from flux.operations.routing import route_elsewhere
from reservations.models import Convention
from reservations.refusals import Refusal, constraints_speak
from tests.attributions.households.candidates import agree, candidate, excluded, number, priority, routed, sent
from tests.world import MORNING, World


def away(world: World, routing: object) -> None:
    """The landlord sends the unit elsewhere."""
    route_elsewhere(
        vacancy=routing.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Test.",
        by=world.people["aline"],
        now=MORNING,
    )


def test_a_candidate_keeps_the_facts_of_its_day(world: World) -> None:
    routing = routed(world)
    first = candidate(world, routing.vacancy, 1, routing=routing, priority=priority(), score=12)
    assert (first.status, first.position, first.adults, first.score, first.designation) == ("DRAFT", 1, 2, 12, None)
    assert (first.proposer, first.created_by, first.routing) == (world.city, world.people["chloe"], routing)
    other = routed(world)
    later = candidate(world, other.vacancy, 1, routing=other, adults=3)
    first.refresh_from_db()
    assert (first.adults, later.adults, later.score) == (2, 3, 12)  # what was known of it, then what is new
    assert Application.objects.get().adults == 3


def test_positions_follow_one_another_even_after_a_removal(world: World) -> None:
    routing = routed(world)
    first = candidate(world, routing.vacancy, 1, routing=routing)
    remove_proposal(proposal=first, reason="RECORDED_BY_MISTAKE", by=world.people["chloe"], now=MORNING)
    assert candidate(world, routing.vacancy, 1, routing=routing).position == 2


def test_a_household_is_a_candidate_once(world: World) -> None:
    routing = routed(world)
    candidate(world, routing.vacancy, 1, routing=routing)
    with pytest.raises(ProposalRefused, match="déjà candidat à ce logement") as refused:
        candidate(world, routing.vacancy, 1, routing=routing)
    assert refused.value.field == "number"


@pytest.mark.parametrize(("of", "by"), [("als", "bob"), ("epci", "emma"), ("state", "bob")])
def test_only_the_holder_proposes(world: World, of: str, by: str) -> None:
    routing = routed(world)
    with pytest.raises(ProposalRefused, match="propose les candidats de ce logement"):
        candidate(world, routing.vacancy, 1, routing=routing, proposer=getattr(world, of), by=by)
    assert not Application.objects.exists()


def test_the_landlord_does_not_propose_for_a_holder_that_does(world: World) -> None:
    routing, landlord = routed(world), world.landlord.organisation
    with pytest.raises(ProposalRefused, match="qui propose les candidats"):
        candidate(world, routing.vacancy, 1, routing=routing, proposer=landlord, by="aline")


def test_under_delegated_management_the_landlord_proposes_and_the_holder_does_not(world: World) -> None:
    agree(world.conventions["city"], management=Convention.Management.DELEGATED)
    routing = routed(world)
    mine = candidate(world, routing.vacancy, 1, routing=routing, proposer=world.landlord.organisation, by="aline")
    assert mine.proposer == world.landlord.organisation
    with pytest.raises(ProposalRefused, match="C’est Robine Habitat qui cherche"):
        candidate(world, routing.vacancy, 2, routing=routing)


def test_subtracted_from_the_flow_the_landlord_proposes(world: World) -> None:
    vacancy = excluded(world)
    mine = candidate(world, vacancy, 1, proposer=world.landlord.organisation, by="aline")
    assert mine.routing is None
    with pytest.raises(ProposalRefused, match="qui cherche les candidats"):
        candidate(world, vacancy, 2)


def test_a_unit_routed_to_nobody_awaits_no_candidate(world: World) -> None:
    with pytest.raises(ProposalRefused, match="n’est orienté vers personne"):
        candidate(world, world.vacancy(), 1)


def test_a_unit_routed_meanwhile_is_stated_to_be(world: World) -> None:
    routing = routed(world)
    with pytest.raises(ProposalRefused, match=r"Entre-temps, .* est orienté vers"):
        candidate(world, routing.vacancy, 1)


def test_a_unit_routed_elsewhere_is_stated_to_be(world: World) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    away(world, routing)
    for act in (
        lambda: candidate(world, routing.vacancy, 2, routing=routing),
        lambda: edit_proposal(proposal=draft, facts={"adults": 1}, by=world.people["chloe"], now=MORNING),
        lambda: remove_proposal(proposal=draft, reason="HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING),
    ):
        with pytest.raises(HoldRefused, match="est orienté vers Action Logement"):
            act()
    draft.refresh_from_db()
    assert (draft.status, draft.status_now) == ("DRAFT", "RELEASED")


def test_an_allocated_unit_awaits_no_candidate(world: World) -> None:
    routing = routed(world)
    today = MORNING.date()
    record_allocation(vacancy=routing.vacancy, on=today, by=world.people["aline"], today=today)
    with pytest.raises(ProposalRefused, match="est déjà attribué"):
        candidate(world, routing.vacancy, 1, routing=routing)


def test_only_a_request_registered_by_the_proposer_is_proposed(world: World) -> None:
    mine, other = routed(world), routed(world, "als")
    known = candidate(world, mine.vacancy, 1, routing=mine).application
    with pytest.raises(ProposalRefused, match="Enregistrez d’abord cette demande"):
        prepare_proposal(
            vacancy=other.vacancy, routing=other, application=known, proposer=world.als, by=world.people["bob"]
        )


def test_a_closed_request_is_not_proposed(world: World) -> None:
    first, other = routed(world), routed(world)
    known = candidate(world, first.vacancy, 1, routing=first).application
    Application.objects.update(closed_on=MORNING.date(), closure="WAIVED")
    with pytest.raises(ProposalRefused, match="radiée depuis le 24/11/2026"):
        prepare_proposal(
            vacancy=other.vacancy, routing=other, application=known, proposer=world.city, by=world.people["chloe"]
        )


def test_only_the_prefet_designates(world: World) -> None:
    routing = routed(world)
    with pytest.raises(ProposalRefused, match="Seul le préfet désigne"):
        candidate(world, routing.vacancy, 1, routing=routing, dalo_designated=True)
    assert not Application.objects.exists()


def test_a_draft_is_corrected_then_no_more_once_sent(world: World) -> None:
    routing, by = routed(world), world.people["chloe"]
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    edited = edit_proposal(proposal=draft, facts={"adults": None, "income": 9000}, by=by, now=MORNING)
    assert (edited.adults, edited.income, edited.children) == (None, 9000, 1)
    assert (Application.objects.get().adults, Application.objects.get().income) == (2, 9000)  # the latest known
    sent(world, routing)
    for act in (
        lambda: edit_proposal(proposal=draft, facts={"adults": 1}, by=by, now=MORNING),
        lambda: remove_proposal(proposal=draft, reason="HOLDER_WITHDREW", by=by, now=MORNING),
    ):
        with pytest.raises(ProposalRefused, match="Entre-temps, cette candidature en est à « transmise »"):
            act()


def test_a_draft_is_taken_out_with_its_reason_and_no_effect(world: World) -> None:
    agree(world.conventions["city"], returns_effect=Convention.ReturnsEffect.YES_IF_HOLDER_FAULT)
    routing, by = routed(world), world.people["chloe"]
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    with pytest.raises(ProposalRefused, match="l’un des motifs"):
        remove_proposal(proposal=draft, reason="WITHDREW", by=by, now=MORNING)
    later = MORNING + timedelta(hours=1)
    ended = remove_proposal(proposal=draft, reason="HOLDER_WITHDREW", by=by, now=later)
    assert (ended.side, ended.offered, ended.consumed, ended.restarts) == ("HOLDER", False, False, False)
    draft.refresh_from_db()
    assert (draft.status, draft.since) == ("ENDED", later)
    with pytest.raises(ProposalRefused, match="en est à « terminée »"):
        remove_proposal(proposal=draft, reason="HOLDER_WITHDREW", by=by, now=later)


def test_the_database_refuses_the_same_household_twice(world: World) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    draft.pk = None
    with pytest.raises(Refusal, match="déjà candidat"), constraints_speak(Proposal):
        draft.save(force_insert=True)


def test_the_database_refuses_a_candidate_sent_alone(world: World) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    with pytest.raises(Refusal, match="dans une désignation"), constraints_speak(Proposal):
        move([draft], "SENT", now=MORNING)


def test_the_database_refuses_a_category_without_priority(world: World) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing, has_priority=False)
    with pytest.raises(Refusal, match="est celle d’un ménage prioritaire"), constraints_speak(Proposal):
        Proposal.objects.filter(pk=draft.pk).update(priority=priority())


def test_the_database_refuses_two_offers(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    with pytest.raises(Refusal, match="Une offre est déjà en cours"), constraints_speak(Proposal):
        move(Proposal.objects.order_by("pk"), "OFFERED", now=MORNING)


def test_the_database_keeps_every_candidate(world: World) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    for row in (draft, draft.application):
        with pytest.raises(Exception, match="Cannot delete"), transaction.atomic():
            type(row)._base_manager.filter(pk=row.pk).delete()


def test_the_database_refuses_one_number_twice_and_half_a_closure(world: World) -> None:
    Application.objects.create(number=number(1))
    for broken, words in (
        ({"number": number(1)}, "porte déjà ce numéro"),
        ({"number": number(2), "closed_on": MORNING.date()}, "sa date et sa cause"),
        ({"number": number(4), "priority": priority()}, "est celle d’un ménage prioritaire"),
        ({"number": number(3), "pseudonymised_on": MORNING.date()}, "ne garde ni numéro"),
    ):
        with pytest.raises(Refusal, match=words), constraints_speak(Application):
            Application.objects.create(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        Application.objects.bulk_create([Application(number=number(1))])
