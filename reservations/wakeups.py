"""After-commit wake-up calls, by task name. Losing one loses nothing: the row is the order, the sweep catches up."""

import logging
from dataclasses import dataclass

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One wake-up call; two of the same task and arguments are one."""

    task: str
    arguments: tuple[int, ...]

    def __call__(self) -> None:
        try:
            current_app.send_task(self.task, args=self.arguments, retry=False)
        except OperationalError:
            logger.warning("The broker does not answer: %s%s waits for the sweep.", self.task, self.arguments)


def wake(task: str, *arguments: int) -> None:
    """Once the transaction commits, state a worker to run a task, known by its name: once, however many rows ask it.

    A call that waits already is only lost with a savepoint that is open around this one too.
    """
    call = Call(task, arguments)
    if all(kept != call for _, kept, _ in transaction.get_connection().run_on_commit):
        transaction.on_commit(call)
