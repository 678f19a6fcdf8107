"""Who reads each request by name, kept by the database for lists (docs/triggers.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from attributions.households.models import Application, Proposal, RequestReader
from attributions.households.queries.applications import applications, read_by, readers_adrift
from attributions.retention import pseudonymise
from tests.attributions.households.candidates import candidate, routed, sent
from tests.attributions.households.rows import application
from tests.world import World

pytestmark = pytest.mark.django_db


def kept() -> set[tuple[int, int]]:
    return set(RequestReader.objects.values_list("application", "organisation"))


def test_a_request_is_read_by_who_registered_it_then_by_the_landlord_to_which_it_was_sent(world: World) -> None:
    routing = routed(world)
    city, landlord = world.city.pk, world.landlord.organisation_id
    request = candidate(world, routing.vacancy, 1, routing=routing).application_id
    assert kept() == {(request, city)}
    sent(world, routing)
    assert kept() == {(request, city), (request, landlord)}
    assert readers_adrift() == []


def test_the_readers_of_a_request_follow_its_unit_and_end_with_its_identity(world: World) -> None:
    routing = routed(world)
    request = sent(world, routing, 1).proposals.get().application_id
    unit = routing.vacancy.unit
    with connection.cursor() as cursor:
        cursor.execute("UPDATE flux_unit SET landlord_id = %s WHERE id = %s", [world.other_landlord.pk, unit.pk])
    assert kept() == {(request, world.city.pk), (request, world.other_landlord.organisation_id)}
    assert readers_adrift() == []
    Application.objects.filter(pk=request).update(closed_on=timezone.localdate(), closure="WAIVED")
    Proposal.objects.filter(application=request).update(status="ENDED")
    assert pseudonymise(ids=[request], now=timezone.now() + timedelta(days=366)) == 1
    assert kept() == set()
    assert readers_adrift() == []


def test_what_is_written_behind_the_triggers_is_found(world: World) -> None:
    lost, added = application(world), application(world)
    assert readers_adrift() == []
    RequestReader.objects.filter(application=lost).delete()
    RequestReader.objects.create(application=added, organisation=world.landlord.organisation)
    assert readers_adrift() == [
        (lost.pk, world.city.pk, False),
        (added.pk, world.landlord.organisation_id, True),
    ]


def test_each_page_of_requests_is_found_from_the_nearest_end(world: World, sign_in: Callable[[str], Client]) -> None:
    """Sixty requests, three pages: the same as the whole list, cut."""
    for _ in range(60):
        application(world)
    member = world.member("chloe")
    every = [each.pk for each in applications(member)]
    assert list(read_by(member)) == every == sorted(every, reverse=True)
    client, shown = sign_in("chloe"), []
    for number in (1, 2, 3):
        page = client.get(reverse("application-list"), {"page": number})
        shown.append([row.application.pk for row in page.context["rows"]])
        assert page.context["page"].paginator.count == 60
    assert shown == [every[:25], every[25:50], every[50:]]
    assert client.get(reverse("application-list"), {"page": 999}).context["page"].number == 3
