"""How wide the second wall is: rows of each walled table behind it, beside those that pages show, for each person.

`./run bench wall --width` counts them on the demonstration; the suite, on its own worlds. What pages show is what their
querysets give (`visible_to`), and the cases that a seat opens.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db import models

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.queries.files import balances_elsewhere
from attributions.households.models import (
    AccessRecord,
    AgendaCase,
    Application,
    ApplicationAlias,
    PastCandidacy,
    Proposal,
)
from attributions.households.queries.candidates import minutes_elsewhere
from attributions.households.queries.committees import items_read
from attributions.households.queries.sessions import sessions_of
from reservations.models import (
    Archive,
    ArchivePart,
    Convention,
    FileImport,
    FilePart,
    ImportedLine,
    KeptElsewhere,
    Membership,
    SignedDocument,
    wall,
)
from reservations.permissions import can_take_everything

HEADING = """| table | shown by pages / behind the wall, by person who reads most |
| --- | --- |
"""
#: Rows that a wall may show for each hundred that pages do.
MOST = 105


@dataclass(frozen=True, slots=True)
class Width:
    """Rows of one table for one person: that its pages show, behind the wall, and shown but not behind it."""

    table: type[models.Model]
    member: Membership
    shown: int
    behind: int
    hidden: int

    @property
    def is_fair(self) -> bool:
        """Never narrower than the pages, and hardly wider."""
        return not self.hidden and 100 * self.behind <= MOST * self.shown


def _requests(member: Membership) -> set[int]:
    """Of what it registers or instructs, of its candidatures, and of the cases that its seats open."""
    found = set(Application.objects.visible_to(member).values_list("pk", flat=True))
    found |= set(Proposal.objects.visible_to(member).order_by().values_list("application", flat=True))
    found |= set(PastCandidacy.objects.visible_to(member).order_by().values_list("application", flat=True))
    items = {item for session in sessions_of(member) for item in items_read(member, session)}
    cases = AgendaCase.objects.filter(item__in=items).order_by()
    found |= set(cases.values_list("proposal__application", flat=True))
    roots = Application.objects.filter(pk__in=found).exclude(merged_into=None)
    return found | {pk for pk in roots.order_by().values_list("merged_into", flat=True) if pk is not None}


def _ids(found: models.QuerySet[Any]) -> set[int]:
    return set(found.order_by().values_list("pk", flat=True))


def _archives(member: Membership) -> set[int]:
    own = Archive.objects.filter(organisation=member.organisation_id)
    return _ids(own) if can_take_everything(member) else set()


def _files(member: Membership) -> models.QuerySet[FileImport]:
    return FileImport.objects.visible_to(member).order_by()


#: What pages show of each walled table: ids, of a member.
SHOWN: dict[type[models.Model], Callable[[Membership], set[int]]] = {
    Application: _requests,
    ApplicationAlias: lambda member: _ids(ApplicationAlias.objects.filter(application__in=_requests(member))),
    PastCandidacy: lambda member: _ids(PastCandidacy.objects.visible_to(member)),
    Reconciliation: lambda member: _ids(Reconciliation.objects.visible_to(member)),
    ReconciliationLine: lambda member: _ids(
        ReconciliationLine.objects.filter(reconciliation__in=Reconciliation.objects.visible_to(member).order_by())
    ),
    AccessRecord: lambda member: _ids(AccessRecord.objects.visible_to(member)),
    FileImport: lambda member: _ids(_files(member)),
    FilePart: lambda member: _ids(FilePart.objects.filter(file_import__in=_files(member))),
    ImportedLine: lambda member: _ids(ImportedLine.objects.filter(file_import__in=_files(member))),
    Archive: _archives,
    ArchivePart: lambda member: _ids(ArchivePart.objects.filter(archive__in=_archives(member))),
    KeptElsewhere: lambda member: _ids(balances_elsewhere(member)) | _ids(minutes_elsewhere(member)),
    SignedDocument: lambda member: _ids(
        SignedDocument.objects.filter(convention__in=Convention.objects.visible_to(member).order_by())
    ),
}


def widths(as_the_site: Callable[[], AbstractContextManager[None]]) -> Iterator[Width]:
    """Of each table, for each person and organisation that it acts for. `as_the_site`: inside, the connection is of
    the account of the site; outside, of who owns the tables."""
    for member in Membership.objects.select_related("organisation", "user").order_by("pk"):
        for table, shown_to in SHOWN.items():
            shown = shown_to(member)
            with as_the_site(), wall.for_request(member):
                behind = _ids(table._default_manager.all())
            yield Width(table, member, len(shown), len(behind), len(shown - behind))


def of_each_kind(found: Iterable[Width]) -> str:
    """The table, in Markdown: a line a table, with those people of each role for whom most rows are behind the wall."""
    most: dict[type[models.Model], dict[str, Width]] = {}
    unfair = []
    for each in found:
        roles = most.setdefault(each.table, {})
        role = each.member.role.lower()
        if role not in roles or each.behind > roles[role].behind:
            roles[role] = each
        if not each.is_fair:
            unfair.append(each)
    lines = []
    for table, roles in most.items():
        counts = [f"{role} {each.shown} / {each.behind}" for role, each in sorted(roles.items()) if each.behind]
        lines.append(f"| {table._meta.db_table} | {', '.join(counts) or 'no row there'} |")
    named = "; ".join(f"{each.table._meta.db_table} for {each.member.role.lower()}" for each in unfair) or "none"
    return HEADING + "\n".join(lines) + f"\n\nNarrower than the pages, or wider than {MOST} for each hundred: {named}."
