"""« À faire »: one list a person, of every act that awaits it."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.inbox.entries import PAGE, Entry, Filters
from attributions.inbox.forms import OUTSIDE, chosen, row_form
from attributions.inbox.pages import (
    OPEN,
    ROW,
    Opened,
    Seen,
    address_of,
    answer,
    asked,
    coming,
    confirmable,
    groups,
    selects,
)
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
    """What awaits the person, what lapses first first: one kind, one place, grouped, by the address; with the form of
    an act open in its row."""
    member = member_of(request)
    filters = Filters.read(request.GET)
    found = Inbox(Reader(member, now=timezone.now()))
    board = found.board(filters)
    number = sum(each.number for each in board.here if filters.kind in (None, each.kind))
    pages: Page[Entry] = Paginator(_Entries(found, filters, number), PAGE).get_page(  # type: ignore[arg-type]
        request.GET.get("page")
    )
    rows, today = list(pages.object_list), found.reader.today
    opened, acts = None, ""
    if at := chosen(rows, found.reader, request.GET.get(OPEN, "")):
        entry, act = at
        form = row_form(entry, act, found.reader)
        if form is None:
            return redirect(address_of(entry))
        rank = rows.index(entry) + 1
        opened = Opened(entry, form.drawn(f"{reverse('inbox')}?{urlencode(asked(filters))}#{ROW}{rank}"))
        acts = f"{form.address}?{coming(filters, rank)}"
    context = {
        "awaiting": sum(each.number for each in board.counted),
        "answer": answer(board.counted, today),
        "filtered": bool(filters.places or filters.kind or filters.group),
        "selects": selects(board, filters),
        "groups": groups(rows, Seen(found.reader, filters, request.GET.get("check") == "all", opened)),
        "acts": acts,
        "outside": OUTSIDE,
        "page": pages,
        "confirms": any(confirmable(each) for each in rows),
        "coming": coming(filters),
        "today": today,
    }
    return render(request, "inbox/inbox.html", context)
