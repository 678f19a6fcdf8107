"""What a person confirmed is written: by batches so short that acts hardly wait, each of whole groups
(docs/decisions/0102-written-by-short-batches.md).

What bears on writing is asked again when it is written: the day, the role of who confirmed, and, when something moved
since the check, each line that is left to write. A line that would no longer do what was read is refused, and reported;
nobody confirms twice. A worker that is killed loses a batch: what is written leaves the lines that are left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone

from reservations.imports.kept import forget
from reservations.imports.kinds import Earlier, FileKind, FileLine, Scope, Verdict, kind_of
from reservations.imports.slices import FIRST, LONGEST, by_groups, clock, judge, mark_of, scope_of, spread, still
from reservations.imports.staging import BATCH, laid_down
from reservations.models import FileImport, HistoryEntry, ImportedLine, Membership, wall
from reservations.operations.history import record
from reservations.refusals import Refusal

TO_WRITE = (Verdict.NEW, Verdict.CHANGED)
State = FileImport.State
MOVED = (
    "ce qui était enregistré a changé depuis la vérification : relisez, puis donnez cette ligne de nouveau si vous la "
    "voulez toujours."
)
NO_ROLE = (
    "La personne qui l’a confirmé n’a plus ici le rôle qu’il faut pour importer ce fichier : qu’une autre le relise et "
    "le confirme."
)

type Group = list[FileLine]


def write(order: FileImport) -> None:
    """Write what is left of a confirmed file. Raises Refusal: nothing more is, and a person is awaited."""
    kind, scope = kind_of(order.kind), scope_of(order)
    _check_role(order, kind)
    if _has_moved(order, kind, scope):
        _check_again(order, kind, scope)
    left, size = _Left(order, kind, scope), FIRST
    while groups := left.take(size):
        begun = clock()
        if not _write(groups, order, kind, scope):
            return
        spent = max(clock() - begun, 0.001)
        size = max(1, min(BATCH, 4 * size, int(size * LONGEST / spent)))
    _finish(order, kind, scope)


class _Left:
    """The groups of lines that are left to write, in the order of the file."""

    def __init__(self, order: FileImport, kind: FileKind, scope: Scope) -> None:
        self.order, self.kind, self.last = order, kind, 0
        self.groups: Iterator[Group] | None = None
        if kind.whole:
            lines = [line for batch in laid_down(order, kind, TO_WRITE) for line in batch]
            self.groups = iter([lines] if lines else [])
        elif kind.grouped or kind.written_together:
            self.groups = by_groups(_every(order, kind), kind, scope, 0)

    def take(self, size: int) -> list[Group]:
        """About so many lines, by their groups; a group at least, as long as one is left."""
        if self.groups is None:
            lines = next(laid_down(self.order, self.kind, TO_WRITE, after=self.last, most=size), [])
            self.last = lines[-1].number if lines else self.last
            return [[line] for line in lines]
        taken: list[Group] = []
        for group in self.groups:
            taken.append(group)
            if sum(map(len, taken)) >= size:
                break
        return taken


def _every(order: FileImport, kind: FileKind) -> Iterable[FileLine]:
    for batch in laid_down(order, kind, TO_WRITE):
        yield from batch


def _write(groups: Sequence[Group], order: FileImport, kind: FileKind, scope: Scope) -> bool:
    """One batch, in one transaction; False when this import is no longer to be written here, or the day has changed.
    What an act refuses is shown on the lines of its group, and the others are written."""
    lines = [line for group in groups for line in group]
    try:
        with wall.opened():
            if timezone.localdate() != scope.today or not still(order):
                return False
            _check_role(order, kind)
            kind.lock(scope)
            kind.write(lines, scope)
            ImportedLine.objects.filter(file_import=order.pk, line__in=[line.number for line in lines]).delete()
            order.written, order.attempts = order.written + len(lines), 0
            order.save(update_fields=["written", "attempts"])
    except _RoleLost:
        raise
    except Refusal as refused:
        if kind.whole:
            raise
        scope.kept.clear()  # what it looked up may have been undone with the batch
        if len(groups) > 1:
            return all(_write([group], order, kind, scope) for group in groups)
        for line in lines:
            line.refuse(kind.columns[0].name, str(refused))
        _refuse(order, lines)
    return True


class _RoleLost(Refusal):
    """Who confirmed may not any more."""


def _check_role(order: FileImport, kind: FileKind) -> None:
    """Raises _RoleLost. A command of the server confirms for nobody."""
    if order.confirmed_by is None:
        return
    held = Membership.objects.filter(organisation=order.organisation, user=order.confirmed_by, user__is_active=True)
    if not any(kind.may(each) for each in held.select_related("organisation", "user").order_by("pk")):
        raise _RoleLost(NO_ROLE)


def _has_moved(order: FileImport, kind: FileKind, scope: Scope) -> bool:
    """Since the lines left were checked, is it another day, or did a row that they were compared with move? Once a
    batch is written they did, by this file: the day alone is looked at."""
    if order.written:
        return not order.mark.startswith(f"{scope.today:%Y%m%d}")
    return order.mark != mark_of(kind, scope)


def _check_again(order: FileImport, kind: FileKind, scope: Scope) -> None:
    """Check what is left to write, by short slices: a line does what was read, or is there already, or is refused."""
    mark = mark_of(kind, scope)
    for batch in by_groups(_every(order, kind), kind, scope, BATCH):
        held = ImportedLine.objects.filter(file_import=order.pk, line__in=_numbers(batch))
        before = {line: read for line, *read in held.values_list("line", "verdict", "target", "changes", "named")}
        with wall.opened():
            judge(kind, batch, scope, Earlier(order.pk, batch[0].number), {}, again=True)
            if not still(order):
                return
            for line in batch:
                if line.verdict in TO_WRITE and not _is_within(line, *before[line.number]):
                    line.refuse(kind.columns[0].name, MOVED)
            spread(batch, kind, scope)
            already = [line for line in batch if line.verdict == Verdict.SAME and not line.is_refused]
            _count(order, already, same=len(already))
            ImportedLine.objects.filter(file_import=order.pk, line__in=[line.number for line in already]).delete()
            _refuse(order, [line for line in batch if line.is_refused])
    order.mark = mark
    order.save(update_fields=["mark"])


def _is_within(line: FileLine, verdict: str, target: int | None, changes: dict[str, object], named: object) -> bool:
    """Would it do what was read, of those who were read, or less of it: some of its changes are made already?"""
    now = json.loads(json.dumps(line.changes))
    return (line.verdict, line.target, line.named) == (verdict, target, named) and all(
        changes.get(name) == change for name, change in now.items()
    )


def _refuse(order: FileImport, lines: Sequence[FileLine]) -> None:
    """Keep why these lines are not written after all."""
    if not lines:
        return
    with wall.opened():
        _count(order, lines, refused=len(lines))
        rows = {row.line: row for row in ImportedLine.objects.filter(file_import=order.pk, line__in=_numbers(lines))}
        for line in lines:
            row = rows[line.number]
            row.verdict, row.target, row.changes, row.remarks = Verdict.REFUSED, None, {}, line.remarks
        ImportedLine.objects.bulk_update(rows.values(), ["verdict", "target", "changes", "remarks"], batch_size=1_000)


def _numbers(lines: Iterable[FileLine]) -> list[int]:
    return [line.number for line in lines]


def _count(order: FileImport, lines: Sequence[FileLine], *, same: int = 0, refused: int = 0) -> None:
    """Lines that were to be written are the same, or refused."""
    if not lines:
        return
    stored = dict(
        ImportedLine.objects.filter(file_import=order.pk, line__in=_numbers(lines)).values_list("line", "verdict")
    )
    was = list(stored.values())
    order.new -= was.count(Verdict.NEW)
    order.changed -= was.count(Verdict.CHANGED)
    order.same += same
    order.refused += refused
    order.moved = True
    order.save(update_fields=["new", "changed", "same", "refused", "moved"])


@wall.atomic_act
def _finish(order: FileImport, kind: FileKind, scope: Scope) -> None:
    """Everything is written: the file says so, and only the lines refused stay."""
    if not still(order):
        return
    scope.kept["written"] = order.written
    if order.written:
        kind.finish(scope)
    counts = {name: [None, getattr(order, name)] for name in ("new", "changed", "same", "refused")}
    record(order, HistoryEntry.Act.IMPORTED, by=scope.by, why=order.name, details=counts)
    lines = ImportedLine.objects.filter(file_import=order.pk)
    if kind.names_households:
        forget(order)
        _name_nobody(order, kind)
    lines.exclude(verdict=Verdict.REFUSED).delete()
    FileImport.objects.filter(pk=order.pk).update(state=State.DONE, done_at=timezone.now())


def _name_nobody(order: FileImport, kind: FileKind) -> None:
    """Of the lines refused, keep where and why: neither their cells, nor what a sentence repeats of a household."""
    refused = ImportedLine.objects.filter(file_import=order.pk, verdict=Verdict.REFUSED).order_by("line")
    places = [order.mapping[name] for name in kind.naming if name in order.mapping]
    rows = list(refused)
    for row in rows:
        cells = [cell for place in places if place < len(row.cells) and (cell := row.cells[place].strip())]
        row.remarks = [
            [column, "", _without(cells, sentence), stops] for column, _, sentence, stops in row.remarks if stops
        ]
        row.cells, row.key, row.target, row.changes, row.named = [], "", None, {}, {}
    ImportedLine.objects.bulk_update(rows, ["remarks", "cells", "key", "target", "changes", "named"], batch_size=1_000)


def _without(cells: Iterable[str], sentence: str) -> str:
    """The same sentence, what was read in these cells left out."""
    for cell in sorted(cells, key=len, reverse=True):
        sentence = re.sub(rf"(?<!\w){re.escape(cell)}(?!\w)", "…", sentence, flags=re.IGNORECASE)
    return sentence
