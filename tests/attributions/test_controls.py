"""The controls of the night: each fault is planted in the rows, as no act can; the night sees it, and its alert leads
to the act that mends it (docs/decisions/0100)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from attributions.bilan.queries.recounts import to_recount
from attributions.households.models import (
    Application,
    HouseholdCandidacy,
    LeaseCount,
    Proposal,
    RequestReader,
    UnitStage,
)
from attributions.households.operations.lease import record_outside_lease
from attributions.households.queries.counts import counts_adrift, spans_adrift
from attributions.households.queries.stage import adrift
from flux.controls import CONTROLS, Control, run_controls
from flux.models import AuditAlert, CarriedOver, FlowCell, FlowEntry, Ledger, SettledDue, Unit, UnitReader, Vacancy
from flux.operations.audit import record_differences
from flux.operations.entries import lost_dues
from flux.operations.openings import settlements_adrift
from flux.queries.controls.accounts import Check, Difference
from flux.queries.controls.folds import drift
from reservations.models import HistoryEntry, Organisation
from reservations.operations.party import register_organisation
from tests.attributions.households import lettings
from tests.attributions.households.candidates import agree, routed
from tests.flux.views.pages import messages_of, text_of
from tests.guards import unguarded
from tests.signing import sign_convention
from tests.world import MORNING, World, convention, siren

SignIn = Callable[[str], Client]
NIGHT = MORNING + timedelta(hours=20)
#: Two years later, no unit having fallen vacant in 2027.
LATER = datetime(2028, 3, 1, 9, tzinfo=UTC)


def a_cell(world: World) -> None:
    routed(world)
    FlowCell.objects.update(offered=5)


def a_count_of_leases(world: World) -> None:
    vacancy = routed(world).vacancy
    record_outside_lease(vacancy=vacancy, signed_on=MORNING.date(), facts={}, by=world.people["alice"], now=MORNING)
    LeaseCount.objects.update(leases=9)


def a_stage(world: World) -> None:
    routed(world)
    UnitStage.objects.update(stage="LET")


def an_entry_of_no_act(world: World) -> None:
    routing = routed(world)
    entry = FlowEntry(ledger=routing.vacancy.ledger, holder=routing.holder, vacancy=routing.vacancy, on=MORNING.date())
    entry.stage, entry.quantity = "DESIGNATED", 1
    entry.save()


def a_lease_of_no_account(world: World) -> None:
    lettings.sign(world, routed(world).vacancy)


def a_household_of_two_leases(world: World) -> None:
    here, there = routed(world).vacancy, routed(world).vacancy
    one, other = lettings.candidate(world, here), lettings.candidate(world, there)
    for vacancy, proposal in ((here, one), (there, other)):
        lettings.sign(world, vacancy, proposal=proposal)
        FlowEntry.objects.create(
            ledger=vacancy.ledger,
            holder=world.holders["city"],
            vacancy=vacancy,
            stage="LEASED",
            quantity=1,
            on=MORNING.date(),
        )
    merge_behind_the_database(one, other)


def merge_behind_the_database(one: Proposal, other: Proposal) -> None:
    """As before the database kept one household one (docs/triggers.md)."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET LOCAL session_replication_role = replica")
        Application.objects.filter(pk=other.application_id).update(merged_into=one.application)
        HouseholdCandidacy.objects.filter(proposal=other).delete()
        cursor.execute("SET LOCAL session_replication_role = origin")


def a_household_twice_on_a_unit(world: World) -> None:
    vacancy = routed(world).vacancy
    one, other = lettings.candidate(world, vacancy), lettings.candidate(world, vacancy)
    merge_behind_the_database(one, other)


def a_unit_sold(world: World) -> None:
    routed(world)
    Unit.objects.update(left_on=MORNING.date(), left_why="SOLD")


def a_closed_organisation(world: World) -> None:
    routed(world)
    Organisation.objects.filter(pk=world.city.pk).update(closed_on=MORNING.date())


def dues_of_no_account(world: World) -> None:
    agree(world.conventions["city"], carry_over="FULL")
    ledger = routed(world, "als").vacancy.ledger
    Ledger.objects.create(landlord=ledger.landlord, departement=ledger.departement, exercise=2028, kind=ledger.kind)


def a_signature_left_unsettled(world: World) -> None:
    """Recorded in November, from 1 January on; the message that has it settled is lost."""
    routed(world, "als")
    council = register_organisation(
        siren=siren(60), name="Département de l’Aude", kind="DEPARTEMENT", territory=world.places["Aude"]
    )
    holder = council.contingents.get()
    drafted = convention(world.landlord, council, world.places["Aude"], (holder, "10", 6), signed=False)
    sign_convention(convention=drafted, signed_on=MORNING.date(), by=world.people["alice"])


#: What is planted, and the words that lead to its mend.
PLANTS: dict[Check, tuple[Callable[[World], None], str]] = {
    Check.COUNTS: (a_cell, ""),
    Check.LISTS: (a_count_of_leases, ""),
    Check.STAGE: (a_stage, ""),
    Check.RECOUNT: (an_entry_of_no_act, "Lire ce bilan"),
    Check.LEASE: (a_lease_of_no_account, "Voir ce bail"),
    Check.HOUSED: (a_household_of_two_leases, "Voir le dernier bail"),
    Check.TWICE: (a_household_twice_on_a_unit, "Voir les candidats"),
    Check.GONE: (a_unit_sold, "Annuler cette déclaration"),
    Check.CLOSED: (a_closed_organisation, "Réorienter ce logement"),
    Check.LOST: (dues_of_no_account, "Reporter ce qui manque"),
    Check.SETTLED: (a_signature_left_unsettled, "Régler ce qui manque"),
}
#: Those of the accounts and of the imprints: tests/flux/operations/test_audit.py, tests/flux/queries/test_asked.py and
#: tests/house/test_tampering.py; that of rows set aside: tests/attributions/test_apart.py.
ELSEWHERE = {
    *(Check.LINE, Check.DUE, Check.RECEIVED, Check.DELAYS, Check.LACKS, Check.SUMS, Check.SEQUENCE, Check.OPENING),
    *(Check.RECORDED, Check.ORDER, Check.REPLAY, Check.UNFOUND, Check.ASKED, Check.ALTERED, Check.BROKEN, Check.APART),
}


def test_every_control_has_its_plant() -> None:
    assert set(CONTROLS) == {*PLANTS, *ELSEWHERE} == set(Check)


@pytest.mark.parametrize("check", PLANTS, ids=lambda check: check.value)
def test_what_is_planted_is_seen_by_night_and_led_to_its_mend(
    world: World, sign_in: SignIn, time_machine: Any, check: Check
) -> None:
    now = LATER if check == Check.LOST else NIGHT
    plant, words = PLANTS[check]
    plant(world)
    time_machine.move_to(now, tick=False)
    kept = run_controls(now=now, controls=[CONTROLS[check]])
    alerts = AuditAlert.objects.filter(check_code=check)
    assert kept == alerts.count() > 0
    assert run_controls(now=now, controls=[CONTROLS[check]]) == 0, "told once while it stands"
    alert = alerts.order_by("pk")[0]
    client, page = sign_in("alice"), reverse("audit-alert", args=[alert.pk])
    shown = text_of(client.get(page))
    assert CONTROLS[check].remedy in shown
    mends = CONTROLS[check].mends
    assert (mends.words if mends else "") == words
    if mends and mends.address:
        assert words in shown
        assert client.get(mends.address(alert)).status_code == 200
    assert CONTROLS[check].meaning in text_of(sign_in("adam").get(page)), "the operator reads it too"


def test_a_sound_house_has_no_alert(world: World) -> None:
    """A unit routed, another let: the whole list finds nothing."""
    routed(world)
    vacancy = routed(world).vacancy
    record_outside_lease(vacancy=vacancy, signed_on=MORNING.date(), facts={}, by=world.people["alice"], now=MORNING)
    assert run_controls(now=NIGHT) == 0
    assert AuditAlert.objects.count() == 0


def test_one_control_that_fails_stops_none_of_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    def fail(now: datetime) -> list[AuditAlert]:
        raise ZeroDivisionError

    a_unit_sold(world)
    broken = Control(Check.LINE, "", "", fail)
    assert run_controls(now=NIGHT, controls=[broken, CONTROLS[Check.GONE]]) == 1
    assert "A control failed" in caplog.text


def test_objects_are_named_by_fifty(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """What is mended leaves its place to the next: nothing is stated twice, and no night writes a thousand alerts."""
    for _ in range(52):
        world.vacancy(kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER)
    Unit.objects.update(left_on=MORNING.date(), left_why="SOLD")
    gone = [CONTROLS[Check.GONE]]
    assert [run_controls(now=NIGHT, controls=gone), run_controls(now=NIGHT, controls=gone)] == [50, 0]
    assert "more than 50" in caplog.text
    assert set(AuditAlert.objects.values_list("landlord", "ledger")) == {(world.landlord.pk, None)}
    Unit.objects.filter(pk__in=Vacancy.objects.order_by("pk").values("unit")[:2]).update(left_on=None, left_why="")
    assert run_controls(now=NIGHT, controls=gone) == 2


def test_dues_of_a_year_lost_are_carried_from_the_alert(world: World, sign_in: SignIn, time_machine: Any) -> None:
    """A year without a unit: what 2026 left due is carried to 2028 by the landlord's manager, and reported in its
    story."""
    dues_of_no_account(world)
    time_machine.move_to(LATER, tick=False)
    run_controls(now=LATER, controls=[CONTROLS[Check.LOST]])
    alert = AuditAlert.objects.get(holder=world.holders["city"])
    assert (alert.expected, alert.found) == ({"carried": 120_000}, {"carried": 0})
    page = reverse("audit-alert", args=[alert.pk])
    assert "mend" not in sign_in("adam").get(page).content.decode(), "the account is its landlord's"
    client = sign_in("alice")
    assert "+0,12" in text_of(client.get(page))
    answer = client.post(page, {"mend": "1"}, follow=True)
    assert messages_of(answer) == [
        "C’est fait, et le compte le dit. Marquez l’alerte comme lue : elle ne reviendra pas.",
    ]
    carried = CarriedOver.objects.filter(holder=world.holders["city"]).order_by("ledger__exercise")
    assert list(carried.values_list("ledger__exercise", "amount")) == [(2027, 120_000), (2028, 120_000)]
    assert list(lost_dues(LATER.date())) == []
    assert HistoryEntry.objects.filter(subject="flux.ledger", by=world.people["alice"]).count() == 1
    assert "reprend déjà tout" in messages_of(client.post(page, {"mend": "1"}, follow=True))[0]
    assert sign_in("adam").post(page, {"mend": "1"}).status_code == 403


def test_what_a_late_signature_left_is_settled_from_the_alert(world: World, sign_in: SignIn, time_machine: Any) -> None:
    """A tenth of one unit, recounted from the clause; once settled, a hand that writes another amount is seen."""
    a_signature_left_unsettled(world)
    time_machine.move_to(NIGHT, tick=False)
    control = [CONTROLS[Check.SETTLED]]
    assert run_controls(now=NIGHT, controls=control) == 1
    alert = AuditAlert.objects.get()
    assert (alert.expected, alert.found["settled"]) == ({"settled": 100_000}, 0)
    client, page = sign_in("alice"), reverse("audit-alert", args=[alert.pk])
    assert "+0,10" in text_of(client.get(page))
    assert messages_of(client.post(page, {"mend": "1"}, follow=True)) == [
        "C’est fait, et le compte le dit. Marquez l’alerte comme lue : elle ne reviendra pas.",
    ]
    settled = SettledDue.objects.get(entry__quantity__gt=0)
    assert settled.entry.quantity == 100_000
    assert list(settlements_adrift(NIGHT.date())) == []
    assert "déjà réglée" in messages_of(client.post(page, {"mend": "1"}, follow=True))[0]
    with unguarded("flux_flowentry.append_only"):
        FlowEntry.objects.filter(pk=settled.entry_id).update(quantity=90_000)
    [found] = settlements_adrift(NIGHT.date())
    assert (found.expected, found.found) == (
        {"settled": 100_000},
        {"settled": 90_000, "convention": settled.convention_id},
    )


def test_a_night_recounts_what_moved_then_a_seventh_of_the_landlords(world: World) -> None:
    """Years in which an act was written since the night before; then, in seven nights, every landlord's open years."""
    vacancy = routed(world).vacancy
    robine, year = world.landlord.pk, MORNING.year
    record_outside_lease(vacancy=vacancy, signed_on=MORNING.date(), facts={}, by=world.people["alice"], now=MORNING)
    now = FlowEntry.objects.latest("pk").recorded_at + timedelta(hours=1)
    assert (robine, year) in to_recount(now)
    week = [to_recount(MORNING + timedelta(days=30 + n)) for n in range(7)]
    assert sorted(pair for night in week for pair in night) == [(robine, year - 1), (robine, year)]


def test_counts_are_written_again_from_the_facts(world: World) -> None:
    """The operator's act: every count that differs is as the facts say, and only them."""
    a_count_of_leases(world)
    lettings.candidate(world, routed(world).vacancy)
    FlowCell.objects.update(leased=4)
    UnitStage.objects.update(stage="TO_SIGN")
    RequestReader.objects.all().delete()
    UnitReader.objects.all().delete()
    assert drift()
    assert counts_adrift()
    out = StringIO()
    call_command("write_counts", stdout=out)
    assert "attributions_leasecount" in out.getvalue()
    assert (drift(), counts_adrift(), spans_adrift(), adrift()) == ({}, [], [], [])
    assert run_controls(now=NIGHT, controls=[CONTROLS[each] for each in (Check.COUNTS, Check.LISTS, Check.STAGE)]) == 0
    out = StringIO()
    call_command("write_counts", stdout=out)
    assert out.getvalue() == "Aucun décompte ne différait.\n"


def test_mail_reports_an_alert_of_all_to_those_who_mend(world: World) -> None:
    """Of counts, which no landlord's account says: managers and the operator read it."""
    record_differences(differences=[Difference(None, Check.COUNTS, {"rows": 0}, {"rows": 1})], now=MORNING)
    alert = AuditAlert.objects.get()
    assert alert.account == "toute l’installation"
    seen = {who for who in ("alice", "aline", "adam") if AuditAlert.objects.visible_to(world.member(who)).exists()}
    assert seen == {"alice", "adam"}
    assert date(2026, 1, 1) < MORNING.date()
