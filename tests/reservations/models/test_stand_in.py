"""A condition that is composed once for a role finds for each of its people what their own would find."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Exists, OuterRef, Q

from attributions.bilan.models import AnnualBalance
from attributions.bilan.models import balance as balances
from attributions.bilan.queries import scope
from flux.models import FlowCount, Ledger, Vacancy, account, vacancy
from flux.operations.routing import route_waiting_vacancies
from reservations.models import KeptElsewhere, Membership, Organisation
from reservations.models.stand_in import of_role
from tests.attributions.bilan.balances import SENT, YEAR, lived, people, send
from tests.reservations.models.test_constraints import paper
from tests.world import MORNING, World, convention

#: Each condition that the product composes so: of what, its own, and what a person does not see of it.
COMPOSED: list[tuple[Any, Callable[[Membership], Q]]] = [
    (Ledger, account._seen_by),
    (Vacancy, vacancy._seen_by),
    (AnnualBalance, balances._sent_to),
    (AnnualBalance, balances.concerned),
    (KeptElsewhere, balances.concerned),
    (FlowCount, scope._reads_counts),
    (FlowCount, scope._near),
]


@pytest.fixture
def year(world: World) -> World:
    """A year of one landlord and a balance that was sent, papers kept elsewhere, a unit of another landlord that the
    State alone has a right to, and a balance of its own that nobody was sent."""
    people(world)
    lived(world)
    send(world, now=SENT)
    for number, exercise in enumerate((YEAR, YEAR - 9)):
        paper(world, exercise=exercise, sha256=str(number) * 64).save()
    other = world.other_landlord
    convention(other, world.state, world.places["Aude"], (world.holders["priority"], "25", 1))
    ledger = world.vacancy(landlord=other, commune="Coursan", now=MORNING).ledger_id
    route_waiting_vacancies(ledger_id=ledger, now=MORNING + timedelta(hours=1))
    AnnualBalance.objects.create(landlord=other, departement=world.places["Aude"], exercise=YEAR - 1)
    return world


def members() -> list[Membership]:
    every = Membership.objects.select_related("organisation", "user").order_by("pk")
    return [each for each in every if not (each.is_landlord or each.is_administrator)]


@pytest.mark.parametrize(("model", "compose"), COMPOSED)
def test_each_finds_what_its_own_condition_finds(year: World, model: Any, compose: Callable[[Membership], Q]) -> None:
    """Alone, negated, beside itself, and in a subquery of the same table, where its names must not be those around."""
    found = []
    every = set(model.objects.values_list("pk", flat=True))
    for _ in range(2):
        for member in members():
            own = set(model.objects.filter(compose(member)).values_list("pk", flat=True))
            kept = of_role(model, compose, member)
            inner = model.objects.filter(kept, pk=OuterRef("pk"))
            queries = (
                model.objects.filter(kept),
                model.objects.filter(kept & kept),
                model.objects.filter(kept, pk__in=model.objects.filter(kept).order_by().values("pk")),
                model.objects.filter(Exists(inner)),
            )
            assert [set(each.values_list("pk", flat=True)) for each in queries] == [own] * 4, member
            assert set(model.objects.exclude(kept).values_list("pk", flat=True)) == every - own, member
            found.append(frozenset(own))
    assert any(found)
    assert any(every - own for own in found)


def joined(member: Membership) -> Q:
    return Q(landlord__organisation=member.organisation_id)


def named(member: Membership) -> Q:
    return Q(pk__isnull=not member.organisation.name)


def read_before(_: Membership) -> Q:
    return Q(pk__in=list(Organisation.objects.values_list("pk", flat=True)))


@pytest.mark.parametrize(
    ("compose", "why"),
    [(joined, "alone is composed once"), (named, "would keep what is read"), (read_before, "would keep what is read")],
)
def test_what_cannot_be_kept_for_the_next_is_refused(
    world: World, compose: Callable[[Membership], Q], why: str
) -> None:
    with pytest.raises(LookupError, match=why):
        of_role(Ledger, compose, world.member("chloe"))


def test_what_finds_nothing_finds_nothing(world: World) -> None:
    world.vacancy()
    for nothing in (Q(pk__in=[]), ~Q(pk__in=[])):
        found = Vacancy.objects.filter(of_role(Vacancy, lambda _, nothing=nothing: nothing, world.member("chloe")))
        assert found.count() == Vacancy.objects.filter(nothing).count()
