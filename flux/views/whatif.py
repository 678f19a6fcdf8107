"""What if the shares had been others? A page that writes nothing: the hypothesis is in its address."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.forms.whatif import WhatIfForm
from flux.models import Ledger
from flux.whatif import MOST, explained, read, replay
from reservations.http import MemberRequest, member_of


@require_safe
def whatif(request: MemberRequest, ledger: int) -> HttpResponse:
    """A year of one ledger replayed with other shares, beside what happened. Whoever sees the account may ask."""
    member = member_of(request)
    books = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    past = read(get_object_or_404(books, pk=ledger))
    form = WhatIfForm(request.GET, past=past)
    found = replay(past, form.changes) if form.is_valid() else None
    context = {
        "ledger": past.ledger,
        "past": past,
        "form": form,
        "found": found,
        "words": form.words if found else [],
        "moved": explained(past, found, member) if found else [],
        "most": MOST,
        "today": timezone.localdate(),
        "refused": found is not None and (bool(found.excess) or found.too_many),
    }
    status = 422 if form.errors or context["refused"] else 200
    return render(request, "flux/whatif.html", context, status=status)
