"""When what could not be done is tried again: what was not handed over, soon, then later and later, for about four
days; an act that crossed another, at once."""

import random
from datetime import timedelta

import psycopg

#: Minutes after each try (Standard Webhooks, « retry schedule »).
DELAYS = (0.1, 5, 30, 120, 300, 600, 840, 1200, 1440, 1440)
#: By how much each is drawn longer or shorter, so that all do not come back together.
JITTER = 0.2

#: What PostgreSQL says of a transaction that it undoes because of another (appendix A): deadlock, serialization.
CROSSED = ("40P01", "40001")
#: The same, and a lock that did not come in time: asked for again in a moment, it may.
HELD = ("55P03", *CROSSED)
#: How many times an act is done before the person is asked to do it again; and the longest pause after the first time,
#: in seconds, twice as long after each.
TRIES, PAUSE = 4, 0.05


def is_last(tries: int) -> bool:
    """Whether nothing is tried after so many times."""
    return tries > len(DELAYS)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries, one at least."""
    drawn = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - to spread returns, not to keep a secret
    return timedelta(minutes=DELAYS[tries - 1] * drawn)


def is_crossed(error: BaseException | None) -> bool:
    """Whether the database undid a transaction because of another: done again, it may succeed."""
    while error is not None:
        if isinstance(error, psycopg.Error) and error.sqlstate is not None:
            return error.sqlstate in CROSSED
        error = error.__cause__
    return False


def moment(tries: int) -> float:
    """How many seconds to wait after an act crossed another so many times: two of them do not come back together."""
    return random.uniform(0, PAUSE * 2 ** (tries - 1))  # noqa: S311 - as above
