"""From when an account is kept here, and what its openings wait for."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, cast

from django.db.models import Count, Max, Min, OuterRef, QuerySet, Subquery
from django.utils import timezone

from flux.models import Ledger, OpeningAct, OpeningBalance, Vacancy
from reservations.models import Membership, ReservationHolder, Territory
from reservations.queries.rights import rights
from reservations.words import towards


@dataclass(frozen=True, slots=True)
class Opened:
    """An opening balance that counts, as papers name its holder, `called` so in a sentence: due in millionths, received
    in units."""

    siren: str
    contingent: int
    holder: str
    since: date
    opened_on: date
    units: int
    due: int
    received: int
    source: str
    called: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """Past routings that were recorded: `units` of notices from `first` to `last`, entered here up to `entered_on`; the
    rule took the others from `ruled_from` on, None when it took none yet."""

    units: int
    first: date
    last: date
    entered_on: date
    ruled_from: date | None


@dataclass(frozen=True, slots=True)
class Kept:
    """An account kept here `since` a day of its year, with what came from before: what holders `accepted`, those whose
    opening balance is `unsettled`, `called` so in a sentence, and the routings `recorded` as they had been."""

    since: date
    accepted: tuple[Opened, ...] = ()
    unsettled: tuple[str, ...] = ()
    recorded: Recorded | None = None
    called: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For a file: days in ISO; what `of_json` reads back."""
        return cast("dict[str, Any]", json.loads(json.dumps(asdict(self), default=date.isoformat)))

    @classmethod
    def of_json(cls, told: Mapping[str, Any]) -> Kept:
        """From what `as_json` wrote, for ever."""
        recorded = told["recorded"]
        return cls(
            date.fromisoformat(told["since"]),
            tuple(Opened(**_dated(each, "since", "opened_on")) for each in told["accepted"]),
            tuple(told["unsettled"]),
            Recorded(**_dated(recorded, "first", "last", "entered_on", "ruled_from")) if recorded else None,
            tuple(told.get("called") or told["unsettled"]),
        )


def _dated(told: Mapping[str, Any], *days: str) -> dict[str, Any]:
    return {**told, **{name: date.fromisoformat(told[name]) if told[name] else None for name in days}}


def kept(ledger: Ledger) -> Kept | None:
    """From when an account is kept here; None when nothing came from before. Two queries."""
    return kept_in([ledger]).get(ledger.pk)


def kept_in(ledgers: Iterable[Ledger]) -> dict[int, Kept]:
    """By account (id), those that began in the year, elsewhere before; the others are not there. Two queries."""
    asked = {ledger.pk for ledger in ledgers}
    found: dict[int, list[OpeningBalance]] = {}
    standing = OpeningBalance.objects.standing().filter(ledger__in=asked).with_state()
    for opening in standing.select_related("holder__organisation").order_by("opened_on", "pk"):
        found.setdefault(opening.ledger_id, []).append(opening)
    recorded = _recorded(asked)
    return {pk: _kept(found.get(pk, []), recorded.get(pk)) for pk in asked if pk in found or pk in recorded}


def _kept(openings: Sequence[OpeningBalance], recorded: Recorded | None) -> Kept:
    since = openings[0].opened_on if openings else recorded.first if recorded else date.max
    unsettled = [each.holder for each in openings if each.last_act != OpeningAct.Act.ACCEPTED]
    return Kept(
        since,
        tuple(_opened(each) for each in openings if each.last_act == OpeningAct.Act.ACCEPTED),
        tuple(map(str, unsettled)),
        recorded,
        tuple(map(towards, unsettled)),
    )


def _opened(opening: OpeningBalance) -> Opened:
    holder = opening.holder
    return Opened(
        holder.organisation.siren,
        holder.contingent,
        str(holder),
        opening.since,
        opening.opened_on,
        opening.units,
        opening.due,
        opening.received,
        opening.source,
        towards(holder),
    )


def _recorded(ledgers: Collection[int]) -> dict[int, Recorded]:
    """Past routings of each account. One query, which reads those alone."""
    ruled = Vacancy.objects.filter(
        ledger=OuterRef("ledger"), source=Vacancy.Source.HERE, kind=Vacancy.Kind.IN_FLOW, recommendations__isnull=False
    )
    rows = (
        Vacancy.objects.filter(ledger__in=ledgers, source=Vacancy.Source.PAST)
        .order_by()
        .values("ledger")
        .annotate(
            units=Count("pk"),
            first=Min("registered_on"),
            last=Max("registered_on"),
            entered_at=Max("registered_at"),
            ruled_from=Subquery(ruled.order_by("registered_on").values("registered_on")[:1]),
        )
    )
    return {
        row["ledger"]: Recorded(
            row["units"], row["first"], row["last"], timezone.localdate(row["entered_at"]), row["ruled_from"]
        )
        for row in rows
    }


def awaiting(member: Membership) -> QuerySet[OpeningBalance]:
    """The opening balances that wait for this person's organisation: to accept or contest, or contested."""
    found = OpeningBalance.objects.all()
    if member.is_landlord:
        return found.awaiting("LANDLORD").filter(ledger__landlord__organisation=member.organisation_id)
    return found.awaiting("HOLDER").filter(holder__organisation=member.organisation_id)


def openable(member: Membership, *, on: date) -> tuple[Sequence[Territory], Sequence[ReservationHolder]]:
    """Where a landlord may open an account, and for whom: its départements, and the holders that have a right there on
    a day of the year of `on`. Two queries."""
    landlord = member.landlord
    assert landlord is not None, "asked of a landlord's people only"
    departements = Territory.objects.filter(
        pk__in=landlord.programmes.order_by().values("commune__departement")
    ).order_by("code", "pk")
    held = rights(landlord, since=date(on.year, 1, 1), until=date(on.year, 12, 31))
    holders = {right.holder.pk: right.holder for right in held}
    return list(departements), sorted(holders.values(), key=lambda holder: (str(holder), holder.pk))
