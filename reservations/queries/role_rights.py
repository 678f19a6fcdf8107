"""What each role may do, as the predicates answered when `reservations/data/rights.csv` was written (docs/rights.md);
who gave each role, and who took which one back."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db.models import QuerySet

from reservations.models import HistoryEntry, Membership, Organisation, User

RIGHTS = Path(__file__).resolve().parent.parent / "data/rights.csv"
#: What a role may, in that file: with what is its organisation's own, or in its territory; with anybody's; where there
#: is nothing to tell apart.
OWN, ALL, YES = "own", "all", "yes"

USER = User._meta.label_lower
Act = HistoryEntry.Act


@dataclass(frozen=True, slots=True)
class ActOfRoles:
    """An act, in words; by role, how far it goes (OWN, ALL, YES), or nothing."""

    part: str
    act: str
    by_role: dict[str, str]


@cache
def every_act() -> tuple[ActOfRoles, ...]:
    """All of the matrix, in the order of the file; read once, as the code does not change under a process."""
    with RIGHTS.open(encoding="utf-8", newline="") as file:
        return tuple(
            ActOfRoles(row["part"], row["act"], {role: row[role] for role in Membership.Role})
            for row in csv.DictReader(file, delimiter=";")
        )


def roles_in(organisation: Organisation) -> list[Membership.Role]:
    """The roles that have a meaning in that organisation."""
    return [role for role in Membership.Role if organisation.kind in Membership.ROLES[role].kinds]


def acts_in(organisation: Organisation) -> list[ActOfRoles]:
    """The acts that somebody may do in that organisation."""
    roles = roles_in(organisation)
    return [act for act in every_act() if any(act.by_role[role] for role in roles)]


def grants_of(people: Iterable[User]) -> dict[tuple[int, int, str], HistoryEntry]:
    """{(person, organisation, role): the act that gave it, the last time}. One query, however many people."""
    given = HistoryEntry.objects.filter(
        subject=USER, subject_id__in=[person.pk for person in people], act=Act.GRANTED
    ).select_related("by")
    return {
        (entry.subject_id, entry.organisations[0], entry.details["role"][1]): entry
        for entry in given.order_by("pk")
        if entry.organisations
    }


def taken_back(member: Membership) -> QuerySet[HistoryEntry]:
    """The roles that were taken back in the member's organisation, the latest first; everywhere for the operator."""
    gone = HistoryEntry.objects.filter(subject=USER, act=Act.REVOKED).select_related("by").order_by("-pk")
    return gone if member.is_administrator else gone.filter(organisations__contains=[member.organisation_id])
