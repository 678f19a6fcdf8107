"""The rule, explained to everybody: no account is needed to read it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from flux.pages.example import example, example_table


@login_not_required
@require_safe
def rule(request: HttpRequest) -> HttpResponse:
    """How a unit finds its holder, on an example that the engine works out."""
    worked = example()
    return render(request, "flux/rule.html", {"example": worked, "table": example_table(worked)})
