"""How long units take from one step to another."""

from __future__ import annotations

from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.lists import step_times_list
from attributions.bilan.forms.step_times import StepTimesFilters
from attributions.bilan.pages.step_times import BY, step_times_table
from attributions.bilan.permissions import can_read_whole_figures
from attributions.bilan.queries.objective_scopes import vacancy_scopes
from attributions.bilan.queries.purpose import stated_purpose
from attributions.bilan.queries.step_spans import measured_counts
from attributions.bilan.queries.step_times import measured_vacancies, step_times
from attributions.households.pages.steps import NAMES
from flux.queries.signalling import late_and_told
from reservations.http import MemberRequest, asks_file, in_a_file, member_of


@require_safe
def step_times_page(request: MemberRequest) -> HttpResponseBase:
    """Median and mean working days between two steps, and how many candidates a lease takes."""
    member, today = member_of(request), timezone.localdate()
    filters = StepTimesFilters(request.GET, scopes=vacancy_scopes(member, this_year=today.year))
    year, landlord, by = filters.year_read, filters.landlord_read, filters.by_read
    start, end = filters.kind("start"), filters.kind("end")
    purpose = stated_purpose(member, year)
    read = step_times_table(
        step_times(
            measured_counts(year, landlord=landlord, member=member),
            start,
            end,
            by,
            member=member,
            is_whole=purpose is not None,
        )
    )
    lines = [*read.rows, read.total] if read.rows and not filters.refused else []
    if asks_file(request):
        return in_a_file(request, step_times_list(BY[by], NAMES[start], NAMES[end]), lines)
    measured = measured_vacancies(year, landlord=landlord, member=member)
    late, told = late_and_told(measured, member, today=today)
    context = {
        "late": late,
        "told": told,
        "filters": filters,
        "count": len(lines),
        "filtered": bool(request.GET),
        "here": request.path,
        "read": read,
        "start": NAMES[start],
        "end": NAMES[end],
        "by": BY[by],
        "year": year,
        "landlord": landlord,
        "officer": can_read_whole_figures(member),
        "purpose": purpose,
        "today": today,
    }
    return render(request, "bilan/step_times.html", context)
