"""« The same with files made wrong on purpose, 31 kinds of fault that every door was tried with: each fault named by
line »: the files of the rehearsal, at every door that a landlord has."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.golive_doors import WRONG, Fault, faults_at
from reservations.imports.door import lines_of
from reservations.imports.kinds import FileKind, every_kind
from reservations.imports.staging import recognise
from reservations.imports.table import FileRefused

pytestmark = pytest.mark.django_db


def remark_of(kind: FileKind, fault: Fault) -> str:
    """What the door says of the whole file; "" when it reads its lines, of which the wrong one alone is refused."""
    try:
        found = recognise(fault.content, kind, {})
        if missing := found.missing(kind):
            return f"Il manque : {missing}"
        width = len(found.header)
        lines = list(lines_of(fault.content, kind, after=found.first_line, places=found.places, width=width))
    except FileRefused as refused:
        return str(refused)
    wrong = {line.number: [column for column, *_ in line.remarks] for line in lines if line.is_refused}
    assert list(wrong) == [fault.line], (kind.code, fault.what, wrong)
    assert fault.column in wrong[fault.line], (kind.code, fault.what, wrong)
    return ""


def test_every_door_names_each_of_the_kinds_of_fault() -> None:
    """By its line and its column, or in a sentence when nothing of the file can be read."""
    tried = Counter[str]()
    for kind in every_kind():
        for fault in faults_at(kind):
            result = remark_of(kind, fault)
            assert fault.says in result, (kind.code, fault.what, result)
            assert bool(result) == bool(fault.says), (kind.code, fault.what)
            assert fault.line in (0, WRONG)
            tried[fault.what] += 1
    assert len(tried) >= 31, sorted(tried)
    assert min(tried.values()) >= 1
    assert tried["une cellule de trop"] == len(list(every_kind()))
