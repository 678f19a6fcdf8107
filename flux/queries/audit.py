"""The controls of the accounts: what each ledger holds, beside what its entries and the facts say. Nothing is written.

`docs/engine.md`, section 9, says what each control means. A difference is told, and never put right here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flux.engine.counters import Counter, Profile
from flux.models import AuditAlert, Ledger, LedgerLine, Vacancy
from flux.queries.rebuilt import CHUNK, Counted, Rebuilt, count, rebuild
from flux.queries.unfounded import unfounded
from reservations.models.convention import UNIT

Check = AuditAlert.Check

#: What a control compares: a figure, or figures by name; None where there is nothing at all.
Value = int | str | list[Any] | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a control expected of one ledger (id), and found; of one holder or of one recommendation, by id, or of all.

    Dues are in millionths of a unit, the others in whole units. Without a ledger: rows that were altered, of one
    landlord (id) or of none that can be told.
    """

    ledger: int | None
    check: Check
    expected: Value
    found: Value
    holder: int | None = None
    recommendation: int | None = None
    landlord: int | None = None

    @property
    def fingerprint(self) -> str:
        """The same while the difference stands, whatever is added on both sides since."""
        about = [self.check.value, self.holder, self.recommendation, _gap(self.expected, self.found)]
        about += [self.landlord] if self.landlord else []
        return hashlib.sha256(json.dumps(about, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        return {
            "ledger": self.ledger,
            "check": self.check.value,
            "holder": self.holder,
            "recommendation": self.recommendation,
            "expected": self.expected,
            "found": self.found,
        }


def _gap(expected: Value, found: Value) -> Value:
    """Found less expected, figure by figure; what is not a figure as it is."""
    if isinstance(expected, int) and isinstance(found, int):
        return found - expected
    if isinstance(expected, dict) and isinstance(found, dict):
        names = sorted({*expected, *found})
        return {name: _gap(expected.get(name, 0), found.get(name, 0)) for name in names}
    return [expected, found]


@dataclass(frozen=True, slots=True)
class Audited:
    """How many ledgers were read, and what differs, ledger by ledger."""

    ledgers: int
    differences: tuple[Difference, ...]


def audit(ledgers: Collection[int]) -> Audited:
    """Control these ledgers (ids). Twenty queries, whatever they hold; entries are streamed, lines kept by ledger.

    Who writes meanwhile may make two readings disagree: whoever reports a difference reads it again with the ledger
    held (`flux.operations.audit.confirmed`).
    """
    counted = count(ledgers)
    rebuilt = rebuild(ledgers)
    ahead = next(rebuilt, None)
    lines = _lines(ledgers)
    found: list[Difference] = []
    known = Ledger.objects.filter(pk__in=ledgers).order_by("pk").values_list("pk", "sequence")
    for ledger, sequence in known:
        folded = Rebuilt({}, {})
        if ahead is not None and ahead[0] == ledger:
            folded, ahead = ahead[1], next(rebuilt, None)
        found += _control(ledger, sequence, lines.get(ledger, {}), folded, counted[ledger])
    for ledger, holder, stage, acts, entries in unfounded(ledgers):
        found.append(Difference(ledger, Check.UNFOUND, {stage: acts}, {stage: entries}, holder=holder))
    return Audited(len(known), tuple(found))


def _lines(ledgers: Collection[int]) -> dict[int, dict[int, Counter]]:
    """The stored figures, by ledger and holder (ids)."""
    found: dict[int, dict[int, Counter]] = {}
    stored = LedgerLine.objects.filter(ledger__in=ledgers).order_by("ledger", "holder")
    for line in stored.iterator(chunk_size=CHUNK):
        figures = Counter("", 0, line.due, line.received, line.last_served, line.profile)
        found.setdefault(line.ledger_id, {})[line.holder_id] = figures
    return found


def _control(
    ledger: int, sequence: int, lines: Mapping[int, Counter], folded: Rebuilt, counted: Counted
) -> Iterator[Difference]:
    """Every control of one ledger."""
    for holder in sorted({*lines, *folded.counters}):
        stored, fold = lines.get(holder), folded.counters.get(holder, Counter("", 0))
        expected, found = _figures(fold), _figures(stored) if stored else None
        if expected != found:
            yield Difference(ledger, Check.LINE, *_where_they_differ(expected, found), holder=holder)
    yield from lacks(ledger, lines)
    books = {"lines": lines, "entries": folded.counters}
    due = {name: sum(each.due for each in book.values()) for name, book in books.items()}
    received = {name: sum(each.received for each in book.values()) for name, book in books.items()}
    delay = {name: due[name] - UNIT * received[name] for name in books}
    for check, wanted, had in (
        (Check.DUE, UNIT * counted.events, due),
        (Check.DELAYS, UNIT * counted.works, delay),
    ):
        if set(had.values()) != {wanted}:
            yield Difference(ledger, check, dict.fromkeys(had, wanted), had)
    for holder in sorted({*lines, *folded.counters, *counted.received}):
        got = {name: book[holder].received if holder in book else 0 for name, book in books.items()}
        if set(got.values()) != {counted.received[holder]}:
            yield Difference(ledger, Check.RECEIVED, dict.fromkeys(got, counted.received[holder]), got, holder=holder)
    for stage, total in folded.passed_on.items():
        if total:
            yield Difference(ledger, Check.SUMS, {stage: 0}, {stage: total})
    if sequence != counted.ranks or counted.last_rank > sequence:
        expected_ranks = {"sequence": counted.ranks, "last": min(counted.last_rank, counted.ranks)}
        yield Difference(ledger, Check.SEQUENCE, expected_ranks, {"sequence": sequence, "last": counted.last_rank})
    yield from _before(ledger, counted)
    for rank, recommendation in counted.swapped:
        yield Difference(ledger, Check.ORDER, "registered", {"rank": rank}, recommendation=recommendation)


def _before(ledger: int, counted: Counted) -> Iterator[Difference]:
    """What is carried over from before the account was kept here is what its holder accepted; and what was routed
    before, and that alone, says so."""
    for recommendation, source in counted.misnamed:
        expected = Vacancy.Source.HERE if source == Vacancy.Source.PAST else Vacancy.Source.PAST
        found = {"source": source}
        yield Difference(ledger, Check.RECORDED, {"source": expected.value}, found, recommendation=recommendation)
    for holder, (accepted, carried) in sorted(counted.openings.items()):
        if accepted != carried:
            yield Difference(ledger, Check.OPENING, {"opening": accepted}, {"opening": carried}, holder=holder)


def lacks(ledger: int, lines: Mapping[int, Counter]) -> Iterator[Difference]:
    """Over each dimension the lacks of a holder sum to its delay (routing specification, section 3)."""
    for holder, line in lines.items():
        delay = line.due - UNIT * line.received
        sums = {dimension: sum(line.lacks(dimension, UNIT).values()) for dimension in sorted(line.profile)}
        if wrong := {dimension: total for dimension, total in sums.items() if total != delay}:
            yield Difference(ledger, Check.LACKS, dict.fromkeys(wrong, delay), wrong, holder=holder)


def _figures(line: Counter) -> dict[str, Any]:
    """What two lines are compared on; a category of nothing is no category."""
    return {
        "due": line.due,
        "received": line.received,
        "last_served": line.last_served,
        "profile": _profile(line.profile),
    }


def _profile(profile: Profile) -> dict[str, dict[str, list[int]]]:
    return {
        dimension: kept
        for dimension, categories in sorted(profile.items())
        if (kept := {name: list(pair) for name, pair in sorted(categories.items()) if any(pair)})
    }


def _where_they_differ(expected: dict[str, Any], found: dict[str, Any] | None) -> tuple[Value, Value]:
    """The figures that differ, alone: categories by « dimension, category: due » and « …: received »."""
    if found is None:
        return {name: expected[name] for name in ("due", "received")}, None
    one, other = _flat(expected), _flat(found)
    names = [name for name in sorted({*one, *other}) if one.get(name, 0) != other.get(name, 0)]
    return {name: one.get(name, 0) for name in names}, {name: other.get(name, 0) for name in names}


def _flat(figures: dict[str, Any]) -> dict[str, int]:
    flat = {name: figures[name] for name in ("due", "received", "last_served")}
    for dimension, categories in figures["profile"].items():
        for category, (due, received) in categories.items():
            flat[f"{dimension}/{category}/due"] = due
            flat[f"{dimension}/{category}/received"] = received
    return flat
