"""Failed sign-ins, counted in the database for every process, and looked at before any password is hashed.

Three counts: of one account from one address, of one address whatever the accounts, of one account whatever the
addresses. What failed on one account from one address and browser counts together, until fifteen minutes have passed
since the last of it: slow guesses add up. An attempt that is refused so is not counted: the wait that is shown is the
wait. Whoever has signed in from their address lately is held by the first count alone: nobody else, in the same office
or far away, keeps them out. A wrong password is then answered as to anybody: who has an account is not read in who may
still try.

Two waits of seconds, before any hash as well (docs/decisions/0156-a-wait-of-seconds-holds-no-worker.md):
after three failures of one account from one address, each next attempt comes `SIGN_IN_PAUSE` after the last failure;
and the whole installation checks so many passwords in ten seconds (`config/costly.py`).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt, AccessLog
from django.conf import settings
from django.db import connection
from django.db.models import Max, QuerySet, Sum
from django.http import HttpRequest
from django.utils import timezone

from reservations.models import HistoryEntry, MailFact, User
from reservations.models.person import spelling
from reservations.queries.people import organisations_of
from reservations.words import plural

log = logging.getLogger(__name__)

#: An address from which a person has signed in during these days is theirs.
KNOWN = timedelta(days=90)
#: How long the day, the address and the browser of a sign-in are kept (docs/personal-data.md).
SIGN_INS_KEPT = timedelta(days=183)
#: The person is notified once of what lasts.
NOTIFIED_EVERY = timedelta(days=1)
#: No address is longer (RFC 5321), nor counted longer: a longer one would be refused by the table, uncounted.
LONGEST = 254


class Counted(Enum):
    """What is counted together, and how many failures stop it."""

    PAIR = 8
    ADDRESS = 20
    ACCOUNT = 30


class Wait(Enum):
    """What makes an attempt wait for seconds: the failures of this account from here, or what all others try."""

    PAUSE = 3
    CROWD = 0


@dataclass(frozen=True, slots=True)
class Lock:
    """Why one may not try, and until when; `is_passed`: one may, from where one has signed in lately."""

    count: Counted | Wait
    until: datetime
    is_passed: bool = False

    @property
    def seconds(self) -> int:
        """How long to wait (`Retry-After`)."""
        if isinstance(self.count, Counted):
            return self.minutes * 60
        return max(1, -int((timezone.now() - self.until).total_seconds() // 1))

    @property
    def wait(self) -> str:
        """How long to wait, in words."""
        if isinstance(self.count, Counted):
            return f"{self.minutes} {plural(self.minutes, 'minute,minutes')}"
        return f"{self.seconds} {plural(self.seconds, 'seconde,secondes')}"

    @property
    def minutes(self) -> int:
        """How long to wait, a started minute being one."""
        return max(1, -int((timezone.now() - self.until).total_seconds() // 60))


def account_tried(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """The address of the account, in one spelling, whatever was typed or is kept (`AXES_USERNAME_CALLABLE`)."""
    given = credentials.get(User.USERNAME_FIELD) if credentials else request.POST.get(User.USERNAME_FIELD)
    return spelling(str(given or ""))[:LONGEST]


class Limits(AxesDatabaseHandler):
    """`AXES_HANDLER`. Its `get_failures` is 1 when a limit is reached (`AXES_FAILURE_LIMIT` is 1)."""

    def is_allowed(self, request: Any, credentials: Mapping[str, Any] | None = None) -> bool:
        allowed = super().is_allowed(request, credentials)
        if allowed:  # what is refused already is not counted
            request.waits = self.wait_of(account_tried(request, credentials), request.axes_ip_address)
            if request.waits is not None:
                request.lock, allowed = request.waits, request.waits.is_passed
        request.password_is_checked = allowed
        return allowed

    def wait_of(self, account: str, address: str | None) -> Lock | None:
        """What makes an attempt that no limit stops wait for seconds."""
        tried = _recent().filter(username=account, ip_address=address)
        found = tried.aggregate(failures=Sum("failures_since_start"), last=Max("attempt_time"))
        if (found["failures"] or 0) < Wait.PAUSE.value:
            return None
        until = found["last"] + settings.SIGN_IN_PAUSE
        return Lock(Wait.PAUSE, until) if until > timezone.now() else None

    def get_failures(self, request: Any, credentials: Mapping[str, Any] | None = None) -> int:
        found = lock(account_tried(request, credentials), request.axes_ip_address)
        request.lock = found or getattr(request, "waits", None)
        return int(request.lock is not None and not request.lock.is_passed)

    def user_login_failed(self, sender: Any, credentials: Any, request: Any = None, **kwargs: Any) -> None:
        super().user_login_failed(sender, credentials, request, **kwargs)
        found: Lock | None = getattr(request, "lock", None)
        if found is not None and not found.is_passed and request.password_is_checked:
            log.warning("Sign-ins stopped: %s", found.count.name)
            if found.count is Counted.ACCOUNT:
                _tell(account_tried(request, credentials))


def lock(account: str, address: str | None) -> Lock | None:
    """Which limit is reached by what failed lately: that of the address first, which says the same of every account."""
    recent = _recent()
    mine = {
        Counted.ADDRESS: recent.filter(ip_address=address),
        Counted.PAIR: recent.filter(username=account, ip_address=address),
        Counted.ACCOUNT: recent.filter(username=account),
    }
    found = {}
    for count, attempts in mine.items():
        until = _until(attempts.values_list("attempt_time", "failures_since_start"), count.value)
        if until is not None:
            found[count] = until
    for count, until in found.items():
        is_passed = count is not Counted.PAIR and Counted.PAIR not in found and is_known(account, address)
        return Lock(count, until, is_passed)
    return None


def locked_now() -> tuple[list[str], list[str]]:
    """The accounts, then the addresses, that may not try now. For the administrator."""
    found = []
    for field, count in (("username", Counted.ACCOUNT), ("ip_address", Counted.ADDRESS)):
        summed = _recent().order_by().values(field).annotate(failures=Sum("failures_since_start"))
        over = summed.filter(failures__gte=count.value).order_by(field)
        found.append([str(row[field]) for row in over])
    return found[0], found[1]


def forget_sign_ins(*, before: datetime) -> int:
    """Delete what was kept of sign-ins older than that, failures included. Return how many rows went."""
    gone = sum(model.objects.filter(attempt_time__lt=before).delete()[0] for model in (AccessLog, AccessAttempt))
    with connection.cursor() as cursor:
        cursor.execute("SELECT reservations_forget_sign_ins(%s)", [before])
        return gone + int(cursor.fetchone()[0])


def _recent() -> QuerySet[AccessAttempt]:
    found: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(
        attempt_time__gte=timezone.now() - settings.AXES_COOLOFF_TIME
    )
    return found


def _until(attempts: Iterable[tuple[datetime, int]], limit: int) -> datetime | None:
    """When fewer than `limit` failures will be left among the recent ones; None when it is so already."""
    ordered = sorted(attempts)
    left = sum(failures for _, failures in ordered)
    until = None
    for at, failures in ordered:
        if left < limit:
            break
        left -= failures
        until = at + settings.AXES_COOLOFF_TIME
    return until


def is_known(account: str, address: str | None) -> bool:
    """Has this person signed in from there lately? Asked only once a limit is reached."""
    spelt = User.objects.at(account).values_list("email", flat=True).first()
    return (
        spelt is not None
        and AccessLog.objects.filter(
            username__in={account, spelt}, ip_address=address, attempt_time__gte=timezone.now() - KNOWN
        ).exists()
    )


def _tell(account: str) -> None:
    """Write in the person's history that somebody tries to get in, and have them notified by e-mail (`account.locked`,
    attributions/mails/telling.py); once a day, however long it lasts."""
    person = User.objects.at(account).first()
    if person is None:
        return
    recent = HistoryEntry.objects.about(person).filter(
        act=HistoryEntry.Act.LOCKED, at__gte=timezone.now() - NOTIFIED_EVERY
    )
    if not recent.exists():
        entry = HistoryEntry.objects.create(
            subject=person._meta.label_lower,
            subject_id=person.pk,
            act=HistoryEntry.Act.LOCKED,
            organisations=organisations_of(person),
        )
        MailFact.objects.create(kind="account.locked", subject=entry.pk, at=entry.at)
