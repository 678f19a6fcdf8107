"""What the organisation of the person was notified of."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from attributions.notices.lists import NOTICES
from attributions.notices.models import Notice
from attributions.notices.operations import read_notice, read_notices
from attributions.notices.queries import notices, opened, unread_count
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file, member_of
from reservations.models import Membership
from reservations.words import integer, plural

#: Notices of one page.
PAGE = 30


@require_safe
def notice_list(request: MemberRequest) -> HttpResponseBase:
    """Unread first; those of a unit whose file is closed since say what it is, not where."""
    member = member_of(request)
    found = notices(member)
    if asks_file(request):
        return in_a_file(request, NOTICES, found, lambda batch: _with_access(batch, member))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "unread": unread_count(member),
        "opened": opened(member, [each.vacancy_id for each in page if each.vacancy_id]),
        "latest": max((each.pk for each in page), default=0),
    }
    return render(request, "notices/notice_list.html", context)


def _with_access(batch: Sequence[Notice], member: Membership) -> list[tuple[Notice, bool]]:
    known = opened(member, [each.vacancy_id for each in batch if each.vacancy_id])
    return [(each, each.vacancy_id in known) for each in batch]


@acts_from("notice-list")
def notice_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Mark one as read."""
    member = member_of(request)
    notice = get_object_or_404(Notice.objects.visible_to(member), pk=pk)
    read_notice(notice=notice, by=member)
    return redirect("notice-list")


@acts_from("notice-list")
def notice_read_all(request: MemberRequest) -> HttpResponse:
    """Mark as read every one up to the latest of the page that the person saw."""
    member = member_of(request)
    posted = request.POST.get("until", "")
    read = read_notices(until=int(posted), by=member) if posted.isdecimal() and len(posted) < 12 else 0
    messages.success(request, f"{integer(read)} avis {plural(read, 'est lu,sont lus')}.")
    return redirect("notice-list")
