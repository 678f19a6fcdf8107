"""Files that were given and never confirmed: emptied at their term, so that what nobody wanted is not kept for ever."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from reservations.imports.kinds import every_kind
from reservations.models import FileImport, FilePart, HistoryEntry, ImportedLine, LegalParameter
from reservations.models.locking import in_order
from reservations.models.wall import atomic_act
from reservations.operations.history import record
from reservations.words import plural

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
