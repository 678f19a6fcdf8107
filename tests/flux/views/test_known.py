"""The known departures on screen: what is forecast, why, and « Décider maintenant »."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.models import AskedDecision, ExpectedHolder, Ledger, Recommendation, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.queries.accounts import account
from flux.words import gap
from reservations.models.convention import UNIT
from tests.flux.known import departure, departures, plan_together
from tests.flux.operations.test_carry_over import settle
from tests.flux.views.test_account import cells, page
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning() -> object:
    with time_machine.travel(MORNING, tick=False) as clock:
        yield clock


def at(vacancy: Vacancy) -> str:
    return reverse("vacancy-detail", args=[vacancy.pk])


def known(world: World, count: int) -> list[Vacancy]:
    """So many departures registered together, and looked at by the worker."""
    plan_together(world)
    fallen = departures(world, count)
    route_waiting_vacancies(ledger_id=fallen[0].ledger_id, now=MORNING)
    return fallen


def test_a_departure_that_waits_says_where_it_would_go_since_when_and_until_when(world: World, sign_in: SignIn) -> None:
    first, second, _ = known(world, 3)
    for person in ("aline", "alice", "chloe", "bob"):
        text = page(sign_in(person), at(second))
        assert "Prévision : " in text
        assert "Prévu ainsi depuis le" in text
        assert "2ᵉ des 3 départs connus" in text
        assert "Ce n’est pas une décision" in text
        rows = [row[0][:2] for row in cells(text) if len(row) == 4 and "prévision" in row[1]]
        assert rows == ["1.", "2.", "3."]
        assert "seule décision prise" not in text
    sentence = page(sign_in("aline"), at(first))
    assert first.unit.reference in sentence
    assert second.unit.reference in sentence


def test_a_holder_reads_no_reference_of_the_units_that_wait(world: World, sign_in: SignIn) -> None:
    first, second, third = known(world, 3)
    text = page(sign_in("chloe"), at(first))
    assert not any(each.unit.reference in text for each in (first, second, third))
    assert not any(each.unit.address in text for each in (first, second, third))


def test_one_departure_alone_has_a_forecast_and_no_table(world: World, sign_in: SignIn) -> None:
    [alone] = known(world, 1)
    text = page(sign_in("aline"), at(alone))
    assert "seul départ connu pour l’instant" in text
    assert "départs connus</h2>" not in text


def test_a_departure_out_of_the_territory_is_counted_and_not_described(world: World, sign_in: SignIn) -> None:
    """Narbonne sees its own units: what falls vacant in Sigean is « un logement hors de votre territoire »."""
    plan_together(world)
    here, there = departure(world, commune="Narbonne"), departure(world, commune="Sigean")
    route_waiting_vacancies(ledger_id=here.ledger_id, now=MORNING)
    text = page(sign_in("chloe"), at(here))
    assert text.count("un logement hors de votre territoire") == 1
    assert at(there) not in text


def test_the_list_and_the_queue_state_a_forecast_from_a_decision(world: World, sign_in: SignIn) -> None:
    known(world, 3)
    assert page(sign_in("aline"), reverse("vacancy-list")).count('<span class="st wait">Prévision</span>') == 3
    home = page(sign_in("aline"), reverse("home"))
    assert home.count("prévision : <b>") == 3
    assert "au plus tard" in home


def decided(world: World) -> Recommendation:
    """The first of eight known departures, decided."""
    fallen = known(world, 8)
    return Recommendation.objects.get(vacancy=fallen[0])


def test_the_plan_behind_a_decision_is_kept_with_its_only_decision_in_bold(world: World, sign_in: SignIn) -> None:
    made = decided(world)
    for person in ("aline", "chloe"):
        text = page(sign_in(person), at(made.vacancy))
        assert text.count("seule décision prise") == 1
        rows = [row[0][:2] for row in cells(text) if len(row) == 4 and "prévision" in row[1]]
        assert rows == [f"{place}." for place in range(2, 9)]
        assert "Reste dû à chacun, si ce plan est suivi" in text
        assert "au plus tard" not in text.split("Les 8 départs connus</h2>")[1].split("</section>")[0]


def test_the_first_figure_of_the_plan_is_the_account_with_the_first_departure_credited(
    world: World, sign_in: SignIn
) -> None:
    """« Départ crédité »: the gap of the account and the share of that departure, as the note below says; the account
    itself has it once it is decided."""
    fallen = known(world, 8)
    ledger = fallen[0].ledger
    before = {str(line.holder): line.figures.gap for line in account(ledger, MORNING.date()).lines}
    received = Recommendation.objects.get(vacancy=fallen[0]).holder
    text = page(sign_in("aline"), at(fallen[0]))
    assert "Départ crédité : l’écart du compte, avec la part que le premier départ crédite à chacun" in text
    rows = {row[0]: row[1] for row in cells(text) if row[-1] in ("tenue", "dépassée")}
    assert len(rows) > 2
    given = {name: UNIT if name == str(received) else 0 for name in rows}
    assert rows == {name: gap(before[name] + given[name]) for name in rows}


def test_what_is_owed_on_the_way_says_that_it_counts_what_is_in_course(world: World, sign_in: SignIn) -> None:
    """docs/decisions/0073: the rule counts it, where a convention counts a unit later than its routing."""
    decided_one, foreseen = known(world, 8)[:2]
    for vacancy in (decided_one, foreseen):
        assert "En logements : + à recevoir, − d’avance." in page(sign_in("aline"), at(vacancy))
    settle(world, "als", "NONE", counting_point="LEASED", returns_effect="NO")
    for vacancy in (decided_one, foreseen):
        assert "En logements, en cours compris : + à recevoir, − d’avance." in page(sign_in("aline"), at(vacancy))


def test_what_if_another_had_come_first_is_reported_for_each_other_safe_choice(world: World, sign_in: SignIn) -> None:
    made = decided(world)
    safe = [row["id"] for row in made.ranking if row["safe"] and row["id"] != str(made.holder_id)]
    text = page(sign_in("aline"), at(made.vacancy))
    assert safe
    assert "Et si un autre était passé d’abord ?" in text
    assert text.count("besoins par genre seraient couverts.") + text.count("de besoins couverts en") == len(safe)


def test_the_first_in_order_is_decided_now_without_a_motive(world: World, sign_in: SignIn) -> None:
    first, _ = known(world, 2)
    client = sign_in("aline")
    assert "rien n’est à justifier" in page(client, at(first))
    answer = client.post(reverse("vacancy-decide", args=[first.pk]), follow=True)
    assert "est décidé : la règle le recommande pour" in answer.content.decode()
    assert (AskedDecision.objects.get().passed, AskedDecision.objects.get().motive) == (0, "")


def test_passing_before_others_asks_why_and_keeps_it(world: World, sign_in: SignIn) -> None:
    _, second = known(world, 2)
    client = sign_in("aline")
    assert "1 départ enregistré plus tôt attend aussi" in page(client, at(second))
    refused = client.post(reverse("vacancy-decide", args=[second.pk]))
    assert refused.status_code == 422
    assert "Dites pourquoi celui-ci passe avant, en une phrase." in refused.content.decode()
    assert "<title>Erreur :" in refused.content.decode()
    client.post(reverse("vacancy-decide", args=[second.pk]), {"motive": "Une famille attend ce rez-de-chaussée."})
    asked = AskedDecision.objects.get()
    assert (asked.passed, asked.motive, asked.by) == (
        1,
        "Une famille attend ce rez-de-chaussée.",
        world.people["aline"],
    )
    late = client.post(reverse("vacancy-decide", args=[second.pk]), {"motive": "Encore."})
    assert "est déjà décidé" in late.content.decode()


def test_only_the_landlord_decides_now(world: World, sign_in: SignIn) -> None:
    first, _ = known(world, 2)
    for person in ("chloe", "bob", "emma"):
        assert "vacancy-decide" not in page(sign_in(person), at(first))
        assert reverse("vacancy-decide", args=[first.pk]) not in page(sign_in(person), at(first))
        assert sign_in(person).post(reverse("vacancy-decide", args=[first.pk])).status_code == 403
    assert not Recommendation.objects.exists()


def test_a_forecast_that_moved_is_the_one_shown(world: World, sign_in: SignIn, morning: time_machine.Traveller) -> None:
    """It is decided in turn when its days are over; the next ones are forecast anew."""
    first, second = known(world, 2)
    ledger = Ledger.objects.get(pk=first.ledger_id)
    morning.move_to(MORNING + timedelta(days=7))
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING + timedelta(days=7))
    assert "Orienter vers" in page(sign_in("aline"), at(first))
    assert "Orienter vers" in page(sign_in("aline"), at(second))


def test_a_holder_reads_what_may_come_to_it_then_the_decision(
    world: World, sign_in: SignIn, morning: time_machine.Traveller
) -> None:
    """« Preparing its candidates »: a forecast names it, without an address, and goes when the departure is decided."""
    fallen = known(world, 7)
    expected = list(ExpectedHolder.objects.order_by("pk").values_list("holder__organisation", flat=True))
    counts = {name: expected.count(world.member(name).organisation_id) for name in ("chloe", "bob", "emma")}
    reader, ours = next((person, count) for person, count in counts.items() if count)
    text = page(sign_in(reader), reverse("home"))
    assert "Ce n’est pas une décision : rien n’est compté" in text
    assert text.count('<span class="st wait">Prévision</span>') == ours
    assert not any(each.unit.address in text for each in fallen)
    morning.move_to(MORNING + timedelta(days=7))
    route_waiting_vacancies(ledger_id=fallen[0].ledger_id, now=MORNING + timedelta(days=7))
    after = page(sign_in(reader), reverse("home"))
    assert "Peuvent vous revenir" not in after
    assert "<h2>Recommandés pour vous</h2>" in after


def seen_on_transparency(world: World, sign_in: SignIn, person: str) -> str:
    ledger = Ledger.objects.get(landlord=world.landlord)
    return page(sign_in(person), reverse("transparency", args=[ledger.pk]))


def test_decisions_asked_for_are_counted_and_shown_to_holders_with_their_motive(world: World, sign_in: SignIn) -> None:
    """By clerk, named to the managers of the landlord alone; with the days between its notice and its registration."""
    fallen = known(world, 5)
    client = sign_in("aline")
    assert "Aucune décision n’a été demandée avant son tour" in seen_on_transparency(world, sign_in, "chloe")
    client.post(reverse("vacancy-decide", args=[fallen[0].pk]))
    text = seen_on_transparency(world, sign_in, "chloe")
    assert "1 décision a été demandée sans attendre, sur 1 ; 0 est passée avant des départs" in text
    assert "Décisions passées avant d’autres" not in text
    for place in (4, 3, 2):
        client.post(reverse("vacancy-decide", args=[fallen[place].pk]), {"motive": f"Raison {place}."})
    text = seen_on_transparency(world, sign_in, "chloe")
    assert "3 sont passées avant des départs enregistrés plus tôt. C’est une habitude" in text
    assert "Raison 4." in text
    assert "Aline" not in text
    assert "un chargé d’attribution" in text
    rows = [row for row in cells(text) if row[-1].startswith("Raison")]
    assert [(row[2], row[3]) for row in rows] == [("1", "0 jour"), ("2", "0 jour"), ("3", "0 jour")]
    assert "Aline" in seen_on_transparency(world, sign_in, "alice")


def test_no_link_of_transparency_leads_to_what_its_reader_may_not_see(world: World, sign_in: SignIn) -> None:
    plan_together(world)
    first, there = departure(world, commune="Narbonne"), departure(world, commune="Sigean")
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING)
    sign_in("aline").post(reverse("vacancy-decide", args=[there.pk]), {"motive": "Un relogement urgent."})
    text = seen_on_transparency(world, sign_in, "chloe")
    assert "Un relogement urgent." in text
    assert at(there) not in text
    assert "un logement hors de votre territoire" in text
    assert at(there) in seen_on_transparency(world, sign_in, "alice")
