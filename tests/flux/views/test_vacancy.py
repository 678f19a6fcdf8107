"""Vacancies on screen: declaring one, and the list."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from flux.models import FlowEntry, Ledger, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.pages.vacancies import WHY, vacancy_reason
from reservations.pages.pieces import below, beside, bold, definition
from tests.flux.known import plan_together
from tests.flux.views.pages import messages_of, text_of
from tests.world import MORNING, promise_behind_the_acts

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

LIST, DECLARE = reverse("vacancy-list"), reverse("vacancy-declare")


def today() -> str:
    return f"{timezone.localdate():%d/%m/%Y}"


def in_a_month() -> str:
    return f"{timezone.localdate() + timedelta(days=30):%d/%m/%Y}"


def sheet(vacancy: Vacancy) -> str:
    return reverse("vacancy-detail", args=[vacancy.pk])


def declare(client: Client, unit: object, **typed: str) -> object:
    return client.post(
        f"{DECLARE}?unit={unit.pk}", {"kind": "IN_FLOW", "notice_on": today(), "available_on": in_a_month()} | typed
    )


# --- declaring


def test_unit_is_found_by_reference_or_address_without_accents(world: World, sign_in: SignIn) -> None:
    unit = world.unit(street_number="12", street_type="QUAI", street_name="VALLIÈRE")
    world.unit(street_number="112", street_type="QUAI", street_name="VALLIÈRE")
    world.unit(landlord=world.other_landlord, commune="Béziers", street_name="VALLIÈRE")
    client = sign_in("aline")
    for text in (unit.reference, unit.reference.lower(), "12, quai Vallière", "12 valliere narbonne"):
        assert [found.pk for found in client.get(DECLARE, {"q": text}).context["units"]] == [unit.pk]
    assert [f.pk for f in client.get(DECLARE, {"q": "béziers"}).context["units"]] == []
    for nothing in ("", "   ", "'\x00", "%"):
        assert client.get(DECLARE, {"q": nothing}).context["units"] == []


def test_a_unit_declared_already_is_stated_so_from_the_search_on(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    """Before the dates are typed, on both steps: until it is let, since it would count twice."""
    time_machine.move_to(MORNING)
    unit = world.unit()
    client = sign_in("aline")

    def buttons_drawn() -> list[bool]:
        steps = {"q": unit.reference}, {"unit": unit.pk}
        return ["éjà déclaré" in text_of(client.get(DECLARE, step)) for step in steps]

    assert buttons_drawn() == [False, False]
    vacancy = world.vacancy(unit)
    assert buttons_drawn() == [True, True]
    assert sheet(vacancy) in client.get(DECLARE, {"q": unit.reference}).content.decode()
    time_machine.move_to(MORNING + timedelta(days=20))  # free since, and nobody is in it
    client = sign_in("aline")
    assert buttons_drawn() == [True, True]
    cancel_vacancy(vacancy=vacancy, reason="NOTICE_WITHDRAWN", text="Le locataire reste.", by=world.people["aline"])
    assert buttons_drawn() == [False, False]
    excluded = world.vacancy(unit, kind="EXCLUDED", exclusion="SALE_REHOUSING", now=MORNING + timedelta(days=20))
    assert buttons_drawn() == [True, True]
    time_machine.move_to(MORNING + timedelta(days=40))
    client = sign_in("aline")
    assert excluded.available_on < timezone.localdate()
    assert buttons_drawn() == [False, False]  # outside the flow, no account says whether it is let


def test_list_states_units_that_the_conventions_block_from_those_being_calculated(
    world: World, sign_in: SignIn
) -> None:
    """« Calcul en attente » is stated of what comes by itself; over 100 % promised, somebody has to correct."""
    vacancy = world.vacancy()
    for person in ("aline", "bob"):
        words = text_of(sign_in(person).get(f"{LIST}?status=waiting"))
        assert "Calcul en attente" in words
        assert "Orientation impossible" not in words
    promise_behind_the_acts(world.conventions["als"], 900_000)
    for person in ("aline", "bob"):
        words = text_of(sign_in(person).get(f"{LIST}?status=waiting"))
        assert "Orientation impossible" in words
        assert "Plus de 100 % du flux est promis à Narbonne" in words
        assert "Calcul en attente" not in words, vacancy


def test_search_shows_twenty_units_at_most_and_says_so(world: World, sign_in: SignIn) -> None:
    for _ in range(21):
        world.unit()
    page = sign_in("aline").get(DECLARE, {"q": "voltaire"})
    assert (len(page.context["units"]), page.context["count"]) == (20, 21)
    assert "21 logements répondent à « voltaire » : voici les 20 premiers" in text_of(page)


def test_declaring_where_departures_are_planned_together_says_that_it_waits_its_turn(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    time_machine.move_to(MORNING)
    plan_together(world)
    unit = world.unit()
    page = sign_in("aline").post(
        f"{DECLARE}?unit={unit.pk}",
        {"kind": "IN_FLOW", "exclusion": "", "notice_on": "24/11/2026", "available_on": "24/02/2027"},
        follow=True,
    )
    assert messages_of(page) == [
        f"{unit} est entré dans le flux : sa destination est prévue avec celles des autres départs connus, puis "
        "décidée à son tour."
    ]


@pytest.mark.parametrize("notice_on", ["24/11/2026", "2026-11-24"])
def test_declaring_registers_and_shows_the_sheet(
    world: World, sign_in: SignIn, notice_on: str, time_machine: object
) -> None:
    time_machine.move_to(MORNING)
    unit = world.unit()
    page = sign_in("aline").post(
        f"{DECLARE}?unit={unit.pk}",
        {"kind": "IN_FLOW", "exclusion": "SALE_REHOUSING", "notice_on": notice_on, "available_on": "24/12/2026"},
        follow=True,
    )
    vacancy = Vacancy.objects.get()
    assert page.redirect_chain == [(sheet(vacancy), 302)]
    assert messages_of(page) == [f"{unit} est entré dans le flux : sa destination se calcule."]
    assert (vacancy.unit, vacancy.kind, vacancy.exclusion) == (unit, "IN_FLOW", "")
    assert (vacancy.notice_on, f"{vacancy.available_on}") == (MORNING.date(), "2026-12-24")
    assert vacancy.registered_by == world.people["aline"]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"kind": ""}, {"kind": ["Dites si ce logement entre dans le flux ou en est soustrait."]}),
        ({"kind": "STOCK"}, {"kind": ["Choisissez l’un des classements proposés."]}),
        (
            {"kind": "EXCLUDED"},
            {"exclusion": ["Choisissez l’un des motifs de la loi pour soustraire ce logement du flux."]},
        ),
        ({"kind": "EXCLUDED", "exclusion": "WORKS"}, {"exclusion": ["Choisissez l’un des motifs de la loi."]}),
        (
            {"notice_on": "31/02/2026"},
            {"notice_on": ["Écrivez une date qui existe : jour, mois, année, par exemple 24/11/2026."]},
        ),
        ({"available_on": ""}, {"available_on": ["Écrivez une date : jour, mois, année."]}),
        ({"notice_on": "01/01/0026"}, {"notice_on": ["Vérifiez l’année : cette date est trop ancienne."]}),
        (
            {"available_on": "01/01/2020"},
            {
                "available_on": [
                    "Le logement ne peut pas être libre avant que le congé soit reçu : corrigez l’une des deux dates."
                ]
            },
        ),
    ],
)
def test_declaration_typed_wrong_says_so_at_the_field_and_writes_nothing(
    world: World, sign_in: SignIn, typed: dict[str, str], errors: dict[str, list[str]], time_machine: object
) -> None:
    time_machine.move_to(MORNING)
    page = declare(sign_in("aline"), world.unit(), **typed)
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert "Erreur :" in page.content.decode()
    assert (Vacancy.objects.count(), Ledger.objects.count()) == (0, 0)


def test_notice_to_come_is_refused_at_its_field(world: World, sign_in: SignIn) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    page = declare(sign_in("aline"), world.unit(), notice_on=f"{tomorrow:%d/%m/%Y}")
    assert list(page.context["form"].errors) == ["notice_on"]
    assert Vacancy.objects.count() == 0


def test_a_notice_of_last_year_says_in_which_account_it_enters_before_it_does(
    world: World, sign_in: SignIn, time_machine: object
) -> None:
    time_machine.move_to(MORNING)
    client, unit = sign_in("aline"), world.unit()
    typed = {"notice_on": "05/06/2025", "available_on": "05/07/2025"}
    page = declare(client, unit, **typed)
    assert (page.status_code, list(page.context["form"].errors), Vacancy.objects.count()) == (422, ["confirmed"], 0)
    assert "Enregistré aujourd’hui, il entre dans le compte 2026, et non 2025" in text_of(page)
    box = re.search(r'<input type="checkbox" name="confirmed"[^>]* value="([^"]+)"', page.content.decode())[1]
    # Kept while something else is corrected.
    wrong = declare(client, unit, **typed, kind="", confirmed=box)
    assert list(wrong.context["form"].errors) == ["kind"]
    kept = re.search(r'<input type="checkbox" name="confirmed"[^>]*>', wrong.content.decode())[0]
    assert f'value="{box}" checked' in kept
    # Confirmed for these dates, and for no others typed meanwhile.
    other = declare(client, unit, **typed | {"notice_on": "05/06/2024", "available_on": "05/07/2024"}, confirmed=box)
    assert (other.status_code, Vacancy.objects.count()) == (422, 0)
    assert declare(client, unit, **typed, confirmed=box).status_code == 302
    vacancy = Vacancy.objects.get()
    assert (f"{vacancy.notice_on}", vacancy.ledger.exercise) == ("2025-06-05", 2026)
    assert "Compté en 2026, l’exercice du jour où il est enregistré" in text_of(client.get(sheet(vacancy)))


def test_a_unit_subtracted_lately_is_asked_on_the_page_before_it_is_declared_again(
    world: World, sign_in: SignIn
) -> None:
    since = timezone.now() - timedelta(days=60)
    first = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", now=since)
    client = sign_in("aline")
    page = declare(client, first.unit)
    assert (page.status_code, list(page.context["form"].errors), Vacancy.objects.count()) == (422, ["confirmed"], 1)
    shown = text_of(page)
    assert "Si c’est le même départ, reclassez cette déclaration, sur la page « Annuler ou reclasser »." in shown
    assert "Oui, c’est bien cela : enregistrer le logement en" in shown
    box = re.search(r'<input type="checkbox" name="confirmed"[^>]* value="([^"]+)"', page.content.decode())[1]
    assert declare(client, first.unit, confirmed=box).status_code == 302


def test_a_notice_of_ten_years_ago_is_refused_at_its_field(world: World, sign_in: SignIn) -> None:
    page = declare(sign_in("aline"), world.unit(), notice_on="05/06/2016", available_on="05/07/2016")
    assert (page.status_code, list(page.context["form"].errors), Vacancy.objects.count()) == (422, ["notice_on"], 0)


def test_declaring_twice_links_to_the_first(world: World, sign_in: SignIn) -> None:
    client, unit = sign_in("aline"), world.unit()
    assert declare(client, unit).status_code == 302
    page = declare(client, unit)
    vacancy = Vacancy.objects.get()
    assert (page.status_code, page.context["existing"]) == (422, vacancy)
    assert f'<a href="{sheet(vacancy)}">Ouvrir sa fiche</a>' in page.content.decode()


def test_unit_in_stock_asks_no_classification_and_goes_to_its_holder(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["agents"],
        ground="DEFENCE",
        starts_on=timezone.localdate(),
        by=world.people["alice"],
    )
    client = sign_in("aline")
    page = client.get(DECLARE, {"unit": unit.pk})
    assert list(page.context["form"].fields) == ["notice_on", "available_on", "works_end_on", "confirmed"]
    assert "il va directement à l’État – agents, hors du flux" in text_of(page)
    page = client.post(f"{DECLARE}?unit={unit.pk}", {"notice_on": today(), "available_on": in_a_month()}, follow=True)
    vacancy = Vacancy.objects.get()
    assert (vacancy.kind, vacancy.routings.get().holder) == ("STOCK", world.holders["agents"])
    assert messages_of(page) == [f"{unit} est enregistré : il va directement à l’État – agents, hors du flux."]
    assert FlowEntry.objects.count() == 0
    assert "À l’État – agents" in text_of(page)


@pytest.mark.parametrize(
    ("person", "status"),
    [
        *((name, 200) for name in ("alice", "aline", "zoe")),
        *((name, 403) for name in ("bob", "chloe", "emma", "adam")),
        ("driss", 404),
    ],
)
def test_landlords_declare_and_nobody_else(world: World, sign_in: SignIn, person: str, status: int) -> None:
    assert sign_in(person).get(DECLARE).status_code == status


def test_unit_of_another_landlord_is_not_found(world: World, sign_in: SignIn) -> None:
    unit = world.unit()
    client = sign_in("zoe")
    assert client.get(DECLARE, {"unit": unit.pk}).status_code == 404
    assert declare(client, unit).status_code == 404
    for wrong in ("x", "0", "-1", "9" * 30, "²"):
        assert client.get(DECLARE, {"unit": wrong}).status_code == 404
    assert Vacancy.objects.count() == 0


# --- the list


def test_latest_registered_come_first_whenever_they_were_written(world: World, sign_in: SignIn) -> None:
    """A vacancy of the past that a file brings is written after those of today, and stands at its own day."""
    days = [MORNING - timedelta(20), MORNING, MORNING - timedelta(10), MORNING]
    rows = [world.vacancy(now=day) for day in days]
    assert [each.pk for each in sign_in("aline").get(LIST).context["page"]] == [rows[at].pk for at in (3, 1, 2, 0)]


@pytest.mark.parametrize(
    ("person", "question", "names"),
    [
        ("aline", "Quels logements se sont libérés ?", ["waiting", "excluded", "to confirm", "als", "city"]),
        ("chloe", "Où sont allés les logements libérés ?", ["waiting", "excluded", "to confirm", "city"]),
        ("emma", "Où sont allés les logements libérés ?", ["waiting", "excluded", "to confirm", "als", "city"]),
        ("bob", "Où sont allés les logements libérés ?", ["waiting", "excluded", "to confirm", "als", "city"]),
        ("zoe", "Quels logements se sont libérés ?", ["other"]),
    ],
)
def test_each_reader_has_its_list_and_its_question(
    year: dict[str, Vacancy], sign_in: SignIn, person: str, question: str, names: list[str]
) -> None:
    page = sign_in(person).get(LIST)
    assert page.context["question"] == question
    assert "Pourquoi pas nous ?" not in {question, *(words for _, words, _ in page.context["navigation"])}
    assert [line.row.vacancy for line in page.context["lines"]] == [year[name] for name in names]


def test_list_shows_no_address_nor_reference_of_a_closed_file(year: dict[str, Vacancy], sign_in: SignIn) -> None:
    for vacancy in year.values():
        type(vacancy.unit).objects.filter(pk=vacancy.unit_id).update(street_name=f"RUE SECRETE {vacancy.pk}")
    for person, opened in (("chloe", {"city"}), ("emma", set()), ("bob", set()), ("aline", set(year) - {"other"})):
        content = sign_in(person).get(LIST).content.decode()
        for name, vacancy in year.items():
            shown = (
                vacancy.unit.reference in content,
                f"Secrete {vacancy.pk}" in content,
                reverse("unit-detail", args=[vacancy.unit_id]) in content,
            )
            assert shown == ((name in opened),) * 3, (person, name)


def test_holder_reads_why_not_itself(year: dict[str, Vacancy], world: World, sign_in: SignIn) -> None:
    """Its rank in the row; why it goes there and not to itself is folded beside it."""
    response = sign_in("chloe").get(LIST)
    rows = {line.row.vacancy: line.row for line in response.context["lines"]}
    [place] = rows[year["to confirm"]].ours
    assert (place.name, place.position > 1) == ("Ville de Narbonne", True)
    assert place.hint
    row = rows[year["to confirm"]]
    assert row.recommendation is not None
    folded = definition(WHY, below(row.recommendation.sentence, beside(bold("Ville de Narbonne :"), place.hint)))
    text = response.content.decode()
    assert f"Vous : {place.position}e.{folded}" in text  # pages go out without the blanks between marks
    assert rows[year["city"]].ours == ()
    assert vacancy_reason(rows[year["city"]]) == "Choix du bailleur, accord entre réservataires : Accord du 23."
    assert vacancy_reason(rows[year["excluded"]]) == (
        "Soustrait du flux (CCH, R441-5) : relogement lié à une vente de logements sociaux."
    )
    assert vacancy_reason(rows[year["waiting"]]) == "En attente du calcul de sa destination."


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({"kind": "EXCLUDED"}, ["excluded"]),
        ({"exclusion": "SALE_REHOUSING"}, ["excluded"]),
        ({"status": "waiting"}, ["waiting"]),
        ({"status": "to_confirm"}, ["to confirm"]),
        ({"status": "routed"}, ["als", "city"]),
        ({"typology": "T2"}, ["als"]),
        ({"exercise": "2026", "typology": "T3", "status": "routed"}, ["city"]),
    ],
)
def test_filters_in_the_address(
    year: dict[str, Vacancy], sign_in: SignIn, filters: dict[str, str], names: list[str]
) -> None:
    page = sign_in("aline").get(LIST, filters)
    assert [line.row.vacancy for line in page.context["lines"]] == [year[name] for name in names]
    assert page.context["filters"].errors == {}


def test_filters_by_place_landlord_and_destination(year: dict[str, Vacancy], world: World, sign_in: SignIn) -> None:
    client = sign_in("emma")

    def names(**filters: object) -> set[str]:
        page = client.get(LIST, filters)
        assert page.context["filters"].errors == {}
        keys = {vacancy: name for name, vacancy in year.items()}
        return {keys[line.row.vacancy] for line in page.context["lines"]}

    assert names(commune=world.places["Coursan"].pk) == {"als"}
    assert names(territory=world.places["Narbonne"].pk) == {"city", "to confirm", "excluded", "waiting"}
    assert names(territory=world.places["Hérault"].pk) == set()
    assert names(landlord=world.landlord.pk, exercise=2026, kind="EXCLUDED") == {"excluded"}
    assert names(holder=world.holders["city"].pk) == {"city"}
    assert "to confirm" in names(holder=year["to confirm"].recommendations.get().holder_id)
    moved = {"motive": "OTHER", "motive_text": "Accord.", "by": world.people["aline"]}
    route_elsewhere(vacancy=year["city"], holder=world.holders["epci"], **moved)
    assert names(holder=world.holders["city"].pk) == set(), "it went to another since"
    assert names(holder=world.holders["epci"].pk) >= {"city"}


def test_figures_of_an_account_open_on_their_units(year: dict[str, Vacancy], world: World, sign_in: SignIn) -> None:
    client, ledger = sign_in("aline"), year["city"].ledger_id
    keys = {vacancy: name for name, vacancy in year.items()}

    def names(holder: str, stage: str) -> set[str]:
        page = client.get(LIST, {"ledger": ledger, "holder": world.holders[holder].pk, "stage": stage})
        assert page.context["filters"].errors == {}
        return {keys[line.row.vacancy] for line in page.context["lines"]}

    assert names("city", "DUE") == {"city", "to confirm"}
    assert names("als", "DUE") == {"city", "to confirm", "als"}
    assert names("city", "ROUTED") == {"city"}
    assert names("als", "ROUTED") == {"als"}
    awaited = year["to confirm"].recommendations.get().holder
    [name] = [key for key, holder in world.holders.items() if holder == awaited]
    assert names(name, "AWAITING") == {"to confirm"}
    assert "to confirm" in names(name, "RECEIVED")
    first = year["city"].recommendations.get().holder
    [name] = [key for key, holder in world.holders.items() if holder == first]
    assert "city" not in names(name, "RECEIVED")


@pytest.mark.parametrize(
    "filters",
    [
        {"kind": "HOLIDAY"},
        {"commune": "x"},
        {"commune": "999999999"},
        {"exercise": "1800"},
        {"ledger": "0"},
        {"stage": "PAID"},
        {"holder": "9" * 30},
        {"typology": "T0"},
    ],
)
def test_unknown_filter_is_stated_and_ignored(
    year: dict[str, Vacancy], sign_in: SignIn, filters: dict[str, str]
) -> None:
    page = sign_in("aline").get(LIST, filters)
    assert list(page.context["filters"].errors) == list(filters)
    assert len(page.context["lines"]) == 5
    assert "cette valeur n’existe pas ici, le filtre est ignoré" in text_of(page)
    assert "5 logements libérés (aucun filtre : celui demandé n’existe pas)." in text_of(page)
    assert page.context["filtered"] is False


def test_count_says_which_filters_made_it(year: dict[str, Vacancy], sign_in: SignIn) -> None:
    client = sign_in("aline")
    values = {
        "?typology=ZZ&exercise=1900": "5 logements libérés (aucun filtre : ceux demandés n’existent pas).",
        "?kind=EXCLUDED": "1 logement libéré avec ces filtres.",
        "?kind=EXCLUDED&typology=ZZ": "1 logement libéré avec les seuls filtres qui existent.",
    }
    for asked, words in values.items():
        assert words in text_of(client.get(LIST + asked)), asked
    units = client.get(reverse("unit-list") + "?typology=ZZ")
    assert "(aucun filtre : celui demandé n’existe pas)" in text_of(units)


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_queries_whatever_its_length(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    confirm_recommendations(vacancies=[Vacancy.objects.latest("pk").pk], by=world.people["aline"], now=MORNING)
    for person, queries in (("aline", 6), ("chloe", 6), ("emma", 6)):
        client = sign_in(person)
        with django_assert_num_queries(queries):
            assert len(client.get(LIST).context["lines"]) == min(count, 25)


def test_list_is_paged_by_twenty_five(world: World, sign_in: SignIn) -> None:
    for _ in range(26):
        world.vacancy(kind="TECHNICAL")
    client = sign_in("aline")
    assert [len(client.get(LIST, {"page": page}).context["lines"]) for page in ("1", "2", "9", "x")] == [25, 1, 1, 25]


def test_person_of_no_organisation_finds_nothing(world: World, sign_in: SignIn) -> None:
    vacancy = world.vacancy()
    client = sign_in("driss")
    assert [client.get(url).status_code for url in (LIST, sheet(vacancy))] == [404, 404]


def test_the_file_reads_no_ranking_and_asks_as_much_for_many_units_as_for_few(world: World, sign_in: SignIn) -> None:
    """A ranking is most of what a recommendation weighs; the file of a holder shows none of its places."""

    def statements(count: int) -> list[str]:
        for _ in range(count):
            world.vacancy()
        sweep_waiting_vacancies(now=MORNING)
        client = sign_in("chloe")
        with CaptureQueriesContext(connection) as asked:
            lines = b"".join(client.get(LIST, {"fichier": "csv"})).decode("utf-8-sig").splitlines()
        assert len(lines) == 1 + Vacancy.objects.count()
        return [each["sql"] for each in asked.captured_queries]

    few, many = statements(2), statements(8)
    assert len(many) == len(few)
    assert [sql for sql in many if '"situation"' in sql or '"ranking"' in sql] == []
    # The convention, the holder and the organisation of many routings are read once for all of them, not beside each.
    (routings,) = (sql for sql in many if sql.startswith('SELECT "flux_routing"."id"'))
    shared = ("reservations_convention", "reservations_reservationholder", "reservations_organisation")
    assert [table for table in shared if f'"{table}"' in routings] == []
