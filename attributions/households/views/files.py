"""The screens of files.

* Minutes that another tool sealed: their list, and each one as it came, under the eye of the journal.
* The candidates of one unit, the list of units that await some, and sending them.
* Which of one's own households fit a unit, and adding several of them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.exports.lists import FILES
from attributions.households.forms.file_filters import FileFilters
from attributions.households.forms.requests import ChosenForm, SendForm
from attributions.households.forms.sessions import PurposeForm
from attributions.households.models import AccessRecord, Designation, Proposal
from attributions.households.operations.needs import record_access
from attributions.households.operations.proposal import prepare_proposals
from attributions.households.operations.sending import claim_exemption, send_proposals
from attributions.households.pages.applications import candidates_table
from attributions.households.pages.file_words import FileWords
from attributions.households.pages.files import FileLine, file_facts, file_lines, files_table
from attributions.households.pages.matching import choices, matching_answer, matching_table
from attributions.households.pages.occupation import OccupationWords
from attributions.households.pages.procedure import minutes_table, minutes_title
from attributions.households.pages.requests import no_file, past_of_unit
from attributions.households.pages.sendings import Sending, draft_lines, exemptions
from attributions.households.queries.candidates import counted, fitting, minutes_elsewhere, pool
from attributions.households.queries.file import (
    UnitFile,
    found,
    may_claim,
    offers_elsewhere,
    open_routing,
    rows,
    unit_file,
    units,
)
from attributions.households.queries.minimum import count_of
from attributions.households.queries.occupation import occupation
from attributions.households.queries.open_units import past_candidacies
from flux.forms.filters import filtered
from flux.models import Routing, Unit, Vacancy
from flux.permissions import proposes_under
from flux.queries.vacancies import read_destinations, with_destinations
from reservations.forms.fields import refusals_on
from reservations.http import (
    MemberRequest,
    asks_file,
    asks_proof,
    in_a_file,
    inbox_address,
    member_of,
    refuse_unless,
    table_in_a_file,
)
from reservations.models import Membership
from reservations.words import integer, plural, to

PAGE = 25


@require_safe
def minutes_elsewhere_list(request: MemberRequest) -> HttpResponseBase:
    """All of the landlord, for its staff."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    found = minutes_elsewhere(member)
    if asks_file(request):
        return table_in_a_file(request, "proces-verbaux-tenus-ailleurs", found, minutes_table)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    return render(request, "households/minutes_elsewhere_list.html", {"page": page, "table": minutes_table(page)})


@asks_proof
@require_http_methods(["GET", "HEAD", "POST"])
def minutes_elsewhere_one(request: MemberRequest, pk: int) -> HttpResponse:
    """What it is; then its very bytes, for who says why."""
    member = member_of(request)
    refuse_unless(member.is_landlord)
    kept = get_object_or_404(minutes_elsewhere(member), pk=pk)
    form = PurposeForm(request.POST) if request.method == "POST" else PurposeForm()
    if request.method == "POST" and form.is_valid():
        record_access(
            member=member,
            keeper=kept.keeper,
            what=AccessRecord.What.MINUTES,
            subject=f"procès-verbal tenu ailleurs : {minutes_title(kept)}",
            downloaded=True,
            why=form.cleaned_data["why"],
        )
        response = HttpResponse(bytes(kept.content), content_type=kept.content_type)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name)
        return response
    context = {"kept": kept, "title": minutes_title(kept), "form": form}
    return render(request, "households/minutes_elsewhere.html", context, status=422 if form.errors else 200)


@require_safe
def file_list(request: MemberRequest) -> HttpResponseBase:
    """Where each unit stands, the nearest deadline first: for its landlord, and for the holder it is routed to."""
    member, today = member_of(request), timezone.localdate()
    refuse_unless(member.is_landlord or member.is_holder)
    filters = FileFilters(request.GET, member=member, today=today)
    read = partial(_lines, today=today)
    if asks_file(request):
        asked = filters.qs.order_by().values("pk")
        return in_a_file(request, FILES, with_destinations(units(asked, member=member, today=today)), read)
    page = Paginator(filters.qs.values_list("pk", flat=True), PAGE).get_page(request.GET.get("page"))
    lines = read(_units(list(page.object_list), member, today))
    context = {
        "filters": filters.form,
        "filtered": filtered(filters.form),
        "chosen_stage": filters.form.cleaned_data.get("etape"),
        "page": page,
        "lines": lines,
        "table": files_table(lines, by_landlord=member.is_landlord).or_say(
            no_file(filtered=filtered(filters.form), by_landlord=member.is_landlord)
        ),
        "by_landlord": member.is_landlord,
        "ours": not member.is_landlord,
        "today": today,
    }
    return render(request, "households/file_list.html", context)


def _lines(found: Iterable[Vacancy], *, today: date) -> list[FileLine]:
    return file_lines(rows(list(found), today=today))


def _units(ids: list[int], member: Membership, today: date) -> list[Vacancy]:
    """Those of a page, in its order: what is ordered is their ids alone, and what is read of them is of these alone."""
    found = {each.pk: each for each in read_destinations(units(ids, member=member, today=today))}
    return [found[pk] for pk in ids]


@require_safe
def file(request: MemberRequest, pk: int) -> HttpResponse:
    """Where a unit stands, for whoever sees it; its candidates by name for those who propose or instruct them."""
    member = member_of(request)
    read = unit_file(vacancy_or_404(member, pk), member=member, today=timezone.localdate())
    past = past_candidacies(read.vacancy, member)
    if named := len(read.proposals) + len(past):
        keep_access(member, read.vacancy, files=named)
    context = {
        "vacancy": read.vacancy,
        "landlord": read.vacancy.unit.landlord,
        "file": read,
        "words": FileWords(
            read,
            _is_ours(read, member),
            has_past=bool(past),
            proposes=read.searcher is not None and read.searcher.pk == member.organisation_id,
        ),
        "facts": file_facts(read),
        "candidates": candidates_table(read, member) if read.proposals else None,
        "past": past_of_unit(past, leads=member.is_landlord),
        "occupation": occupation_of(read.vacancy.unit, member) if read.vacancy.file_open else None,
    }
    return render(request, "households/file.html", context)


def occupation_of(unit: Unit, member: Membership) -> OccupationWords:
    """Who lives in the building of a unit, for whoever reads where it is."""
    read = occupation(unit.programme_id, member, landlord=unit.landlord_id, on=timezone.localdate())
    return OccupationWords(unit.programme, read)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_send(request: MemberRequest, pk: int) -> HttpResponse:
    """Send the candidates that the person's organisation prepared, with an exception when some are missing; without a
    candidate in preparation, claim the exception for those sent already."""
    member, today = member_of(request), timezone.localdate()
    vacancy = vacancy_or_404(member, pk)
    routing = routing_read(request, vacancy)
    refuse_unless(proposes_under(member, vacancy, routing))
    here = Proposal.objects.filter(vacancy=vacancy, routing=routing, proposer=member.organisation_id)
    drafts = list(here.filter(status=Proposal.Status.DRAFT).select_related("application").order_by("position", "pk"))
    count = count_of(vacancy, routing, drafts, on=today)
    claims = not drafts and may_claim(vacancy, routing, count)
    typed = request.POST if request.method == "POST" else None
    form = SendForm(typed, vacancy=vacancy, count=count, initial={"routing": routing})
    if form.is_valid():
        act = claim_exemption if claims else send_proposals
        with refusals_on(form):
            sent = act(
                vacancy=vacancy,
                routing=routing,
                sender=member.organisation,
                exemption=form.cleaned_data.get("exemption", ""),
                exemption_text=form.cleaned_data.get("exemption_text", ""),
                by=request.user,
            )
            messages.success(request, _claimed(sent) if claims else _sent(sent))
            return redirect(inbox_address(request) or reverse("file", args=[vacancy.pk]))
    if drafts:
        keep_access(member, vacancy, files=len(drafts))
    context = {
        "vacancy": vacancy,
        "drafts": list(draft_lines(drafts, offers_elsewhere(member, drafts))),
        "words": Sending(drafts, count, claims, routed=routing is not None),
        "exemptions": exemptions(form) if count.missing else None,
        "count": count,
        "form": form,
    }
    return render(request, "households/proposal_send.html", context, status=422 if form.errors else 200)


def vacancy_or_404(member: Membership, pk: int) -> Vacancy:
    """A unit whose steps this person may read. Http404 otherwise."""
    vacancy = found(member, pk)
    if vacancy is None:
        raise Http404
    return vacancy


def routing_read(request: MemberRequest, vacancy: Vacancy) -> Routing | None:
    """The routing that the person read, closed since or not; else the one that is open. None: it goes to nobody."""
    posted = request.POST.get("routing", "")
    if posted.isdecimal() and len(posted) < 19:
        routings = vacancy.routings.select_related("holder__organisation", "convention", "acting")
        return routings.filter(pk=int(posted)).first() or open_routing(vacancy)
    return open_routing(vacancy)


def keep_access(member: Membership, vacancy: Vacancy, *, files: int = 1) -> None:
    """Write in the journal that this person reads named files of a unit."""
    record_access(
        member=member,
        keeper=vacancy.unit.landlord.organisation,
        what=AccessRecord.What.FILE,
        subject=f"logement {vacancy.unit}",
        files=files,
    )


def _is_ours(read: UnitFile, member: Membership) -> bool:
    """Is the unit routed to the organisation of the reader, or does that act for its holder?"""
    routing = read.routing
    return routing is not None and member.organisation_id in (routing.holder.organisation_id, routing.acting_id)


def _claimed(designation: Designation) -> str:
    return f"L’exception est enregistrée : {designation.get_exemption_display()}. Le bailleur en est informé."


def _sent(designation: Designation) -> str:
    number = designation.proposals.count()
    words = f"{number} candidats sont transmis" if number > 1 else "1 candidat est transmis"
    landlord = designation.vacancy.unit.landlord
    if designation.sent_for_id == landlord.organisation_id:
        return f"{words} : leur instruction peut commencer."
    return f"{words} {to(landlord)} : votre délai s’arrête."


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_choose(request: MemberRequest, pk: int) -> HttpResponse:
    """The households of the organisation that fit the unit, who has waited longest first, to tick and add; the others
    by the reason that sets them aside (`ecart`). Kept in the journal."""
    member, today = member_of(request), timezone.localdate()
    vacancy = vacancy_or_404(member, pk)
    routing = routing_read(request, vacancy)
    refuse_unless(proposes_under(member, vacancy, routing))
    form = ChosenForm(request.POST if request.method == "POST" else None, vacancy=vacancy, initial={"routing": routing})
    if form.is_valid():
        with refusals_on(form):
            added = prepare_proposals(
                vacancy=vacancy,
                routing=routing,
                applications=form.cleaned_data["menage"],
                proposer=member.organisation,
                by=request.user,
            )
            number = len(added)
            words = f"{integer(number)} {plural(number, 'candidat ajouté,candidats ajoutés')}"
            messages.success(request, f"{words} : il reste à transmettre.")
            return redirect("file", vacancy.pk)
    asked = fitting(vacancy, routing, on=today)
    found = pool(member.organisation, vacancy, asked)
    counts = counted(found)
    reason, persons = request.GET.get("ecart", ""), request.GET.get("personnes", "")
    reason = reason if reason in counts.misfits else ""
    size = next((each for each in counts.fit if str(each) == persons and not reason), None)
    kept = found.filter(misfit=reason or None)
    page = Paginator(kept if size is None else kept.filter(members=size), PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    if shown:
        record_access(
            member=member,
            keeper=member.organisation,
            what=AccessRecord.What.LIST,
            subject=f"ménages pour le logement {vacancy.unit}",
            files=len(shown),
        )
    context = {
        "vacancy": vacancy,
        "form": form,
        "page": page,
        "answer": matching_answer(counts, asked),
        "table": matching_table(shown, asked, fit=not reason).or_say(
            "Aucun de vos ménages ne convient. Enregistrez une demande par son numéro unique, ou dites pourquoi vous "
            "n’avez pas de candidat."
        ),
        "choices": choices(counts, reason=reason, persons=size),
    }
    return render(request, "households/proposal_choose.html", context, status=422 if form.errors else 200)
