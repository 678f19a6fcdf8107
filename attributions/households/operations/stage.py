"""The nightly control of what lists, objectives and delays read, beside what requests, candidates and leases say."""

from __future__ import annotations

import logging

from attributions.households.models import HouseholdCandidacy, Proposal
from attributions.households.operations.application import current
from attributions.households.queries.applications import numbers_adrift, readers_adrift
from attributions.households.queries.candidates import candidacies_adrift
from attributions.households.queries.lease_counts import counts_adrift
from attributions.households.queries.span_counts import spans_adrift
from attributions.households.queries.stage import adrift
from reservations.models.wall import atomic_act

logger = logging.getLogger(__name__)


@atomic_act
def keep_again() -> None:
    """Keep the household of each candidacy that lacks it, where nothing stands against it any more."""
    lacking = Proposal.objects.filter(pk__in=candidacies_adrift()).select_related("application")
    HouseholdCandidacy.objects.bulk_create(
        [
            HouseholdCandidacy(
                proposal=each,
                household=current(each.application),
                vacancy_id=each.vacancy_id,
                routing_id=each.routing_id,
                is_housed=each.status == Proposal.Status.HOUSED,
            )
            for each in lacking.select_related("application__merged_into").order_by("pk")
        ],
        ignore_conflicts=True,
    )


def control_stages() -> int:
    """Log each unit whose kept stage is not the one that its candidates say: as it is kept, as it is read. How many.

    Nothing is written: a difference says that something was written behind the triggers, and is a person's to settle.
    """
    found = adrift()
    for vacancy, kept, read in found:
        logger.error("Stage of vacancy %s: kept « %s », read « %s »", vacancy, kept, read)
    return len(found)


def control_households() -> int:
    """Log each candidacy by which a household is twice a candidate of a unit, or housed twice, and each number that is
    that of a request and another number of one: with the act that mends it. How many.

    The database lets none in (docs/triggers.md): these were there before it kept them. Where the other candidacy ended
    meanwhile, the one that is left is kept from now on.
    """
    keep_again()
    twice, numbers = candidacies_adrift(), numbers_adrift()
    for proposal in twice:
        logger.error("Candidacy %s: its household is there twice; withdraw one, or undo one of two leases", proposal)
    for application, alias in numbers:
        logger.error("Request %s: its number is also alias %s of another; merge the two requests", application, alias)
    return len(twice) + len(numbers)


def control_readers() -> int:
    """Log each request that an organisation reads and is not listed to it, or the other way round. How many."""
    found = readers_adrift()
    for application, organisation, kept in found:
        logger.error("Request %s, organisation %s: %s", application, organisation, "kept" if kept else "lacking")
    return len(found)


def control_lease_counts() -> int:
    """Log each count of leases that is not what the leases say, as it is and as it should be. How many; as above."""
    found = counts_adrift()
    for row in found:
        logger.error("Count of leases adrift: %s", row)
    return len(found)


def control_span_counts() -> int:
    """Log each count of delays that is not what the steps of units say, as it is and as it should be. How many."""
    found = spans_adrift()
    for row in found:
        logger.error("Count of delays adrift: %s", row)
    return len(found)
