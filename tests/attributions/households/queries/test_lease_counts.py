"""Leases as objectives read them, counted by the database, beside the leases themselves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from attributions.bilan.queries.objective_leases import RULES, counts_of, readable_counts, readable_leases, sums
from attributions.households.models import Lease, LeaseCount
from attributions.households.models.counted import LEASE_COUNT
from attributions.households.models.lease_count import LEASE_COUNT_KEY
from attributions.households.queries.counts import counts_adrift
from flux.models import Routing, Vacancy
from flux.operations.description import correct_unit
from tests.attributions.households.after_a_lease import cancel_lease, cancel_unit, hand_over, move
from tests.attributions.households.lettings import sign
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
TODAY = MORNING.date()


@pytest.fixture
@kept
def let(world: World) -> Lease:
    """One lease of the city's, in Narbonne, with all its facts."""
    vacancy = world.vacancy(in_qpv=False)
    Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
    facts = {"income_quartile": 1, "urban_renewal": False, "has_priority": True, "essential_worker": None}
    return sign(world, vacancy, in_qpv=False, in_mix_residence=True, **facts)


def counted(**key: object) -> dict[str, int]:
    """The figures of the only count that is not of nothing."""
    row = LeaseCount.objects.filter(**key).exclude(leases=0).get()
    return {name: getattr(row, name) for name in LEASE_COUNT.sums if getattr(row, name)}


def test_a_lease_is_counted_with_its_facts_where_and_for_whom_it_was_signed(world: World, let: Lease) -> None:
    key = {"landlord": world.landlord, "commune": world.places["Narbonne"], "holder": world.holders["city"]}
    assert counted(**key, year=TODAY.year, fell=TODAY.year, open_holder=world.holders["city"]) == {
        "leases": 1,
        "outside_qpv": 1,
        "first_quartile": 1,
        "priority": 1,
        "essential_unknown": 1,
        "in_flow": 1,
        "in_mix": 1,
    }
    assert counts_adrift() == []


def correct(world: World, lease: Lease) -> None:
    """The unit was in a priority district, in Coursan, all along."""
    correct_unit(
        description=lease.vacancy.unit.descriptions.get(),
        since=date.min,
        changes={"in_qpv": True, "qpv_code": "QN01102M", "commune_id": world.places["Coursan"].pk},
        source="cadastre",
        by=world.people["aline"],
        today=TODAY + timedelta(1),
    )


def reclass(_: World, lease: Lease) -> None:
    Vacancy.objects.filter(pk=lease.vacancy_id).update(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", ledger=None)


def close(_: World, lease: Lease) -> None:
    Routing.objects.filter(pk=lease.routing_id).update(closed_at=MORNING)


def route_elsewhere(world: World, lease: Lease) -> None:
    close(world, lease)
    Routing.objects.create(vacancy=lease.vacancy, holder=world.holders["epci"], routed_at=MORNING)


@pytest.mark.parametrize(
    ("happens", "left"),
    [
        (cancel_lease, None),
        (cancel_unit, None),
        (move, {"place__name": "Coursan"}),
        (hand_over, {"landlord__organisation__name": "Toits de l’Orb"}),
        (correct, {"commune__name": "Coursan", "in_qpv": 1, "outside_qpv": 0}),
        (reclass, {"mobility": 1, "in_flow": 0}),
        (close, {"open_holder": None}),
        (route_elsewhere, {"open_holder__organisation__name": "Le Grand Narbonne"}),
    ],
)
def test_counts_follow_what_becomes_of_it(
    world: World, let: Lease, happens: Callable[[World, Lease], None], left: dict[str, object] | None
) -> None:
    happens(world, let)
    assert counts_adrift() == []
    assert LeaseCount.objects.exclude(leases=0).count() == (left is not None)
    assert left is None or LeaseCount.objects.filter(**left).exclude(leases=0).exists(), list(
        LeaseCount.objects.exclude(leases=0).values(*LEASE_COUNT_KEY)
    )
    for person in ("alice", "zoe", "bob", "chloe", "emma", "adam"):
        who = world.member(person)
        counts = sum(readable_counts(who).values_list("leases", flat=True))
        assert counts == readable_leases(who).count(), person


def test_objectives_count_in_the_fold_what_their_rules_count_one_by_one(world: World, let: Lease) -> None:
    """CCH, L441-1: each fact given or not, in each kind of holder, of each sort of unit."""
    maybe = (True, False, None)
    holders = [None, "priority", "agents", "als", "city", "landlord"]
    for number in range(60):
        vacancy = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER") if number % 7 == 0 else world.vacancy()
        holder = holders[number % len(holders)]
        sign(
            world,
            vacancy,
            holder=world.holders[holder] if holder else None,
            in_qpv=maybe[number % 3],
            income_quartile=(1, 2, 3, 4, None)[number % 5],
            urban_renewal=maybe[number // 3 % 3],
            has_priority=maybe[number // 2 % 3],
            essential_worker=maybe[number // 5 % 3],
            in_mix_residence=maybe[number // 4 % 3],
        )
    counts = counts_of(LeaseCount.objects.order_by().values("landlord").annotate(**sums()).get())
    leases = Lease.objects.filter(cancelled_at=None)
    for code, rule in RULES.items():
        among = leases.filter(rule.among)
        one_by_one = (
            among.filter(rule.counted).count(),
            among.count(),
            among.filter(rule.unknown).count(),
            leases.filter(rule.unplaced).count() if rule.unplaced else 0,
        )
        found = counts[code]
        assert (found.numerator, found.denominator, found.unknown, found.unplaced) == one_by_one, code
        assert among.exists(), code
    assert counts_adrift() == []


def test_what_is_written_behind_the_triggers_is_found(let: Lease) -> None:
    assert counts_adrift() == []
    LeaseCount.objects.update(priority=3)
    assert len(counts_adrift()) == 2, "as it is, and as it should be"


def test_a_place_has_one_count(let: Lease) -> None:
    row = LeaseCount.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
    assert refused.value.__cause__.diag.constraint_name == "lease_count_unique"


def test_counts_filled_from_the_past_are_those_that_triggers_keep(let: Lease) -> None:
    """What counts the leases that are there, run on an empty table."""
    rows = LeaseCount.objects.values(*LEASE_COUNT_KEY, *LEASE_COUNT.sums).order_by(*LEASE_COUNT_KEY)
    kept = list(rows.exclude(leases=0))
    LeaseCount.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute(LEASE_COUNT.fill())
    assert list(rows.exclude(leases=0)) == kept
