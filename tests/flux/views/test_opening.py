"""An account kept elsewhere before: what each holder was owed counts once the holder accepted it, and is reported since
when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from flux.models import CarriedOver, FlowEntry, Ledger, OpeningAct, OpeningBalance
from flux.operations.openings import OpeningFigures, OpeningRefused, answer_opening, propose_opening
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.controls.accounts import Check, audit
from flux.queries.recommendations import replayed
from reservations.models.convention import UNIT
from tests.flux.views.pages import text_of
from tests.world import MORNING

if TYPE_CHECKING:
    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

TODAY = MORNING.date()
LIST, PROPOSE = reverse("opening-list"), reverse("opening-propose")

#: 240 units since January: a quarter to the city, that received 55 of its 60.
POSTED = {
    "since": "01/01/2026",
    "opened_on": "24/11/2026",
    "units": "240",
    "due": "60,5",
    "received": "55",
    "allocated": "50",
    "leased": "48",
    "source": "Tableau de suivi 2026, arrêté au 23/11.",
}


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def proposed(world: World, holder: str = "city", **given: object) -> OpeningBalance:
    figures = {"units": 240, "due": 60 * UNIT, "received": 55} | given.pop("figures", {})
    return propose_opening(
        **{
            "landlord": world.landlord,
            "departement": world.places["Aude"],
            "holder": world.holders[holder],
            "since": date(2026, 1, 1),
            "opened_on": TODAY,
            "source": "Tableau 2026.",
            "by": world.people["alice"],
            "now": MORNING,
        }
        | given,
        figures=OpeningFigures(**figures),
    )


def detail(opening: OpeningBalance) -> str:
    return reverse("opening-detail", args=[opening.pk])


def test_nothing_counts_before_its_holder_accepted_and_each_says_why(world: World, sign_in: SignIn) -> None:
    """Proposed, contested with a reason, maintained with an answer, replaced, then accepted: both read it all."""
    world.unit()  # the landlord has an account to open in the Aude
    alice, chloe = sign_in("alice"), sign_in("chloe")
    assert "Aucun solde d’ouverture" in text_of(chloe.get(LIST))
    place = {"departement": world.places["Aude"].pk, "holder": world.holders["city"].pk}
    assert "Proposer un solde d’ouverture" in text_of(alice.get(LIST))
    assert alice.get(PROPOSE).status_code == 200
    wrong = alice.post(PROPOSE, POSTED | place | {"received": "300"})
    assert wrong.status_code == 422
    assert "Les logements reçus ne dépassent pas ceux entrés dans le flux." in text_of(wrong)
    answer = alice.post(PROPOSE, POSTED | place)
    opening = OpeningBalance.objects.get()
    assert answer.url == detail(opening)
    assert (opening.due, opening.gap, CarriedOver.objects.count()) == (60_500_000, 5_500_000, 0)
    assert "1 solde d’ouverture à traiter" in text_of(chloe.get(reverse("home")))
    words = text_of(chloe.get(detail(opening)))
    assert "Au 24 novembre 2026 : 5,50 logements encore dus. Proposé, ne compte pas encore" in words
    assert "Dont attribués 50 Dont baux signés 48 Source Tableau de suivi 2026, arrêté au 23/11." in words
    assert "par parts égales, sur 28 logements à venir" in words

    silent = chloe.post(detail(opening), {"act": "CONTESTED"})
    assert silent.status_code == 422
    assert "Dites pourquoi en une phrase : l’autre partie la lira." in text_of(silent)
    assert chloe.post(detail(opening), {"act": "WITHDRAWN", "text": "Non."}).status_code == 403
    chloe.post(detail(opening), {"act": "CONTESTED", "text": "Nous en comptons 54."})
    assert "1 solde d’ouverture à traiter" in text_of(alice.get(reverse("home")))
    assert "Contesté « Nous en comptons 54. »" in text_of(alice.get(detail(opening)))
    alice.post(detail(opening), {"act": "MAINTAINED", "text": "Le logement 12 a été repris."})
    assert "Maintenu « Le logement 12 a été repris. »" in text_of(chloe.get(detail(opening)))

    alice.post(PROPOSE, POSTED | place | {"received": "54"})
    second = opening.replaced_by
    assert "Remplacé par un autre solde" in text_of(chloe.get(detail(opening)))
    assert "remplace le précédent" in text_of(chloe.get(detail(second)))
    assert chloe.post(detail(opening), {"act": "ACCEPTED"}).status_code == 422
    text = "Compte tenu ici depuis le 24 novembre 2026. La promesse de moins d’un logement d’écart porte sur ce qui"
    statement = reverse("statement", args=[opening.ledger_id, world.holders["city"].pk])
    before = text_of(chloe.get(statement))
    assert text in before
    assert "Pas encore accepté par la Ville de Narbonne" in before
    chloe.post(detail(second), {"act": "ACCEPTED"})
    carried = CarriedOver.objects.get()
    assert (carried.amount, carried.planned, carried.opening) == (6_500_000, 28, second)
    assert carried.convention == world.conventions["city"]
    for address in (statement, reverse("account", args=[opening.ledger_id])):
        assert (
            f"{text} est entré depuis ; ce qui précède y entre par les soldes d’ouverture, acceptés par la Ville"
            in text_of(alice.get(address))
        )
    assert text in text_of(alice.get(reverse("transparency", args=[opening.ledger_id])))
    page = text_of(sign_in("bob").get(LIST))
    assert "accepté, il compte" in page
    assert "remplacé" in page


def test_what_was_accepted_is_given_back_by_steps_and_the_books_hold(world: World, sign_in: SignIn) -> None:
    """The rule, its replay and the nightly control read a carry-over; a forged one is found."""
    accepted = proposed(world, figures={"units": 8, "due": 2 * UNIT, "received": 1})
    ahead = proposed(world, "als", figures={"units": 8, "due": UNIT, "received": 2})
    for opening, person in ((accepted, "chloe"), (ahead, "alice")):
        answer_opening(opening=opening, act="ACCEPTED", by=world.people[person], now=MORNING)
    with pytest.raises(OpeningRefused, match="est déjà accepté"):
        answer_opening(opening=accepted, act="CONTESTED", text="Trop peu.", by=world.people["chloe"], now=MORNING)
    with pytest.raises(OpeningRefused, match="il compte, et ne change plus"):
        proposed(world)
    assert "1,00 logement d’avance" in text_of(sign_in("alice").get(detail(ahead)))
    vacancies = [world.vacancy() for _ in range(3)]
    sweep_waiting_vacancies(now=MORNING)
    [ledger] = Ledger.objects.ordinary()
    given = FlowEntry.objects.filter(stage="CARRIED", holder=world.holders["city"])
    assert sum(given.values_list("quantity", flat=True)) == UNIT
    assert audit([ledger.pk]).differences == ()
    assert "report de l’ouverture" in text_of(sign_in("alice").get(reverse("vacancy-detail", args=[vacancies[0].pk])))
    assert "dont report de l’ouverture, part rendue" in text_of(
        sign_in("alice").get(reverse("statement", args=[ledger.pk, world.holders["city"].pk]))
    )
    forged = proposed(world, "epci", opened_on=TODAY, figures={"units": 8, "due": 0, "received": 0})
    CarriedOver.objects.create(
        ledger=ledger,
        holder=world.holders["epci"],
        convention=world.conventions["epci"],
        opening=forged,
        amount=3 * UNIT,
        planned=3,
    )
    [found] = audit([ledger.pk]).differences
    assert (found.check, found.holder, found.expected, found.found) == (
        Check.OPENING,
        world.holders["epci"].pk,
        {"opening": 0},
        {"opening": 3 * UNIT},
    )
    for table, column in ((OpeningBalance, "source"), (OpeningAct, "text")):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            table.objects.update(**{column: "Autre."})
    for recommendation in vacancies[0].recommendations.all():
        assert not [each for each in replayed(type(recommendation).objects.all()) if each.differences]


def test_an_opening_that_cannot_be_is_refused_with_what_to_do(world: World) -> None:
    cases: list[tuple[dict[str, object], str]] = [
        ({"since": TODAY}, "commence avant"),
        ({"since": date(2020, 1, 1)}, "deux ans au plus"),
        ({"opened_on": TODAY + timedelta(400), "since": TODAY}, "plus d’un an"),
        ({"source": " "}, "d’où viennent"),
        ({"figures": {"units": 100_000}}, "de 0 à 99 999"),
        ({"figures": {"due": 300 * UNIT}}, "Le dû va de 0 à 240"),
        ({"figures": {"leased": 56}}, "Les baux signés ne dépassent pas"),
        ({"holder": "landlord"}, "n’a pas de solde d’ouverture"),
        ({"departement": world.places["Hérault"]}, "n’a aucun droit"),
    ]
    for given, sentence in cases:
        with pytest.raises(OpeningRefused, match=sentence):
            proposed(world, **given)
    opening = proposed(world)
    with pytest.raises(OpeningRefused, match="écrivez le même jour"):
        proposed(world, "als", opened_on=TODAY - timedelta(3))
    answers: list[tuple[str, str, str]] = [
        ("NONE", "x", "l’un des boutons"),
        ("MAINTAINED", "x", "rien à maintenir"),
        ("CONTESTED", "", "Dites pourquoi"),
    ]
    for act, text, sentence in answers:
        with pytest.raises(OpeningRefused, match=sentence):
            answer_opening(opening=opening, act=act, text=text, by=world.people["chloe"], now=MORNING)
    answer_opening(opening=opening, act="CONTESTED", text="Non.", by=world.people["chloe"], now=MORNING)
    with pytest.raises(OpeningRefused, match="déjà contesté"):
        answer_opening(opening=opening, act="CONTESTED", text="Non.", by=world.people["chloe"], now=MORNING)
    answer_opening(opening=opening, act="WITHDRAWN", text="À refaire.", by=world.people["alice"], now=MORNING)
    world.vacancy(now=MORNING - timedelta(30))
    with pytest.raises(OpeningRefused, match="est enregistré ici dès le 25/10/2026"):
        proposed(world)


def test_nothing_left_is_nothing_carried(world: World, sign_in: SignIn) -> None:
    even = proposed(world, figures={"units": 8, "due": UNIT, "received": 1})
    words = text_of(sign_in("chloe").get(detail(even)))
    assert "Accepté, il ne reporte rien : le réservataire repart de zéro." in words
    sign_in("chloe").post(detail(even), {"act": "ACCEPTED"})
    assert CarriedOver.objects.count() == 0
    late = proposed(world, "als", figures={"units": 8, "due": UNIT, "received": 2})
    sign_in("alice").post(detail(late), {"act": "WITHDRAWN", "text": "Erreur de tableau."})
    assert "Retiré" in text_of(sign_in("alice").get(detail(late)))
    assert "est repris par parts égales" in text_of(sign_in("alice").get(detail(late)))
