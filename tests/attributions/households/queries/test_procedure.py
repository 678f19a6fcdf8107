"""Publics, files and refusals, as the convention of a routing settles them (arrêté of 10 March 2011, article 1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import CaseDecision, Offer, Proposal
from attributions.households.operations.ballot import DecisionsRefused, open_ballot
from attributions.households.operations.candidate_state import ProposalRefused
from attributions.households.operations.correction import correct_decisions
from attributions.households.operations.offers import OfferRefused, answer_offer, send_offer
from attributions.households.operations.sending import send_proposals
from attributions.households.operations.session import close_session
from attributions.households.queries.file_steps import publics_of
from reservations.operations.person import grant_membership
from tests.attributions.households.candidates import agree, candidate, priority, routed
from tests.attributions.households.rows import Case, decided
from tests.attributions.households.sittings import HOUR, house, lines
from tests.flux.views.pages import text_of
from tests.world import MORNING, World

#: Pages where a decision is put to the vote and read once it is taken, and who opens them.
WHERE_DECIDED = {"agenda-item": "aline", "vote": "chloe"}


def test_candidate_outside_the_publics_is_warned_of_or_refused_as_the_clause_says(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Article 1, 3°: « les catégories de personnes prioritaires qui (…) sont éligibles aux logements réservés »; 6°:
    « les modalités de constitution et d’actualisation des dossiers »: five working days to complete one."""
    agree(world.conventions["city"], publics=["DALO", "URBAN_RENEWAL"], outside_publics="REFUSED", file_days=5)
    routing = routed(world)
    first = candidate(world, routing.vacancy, 1, routing=routing)
    second = candidate(world, routing.vacancy, 2, routing=routing, has_priority=True, priority=priority())
    third = candidate(world, routing.vacancy, 3, routing=routing, urban_renewal=True)
    belongs = [publics_of(each) for each in (first, second, third)]
    assert belongs == [set(), {"DALO", "PRIORITY"}, {"URBAN_RENEWAL"}]
    page = reverse("file", args=[routing.vacancy_id])
    with time_machine.travel(MORNING, tick=False):
        read = text_of(sign_in("chloe").get(page))
    assert (
        "La convention destine ce logement à : ménage reconnu prioritaire par la commission de médiation (DALO) ou"
        in read
    )
    assert "Un autre candidat est refusé à la transmission." in read
    assert read.count("Hors des publics de la convention") == 1
    sending = {"vacancy": routing.vacancy, "routing": routing, "sender": world.city, "by": world.people["chloe"]}
    with pytest.raises(
        ProposalRefused, match="n’est renseigné pour le candidat n° 1 : complétez sa fiche, ou retirez-le"
    ):
        send_proposals(**sending, now=MORNING)
    agree(world.conventions["city"], outside_publics="WARNED")
    send_proposals(**sending, now=MORNING)
    with time_machine.travel(MORNING, tick=False):
        read = text_of(sign_in("aline").get(page))
    assert read.count("Hors des publics de la convention") == 1
    assert read.count("dossier à compléter au plus tard le 1er décembre 2026") == 3
    with time_machine.travel(MORNING + timedelta(days=8), tick=False):
        assert text_of(sign_in("aline").get(page)).count("Dossier à compléter depuis le 1er décembre 2026") == 3


def test_refusal_by_a_dalo_household_is_stated_where_the_convention_asks_it(world: World) -> None:
    """Article 1, 9°: « la procédure applicable lorsque le refus a été opposé par une personne déclarée prioritaire par
    la commission de médiation »."""
    agree(world.conventions["city"], dalo_refusal_said=True)
    [dalo, other] = decided(world, Case(rank=1), Case(rank=2))
    Proposal.objects.filter(pk=dalo.pk).update(has_priority=True, priority=priority())
    dalo.refresh_from_db()
    aline = world.people["aline"]
    offer = send_offer(proposal=dalo, by=aline, now=MORNING)
    refusing = {"accepted": False, "reason": "AREA_REFUSED", "by": aline, "now": MORNING}
    with pytest.raises(OfferRefused, match="ménage DALO : la convention demande que son refus soit motivé") as refused:
        answer_offer(offer=offer, **refusing)
    assert refused.value.field == "text"
    answer_offer(offer=offer, text="L’école est à deux heures.", **refusing)
    answer_offer(offer=Offer.objects.get(proposal=other), **refusing)  # not a DALO household: its reason is enough


def test_committee_says_why_it_does_not_keep_a_dalo_household(world: World, sign_in: Callable[[str], Client]) -> None:
    """Article 1, 7°: « en cas de refus (…), les motifs de la décision de la commission d’attribution ». The sentence is
    read where the committee decides and votes, in the minutes, in the letter to the household and in the file that the
    holder opens; and one that replaces it, in the acts that follow the minutes."""
    at = house(world)
    agree(world.conventions["als"], dalo_refusal_said=True)
    item = at.opened()
    first = item.cases.order_by("pk").first()
    Proposal.objects.filter(pk=first.proposal_id).update(has_priority=True, priority=priority())
    given = lines(item, "NOT_ALLOCATED SIZE", "ALLOCATED", "NOT_ALLOCATED SIZE")
    with pytest.raises(DecisionsRefused, match="Dossier A : c’est un ménage DALO") as refused:
        open_ballot(item=item, lines=given, by=at.secretary, now=MORNING + HOUR)
    assert list(refused.value.faults) == ["A"]
    text = "Un T2 pour cinq personnes."
    at.decide(item, replace(given[0], text=text), *given[1:])
    with time_machine.travel(MORNING + 2 * HOUR, tick=False):
        read = {page: text_of(sign_in(who).get(reverse(page, args=[item.pk]))) for page, who in WHERE_DECIDED.items()}
    assert [page for page, words in read.items() if text not in words] == []
    close_session(session=item.session, by=at.secretary, now=MORNING + 2 * HOUR)
    grant_membership(user=world.people["driss"], organisation=world.als, role="HOLDER_STAFF")
    where = {
        reverse("minutes", args=[item.session_id]): "aline",
        reverse("letter", args=[first.proposal_id]): "aline",
        reverse("file", args=[item.vacancy_id]): "driss",
        reverse("proposal-detail", args=[first.proposal_id]): "driss",
    }
    with time_machine.travel(MORNING + 3 * HOUR, tick=False):
        assert [page for page, who in where.items() if text not in text_of(sign_in(who).get(page))] == []
    [decision] = CaseDecision.objects.filter(proposal=first.proposal_id)
    wrong = {decision: replace(given[0], text="Un T2 pour six personnes.")}
    correct_decisions(item=item, terms=wrong, why="Mal compté.", by=at.secretary, now=MORNING + 4 * HOUR)
    with time_machine.travel(MORNING + 4 * HOUR, tick=False):
        corrected = text_of(sign_in("aline").get(reverse("minutes", args=[item.session_id])))
    assert (text in corrected, "Un T2 pour six personnes. Mal compté." in corrected) == (True, True)


def test_the_pages_where_a_refusal_is_written_ask_the_sentence_first(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """The same articles: a page that calls « facultatif » what the act then refuses empty misleads who writes it."""
    at = house(world)
    agree(world.conventions["als"], dalo_refusal_said=True)
    item = at.opened()
    first = item.cases.order_by("pk").first()
    Proposal.objects.filter(pk=first.proposal_id).update(has_priority=True, priority=priority())
    asked = "Pourquoi, en une phrase, s’il n’est pas retenu : c’est un ménage DALO, et la convention le demande"
    with time_machine.travel(MORNING + HOUR, tick=False):
        read = text_of(sign_in("aline").get(reverse("agenda-item", args=[item.pk])))
    assert (read.count(asked), read.count("Précision (facultatif)")) == (1, 2)


def test_the_page_of_an_offer_asks_the_sentence_and_who_proposed_reads_it(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    agree(world.conventions["city"], dalo_refusal_said=True)
    [dalo, other] = decided(world, Case(rank=1), Case(rank=2))
    Proposal.objects.filter(pk=dalo.pk).update(has_priority=True, priority=priority())
    dalo.refresh_from_db()
    aline = world.people["aline"]
    offer = send_offer(proposal=dalo, by=aline, now=MORNING)
    asked = "S’il refuse, pourquoi, en une phrase"
    with time_machine.travel(MORNING, tick=False):
        page = text_of(sign_in("aline").get(reverse("letting", args=[dalo.vacancy_id])))
        assert (asked in page, "C’est un ménage DALO, et la convention le demande." in page) == (True, True)
        text = "L’école est à deux heures."
        answer_offer(offer=offer, accepted=False, reason="AREA_REFUSED", text=text, by=aline, now=MORNING)
        assert text in text_of(sign_in("chloe").get(reverse("file", args=[dalo.vacancy_id])))
        assert text in text_of(sign_in("aline").get(reverse("letting", args=[dalo.vacancy_id])))
        assert asked not in text_of(sign_in("aline").get(reverse("letting", args=[other.vacancy_id])))
