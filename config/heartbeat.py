"""When were the worker and its clock last seen? Each writes a key in the broker every few seconds, as long as it works.

In the broker and not in a row: a worker that does not reach the broker does not work, whatever the database says; the
keys cost the database nothing; and a broker that loses everything gets them back at the next beat. Ages are read from
what is left of the keys' term, so they are the broker's own: clocks of machines need not agree.
"""

import time
from typing import Any

import redis
from celery import Celery, bootsteps
from kombu import Connection
from kombu.exceptions import OperationalError

EVERY = 5  # seconds
STALE = 20  # seconds: not seen for so long, it is not there
KEPT = 3600  # seconds
WORKER, BEAT = "worker", "beat"
BROKER_ERRORS = (OperationalError, redis.RedisError, OSError)


def _key(who: str) -> str:
    return f"equiflux.seen.{who}"


def _client(broker: Connection) -> redis.Redis:
    """The broker's own client, whose address, database and socket are those of the messages."""
    client: redis.Redis = broker.default_channel.client  # type: ignore[attr-defined]
    return client


def mark(app: Celery[Any], who: str) -> None:
    """Say that `who` is at work now. A broker that does not answer receives nothing: its silence shows it."""
    try:
        with app.connection_for_write() as broker:
            _client(broker).set(_key(who), "1", ex=KEPT)
    except BROKER_ERRORS:
        return


def seen(app: Celery[Any]) -> dict[str, float | None]:
    """{who: seconds since it was last seen, None when it was not within the hour}.

    Raises one of BROKER_ERRORS when the broker does not answer.
    """
    with app.connection_for_write() as broker:
        client = _client(broker)
        left = {who: client.pttl(_key(who)) for who in (WORKER, BEAT)}
    return {who: None if term < 0 else max(0.0, KEPT - term / 1000) for who, term in left.items()}


class Heartbeat(bootsteps.StartStopStep):
    """In a worker, from the moment it takes messages until it loses the broker or stops."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self.repeated: Any = None

    def start(self, parent: Any) -> None:
        """Be seen now, then every few seconds."""
        mark(parent.app, WORKER)
        self.repeated = parent.timer.call_repeatedly(EVERY, mark, (parent.app, WORKER))

    def stop(self, parent: Any) -> None:
        """Be seen no more."""
        if self.repeated is not None:
            self.repeated.cancel()
            self.repeated = None


class Pulse:
    """Marks at most once every few seconds, however often it is asked."""

    def __init__(self, app: Celery[Any], who: str) -> None:
        self.app, self.who = app, who
        self.last = -float(EVERY)

    def beat(self) -> None:
        """Be seen, if it is time."""
        now = time.monotonic()
        if now - self.last >= EVERY:
            self.last = now
            mark(self.app, self.who)
