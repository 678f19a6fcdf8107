"""Transparence de l'orientation: is anybody favoured? One page for all who read the account."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from flux.exports.figure_tables import GOOD_UNITS, good_units
from flux.models import Ledger
from flux.pages.opening import kept_words
from flux.pages.transparency import asked_tables, asked_words, overrides_tables
from flux.pages.transparency_tables import clerks_table, delays_table, shares_table
from flux.permissions import can_name_staff
from flux.queries.known import seen_among
from flux.queries.opening import kept
from flux.queries.transparency import good_units as shares
from flux.queries.transparency import names
from flux.queries.transparency import transparency as read_transparency
from reservations.http import MemberRequest, asks_file, in_a_file, member_of


@require_safe
def transparency(request: MemberRequest, ledger: int) -> HttpResponseBase:
    """Good units by holder, delays, order and overrides. People are named to their own managers only."""
    member = member_of(request)
    seen = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    book = get_object_or_404(seen, pk=ledger)
    if asks_file(request):
        return in_a_file(request, GOOD_UNITS, good_units(shares(book)))
    read = read_transparency(book)
    known, opened = {}, kept(book)
    if can_name_staff(member, book.landlord):
        people = {clerk.person for clerk in read.registrations.clerks} | {pk for pk, _ in read.overrides.people}
        people |= {each.person for each in read.asked.people}
        known = names(people)
    context = {
        "ledger": book,
        "read": read,
        "shares": shares_table(read.holders),
        "delays": delays_table(read.registrations, book.exercise),
        "clerks": clerks_table(read.registrations, known),
        "alerts": [(known.get(clerk.person, ""), clerk) for clerk in read.registrations.alerts],
        "overrides_tables": overrides_tables(read.overrides, known),
        "asked_words": asked_words(read.asked),
        "asked_tables": asked_tables(
            read.asked, known, seen_among([each.recommendation.vacancy_id for each in read.asked.latest], member)
        ),
        "count": len(good_units(read.holders)),
        "kept": kept_words(opened) if opened else "",
    }
    return render(request, "flux/transparency.html", context)
