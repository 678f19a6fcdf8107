"""The stage that lists read, kept by the database, beside the one that candidates say."""

from __future__ import annotations

import pytest
from django.db import connection

from attributions.households.models import UnitStage
from attributions.households.queries.file import seen_in
from attributions.households.queries.stage import adrift
from flux.models import Vacancy
from flux.operations.cancellation import cancel_vacancy
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from tests.attributions.households.candidates import excluded, routed, sent
from tests.attributions.households.stages import stages_apart, stages_kept
from tests.world import World

pytestmark = pytest.mark.django_db


def test_a_unit_has_a_stage_as_long_as_somebody_follows_it(world: World) -> None:
    waiting = world.vacancy()
    assert stages_kept() == {}
    routing, apart = routed(world, "city"), excluded(world)
    assert stages_kept() == {routing.vacancy_id: "TO_PROPOSE", apart.pk: "TO_FIND"}
    sent(world, routing, 1)
    assert stages_kept()[routing.vacancy_id] == "TO_INSTRUCT"
    cancel_vacancy(
        vacancy=apart, reason=Vacancy.Cancellation.NOTICE_WITHDRAWN, text="Il reste.", by=world.people["alice"]
    )
    assert waiting.pk not in stages_kept()
    assert apart.pk not in stages_kept()
    assert stages_kept() == stages_apart()
    assert adrift() == []


def test_what_is_written_behind_the_triggers_is_found(world: World) -> None:
    routing = routed(world, "city")
    assert adrift() == []
    UnitStage.objects.filter(pk=routing.vacancy_id).update(stage="LET")
    other = excluded(world)
    UnitStage.objects.filter(pk=other.pk).delete()
    assert [pk for pk, _, _ in adrift()] == sorted([routing.vacancy_id, other.pk])
    assert "LET" in str(adrift())


def test_a_unit_that_moves_takes_its_stage_along(world: World) -> None:
    """A commune corrected on the unit, another landlord: the lists of both follow."""
    routing = routed(world, "city")
    unit = routing.vacancy.unit
    elsewhere = Territory.objects.filter(kind="COMMUNE").exclude(pk=unit.commune_id).order_by("pk")[0]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flux_unit SET commune_id = %s WHERE id = %s", [elsewhere.pk, unit.pk])
        cursor.execute("UPDATE flux_unit SET landlord_id = %s WHERE id = %s", [world.other_landlord.pk, unit.pk])
    staged = UnitStage.objects.get(pk=routing.vacancy_id)
    assert (staged.commune_id, staged.landlord_id) == (elsewhere.pk, world.other_landlord.pk)
    assert adrift() == []


def test_filters_offer_what_is_followed_and_nothing_else(world: World) -> None:
    """Each value once, those of units that nobody follows left out: as a DISTINCT would say."""
    routing, apart = routed(world, "city"), excluded(world)
    world.vacancy()
    alice = Membership.objects.get(user=world.people["alice"], organisation=world.landlord.organisation)
    every = UnitStage.objects.filter(landlord=world.landlord)
    assert set(Territory.objects.filter(seen_in(alice, "commune"))) == {
        each.commune for each in every.select_related("commune")
    }
    assert list(ReservationHolder.objects.filter(seen_in(alice, "holder"))) == [routing.holder]
    holder = Membership.objects.filter(organisation=routing.holder.organisation).order_by("pk")[0]
    assert list(Landlord.objects.filter(seen_in(holder, "landlord"))) == [world.landlord]
    assert set(Territory.objects.filter(seen_in(holder, "commune"))) == {routing.vacancy.unit.commune}
    assert apart.pk in stages_kept()
