"""Offers: to whom, for how long, what an answer or a silence does, and whom it calls next."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Offer, Proposal, ProposalEnd
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.offers import OfferRefused, answer_offer, close_silent_offers, send_offer
from attributions.households.queries.deadlines import next_to_call
from attributions.notices.models import Notice
from flux.models import FlowEntry
from flux.queries.first_letting import outcomes
from reservations.models import LegalParameter
from reservations.words import day
from tests.attributions.households.rows import Case, decided, decisions_of, reasons, statuses
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree
from tests.flux.views.pages import text_of
from tests.world import MORNING, World
from tests.world_again import done_once

TODAY = MORNING.date()


def notified(*kinds: str) -> list[tuple[str, str]]:
    """(event, to whom) of the notices of these kinds, in order."""
    found = Notice.objects.filter(kind__in=kinds).select_related("organisation").order_by("pk")
    return [(each.kind, each.organisation.name) for each in found]


@done_once
def offered(world: World, *cases: Case, **given: object) -> tuple[list[Proposal], Offer]:
    proposals = decided(world, *cases, **given)
    return proposals, send_offer(proposal=proposals[0], by=world.people["aline"], now=MORNING)


def refuse(world: World, offer: Offer, reason: str = "AREA_REFUSED", **given: object) -> Offer:
    terms = {"accepted": False, "reason": reason, "by": world.people["aline"], "now": MORNING}
    return answer_offer(offer=offer, **(terms | given))


# --- whose turn ---


@pytest.mark.parametrize(
    ("cases", "turn"),
    [
        ((Case(rank=2), Case(rank=1), Case(rank=3)), 1),
        ((Case("NOT_ALLOCATED", reason="SIZE"), Case("ALLOCATED")), 1),
        ((Case("CONDITIONAL", due=date(2026, 12, 10)), Case("NOT_ALLOCATED", reason="EFFORT")), 0),
        ((Case("CONDITIONAL", rank=2, due=date(2026, 12, 10)), Case("RANKED", rank=1)), 1),
        ((Case("NOT_ALLOCATED", reason="SIZE"),), None),
    ],
)
def test_turn_is_of_the_one_allocated_or_of_the_lowest_rank_kept(world: World, cases, turn) -> None:
    proposals = decided(world, *cases)
    found = next_to_call(decisions_of(proposals), proposals)
    assert (found[0] if found else None) == (proposals[turn] if turn is not None else None)


def test_nobody_is_called_while_an_offer_stands(world: World) -> None:
    proposals, _ = offered(world)
    for each in proposals:
        each.refresh_from_db()
    assert next_to_call(decisions_of(proposals), proposals) is None


# --- sending ---


def test_offer_leaves_ten_days_and_notifies_the_holder(world: World) -> None:
    proposals, offer = offered(world)
    assert (offer.sent_on, offer.answer_by, offer.sent_by) == (TODAY, date(2026, 12, 4), world.people["aline"])
    assert statuses(proposals) == ["OFFERED", "ALLOCATED", "ALLOCATED"]
    assert notified("OFFER_SENT") == [("OFFER_SENT", "Ville de Narbonne")]


def test_term_follows_the_parameter_of_the_day(world: World) -> None:
    LegalParameter.objects.filter(code="OFFER_DAYS_MIN").update(value=15)
    assert offered(world)[1].answer_by == TODAY + timedelta(15)


def test_longer_term_is_the_landlords_choice_a_shorter_one_is_refused(world: World) -> None:
    [first, *_] = decided(world)
    with pytest.raises(OfferRefused, match=r"au moins jusqu’au 04/12/2026") as refused:
        send_offer(proposal=first, answer_by=date(2026, 12, 3), by=world.people["aline"], now=MORNING)
    assert refused.value.field == "answer_by"
    with pytest.raises(OfferRefused, match=r"aurait jusqu’au 15/12/2062 pour répondre.*vérifiez l’année") as refused:
        send_offer(proposal=first, answer_by=date(2062, 12, 15), by=world.people["aline"], now=MORNING)
    assert refused.value.field == "answer_by"
    offer = send_offer(proposal=first, answer_by=date(2026, 12, 15), by=world.people["aline"], now=MORNING)
    assert offer.answer_by == date(2026, 12, 15)


@pytest.mark.parametrize("place", [1, 2])
def test_only_the_candidate_whose_turn_it_is_receives_an_offer(world: World, place: int) -> None:
    proposals = decided(world)
    with pytest.raises(OfferRefused, match="pas encore son tour"):
        send_offer(proposal=proposals[place], by=world.people["aline"], now=MORNING)
    assert not Offer.objects.exists()


def test_one_offer_at_a_time(world: World) -> None:
    proposals, _ = offered(world)
    for each in proposals:
        with pytest.raises(OfferRefused, match="déjà en cours"):
            send_offer(proposal=each, by=world.people["aline"], now=MORNING)


def test_candidate_that_the_committee_did_not_keep_receives_none(world: World) -> None:
    [out, *_] = decided(world, Case("NOT_ALLOCATED", reason="SIZE"), Case("ALLOCATED"))
    with pytest.raises(ProposalRefused, match="Entre-temps, cette candidature en est à « terminée »"):
        send_offer(proposal=out, by=world.people["aline"], now=MORNING)


# --- answering ---


def test_acceptance_is_reported_to_the_holder_and_keeps_the_others_waiting(world: World) -> None:
    proposals, offer = offered(world)
    answered = answer_offer(offer=offer, accepted=True, by=world.people["aline"], now=MORNING)
    assert (answered.answer, answered.answered_on) == ("ACCEPTED", TODAY)
    assert statuses(proposals) == ["ACCEPTED", "ALLOCATED", "ALLOCATED"]
    assert notified("OFFER_ACCEPTED") == [("OFFER_ACCEPTED", "Ville de Narbonne")]


def test_refusal_calls_the_next_rank_the_same_day(world: World) -> None:
    proposals, offer = offered(world)
    refuse(world, offer, text="Trop loin de l’école.")
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    end = ProposalEnd.objects.get()
    assert (end.reason, end.side, end.text, end.recorded_by) == (
        "AREA_REFUSED",
        "APPLICANT",
        "Trop loin de l’école.",
        world.people["aline"],
    )
    called = Offer.objects.get(proposal=proposals[1])
    assert (called.sent_on, called.answer_by, called.sent_by) == (TODAY, date(2026, 12, 4), None)
    assert notified("OFFER_REFUSED", "OFFER_SENT")[1:] == [
        ("OFFER_REFUSED", "Ville de Narbonne"),
        ("OFFER_SENT", "Robine Habitat"),
        ("OFFER_SENT", "Ville de Narbonne"),
    ]
    assert outcomes([proposals[0].vacancy]) == {proposals[0].vacancy_id: {"ALLOCATED": TODAY}}


def test_last_refusal_undoes_the_allocation_and_says_that_nobody_is_left(world: World) -> None:
    proposals, offer = offered(world, Case("ALLOCATED"), Case("NOT_ALLOCATED", reason="SIZE"))
    vacancy = proposals[0].vacancy
    refuse(world, offer, "RENT_REFUSED")
    assert reasons(proposals) == ["RENT_REFUSED", "SIZE"]
    assert outcomes([vacancy]) == {}
    assert notified("NOBODY_LEFT", "RESTARTED") == [
        ("NOBODY_LEFT", "Robine Habitat"),
        ("NOBODY_LEFT", "Ville de Narbonne"),
    ]
    check_books(vacancy.ledger)


def test_last_refusal_restarts_the_clock_when_the_convention_says_so(world: World) -> None:
    agree(world.conventions["city"], new_candidates_days=5, clock_restarts=["APPLICANT"])
    proposals, offer = offered(world, Case("ALLOCATED"))
    refuse(world, offer)
    routing = proposals[0].routing
    routing.refresh_from_db()
    assert (routing.answered_on, routing.clock_from) == (None, TODAY)
    assert {kind for kind, _ in notified("NOBODY_LEFT", "RESTARTED")} == {"RESTARTED"}


def test_chain_of_refusals_leaves_books_that_balance(world: World) -> None:
    proposals, _ = offered(world)
    for place in range(3):
        refuse(world, Offer.objects.get(proposal=proposals[place]))
        check_books(proposals[0].vacancy.ledger)
    assert reasons(proposals) == ["AREA_REFUSED"] * 3
    assert outcomes([proposals[0].vacancy]) == {}
    assert [offer.answer for offer in Offer.objects.order_by("pk")] == ["REFUSED"] * 3


@pytest.mark.parametrize("reason", ["", "NO_ANSWER", "SIZE", "HOLDER_WITHDREW"])
def test_refusal_has_one_of_the_reasons_of_an_applicant(world: World, reason: str) -> None:
    proposals, offer = offered(world)
    with pytest.raises(OfferRefused, match="pourquoi le demandeur refuse") as refused:
        refuse(world, offer, reason)
    assert refused.value.field == "reason"
    assert statuses(proposals) == ["OFFERED", "ALLOCATED", "ALLOCATED"]


@pytest.mark.parametrize("accepted", [True, False])
def test_answer_is_given_once(world: World, accepted: bool) -> None:
    _, offer = offered(world)
    answer_offer(offer=offer, accepted=True, by=world.people["aline"], now=MORNING)
    with pytest.raises(OfferRefused, match=r"déjà sa réponse : acceptée, le 24/11/2026"):
        refuse(world, offer, accepted=accepted)


def test_answer_in_time_may_be_recorded_the_day_after_one_out_of_time_may_not(world: World) -> None:
    _, offer = offered(world)
    later, terms = MORNING + timedelta(12), {"accepted": True, "by": world.people["aline"]}
    with pytest.raises(OfferRefused, match="délai de réponse est passé depuis le 04/12/2026"):
        answer_offer(offer=offer, **terms, now=later)
    with pytest.raises(OfferRefused, match="entre l’envoi"):
        answer_offer(offer=offer, answered_on=TODAY - timedelta(1), **terms, now=later)
    with pytest.raises(OfferRefused, match="entre l’envoi"):
        answer_offer(offer=offer, answered_on=TODAY + timedelta(13), **terms, now=later)
    assert answer_offer(offer=offer, answered_on=date(2026, 12, 4), **terms, now=later).answer == "ACCEPTED"


# --- silence ---


def test_silence_is_a_refusal_from_the_day_after_the_term(world: World) -> None:
    """Until Friday 4 December: what came in time may be recorded on Monday, and it is closed that night."""
    proposals, _ = offered(world)
    for days in (10, 11, 12, 13):
        assert close_silent_offers(now=MORNING + timedelta(days)) == 0
    night = MORNING + timedelta(14)
    assert (close_silent_offers(now=night), close_silent_offers(now=night)) == (1, 0)
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    end, silent = ProposalEnd.objects.get(), Offer.objects.get(proposal=proposals[0])
    assert (end.reason, end.recorded_by, silent.answer, silent.answered_on) == (
        "NO_ANSWER",
        None,
        "SILENT",
        date(2026, 12, 5),
    )
    assert (end.on, end.text) == (date(2026, 12, 5), "Sans réponse le 04/12/2026 au soir, constaté le 08/12/2026.")
    assert ("OFFER_REFUSED", "Robine Habitat") in notified("OFFER_REFUSED")


def test_nights_call_every_rank_then_undo_the_allocation(world: World) -> None:
    proposals, _ = offered(world)
    for night in range(1, 4):
        assert close_silent_offers(now=MORNING + timedelta(14 * night)) == 1
    assert reasons(proposals) == ["NO_ANSWER"] * 3
    assert outcomes([proposals[0].vacancy]) == {}
    check_books(proposals[0].vacancy.ledger)


def test_an_allocation_that_nobody_answered_keeps_its_day_and_is_shown_without_effect(world: World, sign_in) -> None:
    """docs/decisions/0143: both entries bear its day, and the sheet says that it was, then that it came to nothing."""
    proposals, _ = offered(world)
    vacancy, nights = proposals[0].vacancy, [MORNING + timedelta(14 * night) for night in range(1, 4)]
    sheet = reverse("vacancy-detail", args=[vacancy.pk])
    assert f"{day(TODAY)} Attribué par la commission" in text_of(sign_in("aline").get(sheet))
    for night in nights:
        close_silent_offers(now=night)
    allocated = FlowEntry.objects.filter(vacancy=vacancy, stage="ALLOCATED").order_by("pk")
    last = timezone.localdate(nights[-1])
    assert list(allocated.values_list("quantity", "acted_on", "on")) == [(1, TODAY, TODAY), (-1, TODAY, last)]
    text, given = text_of(sign_in("aline").get(sheet)), f"{day(TODAY)} Attribution enregistrée"  # or written by mistake
    assert text.count(given) == 1
    assert f"{day(last)} Attribution du {day(TODAY)} sans effet" in text
    assert text.index(given) < text.index("sans effet")


def test_silence_is_not_that_of_a_unit_gone_meanwhile(world: World) -> None:
    proposals, _ = offered(world)
    type(proposals[0].vacancy).declared.filter(pk=proposals[0].vacancy_id).update(
        cancelled_at=MORNING, cancelled_by=world.people["aline"], cancellation="NOTICE_WITHDRAWN", cancellation_text="!"
    )
    assert close_silent_offers(now=MORNING + timedelta(14)) == 0


@pytest.mark.parametrize(
    ("answer_by", "local", "closed"),
    [
        (date(2026, 12, 6), False, date(2026, 12, 8)),  # a Sunday: Monday is left
        (date(2026, 12, 7), False, date(2026, 12, 9)),
        (date(2026, 12, 24), False, date(2026, 12, 29)),  # Christmas is a Friday, Monday 28 is worked
        (date(2027, 3, 25), False, date(2027, 3, 27)),  # Good Friday is worked
        (date(2027, 3, 25), True, date(2027, 3, 31)),  # not in Alsace-Moselle, nor Easter Monday anywhere
    ],
)
def test_first_working_day_after_the_term_is_left_to_record_what_came_in_time(
    world: World, answer_by: date, closed: date, *, local: bool
) -> None:
    agree(world.conventions["city"], local_holidays=local)
    [first, *_] = decided(world)
    offer = send_offer(proposal=first, answer_by=answer_by, by=world.people["aline"], now=MORNING)
    night = timezone.make_aware(datetime.combine(closed, time(0, 30)))
    assert close_silent_offers(now=night - timedelta(1)) == 0
    evening = night - timedelta(hours=8)
    with pytest.raises(OfferRefused, match=f"la nuit qui suit le {closed - timedelta(1):%d/%m/%Y}") as refused:
        refuse(world, offer, now=evening)
    assert refused.value.field == "answered_on"
    assert refuse(world, offer, answered_on=answer_by, now=evening).answered_on == answer_by
    assert close_silent_offers(now=night) == 0


def test_no_account_moves_for_a_unit_subtracted_from_the_flow(world: World) -> None:
    vacancy = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER")
    proposals = decided(world, Case("ALLOCATED"), vacancy=vacancy)
    offer = send_offer(proposal=proposals[0], by=world.people["aline"], now=MORNING)
    refuse(world, offer)
    assert reasons(proposals) == ["AREA_REFUSED"]
    assert not vacancy.entries.exists()


# --- the day that counts ---


def test_a_refusal_counts_on_the_day_of_the_answer_whenever_it_is_typed(world: World) -> None:
    """« au cours de l’année » (CCH, R441-5-1): a refusal of 29 November, a silence of December, typed in January."""
    proposals, offer = offered(world)
    january = MORNING.replace(year=2027, month=1, day=4)
    refuse(world, offer, answered_on=date(2026, 11, 29), now=january)
    second = Offer.objects.exclude(pk=offer.pk).get()
    later = january + timedelta(60)
    assert close_silent_offers(now=later) == 1
    silent = second.answer_by + timedelta(1)
    ends = dict(ProposalEnd.objects.values_list("proposal", "on"))
    assert ends == {proposals[0].pk: date(2026, 11, 29), proposals[1].pk: silent}
    counted = FlowEntry.objects.filter(stage=FlowEntry.Stage.REFUSED).order_by("pk")
    assert list(counted.values_list("acted_on", flat=True)) == [date(2026, 11, 29), silent]
