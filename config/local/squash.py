"""`./run squash`: one migration an app in the place of those written so far, on databases of its own."""

import sys
from collections.abc import Sequence

from config.local.console import Refusal, say
from config.local.services import borrowed_or_started
from config.local.state import State
from config.local.supervisor import Stopped


def squash(arguments: Sequence[str]) -> int:
    """Write the migrations again, prove that they lead to the same database, and return the exit code.

    Raises Refusal when something is typed after it, or when the services cannot be had.
    """
    if arguments:
        raise Refusal("./run squash ne prend rien d’autre : il réécrit les migrations, et git dit ce qui a changé.")
    try:
        with borrowed_or_started(State.default(), "squash", prepare=False) as services:
            command = [sys.executable, "-P", "-m", "config.local.squashing"]
            return services.supervisor.hand_over(command, services.environment, None)
    except Stopped:
        say("Interrompu.")
        return 1
