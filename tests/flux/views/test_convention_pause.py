"""A suspension on the screens of each party, and what a reader who is none sees of it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator

from config.settings import BASE_DIR
from flux.models import Ledger
from flux.operations.routing import route_waiting_vacancies
from reservations.models import Convention, Pause, Signatory
from reservations.operations.convention_pause import propose_pause
from tests.flux.operations.test_returning import agree
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.pauses import TODAY, TOMORROW, lifted, paused, proposed
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]

DAYS = {"starts_on": "01/12/2026", "ends_on": "31/12/2026", "why": "Service fermé"}
SAID = "suspendue du 1er décembre 2026 au 31 décembre 2026"


@pytest.fixture(autouse=True)
def that_morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def row(world: World) -> Convention:
    return world.conventions["city"]


def page(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-detail", args=[row.pk])))


def post(client: Client, act: str, row: Convention, *about: Pause, **given: Any) -> Any:
    where = reverse(f"convention-{act}", args=[row.pk, *(each.pk for each in about)])
    return client.post(where, given, follow=True)


def test_a_party_proposes_it_and_the_other_accepts(world: World, sign_in: SignIn, row: Convention) -> None:
    alice, chloe, bob = sign_in("alice"), sign_in("chloe"), sign_in("bob")
    wrong = post(alice, "pause", row, **DAYS | {"starts_on": "24/11/2026"})
    assert wrong.status_code == 422
    assert "Choisissez un premier jour à partir de demain" in text_of(wrong)
    assert "rien ne change avant l’accord" in text_of(post(alice, "pause", row, **DAYS))
    text = f"Robine Habitat propose, le 24 novembre 2026, qu’elle soit {SAID}. Motif : Service fermé."
    for client in (alice, chloe):
        assert f"{text} Accord attendu : Ville de Narbonne." in page(client, row)
    for each in ("qu’elle soit suspendue", "suspension proposée"):
        concerned_by = each in page(bob, row).lower(), each in page(chloe, row).lower()
        assert concerned_by == (False, True), "it stays between its parties"
    assert ("Donner l’accord" in page(alice, row), "Donner l’accord" in page(chloe, row)) == (False, True)
    pause = Pause.objects.get()
    assert SAID in text_of(post(chloe, "pause-accept", row, pause))
    for client in (alice, chloe, bob, sign_in("adam")):
        assert f"Convention {SAID} : Service fermé. Convenu le 24 novembre 2026." in page(client, row)
    assert ("Lever plus tôt" in page(chloe, row), "Lever plus tôt" in page(bob, row)) == (True, False)
    again = post(chloe, "pause-accept", row, pause)
    assert again.status_code == 422
    assert "Cette suspension n’attend plus d’accord" in text_of(again)


def test_it_is_refused_by_the_other(world: World, sign_in: SignIn, row: Convention) -> None:
    pause, chloe = proposed(world, row), sign_in("chloe")
    assert post(chloe, "pause-withdraw", row, pause, why=" ").status_code == 422
    assert "rien ne change" in text_of(post(chloe, "pause-withdraw", row, pause, why="Nous restons ouverts."))
    assert "Nous restons ouverts." in page(sign_in("alice"), row)
    assert "propose, le" not in page(chloe, row)


def test_an_accord_that_comes_too_late_is_refused_where_it_was_given(
    world: World, sign_in: SignIn, row: Convention, time_machine: Any
) -> None:
    pause = proposed(world, row)
    time_machine.move_to(MORNING + timedelta(days=2), tick=False)
    chloe = sign_in("chloe")
    answer = post(chloe, "pause-accept", row, pause)
    assert answer.status_code == 422
    assert "Les jours proposés ont commencé" in text_of(answer)
    assert '<details class="act" open>' in answer.content.decode()


def test_it_is_lifted_earlier(world: World, sign_in: SignIn, row: Convention) -> None:
    pause, chloe = paused(world, row), sign_in("chloe")
    wrong = post(chloe, "pause-lift", row, pause, resumes_on="24/11/2026", why="Rouvert")
    assert (wrong.status_code, "à partir de demain" in text_of(wrong)) == (422, True)
    done = post(chloe, "pause-lift", row, pause, resumes_on="01/12/2026", why="Rouvert")
    assert "La levée est proposée" in text_of(done)
    assert "de lever la suspension du 25 novembre 2026 : son dernier jour serait le 30 novembre" in page(chloe, row)
    lift = Pause.objects.get(shortens=pause)
    post(sign_in("alice"), "pause-accept", row, lift)
    assert "suspendue du 25 novembre 2026 au 30 novembre 2026" in page(chloe, row)
    whole = lifted(world, paused(world, world.conventions["epci"], TOMORROW, TOMORROW), TOMORROW, on=TODAY)
    assert whole.ends_on is None
    assert (
        'id="suspensions"'
        not in sign_in("emma").get(reverse("convention-detail", args=[world.conventions["epci"].pk])).content.decode()
    )


def test_before_its_first_day_its_lifting_says_so(world: World, sign_in: SignIn, row: Convention) -> None:
    pause = paused(world, row, TOMORROW, TOMORROW)
    assert "Convention suspendue le 25 novembre 2026" in page(sign_in("chloe"), row)
    post(sign_in("chloe"), "pause-lift", row, pause, resumes_on="25/11/2026", why="Rouvert.")
    assert "de lever avant son premier jour la suspension du 25 novembre 2026. Motif : Rouvert." in page(
        sign_in("alice"), row
    )
    done = post(sign_in("alice"), "pause-accept", row, Pause.objects.get(shortens=pause))
    assert "suspension à partir du 25 novembre 2026 levée avant son premier jour" in text_of(done)


def test_an_accord_by_hand_is_deposited_by_the_landlord(world: World, sign_in: SignIn) -> None:
    row = world.conventions["als"]
    pause, alice = proposed(world, row), sign_in("alice")
    where = reverse("convention-pause-deposit", args=[row.pk, pause.pk])
    assert "Déposer un accord sur papier" in page(alice, row)
    assert "Qui a donné son accord sur papier" in text_of(alice.get(where))
    given = {"organisation": world.als.pk, "signed_on": "24/11/2026", "signer": "Mme Roux, directrice"}
    wrong = alice.post(where, {**given, "file": SimpleUploadedFile("a.txt", b"texte")})
    assert (wrong.status_code, "n’est ni un PDF" in text_of(wrong)) == (422, True)
    done = alice.post(where, {**given, "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7")}, follow=True)
    assert "Toutes les parties sont d’accord" in text_of(done)
    assert "Aucun accord n’est à déposer ici" in text_of(alice.get(where))


def test_of_three_the_second_accord_waits_for_the_third(world: World, sign_in: SignIn) -> None:
    row = convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1))
    with unguarded("reservations_signatory.kept_once_out_of_draft"):
        Signatory.objects.create(convention=row, organisation=world.epci, signed_on=row.starts_on, means="FILE")
    given = {"organisation": row.landlord.organisation, "by": world.people["zoe"], "why": "Travaux."}
    pause = propose_pause(convention=row, starts_on=TOMORROW, ends_on=TOMORROW, **given)
    done = post(sign_in("chloe"), "pause-accept", row, pause)
    assert "Accord attendu : Le Grand Narbonne." in text_of(done)


def test_nobody_else_acts_on_it(world: World, sign_in: SignIn, row: Convention) -> None:
    pause = proposed(world, row)
    for name, expected in (("aline", 403), ("bob", 403), ("emma", 403), ("adam", 403), ("zoe", 404)):
        client = sign_in(name)
        assert post(client, "pause", row, **DAYS).status_code == expected, name
        assert post(client, "pause-accept", row, pause).status_code == expected, name
    elsewhere = proposed(world, world.conventions["epci"])
    assert post(sign_in("chloe"), "pause-accept", row, elsewhere).status_code == 404


def test_that_of_the_state_says_why_not(world: World, sign_in: SignIn) -> None:
    row, alice = world.conventions["state"], sign_in("alice")
    assert "Suspendre la convention" not in page(alice, row)
    refused = post(alice, "pause", row, **DAYS)
    assert (refused.status_code, "sa convention ne se suspend pas" in text_of(refused)) == (422, True)


def test_the_list_the_paper_and_the_account_say_it(
    world: World, sign_in: SignIn, row: Convention, time_machine: Any
) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    paused(world, row)
    chloe = sign_in("chloe")
    paper = text_of(chloe.get(reverse("convention-document", args=[row.pk])))
    assert "elle est suspendue du 25 novembre 2026 au 24 décembre 2026, ces jours compris" in paper
    account = text_of(chloe.get(reverse("account", args=[Ledger.objects.ordinary().get().pk])))
    assert "convention suspendue du 25 novembre 2026 au 24 décembre 2026" in account
    assert "suspendue" not in text_of(chloe.get(reverse("convention-list")))
    time_machine.move_to(MORNING.replace(day=26), tick=False)
    assert "suspendue" in text_of(sign_in("chloe").get(reverse("convention-list")))


def test_rights_say_it(world: World, row: Convention) -> None:
    paused(world, row)
    out, outcome = StringIO(), StringIO()
    call_command("rights", landlord=world.landlord.organisation.siren, on="2026-11-24", json=True, stdout=out)
    call_command("rights", landlord=world.landlord.organisation.siren, on="2026-11-24", stdout=outcome)
    document = json.loads(out.getvalue())
    Draft202012Validator(json.loads((BASE_DIR / "docs/schemas/rights.json").read_text())).validate(document)
    [result] = [each["pauses"] for each in document["conventions"] if each["number"] == row.pk]
    assert result == [
        {
            "starts_on": "2026-11-25",
            "ends_on": "2026-12-24",
            "agreed_on": "2026-11-24",
            "why": "Service du logement fermé.",
        }
    ]
    assert "suspendue du 25 novembre 2026 au 24 décembre 2026 : Service du logement fermé." in outcome.getvalue()


def test_the_file_of_the_list_says_its_renewal_and_its_suspensions(
    world: World, sign_in: SignIn, row: Convention
) -> None:
    paused(world, row)
    renewed = {"renewal_months": 12, "renewal_times": 3, "notice_months": 2, "term_on": row.ends_on}
    agree(world.conventions["als"], **renewed)
    file = b"".join(sign_in("alice").get(reverse("convention-list") + "?fichier=csv")).decode("utf-8-sig")
    lines = {line["Signataire"]: line for line in csv.DictReader(io.StringIO(file), delimiter=";")}
    of_als, of_city = lines["Action Logement Services"], lines["Ville de Narbonne"]
    terms = ("Reconduction tacite", "Préavis de non-reconduction", "Suspensions")
    assert [of_als[name] for name in terms] == ["pour 1 an, 3 fois au plus", "2 mois avant chaque terme", ""]
    text = "suspendue du 25 novembre 2026 au 24 décembre 2026 : Service du logement fermé."
    assert [of_city[name] for name in terms] == ["aucune", "sans objet", text]
