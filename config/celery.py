"""The Celery application. Messages are wake-up calls only: every order is a row (docs/architecture.md)."""

import logging
import os
from logging.config import dictConfig
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, celeryd_init, setup_logging, worker_init
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import InterfaceError, OperationalError
from django_structlog.celery.receivers import CeleryReceiver

from config.heartbeat import Heartbeat

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")


class HouseTask(Task):
    """Tried again while the database does not answer, for an hour: a night's task is not lost to a restart.

    Tasks are safe to run twice. What has a term (`expires`) is dropped when it is over: the next one does the same.
    """

    autoretry_for = (OperationalError, InterfaceError)
    max_retries = 60
    retry_backoff = 2  # seconds, doubled each time
    retry_backoff_max = 60


app = Celery("equiflux", task_cls=HouseTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(Heartbeat)

#: A message carries the identifier of the request that sends it, and the task writes under it. (Kept here: a signal
#: only holds its receivers weakly.)
receiver = CeleryReceiver()
receiver.connect_worker_signals()


@setup_logging.connect
def log_as_the_site_does(**_: object) -> None:
    """The worker and the clock write as the site does, instead of Celery's own way."""
    dictConfig(dict(settings.LOGGING))


@celeryd_init.connect
def log_first_warnings(**_: object) -> None:
    """Those that the worker gives before it sets up its log: they are lines of it too."""
    log_as_the_site_does()
    logging.captureWarnings(True)


@worker_init.connect
@beat_init.connect
def refuse_unfit_database(**_: Any) -> None:
    """Before the first message: a database that cannot serve ends the process, with what to do. A statement has a
    limit."""
    from config import database, database_checks, database_roles  # late: Django is not set up when this module is read

    database.limit_statements(database.TASK)
    try:
        database_checks.refuse_unfit_database(database_roles.WORKER)
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from error
