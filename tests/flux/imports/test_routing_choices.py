"""How a landlord routes, the forecasts that it sent and the needs of holders leave as files, and come back the same."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flux.imports.forecast_file import CONTENT, Forecasts
from flux.imports.needs_file import Needs
from flux.imports.routing_choices import RoutingChoices
from flux.models import DecisionWindow, Forecast, GoLive, NeedsDeclaration, RoutingPolicy
from flux.operations.forecast import send_forecast, write_forecast
from flux.operations.needs import declare_needs, withdraw_needs
from flux.operations.routing import route_waiting_vacancies
from flux.operations.starting import set_decision_window, set_go_live
from flux.operations.stock import set_routing_policy
from flux.queries.forecast_content import content_of
from reservations.takeaway import leaving_kinds
from tests.reservations.imports.leaving import file_of
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, signed_elsewhere, written
from tests.world import MORNING, World

TODAY = MORNING.date()


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING + timedelta(days=9))


def choose(world: World) -> None:
    alice = {"landlord": world.landlord, "by": world.people["alice"]}
    set_go_live(on=TODAY, now=MORNING, **alice)
    set_go_live(on=TODAY + timedelta(days=2), now=MORNING, **alice)
    for mode, days in (("AUTOMATIC", 2), ("CONFIRM", 5), ("AUTOMATIC", 30)):
        set_routing_policy(mode=mode, starts_on=TODAY + timedelta(days=days), today=TODAY, **alice)
    for length, days, since in ((8, 3, 3), (1, 0, 40)):
        set_decision_window(length=length, days=days, starts_on=TODAY + timedelta(days=since), today=TODAY, **alice)


def test_how_a_landlord_routes_leaves_and_comes_back_on_its_days(world: World) -> None:
    choose(world)
    assert RoutingChoices.code in {kind.code for kind in leaving_kinds(world.member("alice"))}
    content = file_of(world, RoutingChoices.code)
    assert len(content.decode("utf-8-sig").splitlines()) == 1 + 3 + 3 + 1
    assert counts(given(world, RoutingChoices.code, content)) == (0, 0, 7, 0)

    written(world, RoutingChoices.code, content, person="zoe")
    assert file_of(world, RoutingChoices.code, "zoe") == content
    there = world.other_landlord
    assert GoLive.objects.starts_on(there) == date(2026, 11, 26)
    assert [RoutingPolicy.objects.is_automatic(there, date(2026, 11, each)) for each in (25, 27, 30)] == [
        False,
        True,
        False,
    ]
    assert DecisionWindow.objects.of(there, date(2026, 12, 1)).length == 8

    head, *lines = content.decode("utf-8-sig").splitlines()
    other = [
        line.replace("la recommandation oriente aussitôt", "une personne confirme chaque orientation") for line in lines
    ]
    assert counts(given(world, RoutingChoices.code, csv_of(head, *other), person="zoe")) == (0, 2, 5, 0)


def test_each_wrong_choice_is_named_by_line_and_the_past_of_what_was_decided_stays(world: World) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    order = given(
        world,
        RoutingChoices.code,
        csv_of(
            "réglage;à partir du;mode;départs planifiés ensemble;jours d’attente",
            "mode d’orientation;01/01/2027;;;",
            "mode d’orientation;02/01/2027;une personne confirme chaque orientation;8;",
            "fenêtre de décision;01/01/2027;;1;3",
            "mise en service;01/01/2026;;;",
            "mode d’orientation;01/01/2026;la recommandation oriente aussitôt;;",
            "mise en service;01/01/2029;;;",
            "autre chose;01/01/2027;;;",
            "mode d’orientation;01/02/2027;la recommandation oriente aussitôt;;",
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "mode"),
        (3, "départs planifiés ensemble"),
        (4, "jours d’attente"),
        (5, "à partir du"),
        (6, "à partir du"),
        (7, "réglage"),
        (8, "réglage"),
    ]
    assert "décidés ici depuis ce jour" in faults(order)[4][2]
    assert not RoutingPolicy.objects.exists()


def forecast(world: World, exercise: int, *, sent: bool) -> Forecast:
    alice = {"by": world.people["alice"]}
    found = write_forecast(
        landlord=world.landlord,
        departement=world.places["Aude"],
        exercise=exercise,
        expected=120,
        subtracted={"INTERNAL_TRANSFER": 12, "UNFIT_HOUSING": 1},
        today=TODAY,
        **alice,
    )
    if sent:
        send_forecast(forecast=found, now=MORNING, **alice)
    return found


def test_forecasts_leave_and_come_back_as_they_were_sent(world: World) -> None:
    for _ in range(3):
        world.vacancy()
    here = forecast(world, 2026, sent=True)
    forecast(world, 2027, sent=False)
    content = file_of(world, Forecasts.code)
    order = given(world, Forecasts.code, content)
    assert counts(order) == (0, 0, 2, 0), (order.state, order.failure)
    for code in ("logements", "conventions"):
        written(world, code, file_of(world, code), person="zoe")
    signed_elsewhere(world)
    written(world, Forecasts.code, content, person="zoe")
    assert file_of(world, Forecasts.code, "zoe") == content
    assert counts(given(world, Forecasts.code, content, person="zoe")) == (0, 0, 2, 0)
    there = Forecast.objects.get(landlord=world.other_landlord, exercise=2026)
    here.refresh_from_db()
    ours, theirs = (content_of(each, today=TODAY) for each in (here, there))
    assert (theirs.compared, theirs.drawn.net) == (ours.compared, ours.drawn.net)
    assert [(each.exact, each.whole) for each in theirs.drawn.targets] == [
        (each.exact, each.whole) for each in ours.drawn.targets
    ]
    assert there.dispatches.count() == here.dispatches.count() == 4


def test_each_wrong_forecast_is_named_by_line_and_a_draft_is_written_again(world: World) -> None:
    world.vacancy()
    forecast(world, 2026, sent=True)
    head, first = file_of(world, Forecasts.code).decode("utf-8-sig").splitlines()
    cells = first.split(";", 9)
    draft = cells[:8]
    order = given(
        world,
        Forecasts.code,
        csv_of(
            head,
            ";".join([*draft, "", "", ""]),
            ";".join(["11", "2027", "5", *draft[3:], "", "", ""]),
            ";".join(["99", "2027", *draft[2:], "", "", ""]),
            ";".join(["11", "2025", *draft[2:], "01/02/2025", "", ""]),
            ";".join(["11", "2024", *draft[2:], "01/02/2024", "", "{}"]),
            ";".join(["11", "2023", *draft[2:], "01/02/2023", "999999999", "{}"]),
            ";".join(["11", "2022", *draft[2:], "01/02/2030", "", '{"targets": []}']),
            ";".join(["11", "2021", *draft[2:], "01/02/2021", "", '{"targets": []}']),
            ";".join(["34", "2026", *draft[2:], "01/02/2026", "", '{"targets": []}']),
            ";".join(["11", "2020", *draft[2:], "01/02/2020", "", '{"targets": [{"holder": "999999999-1"}]}']),
        ),
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "exercice"),
        (3, "logements libérés attendus"),
        (4, "département"),
        (5, CONTENT),
        (6, CONTENT),
        (7, "envoyé à"),
        (8, "envoyé le"),
        (9, CONTENT),
        (10, "exercice"),
        (11, CONTENT),
    ]
    forecast(world, 2027, sent=False)
    again = csv_of(head, ";".join(["11", "2027", "130", *draft[3:], "", "", ""]))
    assert counts(written(world, Forecasts.code, again)) == (0, 1, 0, 0)
    assert Forecast.objects.get(exercise=2027).expected == 130


def test_the_needs_of_a_holder_leave_and_come_back_in_the_accounts_of_the_year(world: World) -> None:
    ledger, *_ = [world.vacancy(rooms=rooms).ledger for rooms in (2, 3, 3)]
    assert ledger is not None
    chloe = {"holder": world.holders["city"], "by": world.people["chloe"]}
    declare_needs(
        ledger=ledger, mix={"typology": {"T2": 80, "T3": 20}}, note="Des couples ; des aînés.", now=MORNING, **chloe
    )
    assert Needs.code in {kind.code for kind in leaving_kinds(world.member("chloe"))} - {
        kind.code for kind in leaving_kinds(world.member("alice"))
    }
    content = file_of(world, Needs.code, "chloe")
    assert counts(given(world, Needs.code, content, person="chloe")) == (0, 0, 1, 0)
    withdraw_needs(ledger=ledger, now=MORNING, **chloe)
    empty = file_of(world, Needs.code, "chloe").decode("utf-8-sig").splitlines()
    assert len(empty) == 1, "what was withdrawn does not leave"
    written(world, Needs.code, content, person="chloe")
    assert file_of(world, Needs.code, "chloe") == content
    other = content.replace(b";80;", b";50;")
    assert counts(written(world, Needs.code, other, person="chloe")) == (0, 1, 0, 0)
    assert NeedsDeclaration.objects.count() == 4


def test_each_wrong_need_is_named_by_line(world: World) -> None:
    world.vacancy(rooms=2)
    siren = world.landlord.organisation.siren
    head = "SIREN du bailleur;département;exercice;contingent;T1;T2"
    order = given(
        world,
        Needs.code,
        csv_of(
            head,
            f"{siren};11;2026;;;",
            f"{siren};34;2026;;;1",
            f"{siren};nulle part;2026;;;1",
            f"{siren};11;2026;1;;1",
            f"{siren};11;2025;;;1",
            f"{siren};Aude;2026;;1;",
        ),
        person="chloe",
    )
    assert [(line, column) for line, column, _ in faults(order)] == [
        (2, "exercice"),
        (3, "SIREN du bailleur"),
        (4, "département"),
        (5, "contingent"),
        (6, "SIREN du bailleur"),
        (7, "exercice"),
    ]
    assert not NeedsDeclaration.objects.exists()
