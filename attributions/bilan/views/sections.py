"""The screens of sections.

* The sections of a balance: a page each, in one menu (templates/bilan/sections.html).
* Why an officer reads the whole figures of an exercise: the form, and the journal of who stated what.
* How long units take from one step to another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.bilan.exports.lists import PURPOSES, step_times_list
from attributions.bilan.forms.objectives import PurposeForm
from attributions.bilan.forms.reconciliation import StepTimesFilters
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.pages.charts import BY, STEP_NOTE, empty_words, step_times_table
from attributions.bilan.pages.sheets import purposes_table
from attributions.bilan.permissions import can_read_purposes, can_read_whole_figures
from attributions.bilan.queries.empty_units import empty_units
from attributions.bilan.queries.objective_cells import vacancy_scopes
from attributions.bilan.queries.publics import stated_purpose, stated_purposes
from attributions.bilan.queries.scope import sees_whole, sent_to
from attributions.bilan.queries.steps import measured_counts, measured_vacancies, step_times
from attributions.households.pages.procedure import NAMES
from flux.models import Ledger
from flux.queries.vacancies import late_and_signalled
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, page_of_ours, refuse_unless
from reservations.models import Landlord, Membership, Territory

#: The pages of a balance, in the order of the menu: name of the address, words, what the address takes besides.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("balance", "Synthèse", ()),
    ("balance-axis", "Par axe", ("typologie",)),
    ("balance-charts", "Graphiques", ()),
    ("balance-mix", "Équité", ()),
    ("balance-projection", "Projection", ()),
    ("balance-defects", "Données à compléter", ()),
    ("balance-downloads", "Lectures et téléchargements", ()),
)
#: Pages about whole accounts: no territory in their address.
WHOLE_ACCOUNTS = ("balance-mix", "balance-projection", "balance-downloads")
#: Read by the landlord and the administrator alone.
OF_THE_LANDLORD = ("balance-downloads",)
REVIEW = "balance-review"


@dataclass(frozen=True, slots=True)
class Section:
    """One link. `count`: what waits there, None when the page that shows the menu did not count it."""

    href: str
    words: str
    is_here: bool
    count: int | None


def sections(
    landlord: Landlord,
    year: int,
    here: str,
    *,
    member: Membership,
    ledgers: Iterable[Ledger] = (),
    query: str = "",
    counts: Mapping[str, int] | None = None,
    reviewed: Territory | None = None,
    opens: bool = True,
) -> list[Section]:
    """The menu as a page shows it. `here`: the name of its own address; `ledgers`: the accounts that the person reads,
    each département of which has its review, `reviewed` the one shown; `query`: the territory, that pages keep
    (« ?territory=12 »); `opens`: does the person read the figures? A right in stock alone gives the review only. One
    query for those who read the review only once it was sent to them."""
    ledgers = list(ledgers)
    pages = SECTIONS if opens else ()
    found = [
        Section(
            reverse(name, args=[landlord.pk, year, *others]) + ("" if name in WHOLE_ACCOUNTS else query),
            words,
            name == here,
            (counts or {}).get(name),
        )
        for name, words, others in pages
        if name not in OF_THE_LANDLORD or member.is_landlord or member.is_administrator
    ]
    places = {ledger.departement_id: ledger.departement for ledger in ledgers}
    if not ledgers and reviewed is not None:
        places = {reviewed.pk: reviewed}
    if places and not sees_whole(member):
        seen = sent_to(member, landlord.pk, year)
        places = {pk: place for pk, place in places.items() if pk in seen}
    return found + [
        Section(
            reverse(REVIEW, args=[landlord.pk, year, place.code]),
            f"Relecture et signatures{f', {place.name}' if len(places) > 1 else ''}",
            here == REVIEW and place == reviewed,
            None,
        )
        for place in sorted(places.values(), key=lambda place: place.code)
    ]


PAGE = 25


@require_http_methods(["GET", "HEAD", "POST"])
def balance_purposes(request: MemberRequest, year: int) -> HttpResponseBase:
    """The journal of what concerns the person; an officer states its purpose for the exercise, and goes back to the
    figures that it was reading."""
    member = member_of(request)
    may_state = can_read_whole_figures(member)
    refuse_unless(can_read_purposes(member) and (may_state or request.method != "POST"))
    given = {"next": request.GET.get("next", "")}
    form = PurposeForm(request.POST, initial=given) if request.method == "POST" else PurposeForm(initial=given)
    if form.is_bound and form.is_valid():
        with refusals_on(form):
            state_purpose(member=member, exercise=year, why=form.cleaned_data["why"], text=form.cleaned_data["text"])
            messages.success(
                request,
                f"Finalité inscrite au journal : vous lisez les chiffres entiers de {year} sur votre territoire.",
            )
            own = reverse("balance-territory", args=[year])
            return redirect(page_of_ours(request, form.cleaned_data["next"], own))
    seen = stated_purposes(member)
    if asks_file(request):
        return in_a_file(request, PURPOSES, seen)
    page = Paginator(seen, PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form if may_state else None,
        "stated": stated_purpose(member, year),
        "year": year,
        "page": page,
        "table": purposes_table(page),
        "today": timezone.localdate(),
    }
    return render(request, "bilan/purposes.html", context, status=422 if form.errors else 200)


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
            empty=empty_units(year, by.value, on=today, member=member, landlord=landlord, whole=purpose is not None),
        )
    )
    lines = [*read.rows, read.total] if read.rows and not filters.refused else []
    listing = step_times_list(BY[by], NAMES[start], NAMES[end])
    if asks_file(request):
        return in_a_file(request, listing, lines)
    measured = measured_vacancies(year, landlord=landlord, member=member)
    late, signalled = late_and_signalled(measured, member, today=today)
    context = {
        "late": late,
        "signalled": signalled,
        "filters": filters,
        "count": len(lines),
        "filtered": bool(request.GET),
        "here": request.path,
        "read": read,
        "table": listing.table("t-delais", read.rows, read.total, note=STEP_NOTE),
        "cost": empty_words(read.total.empty, today),
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
