"""What a suspension does to the flow: nothing new is promised between its days, and what was owed stays as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flux.engine import versions
from flux.engine.facts import Situation
from flux.models import FlowEntry, LedgerLine, Recommendation, Vacancy
from flux.operations.routing import route_waiting_vacancies
from flux.pages.why_not import why_sentence
from flux.queries.conventions import applied
from flux.queries.targets import targets
from flux.queries.vacancies import with_signal_due
from flux.queries.why_not import line, with_outcome
from flux.situation import rights_in
from reservations.models.convention import UNIT
from reservations.queries.rights import rights
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree, give_back, send
from tests.pauses import TODAY, TOMORROW, lifted, paused
from tests.world import MORNING, World, convention

DAY = timedelta(days=1)
LATER = MORNING + timedelta(days=10)


def vacate(world: World, units: int, now=MORNING, **given: object) -> list[Vacancy]:
    """So many units vacated and decided."""
    made = [world.vacancy(now=now, **given) for _ in range(units)]
    route_waiting_vacancies(ledger_id=made[-1].ledger_id, now=now)
    return made


def due(world: World, holder: str, vacancies: list[Vacancy]) -> int:
    entries = FlowEntry.objects.filter(holder=world.holders[holder], stage="DUE", vacancy__in=vacancies)
    return sum(entries.values_list("quantity", flat=True))


def gap(world: World, holder: str) -> int:
    line = LedgerLine.objects.get(ledger__exercise=2026, holder=world.holders[holder])
    return line.due - UNIT * line.received


def test_between_its_days_nothing_is_due_to_its_holder_and_its_share_is_the_landlords(world: World) -> None:
    before = vacate(world, 5)
    paused(world, world.conventions["city"])
    during = vacate(world, 5, now=LATER)
    assert due(world, "city", before) == 5 * 120_000
    assert due(world, "city", during) == 0
    # The State 30 %, Action Logement 20 %, the EPCI 6 %, the city 12 %: what nobody is promised is the landlord's.
    assert due(world, "landlord", before) == 5 * 320_000
    assert due(world, "landlord", during) == 5 * 440_000
    assert due(world, "als", during) == 5 * 200_000
    check_books(before[0].ledger)


def test_its_gap_stays_as_it_was_and_it_has_no_turn(world: World) -> None:
    vacate(world, 1)
    owed = gap(world, "city")
    assert owed > 0
    paused(world, world.conventions["city"])
    during = vacate(world, 12, now=LATER)
    assert not Recommendation.objects.filter(vacancy__in=during, holder=world.holders["city"]).exists()
    assert gap(world, "city") == owed
    after = vacate(world, 3, now=MORNING + timedelta(days=35))
    assert due(world, "city", after) == 3 * 120_000


def test_the_decisions_of_before_replay_as_they_were(world: World) -> None:
    before = vacate(world, 6)
    paused(world, world.conventions["city"])
    for made in Recommendation.objects.filter(vacancy__in=before):
        decision = versions.VERSIONS[made.engine_version](Situation.from_json(made.situation))
        assert decision.holder == str(made.holder_id)
    [first] = [right for right in rights_in(before[0].ledger) if right.holder == world.holders["city"]]
    assert first.on(TODAY).share == 120_000, "the right of before is what it was"
    assert first.on(TOMORROW).share == 0


def test_where_the_only_convention_is_suspended_the_unit_is_the_landlords_and_does_not_wait(world: World) -> None:
    """A share without convention is not reserved (CCH, R441-5): it is not kept for who asked that it stops."""
    only = convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1))
    paused(world, only)
    unit = world.unit(landlord=world.other_landlord)
    [vacancy] = vacate(world, 1, now=LATER, unit=unit)
    [made] = Recommendation.objects.filter(vacancy=vacancy)
    assert made.holder == world.holders["other_landlord"]
    assert vacancy.covered_on is None


def test_a_unit_given_back_meanwhile_is_not_offered_to_who_is_suspended(world: World) -> None:
    vacancy = world.vacancy()
    agree(world.conventions["als"], returns_effect="NO", fallback=[], proposal_days=10, management="DIRECT")
    routing = send(world, "als", vacancy)
    for name in ("state", "epci"):
        world.end(world.conventions[name], TODAY)
    LedgerLine.objects.filter(holder=world.holders["city"]).update(due=3 * UNIT)
    paused(world, world.conventions["city"])
    give_back(world, routing, now=LATER)
    again = vacancy.recommendations.latest("attempt")
    assert again.attempt == 2
    assert again.holder != world.holders["city"]
    assert str(world.holders["city"].pk) in {row["id"] for row in again.situation["holders"]}
    [seen] = [row for row in again.situation["holders"] if row["id"] == str(world.holders["city"].pk)]
    assert not seen["may_take"]


def test_lifted_earlier_it_promises_again_from_that_day(world: World) -> None:
    pause = paused(world, world.conventions["city"])
    lifted(world, pause, TODAY + timedelta(days=10), on=TODAY + timedelta(days=5))
    assert due(world, "city", vacate(world, 2, now=MORNING + timedelta(days=9))) == 0
    assert due(world, "city", vacate(world, 2, now=LATER)) == 2 * 120_000


def test_no_delay_to_signal_runs_under_it(world: World) -> None:
    """Arrêté of 10 March 2011, article 1, 4°: the delay to state is agreed by the convention, which is suspended."""
    agree(world.conventions["city"], signal_days=5)
    paused(world, world.conventions["city"])
    here, there = world.vacancy(), world.vacancy(now=LATER)
    values = with_signal_due(Vacancy.objects.filter(pk__in=[here.pk, there.pk]), today=LATER.date()).in_bulk()
    assert values[here.pk].signal_due is not None
    assert values[there.pk].signal_due is None


def test_of_two_rights_there_the_one_that_is_not_suspended_applies(world: World) -> None:
    wider = convention(world.other_landlord, world.city, world.places["Narbonne"], (world.holders["city"], "12", 1))
    [right] = rights(world.other_landlord, since=TODAY, until=TODAY)
    paused(world, wider)
    [again] = rights(world.other_landlord, since=TODAY, until=TODAY)
    assert applied([again.on(TOMORROW), replace(right, rank=9)], world.holders["city"]).rank == 9
    assert applied([again.on(TOMORROW)], world.holders["city"]).convention == wider, "its delays, where one is agreed"


def test_its_days_are_left_out_of_the_target_of_the_year(world: World) -> None:
    paused(world, world.conventions["city"], date(2027, 3, 1), date(2027, 3, 31))
    found = targets(world.landlord, world.places["Aude"], 2027, 365, until=date(2027, 1, 1))
    [city] = [target for target in found.targets if target.holder == world.holders["city"]]
    assert [part.days for part in city.parts] == [365 - 31]
    [right] = [
        each for each in rights(world.landlord, since=TODAY, until=date(2027, 12, 31)) if each.holder == city.holder
    ]
    assert right.days(date(2027, 3, 10), date(2027, 4, 2)) == 2
    assert right.days(date(2027, 3, 10), date(2027, 3, 12)) == 0


def test_the_holder_reads_that_its_convention_was_suspended(world: World) -> None:
    paused(world, world.conventions["city"])
    [vacancy] = vacate(world, 1, now=LATER)
    seen = Vacancy.objects.filter(pk=vacancy.pk)
    result = with_outcome(seen.prefetch_related("recommendations__holder", "routings"), world.holders["city"]).get()
    assert why_sentence(line(result, world.holders["city"])) == (
        "Sa convention était suspendue ce jour-là, d’accord entre ses parties."
    )
