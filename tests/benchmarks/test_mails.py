"""« 10 000 mails through a receiver that refuses, hangs and answers twice: each person told once, none lost », at a few
hundreds: `./run bench mails` does it at ten thousand, with workers that are killed."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import Any

import pytest
from django.db import connections

from benchmarks.mail_server import MailServer
from benchmarks.mails import WAYS, drain, pour, ways_of

MAILS = 200


@pytest.mark.django_db(transaction=True)
def test_each_person_is_notified_once_and_none_is_lost_whatever_the_server_does(settings: Any) -> None:
    with MailServer(ways_of) as server:
        options = {"host": "127.0.0.1", "port": server.port, "timeout": 0.3}
        settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
        found = pour(MAILS, server, _two_workers)
    assert found.faults == []
    assert set(found.ways) >= set(WAYS)
    assert found.told + found.refused == MAILS
    assert found.again >= found.ways["cut"] > 0  # taken, not answered, and asked again under the same Message-ID
    assert found.rounds > 1


def _two_workers(now: datetime, _: int) -> int:
    def work() -> None:
        try:
            drain(now)
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    return 0
