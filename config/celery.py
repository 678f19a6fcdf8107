"""The Celery application. Messages are wake-up calls only: every order is a row (docs/architecture.md)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("equiflux")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
