"""The search of every page."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from attributions.queries.applications import as_number, ending
from attributions.queries.search import SHOWN
from attributions.queries.search import search as find
from reservations.http import MemberRequest, member_of
from reservations.models.territory import search_key

#: Longer than any name; what follows is not read.
LONGEST = 120


@require_GET
def search(request: MemberRequest) -> HttpResponse:
    """What the words of the address designate, among what the person may see."""
    member = member_of(request)
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    found = find(member, text) if len(search_key(text)) >= 2 else None
    number = as_number(text)
    said = f"numéro unique se terminant par {ending(number)}" if number else text  # never whole in a title
    return render(request, "attributions/search.html", {"text": said, "found": found, "shown": SHOWN})
