"""Celery tasks: ids in, one act each, safe to run twice."""

from celery import shared_task

from attributions.operations.ballot import close_due_ballots
from attributions.operations.retention import pseudonymise_due, purge_access_log


@shared_task(name="attributions.pseudonymise_due")
def pseudonymise() -> int:
    """Erase the identities whose term has run out: every night."""
    return pseudonymise_due()


@shared_task(name="attributions.purge_access_log")
def purge_journal() -> int:
    """Delete the accesses older than the term of their journal: every night."""
    return purge_access_log()


@shared_task(name="attributions.close_due_ballots")
def close_ballots() -> int:
    """Close the remote votes whose time is over: how many."""
    return close_due_ballots()
