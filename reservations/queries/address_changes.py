"""Changes of address under way."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from reservations.models import AddressChange, User
from reservations.models.invitation import digest_of


def change_of(key: str, *, now: datetime) -> AddressChange | None:
    """The change that one of its two keys opens; None when the key is worth nothing."""
    if not key:
        return None
    digest = digest_of(key)
    waiting = AddressChange.objects.filter(done_at=None, dropped_at=None, ends_at__gt=now)
    return waiting.filter(Q(old_digest=digest) | Q(new_digest=digest)).first()


def change_under_way(person: User, *, now: datetime) -> AddressChange | None:
    """What this person asked for, and has not confirmed everywhere."""
    return AddressChange.objects.filter(user=person.pk, done_at=None, dropped_at=None, ends_at__gt=now).first()
