"""Who asks for a year replayed writes a row, and waits for nobody who acts in that account."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from flux.models import Ledger, ReplayedYear
from flux.operations.replaying import order_replay
from flux.whatif import Changes
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_question_is_put_down_while_its_account_is_locked(world: World) -> None:
    """By who routes in it, or imports a file: a key of the database would have the page wait for them."""
    world.vacancy()
    ledger = Ledger.objects.ordinary().get()
    asked: list[object] = []

    def ask() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = '3s'")
            asked.append(order_replay(ledger=ledger, changes=Changes(), version="0" * 64).pk)
        except Exception as error:  # reported by the comparison
            asked.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        Ledger.objects.select_for_update().get(pk=ledger.pk)
        other = threading.Thread(target=ask)
        other.start()
        other.join(20)
        assert asked == [ReplayedYear.objects.get().pk]
