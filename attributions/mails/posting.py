"""Who is notified of something, and the message that each is sent: one row of the outbox a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from attributions.mails.kinds import BY_CODE
from reservations.models import Membership, User
from reservations.operations.history import post


def people(organisations: Iterable[int], roles: Sequence[str], *, but: int | None = None) -> list[Membership]:
    """Who acts for these organisations (by id) in one of these roles, each person once an organisation; not `but`, who
    did what is notified. One query."""
    found = Membership.objects.filter(organisation__in=set(organisations), role__in=roles, user__is_active=True)
    once: dict[tuple[int, int], Membership] = {}
    for member in found.exclude(user=but).select_related("user", "organisation__landlord", "organisation__territory"):
        once.setdefault((member.user_id, member.organisation_id), member)
    return list(once.values())


@dataclass(frozen=True, slots=True)
class Words:
    """What is stated of one thing: its subject, its sentences, where one goes and to do what."""

    subject: str
    says: tuple[str, ...]
    link: str
    label: str


def tell(code: str, about: str, member: Membership, words: Words, *, now: datetime) -> None:
    """Have one person notified, for the organisation that it acts for there."""
    tell_user(code, about, member.user, words, organisation=member.organisation, now=now)


def tell_user(code: str, about: str, user: User, words: Words, *, now: datetime, organisation: Any = None) -> None:
    """The same of a person who acts for no organisation there: the member of a committee."""
    post(
        to=user,
        kind=code,
        family=BY_CODE[code].family,
        about=about,
        subject=words.subject[:200],
        says=words.says,
        link=words.link,
        label=words.label,
        organisation=organisation,
        now=now,
    )
