"""Saying that a dated row of the law is still to be confirmed, and confirming it."""

from __future__ import annotations

from datetime import date

from django.db import models

from reservations.models import HistoryEntry, Unconfirmed, User
from reservations.models.acting import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal


class AlreadyConfirmed(Refusal):
    """Somebody said it before."""


def leave_to_confirm(subject: models.Model, would_confirm: str) -> None:
    """Inside the act that writes a dated row: what would confirm it, when it is not sure; nothing when it is."""
    if would_confirm.strip():
        Unconfirmed.objects.update_or_create(
            subject=subject._meta.label_lower,
            subject_id=subject.pk,
            defaults={"would_confirm": would_confirm.strip(), "confirmed_on": None, "confirmed_by": None, "source": ""},
        )
    else:
        Unconfirmed.objects.about(subject).left().delete()


@atomic
def confirm(*, unconfirmed: Unconfirmed, source: str, by: User, today: date) -> Unconfirmed:
    """The row is as the text says: `source` is the article or the order that was read.

    The value itself does not change; one that is wrong is recorded again, from its day.
    Raises AlreadyConfirmed, or Refusal on `source` when it is empty.
    """
    if not source.strip():
        raise Refusal("Citez le texte que vous avez lu : l’article, le décret ou l’arrêté.", field="source")
    held = Unconfirmed.objects.select_for_update(of=("self",)).get(pk=unconfirmed.pk)
    if held.confirmed_on is not None:
        raise AlreadyConfirmed("Cette valeur est déjà confirmée : rechargez la page.")
    held.confirmed_on, held.confirmed_by, held.source = today, by, source.strip()
    held.save(update_fields=["confirmed_on", "confirmed_by", "source"])
    record(held, HistoryEntry.Act.AGREED, by=by, details={"source": [None, held.source]})
    return held
