"""The rule, explained to everybody: no account is needed to read it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from flux.pages.example import example


@login_not_required
@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """How a unit finds its holder, on an example that the engine works out."""
    worked = example()
    rows = [(step, list(zip(worked.names, step.gaps, strict=True))) for step in worked.steps]
    shares = list(zip(worked.names, worked.shares, strict=True))
    return render(request, "flux/rule.html", {"example": worked, "rows": rows, "shares": shares})
