"""The nightly control of the stages that lists read: what is kept, beside what the candidates say."""

from __future__ import annotations

import logging

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
