"""Titles of the stock on screen: the list, one of them, acts, exports; level 1 to the holder concerned only."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from flux.forms.stock_rights import StockRightFilters
from flux.models import StockAssignment, Vacancy
from flux.operations.stock_rights import assign_programme, assign_unit, end_assignment, end_title
from flux.pages.inventory import last_years, state_name
from reservations.models import HistoryEntry, LegalParameter, StockRight
from reservations.operations.stock_right import TitleTerms, record_stock_right
from reservations.queries.rates import warning_days_on
from tests.flux.views.pages import messages_of, text_of
from tests.world_again import kept

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

LIST, NEW = reverse("stock-right-list"), reverse("stock-right-new")
CSV, XLSX = reverse("stock-right-units-csv"), reverse("stock-right-units-xlsx")
SYNTHESIS, SYNTHESIS_CSV = reverse("stock-right-synthesis"), reverse("stock-right-synthesis-csv")


def title(world: World, holder: str = "city", reference: str = "VN-1", **given: object) -> StockRight:
    terms = {"holder": world.holders[holder], "ground": "LAND", "starts_on": date(2008, 1, 1)} | given
    return record_stock_right(
        landlord=world.landlord,
        terms=TitleTerms(reference=reference, **terms),
        by=world.people["alice"],
        today=timezone.localdate(),
    )


@pytest.fixture
@kept
def titles(world: World) -> dict[str, StockRight]:
    """The city on one unit, Action Logement on two of a programme, the State on one unit."""
    alice = world.people["alice"]
    city, als, state = (
        title(world),
        title(world, "als", "AL-1", ground="FUNDING", use="SINGLE", ends_on=date(2031, 12, 31)),
        title(world, "agents", "PR-1", ground="INTERNAL_SECURITY"),
    )
    units = [world.unit(), world.unit(in_qpv=True), world.unit()]
    assign_unit(right=city, unit=units[0], by=alice)
    assign_programme(right=als, programme=units[0].programme, units=1, by=alice)
    assign_unit(right=state, unit=units[1], by=alice)
    return {"city": city, "als": als, "state": state}


def references(page: Any) -> list[str]:
    return [row.right.reference for row in page.context["rows"]]


def test_each_reads_its_own_titles(titles: dict[str, StockRight], sign_in: SignIn) -> None:
    for person, seen in (
        ("alice", ["AL-1", "PR-1", "VN-1"]),
        ("aline", ["AL-1", "PR-1", "VN-1"]),
        ("chloe", ["VN-1"]),
        ("bob", ["PR-1"]),
        ("emma", []),
        ("zoe", []),
    ):
        assert references(sign_in(person).get(LIST)) == seen, person


@pytest.mark.parametrize(
    ("person", "opened"),
    [
        ("alice", ["city", "als", "state"]),
        ("aline", ["city", "als", "state"]),
        ("chloe", ["city"]),
        ("bob", ["state"]),
        ("emma", []),
        ("zoe", []),
        ("adam", []),
        ("driss", []),
    ],
)
def test_title_opens_to_its_landlord_and_its_holder_only(
    titles: dict[str, StockRight], sign_in: SignIn, person: str, opened: list[str]
) -> None:
    client = sign_in(person)
    status = {
        name: client.get(reverse("stock-right-detail", args=[right.pk])).status_code for name, right in titles.items()
    }
    assert [name for name, code in status.items() if code == 200] == opened
    assert {code for name, code in status.items() if name not in opened} <= {404}


def test_unit_detached_is_no_longer_counted(titles: dict[str, StockRight], world: World, sign_in: SignIn) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    end_assignment(
        assignment=titles["city"].assignments.get(), ends_on=yesterday, why="Vendu.", by=world.people["alice"]
    )
    rows = {row.right.reference: row for row in sign_in("alice").get(LIST).context["rows"]}
    assert (rows["VN-1"].units, rows["PR-1"].units) == (0, 1)


def test_ended_title_offers_no_more_units(titles: dict[str, StockRight], world: World, sign_in: SignIn) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    end_title(right=titles["city"], ends_on=yesterday, why="Vendu.", by=world.people["alice"])
    page = sign_in("alice").get(reverse("stock-right-detail", args=[titles["city"].pk]))
    assert (state_name(page.context["row"]), page.context["row"].units) == ("terminé", 1)
    assert reverse("stock-right-assign", args=[titles["city"].pk]) not in page.content.decode()


def test_list_says_how_much_is_left_and_what_ends_soon(world: World, sign_in: SignIn) -> None:
    today = timezone.localdate()
    for reference, ends_on in (("A", today + timedelta(days=30)), ("B", today - timedelta(days=1)), ("C", None)):
        assign_unit(
            right=title(world, reference=reference, ends_on=ends_on), unit=world.unit(), by=world.people["alice"]
        )
    title(world, reference="D", starts_on=today + timedelta(days=1))
    page = sign_in("alice").get(LIST)
    assert [(row.right.reference, state_name(row), row.days_left, row.soon) for row in page.context["rows"]] == [
        ("A", "en cours", 30, True),
        ("C", "en cours", None, False),
        ("D", "à venir", None, False),
        ("B", "terminé", None, False),
    ]
    assert "2 titres en cours sur 4 enregistrés, portés par 2 logements ; 1 finit d’ici " in text_of(page)


@pytest.mark.parametrize(
    ("query", "seen"),
    [
        ({"standing": "en-cours"}, ["AL-1", "PR-1", "VN-1"]),
        ({"standing": "bientot"}, []),
        ({"standing": "termine"}, []),
        ({"ground": "LAND"}, ["VN-1"]),
        ({"holder": "als"}, ["AL-1"]),
    ],
)
def test_filters_are_in_the_address(
    world: World, titles: dict[str, StockRight], sign_in: SignIn, query: dict[str, str], seen: list[str]
) -> None:
    asked = {name: world.holders[value].pk if name == "holder" else value for name, value in query.items()}
    assert references(sign_in("alice").get(LIST, asked)) == seen


def test_single_right_used_up_and_vacancies_are_reported(
    world: World, titles: dict[str, StockRight], sign_in: SignIn
) -> None:
    vacancy = world.vacancy(kind=Vacancy.Kind.STOCK)
    client = sign_in("alice")
    assert {row.right.reference: state_name(row) for row in client.get(LIST).context["rows"]}["AL-1"] == "utilisé"
    page = client.get(reverse("stock-right-detail", args=[titles["als"].pk]))
    assert page.context["uses"] == [(vacancy, True)]
    assert "Plus rien aujourd’hui, sur 1 logement rattaché : ce droit est utilisé. 1 logement libéré est parti" in (
        text_of(page)
    )
    assert reverse("stock-right-correct", args=[titles["als"].pk]) not in page.content.decode()


def test_title_that_nothing_bears_and_older_than_the_history_says_both(world: World, sign_in: SignIn) -> None:
    """As those taken over from before acts were kept; only the manager is led to attach a unit."""
    old = StockRight.objects.create(
        landlord=world.landlord, holder=world.holders["city"], ground="LAND", starts_on=date(2008, 1, 1)
    )
    where = reverse("stock-right-detail", args=[old.pk])
    useless = "Aucun logement ne porte ce droit : tant qu’il n’en a pas, il ne sert à rien."
    for person, led in (("alice", True), ("aline", False), ("chloe", False)):
        words = text_of(sign_in(person).get(where))
        assert useless in words
        assert (f"{useless} Rattachez un logement" in words) == led, person
        assert "Enregistré avant que les actes soient gardés : la suite apparaîtra ici." in words


def test_units_of_a_title_are_paged(titles: dict[str, StockRight], world: World, sign_in: SignIn) -> None:
    where = reverse("stock-right-detail", args=[titles["city"].pk])
    client = sign_in("alice")
    assert "rattachements" not in text_of(client.get(where))
    StockAssignment.objects.bulk_create(
        StockAssignment(right=titles["city"], unit=world.unit(), starts_on=date(2008, 1, 1)) for _ in range(25)
    )
    assert "1 à 25 sur 26 rattachements" in text_of(client.get(where))


@pytest.mark.parametrize("count", [1, 12])
def test_list_and_detail_cost_the_same_queries(
    world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for number in range(count):
        assign_unit(right=title(world, reference=f"T{number}"), unit=world.unit(), by=world.people["alice"])
    right = title(world, "als", "AL")
    for _ in range(count):
        unit = world.unit()
        assign_unit(right=right, unit=unit, by=world.people["alice"])
        world.vacancy(unit)
    client = sign_in("alice")
    with django_assert_num_queries(6):
        client.get(LIST)
    with django_assert_num_queries(9):
        client.get(reverse("stock-right-detail", args=[right.pk]))
    with django_assert_num_queries(4):
        client.get(CSV)
    with django_assert_num_queries(2):
        client.get(SYNTHESIS)


# --- acts


def typed(world: World, **given: object) -> dict[str, object]:
    return {
        "holder": world.holders["city"].pk,
        "ground": "LOAN_GUARANTEE",
        "reference": "VN-9",
        "use": "RECURRING",
        "starts_on": "01/03/1988",
        "loan_ends_on": "29/02/2028",
        "ends_on": "",
    } | given


def test_manager_records_a_title_and_attaches_a_unit(world: World, sign_in: SignIn) -> None:
    unit, client = world.unit(), sign_in("alice")
    page = client.post(NEW, typed(world), follow=True)
    right = StockRight.objects.get()
    assert page.redirect_chain == [(reverse("stock-right-assign", args=[right.pk]), 302)]
    assert (right.starts_on, right.ends_on, right.extension_years) == (date(1988, 3, 1), date(2033, 2, 28), 5)
    page = client.post(
        reverse("stock-right-assign", args=[right.pk]), {"unit": unit.reference.lower(), "units": ""}, follow=True
    )
    assert messages_of(page) == ["RH-01-001 est rattaché à ce droit."]
    assert StockAssignment.objects.get().ends_on == date(2033, 2, 28)
    assert [each.entry.act for each in page.context["story"]] == ["EDITED", "RECORDED"]


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({"holder": ""}, {"holder": ["Choisissez le réservataire qui a droit à ce logement."]}),
        ({"use": "x"}, {"use": ["Choisissez droit de suite ou droit unique."]}),
        ({"starts_on": "01/01/1900"}, {"starts_on": ["Vérifiez l’année : cette date est trop ancienne."]}),
        (
            {"loan_ends_on": ""},
            {
                "loan_ends_on": [
                    "Une garantie d’emprunt a une fin : donnez celle de l’emprunt, ou à défaut celle du droit."
                ]
            },
        ),
        (
            {"ground": "STATE", "loan_ends_on": ""},
            {
                "ground": [
                    "« droit de l’État » ne va pas avec la Ville de Narbonne : seul l’État a des droits par la loi, "
                    "sans contrepartie (CCH, L441-1)."
                ]
            },
        ),
        (
            {"reference": "x" * 61},
            {"reference": ["La référence d’un titre a 60 caractères au plus : raccourcissez-la."]},
        ),
    ],
)
def test_title_typed_wrong_says_so_at_the_field(
    world: World, sign_in: SignIn, given: dict[str, str], errors: dict[str, list[str]]
) -> None:
    page = sign_in("alice").post(NEW, typed(world, **given))
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert StockRight.objects.count() == 0


def test_manager_corrects_a_title_and_its_units_follow(
    titles: dict[str, StockRight], world: World, sign_in: SignIn
) -> None:
    url = reverse("stock-right-correct", args=[titles["city"].pk])
    client = sign_in("alice")
    form = client.get(url).context["form"]
    assert (form["reference"].value(), form["ends_on"].value()) == ("VN-1", None)
    page = client.post(url, typed(world, reference="VN-1"), follow=True)
    assert messages_of(page) == ["Le droit est corrigé. Son histoire garde ce qu’il disait."]
    right = StockRight.objects.get(pk=titles["city"].pk)
    assignment = right.assignments.get()
    assert (right.ground, assignment.starts_on, assignment.ends_on) == (
        "LOAN_GUARANTEE",
        date(1988, 3, 1),
        date(2033, 2, 28),
    )
    assert ("fondement", "apport de terrain", "garantie d’emprunt") in page.context["story"][0].changes


def test_manager_ends_a_title(titles: dict[str, StockRight], sign_in: SignIn) -> None:
    url, today = reverse("stock-right-end", args=[titles["city"].pk]), timezone.localdate()
    client = sign_in("alice")
    page = client.post(url, {"ends_on": f"{today:%d/%m/%Y}", "why": ""})
    assert (page.status_code, list(page.context["form"].errors)) == (422, ["why"])
    page = client.post(url, {"ends_on": f"{today:%d/%m/%Y}", "why": "La ville y renonce."}, follow=True)
    assert messages_of(page) == [f"Le droit finit le {today:%d/%m/%Y}. Ses logements sont libres ensuite."]
    entry = HistoryEntry.objects.about(titles["city"]).last()
    assert (entry.act, entry.why, entry.details) == ("ENDED", "La ville y renonce.", {"ends_on": [None, str(today)]})
    assert titles["city"].assignments.get().ends_on == today


def test_manager_detaches_a_unit(titles: dict[str, StockRight], sign_in: SignIn) -> None:
    assignment = titles["city"].assignments.get()
    url, today = reverse("stock-assignment-end", args=[assignment.pk]), timezone.localdate()
    page = sign_in("alice").post(url, {"ends_on": f"{today:%d/%m/%Y}", "why": "Vendu."}, follow=True)
    assert messages_of(page) == [f"RH-01-001 porte ce droit jusqu’au {today:%d/%m/%Y}."]
    assert (titles["city"].assignments.get().ends_on, StockRight.objects.get(pk=titles["city"].pk).ends_on) == (
        today,
        None,
    )


@pytest.mark.parametrize(
    ("given", "errors"),
    [
        ({}, {"unit": ["Écrivez la référence d’un logement, ou choisissez un programme."]}),
        ({"unit": "RH-99"}, {"unit": ["Aucun de vos logements n’a cette référence : vérifiez-la dans leur liste."]}),
        ({"programme": "x"}, {"programme": ["Choisissez un programme de la liste."]}),
        ({"programme": 0}, {"units": ["Dites combien de logements de ce programme portent le titre."]}),
        ({"programme": 0, "units": "0"}, {"units": ["Un droit porte sur un logement au moins."]}),
        (
            {"programme": 0, "unit": "RH-01-003"},
            {"programme": ["Choisissez un logement ou un programme, pas les deux."]},
        ),
        (
            {"programme": 0, "units": "1"},
            {
                "programme": [
                    "Ce titre porte déjà sur des logements de Résidence de Narbonne : terminez d’abord ce rattachement."
                ]
            },
        ),
        ({"unit": "RH-01-002"}, {"__all__": ["Ce logement porte déjà un droit en stock à cette date."]}),
    ],
)
def test_bearer_typed_wrong_says_so_at_the_field(
    titles: dict[str, StockRight], sign_in: SignIn, given: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    programme = StockAssignment.objects.get(unit=None).programme_id
    posted = given | ({"programme": programme} if given.get("programme") == 0 else {})
    page = sign_in("alice").post(reverse("stock-right-assign", args=[titles["city"].pk]), posted)
    assert (page.status_code, page.context["form"].errors) == (422, errors)
    assert StockAssignment.objects.count() == 3


def test_programme_never_bears_more_than_its_units(
    titles: dict[str, StockRight], world: World, sign_in: SignIn
) -> None:
    programme = StockAssignment.objects.get(unit=None).programme_id
    other = title(world, "epci", "EP-1")
    url = reverse("stock-right-assign", args=[other.pk])
    page = sign_in("alice").post(url, {"programme": programme, "units": "1"})
    assert page.context["form"].errors == {
        "units": [
            "Résidence de Narbonne a 3 logements : des droits porteraient sur 4. Réduisez leur nombre, ou terminez "
            "un autre rattachement."
        ]
    }
    assert StockAssignment.objects.count() == 3


@pytest.mark.parametrize("name", ["stock-right-correct", "stock-right-end", "stock-right-assign"])
def test_only_the_manager_acts_on_a_title(titles: dict[str, StockRight], sign_in: SignIn, name: str) -> None:
    url = reverse(name, args=[titles["city"].pk])
    for person, status in (("alice", 200), ("aline", 403), ("chloe", 403), ("bob", 404), ("zoe", 404), ("emma", 404)):
        assert sign_in(person).get(url).status_code == status, person
        if status != 200:
            assert sign_in(person).post(url, {}).status_code == status, person


def test_vacancy_of_a_programme_in_stock_is_declared_for_a_title(
    titles: dict[str, StockRight], world: World, sign_in: SignIn
) -> None:
    unit, today = world.unit(), timezone.localdate()
    url = f"{reverse('vacancy-declare')}?unit={unit.pk}"
    client = sign_in("aline")
    assert "À Action Logement Services, titre AL-1 (apport de financement), reste 1 logement" in text_of(
        client.get(url)
    )
    posted = {"kind": "STOCK", "notice_on": f"{today:%d/%m/%Y}", "available_on": f"{today:%d/%m/%Y}"}
    page = client.post(url, posted | {"stock_right": "0"})
    assert (page.status_code, page.context["form"].errors) == (
        422,
        {"stock_right": ["Choisissez l’un des droits de ce programme."]},
    )
    page = client.post(url, posted | {"stock_right": titles["als"].pk}, follow=True)
    assert messages_of(page) == [f"{unit} est enregistré : il va directement à Action Logement Services, hors du flux."]
    assert (Vacancy.objects.get().stock_right, "apport de financement" in text_of(page)) == (titles["als"], True)


# --- exports


def lines_of(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_level_1_goes_to_the_landlord_and_the_holder_concerned_only(
    titles: dict[str, StockRight], sign_in: SignIn
) -> None:
    for person, seen in (
        ("alice", ["AL-1", "VN-1", "PR-1"]),
        ("chloe", ["VN-1"]),
        ("bob", ["PR-1"]),
        ("emma", []),
        ("zoe", []),
    ):
        client = sign_in(person)
        assert sorted(line["Titre"] for line in lines_of(client.get(CSV))) == sorted(seen), person
        sheet = load_workbook(io.BytesIO(client.get(XLSX).content), read_only=True).worksheets[0]
        assert sorted(row[5] for row in sheet.iter_rows(min_row=2, values_only=True)) == sorted(seen), person
    holder = {"holder": titles["als"].holder_id}
    assert [line["Titre"] for line in lines_of(sign_in("chloe").get(CSV, holder))] == ["VN-1"]
    assert [line["Titre"] for line in lines_of(sign_in("alice").get(CSV, holder))] == ["AL-1"]


def test_level_1_states_each_unit(titles: dict[str, StockRight], sign_in: SignIn) -> None:
    today = timezone.localdate()
    response = sign_in("alice").get(CSV)
    assert response["Content-Disposition"] == f'attachment; filename="inventaire-999000003-{today}.csv"'
    lines = {line["Titre"]: line for line in lines_of(response)}
    assert lines["PR-1"] == {
        "Bailleur": "Robine Habitat",
        "SIREN bailleur": "999000003",
        "Réservataire": "État – agents",
        "SIREN réservataire": "990000010",
        "Contingent": "1",
        "Titre": "PR-1",
        "Fondement": "sécurité intérieure",
        "Usage": "droit de suite",
        "Début": "01/01/2008",
        "Fin": "",
        "Fin de l’emprunt": "",
        "Jours restants": "",
        "État": "en cours",
        "Logement": "RH-01-002",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Code INSEE": "11262",
        "Typologie": "T3",
        "Financement": "PLUS",
        "QPV": "en QPV",
        "Programme": "Résidence de Narbonne",
        "Logements": "1",
    }
    als = lines["AL-1"]
    assert (als["Logement"], als["Adresse"], als["Programme"], als["Logements"], als["Jours restants"]) == (
        "",
        "",
        "Résidence de Narbonne",
        "1",
        str((date(2031, 12, 31) - today).days),
    )


def test_no_cell_is_a_formula(world: World, sign_in: SignIn) -> None:
    assign_unit(right=title(world, reference="=1+1"), unit=world.unit(), by=world.people["alice"])
    client = sign_in("alice")
    assert [line["Titre"] for line in lines_of(client.get(CSV))] == ["'=1+1"]
    cell = load_workbook(io.BytesIO(client.get(XLSX).content)).worksheets[0]["F2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_level_2_goes_to_landlord_overseers_and_each_holder_its_own_lines(
    titles: dict[str, StockRight], world: World, sign_in: SignIn
) -> None:
    assign_unit(
        right=title(world, "als", "BZ", ground="LAND"), unit=world.unit(commune="Béziers"), by=world.people["alice"]
    )
    expected = {
        "alice": ["Action Logement Services", "Action Logement Services", "Ville de Narbonne", "État – agents"],
        "bob": ["Action Logement Services", "Ville de Narbonne", "État – agents"],  # Béziers is in another département
        "emma": ["Action Logement Services", "Ville de Narbonne", "État – agents"],
        "chloe": ["Ville de Narbonne"],
        "zoe": [],
    }
    for person, holders in expected.items():
        client = sign_in(person)
        assert [str(line.holder) for line in client.get(SYNTHESIS).context["lines"]] == holders, person
        rows = lines_of(client.get(SYNTHESIS_CSV))
        assert [line["Réservataire"] for line in rows] == holders, person
    als = lines_of(sign_in("emma").get(SYNTHESIS_CSV))[0]
    assert (als["Financement"], als["Logements"], als["Titres"], als["Logements par année de fin"]) == (
        "logements non désignés",
        "1",
        "1",
        "2031 : 1",
    )
    assert "Adresse" not in als


def test_synthesis_adds_up_titles_and_last_years(world: World, sign_in: SignIn) -> None:
    alice = world.people["alice"]
    for reference, ends_on in (("A", date(2031, 12, 31)), ("B", date(2031, 6, 30)), ("C", None)):
        right = title(world, reference=reference, ends_on=ends_on)
        for _ in range(2):
            assign_unit(right=right, unit=world.unit(), by=alice)
    page = sign_in("alice").get(SYNTHESIS)
    (line,) = page.context["lines"]
    assert (line.units, len(line.titles), last_years(line)) == (6, 3, "2031 : 4 ; sans fin : 2")
    assert "6 logements portent un droit en cours, réservés à 1 réservataire." in text_of(page)


def test_operator_reads_no_inventory(titles: dict[str, StockRight], sign_in: SignIn) -> None:
    client = sign_in("adam")
    assert [client.get(url).status_code for url in (LIST, CSV, XLSX, SYNTHESIS, SYNTHESIS_CSV)] == [403] * 5


def test_titles_that_end_soon_are_those_within_the_days_of_warning(world: World) -> None:
    today = date(2026, 11, 24)
    LegalParameter.objects.filter(code="EXPIRY_WARNING_DAYS").update(value=30)
    for ends_on in (date(2026, 11, 23), today, date(2026, 12, 24), date(2026, 12, 25), None):
        title(world, reference=str(ends_on), ends_on=ends_on)
    asked = {"member": world.member("alice"), "today": today}
    soon = StockRightFilters({"standing": "bientot"}, warning=warning_days_on(today), **asked).qs
    assert sorted(soon.values_list("reference", flat=True)) == ["2026-11-24", "2026-12-24"]
    assert not StockRightFilters({"standing": "bientot"}, warning=None, **asked).qs.exists()
