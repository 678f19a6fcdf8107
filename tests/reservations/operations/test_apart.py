"""One faulty row stops nobody: the others are done, it is tried again, then set aside, and an alert says so."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from flux.models import AuditAlert
from flux.operations.audit import alert_set_aside
from reservations.models import HistoryEntry, PasswordRequest, TaskFailure
from reservations.operations import identity
from reservations.operations.apart import MOST, each_apart, write_failure
from reservations.operations.history import record
from tests.world import World

SignIn = Callable[[str], Client]
ROWS = [1, 2, 3]


def act(world: World, faulty: int | None, done: list[int]) -> Callable[[int], int]:
    """Writes for each row; of one, fails once it has written."""

    def write(row: int) -> int:
        record(world.city, HistoryEntry.Act.EDITED, by=None, details={"row": [None, row]})
        if row == faulty:
            raise ValueError(f"le ménage MARTIN, ligne {row}")
        done.append(row)
        return 1

    return write


def test_the_rows_behind_a_faulty_one_are_done_and_nothing_of_it_is(world: World) -> None:
    done: list[int] = []
    before = HistoryEntry.objects.count()
    assert each_apart("test", ROWS, act(world, 2, done)) == 2
    assert done == [1, 3]
    assert HistoryEntry.objects.count() == before + 2
    failure = TaskFailure.objects.get()
    assert (failure.task, failure.row, failure.tries, failure.set_aside_at) == ("test", "2", 1, None)
    assert failure.error.startswith("ValueError, tests/reservations/operations/test_apart.py, ligne ")
    assert "MARTIN" not in failure.error


def test_it_is_set_aside_after_three_tries_and_forgotten_when_it_succeeds(world: World) -> None:
    now, done = timezone.now(), list[int]()
    each_apart("test", ROWS, act(world, 2, done), now=now)
    each_apart("test", [2], act(world, None, done), now=now)
    assert done == [1, 3], "not before its time"
    each_apart("test", [2], act(world, None, done), now=now + timedelta(days=1))
    assert not TaskFailure.objects.exists()
    for night in range(MOST):
        each_apart("test", ROWS, act(world, 2, done), now=now + timedelta(days=2 + night))
    assert TaskFailure.objects.set_aside().count() == 1
    assert each_apart("test", ROWS, act(world, None, done), now=now + timedelta(days=30)) == 2


def test_the_administrator_reads_which_and_it_is_tried_again(world: World, sign_in: SignIn) -> None:
    """A landlord's manager is shown nothing of it: it is of whoever runs the service."""
    now, done = timezone.now(), list[int]()
    for night in range(MOST):
        at = now + timedelta(night)
        each_apart("households.silent_offers", [7], act(world, 7, done), name="offer:{}".format, now=at)
    assert len(alert_set_aside(now=now)) == 1
    assert alert_set_aside(now=now) == []
    alert = AuditAlert.objects.get()
    client, url = sign_in("adam"), reverse("audit-alert", args=[alert.pk])
    assert "Une tâche n’a pas pu traiter une ligne" in client.get(reverse("audit-alert-list")).text
    page = client.get(url).text
    assert "offer:7" in page
    assert "households.silent_offers" in page
    assert "MARTIN" not in page
    assert sign_in("alice").get(url).status_code == 404
    read = client.post(url, {"text": "Offre corrigée."}, follow=True).text
    assert "La ligne est reprise" in read
    assert not TaskFailure.objects.exists()
    assert AuditAlert.objects.active().count() == 0


def test_an_address_at_fault_does_not_keep_the_next_person_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked from the door, by anybody: one that could not be answered stopped every link for ever."""
    monkeypatch.setattr(identity, "TOGETHER", 1)
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reservations_invitation ADD CHECK (email NOT LIKE 'chloe%') NOT VALID")
    for name in ("chloe", "aline"):
        PasswordRequest.objects.create(email=f"{name}@exemple.test", asked_at=now)
    assert identity.answer_password_requests(now=now) == 0
    assert identity.answer_password_requests(now=now) == 1
    assert TaskFailure.objects.get().row.startswith("request:")


def test_it_stays_set_aside_since_the_day_that_it_was(world: World) -> None:
    """Who reads how long a row waits reads the first day, and one alert: trying it again by hand moves neither."""
    now = timezone.now()
    for night in range(MOST + 1):
        write_failure(task="test", row="2", error=ValueError(), now=now + timedelta(days=night))
    failure = TaskFailure.objects.get()
    assert (failure.tries, failure.set_aside_at) == (MOST + 1, now + timedelta(days=MOST - 1))
