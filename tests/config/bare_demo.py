"""`./run demo` without the migrations and the data: the tests of the supervisor start it many times.

Run as `python bare_demo.py demo [OPTIONS]`.
"""

import sys

from config.local import demo
from config.local.cli import main


def no_step(*_: object) -> None:
    """The tables are there (tests/config/conftest.py)."""


def not_collected(_: object, environment: dict[str, str]) -> dict[str, str]:
    """Nor are the static files."""
    return environment


def one_account(*_: object) -> list[dict[str, str]]:
    """As the demonstration command answers, in small."""
    alice = {"login": "alice", "password": "secret", "role": "landlord", "title": "bailleur"}
    return [alice | {"organisation": "Robine Habitat"}]


if __name__ == "__main__":
    demo.prepare_database = no_step
    demo.collect_static = not_collected
    demo.load_data = one_account
    sys.exit(main(sys.argv[1:]))
