"""Writing who did what, when and why. Called inside the transaction of the act itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.urls import reverse

from reservations.models import HistoryEntry, User
from reservations.operations.mail import post
from reservations.pages.people_history import notice

Act = HistoryEntry.Act

#: The acts on an account of which its person is told by e-mail.
TOLD = frozenset(
    {
        *(Act.PASSWORD, Act.GRANTED, Act.REVOKED, Act.CLOSED, Act.WARNED, Act.LOCKED),
        *(Act.ADDRESS, Act.FACTOR, Act.FACTOR_GONE),
    }
)


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
    Written in the caller's transaction, so that no act is without its entry, nor an entry without its act. Of an act on
    their account, the person is told by e-mail.
    """
    entry = HistoryEntry.objects.create(
        subject=subject._meta.label_lower,
        subject_id=subject.pk,
        act=act,
        by=by,
        why=why.strip(),
        details=dict(details or {}),
        organisations=None if organisations is None else sorted(organisations),
    )
    if isinstance(subject, User):
        tell_person(subject, entry)
    return entry


def tell_person(person: User, entry: HistoryEntry) -> None:
    """Whoever did it: what one did not do oneself is seen at once. Of a role that the server gives with the account,
    there is nothing to tell."""
    if entry.act not in TOLD or (entry.act == Act.GRANTED and entry.by_id is None):
        return
    subject, said = notice(entry)
    doubt = "Ce n’était pas vous ? Changez de mot de passe, fermez vos autres sessions, et prévenez l’administrateur."
    closed = entry.act == Act.CLOSED
    post(
        to=person.email if closed else person,
        kind=f"account-{entry.act.lower()}",
        subject=subject,
        says=[said] if closed or entry.act == Act.WARNED else [said, doubt],
        link=reverse("sign-in" if closed else "own-account"),
        label="Se connecter" if closed else "Voir votre compte",
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
