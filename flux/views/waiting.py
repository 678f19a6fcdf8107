"""Looking again at what the worker has not decided yet."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.permissions import can_declare_vacancy
from flux.queries.queue import calculating
from reservations.http import MemberRequest, member_of, next_look, refuse_unless


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
