"""The verifiable log, published: its page, its checkpoint, its tiles, and the proof that it only grows."""

from __future__ import annotations

import logging

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.proofs import continuity_proof, public_keys
from reservations.models import LogCheckpoint
from reservations.operations.log import CosignatureRefused, UnknownWitness, receive_cosignatures
from reservations.pages.imprints import scanned_words, witnessed_words
from reservations.queries.log import entries, is_signed, last_checkpoint, published, size, tile, witnesses_of
from reservations.verifiable.files import TileNumber, bundle, read_tile_number, width_at
from reservations.verifiable.tree import WIDTH

logger = logging.getLogger(__name__)

#: Checkpoints that the page shows: about a day of them.
SHOWN = 25
#: Levels of tiles that a log may have (C2SP, tlog-tiles).
LEVELS = 64
#: Bytes of a note that a witness sends.
NOTE = 1 << 17
#: What is full never changes.
IMMUTABLE = {"public": True, "max_age": 31536000, "immutable": True}


@login_not_required
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What the log is now, by which keys it is verified, and how."""
    signed = list(LogCheckpoint.objects.order_by("-size")[:SHOWN])
    latest = signed[0] if signed else None
    context = {
        "latest": latest,
        "before": signed[1:],
        "keys": public_keys(),
        "scanned": scanned_words(request.GET.get("etat", "")),
        "witnessed": witnessed_words(witnesses_of(latest) if latest else []),
    }
    return render(request, "reservations/log.html", context)


@login_not_required
@csrf_exempt  # a witness is a program, which no session leads here: the key that signed the note is the proof
@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(max_age=5)
def log_checkpoint(request: HttpRequest) -> HttpResponse:
    """The last checkpoint (C2SP, tlog-checkpoint), under which its witnesses send what they signed."""
    if request.method == "POST":
        return _received(request)
    signed = last_checkpoint()
    if signed is None:
        raise Http404
    return _text(published(signed))


def _received(request: HttpRequest) -> HttpResponse:
    """A note that a witness signed: kept, with 201. 409: it is not what this installation holds of that size."""
    written = request.read(NOTE + 1)
    try:
        if len(written) > NOTE:
            raise CosignatureRefused("Cette note est trop longue : envoyez un point de contrôle et ses signatures.")
        rows = receive_cosignatures(written=written.decode("utf-8", "replace"), now=timezone.now())
    except UnknownWitness as refusal:
        return _text(f"{refusal}\n", status=403)
    except CosignatureRefused as refusal:
        return _text(f"{refusal}\n", status=400)
    if is_signed(rows[0]):
        return _text("Contresignature enregistrée.\n", status=201)
    logger.error("Witnesses cosigned %s, which this installation signed and does not hold", rows[0])
    return _text(
        "Ce journal ne contient pas ce que vous avez contresigné : votre note est gardée comme preuve. Prévenez les "
        "autres réservataires.\n",
        status=409,
    )


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


def _text(content: str, *, status: int = 200) -> HttpResponse:
    return HttpResponse(content, content_type="text/plain; charset=utf-8", status=status)


def _bytes(content: bytes) -> HttpResponse:
    return HttpResponse(content, content_type="application/octet-stream")
