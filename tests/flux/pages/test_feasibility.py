"""What a draft promises, against what falls vacant."""

from __future__ import annotations

from datetime import date

import pytest

from flux.pages.checks import feasibility_checks
from flux.queries.shares import ENOUGH
from reservations.models import Convention
from reservations.operations.convention import SignatureRefused, draft_convention
from reservations.operations.convention_terms import QuotaTerms
from tests.signing import sign_converted, signed_by_each
from tests.world import MORNING, World, manager_of
from tests.world_again import done_once

TODAY = MORNING.date()
PLS = {"financing_code": "14"}


def draft(world: World, **given: object) -> Convention:
    """The next convention of Action Logement in the Aude, 20 % unless stated otherwise."""
    terms = {"share": 200_000, "rank": 3} | given
    return draft_convention(
        landlord=world.landlord,
        organisation=world.als,
        perimeter=world.places["Aude"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        quotas=[QuotaTerms(world.holders["als"], **terms)],
        by=manager_of(world.landlord),
    )


@done_once
def fallen(world: World, plus: int, pls: int, commune: str = "Narbonne") -> None:
    for _ in range(plus):
        world.vacancy(commune=commune)
    for _ in range(pls):
        world.vacancy(commune=commune, **PLS)


def test_nothing_is_asked_when_nobody_declines(world: World, django_assert_num_queries) -> None:
    fallen(world, 1, 1)
    row = draft(world, share=1_000_000)
    with django_assert_num_queries(2):
        assert feasibility_checks(row, on=TODAY) == []


def test_promise_that_what_comes_cannot_serve_is_a_refusal(world: World) -> None:
    fallen(world, 3, 12)
    (found,) = feasibility_checks(draft(world, share=250_000, declined=("financing:PLS",)), on=TODAY)
    assert found.is_refusal
    assert found.what == (
        "Avec ce qui s’est libéré en douze mois, 3,75 logements par an sont promis à Action Logement Services (ne "
        "prend pas les PLS), et il n’en vient que 3,00 qui puissent lui aller"
    )
    assert (found.where, found.measured, found.limit) == ("Aude", 3_750_000, 3_000_000)


def test_promise_just_served_is_not(world: World) -> None:
    fallen(world, 3, 12)
    assert feasibility_checks(draft(world, share=200_000, declined=("financing:PLS",)), on=TODAY) == []


def test_units_a_year_are_no_more_than_their_number(world: World) -> None:
    fallen(world, 3, 12)
    given = {"share": 266_667, "planned_flow": 15, "declined": ("financing:PLS",)}
    assert feasibility_checks(draft(world, **given | {"yearly_units": 4}), on=TODAY) != []
    given |= {"share": 200_000, "yearly_units": 3}
    assert feasibility_checks(draft(world, **given), on=TODAY) == []


def test_holders_that_decline_the_same_are_promised_together(world: World) -> None:
    fallen(world, 3, 12)
    beside = draft_convention(
        landlord=world.landlord,
        organisation=world.city,
        perimeter=world.places["Narbonne"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        quotas=[QuotaTerms(world.holders["city"], 100_000, 4, declined=("financing:PLS",))],
        by=manager_of(world.landlord),
    )
    sign_converted(convention=beside, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    row = draft(world, share=150_000, declined=("financing:PLS", "typology:T5"))
    (found,) = feasibility_checks(row, on=TODAY)
    assert found.what.startswith(
        "Avec ce qui s’est libéré en douze mois, 3,75 logements par an sont promis ensemble à Action Logement Services "
        "(ne prend pas les T5 et les PLS) ; à la Ville de Narbonne (ne prend pas les PLS), et"
    )


def test_promise_of_others_alone_is_not_held_against_a_draft(world: World) -> None:
    fallen(world, 3, 12)
    row = draft(world, share=500_000, declined=("financing:PLS",))
    Convention.objects.filter(pk=signed_by_each(row, TODAY).pk).update(status="SIGNED", signed_on=TODAY)
    other = draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=world.places["Aude"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2031, 12, 31),
        quotas=[QuotaTerms(world.holders["priority"], 100_000, 1)],
        by=manager_of(world.landlord),
    )
    assert feasibility_checks(other, on=TODAY) == []


def test_stock_only_warns_where_too_little_fell_vacant(world: World) -> None:
    fallen(world, 1, ENOUGH - 2)
    for _ in range(60):
        world.unit(**PLS)
    (found,) = feasibility_checks(draft(world, share=250_000, declined=("financing:PLS",)), on=TODAY)
    assert not found.is_refusal
    assert "d’après votre parc" in found.what


def test_another_departement_does_not_serve_this_one(world: World) -> None:
    fallen(world, 3, 12)
    fallen(world, 12, 0, commune="Béziers")
    assert feasibility_checks(draft(world, share=250_000, declined=("financing:PLS",)), on=TODAY) != []


def test_signature_is_refused_and_nothing_is_signed(world: World) -> None:
    fallen(world, 3, 12)
    row = draft(world, share=250_000, declined=("financing:PLS",))
    with pytest.raises(SignatureRefused, match="et il n’en vient que 3,00"):
        sign_converted(convention=row, signed_on=TODAY, by=world.people["alice"], today=TODAY)
    row.refresh_from_db()
    assert row.status == "DRAFT"


@pytest.mark.parametrize("count", [1, 20])
def test_costs_the_same_whatever_falls_vacant(world: World, count: int, django_assert_num_queries) -> None:
    fallen(world, count, count)
    row = draft(world, declined=("financing:PLS",))
    with django_assert_num_queries(5):
        feasibility_checks(row, on=TODAY)
