"""Reading what one's organisation was notified of."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from attributions.notices.models import Notice
from reservations.models import Membership
from reservations.models.wall import atomic


@atomic
def read_notice(*, notice: Notice, by: Membership, now: datetime | None = None) -> bool:
    """One notice is read, by somebody of its organisation; read before, it keeps its first reader: False."""
    unread = Notice.objects.visible_to(by).unread().filter(pk=notice.pk)
    return bool(unread.update(read_at=now or timezone.now(), read_by=by.user_id))


@atomic
def read_notices(*, until: int, by: Membership, now: datetime | None = None) -> int:
    """Every unread notice of the organisation up to the latest that the person saw (`until`, by id): how many."""
    unread = Notice.objects.visible_to(by).unread().filter(pk__lte=until)
    return unread.update(read_at=now or timezone.now(), read_by=by.user_id)
