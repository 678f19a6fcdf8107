"""What was done on accounts: the page that tells it, and « j’ai lu »."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from reservations.access.limits import locked_now
from reservations.exports.lists import ACTS
from reservations.http import MemberRequest, acts_from, asks_file, in_a_file
from reservations.models import User
from reservations.operations.person import acknowledge_history
from reservations.pages.people_history import history_lines, history_table, sentence
from reservations.permissions import can_administer, can_manage_people, can_read_acts_on_people
from reservations.queries.people_history import acts_on_people, untold

PAGE = 25
#: Where the session keeps what its person has not said to have read: {"up_to", "sentences"}.
TOLD = "told"


@require_safe
def people_history(request: MemberRequest) -> HttpResponseBase:
    """Who did what on the accounts that one looks after, and on one's own. A fixed number of queries."""
    member = request.member
    found = acts_on_people(member, request.user)
    if asks_file(request):
        return in_a_file(request, ACTS, found, history_lines)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = history_lines(page.object_list)
    everywhere = can_administer(member)
    accounts, addresses = locked_now() if everywhere else ([], [])
    return render(
        request,
        "reservations/people_history.html",
        {
            "page": page,
            "lines": lines,
            "table": history_table(lines),
            "everywhere": everywhere,
            "of_organisation": can_read_acts_on_people(member),
            "may_manage": can_manage_people(member),
            "locked_accounts": accounts,
            "locked_addresses": addresses,
            "today": timezone.localdate(),
        },
    )


@acts_from("people-history")
def people_history_read(request: MemberRequest) -> HttpResponse:
    """Say to have read what the sign-in told."""
    told = request.session.pop(TOLD, None)
    if told is not None:
        acknowledge_history(user=request.user, up_to=told["up_to"])
    return redirect("home")


def tell_at_sign_in(request: HttpRequest, person: User) -> None:
    """Keep in the session what every page shows until it is read: no page asks for it again."""
    entries, more = untold(person)
    if entries:
        sentences = [sentence(entry) for entry in entries]
        if more:
            sentences.append(f"Et {more} {'autre acte' if more == 1 else 'autres actes'} : l’historique les dit tous.")
        request.session[TOLD] = {"up_to": entries[-1].pk, "sentences": sentences}
