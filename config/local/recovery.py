"""What fell is started again: when, and until when.

Half a second after the first fall, then after 1, 2, 4, then 8 s: once what kept a service down is over, it is back
within ten seconds. A service that stayed up a minute starts afresh. After fifteen falls in a row it is left down, the
others go on, and `./run status` says so.
"""

import subprocess
import time
from dataclasses import dataclass, field
from datetime import datetime

from config.local.processes import Service

FIRST, LONGEST = 0.5, 8.0  # seconds
STEADY = 60.0  # seconds
LIMIT = 15
RULE = f"Ce qui tombe est relancé ; après {LIMIT} chutes de suite sans tenir une minute, il reste arrêté."


def delay(falls: int) -> float | None:
    """Seconds to wait after so many falls in a row; None: enough."""
    return min(FIRST * 2 ** (falls - 1), LONGEST) if falls <= LIMIT else None


@dataclass
class Restarts:
    """What is published of a service that fell: how many times it was started again, and the last fall."""

    count: int = 0
    fell_at: str = ""
    reason: str = ""
    given_up: bool = False


@dataclass
class Watched:
    """A service, its process (None between a fall and the next start), and its falls in a row."""

    service: Service
    process: subprocess.Popen[bytes] | None
    launched: float = field(default_factory=time.monotonic)
    falls: int = 0
    due: float | None = None
    restarts: Restarts = field(default_factory=Restarts)

    def fell(self, reason: str, now: float) -> None:
        """Take note of a fall, and of when to start again."""
        if now - self.launched >= STEADY:
            self.falls = 0
        self.falls += 1
        wait = delay(self.falls)
        self.process = None
        self.due = None if wait is None else now + wait
        self.restarts.fell_at = datetime.now().astimezone().isoformat(timespec="seconds")
        self.restarts.reason = reason
        self.restarts.given_up = wait is None

    def started(self, process: subprocess.Popen[bytes], now: float) -> None:
        """Take note of a new start."""
        self.process, self.launched, self.due = process, now, None
        self.restarts.count += 1
