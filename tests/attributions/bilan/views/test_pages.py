"""The pages of a balance: one axis, the units behind a figure, what is to complete, and what stands beside."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.beside import stock_lines, subtracted
from attributions.bilan.views.figures import SLUGS
from attributions.households.operations.lease import record_outside_lease
from flux.models import FlowEntry, ForecastLine, Ledger, Routing, Unit, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.queries.cells import Axis, acts_of
from flux.queries.units import completeness
from flux.words import ratio
from tests.flux.forecasts import forecast
from tests.flux.programmes import agreed, let
from tests.flux.queries.test_account import more_holders
from tests.flux.views.test_account import cells, page
from tests.house.test_states import automatic
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]
YEAR = MORNING.year


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Twelve units offered, two of which lack something; one was given back and offered again to another."""
    automatic(world)
    for number in range(10):
        world.vacancy(rooms=2 + number % 3, commune="Coursan" if number % 4 == 0 else "Narbonne")
    world.vacancy(financing_code="")
    ledger = world.vacancy(in_qpv=None, construction_year=None).ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    given = Routing.objects.filter(holder=world.holders["priority"]).order_by("pk")[0]
    return_vacancy(routing=given, reason="DECLINED", text="Trop loin.", by=world.people["aline"], now=MORNING)
    return world


def url(world: World, name: str = "balance", *others: str, query: str = "") -> str:
    return reverse(name, args=[world.landlord.pk, YEAR, *others]) + query


@pytest.mark.parametrize("axis", list(Axis))
@pytest.mark.parametrize("show", ["proposes", "rendus", "baux", "autre"])
def test_axis_writes_every_cell_and_opens_on_its_units(lived: World, sign_in: SignIn, axis: Axis, show: str) -> None:
    client, read = sign_in("aline"), balance(lived.landlord, YEAR)
    text = page(client, url(lived, "balance-axis", SLUGS[axis], query=f"?show={show}"))
    rows = cells(text)[2:]
    categories = read.cells.categories(axis)
    first, second = {"rendus": ("returned", "refused"), "baux": ("leased", "first_lettings")}.get(
        show, ("offered", "allocated")
    )
    for row, holder in zip(rows, [*read.holders, None], strict=True):
        of = read.cells.of(axis).get(holder, {}) if holder else {}
        wanted = []
        for category in categories:
            found = read.cells.category(axis, category) if holder is None else of.get(category)
            wanted += [str(getattr(found, name) if found else 0) for name in (first, second)]
        whole = read.measures if holder is None else read.cells.holder(holder)
        assert row[1:] == [*wanted, str(getattr(whole, first)), str(getattr(whole, second))]
    links = re.findall(r'<a href="(/bilans/\d+/\d+/logements/[^"]+)">(\d+)</a>', text)
    assert links or show == "baux"
    for link, figure in links[:6]:
        context = client.get(link).context
        assert (
            context["figure"].times
            == sum(int(line.cells[2].content.text) for line in context["table"].lines)
            == int(figure)
        )
        assert context["hidden"] == 0


def test_unit_offered_twice_to_different_holders_counts_twice_on_every_axis(lived: World) -> None:
    read = balance(lived.landlord, YEAR)
    assert (read.measures.offered, read.measures.returned) == (13, 1)
    assert {read.cells.total(axis).offered for axis in Axis} == {13}


@pytest.mark.parametrize(
    "query", ["?measure=rien", "?axis=rien", "?holder=rien", "?holder=0", "?territory=zzz", "?measure=due"]
)
def test_units_of_no_figure_are_not_found(lived: World, sign_in: SignIn, query: str) -> None:
    page(sign_in("aline"), url(lived, "balance-units", query=query), 404)
    page(sign_in("aline"), url(lived, "balance-axis", "rien"), 404)
    page(sign_in("aline"), url(lived, "balance-axis", "commune", query="?territory=zzz"), 404)


def test_units_out_of_sight_are_counted_and_not_shown(lived: World, sign_in: SignIn) -> None:
    """A holder with a right in Narbonne only, to which the balance says what it may read: nothing is hidden there; an
    address is shown of its own units alone."""
    read = sign_in("chloe").get(url(lived, "balance-units"))
    assert read.context["figure"].times == 10
    assert read.context["hidden"] == 0
    mine = Routing.objects.filter(closed_at=None, holder=lived.holders["city"])
    opened = set(mine.values_list("vacancy", flat=True))
    assert len(read.context["table"].lines) > len(opened) > 0
    text = read.content.decode()
    for vacancy in Vacancy.objects.select_related("unit").order_by("pk"):
        assert (vacancy.unit.reference in text) == (vacancy.pk in opened)


def test_defects_are_listed_to_complete_by_their_landlord_alone(lived: World, sign_in: SignIn) -> None:
    alice = page(sign_in("alice"), url(lived, "balance-defects"))
    assert "Données complètes pour <b>11 logements sur 13</b>" in alice
    for words in ("1 logement proposé sans financement", "1 logement proposé sans année de construction"):
        assert words in alice
    lacking = Unit.objects.filter(construction_year=None).get()
    assert reverse("unit-edit", args=[lacking.pk]) in alice
    for name in ("bob", "chloe", "emma"):
        text = page(sign_in(name), url(lived, "balance-defects"))
        assert "/modifier/" not in text
        assert lacking.reference not in text
        rows = sign_in(name).get(url(lived, "balance-defects") + "?fichier=csv").getvalue().decode()
        assert (rows.count("\r\n"), "sans année de construction" in rows, lacking.reference in rows) == (3, True, False)
    typed = {
        "financing_code": "13",
        "in_qpv": "False",
        "construction_year": "1640",
        "has_lift": "",
        "is_accessible": "",
    }
    client = sign_in("alice")
    for unit in Unit.objects.filter(pk__in=[lacking.pk, Unit.objects.get(financing_code="").pk]).order_by("pk"):
        assert client.post(reverse("unit-edit", args=[unit.pk]), typed).status_code == 302
    assert "Rien : les <b>13</b> logements proposés" in page(client, url(lived, "balance-defects"))
    assert completeness(acts_of(list(Ledger.objects.order_by("pk")), 2026)).incomplete == 0


def test_who_has_a_programme_alone_in_a_commune_counts_what_it_may_not_list(world: World, sign_in: SignIn) -> None:
    """The city was allotted one unit of a programme of Coursan: it reads the counts there, and no unit of others."""
    let(world, agreed(world, ("city", 1, []), units=1, commune="Coursan"))
    automatic(world)
    other = world.vacancy(commune="Coursan", in_qpv=None)
    assert other.ledger_id is not None
    route_waiting_vacancies(ledger_id=other.ledger_id, now=MORNING)
    chloe, query = sign_in("chloe"), f"?territory={world.places['Coursan'].pk}"
    units = page(chloe, url(world, "balance-units", query=query))
    assert "1 est hors de votre regard : son logement est sur un territoire où vous n’avez pas de droit." in units
    assert "Aucun logement que vous puissiez lire derrière ce chiffre." in units
    defects = page(chloe, url(world, "balance-defects", query=query))
    assert "Ces logements sont hors de votre regard ; leur bailleur les complète." in defects


def test_two_candidates_lost_for_one_unit_are_reported_as_such(world: World, sign_in: SignIn) -> None:
    automatic(world)
    vacancy = world.vacancy()
    assert vacancy.ledger_id is not None
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    routing = vacancy.routings.get()
    terms = {"ledger_id": vacancy.ledger_id, "vacancy": vacancy, "holder": routing.holder, "stage": "REFUSED"}
    for _ in range(2):
        FlowEntry.objects.create(**terms, quantity=1, side="APPLICANT", on=MORNING.date())
    text = page(sign_in("alice"), url(world, "balance-units", query="?measure=refused"))
    assert " : 1 logement, un logement par candidature comptée." in text
    assert "<b>2 candidatures non abouties</b>" in text


def test_one_unit_described_whole_is_stated_in_the_singular(world: World, sign_in: SignIn) -> None:
    automatic(world)
    ledger = world.vacancy().ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    assert "Rien : le seul logement proposé a un financement" in page(sign_in("alice"), url(world, "balance-defects"))


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"construction_year": "164"}, "Une année d’achèvement va de 1000 à 2100."),
        ({"construction_year": "vieux"}, "Écrivez une année en chiffres"),
        ({"financing_code": "99x"}, "Choisissez un financement de la liste."),
    ],
)
def test_what_a_balance_classes_by_is_checked(
    lived: World, sign_in: SignIn, wrong: dict[str, str], sentence: str
) -> None:
    unit = lived.unit(construction_year=None, financing_code="")
    assert sentence in page_of(sign_in("alice").post(reverse("unit-edit", args=[unit.pk]), wrong), 422)


def page_of(response: Any, status: int) -> str:
    assert response.status_code == status
    return str(response.content.decode())


def test_sheet_sent_without_them_erases_nothing(lived: World, sign_in: SignIn) -> None:
    unit = Unit.objects.order_by("pk")[0]
    assert sign_in("alice").post(reverse("unit-edit", args=[unit.pk]), {"floor": "2"}).status_code == 302
    unit.refresh_from_db()
    assert (unit.floor, unit.financing_code, unit.in_qpv, unit.construction_year) == (2, "13", False, 1984)


def test_three_systems_are_in_the_balance(lived: World, sign_in: SignIn) -> None:
    """The flow, the first lettings, and the stock, that no account counts."""
    kept = lived.unit()
    agents = lived.holders["agents"]
    keep_in_stock(unit=kept, holder=agents, ground="DEFENCE", starts_on=MORNING.date(), by=lived.people["alice"])
    vacancy = lived.vacancy(kept)
    before = balance(lived.landlord, YEAR).measures
    record_outside_lease(vacancy=vacancy, signed_on=MORNING.date(), facts={}, by=lived.people["aline"], now=MORNING)
    [line] = stock_lines(lived.landlord, YEAR)
    assert (line.holder, line.offered, line.leased) == (agents, 1, 1)
    assert balance(lived.landlord, YEAR).measures == before
    assert stock_lines(lived.landlord, YEAR, departement=lived.places["Hérault"]) == []
    assert stock_lines(lived.landlord, YEAR, communes=[]) == []
    assert "Gardés en stock, hors des comptes" in page(sign_in("aline"), url(lived))


def test_subtracted_units_stand_beside_their_forecasts(lived: World, sign_in: SignIn) -> None:
    lived.vacancy(kind="EXCLUDED", exclusion="URBAN_RENEWAL")
    sent, after = forecast(lived, YEAR, sent=True), forecast(lived, YEAR + 1, sent=True)
    expected = {line.category: line.units for line in ForecastLine.objects.filter(forecast=sent)}
    read = balance(lived.landlord, YEAR)
    aude = [lived.places["Aude"].pk]
    rows = {row.code: row for row in subtracted(lived.landlord, YEAR, read.flow.by_exclusion, departements=aude)}
    assert {code: row.forecast for code, row in rows.items()} == {code: expected.get(code, 0) for code in rows}
    assert rows["URBAN_RENEWAL"].done == 1
    assert sum(row.next_forecast or 0 for row in rows.values()) == sum(
        line.units for line in after.lines.order_by("pk")
    )
    whole = page(sign_in("alice"), url(lived))
    assert f"Prévus {YEAR + 1}" in whole
    for name in ("emma", "chloe"):  # a part of a département: forecasts say nothing of it
        table = [row for row in cells(page(sign_in(name), url(lived))) if row[0].startswith("Relogement de renouv")]
        assert table[-1][1:] == ["–", "1", "–"]


@pytest.mark.parametrize(
    ("part", "whole", "words"),
    [
        (0, 0, "0 / 0"),
        (3, 3, "3 / 3"),
        (29, 29, "29 / 29"),
        (22, 32, "22 / 32, 68,8\u202f%"),
        (30, 30, "30 / 30, 100\u202f%"),
    ],
)
def test_percentage_never_goes_alone_nor_out_of_a_handful(part: int, whole: int, words: str) -> None:
    assert ratio(part, whole) == words


#: Queries of each page, signing in and navigation included.
QUERIES = {("balance",): 7, ("balance-axis", "commune"): 6, ("balance-units",): 10, ("balance-defects",): 9}


@pytest.mark.parametrize(("holders", "units"), [(1, 2), (12, 60)])
def test_page_costs_the_same_queries_whatever_the_units_and_the_holders(
    world: World, sign_in: SignIn, holders: int, units: int
) -> None:
    automatic(world)
    more_holders(world, holders)
    for number in range(units):
        ledger = world.vacancy(commune=f"Commune {number % holders}", in_qpv=None).ledger_id
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger, now=MORNING)
    client, found = sign_in("alice"), {}
    for shown in QUERIES:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url(world, *shown)).status_code == 200
        found[shown] = len(queries)
    assert found == QUERIES


@pytest.mark.parametrize("year", [0, 1999, 2101, 9999, 99999])
@pytest.mark.parametrize("where", ["territoire/{year}", "etat/{year}", "echelles/{year}", "{pk}/{year}/relecture/11"])
def test_year_that_no_exercise_can_be_is_no_address(world: World, sign_in: SignIn, where: str, year: int) -> None:
    where = where.format(pk=world.landlord.pk, year=year)
    assert sign_in("bob").get(f"/bilans/{where}/").status_code == 404


def test_a_landlord_whose_only_unit_was_cancelled_has_a_line_without_links(world: World, sign_in: SignIn) -> None:
    declared = world.vacancy()
    by = world.people["aline"]
    cancel_vacancy(vacancy=declared, reason="NOTICE_WITHDRAWN", text="Le locataire reste.", by=by, now=MORNING)
    for person in ("alice", "bob"):
        page = sign_in(person).get(reverse("balance-list")).text
        line = page.split(f"{reverse('balance', args=[world.landlord.pk, MORNING.year])}", 1)[1].split("</tr>", 1)[0]
        assert reverse("vacancy-list") not in line, person
