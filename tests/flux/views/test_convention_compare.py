"""Two conventions side by side: each clause, and what it makes for each party in units a year."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from flux.pages.convention_comparison import YearlyUnits, answer, clauses
from flux.queries.shares import compared_with
from reservations.models import Convention
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, convention

SignIn = Callable[[str], Client]


def compare(pk: int) -> str:
    return reverse("convention-compare", args=[pk])


def test_what_changes_is_stated_clause_by_clause_and_in_units_a_year(world: World, sign_in: SignIn) -> None:
    for _ in range(8):
        world.vacancy(commune="Narbonne")
    city = world.conventions["city"]
    share = city.quotas.get().share
    draft = convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], str(share / 10_000 + 25), 1),
        signed=False,
        starts_on=MORNING.date().replace(month=12, day=1),
        proposal_days=7,
    )
    alice = sign_in("alice")
    page = text_of(alice.get(compare(draft.pk), {"avec": city.pk}))
    assert "+2,00 logements par an" in page  # 25 % of eight units
    assert "Le bailleur et les autres réservataires" in page
    assert "−2,00" in page
    assert "7 jours" in page
    assert "change" in alice.get(compare(draft.pk), {"fichier": "csv", "avec": city.pk}).getvalue().decode()
    assert str(city.organisation) in text_of(alice.get(compare(draft.pk)))
    assert sign_in("chloe").get(compare(city.pk)).status_code == 200
    assert sign_in("chloe").get(compare(draft.pk)).status_code == 404
    assert sign_in("chloe").get(compare(city.pk), {"avec": draft.pk}).status_code == 404


def test_a_landlord_without_flow_is_notified_that_units_cannot_be_stated(world: World, sign_in: SignIn) -> None:
    page = text_of(sign_in("alice").get(compare(world.conventions["city"].pk)))
    assert "ne peut pas encore être dit" in page
    alone = text_of(sign_in("chloe").get(compare(world.conventions["city"].pk)))
    assert "Rien à comparer" in alone


@pytest.mark.parametrize(
    ("before", "after", "moved", "expected"),
    [
        ({"Fin": "2028"}, {"Fin": "2028"}, [], "Les deux disent la même chose, clause par clause."),
        (
            {"Fin": "2028"},
            {"Fin": "2029", "Rang": "1"},
            [YearlyUnits("Narbonne", 5, 5)],
            "2 clauses changent sur 2 ; personne ne reçoit ni plus ni moins de logements.",
        ),
        (
            {"Fin": "2028"},
            {"Fin": "2029"},
            [YearlyUnits("État", 0, 1_000_000), YearlyUnits("Narbonne", 3_000_000, 0)],
            "1 clause change sur 1 ; Narbonne : −3,00 logements par an.",
        ),
    ],
)
def test_the_page_answers_in_one_sentence(
    before: dict[str, str], after: dict[str, str], moved: list[YearlyUnits], expected: str
) -> None:
    assert answer(clauses(before, after), moved) == expected


def test_its_own_versions_are_offered_first(world: World) -> None:
    """The latest of the landlord’s conventions may be another party’s: what one compares with is most often the text
    that this one replaces."""
    city, today = world.conventions["city"], MORNING.date()
    for key in ("city", "state"):
        signed = world.conventions[key]
        holder = signed.quotas.order_by("pk")[0].holder
        terms = {"signed": False, "starts_on": today.replace(month=12, day=1)}
        convention(world.landlord, signed.organisation, signed.perimeter, (holder, "5", 1), **terms)
    found = compared_with(city, Convention.objects.filter(landlord=world.landlord))
    assert city not in found
    own = [each.organisation == world.city for each in found]
    assert own == [True] + [False] * (len(found) - 1)
    assert len(own) > 2
