"""A unit, a household and a session of which everything is known: each page that shows them states each fact."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import CommitteeMember, Proposal
from attributions.households.operations.agenda import add_to_agenda, recuse
from attributions.households.operations.ballot import LineTerms
from attributions.households.operations.calls import record_document
from attributions.households.operations.committee import found_committee, seat_member, unseat_member
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.offers import send_offer
from flux.models import Routing, Vacancy
from flux.operations.stock_rights import assign_programme
from reservations.models import Convention, Membership
from reservations.operations.person import grant_membership
from tests.attributions.households.candidates import agree, candidate, excluded, number, priority, routed
from tests.attributions.households.rows import Case, application, decided, decisions_of
from tests.attributions.households.rows import candidates as known
from tests.attributions.households.sittings import DAY, HOUR, SINCE, House, candidates, person
from tests.flux.operations.test_returning import delegate
from tests.flux.views.pages import text_of
from tests.flux.views.test_stock_right import title
from tests.world import MORNING, World

SignIn = Callable[[str], Client]

TODAY = timezone.localdate(MORNING)
TOLD = {"surface": Decimal("64.5"), "rent": Decimal("512.30"), "energy_class": "C", "postal_code": "11100"}
FACTS = {
    "adults": 2,
    "income": 18_400,
    "income_units": Decimal("2.1"),
    "has_priority": True,
    "labelled_on": date(2026, 11, 12),
    "score": 128,
}


def read(client: Client, name: str, *given: object) -> str:
    response = client.get(reverse(name, args=given))
    assert response.status_code == 200
    return text_of(response)


def lacking(page: str, *text: str) -> list[str]:
    """What should be on this page, and is not."""
    return [words for words in text if words not in page]


def sent(world: World, vacancy: Vacancy, holder: str = "als") -> Vacancy:
    """Routed to this holder, three candidates ready."""
    routed(world, holder, vacancy)
    candidates(world, vacancy)
    return vacancy


def test_the_committee_reads_all_that_is_known_of_its_units(home: House, sign_in: SignIn) -> None:
    world, by = home.world, home.secretary
    ground = sent(world, world.vacancy(floor=0, is_accessible=True, charges=Decimal("98.10"), **TOLD), "priority")
    lifted = sent(world, world.vacancy(floor=2, has_lift=True))
    stairs = sent(world, world.vacancy(floor=3, has_lift=False))
    apart = excluded(world)
    candidates(world, apart)
    Proposal.objects.filter(vacancy=ground).update(dalo_designated=True)
    session = home.session()
    items = add_to_agenda(session=session, vacancies=[ground, lifted, stairs, apart], by=by, now=MORNING)
    for name in ("Paul", "Rosa"):
        recuse(item=items[0], member=home.members[name], by=by, now=MORNING)
    aline = sign_in("aline")

    page = read(aline, "agenda-item", items[0].pk)
    where = "rez-de-chaussée, accessible en fauteuil roulant, Résidence de Narbonne, hors QPV, étiquette énergie C."
    assert not lacking(
        page,
        f"64,5 m², {where} Loyer 512,30 € hors charges, charges 98,10 €. Orienté vers l’État – publics prioritaires",
        "État – publics prioritaires, 3 dossiers, DALO À examiner",
        "Critère Dossier A DALO désigné par le préfet Dossier B",
        "Paul, Rosa se sont déportés",
    )
    rows = [
        (items[1], "PLUS, 12 rue Voltaire, Narbonne étage 2 avec ascenseur, Résidence de Narbonne", "DALO désigné"),
        (
            items[2],
            "étage 3 sans ascenseur, Résidence de Narbonne, hors QPV. Loyer non renseigné.",
            "Soustrait du flux.",
        ),
        (
            items[3],
            "étage non renseigné, Résidence de Narbonne, hors QPV. Loyer non renseigné. Soustrait du flux.",
            "m²",
        ),
    ]
    for item, words, unsaid in rows:
        page = read(aline, "agenda-item", item.pk)
        assert (words in page, unsaid in page) == (True, False), item.position

    assert "État – publics prioritaires 3 DALO À examiner" in read(aline, "session-detail", session.pk)
    agenda = read(aline, "session-agenda", session.pk)
    assert not lacking(agenda, "64,5 m² 12 rue Voltaire, Narbonne", "512,30 € 3, DALO", "Soustrait du flux – 3")


def test_units_subtracted_from_the_flow_are_called_as_the_others(home: House, sign_in: SignIn) -> None:
    """No holder is named: ready for a session, still to instruct, or ticked on a form that comes back."""
    world, session = home.world, home.session()
    ready, waiting = excluded(world), excluded(world)
    candidates(world, ready)
    candidates(world, waiting, status=Proposal.Status.SENT)
    aline = sign_in("aline")
    for page in (read(aline, "session-list"), read(aline, "session-detail", session.pk)):
        assert not lacking(page, "Soustrait du flux", f"{waiting.unit.reference} Soustrait du flux")
    assert f"{ready.unit.reference} Soustrait du flux 3 dossiers prêts" in read(aline, "session-list")
    assert "Narbonne Soustrait du flux · 3 dossiers prêts" in read(aline, "session-detail", session.pk)
    url = reverse("session-add", args=[session.pk])
    refused = aline.post(url, {"vacancies": [ready.pk, waiting.pk]})
    assert refused.status_code == 422
    assert f'name="vacancies" value="{ready.pk}" checked>' in refused.content.decode()
    assert "n’est plus prêt" in text_of(refused)


def test_every_secretary_is_named_to_whoever_waits_for_one(home: House, sign_in: SignIn) -> None:
    hugo, landlord = person("Hugo"), home.world.landlord.organisation
    grant_membership(user=hugo, organisation=landlord, role=Membership.Role.LANDLORD_STAFF)
    seat_member(
        committee=home.committee,
        capacity=CommitteeMember.Capacity.SECRETARY,
        full_name="Hugo",
        user=hugo,
        starts_on=SINCE,
        by=home.world.people["alice"],
    )
    home.opened()
    page = read(sign_in("alice"), "session-detail", home.committee.sessions.get().pk)
    assert "Le secrétariat de la commission enregistre les décisions et clôt la séance : Aline, Hugo. Quelqu’un" in page


def test_a_committee_says_for_where_it_sits_and_until_when_its_members_do(home: House, sign_in: SignIn) -> None:
    alice = home.world.people["alice"]
    home.world.unit()
    found_committee(
        landlord=home.world.landlord,
        name="CALEOL de Narbonne",
        territory=home.world.places["Narbonne"],
        quorum=3,
        remote_allowed=False,
        source="Conseil du 12 décembre 2025",
        starts_on=SINCE,
        by=alice,
    )
    unseat_member(member=home.members["Ada"], ends_on=date(2026, 12, 31), by=alice)
    client = sign_in("alice")
    page = read(client, "committee-list")
    assert not lacking(page, "CALEOL de Narbonne Robine Habitat Narbonne 0", "Robine Habitat tout le patrimoine 9")
    assert "1er janvier 2026 jusqu’au 31 décembre 2026 non" in read(client, "committee-detail", home.committee.pk)


def test_a_condition_or_a_rejection_stated_in_part_comes_back_beside_what_it_lacks(
    home: House, sign_in: SignIn
) -> None:
    item = home.opened()
    voting = {f"vote_{each.pk}": "FOR" for each in home.members.values() if each.votes}
    posted = {"kind_a": "CONDITIONAL", "kind_b": "INELIGIBLE", "kind_c": "NOT_ALLOCATED", "not_allocated_c": "SIZE"}
    refused = sign_in("aline").post(reverse("agenda-item", args=[item.pk]), voting | posted | {"ineligible_b": "SIZE"})
    page = refused.content.decode()
    assert refused.status_code == 422
    bad = '<div class="when field bad">'
    assert [page.split(f'name="{name}"')[0].rfind(bad) > 0 for name in ("document_a", "ineligible_b")] == [True, True]
    assert page.count(bad) == 2


def test_letters_give_the_address_in_full_and_what_the_committee_added(home: House, sign_in: SignIn) -> None:
    vacancy = sent(home.world, home.world.vacancy(**TOLD))
    item = home.opened(vacancy=vacancy)
    first, second, third = item.cases.order_by("pk")
    home.decide(
        item,
        LineTerms(first, "ALLOCATED"),
        LineTerms(second, "NOT_ALLOCATED", reason="SIZE", text="Le logement a une chambre de trop."),
        LineTerms(third, "INELIGIBLE", reason="OVER_CEILING", text="Le revenu de 2024 a été retenu."),
    )
    send_offer(proposal=first.proposal, by=home.secretary, now=MORNING + 2 * HOUR)
    aline = sign_in("aline")
    assert "T3 de 64,5 m², 12 rue Voltaire, 11100 Narbonne" in read(aline, "letter", first.proposal_id)
    assert "du ménage. Le logement a une chambre de trop." in read(aline, "letter", second.proposal_id)
    assert "supérieures au plafond. Le revenu de 2024 a été retenu." in read(aline, "letter", third.proposal_id)
    assert "du ménage Le logement a une chambre de trop." in read(aline, "agenda-item", item.pk)


def test_a_condition_that_is_met_and_a_household_not_described_are_reported(world: World, sign_in: SignIn) -> None:
    people = [application(world), application(world)]
    people[1].adults = None
    made = decided(world, Case("CONDITIONAL", rank=1, due=date(2026, 12, 10)), Case(rank=2), applications=people)
    record_document(decision=decisions_of(made)[0], received_on=TODAY, by=world.people["aline"], now=MORNING + HOUR)
    page = read(sign_in("aline"), "letting", made[0].vacancy_id)
    assert not lacking(page, "reçue le 24 novembre 2026", "Ménage 3 personnes", "Ménage non renseigné")


def test_an_offer_of_a_unit_out_of_the_flow_is_late_on_its_last_day(
    world: World, sign_in: SignIn, morning: Any
) -> None:
    made = decided(world, Case(), Case(), vacancy=excluded(world))
    offer = send_offer(proposal=made[0], by=world.people["aline"], now=MORNING)
    text = f"{offer.answer_by:%-d} décembre 2026"
    assert "Narbonne soustrait du flux" in read(sign_in("aline"), "offer-list")
    for early, late in ((1, False), (0, True)):
        morning.move_to(MORNING + (offer.answer_by - TODAY) - early * DAY, tick=False)
        page = sign_in("aline").get(reverse("offer-list")).content.decode()
        assert (f'<span class="st late">{text}</span>' in page) is late


def test_the_file_of_a_unit_states_it_and_its_candidates_in_full(world: World, sign_in: SignIn) -> None:
    routing, bob = routed(world, "priority", world.vacancy(**TOLD)), sign_in("bob")

    def prepared(rank: int, **facts: Any) -> Proposal:
        return candidate(world, routing.vacancy, rank, routing=routing, proposer=world.state, by="bob", **facts)

    full = prepared(1, dalo_designated=True, **FACTS)
    bare = prepared(2, adults=None, children=None, income=None)
    page = read(bob, "file", routing.vacancy_id)
    assert not lacking(
        page,
        "64,5 m² Adresse 12 rue Voltaire, Narbonne",
        "Loyer 512,30 € hors charges",
        "labellisé le 12 novembre 2026 désigné par le préfet En préparation",
        "Durand 02 Amina n° se termine par 10 7A non renseigné non renseignées",
    )
    page = read(bob, "proposal-detail", full.pk)
    assert not lacking(
        page,
        "18 400 €, 2,10 unités de consommation",
        "labellisé le 12 novembre 2026, désigné par le préfet",
        "Cotation 128 points",
        "en préparation depuis le",
    )
    assert not lacking(
        read(bob, "proposal-detail", bare.pk),
        "Ménage non renseigné Revenu fiscal de référence non renseigné Quartile",
        "Cotation non renseignée",
    )
    page = read(bob, "application-detail", full.application_id)
    assert not lacking(page, "labellisé le 12 novembre 2026", "Cotation 128 points", "En préparation")
    bare.application.birth_date = None
    bare.application.save(update_fields=["birth_date"])
    page = read(bob, "application-detail", bare.application_id)
    assert not lacking(page, "Date de naissance non renseignée", "référence non renseigné", "Cotation non renseignée")
    prepared(3, has_priority=True, priority=priority())
    assert priority().get_group_display() in read(bob, "application-list")
    assert number(3) in read(bob, "application-list")
    page = read(bob, "proposal-send", routing.vacancy_id)
    assert "se termine par 10 7A DALO désigné" in page


def test_exceptions_to_three_candidates_are_explained_where_they_hold(world: World, sign_in: SignIn) -> None:
    """« Chaque candidat est un ménage DALO », « PLAI adapté » (CCH, R441-3 and D331-25-1)."""
    routing = routed(world, "priority", world.vacancy(is_adapted_plai=True))
    candidate(world, routing.vacancy, 1, routing=routing, proposer=world.state, by="bob", dalo_designated=True, **FACTS)
    page = read(sign_in("bob"), "proposal-send", routing.vacancy_id)
    assert not lacking(
        page,
        "Chaque candidat est un ménage DALO désigné par le préfet.",
        "Ce logement a reçu la subvention des PLAI adaptés (CCH, D331-25-1).",
    )


def test_the_facts_that_an_instruction_corrects_are_reported_one_after_the_other(world: World, sign_in: SignIn) -> None:
    [proposal] = known(world, routed(world), 1)
    instruct_proposal(proposal=proposal, facts={"adults": 1, "children": 2}, by=world.people["aline"], now=MORNING)
    page = read(sign_in("aline"), "proposal-detail", proposal.pk)
    assert "Aline : adultes, 2 → 1 ; enfants, 1 → 2" in page


def test_whoever_searches_for_another_is_named_in_the_lists(world: World, sign_in: SignIn) -> None:
    """The landlord under delegated management; the commune in the name of the State."""
    delegate(world, world.holders["priority"], "city")
    agree(world.conventions["als"], management=Convention.Management.DELEGATED)
    state, als = routed(world, "priority"), routed(world, "als")
    aline = sign_in("aline")
    page = read(aline, "file-list")
    assert not lacking(
        page,
        "État – publics prioritaires, par la Ville de Narbonne",
        "Action Logement Services gestion déléguée",
    )
    assert "candidats Ville de Narbonne, au nom de l’État (délégation)" in read(aline, "file", state.vacancy_id)
    assert "gestion déléguée La convention confie" in read(aline, "file", als.vacancy_id)


def test_a_candidate_of_a_unit_gone_elsewhere_reads_as_released(world: World, sign_in: SignIn) -> None:
    """« Libérée »: nobody ended it, its unit left (docs/states.md)."""
    [proposal] = known(world, routed(world), 1)
    chloe = sign_in("chloe")
    assert "Instruite, prête pour la CALEOL" in read(chloe, "application-detail", proposal.application_id)
    Routing.objects.update(closed_at=MORNING)
    assert "libérée depuis le" in read(chloe, "proposal-detail", proposal.pk)
    assert "Libérée" in read(chloe, "application-detail", proposal.application_id)


def test_an_allocation_waits_for_its_lease_on_the_page_that_says_what_became_of_a_unit(
    world: World, sign_in: SignIn
) -> None:
    vacancy, aline = routed(world).vacancy, sign_in("aline")
    aline.post(reverse("vacancy-outcome", args=[vacancy.pk]), {"outcome": "ALLOCATED", "on": "24/11/2026"})
    page = read(aline, "vacancy-outcome", vacancy.pk)
    assert "1 attribution, le 24 novembre 2026, bail pas encore signé, pour la Ville de Narbonne." in page


def test_a_right_on_its_programme_is_offered_to_a_unit_declared_otherwise(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    right = title(world, "als", "AL-1", ground="FUNDING", use="SINGLE", ends_on=date(2031, 12, 31))
    assign_programme(right=right, programme=vacancy.unit.programme, units=1, by=world.people["alice"])
    page = read(sign_in("aline"), "vacancy-cancel", vacancy.pk)
    assert "Gardé en stock Droit en stock à servir" in page
    assert "À Action Logement Services, titre AL-1 (apport de financement), reste 1 logement" in page
