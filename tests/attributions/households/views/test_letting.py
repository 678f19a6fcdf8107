"""The page of a letting: what each person reads, and every act done from it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import AccessRecord, ConditionMet, Lease, Offer, Proposal
from attributions.households.operations.lease import record_outside_lease, undo_lease
from attributions.households.operations.offers import withdraw_proposal
from attributions.notices.models import Notice
from flux.models import Return
from flux.queries.first_letting import outcomes
from reservations.models import HistoryEntry
from reservations.words import day
from tests.attributions.households.candidates import agree
from tests.attributions.households.rows import Case, accepted, candidates, decided, reasons, send, statuses
from tests.flux.books import check_books
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World

NOW = MORNING
TODAY = timezone.localdate(NOW)


@pytest.fixture(autouse=True)
def that_morning():
    """The pages know no other day than today."""
    with time_machine.travel(MORNING, tick=False):
        yield


def french(day) -> str:
    return f"{day:%d/%m/%Y}"


def post(client: Client, name: str, proposal: Proposal, **given: object):
    return client.post(reverse(name, args=[proposal.vacancy_id, proposal.pk]), given)


def page(client: Client, proposal: Proposal):
    return client.get(reverse("letting", args=[proposal.vacancy_id]))


def test_landlord_reads_names_and_the_journal_says_so(world: World, sign_in) -> None:
    proposals = decided(world, now=NOW)
    text = text_of(page(sign_in("aline"), proposals[0]))
    assert "MARTIN Camille 1" in text
    record = AccessRecord.objects.get()
    assert (record.what, record.files, record.organisation) == ("FILE", 3, world.landlord.organisation)
    assert record.subject == proposals[0].vacancy.unit.reference


def test_holder_reads_its_own_candidates_and_those_of_another_by_their_number(world: World, sign_in) -> None:
    mine = decided(world, now=NOW)
    assert "MARTIN Camille 1" in text_of(page(sign_in("chloe"), mine[0]))
    Proposal.objects.update(proposer=world.landlord.organisation)  # delegated: the landlord proposed in its name
    written = AccessRecord.objects.count()
    text = text_of(page(sign_in("chloe"), mine[0]))
    assert "MARTIN" not in text
    assert "qui se termine par 00 01" in text
    assert AccessRecord.objects.count() == written


def test_offer_refusal_and_lease_through_the_page(world: World, sign_in) -> None:
    proposals, client = decided(world, now=NOW), sign_in("aline")
    first, second, third = proposals
    assert post(client, "offer-send", first, answer_by=french(TODAY + timedelta(10))).status_code == 302
    answer = {"accepted": "no", "answered_on": french(TODAY), "reason": "AREA_REFUSED", "text": "Trop loin."}
    refused = client.post(reverse("offer-answer", args=[first.vacancy_id, first.pk]), answer, follow=True)
    assert "Le rang suivant est appelé" in text_of(refused)
    assert statuses(proposals) == ["ENDED", "OFFERED", "ALLOCATED"]
    post(client, "offer-answer", second, accepted="yes", answered_on=french(TODAY))
    assert post(client, "lease-sign", second, signed_on=french(TODAY), in_mix_residence="no").status_code == 302
    assert Lease.objects.get(proposal=second).in_mix_residence is False
    assert statuses(proposals) == ["ENDED", "HOUSED", "RELEASED"]
    text = text_of(page(client, first))
    assert "Bail signé le" in text
    assert "Trop loin." in text
    assert "Libérée : le logement est loué à un autre" in text
    assert reverse("letter", args=[third.pk]) in page(client, first).content.decode()
    check_books(first.vacancy.ledger)


def test_each_reason_says_what_it_does_to_the_account(world: World, sign_in) -> None:
    [first, *_] = decided(world, now=NOW)
    post(sign_in("aline"), "offer-send", first, answer_by=french(TODAY + timedelta(10)))
    text = text_of(page(sign_in("aline"), first))
    assert text.count("ompté comme proposé") >= 3
    assert "décompté du droit de réservation ; le délai" in text


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, ["accepted", "answered_on"]),
        ({"accepted": "no", "answered_on": french(TODAY)}, ["reason"]),
        ({"accepted": "no", "answered_on": french(TODAY), "reason": "NO_ANSWER"}, ["reason"]),
        ({"accepted": "yes", "answered_on": "31/02/2026"}, ["answered_on"]),
        ({"accepted": "yes", "answered_on": french(TODAY + timedelta(1))}, ["answered_on"]),
    ],
)
def test_answer_says_what_to_correct(world: World, sign_in, given, field) -> None:
    [first, *_] = decided(world, now=NOW)
    client = sign_in("aline")
    post(client, "offer-send", first, answer_by=french(TODAY + timedelta(10)))
    refused = post(client, "offer-answer", first, **given)
    assert refused.status_code == 422
    assert list(refused.context["errors"].errors) == field
    assert Offer.objects.get().answer == ""


def test_page_says_until_when_what_came_in_time_is_recorded_and_asks_which_day(world: World, sign_in) -> None:
    [first] = decided(world, Case("CONDITIONAL", due=TODAY + timedelta(10)), now=NOW)
    client = sign_in("aline")
    post(client, "offer-send", first, answer_by=french(TODAY + timedelta(10)))
    last = "jusqu’au lundi 7 décembre 2026 inclus"
    text = text_of(page(client, first))
    assert f"Une réponse arrivée à temps s’enregistre {last} : la nuit suivante, le rang suivant est appelé." in text
    assert f"Arrivée à temps, elle s’enregistre {last}." in text
    with time_machine.travel(NOW + timedelta(13), tick=False):
        client = sign_in("aline")
        shown = page(client, first)
        assert f"ce délai est passé, une réponse arrivée à temps s’enregistre {last}." in text_of(shown)
        forms = shown.context["shown"][0][1]
        assert (forms["answer"]["answered_on"].value(), forms["document"]["received_on"].value()) == (None, None)
        post(client, "condition-document", first, received_on=french(TODAY + timedelta(9)))
        post(client, "offer-answer", first, accepted="yes", answered_on=french(TODAY + timedelta(10)))
    assert statuses([first]) == ["ACCEPTED"]


def test_unit_goes_back_as_its_page_stated(world: World, sign_in) -> None:
    """The candidate taken back last does not decide: it was never there; the applicant before it does."""
    agree(world.conventions["city"], returns_effect="YES_IF_HOLDER_FAULT", new_candidates_days=None)
    first, second = candidates(world, send(world, "city"), 2)
    withdraw_proposal(proposal=first, reason="WITHDREW", by=world.people["aline"], now=NOW)
    withdraw_proposal(proposal=second, reason="HOLDER_WITHDREW", by=world.people["chloe"], now=NOW)
    text = text_of(page(sign_in("aline"), first))
    result = text[text.index("Motif qui compte") :].split("Rendre ce logement")[0]
    assert "désistement (le demandeur)" in result
    assert "sans être décompté du droit de réservation" in result
    sign_in("aline").post(reverse("letting-give-back", args=[first.vacancy_id]))
    given = Return.objects.get()
    assert (given.reason, given.counted) == ("REFUSED", False)


def test_document_then_lease(world: World, sign_in) -> None:
    [first] = accepted(world, Case("CONDITIONAL", due=TODAY + timedelta(5)), now=NOW)
    client = sign_in("aline")
    assert "la pièce attendue n’est pas arrivée" in text_of(page(client, first))
    assert post(client, "lease-sign", first, signed_on=french(TODAY)).status_code == 422
    assert not Lease.objects.exists()
    post(client, "condition-document", first, received_on=french(TODAY))
    assert ConditionMet.objects.count() == 1
    post(client, "lease-sign", first, signed_on=french(TODAY))
    assert Lease.objects.get().proposal == first


def test_undone_lease_says_so(world: World, sign_in) -> None:
    [first, *_] = accepted(world, now=NOW)
    client, undo = sign_in("aline"), reverse("lease-undo", args=[first.vacancy_id])
    post(client, "lease-sign", first, signed_on=french(TODAY))
    assert client.post(undo, {"why": ""}).status_code == 422
    assert "Le bail est annulé" in text_of(client.post(undo, {"why": "Saisi trop tôt."}, follow=True))
    assert statuses([first]) == ["ACCEPTED"]
    assert client.post(undo, {"why": "Encore."}).status_code == 422


def test_holder_takes_its_candidate_back_and_nothing_else(world: World, sign_in) -> None:
    proposals, chloe = decided(world, now=NOW), sign_in("chloe")
    assert post(chloe, "offer-send", proposals[0]).status_code == 403
    assert post(chloe, "lease-sign", proposals[0]).status_code == 403
    assert post(chloe, "candidate-withdraw", proposals[0], reason="UNIT_UNFIT").status_code == 422
    assert post(chloe, "candidate-withdraw", proposals[0], reason="HOLDER_WITHDREW").status_code == 422  # kept
    assert post(chloe, "candidate-withdraw", proposals[0], reason="WITHDREW").status_code == 302
    assert reasons(proposals) == ["WITHDREW", "", ""]


def test_after_a_withdrawal_the_page_says_who_is_left(world: World, sign_in) -> None:
    proposals, client = candidates(world, send(world, "city"), 3), sign_in("aline")
    address = [reverse("candidate-withdraw", args=[each.vacancy_id, each.pk]) for each in proposals]
    rows = [messages_of(client.post(each, {"reason": "WITHDREW"}, follow=True)) for each in address]
    assert rows == [
        ["La candidature est retirée. 2 candidats restent en cours."],
        ["La candidature est retirée. 1 candidat reste en cours."],
        ["La candidature est retirée. Plus aucun candidat n’est en cours."],
    ]


def test_steps_of_the_unit_say_the_term_of_the_offer_and_both_days_of_an_undone_lease(world: World, sign_in) -> None:
    [first, *_] = decided(world, now=NOW)
    client, undo = sign_in("aline"), reverse("lease-undo", args=[first.vacancy_id])
    post(client, "offer-send", first, answer_by=french(TODAY + timedelta(13)))
    post(client, "offer-answer", first, accepted="yes", answered_on=french(TODAY))
    post(client, "lease-sign", first, signed_on=french(TODAY))
    file = reverse("file", args=[first.vacancy_id])
    assert "Offre envoyée (réponse jusqu’au 7 décembre 2026 inclus)" in text_of(client.get(file))
    client.post(undo, {"why": "Saisi trop tôt."})
    steps = text_of(client.get(file)).split("Étapes")[1]
    assert "24 novembre 2026 Bail signé 24 novembre 2026 Bail annulé (Saisi trop tôt.)" in steps
    others = text_of(sign_in("emma").get(file)).split("Étapes")[1]
    assert "Bail annulé" in others
    assert "Saisi trop tôt" not in others


def test_candidate_of_another_unit_is_not_found(world: World, sign_in) -> None:
    here, there = decided(world, now=NOW), decided(world, now=NOW)
    address = reverse("offer-send", args=[here[0].vacancy_id, there[0].pk])
    assert sign_in("aline").post(address, {}).status_code == 404


def test_unit_without_candidates_left_is_given_back(world: World, sign_in) -> None:
    [first] = accepted(world, Case("ALLOCATED"), now=NOW)
    client, back = sign_in("aline"), reverse("letting-give-back", args=[first.vacancy_id])
    assert client.post(back).status_code == 422
    post(client, "candidate-withdraw", first, reason="WITHDREW")
    assert "Ce logement repart" in text_of(page(client, first))
    assert client.post(back).status_code == 302
    assert outcomes([first.vacancy]) == {}
    assert first.vacancy.routings.get(pk=first.routing_id).closed_at is not None
    check_books(first.vacancy.ledger)


def test_page_of_a_unit_that_nobody_follows_here_leads_to_the_other_one(world: World, sign_in) -> None:
    vacancy = send(world, "city", now=NOW).vacancy
    answer = sign_in("aline").get(reverse("letting", args=[vacancy.pk]))
    assert reverse("vacancy-outcome", args=[vacancy.pk]) in answer.content.decode()


def cost(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_page_costs_the_same_queries_whatever_the_candidates(world: World, sign_in) -> None:
    client, costs = sign_in("aline"), set()
    for number in (1, 3, 12):
        proposals = decided(world, *(Case() for _ in range(number)), now=NOW)
        costs.add(cost(client, reverse("letting", args=[proposals[0].vacancy_id])))
    assert costs == {10}


# --- every offer of a landlord ---


def test_list_sorts_what_is_to_be_done(world: World, sign_in) -> None:
    client, aline = sign_in("aline"), []
    for days in (20, 12):
        [first, *_] = decided(world, now=NOW)
        post(client, "offer-send", first, answer_by=french(TODAY + timedelta(days)))
        aline.append(first)
    to_send = decided(world, now=NOW)
    condition = accepted(world, Case("CONDITIONAL", due=TODAY + timedelta(5)), now=NOW)
    to_sign = accepted(world, now=NOW)
    candidates(world, send(world, "city", now=NOW), now=NOW)
    early, *_ = decided(world, Case("CONDITIONAL", due=TODAY + timedelta(9)), now=NOW)
    post(client, "offer-send", early, answer_by=french(TODAY + timedelta(30)))
    answer = client.get(reverse("offer-list"))
    board = answer.context["board"]
    assert (
        "1 offre à envoyer, 3 réponses attendues, 2 pièces attendues (dont 1 avant la réponse), 1 bail à signer."
        in (text_of(answer))
    )
    assert [each.proposal for each in board.to_send] == [to_send[0]]
    assert [each.proposal for each in board.waiting] == [aline[1], aline[0], early]
    assert [each.proposal for each in board.conditions] == [condition[0], early]
    assert [each.proposal for each in board.to_sign] == [to_sign[0]]


def test_list_marks_a_document_whose_last_day_is_here(world: World, sign_in) -> None:
    accepted(world, Case("CONDITIONAL", due=TODAY + timedelta(5)), now=NOW)
    client, late = sign_in("aline"), f'<span class="st late">{day(TODAY + timedelta(5))}</span>'
    assert late not in client.get(reverse("offer-list")).text
    with time_machine.travel(MORNING + timedelta(5), tick=False):
        assert late in sign_in("aline").get(reverse("offer-list")).text


def test_statement_says_that_a_lease_was_undone(world: World, sign_in) -> None:
    routing = send(world, "city", now=NOW)
    aline = world.people["aline"]
    lease = record_outside_lease(vacancy=routing.vacancy, signed_on=TODAY, facts={}, by=aline, now=NOW)
    address = reverse("statement", args=[routing.vacancy.ledger_id, routing.holder_id])
    assert "Attribution ou bail annulé" not in text_of(sign_in("chloe").get(address))
    undo_lease(lease=lease, why="Saisi sur le mauvais logement.", by=aline, now=NOW)
    for person in ("aline", "chloe"):
        assert "Attribution ou bail annulé" in text_of(sign_in(person).get(address)), person


def test_list_costs_the_same_queries_whatever_its_length(world: World, sign_in) -> None:
    client, costs = sign_in("aline"), set()
    for more in (1, 2, 27):
        for _ in range(more):
            decided(world, Case("ALLOCATED"), now=NOW)
        costs.add(cost(client, reverse("offer-list")))
    assert costs == {5}


def test_list_is_of_the_landlord_and_says_when_nothing_waits(world: World, sign_in) -> None:
    decided(world, now=NOW)
    assert sign_in("chloe").get(reverse("offer-list")).status_code == 403
    assert "0 offre en cours" in text_of(sign_in("zoe").get(reverse("offer-list")))


# --- notices ---


def test_notices_are_of_ones_organisation_unread_first(world: World, sign_in) -> None:
    [first, *_] = decided(world, now=NOW)
    aline, chloe = sign_in("aline"), sign_in("chloe")
    post(aline, "offer-send", first, answer_by=french(TODAY + timedelta(10)))
    post(aline, "offer-answer", first, accepted="yes", answered_on=french(TODAY))
    address = reverse("notice-list")
    [latest, before] = chloe.get(address).context["page"]
    assert (latest.kind, before.kind) == ("OFFER_ACCEPTED", "OFFER_SENT")
    chloe.post(reverse("notice-read", args=[latest.pk]))
    assert [each.kind for each in chloe.get(address).context["page"]] == ["OFFER_SENT", "OFFER_ACCEPTED"]
    latest.refresh_from_db()
    assert latest.read_by == world.people["chloe"]
    assert aline.post(reverse("notice-read", args=[before.pk])).status_code == 404
    assert "MARTIN" not in text_of(chloe.get(address))


def test_the_latest_comes_first_even_when_it_was_written_before(world: World, sign_in) -> None:
    [first, *_] = decided(world, now=NOW)
    about = {"organisation": world.city, "vacancy": first.vacancy, "kind": "OFFER_SENT"}
    for days in (3, 0, 2):
        Notice.objects.create(**about, at=NOW - timedelta(days))
    found = sign_in("chloe").get(reverse("notice-list")).context["page"]
    assert [each.at for each in found] == [NOW - timedelta(days) for days in (0, 2, 3)]


def test_all_are_read_up_to_what_was_seen(world: World, sign_in) -> None:
    [first, *_] = decided(world, now=NOW)
    aline, chloe = sign_in("aline"), sign_in("chloe")
    post(aline, "offer-send", first, answer_by=french(TODAY + timedelta(10)))
    until = Notice.objects.get().pk
    post(aline, "offer-answer", first, accepted="yes", answered_on=french(TODAY))
    chloe.post(reverse("notice-read-all"), {"until": until})
    assert list(Notice.objects.unread().values_list("kind", flat=True)) == ["OFFER_ACCEPTED"]
    for nonsense in ("", "-1", "²", "9" * 30):
        assert chloe.post(reverse("notice-read-all"), {"until": nonsense}).status_code == 302
    assert Notice.objects.unread().count() == 1


def test_notice_of_a_unit_gone_says_what_it_is_not_where(world: World, sign_in) -> None:
    [first] = accepted(world, Case("ALLOCATED"), now=NOW)
    aline = sign_in("aline")
    post(aline, "candidate-withdraw", first, reason="WITHDREW")
    aline.post(reverse("letting-give-back", args=[first.vacancy_id]))
    text = text_of(sign_in("chloe").get(reverse("notice-list")))
    assert first.vacancy.unit.reference not in text
    assert "T3 PLUS, hors QPV, Narbonne" in text


def test_notices_cost_the_same_queries_whatever_their_number(world: World, sign_in) -> None:
    client, costs = sign_in("chloe"), set()
    vacancy = send(world, "city", now=NOW).vacancy
    for more in (1, 2, 27):
        Notice.objects.bulk_create(
            Notice(organisation=world.city, vacancy=vacancy, kind="SENT", at=NOW) for _ in range(more)
        )
        costs.add(cost(client, reverse("notice-list")))
    assert costs == {5}


# --- letters ---


def test_letters_say_what_the_law_asks(world: World, sign_in) -> None:
    due = TODAY + timedelta(20)
    proposals = decided(
        world,
        Case("CONDITIONAL", due=due),
        Case("NOT_ALLOCATED", reason="EFFORT"),
        Case("INELIGIBLE", reason="OVER_CEILING"),
        now=NOW,
    )
    client = sign_in("aline")
    post(client, "offer-send", proposals[0], answer_by=french(TODAY + timedelta(10)))
    before = AccessRecord.objects.count()
    offer, refusal, rejection = (text_of(client.get(reverse("letter", args=[each.pk]))) for each in proposals)
    assert "Si vous ne répondez pas, la loi considère que vous refusez" in offer
    assert "Une pièce manque à votre dossier : avis d’imposition" in offer
    assert "Motif : taux d’effort trop élevé" in refusal
    assert "L441‑2‑2" in refusal
    assert "Motif : ressources supérieures au plafond" in rejection
    assert list(AccessRecord.objects.values_list("what", flat=True).order_by("pk"))[before:] == ["LETTER"] * 3


def test_letters_say_where_they_come_from(world: World, sign_in) -> None:
    """The address is written once by the landlord's manager, and heads what every agent prints (the letter of an
    administration says who it comes from and how to reach it: code des relations entre le public et l'administration,
    L111-2)."""
    [first, *_] = accepted(world, now=NOW)
    letter, own = reverse("letter", args=[first.pk]), world.landlord.organisation
    assert "votre gestionnaire peut l’écrire une fois" in text_of(sign_in("aline").get(letter))
    manager, correct = sign_in("alice"), reverse("organisation-correct", args=[own.pk])
    assert correct in manager.get(letter).content.decode()
    assert correct in manager.get(reverse("person-list")).content.decode()
    given = {"name": own.name, "siren": own.siren, "territory": ""}
    seven = manager.post(correct, {**given, "postal_address": "\n".join("1234567")})
    assert "L’adresse a 7 lignes : gardez-en 6 au plus." in text_of(seven)
    manager.post(
        correct, {**given, "postal_address": "Service attribution\r\n\r\n 12, rue Voltaire \r\n11100 Narbonne"}
    )
    own.refresh_from_db()
    assert own.postal_address == "Service attribution\n12, rue Voltaire\n11100 Narbonne"
    assert HistoryEntry.objects.about(own).last().details == {"postal_address": ["", own.postal_address]}
    text = text_of(sign_in("aline").get(letter))
    assert "Robine Habitat Service attribution 12, rue Voltaire 11100 Narbonne" in text
    assert "adresse en tête" not in text


def test_only_who_writes_to_applicants_gives_an_address(world: World, sign_in) -> None:
    page = sign_in("adam").get(reverse("organisation-correct", args=[world.city.pk]))
    assert "postal_address" not in page.context["form"].fields
    assert "adresse" not in text_of(page)


def test_released_applicant_is_reported_and_one_still_waiting_is_not(world: World, sign_in) -> None:
    proposals, client = accepted(world, now=NOW), sign_in("aline")
    assert "Aucun courrier à envoyer" in text_of(client.get(reverse("letter", args=[proposals[1].pk])))
    post(client, "lease-sign", proposals[0], signed_on=french(TODAY))
    assert "loué à un autre ménage" in text_of(client.get(reverse("letter", args=[proposals[1].pk])))


@pytest.mark.parametrize(("person", "status"), [("alice", 200), ("chloe", 403), ("bob", 404), ("zoe", 404)])
def test_letters_are_the_landlords(world: World, sign_in, person: str, status: int) -> None:
    [first, *_] = accepted(world, now=NOW)
    assert sign_in(person).get(reverse("letter", args=[first.pk])).status_code == status
