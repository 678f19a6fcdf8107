"""What delegates propose for in a balance: as its seal has it where it is sealed, as its accounts have it today
elsewhere (docs/decisions/0121 and 0126)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import replace

from django.db.models import JSONField
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.balance import Balance
from flux.queries.delegated import Delegated, delegated_in


def delegates_of(read: Balance) -> tuple[Delegated, ...]:
    """Of the whole accounts that a person reads, whatever the territory chosen in them. One query, three more where
    there are some, one where the year is sealed."""
    seals = {seal.key.departement: seal.pk for seal in read.since.seals}
    told = _sealed(seals.values()) if seals else {}
    open_ones = [book for book in read.yearly if seals.get(book.departement_id) not in told]
    return tuple(_together([*delegated_in(open_ones), *(each for found in told.values() for each in found)]))


def _sealed(versions: Collection[int]) -> dict[int, list[Delegated]]:
    """By version (id), what it has; absent where its form is from before it was counted."""
    said = KeyTransform("delegated", Cast("content", JSONField()))
    rows = BalanceVersion.objects.filter(pk__in=versions).annotate(said=said).values_list("pk", "said")
    return {pk: [Delegated.of_json(each) for each in found] for pk, found in rows if found is not None}


def _together(found: Iterable[Delegated]) -> list[Delegated]:
    """One for each holder, whatever the number of accounts, in the order of their names."""
    by_holder: dict[tuple[str, int], Delegated] = {}
    for each in found:
        key = each.siren, each.contingent
        by_holder[key] = _added(by_holder[key], each) if key in by_holder else each
    return sorted(by_holder.values(), key=lambda each: (each.name, -each.contingent))


def _added(one: Delegated, other: Delegated) -> Delegated:
    known = {each.siren: each for each in (*one.delegates, *other.delegates)}
    units = Counter[str]()
    for each in (*one.delegates, *other.delegates):
        units[each.siren] += each.units
    delegates = (replace(each, units=units[siren]) for siren, each in known.items())
    return replace(one, routed=one.routed + other.routed, delegates=tuple(sorted(delegates, key=str)))
