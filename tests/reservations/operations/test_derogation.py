"""Orders of the préfet that lift a cap, through their acts."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reservations.models import Derogation, HistoryEntry, LegalParameter
from reservations.operations.derogation import DerogationRefused, end_derogation, record_derogation
from reservations.queries.derogations import departements_of
from tests.world import World


def recorded(world: World, **given: Any) -> Derogation:
    terms = {
        "landlord": world.landlord,
        "departement": world.places["Aude"],
        "code": LegalParameter.Code.STATE_SHARE_MAX,
        "value": Decimal(35),
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "order": "arrêté n° 2026-7",
        "by": world.people["bob"],
    }
    return record_derogation(**(terms | given))


def test_derogation_is_recorded_with_who_and_what(world: World) -> None:
    derogation = recorded(world, order="  arrêté n° 2026-7 ", why="tension du territoire")
    assert (derogation.value, derogation.order) == (Decimal(35), "arrêté n° 2026-7")
    assert list(HistoryEntry.objects.about(derogation).values_list("act", "by__full_name", "why", "details")) == [
        (
            "RECORDED",
            "Bob",
            "tension du territoire",
            {"value": [None, "35"], "starts_on": [None, "2026-01-01"], "ends_on": [None, "2026-12-31"]},
        )
    ]


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"code": "FLOW_REQUIRED"}, "code", "l’un des deux plafonds"),
        ({"order": "  "}, "order", "Citez l’arrêté"),
        ({"ends_on": date(2025, 12, 31)}, "ends_on", "finit avant de commencer"),
        ({"ends_on": date(2027, 1, 1)}, "ends_on", r"12 mois au plus .* jusqu’au 31/12/2026"),
        ({"value": Decimal(30)}, "value", "déjà de 30 %"),
        ({"value": Decimal("100.5")}, "value", "Un plafond va de plus de 0 % à 100 %"),
        ({"value": Decimal("30.00001")}, "value", "quatre décimales"),
        ({"starts_on": date(2019, 1, 1), "ends_on": date(2019, 2, 1)}, "starts_on", "demandez à l’administrateur"),
    ],
)
def test_derogation_out_of_the_law_is_refused_at_its_field(
    world: World, given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(DerogationRefused, match=sentence) as refused:
        recorded(world, **given)
    assert refused.value.field == field
    assert (Derogation.objects.count(), HistoryEntry.objects.filter(subject="reservations.derogation").count()) == (
        0,
        0,
    )


def test_derogation_out_of_a_departement_is_refused(world: World) -> None:
    with pytest.raises(DerogationRefused) as refused:
        recorded(world, departement=world.places["Narbonne"])
    assert refused.value.field == "departement"


def test_second_derogation_of_a_cap_at_the_same_time_is_refused(world: World) -> None:
    recorded(world)
    with pytest.raises(DerogationRefused, match=r"du 01/01/2026 au 31/12/2026 \(arrêté n° 2026-7\)"):
        recorded(world, starts_on=date(2026, 12, 31), ends_on=date(2027, 6, 30))
    recorded(world, starts_on=date(2027, 1, 1), ends_on=date(2027, 6, 30))
    recorded(world, departement=world.places["Hérault"])
    recorded(world, code=LegalParameter.Code.STATE_AGENTS_SHARE_MAX, value=Decimal(8))
    recorded(world, landlord=world.other_landlord)
    assert Derogation.objects.count() == 5


def test_longest_derogation_follows_the_parameter(world: World) -> None:
    LegalParameter.objects.filter(code="DEROGATION_MONTHS_MAX").update(value=6)
    with pytest.raises(DerogationRefused, match=r"6 mois au plus .* jusqu’au 30/06/2026"):
        recorded(world, ends_on=date(2026, 7, 1))
    assert recorded(world, ends_on=date(2026, 6, 30)).ends_on == date(2026, 6, 30)


def test_end_is_brought_forward_with_its_reason(world: World) -> None:
    ended = end_derogation(
        derogation=recorded(world), ends_on=date(2026, 6, 30), by=world.people["alice"], why="abrogé"
    )
    ended.refresh_from_db()
    assert ended.ends_on == date(2026, 6, 30)
    last = HistoryEntry.objects.about(ended).last()
    assert last is not None
    assert (last.act, last.by.full_name, last.why, last.details) == (
        "ENDED",
        "Alice",
        "abrogé",
        {"ends_on": ["2026-12-31", "2026-06-30"]},
    )


@pytest.mark.parametrize(
    ("ends_on", "why", "field"),
    [
        (date(2025, 12, 31), "abrogé", "ends_on"),
        (date(2026, 12, 31), "abrogé", "ends_on"),
        (date(2026, 6, 30), " ", "why"),
    ],
)
def test_end_out_of_the_period_or_without_reason_is_refused(world: World, ends_on: date, why: str, field: str) -> None:
    derogation = recorded(world)
    with pytest.raises(DerogationRefused) as refused:
        end_derogation(derogation=derogation, ends_on=ends_on, by=world.people["alice"], why=why)
    derogation.refresh_from_db()
    assert (refused.value.field, derogation.ends_on) == (field, date(2026, 12, 31))


def test_an_overseer_has_the_departements_that_its_territory_touches_alone(world: World) -> None:
    """Its own, those of its région, or those of its communes: the caps of the State are set by département (CCH,
    R441-5-2)."""
    member = world.member("bob")
    found = {}
    for name in ("Aude", "Occitanie", "Le Grand Narbonne"):
        member.organisation.territory = world.places[name]
        found[name] = {each.name for each in departements_of(member)}
    assert found == {"Aude": {"Aude"}, "Occitanie": {"Aude", "Hérault"}, "Le Grand Narbonne": {"Aude"}}
    member.organisation.territory = None
    assert not departements_of(member).exists()
