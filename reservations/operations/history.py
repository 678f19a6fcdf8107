"""Writing who did what, when and why. Called inside the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models

from reservations.models import HistoryEntry, User


def record(
    subject: models.Model,
    act: HistoryEntry.Act,
    *,
    by: User | None,
    why: str = "",
    details: Mapping[str, Any] | None = None,
    organisations: Iterable[int] | None = None,
) -> HistoryEntry:
    """Add one act to the story of a row. `details`: {field: [before, after]}, plain values only.

    `by` is None when a delay ran out, or a command of the server acted. `organisations`: those whose people read it,
    by id, for an act on a person or an organisation.
    Written in the caller's transaction, so that no act is without its entry, nor an entry without its act.
    """
    return HistoryEntry.objects.create(
        subject=subject._meta.label_lower,
        subject_id=subject.pk,
        act=act,
        by=by,
        why=why.strip(),
        details=dict(details or {}),
        organisations=None if organisations is None else sorted(organisations),
    )


def record_each(
    acts: Iterable[tuple[models.Model, Mapping[str, Any]]], act: HistoryEntry.Act, *, by: User | None, why: str = ""
) -> None:
    """Add the same act, for the same reason, to the story of many rows of one import, each with its own details: one
    write for 1,000."""
    HistoryEntry.objects.bulk_create(
        (
            HistoryEntry(
                subject=subject._meta.label_lower, subject_id=subject.pk, act=act, by=by, why=why, details=dict(details)
            )
            for subject, details in acts
        ),
        batch_size=1000,
    )
