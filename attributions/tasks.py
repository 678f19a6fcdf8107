"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task

from attributions.operations.silence import lapse_silent_routings


@shared_task(name="attributions.lapse_silent_routings")
def lapse() -> int:
    """Give back the units whose holder did not answer in time: every night. How many."""
    return lapse_silent_routings()
