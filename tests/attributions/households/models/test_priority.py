"""Has a household priority in law? Yes, no, or not stated: never one for the other, from the form to the objectives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.queries.objectives import objectives
from attributions.households.exports.lists import COLUMNS
from attributions.households.models import Application, Lease, Proposal
from attributions.households.operations.lease import sign_lease
from attributions.households.operations.needs import instruct_proposal
from attributions.households.operations.request_facts import FactsRefused
from attributions.households.operations.sne_import import SneRow, import_applications
from tests.attributions.households.candidates import candidate, priority, routed, sent
from tests.attributions.households.rows import Case, accepted, application
from tests.world import MORNING, World

SignIn = Callable[[str], Client]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def lease_of(world: World, **facts: object) -> Lease:
    [first] = accepted(world, Case("ALLOCATED"), applications=[application(world, **facts)])
    return sign_lease(proposal=first, signed_on=MORNING.date(), by=world.people["aline"], now=MORNING)


def test_objectives_state_what_nobody_stated_apart_from_no(world: World) -> None:
    leases = [lease_of(world, **facts) for facts in ({}, {"has_priority": False}, {"priority": priority()})]
    assert [lease.has_priority for lease in leases] == [None, False, True]
    [score] = [score for score in objectives(2026) if score.code == "PRIORITY_AUTHORITY"]
    assert (score.counts.numerator, score.counts.unknown, score.counts.rest, score.denominator) == (1, 1, 1, 3)


def test_a_form_says_yes_no_or_nothing(world: World, sign_in: SignIn) -> None:
    routing = routed(world)
    draft = candidate(world, routing.vacancy, 1, routing=routing)
    client, url = sign_in("chloe"), reverse("proposal-edit", args=[draft.pk])
    base = {"routing": routing.pk, "name": "Durand 01 Amina", "birth_date": "12/03/1984"}
    dalo = priority()
    for typed, kept in (
        ({"has_priority": "no"}, (False, None)),
        ({"has_priority": "yes", "priority": dalo.pk}, (True, dalo)),
        ({"has_priority": "yes"}, (True, None)),
        ({"priority": dalo.pk}, (True, dalo)),  # naming a category is saying yes
        ({"has_priority": ""}, (None, None)),
        ({"has_priority": "no"}, (False, None)),
    ):
        assert client.post(url, base | typed).status_code == 302
        draft.refresh_from_db()
        assert (draft.has_priority, draft.priority) == kept
    assert '<input type="radio" name="has_priority" value="no" id="id_has_priority_2" checked>' in (
        client.get(url).content.decode()
    )
    refused = client.post(url, base | {"has_priority": "no", "priority": dalo.pk})
    assert (refused.status_code, "choisissez « Oui »" in refused.content.decode()) == (422, True)


def test_a_household_stated_without_priority_loses_its_category(world: World) -> None:
    sent(world, routed(world), 1)
    proposal = Proposal.objects.get()
    by = world.people["aline"]
    instruct_proposal(proposal=proposal, facts={"priority": priority()}, by=by, now=MORNING)
    known = Application.objects.get()
    assert (known.has_priority, known.priority) == (True, priority())
    ready = instruct_proposal(proposal=proposal, facts={"has_priority": False}, by=by, now=MORNING)
    known.refresh_from_db()
    assert (ready.has_priority, ready.priority, known.has_priority, known.priority) == (False, None, False, None)
    with pytest.raises(FactsRefused, match="suppose un ménage prioritaire"):
        instruct_proposal(proposal=proposal, facts={"has_priority": False, "priority": priority()}, by=by, now=MORNING)


def test_history_says_it_in_words(world: World, sign_in: SignIn) -> None:
    sent(world, routed(world), 1)
    proposal = Proposal.objects.get()
    instruct_proposal(proposal=proposal, facts={"has_priority": False}, by=world.people["aline"], now=MORNING)
    page = sign_in("aline").get(reverse("proposal-detail", args=[proposal.pk])).content.decode()
    assert "ménage prioritaire, non renseigné → non" in page
    assert "<dt>Priorité</dt><dd>aucune</dd>" in page


def test_an_export_says_yes_of_dalo_and_nothing_otherwise(world: World) -> None:
    dalo = SneRow(1, "011012600000111262", None, {"dalo": True, "labelled_on": date(2026, 6, 5)})
    rows = [dalo, SneRow(2, "011012600000211262", None, {"adults": 1})]
    import_applications(rows=rows, organisation=world.city, by=world.people["chloe"], now=MORNING)
    assert list(Application.objects.order_by("pk").values_list("has_priority", flat=True)) == [True, None]


@pytest.mark.parametrize(
    ("facts", "cell"),
    [
        ({}, "non renseignée"),
        ({"has_priority": False}, "aucune"),
        ({"has_priority": True}, "oui, catégorie non renseignée"),
    ],
)
def test_workbook_says_the_three(world: World, facts: dict[str, Any], cell: str) -> None:
    routing = routed(world)
    proposal = candidate(world, routing.vacancy, 1, routing=routing, **facts)
    assert [each.cell(proposal) for each in COLUMNS if each.title == "Priorité"] == [cell]
