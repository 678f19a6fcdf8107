"""A Celery worker of the product that ends its transaction after each decision, instead of one for 500.

celery -A benchmarks.service.one_by_one worker
"""

from celery.signals import worker_init

from config.celery import app

__all__ = ["app"]


@worker_init.connect
def take_one_at_a_time(**given: object) -> None:
    """In the parent, before its workers are forked."""
    from flux.operations import routing  # the models are there once the worker has set Django up

    routing.BATCH = 1
