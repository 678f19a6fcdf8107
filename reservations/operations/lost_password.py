"""A password that its person lost: asked from the door, answered by a worker, to whoever has the address."""

from __future__ import annotations

from datetime import datetime, timedelta

from reservations.models import Invitation, PasswordRequest, TaskFailure, User
from reservations.operations.apart import each_apart
from reservations.operations.invitation import offer_new_password
from reservations.wakeups import wake

#: Links for one person, at most, in an hour.
MOST, HOUR = 3, timedelta(hours=1)
#: A request is forgotten after that.
KEPT = timedelta(days=1)
#: Requests answered at once.
TOGETHER = 50
#: How the task is called, where a request cannot be answered.
TASK = "people.lost_passwords"


def ask_new_password(*, email: str, now: datetime) -> None:
    """Write that somebody lost the password of this address. The same row, in the same time, whoever has it."""
    PasswordRequest.objects.create(email=email.strip(), asked_at=now)
    wake("reservations.answer_password_requests")


def answer_password_requests(*, now: datetime) -> int:
    """Send a link to each person who has one of the addresses asked for, three an hour at most; the others receive
    nothing, for nobody is there. How many links were sent. Safe to run twice at once."""
    PasswordRequest.objects.filter(done_at__lt=now - KEPT).delete()
    out = TaskFailure.objects.left_out(TASK, now)  # which do not keep the others from being among the first
    waiting = PasswordRequest.objects.filter(done_at=None).order_by("pk").values_list("pk", flat=True)
    found = list(waiting[: TOGETHER + len(out)])
    return each_apart(TASK, found, lambda pk: _answer_one(pk, now), name="request:{}".format, now=now)


def _answer_one(pk: int, now: datetime) -> bool:
    waiting = PasswordRequest.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=pk, done_at=None)
    request = waiting.first()
    if request is None:
        return False
    sent = _answer(request.email, now)
    request.done_at = now
    request.save(update_fields=["done_at"])
    return sent


def _answer(email: str, now: datetime) -> bool:
    person = User.objects.at(email).filter(is_active=True).first() if email.isascii() else None
    if person is None:
        return False
    lately = Invitation.objects.filter(made_by=person, organisation=None, email=person.email, made_at__gt=now - HOUR)
    if lately.count() >= MOST:
        return False
    offer_new_password(person=person, by=person, now=now)
    return True
