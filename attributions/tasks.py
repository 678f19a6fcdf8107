"""Celery tasks of the candidates: one act each, safe to run twice."""

from celery import shared_task

from attributions.operations.condition import close_missed_conditions
from attributions.operations.housed import release_housed_elsewhere
from attributions.operations.offer import close_silent_offers


@shared_task(name="attributions.close_silent_offers")
def silent_offers() -> int:
    """Silence is refusal: close the offers whose term is over, and call the next rank. How many."""
    return close_silent_offers()


@shared_task(name="attributions.close_missed_conditions")
def missed_conditions() -> int:
    """End the candidates whose document did not come in time. How many."""
    return close_missed_conditions()


@shared_task(name="attributions.release_housed_elsewhere")
def housed_elsewhere() -> int:
    """End the candidacies of households that signed a lease for another unit. How many."""
    return release_housed_elsewhere()
