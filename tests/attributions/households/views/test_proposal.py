"""One candidate on screen: found by its number, added, corrected, taken out, read, instructed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from attributions.households.models import AccessRecord, Application, Proposal
from attributions.households.operations.application import register_application
from attributions.households.operations.candidate_state import end, lock_candidates, move
from attributions.households.operations.needs import instruct_proposal
from flux.models import IncomeCeiling, Routing
from tests.attributions.households.candidates import BORN, candidate, number, priority, routed, sent
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]
STILL = "Cette page dit ce qui reste possible."


@pytest.fixture(autouse=True)
def morning() -> Iterator[None]:
    with time_machine.travel(MORNING, tick=False):
        yield


@pytest.fixture
@kept
def routing(world: World) -> Routing:
    """A unit of the city's."""
    return routed(world)


def new(routing: Routing) -> str:
    return reverse("proposal-new", args=[routing.vacancy_id])


def of(proposal: Proposal, name: str = "proposal-detail") -> str:
    return reverse(name, args=[proposal.pk])


def typed(read: Routing, rank: int = 1, /, **given: object) -> dict[str, Any]:
    base = {"routing": read.pk, "number": number(rank), "name": "Durand Amina", "birth_date": "12/03/1984"}
    return base | {"adults": 2, "income": "18 400", "income_quartile": "1", "score": 40} | given


def test_a_candidate_is_added_in_two_steps(world: World, sign_in: SignIn, routing: Routing) -> None:
    client = sign_in("chloe")
    assert "Quel est son numéro unique ?" in text_of(client.get(new(routing)))
    refused = client.post(new(routing), {"find": "1", "number": "123"})
    assert refused.status_code == 422
    assert "18 caractères, celui-ci en a 3" in text_of(refused)
    second = client.post(new(routing), {"find": "1", "number": number(1)})
    assert second.status_code == 200
    assert "déjà connue" not in text_of(second)
    assert f'value="{number(1)}"' in second.content.decode()
    answer = client.post(new(routing), typed(routing, priority=priority().pk), follow=True)
    assert messages_of(answer) == ["Candidat n° 1 ajouté : le bailleur ne le voit pas encore."]
    added = Proposal.objects.get()
    assert (added.income, added.income_quartile, added.priority, added.proposer) == (
        18_400,
        1,
        priority(),
        world.city,
    )
    assert (added.application.name, added.application.birth_date) == ("Durand Amina", BORN)


def test_a_minor_is_reported_and_a_child_refused(world: World, sign_in: SignIn, routing: Routing) -> None:
    client = sign_in("chloe")
    refused = client.post(new(routing), typed(routing, birth_date="01/01/2020"))
    assert refused.status_code == 422
    assert "le demandeur aurait 6 ans : vérifiez l’année." in text_of(refused)
    answer = client.post(new(routing), typed(routing, birth_date="25/11/2008"), follow=True)
    assert messages_of(answer) == [
        "Candidat n° 1 ajouté : le bailleur ne le voit pas encore.",
        "Le demandeur a 17 ans : seul un mineur émancipé signe un bail. Vérifiez sa date de naissance.",
    ]


def test_what_one_knows_is_filled_in_and_read_in_the_journal(world: World, sign_in: SignIn, routing: Routing) -> None:
    other = routed(world)
    candidate(world, other.vacancy, 1, routing=other)
    page = sign_in("chloe").post(new(routing), {"find": "1", "number": number(1)})
    assert "déjà connue de votre organisation" in text_of(page)
    assert 'value="Durand 01 Amina"' in page.content.decode()
    assert AccessRecord.objects.count() == 1


def test_what_another_organisation_knows_is_not_reported(world: World, sign_in: SignIn, routing: Routing) -> None:
    register_application(
        number=number(1), name="Durand Amina", birth_date=BORN, organisation=world.als, by=world.people["bob"]
    )
    client = sign_in("chloe")
    page = client.post(new(routing), {"find": "1", "number": number(1)})
    assert "déjà connue" not in text_of(page)
    assert "Durand" not in page.content.decode()
    refused = client.post(new(routing), typed(routing, name="Autre Nom"))
    assert refused.status_code == 422
    assert "un autre nom ou une autre date de naissance" in text_of(refused)
    assert "Durand" not in refused.content.decode()
    assert client.post(new(routing), typed(routing)).status_code == 302


def test_what_is_wrong_comes_back_with_what_was_typed(world: World, sign_in: SignIn, routing: Routing) -> None:
    client = sign_in("chloe")
    refused = client.post(new(routing), typed(routing, name="", birth_date="1 mars", income="beaucoup", adults=50))
    assert refused.status_code == 422
    words = text_of(refused)
    assert "Plusieurs points à corriger" in words
    assert "Écrivez le nom du demandeur" in words
    assert number(1) in refused.content.decode()
    for wrong in ({"priority": 0}, {"income_units": "1,234"}, {"birth_date": "01/01/1850"}, {"routing": 0}):
        assert client.post(new(routing), typed(routing, **wrong)).status_code == 422
    assert not Proposal.objects.exists()
    candidate(world, routing.vacancy, 3, routing=routing)
    twice = client.post(new(routing), typed(routing, 3, name="Durand 03 Amina"))
    assert "Ce ménage est déjà candidat à ce logement" in text_of(twice)


def test_an_income_that_reads_two_ways_is_never_guessed(sign_in: SignIn, routing: Routing) -> None:
    """« 18.400 » became an income of 18 €, under every ceiling, and nobody was notified."""
    client = sign_in("chloe")
    refused = client.post(new(routing), typed(routing, income="18.400 €"))
    assert refused.status_code == 422
    sentence = "se lit de deux façons. Écrivez 18400 ou 18 400 pour des milliers, 18,4 pour une décimale."
    assert sentence in text_of(refused)
    wrong = text_of(client.post(new(routing), typed(routing, income="beaucoup")))
    assert "Écrivez un nombre en chiffres : 18 400 par exemple." in wrong
    assert not Proposal.objects.exists()
    assert client.post(new(routing), typed(routing, income="18\N{NARROW NO-BREAK SPACE}400 €")).status_code == 302
    assert Proposal.objects.get().income == 18_400


def test_a_designation_by_the_prefet_is_asked_on_its_contingent_only(
    world: World, sign_in: SignIn, routing: Routing
) -> None:
    assert "désigné par le préfet" not in text_of(sign_in("chloe").post(new(routing), {"number": number(1)}))
    priority_unit = routed(world, "priority")
    client = sign_in("bob")
    assert "désigné par le préfet" in text_of(client.post(new(priority_unit), {"number": number(1)}))
    client.post(new(priority_unit), typed(priority_unit, dalo_designated="on"))
    assert Proposal.objects.get().dalo_designated


def test_a_draft_is_corrected(world: World, sign_in: SignIn, routing: Routing) -> None:
    draft = candidate(world, routing.vacancy, 1, routing=routing, priority=priority())
    client, url = sign_in("chloe"), of(draft, "proposal-edit")
    page = client.get(url)
    assert 'value="Durand 01 Amina"' in page.content.decode()
    posted = typed(routing, name="Durant Amina", income="", adults=1)
    del posted["number"]
    answer = client.post(url, posted, follow=True)
    assert messages_of(answer) == ["Candidat n° 1 corrigé."]
    draft.refresh_from_db()
    assert (draft.income, draft.adults, draft.priority, draft.application.name) == (None, 1, None, "Durant Amina")
    assert client.post(url, posted | {"name": ""}).status_code == 422


def test_a_draft_is_taken_out_and_no_effect_is_reported(world: World, sign_in: SignIn, routing: Routing) -> None:
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    client, url = sign_in("chloe"), of(draft, "proposal-remove")
    words = text_of(client.get(url))
    assert "ompté comme proposé" not in words
    assert "Retirée par le réservataire Enregistrée par erreur" in words
    assert "ce retrait ne compte ni comme proposé ni comme refusé" in words
    assert client.post(url, {}).status_code == 422
    assert client.post(url, {"reason": "WITHDREW"}).status_code == 422
    answer = client.post(url, {"reason": "HOLDER_WITHDREW"}, follow=True)
    assert messages_of(answer) == ["Candidat n° 1 retiré : il ne sera pas transmis."]
    again = client.get(url, follow=True)
    assert messages_of(again) == [f"Cette candidature en est à « terminée » : elle ne se modifie plus d’ici. {STILL}"]
    assert "Pourquoi elle est terminée" in text_of(again)
    assert "Sans effet sur le compte : ce candidat n’avait pas été transmis." in text_of(again)
    assert client.post(url, {"reason": "HOLDER_WITHDREW"}).status_code == 422


def test_only_its_proposer_touches_a_draft(world: World, sign_in: SignIn, routing: Routing) -> None:
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    for name in ("proposal-detail", "proposal-edit", "proposal-remove", "proposal-instruct"):
        for person in ("alice", "bob", "emma", "adam", "zoe", "driss"):
            assert sign_in(person).get(of(draft, name)).status_code == 404
    sent(world, routing)
    assert sign_in("alice").get(of(draft)).status_code == 200
    assert sign_in("alice").get(of(draft, "proposal-edit")).status_code == 403
    assert sign_in("chloe").get(of(draft, "proposal-instruct")).status_code == 403
    late = sign_in("chloe").get(of(draft, "proposal-edit"), follow=True)
    assert messages_of(late) == [f"Cette candidature en est à « transmise » : elle ne se modifie plus d’ici. {STILL}"]
    refused = sign_in("chloe").post(of(draft, "proposal-edit"), typed(routing, name="Durand 01 Amina"))
    assert refused.status_code == 422
    assert "Entre-temps, cette candidature en est à « transmise »" in text_of(refused)


def test_a_file_is_read_by_name_and_kept_in_the_journal(world: World, sign_in: SignIn, routing: Routing) -> None:
    sent(world, routing, 1)
    proposal = Proposal.objects.get()
    words = text_of(sign_in("alice").get(of(proposal)))
    for fact in ("Durand 01 Amina", number(1), "12 mars 1984", "2 adultes, 1 enfant", "Instruire ce candidat"):
        assert fact in words
    [kept] = AccessRecord.objects.order_by("pk")
    assert (kept.what, kept.files, kept.user) == ("FILE", 1, world.people["alice"])
    assert sign_in("bob").get(of(proposal)).status_code == 404
    assert "Instruire ce candidat" not in text_of(sign_in("chloe").get(of(proposal)))


def test_a_file_is_instructed_with_a_warning_over_the_ceiling(world: World, sign_in: SignIn, routing: Routing) -> None:
    sent(world, routing, 1)
    IncomeCeiling.objects.all().delete()
    IncomeCeiling.objects.create(
        financing="PLUS", zone="ELSEWHERE", household=3, amount=17_000, starts_on=MORNING.date(), source="essai"
    )
    proposal = Proposal.objects.get()
    client, url = sign_in("aline"), of(proposal, "proposal-instruct")
    assert "dépassent le plafond de ce logement" in text_of(client.get(url))
    facts = {"adults": 2, "children": 1, "income": "17 500", "effort_rate": "28,4", "living_rest": "14,20"}
    over = client.post(url, facts | {"effort_rate": "180"})
    assert "Un taux d’effort de 180 % prend plus que les ressources." in text_of(over)
    assert '<input type="checkbox" name="confirmed"' in over.content.decode()
    sure = {"effort_rate": "180", "confirmed": over.context["form"].answer}
    assert client.post(url, facts | sure).status_code == 302
    assert "Plus que ses ressources" in text_of(client.get(of(proposal))), "the committee reads it too"
    for wrong in ({"effort_rate": "2000"}, {"living_rest": "cher"}, {"adults": 40}):
        assert client.post(url, facts | wrong).status_code == 422
    answer = client.post(url, facts, follow=True)
    assert messages_of(answer) == [
        "Candidat n° 1 instruit : il est prêt pour la CALEOL.",
        "Ses ressources dépassent le plafond du logement (17 000 € par an) : la commission en décidera.",
    ]
    words = text_of(client.get(of(proposal)))
    assert "revenu fiscal de référence, €, 18000 → 17500" in words
    assert "28,4 %" in words
    assert "Aline : " in words
    assert "Aline : " not in text_of(sign_in("chloe").get(of(proposal)))
    move([proposal], "ON_AGENDA", now=MORNING)
    late = client.get(url, follow=True)
    assert messages_of(late) == [
        f"Cette candidature en est à « à l’ordre du jour » : elle ne se modifie plus d’ici. {STILL}"
    ]
    assert client.post(url, facts).status_code == 422


def test_an_ended_file_says_why_and_what_it_does(world: World, sign_in: SignIn, routing: Routing) -> None:
    sent(world, routing, 1)
    [proposal] = lock_candidates(routing.vacancy_id).proposals
    end([proposal], "AREA_REFUSED", by=world.people["aline"], now=MORNING, text="Trop loin du travail.")
    words = text_of(sign_in("chloe").get(of(proposal)))
    assert (
        "Refus : le quartier ou l’éloignement (le demandeur), le 24 novembre 2026. « Trop loin du travail. »" in words
    )
    assert "Compté comme proposé" in words


def test_a_pseudonymised_request_still_shows_its_facts(world: World, sign_in: SignIn, routing: Routing) -> None:
    sent(world, routing, 1)
    proposal = Proposal.objects.get()
    instruct_proposal(proposal=proposal, by=world.people["aline"], now=MORNING)
    Application.objects.update(number="", name="", birth_date=None, pseudonymised_on=MORNING.date())
    for url in (of(proposal), reverse("file", args=[routing.vacancy_id])):
        words = text_of(sign_in("alice").get(url))
        assert "demande pseudonymisée" in words
        assert "Durand" not in words
