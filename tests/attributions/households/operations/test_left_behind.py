"""Units that go elsewhere, or that were never vacant, with candidates in the running."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from attributions.households.models import Application, Lease, Proposal
from attributions.households.operations.calls import cancel_followed, reclassify_followed, release_left_behind
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.lease import record_outside_lease, sign_lease, undo_lease
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.silence import lapse_silent_routings
from attributions.households.operations.withdrawals import (
    record_outside_allocation,
    record_outside_answer,
    undo_outside,
)
from attributions.notices.models import Notice
from flux.models import Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.outcomes import OutcomeRefused
from flux.operations.routing import route_elsewhere
from tests.attributions.households.candidates import agree, candidate, excluded, number, routed, sent
from tests.attributions.households.rows import Case, accepted, decided
from tests.attributions.households.sittings import house
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

if TYPE_CHECKING:
    from django.test import Client


def elsewhere(world: World, vacancy: Vacancy, holder: str = "epci") -> object:
    return route_elsewhere(
        vacancy=vacancy,
        holder=world.holders[holder],
        motive="OTHER",
        motive_text="Échange convenu.",
        by=world.people["aline"],
        now=MORNING,
    )


def cancel(world: World, vacancy: Vacancy, act: object = cancel_followed) -> Vacancy:
    return act(
        vacancy=vacancy,
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["aline"],
        now=MORNING,
    )


def notified() -> list[tuple[str, str]]:
    found = Notice.objects.filter(kind="RELEASED").order_by("pk")
    return list(found.values_list("organisation__name", "text"))


def test_candidates_of_a_unit_routed_elsewhere_are_released_and_reported_once(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    draft = candidate(world, routing.vacancy, 3, routing=routing)
    elsewhere(world, routing.vacancy)
    assert {each.status_now for each in Proposal.objects.order_by("pk")} == {"RELEASED"}
    assert release_left_behind(now=MORNING) == 1
    assert set(Proposal.objects.order_by("pk").values_list("status", flat=True)) == {"RELEASED"}
    assert notified() == [(world.city.name, "2 candidats libérés : le logement est orienté ailleurs.")]
    assert release_left_behind(now=MORNING) == 0
    draft.refresh_from_db()
    assert draft.since == MORNING


def test_drafts_alone_are_released_without_a_word(world: World) -> None:
    routing = routed(world)
    candidate(world, routing.vacancy, 1, routing=routing)
    elsewhere(world, routing.vacancy)
    assert (release_left_behind(now=MORNING), notified()) == (1, [])


def test_same_household_may_be_a_candidate_again_under_the_next_holder(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1)
    after = elsewhere(world, routing.vacancy)
    again = candidate(world, routing.vacancy, 1, routing=after, proposer=world.epci, by="emma")
    assert again.is_live
    assert Application.objects.numbered(number(1)).get().proposals.count() == 2


def test_cancelling_releases_those_in_the_running_and_states_it(world: World) -> None:
    routing = routed(world)
    sent(world, routing, 1)
    cancel(world, routing.vacancy)
    assert Proposal.objects.get().status == "RELEASED"
    assert notified() == [(world.city.name, "1 candidat libéré : le logement est annulé.")]


def test_unit_with_a_kept_candidate_is_neither_cancelled_nor_declared_otherwise(world: World) -> None:
    [kept, *_] = decided(world)
    with pytest.raises(ProposalRefused, match="La CALEOL a retenu un candidat"):
        cancel(world, kept.vacancy)
    with pytest.raises(ProposalRefused, match="La CALEOL a retenu un candidat"):
        reclassify_followed(
            vacancy=kept.vacancy,
            kind="EXCLUDED",
            exclusion="INTERNAL_TRANSFER",
            text="Mutation.",
            by=world.people["aline"],
            now=MORNING,
        )
    assert not Vacancy.declared.get(pk=kept.vacancy_id).is_cancelled


def test_page_of_cancellation_leads_to_where_a_kept_candidate_or_its_lease_is_undone(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    [kept] = accepted(world, Case("ALLOCATED"))
    client, url = sign_in("aline"), reverse("vacancy-cancel", args=[kept.vacancy_id])
    asked = {"reason": "NOTICE_WITHDRAWN", "text": "Il reste."}
    for each in (
        "La CALEOL a retenu un candidat pour {} : attendez sa réponse, ou enregistrez son désistement sur la page "
        "« Offres et bail ».",
        "Le bail de {} est signé : annulez-le, puis enregistrez le désistement du candidat, sur la page « Offres et "
        "bail ».",
    ):
        page = client.get(url)
        assert "Un candidat est retenu, ou le bail est signé : annulez le bail, ou enregistrez" in text_of(page)
        assert reverse("letting", args=[kept.vacancy_id]) in page.content.decode()
        assert reverse("vacancy-outcome", args=[kept.vacancy_id]) not in page.content.decode()
        assert each.format(kept.vacancy.unit) in text_of(client.post(url, asked))
        if not Lease.objects.exists():
            sign_lease(proposal=kept, signed_on=MORNING.date(), by=world.people["aline"], now=MORNING)


def test_unit_out_of_the_accounts_with_a_lease_is_not_cancelled(world: World) -> None:
    vacancy = excluded(world)
    record_outside_lease(vacancy=vacancy, signed_on=MORNING.date(), facts={}, by=world.people["aline"], now=MORNING)
    with pytest.raises(ProposalRefused, match=r"Le bail de .* est signé"):
        cancel(world, vacancy)


def test_what_the_flow_cancels_alone_is_caught_up_with(world: World) -> None:
    """The demonstration and commands call the act of the flow: nothing is lost, the sweep states it."""
    routing = routed(world)
    sent(world, routing, 1)
    cancel(world, routing.vacancy, cancel_vacancy)
    assert release_left_behind(now=MORNING) == 1
    assert notified() == [(world.city.name, "1 candidat libéré : le logement est annulé.")]


def test_item_whose_last_case_leaves_is_off_the_agenda(world: World) -> None:
    item = house(world).opened()
    cases = list(item.cases.select_related("proposal__vacancy", "proposal__routing").order_by("letter"))
    for case in cases[:-1]:
        withdraw_proposal(proposal=case.proposal, reason="WITHDREW", by=world.people["aline"], now=MORNING)
        item.refresh_from_db()
        assert item.is_pending
    withdraw_proposal(proposal=cases[-1].proposal, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    item.refresh_from_db()
    assert (item.is_pending, item.postponed_why) == (False, "plus aucun dossier à examiner")


def test_candidates_followed_elsewhere_stop_the_clock(world: World) -> None:
    agree(world.conventions["city"], proposal_days=5)
    routing = routed(world)
    day = MORNING.date() + timedelta(2)
    answered = record_outside_answer(
        vacancy=routing.vacancy, on=day, by=world.people["aline"], now=MORNING + timedelta(3)
    )
    assert answered.answered_on == day
    assert lapse_silent_routings(now=MORNING + timedelta(60)) == 0
    with pytest.raises(ProposalRefused, match="déjà été reçus, le 26/11/2026"):
        record_outside_answer(vacancy=routing.vacancy, on=day, by=world.people["aline"], now=MORNING + timedelta(3))


def test_answer_recorded_by_mistake_is_undone_and_reported_with_what_is_left(world: World) -> None:
    agree(world.conventions["city"], proposal_days=5)
    routing, aline = routed(world), world.people["aline"]
    record_outside_answer(vacancy=routing.vacancy, on=MORNING.date(), by=aline, now=MORNING)
    later = MORNING + timedelta(60)  # Saturday 23 January
    with pytest.raises(ProposalRefused, match="Dites pourquoi"):
        undo_outside(vacancy=routing.vacancy, why=" ", by=aline, now=later)
    undo_outside(vacancy=routing.vacancy, why="Erreur de logement.", by=aline, now=later)
    routing.refresh_from_db()
    assert routing.answered_on is None
    assert lapse_silent_routings(now=later + timedelta(6)) == 0  # Friday 29, the last of five working days
    assert lapse_silent_routings(now=later + timedelta(7)) == 1
    found = Notice.objects.filter(kind__in=("SENT", "RESTARTED")).order_by("pk")
    assert [(each.kind, each.organisation.name, each.text) for each in found] == [
        (
            "SENT",
            world.city.name,
            "Reçus le 24/11/2026, suivis par le bailleur dans un autre outil : le délai est arrêté.",
        ),
        (
            "RESTARTED",
            world.city.name,
            "Les candidats reçus dans un autre outil étaient une erreur de saisie du bailleur : proposez les vôtres "
            "jusqu’au 29/01/2027.",
        ),
    ]


@pytest.mark.parametrize("what", ["allocation", "lease"])
def test_holder_has_back_the_days_when_an_outcome_written_by_mistake_kept_it_from_proposing(
    world: World, what: str
) -> None:
    """Five working days, one of them spent; written on Wednesday 25 November, undone on Saturday 23 January."""
    agree(world.conventions["city"], proposal_days=5)
    routing, aline = routed(world), world.people["aline"]
    day, later = MORNING.date() + timedelta(1), MORNING + timedelta(60)
    terms = {"by": aline, "now": MORNING + timedelta(1)}
    if what == "lease":
        lease = record_outside_lease(vacancy=routing.vacancy, signed_on=day, facts={}, **terms)
        undo_lease(lease=lease, why="Erreur de logement.", by=aline, now=later)
    else:
        record_outside_allocation(vacancy=routing.vacancy, on=day, **terms)
        undo_outside(vacancy=routing.vacancy, why="Erreur de logement.", by=aline, now=later)
    assert lapse_silent_routings(now=later) == 0
    assert candidate(world, routing.vacancy, 1, routing=routing, now=later).status == "DRAFT"
    assert lapse_silent_routings(now=later + timedelta(5)) == 0  # Thursday 28, the last of the four that were left
    assert lapse_silent_routings(now=later + timedelta(6)) == 1
    [result] = Notice.objects.filter(kind="RESTARTED")
    outcome = {"allocation": "L’attribution enregistrée", "lease": "Le bail enregistré"}[what]
    assert (result.organisation, result.text) == (
        world.city,
        f"{outcome} par le bailleur était une erreur de saisie : proposez vos candidats jusqu’au 28/01/2027.",
    )


def test_answer_of_candidates_sent_here_is_not_undone(world: World) -> None:
    routing = routed(world)
    proposal = sent(world, routing, 1).proposals.get()
    withdraw_proposal(proposal=proposal, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    with pytest.raises(OutcomeRefused, match="rien à annuler"):
        undo_outside(vacancy=routing.vacancy, why="Erreur.", by=world.people["aline"], now=MORNING)


def test_drafts_that_the_landlord_cannot_see_forbid_nothing(world: World, sign_in: Callable[[str], Client]) -> None:
    first, second = routed(world), routed(world)
    drafts = [candidate(world, each.vacancy, rank, routing=each) for rank, each in enumerate((first, second))]
    url = reverse("vacancy-outcome", args=[first.vacancy_id])
    assert sign_in("aline").get(url).status_code == 200
    terms = {"by": world.people["aline"], "now": MORNING}
    lease = record_outside_lease(vacancy=first.vacancy, signed_on=MORNING.date(), facts={}, **terms)
    record_outside_allocation(vacancy=second.vacancy, on=MORNING.date(), **terms)
    for each in drafts:
        each.refresh_from_db()
        assert each.status == "RELEASED"
    assert Notice.objects.filter(kind="RELEASED").count() == 0
    undo_lease(lease=lease, why="Erreur.", **terms)
    undo_outside(vacancy=second.vacancy, why="Erreur.", **terms)
    for each in drafts:
        each.refresh_from_db()
        assert each.status == "DRAFT"
    assert set(Notice.objects.filter(kind="LEASE_UNDONE").values_list("text", flat=True)) == {""}


@pytest.mark.parametrize("days", [-1, 9])
def test_candidates_come_between_the_routing_and_today(world: World, days: int) -> None:
    routing = routed(world)
    with pytest.raises(ProposalRefused, match="Choisissez un jour entre"):
        record_outside_answer(
            vacancy=routing.vacancy,
            on=MORNING.date() + timedelta(days),
            by=world.people["aline"],
            now=MORNING + timedelta(3),
        )


def test_nobody_has_candidates_for_a_unit_that_goes_to_nobody(world: World) -> None:
    with pytest.raises(ProposalRefused, match="orienté vers personne"):
        record_outside_answer(vacancy=world.vacancy(), on=MORNING.date(), by=world.people["aline"], now=MORNING)
