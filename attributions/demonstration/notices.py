"""Who reads what they are told: everybody, a day later, but for what came these last days."""

from __future__ import annotations

from datetime import datetime, timedelta

from attributions.notices.models import Notice
from attributions.notices.operations import read_notice
from reservations.models import Membership

#: Notices of so many days are still unread this morning.
LATELY = timedelta(days=10)
#: How long a notice waits before it is read.
SOON = timedelta(days=1)


def read_what_is_old(*, now: datetime) -> None:
    """One person of each organisation has read all but the latest notices."""
    organisations = Notice.objects.unread().order_by("organisation").values_list("organisation", flat=True).distinct()
    for organisation in organisations:
        reader = Membership.objects.filter(organisation=organisation).order_by("pk").first()
        if reader is None:
            continue
        for notice in Notice.objects.visible_to(reader).unread().filter(at__lt=now - LATELY).order_by("pk"):
            read_notice(notice=notice, by=reader, now=notice.at + SOON)
