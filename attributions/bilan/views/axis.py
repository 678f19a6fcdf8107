"""One axis of a balance: holders by categories of units (CCH, R441-5-1)."""

from __future__ import annotations

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.bilan.exports.figure_tables import axis_listing
from attributions.bilan.pages.axes import axis_name
from attributions.bilan.pages.axis import AxisRow, Choice, axis_table
from attributions.bilan.pages.changes import changes_table, sealed_words
from attributions.bilan.pages.opened import Figure
from attributions.bilan.pages.passages import passage_words
from attributions.bilan.queries.balance import Balance
from attributions.bilan.queries.passages import passages_in
from attributions.bilan.queries.whole import changes_of
from attributions.bilan.views.figures import AXES, SLUGS, opened
from attributions.bilan.views.scope import asked, landlord_of, place_query
from attributions.bilan.views.sections import sections
from flux.queries.cells import Axis, Measures
from flux.queries.lacking import LACKING, Completeness, completeness
from flux.words import known
from reservations.http import MemberRequest, asks_file, in_a_file, member_of

CHOICES = (
    Choice("proposes", "Proposés et attribués", ("offered", "allocated"), ("proposés", "attribués"), ("P", "A")),
    Choice("rendus", "Rendus et refusés", ("returned", "refused"), ("rendus", "candidatures non abouties"), ("R", "C")),
    Choice(
        "baux",
        "Loués et premières locations",
        ("leased", "first_lettings"),
        ("loués", "premières mises en location"),
        ("L", "P"),
    ),
)


@require_safe
def balance_axis(request: MemberRequest, landlord: int, year: int, axis: str) -> HttpResponseBase:
    """What each holder was offered and given, category by category of one axis."""
    owner = landlord_of(request, landlord, year)
    if axis not in AXES:
        raise Http404
    _, read, unknown = asked(request, owner, year)
    if unknown:
        raise Http404
    on, query = AXES[axis], place_query(read)
    choice = next((each for each in CHOICES if each.slug == request.GET.get("show")), CHOICES[0])
    complete = completeness(read.cells)
    categories = read.cells.categories(on)
    rows = [_row(read, holder, on, choice, categories) for holder in read.holders]
    words = [known(read.cells.name(on, category)) for category in categories]
    if asks_file(request):
        listing = axis_listing(f"{choice.words} en {year}, par {axis_name(on)}", words, choice.heads)
        return in_a_file(request, listing, rows)
    came = changes_of(read, member_of(request))
    context = {
        "balance": read,
        "axis": on,
        "choice": choice,
        "choices": CHOICES,
        "tabs": [(SLUGS[each], axis_name(each), complete.by_axis.get(each, 0)) for each in Axis],
        "slug": axis,
        "query": query,
        "categories": words,
        "rows": rows,
        "table": axis_table(
            f"{choice.words} en {year}, par {axis_name(on)}",
            choice,
            words,
            rows,
            _row(read, None, on, choice, categories),
        ),
        "count": len(rows),
        "answer": _answer(read, on),
        "sealed": sealed_words(read.since.seals, came),
        "since": changes_table(came) if came else None,
        "passages": passage_words(passages_in(read, member_of(request))),
        "missing": complete.by_axis.get(on, 0),
        "can_lack": on in LACKING,
        "today": timezone.localdate(),
        "sections": sections(
            owner,
            year,
            "balance-axis",
            member=member_of(request),
            ledgers=read.ledgers,
            query=query,
            counts=_counts(complete),
        ),
    }
    return render(request, "bilan/axis.html", context)


def _counts(complete: Completeness) -> dict[str, int]:
    return {"balance-defects": complete.incomplete}


def _row(read: Balance, holder: int | None, axis: Axis, choice: Choice, categories: list[str]) -> AxisRow:
    words = "Ensemble" if holder is None else str(read.holders[holder])

    def pair(measures: Measures, category: str | None) -> tuple[Figure, Figure]:
        first, second = (
            opened(
                read,
                name,
                getattr(measures, name),
                holder=holder,
                axis=None if category is None else axis,
                category=category or "",
            )
            for name in choice.measures
        )
        return first, second

    if holder is None:
        found = {category: read.cells.category(axis, category) for category in categories}
        whole = read.cells.total(axis)
    else:
        found = dict(read.cells.of(axis).get(holder, {}))
        whole = read.cells.holder(holder, axis)
    return AxisRow(words, [*(pair(found.get(each, Measures()), each) for each in categories), pair(whole, None)])


def _answer(read: Balance, axis: Axis) -> tuple[str, int] | None:
    """The category most offered, and how many; None when nothing was."""
    counts = {category: read.cells.category(axis, category).offered for category in read.cells.categories(axis)}
    best = max(counts, key=lambda category: counts[category], default=None)
    return None if best is None or not counts[best] else (known(read.cells.name(axis, best)), counts[best])
