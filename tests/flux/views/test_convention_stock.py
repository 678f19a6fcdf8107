"""What the arrêté of 10 March 2011 asks of a convention with the State: its stock, its rotation, what is offered; and
headings that say what a table of rates gives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from flux.models import ConventionStock
from flux.operations.conversions import propose, sign_for
from reservations.models import Convention, Rate
from reservations.operations.convention_amendment import amend_convention
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]
FIRST = date(2029, 1, 1)
TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def drafted(world: World, *quotas: tuple[Any, str, int]) -> Convention:
    hold = world.holders
    parts = quotas or ((hold["priority"], "25", 1), (hold["agents"], "5", 2))
    return convention(
        world.landlord,
        world.state,
        world.places["Aude"],
        *parts,
        starts_on=FIRST,
        ends_on=date(2031, 12, 31),
        signed=False,
    )


def paper(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-document", args=[row.pk])))


def test_it_holds_the_stock_and_the_rotation_by_typology_with_their_date(world: World, sign_in: SignIn) -> None:
    """1°: the stock subject to reservation; 2°: units and rotation by typology, and what is offered."""
    alice = sign_in("alice")
    assert "Aucune année entière n’est encore enregistrée" in paper(alice, drafted(world))
    for rooms, code, in_qpv in ((2, "13", False), (2, "13", True), (3, "13", False)):
        unit = world.unit(rooms=rooms, financing_code=code, in_qpv=in_qpv, surface=50, is_accessible=rooms == 2)
        world.vacancy(unit=unit, now=datetime(2025, 1, 3, 8, tzinfo=UTC))
    for _ in range(5):
        world.unit(rooms=2, surface=40)
    row = Convention.objects.get(starts_on=FIRST)
    result = paper(alice, row)
    assert "Parc soumis au droit de réservation (CCH, L441-1) et rotation, au 24 novembre 2026" in result
    assert "T2 7 43 m² 2 2 28,6 %" in result.replace("\u202f", " ")
    assert "Ensemble 8 2 3" in result.replace("\u202f", " ")
    assert "T3 1 50 m² 0 1 100,0 %" in result.replace("\u202f", " ")
    assert "Composition de l’offre, de 2025 : typologie et financement" in result
    assert "en QPV 1 hors QPV 2" in result
    assert "Parc soumis" not in paper(alice, world.conventions["city"])


def test_what_was_proposed_stays_as_it_was_counted_then(world: World, sign_in: SignIn, time_machine: Any) -> None:
    world.unit(rooms=2)
    row = propose(convention=drafted(world), by=world.people["alice"])
    before = paper(sign_in("alice"), row)
    assert "T2 1 – –" in before  # nothing says whether it is accessible, which is not « 0 accessible »
    assert "Ensemble 1 –" in before
    time_machine.move_to(MORNING + timedelta(days=9), tick=False)
    world.unit(rooms=2)
    assert paper(sign_in("alice"), row) == before
    with pytest.raises(DatabaseError), transaction.atomic():
        ConventionStock.objects.filter(convention=row).delete()


SETTLED = {
    "publics": ["DALO"],
    "signal_days": 5,
    "file_days": 15,
    "new_candidates_days": 10,
    "dalo_refusal_said": True,
}


def lacking(client: Client, row: Convention) -> str:
    """What its page names as missing; "" where it names nothing."""
    page = text_of(client.get(reverse("convention-detail", args=[row.pk])))
    return page.partition("Il manque au texte avec la Préfecture de l’Aude : ")[2].partition(" Arrêté du 10 mars")[0]


def test_a_signed_convention_names_what_the_arrete_asks_and_an_amendment_adds_it(world: World, sign_in: SignIn) -> None:
    """Arrêté of 10 March 2011, article 1, 1° to 9°: what a convention with the State lacks is named on its page to each
    party, and among the controls, until an amendment that has it is proposed, and signed."""
    row, alice, bob = world.conventions["state"], sign_in("alice"), sign_in("bob")
    Convention.objects.filter(pk=row.pk).update(new_candidates_days=None)
    for client in (alice, bob):
        assert lacking(client, row) == (
            "le parc et sa rotation par typologie (1° et 2°) ; les publics et la reconnaissance de leur éligibilité "
            "(3°) ; le délai et le contenu du signalement d’un logement (4°) ; les dossiers et la carence du demandeur "
            "(6°) ; la suite d’un refus et l’accompagnement social (7°) ; l’information sur les baux et les refus (9°)."
        )
    controls = reverse("check-detail", args=[world.landlord.pk])
    assert "Ce que la convention de l’État doit dire" in text_of(bob.get(controls))
    assert "prépare un avenant qui les dise" in text_of(bob.get(reverse("convention-detail", args=[row.pk])))
    assert lacking(alice, world.conventions["city"]) == ""
    draft = amend_convention(convention=row, starts_on=FIRST.replace(2027), by=world.people["alice"], today=TODAY)
    assert lacking(alice, draft).startswith("les publics")  # the stock of the day is printed already
    Convention.objects.filter(pk=draft.pk).update(**SETTLED)
    proposed = propose(convention=Convention.objects.get(pk=draft.pk), by=world.people["alice"])
    assert (lacking(alice, proposed), lacking(bob, proposed)) == ("", "")
    for name, party in (("alice", world.landlord.organisation), ("bob", world.state)):
        sign_for(convention=proposed, organisation=party, by=world.people[name])
    amended = Convention.objects.get(pk=proposed.pk)
    assert (amended.status, lacking(bob, amended)) == ("SIGNED", "")


@pytest.mark.parametrize(
    ("left", "clauses", "item"),
    [
        ("publics", {"PUBLICS": "Labellisés."}, "3°"),
        ("signal_days", {"SIGNAL": "Par courriel."}, "4°"),
        ("file_days", {"CARENCE": "Deux relances."}, "6°"),
        ("new_candidates_days", {"SUPPORT": "Diagnostic."}, "7°"),
        ("dalo_refusal_said", {"LEASES": "Chaque mois."}, "9°"),
    ],
)
def test_an_item_is_settled_by_its_term_or_by_its_clause(left: str, clauses: dict[str, str], item: str) -> None:
    given = SETTLED | {left: [] if left == "publics" else None}
    assert Convention(**SETTLED).unsettled == []
    assert Convention(**given).unsettled == [item]
    assert Convention(**given, clauses=clauses).unsettled == []


def test_heading_says_what_the_table_gives(world: World, sign_in: SignIn) -> None:
    """« 25 + 5 = 30 %, 1 logement sur 4 » is not printed above a table in which 25 % applies to nothing, nor
    « uniforme » above the rate of a commune."""
    row, alice = drafted(world), sign_in("alice")
    plain = paper(alice, row)
    assert "1 logement sur 4" in plain
    assert "Ensemble 30 %" in plain.replace("\u202f", " ").replace("\xa0", " ")
    assert "de manière uniforme dans chaque commune" in plain
    assert "n’est pas inférieure à 30" in plain
    quota = row.quotas.get(holder=world.holders["priority"])
    for category, share in (("qpv:en QPV", 300_000), ("qpv:hors QPV", 200_000)):
        Rate.objects.create(quota=quota, categories=[category], share=share)
    text = paper(alice, row).replace("\u202f", " ").replace("\xa0", " ")
    assert "de 20 % à 30 % selon le logement" in text
    assert "1 logement sur 4" not in text
    assert "Ensemble 30 %" not in text
    assert "logements dont ces faits ne sont pas renseignés : 25 %" in text
    assert "par accord des parties, elle peut être inférieure à 30 % hors des quartiers prioritaires" in text
    Rate.objects.create(quota=quota, territory=world.places["Narbonne"], share=260_000)
    text = paper(alice, row)
    assert "Par accord des parties, la part de l’État n’est pas la même dans chaque commune" in text
    assert "uniforme" not in text
