"""The acts on mail sending.

* Sending what is to be notified: gathered in messages, each handed to a server until it takes or refuses it.
* A message is taken for five minutes before it is handed over, outside any transaction: a worker that dies leaves it
  to the next one. Between the moment when a server takes a message and the one when we know it, nothing says which
  happened: it is then handed over again, under the same `Message-ID`, rather than lost.
* What a server says afterwards of a message that it had taken: it could not be delivered (RFC 3464).
"""

from __future__ import annotations

import contextlib
import logging
import smtplib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import Enum, auto
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, mailers
from django.db import connection as database
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

from reservations.models import Mail, MailAttempt, MailFact, MailItem, RefusedAddress
from reservations.models.mail import refused
from reservations.models.person import spelling
from reservations.models.wall import atomic
from reservations.operations.apart import write_failure
from reservations.pages.people import message_of
from reservations.retries import is_last, pause

logger = logging.getLogger(__name__)

State, Dropped = Mail.State, MailItem.Dropped

#: Longer than a server may keep us waiting: nine answers, each within the limit of `EMAIL_URL` (20 s).
TAKEN = timedelta(minutes=5)
#: Messages of one turn, so that the worker also does the rest; and things gathered at once.
BATCH = 100
GATHERED = 1000
#: So many messages in a row without an answer end a turn: the server is away.
SILENT = 3
#: What could not be sent for so long is nobody's news: information, then what asks for an act.
STALE, STALE_ACT = timedelta(days=5), timedelta(days=30)
#: How long messages are kept, with what was answered.
KEPT = timedelta(days=90)
#: The lock of whoever gathers: two at once would split what one person receives.
GATHERING = 0x6D61696C


class Outcome(Enum):
    """What becomes of a message that was handed over."""

    TAKEN = auto()
    REFUSED = auto()  # this message
    NOBODY = auto()  # this address
    LATER = auto()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server made of a message: its code and words, or why there is none."""

    outcome: Outcome
    status: int | None = None
    said: str = ""


Stands = Callable[[MailItem], bool]


def always(item: MailItem) -> bool:
    """What is sent whatever was done since."""
    return True


def send_mails(*, stands: Stands = always, now: datetime | None = None) -> int:
    """Gather what is due, and send it: how many messages were taken. Safe to run twice, or by many.

    `stands`: whether something is still to be sent; what was done meanwhile is not. Without `EMAIL_URL`, nothing.
    """
    if "default" not in mailers:
        return 0
    gather(now=now or timezone.now())
    taken, silent = 0, 0
    line: Any = mailers["default"]
    try:
        for _ in range(BATCH):
            mail = _take(now or timezone.now()) if silent < SILENT else None
            if mail is None:
                break
            answer = send(mail=mail, line=line, stands=stands, now=now)
            if answer is None or answer.outcome == Outcome.TAKEN:
                taken, silent = taken + (answer is not None), 0
                continue
            hang_up(line)
            silent = silent + 1 if answer.status is None else 0
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            line.close()
    return taken


@atomic
def gather(*, now: datetime) -> int:
    """Put what is due in messages, one a person: for each kind that calls for an act, or is owed by law; and for all
    the information. How many messages."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [GATHERING])
        if not cursor.fetchone()[0]:
            return 0
    old = Q(due_at__lt=now - STALE) & ~Q(family="") | Q(due_at__lt=now - STALE_ACT)
    MailItem.objects.waiting().filter(old).update(dropped=Dropped.OLD)
    waiting = MailItem.objects.waiting().filter(due_at__lte=now).select_related("user").order_by("due_at", "pk")
    first = list(waiting[:GATHERED])
    readers = {each.user_id for each in first if each.family and each.user_id}
    rest = waiting.filter(user__in=readers).exclude(family="").exclude(pk__in=[each.pk for each in first])
    groups = _groups([*first, *rest] if readers else first)
    mails = [Mail(user=group[0].user, address=_address(group[0]), made_at=now, next_at=now) for group in groups]
    Mail.objects.bulk_create(mails)
    for mail, group in zip(mails, groups, strict=True):
        for item in group:
            item.mail = mail
    MailItem.objects.bulk_update([item for group in groups for item in group], ["mail"], batch_size=500)
    return len(mails)


def _groups(items: list[MailItem]) -> list[list[MailItem]]:
    """Messages to make; what nobody would read is dropped: closed accounts, information to a refused address."""
    bad = refused([_address(each) for each in items])
    lost = [
        each
        for each in items
        if each.user is not None
        and ((not each.user.is_active and not each.address) or (each.family and spelling(_address(each)) in bad))
    ]
    MailItem.objects.filter(pk__in=[each.pk for each in lost]).update(dropped=Dropped.REFUSED)
    left = set(lost)
    together: dict[object, list[MailItem]] = {}
    for item in items:
        if item not in left:
            together.setdefault(_together(item), []).append(item)
    return list(together.values())


def _together(item: MailItem) -> object:
    """What goes into one message: by person and kind, information by person; what is about nothing named, alone."""
    if item.user_id is None or not (item.family or item.about):
        return item.pk
    return item.user_id, _address(item), "" if item.family else item.kind


def _address(item: MailItem) -> str:
    return item.address or (item.user.email if item.user is not None else "")


@atomic
def _take(now: datetime) -> Mail | None:
    due = Mail.objects.select_for_update(of=("self",), skip_locked=True).filter(state=State.PENDING, next_at__lte=now)
    mail = due.order_by("next_at", "pk").first()
    if mail is not None:
        Mail.objects.filter(pk=mail.pk).update(next_at=now + TAKEN, tries=F("tries") + 1)
        mail.tries += 1
    return mail


def send(*, mail: Mail, line: Any, stands: Stands = always, now: datetime | None = None) -> Answer | None:
    """Hand over what was taken, once, and write what came of it. None when nothing in it is still to be sent."""
    try:
        message = _composed(mail, stands)
    except Exception as error:  # of this message alone: it is tried again later and later, then given up, and reported
        logger.exception("The message %s could not be composed", mail.pk)
        write_failure(task="mails.compose", row=f"mail:{mail.pk}", error=error, now=now or timezone.now())
        _write(mail=mail, answer=Answer(Outcome.LATER, said="message impossible à composer"), now=now or timezone.now())
        return None
    if message is None:
        Mail.objects.filter(pk=mail.pk).update(state=State.DROPPED, ended_at=now or timezone.now())
        return None
    answer = hand_over(message, line)
    _write(mail=mail, answer=answer, now=now or timezone.now())
    return answer


@atomic
def _composed(mail: Mail, stands: Stands) -> EmailMultiAlternatives | None:
    """What is still to be sent of a message; None when nothing is."""
    items = list(mail.items.filter(dropped="").select_related("organisation", "user").order_by("pk"))
    done = [each.pk for each in items if not stands(each)]
    MailItem.objects.filter(pk__in=done).update(dropped=Dropped.DONE)
    left = [each for each in items if each.pk not in done]
    return message_of(mail, left) if left else None


def hand_over(message: EmailMultiAlternatives, line: Any) -> Answer:
    """Give one message to the server at the end of `line`, and read what it answers."""
    try:
        line.open()
        line.send_messages([message])
    except smtplib.SMTPRecipientsRefused as error:
        code, result = next(iter(error.recipients.values()))
        return _refusal(code, result, Outcome.NOBODY)
    except smtplib.SMTPDataError as error:
        return _refusal(error.smtp_code, error.smtp_error, Outcome.REFUSED)
    except smtplib.SMTPResponseException as error:  # of who we are, of the line: nobody's address is at fault
        return _refusal(error.smtp_code, error.smtp_error, Outcome.LATER)
    except ValueError as error:  # not an address that can be written
        return Answer(Outcome.NOBODY, said=str(error)[:300])
    except (smtplib.SMTPException, OSError) as error:
        return Answer(Outcome.LATER, said=f"{type(error).__name__} : {error}"[:300])
    return Answer(Outcome.TAKEN, 250)


def _refusal(code: int, given: bytes | str, outcome: Outcome) -> Answer:
    words = given.decode("utf-8", "replace") if isinstance(given, bytes) else given
    return Answer(outcome if 500 <= code < 600 else Outcome.LATER, code, " ".join(words.split())[:300])


def hang_up(line: Any) -> None:
    """Close the line without a word: the server may be the one that says nothing."""
    open_line = getattr(line, "connection", None)
    if open_line is not None:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            open_line.close()
        line.connection = None


@atomic
def _write(*, mail: Mail, answer: Answer, now: datetime) -> None:
    MailAttempt.objects.create(mail=mail, at=now, status=answer.status, said=answer.said)
    one = Mail.objects.filter(pk=mail.pk, state=State.PENDING)
    address = spelling(mail.address)
    if answer.outcome == Outcome.LATER and not is_last(mail.tries):
        one.update(next_at=now + pause(mail.tries))
        return
    state = {Outcome.TAKEN: State.SENT, Outcome.LATER: State.GIVEN_UP}.get(answer.outcome, State.REFUSED)
    one.update(state=state, ended_at=now)
    if answer.outcome == Outcome.TAKEN:
        RefusedAddress.objects.filter(address=address).delete()
    else:
        logger.warning("The message %s is not delivered: %s.", mail.pk, answer.status or answer.outcome.name)
    if answer.outcome == Outcome.NOBODY:
        mark_refused(address=address, text=answer.said, now=now)
    if not settings.MAILBOX:
        mail.items.filter(secret=True).update(says=[], link="")


def mark_refused(*, address: str, text: str, now: datetime) -> None:
    """This address is refused: whoever answers for its person is shown it."""
    RefusedAddress.objects.update_or_create(address=spelling(address), defaults={"at": now, "said": text[:300]})


def purge_mails(*, now: datetime | None = None) -> int:
    """Every night: messages that ended long ago go, with what they stated; and what was never sent. How many. What was
    secret in a message that nobody sends goes at once."""
    before = (now or timezone.now()) - KEPT
    gone, _ = Mail.objects.filter(ended_at__lt=before).delete()
    never, _ = MailItem.objects.filter(mail=None, due_at__lt=before).delete()
    unsent = MailItem.objects.filter(Q(mail__state=State.DROPPED) | ~Q(dropped=""), secret=True)
    unsent.exclude(link="", says=[]).update(says=[], link="")
    MailFact.objects.filter(spread_at__lt=before).delete()
    return gone + never


@atomic
def read_bounce(*, message: EmailMessage, now: datetime) -> list[str]:
    """Mark each address that this report says refused for good, among those that we wrote to: a report is anybody's to
    forge, and marks nobody else. Return them."""
    marked = []
    for part in message.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        groups: Any = part.get_payload()  # one of fields for the message, then one for each recipient
        for fields in groups:
            address = spelling(str(fields.get("Final-Recipient", "")).rpartition(";")[2])
            failed = str(fields.get("Action", "")).strip().lower() == "failed"
            status = str(fields.get("Status", "")).strip()
            if not (address and failed and status.startswith("5")):
                continue
            ours = Mail.objects.alias(spelling=Lower("address")).filter(spelling=address, state=Mail.State.SENT)
            sent = ours.order_by("-pk").first()
            if sent is None:
                continue
            text = str(fields.get("Diagnostic-Code", status)).rpartition(";")[2].strip()
            Mail.objects.filter(pk=sent.pk).update(state=Mail.State.REFUSED)
            mark_refused(address=address, text=text, now=now)
            marked.append(address)
    return marked
