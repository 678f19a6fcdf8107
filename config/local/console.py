"""How the commands speak: answers on stdout, progress on stderr, a refusal as one sentence."""

import contextlib
import sys
from collections.abc import Callable


class Refusal(Exception):
    """What was asked cannot be done; the message is a French sentence that says what to do next."""


def nothing() -> None:
    """No line is being drawn."""


#: A line being drawn on the terminal leaves before anything else is stated.
before_saying: Callable[[], None] = nothing


def say(text: str) -> None:
    """State the person at the keyboard, without disturbing what a program reads on stdout.

    Where nothing can be written (a full disk, a terminal that is gone), what is being done goes on untold.
    """
    with contextlib.suppress(OSError):
        before_saying()
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()


def show(text: str) -> None:
    """Give the answer of a command, on stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
