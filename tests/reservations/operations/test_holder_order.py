"""A holder that signed nothing by the day of the law: the préfet's order fixes its part, and the State serves it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.delegating import proposed_by, proposing
from flux.models import Routing
from flux.operations.routing import confirm_recommendations, sweep_waiting_vacancies
from flux.pages.account_words import order_words
from flux.queries.balance import Ordered
from flux.queries.compliance import Situation, board
from reservations.models import Convention, Landlord
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.party import register_landlord, register_organisation
from reservations.operations.person import grant_membership
from reservations.operations.prefect_order import OrderRefused, record_holder_order
from reservations.permissions import can_end_convention
from tests.flux.books import check_books
from tests.flux.views.pages import text_of
from tests.flux.views.test_convention_rates import rows
from tests.reservations.operations.test_prefect_order import due_to
from tests.world import MORNING, Role, World, convention, manager_of

TODAY = MORNING.date()
ORDER = "arrêté n° 2026-119 du 3 novembre 2026"
URL = "prefect-order-new"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
def corbieres(world: World) -> Landlord:
    """Another landlord of the Aude, with which the agglomeration never signed."""
    landlord = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    convention(landlord, world.city, world.places["Narbonne"], (world.holders["city"], "20", 1))
    return landlord


def posted(world: World, landlord: Landlord, **given: object) -> dict[str, object]:
    pk = world.holders["epci"].pk
    return {
        "landlord": landlord.pk,
        "departement": world.places["Aude"].pk,
        f"percent_{pk}": "20",
        "rate_rows": "1",
        "rate_0_qpv": "qpv:en QPV",
        "rate_0_percent": "5",
        "ordered_on": "03/11/2026",
        "starts_on": "24/11/2026",
        "ends_on": "31/12/2027",
        "order": ORDER,
    } | given


def test_the_order_fixes_the_rates_of_a_holder_that_signed_nothing(
    world: World, corbieres: Landlord, sign_in: Callable[[str], Client]
) -> None:
    """« Leur flux est géré par le préfet » : the same table of rates as a convention, 5 % in QPV and 20 % elsewhere;
    counted to the agglomeration, proposed by the State's services, named by the account."""
    bob, where = sign_in("bob"), f"{reverse(URL)}?reservataire={world.epci.pk}"
    assert "à défaut de convention avec le Grand Narbonne" in text_of(bob.get(where))
    assert "Écrivez la part que l’arrêté fixe" in text_of(
        bob.post(where, posted(world, corbieres) | {f"percent_{world.holders['epci'].pk}": ""})
    )
    words = text_of(bob.post(where, posted(world, corbieres), follow=True))
    assert "les services du préfet proposent à sa place" in words
    order = Convention.objects.get(prefect_order=ORDER)
    assert (order.organisation, order.perimeter, order.status) == (
        world.epci,
        world.places["Le Grand Narbonne"],
        "SIGNED",
    )
    inside = world.vacancy(landlord=corbieres, in_qpv=True)
    outside = world.vacancy(landlord=corbieres, in_qpv=False)
    sweep_waiting_vacancies(now=MORNING)
    assert (due_to(world, inside)["Le Grand Narbonne"], due_to(world, outside)["Le Grand Narbonne"]) == (
        50_000,
        200_000,
    )
    account = text_of(bob.get(reverse("account", args=[outside.ledger_id])))
    assert f"La part du Grand Narbonne est gérée par le préfet, à défaut de convention : {ORDER}" in account
    [row] = [each for each in board(world.member("bob"), on=TODAY).rows if each.convention == order]
    assert (row.situation, row.is_state) == (Situation.ORDER, False)
    assert "gérée par le préfet, par arrêté" in text_of(bob.get(reverse("compliance")))
    assert "Part d’un réservataire fixée" in text_of(bob.get(reverse("convention-document", args=[order.pk])))


def test_the_order_has_rates_by_commune_and_by_typology(
    world: World, corbieres: Landlord, sign_in: Callable[[str], Client]
) -> None:
    """Typed in its form, as a convention's: each unit owes what its row says, and the account adds them up."""
    bob, where = sign_in("bob"), f"{reverse(URL)}?reservataire={world.epci.pk}"
    table = rows(
        {"where": "Coursan", "typology": "", "qpv": "", "percent": "10"},
        {"where": "", "typology": "T4, T5", "percent": "30"},
        {"where": "Coursan", "typology": "T4, T5", "percent": "15"},
    )
    bob.post(where, posted(world, corbieres) | table | {"rate_rows": "3"})
    order = Convention.objects.get(prefect_order=ORDER)
    paper = text_of(bob.get(reverse("convention-document", args=[order.pk]))).replace("\u202f", " ")
    assert "à Coursan : 10 % T4 ou T5 : 30 % T4 ou T5, à Coursan : 15 % tous les autres logements : 20 %" in paper
    fallen = [
        world.vacancy(landlord=corbieres, commune=commune, rooms=rooms)
        for commune, rooms in (("Coursan", 2), ("Narbonne", 4), ("Coursan", 5), ("Narbonne", 3))
    ]
    sweep_waiting_vacancies(now=MORNING)
    owed = [due_to(world, each)["Le Grand Narbonne"] for each in fallen]
    assert owed == [100_000, 300_000, 150_000, 200_000]
    account = text_of(bob.get(reverse("account", args=[fallen[0].ledger_id])))
    assert "Le Grand Narbonne de 10 % à 30 %" in account.replace("\u202f", " ")
    assert "0,75" in account


def test_the_state_proposes_for_it_until_it_signs(world: World, corbieres: Landlord) -> None:
    order = record(world, corbieres)
    vacancy = world.vacancy(landlord=corbieres)
    sweep_waiting_vacancies(now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=manager_of(corbieres), now=MORNING)
    routing = Routing.objects.filter(holder=world.holders["epci"]).select_related("holder", "convention", "acting")
    (one, *_) = list(routing)
    assert (one.convention, one.acting, proposing(one)) == (order, world.state, world.state)
    check_books(vacancy.ledger)
    tomorrow = TODAY + timedelta(1)
    convention(
        corbieres, world.epci, world.places["Le Grand Narbonne"], (world.holders["epci"], "20", 2), starts_on=tomorrow
    )
    order.refresh_from_db()
    assert (order.status, order.ends_on) == ("ENDED", TODAY)
    assert (proposing(one), proposing(one, tomorrow)) == (world.state, world.epci)
    for day, who, other in ((None, world.state, world.epci), (tomorrow, world.epci, world.state)):
        listed = [
            Routing.objects.filter(proposed_by(each.pk, day or TODAY), pk=one.pk).exists() for each in (who, other)
        ]
        assert listed == [True, False], day


@pytest.mark.parametrize(("name", "rank"), [("epci", 2), ("village", 3)])
def test_the_prefet_alone_repeals_it_and_its_page_names_who_proposes(
    world: World, corbieres: Landlord, sign_in: Callable[[str], Client], name: str, rank: int
) -> None:
    """« Le préfet fixe par arrêté » (CCH, R441-5-2 IV): what he fixed, his services of that département end, whatever
    the territory of the holder; neither the landlord, nor the holder, nor the préfet of another département."""
    elsewhere = register_organisation(
        siren="999000094", name="Préfecture de l’Hérault", kind="STATE", territory=world.places["Hérault"]
    )
    village = register_organisation(
        siren="999000102", name="Ville de Sigean", kind="COMMUNE", territory=world.places["Sigean"]
    )
    organisation = {"epci": world.epci, "village": village}[name]
    holder = organisation.contingents.get()
    order = record(world, corbieres, organisation=organisation, quotas=[QuotaTerms(holder, 50_000, rank)])
    bob = sign_in("bob")
    page = text_of(bob.get(reverse("convention-detail", args=[order.pk]))).replace("\u202f", " ")
    assert "reviennent au réservataire" in page
    assert "Signataire" not in page
    assert "Qui propose les services de l’État, à la place du réservataire" in page
    assert "Les services de l’État, à la place du réservataire, proposent au moins 3 candidats en" in page
    assert "Abroger l’arrêté" in page
    stranger = grant_membership(user=world.people["chloe"], organisation=elsewhere, role=Role.STATE_OFFICER)
    others = [world.member("bob"), stranger, manager_of(corbieres).memberships.get(), world.member("chloe")]
    assert [can_end_convention(member, order) for member in others] == [True, False, False, False]
    given = {"ends_on": "31/12/2026", "why": "Une convention se prépare.", "sure": "on"}
    done = bob.post(reverse("convention-end", args=[order.pk]), given, follow=True)
    assert "L’arrêté est abrogé : son dernier jour est le 31 décembre 2026." in text_of(done)
    order.refresh_from_db()
    assert (order.status, order.ends_on) == ("ENDED", date(2026, 12, 31))


def test_its_account_writes_the_holder_as_it_is_written_in_a_sentence() -> None:
    town = Ordered("Ville de Sigean", False, "n° 3", "Sigean", TODAY, TODAY, "la")
    state = replace(town, name="Préfecture de l’Aude", of_the_state=True)
    of_the_town, of_the_state = order_words([town, state])
    assert of_the_town.startswith("La part de la Ville de Sigean est gérée par le préfet")
    assert of_the_state.startswith("La part de l’État est fixée par le préfet")


def record(world: World, landlord: Landlord, **given: Any) -> Convention:
    terms: dict[str, Any] = {
        "organisation": world.epci,
        "departement": world.places["Aude"],
        "quotas": [QuotaTerms(world.holders["epci"], 600_000, 2)],
        "starts_on": TODAY,
        "ends_on": date(2027, 12, 31),
        "ordered_on": date(2026, 11, 3),
        "order": ORDER,
        "by": world.people["bob"],
        "today": TODAY,
    }
    return record_holder_order(landlord=landlord, **terms | given)


def test_no_order_where_the_holder_signed(world: World) -> None:
    with pytest.raises(OrderRefused, match="Une convention du Grand Narbonne porte déjà sur ce périmètre"):
        record(world, world.landlord)


def test_what_precedes_its_recording_is_asked_with_its_figure(
    world: World, corbieres: Landlord, sign_in: Callable[[str], Client]
) -> None:
    """Of an order too: « ce qui aurait été dû » is read before it is recorded."""
    for _ in range(2):
        world.vacancy(landlord=corbieres)
    sweep_waiting_vacancies(now=MORNING)
    bob, where = sign_in("bob"), f"{reverse(URL)}?reservataire={world.epci.pk}"
    given = posted(world, corbieres, starts_on="20/11/2026", rate_0_qpv="", rate_0_percent="")
    asked = bob.post(where, given)
    assert asked.status_code == 422
    assert "Ce qui aurait été dû : 0,40" in text_of(asked)
    assert not Convention.objects.filter(prefect_order=ORDER).exists()
    bob.post(where, given | {"earlier_dues": "SETTLED"})
    order = Convention.objects.get(prefect_order=ORDER)
    assert sum(row.entry.quantity for row in order.settled.filter(entry__quantity__gt=0)) == 400_000
