"""Balances drawn on paper by a worker: ordered by a row, drawn one at a time, kept by fingerprint (decision 0033); that
of a sealed version is signed, then dated, where the operator gave what signs and dates (decision 0164)."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone
from django.utils.html import escape

from attributions.bilan.models import BalanceVersion, PrintedBalance
from attributions.bilan.models.reminder import LARGEST, SERVED, UNDATED, WAITING
from reservations.exports.file_import import fingerprint, printed
from reservations.exports.signatures import (
    SIGNATURE,
    certificate_path,
    dated,
    read_certificate,
    signature_words,
    signed,
)
from reservations.models import TaskFailure
from reservations.models.wall import atomic
from reservations.operations.apart import each_alone, put_off
from reservations.refusals import Refusal
from reservations.wakeups import wake

#: How long a drawing may take before it is taken for lost, with the worker that had it.
LEASE = timedelta(minutes=3)
#: How long a file that nobody asks for any more is kept.
UNASKED = timedelta(days=2)
#: How often a question is written down: not at each reload.
WRITTEN = timedelta(hours=1)
LONGEST_WAIT = timedelta(hours=1)
#: Drawing takes a processor for seconds: one at a time, for the other hand of the worker to route units meanwhile.
ONE_AT_A_TIME = 0x5052494E54

#: How the drawing, and each order, are called by what sets aside.
TASK, called = "balances.draw", "printed:{.pk}".format
FAILED = "Le PDF n’a pas pu être dessiné, par une erreur de notre côté."
TOO_LARGE = "Ce PDF dépasse 20 Mo : limitez le bilan à un territoire."


def kept_for(version: BalanceVersion) -> PrintedBalance | None:
    """The file of a sealed version, once drawn: whatever changes in how we draw, it is never drawn again."""
    return PrintedBalance.objects.filter(SERVED, version=version).defer("page").first()


def undated(version: BalanceVersion) -> str:
    """Why the signed file of a sealed version has no date yet; "" of one that has, or that nobody asked for."""
    return PrintedBalance.objects.filter(UNDATED, version=version).values_list("failure", flat=True).first() or ""


def announced(mark: str, address: str) -> PrintedBalance | None:
    """The order whose page has this fingerprint, to be taken at this address: it was announced to its reader, who waits
    for it and gets it, even if a figure moved in between."""
    found = PrintedBalance.objects.filter(fingerprint=mark, address=address).defer("page").first() if mark else None
    if found is not None and not found.is_ready:
        wake("attributions.draw_balances")
    return found


@atomic
def order_printing(
    *, page: str, address: str, version: BalanceVersion | None = None, now: datetime | None = None
) -> PrintedBalance:
    """Ask for the PDF of a page, to be taken at `address`: the one there is, or a row that a worker will draw.

    Safe to run twice: the same page is the same row. A sealed version has one row: its file once drawn, whatever the
    page; the page of today as long as it waits, for one that cannot be drawn any more is not kept for ever.
    """
    now, mark = now or timezone.now(), fingerprint(page)
    sealed = version is not None and version.sealed_at is not None
    if version is not None and sealed:
        found = PrintedBalance.objects.filter(version=version)
        list(found.select_for_update().values_list("pk"))  # a worker that writes its file is waited for
        kept = found.filter(SERVED).defer("content", "page").first()
        if kept is not None:
            return kept
        found.filter(kept=True).exclude(fingerprint=mark).delete()
    order, is_new = PrintedBalance.objects.get_or_create(
        fingerprint=mark,
        defaults={
            "page": page,
            "address": address,
            "version": version,
            "kept": sealed,
            "asked_at": now,
            "due_at": now,
        },
    )
    if sealed and not order.kept:  # ordered as it was being sealed
        order.kept, order.version = True, version
        order.save(update_fields=["kept", "version"])
    if not is_new and not order.kept and order.asked_at < now - WRITTEN:
        order.asked_at = now
        order.save(update_fields=["asked_at"])
    if order.content is None:
        wake("attributions.draw_balances")
    return order


def draw_next(*, now: datetime | None = None) -> bool | None:
    """Draw the oldest that waits, and wake a worker for the next: each has the whole time of a task. Is its file there?

    None when nothing waits, or when another worker draws: it is left to it.
    """
    order = _taken(now or timezone.now())
    if order is None:
        return None
    drawn = each_alone(TASK, [order], _drawn, name=called, now=now)
    if not drawn:
        again = put_off(task=TASK, row=called(order), until=order.due_at)
        PrintedBalance.objects.filter(WAITING, pk=order.pk).update(due_at=again)
    wake("attributions.draw_balances")
    return bool(drawn)


def is_set_aside(order: PrintedBalance) -> bool:
    """Is it no longer tried, until whoever runs the service has looked? One query."""
    return TaskFailure.objects.set_aside().filter(task=TASK, row=called(order)).exists()


def purge_printed(*, now: datetime | None = None) -> int:
    """Delete the files that nobody asks for any more, but those of sealed versions: how many."""
    old = PrintedBalance.objects.filter(kept=False, asked_at__lt=(now or timezone.now()) - UNASKED)
    return old.exclude(UNDATED).delete()[0]


@atomic
def _taken(now: datetime) -> PrintedBalance | None:
    """The next order, taken for the time of a lease: a worker that dies holding it loses it, and the sweep finds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])
    waiting = PrintedBalance.objects.filter(WAITING)
    if waiting.filter(drawing_until__gt=now).exists():
        return None
    out = [int(row.partition(":")[2]) for row in TaskFailure.objects.left_out(TASK, now)]
    order = waiting.filter(due_at__lte=now).exclude(pk__in=out).order_by("due_at", "pk").first()
    if order is not None:
        order.attempts += 1
        order.drawing_until = now + LEASE
        order.due_at = now + min(LONGEST_WAIT, timedelta(minutes=2 ** min(order.attempts - 1, 10)))
        order.save(update_fields=["attempts", "drawing_until", "due_at"])
    return order


def _drawn(order: PrintedBalance) -> bool:
    """Draw one, sign it where its page says that it is sealed, and keep the file or the reason why there is none; it is
    tried again later then. What is at fault goes on, to be recorded."""
    found = PrintedBalance.objects.filter(WAITING, pk=order.pk)
    try:
        if order.content is not None:
            return _dated(order, bytes(order.content))
        return _signed(order) if SIGNATURE in order.page else _kept(order, printed(order.page))
    except Refusal as refusal:
        found.update(drawing_until=None, failure=str(refusal)[:300])
        return False
    except Exception:
        found.update(drawing_until=None, failure=FAILED)
        raise


def _signed(order: PrintedBalance) -> bool:
    """Draw, sign and date the page of a sealed version; where nobody gave what signs, the page says so. Raises Refusal:
    the certificate does not sign today."""
    assert order.version is not None  # its page is that of a version
    path = certificate_path(settings.SIGNING_CERTIFICATES, order.version.balance.landlord.organisation.siren)
    signer = read_certificate(path, now=timezone.now()) if path else None
    words = signature_words(signer, dated=bool(settings.TIMESTAMP_URL))
    content = printed(order.page.replace(SIGNATURE, f"<p>{escape(words)}</p>"))
    if signer is None:
        return _kept(order, content)
    return _dated(order, signed(content, signer, reason=f"Bilan scellé, empreinte {order.version.seal}"))


def _dated(order: PrintedBalance, content: bytes) -> bool:
    """Keep a signed file with its date; or without it as long as the authority does not answer."""
    lacking = ""
    if settings.TIMESTAMP_URL:
        try:
            content = dated(content, settings.TIMESTAMP_URL)
        except Refusal as missing:
            lacking = str(missing)
    return _kept(order, content, lacking=lacking) and not lacking


@atomic
def _kept(order: PrintedBalance, content: bytes, *, lacking: str = "") -> bool:
    """Write the file: for good when nothing of it is `lacking`. Raises Refusal: it is too large."""
    if len(content) > LARGEST:
        raise Refusal(TOO_LARGE)
    found = PrintedBalance.objects.filter(WAITING, pk=order.pk)
    is_sealed = order.kept or SIGNATURE in order.page or order.content is not None
    return bool(
        found.update(
            content=content,
            size=len(content),
            drawn_at=order.drawn_at or timezone.now(),
            kept=is_sealed and not lacking,
            page="",
            drawing_until=None,
            failure=lacking,
        )
    )
