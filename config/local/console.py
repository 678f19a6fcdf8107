"""How the commands speak: answers on stdout, progress on stderr, a refusal as one sentence."""

import sys


class Refusal(Exception):
    """What was asked cannot be done; the message is a French sentence that says what to do next."""


def say(text: str) -> None:
    """Tell the person at the keyboard, without disturbing what a program reads on stdout."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def show(text: str) -> None:
    """Give the answer of a command, on stdout."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
