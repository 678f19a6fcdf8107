"""What is folded while two acts write: a unit described otherwise or renamed as it is routed, the ends of a delay."""

from __future__ import annotations

import pytest
from django.db import transaction

from attributions.households.models import Proposal, SpanCount
from flux.models import FlowCell, Routing, Unit, UnitReader
from flux.operations.routing import route_waiting_vacancies
from flux.queries.controls.folds import drift
from tests.attributions.households.lettings import candidate, sign
from tests.attributions.households.spans import counts_are_right
from tests.concurrency.together import at_once, let_the_others_write
from tests.house.test_states import automatic
from tests.world import MORNING, World

pytestmark = pytest.mark.django_db(transaction=True)


def test_unit_edited_while_it_is_routed_for_the_first_time_is_in_one_cell(world: World) -> None:
    """The edit waits for the account that the unit waits in, though it has no entry there yet: were it not to, the
    entries would be folded under the old description, after the edit had looked for them."""
    automatic(world)
    unit = world.unit(financing_code="")
    ledger = world.vacancy(unit).ledger_id
    assert ledger is not None

    def describe() -> None:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(financing_code="10")
            let_the_others_write()

    outcomes = at_once(lambda: route_waiting_vacancies(ledger_id=ledger, now=MORNING), describe)
    assert outcomes == [1, None]
    assert list(FlowCell.objects.exclude(offered=0).values_list("financing_code", "offered").order_by()) == [("10", 1)]
    assert drift() == {}


def test_two_acts_on_one_unit_leave_its_delays_counted_once(world: World) -> None:
    """A candidate is ready while a lease is signed: the second to write reads the unit once the first is over. Were it
    not to, what the first reported would be taken out of the counts, or counted twice."""
    vacancy = world.vacancy()
    routing = Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
    sent = candidate(world, vacancy, routing=routing)
    beside = Routing.objects.create(vacancy=world.vacancy(), holder=world.holders["city"], routed_at=MORNING)

    def ready() -> None:
        with transaction.atomic():
            Proposal.objects.filter(pk=sent.pk).update(status="READY", ready_at=MORNING)
            let_the_others_write()

    def let() -> None:
        with transaction.atomic():
            sign(world, vacancy, signed_on=MORNING.date(), routing=routing)
            let_the_others_write()

    def let_beside() -> None:
        with transaction.atomic():
            sign(world, beside.vacancy, signed_on=MORNING.date(), routing=beside)
            let_the_others_write()

    assert at_once(ready, let, let_beside) == [None, None, None]
    found = SpanCount.objects.filter(start="ROUTED").order_by("reached").values_list("reached", "units")
    assert list(found) == [("LEASED", 2), ("READY", 1), ("SENT", 1)]
    assert counts_are_right()


def test_unit_renamed_while_it_is_routed_is_listed_under_its_new_name(world: World) -> None:
    """Who renames it waits for who routes it: were it not to, nobody would open it yet for whoever renames it, and who
    routes it would not know its new name."""
    automatic(world)
    unit = world.unit()
    ledger = world.vacancy(unit).ledger_id
    assert ledger is not None

    def rename() -> None:
        with transaction.atomic():
            Unit.objects.filter(pk=unit.pk).update(reference="AUTREMENT")
            let_the_others_write()

    assert at_once(lambda: route_waiting_vacancies(ledger_id=ledger, now=MORNING), rename) == [1, None]
    assert list(UnitReader.objects.values_list("unit", "reference")) == [(unit.pk, "AUTREMENT")]
    assert drift() == {}
