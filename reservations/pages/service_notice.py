"""What a page says of the notices of the service."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from django.utils import timezone

from reservations.models import ServiceNotice
from reservations.pages.table import Rows, Said, Shown, Table
from reservations.words import day, upper_first


def history(notices: Sequence[ServiceNotice]) -> Table | None:
    """Each notice, newest first: its day, its author and what it changed. None before the first."""
    if not notices:
        return None
    return Rows(
        ((notice, before) for notice, before in pairwise([*notices, None]) if notice is not None),
        Shown("Le", lambda each: Said(day(timezone.localdate(each[0].at)))),
        Shown("Par", lambda each: each[0].by.full_name),
        Shown("Ce qui a changé", lambda each: upper_first(_changed(each[0], each[1]))),
    ).titled("historique", "Mentions publiées", "La plus récente d’abord.")


def _changed(notice: ServiceNotice, before: ServiceNotice | None) -> str:
    """« hébergeur, contact », « première publication »."""
    if before is None:
        return "première publication"
    names = [name for name in ServiceNotice.WRITTEN if getattr(notice, name) != getattr(before, name)]
    return ", ".join(str(ServiceNotice.column(name).verbose_name) for name in names)
