"""The verifiable log, published: its page, its checkpoint, its tiles, and the proof that it only grows."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from reservations.exports.proofs import continuity_proof, public_keys
from reservations.models import LogCheckpoint
from reservations.queries.log import entries, last_checkpoint, size, tile
from reservations.verifiable.files import TileNumber, bundle, read_tile_number, width_at
from reservations.verifiable.tree import WIDTH

#: Checkpoints that the page shows: about a day of them.
SHOWN = 25
#: Levels of tiles that a log may have (C2SP, tlog-tiles).
LEVELS = 64
#: What is full never changes.
IMMUTABLE = {"public": True, "max_age": 31536000, "immutable": True}


@login_not_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What the log is now, by which keys it is verified, and how."""
    signed = list(LogCheckpoint.objects.order_by("-size")[:SHOWN])
    context = {"latest": signed[0] if signed else None, "before": signed[1:], "keys": public_keys()}
    return render(request, "reservations/log.html", context)


@login_not_required
@require_safe
@cache_control(max_age=5)
def log_checkpoint(request: HttpRequest) -> HttpResponse:
    """The last checkpoint (C2SP, tlog-checkpoint)."""
    signed = last_checkpoint()
    if signed is None:
        raise Http404
    return HttpResponse(signed.note, content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@cache_control(**IMMUTABLE)
def log_tile(request: HttpRequest, level: int, number: str) -> HttpResponse:
    """The hashes of a tile (C2SP, tlog-tiles)."""
    asked = _tile(level, number)
    return _bytes(b"".join(tile(level, asked.number, asked.width)))


@require_safe
@cache_control(private=True, max_age=31536000, immutable=True)
def log_entries(request: HttpRequest, number: str) -> HttpResponse:
    """A bundle of entries (C2SP, tlog-tiles), for whoever is signed in: they say how many facts each account has."""
    asked = _tile(0, number)
    start = asked.number * WIDTH
    return _bytes(bundle(entries(start, start + asked.width)))


@login_not_required
@require_safe
def log_continuity(request: HttpRequest, old: int, new: int) -> HttpResponse:
    """The proof that the log of one checkpoint begins with that of another, by their sizes."""
    signed = [get_object_or_404(LogCheckpoint, size=each) for each in sorted((old, new))]
    headers = {"Content-Disposition": f'attachment; filename="journal-{signed[0].size}-{signed[1].size}.json"'}
    return HttpResponse(continuity_proof(*signed), content_type="application/json", headers=headers)


def _tile(level: int, number: str) -> TileNumber:
    asked = read_tile_number(number)
    if asked is None or level >= LEVELS or width_at(level, asked.number, size()) < asked.width:
        raise Http404
    return asked


def _bytes(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="application/octet-stream")
