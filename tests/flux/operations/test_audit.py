"""Controls of the accounts: what is damaged behind the acts is seen, reported once, and repaired by nobody."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, timedelta
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, transaction

from flux.models import AuditAlert, FlowEntry, Ledger, LedgerLine, Recommendation, Routing, Vacancy
from flux.operations.audit import (
    AcknowledgementRefused,
    acknowledge_alert,
    audit_ledgers,
    confirmed,
    record_differences,
    replay_recorded,
)
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.queries.controls.accounts import Check, Difference, audit
from flux.tasks import control_the_night
from reservations.models import Convention
from reservations.models.convention import UNIT
from tests.flux.programmes import agreed, count_first_lettings, let, unit_of
from tests.guards import unguarded
from tests.world import MORNING, promise_behind_the_acts
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World

NIGHT = MORNING + timedelta(hours=18, minutes=30)  # 03:30 in Paris, the day after


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Eight units: confirmed, overridden, given back, taken out for works, and waiting."""
    for number in range(8):
        world.vacancy(rooms=2 + number % 3, commune="Narbonne" if number % 2 else "Coursan")
    sweep_waiting_vacancies(now=MORNING)
    by, first = world.people["aline"], list(Vacancy.objects.order_by("pk")[:5])
    confirm_recommendations(vacancies=[vacancy.pk for vacancy in first], by=by, now=MORNING)
    reserved = Routing.objects.filter(closed_at=None).exclude(holder__contingent=7).order_by("pk")
    for reason in ("ERROR", "WITHDRAWN", "WORKS"):
        routing = reserved.exclude(given_back__isnull=False)[0]
        return_vacancy(routing=routing, reason=reason, text="Constaté.", by=by, now=MORNING)
    waiting = Vacancy.objects.to_confirm().last()
    made = waiting.recommendations.latest("attempt").holder
    to = world.holders["als"] if made != world.holders["als"] else world.holders["priority"]
    route_elsewhere(vacancy=waiting, holder=to, motive="OTHER", motive_text="Accord.", by=by, now=MORNING)
    return Ledger.objects.ordinary().get()


def line_of(world: World, name: str) -> LedgerLine:
    return LedgerLine.objects.get(holder=world.holders[name])


def found(ledger: Ledger) -> list[tuple[str, int | None]]:
    return [(each.check.value, each.holder) for each in audit([ledger.pk]).differences]


def as_of_now(model: Any) -> list[dict[str, Any]]:
    return list(model.objects.order_by("pk").values())


# --- a sound account ---


def test_sound_ledger_has_nothing_to_state(ledger: Ledger) -> None:
    read = audit([ledger.pk])
    assert (read.ledgers, read.differences) == (1, ())
    assert AuditAlert.objects.count() == 0


def test_units_handed_on_for_one_turn_are_controlled_in_both_accounts(world: World, ledger: Ledger) -> None:
    """Each unit is credited once, and received once, in the yearly account and in the one beside it."""
    routing = Routing.objects.filter(closed_at=None, holder__contingent__lt=7).order_by("pk")[0]
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.update(returns_effect="YES")
    return_vacancy(routing=routing, reason="DECLINED", text="Non.", by=world.people["aline"], now=MORNING)
    beside = Ledger.objects.get(kind=Ledger.Kind.ONE_TURN)
    assert audit([ledger.pk, beside.pk]).differences == ()
    line = LedgerLine.objects.filter(ledger=beside, received=1).get()
    LedgerLine.objects.filter(pk=line.pk).update(received=0)
    checks = {each.check.value for each in audit([beside.pk]).differences}
    assert checks == {"LINE", "RECEIVED", "DELAYS", "LACKS"}


def test_first_lettings_are_controlled_in_both_accounts(world: World) -> None:
    count_first_lettings(world.conventions["als"])
    programme = agreed(world, ("als", 2, []), ("city", 1, []), units=4)
    for _ in range(3):
        let(world, programme, unit_of(world, programme))
    assert sorted(Ledger.objects.values_list("kind", flat=True)) == ["FIRST_LETTING", "ORDINARY"]
    assert confirmed([ledger.pk for ledger in Ledger.objects.order_by("pk")]) == []
    Vacancy.objects.update(entered_as=None)  # as those of before the column
    assert confirmed([ledger.pk for ledger in Ledger.objects.order_by("pk")]) == []


def test_cancelled_vacancy_whose_entries_are_reversed_is_no_difference(world: World, ledger: Ledger) -> None:
    """What a cancellation writes: the opposite of each entry, nothing taken out."""
    vacancy = Vacancy.objects.to_confirm().filter(routings=None).order_by("pk").first()
    for entry in list(vacancy.entries.order_by("pk")):
        FlowEntry.objects.create(
            ledger=ledger,
            holder=entry.holder,
            vacancy=vacancy,
            stage=entry.stage,
            quantity=-entry.quantity,
            on=MORNING.date(),
        )
    for line in LedgerLine.objects.order_by("pk"):
        for entry in vacancy.entries.filter(holder=line.holder, quantity__lt=0):
            due = entry.quantity if entry.stage == "DUE" else 0
            received = entry.quantity if entry.stage != "DUE" else 0
            line.due, line.received = line.due + due, line.received + received
            for dimension, category in vacancy.entered_as.items():
                line.profile[dimension][category][0] += due
                line.profile[dimension][category][1] += received
        line.save()
    assert {check for check, _ in found(ledger)} == {"DUE", "RECEIVED"}
    Vacancy.objects.filter(pk=vacancy.pk).update(
        cancelled_at=MORNING,
        cancelled_by=world.people["aline"],
        cancellation="NOTICE_WITHDRAWN",
        cancellation_text="Le locataire reste.",
    )
    assert found(ledger) == []


@pytest.mark.parametrize("units", [1, 12])
def test_audit_costs_the_same_queries_whatever_the_number(
    world: World, django_assert_num_queries: Callable[[int], Any], units: int
) -> None:
    for _ in range(units):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    ledger = Ledger.objects.ordinary().get()
    with django_assert_num_queries(20):
        audit([ledger.pk])


# --- damage ---


@pytest.mark.parametrize(
    ("damage", "checks"),
    [
        ({"due": 1}, {"LINE", "DUE", "DELAYS", "LACKS"}),
        ({"received": 1}, {"LINE", "RECEIVED", "DELAYS", "LACKS"}),
        ({"last_served": 99}, {"LINE"}),
    ],
)
def test_damaged_line_is_seen(world: World, ledger: Ledger, damage: dict[str, int], checks: set[str]) -> None:
    line = line_of(world, "als")
    for name, more in damage.items():
        setattr(line, name, getattr(line, name) + more)
    line.save()
    seen = audit([ledger.pk]).differences
    assert {each.check.value for each in seen} == checks
    [difference] = [each for each in seen if each.check == Check.LINE]
    assert difference.holder == line.holder_id
    assert {name: difference.found[name] - difference.expected[name] for name in damage} == damage


def test_damaged_profile_and_missing_line_are_seen(world: World, ledger: Ledger) -> None:
    line = line_of(world, "als")
    line.profile["typology"]["T2"][0] += 7
    line.save()
    [result, unbalanced] = audit([ledger.pk]).differences
    assert (result.check, set(result.found)) == (Check.LINE, {"typology/T2/due"})
    assert (unbalanced.check, set(unbalanced.found)) == (Check.LACKS, {"typology"})
    line.delete()
    assert ("LINE", line.holder_id) in found(ledger)
    assert next(each for each in audit([ledger.pk]).differences if each.holder == line.holder_id).found is None


def test_two_lines_damaged_in_opposite_ways_are_seen(world: World, ledger: Ledger) -> None:
    """A lost update leaves every total as it is: the lines and the counts by holder see it."""
    for name, more in (("als", 1), ("city", -1)):
        line = line_of(world, name)
        line.received += more
        line.save()
    assert {check for check, _ in found(ledger)} == {"LINE", "RECEIVED", "LACKS"}


def test_damaged_entry_is_seen(world: World, ledger: Ledger) -> None:
    entry = FlowEntry.objects.filter(stage="DUE").order_by("pk")[0]
    with unguarded("flux_flowentry.append_only"):
        FlowEntry.objects.filter(pk=entry.pk).update(quantity=entry.quantity - 10)
    assert found(ledger) == [("LINE", entry.holder_id), ("DUE", None), ("DELAYS", None)]


def test_entry_that_nobody_took_is_seen(world: World, ledger: Ledger) -> None:
    FlowEntry.objects.create(
        ledger=ledger, holder=world.holders["als"], stage="TRANSFERRED", quantity=5, spread={}, on=MORNING.date()
    )
    assert "SUMS" in {check for check, _ in found(ledger)}


def test_routing_without_its_entry_is_seen(world: World, ledger: Ledger) -> None:
    routing = Routing.objects.filter(closed_at=None).order_by("pk")[0]
    with unguarded("flux_routing.closed_once", "flux_routing.kept"):
        Routing.objects.filter(pk=routing.pk).update(closed_at=MORNING)
    assert found(ledger) == [("RECEIVED", routing.holder_id)]


def test_rank_of_a_ledger_is_controlled(ledger: Ledger) -> None:
    Ledger.objects.update(sequence=ledger.sequence + 1)
    [difference] = audit([ledger.pk]).differences
    assert (difference.check, difference.found["sequence"]) == (Check.SEQUENCE, ledger.sequence + 1)


def test_vacancy_decided_before_one_registered_earlier_is_seen(world: World, ledger: Ledger) -> None:
    one, other = Recommendation.objects.filter(attempt=1).order_by("sequence")[:2]
    with unguarded("flux_recommendation.append_only"):
        for row, rank in ((one, 900), (other, one.sequence), (one, other.sequence)):
            Recommendation.objects.filter(pk=row.pk).update(sequence=rank)
    [difference] = [each for each in audit([ledger.pk]).differences if each.check == Check.ORDER]
    assert difference.recommendation == one.pk


def test_vacancy_that_waited_for_its_conventions_is_no_fault(world: World) -> None:
    """Narbonne is promised over 100 %: its unit waits, and that of Coursan, registered later, passes."""
    city = world.conventions["city"]
    before = city.quotas.get().share
    promise_behind_the_acts(city, 900_000)
    world.vacancy(commune="Narbonne")
    world.vacancy(commune="Coursan")
    sweep_waiting_vacancies(now=MORNING)
    promise_behind_the_acts(city, before)
    sweep_waiting_vacancies(now=MORNING + timedelta(hours=1))
    ledger = Ledger.objects.ordinary().get()
    assert [row.vacancy.unit.commune.name for row in ledger.recommendations.order_by("sequence")] == [
        "Coursan",
        "Narbonne",
    ]
    assert audit([ledger.pk]).differences == ()


# --- at each writing ---


def test_routing_stands_and_states_the_damage_it_meets(
    world: World, ledger: Ledger, caplog: pytest.LogCaptureFixture
) -> None:
    """Once: the next routing meets the same difference and adds nothing; the line stays as it was found."""
    line = line_of(world, "als")
    line.profile["typology"]["T2"][0] += 7
    line.save()
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            world.vacancy()
            sweep_waiting_vacancies(now=MORNING)
    assert Vacancy.objects.waiting().count() == 0
    [alert] = AuditAlert.objects.all()
    assert (alert.check_code, alert.ledger, alert.holder) == ("LACKS", ledger, world.holders["als"])
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    assert ("LACKS", line.holder_id) in found(ledger)


@pytest.mark.parametrize(("due", "received", "check"), [(5, 0, "DUE"), (50 * UNIT, 0, "DUE"), (0, 40, "DELAYS")])
def test_totals_that_cannot_be_are_reported_at_once(
    world: World, ledger: Ledger, due: int, received: int, check: str
) -> None:
    line = line_of(world, "als")
    line.due, line.received = line.due + due, line.received + received
    line.save()
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    assert check in set(AuditAlert.objects.values_list("check_code", flat=True))


# --- every night ---


def test_night_keeps_an_alert_and_repairs_nothing(world: World, ledger: Ledger) -> None:
    LedgerLine.objects.filter(holder=world.holders["als"]).update(due=0)
    before = [as_of_now(model) for model in (LedgerLine, FlowEntry, Ledger, Recommendation, Routing)]
    kept = audit_ledgers(now=NIGHT)
    assert {alert.check_code for alert in kept} == {"LINE", "LACKS", "DUE", "DELAYS"}
    assert audit_ledgers(now=NIGHT + timedelta(days=1)) == []
    assert AuditAlert.objects.count() == 4
    assert [as_of_now(model) for model in (LedgerLine, FlowEntry, Ledger, Recommendation, Routing)] == before


def test_the_same_difference_is_notified_once_while_the_account_moves(world: World, ledger: Ledger) -> None:
    line = line_of(world, "als")
    LedgerLine.objects.filter(pk=line.pk).update(due=line.due + 3)
    audit_ledgers(now=NIGHT)
    for _ in range(6):
        world.vacancy()
    sweep_waiting_vacancies(now=NIGHT)
    assert audit_ledgers(now=NIGHT) == []
    assert line_of(world, "als").due > line.due + 3
    assert AuditAlert.objects.filter(check_code="LINE").count() == 1


def test_night_replays_what_was_recommended_since_yesterday(world: World, ledger: Ledger) -> None:
    last = Recommendation.objects.latest("pk")
    with unguarded("flux_recommendation.append_only"):
        Recommendation.objects.filter(pk=last.pk).update(sentence="Parce que.")
    assert replay_recorded(since=MORNING.date() + timedelta(days=1), now=NIGHT) == []
    [alert] = replay_recorded(since=MORNING.date(), now=NIGHT)
    assert (alert.check_code, alert.recommendation_id, alert.found) == ("REPLAY", last.pk, {"sentence": "Parce que."})
    assert replay_recorded(since=MORNING.date(), now=NIGHT) == []


def test_task_says_how_many_alerts_they_kept(world: World, ledger: Ledger, time_machine: Any) -> None:
    time_machine.move_to(NIGHT, tick=False)
    LedgerLine.objects.filter(holder=world.holders["als"]).update(last_served=900)
    with unguarded("flux_recommendation.append_only"):
        Recommendation.objects.filter(attempt=2).update(reason="NONE")
    assert [control_the_night(), control_the_night()] == [4, 0]
    assert AuditAlert.objects.filter(found__change="REWRITTEN").count() == 1  # whoever set the rule aside


def test_schedule_controls_at_night_in_paris(settings: Any) -> None:
    planned = settings.CELERY_BEAT_SCHEDULE["run-controls"]
    assert (planned["task"], settings.CELERY_TIMEZONE) == ("flux.run_controls", "Europe/Paris")
    assert (planned["schedule"].hour, planned["schedule"].minute) == ({3}, {30})


# --- an alert, and who read it ---


@pytest.fixture
def alert(world: World, ledger: Ledger) -> AuditAlert:
    LedgerLine.objects.filter(holder=world.holders["als"]).update(last_served=900)
    [kept] = audit_ledgers(now=MORNING)
    return AuditAlert.objects.get(difference=kept.difference)


def test_alert_read_says_by_whom_and_comes_back_the_next_day(world: World, alert: AuditAlert) -> None:
    acknowledge_alert(alert=alert, text=" Vu avec l’exploitant. ", by=world.people["alice"], now=MORNING)
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.acknowledgement) == (world.people["alice"], "Vu avec l’exploitant.")
    assert audit_ledgers(now=MORNING + timedelta(hours=2)) == []
    [again] = audit_ledgers(now=NIGHT)
    assert again.difference == alert.difference


def test_alert_is_read_once_and_with_a_sentence(world: World, alert: AuditAlert) -> None:
    with pytest.raises(AcknowledgementRefused, match="en une phrase"):
        acknowledge_alert(alert=alert, text="  ", by=world.people["alice"])
    acknowledge_alert(alert=alert, text="Vu.", by=world.people["alice"])
    with pytest.raises(AcknowledgementRefused, match="déjà été lue"):
        acknowledge_alert(alert=alert, text="Vu encore.", by=world.people["adam"])


def test_database_keeps_the_alert_as_it_was_found(world: World, alert: AuditAlert) -> None:
    row = AuditAlert.objects.filter(pk=alert.pk)
    for change in ({"found": {}}, {"check_code": "DUE"}, {"acknowledged_at": MORNING}):
        with pytest.raises(DatabaseError), transaction.atomic():
            row.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        row.delete()
    acknowledge_alert(alert=alert, text="Vu.", by=world.people["alice"])
    with pytest.raises(DatabaseError), transaction.atomic():
        row.update(acknowledgement="Autre chose.")
    copy = AuditAlert.objects.get(pk=alert.pk)
    copy.pk, copy.acknowledged_at, copy.acknowledged_by, copy.acknowledgement = None, None, None, ""
    copy.save()
    copy.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        copy.save()


def test_two_workers_keep_one_alert(ledger: Ledger) -> None:
    difference = Difference(ledger.pk, Check.SEQUENCE, {"sequence": 1}, {"sequence": 2})
    record_differences(differences=[difference, difference], now=MORNING)
    record_differences(differences=[difference], now=MORNING)
    assert AuditAlert.objects.count() == 1


# --- the command ---


def audit_printed(*arguments: str) -> tuple[int, dict[str, Any]]:
    out = StringIO()
    try:
        call_command("audit_routing", *arguments, "--json", stdout=out, stderr=StringIO())
    except SystemExit as stop:
        return int(str(stop.code)), json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_command_says_which_ledgers_hold(ledger: Ledger) -> None:
    code, result = audit_printed("--landlord", "999000003", "--year", "2026")
    assert (code, result["checked"], result["different"], result["differences"]) == (0, 1, 0, [])
    assert result["ledgers"][0]["holds"] is True
    assert audit_printed("--year", "2025")[1]["checked"] == 0


def test_command_prints_what_differs_and_records_only_when_asked(world: World, ledger: Ledger) -> None:
    LedgerLine.objects.filter(holder=world.holders["als"]).update(last_served=900)
    code, result = audit_printed()
    assert (code, result["different"], result["recorded"]) == (1, 1, 0)
    assert result["differences"][0]["check"] == "LINE"
    assert AuditAlert.objects.count() == 0
    assert [audit_printed("--record")[1]["recorded"], audit_printed("--record")[1]["recorded"]] == [1, 0]
    out = StringIO()
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("audit_routing", stdout=out)
    assert "1 comptes contrôlés, 1 différences, 0 alertes gardées." in out.getvalue()
    assert "Action Logement Services : la ligne n’est pas la somme de ses mouvements" in out.getvalue()


def test_command_refuses_in_french(db: None) -> None:
    assert audit_printed("--landlord", "732829320")[0] == 1
    assert "n’est pas une année" in audit_printed("--year", "20260")[1]["error"]
    with pytest.raises(CommandError):
        call_command("audit_routing", "--year", "n’importe")


def test_replay_reads_since_a_local_day(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    late = MORNING.replace(hour=23, minute=30)  # half past midnight in Paris, the day after
    world.vacancy(now=MORNING)
    sweep_waiting_vacancies(now=MORNING)
    world.vacancy(now=MORNING)
    sweep_waiting_vacancies(now=late)
    for since, checked in (("2026-11-24", 2), ("2026-11-25", 1), ("2026-11-26", 0)):
        call_command("replay", "--since", since, "--json")
        assert json.loads(capsys.readouterr().out)["checked"] == checked
    with pytest.raises(CommandError, match="n’est pas une date : écrivez l’année, le mois et le jour"):
        call_command("replay", "--since", "24/11/2026")
    assert date(2026, 11, 24) == MORNING.date()
