"""The words of the product."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from attributions.queries.glossary import read_glossary
from reservations.http import MemberRequest


@require_GET
def glossary(request: MemberRequest) -> HttpResponse:
    """Each French term with its meaning, its source, and its name in the code."""
    sections = read_glossary(settings.BASE_DIR / "docs" / "glossary.md")
    count = sum(len(section.entries) for section in sections)
    return render(request, "attributions/glossary.html", {"sections": sections, "count": count})
