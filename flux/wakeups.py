"""After-commit wake-up calls, by task name. Losing one loses nothing: the row is the order, the sweep catches up."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake_ledger(ledger_id: int) -> None:
    """Once the transaction commits, tell a worker that a ledger has vacancies to route."""
    transaction.on_commit(lambda: _send("flux.route_ledger", ledger_id))


def _send(task: str, ledger_id: int) -> None:
    try:
        current_app.send_task(task, args=[ledger_id], retry=False)
    except OperationalError:
        logger.warning("The broker does not answer: %s(%s) waits for the sweep.", task, ledger_id)
