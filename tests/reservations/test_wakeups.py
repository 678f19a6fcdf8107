"""A worker is woken once the act commits, and not before: it would find no row."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from reservations.wakeups import Call, wake


@pytest.mark.django_db
def test_calls_wait_for_the_commit_each_once(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    """What is undone wakes nobody."""
    with django_capture_on_commit_callbacks() as woken:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            wake("flux.route_ledger", 1)
            raise ZeroDivisionError
        for ledger in (2, 3, 2):
            wake("flux.route_ledger", ledger)
    assert woken == [Call("flux.route_ledger", (2,)), Call("flux.route_ledger", (3,))]
