"""What is read of alerts.

* What was written behind the product, gathered so that a person is notified: table by table, landlord by landlord.
* Accounts that may lack what the latest year before them left due: found in seven queries, however many there are.
* What is found here is read again line by line (`flux.operations.entries.not_carried`), which says what is lacking.
  An account that is not found lacks nothing.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from django.db import models
from django.db.models import F, Q, Sum, Window
from django.db.models.functions import Coalesce, Lag

from flux.models import AccountMonth, CarriedOver, Ledger, LedgerLine
from flux.queries.controls.accounts import Check, Difference
from reservations.models import Convention, Imprint, Landlord, Quota, User
from reservations.models.convention import UNIT
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


def of_the_house(log: Iterable[LogDifference], named: Mapping[str, Collection[str]]) -> list[Difference]:
    """One difference for each way in which the verifiable log differs, with its first place; and one for each other way
    of which something is named. All are notified, holders too."""
    first: dict[str, int] = {}
    for each in log:
        first.setdefault(each.fault.value, each.at)
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
    """`content` states these rows, as they are now, from others altered later, or altered again."""
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
    """{row: its landlord}: stated by the row itself or, when it was removed from an account, by the chain that it was
    in. Two statements."""
    chained = Imprint.objects.filter(table_name=table, row_id__in=rows, chain__gt=Imprint.HOUSE)
    chains = dict(chained.order_by().values_list("row_id", "chain"))
    ledgers = dict(Ledger.objects.filter(pk__in=set(chains.values())).values_list("pk", "landlord"))
    found: dict[int, int | None] = {row: ledgers[chain] for row, chain in chains.items() if chain in ledgers}
    model = Altered(table, 0, Change.CHANGED).model
    ways = ways_to_landlord(model) if model else ()
    if model is not None and ways:
        result = Coalesce(*ways) if len(ways) > 1 else F(ways[0])
        found |= dict(model._base_manager.filter(pk__in=rows).order_by().values_list("pk", result))
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


#: An account and that of the latest year before it, of the same landlord and département (ids).
type Pair = tuple[int, int]


def to_read(today: date) -> list[Pair]:
    """Of the accounts of this year and of the last, and of every year that came after one without an account, those
    whose holders do not all carry what the year before left them. Seven queries."""
    pairs = _pairs(today)
    opened = Ledger.objects.in_bulk({pk for pair in pairs for pk in pair})
    left, carried = _left({before for _, before in pairs}), _carried({after for after, _ in pairs})
    promised = _promised({ledger.landlord_id for ledger in opened.values()})
    return [
        (after, before)
        for after, before in pairs
        if any(
            _may_lack(
                rest,
                carried.get((after, holder)),
                promised[opened[after].landlord_id, holder],
                opened[after],
                opened[before],
            )
            for holder, rest in left.get(before, {}).items()
        )
    ]


def _pairs(today: date) -> list[Pair]:
    """One query, of the accounts themselves."""

    def earlier(name: str) -> Window:
        return Window(Lag(name), partition_by=["landlord", "departement"], order_by="exercise")

    known = Ledger.objects.ordinary().filter(exercise__lte=today.year)
    beside = known.annotate(before=earlier("pk"), year=earlier("exercise")).exclude(before=None)
    recent, alone = Q(exercise__gte=today.year - 1), Q(year__lt=F("exercise") - 1)
    return list(beside.filter(recent | alone).order_by("pk").values_list("pk", "before"))


@dataclass(slots=True)
class Rest:
    """What one year leaves to one holder, in millionths: due less received, and what was carried but not given back."""

    due: int = 0
    held_back: int = 0


def _left(before: Collection[int]) -> dict[int, dict[int, Rest]]:
    """By account and holder (ids). Three queries."""
    found: dict[int, dict[int, Rest]] = defaultdict(lambda: defaultdict(Rest))
    lines = LedgerLine.objects.filter(ledger__in=before).order_by()
    for ledger, holder, due, received in lines.values_list("ledger", "holder", "due", "received"):
        found[ledger][holder].due = due - UNIT * received
    rows = CarriedOver.objects.filter(ledger__in=before).order_by()
    for ledger, holder, amount in rows.values_list("ledger", "holder", "amount"):
        found[ledger][holder].held_back += amount
    steps = AccountMonth.objects.filter(ledger__in=before).exclude(carried=0).order_by().values_list("ledger", "holder")
    for ledger, holder, given in steps.annotate(given=Sum("carried")):
        if holder in found[ledger]:
            found[ledger][holder].held_back -= given
    return found


@dataclass(slots=True)
class Carried:
    """What an account carries of the year before, in millionths, as its first row's convention limits it."""

    convention: Convention
    amount: int = 0


def _carried(ledgers: Collection[int]) -> dict[tuple[int, int], Carried]:
    """By account and holder (ids). One query."""
    found: dict[tuple[int, int], Carried] = {}
    rows = (
        CarriedOver.objects.filter(ledger__in=ledgers, absorption=None).select_related("convention").order_by("ordinal")
    )
    for row in rows:
        carried = found.setdefault((row.ledger_id, row.holder_id), Carried(row.convention))
        carried.amount += row.amount if row.opening_id is None else 0
    return found


def _promised(landlords: Collection[int]) -> dict[tuple[int, int], list[Convention]]:
    """The binding conventions of each landlord with each holder (ids). One query."""
    found: dict[tuple[int, int], list[Convention]] = defaultdict(list)
    binding = Quota.objects.filter(convention__landlord__in=landlords, convention__status__in=Convention.BINDING)
    for quota in binding.select_related("convention").order_by():
        found[quota.convention.landlord_id, quota.holder_id].append(quota.convention)
    return found


def _may_lack(
    rest: Rest, carried: Carried | None, promised: Collection[Convention], ledger: Ledger, before: Ledger
) -> bool:
    """May this holder carry less, or more, than it was left? Whether a right ends where the account lies is not read
    here: what was not given back may then be lost or not, and either is looked at."""
    kept = rest.due + rest.held_back
    ends = any(convention.ends_on < date(before.exercise, 12, 31) for convention in promised)
    possible = {kept, rest.due} if ends else {kept}
    if carried is not None:
        return any(let_through(each, carried.convention, carried.amount) != carried.amount for each in possible)
    if possible == {0}:
        return False
    begun = [convention for convention in promised if convention.starts_on.year <= ledger.exercise]
    return any(
        convention.most_carried != 0 if convention.ends_on.year >= ledger.exercise else convention.successor_id
        for convention in begun
    )


def let_through(amount: int, convention: Convention, given: int = 0) -> int:
    """What a convention lets through, of what was due or in advance: `Convention.most_carried`.

    `given`: what the year carries of it already. Rows of years when up to one unit was carried whatever was agreed
    are not taken back by a later act.
    """
    if (limit := convention.most_carried) is None:
        return amount
    limit = max(limit, abs(given))
    return max(-limit, min(limit, amount))
