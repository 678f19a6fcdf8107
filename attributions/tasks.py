"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task

from attributions.operations.ballot import close_due_ballots


@shared_task(name="attributions.close_due_ballots")
def close_ballots() -> int:
    """Close the remote votes whose time is over: how many."""
    return close_due_ballots()
