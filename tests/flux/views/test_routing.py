"""Following and overriding on screen: one vacancy, or the ticked ones of the queue."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from flux.models import FlowEntry, Routing, Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from reservations.words import towards
from tests.flux.books import check_books
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, convention
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

QUEUE = reverse("vacancies-confirm")
READERS = {"aline": 302, "alice": 302, "chloe": 403, "bob": 403, "emma": 403, "adam": 403, "zoe": 404, "driss": 404}


@pytest.fixture
@kept
def vacancies(world: World) -> list[Vacancy]:
    """Four to confirm in Narbonne."""
    made = [world.vacancy() for _ in range(4)]
    sweep_waiting_vacancies(now=MORNING)
    return made


def act(name: str, vacancy: Vacancy) -> str:
    return reverse(name, args=[vacancy.pk])


def reroute(client: Client, vacancy: Vacancy, to: object, **typed: object) -> object:
    recommendation = vacancy.recommendations.get()
    given = {
        "holder": to.pk,
        "instead_of": recommendation.holder_id,
        "motive": "URGENT_REHOUSING",
        "motive_text": "Demande de la préfecture.",
    }
    return client.post(act("vacancy-reroute", vacancy), given | typed, follow=True)


def test_following_the_recommendation_says_to_whom_then_opens_the_next(
    vacancies: list[Vacancy], world: World, sign_in: SignIn
) -> None:
    """In the order of the queue, then from its beginning; the last one stays on its own page."""
    client = sign_in("aline")
    for place, following in ((1, 2), (2, 3), (3, 0), (0, 0)):
        vacancy, holder = vacancies[place], vacancies[place].recommendations.get().holder
        page = client.post(act("vacancy-confirm", vacancy), follow=True)
        assert page.redirect_chain == [(act("vacancy-detail", vacancies[following]), 302)]
        routing = Routing.objects.get(vacancy=vacancy)
        assert (routing.holder, routing.routed_by) == (holder, world.people["aline"])
        [result] = messages_of(page)
        words = f"est orienté vers {towards(holder)}."
        link = f'<a href="{act("vacancy-detail", vacancy)}">{vacancy.unit}</a>'
        last = following == place
        assert result == (f"{vacancy.unit} {words}" if last else f"{link} {words} Voici le suivant à confirmer.")
        assert page.context["sheet"].state == ("ROUTED" if last else "RECOMMENDED")


def test_the_next_unit_to_confirm_is_of_the_same_landlord(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    convention(world.other_landlord, world.als, world.places["Aude"], (world.holders["als"], "20", 1))
    elsewhere = world.vacancy(world.unit(landlord=world.other_landlord))
    sweep_waiting_vacancies(now=MORNING)
    assert set(Vacancy.objects.to_confirm()) == {vacancy, elsewhere}
    page = sign_in("aline").post(act("vacancy-confirm", vacancy), follow=True)
    assert page.redirect_chain == [(act("vacancy-detail", vacancy), 302)]


def test_following_twice_keeps_the_first(vacancies: list[Vacancy], sign_in: SignIn) -> None:
    client, vacancy = sign_in("aline"), vacancies[0]
    holder = vacancy.recommendations.get().holder
    client.post(act("vacancy-confirm", vacancy))
    page = client.post(act("vacancy-confirm", vacancy), follow=True)
    assert messages_of(page)[-1] == f"{vacancy.unit} est déjà orienté vers {towards(holder)}. Rechargez la page."
    assert Routing.objects.count() == 1


@pytest.mark.parametrize("stamp", ["abc", "", "12", "12-", "12-34-56", "-1-2", "1-" + "9" * 30])
def test_a_stamp_that_cannot_be_read_confirms_nothing(vacancies: list[Vacancy], sign_in: SignIn, stamp: str) -> None:
    client, vacancy, text = sign_in("aline"), vacancies[0], "Rechargez la page, puis décidez de nouveau."
    alone = client.post(act("vacancy-confirm", vacancy), {"lu": stamp}, follow=True)
    assert messages_of(alone) == [text]
    read = f"{vacancy.pk}-{vacancy.recommendations.get().pk}"
    queue = client.post(QUEUE, {"logement": [vacancy.pk], "lu": [read, stamp]}, follow=True)
    assert messages_of(queue) == [f"Rien n’est enregistré. {text}"]
    assert Routing.objects.count() == 0
    client.post(act("vacancy-confirm", vacancy), {"lu": read})
    assert Routing.objects.get().vacancy == vacancy


def test_what_waits_or_stays_out_of_the_flow_is_not_confirmed(world: World, sign_in: SignIn) -> None:
    client = sign_in("aline")
    for vacancy in (world.vacancy(), world.vacancy(kind="TECHNICAL")):
        page = client.post(act("vacancy-confirm", vacancy), follow=True)
        assert len(messages_of(page)) == 1
    assert Routing.objects.count() == 0


@pytest.mark.parametrize("name", ["vacancy-confirm", "vacancy-reroute"])
@pytest.mark.parametrize("person", READERS)
def test_acts_on_a_vacancy_belong_to_its_landlord(
    vacancies: list[Vacancy], sign_in: SignIn, name: str, person: str
) -> None:
    client = sign_in(person)
    allowed = {302: 302 if name == "vacancy-confirm" else 422}
    status = READERS[person]
    assert client.post(act(name, vacancies[0])).status_code == allowed.get(status, status)
    assert Routing.objects.count() == (1 if name == "vacancy-confirm" and status == 302 else 0)
    back = client.get(act(name, vacancies[0]))
    assert (back.status_code, back["Location"]) == (302, act("vacancy-detail", vacancies[0]))


def test_overriding_with_a_motive(vacancies: list[Vacancy], world: World, sign_in: SignIn) -> None:
    vacancy, city = vacancies[0], world.holders["city"]
    page = reroute(sign_in("aline"), vacancy, city)
    routing = Routing.objects.get()
    assert (routing.holder, routing.motive, routing.motive_text, routing.routed_by) == (
        city,
        "URGENT_REHOUSING",
        "Demande de la préfecture.",
        world.people["aline"],
    )
    assert page.redirect_chain == [(act("vacancy-detail", vacancies[1]), 302)]
    [result] = messages_of(page)
    assert result.endswith(
        "</a> est orienté vers la Ville de Narbonne, avec votre motif. Voici le suivant à confirmer."
    )
    words = text_of(sign_in("aline").get(act("vacancy-detail", vacancy)))
    assert "Choix du bailleur, relogement urgent : Demande de la préfecture." in words
    assert "La règle recommandait le bailleur (non réservé)." in words
    check_books(vacancy.ledger)


def test_re_routing_shows_both_routings_and_closes_the_file_of_the_first(
    vacancies: list[Vacancy], world: World, sign_in: SignIn
) -> None:
    vacancy, city, als = vacancies[0], world.holders["city"], world.holders["als"]
    client, chloe = sign_in("aline"), sign_in("chloe")
    reroute(client, vacancy, city)
    assert chloe.get(reverse("unit-detail", args=[vacancy.unit_id])).status_code == 200
    asked = client.get(act("vacancy-detail", vacancy), {"destination": als.pk})
    assert asked.context["form"].initial == {"holder": als.pk, "instead_of": city.pk, "was_routed": True}
    corrected = {"instead_of": city.pk, "was_routed": "True", "motive": "CORRECTION"}
    page = reroute(client, vacancy, als, motive_text="Erreur de saisie.", **corrected)
    assert page.redirect_chain == [(act("vacancy-detail", vacancy), 302)]
    assert [step.routing.holder for step in page.context["sheet"].story if step.routing] == [city, als]
    assert page.context["sheet"].routing.holder == als
    assert "Motif : correction d’une erreur. « Erreur de saisie. »" in text_of(page)
    assert chloe.get(reverse("unit-detail", args=[vacancy.unit_id])).status_code == 404
    seen = chloe.get(act("vacancy-detail", vacancy))
    assert (seen.status_code, vacancy.unit.reference in seen.content.decode()) == (200, False)
    check_books(vacancy.ledger)


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"motive": ""}, {"motive": ["Choisissez le motif de votre décision."]}),
        ({"motive": "FRIEND"}, {"motive": ["Choisissez l’un des motifs de la liste."]}),
        ({"motive_text": ""}, {"motive_text": ["Écrivez une phrase qui explique votre choix."]}),
        ({"motive_text": "   "}, {"motive_text": ["Écrivez une phrase qui explique votre choix."]}),
        ({"motive_text": "x" * 501}, {"motive_text": ["Abrégez à 500 caractères : une phrase suffit."]}),
        ({"holder": ""}, {"__all__": ["Cochez une destination dans le tableau."]}),
        (
            {"holder": "999999"},
            {"__all__": ["Cette destination n’a pas de droit là où se trouve ce logement : cochez-en une autre."]},
        ),
        ({"instead_of": "x"}, {"__all__": ["Rechargez la page, puis décidez de nouveau."]}),
    ],
)
def test_override_typed_wrong_says_so_keeps_the_rest_and_writes_nothing(
    vacancies: list[Vacancy], world: World, sign_in: SignIn, typed: dict[str, str], errors: dict[str, list[str]]
) -> None:
    entries = FlowEntry.objects.count()
    page = reroute(sign_in("aline"), vacancies[0], world.holders["city"], **typed)
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert page.context["form"]["motive_text"].value() == typed.get("motive_text", "Demande de la préfecture.")
    assert (Routing.objects.count(), FlowEntry.objects.count()) == (0, entries)


def test_override_of_a_page_out_of_date_says_who_has_it_now(
    vacancies: list[Vacancy], world: World, sign_in: SignIn
) -> None:
    vacancy = vacancies[0]
    route_elsewhere(
        vacancy=vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Autre guichet.",
        by=world.people["alice"],
        now=MORNING,
    )
    page = reroute(sign_in("aline"), vacancy, world.holders["city"])
    assert page.context["form"].non_field_errors() == [
        "Entre-temps, ce logement est passé à Action Logement Services. Relisez la fiche, puis décidez de nouveau."
    ]
    assert Routing.objects.get().holder == world.holders["als"]


def test_holder_without_a_right_there_is_not_a_destination(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy(commune="Coursan")
    sweep_waiting_vacancies(now=MORNING)
    page = reroute(sign_in("aline"), vacancy, world.holders["city"])
    assert (page.status_code, Routing.objects.count()) == (422, 0)


# --- the queue


def confirm(client: Client, *vacancies: object, query: str = "") -> object:
    return client.post(f"{QUEUE}{query}", {"logement": [getattr(v, "pk", v) for v in vacancies]})


def test_ticked_recommendations_are_routed_and_the_filters_kept(
    vacancies: list[Vacancy], world: World, sign_in: SignIn
) -> None:
    client = sign_in("aline")
    answer = confirm(client, vacancies[0], vacancies[2], query="?typology=T3&commune=4")
    assert (answer.status_code, answer["Location"]) == (302, f"{reverse('home')}?typology=T3&commune=4#file")
    routed = Routing.objects.order_by("pk")
    assert [(r.vacancy, r.holder) for r in routed] == [
        (vacancies[n], vacancies[n].recommendations.get().holder) for n in (0, 2)
    ]
    assert list(Vacancy.objects.to_confirm()) == [vacancies[1], vacancies[3]]
    by_holder = Counter(towards(routing.holder) for routing in routed)
    counted = ", ".join(f"{number} vers {holder}" for holder, number in by_holder.items())
    assert messages_of(client.get(reverse("vacancy-list"))) == [f"2 logements orientés : {counted}."]
    check_books(vacancies[0].ledger)


def test_one_that_changed_refuses_all_of_them(vacancies: list[Vacancy], world: World, sign_in: SignIn) -> None:
    confirm_recommendations(vacancies=[vacancies[1].pk], by=world.people["alice"], now=MORNING)
    before = Routing.objects.count(), FlowEntry.objects.count()
    client = sign_in("aline")
    confirm(client, *vacancies)
    page = client.get(reverse("vacancy-list"))
    [result] = messages_of(page)
    assert result.startswith(f"Rien n’est enregistré. {vacancies[1].unit} est déjà orienté vers ")
    assert (Routing.objects.count(), FlowEntry.objects.count()) == before


@pytest.mark.parametrize("ticked", [[], ["x"], ["0"], ["-1"], ["9" * 30]])
def test_nothing_ticked_or_nonsense_writes_nothing(
    vacancies: list[Vacancy], sign_in: SignIn, ticked: list[str]
) -> None:
    client = sign_in("aline")
    assert confirm(client, *ticked).status_code == 302
    assert messages_of(client.get(reverse("vacancy-list"))) == [
        "Cochez au moins un logement de la liste, puis confirmez."
    ]
    assert Routing.objects.count() == 0


def test_nonsense_beside_a_real_one_writes_nothing(vacancies: list[Vacancy], sign_in: SignIn) -> None:
    confirm(sign_in("aline"), vacancies[0], "x")
    assert Routing.objects.count() == 0


def test_queue_of_another_landlord_is_out_of_reach(vacancies: list[Vacancy], sign_in: SignIn) -> None:
    for person, status in (("zoe", 302), ("chloe", 403), ("bob", 403), ("emma", 403), ("adam", 403), ("driss", 404)):
        assert confirm(sign_in(person), *vacancies).status_code == status, person
    assert Routing.objects.count() == 0
    back = sign_in("aline").get(QUEUE)
    assert (back.status_code, back["Location"]) == (302, reverse("home"))
