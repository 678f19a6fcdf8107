"""Is a file the balance that was sent? Its SHA-256 says it; failing that, where it first parts from what was sent."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from attributions.bilan.models import AnnualBalance, BalanceVersion
from attributions.bilan.queries.figures import first_difference
from reservations.canonical import seal_of_bytes
from reservations.models import Membership
from reservations.queries.imprints import stands, was

#: A balance is a few tens of kilobytes; a file that no balance can be is not read. In bytes.
LARGEST = 20_000_000


@dataclass(frozen=True, slots=True)
class FileDifference:
    """Where a file first parts from what was sent: a value at a `path`; or, when all are alike, a byte (from 1), None
    in the one that ends before."""

    path: str
    byte: int
    file: Any
    sent: Any


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file is worth. `version`: the one that it is, or says it is; None when it names none that was sent.
    `difference`: where it first parts from that one. `forged`: the database no longer
    holds that version as it was sent; a file is then judged by the imprint of the sending."""

    seal: str
    same: bool
    version: BalanceVersion | None
    difference: FileDifference | None = None
    forged: bool = False

    @property
    def signatories(self) -> list[str]:
        """Who signed the version, in order. One query."""
        if self.version is None:
            return []
        return list(self.version.signatures.order_by("pk").values_list("organisation__name", flat=True))


def check_file(written: bytes, member: Membership | None = None) -> Checked:
    """Compare a file, to the byte, with every version that was sent, among those that `member` may read: what differs
    is told of no other. Three queries, four for a file that no version has."""
    seal, sent = seal_of_bytes(written), _versions(member)
    found = sent.filter(seal=seal).order_by("pk").first()
    if found is not None and found.content.encode("utf-8") == written:
        forged = not stands(found)
        return Checked(seal, not forged, found, forged=forged)
    try:
        told = json.loads(written.decode("utf-8"))
    except (ValueError, RecursionError):
        return Checked(seal, False, None)
    named = _named(told, sent)
    if named is None:
        return Checked(seal, False, None)
    if was(named, {"content": written.decode("utf-8"), "seal": seal}):
        return Checked(seal, True, named, forged=True)
    return Checked(seal, False, named, _difference(written, told, named), forged=not stands(named))


def _versions(member: Membership | None) -> QuerySet[BalanceVersion]:
    sent = BalanceVersion.objects.select_related("balance__landlord__organisation", "balance__departement")
    if member is None:
        return sent
    return sent.filter(balance__in=AnnualBalance.objects.visible_to(member).order_by().values("pk"))


def _named(told: Any, sent: QuerySet[BalanceVersion]) -> BalanceVersion | None:
    """The version that a content says it is; None when it does not say, or says one that was never sent."""
    try:
        siren, code = str(told["landlord"]["siren"]), str(told["departement"]["code"])
        exercise, number = int(told["exercise"]), int(told["version"])
    except (TypeError, KeyError, ValueError, OverflowError):
        return None
    if not (siren.isdecimal() and code.isalnum() and 0 <= exercise < 10_000 and 0 <= number < 10_000):
        return None
    found = sent.filter(
        balance__landlord__organisation__siren=siren,
        balance__departement__code=code,
        balance__exercise=exercise,
        number=number,
    )
    return found.order_by("pk").first()


def _difference(written: bytes, told: Any, version: BalanceVersion) -> FileDifference:
    as_sent = version.content.encode("utf-8")
    found = first_difference(told, json.loads(as_sent))
    if found is not None:
        path, mine, theirs = found
        return FileDifference(path, 0, mine, theirs)
    at = next((at for at, (one, other) in enumerate(zip(written, as_sent, strict=False)) if one != other), None)
    place = min(len(written), len(as_sent)) if at is None else at
    mine, theirs = (of[place] if place < len(of) else None for of in (written, as_sent))
    return FileDifference("", place + 1, mine, theirs)
