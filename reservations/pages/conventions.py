"""Where a convention stands, in two or three words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from reservations.models import Convention
from reservations.pages.pauses import in_force, is_suspended
from reservations.pages.signatures import tally_of
from reservations.queries.conventions import ConventionStanding, ends_soon, standing

NAMES = {
    ConventionStanding.DRAFT: "brouillon",
    ConventionStanding.PROPOSED: "proposée",
    ConventionStanding.TO_COME: "à venir",
    ConventionStanding.IN_FORCE: "en vigueur",
    ConventionStanding.PAST: "passée",
    ConventionStanding.REPLACED: "remplacée par un avenant",
    ConventionStanding.VOID: "sans effet",
}

#: The pill of each standing (visual language, « état »).
PILLS = {
    ConventionStanding.DRAFT: "part",
    ConventionStanding.PROPOSED: "part",
    ConventionStanding.TO_COME: "wait",
    ConventionStanding.IN_FORCE: "ok",
    ConventionStanding.PAST: "no",
    ConventionStanding.REPLACED: "no",
    ConventionStanding.VOID: "no",
}


@dataclass(frozen=True, slots=True)
class ConventionLine:
    """A convention with its state in two or three words, and the class of its pill; `tally`, of a proposal in a list:
    how many have signed. One that is suspended that day says so first."""

    convention: Convention
    words: str
    pill: str
    tally: str = ""


def convention_line(convention: Convention, on: date) -> ConventionLine:
    """Where a convention stands on a day, and that its end is near."""
    if is_suspended(in_force(convention), on) and convention.starts_on <= on <= convention.ends_on:
        return ConventionLine(convention, "suspendue", "wait")
    if ends_soon(convention, on):
        days = (convention.ends_on - on).days
        return ConventionLine(
            convention, "dernier jour" if not days else f"finit dans {days} jour{'s' * (days > 1)}", "todo"
        )
    stage = standing(convention, on)
    return ConventionLine(convention, NAMES[stage], PILLS[stage], tally_of(convention))
