"""The routing sheet: one page for reading why, following and overriding."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render

from flux.forms.routing import RerouteForm
from flux.models import Vacancy
from flux.permissions import can_route
from flux.queries.sheet import alternative, sheet
from flux.queries.vacancies import with_destinations
from reservations.http import MemberRequest, member_of
from reservations.models import Membership


def sheet_vacancy(member: Membership, pk: int) -> Vacancy:
    """The vacancy with all that its sheet shows. Http404 for whom it is not."""
    vacancy = with_destinations(Vacancy.objects.visible_to(member).with_file_access(member)).filter(pk=pk).first()
    if vacancy is None:
        raise Http404
    return vacancy


def render_sheet(request: MemberRequest, vacancy: Vacancy, *, form: RerouteForm | None = None) -> HttpResponse:
    """The sheet as this person may read it. With a refused `form`: what was typed, and 422.

    While the worker has not come, htmx gets 204: nothing to redraw, and no focus lost.
    """
    read = sheet(vacancy)
    if read.state == "WAITING" and "HX-Request" in request.headers:
        return HttpResponse(status=204)
    member = member_of(request)
    may_route = can_route(member, vacancy) and read.ranking is not None
    asked = request.POST.get("holder", "") if form else request.GET.get("destination", "") if may_route else ""
    other = alternative(read, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if form is None and other is not None:
        form = RerouteForm(
            vacancy=vacancy,
            initial={
                "holder": other.taker.holder_id,
                "instead_of": other.giver.holder_id,
                "was_routed": read.routing is not None,
            },
        )
    context = {
        "vacancy": vacancy,
        "unit": vacancy.unit,
        "landlord": vacancy.unit.landlord,
        "file_open": vacancy.file_open,
        "sheet": read,
        "may_route": may_route,
        "asked": asked,
        "alternative": other,
        "not_chosen": bool(asked) and other is None,
        "form": form,
        "by_landlord": member.is_landlord,
    }
    return render(request, "flux/vacancy_detail.html", context, status=422 if form and form.is_bound else 200)
