"""What was written behind the product, gathered so that a person is told: table by table, landlord by landlord."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce

from flux.models import Ledger
from flux.queries.audit import Check, Difference
from reservations.models import Imprint, Landlord, User
from reservations.queries.imprints import Altered, Broken, Change
from reservations.queries.log import LogDifference

#: Rows that an alert names; the others are counted.
NAMED = 10


def tampered(altered: Iterable[Altered], broken: Iterable[Broken]) -> list[Difference]:
    """One difference for each table, change and landlord, with its rows; and one for each chain that no longer holds.

    A few statements a table that was altered, none when none was.
    """
    rows: dict[tuple[str, Change], list[Altered]] = defaultdict(list)
    for each in altered:
        rows[each.table, each.change].append(each)
    found = [
        _rows(table, change, landlord, whose)
        for (table, change), those in sorted(rows.items())
        for landlord, whose in _by_landlord(table, those).items()
    ]
    broken = list(broken)
    ledgers = set(Ledger.objects.filter(pk__in=[each.chain for each in broken]).values_list("pk", flat=True))
    return found + [
        Difference(
            ledger=each.chain if each.chain in ledgers else None,
            check=Check.BROKEN,
            expected={"position": 0},
            found={"position": each.position, "chain": each.chain},
        )
        for each in broken
    ]


def rewritten(
    log: Iterable[LogDifference], forgotten: Collection[str], disarmed: Collection[str] = ()
) -> list[Difference]:
    """One difference for each way in which the verifiable log differs, with its first place; one for what was printed
    or sent and is no longer held, one for the controls that are not those of the source. All are notified, holders
    too."""
    first: dict[str, int] = {}
    for each in log:
        first.setdefault(each.fault.value, each.at)
    named = {"PRINTED": forgotten, "DISARMED": disarmed}
    first |= {fault: len(names) for fault, names in named.items() if names}
    return [
        Difference(
            ledger=None,
            check=Check.BROKEN,
            expected={"position": 0},
            found={"position": at, "chain": Imprint.HOUSE, "log": fault, "named": sorted(named.get(fault, ()))[:NAMED]},
        )
        for fault, at in sorted(first.items())
    ]


def _rows(table: str, change: Change, landlord: int | None, those: list[Altered]) -> Difference:
    """`content` tells these rows, as they are now, from others altered later, or altered again."""
    content = hashlib.sha256(repr([(each.row, each.now) for each in those]).encode()).hexdigest()
    return Difference(
        ledger=None,
        check=Check.ALTERED,
        expected={"rows": 0},
        found={
            "rows": len(those),
            "table": table,
            "change": change.value,
            "named": [each.row for each in those[:NAMED]],
            "content": content,
        },
        landlord=landlord,
    )


def _by_landlord(table: str, those: list[Altered]) -> dict[int | None, list[Altered]]:
    """Whose rows these are; under None those of nobody, or that are no longer there to say it."""
    whose = _landlords(table, [each.row for each in those])
    found: dict[int | None, list[Altered]] = defaultdict(list)
    for each in those:
        found[whose.get(each.row)].append(each)
    return found


def _landlords(table: str, rows: Collection[int]) -> dict[int, int | None]:
    """{row: its landlord}: said by the row itself or, when it was removed from an account, by the chain that it was in.
    Two statements."""
    chained = Imprint.objects.filter(table_name=table, row_id__in=rows, chain__gt=Imprint.HOUSE)
    chains = dict(chained.order_by().values_list("row_id", "chain"))
    ledgers = dict(Ledger.objects.filter(pk__in=set(chains.values())).values_list("pk", "landlord"))
    found: dict[int, int | None] = {row: ledgers[chain] for row, chain in chains.items() if chain in ledgers}
    model = Altered(table, 0, Change.CHANGED).model
    ways = ways_to_landlord(model) if model else ()
    if model is not None and ways:
        said = Coalesce(*ways) if len(ways) > 1 else F(ways[0])
        found |= dict(model._base_manager.filter(pk__in=rows).order_by().values_list("pk", said))
    return found


@cache
def ways_to_landlord(model: type[models.Model]) -> tuple[str, ...]:
    """How a row says its landlord, by what it refers to, « version__balance__landlord »: the shortest way, then others
    as long as those before may be empty. Not through the people who wrote it. Nothing when there is no way."""
    found: list[str] = []
    reached: list[tuple[type[models.Model], str, bool]] = [(model, "", False)]
    seen = {model, User}
    for held, way, empty in reached:
        for field in held._meta.concrete_fields:
            target = field.related_model
            if not isinstance(target, type) or not issubclass(target, models.Model):
                continue
            if target is Landlord:
                found.append(way + field.name)
                if not (empty or field.null):
                    return tuple(found)
            elif target not in seen:
                seen.add(target)
                reached.append((target, f"{way}{field.name}__", empty or field.null))
    return tuple(found)
