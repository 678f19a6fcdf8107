"""The needs that a holder declares in a ledger: read by all who read the account, written by the holder alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.exports.account_lists import NEEDS, needs_rows
from flux.forms.needs import NeedsForm, initial_of
from flux.models import Ledger, NeedsDeclaration
from flux.models.needs import needs_in_force
from flux.operations.needs import check_reachable, checked, declare_needs, latest, withdraw_needs
from flux.pages.departures import in_course_too
from flux.pages.needs import comparison_table, declared_table
from flux.permissions import can_declare_needs
from flux.queries.conventions import counts_later
from flux.queries.needs import Expected, compared, expected, history_of, projected
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file, member_of, refusals_shown, refuse_unless
from reservations.models import ReservationHolder
from reservations.words import towards, upper_first

#: The id of no declaration.
UNREADABLE = -1


@require_http_methods(["GET", "HEAD", "POST"])
def needs(request: MemberRequest, ledger: int, holder: int) -> HttpResponseBase:
    """What a holder needs beside what the flow gives. A post is read back with what the flow allows, then confirmed."""
    member, today = member_of(request), timezone.localdate()
    book, one = _found(request, ledger, holder)
    found = expected(book, today)
    acts = history_of(book, one)
    if str(one.pk) not in found.usual and not acts:
        if not book.lines.filter(holder=one).exists():
            raise Http404
        messages.info(
            request, f"{upper_first(towards(one))} n’a plus de part dans ce compte : aucun besoin à déclarer."
        )
        return redirect("statement", book.pk, one.pk)
    may = can_declare_needs(member, one)
    in_force = needs_in_force(book)
    mine = next((row for row in in_force if row.holder_id == one.pk), None)
    targets = NeedsDeclaration.objects.targets(book).get(str(one.pk), {})
    usual = found.usual.get(str(one.pk), {})
    parts = compared(usual, mine.mix if mine else {}, targets)
    if asks_file(request):
        return in_a_file(request, NEEDS, needs_rows(parts))
    posted = request.method == "POST"
    form = NeedsForm(
        request.POST if posted else None, compared=parts, initial=initial_of(mine.mix) if mine else {"note": ""}
    )
    context: dict[str, Any] = {
        "ledger": book,
        "holder": one,
        "own": one.organisation_id == member.organisation_id,
        "found": found,
        "tables": [comparison_table(part, "Cible") for part in parts],
        "count": len(needs_rows(parts)),
        "targeted": any(part.targeted for part in parts),
        "mine": mine,
        "in_force": in_force,
        "acts": acts,
        "declared": declared_table(acts, one, own=one.organisation_id == member.organisation_id),
        "may": may and book.exercise == today.year,
        "form": form,
        "in_course_too": in_course_too(counts_later(book, on=today)),
    }
    if not posted:
        return render(request, "flux/needs.html", context)
    refuse_unless(may)
    if form.is_valid():
        with refusals_on(form):
            if "confirm" in request.POST:
                declare_needs(
                    ledger=book,
                    holder=one,
                    mix=form.mix,
                    note=form.cleaned_data["note"],
                    by=request.user,
                    seen=_seen(request.POST.get("seen", "")),
                )
                messages.success(request, "Besoins déclarés : ils comptent dès le prochain logement libéré.")
                return redirect("needs", book.pk, one.pk)
            if "back" not in request.POST:
                return _read_back(request, form, found, in_force, context)
    return render(request, "flux/needs.html", context, status=422 if form.errors else 200)


def _read_back(
    request: MemberRequest,
    form: NeedsForm,
    found: Expected,
    in_force: list[NeedsDeclaration],
    context: dict[str, Any],
) -> HttpResponse:
    """What the flow allows of what was typed, before anything is written. Raises NeedsRefused."""
    one, book = context["holder"], context["ledger"]
    mix = checked(form.mix)
    if usual := found.usual.get(str(one.pk)):
        check_reachable(mix, usual)
    mixes = {str(row.holder_id): row.mix for row in in_force} | {str(one.pk): mix}
    allowed = projected(found, mixes).get(str(one.pk), {})
    parts = compared(usual or {}, mix, allowed)
    tables = [comparison_table(part, "Ce que le flux permet") for part in parts if part.declares]
    return render(request, "flux/needs_confirm.html", context | {"tables": tables, "seen": latest(book)})


@acts_from("needs", "ledger", "holder")
def needs_withdraw(request: MemberRequest, ledger: int, holder: int) -> HttpResponse:
    """Go back to what the flow gives."""
    book, one = _found(request, ledger, holder)
    refuse_unless(can_declare_needs(member_of(request), one))
    with refusals_shown(request):
        withdraw_needs(ledger=book, holder=one, by=request.user)
        messages.success(request, "Besoins retirés : vous retrouvez la répartition du flux dès le prochain logement.")
    return redirect("needs", book.pk, one.pk)


def _found(request: MemberRequest, ledger: int, holder: int) -> tuple[Ledger, ReservationHolder]:
    """The ledger, that the person may read, and a holder that may declare. Http404 otherwise."""
    book = get_object_or_404(
        Ledger.objects.ordinary()
        .visible_to(member_of(request))
        .select_related("landlord__organisation", "departement"),
        pk=ledger,
    )
    holders = ReservationHolder.objects.exclude(contingent=ReservationHolder.Contingent.NOT_RESERVED)
    return book, get_object_or_404(holders.select_related("organisation"), pk=holder)


def _seen(text: str) -> int | None:
    """The latest declaration when the page was made; None when the page does not say. What cannot be read is of no
    declaration, so that the act finds the page out of date."""
    if not text:
        return None
    return int(text) if text.isdecimal() and len(text) < 19 else UNREADABLE
