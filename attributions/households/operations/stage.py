"""The nightly control of what lists, objectives and delays read, beside what requests, candidates and leases say."""

from __future__ import annotations

import logging

from attributions.households.queries.applications import readers_adrift
from attributions.households.queries.lease_counts import counts_adrift
from attributions.households.queries.span_counts import spans_adrift
from attributions.households.queries.stage import adrift

logger = logging.getLogger(__name__)


def control_stages() -> int:
    """Log each unit whose kept stage is not the one that its candidates say: as it is kept, as it is read. How many.

    Nothing is written: a difference says that something was written behind the triggers, and is a person's to settle.
    """
    found = adrift()
    for vacancy, kept, read in found:
        logger.error("Stage of vacancy %s: kept « %s », read « %s »", vacancy, kept, read)
    return len(found)


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
