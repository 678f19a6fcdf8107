"""`./run bench`: the measures of `benchmarks/`, in the folder where the command is typed."""

import os
import sys
from collections.abc import Sequence

from config.local.state import State
from config.local.supervisor import Supervisor

#: Pure Python: nothing is started for them. The first is the one meant when none is named.
BENCHMARKS = ("routing", "speed")


def bench(arguments: Sequence[str]) -> int:
    """Run a benchmark with what follows its name, and return its exit code."""
    name, rest = BENCHMARKS[0], list(arguments)
    if rest and rest[0] in BENCHMARKS:
        name, *rest = rest
    command = [sys.executable, "-P", "-m", f"benchmarks.{name}", *rest]
    return Supervisor(State.default(), "bench").hand_over(command, os.environ, None)
