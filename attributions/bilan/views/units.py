"""Units of a balance: those behind a figure, and those whose description is to complete."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.lists import DEFECTS, UNITS
from attributions.bilan.pages.changes import units_words
from attributions.bilan.pages.defects import defects_table
from attributions.bilan.pages.units import behind_table, none_behind
from attributions.bilan.queries.balance import Balance
from attributions.bilan.views.figures import AXES, COHORT, WORDS
from attributions.bilan.views.scope import asked, landlord_of, place_query
from attributions.bilan.views.sealed_units import as_sealed, moved_in
from attributions.bilan.views.sections import sections
from flux.models import Unit, Vacancy
from flux.queries.behind import Behind, tallied
from flux.queries.cells import Axis
from flux.queries.lacking import LACKING, completeness, lacking_offers
from flux.words import known
from reservations.http import MemberRequest, asks_file, in_a_file, member_of
from reservations.models import Landlord, Membership

PAGE = 25


@require_safe
def balance_units(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """The units behind one figure of a balance: their sum is the figure."""
    owner, member = landlord_of(request, landlord, year), member_of(request)
    read = _read(request, owner, year)
    measure = request.GET.get("measure", "offered")
    slug = request.GET.get("axis", "")
    if measure not in WORDS or (slug and slug not in AXES):
        raise Http404
    axis, category = AXES.get(slug), request.GET.get("category", "")
    by_cohort = request.GET.get("reading") == COHORT
    behind = Behind(
        read.ledgers if by_cohort else read.acts,
        read.communes,
        measure,
        _holder(request, read),
        axis,
        category,
        None if by_cohort else year,
    )
    cells = read.cohort if by_cohort else read.cells
    moved, read_units = moved_in(behind, read.since, year), partial(_counted, member=member, behind=behind)
    counted: QuerySet[Vacancy, tuple[int, int]] | list[tuple[int, int]]
    if moved:
        counted = as_sealed(behind, Vacancy.declared.visible_to(member), moved)
    else:
        counted = behind.seen_by(member).values_list("pk", F("times"))
    if asks_file(request):
        return in_a_file(request, UNITS, counted, read_units)
    seen = list(counted)
    mine = tallied(seen)
    # Counted again, whoever reads, where what this person sees is not all that the figure says.
    told = cells.figure(measure, behind.holder, axis, category)
    if mine.times == told:
        figure = mine
    else:
        figure = tallied(as_sealed(behind, Vacancy.declared.all(), moved)) if moved else behind.figure()
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    context = {
        "balance": read,
        "page": page,
        "table": behind_table(read_units(page.object_list), counts_candidates=measure == "refused").or_say(
            none_behind(hidden=figure.times > mine.times)
        ),
        "figure": figure,
        "hidden": figure.times - mine.times,
        "sealed": units_words(len(moved)) if moved else [],
        "one": WORDS[measure][0],
        "several": WORDS[measure][1],
        "holder": read.holders.get(behind.holder) if behind.holder is not None else None,
        "axis": axis,
        "category": known(cells.name(axis, category))
        if axis is not None and category in cells.categories(axis)
        else "",
        "counts_candidates": measure == "refused",
        "by_cohort": by_cohort,
        "query": place_query(read),
        "today": timezone.localdate(),
        "sections": sections(
            owner,
            year,
            "balance-units",
            member=member_of(request),
            ledgers=read.ledgers,
            query=place_query(read),
        ),
    }
    return render(request, "bilan/units.html", context)


def _counted(pairs: Iterable[tuple[int, int]], *, member: Membership, behind: Behind) -> list[tuple[Vacancy, int]]:
    """Of these ids, each unit as the figure counts it, and how many times. Three queries."""
    times = dict(pairs)
    vacancies = Vacancy.declared.filter(pk__in=times).with_file_access(member).order_by("pk")
    found = list(vacancies.select_related("unit__commune", "unit__programme", "description__commune"))
    under = behind.described_in(times)
    for each in found:
        if (description := under.get(each.pk, each.description)) is not None:
            each.unit = description.of(each.unit)
    return [(each, times[each.pk]) for each in found]


def _read(request: MemberRequest, owner: Landlord, year: int) -> Balance:
    """The balance asked for. Http404: limited to a territory that is not in it."""
    _, read, unknown = asked(request, owner, year)
    if unknown:
        raise Http404
    return read


def _holder(request: MemberRequest, read: Balance) -> int | None:
    """The holder asked for (id), None for all. Http404: one without a line."""
    wanted = request.GET.get("holder", "")
    found = next((pk for pk in read.holders if str(pk) == wanted), None)
    if wanted and found is None:
        raise Http404
    return found


#: What each axis is called when a description lacks it.
LACKED = {
    Axis.FINANCING: "sans financement",
    Axis.QPV: "sans situation au regard des quartiers prioritaires (QPV)",
    Axis.PERIOD: "sans année de construction",
}


@require_safe
def balance_defects(request: MemberRequest, landlord: int, year: int) -> HttpResponseBase:
    """Units offered in the year whose description lacks what the balance classes them by: the landlord completes
    them."""
    owner, member = landlord_of(request, landlord, year), member_of(request)
    read = _read(request, owner, year)
    complete = completeness(read.cells)
    seen = lacking_offers(read.acts, Vacancy.objects.visible_to(member), read.communes, year=year)
    # Read once: to count the units is to group all their offers, and costs as much as to list them.
    own = member.is_landlord and member.organisation_id == owner.organisation_id
    if asks_file(request):
        return in_a_file(request, DEFECTS, seen, partial(_defects, own=own))
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    rows, query = _defects(list(page), own=own), place_query(read)
    context = {
        "balance": read,
        "complete": complete,
        "counts": [(LACKED[axis], complete.by_axis[axis]) for axis in LACKING],
        "page": page,
        "rows": rows,
        "table": defects_table(rows, year, can_edit=own),
        "can_edit": own,
        "query": query,
        "today": timezone.localdate(),
        "sections": sections(
            owner,
            year,
            "balance-defects",
            member=member,
            ledgers=read.ledgers,
            query=query,
            counts={"balance-defects": complete.incomplete},
        ),
    }
    return render(request, "bilan/defects.html", context)


def _defects(pairs: Sequence[tuple[int, int]], *, own: bool) -> list[dict[str, Any]]:
    """Units offered so many times, and what each lacks. One query."""
    units = Unit.objects.select_related("commune", "programme").in_bulk(pk for pk, _ in pairs)
    return [
        {
            "unit": units[pk],
            "offers": offers,
            "lacked": [LACKED[axis] for axis in LACKING if _lacks(units[pk], axis)],
            "own": own,
        }
        for pk, offers in pairs
    ]


def _lacks(unit: Unit, axis: Axis) -> bool:
    return getattr(unit, LACKING[axis]) in ("", None)
