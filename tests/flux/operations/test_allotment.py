"""Planning and sharing a new programme: what is written, and what is refused without a trace."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import Allotment, AllottedUnit, Programme, Vacancy
from flux.operations.allotment import (
    Share,
    agree_allotment,
    plan_delivery,
    register_programme,
    reopen_allotment,
    set_allotment,
)
from reservations.models import HistoryEntry
from reservations.refusals import Refusal
from tests.flux.programmes import DELIVERY, agreed, drafted, planned, unit_of
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

TODAY = MORNING.date()


def acts(programme: Programme) -> list[tuple[str, str, str]]:
    return [(entry.act, entry.by.email, entry.why) for entry in HistoryEntry.objects.about(programme)]


def test_programme_is_registered_before_its_units(world: World) -> None:
    world.unit()
    programme = planned(world, units=24)
    assert (programme.number, programme.name, programme.commune) == (2, "Les Quais", world.places["Narbonne"])
    assert (programme.delivered_on, programme.expected_units, programme.allotment_agreed_on) == (DELIVERY, 24, None)
    assert acts(programme) == [("RECORDED", "alice@exemple.test", "")]


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"name": " "}, "name", "Donnez un nom au programme : celui qu’il aura dans votre fichier RPLS."),
        ({"place": "Aude"}, "commune", "Un programme se situe dans une commune : choisissez-la."),
        ({"expected_units": 0}, "expected_units", "Un programme compte de 1 à 2000 logements : vérifiez le nombre."),
        ({"expected_units": 2001}, "expected_units", "Un programme compte de 1 à 2000 logements : vérifiez le nombre."),
        (
            {"name": "Résidence de Narbonne"},
            None,
            "Ce bailleur a déjà un programme de ce nom dans cette commune.",
        ),
    ],
)
def test_programme_refused_writes_nothing(
    world: World, given: dict[str, object], field: str | None, sentence: str
) -> None:
    world.unit()
    terms = {"name": "Les Quais", "expected_units": 24, "delivered_on": DELIVERY, "by": world.people["alice"]}
    place = world.places[given.pop("place", "Narbonne")]
    with pytest.raises(Refusal) as refused:
        register_programme(landlord=world.landlord, commune=place, **(terms | given))
    assert (refused.value.field, str(refused.value)) == (field, sentence)
    about = HistoryEntry.objects.filter(subject="flux.programme")
    assert (Programme.objects.count(), about.count()) == (1, 0)


def test_draft_is_written_again_in_its_place(world: World) -> None:
    programme = planned(world, units=10)
    first, second = unit_of(world, programme), unit_of(world, programme)
    drafted(world, programme, ("city", 3, [first]), ("als", 2, []))
    drafted(world, programme, ("als", 4, [first, second]), ("agents", 1, []))
    assert list(programme.allotments.values_list("holder", "units")) == [
        (world.holders["als"].pk, 4),
        (world.holders["agents"].pk, 1),
    ]
    assert set(AllottedUnit.objects.values_list("allotment__holder", "unit")) == {
        (world.holders["als"].pk, first.pk),
        (world.holders["als"].pk, second.pk),
    }
    last = HistoryEntry.objects.about(programme).last()
    assert last.details == {
        "allotment": [
            {
                str(world.holders["city"]): {"units": 3, "named": [str(first)]},
                str(world.holders["als"]): {"units": 2, "named": []},
            },
            {
                str(world.holders["als"]): {"units": 4, "named": [str(first), str(second)]},
                str(world.holders["agents"]): {"units": 1, "named": []},
            },
        ]
    }
    drafted(world, programme)
    assert Allotment.objects.count() == 0


@pytest.mark.parametrize(
    ("shares", "sentence"),
    [
        (
            [("landlord", 1, "")],
            "Le bailleur garde ce qui n’est pas réparti : donnez des parts aux réservataires.",
        ),
        ([("city", 0, "")], "La part de la {city} compte au moins un logement, ou ne s’écrit pas."),
        ([("city", 1, ""), ("city", 2, "")], "{city} apparaît deux fois : réunissez ses deux parts."),
        (
            [("city", 1, "ab")],
            "{city} a une part de 1 et 2 logements désignés : augmentez sa part, ou retirez une désignation.",
        ),
        (
            [("city", 1, "a"), ("als", 1, "a")],
            "{a} est désigné deux fois : choisissez un seul réservataire.",
        ),
        ([("city", 1, "x")], "{x} n’est pas un logement du programme Les Quais."),
        (
            [("city", 6, ""), ("als", 5, "")],
            "Les parts font 11 logements, et le programme en compte 10 : diminuez une part de 1.",
        ),
    ],
)
def test_draft_refused_leaves_the_one_before(world: World, shares: list[tuple[str, int, str]], sentence: str) -> None:
    programme = planned(world, units=10)
    units = {"a": unit_of(world, programme), "b": unit_of(world, programme), "x": world.unit()}
    drafted(world, programme, ("epci", 2, []))
    with pytest.raises(Refusal) as refused:
        drafted(world, programme, *((holder, count, [units[key] for key in keys]) for holder, count, keys in shares))
    assert str(refused.value) == sentence.format(**units, **world.holders)
    assert list(Allotment.objects.values_list("holder", "units")) == [(world.holders["epci"].pk, 2)]


def test_share_of_a_programme_without_plan_is_refused(world: World) -> None:
    programme = world.unit().programme
    with pytest.raises(Refusal, match="Dites d’abord combien de logements"):
        drafted(world, programme, ("city", 1, []))
    assert Allotment.objects.count() == 0


def test_agreement_fixes_the_allotment(world: World) -> None:
    programme = agreed(world, ("city", 3, []), units=10)
    assert programme.allotment_agreed_on == TODAY
    assert acts(programme)[-1] == ("AGREED", "alice@exemple.test", "Concertation du 12.")
    for act, sentence in (
        (lambda: drafted(world, programme, ("als", 1, [])), "rouvrez-la, avec un motif, pour la changer."),
        (lambda: agree(world, programme), "La répartition est déjà convenue, depuis le 24/11/2026."),
        (
            lambda: plan_delivery(
                programme=programme, delivered_on=DELIVERY, expected_units=11, by=world.people["alice"]
            ),
            "rouvrez-la pour changer leur nombre.",
        ),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert str(refused.value).endswith(sentence)
    assert list(Allotment.objects.values_list("units", flat=True)) == [3]


def agree(world: World, programme: Programme, on: date = TODAY) -> Programme:
    return agree_allotment(programme=programme, agreed_on=on, by=world.people["alice"], now=MORNING)


def _let_in_the_flow(world: World, programme: Programme) -> None:
    world.vacancy(unit_of(world, programme))


def _delivered(world: World, programme: Programme) -> None:
    Programme.objects.filter(pk=programme.pk).update(delivered_on=TODAY - timedelta(days=1))


def _without_shares(world: World, programme: Programme) -> None:
    drafted(world, programme)


def _more_units(world: World, programme: Programme) -> None:
    for _ in range(4):
        unit_of(world, programme)


@pytest.mark.parametrize(
    ("before", "on", "sentence"),
    [
        (None, TODAY + timedelta(days=1), "Un accord ne se date pas d’un jour à venir."),
        (_delivered, TODAY, "La répartition se convient avant la livraison, le 23/11/2026"),
        (_without_shares, TODAY, "Aucun réservataire n’a de part : répartissez d’abord le programme."),
        (_let_in_the_flow, TODAY, "ont déjà été mis en location : une répartition se convient avant."),
        (_more_units, TODAY, "compte déjà 4 logements enregistrés, et vous en prévoyez 3"),
    ],
)
def test_agreement_refused(
    world: World, before: Callable[[World, Programme], None] | None, on: date, sentence: str
) -> None:
    programme = planned(world, units=3)
    drafted(world, programme, ("city", 3, []))
    if before:
        before(world, programme)
    with pytest.raises(Refusal) as refused:
        agree(world, programme, on)
    assert sentence in str(refused.value)
    programme.refresh_from_db()
    assert programme.allotment_agreed_on is None
    assert "AGREED" not in {act for act, _, _ in acts(programme)}


def test_agreement_reopens_with_a_motive_until_a_unit_is_let(world: World) -> None:
    programme = agreed(world, ("city", 3, []), units=10)
    with pytest.raises(Refusal) as refused:
        reopen_allotment(programme=programme, why=" ", by=world.people["alice"])
    assert refused.value.field == "why"
    reopen_allotment(programme=programme, why="Un financeur se retire.", by=world.people["alice"])
    assert acts(programme)[-1] == ("EDITED", "alice@exemple.test", "Un financeur se retire.")
    drafted(world, programme, ("city", 2, []))
    agree(world, programme)
    world.vacancy(unit_of(world, programme), kind=Vacancy.Kind.FIRST_LETTING)
    with pytest.raises(Refusal, match="Un logement du programme est déjà loué selon cette répartition"):
        reopen_allotment(programme=programme, why="Trop tard.", by=world.people["alice"])
    programme.refresh_from_db()
    assert programme.allotment_agreed_on == TODAY


def test_plan_changes_until_the_first_letting(world: World) -> None:
    programme = planned(world, units=10)
    drafted(world, programme, ("city", 8, []))
    alice = world.people["alice"]
    plan_delivery(programme=programme, delivered_on=DELIVERY, expected_units=9, by=alice, why="Un logement de moins.")
    entry = HistoryEntry.objects.about(programme).last()
    assert (entry.why, entry.details) == ("Un logement de moins.", {"expected_units": [10, 9]})
    with pytest.raises(Refusal, match="Les parts font 8 logements, et le programme en compte 7"):
        plan_delivery(programme=programme, delivered_on=DELIVERY, expected_units=7, by=alice)
    agree(world, programme)
    with pytest.raises(Refusal, match="la livraison vient après"):
        plan_delivery(programme=programme, delivered_on=TODAY - timedelta(days=1), expected_units=9, by=alice)
    plan_delivery(programme=programme, delivered_on=DELIVERY + timedelta(days=30), expected_units=9, by=alice)
    world.vacancy(unit_of(world, programme), kind=Vacancy.Kind.FIRST_LETTING)
    with pytest.raises(Refusal, match="ont déjà été mis en location"):
        plan_delivery(programme=programme, delivered_on=DELIVERY, expected_units=9, by=alice)


def test_set_allotment_says_nothing_of_the_landlord(world: World) -> None:
    """What no holder gets is nobody's row: it is what is left."""
    programme = planned(world, units=10)
    made = set_allotment(programme=programme, shares=[Share(world.holders["city"], 3)], by=world.people["alice"])
    assert [(allotment.holder, allotment.units) for allotment in made] == [(world.holders["city"], 3)]
