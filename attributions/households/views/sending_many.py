"""Sending households of one's own to several units, of all landlords, in one act."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.file_filters import OfferedFilters
from attributions.households.forms.sending_many import RELOAD, SendManyForm
from attributions.households.models import AccessRecord, Proposal
from attributions.households.operations.access import record_access
from attributions.households.operations.sending_many import Chosen, send_to_many
from attributions.households.pages.sending_many import send_table, sent_words
from attributions.households.permissions import can_keep_households
from attributions.households.queries.open_units import open_units
from attributions.households.queries.suggested import suggested
from flux.forms.filters import filtered
from flux.models import Routing
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Membership
from reservations.words import plural

PAGE = 25
FILLS = "cocher"


@require_http_methods(["GET", "HEAD", "POST"])
def household_send(request: MemberRequest) -> HttpResponse:
    """The units that await candidates, the nearest deadline first, with the households that fit each; those that are
    ticked are sent, a unit whole or not at all. `cocher`: as many as each lacks are ticked. Kept in the journal."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(can_keep_households(member))
    form = SendManyForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            if _send(request, member, form):
                return redirect(request.get_full_path().replace(f"{FILLS}=oui", ""))
            form.add_error(None, "Aucun logement n’est transmis : lisez pourquoi ci-dessus, vos coches sont gardées.")
    filters = OfferedFilters(request.GET, member=member, today=today)
    page = Paginator(filters.qs.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    units = open_units(member, today=today, ids=list(page.object_list))
    fills = request.GET.get(FILLS) == "oui" and not form.is_bound
    found = suggested(units, member.organisation, on=today, fills=fills, ticked=form.ticked)
    if named := {one.pk for each in found for one in each.shown}:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject="ménages à proposer",
            files=len(named),
        )
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "page": page,
        "form": form,
        "fills": fills,
        "ticked": sum(len(each.ticked) for each in found),
        "table": send_table(found).or_say("Aucun logement n’attend de candidats de votre organisation."),
    }
    return render(request, "households/household_send.html", context, status=422 if form.errors else 200)


def _send(request: MemberRequest, member: Membership, form: SendManyForm) -> bool:
    given, today = form.cleaned_data, timezone.localdate()
    by_unit: dict[int, list[int]] = {}
    for vacancy, household in given["menage"]:
        by_unit.setdefault(vacancy, []).append(household)
    units = {each.vacancy.pk: each for each in open_units(member, today=today, ids=list(by_unit))}
    read = dict(given["routing"])
    routings = {
        each.pk: each
        for each in Routing.objects.filter(pk__in=read.values(), vacancy__in=by_unit)
        .select_related("holder__organisation", "convention", "acting")
        .order_by("pk")
    }
    chosen = [
        Chosen(units[pk].vacancy, routings.get(read.get(pk, 0), units[pk].routing), households)
        for pk, households in by_unit.items()
        if pk in units
    ]
    outcomes = send_to_many(
        chosen=chosen,
        sender=member.organisation,
        exemption=given["exemption"],
        exemption_text=given["exemption_text"],
        by=request.user,
    )
    done = [each.designation for each in outcomes if each.designation is not None]
    if done:
        households = Proposal.objects.filter(designation__in=done).count()
        messages.success(request, sent_words(len(done), households))
    for each in outcomes:
        if each.refused:
            messages.warning(request, f"{each.vacancy.unit.reference} : {each.refused}")
    if gone := len(by_unit) - len(chosen):
        lapsed = plural(gone, "logement n’attend,logements n’attendent") + " plus vos candidats"
        messages.warning(request, f"{gone} {lapsed}. {RELOAD}")
    return bool(done)
