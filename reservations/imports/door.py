"""The one door for files (docs/imports.md, docs/decisions): given, checked by chunks, confirmed, written.

Reading is done by chunks, each one transaction with the number of its last line: a worker that is killed loses a chunk.
Writing is apart (reservations/imports/writing.py).
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from reservations.imports import staging
from reservations.imports.kept import FileRefused, forget, holds, is_workbook, keep, measure, opened, reopened
from reservations.imports.kinds import Earlier, FileKind, FileLine, Verdict, kind_of
from reservations.imports.slices import by_groups, held_row, judge, mark_of, scope_of, still
from reservations.imports.staging import BATCH, counted, lay_down, recognise, refuse_twice, seen_before, texts
from reservations.imports.table import Unreadable, read_rows
from reservations.imports.writing import write
from reservations.models import ColumnMapping, FileImport, ImportedLine, Organisation, User, wall
from reservations.models.file_import import LARGEST
from reservations.refusals import Refusal
from reservations.wakeups import wake
from reservations.words import plural

logger = logging.getLogger(__name__)

State = FileImport.State
#: What a workbook of two hundred thousand lines unpacks to.
UNPACKED = 600 * 1024 * 1024
MOST_ATTEMPTS = 3
#: Workers that a file may take down with them, without a chunk read, before it is left alone.
MOST_CRASHES = 10
#: Advisory locks of the door: this number, then the import.
LOCK = 0x46494C45
FAILED = (
    "Une erreur de notre côté a arrêté cet import. {} Donnez le fichier de nouveau ; si elle revient, "
    "écrivez à l’administrateur : « import n° {} »."
)
NO_TABLE = "Le fichier ne se lit pas comme un tableau."


def receive_file(
    *, organisation: Organisation, kind: FileKind, name: str, content: bytes | BinaryIO, by: User | None = None
) -> FileImport:
    """Keep a file, recognise its columns, and have it checked when none that it needs is missing. `content`: its bytes,
    or a file of them, read a piece at a time and left open.

    Raises FileRefused: it is no table, or too heavy.
    """
    file = opened(content)
    measured = measure(file)
    if measured.size > LARGEST:
        raise FileRefused("Le fichier dépasse 150 Mo : coupez-le en plusieurs fichiers.")
    remembered = ColumnMapping.objects.filter(organisation=organisation, kind=kind.code).first()
    found = recognise(file, kind, remembered.names if remembered else {})
    ready = not found.missing(kind)
    with wall.opened():
        order = FileImport.objects.create(
            organisation=organisation,
            kind=kind.code,
            name=name[:200],
            size=measured.size,
            sha256=measured.sha256,
            header=found.header,
            first_line=found.first_line,
            mapping=found.places,
            state=State.CHECKING if ready else State.CHOSEN,
            total=None if is_workbook(file) else measured.ends + 1,
            given_by=by,
        )
        keep(order, file)
        if ready:
            wake("reservations.advance_import", order.pk)
    return order


@wall.atomic_act
def tell_columns(*, order: FileImport, places: dict[str, int], remember: bool = True) -> None:
    """Say by hand where the columns are, for this file and for those to come; it is checked (again).

    Raises Refusal: a needed column is missing, one place is given to two columns, the file is being written or is.
    """
    kind = kind_of(order.kind)
    held = held_row(order)
    if held.state not in (State.CHOSEN, State.CHECKED):
        raise Refusal("Ce fichier n’attend plus qu’on dise ses colonnes : relisez la page.")
    if missing := [column.name for column in kind.columns if column.required and column.name not in places]:
        raise Refusal(f"Dites où est la colonne « {missing[0]} » : elle est obligatoire.", field=missing[0])
    for name, place in places.items():
        if next(other for other, at in places.items() if at == place) != name:
            raise Refusal(
                f"La colonne « {held.header[place]} » ne peut pas servir deux fois : choisissez-en une autre.",
                field=name,
            )
    if remember:
        ColumnMapping.objects.update_or_create(
            organisation=held.organisation,
            kind=kind.code,
            defaults={"names": {name: held.header[place] for name, place in places.items()}},
        )
    FileImport.objects.filter(pk=held.pk).update(mapping=places)
    _again(held.pk)


@wall.atomic_act
def confirm(*, order: FileImport, digest: str, by: User | None) -> None:
    """Have what was checked written, and nothing else. Raises Refusal: it is no longer what the person read."""
    held = held_row(order)
    if held.state != State.CHECKED or digest != digest_of(held):
        raise Refusal("Rien n’est importé : ce n’est plus ce que vous aviez lu. Relisez la page, puis confirmez.")
    if kind_of(held.kind).whole and held.refused:
        raise Refusal("Une ligne refusée arrête tout ce fichier : corrigez-la, puis donnez le fichier de nouveau.")
    if not held.touched:
        raise Refusal("Tout est déjà à jour : il n’y a rien à importer.")
    FileImport.objects.filter(pk=held.pk).update(
        state=State.WRITING, confirmed_by=by, confirmed_at=timezone.now(), failure="", attempts=0
    )
    wake("reservations.advance_import", held.pk)


@wall.atomic_act
def check_again(*, order: FileImport) -> None:
    """Have a file that waits for a person checked again: what it names was recorded since. Nothing for any other."""
    if held_row(order).state == State.CHECKED:
        _again(order.pk)


@wall.atomic_act
def drop(*, order: FileImport) -> None:
    """Give up a file that is not written: its lines go, its row says so. Raises Refusal: it is written, or being so."""
    held = held_row(order)
    if held.state in (State.WRITING, State.DONE):
        raise Refusal("Ce fichier est déjà confirmé : il ne s’abandonne plus.")
    ImportedLine.objects.filter(file_import=held.pk).delete()
    forget(held)
    FileImport.objects.filter(pk=held.pk).update(state=State.DROPPED)


def digest_of(order: FileImport) -> str:
    """What a person confirms: these bytes, read under these columns, against this state, with these counts."""
    counts = (order.new, order.changed, order.same, order.refused, sorted(order.totals.items()))
    rows = (order.sha256, sorted(order.mapping.items()), order.mark, counts)
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]


def advance(*, import_id: int) -> str:
    """Go on with an import from where it is: safe to run twice, at once or after a crash. Return its state."""
    order = FileImport.objects.filter(pk=import_id).select_related("organisation", "confirmed_by").first()
    if order is None or not order.at_work:
        return order.state if order else ""
    with _alone(order) as alone:
        if alone:
            _go_on(order)
    return FileImport.objects.values_list("state", flat=True).get(pk=order.pk)


def _go_on(order: FileImport) -> None:
    order.attempts += 1
    FileImport.objects.filter(pk=order.pk).update(attempts=order.attempts)
    try:
        if order.attempts > MOST_CRASHES:
            _stop(order, State.REFUSED, _failed(order))
        elif order.state == State.CHECKING:
            _check(order)
        else:
            write(order)
    except FileRefused as refused:
        _stop(order, State.REFUSED, str(refused))
    except Refusal as refused:
        _stop(order, State.CHECKED, f"{_so_far(order)} {refused}")
    except (OperationalError, InterfaceError):
        raise  # the database is away: the task is tried again
    except Exception:
        logger.exception("Import %s stopped", order.pk)
        if order.attempts >= MOST_ATTEMPTS:
            _stop(order, State.REFUSED, _failed(order))


def _so_far(order: FileImport) -> str:
    """What a file that stops has written."""
    written = FileImport.objects.values_list("written", flat=True).get(pk=order.pk)
    if not written:
        return "Rien n’est écrit."
    return f"{written} {plural(written, 'ligne est écrite,lignes sont écrites')} ; le reste ne l’est pas."


def _failed(order: FileImport) -> str:
    return FAILED.format(_so_far(order), order.pk)


def run(order: FileImport) -> FileImport:
    """Go on until a person is awaited or all is stated: for commands, which have no worker. Return it as it is then."""
    while advance(import_id=order.pk) in (State.CHECKING, State.WRITING):
        pass
    return FileImport.objects.get(pk=order.pk)


def at_work() -> list[int]:
    """The imports that a worker has to go on with."""
    held = FileImport.objects.filter(state__in=[State.CHECKING, State.WRITING]).order_by("pk")
    return list(held.values_list("pk", flat=True)[:20])


def lines_of(
    content: bytes | BinaryIO, kind: FileKind, *, after: int, places: dict[str, int], width: int
) -> Iterator[FileLine]:
    """The lines of a file after that number, read under these columns."""
    file = opened(content)
    known, read, has_odd_cells = set(places.values()), kind.reader(places), is_workbook(file) or holds(file, b"\0")
    for number, cells in texts(read_rows(file, banner=True, breaks=kind.breaks, unpacked=UNPACKED)):
        if number <= after:
            continue
        line = FileLine(number, [_clean(cell) for cell in cells] if has_odd_cells else cast("list[str]", cells))
        read(line)
        for place, cell in enumerate(cells) if has_odd_cells else ():
            if isinstance(cell, Unreadable) and place in known:
                name = next(name for name, at in places.items() if at == place)
                line.remarks = [each for each in line.remarks if each[0] != name]
                line.refuse(name, cell.why, value="")
        if any(line.cells[width:]):
            line.refuse(
                kind.columns[0].name,
                f"la ligne a {len(cells)} cellules au lieu de {width} : vérifiez les séparateurs.",
                value="",
            )
        if kind.only_known:
            line.cells = [cell if place in known else "" for place, cell in enumerate(line.cells)]
        yield line


def _clean(cell: str | Unreadable) -> str:
    return "" if isinstance(cell, Unreadable) else cell.replace("\0", "")


@contextmanager
def _alone(order: FileImport) -> Iterator[bool]:
    """Is nobody else at this import? A worker that dies leaves its place with its connection."""
    lock = [LOCK, order.pk % 2**31]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", lock)
        alone = cursor.fetchone()[0]
        try:
            yield alone
        finally:
            if alone and connection.is_usable():
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", lock)


def _check(order: FileImport) -> None:
    with reopened(order) as file:
        _check_in(file, order)


def _check_in(content: BinaryIO, order: FileImport) -> None:
    """Read, compare and lay down what is left of a file, by chunks."""
    kind, scope = kind_of(order.kind), scope_of(order)
    if not order.mark:
        order.mark = mark_of(kind, scope)
    laid = set(ImportedLine.objects.filter(file_import=order).values_list("line", flat=True)) if kind.has_groups else ()
    topics = Counter(order.topics)
    after = order.first_line if kind.has_groups else max(order.first_line, order.cursor)
    lines = lines_of(content, kind, after=after, places=order.mapping, width=len(order.header))
    for chunk in by_groups(lines, kind, scope, BATCH):
        batch = [line for line in chunk if line.number not in laid]
        if not batch:
            continue
        with wall.opened():
            seen = seen_before(order, [line.key for line in batch])
            judge(kind, batch, scope, Earlier(order.pk, batch[0].number), seen)
            if not still(order):  # its row is not held while lines are tried
                return
            lay_down(order, batch)
            verdicts = Counter(line.verdict for line in batch)
            topics.update(topic for line in batch if not line.is_refused for topic in line.topics)
            staging.add(order.totals, kind, batch)
            order.new += verdicts[Verdict.NEW]
            order.changed += verdicts[Verdict.CHANGED]
            order.same += verdicts[Verdict.SAME]
            order.refused += verdicts[Verdict.REFUSED]
            order.warned += sum(bool(line.remarks) and not line.is_refused for line in batch)
            order.topics = dict(topics)
            order.cursor = max(order.cursor, *(line.number for line in batch))
            order.attempts = 0
            saved = ("new", "changed", "same", "refused", "warned", "topics", "totals", "cursor", "mark", "attempts")
            order.save(update_fields=saved)
    with wall.opened():
        if not still(order):
            return
        for column in kind.once:
            refuse_twice(order, column)
        topics.update(kind.conclude(scope, Earlier(order.pk, order.cursor + 1)))
        counts = {topic: count for topic, count in topics.items() if count}
        FileImport.objects.filter(pk=order.pk).update(
            state=State.CHECKED, mark=order.mark, topics=counts, attempts=0, **counted(order)
        )


def _again(pk: int) -> None:
    """Check from the first line."""
    ImportedLine.objects.filter(file_import=pk).delete()
    FileImport.objects.filter(pk=pk).update(
        state=State.CHECKING,
        moved=False,
        **dict.fromkeys(("cursor", "new", "changed", "same", "refused", "warned", "attempts", "written"), 0),
        topics={},
        totals={},
        mark="",
        failure="",
    )
    wake("reservations.advance_import", pk)


@wall.atomic_act
def _stop(order: FileImport, state: str, failure: str) -> None:
    FileImport.objects.filter(pk=order.pk).update(state=state, failure=failure[:500])
    if state == State.REFUSED:
        ImportedLine.objects.filter(file_import=order.pk).delete()
