"""The files of slices that come in.

* Whom and what the files of an organisation call by a name of their own, as one of its people recorded it, once.
* The verdict of the lines of a file, against a state of the database that has a fingerprint.
* Files that were given and never confirmed: emptied at their term, so that what nobody wanted is not kept for ever.
* What a file does to rows that acts need: tried, then undone, or written, by slices so short that nobody waits.
* A preview tries what its lines would do by the acts themselves, and undoes it. Each slice is undone after `LONGEST`
  seconds at most, which gives back every lock that it took (docs/decisions/0102-written-by-short-batches.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import batched
from time import monotonic
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from reservations.imports.kinds import Earlier, FileKind, FileLine, Scope, Verdict, every_kind
from reservations.models import (
    FileImport,
    FilePart,
    HistoryEntry,
    ImportedLine,
    LegalParameter,
    Nickname,
    Organisation,
    ReservationHolder,
    Territory,
)
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.refusals import Refusal
from reservations.retries import HELD
from reservations.words import plural


def nicknames_of(organisation: Organisation) -> QuerySet[Nickname]:
    """Those recorded in an organisation."""
    return Nickname.objects.filter(organisation=organisation)


def nicknamed_holder(line: FileLine, column: str, scope: Scope) -> ReservationHolder | None:
    """Whom a cell calls so; None when nobody recorded it, or when the line gives another contingent. What is read so is
    shown in the preview."""
    return nicknamed(str(line.values[column]), line, scope, contingent=line.values.get("contingent"))


def nicknamed(name: str, line: FileLine, scope: Scope, *, contingent: int | None = None) -> ReservationHolder | None:
    """The same of one name, where a cell has several."""
    holder = _nicknames(scope)[0].get(search_key(name))
    if holder is None or contingent not in (None, holder.contingent):
        return None
    if (topic := f"« {name} » retenu : {holder}") not in line.topics:
        line.topics.append(topic)
    return holder


def nicknamed_place(line: FileLine, column: str, kinds: Collection[str], scope: Scope) -> Territory | None:
    """The place of these kinds that a cell calls so; None when nobody recorded it. Shown in the preview, as above."""
    place = _nicknames(scope)[1].get(search_key(str(line.values[column])))
    if place is None or place.kind not in kinds:
        return None
    line.topics.append(f"« {line.values[column]} » retenu : {place.name}")
    return place


type _Told = tuple[dict[str, ReservationHolder], dict[str, Territory]]


def _nicknames(scope: Scope) -> _Told:
    """By key, read once a file."""
    if "nicknames" not in scope.kept:
        rows = nicknames_of(scope.organisation).select_related("holder__organisation", "place").order_by("key")
        scope.kept["nicknames"] = (
            {each.key: each.holder for each in rows if each.holder},
            {each.key: each.place for each in rows if each.place},
        )
    found: _Told = scope.kept["nicknames"]
    return found


#: Seconds that a slice may hold what acts need.
LONGEST = 0.2
#: What states the time to slices.
clock = monotonic
#: How often a slice that met somebody's lock is tried again.
MOST_TRIES = 30
#: The lines of the first slice that is written; then as many as `LONGEST` allows.
FIRST = 8


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is undone: a trial by the acts themselves."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def is_busy(error: BaseException) -> bool:
    """Did somebody hold what a statement needed?"""
    return getattr(error.__cause__, "sqlstate", None) in HELD


def tried[Item, Begun, Done](
    items: Iterable[Item], attempt: Callable[[Item, Begun], Done], begin: Callable[[], Begun]
) -> Iterator[tuple[Item, Done | Refusal]]:
    """Each item by its act, then undone: what the act gave, or its refusal. An item sees what those before it did in
    the same slice; what every slice needs, `begin` gives. Nothing is held while the caller looks at what comes out."""
    waiting, tries = list(items), 0
    while waiting:
        held: list[tuple[Item, Done | Refusal]] = []
        try:
            with undone():
                _wait_for_nobody()
                end = clock() + LONGEST
                begun = begin()
                for item in waiting:
                    held.append((item, _attempted(attempt, item, begun)))
                    if clock() >= end:
                        break
        except OperationalError as error:
            tries += 1
            if tries > MOST_TRIES or not is_busy(error):
                raise
            continue
        tries = 0
        waiting = waiting[len(held) :]
        yield from held


def tried_alone[Done](attempt: Callable[[], Done]) -> Done | Refusal:
    """One act, then undone: what it gave, or its refusal."""
    [(_, outcome)] = tried([None], lambda *_: attempt(), lambda: None)
    return outcome


def try_lines(
    groups: Iterable[Sequence[FileLine]], act: Callable[[FileLine], object], column_of: Callable[[str], str]
) -> None:
    """Try each line by its act, after those of its group; what the act refuses is shown on the line. `column_of`:
    where, by the field that is refused."""
    try_with(groups, lambda line, _: act(line), lambda: None, column_of)


def try_with[Begun](
    groups: Iterable[Sequence[FileLine]],
    act: Callable[[FileLine, Begun], object],
    begin: Callable[[], Begun],
    column_of: Callable[[str], str],
) -> None:
    """The same, with what each slice needs (`begin`)."""

    def attempt(group: Sequence[FileLine], begun: Begun) -> list[Refusal | None]:
        refused = []
        for line in group:
            outcome = _attempted(act, line, begun)
            refused.append(outcome if isinstance(outcome, Refusal) else None)
        return refused

    for group, outcomes in tried(groups, attempt, begin):
        assert not isinstance(outcomes, Refusal)  # each line has its own
        for line, refused in zip(group, outcomes, strict=True):
            if refused is not None:
                line.refuse(column_of(refused.field or ""), str(refused))


def _attempted[Item, Begun, Done](attempt: Callable[[Item, Begun], Done], item: Item, begun: Begun) -> Done | Refusal:
    try:
        with transaction.atomic():
            return attempt(item, begun)
    except Refusal as refused:
        return refused


def _wait_for_nobody() -> None:
    """A slice that waits for an act gives back what it holds, and is tried again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{int(LONGEST * 1000) or 1}ms"])


def by_groups(lines: Iterable[FileLine], kind: FileKind, scope: Scope, size: int) -> Iterator[list[FileLine]]:
    """Batches of so many lines, which end between groups. Lines of a kind that has groups are held until the last is
    read: those of one group may be anywhere in the file. A group of which a line is refused is absent."""
    if not kind.has_groups:
        yield from map(list, batched(lines, size))
        return
    groups: dict[Hashable, list[FileLine]] = {}
    for line in lines:
        groups.setdefault(kind.group(line, scope), []).append(line)
    if kind.grouped:
        _spread_unsettled(groups, kind)
    batch: list[FileLine] = []
    for group in groups.values():
        if batch and len(batch) + len(group) > size:
            yield batch
            batch = []
        batch += group
    if batch:
        yield batch


def spread(lines: Iterable[FileLine], kind: FileKind, scope: Scope) -> None:
    """Refuse what would be written of a group of which a line is refused."""
    if not kind.grouped:
        return
    groups: dict[Hashable, list[FileLine]] = {}
    for line in lines:
        groups.setdefault(kind.group(line, scope), []).append(line)
    for group in groups.values():
        _refuse_others(group, [line for line in group if line.is_refused], kind)


def _spread_unsettled(groups: dict[Hashable, list[FileLine]], kind: FileKind) -> None:
    """A line that is refused before one knows which group is its own stops every group that may be."""
    by_part: dict[tuple[int, Hashable], list[tuple[Hashable, ...]]] = {}
    for key in groups:
        if isinstance(key, tuple):
            for place, part in enumerate(key):
                by_part.setdefault((place, part), []).append(key)
    for key, held in list(groups.items()):
        wrong = [line for line in held if line.is_refused]
        if wrong:
            _refuse_others(held, wrong, kind)
        if isinstance(key, tuple) and any(part is None or isinstance(part, frozenset) for part in key):
            for other in _may_be(key, by_part):
                _refuse_others(groups[other], held, kind)


def _may_be(
    unsettled: tuple[Hashable, ...], by_part: dict[tuple[int, Hashable], list[tuple[Hashable, ...]]]
) -> list[tuple[Hashable, ...]]:
    """The groups that a line may be of: a part that nobody can read may be any, a name that several bear any of them;
    nothing is known of a line that says nothing."""
    fixed = [(place, part) for place, part in enumerate(unsettled) if part is not None]
    if not fixed:
        return []
    place, part = fixed[0]
    near = [key for each in (part if isinstance(part, frozenset) else [part]) for key in by_part.get((place, each), [])]
    return [
        key
        for key in near
        if key != unsettled
        and all(key[at] == each or (isinstance(each, frozenset) and key[at] in each) for at, each in fixed)
    ]


def _refuse_others(lines: Sequence[FileLine], wrong: Sequence[FileLine], kind: FileKind) -> None:
    for line in lines if wrong else ():
        if not line.is_refused and line.verdict != Verdict.SAME and line not in wrong:
            line.refuse(
                kind.columns[0].name,
                f"une autre ligne de {kind.grouped} est refusée (ligne {wrong[0].number}) : corrigez-la, elles entrent "
                "ensemble.",
            )


def scope_of(order: FileImport) -> Scope:
    """For whom it is read."""
    by = order.confirmed_by or order.given_by
    return Scope(order.organisation, by, timezone.localdate(), f"fichier « {order.name} »")


def judge(
    kind: FileKind, lines: list[FileLine], scope: Scope, earlier: Earlier, seen: dict[str, int], *, again: bool = False
) -> None:
    """Give its verdict to each line of a batch. `seen`: the keys of earlier lines, and their numbers; it grows.
    `again`: they were checked already, and confirmed."""
    for line in lines:
        first = seen.setdefault(line.key, line.number) if line.key and not line.is_refused else line.number
        if first != line.number:
            line.refuse(kind.columns[0].name, f"déjà donné à la ligne {first} : n’en gardez qu’une.")
    compare = kind.compare_again if again else kind.compare
    compare([line for line in lines if not line.is_refused], scope, earlier)
    spread(lines, kind, scope)
    for line in lines:
        if line.is_refused:
            line.verdict, line.target, line.changes = Verdict.REFUSED, None, {}


def held_row(order: FileImport) -> FileImport:
    """The row, locked against another act of a person."""
    found = in_order(FileImport.objects.all())
    return found.get(pk=order.pk)


def still(order: FileImport) -> bool:
    """Inside a transaction: did no person give it up or state its columns meanwhile? Its row is locked then."""
    now = held_row(order)
    return (now.state, now.cursor) == (order.state, order.cursor)


def mark_of(kind: FileKind, scope: Scope) -> str:
    """The fingerprint of the day, and of all the rows that a kind compares with: it moves when one of them does."""
    rows = [*kind.state(scope), *([nicknames_of(scope.organisation)] if kind.nicknames else [])]
    return f"{scope.today:%Y%m%d}{hashlib.sha256(''.join(map(_sum, rows)).encode()).hexdigest()}"[:64]


def _sum(rows: QuerySet[Any, Any]) -> str:
    statement, parameters = rows.order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "  # noqa: S608 - by the ORM
            f"({statement}) t",
            parameters,
        )
        return str(cursor.fetchone())


State = FileImport.State
#: What waits for a person, or was refused whole: no worker is at it, nothing of it is written.
UNCONFIRMED = (State.CHOSEN, State.CHECKED, State.REFUSED)
#: How long a file that names households waits for a person, whatever the term of the others.
HOUSEHOLDS_KEPT = timedelta(days=1)


def purge_unconfirmed(*, now: datetime | None = None) -> int:
    """Empty the files of which the term in force today is over, and those that name households after a day: how many.
    The row stays, with who gave what and when, its counts and its SHA-256; its history says that its term erased it.
    Without a term, none is; safe to run twice.
    """
    now = now or timezone.now()
    today = timezone.localdate(now)
    try:
        days = int(LegalParameter.objects.value_on(LegalParameter.Code.UNCONFIRMED_FILE_DAYS, today))
    except LegalParameter.DoesNotExist:
        return 0
    naming = [kind.code for kind in every_kind() if kind.names_households]
    over = Q(given_at__date__lt=today - timedelta(days)) | Q(kind__in=naming, given_at__lte=now - HOUSEHOLDS_KEPT)
    held = FileImport.objects.filter(over, state__in=UNCONFIRMED)
    due = (
        held.filter(Exists(FilePart.objects.filter(file_import=OuterRef("pk"))))
        .order_by("pk")
        .values_list("pk", "kind")
    )
    return sum(_empty(pk, days=1 if kind in naming else days) for pk, kind in list(due))


@atomic_act
def _empty(pk: int, *, days: int) -> bool:
    """One file a transaction; False when a person confirmed it, or gave it up, meanwhile."""
    order = in_order(FileImport.objects.all()).get(pk=pk)
    if order.state not in UNCONFIRMED:
        return False
    why = f"Effacé : jamais confirmé en {days} {plural(days, 'jour,jours')}. Donnez-le de nouveau pour l’importer."
    ImportedLine.objects.filter(file_import=pk).delete()
    FilePart.objects.filter(file_import=pk).delete()
    kept = order.state == State.REFUSED  # why it was refused stays to be read
    FileImport.objects.filter(pk=pk).update(
        state=order.state if kept else State.DROPPED, failure=order.failure if kept else why
    )
    record(
        order,
        HistoryEntry.Act.DISCARDED,
        by=None,
        why=why,
        details={"content": [f"{order.size} {plural(order.size, 'octet,octets')}", None]},
    )
    return True
