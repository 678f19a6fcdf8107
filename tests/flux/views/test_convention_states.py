"""The pages and papers of conventions whose terms are not those that usage proposes: each sentence is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from flux.conversion.compute import convert
from flux.conversion.reading import read_text
from flux.models import Conversion
from flux.queries.returns import effects
from reservations.models import Convention
from reservations.operations.convention import draft_convention
from reservations.operations.convention_amendment import amend_convention, give_formal_notice, terminate_convention
from reservations.operations.convention_terms import QuotaTerms, proposed_terms
from reservations.operations.terms import DelegationScope
from tests.flux.views.pages import text_of
from tests.house.tree import ROOT
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]
TODAY = MORNING.date()
YEARS = {"starts_on": date(2029, 1, 1), "ends_on": date(2031, 12, 31)}


@pytest.fixture(autouse=True)
def morning(time_machine: time_machine.TimeMachineFixture) -> None:
    time_machine.move_to(MORNING, tick=False)


def draft(world: World, *quotas: QuotaTerms, by: str = "state", **terms: object) -> Convention:
    """The State's next convention, or another's; without a share unless some are given."""
    organisation = world.state if by == "state" else world.city
    perimeter = world.places["Aude" if by == "state" else "Narbonne"]
    return draft_convention(
        landlord=world.landlord,
        organisation=organisation,
        perimeter=perimeter,
        quotas=list(quotas),
        terms=replace(proposed_terms(organisation, YEARS["starts_on"]), **terms),
        by=world.people["alice"],
        **YEARS,
    )


#: What an EPCI asks for (CCH, L441-1).
AGREED = DelegationScope(accord_on=date(2026, 3, 3), accord_reference="délibération n° 12")


def detail(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-detail", args=[row.pk])))


def paper(client: Client, row: Convention) -> str:
    return text_of(client.get(reverse("convention-document", args=[row.pk])))


def test_terms_at_their_other_values_are_stated_on_the_page(world: World, sign_in: SignIn) -> None:
    delegating = QuotaTerms(world.holders["priority"], 250_000, 1, delegates=(world.city, world.epci), scope=AGREED)
    row = draft(
        world,
        delegating,
        counting_point="ALLOCATED",
        not_offered=(),
        new_candidates_days=5,
        clock_restarts=("COMMITTEE",),
        local_holidays=True,
        signal_days=15,
        proposal_days=None,
        minimum_candidates=None,
        first_letting_counts=True,
    )
    Convention.objects.filter(pk=row.pk).update(
        fallback=[], returns_effect="YES"
    )  # as a convention that was taken over may be
    words = detail(sign_in("alice"), row)
    for sentence in (
        "Un logement compte dans la part quand la commission l’attribue.",
        "Un logement rendu compte toujours, sauf si des travaux empêchent de le louer.",
        "Un logement rendu compte toujours comme proposé.",
        "Quand il n’en reste aucun et que la cause en est la CALEOL, le délai repart pour 5 jours ouvrés.",
        "jours fériés exclus, y compris ceux d’Alsace-Moselle, le Vendredi saint et le 26 décembre (Code du",
        "Le bailleur signale alors le logement en 15 jours ouvrés.",
        "Sans candidat Aucun ordre n’est convenu. D’une année",
        "Les premières locations comptent dans la part.",
        "Préfecture de l’Aude propose ses candidats, sans délai convenu.",
    ):
        assert sentence in words
    assert "proposent au nom du préfet sur son territoire" in words
    assert "avec l’accord du maire du 3 mars 2026 (délibération n° 12)" in words
    assert words.count("l’accord du maire du 3 mars") == 1, "the EPCI’s alone"
    result = paper(sign_in("alice"), row)
    for name in ("à la Ville de Narbonne", "au Grand Narbonne"):
        assert f"Le préfet délègue {name} l’exercice de ses droits" in result


def test_a_return_always_counts_but_for_works_as_the_page_says(world: World, sign_in: SignIn) -> None:
    """« Sauf si des travaux empêchent de le louer »: what the page says of a return is what the account does."""
    row = draft(world, by="city", returns_effect="YES")
    assert {side: effects(row, side).consumed for side in ("HOLDER", "LANDLORD", "UNIT")} == {
        "HOLDER": True,
        "LANDLORD": True,
        "UNIT": False,
    }
    never = draft(world, by="state", returns_effect="NO", counting_point="LEASED")
    words = detail(sign_in("alice"), never)
    assert "Un logement rendu ne compte jamais." in words
    assert "Un logement compte dans la part quand le bail est signé." in words
    assert "Aucune part. Modifiez le brouillon pour en écrire une." in words


def test_a_draft_without_a_share_says_so_in_the_list_and_on_paper(world: World, sign_in: SignIn) -> None:
    row = draft(world, by="city")
    client = sign_in("alice")
    listed = client.get(reverse("convention-list"), {"annee": "2029"})
    assert [line.convention for line in listed.context["lines"]] == [row]
    assert "aucune part" in text_of(listed)
    assert "Aucune part n’est encore écrite." in paper(client, row)


def test_an_amendment_that_changes_nothing_yet_says_so(world: World, sign_in: SignIn) -> None:
    row = amend_convention(
        convention=world.conventions["city"], starts_on=date(2027, 1, 1), by=world.people["alice"], today=TODAY
    )
    assert "Aucun terme ne change. La convention ainsi modifiée" in paper(sign_in("alice"), row)


def test_a_convention_older_than_the_dated_law_names_no_day(world: World, sign_in: SignIn) -> None:
    """The 28 February of R441-5 is a dated parameter: what began before it is written without."""
    old = convention(
        world.other_landlord,
        world.als,
        world.places["Hérault"],
        (world.holders["als"], "20", 1),
        starts_on=date(2016, 1, 1),
        signed=False,
    )
    words = paper(sign_in("zoe"), old)
    assert "Chaque année, le bailleur annonce au réservataire" in words
    assert "Chaque année, le bailleur adresse à l’ensemble des réservataires le bilan" in words
    assert "Avant le 28 février de chaque année, le bailleur annonce" in paper(
        sign_in("chloe"), world.conventions["city"]
    )


def test_each_contingent_converted_has_its_own_annex(world: World, sign_in: SignIn) -> None:
    row = draft(
        world, QuotaTerms(world.holders["priority"], 250_000, 1), QuotaTerms(world.holders["agents"], 50_000, 2)
    )
    sheet = convert(read_text((ROOT / "docs/examples/conversion.json").read_text(encoding="utf-8")))
    for holder in ("priority", "agents"):
        Conversion.objects.create(
            landlord=world.landlord,
            holder=world.holders[holder],
            perimeter=world.places["Aude"],
            label=f"Lecture {holder}",
            given={},
            worksheet=sheet.as_json(),
            rate_numerator=sheet.rate.numerator,
            rate_denominator=sheet.rate.denominator,
            share=sheet.share,
            created_by=world.people["alice"],
            convention=row,
            **YEARS,
        )
    words = paper(sign_in("alice"), row)
    assert "Annexe 1. Conversion en flux des droits en stock : État – publics prioritaires" in words
    assert "Annexe 2. Conversion en flux des droits en stock : État – agents" in words


def test_termination_refused_stays_open_and_done_is_reported(world: World, sign_in: SignIn) -> None:
    row, bob = world.conventions["state"], sign_in("bob")
    give_formal_notice(convention=row, given_on=date(2026, 9, 20), why="Rien.", by=world.people["bob"], today=TODAY)
    refused = bob.post(
        reverse("convention-terminate", args=[row.pk]), {"sure": "on", "ends_on": "31/12/2026", "why": ""}
    )
    assert refused.status_code == 422
    opened = refused.content.decode().split('<details class="act" open>')
    assert len(opened) == 2
    assert "Résilier la convention…" in opened[1].split("</summary>")[0]
    terminate_convention(
        convention=row, ends_on=date(2026, 12, 31), why="Sans réponse.", by=world.people["bob"], today=TODAY
    )
    assert "Fin résiliée par l’État" in detail(bob, row)
