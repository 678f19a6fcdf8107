"""« À faire »: one list a person, of every act that awaits it."""

from __future__ import annotations

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.inbox.entries import PAGE, Entry, Filters
from attributions.inbox.pages import answer, confirmable, confirming, groups, selects
from attributions.inbox.queries import Inbox
from attributions.inbox.reader import Reader
from reservations.http import MemberRequest, member_of


class _Entries:
    """The rows of an inbox under filters, a page at a time, and how many there are."""

    def __init__(self, inbox: Inbox, filters: Filters, number: int) -> None:
        self.inbox, self.filters, self.number = inbox, filters, number

    def count(self) -> int:
        return self.number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, page: slice) -> list[Entry]:
        return self.inbox.entries(self.filters, start=page.start, stop=page.stop) if page.stop else []


@require_safe
def inbox(request: MemberRequest) -> HttpResponse:
    """What awaits the person, what lapses first first: one kind, one place, grouped, by the address."""
    member = member_of(request)
    filters = Filters.read(request.GET)
    found = Inbox(Reader(member, now=timezone.now()))
    counted = found.counted()
    here = found.counted(filters) if filters.places else counted
    number = sum(each.number for each in here if filters.kind in (None, each.kind))
    pages: Page[Entry] = Paginator(_Entries(found, filters, number), PAGE).get_page(  # type: ignore[arg-type]
        request.GET.get("page")
    )
    rows, today = list(pages.object_list), found.reader.today
    places = found.places() if member.is_landlord or member.is_holder else []
    context = {
        "awaiting": sum(each.number for each in counted),
        "answer": answer(counted, today),
        "filtered": bool(filters.places or filters.kind or filters.group),
        "selects": selects(here, places, filters),
        "groups": groups(rows, filters, today=today, checked=request.GET.get("check") == "all"),
        "page": pages,
        "confirms": any(confirmable(each) for each in rows),
        "confirming": confirming(filters),
        "today": today,
    }
    return render(request, "inbox/inbox.html", context)
