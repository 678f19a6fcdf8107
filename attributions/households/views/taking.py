"""Taking away a list that tells names or numbers: why, then the file; the journal has it before the file is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import render

from attributions.households.forms.journal import TakingForm
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from reservations.exports.listing import Found, Listing
from reservations.http import MemberRequest, asks_proof, in_a_file, member_of


@asks_proof
def taken_with_purpose(
    request: MemberRequest,
    listing: Listing[Any],
    found: Found,
    read: Callable[[Sequence[Any]], Iterable[Any]] = tuple,
    *,
    files: int,
) -> HttpResponseBase:
    """The page that asks why, then the file; `files`, how many households it tells of."""
    member = member_of(request)
    form = TakingForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        answer = in_a_file(request, listing, found, read)
        if answer.status_code == 200:
            record_access(
                member=member,
                keeper=member.organisation,
                what=AccessRecord.What.LIST,
                subject=listing.title,
                files=files,
                downloaded=True,
                why=form.cleaned_data["why"],
            )
        return answer
    context = {"form": form, "listing": listing, "files": files, "back": request.path}
    return render(request, "households/taking.html", context, status=422 if form.errors else 200)
