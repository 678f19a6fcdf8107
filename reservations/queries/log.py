"""The verifiable log, read: its tree by its tiles, its entries, its checkpoints; and whether it holds."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from reservations.models import Imprint, Leaf, LeafSalt, LogCheckpoint, LogCosignature, LogNode, Organisation
from reservations.models.once_a_request import once_in_steps
from reservations.models.together import Steps, together, whole
from reservations.queries.imprints import heads, not_held, read_head
from reservations.verifiable.notes import Note, read_note
from reservations.verifiable.tree import WIDTH, ProofFault, Tree, leaf_hash, node_hash, root_of

#: « journal-345-0f3a… », as papers carry it.
NAME = re.compile(r"\s*journal-(\d{1,18})-([0-9a-f]{16,64})\s*", re.ASCII | re.IGNORECASE)
#: Leaves held in memory at a time.
CHUNK = 5000


def size() -> int:
    """How many leaves the log has."""
    last = Leaf.objects.aggregate(last=Max("index"))["last"]
    return 0 if last is None else int(last) + 1


def tree(leaves: int | None = None) -> Tree:
    """The tree of the log, or what it was with so many leaves. Each tile that is needed is one statement."""
    return Tree(size() if leaves is None else leaves, tile)


def tile(level: int, number: int, width: int = WIDTH) -> list[bytes]:
    """The hashes of a tile, as many as there are. One statement."""
    start = number * WIDTH
    rows = Leaf.objects.all() if level == 0 else LogNode.objects.filter(level=level)
    within = rows.filter(index__gte=start, index__lt=start + width).order_by("index")
    return [bytes(each) for each in within.values_list("hash", flat=True)]


def entries(start: int, end: int) -> list[bytes]:
    """The entries of these leaves, in order. One statement."""
    within = Leaf.objects.filter(index__gte=start, index__lt=end).select_related("imprint").order_by("index")
    return [each.entry for each in within]


def last_checkpoint(at_most: int | None = None) -> LogCheckpoint | None:
    """What was signed last; of logs that are no larger than this."""
    signed = LogCheckpoint.objects.order_by("-size")
    return signed.first() if at_most is None else signed.filter(size__lte=at_most).first()


#: Organisations that make « témoigné » true: one alone may be mistaken, or be the one that signs.
WITNESSES = 2


def is_signed(state: LogCosignature) -> bool:
    """Is what a witness signed a state that this installation signed, and holds?"""
    return LogCheckpoint.objects.filter(size=state.size, root=state.root).exists()


def witnesses_of(signed: LogCheckpoint) -> list[Organisation]:
    """Who cosigned it, in the order in which they sent it. One statement."""
    return [each.organisation for each in _cosignatures(signed).select_related("organisation")]


def published(signed: LogCheckpoint) -> str:
    """Its note with the cosignatures of its witnesses under it (C2SP, tlog-cosignature). One statement."""
    note = read_note(signed.note)
    theirs = [read_note(each.note) for each in _cosignatures(signed)]
    lines = (each for cosigned in theirs for each in cosigned.signatures if each not in note.signatures)
    return str(Note(note.text, (*note.signatures, *lines)))


def _cosignatures(signed: LogCheckpoint) -> QuerySet[LogCosignature]:
    return LogCosignature.objects.filter(size=signed.size, root=signed.root).order_by("pk")


def read_checkpoint_name(text: str) -> tuple[int, str] | None:
    """(size, first signs of the root) of « journal-345-0f3a… », as papers carry it; None when it is none."""
    found = NAME.fullmatch(text)
    return (int(found[1]), found[2].lower()) if found else None


def holds_checkpoint(size_then: int, root: str) -> bool:
    """Does the log begin with the tree that a paper names by its size and the first signs of its root?"""
    try:
        return 0 < size_then <= size() and tree().root(size_then).hex().startswith(root)
    except ProofFault:
        return False


@once_in_steps
def printed_heads(chains: Collection[int]) -> Steps[str]:
    """What a paper carries: where these chains stand, and that of the house, then the last checkpoint of the log. One
    statement."""
    signed, read = yield from together(
        whole(LogCheckpoint.objects.order_by("-size")[:1]), heads.steps([*chains, Imprint.HOUSE])
    )
    return ", ".join(str(each) for each in (*read, *signed))


def forgotten(written: Iterable[str]) -> list[str]:
    """Of all heads and checkpoints that papers carry, « 12-345-0f3a…, journal-8812-9c1d… », those that are not held any
    more. The chains are read once for all of them."""
    names = {each.strip() for text in written for each in text.split(",") if each.strip()}
    signed = {each: found for each in names if (found := read_checkpoint_name(each))}
    linked = {each: head for each in names if (head := read_head(each))}
    lost = set(not_held(linked.values()))
    kept = {each for each, head in linked.items() if head not in lost}
    kept |= {each for each, found in signed.items() if holds_checkpoint(*found)}
    return sorted(names - kept)


class LogFault(StrEnum):
    """How the log differs from what it is made of."""

    MISSING = "MISSING"
    LEAF = "LEAF"
    SALT = "SALT"
    NODE = "NODE"
    CHECKPOINT = "CHECKPOINT"
    COSIGNED = "COSIGNED"


@dataclass(frozen=True, slots=True, order=True)
class LogDifference:
    """A leaf, a node or a checkpoint that is not what it was: at this place, or of this size."""

    fault: LogFault
    at: int


def differences() -> list[LogDifference]:
    """Everything by which the log differs from its imprints, its salts, and what was signed of it: computed here, not
    by the database that is controlled. Streamed; a log without fault gives nothing. What is written meanwhile is for
    the next time: nodes that came after the first leaves were read would be taken for forged."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(5897, -1)")
        return [*_leaves_at_fault(), *_salts_at_fault()]


def _leaves_at_fault() -> Iterator[LogDifference]:
    """Leaves against their imprints, nodes, checkpoints and cosignatures against leaves: the root is computed again as
    they come."""
    signed = _signed()
    nodes = {(level, at): bytes(digest) for level, at, digest in LogNode.objects.values_list("level", "index", "hash")}
    peaks: list[tuple[int, bytes]] = []
    tile_of: list[list[bytes]] = [[]]
    count = 0
    for leaf in Leaf.objects.select_related("imprint").order_by("index").iterator(CHUNK):
        if leaf.index != count:
            yield LogDifference(LogFault.MISSING, count)
            count = leaf.index
        computed = leaf_hash(leaf.entry)
        if computed != bytes(leaf.hash):
            yield LogDifference(LogFault.LEAF, leaf.index)
        count += 1
        _grow(peaks, computed)
        yield from _nodes_at_fault(tile_of, computed, count, nodes)
        if count in signed:
            root = _root(peaks)
            yield from (LogDifference(fault, count) for fault, each in sorted(signed.pop(count)) if each != root)
    yield from (LogDifference(fault, at) for at, each in sorted(signed.items()) for fault, _ in sorted(each))
    yield from (LogDifference(LogFault.NODE, at) for _, at in sorted(nodes))


def _signed() -> dict[int, set[tuple[LogFault, bytes]]]:
    """{size: what was signed of the log when it had so many leaves, by us and by witnesses}."""
    found: dict[int, set[tuple[LogFault, bytes]]] = defaultdict(set)
    for model, fault in ((LogCheckpoint, LogFault.CHECKPOINT), (LogCosignature, LogFault.COSIGNED)):
        states = model._base_manager.order_by("size").values_list("size", "root")
        for size_then, root in states.iterator(CHUNK):
            found[size_then].add((fault, bytes(root)))
    return found


def _nodes_at_fault(
    levels: list[list[bytes]], computed: bytes, count: int, nodes: dict[tuple[int, int], bytes]
) -> Iterator[LogDifference]:
    """Each node that is full now, against what is stored; those that were looked at leave `nodes`."""
    level, span = 0, 1
    levels[0].append(computed)
    while len(levels[level]) == WIDTH:
        above = root_of(levels[level])
        levels[level] = []
        level, span = level + 1, span * WIDTH
        if level == len(levels):
            levels.append([])
        levels[level].append(above)
        if nodes.pop((level, count // span - 1), b"") != above:
            yield LogDifference(LogFault.NODE, count // span - 1)


def _grow(peaks: list[tuple[int, bytes]], leaf: bytes) -> None:
    """Add a leaf to the full subtrees that a tree is made of, largest first: {leaves: root}."""
    wide, held = 1, leaf
    while peaks and peaks[-1][0] == wide:
        _, before = peaks.pop()
        wide, held = wide * 2, node_hash(before, held)
    peaks.append((wide, held))


def _root(peaks: Sequence[tuple[int, bytes]]) -> bytes:
    *before, (_, held) = peaks
    for _, left in reversed(before):
        held = node_hash(left, held)
    return held


#: A salt whose leaf does not commit to the digest of its imprint, or that opens no leaf.
UNSALTED = """
SELECT s.leaf FROM reservations_leafsalt s
LEFT JOIN reservations_leaf l ON l.index = s.leaf
LEFT JOIN reservations_imprint i ON i.id = l.imprint_id AND i.table_name = s.table_name AND i.row_id = s.row_id
WHERE l.commitment IS DISTINCT FROM sha256(s.salt || i.digest) OR i.id IS NULL
ORDER BY s.leaf
"""


def _salts_at_fault() -> Iterator[LogDifference]:
    with connection.cursor() as cursor:
        cursor.execute(UNSALTED)
        yield from (LogDifference(LogFault.SALT, leaf) for (leaf,) in cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Opened:
    """A kept row as it was when it was written, and what opens its leaf."""

    leaf: Leaf
    content: str
    salt: bytes

    @property
    def holds(self) -> bool:
        """Does the content give the commitment?"""
        digest = hashlib.sha256(self.content.encode()).digest()
        return hashlib.sha256(self.salt + digest).digest() == bytes(self.leaf.commitment or b"")


def opened(table: str, rows: Collection[int]) -> list[Opened]:
    """These rows as they are, each with its last leaf and what opens it, in the order of the log. A row that is no leaf
    yet, or that is not as it was last written, is left out. Three statements."""
    found = []
    salts = {each.leaf: each for each in LeafSalt.objects.filter(table_name=table, row_id__in=rows)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_id, content FROM reservations_contents(%s, %s)", [table, list(rows)])
        contents = dict(cursor.fetchall())
    for leaf in Leaf.objects.filter(pk__in=salts).select_related("imprint").order_by("index"):
        each = Opened(leaf, contents.get(leaf.imprint.row_id, ""), bytes(salts[leaf.pk].salt))
        if each.holds:
            found.append(each)
    return found
