"""What is read of accounts.

* What an act could leave wrong in the flow, or a hand in the database: found by the night, mended by an act.
* Each control gives what differs, one difference an object: the figures, and under its own name the object's id, by
  which its page is found. Nothing is written.
* The controls of the accounts: what each ledger holds, beside what its entries and the facts say. Nothing is written.
* `docs/engine.md`, section 9, says what each control means. A difference is reported, and never put right here.
* Entries that no act founds: a unit given back, or let, in the account alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter as Tally
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Max, Q, Sum

from flux.engine.counters import Counter, Profile
from flux.models import AuditAlert, AwaitedDecision, FlowEntry, Ledger, LedgerLine, Return, Routing, Unit, Vacancy
from flux.queries.controls.folds import drift
from flux.queries.controls.ledgers import CHUNK, Counted, Rebuilt, count, rebuild
from reservations.models import HistoryEntry
from reservations.models.convention import UNIT

Stage = FlowEntry.Stage

#: (ledger, holder or None, stage, how many the acts say, how many the entries)
Unfounded = tuple[int, int | None, str, int, int]


def unfounded(ledgers: Collection[int]) -> Iterator[Unfounded]:
    """Where the entries of these ledgers (ids) count other returns than were made, or other leases than were recorded.
    Four statements, whatever they hold."""
    yield from _returned(ledgers)
    yield from _leased(ledgers)


def _returned(ledgers: Collection[int]) -> Iterator[Unfounded]:
    entries = FlowEntry.objects.filter(ledger__in=ledgers, stage=Stage.RETURNED).order_by()
    sums = entries.values_list("ledger", "holder").annotate(Sum("quantity"))
    counted = {(ledger, holder): n for ledger, holder, n in sums}
    made = Return.objects.filter(routing__vacancy__ledger__in=ledgers, routing__vacancy__cancelled_at=None).order_by()
    given = made.values_list("routing__vacancy__ledger", "routing__holder").annotate(Count("pk"))
    acts = {(ledger, holder): n for ledger, holder, n in given}
    for ledger, holder in sorted({*counted, *acts}):
        result, found = acts.get((ledger, holder), 0), counted.get((ledger, holder), 0)
        if result != found:
            yield ledger, holder, Stage.RETURNED.value, result, found


def _leased(ledgers: Collection[int]) -> Iterator[Unfounded]:
    """What is done here is in the story of its unit. A unit routed before the account was kept here may have been let
    then: one lease of it is reported by its file."""
    entries = FlowEntry.objects.filter(ledger__in=ledgers, ledger=F("vacancy__ledger"), stage=Stage.LEASED).order_by()
    units = entries.values_list("vacancy").annotate(Sum("quantity"), Max("holder"))
    counted = {vacancy: (number, holder) for vacancy, number, holder in units}
    own = Vacancy.objects.filter(ledger__in=ledgers).order_by()
    story = HistoryEntry.objects.filter(subject=Vacancy._meta.label_lower, details__has_key=Stage.LEASED.value)
    acts: Tally[int] = Tally()
    for vacancy, details in story.filter(subject_id__in=own.values("pk")).values_list("subject_id", "details"):
        acts[vacancy] += details[Stage.LEASED.value][1]
    doubtful = {each for each in {*counted, *acts} if counted.get(each, (0, None))[0] != acts[each]}
    found: dict[tuple[int, int | None], list[int]] = {}
    for vacancy, ledger, source in own.filter(pk__in=doubtful).values_list("pk", "ledger", "source"):
        number, holder = counted.get(vacancy, (0, None))
        if source == Vacancy.Source.PAST and number == acts[vacancy] + 1:
            continue
        sums = found.setdefault((ledger, holder), [0, 0])
        sums[0] += acts[vacancy]
        sums[1] += number
    for (ledger, holder), (text, number) in sorted(found.items(), key=lambda item: (item[0][0], item[0][1] or 0)):
        yield ledger, holder, Stage.LEASED.value, text, number


Check = AuditAlert.Check

#: What a control compares: a figure, or figures by name; None where there is nothing at all.
Value = int | str | list[Any] | dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Difference:
    """What a control expected of one ledger (id), and found; of one holder or of one recommendation, by id, or of all.

    Dues are in millionths of a unit, the others in whole units. Without a ledger: rows that were altered, of one
    landlord (id) or of none that is known.
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


logger = logging.getLogger(__name__)


def about_vacancy(
    check: Check, vacancy: Vacancy, expected: dict[str, Any], found: dict[str, Any], *, holder: int | None = None
) -> Difference:
    """What differs of one unit that fell vacant: of its account or, when it has none, of its landlord."""
    ledger = vacancy.ledger_id
    return Difference(
        ledger,
        check,
        expected,
        found | {"vacancy": vacancy.pk},
        holder=holder,
        landlord=None if ledger else vacancy.landlord_id,
    )


def adrift_rows(check: Check, rows: dict[str, list[Any]]) -> Iterator[Difference]:
    """Of each table, that it does not hold what it sums. A table is reported again when twice as many rows differ."""
    for table, those in rows.items():
        if those:
            logger.error("Fold %s: %s rows differ from what they sum, first %s", table, len(those), those[0])
            yield Difference(None, check, {"rows": 0}, {"rows": 1 << len(those).bit_length() - 1, "table": table})


def counts_adrift() -> Iterable[Difference]:
    """The folds of the accounts beside what they sum."""
    return adrift_rows(Check.COUNTS, drift())


def gone_but_vacant(today: date) -> Iterator[Difference]:
    """Units declared vacant, and not let, that left the stock otherwise than to another landlord: nobody can be
    housed there. One query."""
    sold = Vacancy.objects.filter(is_let=False, unit__left_on__lte=today).exclude(unit__left_why=Unit.Left.TRANSFERRED)
    gone = sold.exclude(kind__in=[Vacancy.Kind.TECHNICAL, Vacancy.Kind.OUTSIDE])
    for vacancy in gone.order_by("pk").iterator():
        yield about_vacancy(Check.GONE, vacancy, {"vacant": 0}, {"vacant": 1})


def closed_but_awaited() -> Iterator[Difference]:
    """Units that are not let, and that a closed organisation is to propose for: routed to it, or about to be. Two
    queries."""
    closed = Q(holder__organisation__closed_on__isnull=False) | Q(acting__closed_on__isnull=False)
    routed = Routing.objects.filter(closed, closed_at=None, vacancy__is_let=False, vacancy__cancelled_at=None)
    for routing in routed.select_related("vacancy").order_by("pk").iterator():
        yield about_vacancy(Check.CLOSED, routing.vacancy, {"routed": 0}, {"routed": 1}, holder=routing.holder_id)
    awaited = AwaitedDecision.objects.filter(holder__organisation__closed_on__isnull=False)
    for each in awaited.select_related("vacancy").order_by("pk").iterator():
        yield about_vacancy(Check.CLOSED, each.vacancy, {"recommended": 0}, {"recommended": 1}, holder=each.holder_id)
