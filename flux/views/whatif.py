"""What if the shares had been others? A page that writes nothing: the hypothesis is in its address."""

from __future__ import annotations

from datetime import date

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from flux.exports.figure_tables import WHAT_IF
from flux.forms.whatif import WhatIfForm
from flux.models import Ledger
from flux.pages.points import in_course_too
from flux.queries.entered import entered_until, first_lettings_in
from flux.queries.points import counts_later
from flux.situation import LedgerSituation, load
from flux.whatif import MOST, Changes, Hypothesis, Past, explained, read, replay, too_many_to_read
from reservations.http import MemberRequest, asks_file, in_a_file, member_of


@require_safe
def whatif(request: MemberRequest, ledger: int) -> HttpResponseBase:
    """A year of one ledger replayed with other shares, beside what happened. Whoever sees the account may ask."""
    member = member_of(request)
    books = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    counted = books.annotate(entered=entered_until(date.max), let_first=first_lettings_in())
    book = get_object_or_404(counted, pk=ledger)
    situation = load(book)
    form = WhatIfForm(request.GET, situation=situation)
    past, found = _replayed(book, situation, form.changes if form.is_valid() else None)
    refused = found is not None and (bool(found.excess) or found.too_many)
    if found is not None and not refused and asks_file(request):
        return in_a_file(request, WHAT_IF, found.lines)
    context = {
        "ledger": past.ledger,
        "past": past,
        "form": form,
        "found": found,
        "words": form.words if found else [],
        "moved": explained(past, found, member) if found else [],
        "most": MOST,
        "count": len(found.lines) if found else 0,
        "today": timezone.localdate(),
        "refused": refused,
        "in_course_too": in_course_too(counts_later(past.ledger, on=timezone.localdate())),
    }
    status = 422 if form.errors or refused else 200
    return render(request, "flux/whatif.html", context, status=status)


def _replayed(book: Ledger, situation: LedgerSituation, changes: Changes | None) -> tuple[Past, Hypothesis | None]:
    """The year as it was lived, and as it would have been; neither is read where its units are too many."""
    entered, let_first = book.entered, book.let_first  # type: ignore[attr-defined]  # annotated
    if changes is not None and entered * changes.rotation > MOST:
        return too_many_to_read(situation, entered - let_first), Hypothesis(too_many=True)
    past = read(book, situation)
    return past, replay(past, changes) if changes is not None else None
