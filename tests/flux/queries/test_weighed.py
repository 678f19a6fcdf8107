"""The State's caps on the whole flow, weighed by what is expected of it."""

from __future__ import annotations

from datetime import date

import pytest

from flux.pages.convention_sheet import rate_checks
from flux.queries.shares import averaged
from flux.queries.targets import targets
from reservations.models import Convention
from reservations.operations.convention import SignatureRefused, draft_convention
from reservations.operations.convention_terms import QuotaTerms
from reservations.operations.rate_table import RateTerms
from reservations.pages.checks.findings import checks
from reservations.queries.rights import rights
from reservations.words import towards
from tests.flux.pages.test_feasibility import fallen
from tests.flux.queries.test_rates import tabled
from tests.signing import sign_converted
from tests.world import World

OUTSIDE, INSIDE = "qpv:hors QPV", "qpv:en QPV"
TODAY = date(2026, 11, 24)


def state_draft(world: World, *rates: RateTerms, share: int = 250_000, agents: int = 0) -> Convention:
    """What the State would sign for 2029, with a table for its priority households."""
    quotas = [QuotaTerms(world.holders["priority"], share, 1, rates=rates)]
    if agents:
        quotas.append(QuotaTerms(world.holders["agents"], agents, 2))
    return draft_convention(
        landlord=world.landlord,
        organisation=world.state,
        perimeter=world.places["Aude"],
        starts_on=date(2029, 1, 1),
        ends_on=date(2029, 12, 31),
        quotas=quotas,
        by=world.people["alice"],
    )


def test_a_cap_is_read_on_the_whole_flow_with_its_arithmetic(world: World) -> None:
    """« Les réservations de l’État n’excèdent pas 30 % du flux annuel total » (CCH, R441-5-2): 36 % out of QPV and 6 %
    in it are 28,5 % of a flow of which a quarter is in QPV, and 33,5 % of one with a twelfth."""
    row = state_draft(world, RateTerms(360_000, None, (OUTSIDE,)), RateTerms(60_000, None, (INSIDE,)))
    fallen(world, 9, 0)
    for _ in range(3):
        world.vacancy(in_qpv=True)
    assert rate_checks(row, on=TODAY) == []
    assert "STATE_SHARE" not in {check.code for check in checks(row, on=TODAY)}
    fallen(world, 24, 0)
    (found,) = rate_checks(row, on=TODAY)
    assert (found.code, found.is_refusal, found.where, found.measured) == ("STATE_SHARE", True, "Aude", 335_000)
    assert found.sentence == (
        "En 2029, pondérée par le flux attendu (ce qui s’est libéré en douze mois), la part de l’État est de 33,50 % : "
        f"12,06 pour {towards(world.holders['priority'])}, sur 36,00 logements ; le plafond est de 30 % du flux "
        "annuel total (CCH, R441-5-2). Baissez un des taux de la table, ou la part générale."
    )
    with pytest.raises(SignatureRefused, match="pondérée par le flux attendu"):
        sign_converted(convention=row, signed_on=TODAY, by=world.people["alice"], today=TODAY)


def test_outside_qpv_the_floor_of_the_law_is_notified_of_a_table(world: World) -> None:
    """« la part […] hors QPV ne peut être inférieure à 30 % », sauf stipulation contraire (CCH, R441-5-2 II)."""
    under = state_draft(world, RateTerms(280_000, None, (OUTSIDE,)), RateTerms(350_000, None, (INSIDE,)))
    (found,) = [check for check in checks(under, on=TODAY) if check.code == "STATE_OUTSIDE_QPV"]
    assert found.what == (
        "Hors QPV, la table de la convention ne donne à l’État que 28 % de certains logements : sa part y est d’au "
        "moins 30 %, sauf accord"
    )
    assert not found.is_refusal
    by_place = state_draft(world, RateTerms(350_000, world.places["Narbonne"]), share=300_000)
    (found,) = [check for check in checks(by_place, on=TODAY) if check.code == "STATE_UNIFORM"]
    assert (found.measured, found.limit) == (350_000, 300_000)
    kept = state_draft(world, RateTerms(310_000, None, (OUTSIDE,)), RateTerms(200_000, None, (INSIDE,)))
    assert {"STATE_OUTSIDE_QPV", "STATE_UNIFORM"}.isdisjoint(check.code for check in checks(kept, on=TODAY))


def test_over_the_whole_flow_is_refused_where_one_kind_of_unit_is_promised_twice(world: World) -> None:
    """20 % to Action Logement, 12 % to the town and 6 % to the EPCI leave 62 % of a T1 in Narbonne."""
    for who in ("als", "city", "epci"):
        Convention.objects.filter(pk=world.conventions[who].pk).update(ends_on=date(2029, 12, 31))
    row = state_draft(world, RateTerms(620_001, None, ("typology:T1",)))
    (found,) = [check for check in checks(row, on=TODAY) if check.code == "OVER_COMMITTED"]
    assert (found.measured, found.limit) == (1_000_001, 1_000_000)


def test_what_is_expected_of_a_year_is_the_mean_of_the_table(world: World) -> None:
    """Targets, projection and « un logement tous les … ans » read the share that the table comes to."""
    tabled(world, "city", 200_000, "typology:T3")
    tabled(world, "city", 0, "typology:T2")
    for _ in range(9):
        world.vacancy()
    for _ in range(3):
        world.vacancy(rooms=2)
    held = rights(world.landlord, since=TODAY, until=TODAY)
    mean = {right.holder.pk: right.share for right in averaged(world.landlord, held, 2026, until=TODAY)}
    assert mean[world.holders["city"].pk] == 150_000
    drawn = targets(world.landlord, world.places["Aude"], 2026, 100, until=TODAY)
    city = next(target for target in drawn.targets if target.holder == world.holders["city"])
    assert city.parts[0].share == 150_000
