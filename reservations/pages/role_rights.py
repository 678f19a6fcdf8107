"""What each role of an organisation may do, and which roles were taken back, in words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import groupby

from reservations.models import HistoryEntry, Membership, Organisation
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.queries.people_history import subjects_of
from reservations.queries.role_rights import ALL, OWN, YES, ActOfRoles, acts_in, roles_in
from reservations.words import day, hour

#: How far a right goes; nothing is said of what one may not.
FAR = {OWN: "oui", ALL: "oui, partout", YES: "oui", "": "non"}


def role_tables(organisation: Organisation) -> list[Table]:
    """A table for each part of the product: the acts that somebody of the organisation may do, and which roles may."""
    roles = [Shown(role.label.capitalize(), partial(_far, role=role)) for role in roles_in(organisation)]
    return [
        Rows(acts, Shown("Acte", lambda each: each.act), *roles).titled(f"droits-{number}", part)
        for number, (part, acts) in enumerate(groupby(acts_in(organisation), key=lambda each: each.part), 1)
    ]


def _far(each: ActOfRoles, *, role: str) -> str:
    return FAR[each.by_role[role]]


def gone_table(entries: Iterable[HistoryEntry]) -> Table:
    """Whose role was taken back, by whom, when."""
    return Rows(
        subjects_of(entries),
        Shown("Personne", lambda each: str(each[1])),
        Shown(
            "Rôle",
            lambda each: Said(
                Membership.Role(each[0].details["role"][0]).label, hint=each[0].details["organisation"][0]
            ),
        ),
        Shown("Retiré", lambda each: Said(f"le {day(each[0].at)} à {hour(each[0].at)}")),
        Shown("Par", lambda each: str(each[0].by) if each[0].by else "personne : le compte ne servait plus"),
    ).titled("roles-retires", "Rôles retirés")
