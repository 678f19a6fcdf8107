"""A programme that passed to another landlord is this one's to work on, not that of the one that gave it."""

from __future__ import annotations

from flux.models import Programme
from flux.queries.programmes import gone_of
from reservations.refusals import Refusal
from reservations.words import day, of, to


def refuse_gone(programme: Programme) -> None:
    """Raise a Refusal where the programme was given (docs/decisions/0071): its units are those of the other."""
    if gone := gone_of(programme):
        raise Refusal(
            f"{programme} est passé {to(gone.to)} le {day(gone.on)} : adressez-vous à ce bailleur, la fiche "
            f"{of(programme)} reste ici pour ce qui s’y est passé avant."
        )
