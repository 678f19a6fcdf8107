"""The candidates of a unit on screen: names for some, counts for the others, and the list of what calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import AccessRecord, Designation, Proposal
from attributions.households.operations.candidate_state import end, lock_candidates, move
from attributions.households.operations.lease import sign_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import send_offer, withdraw_proposal
from attributions.households.operations.withdrawals import record_outside_answer
from attributions.households.pages.file_words import AT
from attributions.households.queries.stage import Stage
from flux.models import Routing
from flux.operations.cancellation import cancel_vacancy
from flux.operations.departures import restart_clock
from flux.operations.outcomes import record_allocation, record_lease
from flux.operations.routing import route_elsewhere
from reservations.models import Convention
from reservations.words import day
from tests.attributions.households.candidates import agree, candidate, excluded, number, priority, routed, sent
from tests.attributions.households.rows import Case, accepted, application, candidates, decided
from tests.attributions.households.sittings import House
from tests.flux.views.pages import messages_of, text_of
from tests.guards import unguarded
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
LIST = reverse("file-list")


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


def address(routing: Routing, name: str = "file") -> str:
    return reverse(name, args=[routing.vacancy_id])


def read(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return text_of(response)


def test_names_are_for_who_proposes_and_who_instructs(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    candidate(world, routing.vacancy, 1, routing=routing, priority=priority())
    sent(world, routing, 2)
    for person in ("chloe", "alice", "aline"):
        words = read(sign_in(person), address(routing))
        assert "Durand 01 Amina" in words
        assert f"n° se termine par {number(1)[-4:-2]} {number(1)[-2:]}" in words
        assert number(1) not in words
    for person in ("bob", "emma", "adam"):
        words = read(sign_in(person), address(routing))
        assert "Durand" not in words
        assert routing.vacancy.unit.address not in words
        assert "2 candidats transmis" in words
        assert "DALO" not in words
        assert "transmise 2" not in words
    assert sign_in("zoe").get(address(routing)).status_code == 404
    assert sign_in("driss").get(address(routing)).status_code == 404


def test_the_line_of_steps_gives_the_day_of_the_session_then_of_the_answer(home: House, sign_in: SignIn) -> None:
    """And the step under way at each stage, which is the first that is not done."""
    item, today = home.item(), "24 novembre 2026"
    words = read(sign_in("alice"), reverse("file", args=[item.vacancy_id]))
    assert f"Instruction c’est fait CALEOL le {today} Offre à venir Bail signé à venir" in words
    first, *_ = decided(home.world)
    words = read(sign_in("alice"), reverse("file", args=[first.vacancy_id]))
    assert "Offre en cours Bail signé à venir" in words
    offer = send_offer(proposal=first, by=home.world.people["aline"], now=MORNING)
    words = read(sign_in("alice"), reverse("file", args=[first.vacancy_id]))
    assert f"Offre réponse avant le {day(offer.answer_by)} Bail signé à venir" in words
    assert set(AT) == set(Stage), "each stage stands at a step"


def test_a_unit_states_others_nothing_that_a_small_count_hides(world: World, sign_in: SignIn) -> None:
    """Its stage, and how many were sent: unit by unit, states and priorities would give hidden counts back."""
    proposal = accepted(world, Case("ALLOCATED"), applications=[application(world, priority=priority())])[0]
    sign_lease(proposal=proposal, signed_on=MORNING.date(), by=world.people["aline"], now=MORNING)
    url = reverse("file", args=[proposal.vacancy_id])
    for person in ("emma", "bob", "adam"):
        words = read(sign_in(person), url)
        assert "Bail signé" in words
        assert not [each for each in ("DALO", "Bail signé 1", "bail signé 1", "Sans priorité") if each in words]
    assert "DALO" in read(sign_in("aline"), url)


def test_an_exception_for_a_dalo_household_is_not_reported_to_others(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    sent(world, routing, 1)
    with unguarded("attributions_designation.append_only"):
        Designation.objects.update(exemption="DALO", exemption_text="")
    assert "ménage DALO" not in read(sign_in("emma"), address(routing))
    assert "exception : ménage DALO" in read(sign_in("aline"), address(routing))


def test_a_holder_reads_the_landlords_candidates_as_long_as_the_unit_is_routed_to_it(world: World) -> None:
    agree(world.conventions["city"], management=Convention.Management.DELEGATED)
    routing = routed(world)
    [proposal] = candidates(world, routing, 1, proposer=world.landlord.organisation)
    seen = Proposal.objects.visible_to(world.member("chloe"))
    assert proposal in seen
    route_elsewhere(
        vacancy=routing.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Test.",
        by=world.people["aline"],
        now=MORNING,
    )
    assert proposal not in seen.all()
    Proposal.objects.filter(pk=proposal.pk).update(proposer=world.city)
    assert proposal in seen.all()  # its own


def test_drafts_are_their_proposers_own(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    candidate(world, routing.vacancy, 1, routing=routing)
    assert "Durand 01 Amina" in read(sign_in("chloe"), address(routing))
    words = read(sign_in("alice"), address(routing))
    assert "Durand" not in words
    assert "0 candidat transmis" in words


def test_each_reading_of_names_is_in_the_journal_and_counts_are_not(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    sent(world, routing, 1, 2)
    text = "Document nominatif : cette consultation est inscrite au journal."
    assert text not in read(sign_in("emma"), address(routing))
    assert not AccessRecord.objects.exists()
    assert text in read(sign_in("alice"), address(routing))
    [kept] = AccessRecord.objects.order_by("pk")
    assert (kept.user, kept.organisation, kept.keeper, kept.files, kept.what) == (
        world.people["alice"],
        world.landlord.organisation,
        world.landlord.organisation,
        2,
        "FILE",
    )
    assert kept.subject == f"logement {routing.vacancy.unit}"


def test_steps_say_since_when_and_what_ends_do(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=10, new_candidates_days=10)
    routing = routed(world)
    sent(world, routing, 1, 2)
    [first, second] = lock_candidates(routing.vacancy_id).proposals
    instruct_proposal(proposal=first, by=world.people["aline"], now=MORNING)
    end([second], "RENT_REFUSED", by=world.people["aline"], now=MORNING)
    words = read(sign_in("chloe"), address(routing))
    assert "Orienté vers la Ville de Narbonne" in words
    assert "2 candidats transmis par la Ville de Narbonne (exception : insuffisance du nombre de candidats)" in words
    assert "1 dossier instruit" in words
    assert "Candidat n° 2 : refus : le loyer et les charges (le demandeur)" in words
    effects = "Compté comme proposé, sans être décompté du droit de réservation ; le délai repart"
    assert effects in words
    others = read(sign_in("emma"), address(routing))
    assert "Fin d’une candidature (le demandeur)" in others
    assert "le loyer" not in others
    assert effects in others
    assert "Prêt pour la CALEOL, depuis le 24 novembre 2026" in others


def test_the_next_act_is_one_sentence_at_each_stage(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=10, minimum_candidates=3)
    routing = routed(world)
    client = sign_in("chloe")
    assert "Proposez au moins 3 candidats au plus tard le 8 décembre 2026 (10 jours ouvrés)." in read(
        client, address(routing)
    )
    sent(world, routing, 1)
    for status, words in (
        ("SENT", "Robine Habitat instruit les dossiers transmis."),
        ("READY", "Robine Habitat inscrit ce logement à l’ordre du jour d’une CALEOL."),
        ("ON_AGENDA", "La CALEOL examine les dossiers."),
        ("ALLOCATED", "Robine Habitat envoie l’offre au ménage retenu."),
        ("OFFERED", "Le ménage répond à l’offre."),
        ("ACCEPTED", "Robine Habitat et le ménage signent le bail."),
        ("HOUSED", "Le bail est signé"),
        ("ENDED", "Aucun candidat ne reste"),
    ):
        Proposal.objects.update(status=status)
        if status == "ENDED":
            continue  # its end is written with it: below
        assert words in read(client, address(routing))
        if status == "ON_AGENDA":
            assert "Voir les séances de la CALEOL" in read(sign_in("aline"), address(routing))
    Proposal.objects.update(status="SENT")
    end(Proposal.objects.order_by("pk"), "WITHDREW", by=world.people["aline"], now=MORNING)
    assert "Aucun candidat ne reste" in read(client, address(routing))


def test_a_unit_routed_to_nobody_and_a_cancelled_one_say_so(world: World, sign_in: SignIn) -> None:
    waiting = world.vacancy()
    words = read(sign_in("alice"), reverse("file", args=[waiting.pk]))
    assert "Ce logement n’est orienté vers personne" in words
    routing = routed(world)
    candidate(world, routing.vacancy, 1, routing=routing)
    cancel_vacancy(
        vacancy=routing.vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=MORNING
    )
    assert "est annulé depuis le 24 novembre 2026" in read(sign_in("alice"), address(routing))
    assert sign_in("chloe").get(address(routing)).status_code in (200, 404)


def test_delegated_management_shows_its_candidates_to_the_holder(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], management=Convention.Management.DELEGATED)
    routing, landlord = routed(world), world.landlord.organisation
    for rank in (1, 2, 3):
        candidate(world, routing.vacancy, rank, routing=routing, proposer=landlord, by="aline")
    before = read(sign_in("chloe"), address(routing))
    assert "Durand" not in before
    assert "gestion déléguée" in before
    assert "Choisir parmi vos ménages" not in before
    assert sign_in("chloe").get(address(routing, "proposal-new")).status_code == 403
    answer = sign_in("aline").post(address(routing, "proposal-send"), {"routing": routing.pk}, follow=True)
    assert messages_of(answer) == ["3 candidats sont transmis : leur instruction peut commencer."]
    after = read(sign_in("chloe"), address(routing))
    assert "Durand 01 Amina" in after
    assert "3 candidats transmis par Robine Habitat" in after


def test_subtracted_units_have_the_landlords_candidates(world: World, sign_in: SignIn) -> None:
    vacancy = excluded(world)
    words = read(sign_in("aline"), reverse("file", args=[vacancy.pk]))
    assert "Robine Habitat cherche ses candidats." in words
    assert "aucun : soustrait du flux" in words
    assert "Choisir parmi vos ménages Ajouter par numéro unique" in words
    assert vacancy.unit.reference in read(sign_in("aline"), LIST)


def test_send_page_counts_then_asks_for_an_exception(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    client, url = sign_in("chloe"), address(routing, "proposal-send")
    assert "Aucun candidat à transmettre" in read(client, url)
    candidate(world, routing.vacancy, 1, routing=routing)
    candidate(world, routing.vacancy, 2, routing=routing)
    words = read(client, url)
    assert "2 sur 3 candidats au moins à examiner : il en manque 1." in words
    assert "Insuffisance du nombre de candidats" in words
    assert "PLAI adapté" not in words
    posted = {"routing": routing.pk}
    refused = client.post(url, posted)
    assert refused.status_code == 422
    assert "Il manque 1 candidat" in text_of(refused)
    posted["exemption"] = "TOO_FEW"
    refused = client.post(url, posted)
    assert refused.status_code == 422
    assert "Dites en une phrase pourquoi" in text_of(refused)
    assert client.post(url, posted | {"exemption": "DALO"}).status_code == 422
    answer = client.post(url, posted | {"exemption_text": "Deux demandes de T3."}, follow=True)
    assert messages_of(answer) == ["2 candidats sont transmis à Robine Habitat : votre délai s’arrête."]
    assert Designation.objects.get().exemption_text == "Deux demandes de T3."


def test_exception_is_claimed_for_those_sent_before(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    for rank in (1, 2, 3):
        candidate(world, routing.vacancy, rank, routing=routing)
    client, url, page = sign_in("chloe"), address(routing, "proposal-send"), address(routing)
    assert client.post(url, {"routing": routing.pk}).status_code == 302
    assert "Demander l’exception" not in read(client, page)
    one = Proposal.objects.order_by("pk")[0]
    withdraw_proposal(proposal=one, reason="HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    words = read(client, page)
    assert "Demander l’exception" in words
    assert "il en manque 1, sauf exception de la loi" in words
    words = read(client, url)
    assert "Pourquoi si peu de candidats ?" in words
    assert "Insuffisance du nombre de candidats" in words
    refused = client.post(url, {"routing": routing.pk})
    assert refused.status_code == 422
    posted = {"routing": routing.pk, "exemption": "TOO_FEW", "exemption_text": "Une demande retirée."}
    answer = client.post(url, posted, follow=True)
    assert messages_of(answer) == [
        "L’exception est enregistrée : insuffisance du nombre de candidats. Le bailleur en est informé."
    ]
    words = text_of(answer)
    assert "Demander l’exception" not in words
    assert "il en manque 1, mais une exception de la loi est demandée" in words
    assert "Exception demandée par la Ville de Narbonne (exception : insuffisance du nombre de candidats)" in words
    assert "Aucun candidat à transmettre" in read(client, url)


def test_the_minimum_says_whom_it_counts_once_some_are_gone(world: World, sign_in: SignIn) -> None:
    """Sent, they count towards the law’s minimum, even gone; taken back by their holder, they do not."""
    agree(world.conventions["city"], proposal_days=10, minimum_candidates=3, new_candidates_days=10)
    routing, client = routed(world), sign_in("chloe")
    sent(world, routing, 1, 2, 3)
    one, two, three = Proposal.objects.order_by("pk")
    end([one], "WITHDREW", by=world.people["aline"], now=MORNING)
    counts = "Un candidat transmis compte pour ce minimum, même s’il n’est plus en cours"
    words = read(client, address(routing))
    assert f"3 transmis, dont 1 n’est plus en cours : le minimum de 3 est tenu. {counts}." in words
    assert "sur 3 au moins" not in words
    end([two], "HOLDER_WITHDREW", by=world.people["chloe"], now=MORNING)
    words = read(client, address(routing))
    assert "2 transmis, dont 1 n’est plus en cours : il en manque 1 pour le minimum de 3, sauf exception" in words
    assert f"{counts}, sauf celui que le réservataire ou le bailleur a retiré." in words
    withdraw_proposal(proposal=three, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    words = read(client, address(routing))
    assert "Proposez d’autres candidats au plus tard le 8 décembre 2026 (10 jours ouvrés)" in words
    assert "les candidats transmis auparavant ne sont plus en cours." in words
    assert "2 transmis, qui ne sont plus en cours : il en manque 1 pour le minimum de 3" in words
    assert "au moins 3" not in words
    candidate(world, routing.vacancy, 4, routing=routing)
    words = read(client, address(routing))
    assert "2 transmis, qui ne sont plus en cours, et 1 en préparation : le minimum de 3 est tenu." in words
    words = read(client, address(routing, "proposal-send"))
    assert "3 sur 3 candidats au moins à examiner, dont 2 déjà transmis (qui ne sont plus en cours)." in words


def test_enough_candidates_ask_for_no_exception(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    for rank in (1, 2, 3):
        candidate(world, routing.vacancy, rank, routing=routing)
    words = read(sign_in("chloe"), address(routing, "proposal-send"))
    assert "3 sur 3 candidats" in words
    assert "exception s’applique" not in words


def test_whoever_lost_the_unit_meanwhile_reads_where_it_went(world: World, sign_in: SignIn) -> None:
    """Not a refusal of access: what happened, in a sentence."""
    first = routed(world)
    candidate(world, first.vacancy, 1, routing=first)
    routed_again = routed(world, "als", first.vacancy)
    assert routed_again.pk != first.pk
    client = sign_in("chloe")
    refused = client.post(address(first, "proposal-send"), {"routing": first.pk, "exemption": "TOO_FEW"})
    assert refused.status_code == 422
    assert "Entre-temps, ce logement est orienté vers Action Logement" in text_of(refused)
    assert client.get(address(first, "proposal-send")).status_code == 403
    assert client.post(address(first, "proposal-send"), {"routing": "9" * 18}).status_code == 403


def references(client: Client, address: str) -> list[str]:
    """The units of the list, in its order."""
    return [line.row.vacancy.unit.reference for line in client.get(address).context["lines"]]


def test_list_puts_the_nearest_deadline_first_then_what_calls(world: World, sign_in: SignIn) -> None:
    """Whatever the order of declaration, whoever reads. What has no deadline comes after, by its stage."""
    agree(world.conventions["city"], proposal_days=20, new_candidates_days=8)
    agree(world.conventions["als"], proposal_days=None)
    long, short, free, going = routed(world), routed(world), routed(world, "als"), routed(world)
    restart_clock(routing=long, on=MORNING.date() + timedelta(days=20))
    sent(world, going, 1)
    first, second, third, last = (each.vacancy.unit.reference for each in (short, long, going, free))
    assert references(sign_in("chloe"), LIST) == [first, second, third]
    assert references(sign_in("alice"), LIST) == [first, second, third, last]


def test_list_is_filtered_by_holder_landlord_deadline_place_unit_and_words(world: World, sign_in: SignIn) -> None:
    agree(world.conventions["city"], proposal_days=20)
    agree(world.conventions["als"], proposal_days=None)
    one = routed(world, vacancy=world.vacancy(rooms=2, street_name="PASTEUR"))
    two = routed(world, "als", world.vacancy(commune="Coursan", rooms=4))
    first, second = one.vacancy.unit, two.vacancy.unit
    alice = sign_in("alice")
    for asked, kept in (
        (f"holder={two.holder_id}", second),
        (f"commune={first.commune_id}", first),
        ("typology=T4", second),
        ("due=ensuite", first),
        ("due=sans", second),
        ("q=pasteur", first),
        (f"q={second.reference}", second),
        (f"etape=TO_PROPOSE&commune={second.commune_id}", second),
    ):
        assert references(alice, f"{LIST}?{asked}") == [kept.reference], asked
    assert references(alice, f"{LIST}?due=depassee") == []
    with time_machine.travel(MORNING + timedelta(days=60), tick=False):
        assert references(sign_in("alice"), f"{LIST}?due=depassee") == [first.reference]
    chloe = sign_in("chloe")
    assert references(chloe, f"{LIST}?landlord={world.landlord.pk}") == [first.reference]
    assert set(chloe.get(LIST).context["filters"].fields) == {"etape", "due", "landlord", "commune", "typology", "q"}
    assert "Aucun logement ne répond à ces filtres" in read(alice, f"{LIST}?etape=LET")


def test_list_is_read_by_who_follows_candidates(world: World, sign_in: SignIn) -> None:
    asked = routed(world)
    assert asked.vacancy.unit.reference not in read(sign_in("bob"), LIST)
    assert "n’attend vos candidats" in read(sign_in("bob"), LIST)
    assert sign_in("emma").get(LIST).status_code == 403
    assert sign_in("adam").get(LIST).status_code == 403


def test_every_stage_has_its_units(world: World, sign_in: SignIn) -> None:
    today, aline = MORNING.date(), world.people["aline"]
    by_stage = {}
    for rank, (stage, status) in enumerate(
        (
            ("TO_INSTRUCT", "SENT"),
            ("TO_CONVENE", "READY"),
            ("ON_AGENDA", "ON_AGENDA"),
            ("TO_OFFER", "ALLOCATED"),
            ("OFFERED", "OFFERED"),
            ("TO_SIGN", "ACCEPTED"),
            ("LET", "HOUSED"),
        )
    ):
        routing = routed(world)
        sent(world, routing, rank + 1)
        move(Proposal.objects.filter(routing=routing).order_by("pk"), status, now=MORNING)
        by_stage[stage] = routing
    by_stage["TO_PROPOSE"] = routed(world)
    by_stage["TO_FIND"] = routed(world, "landlord")
    by_stage["DOCUMENT"] = accepted(world, Case("CONDITIONAL", due=today + timedelta(days=5)))[0].routing
    by_stage["NOBODY_LEFT"] = routed(world)
    sent(world, by_stage["NOBODY_LEFT"], 30)
    lost = Proposal.objects.filter(routing=by_stage["NOBODY_LEFT"]).order_by("pk")
    end(lost, "WITHDREW", by=aline, now=MORNING)
    by_stage["RECEIVED"] = routed(world)
    record_outside_answer(vacancy=by_stage["RECEIVED"].vacancy, on=today, by=aline, now=MORNING)
    by_stage["OUTSIDE"] = routed(world)
    record_allocation(vacancy=by_stage["OUTSIDE"].vacancy, on=today, by=aline, today=today)
    outside = routed(world)
    record_lease(vacancy=outside.vacancy, on=today, by=aline, today=today)
    assert set(by_stage) == set(Stage)
    for stage in Stage:
        words = read(sign_in("alice"), f"{LIST}?etape={stage}")
        shown = [each for each in by_stage if f" {by_stage[each].vacancy.unit.reference} " in words]
        assert shown == [stage]
        assert (outside.vacancy.unit.reference in words) == (stage == Stage.LET)


def test_offer_accepted_without_its_document_is_not_a_lease_to_sign(world: World, sign_in: SignIn) -> None:
    [kept] = accepted(world, Case("CONDITIONAL", due=MORNING.date() + timedelta(days=5)))
    words = read(sign_in("alice"), reverse("file", args=[kept.vacancy_id]))
    assert "Enregistrer la pièce" in words
    assert "Le ménage fournit la pièce attendue par la commission" in words
    assert "Signer le bail" not in words


def test_unknown_stage_is_ignored(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    words = read(sign_in("alice"), f"{LIST}?etape=AUTRE")
    assert routing.vacancy.unit.reference in words
    assert "le filtre est ignoré" in words


@pytest.mark.parametrize("number", [1, 12])
def test_list_costs_the_same_queries(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable, number: int
) -> None:
    for rank in range(number):
        routing = routed(world)
        if rank % 2:
            sent(world, routing, rank + 1)
    client = sign_in("alice")
    with django_assert_num_queries(7):
        client.get(LIST)


@pytest.mark.parametrize("number", [1, 12])
def test_file_costs_the_same_queries(
    world: World, sign_in: SignIn, django_assert_num_queries: Callable, number: int
) -> None:
    routing = routed(world)
    sent(world, routing, *range(1, number + 1))
    client = sign_in("alice")
    with django_assert_num_queries(7):
        client.get(address(routing))


def test_the_sheet_and_the_list_of_vacancies_lead_there(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    for page in (reverse("vacancy-detail", args=[routing.vacancy_id]), reverse("vacancy-list")):
        assert f'href="{address(routing)}"' in sign_in("emma").get(page).content.decode()


def test_each_stage_leads_to_its_next_page(world: World, sign_in: SignIn) -> None:
    """For the landlord a button; for the holder the same page to read; for others none."""
    routing = routed(world)
    outcome, letting = address(routing, "vacancy-outcome"), address(routing, "letting")
    aline, chloe, emma = (sign_in(name) for name in ("aline", "chloe", "emma"))
    page = aline.get(address(routing)).content.decode()
    assert (outcome in page, letting in page) == (True, False)
    holder = chloe.get(address(routing)).content.decode()
    assert address(routing, "vacancy-return") in holder
    assert "Je n’ai pas de candidat" in holder
    sent(world, routing, 1)
    for status, words, leads in (
        ("READY", "Mettre à l’ordre du jour", reverse("session-list")),
        ("ALLOCATED", "Envoyer l’offre", letting),
        ("OFFERED", "Enregistrer la réponse", letting),
        ("ACCEPTED", "Signer le bail", letting),
    ):
        Proposal.objects.update(status=status)
        page = aline.get(address(routing)).content.decode()
        assert f'href="{leads}">{words}</a>' in page
        assert outcome not in page
        holder = chloe.get(address(routing)).content.decode()
        assert f'href="{letting}">Offres et bail</a>' in holder
        assert "Je n’ai pas de candidat" not in holder
        assert letting not in emma.get(address(routing)).content.decode()
    Proposal.objects.update(status="READY")
    proposal = Proposal.objects.get()
    detail = chloe.get(reverse("proposal-detail", args=[proposal.pk])).content.decode()
    assert f"{letting}#retirer-{proposal.pk}" in detail
    assert f'id="retirer-{proposal.pk}"' in chloe.get(letting).content.decode()
    Proposal.objects.update(status="SENT")
    end(Proposal.objects.order_by("pk"), "WITHDREW", by=world.people["aline"], now=MORNING)
    assert f'href="{letting}">Rendre ce logement</a>' in aline.get(address(routing)).content.decode()
    assert "Je n’ai pas de candidat" in chloe.get(address(routing)).content.decode()


def test_holder_is_not_offered_to_give_up_while_candidates_are_in_the_running(world: World, sign_in: SignIn) -> None:
    """The button was there, and the act refused: the candidates sent are taken back first, then it is offered."""
    routing, chloe = routed(world), sign_in("chloe")
    page, seen = address(routing, "vacancy-return"), address(routing, "vacancy-detail")
    assert "Je n’ai pas de candidat" in read(chloe, seen)
    sent(world, routing, 1)
    assert "Je n’ai pas de candidat" not in read(chloe, seen)
    assert "Pour rendre ce logement, retirez d’abord les candidats transmis" in read(chloe, seen)
    assert "Retirez d’abord les candidats transmis" in read(chloe, page)
    assert "Rendre ce logement</button>" not in chloe.get(page).content.decode()
    end(Proposal.objects.order_by("pk"), "WITHDREW", by=world.people["aline"], now=MORNING)
    assert "Retirez d’abord" not in read(chloe, page)
    assert "Rendre ce logement</button>" in chloe.get(page).content.decode()


@pytest.mark.parametrize("case", ["flow", "own share", "own share, works", "subtracted"])
def test_unit_goes_back_where_the_act_gives_it_back(world: World, sign_in: SignIn, case: str) -> None:
    """The button and the sentence are those of the page of the act; elsewhere it only leads there."""
    mine = world.landlord.organisation
    if case == "subtracted":
        found = candidates(world, vacancy=excluded(world), count=1)
    else:
        own = case != "flow"
        routing = routed(world, "landlord" if own else "city")
        found = candidates(world, routing, 1, proposer=mine if own else world.city)
    reason = "UNIT_UNFIT" if case == "own share, works" else "WITHDREW"
    withdraw_proposal(proposal=found[0], reason=reason, by=world.people["aline"], now=MORNING)
    goes = case in ("flow", "own share, works")
    aline, vacancy = sign_in("aline"), found[0].vacancy
    for page in (reverse("file", args=[vacancy.pk]), f"{LIST}?etape=NOBODY_LEFT"):
        words = read(aline, page)
        assert "Aucun candidat ne reste" in words
        assert ("ou le bailleur rend le logement" in words) is goes
    page = aline.get(reverse("file", args=[vacancy.pk])).content.decode()
    letting = reverse("letting", args=[vacancy.pk])
    assert f'href="{letting}">{"Rendre ce logement" if goes else "Offres et bail"}</a>' in page
    assert (reverse("letting-give-back", args=[vacancy.pk]) in aline.get(letting).content.decode()) is goes


@pytest.mark.parametrize("management", ["DIRECT", "DELEGATED"])
def test_silence_is_stated_to_lapse_where_it_does(world: World, sign_in: SignIn, management: str) -> None:
    """Under delegated management the landlord looks for candidates: nothing leaves its holder by itself."""
    agree(world.conventions["city"], management=management, proposal_days=10)
    chloe, routing = sign_in("chloe"), routed(world)
    assert "Je n’ai pas de candidat" in read(chloe, address(routing))
    words = read(chloe, address(routing, "vacancy-return"))
    assert ("il repart de lui-même" in words) is (management == "DIRECT")


def test_who_sends_a_household_that_has_an_offer_reads_it(world: World, sign_in: SignIn) -> None:
    """A household waited for its answer elsewhere, and was sent to another unit without a word."""
    first, *_ = accepted(world)
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 9, routing=routing)
    client, send = sign_in("chloe"), address(routing, "proposal-send")
    assert "Une offre est en cours" not in read(client, send)
    with unguarded():
        Proposal.objects.filter(pk=draft.pk).update(application=first.application_id)
    assert f"Une offre est en cours pour ce ménage : {first.vacancy.unit.reference}" in read(client, send)
