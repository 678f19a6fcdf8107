"""Beside a vacancy, the committee asks who lives in the building: in counts that disclose nobody (CCH, L441-2)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from attributions.households.queries.occupation import Band, bands, occupation
from benchmarks.service.rows_read import rows_read
from flux.models import Routing, Unit
from reservations.models import LegalParameter
from tests.attributions.households.candidates import routed
from tests.attributions.households.lettings import TODAY, sign
from tests.attributions.households.sittings import House
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
BEFORE = TODAY - timedelta(days=500)


def tenants(
    world: World,
    quartile: int | None,
    number: int,
    *,
    since: date = BEFORE,
    commune: str = "Narbonne",
    **facts: object,
) -> None:
    """So many units of the residence of a commune, each let to a household of the quartile."""
    for _ in range(number):
        vacancy = world.vacancy(commune=commune)
        Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
        sign(world, vacancy, signed_on=since, income_quartile=quartile, **facts)


@pytest.mark.parametrize(
    ("counts", "least", "found"),
    [
        ((6, 7, 8, 9), 5, [(1, 1, 6), (2, 2, 7), (3, 3, 8), (4, 4, 9)]),
        ((6, 3, 4, 9), 5, [(1, 1, 6), (2, 3, 7), (4, 4, 9)]),
        ((6, 7, 8, 2), 5, [(1, 1, 6), (2, 2, 7), (3, 4, 10)]),
        ((0, 7, 8, 0), 5, [(1, 2, 7), (3, 4, 8)]),
        ((4, 1, 1, 3), 5, []),
        ((5, 1, 1, 1), 5, []),
        ((1, 1, 0, 2), 0, [(1, 1, 1), (2, 2, 1), (3, 4, 2)]),
        ((0, 0, 0, 0), 5, []),
    ],
)
def test_no_band_is_of_fewer_households_than_the_threshold(counts, least, found) -> None:
    """Each band is of `least` households at least, and so is what subtracting any of them from the whole leaves."""
    assert bands(dict(enumerate(counts, start=1)), least) == tuple(Band(*each) for each in found)


def test_the_landlord_counts_quartiles_and_a_holder_homes_alone(world: World) -> None:
    """Facts of homes are everybody's who opens the file; quartiles are those of households: the landlord's leases."""
    tenants(world, 1, 6)
    tenants(world, 2, 3)
    tenants(world, 4, 4, since=TODAY - timedelta(days=30))
    tenants(world, 3, 1, facts_among=7)
    free = world.unit(told_contingent=3, leased_since=date(2019, 5, 1))
    world.unit(landlord=world.other_landlord)
    about = {"landlord": world.landlord.pk, "on": TODAY}
    read = occupation(free.programme_id, world.member("alice"), **about)
    assert (read.units, read.occupied, read.dated, read.arrived) == (15, 15, 15, 4), "and not those of another landlord"
    assert read.contingents == {4: 14, 3: 1}
    assert (read.of_known, read.bands) == (13, (Band(1, 1, 6), Band(2, 4, 7))), "facts that were dealt are of nobody"
    others = occupation(free.programme_id, world.member("chloe"), **about)
    assert (others.units, others.contingents, others.of_known, others.bands) == (15, read.contingents, None, ())


def test_who_left_and_who_came_since_are_not_the_tenant_of_the_lease(world: World) -> None:
    """A unit that is free has no tenant; one that the RPLS has let since has another."""
    tenants(world, 1, 5)
    tenants(world, 4, 6)
    first, second = Unit.objects.order_by("pk")[:2]
    with unguarded("flux_unit"):
        Unit.objects.filter(pk=first.pk).update(leased_since=TODAY - timedelta(days=20))
    member, about = world.member("alice"), {"landlord": world.landlord.pk, "on": TODAY}
    read = occupation(first.programme_id, member, **about)
    assert (read.arrived, read.of_known, read.bands) == (1, 10, ())
    world.vacancy(unit=second, now=MORNING + timedelta(days=30))
    freed = occupation(first.programme_id, member, landlord=world.landlord.pk, on=TODAY + timedelta(days=90))
    assert (freed.units, freed.occupied, freed.of_known) == (11, 10, 9)


def test_the_threshold_is_that_of_the_day(world: World) -> None:
    """SMALL_CELL, the dated figure of published counts (docs/disclosure.md)."""
    tenants(world, 1, 3)
    tenants(world, 4, 3)
    programme = Unit.objects.first().programme_id
    about = {"landlord": world.landlord.pk, "on": TODAY}
    assert occupation(programme, world.member("alice"), **about).bands == ()
    LegalParameter.objects.filter(code=LegalParameter.Code.SMALL_CELL).update(value=3)
    assert len(occupation(programme, world.member("alice"), **about).bands) == 2


def test_file_shows_it_folded_to_who_reads_where_the_unit_is(world: World, sign_in: SignIn) -> None:
    tenants(world, 1, 6)
    tenants(world, 4, 5, since=TODAY - timedelta(days=30))
    vacancy = routed(world).vacancy
    address = reverse("file", args=[vacancy.pk])
    words = text_of(sign_in("alice").get(address))
    assert "Occupation de la résidence : 5 entrées en 12 mois, 12 logements" in words
    assert "1er quartile : 6, 2e au 4e quartile : 5, sur 11 ménages connus" in words
    assert "Collectivités : 11, non renseigné : 1" in words
    assert "Quartiles réunis jusqu’à 5 ménages au moins" in words
    own = text_of(sign_in("chloe").get(address))
    assert "lus par le bailleur, dont ce sont les baux" in own
    assert "quartile : 6" not in own
    assert "Occupation de la résidence" not in text_of(sign_in("bob").get(address))
    sheet = reverse("vacancy-detail", args=[vacancy.pk])
    assert "Qui habite la résidence" in text_of(sign_in("alice").get(sheet))
    assert "Qui habite la résidence" not in text_of(sign_in("bob").get(sheet))


def test_too_few_households_are_not_given(world: World, sign_in: SignIn) -> None:
    tenants(world, 1, 2)
    address = reverse("file", args=[routed(world).vacancy_id])
    words = text_of(sign_in("alice").get(address))
    assert "non communiqué trop peu de ménages par quartile, sur 2 ménages connus" in words
    assert "Quartiles réunis" not in words


def test_committee_reads_it_beside_the_cases(home: House, sign_in: SignIn) -> None:
    item = home.opened(vacancy=home.unit())
    page = sign_in("aline").get(reverse("agenda-item", args=[item.pk]))
    assert "Occupation de la résidence" in text_of(page)


def test_another_building_costs_nothing(world: World, django_assert_num_queries) -> None:
    """Two statements, whatever the number of units, which read those of this building and of no other."""
    tenants(world, 1, 3)
    programme = Unit.objects.get(reference__endswith="001").programme_id
    member, about = world.member("alice"), {"landlord": world.landlord.pk, "on": TODAY}
    read = []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    for _ in range(2):
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE attributions_lease, flux_vacancy, flux_unit")
        occupation(programme, member, **about)
        with rows_read() as rows:
            occupation(programme, member, **about)
        read.append(rows.total)
        tenants(world, 2, 30, commune="Coursan")
    assert read[1] <= read[0] + 30 // 2, rows.most
    with django_assert_num_queries(2):
        occupation(programme, member, **about)
