"""Who has a convention in flow, who is still in stock, who falls to the préfet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from flux.operations.stock import keep_in_stock
from flux.pages.compliance import consequence, todo
from flux.queries.compliance import Board, Situation, board, landlords_of, uncovered_for
from reservations.models import LegalParameter, Organisation
from reservations.operations.party import register_organisation
from tests.pauses import paused
from tests.world import World, convention, siren
from tests.world_again import kept

TODAY = date(2026, 11, 24)


def board_rows(read: Board) -> list[tuple[str, str, int, int, bool]]:
    return [
        (
            row.organisation.name if row.organisation else "",
            row.situation.name,
            row.stock,
            row.kept,
            row.falls_to_prefect,
        )
        for row in read.rows
    ]


def another(world: World, number: int, name: str, kind: str = Organisation.Kind.OTHER) -> Organisation:
    return register_organisation(siren=siren(number), name=name, kind=kind, territory=world.places["Aude"])


def reserve(world: World, organisation: Organisation, ground: str, commune: str = "Narbonne") -> None:
    keep_in_stock(
        unit=world.unit(commune=commune),
        holder=organisation.contingents.get(),
        ground=ground,
        starts_on=date(2010, 1, 1),
        by=world.people["alice"],
    )


@pytest.fixture
@kept
def mixed(world: World) -> World:
    """Four signed; a hospital and a région in stock, the army in stock for good, a département in draft."""
    reserve(world, another(world, 81, "Hôpital de Narbonne"), "UNCONVERTED")
    reserve(world, another(world, 82, "Base aérienne"), "DEFENCE")
    reserve(world, world.city, "LAND")
    council = another(world, 83, "Département de l’Aude", Organisation.Kind.DEPARTEMENT)
    convention(world.landlord, council, world.places["Aude"], (council.contingents.get(), "2", 9), signed=False)
    return world


def test_landlord_reads_what_misses_first(mixed: World) -> None:
    read = board(mixed.member("alice"), on=TODAY)
    assert board_rows(read) == [
        ("Département de l’Aude", "DRAFT", 0, 0, True),
        ("Hôpital de Narbonne", "STOCK", 1, 0, True),
        ("Action Logement Services", "SIGNED", 0, 0, False),
        ("Base aérienne", "KEPT", 0, 1, False),
        ("Le Grand Narbonne", "SIGNED", 0, 0, False),
        ("Préfecture de l’Aude", "SIGNED", 0, 0, False),
        ("Ville de Narbonne", "SIGNED", 1, 0, False),
    ]
    assert (read.signed, read.holders, read.to_prefect, read.in_stock) == (4, 6, 2, 2)
    assert todo(read.rows[-1]) == "Convertir le droit encore en stock."


def test_a_suspension_is_reported_on_its_days_only(world: World) -> None:
    pause = paused(world, world.conventions["epci"])
    for on, each in (
        (TODAY, "Rien ne manque."),
        (pause.starts_on, "Rien à signer : convention suspendue du 25 novembre 2026 au 24 décembre 2026."),
    ):
        [row] = [row for row in board(world.member("bob"), on=on).rows if row.organisation == world.epci]
        assert (row.situation, todo(row)) == ("signee", each)


def test_drafts_of_others_are_not_reported_to_the_prefecture(mixed: World) -> None:
    names = [name for name, *_ in board_rows(board(mixed.member("bob"), on=TODAY))]
    assert "Département de l’Aude" not in names
    assert "Hôpital de Narbonne" in names


def test_overseer_reads_its_territory_only(mixed: World) -> None:
    reserve(mixed, another(mixed, 84, "Clinique de Béziers"), "UNCONVERTED", commune="Béziers")
    assert "Clinique de Béziers" not in [name for name, *_ in board_rows(board(mixed.member("emma"), on=TODAY))]
    assert "Clinique de Béziers" in [name for name, *_ in board_rows(board(mixed.member("alice"), on=TODAY))]
    assert [landlord.organisation.name for landlord in landlords_of(mixed.member("emma"))] == ["Robine Habitat"]
    assert list(landlords_of(mixed.member("chloe"))) == []


@pytest.mark.parametrize("person", ["bob", "emma", "zoe"])
def test_a_landlord_without_a_convention_is_seen_by_all_who_answer_for_the_place(mixed: World, person: str) -> None:
    """« À défaut de convention », the préfet fixes the rules (CCH, R441-5-2 IV): he reads it as the EPCI does, though
    nobody there has a convention, a draft or a right in stock to show."""
    mixed.unit(landlord=mixed.other_landlord, commune="Sigean")
    member = mixed.member(person)
    read = board(member, on=TODAY, uncovered=uncovered_for(member, on=TODAY))
    (row,) = [row for row in read.rows if row.landlord == mixed.other_landlord]
    assert (row.situation, row.organisation, row.perimeter) == (Situation.UNCOVERED, None, mixed.places["Aude"])
    assert (row.falls_to_prefect, consequence(row)) == (
        True,
        "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV).",
    )
    assert mixed.other_landlord in read.landlords
    assert read.holders == board(member, on=TODAY).holders  # a place is no holder


@pytest.mark.parametrize(
    ("day", "situation"),
    [(date(2025, 12, 31), "TO_COME"), (date(2026, 1, 1), "SIGNED"), (date(2029, 1, 1), "ENDED")],
)
def test_situation_follows_the_calendar(world: World, day: date, situation: str) -> None:
    rows = [row for row in board(world.member("alice"), on=day).rows if row.organisation == world.city]
    assert [row.situation.name for row in rows] == [situation]


def test_deadline_is_the_dated_parameter(world: World) -> None:
    assert board(world.member("alice"), on=date(2029, 1, 1)).to_prefect == 3  # the State falls to nobody
    before = board(world.member("alice"), on=date(2023, 11, 23))
    assert (before.deadline, before.to_prefect) == (date(2023, 11, 24), 0)
    LegalParameter.objects.filter(code="FLOW_REQUIRED").delete()
    after = board(world.member("alice"), on=date(2029, 1, 1))
    assert (after.deadline, after.to_prefect) == (None, 0)


def test_state_without_a_convention_is_under_an_order_of_the_prefet(world: World) -> None:
    (row,) = [row for row in board(world.member("alice"), on=date(2029, 1, 1)).rows if row.is_state]
    assert (row.falls_to_prefect, consequence(row)) == (
        False,
        "Le préfet fixe les règles par arrêté (CCH, R441-5-2 IV).",
    )


@pytest.mark.parametrize("count", [1, 12])
def test_queries_are_as_many_for_many_holders(world: World, django_assert_num_queries: Callable, count: int) -> None:
    for number in range(count):
        reserve(world, another(world, 200 + number, f"Réservataire {number}"), "UNCONVERTED")
    member = world.member("alice")
    with django_assert_num_queries(2):
        read = board(member, on=TODAY)
    assert len(read.rows) == 4 + count
