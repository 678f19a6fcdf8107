"""What each role of an organisation may do, and which roles were taken back, in words."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from reservations.models import HistoryEntry, Membership, Organisation
from reservations.pages.table import Said, Table, table
from reservations.queries.people_history import subjects_of
from reservations.queries.role_rights import ALL, OWN, YES, acts_in, roles_in
from reservations.words import day, hour

#: How far a right goes; nothing is said of what one may not.
FAR = {OWN: "oui", ALL: "oui, partout", YES: "oui", "": "non"}


def role_tables(organisation: Organisation) -> list[Table]:
    """A table for each part of the product: the acts that somebody of the organisation may do, and which roles may."""
    roles = roles_in(organisation)
    return [
        table(
            f"droits-{number}",
            part,
            "",
            ["Acte", *(role.label.capitalize() for role in roles)],
            [[each.act, *(Said(FAR[each.by_role[role]]) for role in roles)] for each in acts],
        )
        for number, (part, acts) in enumerate(groupby(acts_in(organisation), key=lambda each: each.part), 1)
    ]


def gone_table(entries: Iterable[HistoryEntry]) -> Table:
    """Whose role was taken back, by whom, when."""
    rows: list[list[Said | str]] = [
        [
            str(about),
            Said(Membership.Role(entry.details["role"][0]).label, hint=entry.details["organisation"][0]),
            Said(f"le {day(entry.at)} à {hour(entry.at)}"),
            str(entry.by) if entry.by else "personne : le compte ne servait plus",
        ]
        for entry, about in subjects_of(entries)
    ]
    return table("roles-retires", "Rôles retirés", "", ["Personne", "Rôle", "Retiré", "Par"], rows)
