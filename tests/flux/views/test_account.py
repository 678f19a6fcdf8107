"""Pages of the accounts: the same figures for both sides, at a fixed cost, drawn as they are written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from flux.engine.wording import units
from flux.models import Ledger, Recommendation
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from flux.queries.accounts import account
from flux.queries.statement import Month, statement
from flux.templatetags.charts import balance_chart, month_chart
from reservations.models.convention import UNIT
from tests.flux.queries.test_account import more_holders
from tests.flux.views.pages import owed, received
from tests.guards import unguarded
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
SignIn = Callable[[str], Client]
NumQueries = Callable[[int], Any]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Fourteen vacancies in two months; what October brought is confirmed."""
    for days in (40, 38, 36, 35, 33, 31, 30, 29, 14, 11, 8, 6, 4, 1):
        world.vacancy(now=MORNING - timedelta(days=days), commune="Narbonne" if days % 2 else "Coursan")
        book = Ledger.objects.ordinary().get()
        route_waiting_vacancies(ledger_id=book.pk, now=MORNING - timedelta(days=days))
    before = Recommendation.objects.filter(recorded_at__lt=MORNING - timedelta(days=20)).values_list(
        "vacancy", flat=True
    )
    confirm_recommendations(vacancies=list(before), by=world.people["aline"], now=MORNING - timedelta(days=20))
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def page(client: Client, url: str, status: int = 200) -> str:
    response = client.get(url)
    assert response.status_code == status
    return unescape(response.content.decode())


def cells(text: str) -> list[list[str]]:
    """The words of each cell of each row of the page's tables."""
    rows = re.findall(r"<tr.*?</tr>", text, re.DOTALL)
    strip = re.compile(r"<svg.*?</svg>|<[^>]+>", re.DOTALL)
    return [
        [" ".join(strip.sub(" ", cell).split()) for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)]
        for row in rows
    ]


# --- one ledger ----------------------------------------------------------------------------------------------------


def test_account_page_writes_each_figure_and_its_total(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    read = account(ledger, TODAY)
    rows = cells(page(sign_in("aline"), reverse("account", args=[ledger.pk])))
    assert [(row[0], *row[2:]) for row in rows[1:-1]] == [
        (
            str(line.holder),
            units(line.figures.due, UNIT),
            str(line.figures.routed),
            str(line.figures.awaiting),
            str(line.figures.received),
            units(line.figures.gap, UNIT, signed=True),
        )
        for line in read.lines
    ]
    assert rows[-1] == ["Ensemble", "14,00", "8", "6", "14", "0,00"]


def test_account_page_on_a_past_date(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    rows = cells(page(sign_in("bob"), reverse("account", args=[ledger.pk]) + "?on=2026-10-20"))
    assert rows[-1] == ["Ensemble", "4,00", "0", "4", "4", "0,00"]


def test_account_page_says_what_is_wrong_with_a_date(world: World, sign_in: SignIn, ledger: Ledger) -> None:
    text = page(sign_in("bob"), reverse("account", args=[ledger.pk]) + "?on=32/10/2026", 422)
    assert "« 32/10/2026 » n’est pas une date : écrivez l’année, le mois et le jour, comme 2026-11-24." in text
    assert cells(text)[-1] == ["Ensemble", "14,00", "8", "6", "14", "0,00"]


@pytest.mark.parametrize("count", [1, 12])
def test_account_pages_cost_the_same_whatever_the_holders(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: NumQueries
) -> None:
    more_holders(world, count)
    for number in range(count):
        world.vacancy(commune=f"Commune {number}")
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    client, book, holder = sign_in("aline"), Ledger.objects.ordinary().get(), Recommendation.objects.latest("pk").holder
    shell = 1  # session, person and memberships
    with django_assert_num_queries(shell + 7):
        page(client, reverse("account", args=[book.pk]))
    with django_assert_num_queries(shell + 7):
        page(client, reverse("statement", args=[book.pk, holder.pk]))
    with django_assert_num_queries(shell + 7):
        page(client, reverse("statement-units", args=[book.pk, holder.pk]) + "?stage=DUE")


@pytest.mark.parametrize("count", [1, 12])
def test_account_list_costs_the_same_whatever_the_ledgers(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: NumQueries
) -> None:
    world.vacancy()
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=MORNING)
    for year in range(count - 1):
        Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=1990 + year)
    client = sign_in("chloe")
    with django_assert_num_queries(9):
        page(client, reverse("account-list"))


# --- who sees what -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 200), ("bob", 200), ("chloe", 200), ("emma", 200), ("adam", 200), ("zoe", 404), ("driss", 404)],
)
def test_account_pages_are_common_to_those_of_the_territory(
    sign_in: SignIn, world: World, ledger: Ledger, name: str, status: int
) -> None:
    client, holder = sign_in(name), world.holders["city"]
    for url in (
        reverse("account", args=[ledger.pk]),
        reverse("statement", args=[ledger.pk, holder.pk]),
        reverse("statement-units", args=[ledger.pk, holder.pk]),
    ):
        page(client, url, status)
    assert page(client, reverse("account-list")).count("Robine Habitat</b>, Aude, 2026") == (status == 200)


def test_statement_of_a_holder_who_has_no_part_in_it_is_not_found(
    sign_in: SignIn, world: World, ledger: Ledger
) -> None:
    page(sign_in("alice"), reverse("statement", args=[ledger.pk, world.holders["other_landlord"].pk]), 404)


def test_both_sides_read_the_same_numbers(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    url = reverse("statement", args=[ledger.pk, world.holders["city"].pk])
    ours, theirs = (cells(page(sign_in(name), url)) for name in ("chloe", "aline"))

    def figures(rows: list[list[str]]) -> list[list[str]]:
        return [[cell for cell in row if re.fullmatch(r"[+−]?\d[\d,]*", cell)] for row in rows]

    assert figures(ours) == figures(theirs)
    assert sum(len(row) for row in figures(ours)) > 30


def test_statement_units_hide_the_address_from_those_without_the_file(
    sign_in: SignIn, world: World, ledger: Ledger
) -> None:
    url = reverse("statement-units", args=[ledger.pk, world.holders["priority"].pk]) + "?stage=ROUTED"
    assert "12 rue Voltaire" in page(sign_in("aline"), url)
    assert "12 rue Voltaire" in page(sign_in("bob"), url)
    for name in ("chloe", "emma", "adam"):
        text = page(sign_in(name), url)
        assert "Voltaire" not in text
        assert "RH-0" not in text


def test_statement_units_count_what_lies_out_of_sight(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    url = reverse("statement-units", args=[ledger.pk, world.holders["priority"].pk]) + "?stage=DUE"
    everything, narbonne = page(sign_in("aline"), url), page(sign_in("chloe"), url)
    assert "1 à 14 sur 14 logements" in everything
    assert "1 à 6 sur 6 logements" in narbonne
    assert "8 se trouvent hors de votre territoire et sont comptés sans être listés." in narbonne


@pytest.mark.parametrize(
    "query",
    [
        "?stage=NIMPORTE",
        "?month=2026-99",
        "?month=9999-12",
        "?until=9999-12-31",
        "?until=0001-01-01",
        "?page=zzz",
        "?until=hier",
    ],
)
def test_statement_units_survive_a_wrong_address(sign_in: SignIn, world: World, ledger: Ledger, query: str) -> None:
    url = reverse("statement-units", args=[ledger.pk, world.holders["als"].pk])
    page(sign_in("aline"), url + query, 422 if query == "?until=hier" else 200)


def test_account_list_says_what_will_appear_when_there_is_none(sign_in: SignIn, world: World) -> None:
    assert "Un compte s’ouvre avec le premier logement déclaré libéré" in page(
        sign_in("aline"), reverse("account-list")
    )
    assert "Un compte s’ouvre dès qu’un bailleur" in page(sign_in("chloe"), reverse("account-list"))


# --- charts --------------------------------------------------------------------------------------------------------


def months(world: World, ledger: Ledger) -> list[Month]:
    return statement(ledger, world.holders["als"], on=TODAY, month=None, member=world.member("alice")).months


def test_month_chart_is_drawn_to_the_figures_of_the_table(world: World, ledger: Ledger) -> None:
    rows = months(world, ledger)
    drawn = month_chart(rows)
    one = float(drawn["axis"]) - float(drawn["grid"][0]["y"])  # pixels of one unit: the first line of the grid
    assert drawn["grid"][0]["label"] in (1, "1 logement")
    for row, bar in zip(rows, drawn["bars"], strict=True):
        assert float(bar["height"]) / one == pytest.approx(row.figures.received, abs=0.01)
        assert (float(drawn["axis"]) - float(bar["due_y"]) - 2) / one == pytest.approx(row.figures.due / UNIT, abs=0.01)


def test_balance_chart_is_drawn_to_the_figures_of_the_table(world: World, ledger: Ledger) -> None:
    rows = months(world, ledger)
    drawn = balance_chart(rows)
    one = 65 - float(drawn["high"])
    for row, bar in zip(rows, drawn["bars"], strict=True):
        assert float(bar["height"]) / one == pytest.approx(abs(row.balance) / UNIT, abs=0.01)
        assert bar["value"] == units(row.balance, UNIT, signed=True)
        assert bar["owed"] == (row.balance >= 0)


def test_statement_describes_its_charts_in_words(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    text = page(sign_in("chloe"), reverse("statement", args=[ledger.pk, world.holders["als"].pk]))
    for row in months(world, ledger):
        assert f"{owed(row.figures.due)}, {received(row.figures.received)}" in text


# --- commands ------------------------------------------------------------------------------------------------------


def test_account_command_prints_the_account(world: World, ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("account", landlord="999000003", on="2026-11-24", json=True)
    printed = json.loads(capsys.readouterr().out)
    read = account(ledger, TODAY)
    assert printed == {
        "landlord": {"siren": "999000003", "name": "Robine Habitat"},
        "on": "2026-11-24",
        "unit": 1_000_000,
        "ledgers": [
            {
                "departement": "11",
                "exercise": 2026,
                "kind": "ORDINARY",
                "sequence": 14,
                "holders": [
                    {
                        "organisation": line.holder.organisation.siren,
                        "contingent": line.holder.contingent,
                        "name": str(line.holder),
                        "due": line.figures.due,
                        "routed": line.figures.routed,
                        "awaiting": line.figures.awaiting,
                        "received": line.figures.routed + line.figures.awaiting,
                        "gap": line.figures.due - 1_000_000 * line.figures.received,
                        "left": line.figures.due - 1_000_000 * line.figures.received,
                        "counting_point": "ROUTED",
                        "counted": line.figures.routed + line.figures.awaiting,
                        "in_course": 0,
                        "returned": 0,
                        "allocated": 0,
                        "leased": 0,
                    }
                    for line in read.lines
                ],
                "total": {"due": 14_000_000, "routed": 8, "awaiting": 6, "received": 14, "in_course": 0, "gap": 0}
                | {"left": 0, "returned": 0, "allocated": 0, "leased": 0},
            }
        ],
    }


def test_account_command_in_words(world: World, ledger: Ledger, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("account", landlord="999000003", on="2026-11-24")
    assert capsys.readouterr().out.splitlines()[-1].split() == [
        *("Ensemble", "dû", "14,00", "orientés", "8", "à", "confirmer", "6", "reçus", "14"),
        *("en", "cours", "0", "écart", "0,00"),
    ]


@pytest.mark.parametrize(
    ("siren", "on", "words"),
    [
        ("999000003", "2026-W48-2", "« 2026-W48-2 » n’est pas une date"),
        ("999000003", "20261124", "« 20261124 » n’est pas une date"),
        ("999000003", "2026-02-30", "« 2026-02-30 » n’est pas une date"),
        ("999000004", "2026-01-01", "clé de contrôle est fausse"),
        ("732829320", "2026-01-01", "Aucun bailleur n’a le SIREN 732829320"),
    ],
)
def test_account_command_refuses_in_french(
    world: World, capsys: pytest.CaptureFixture[str], siren: str, on: str, words: str
) -> None:
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("account", landlord=siren, on=on, json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"error": printed.err.strip()}
    assert words in printed.err


def test_account_command_says_when_there_is_no_account(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("account", landlord="999000011", on="2026-11-24")
    assert capsys.readouterr().out == "Toits de l’Orb n’a encore aucun compte au 24/11/2026.\n"


def test_replay_refuses_in_french(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("replay", landlord="732829320", json=True)
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"error": printed.err.strip()}
    assert "Aucun bailleur n’a le SIREN 732829320" in printed.err


def test_replay_finds_every_recommendation_unchanged(
    world: World, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("replay", json=True)
    assert json.loads(capsys.readouterr().out) == {"checked": 14, "different": 0, "differences": []}
    call_command("replay", json=True, landlord="999000011")
    assert json.loads(capsys.readouterr().out)["checked"] == 0


@pytest.mark.parametrize(
    "altered",
    [{"reason": "NONE"}, {"sentence": "Parce que."}, {"fingerprint": "0"}, {"ranking": []}, {"situation": {}}],
)
def test_replay_prints_what_differs_and_fails(
    world: World, ledger: Ledger, capsys: pytest.CaptureFixture[str], altered: dict[str, object]
) -> None:
    last = Recommendation.objects.latest("pk").pk
    with unguarded("flux_recommendation.append_only"):
        Recommendation.objects.filter(pk=last).update(**altered)
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("replay", json=True)
    printed = json.loads(capsys.readouterr().out)
    assert (printed["checked"], printed["different"]) == (14, 1)
    [difference] = printed["differences"]
    assert difference["recommendation"] == last
    assert [row["field"] for row in difference["fields"]] == list(altered)


def test_statement_keeps_the_month_asked_for(sign_in: SignIn, world: World, ledger: Ledger) -> None:
    url = reverse("statement", args=[ledger.pk, world.holders["city"].pk])
    assert "Lignes du compte, octobre 2026" in page(sign_in("chloe"), url + "?month=2026-10")
    for query in ("", "?month=2031-01", "?month=n’importe"):
        assert "Lignes du compte, novembre 2026" in page(sign_in("chloe"), url + query)
    assert date(2026, 11, 1) == months(world, ledger)[-1].first
