"""Migrations: the squashed one, those written since, and those that it stands for, in `replaced/`
(docs/decisions/0095)."""

from pathlib import Path

__path__ = [str(Path(__file__).parent), str(Path(__file__).parent / "replaced")]
