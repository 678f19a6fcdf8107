"""What leaves an installation, as its archive writes it."""

from __future__ import annotations

from reservations.exports.spreadsheet import spreadsheet
from reservations.imports.kinds import kind_of
from reservations.takeaway import table_of
from tests.world import World


def file_of(world: World, code: str, person: str = "alice") -> bytes:
    """The file of one kind that this person takes away."""
    return b"".join(spreadsheet(table_of(kind_of(code), world.member(person))))
