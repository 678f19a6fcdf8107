"""Files made wrong on purpose, given at the pages of the product: each fault is named, nothing is written."""

from __future__ import annotations

import sys
from collections import Counter
from html import unescape
from typing import TYPE_CHECKING

from benchmarks.golive_doors import Fault, faults_at
from benchmarks.golive_files import Wrong

if TYPE_CHECKING:
    from django.test import Client

    from reservations.models import FileImport

#: Kinds of fault that every door is tried with, at least.
SORTS = 31


def everything() -> Counter[str]:
    """How many rows each table of the product has, but those that keep the files themselves, and that they are read."""
    from django.apps import apps

    from reservations.models import FileImport, FilePart, ImportedLine, MailFact

    ours = ("reservations", "flux", "attributions")
    models = [model for model in apps.get_models() if model._meta.app_label in ours]
    kept = (FileImport, FilePart, ImportedLine, MailFact)
    return Counter({model._meta.label: model._default_manager.count() for model in models if model not in kept})


def try_file(manager: Client, wrong: Wrong) -> bool:
    """Are the lines that are wrong named, and no other?"""
    order, result = _given(manager, wrong.kind, wrong.content)
    if not wrong.lines:
        return order is None and bool(result)
    rows = tuple(sorted(_refused(order))) if order else ()
    return rows == wrong.lines or _miss(wrong.kind, wrong.what, f"lignes {rows} au lieu de {wrong.lines}")


def try_doors(manager: Client) -> tuple[set[str], int, int]:
    """Every kind of fault at every door of a landlord: those kinds, how many files, and how many whose fault is
    named."""
    from reservations.imports.kinds import kinds_for
    from reservations.models import Membership

    member = Membership.objects.filter(user=manager.session["_auth_user_id"]).order_by("pk").first()
    kinds, tried, named = set[str](), 0, 0
    for kind in kinds_for(member):
        for fault in faults_at(kind):
            kinds.add(fault.what)
            tried += 1
            named += _is_named(manager, kind.code, fault)
    return kinds, tried, named


def _is_named(manager: Client, kind: str, fault: Fault) -> bool:
    order, result = _given(manager, kind, fault.content)
    if not fault.line:
        return fault.says in result or _miss(kind, fault.what, result[:200])
    columns = _refused(order).get(fault.line, []) if order else []
    return fault.column in columns or _miss(kind, fault.what, f"{columns} au lieu de {fault.column}")


def _given(manager: Client, kind: str, content: bytes) -> tuple[FileImport | None, str]:
    """The import, once a worker has checked it (None: refused at once), and what its page says."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from reservations.imports.door import run
    from reservations.models import FileImport

    file = SimpleUploadedFile(f"{kind}.csv", content)
    answer = manager.post(reverse("file-import-new", args=[kind]), {"file": file}, follow=True)
    if answer.status_code == 422:
        return None, unescape(answer.content.decode())
    order = run(FileImport.objects.latest("pk"))
    return order, unescape(manager.get(reverse("file-import", args=[order.pk]), follow=True).content.decode())


def _refused(order: FileImport) -> dict[int, list[str]]:
    """By line, the columns that are wrong."""
    from reservations.models import ImportedLine

    lines = ImportedLine.objects.filter(file_import=order, verdict="REFUSED")
    return {line.line: [column for column, *_ in line.remarks] for line in lines.order_by("line")}


def _miss(kind: str, what: str, text: str) -> bool:
    sys.stderr.write(f"{kind}, {what} : {text}\n")
    return False
