"""The words of the screens, in plain French."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from attributions.glossary.pages import words_table
from attributions.glossary.words import words
from reservations.http import MemberRequest


@require_safe
def glossary(request: MemberRequest) -> HttpResponse:
    """Lexique: what each word of the screens means, and where it comes from."""
    sections = words()
    count = sum(len(section) for section in sections.values())
    tables = [(title, words_table(title, section)) for title, section in sections.items()]
    return render(request, "glossary/glossary.html", {"sections": tables, "count": count})
