"""What a page says of the notices of the service."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone

from reservations.models import ServiceNotice
from reservations.pages.table import Said, Table, table
from reservations.words import day, upper_first


def history(notices: Sequence[ServiceNotice]) -> Table | None:
    """Each notice, newest first: its day, its author and what it changed. None before the first."""
    if not notices:
        return None
    rows = [
        (Said(day(timezone.localdate(notice.at))), notice.by.full_name, upper_first(_changed(notice, before)))
        for notice, before in pairwise([*notices, None])
        if notice is not None
    ]
    return table("historique", "Mentions publiées", "La plus récente d’abord.", ("Le", "Par", "Ce qui a changé"), rows)


def _changed(notice: ServiceNotice, before: ServiceNotice | None) -> str:
    """« hébergeur, contact », « première publication »."""
    if before is None:
        return "première publication"
    names = [name for name in ServiceNotice.WRITTEN if getattr(notice, name) != getattr(before, name)]
    return ", ".join(str(ServiceNotice.column(name).verbose_name) for name in names)
