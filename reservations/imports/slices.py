"""What a file does to rows that acts need: tried, then undone, or written, by slices so short that nobody waits.

A preview tries what its lines would do by the acts themselves, and undoes it. Each slice is undone after `LONGEST`
seconds at most, which gives back every lock that it took (docs/decisions/0102-written-by-short-batches.md).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import batched
from time import monotonic

from django.db import OperationalError, connection, transaction

from reservations.imports.kinds import FileKind, FileLine, Scope, Verdict
from reservations.refusals import Refusal
from reservations.retries import HELD

#: Seconds that a slice may hold what acts need.
LONGEST = 0.2
#: What tells the time to slices.
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
    """Try each line by its act, after those of its group; what the act refuses is told on the line. `column_of`: where,
    by the field that is refused."""
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
    told = [(place, part) for place, part in enumerate(unsettled) if part is not None]
    if not told:
        return []
    place, part = told[0]
    near = [key for each in (part if isinstance(part, frozenset) else [part]) for key in by_part.get((place, each), [])]
    return [
        key
        for key in near
        if key != unsettled
        and all(key[at] == each or (isinstance(each, frozenset) and key[at] in each) for at, each in told)
    ]


def _refuse_others(lines: Sequence[FileLine], wrong: Sequence[FileLine], kind: FileKind) -> None:
    for line in lines if wrong else ():
        if not line.is_refused and line.verdict != Verdict.SAME and line not in wrong:
            line.refuse(
                kind.columns[0].name,
                f"une autre ligne de {kind.grouped} est refusée (ligne {wrong[0].number}) : corrigez-la, elles entrent "
                "ensemble.",
            )
