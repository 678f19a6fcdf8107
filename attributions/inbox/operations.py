"""Following the rows of « À faire »: taking one, giving it to a colleague, putting it off; naming filters; keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from attributions.inbox.entries import Entry
from attributions.inbox.models import NamedFilter, RowMark
from attributions.inbox.queries import Inbox
from attributions.inbox.reader import Reader
from reservations.models import Membership, User
from reservations.models.wall import atomic
from reservations.refusals import Refusal, constraints_speak
from reservations.words import day

#: Filters that a person keeps under an organisation: more would be a list to search.
MOST_FILTERS = 12


class FollowRefused(Refusal):
    """A row cannot be followed so."""


class FilterRefused(Refusal):
    """Filters cannot be kept so."""


def takers(entry: Entry, member: Membership, *, now: datetime) -> Sequence[User]:
    """Who acts for the organisation of a person and has the row in their own list, the person first."""
    found: dict[int, User] = {}
    for each in Membership.objects.filter(organisation=member.organisation_id, user__is_active=True).select_related(
        "user", "organisation"
    ):
        if each.user_id == member.user_id or _has(each, entry, now=now):
            found[each.user_id] = each.user
    return sorted(found.values(), key=lambda each: (each.pk != member.user_id, each.full_name, each.pk))


@atomic
def follow(
    *,
    entry: Entry,
    by: Membership,
    taken_by: User | None,
    put_off_until: date | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> RowMark | None:
    """Note who takes a row of « À faire », and the day until which it is put off; None once nothing is noted of it.

    Raises FollowRefused: a row of the person alone, somebody whom it does not await, a day past, one after the row
    lapses, no reason.
    """
    now = now or timezone.now()
    today, kind = timezone.localdate(now), entry.kind
    if kind.own:
        raise FollowRefused("Cet acte n’attend que vous : il ne se confie pas et ne se reporte pas. Faites-le ici.")
    if taken_by is not None and not _awaits(taken_by, entry, by, now=now):
        raise FollowRefused(
            f"Cet acte n’attend pas {taken_by} : choisissez une personne qui peut le faire.", field="taken_by"
        )
    if put_off_until is not None:
        if put_off_until <= today:
            raise FollowRefused("Choisissez un jour à venir, ou laissez vide.", field="put_off_until")
        if entry.due_on is not None and entry.due_on < put_off_until:
            if entry.due_on < today:
                raise FollowRefused(
                    f"Cette ligne est échue depuis le {day(entry.due_on)} : elle ne se reporte plus. Faites-la, ou "
                    "confiez-la.",
                    field="put_off_until",
                )
            last = (
                f"choisissez le {day(entry.due_on)} au plus tard." if entry.due_on > today else "faites-le aujourd’hui."
            )
            raise FollowRefused(
                f"Cette ligne échoit le {day(entry.due_on)} : la reporter au-delà la cacherait ; {last}",
                field="put_off_until",
            )
        if not reason.strip():
            raise FollowRefused("Écrivez pourquoi cette ligne est reportée.", field="reason")
    marks = RowMark.objects.filter(organisation=by.organisation_id)
    about: dict[str, Any] = {"organisation_id": by.organisation_id, "kind": kind.code, "key": entry.key}
    if taken_by is None and put_off_until is None:
        marks.filter(**about).delete()
        return None
    given = {"taken_by": taken_by, "put_off_until": put_off_until, "by": by.user, "at": now}
    with constraints_speak(RowMark):
        mark, _ = RowMark.objects.update_or_create(
            **about, defaults={**given, "reason": reason.strip() if put_off_until else ""}
        )
    return mark


def _awaits(person: User, entry: Entry, by: Membership, *, now: datetime) -> bool:
    """Is the row in the list of this person too, under the same organisation?"""
    roles = Membership.objects.filter(user=person, user__is_active=True, organisation=by.organisation_id)
    return any(_has(each, entry, now=now) for each in roles)


def _has(member: Membership, entry: Entry, *, now: datetime) -> bool:
    return Inbox.find(Reader(member, now=now), entry.kind, entry.key) is not None


@atomic
def keep_filter(*, by: Membership, name: str, kept: str) -> NamedFilter:
    """Keep filters under a name; the same name keeps the last ones.

    Raises FilterRefused: no filter, no name, too many of them.
    """
    name = name.strip()
    if not kept:
        raise FilterRefused("Choisissez d’abord un filtre, puis donnez-lui un nom.")
    if not name:
        raise FilterRefused("Donnez un nom à ces filtres : « Narbonne », par exemple.")
    mine = NamedFilter.objects.filter(user=by.user_id, organisation=by.organisation_id)
    if mine.exclude(name=name).count() >= MOST_FILTERS:
        raise FilterRefused(f"Vous gardez déjà {MOST_FILTERS} filtres : retirez-en un d’abord.")
    with constraints_speak(NamedFilter):
        found, _ = NamedFilter.objects.update_or_create(
            user=by.user, organisation_id=by.organisation_id, name=name, defaults={"kept": kept}
        )
    return found
