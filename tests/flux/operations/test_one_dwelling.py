"""A dwelling falls vacant once, through every landlord that has it; what is subtracted from the flow is asked."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from flux.models import FlowEntry, OutsideFlow, Unit, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.outcomes import withdraw_outcome
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from flux.operations.vacancy import declare_vacancy, open_of
from flux.operations.vacancy_dates import DatesToConfirm, VacancyOpen
from reservations.migrations._sql import ROOT
from reservations.models import Landlord
from reservations.refusals import Refusal
from tests.guards import unguarded
from tests.leases import let
from tests.world import MORNING, World, manager_of

LATER, NEXT_YEAR = MORNING + timedelta(days=20), MORNING + timedelta(days=60)


#: What the database says.
ELSEWHERE = "is vacant already, at another landlord"


def given(unit: Unit, receiver: Landlord, now: datetime) -> Unit:
    """The programme of a unit changes landlord; the unit that it becomes there."""
    terms = Given(receiver, [unit.programme], timezone.localdate(now), "acte notarié")
    transfer = propose_transfer(giver=unit.landlord, given=terms, by=manager_of(unit.landlord), now=now)
    accept_transfer(transfer=transfer, by=manager_of(receiver), now=now)
    return Unit.objects.select_related("programme", "landlord", "commune").get(came_by__unit=unit)


def given_twice(world: World, unit: Unit) -> Unit:
    """Sold, and sold back."""
    between = given(unit, world.other_landlord, MORNING)
    return given(between, world.landlord, LATER)


def test_a_unit_sold_twice_is_not_vacant_here_while_it_is_where_it_was_first(world: World) -> None:
    open_now = world.vacancy()
    back = given_twice(world, open_now.unit)
    assert open_of(back) == open_now
    with pytest.raises(VacancyOpen) as refused:
        world.vacancy(back, now=NEXT_YEAR)
    assert refused.value.vacancy == open_now
    let(world, open_now)
    assert world.vacancy(back, now=NEXT_YEAR).unit == back


def declare_behind_the_act(world: World, unit: Unit, like: Vacancy) -> Vacancy:
    on = timezone.localdate(NEXT_YEAR)
    return Vacancy.objects.create(
        unit=unit,
        kind="IN_FLOW",
        ledger=like.ledger,
        notice_on=on,
        available_on=on,
        registered_at=NEXT_YEAR,
        registered_on=on,
        registered_by=world.people["aline"],
    )


def test_the_database_holds_it_behind_the_act(world: World) -> None:
    open_now = world.vacancy()
    back = given_twice(world, open_now.unit)
    with pytest.raises(IntegrityError, match=ELSEWHERE), transaction.atomic():
        declare_behind_the_act(world, back, open_now)


def test_the_lease_of_a_dwelling_that_fell_vacant_at_another_landlord_is_not_undone(world: World) -> None:
    """« ce bail a donc couru », whoever the dwelling is let by since."""
    first = let(world, world.vacancy())
    sold = given(first.unit, world.other_landlord, LATER)
    again = world.vacancy(sold, now=NEXT_YEAR)
    entries = FlowEntry.objects.count()
    undo = {"vacancy": first, "why": "Une erreur.", "by": world.people["aline"], "today": timezone.localdate(NEXT_YEAR)}
    with pytest.raises(Refusal, match=r"s’est libéré de nouveau depuis, enregistré le .* : ce bail a donc couru"):
        withdraw_outcome(**undo)
    assert FlowEntry.objects.count() == entries
    with pytest.raises(IntegrityError, match=ELSEWHERE), transaction.atomic():
        undo_behind_the_act(world, first)
    manager = manager_of(world.other_landlord)
    cancel_vacancy(vacancy=again, reason="NOTICE_WITHDRAWN", text="Il reste.", by=manager, now=NEXT_YEAR)
    undo_behind_the_act(world, first)
    assert open_of(sold) == first


def undo_behind_the_act(world: World, vacancy: Vacancy) -> None:
    [entry] = FlowEntry.objects.filter(vacancy=vacancy, stage="LEASED")
    FlowEntry.objects.create(
        ledger=entry.ledger, holder=entry.holder, vacancy=vacancy, stage="LEASED", quantity=-1, on=entry.on
    )
    undone = {"cancelled_at": NEXT_YEAR, "cancelled_by": world.people["aline"], "cancelled_why": "Une erreur."}
    vacancy.leases.update(**undone)


def test_an_upgrade_closes_what_was_declared_again_at_another_landlord(world: World) -> None:
    """As of the next declaration; what is let, or cancelled, is left as it is."""
    open_now = world.vacancy()
    back = given_twice(world, open_now.unit)
    alone = world.vacancy()
    with unguarded("flux_vacancy.open_once"):
        again = declare_behind_the_act(world, back, open_now)
    closed_by_the_upgrade()
    for each in (open_now, again, alone):
        each.refresh_from_db()
    assert (open_now.closed_on, again.closed_on, alone.closed_on) == (again.registered_on, None, None)


def closed_by_the_upgrade() -> None:
    """The statement of the migration, run again."""
    text = (ROOT / "flux/sql/replaced/0250_one_dwelling.sql").read_text(encoding="utf-8")
    statement = text[text.index("UPDATE flux_vacancy") :].partition(";\n")[0]
    with connection.cursor() as cursor:
        cursor.execute(statement)


# --- what is not followed until its lease ---


def subtracted(world: World, kind: str) -> Vacancy:
    if kind == "EXCLUDED":
        return world.vacancy(kind=kind, exclusion="INTERNAL_TRANSFER")
    unit = world.unit()
    OutsideFlow.objects.create(
        unit=unit,
        reason=OutsideFlow.Reason.values[0],
        starts_on=date(2026, 1, 1),
        source="La convention.",
        recorded_by=world.people["alice"],
    )
    return world.vacancy(unit)


@pytest.mark.parametrize("kind", ["EXCLUDED", "OUTSIDE"])
def test_a_unit_subtracted_so_lately_is_asked_before_it_is_declared_again(world: World, kind: str) -> None:
    """One departure would count twice: « reclassez cette déclaration »; where it is another, it is taken."""
    first = subtracted(world, kind)
    assert first.kind == kind
    declared = {"kind": kind, "exclusion": first.exclusion}
    with pytest.raises(DatesToConfirm, match="Si c’est le même départ, reclassez cette déclaration") as asked:
        world.vacancy(first.unit, now=NEXT_YEAR, **declared)
    assert (asked.value.field, Vacancy.objects.count()) == ("confirmed", 1)
    assert world.vacancy(first.unit, now=NEXT_YEAR, confirmed=True, **declared).unit == first.unit


def test_a_year_later_or_once_let_nothing_is_asked(world: World) -> None:
    first = subtracted(world, "EXCLUDED")
    far = MORNING + timedelta(days=400)
    assert world.vacancy(first.unit, now=far).kind == "IN_FLOW"
    other = subtracted(world, "EXCLUDED")
    let(world, other)
    assert world.vacancy(other.unit, now=NEXT_YEAR).kind == "IN_FLOW"


def test_rare_dates_and_a_unit_subtracted_lately_are_asked_together(world: World) -> None:
    """One answer is for both: neither is confirmed unread."""
    first = subtracted(world, "EXCLUDED")
    declared = {
        "unit": first.unit,
        "kind": "IN_FLOW",
        "by": world.people["aline"],
        "now": MORNING + timedelta(days=300),
    }
    dates = {"notice_on": date(2026, 12, 20), "available_on": date(2027, 1, 20)}
    with pytest.raises(DatesToConfirm) as asked:
        declare_vacancy(**declared, **dates)
    assert "Le congé est du 20/12/2026" in str(asked.value)
    assert "Si c’est le même départ, reclassez cette déclaration" in str(asked.value)
    assert declare_vacancy(**declared, **dates, confirmed=True).kind == "IN_FLOW"


#: Plans that find rows otherwise than by reading them one by one.
OTHERWISE = ("hashjoin", "mergejoin", "sort", "hashagg", "indexscan", "indexonlyscan", "bitmapscan", "material")


def test_the_units_of_a_dwelling_are_found_once_whatever_is_vacant(world: World) -> None:
    """Each vacancy that is stored asked again, when nothing reported PostgreSQL how many there were."""
    first, *_ = [world.vacancy() for _ in range(4)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_functiondef('flux_open_once'::regproc)")
        [asked] = re.findall(r"IF EXISTS \((.*)\) AND NOT", cursor.fetchone()[0], re.DOTALL)
        for plan in OTHERWISE:
            cursor.execute(f"SET LOCAL enable_{plan} = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF) {asked.replace('NEW.unit_id', str(first.unit_id))}")
        [found] = [line for (line,) in cursor.fetchall() if "ProjectSet" in line]
    assert "loops=1)" in found
