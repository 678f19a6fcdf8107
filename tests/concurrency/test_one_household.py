"""One household, whatever the locks: a candidate of a unit once, housed once, and its number leads to one request."""

from __future__ import annotations

import pytest
from django.db import connection

from attributions.households.models import Application, ApplicationAlias, HouseholdCandidacy, Lease, Proposal
from attributions.households.operations.application import add_alias, register_application
from attributions.households.operations.lease import sign_lease
from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.proposal import prepare_proposal
from attributions.households.queries.applications import numbers_adrift
from flux.controls import CONTROLS, run_controls
from flux.models import AuditAlert
from flux.queries.controls.accounts import Check
from reservations.refusals import Refusal
from tests.attributions.households.candidates import number, routed
from tests.attributions.households.rows import Case, accepted, application, candidates, statuses
from tests.concurrency.together import at_once
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)


def refused(outcomes: list[object]) -> list[bool]:
    """Which are refusals with a sentence; anything else that was raised is a fault."""
    assert all(isinstance(each, Refusal) for each in outcomes if isinstance(each, Exception)), outcomes
    return sorted(isinstance(each, Refusal) for each in outcomes)


@pytest.mark.usefixtures("without_row_locks")
def test_requests_that_merge_while_one_is_added_are_a_candidate_once(world: World) -> None:
    routing, chloe = routed(world), world.people["chloe"]
    kept, absorbed = application(world), application(world)
    Application.objects.filter(pk=absorbed.pk).update(name=kept.name)
    candidates(world, routing, applications=[absorbed], status="DRAFT")
    outcomes = at_once(
        lambda: add_alias(application=kept, number=absorbed.number, organisation=world.city, by=chloe, now=MORNING),
        lambda: prepare_proposal(
            vacancy=routing.vacancy, routing=routing, application=kept, proposer=world.city, by=chloe, now=MORNING
        ),
    )
    assert refused(outcomes) == [False, True]
    households = HouseholdCandidacy.objects.filter(routing=routing).values_list("household", flat=True)
    assert len(households) == len(set(households)) == Proposal.objects.live().filter(routing=routing).count()


@pytest.mark.usefixtures("without_row_locks")
def test_household_that_signs_on_two_units_at_once_is_housed_once(world: World) -> None:
    household, aline = application(world), world.people["aline"]
    firsts = [accepted(world, Case(), applications=[household])[0] for _ in range(2)]
    outcomes = at_once(
        *(
            lambda first=first: sign_lease(proposal=first, signed_on=MORNING.date(), by=aline, now=MORNING)
            for first in firsts
        ),
        before='INTO "attributions_lease"',
    )
    assert refused(outcomes) == [False, True]
    [error] = [each for each in outcomes if isinstance(each, Exception)]
    assert str(error).startswith(("Un bail est déjà signé pour ce ménage", "Cette demande est radiée"))
    assert Lease.objects.count() == statuses(firsts).count("HOUSED") == 1


def test_number_registered_while_it_becomes_another_number_leads_to_one_request(world: World) -> None:
    kept, chloe = application(world), world.people["chloe"]
    outcomes = at_once(
        lambda: add_alias(application=kept, number=number(9), organisation=world.city, by=chloe, now=MORNING),
        lambda: register_application(
            number=number(9), name=kept.name, birth_date=kept.birth_date, organisation=world.city, by=chloe, now=MORNING
        ),
    )
    assert refused(outcomes) in ([False, False], [False, True])
    assert Application.objects.filter(number=number(9)).exists() is not ApplicationAlias.objects.exists()
    assert numbers_adrift() == []


def test_household_that_was_there_twice_is_reported_every_night_until_one_candidacy_ends(
    world: World,
) -> None:
    """What the migration found so has one row; the other candidacy has its own again once it is alone."""
    routing = routed(world)
    household, twin = application(world), application(world)
    first, second = candidates(world, routing, applications=[household, twin])
    with connection.cursor() as cursor:  # as before the database kept households
        cursor.execute("SET session_replication_role = replica")
        Application.objects.filter(pk=twin.pk).update(merged_into=household)
        HouseholdCandidacy.objects.filter(proposal=second).delete()
        cursor.execute("RESET session_replication_role")
    assert run_controls(now=MORNING, controls=[CONTROLS[Check.TWICE]]) == 1
    assert AuditAlert.objects.get().found == {"candidates": 2, "vacancy": first.vacancy_id}
    withdraw_proposal(proposal=first, reason="WITHDREW", by=world.people["chloe"], now=MORNING)
    assert run_controls(now=MORNING, controls=[CONTROLS[Check.TWICE]]) == 0
    assert HouseholdCandidacy.objects.get().proposal == second
    assert HouseholdCandidacy.objects.get().household == household
