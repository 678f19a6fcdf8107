"""Version 2 in the house: what waits, when it is firm, what is forecast, and what a person may ask for.

Sections are those of the specification of version 2, « the known departures ».
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from flux.engine import versions
from flux.models import AskedDecision, DecisionWindow, FlowEntry, Ledger, LedgerLine, Recommendation, Return, Routing
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.departures import decide_now
from flux.operations.returning import return_vacancy
from flux.operations.routing import (
    confirm_recommendations,
    route_elsewhere,
    route_waiting_vacancies,
    sweep_waiting_vacancies,
)
from flux.operations.starting import set_decision_window
from flux.operations.stock import set_routing_policy
from flux.queries.recommendations import replayed
from flux.situation import load
from flux.situation.earlier import planned
from reservations.models import HistoryEntry
from reservations.refusals import Refusal
from tests.attributions.bilan.same_totals import check_same_totals
from tests.flux.books import check_books
from tests.flux.known import departure, departures, forecast, plan_together, waiting
from tests.guards import unguarded
from tests.world import MORNING, promise_behind_the_acts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.world import World

TODAY = MORNING.date()


def route(ledger: Ledger, at: datetime = MORNING) -> int:
    return route_waiting_vacancies(ledger_id=ledger.pk, now=at)


def known_in(recommendation: Recommendation) -> list[int]:
    return [int(each["vacancy"]) for each in recommendation.situation.get("known", [])]


def account(ledger: Ledger) -> list[tuple[int, int, int]]:
    return list(LedgerLine.objects.filter(ledger=ledger).order_by("pk").values_list("holder", "due", "received"))


# --- 5. when a decision is firm


def test_forty_notices_in_a_morning_decide_the_first_thirty_three_with_eight_known(world: World) -> None:
    """« A batch of 40 registered together: the first 33 are decided at once with 8 known, the last 7 wait. »"""
    plan_together(world)
    fallen = departures(world, 40)
    ledger = fallen[0].ledger
    assert route(ledger) == 33
    made = list(Recommendation.objects.filter(ledger=ledger).order_by("sequence"))
    assert [each.vacancy_id for each in made] == [each.pk for each in fallen[:33]]
    assert {each.engine_version for each in made} == {2}
    for place, each in enumerate(made):
        assert known_in(each) == [other.pk for other in fallen[place + 1 : place + 8]]
        assert each.plan["holders"][0] == str(each.holder_id)
        assert len(each.plan["holders"]) == 8
    assert waiting(ledger) == [each.pk for each in fallen[33:]]
    assert [(each.rank, each.known) for each in forecast(ledger).values()] == [(n, 7) for n in range(1, 8)]
    check_books(ledger)


def test_until_it_is_firm_nothing_is_credited_or_counted(world: World) -> None:
    plan_together(world)
    first = departure(world)
    assert route(first.ledger) == 0
    assert not Recommendation.objects.exists()
    assert not FlowEntry.objects.exists()
    assert not LedgerLine.objects.exists()
    first.refresh_from_db()
    assert (first.ledger.sequence, first.entered_as) == (0, None)
    assert list(forecast(first.ledger)) == [first.pk]


def test_the_account_is_credited_on_the_day_of_the_decision(world: World) -> None:
    plan_together(world)
    first = departure(world)
    route(first.ledger)
    later = MORNING + timedelta(days=3)
    assert route(first.ledger, later) == 1
    assert set(FlowEntry.objects.values_list("on", flat=True)) == {later.date()}


@pytest.mark.parametrize(
    ("registered", "day"),
    [
        (datetime(2026, 11, 24, 8, tzinfo=UTC), date(2026, 11, 27)),  # a Tuesday: on Friday
        (datetime(2026, 12, 23, 8, tzinfo=UTC), date(2026, 12, 29)),  # Christmas is a Friday, then a weekend
        (datetime(2026, 5, 12, 8, tzinfo=UTC), date(2026, 5, 18)),  # Ascension, a Thursday
    ],
)
def test_a_late_one_is_decided_by_time_over_public_holidays(world: World, registered: datetime, day: date) -> None:
    """« it has waited H working days since its registration »."""
    plan_together(world, since=registered)
    alone = departure(world, at=registered)
    assert route(alone.ledger, registered) == 0
    assert forecast(alone.ledger)[alone.pk].firm_on == day
    before = datetime(day.year, day.month, day.day, 12, tzinfo=UTC) - timedelta(days=1)
    assert sweep_waiting_vacancies(now=before) == 0
    assert sweep_waiting_vacancies(now=before + timedelta(hours=11, minutes=30)) == 1  # after midnight, in Paris
    made = Recommendation.objects.get()
    assert (made.engine_version, made.plan, "known" in made.situation) == (2, None, False)


def test_with_no_day_to_wait_each_is_decided_at_once_with_what_is_known(world: World) -> None:
    """« H = 0: at once »."""
    plan_together(world, days=0)
    fallen = departures(world, 3)
    assert route(fallen[0].ledger) == 3
    made = Recommendation.objects.order_by("sequence")
    assert [len(known_in(each)) for each in made] == [2, 1, 0]


@pytest.mark.parametrize(("free_in", "decided"), [(10, 1), (29, 1), (33, 1), (34, 0), (90, 0)])
def test_one_that_is_free_soon_is_decided_at_once(world: World, free_in: int, decided: int) -> None:
    """« available_on is nearer than the holder's days to propose + H »: 20 working days are the longest delay there,
    and 3 more; from 24 November to 28 December there are 23, Christmas left out."""
    plan_together(world)
    soon = departure(world, free_in=free_in)
    assert route(soon.ledger) == decided


def test_the_first_is_decided_before_one_that_is_firm_after_it(world: World) -> None:
    """Decisions are taken in order of registration: what is free soon waits for those registered before, and its
    forecast says until when."""
    plan_together(world)
    first = departure(world)
    soon = departure(world, free_in=5)
    assert route(first.ledger) == 0
    assert [each.firm_on for each in forecast(first.ledger).values()] == [date(2026, 11, 27)] * 2
    assert route(first.ledger, MORNING + timedelta(days=3)) == 2
    assert list(Recommendation.objects.order_by("sequence").values_list("vacancy", flat=True)) == [first.pk, soon.pk]


def test_window_slides_after_each_decision(world: World) -> None:
    plan_together(world, length=4)
    fallen = departures(world, 3)
    assert route(fallen[0].ledger) == 0
    fallen += departures(world, 2)
    assert route(fallen[0].ledger) == 2
    made = Recommendation.objects.order_by("sequence")
    assert [known_in(each) for each in made] == [[v.pk for v in fallen[1:4]], [v.pk for v in fallen[2:5]]]
    assert waiting(fallen[0].ledger) == [v.pk for v in fallen[2:]]


def test_automatic_mode_routes_what_is_firm_and_nothing_else(world: World) -> None:
    plan_together(world, length=4)
    set_routing_policy(
        landlord=world.landlord, mode="AUTOMATIC", starts_on=TODAY, by=world.people["alice"], today=TODAY
    )
    fallen = departures(world, 5)
    assert route(fallen[0].ledger) == 2
    assert list(Routing.objects.order_by("pk").values_list("vacancy", flat=True)) == [v.pk for v in fallen[:2]]
    check_books(fallen[0].ledger)


def test_without_a_choice_nothing_waits_and_version_1_decides(world: World) -> None:
    fallen = departures(world, 3)
    assert route(fallen[0].ledger) == 3
    made = list(Recommendation.objects.order_by("sequence"))
    assert {(each.engine_version, each.plan) for each in made} == {(1, None)}
    assert not any("known" in each.situation for each in made)
    assert set(FlowEntry.objects.values_list("on", flat=True)) == {TODAY}


def test_where_over_100_percent_is_promised_departures_are_passed_over_and_known_to_nobody(world: World) -> None:
    """« Vacancies that cannot be decided (OverCommitted) are passed over. »"""
    plan_together(world, length=3)
    stuck = departure(world, commune="Narbonne", rooms=3)
    promise_behind_the_acts(world.conventions["city"], 900_000)
    fallen = [departure(world, commune="Coursan", rooms=2) for _ in range(3)]
    assert route(stuck.ledger) == 1
    made = Recommendation.objects.get()
    assert (made.vacancy_id, known_in(made)) == (fallen[0].pk, [v.pk for v in fallen[1:]])
    assert list(forecast(stuck.ledger)) == [v.pk for v in fallen[1:]]
    with pytest.raises(RoutingRefused, match="promettent plus de 100 %"):
        decide_now(vacancy=stuck, by=world.people["aline"], now=MORNING)


# --- the sweep looks only at what may have become firm


def test_sweep_costs_one_query_while_nothing_may_be_firm(world: World, django_assert_num_queries: Any) -> None:
    plan_together(world)
    fallen = departures(world, 5)
    assert sweep_waiting_vacancies(now=MORNING) == 0
    with django_assert_num_queries(1):
        assert sweep_waiting_vacancies(now=MORNING + timedelta(minutes=1)) == 0
    assert len(forecast(fallen[0].ledger)) == 5


def test_sweep_of_a_ledger_where_conventions_promise_too_much_draws_no_plan_again(
    world: World, django_assert_num_queries: Any
) -> None:
    plan_together(world)
    stuck = departure(world, commune="Narbonne", rooms=3)
    promise_behind_the_acts(world.conventions["city"], 900_000)
    departure(world, commune="Coursan", rooms=3)
    sweep_waiting_vacancies(now=MORNING)
    with django_assert_num_queries(8):  # two open and close the transaction, one reads which rows failed before
        assert sweep_waiting_vacancies(now=MORNING + timedelta(minutes=1)) == 0
    assert stuck.pk not in forecast(stuck.ledger)


@pytest.mark.parametrize("count", [2, 6])
def test_registering_one_more_costs_the_same_whatever_waits(
    world: World, count: int, django_assert_max_num_queries: Any
) -> None:
    plan_together(world, length=16)
    fallen = departures(world, count)
    route(fallen[0].ledger)
    departure(world)
    with django_assert_max_num_queries(10):  # one of them keeps the forecasts that changed
        assert route(fallen[0].ledger) == 0


@pytest.mark.parametrize("batch", [1, 2, 500])
def test_decisions_do_not_depend_on_how_many_a_transaction_holds(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """Nine departures, four planned together: six are firm, each with the three behind it."""
    monkeypatch.setattr("flux.operations.routing.BATCH", batch)
    plan_together(world, length=4)
    fallen = departures(world, 9)
    assert route(fallen[0].ledger) == 6
    made = Recommendation.objects.order_by("sequence")
    assert [each.vacancy_id for each in made] == [each.pk for each in fallen[:6]]
    assert [known_in(each) for each in made] == [[v.pk for v in fallen[i + 1 : i + 4]] for i in range(6)]
    assert list(forecast(fallen[0].ledger)) == [each.pk for each in fallen[6:]]


def test_those_passed_over_hide_none_of_those_planned_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """More wait where nothing can be decided than a transaction reads: those behind them are known all the same."""
    monkeypatch.setattr("flux.operations.routing.BATCH", 2)
    plan_together(world, length=3)
    stuck = [departure(world, commune="Narbonne", rooms=3) for _ in range(4)]
    promise_behind_the_acts(world.conventions["city"], 900_000)
    fallen = [departure(world, commune="Coursan", rooms=2) for _ in range(4)]
    assert route(stuck[0].ledger) == 2
    made = Recommendation.objects.order_by("sequence")
    assert [known_in(each) for each in made] == [[v.pk for v in fallen[1:3]], [v.pk for v in fallen[2:]]]
    assert list(forecast(stuck[0].ledger)) == [v.pk for v in fallen[2:]]


# --- the forecast


def test_forecast_is_the_plan_of_what_is_known_and_moves_quietly(world: World) -> None:
    plan_together(world)
    fallen = departures(world, 3)
    ledger = fallen[0].ledger
    route(ledger)
    found = planned(ledger, today=TODAY)
    assert found is not None
    assert [each.holder.pk for each in found.departures] == [each.holder_id for each in forecast(ledger).values()]
    assert {each.since for each in forecast(ledger).values()} == {MORNING}
    later = MORNING + timedelta(hours=2)
    before = {pk: (each.holder_id, each.since) for pk, each in forecast(ledger).items()}
    departures(world, 3, at=later)
    route(ledger, later)
    for pk, each in list(forecast(ledger).items())[:3]:
        assert each.since == (before[pk][1] if before[pk][0] == each.holder_id else later)
    assert all(each.known == 6 for each in forecast(ledger).values())
    assert not FlowEntry.objects.exists()


def test_forecast_goes_with_its_decision(world: World) -> None:
    plan_together(world, length=4)
    fallen = departures(world, 3)
    ledger = fallen[0].ledger
    route(ledger)
    expected = forecast(ledger)[fallen[0].pk].holder_id
    fallen.append(departure(world))
    route(ledger)
    assert list(forecast(ledger)) == [each.pk for each in fallen[1:]]
    assert expected in {int(row["id"]) for row in Recommendation.objects.get().ranking}


def test_every_morning_forecasts_are_drawn_anew(world: World) -> None:
    """A right that starts, a window that changes: no act says so to the queue."""
    plan_together(world, days=10)
    first = departure(world)
    sweep_waiting_vacancies(now=MORNING)
    assert forecast(first.ledger)[first.pk].seen_on == TODAY
    sweep_waiting_vacancies(now=MORNING + timedelta(days=1))
    assert forecast(first.ledger)[first.pk].seen_on == TODAY + timedelta(days=1)


# --- 6. life


def test_cancelled_in_the_window_it_leaves_and_nothing_is_reversed(world: World) -> None:
    plan_together(world, length=4)
    fallen = departures(world, 5)
    ledger = fallen[0].ledger
    assert route(ledger) == 2
    stood = [(each.situation, each.plan) for each in Recommendation.objects.order_by("pk")]
    cancel_vacancy(
        vacancy=fallen[3], reason="NOTICE_WITHDRAWN", text="Le locataire reste.", by=world.people["aline"], now=MORNING
    )
    assert not FlowEntry.objects.filter(vacancy=fallen[3]).exists()
    assert fallen[3].pk not in forecast(ledger)
    assert [(each.situation, each.plan) for each in Recommendation.objects.order_by("pk")] == stood
    fallen += departures(world, 2)
    assert route(ledger) == 1
    assert known_in(Recommendation.objects.latest("pk")) == [fallen[4].pk, fallen[5].pk, fallen[6].pk]
    check_books(ledger)


def test_reclassified_in_the_window_it_leaves_the_queue(world: World) -> None:
    plan_together(world)
    first, second = departures(world, 2)
    route(first.ledger)
    reclassify_vacancy(
        vacancy=first,
        kind="EXCLUDED",
        exclusion="INTERNAL_TRANSFER",
        text="Mutation interne.",
        by=world.people["aline"],
        now=MORNING,
    )
    route(first.ledger)
    assert {pk: (each.rank, each.known) for pk, each in forecast(first.ledger).items()} == {second.pk: (1, 1)}


def test_return_is_decided_at_once_with_the_first_that_wait_as_window(world: World) -> None:
    """« Return: decided at once (no waiting: the unit is already late); window as in section 1. »"""
    plan_together(world, length=4)
    fallen = departures(world, 6)
    ledger = fallen[0].ledger
    assert route(ledger) == 3
    routing = route_elsewhere(
        vacancy=fallen[0],
        holder=world.holders["epci"],
        motive="OTHER",
        motive_text="Demande écrite.",
        by=world.people["aline"],
        now=MORNING,
    )
    return_vacancy(
        routing=routing,
        reason=Return.Reason.ERROR,
        text="Étage trop haut.",
        by=world.people["chloe"],
        now=MORNING,
    )
    again = Recommendation.objects.get(vacancy=fallen[0], attempt=2)
    assert again.engine_version == 2
    assert known_in(again) == [each.pk for each in fallen[3:]]
    assert waiting(ledger) == [each.pk for each in fallen[3:]]
    check_books(ledger)


def test_amendment_is_read_at_each_decision_by_the_day_of_each_registration(world: World) -> None:
    """« x_h(v_j) and E_j are read at each decision by the date of registration of v_j; a forecast may change. »"""
    plan_together(world, days=10)
    first = departure(world, commune="Narbonne", rooms=3)
    tomorrow = MORNING + timedelta(days=1)
    second = departure(world, at=tomorrow, commune="Narbonne", rooms=3)
    world.end(world.conventions["city"], TODAY)
    facts = planned(first.ledger, today=tomorrow.date()).facts
    city = str(world.holders["city"].pk)
    assert city in {holder.id for holder in facts.holders if holder.share}
    assert facts.known[0].vacancy == str(second.pk)
    assert city not in facts.known[0].shares


def test_deciding_twice_changes_nothing(world: World) -> None:
    plan_together(world, length=4)
    ledger = departures(world, 5)[0].ledger
    assert route(ledger) == 2
    rows = Recommendation.objects.order_by("pk").values_list("vacancy", "fingerprint")
    before = account(ledger), list(rows.all())
    assert route(ledger) == 0
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert (account(ledger), list(rows.all())) == before


def test_a_departure_of_december_is_decided_in_january_in_its_own_year(world: World) -> None:
    """It belongs to the exercise of its registration, and enters its account on the day of its decision."""
    eve = datetime(2026, 12, 30, 8, tzinfo=UTC)
    plan_together(world, since=eve)
    late = departures(world, 2, at=eve)
    route(late[0].ledger, eve)
    new_year = datetime(2027, 1, 4, 8, tzinfo=UTC)
    departure(world, at=new_year)
    assert sweep_waiting_vacancies(now=new_year) == 0
    assert sweep_waiting_vacancies(now=new_year + timedelta(days=1)) == 2
    assert {each.ledger.exercise for each in Recommendation.objects.select_related("ledger")} == {2026}
    assert set(FlowEntry.objects.filter(ledger=late[0].ledger).values_list("on", flat=True)) == {date(2027, 1, 5)}
    check_books(late[0].ledger)
    check_same_totals(world.landlord, 2026)


def test_an_override_has_what_waits_forecast_anew(
    world: World, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    """« Override: counters follow; the next plan starts from them. »"""
    plan_together(world, length=2)
    fallen = departures(world, 3)
    ledger = fallen[0].ledger
    assert route(ledger) == 2
    connection.run_on_commit.clear()  # as after a commit: a wake-up call is sent once for each transaction
    with django_capture_on_commit_callbacks() as woken:
        route_elsewhere(
            vacancy=fallen[0],
            holder=world.holders["epci"],
            motive="OTHER",
            motive_text="Demande écrite.",
            by=world.people["aline"],
            now=MORNING,
        )
    assert len(woken) == 1
    route(ledger)
    now = planned(ledger, today=TODAY)
    assert [each.holder.pk for each in now.departures] == [each.holder_id for each in forecast(ledger).values()]


# --- « Décider maintenant »


def test_a_person_has_the_first_decided_without_a_motive(world: World) -> None:
    plan_together(world)
    first, second = departures(world, 2)
    route(first.ledger)
    made = decide_now(vacancy=first, by=world.people["aline"], now=MORNING)
    assert known_in(made) == [second.pk]
    asked = AskedDecision.objects.get()
    assert (asked.recommendation, asked.by, asked.passed, asked.known) == (made, world.people["aline"], 0, 2)
    assert list(forecast(first.ledger)) == [second.pk]
    check_books(first.ledger)


def test_passing_before_others_asks_a_motive_and_keeps_who_why_and_how_many_were_known(world: World) -> None:
    """« logged with name, motive if others were registered before, and k »; « the unit is v_0, followed by the L − 1
    first that wait »; sequence is the order of decision."""
    plan_together(world, length=3)
    fallen = departures(world, 2)
    last = departure(world, at=MORNING + timedelta(minutes=1))
    plan_together(world, length=4)
    ledger = last.ledger
    route(ledger)
    with pytest.raises(RoutingRefused) as refused:
        decide_now(vacancy=last, motive="  ", by=world.people["aline"], now=MORNING)
    assert (str(refused.value), refused.value.field) == (
        "2 départs enregistrés plus tôt attendent aussi : dites pourquoi celui-ci passe avant, en une phrase. Les "
        "réservataires la liront.",
        "motive",
    )
    made = decide_now(vacancy=last, motive="Ménage à reloger en urgence.", by=world.people["aline"], now=MORNING)
    assert known_in(made) == [each.pk for each in fallen]
    asked = AskedDecision.objects.get()
    assert (asked.passed, asked.known, asked.motive) == (2, 3, "Ménage à reloger en urgence.")
    route(ledger, MORNING + timedelta(days=3))
    assert list(Recommendation.objects.order_by("sequence").values_list("vacancy", flat=True)) == [
        last.pk,
        *[each.pk for each in fallen],
    ]
    check_books(ledger)


def test_asking_is_refused_when_decided_already_or_where_nothing_waits(world: World) -> None:
    alone = departure(world)
    with pytest.raises(RoutingRefused, match="Chaque départ est décidé seul, dès son enregistrement"):
        decide_now(vacancy=alone, by=world.people["aline"], now=MORNING)
    route(alone.ledger)
    with pytest.raises(RoutingRefused, match="est déjà décidé"):
        decide_now(vacancy=alone, by=world.people["aline"], now=MORNING)


def test_confirming_what_waits_says_until_when_and_what_to_do(world: World) -> None:
    plan_together(world)
    first = departure(world)
    route(first.ledger)
    with pytest.raises(RoutingRefused) as refused:
        confirm_recommendations(vacancies=[first.pk], by=world.people["aline"], now=MORNING)
    assert str(refused.value) == (
        f"{first.unit} n’a pas encore de recommandation : il attend que d’autres départs soient connus. Il sera décidé "
        "le 27/11/2026 au plus tard ; pour ne pas attendre, demandez qu’il soit décidé maintenant."
    )


# --- replay


def test_decisions_of_both_versions_replay(world: World) -> None:
    """« The same situation gives the same decision. »"""
    before = departures(world, 6, at=MORNING - timedelta(days=1))
    route(before[0].ledger, MORNING - timedelta(days=1))
    plan_together(world)
    departures(world, 12)
    ledger = before[0].ledger
    route(ledger)
    decide_now(vacancy=ledger.vacancies.waiting().last(), motive="Urgence.", by=world.people["aline"], now=MORNING)
    found = Recommendation.objects.filter(ledger=ledger)
    assert {1, 2} == set(found.values_list("engine_version", flat=True))
    assert [each.differences for each in replayed(found)] == [()] * found.count()


def test_a_plan_that_was_altered_is_seen_by_the_replay(world: World) -> None:
    plan_together(world, length=4)
    fallen = departures(world, 4)
    route(fallen[0].ledger)
    made = Recommendation.objects.get()
    with unguarded("flux_recommendation.append_only"):
        Recommendation.objects.update(plan={**made.plan, "mix": made.plan["mix"] + 1})
    [read] = replayed(Recommendation.objects.all())
    assert [row["field"] for row in read.differences] == ["plan"]


# --- choosing the window


def test_choosing_is_dated_and_kept_with_who_did_it(world: World) -> None:
    assert (DecisionWindow.objects.of(world.landlord, TODAY).length, DecisionWindow.objects.count()) == (1, 2)
    chosen = plan_together(world, length=8, days=3, since=MORNING + timedelta(days=7))
    of = DecisionWindow.objects.of
    assert [of(world.landlord, TODAY + timedelta(days=n)).length for n in (0, 6, 7, 30)] == [1, 1, 8, 8]
    assert of(world.other_landlord, TODAY + timedelta(days=30)).length == 1
    [entry] = HistoryEntry.objects.about(chosen)
    assert (entry.act, entry.details) == ("RECORDED", {"length": [1, 8], "days": [0, 3]})


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"length": 0}, "length", "Planifiez ensemble de 1 à 16 départs"),
        ({"length": 17}, "length", "Planifiez ensemble de 1 à 16 départs"),
        ({"days": -1}, "days", "Écrivez un nombre de jours ouvrés de 0 à 20"),
        ({"days": 21}, "days", "Écrivez un nombre de jours ouvrés de 0 à 20"),
        ({"starts_on": TODAY - timedelta(days=1)}, "starts_on", "le passé ne change pas"),
        ({"length": 1, "days": 5}, "length", "C’est déjà ce qui est en vigueur"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_with_what_to_do(
    world: World, given: dict[str, Any], field: str, sentence: str
) -> None:
    with pytest.raises(Refusal, match=sentence) as refused:
        set_decision_window(
            **({"length": 8, "days": 3, "starts_on": TODAY} | given),
            landlord=world.landlord,
            by=world.people["alice"],
            today=TODAY,
        )
    assert refused.value.field == field
    assert DecisionWindow.objects.count() == 2, "those that were there"


def test_back_to_version_1_what_waits_is_decided(world: World) -> None:
    plan_together(world)
    fallen = departures(world, 3)
    ledger = fallen[0].ledger
    route(ledger)
    plan_together(world, length=1)
    assert route(ledger) == 3
    assert forecast(ledger) == {}
    assert set(Recommendation.objects.values_list("engine_version", flat=True)) == {1}


def test_one_known_departure_under_version_2_is_decided_as_version_1_does(world: World) -> None:
    """« With one known vacancy it is version 1, exactly »: what is stored differs by the version alone."""
    plan_together(world, days=0)
    for _ in range(20):
        alone = departure(world)
        situation = load(alone.ledger)
        facts = situation.enter(alone, sequence=situation.ledger.sequence + 1).facts
        first = versions.VERSIONS[1](facts)
        route(alone.ledger)
        made = Recommendation.objects.get(vacancy=alone)
        assert (made.holder_id, made.reason, made.sentence, made.ranking, made.fingerprint) == (
            int(first.holder),
            first.reason,
            versions.say(facts, first),
            first.ranking_as_json(),
            facts.fingerprint(),
        )
