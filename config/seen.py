"""`python -m config.seen beat` (or `worker`): 0 when it was seen lately, 1 when not. For a container without pages."""

import sys

from config import heartbeat
from config.celery import app


def main(who: str) -> int:
    """The exit code, for `worker` or `beat`."""
    try:
        age = heartbeat.seen(app)[who]
    except heartbeat.BROKER_ERRORS:
        return 1
    return 0 if age is not None and age <= heartbeat.STALE else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
