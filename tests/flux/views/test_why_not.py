"""« Pourquoi pas nous ? »: every unit that credited a holder, where it went, and why not there."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db.models import Sum
from django.urls import reverse

from flux.models import FlowEntry, Ledger, Vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.pages.why_not import OUTCOMES, why_sentence
from flux.queries.why_not import LEFT, WAITING, Outcome, ground, totals
from tests.flux.books import count_as_before
from tests.flux.operations.test_returning import delegate, send
from tests.flux.views.pages import text_of
from tests.world import MORNING, territory
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]


@pytest.fixture
@kept
def vacancies_by_name(world: World) -> dict[str, Vacancy]:
    """What may happen to a unit, for the city: kept, recommended and set aside, recommended elsewhere, given it by the
    landlord, given back; out of the flow; and units that do not concern it."""
    many = [world.vacancy() for _ in range(20)]
    world.vacancy(commune="Coursan")
    outside = world.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    world.vacancy(kind="TECHNICAL")
    world.vacancy(landlord=world.other_landlord, commune="Béziers")
    sweep_waiting_vacancies(now=MORNING)
    city, aline = world.holders["city"], world.people["aline"]
    ours = [vacancy for vacancy in many if vacancy.recommendations.get().holder == city]
    theirs = [vacancy for vacancy in many if vacancy not in ours]
    assert len(ours) >= 2
    confirm_recommendations(vacancies=[ours[0].pk, theirs[0].pk], by=aline, now=MORNING)
    moved = {"motive": "URGENT_REHOUSING", "motive_text": "Après un incendie.", "by": aline, "now": MORNING}
    route_elsewhere(vacancy=ours[1], holder=world.holders["als"], **moved)
    route_elsewhere(vacancy=theirs[1], holder=city, **moved)
    route_elsewhere(vacancy=theirs[2], holder=city, **moved)
    return_vacancy(
        routing=theirs[2].routings.get(), reason="DECLINED", text="Trop petit.", by=world.people["chloe"], now=MORNING
    )
    sweep_waiting_vacancies(now=MORNING)
    return {
        "kept": ours[0],
        "set aside": ours[1],
        "elsewhere": theirs[0],
        "given": theirs[1],
        "given back": theirs[2],
        "waiting": theirs[3],
        "outside": outside,
    }


def address(world: World, holder: str = "city") -> str:
    ledger = Ledger.objects.get(landlord=world.landlord, kind="ORDINARY")
    return reverse("why-not-us", args=[ledger.pk, world.holders[holder].pk])


def test_each_unit_says_where_it_went_and_why(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    page = sign_in("chloe").get(address(world))
    rows = {row.vacancy: row for row in page.context["rows"]}
    city = world.holders["city"]
    assert {name: rows[vacancy].outcome for name, vacancy in vacancies_by_name.items()} == {
        "kept": Outcome.OURS,
        "set aside": Outcome.SET_ASIDE,
        "elsewhere": Outcome.ELSEWHERE,
        "given": Outcome.OURS,
        "given back": Outcome.ELSEWHERE,
        "waiting": Outcome.ELSEWHERE,
        "outside": Outcome.OUTSIDE,
    }
    values = {name: why_sentence(rows[vacancy]) for name, vacancy in vacancies_by_name.items()}
    assert values["kept"] == vacancies_by_name["kept"].recommendations.get().sentence
    assert values["set aside"] == (
        "La règle le recommandait ici ; choix du bailleur, relogement urgent : Après un incendie."
    )
    assert values["given"] == "Choix du bailleur, relogement urgent : Après un incendie."
    assert values["given back"] == "A déjà eu ce logement."
    assert values["outside"] == ("Soustrait du flux (CCH, R441-5) : relogement de renouvellement urbain (ANRU).")
    assert rows[vacancies_by_name["kept"]].destination == rows[vacancies_by_name["given"]].destination == city
    assert rows[vacancies_by_name["waiting"]].waiting
    for name in ("elsewhere", "waiting"):
        sheet = sign_in("chloe").get(reverse("vacancy-detail", args=[vacancies_by_name[name].pk]))
        assert sheet.context["sheet"].ranking.row(city.pk).hint == values[name]


def test_a_unit_that_is_not_decided_is_nowhere_else(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    """« Ailleurs » was stated of units that nobody has yet, of those too that are foreseen for the reader."""
    vacancy = world.vacancy()
    page = sign_in("chloe").get(address(world), {"outcome": Outcome.UNDECIDED})
    assert [(row.vacancy, row.outcome) for row in page.context["rows"]] == [(vacancy, Outcome.UNDECIDED)]
    assert "Pas encore décidé" in text_of(page)


def test_totals_are_those_of_the_entries(world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]) -> None:
    ledger, city = vacancies_by_name["kept"].ledger, world.holders["city"]
    found = totals(ground(ledger, city), world.member("aline"), {})
    due = FlowEntry.objects.filter(ledger=ledger, holder=city, stage="DUE").aggregate(sum=Sum("quantity"))["sum"]
    waiting = Vacancy.objects.to_confirm().filter(recommendations__holder=city).count()
    assert (found.units, found.credited, found.outside, found.ours) == (22, 20, 2, 2 + waiting)
    assert (found.set_aside, found.promised) == (1, due)
    words = text_of(sign_in("chloe").get(address(world)))
    assert f"22 logements libérés sur votre territoire : {2 + waiting} chez vous" in words
    assert "20 sont entrés dans votre compte : votre part en promettait 2,40" in words
    assert "1 recommandé ici est allé ailleurs par choix du bailleur" in words


def test_sentence_says_what_was_counted_again(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    """20 × 20 % is 4,00; one that the city gave back, its turn used, credited the others once more in an account of
    before."""
    count_as_before()
    routing = vacancies_by_name["given"].routings.get(closed_at=None)
    return_vacancy(routing=routing, reason="DECLINED", text="Trop cher.", by=world.people["chloe"], now=MORNING)
    found = totals(ground(vacancies_by_name["kept"].ledger, world.holders["als"]), world.member("aline"), {})
    assert (found.credited, found.again, found.promised) == (21, 1, 22 * 200_000)
    words = text_of(sign_in("bob").get(address(world, "als")))
    assert (
        "21 sont entrés dans son compte, plus 1 compté de nouveau après avoir été rendu : sa part en promettait 4,40"
        in words
    )


def test_every_destination_is_counted_and_leads_to_its_units(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    """The tally sums to the whole, and each of its numbers is the length of the list that it opens."""
    late = world.vacancy(now=MORNING + timedelta(minutes=5))  # nobody has it yet
    client, city = sign_in("chloe"), world.holders["city"]
    answer = client.get(address(world))
    whole = answer.context["totals"]
    assert f"Où ils sont allés {len(whole.destinations)} destinations" in text_of(answer)  # folded: the list is first
    assert whole.units == 23 == Vacancy.objects.filter(unit__commune__name="Narbonne").count()
    by_code = {each.code: each for each in whole.destinations}
    assert whole.destinations[0].code == str(city.pk)
    assert [by_code[code].units for code in (WAITING, "URBAN_RENEWAL", "TECHNICAL")] == [1, 1, 1]
    seen = []
    for each in whole.destinations:
        page = client.get(address(world), {"destination": each.code}).context["page"]
        assert page.paginator.count == each.units
        seen += page.object_list
    assert len(seen) == len(set(seen)) == 23
    [row] = client.get(address(world), {"destination": WAITING}).context["rows"]
    assert (row.vacancy, why_sentence(row)) == (late, "En attente du calcul de sa destination.")


def test_unit_that_left_the_flow_is_distinguished(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    return_vacancy(
        routing=vacancies_by_name["given"].routings.get(closed_at=None),
        reason="WORKS",
        text="Sinistre.",
        by=world.people["aline"],
        now=MORNING + timedelta(minutes=5),
    )
    [row] = sign_in("chloe").get(address(world), {"destination": LEFT}).context["rows"]
    assert (row.vacancy, row.destination, row.waiting) == (vacancies_by_name["given"], None, False)


def test_ground_of_a_holder_is_where_it_has_a_right_that_day(
    world: World, vacancies_by_name: dict[str, Vacancy]
) -> None:
    """The city's is Narbonne, while its convention runs; what is left to the landlord is so everywhere."""
    ledger, aline = vacancies_by_name["kept"].ledger, world.member("aline")
    assert (
        totals(ground(ledger, world.holders["als"]), aline, {}).units == 23
    )  # the whole Aude, less what is freed in Béziers
    assert totals(ground(ledger, world.holders["landlord"]), aline, {}).units == 23
    world.end(world.conventions["city"], date(2026, 11, 24))
    world.vacancy(kind="TECHNICAL", now=MORNING + timedelta(days=2))
    assert totals(ground(ledger, world.holders["city"]), aline, {}).units == 22
    assert totals(ground(ledger, world.holders["als"]), aline, {}).units == 24


def test_filters_by_month_commune_and_outcome(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    client = sign_in("chloe")

    def found(**asked: str) -> list[Vacancy]:
        return [row.vacancy for row in client.get(address(world), asked).context["rows"]]

    assert found(outcome="SET_ASIDE") == [vacancies_by_name["set aside"]]
    assert {vacancies_by_name["kept"], vacancies_by_name["given"]} <= set(found(outcome="OURS"))
    assert vacancies_by_name["outside"] in found(outcome="OUTSIDE")
    assert len(found(month="2026-11")) == 22
    assert len(found(outcome="SET_ASIDE", month="2026-11")) == 1
    assert len(found(commune=str(world.places["Narbonne"].pk))) == 22
    for wrong in ({"month": "2026-13"}, {"month": "2025-01"}, {"outcome": "X"}, {"page": "99"}, {"destination": "X"}):
        assert len(found(**wrong)) == 22
    assert len(found(commune=str(world.places["Coursan"].pk))) == 22  # not of its ground: ignored
    assert "cette valeur n’existe pas ici" in text_of(client.get(address(world), {"month": "x"}))


@pytest.mark.parametrize(("day", "month"), [(date(2026, 12, 1), "2026-12"), (date(2026, 11, 30), "2026-11")])
def test_a_month_goes_from_its_first_day_to_its_last(world: World, sign_in: SignIn, day: date, month: str) -> None:
    """The first day of a month was in two of them."""
    others = [world.vacancy(now=datetime(2026, each, 15, 8, tzinfo=UTC)) for each in (11, 12)]
    vacancy = world.vacancy(now=datetime(day.year, day.month, day.day, 8, tzinfo=UTC))
    sweep_waiting_vacancies(now=datetime(2026, 12, 15, 9, tzinfo=UTC))
    client = sign_in("chloe")
    found = {
        each: {row.vacancy for row in client.get(address(world), {"month": each}).context["rows"]} - {*others}
        for each in ("2026-11", "2026-12")
    }
    assert found == {"2026-11": set(), "2026-12": set()} | {month: {vacancy}}


def test_list_that_the_filters_empty_says_so_and_leads_to_the_whole(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    asked = {"destination": str(world.holders["epci"].pk), "outcome": "OURS"}
    page = sign_in("chloe").get(address(world), asked)
    assert page.context["rows"] == []
    assert "Aucun logement libéré ne répond à ces filtres. Tout afficher" in text_of(page)


def test_holder_on_whose_ground_nothing_was_freed_is_notified(world: World, sign_in: SignIn) -> None:
    world.vacancy(commune="Coursan")
    sweep_waiting_vacancies(now=MORNING)
    for person, whose in (("chloe", "votre"), ("alice", "son")):
        words = text_of(sign_in(person).get(address(world)))
        assert f"Aucun logement n’a encore été libéré sur {whose} territoire en 2026." in words
        assert "Rien à lister. Le prochain logement libéré apparaîtra ici" in words


def test_who_proposes_in_the_name_of_the_state_is_named(world: World, sign_in: SignIn) -> None:
    """« Le préfet peut […] déléguer » (CCH, L441-1): the unit is the State's, the commune proposes."""
    delegate(world, world.holders["priority"], "city")
    send(world, "priority")
    words = text_of(sign_in("bob").get(address(world, "priority")))
    assert "État – publics prioritaires, par la Ville de Narbonne Chez vous" in words


def test_file_has_the_filtered_lines_without_address(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    client, ledger = sign_in("chloe"), vacancies_by_name["kept"].ledger_id
    where = reverse("why-not-us-csv", args=[ledger, world.holders["city"].pk])
    response = client.get(where)
    assert response["Content-Disposition"] == (
        f'attachment; filename="pourquoi-pas-999000003-11-2026-{world.holders["city"].pk}.csv"'
    )
    assert response.streaming
    content = response.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
    shown = client.get(address(world)).context["rows"]
    assert [row["Raison"] for row in rows] == [why_sentence(row) for row in shown]
    assert [row["Pour ce réservataire"] for row in rows] == [OUTCOMES[row.outcome] for row in shown]
    assert "VOLTAIRE" not in content.decode().upper()
    assert vacancies_by_name["kept"].unit.reference not in content.decode()
    [only] = csv.DictReader(
        io.StringIO(client.get(where, {"outcome": "SET_ASIDE"}).getvalue().decode("utf-8-sig")), delimiter=";"
    )
    assert only["Destination"] == str(world.holders["als"])
    assert sign_in("chloe").get(reverse("why-not-us-csv", args=[ledger, world.holders["als"].pk])).status_code == 404


@pytest.mark.parametrize(
    ("person", "status"),
    [("chloe", 200), ("alice", 200), ("bob", 200), ("emma", 200), ("adam", 200), ("driss", 404), ("zoe", 404)],
)
def test_page_is_the_holder_s_its_landlord_s_and_that_of_who_oversees(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy], person: str, status: int
) -> None:
    assert sign_in(person).get(address(world)).status_code == status


def test_another_holder_does_not_read_it_nor_is_led_to_it(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    client, ledger = sign_in("chloe"), vacancies_by_name["kept"].ledger_id
    assert client.get(address(world, "als")).status_code == 404
    page = client.get(reverse("account", args=[ledger])).content.decode()
    assert (address(world) in page, address(world, "als") in page) == (True, False)
    for holder, led in (("city", True), ("als", False)):
        page = client.get(reverse("statement", args=[ledger, world.holders[holder].pk])).content.decode()
        assert (address(world, holder) in page) == led
    assert address(world) in client.get(reverse("home")).content.decode()
    listed = client.get(reverse("vacancy-list")).content.decode()
    assert (address(world) in listed, address(world, "als") in listed) == (True, False)
    assert address(world) not in sign_in("alice").get(reverse("vacancy-list")).content.decode()
    assert client.get(reverse("why-not-us", args=[ledger, 0])).status_code == 404


def test_no_address_but_of_the_files_that_are_open(
    world: World, sign_in: SignIn, vacancies_by_name: dict[str, Vacancy]
) -> None:
    shown = sign_in("chloe").get(address(world)).content.decode()
    assert (
        vacancies_by_name["kept"].unit.reference in shown,
        vacancies_by_name["elsewhere"].unit.reference in shown,
    ) == (True, False)
    overseer = sign_in("bob").get(address(world)).content.decode()
    assert vacancies_by_name["kept"].unit.reference not in overseer
    assert "rue Voltaire" not in overseer


def test_what_lies_out_of_the_reader_s_sight_is_counted_not_listed(world: World, sign_in: SignIn) -> None:
    """Emma oversees the Grand Narbonne: the State's right bears on the whole Aude."""
    links = {"departement": world.places["Aude"], "region": world.places["Occitanie"]}
    world.places["Carcassonne"] = territory("COMMUNE", "11069", "Carcassonne", **links)
    world.vacancy()
    world.vacancy(commune="Carcassonne")
    sweep_waiting_vacancies(now=MORNING)
    page = sign_in("emma").get(address(world, "priority"))
    assert len(page.context["rows"]) == page.context["totals"].units - page.context["hidden"] == 1
    assert "1 se trouve hors de votre territoire : compté, sans être listé." in text_of(page)


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_whatever_the_units(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    for _ in range(count):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    client = sign_in("chloe")
    with django_assert_num_queries(13):
        page = client.get(address(world))
    assert len(page.context["rows"]) == min(count, 25)
