"""« À faire »: one list a person, of every act that awaits it."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.inbox.declared import BY_CODE
from attributions.inbox.entries import PAGE, Entry, Filters
from attributions.inbox.forms import OUTSIDE, FilterForm, chosen, follow_form, row_form
from attributions.inbox.models import NamedFilter
from attributions.inbox.operations import FilterRefused, follow, keep_filter
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
    followed,
    groups,
    named_filters,
    selects,
)
from attributions.inbox.queries import Inbox, put_off
from attributions.inbox.reader import Reader
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, acts_from, inbox_address, member_of, refusals_shown, refuse_unless
from reservations.models import DeskChoice
from reservations.models.together import at_once, given, whole
from reservations.operations.desk import choose_keys

#: In the session of a person: the follow-up noted last, as it was before, until the next list is read.
UNDO = "inbox_undo"


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
    reader = Reader(member, now=timezone.now())
    at_once(reader.ahead())
    found = Inbox(reader, whose=filters.whose)
    board, later, named, counted = at_once(
        found.board(filters),
        put_off.steps(reader),
        whole(NamedFilter.objects.filter(user=member.user_id, organisation=member.organisation_id)),
        Inbox(reader).counting() if filters.whose else given(None),
    )
    awaiting = board.counted if counted is None else counted
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
        "awaiting": sum(each.number for each in awaiting),
        "answer": answer(awaiting, today),
        "filtered": bool(filters.places or filters.kind or filters.whose or filters.group),
        "selects": selects(board, filters, followed=bool(reader.marks)),
        "named": named_filters(named, asked(filters)),
        "kept": urlencode(asked(replace(filters, page=""))),
        "keys": DeskChoice.of(request.user),
        "groups": groups(rows, Seen(found.reader, filters, request.GET.get("check") == "all", opened)),
        "acts": acts,
        "outside": OUTSIDE,
        "page": pages,
        "confirms": any(confirmable(each) for each in rows),
        "coming": coming(filters),
        "undo": request.session.pop(UNDO, None),
        "put_off": later,
        "today": today,
    }
    return render(request, "inbox/inbox.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def inbox_follow(request: MemberRequest, kind: str, key: int) -> HttpResponse:
    """Who takes a row, and until when it is put off; then back to the list as it was filtered."""
    member = member_of(request)
    reader = Reader(member, now=timezone.now())
    entry = Inbox.find(reader, BY_CODE[kind], key) if kind in BY_CODE else None
    if entry is None:
        raise Http404
    refuse_unless(not entry.kind.own)
    form = follow_form(entry, reader, request.POST if request.method == "POST" else None)
    if form.is_valid():
        given, before = form.cleaned_data, form.noted(reader.today)
        with refusals_on(form):
            mark = follow(
                entry=entry,
                by=member,
                taken_by=form.people.get(given["taken_by"]),
                put_off_until=given["put_off_until"],
                reason=given["reason"],
                now=reader.now,
            )
            messages.success(request, followed(mark, reader.today, entry.due_on))
            request.session[UNDO] = {"address": request.get_full_path(), "before": before}
            return redirect(inbox_address(request) or reverse("inbox"))
    context = {"form": form, "kind": entry.kind, "due_on": entry.due_on}
    return render(request, "inbox/follow.html", context, status=422 if form.errors else 200)


@acts_from("inbox")
def inbox_filter(request: MemberRequest) -> HttpResponse:
    """Keep the filters of the list under a name, or forget those of a name."""
    member = member_of(request)
    if forgotten := request.POST.get("retirer", ""):
        mine = NamedFilter.objects.filter(user=request.user, organisation=member.organisation_id)
        if forgotten.isdecimal() and len(forgotten) < 19:
            mine.filter(pk=int(forgotten)).delete()
        return redirect("inbox")
    kept = urlencode(asked(replace(Filters.read(QueryDict(request.POST.get("filtres", "")[:300])), page="")))
    with refusals_shown(request):
        form = FilterForm(request.POST)
        if not form.is_valid():
            raise FilterRefused("Donnez à ces filtres un nom de 40 signes au plus, en lettres et en chiffres.")
        named = keep_filter(by=member, name=form.cleaned_data["nom"], kept=kept)
        messages.success(request, f"Ces filtres sont gardés : « {named} ».")
    return redirect(f"{reverse('inbox')}?{kept}" if kept else reverse("inbox"))


@acts_from("inbox")
def inbox_keys(request: MemberRequest) -> HttpResponse:
    """Turn the single keys on or off for the person, on every device."""
    choice = choose_keys(user=request.user, single_keys="touches" in request.POST)
    does = "agissent" if choice.single_keys else "n’agissent plus"
    messages.success(request, f"Les touches seules {does}, sur tous vos postes.")
    return redirect(inbox_address(request) or reverse("inbox"))
