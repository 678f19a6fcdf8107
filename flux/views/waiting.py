"""Looking again by itself, less and less often, at what the worker has not decided yet; then no more."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.permissions import can_declare_vacancy
from flux.queries.queue import calculating
from reservations.http import LOOK, MemberRequest, member_of, refuse_unless

#: Seconds before each look: a calculation takes a few of them. After the last one, the person looks when it pleases.
DELAYS = (1, 2, 3, 5, 8, 13, 21, 34, 55)


@dataclass(frozen=True, slots=True)
class Look:
    """The next look: its rank, and after how many seconds. `seconds` is None once there is none any more."""

    rank: int
    seconds: int | None


def next_look(request: MemberRequest) -> Look:
    """What follows the look that a request is, by its `essai`: none for the page itself."""
    asked = request.GET.get(LOOK, "0")
    rank = int(asked) if asked.isdecimal() and len(asked) < 3 else 0
    return Look(rank + 1, DELAYS[rank] if rank < len(DELAYS) else None)


@require_safe
def vacancies_waiting(request: MemberRequest) -> HttpResponse:
    """A fragment for the landlord's queue: have destinations been decided since its page was drawn with `avant`?"""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    asked = request.GET.get("avant", "0")
    before = int(asked) if asked.isdecimal() and len(asked) < 9 else 0
    assert landlord is not None, "refused otherwise"
    left = calculating(landlord, today=timezone.localdate())
    context = {"before": before, "decided": max(0, before - left), "again": next_look(request), "announced": True}
    return render(request, "flux/queue_waiting.html", context)
