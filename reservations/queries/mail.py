"""How the mails stand: since when the oldest waits, which addresses are refused."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Exists, Min, OuterRef

from reservations.models import Mail, MailAttempt, User
from reservations.models.mail import refused
from reservations.models.person import spelling


def oldest_mail(now: datetime) -> timedelta | None:
    """Since when the oldest message about which no server ever said a word waits; None when none does. One query.

    One that a server puts off, a full mailbox, is its reader's affair.
    """
    answered = MailAttempt.objects.filter(mail=OuterRef("pk"), status__isnull=False)
    silent = Mail.objects.filter(~Exists(answered), state=Mail.State.PENDING)
    made_at: datetime | None = silent.aggregate(oldest=Min("made_at"))["oldest"]
    return None if made_at is None else max(timedelta(), now - made_at)


def refusals_of(people: Iterable[User]) -> dict[int, tuple[datetime, str]]:
    """{person (id): when their address was last refused, and in which words}: of those whose address is. One query."""
    listed = list(people)
    found = refused([person.email for person in listed])
    return {
        person.pk: (bad.at, bad.said) for person in listed if (bad := found.get(spelling(person.email))) is not None
    }
