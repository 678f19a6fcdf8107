"""Which balances are sealed, and where each seal stands among all that was written.

The imprint that the database gave to the version when it was sent is a place in one order (docs/triggers.md): what is
written in the accounts of the balance before it is in its file, what comes after is not. Whoever sends a balance holds
its accounts, so that nothing of them is written in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from attributions.bilan.models import BalanceVersion
from attributions.bilan.moved import Seal, SealKey
from reservations.canonical import seal_of_bytes
from reservations.models import Imprint


def place_of(model: type[Model], row: OuterRef | None = None, *, last: bool = False) -> Subquery:
    """Where a row was first written, or was `last`, in the order of every imprint. `row`: its id, by default that of
    the row that is read."""
    written = Imprint.objects.filter(table_name=model._meta.db_table, row_id=row or OuterRef("pk"))
    return Subquery(written.order_by("-pk" if last else "pk").values("pk")[:1])


def seals(landlords: Collection[int], years: Collection[int] | None = None) -> dict[SealKey, Seal]:
    """Those of some landlords (ids), of some years or of all, by balance. A version sent before rows had imprints has
    no place among them, and is left out. One query."""
    found = BalanceVersion.objects.filter(balance__landlord__in=landlords)
    if years is not None:
        found = found.filter(balance__exercise__in=years)
    return _latest(found)


def seals_of(year: int, *, landlord: int | None = None, departements: Collection[int] | None = None) -> list[Seal]:
    """Those of a year, of a landlord and of some départements (ids), all by default. One query."""
    found = BalanceVersion.objects.filter(balance__exercise=year)
    if landlord is not None:
        found = found.filter(balance__landlord=landlord)
    if departements is not None:
        found = found.filter(balance__departement__in=departements)
    return list(_latest(found).values())


def _latest(versions: QuerySet[BalanceVersion]) -> dict[SealKey, Seal]:
    rows: Iterable[Any] = (
        versions.filter(sealed_at__isnull=False)
        .order_by("balance_id", "-number")
        .distinct("balance_id")
        .annotate(mark=place_of(BalanceVersion))
        .values_list(
            "balance__landlord",
            "balance__departement",
            "balance__exercise",
            "balance__departement__name",
            "balance__departement__region",
            "number",
            "pk",
            "sealed_at",
            "seal",
            "mark",
        )
    )
    return {
        key: Seal(key, name, region, number, pk, timezone.localdate(at), digest, mark)
        for landlord, departement, year, name, region, number, pk, at, digest, mark in rows
        if mark is not None and (key := SealKey(landlord, departement, year))
    }


def printed_on_versions() -> QuerySet[BalanceVersion, str]:
    """What each version that was sent carries of chains and of the log, as it was printed."""
    return BalanceVersion.objects.exclude(heads="").order_by().values_list("heads", flat=True)


def takers(key: SealKey, seals_of: Collection[Seal]) -> list[Seal]:
    """The balances sealed without a break after one, in order: what came late to it is in the first that was sent
    after, else in the balance that follows them."""
    by_key = {each.key: each for each in seals_of}
    found, year = [], key.year + 1
    while (after := key._replace(year=year)) in by_key:
        found.append(by_key[after])
        year += 1
    return found


def broken_seals() -> list[BalanceVersion]:
    """The versions of all balances whose seal is not that of their content: none, unless somebody rewrote one."""
    found = BalanceVersion.objects.select_related("balance__landlord__organisation", "balance__departement")
    return [
        each
        for each in found.order_by("pk").iterator(chunk_size=20)
        if each.seal != seal_of_bytes(each.content.encode())
    ]
