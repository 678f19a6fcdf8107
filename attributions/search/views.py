"""The search of every page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from attributions.households.models import AccessRecord
from attributions.households.operations.needs import record_access
from attributions.households.permissions import can_register
from attributions.households.queries.applications import as_number
from attributions.search.pages import answer, nothing, question, sections
from attributions.search.queries import search as find
from reservations.http import MemberRequest, member_of
from reservations.models.territory import search_key

#: Longer than any name; what follows is not read.
LONGEST = 120


@require_safe
def search(request: MemberRequest) -> HttpResponse:
    """What the words of the address designate, among what the person may see; households that are shown by name are
    recorded as read. A numéro unique does not stay there."""
    member = member_of(request)
    text = " ".join(request.GET.get("q", "").replace("\x00", " ").split())[:LONGEST]
    if as_number(text):
        may = can_register(member)
        where = "Écrivez-le ici" if may else "Seul qui enregistre ou instruit une demande la cherche par son numéro"
        messages.warning(
            request, f"Un numéro unique ne s’écrit pas dans la recherche : il resterait dans une adresse. {where}."
        )
        return redirect("application-list" if may else "search")
    found = find(member, text) if len(search_key(text)) >= 2 else None
    if found is not None and found.households.rows:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="recherche d’un nom",
            files=len(found.households.rows),
        )
    context = {
        "text": text,
        "question": question(text),
        "answer": answer(found, text),
        "nothing": nothing(found, member),
        "sections": sections(found, member) if found is not None else [],
    }
    return render(request, "search/search.html", context)
