"""A story that was recorded goes on as if it had never stopped: row for row."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.db import connection

from attributions.demonstration.story import Story, Telling, chapters, go_on, ignore, tell
from attributions.demonstration.years import at
from attributions.households.models import CommitteeSession, Lease
from flux.models import Ledger
from reservations.models import Landlord
from tests.attributions.recount import check_accounts, check_once
from tests.attributions.recount_cells import check_cells
from tests.own_database import OF_THE_MOMENT, every_row, own_database, recorded_story

pytestmark = pytest.mark.django_db

#: What else chance and the clock on the wall write, in what the mixed system has not: tokens, salts, and their seals.
BUT = OF_THE_MOMENT | {
    ("reservations_apitoken", "prefix"),
    ("reservations_apitoken", "digest"),
    ("reservations_apitoken", "made_at"),
    ("reservations_historyentry", "details"),  # the seal of minutes
    ("flux_webhookevent", "at"),
    ("flux_webhookendpoint", "made_at"),
    ("attributions_application", "recorded_at"),
    ("attributions_agendacase", "salt"),
    ("attributions_committeesession", "minutes"),
    ("attributions_committeesession", "seal"),
    ("attributions_balanceversion", "heads"),
}
#: The numbers of a story: rows by table, and the seal of what they say.
Rows = dict[str, tuple[int, str]]


def silent(_line: str) -> None:
    """Nobody listens."""


@pytest.fixture(scope="module")
def lived(
    django_db_setup: None, django_db_blocker: pytest.FixtureRequest, pytestconfig: pytest.Config
) -> list[tuple[Rows, dict[str, object]]]:
    """Every row of some days and a morning, lived without a stop, then with some; and what was noted on the eve: six
    days and three stops at night, three days and two otherwise."""
    found = []
    stopping = (2, 3, 6) if pytestconfig.getoption("all") else (1, 3)
    with django_db_blocker.unblock():
        for stops in (stopping[-1:], stopping):
            with recorded_story("going_on") as recording:
                first = recording.next_day
                story = Story.again(recording.notes)
                for days in stops:
                    until = first + timedelta(days)
                    story.live(until, Telling(silent, ignore, chapters(story.day, until, story.first_year)))
                    notes = json.loads(json.dumps(story.notes()))
                    if len(stops) > 1:
                        story = Story.again(notes)
                now = at(first + timedelta(stopping[-1]), 9)
                story.wake_up(now, Telling(silent, ignore, chapters(now.date(), now.date(), story.first_year)))
                found.append((every_row(but=BUT), notes))
    return found


def test_a_story_that_stops_goes_on_as_if_it_had_not(lived: list[tuple[Rows, dict[str, object]]]) -> None:
    (rows, notes), (resumed, noted) = lived
    assert {table for table in rows if rows[table] != resumed[table]} == set()
    assert notes == noted
    assert len(json.dumps(notes)) > 2000, "there is something to come"


@pytest.fixture(scope="module")
def mornings(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> list[Rows]:
    """Every row of one morning: lived whole, and gone on with from the recording."""
    found = []
    with django_db_blocker.unblock():
        with recorded_story("recorded") as recording:
            now = at(recording.next_day + timedelta(5), 9)
            go_on(recording.notes, now=now, say=silent)
            found.append(every_row(but=BUT))
        with own_database("whole"):
            call_command("load_territories", json=True, stdout=None)
            tell(now=now, say=silent)
            found.append(every_row(but=BUT))
    return found


@pytest.mark.nightly
def test_the_recording_gone_on_with_is_the_story_lived_whole(mornings: list[Rows]) -> None:
    """Else an act changed what it writes since: `./run record`."""
    recorded, whole = mornings
    assert whole["flux_flowentry"][0] > 1000
    assert {table for table in whole if whole[table] != recorded[table]} == set()


@pytest.fixture(scope="module")
def january(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[int]:
    """The recording, gone on with until the January that follows; its year."""
    with django_db_blocker.unblock(), recorded_story("january") as recording:
        year = recording.next_day.year + 1
        go_on(recording.notes, now=at(date(year, 1, 12), 9), say=silent)
        yield year
        connection.close()


@pytest.mark.nightly
def test_the_story_lives_through_new_year(january: int) -> None:
    """Recorded in December, it serves for some weeks more: candidates, committees and accounts go on."""
    out = io.StringIO()
    call_command("replay", "--json", stdout=out)
    assert json.loads(out.getvalue())["different"] == 0
    assert Ledger.objects.filter(exercise=january).count() >= 3
    assert CommitteeSession.objects.filter(closed_at__year=january).exists()
    assert Lease.objects.filter(signed_on__year=january, proposal__isnull=False).exists()
    check_once()
    check_accounts()
    for landlord in Landlord.objects.order_by("pk"):
        for year in (january - 2, january - 1, january):
            check_cells(landlord, year, on=date(january, 1, 12))
