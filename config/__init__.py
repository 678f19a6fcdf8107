"""The fuse box: settings, addresses, the Celery application, the embedded services. No business."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
