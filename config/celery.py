"""The Celery application. Messages are wake-up calls only: every order is a row (docs/architecture.md)."""

import logging
import os
from logging.config import dictConfig

from celery import Celery
from celery.signals import celeryd_init, setup_logging
from django.conf import settings
from django_structlog.celery.receivers import CeleryReceiver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("equiflux")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

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
