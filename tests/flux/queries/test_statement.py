"""One holder's statement: months, lines and units add up to the account."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flux.models import AccountMonth, CarriedOver, FlowEntry, Ledger, Recommendation, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import note
from flux.queries.accounts import account, own_figures
from flux.queries.balance import behind
from flux.queries.controls.folds import drift
from flux.queries.statement import Figure, months, statement
from flux.queries.statement_lines import Event
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.models.terms import Side
from tests.flux.books import count_as_before
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
LAST = datetime(2026, 10, 20, 8, tzinfo=UTC)


def enter(world: World, now: datetime, **given: object) -> Recommendation:
    vacancy = world.vacancy(now=now, **given)
    route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=now)
    return Recommendation.objects.select_related("vacancy", "holder__organisation").get(vacancy=vacancy)


@pytest.fixture
@kept
def lived(world: World) -> Ledger:
    """A vacancy every four days since August, confirmed the next day until November."""
    for days in range(110, 0, -4):
        now = MORNING - timedelta(days=days)
        if now.day > 28:  # the world's units are free on the 28th
            continue
        recommendation = enter(world, now, rooms=1 + days % 5)
        if days > 24:
            confirm_recommendations(
                vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=now + timedelta(days=1)
            )
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def read(world: World, ledger: Ledger, holder: str = "city", *, on: date = TODAY, month: date | None = None) -> Any:
    return statement(ledger, world.holders[holder], on=on, month=month, member=world.member("alice"))


@pytest.mark.parametrize("holder", ["city", "als", "priority", "landlord"])
@pytest.mark.parametrize("on", [TODAY, date(2026, 9, 30), date(2026, 1, 5)])
def test_months_add_up_to_the_account(world: World, lived: Ledger, holder: str, on: date) -> None:
    line = next(line for line in account(lived, on).lines if line.holder == world.holders[holder])
    found = read(world, lived, holder, on=on)
    assert found.figures == line.figures
    assert found.months[-1].balance == line.figures.gap
    assert [month.first for month in found.months] == [date(2026, n, 1) for n in range(1, on.month + 1)]


def test_lines_of_every_month_carry_the_balance_from_one_to_the_next(world: World, lived: Ledger) -> None:
    due = received = balance = 0
    for month in read(world, lived).months:
        found = read(world, lived, month=month.first)
        assert (found.shown, found.opening) == (month.first, balance)
        assert sum(line.due for line in found.lines) == month.figures.due
        assert sum(line.received for line in found.lines) == month.figures.received
        assert sum(line.count for line in found.lines) == month.vacated
        for line in found.lines:
            balance += line.due - UNIT * line.received
            assert line.balance == balance
        assert balance == month.balance
        due, received = due + month.figures.due, received + month.figures.received
    assert (due, received) == (lived.sequence * 120_000, account(lived, TODAY).lines[3].figures.received)


def test_cancelled_unit_is_one_line_that_takes_back_all_it_moved(world: World, lived: Ledger) -> None:
    """Of the same month, and of an earlier one: months and lines still add up to the account."""
    ids = list(Recommendation.objects.filter(holder=world.holders["city"]).order_by("sequence").values_list("vacancy"))
    before = account(lived, TODAY).entered
    for (pk,) in (ids[0], ids[-1]):
        cancel_vacancy(
            vacancy=Vacancy.objects.get(pk=pk),
            reason="DECLARED_BY_MISTAKE",
            text="Erreur.",
            by=world.people["aline"],
            now=MORNING,
        )
    assert account(lived, TODAY).entered == before - 2
    for holder in ("city", "als", "landlord"):
        line = next(line for line in account(lived, TODAY).lines if line.holder == world.holders[holder])
        found = read(world, lived, holder)
        assert (found.figures, found.months[-1].balance) == (line.figures, line.figures.gap)
        assert found.vacated == before - 2
        assert sum(line.due for line in found.lines) == found.months[-1].figures.due
        assert sum(line.received for line in found.lines) == found.months[-1].figures.received
        assert found.lines[-1].balance == line.figures.gap
        rows = [each for each in found.lines if each.event == Event.CANCELLED]
        share = {"city": 120_000, "als": 200_000, "landlord": 320_000}[holder]
        assert [(each.due, each.received) for each in rows] == [(-share, -1 if holder == "city" else 0)] * 2
        assert [each.vacancy.is_cancelled for each in rows] == [True, True]
    due = behind(lived, world.holders["city"], Figure.DUE, until=TODAY).quantities
    assert set(due.values()) == {120_000}
    assert not {pk for (pk,) in (ids[0], ids[-1])} & set(due)
    november = behind(lived, world.holders["city"], Figure.DUE, until=TODAY, month=TODAY.replace(day=1)).quantities
    assert november[ids[0][0]] == -120_000


def test_units_that_credit_between_two_receipts_are_one_line(world: World) -> None:
    for days in (6, 5, 4):
        enter(world, LAST - timedelta(days=days))
    ledger = Ledger.objects.ordinary().get()
    found = statement(ledger, world.holders["epci"], on=TODAY, month=date(2026, 10, 1), member=world.member("emma"))
    lines = [(line.event, line.since, line.until, line.count, line.share, line.due) for line in found.lines]
    assert lines == [(Event.VACATED, date(2026, 10, 14), date(2026, 10, 16), 3, 60_000, 180_000)]


def test_lines_state_recommendation_confirmation_and_re_routing(world: World) -> None:
    recommendation = enter(world, LAST)
    by, ledger, first = world.people["aline"], Ledger.objects.ordinary().get(), recommendation.holder
    second = ReservationHolder.objects.get(pk=recommendation.ranking[1]["id"])
    confirm_recommendations(vacancies=[recommendation.vacancy_id], by=by, now=LAST + timedelta(days=1))
    route_elsewhere(
        vacancy=recommendation.vacancy,
        holder=second,
        motive=Routing.Motive.OTHER,
        motive_text="Une raison.",
        by=by,
        now=LAST + timedelta(days=3),
    )

    def events(holder: ReservationHolder) -> list[tuple[str, int, int]]:
        found = statement(ledger, holder, on=TODAY, month=date(2026, 10, 1), member=world.member("alice"))
        return [(line.event, line.until.day, line.received) for line in found.lines]

    assert events(first) == [
        (Event.VACATED, 20, 0),
        (Event.RECOMMENDED, 20, 1),
        (Event.CONFIRMED, 21, 0),
        (Event.REROUTED, 23, -1),
    ]
    assert events(second) == [(Event.VACATED, 20, 0), (Event.ROUTED, 23, 1)]


def test_lines_state_what_was_recommended_and_sent_elsewhere(world: World) -> None:
    for days, event in ((1, Event.WITHDRAWN), (0, Event.SAME_DAY)):
        recommendation = enter(world, LAST - timedelta(days=10 * days))
        route_elsewhere(
            vacancy=recommendation.vacancy,
            holder=ReservationHolder.objects.get(pk=recommendation.ranking[1]["id"]),
            motive=Routing.Motive.OTHER,
            motive_text="Une raison.",
            by=world.people["aline"],
            now=recommendation.recorded_at + timedelta(days=days),
        )
        found = statement(
            Ledger.objects.ordinary().get(),
            recommendation.holder,
            on=TODAY,
            month=date(2026, 10, 1),
            member=world.member("alice"),
        )
        rows = [line.event for line in found.lines if line.vacancy_id == recommendation.vacancy_id]
        assert [line for line in rows if line != Event.VACATED][-1] == event


def test_confirmation_after_the_year_makes_a_month_more(world: World) -> None:
    recommendation = enter(world, datetime(2026, 12, 28, 8, tzinfo=UTC))
    confirm_recommendations(
        vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=datetime(2027, 1, 4, 8, tzinfo=UTC)
    )
    found = statement(
        Ledger.objects.ordinary().get(),
        recommendation.holder,
        on=date(2027, 2, 1),
        month=None,
        member=world.member("alice"),
    )
    assert (found.months[-1].first, found.figures.routed, found.figures.awaiting) == (date(2027, 1, 1), 1, 0)


@pytest.mark.parametrize("figure", Figure)
@pytest.mark.parametrize("month", [None, date(2026, 10, 1)])
def test_units_behind_a_figure_sum_to_it(world: World, lived: Ledger, figure: Figure, month: date | None) -> None:
    whole = read(world, lived, "als")
    read_month = whole.whole if month is None else next(m for m in whole.months if m.first == month)
    found = behind(lived, world.holders["als"], figure, until=TODAY, month=month)
    assert found.total == read_month.counts[figure]
    assert 0 not in found.quantities.values()


@pytest.mark.parametrize("count", [1, 12])
def test_statement_costs_three_queries_whatever_its_length(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for number in range(count):
        recommendation = enter(world, LAST + timedelta(minutes=number))
    ledger, member = Ledger.objects.ordinary().get(), world.member("alice")
    with django_assert_num_queries(3):
        found = statement(ledger, recommendation.holder, on=TODAY, month=date(2026, 10, 1), member=member)
        assert found.vacated == count


# --- the bank-like arithmetic ----------------------------------------------------------------------------------------


def scattered(vacancy: Vacancy, seed: int) -> list[FlowEntry]:
    """Entries of every stage for one holder, on days of the whole year, none that an act would have to explain."""
    chance = random.Random(seed)
    made = []
    for _ in range(80):
        stage = chance.choice([stage for stage in FlowEntry.Stage if stage != "TRANSFERRED"])
        owed = stage in FlowEntry.OWED
        made.append(
            FlowEntry(
                ledger_id=vacancy.ledger_id,
                holder_id=vacancy.routings.get().holder_id,
                vacancy=vacancy,
                stage=stage,
                quantity=chance.choice([-1, 1]) * (chance.randint(1, 900_000) if owed else 1),
                side=chance.choice(Side.values) if stage == "REFUSED" else "",
                on=date(2026, 1, 1) + timedelta(days=chance.randrange(365)),
            )
        )
    return made


def counted_one_by_one(ledger: Ledger, holder: ReservationHolder, on: date) -> list[dict[str, int]]:
    """What each month's entries add up to, read one by one: the recount of what months keep."""
    entries = list(FlowEntry.objects.filter(ledger=ledger, holder=holder).order_by("pk"))
    first_copies = [each for each in entries if each.vacancy and each.vacancy.ledger_id != ledger.pk]
    assert first_copies == []
    found: dict[date, dict[str, int]] = {}
    credited: dict[tuple[int | None, bool], int] = {}
    for each in entries:
        way = 1 if each.quantity > 0 else -1
        values = {
            figure: each.quantity for figure in Figure if each.stage in figure.stages and figure.side == each.side
        }
        values |= {Figure.RECEIVED: each.reached, Figure.IN_COURSE: values.get(Figure.IN_COURSE, 0) - each.reached}
        if each.stage == "DUE":
            key = each.vacancy_id, each.quantity > 0
            again = credited.get(key, 0) > 0
            credited[key] = credited.get(key, 0) + 1
            values |= {Figure.VACATED: 0 if again else way, Figure.AGAIN: way if again else 0}
        if each.on <= on:
            month = found.setdefault(each.on.replace(day=1), dict.fromkeys(Figure, 0))
            for figure, quantity in values.items():
                month[figure.value] += quantity
    return [found[month] for month in sorted(found)]


@pytest.mark.parametrize("on", [TODAY, date(2026, 12, 31), date(2026, 6, 15)])
@pytest.mark.parametrize("seed", range(3))
def test_months_keep_what_their_entries_say_one_by_one(world: World, seed: int, on: date) -> None:
    """Whole months from their fold, that of a day in the middle from its entries: units counted again too."""
    recommendation = enter(world, LAST)
    confirm_recommendations(vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=LAST)
    FlowEntry.objects.bulk_create(scattered(recommendation.vacancy, seed))
    ledger, holder = Ledger.objects.ordinary().get(), recommendation.holder
    read_months = [dict(month.counts) for month in months(ledger, holder, on) if any(month.counts.values())]
    assert read_months == [month for month in counted_one_by_one(ledger, holder, on) if any(month.values())]
    assert on < TODAY or any(month[Figure.AGAIN] for month in read_months)
    assert drift() == {}


@pytest.mark.parametrize("seed", range(4))
def test_each_month_closes_on_what_it_opened_with_and_what_it_moved(world: World, seed: int) -> None:
    """Against the entries read one by one; and the folds of the database say the same."""
    recommendation = enter(world, MORNING - timedelta(days=20))
    confirm_recommendations(
        vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=MORNING - timedelta(days=19)
    )
    FlowEntry.objects.bulk_create(scattered(recommendation.vacancy, seed))
    ledger, holder = Ledger.objects.ordinary().get(), recommendation.holder
    entries = list(FlowEntry.objects.filter(ledger=ledger, holder=holder))
    balance = 0
    for month in months(ledger, holder, date(2026, 12, 31)):
        mine = [entry for entry in entries if entry.on.month == month.first.month]

        def summed(*stages: str, side: str = "", among: list[FlowEntry] = mine) -> int:
            return sum(entry.quantity for entry in among if entry.stage in stages and entry.side == side)

        assert month.opening == balance
        assert month.counts["SHARE"] == summed("DUE")
        assert month.counts["CARRIED"] == summed("CARRIED")
        assert month.moved == summed("FORFEITED")
        assert month.counts["RECEIVED"] == summed("ROUTED") + summed("AWAITING")
        for plain in ("OFFERED", "DESIGNATED", "ALLOCATED", "LEASED", "RETURNED", "LAPSED"):
            assert month.counts[plain] == summed(plain)
        for side in Side.values:
            assert month.counts[f"REFUSED_{side}"] == summed("REFUSED", side=side)
        balance += month.counts["SHARE"] + month.counts["CARRIED"] + month.moved - UNIT * month.counts["RECEIVED"]
        assert month.balance == balance
        [fold] = AccountMonth.objects.filter(ledger=ledger, holder=holder, month=month.first) or [None]
        if fold is not None:
            assert (fold.due, fold.carried, fold.offered) == (
                month.figures.due,
                month.counts["CARRIED"],
                month.counts["OFFERED"],
            )
            assert fold.refused_committee == month.counts["REFUSED_COMMITTEE"]
    line = next(line for line in account(ledger, date(2026, 12, 31)).lines if line.holder == holder)
    assert balance == line.figures.gap


def test_carry_over_is_reported_with_what_is_left_of_it_to_give_back(world: World) -> None:
    recommendation = enter(world, LAST)
    ledger, holder = Ledger.objects.ordinary().get(), recommendation.holder
    CarriedOver.objects.create(
        ledger=ledger, holder=holder, convention=world.conventions["state"], amount=400_000, planned=240
    )
    FlowEntry.objects.create(
        ledger=ledger, holder=holder, vacancy=recommendation.vacancy, stage="CARRIED", quantity=150_000, on=LAST.date()
    )
    found = statement(ledger, holder, on=TODAY, month=None, member=world.member("alice"))
    assert (found.carry_over, found.planned, found.to_give_back) == (400_000, 240, 250_000)


def test_lines_state_what_became_of_a_unit_and_move_nothing(world: World) -> None:
    recommendation = enter(world, LAST)
    confirm_recommendations(vacancies=[recommendation.vacancy_id], by=world.people["aline"], now=LAST)
    routing = recommendation.vacancy.routings.select_related("vacancy").get()
    day = LAST.date() + timedelta(days=2)
    note(routing, FlowEntry.Stage.DESIGNATED, [1], on=day)
    note(routing, FlowEntry.Stage.REFUSED, [1, 1], on=day, side=Side.COMMITTEE)
    note(routing, FlowEntry.Stage.REFUSED, [1], on=day, side=Side.APPLICANT)
    note(routing, FlowEntry.Stage.REFUSED, [-1], on=day + timedelta(days=1), side=Side.COMMITTEE)
    note(routing, FlowEntry.Stage.DESIGNATED, [-1], on=day + timedelta(days=1))
    found = statement(
        Ledger.objects.ordinary().get(),
        recommendation.holder,
        on=TODAY,
        month=date(2026, 10, 1),
        member=world.member("alice"),
    )
    assert [(line.event, line.candidates, line.whose) for line in found.lines[-5:]] == [
        (Event.DESIGNATED, 0, ""),
        (Event.REFUSED, 2, "la CALEOL"),
        (Event.REFUSED, 1, "le demandeur"),
        (Event.UNREFUSED, 1, "la CALEOL"),
        (Event.UNDESIGNATED, 0, ""),
    ]
    assert {line.balance for line in found.lines[-5:]} == {found.months[9].balance}
    october = found.months[9]
    assert (october.counts["OFFERED"], october.counts["DESIGNATED"], october.refused) == (1, 0, 2)
    assert behind(found.ledger, found.holder, Figure.REFUSED_APPLICANT, until=TODAY).quantities == {
        routing.vacancy_id: 1
    }


def test_unit_given_back_because_nobody_came_is_notified(world: World) -> None:
    recommendation = enter(world, LAST - timedelta(days=15))
    route_elsewhere(
        vacancy=recommendation.vacancy,
        holder=world.holders["city"],
        motive=Routing.Motive.OTHER,
        motive_text="Une raison.",
        by=world.people["aline"],
        now=LAST - timedelta(days=15),
    )
    return_vacancy(
        routing=recommendation.vacancy.routings.get(),
        reason="NO_CANDIDATE",
        text="Personne.",
        by=None,
        now=MORNING,
    )
    found = statement(
        Ledger.objects.ordinary().get(), world.holders["city"], on=TODAY, month=None, member=world.member("alice")
    )
    assert (found.whole.opening, found.whole.balance) == (0, found.figures.gap)
    returned = [line for line in found.lines if line.event.startswith("RETURNED")]
    assert [line.lapsed for line in returned] == [True]
    assert (found.whole.counts["RETURNED"], found.whole.counts["LAPSED"]) == (1, 1)


def test_unit_counted_again_is_one_unit_and_explains_what_is_due(world: World) -> None:
    """Given back, its turn used, in an account of before, it credits the others once more: freed once, counted again in
    the month of its return; cancelled, it is neither any more."""
    recommendation = enter(world, LAST - timedelta(days=15))
    route_elsewhere(
        vacancy=recommendation.vacancy,
        holder=world.holders["city"],
        motive=Routing.Motive.OTHER,
        motive_text="Une raison.",
        by=world.people["aline"],
        now=LAST - timedelta(days=15),
    )
    enter(world, LAST)
    count_as_before()
    return_vacancy(
        routing=recommendation.vacancy.routings.get(), reason="NO_CANDIDATE", text="Personne.", by=None, now=MORNING
    )
    ledger, als = Ledger.objects.ordinary().get(), world.holders["als"]
    found, city = read(world, ledger, "als"), read(world, ledger, "city")
    assert [(month.vacated, month.again) for month in found.months[9:]] == [(2, 0), (0, 1)]
    assert (found.whole.vacated, found.whole.again, found.counts_again) == (2, 1, True)
    assert found.figures.due == 200_000 * (found.whole.vacated + found.whole.again)
    assert (city.whole.vacated, city.whole.again, city.counts_again) == (2, 0, False)
    assert len(behind(ledger, als, Figure.VACATED, until=TODAY).quantities) == account(ledger, TODAY).entered == 2
    november = behind(ledger, als, Figure.AGAIN, until=TODAY, month=date(2026, 11, 1))
    assert november.quantities == {recommendation.vacancy_id: 1}
    due = behind(ledger, als, Figure.DUE, until=TODAY)
    assert (len(due.quantities), due.again, due.total) == (2, 1, 600_000)
    cancel_vacancy(
        vacancy=recommendation.vacancy,
        reason="DECLARED_BY_MISTAKE",
        text="Erreur.",
        by=world.people["aline"],
        now=MORNING + timedelta(minutes=1),
    )
    whole = read(world, ledger, "als").whole
    assert (whole.vacated, whole.again, whole.figures.due) == (1, 0, 200_000)


def test_due_says_the_part_that_a_year_before_left(world: World) -> None:
    recommendation = enter(world, LAST)
    ledger, holder = Ledger.objects.ordinary().get(), recommendation.holder
    share = read_due(ledger, holder)
    FlowEntry.objects.create(
        ledger=ledger, holder=holder, vacancy=recommendation.vacancy, stage="CARRIED", quantity=-20_000, on=LAST.date()
    )
    found = statement(ledger, holder, on=TODAY, month=date(2026, 10, 1), member=world.member("alice"))
    october = found.months[9]
    assert (october.figures.due, october.figures.carried) == (share - 20_000, -20_000)
    assert sum(line.due for line in found.lines) == october.figures.due  # the month and its lines say one due
    assert own_figures(holder.organisation_id, 2026, TODAY).carried == -20_000


def read_due(ledger: Ledger, holder: ReservationHolder) -> int:
    return next(line.figures.due for line in account(ledger, TODAY).lines if line.holder == holder)


def test_due_that_bears_on_no_unit_is_distinguished(world: World) -> None:
    recommendation = enter(world, LAST)
    ledger, holder = Ledger.objects.ordinary().get(), recommendation.holder
    FlowEntry.objects.create(ledger=ledger, holder=holder, stage="TRANSFERRED", quantity=-50_000, on=LAST.date())
    due = behind(ledger, holder, Figure.DUE, until=TODAY)
    assert (due.apart, due.total) == (-50_000, read_due(ledger, holder))
