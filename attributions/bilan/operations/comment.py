"""The landlord's comments on its balance: one a holder, one on the whole; the next version takes them."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.bilan.models import BalanceComment
from attributions.bilan.operations.held import BalanceRefused, hold_balance, open_balance
from reservations.models import Landlord, ReservationHolder, Territory, User
from reservations.models.acting import atomic

#: A page of text: more would not be read.
LONGEST = 3_000


@atomic
def comment_balance(
    *,
    landlord: Landlord,
    departement: Territory,
    exercise: int,
    holder: ReservationHolder | None,
    text: str,
    by: User,
    now: datetime | None = None,
) -> BalanceComment | None:
    """Write the comment on a holder's line, or on the whole, in the place of the one before; an empty text removes it.

    Nobody reads it but the landlord until a version takes it. None when there is none any more.
    Raises BalanceRefused: too long.
    """
    text = text.strip()
    if len(text) > LONGEST:
        raise BalanceRefused(f"Un commentaire tient en {LONGEST} caractères : résumez-le.", field="text")
    balance = hold_balance(open_balance(landlord, departement, exercise)).balance
    if not text:
        BalanceComment.objects.filter(balance=balance, holder=holder).delete()
        return None
    comment, _ = BalanceComment.objects.update_or_create(
        balance=balance,
        holder=holder,
        defaults={"text": text, "written_at": now or timezone.now(), "written_by": by},
    )
    return comment
