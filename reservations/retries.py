"""When what could not be handed over is tried again: soon, then later and later, for about four days."""

import random
from datetime import timedelta

#: Minutes after each try (Standard Webhooks, « retry schedule »).
DELAYS = (0.1, 5, 30, 120, 300, 600, 840, 1200, 1440, 1440)
#: By how much each is drawn longer or shorter, so that all do not come back together.
JITTER = 0.2


def is_last(tries: int) -> bool:
    """Whether nothing is tried after so many times."""
    return tries > len(DELAYS)


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries, one at least."""
    drawn = random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - to spread returns, not to keep a secret
    return timedelta(minutes=DELAYS[tries - 1] * drawn)
