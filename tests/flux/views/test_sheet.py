"""The routing sheet on screen: where a vacancy stands, every destination, and what another would change."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from flux.engine.wording import units
from flux.models import CarriedOver, Vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock, set_routing_policy
from reservations.http import DELAYS
from reservations.operations.party import register_organisation
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.views.pages import text_of
from tests.world import MORNING, promise_behind_the_acts, siren

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client
    from time_machine import TimeMachineFixture

    from tests.world import World

    SignIn = Callable[[str], Client]


HTMX = {"HX-Request": "true"}


def sheet(vacancy: Vacancy) -> str:
    return reverse("vacancy-detail", args=[vacancy.pk])


def test_story_says_who_routed_and_for_whom(world: World, sign_in: SignIn) -> None:
    """A commune without a right, to which the chain led, proposes for this letting; a landlord may let the rule do."""
    register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    for row in world.conventions.values():
        agree(row, returns_effect="YES_IF_HOLDER_FAULT", fallback=["MAYOR", "LANDLORD"], minimum_candidates=None)
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    assert "Action Logement Services propose des candidats au plus tard le" in text_of(
        sign_in("aline").get(sheet(routing.vacancy))
    )
    give_back(world, routing)
    confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    text = text_of(sign_in("aline").get(sheet(routing.vacancy)))
    assert "vers le bailleur (non réservé), par la Commune de Coursan (pour cette location), par Aline." in text
    set_routing_policy(
        landlord=world.landlord,
        mode="AUTOMATIC",
        starts_on=MORNING.date(),
        by=world.people["alice"],
        today=MORNING.date(),
    )
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    text = text_of(sign_in("aline").get(sheet(vacancy)))
    assert re.search(r"Orienté vers [^.]*, automatiquement, selon la recommandation\.", text)


def test_sheet_that_waits_asks_again_by_itself_and_has_a_plain_link(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    client = sign_in("aline")
    page = client.get(sheet(vacancy))
    assert page.context["sheet"].state == "WAITING"
    content = page.content.decode()
    assert f'hx-get="{sheet(vacancy)}?essai=1" hx-trigger="load delay:1s"' in content
    assert content.count("django_htmx/htmx") == 1
    assert f'href="{sheet(vacancy)}">Actualiser la fiche</a>' in content
    assert 'id="annonce" role="status"' in content
    waits = []
    while True:
        again = client.get(sheet(vacancy), {"essai": len(waits) + 1}, headers=HTMX).content.decode()
        assert "<main" not in again
        if "hx-get" not in again:
            break
        waits.append(int(re.findall(r'hx-trigger="load delay:(\d+)s"', again)[0]))
    assert waits == sorted(waits)
    assert (len(waits) + 1, sum(waits) > 120) == (len(DELAYS), True)
    assert "celui-ci tarde" in again
    sweep_waiting_vacancies(now=MORNING)
    redrawn = client.get(sheet(vacancy), headers=HTMX)
    assert (redrawn.status_code, redrawn.context["sheet"].state) == (200, "RECOMMENDED")
    assert "hx-get" not in redrawn.content.decode()
    assert "django_htmx/htmx" not in redrawn.content.decode()
    assert (redrawn["HX-Retarget"], redrawn["HX-Reselect"], redrawn["HX-Reswap"]) == ("main", "main", "outerHTML")
    assert "Destination calculée : " in text_of(redrawn)


def test_queue_looks_by_itself_and_says_what_was_calculated(world: World, sign_in: SignIn) -> None:
    """The boxes that a person ticked stay: the list is drawn again when it asks for it."""
    for _ in range(3):
        world.vacancy()
    client, look = sign_in("aline"), reverse("vacancies-waiting")
    home = client.get(reverse("home")).content.decode()
    assert f'hx-get="{look}?avant=3&amp;essai=1" hx-trigger="load delay:1s"' in home
    assert "Actualiser la liste" in home
    still = client.get(look, {"avant": 3, "essai": 1}, headers=HTMX)
    assert "hx-get" in still.content.decode()
    assert "calculs" not in still.content.decode()  # nothing is announced while nothing has come
    sweep_waiting_vacancies(now=MORNING)
    done = client.get(look, {"avant": 3, "essai": 2}, headers=HTMX)
    assert "3 destinations viennent d’être calculées." in text_of(done)
    assert "hx-get" not in done.content.decode()
    assert "hx-get" not in client.get(reverse("home")).content.decode()


def test_sheet_where_too_much_is_promised_lists_the_conventions_and_their_sum(world: World, sign_in: SignIn) -> None:
    promise_behind_the_acts(world.conventions["city"], 500_000)
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    page = sign_in("aline").get(sheet(vacancy))
    assert page.context["sheet"].state == "IMPOSSIBLE"
    assert [(p.convention, p.share) for p in page.context["sheet"].promises] == [
        (world.conventions["state"], 300_000),
        (world.conventions["als"], 200_000),
        (world.conventions["city"], 500_000),
        (world.conventions["epci"], 60_000),
    ]
    words = text_of(page)
    assert "Orientation impossible" in words
    assert "les conventions promettent 106 % du flux" in words
    assert "l’une de ces conventions : l’orientation reprendra toute seule, à sa place dans l’ordre." in words
    assert "hx-get" not in page.content.decode()
    page = sign_in("chloe").get(sheet(vacancy))
    words, names = text_of(page), [each.organisation.name for each in world.conventions.values()]
    assert all(f"{name}, " in words for name in names)
    assert "Le bailleur doit terminer ou corriger l’une de ces conventions" in words
    assert reverse("convention-detail", args=[world.conventions["state"].pk]) not in page.content.decode()


def test_sheet_ranks_every_destination_as_the_calculation_saw_it(world: World, sign_in: SignIn) -> None:
    vacancies = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    recommendation = vacancies[-1].recommendations.get()
    ranking = sign_in("aline").get(sheet(vacancies[-1])).context["sheet"].ranking
    assert ranking.labels == ("T3", "PLUS", "hors QPV", "1975–1999", "Narbonne", "attractivité non renseignée")
    assert [str(row.holder_id) for row in ranking.rows] == [row["id"] for row in recommendation.ranking]
    assert [row.gap for row in ranking.rows] == [row["delay"] for row in recommendation.ranking]
    assert [row.recommended for row in ranking.rows] == [True] + [False] * 5
    seen = {holder["id"]: holder for holder in recommendation.situation["holders"]}
    for row in ranking.rows:
        facts = seen[str(row.holder_id)]
        assert (row.share, row.due, row.received) == (facts["share"], facts["due"], facts["received"])
        assert [lack for _, lack in row.lacks] == list(facts["lacks"])
        assert row.hint.endswith(".")


@pytest.mark.parametrize(
    ("kind", "exclusion", "words"),
    [
        ("EXCLUDED", "UNFIT_HOUSING", "Motif : relogement d’habitat indigne."),
        ("TECHNICAL", "", "Ce logement est vide pour travaux, vente ou démolition"),
        ("FIRST_LETTING", "", "Celui-ci n’a pas de répartition convenue."),
    ],
)
def test_sheet_out_of_the_flow_says_what_it_means(
    world: World, sign_in: SignIn, kind: str, exclusion: str, words: str
) -> None:
    vacancy = world.vacancy(kind=kind, exclusion=exclusion)
    page = sign_in("aline").get(sheet(vacancy))
    assert (page.context["sheet"].state, page.context["sheet"].ranking) == (kind, None)
    assert words in text_of(page)


def test_sheet_is_common_but_the_file_and_the_acts_are_not(year: dict[str, Vacancy], sign_in: SignIn) -> None:
    vacancy = year["city"]
    for person, status, opened, acts in (
        ("aline", 200, True, True),
        ("chloe", 200, True, False),
        ("bob", 200, False, False),
        ("emma", 200, False, False),
        ("adam", 200, False, False),
        ("zoe", 404, False, False),
    ):
        page = sign_in(person).get(sheet(vacancy))
        assert page.status_code == status, person
        content = page.content.decode()
        assert (vacancy.unit.reference in content) == opened, person
        assert ("12 rue Voltaire" in content) == opened, person
        assert ("Résidence de Narbonne" in content) == opened, person
        assert ('name="destination"' in content) == acts, person
        if status == 200:
            assert "Toutes les destinations, dans l’ordre" in text_of(page)


def test_other_readers_get_no_form_even_when_they_ask(year: dict[str, Vacancy], world: World, sign_in: SignIn) -> None:
    page = sign_in("chloe").get(sheet(year["to confirm"]), {"destination": world.holders["city"].pk})
    assert (page.context["alternative"], page.context["form"], page.context["not_chosen"]) == (None, None, False)
    assert "csrfmiddlewaretoken" in page.content.decode()  # to sign out
    assert "Orienter vers" not in text_of(page)


def test_another_destination_shows_its_consequences_by_arithmetic(world: World, sign_in: SignIn) -> None:
    vacancies = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    recommendation = vacancies[-1].recommendations.get()
    last = int(recommendation.ranking[-1]["id"])
    page = sign_in("aline").get(sheet(vacancies[-1]), {"destination": last})
    shown = page.context["alternative"]
    assert (shown.giver.holder_id, shown.taker.holder_id) == (recommendation.holder_id, last)
    # nothing has entered since: the accounts stand as the ranking, plus the unit that waits for its giver
    assert shown.giver_then == recommendation.ranking[0]["delay"]
    assert shown.taker_then == recommendation.ranking[-1]["delay"] - 1_000_000
    assert shown.taker_beyond == (shown.taker_then < -1_000_000)
    assert sum(change.gap for change in shown.changes) == sum(change.gap_then for change in shown.changes) == 0
    assert [change.moves for change in shown.changes] == [True] + [False] * 4 + [True]
    assert shown.entered == 8
    figure = units(shown.giver_then, 1_000_000)
    assert f"aurait {figure} logement{'s' * (shown.giver_then >= 1_995_000)} à recevoir" in text_of(page)
    form = page.context["form"]
    assert form.initial == {"holder": last, "instead_of": recommendation.holder_id, "was_routed": False}


def test_every_column_is_there_and_explained(world: World, sign_in: SignIn) -> None:
    vacancies = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    page = sign_in("chloe").get(sheet(vacancies[-1]))
    content, words, ranking = page.content.decode(), text_of(page), page.context["sheet"].ranking
    for name in ("Part ici", "Dû", "Reçu", "Priorité", "À servir", "Écart voisin", "Si choisi"):
        assert content.count(f'data-l="{name}"') == len(ranking.rows), name
        assert f"<dt>{name}</dt>" in content, name
    for row in ranking.rows:
        assert f'data-l="Si choisi">{row.if_chosen_brief}<' in content
        assert (row.if_chosen_words in words) == (not row.if_chosen.safe)
    stored = vacancies[-1].recommendations.get()
    assert stored.fingerprint in words
    assert reverse("api-explanation", args=[vacancies[-1].pk]) in content


def test_whoever_would_be_up_to_date_is_stated_so(world: World, sign_in: SignIn) -> None:
    """Four units: the State's quarter makes exactly one due, the landlord's 32 % makes 1.28."""
    vacancies = [world.vacancy() for _ in range(4)]
    for vacancy, holder in zip(vacancies, ("als", "als", "city", "city"), strict=True):
        send(world, holder, vacancy)
    client, first = sign_in("aline"), sheet(vacancies[0])

    def sheet_words(name: str) -> str:
        return text_of(client.get(first, {"destination": world.holders[name].pk}))

    assert "l’État – publics prioritaires serait à jour, en deçà du repère d’un logement." in sheet_words("priority")
    assert "aurait encore 0,28 logement à recevoir, en deçà du repère d’un logement." in sheet_words("landlord")
    for vacancy in vacancies[:2]:
        route_elsewhere(
            vacancy=vacancy,
            holder=world.holders["priority"],
            motive="OTHER",
            motive_text="Pour le test.",
            by=world.people["aline"],
            now=MORNING,
        )
    assert "L’État – publics prioritaires serait à jour." in sheet_words("landlord")


def test_unit_given_back_twice_says_by_whom_each_time(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    give_back(world, send(world, "city", vacancy))
    give_back(world, send(world, "als", vacancy))
    client = sign_in("aline")
    words = text_of(client.get(sheet(vacancy)))
    assert "Auparavant rendu par la Ville de Narbonne" in words
    [twice] = re.findall(r"Auparavant ([^.]*)\.", words)
    assert [given.partition(",")[0] for given in twice.split(" ; ")] == [
        "rendu par la Ville de Narbonne",
        "rendu par Action Logement Services",
    ]
    listed = text_of(client.get(reverse("vacancy-list")))
    assert "Auparavant rendu par la Ville de Narbonne (compté), rendu par Action Logement Services." in listed


def test_commune_that_proposes_on_the_landlord_s_part_does_so_for_this_letting(world: World, sign_in: SignIn) -> None:
    """It has no right there, and nothing is delegated to it."""
    register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    agree(world.conventions["als"], fallback=["MAYOR", "LANDLORD"], returns_effect="NO")
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    give_back(world, routing)
    confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    client = sign_in("aline")
    for page in (sheet(routing.vacancy), reverse("vacancy-list")):
        words = text_of(client.get(page))
        assert "par la Commune de Coursan (pour cette location)" in words
        assert "(délégation)" not in words


def test_unit_routed_by_the_rule_alone_says_so_and_its_last_day_too(
    world: World, sign_in: SignIn, time_machine: TimeMachineFixture
) -> None:
    """The holder of an automatic landlord, on the tenth working day."""
    set_routing_policy(
        by=world.people["alice"],
        landlord=world.landlord,
        mode="AUTOMATIC",
        starts_on=MORNING.date(),
        today=MORNING.date() - timedelta(days=1),
    )
    agree(world.conventions["city"], proposal_days=10, management="DIRECT")
    vacancies = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    ours = next(each for each in vacancies if each.routings.get().holder == world.holders["city"])
    for day, text in ((7, "Il vous reste 1 jour ouvré."), (8, "C’est aujourd’hui le dernier jour.")):
        time_machine.move_to(MORNING.replace(month=12, day=day), tick=False)
        words = text_of(sign_in("chloe").get(sheet(ours)))
        assert "Le 24 novembre 2026 à 9 h 00, automatiquement." in words
        assert text in words


@pytest.mark.parametrize(
    ("planned", "city", "landlord"),
    [
        (5, "12 % dont 8 % rendus de l’avance de 2025 ; crédité : 4 %", "8 % que rendent les autres"),
        (1, "12 % dont 12 % rendus de l’avance de 2025 ; crédité : moins de 0,01 %", "12 % que rendent les autres"),
    ],
)
def test_share_is_the_convention_s_and_says_what_the_year_before_takes(
    world: World, sign_in: SignIn, planned: int, city: str, landlord: str
) -> None:
    vacancy, holder = world.vacancy(), world.holders["city"]
    CarriedOver.objects.create(
        ledger=vacancy.ledger, holder=holder, convention=world.conventions["city"], amount=-400_000, planned=planned
    )
    sweep_waiting_vacancies(now=MORNING)
    page = sign_in("aline").get(sheet(vacancy))
    rows = {row.holder_id: row for row in page.context["sheet"].ranking.rows}
    assert (rows[holder.pk].promised, rows[world.holders["als"].pk].carried) == (120_000, 0)
    assert sum(row.carried for row in rows.values()) == 0
    assert sum(row.promised for row in rows.values()) == 1_000_000
    words = text_of(page).replace("\u202f", " ")
    assert city in words
    assert f"32 % plus {landlord}, report de 2025 ; crédité :" in words
    assert "20 % ; crédité" not in words


def test_what_the_year_before_left_due_is_taken_from_the_landlord_s_part(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    CarriedOver.objects.create(
        ledger=vacancy.ledger,
        holder=world.holders["city"],
        convention=world.conventions["city"],
        amount=400_000,
        planned=5,
    )
    sweep_waiting_vacancies(now=MORNING)
    words = text_of(sign_in("aline").get(sheet(vacancy))).replace("\u202f", " ")
    assert "12 % plus 8 % du reste dû de 2025 ; crédité : 20 %" in words
    assert "32 % moins 8 % rendus aux autres, report de 2025 ; crédité : 24 %" in words


def test_what_breaks_is_stated_before_the_choice_is_confirmed(world: World, sign_in: SignIn) -> None:
    vacancies = [world.vacancy() for _ in range(8)]
    sweep_waiting_vacancies(now=MORNING)
    client = sign_in("aline")
    for row in client.get(sheet(vacancies[-1])).context["sheet"].ranking.rows[1:]:
        page = client.get(sheet(vacancies[-1]), {"destination": row.holder_id})
        assert f"Au moment du calcul : {row.if_chosen_words}" in text_of(page)
        assert page.context["alternative"].taker.if_chosen == row.if_chosen


@pytest.mark.parametrize("asked", ["0", "x", "-3", "9" * 40, "²"])
def test_unknown_destination_is_stated(world: World, sign_in: SignIn, asked: str) -> None:
    vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    page = sign_in("aline").get(sheet(vacancy), {"destination": asked})
    assert (page.status_code, page.context["alternative"], page.context["not_chosen"]) == (200, None, True)
    assert "Aucune autre destination" in text_of(page)


@pytest.mark.parametrize("count", [1, 12])
def test_sheet_costs_the_same_queries_whatever_the_account(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        vacancy = world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    client = sign_in("aline")
    other = vacancy.recommendations.get().ranking[-1]["id"]
    with django_assert_num_queries(7):
        assert client.get(sheet(vacancy), {"destination": other}).context["alternative"]


def test_ground_of_a_right_in_stock_goes_with_the_file(world: World, sign_in: Callable[[str], Client]) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=MORNING.date(), by=world.people["alice"]
    )
    address = reverse("vacancy-detail", args=[world.vacancy(unit).pk])
    ground = "défense nationale"
    values = {name: ground in sign_in(name).get(address).content.decode() for name in ("aline", "chloe", "emma")}
    assert values == {"aline": True, "chloe": False, "emma": False}
