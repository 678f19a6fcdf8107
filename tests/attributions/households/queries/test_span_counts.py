"""Delays as pages read them, counted by the database, beside the steps that are notified of each unit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum

from attributions.bilan.queries.steps import measured_counts, measured_vacancies
from attributions.households.models import AgendaItem, CommitteeSession, Lease, Offer, Proposal, SpanCount, UnitSpan
from attributions.households.models.lease_count import KEY
from attributions.households.queries.counts import spans_adrift
from flux.models import Routing, Vacancy
from flux.operations.description import correct_unit
from reservations.deadlines import is_working, working_days
from tests.attributions.households.after_a_lease import cancel_lease, cancel_unit, hand_over, move
from tests.attributions.households.lettings import candidate, convene, decide, offer, put_on_agenda, sign
from tests.attributions.households.spans import counts_are_right
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db
TODAY = MORNING.date()


@pytest.fixture
@kept
def let(world: World) -> Lease:
    """One lease of the city's, in Narbonne, after two candidates, a committee and an offer."""
    vacancy = world.vacancy()
    routing = Routing.objects.create(vacancy=vacancy, holder=world.holders["city"], routed_at=MORNING)
    one = candidate(world, vacancy, routing=routing, sent_at=MORNING, ready_at=MORNING + timedelta(2))
    two = candidate(world, vacancy, routing=routing, designation=one.designation, ready_at=MORNING + timedelta(3))
    session = convene(world, MORNING + timedelta(7), opened_at=MORNING + timedelta(7))
    item = put_on_agenda(session, one, two, concluded_at=session.held_at)
    kept, _ = (decide(world, item, each, "RANKED", rank=rank) for rank, each in enumerate((one, two), 1))
    offer(kept, sent_on=TODAY + timedelta(8), answer="ACCEPTED", answered_on=TODAY + timedelta(10))
    return sign(world, vacancy, signed_on=TODAY + timedelta(21), proposal=one, routing=routing)


def spans(**key: object) -> dict[tuple[str, str], tuple[int, int]]:
    """(days, how many) of each pair of steps."""
    found = SpanCount.objects.filter(**key).order_by().values_list("start", "reached", "days", "units")
    return {(start, reached): (days, units) for start, reached, days, units in found}


def test_each_pair_of_steps_is_counted_where_and_for_whom_it_was(world: World, let: Lease) -> None:
    key = {"landlord": world.landlord, "place": world.places["Narbonne"], "commune": world.places["Narbonne"]}
    result = spans(**key, fell=TODAY.year, open_holder=world.holders["city"])
    assert len(result) == 45 + 2
    assert result["ROUTED", "LEASED"] == (15, 1)
    assert result["SENT", "READY"] == (3, 1), "once the last of them is"
    assert (result["", "SENT"], result["", "LEASED"]) == ((0, 2), (0, 1))
    assert SpanCount.objects.filter(holder=world.holders["city"]).count() == 46, "all but what precedes its routing"
    assert counts_are_right()


def correct(world: World, lease: Lease) -> None:
    """The unit was in Coursan all along."""
    correct_unit(
        description=lease.vacancy.unit.descriptions.get(),
        since=date.min,
        changes={"commune_id": world.places["Coursan"].pk},
        source="cadastre",
        by=world.people["aline"],
        today=TODAY + timedelta(1),
    )


def date_otherwise(_: World, lease: Lease) -> None:
    """Its notice had come a week before."""
    Vacancy.objects.filter(pk=lease.vacancy_id).update(notice_on=TODAY - timedelta(7))


def close(_: World, lease: Lease) -> None:
    Routing.objects.filter(pk=lease.routing_id).update(closed_at=MORNING)


def route_elsewhere(world: World, lease: Lease) -> None:
    close(world, lease)
    Routing.objects.create(vacancy=lease.vacancy, holder=world.holders["epci"], routed_at=MORNING)


def postpone(_: World, lease: Lease) -> None:
    AgendaItem.objects.update(concluded_at=None, postponed_at=MORNING, postponed_why="Plus tard.")


def hold_later(_: World, lease: Lease) -> None:
    CommitteeSession.objects.update(held_at=MORNING + timedelta(14), opened_at=MORNING + timedelta(14))


def wait_again(_: World, lease: Lease) -> None:
    """One of its candidates is not ready after all."""
    Proposal.objects.filter(pk=lease.proposal_id).update(status="SENT", ready_at=None, ready_by=None)


def cancel_offer(_: World, lease: Lease) -> None:
    offer = Offer.objects.get()
    Offer.objects.filter(pk=offer.pk).update(answer="", answered_on=None)


@pytest.mark.parametrize(
    ("happens", "gone", "left"),
    [
        (cancel_lease, {("ROUTED", "LEASED"), ("", "LEASED")}, {"open_holder__isnull": False}),
        (cancel_unit, {("NOTICE", "REGISTERED"), ("", "SENT")}, None),
        (move, set(), {"place__name": "Coursan", "commune__name": "Coursan"}),
        (hand_over, set(), {"landlord__organisation__name": "Toits de l’Orb"}),
        (correct, set(), {"commune__name": "Coursan", "place__name": "Coursan"}),
        (date_otherwise, set(), {"start": "NOTICE", "reached": "REGISTERED", "days": 5}),
        (close, set(), {"open_holder": None}),
        (route_elsewhere, set(), {"open_holder__organisation__name": "Le Grand Narbonne"}),
        (postpone, {("SENT", "COMMITTEE"), ("COMMITTEE", "DECIDED")}, {"open_holder__isnull": False}),
        (hold_later, set(), {"start": "SENT", "reached": "COMMITTEE", "days": 10}),
        (wait_again, {("SENT", "READY")}, {"open_holder__isnull": False}),
        (cancel_offer, {("OFFERED", "ANSWERED")}, {"open_holder__isnull": False}),
    ],
)
def test_counts_follow_what_becomes_of_it(
    world: World,
    let: Lease,
    happens: Callable[[World, Lease], None],
    gone: set[tuple[str, str]],
    left: dict[str, object] | None,
) -> None:
    before = set(spans())
    happens(world, let)
    assert counts_are_right()
    assert before - set(spans()) >= gone
    assert SpanCount.objects.filter(**left or {}).exists() == (left is not None), list(SpanCount.objects.values(*KEY))
    assert not SpanCount.objects.filter(units__lt=1).exists(), "what is of nothing goes"
    for person in ("alice", "zoe", "bob", "chloe", "emma", "adam"):
        who = world.member(person)
        declared = measured_counts(TODAY.year, member=who).filter(start="NOTICE", reached="REGISTERED")
        seen = measured_vacancies(TODAY.year, member=who).count()
        assert (declared.aggregate(sum=Sum("units"))["sum"] or 0) == seen, person


def test_units_reported_together_are_counted_each(world: World) -> None:
    """What one statement writes of several units, of which some were reported before; then what one takes back."""
    units = [world.vacancy() for _ in range(5)]
    city = world.holders["city"]
    Routing.objects.bulk_create(
        Routing(vacancy=each, holder=city, routed_at=MORNING + timedelta(place % 2)) for place, each in enumerate(units)
    )
    found = SpanCount.objects.filter(start="REGISTERED", reached="ROUTED")
    assert sorted(found.values_list("days", "units")) == [(0, 3), (1, 2)]
    assert counts_are_right()
    Routing.objects.filter(vacancy__in=units[:2]).update(closed_at=MORNING)
    assert sorted(found.values_list("days", "open_holder", "units"), key=str) == [
        (0, city.pk, 2),
        (0, None, 1),
        (1, city.pk, 1),
        (1, None, 1),
    ]
    assert counts_are_right()


def test_the_database_counts_working_days_as_the_house_does(db: None) -> None:
    """Code du travail, L3133-1 and L3134-13: each day of some eighty years, then whole spans."""
    eve, last = date(1981, 12, 31), date(2059, 12, 31)
    days = [eve + timedelta(n) for n in range((last - eve).days + 1)]
    for local in (False, True):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT day FROM attributions_holidays(%s, %s) WHERE NOT local OR %s ORDER BY day", [eve, last, local]
            )
            off = [day for (day,) in cursor]
            assert off == [day for day in days[1:] if day.weekday() < 5 and not is_working(day, local=local)]
            for since, until in ((0, 0), (4, 5), (17, 900), (4000, 4003), (9000, 12000)):
                cursor.execute(
                    "SELECT attributions_weekdays(%s) - attributions_weekdays(%s)", [days[until], days[since]]
                )
                [weekdays] = cursor.fetchone()
                worked = weekdays - sum(days[since] < day <= days[until] for day in off)
                assert worked == working_days(days[since], days[until], local=local)


def test_what_is_written_behind_the_triggers_is_found(let: Lease) -> None:
    assert counts_are_right()
    SpanCount.objects.filter(start="ROUTED", reached="LEASED").update(days=3)
    assert len(spans_adrift()) == 3, "as it is, as it should be, and the unit that is in it"


def test_a_span_has_one_count(let: Lease) -> None:
    row = SpanCount.objects.order_by("pk")[0]
    row.pk = None
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        row.save(force_insert=True)
    assert refused.value.__cause__.diag.constraint_name == "span_count_unique"


def test_counts_made_by_the_migration_are_those_that_triggers_keep(let: Lease) -> None:
    """What counted the units that were there, run again on empty tables."""
    kept = list(SpanCount.objects.values(*KEY, "units").order_by(*KEY))
    UnitSpan.objects.all().delete()
    SpanCount.objects.all().delete()
    with (
        open("attributions/sql/replaced/0030_spans_counted.sql", encoding="utf-8") as file,
        connection.cursor() as cursor,
    ):
        cursor.execute(file.read())
    assert list(SpanCount.objects.values(*KEY, "units").order_by(*KEY)) == kept
    assert counts_are_right()
