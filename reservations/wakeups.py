"""After-commit wake-up calls, by task name. Losing one loses nothing: the row is the order, the sweep catches up."""

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


def wake(task: str, *arguments: int) -> None:
    """Once the transaction commits, tell a worker to run a task, known by its name."""
    transaction.on_commit(lambda: _send(task, arguments))


def _send(task: str, arguments: tuple[int, ...]) -> None:
    try:
        current_app.send_task(task, args=arguments, retry=False)
    except OperationalError:
        logger.warning("The broker does not answer: %s%s waits for the sweep.", task, arguments)
