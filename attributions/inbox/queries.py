"""« À faire » of a person: how many rows of each kind, and those of a page, in the order of what lapses first.

The rows of every kind are one statement; what they say is read for those of the page alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.db.models import (
    BigIntegerField,
    Count,
    DateField,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from attributions.households.queries.candidates import drafts_in, with_drafts
from attributions.inbox.declared import KINDS
from attributions.inbox.entries import (
    BY_KIND,
    GROUPED,
    MINE,
    NOBODY,
    PUT_OFF,
    Board,
    Counted,
    Entry,
    Filters,
    UnitPlace,
)
from attributions.inbox.kinds import Kind, One, Rows, Words
from attributions.inbox.models import RowMark
from attributions.inbox.reader import Reader
from flux.models import Programme, Unit, Vacancy
from flux.queries.vacancies import VacancyRow, read_destinations, rows
from reservations.models import Membership, Territory
from reservations.models.together import Part, Steps, at_once, by_itself, stepwise
from reservations.queries.composed import Composed


class Inbox:
    """What awaits a reader. What takes more than a query is asked once, however many times it is counted or listed."""

    def __init__(self, reader: Reader, *, whose: str = "") -> None:
        """`whose`: those that are kept of all that is not put off, or those that are."""
        self.reader = reader
        self.follow = whose, bool(reader.marks)
        self.ones = {
            kind: _ones(kind, kind.ones(reader), reader, whose) for kind in KINDS if kind.ones and kind.whom(reader)
        }

    @classmethod
    def find(cls, reader: Reader, kind: Kind, key: int) -> Entry | None:
        """One row that awaits the reader, put off or not, without its words; None when there is none."""
        if not kind.whom(reader):
            return None
        if kind.found is None:
            ones = kind.ones(reader) if kind.ones else ()
            return next(
                (Entry(kind, one.key, one.due_on, one.due_at, one.since) for one in ones if one.key == key), None
            )
        row = _in_columns(kind, kind.found(reader), "", {}).filter(row_key=key).order_by("row_on").first()
        return Entry(kind, key, row[1], row[2], row[4]) if row else None

    def _part(self, statement: Composed, shape: Hashable = None, *, stop: int | None = None, **places: int) -> Part:
        reader = self.reader
        asked = reader.files, self.follow, shape
        return statement.part(reader.member, reader.now, asked, stop=stop, blocked=reader.blocked, **places)

    def counted(self) -> list[Counted]:
        """How many rows of each kind there are, in the order of the list. One query, beside those of some kinds."""
        return by_itself(self.counting())

    def counting(self) -> Steps[list[Counted]]:
        """The same, to be read with others."""
        (read,) = yield [self._part(_COUNTED)]
        return self._summed((UnitPlace(), *row) for row in read)

    def board(self, kept: Filters) -> Steps[Board]:
        """The same, and under the places of the filters, with the places that there are. Two steps."""
        (read,) = yield [self._part(_PLACED)]
        named = yield from _named({(programme, commune) for programme, commune, *_ in read})
        rows = [(named[programme, commune], *row) for programme, commune, *row in read]
        here = [row for row in rows if row[0].is_in(kept)]
        places = sorted({place for place, *_ in rows if place.programme is not None}, key=lambda each: each.order)
        return Board(self._summed(rows), self._summed(here, ones=not kept.places), places)

    def _summed(self, rows: Iterable[tuple[UnitPlace, int, int, date | None]], *, ones: bool = True) -> list[Counted]:
        """By kind. `ones`: with those that take more than a query, which are about no place."""
        numbers, days = Counter[int](), dict[int, list[date]]()
        for _, rank, number, first in rows:
            numbers[rank] += number
            days.setdefault(rank, []).extend([first] if first else [])
        for kind, found in self.ones.items() if ones else ():
            numbers[KINDS.index(kind)] = len(found)
            days[KINDS.index(kind)] = [one.due_on for one in found if one.due_on]
        return [
            Counted(KINDS[rank], numbers[rank], min(days[rank], default=None))
            for rank in sorted(numbers)
            if numbers[rank]
        ]

    def entries(self, kept: Filters, *, start: int, stop: int, without: Collection[Kind] = ()) -> list[Entry]:
        """The rows of a page, with what they say: one query for all of them, then those of the units, then one for all
        the kinds about no unit that the page has. `without`: the kinds that the page has elsewhere."""
        return self.described(by_itself(self.listing(kept, start=start, stop=stop, without=without)))

    def listing(self, kept: Filters, *, start: int, stop: int, without: Collection[Kind] = ()) -> Steps[list[Entry]]:
        """The same without what they say, to be read with others."""
        shape = kept.kind, kept.group, frozenset(without)
        (read,) = yield [self._part(_LISTED, shape, stop=stop, **kept.places)]
        found = [Entry(KINDS[rank], key, on, at, since, group) for group, on, at, rank, since, key in read]
        found += [
            Entry(kind, one.key, one.due_on, one.due_at, one.since, words=one.words)
            for kind, ones in ({} if kept.places else self.ones).items()
            if kept.kind in (None, kind)
            for one in ones
        ]
        if kept.group == BY_KIND:
            found.sort(key=lambda each: (KINDS.index(each.kind), each.order))
        elif kept.group:  # the database orders the groups; what is about no unit follows
            placed = [each for each in found if each.group is not None]
            found = placed + sorted((each for each in found if each.group is None), key=lambda each: each.order)
        else:
            found.sort(key=lambda each: each.order)
        return found[start:stop]

    def described(self, entries: Sequence[Entry]) -> list[Entry]:
        """With their units and their words."""
        member, today = self.reader.member, self.reader.today
        about = {each.key for each in entries if each.kind.of_unit}
        seen = with_drafts(Vacancy.objects.filter(pk__in=about).with_file_access(member), self.reader.organisation)
        marks = marks_of(entries, self.reader)
        described = {
            kind: kind.describe(self.reader, [each.key for each in entries if each.kind is kind])
            for kind in {each.kind for each in entries if each.words is None}
            if kind.describe
        }
        read, _, *said = at_once(read_destinations.steps(seen), member.organisation.hold(), *described.values())
        units = {row.vacancy.pk: row for row in rows(read, member=member, today=today)}
        words: dict[Kind, Mapping[int, Words]] = dict(zip(described, said, strict=True))
        return [
            Entry(
                each.kind,
                each.key,
                each.due_on,
                each.due_at,
                each.since,
                each.group,
                each.words or words.get(each.kind, {}).get(each.key),
                units.get(each.key) if each.kind.of_unit else None,
                drafts_in(units[each.key].vacancy) if _drafted(each, units) else 0,
                marks.get((each.kind.code, each.key)),
            )
            for each in entries
        ]


def marks_of(entries: Sequence[Entry], reader: Reader) -> dict[tuple[str, int], RowMark]:
    """What is noted of these rows, in their present round. One query for each kind whose keys come back, when any of
    its rows is followed."""
    noted: dict[Kind, dict[int, RowMark]] = {}
    for each in entries:
        if mark := reader.marks.get((each.kind.code, each.key)):
            noted.setdefault(each.kind, {})[each.key] = mark
    found: dict[tuple[str, int], RowMark] = {}
    for kind, marks in noted.items():
        begun = _begun(kind, marks, reader)
        found |= {(kind.code, key): mark for key, mark in marks.items() if mark.is_of(begun.get(key))}
    return found


def _begun(kind: Kind, keys: Collection[int], reader: Reader) -> dict[int, datetime | None]:
    """Since when these rows are there, by key, where their kind states it."""
    if kind.found is None:
        return {one.key: one.begun for one in kind.ones(reader)} if kind.ones else {}
    rows = kind.found(reader)
    if rows.begun is None:
        return {}
    there = rows.found.filter(**{f"{rows.key}__in": keys}).order_by()
    return dict(there.annotate(mark_begun=_column(rows.begun)).values_list(rows.key, "mark_begun"))


@stepwise
def put_off(reader: Reader) -> Steps[int]:
    """How many rows are put off on this day. One step, none but the marks, when none is."""
    if not any(each.put_off_until and each.put_off_until > reader.today for each in reader.marks.values()):
        return 0
    counted = yield from Inbox(reader, whose=PUT_OFF).counting()
    return sum(each.number for each in counted)


#: Whose rows are kept, and whether any row of the organisation is followed.
Follow = tuple[str, bool]
#: The files that whoever reads may give, whose rows, and what a statement is asked.
Shape = tuple[Sequence[str], Follow, Any]


def _asked(
    member: Membership, now: datetime, files: Sequence[str], follow: Follow, blocked: list[int]
) -> list[tuple[Kind, Rows]]:
    """The kinds that a query finds, for whoever reads, and the rows of each that the list has."""
    reader = Reader(member, now=now)
    reader.blocked, reader.files = blocked, files
    return [
        (kind, _kept(kind, kind.found(reader), reader, *follow)) for kind in KINDS if kind.found and kind.whom(reader)
    ]


def _kept(kind: Kind, found: Rows, reader: Reader, whose: str, is_followed: bool) -> Rows:
    """Those that are put off on this day are in their own list, and in no other; as `RowMark.hides`, never what lapses
    before the day on which it comes back; as `RowMark.is_of`, never by what was noted of another round."""
    if not (whose or is_followed):
        return found
    marks = RowMark.objects.filter(organisation=reader.organisation, kind=kind.code, key=OuterRef(found.key))
    latest = Coalesce(OuterRef("mark_on"), Value(date.max, DateField()))
    kept = found.found.alias(mark_on=_day(found.due_on))
    if found.begun is not None:
        kept = kept.alias(mark_begun=_column(found.begun))
        marks = marks.filter(at__gte=Coalesce(OuterRef("mark_begun"), F("at")))
    off = Exists(marks.filter(put_off_until__gt=reader.today, put_off_until__lte=latest))
    kept = kept.filter(off if whose == PUT_OFF else ~off)
    if whose == MINE:
        kept = kept.filter(Exists(marks.filter(taken_by=reader.member.user_id)))
    elif whose == NOBODY:
        kept = kept.exclude(Exists(marks.filter(taken_by__isnull=False)))
    return replace(found, found=kept)


def _ones(kind: Kind, found: Sequence[One], reader: Reader, whose: str) -> Sequence[One]:
    """The same, of what takes more than a query."""
    marks = {key: each for (code, key), each in reader.marks.items() if code == kind.code}

    def keeps(one: One) -> bool:
        mark = marks.get(one.key)
        mark = mark if mark and mark.is_of(one.begun) else None
        off = mark is not None and mark.hides(one.due_on, today=reader.today)
        taken = mark.taken_by_id if mark else None
        if whose == MINE:
            return not off and taken == reader.member.user_id
        return off if whose == PUT_OFF else not off and not (whose == NOBODY and taken is not None)

    return [one for one in found if keeps(one)]


def _counted(member: Membership, now: datetime, shape: Shape, *, blocked: list[int]) -> QuerySet[Any, Any]:
    files, follow, _ = shape
    return _union(
        [
            found.found.order_by()
            .values_list(Value(KINDS.index(kind), IntegerField()))
            .annotate(number=Count("pk"), first=Min(_day(found.due_on)))
            for kind, found in _asked(member, now, files, follow, blocked)
        ]
    )


def _placed(member: Membership, now: datetime, shape: Shape, *, blocked: list[int]) -> QuerySet[Any, Any]:
    files, follow, _ = shape
    return _union(
        [
            found.found.order_by()
            .values_list(*_place_of(found), Value(KINDS.index(kind), IntegerField()))
            .annotate(number=Count("pk"), first=Min(_day(found.due_on)))
            for kind, found in _asked(member, now, files, follow, blocked)
        ]
    )


def _listed(
    member: Membership, now: datetime, shape: Shape, *, blocked: list[int], **places: int
) -> QuerySet[Any, Any]:
    """One kind or all of them, by group, but the kinds that the page has elsewhere; in a commune, or a programme."""
    files, follow, (only, group, without) = shape
    parts = [
        _in_columns(kind, found, group, places)
        for kind, found in _asked(member, now, files, follow, blocked)
        if only in (None, kind) and kind not in without and (found.unit or not places)
    ]
    first = ("rank",) if group == BY_KIND else ("group",) if group else ()
    return _union(parts, *first, "due_on", "due_at", "rank", "since", "key")


#: Composed once a day for each role: what awaits a landlord is twenty queries in one.
_COUNTED, _PLACED, _LISTED = Composed(_counted), Composed(_placed), Composed(_listed)


def _drafted(each: Entry, units: Mapping[int, VacancyRow]) -> bool:
    """Does an act of this row send candidates?"""
    return each.kind.of_unit and each.key in units and any(act.drafts for act in each.kind.acts)


def _place_of(found: Rows) -> list[Cast]:
    """The programme and the commune of its rows: nothing of those about no unit. They are read for the rows that are
    found, and join nothing: a join would be where PostgreSQL begins, and reads all the units that are stored."""
    if not found.unit:
        return [Cast(Value(None), BigIntegerField()), Cast(Value(None), BigIntegerField())]
    vacancy = found.unit.removesuffix("unit__")
    programme = Unit.objects.filter(pk=OuterRef(f"{vacancy}unit")).order_by().values("programme")
    return [Cast(Subquery(programme), BigIntegerField()), Cast(F(f"{vacancy}commune"), BigIntegerField())]


def _named(found: Collection[tuple[int | None, int | None]]) -> Steps[dict[tuple[int | None, int | None], UnitPlace]]:
    """These programmes and communes (ids), with their names. One step, when there is one."""
    programmes = {programme for programme, _ in found if programme}
    communes = {commune for _, commune in found if commune}
    if not programmes:
        return {each: UnitPlace() for each in found}
    read: Any = yield [
        Programme.objects.filter(pk__in=programmes).order_by().values_list("pk", "name"),
        Territory.objects.filter(pk__in=communes).order_by().values_list("pk", "name"),
    ]
    names, there = dict(read[0]), dict(read[1])
    return {
        (programme, commune): UnitPlace(programme, names[programme], commune, there[commune])
        if programme and commune
        else UnitPlace()
        for programme, commune in found
    }


def _in_columns(kind: Kind, found: Rows, grouped: str, places: Mapping[str, int]) -> QuerySet[Any, Any]:
    """Its rows in the columns of the list."""
    by = GROUPED.get(grouped)
    group: Combinable = Cast(F(f"{found.unit}{by}") if by and found.unit else Value(None), TextField())
    listed: QuerySet[Any, Any] = (
        found.found.filter(**{f"{found.unit}{name}": pk for name, pk in places.items()})
        .order_by()
        .annotate(
            row_group=group,
            row_on=_day(found.due_on),
            row_at=Cast(_column(found.due_at), DateTimeField()),
            row_rank=Value(KINDS.index(kind), IntegerField()),
            row_since=_day(found.since),
            row_key=Cast(F(found.key), BigIntegerField()),
        )
        .values_list("row_group", "row_on", "row_at", "row_rank", "row_since", "row_key")
    )
    return listed


def _day(column: Any) -> Cast:
    return Cast(_column(column), DateField())


def _column(column: Any) -> Any:
    return F(column) if isinstance(column, str) else Value(None) if column is None else column


def _union(parts: Sequence[QuerySet[Any, Any]], *order: str) -> QuerySet[Any, Any]:
    """All the rows of all the parts."""
    if not parts:
        return Vacancy.objects.none().values_list("pk")
    names = {"group": "row_group", "due_on": "row_on", "due_at": "row_at", "rank": "row_rank"}
    names |= {"since": "row_since", "key": "row_key"}
    whole = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    ordered: QuerySet[Any, Any] = whole.order_by(*(names[name] for name in order))
    return ordered
