"""The screens of proposals.

* One candidate: added, corrected, taken out, read and instructed.
* Sending households of one's own to several units, of all landlords, in one act.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from attributions.households.forms.file_filters import RELOAD, OfferedFilters, SendManyForm
from attributions.households.forms.requests import (
    CandidateForm,
    InstructionForm,
    NewCandidateForm,
    NumberForm,
    RemovalForm,
)
from attributions.households.models import AccessRecord, Application, Proposal
from attributions.households.models.priority import FACTS
from attributions.households.operations.application import OF_AGE, Identity, age_on, current
from attributions.households.operations.needs import instruct_proposal, record_access
from attributions.households.operations.proposal import add_candidate, edit_proposal, remove_proposal
from attributions.households.operations.sending import Chosen, send_to_many
from attributions.households.pages.candidacies import (
    CandidateReader,
    candidate_ways,
    checked_words,
    corrections,
    end_effects,
    end_words,
)
from attributions.households.pages.files import candidacy_facts, candidate_facts, requester_facts
from attributions.households.pages.sendings import send_table, sent_words
from attributions.households.permissions import can_instruct, can_keep_households, removal_reasons, withdrawal_reasons
from attributions.households.queries.deadlines import compared, reason_choices
from attributions.households.queries.minimum import for_state_priority
from attributions.households.queries.open_units import open_units, suggested
from attributions.households.views.files import keep_access, routing_read, vacancy_or_404
from flux.forms.filters import filtered
from flux.models import Routing, Vacancy
from flux.permissions import proposes_under
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import HistoryEntry, Membership
from reservations.words import euros, plural

Status = Proposal.Status
IDENTITY = ("name", "birth_date", "nationality", "requested_on")


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_new(request: MemberRequest, pk: int) -> HttpResponse:
    """Add a candidate: its number first, then its household, as known when the person's organisation knows it."""
    member = member_of(request)
    vacancy = vacancy_or_404(member, pk)
    routing = routing_read(request, vacancy)
    refuse_unless(proposes_under(member, vacancy, routing))
    if request.method != "POST" or "find" in request.POST or "name" not in request.POST:
        return _find(request, member, vacancy, routing)
    form = _new_form(vacancy, routing, request.POST)
    if form.is_valid():
        with refusals_on(form):
            added = add_candidate(
                vacancy=vacancy,
                routing=routing,
                number=form.cleaned_data["number"],
                identity=form.identity,
                facts=form.facts,
                dalo_designated=form.designated,
                proposer=member.organisation,
                by=request.user,
            )
            messages.success(request, f"Candidat n° {added.position} ajouté : le bailleur ne le voit pas encore.")
            _warn_of_a_minor(request, form.identity)
            return redirect("file", vacancy.pk)
    return _render_new(request, vacancy, form, known=None)


def _warn_of_a_minor(request: MemberRequest, identity: Identity) -> None:
    today = timezone.localdate()
    if identity.birth_date is not None and (age := age_on(identity.birth_date, today)) < OF_AGE:
        messages.warning(
            request, f"Le demandeur a {age} ans : seul un mineur émancipé signe un bail. Vérifiez sa date de naissance."
        )


def _find(request: MemberRequest, member: Membership, vacancy: Vacancy, routing: Routing | None) -> HttpResponse:
    form = NumberForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        context = {"vacancy": vacancy, "form": form}
        return render(request, "households/proposal_find.html", context, status=422 if form.errors else 200)
    number = form.cleaned_data["number"]
    seen = Application.objects.visible_to(member).numbered(number).select_related("merged_into", "priority")
    known = next((current(each) for each in seen.order_by("pk")), None)
    initial: dict[str, Any] = {"number": number, "routing": routing}
    if known is not None:
        initial |= {field: getattr(known, field) for field in (*IDENTITY, *FACTS)}
        keep_access(member, vacancy)
    return _render_new(request, vacancy, _new_form(vacancy, routing, initial=initial), known=known)


def _new_form(vacancy: Vacancy, routing: Routing | None, typed: Any = None, **kwargs: Any) -> NewCandidateForm:
    designates = for_state_priority(routing)
    return NewCandidateForm(typed, vacancy=vacancy, designates=designates, today=timezone.localdate(), **kwargs)


def _render_new(
    request: MemberRequest, vacancy: Vacancy, form: NewCandidateForm, *, known: Application | None
) -> HttpResponse:
    context = {"vacancy": vacancy, "form": form, "known": known, "title": "Quel ménage proposez-vous ?"}
    return render(request, "households/proposal_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Correct a candidate that was not sent yet."""
    member = member_of(request)
    proposal = _mine_or_refused(member, pk)
    vacancy, request_of = proposal.vacancy, current(proposal.application)
    if proposal.status_now != Status.DRAFT and request.method != "POST":
        return _no_more(request, proposal)
    initial = {field: getattr(request_of, field) for field in IDENTITY}
    initial |= {field: getattr(proposal, field) for field in FACTS} | {"dalo_designated": proposal.dalo_designated}
    form = CandidateForm(
        request.POST if request.method == "POST" else None,
        vacancy=vacancy,
        designates=for_state_priority(proposal.routing),
        today=timezone.localdate(),
        kept=proposal.priority,
        initial=initial | {"routing": proposal.routing},
    )
    if form.is_valid():
        with refusals_on(form):
            edit_proposal(
                proposal=proposal,
                facts=form.facts,
                identity=form.identity,
                dalo_designated=form.designated,
                by=request.user,
            )
            messages.success(request, f"Candidat n° {proposal.position} corrigé.")
            _warn_of_a_minor(request, form.identity)
            return redirect("file", vacancy.pk)
    keep_access(member, vacancy)
    context = {"vacancy": vacancy, "form": form, "proposal": proposal, "title": "Que faut-il corriger ?"}
    return render(request, "households/proposal_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_remove(request: MemberRequest, pk: int) -> HttpResponse:
    """Take out a candidate that was not sent yet, saying why."""
    member = member_of(request)
    proposal = _mine_or_refused(member, pk)
    if proposal.status_now != Status.DRAFT and request.method != "POST":
        return _no_more(request, proposal)
    form = RemovalForm(
        request.POST if request.method == "POST" else None,
        choices=reason_choices(proposal.routing, removal_reasons(proposal), sent=False),
    )
    if form.is_valid():
        with refusals_on(form):
            remove_proposal(proposal=proposal, reason=form.cleaned_data["reason"], by=request.user)
            messages.success(request, f"Candidat n° {proposal.position} retiré : il ne sera pas transmis.")
            return redirect("file", proposal.vacancy_id)
    keep_access(member, proposal.vacancy)
    context = {"vacancy": proposal.vacancy, "proposal": proposal, "form": form}
    return render(request, "households/proposal_remove.html", context, status=422 if form.errors else 200)


@require_safe
def proposal_detail(request: MemberRequest, pk: int) -> HttpResponse:
    """The named file of a candidate, for who proposes or instructs it. Kept in the journal."""
    member = member_of(request)
    proposal = _seen(member, pk)
    keep_access(member, proposal.vacancy)
    end, requester = getattr(proposal, "end", None), current(proposal.application)
    by_landlord = can_instruct(member, proposal.vacancy)
    acts = HistoryEntry.objects.about(proposal).select_related("by")
    withdraws = proposal.status_now in Proposal.LIVE and proposal.status_now != Status.DRAFT
    reader = CandidateReader(
        may_edit=proposal.status_now == Status.DRAFT and proposal.proposer_id == member.organisation_id,
        instructs=by_landlord,
        may_withdraw=withdraws and bool(withdrawal_reasons(member, proposal)),
    )
    context = {
        "vacancy": proposal.vacancy,
        "proposal": proposal,
        "request_of": requester,
        "requester": requester_facts(requester),
        "examined": candidate_facts(proposal, compared(proposal, proposal.vacancy.unit, on=timezone.localdate())),
        "candidacy": candidacy_facts(proposal),
        "checked": checked_words(proposal, by_landlord=by_landlord),
        "end_words": end_words(end),
        "end_effects": end_effects(proposal, end),
        "history": list(corrections(acts, by_landlord=by_landlord)),
        "ways": candidate_ways(proposal, reader),
    }
    return render(request, "households/proposal_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def proposal_instruct(request: MemberRequest, pk: int) -> HttpResponse:
    """The landlord verifies the facts of a candidate, corrects them when they are wrong, and says that it is ready."""
    member = member_of(request)
    proposal = _seen(member, pk)
    vacancy = proposal.vacancy
    refuse_unless(can_instruct(member, vacancy))
    if proposal.status_now not in (Status.SENT, Status.READY) and request.method != "POST":
        return _no_more(request, proposal)
    initial = {field: getattr(proposal, field) for field in (*FACTS, "effort_rate", "living_rest")}
    typed = request.POST if request.method == "POST" else None
    form = InstructionForm(typed, today=timezone.localdate(), kept=proposal.priority, initial=initial)
    if form.is_valid():
        with refusals_on(form):
            ready = instruct_proposal(
                proposal=proposal,
                facts=form.facts,
                effort_rate=form.cleaned_data["effort_rate"],
                living_rest=form.cleaned_data["living_rest"],
                by=request.user,
            )
            _say_ready(request, ready)
            return redirect("file", vacancy.pk)
    keep_access(member, vacancy)
    context = {
        "vacancy": vacancy,
        "proposal": proposal,
        "compared": compared(proposal, vacancy.unit, on=timezone.localdate()),
        "form": form,
    }
    return render(request, "households/proposal_instruct.html", context, status=422 if form.errors else 200)


def _say_ready(request: MemberRequest, ready: Proposal) -> None:
    messages.success(request, f"Candidat n° {ready.position} instruit : il est prêt pour la CALEOL.")
    beside = compared(ready, ready.vacancy.unit, on=timezone.localdate())
    if beside is not None and beside.is_over:
        messages.warning(
            request,
            f"Ses ressources dépassent le plafond du logement ({euros(beside.ceiling)} par an) : la commission en "
            "décidera.",
        )


def _seen(member: Membership, pk: int) -> Proposal:
    """A candidate that this person may read by name. Http404 otherwise."""
    seen = Proposal.objects.visible_to(member).select_related(
        "application__merged_into",
        "proposer",
        "priority",
        "designation",
        "end",
        "ready_by",
        "routing__holder__organisation",
        "routing__convention",
        "vacancy__unit__commune__departement",
        "vacancy__unit__commune__region",
        "vacancy__unit__landlord__organisation",
    )
    return get_object_or_404(seen, pk=pk)


def _mine_or_refused(member: Membership, pk: int) -> Proposal:
    """A candidate of the person's own organisation. Http404 for what it may not read, 403 for another's."""
    proposal = _seen(member, pk)
    own = proposal.proposer_id == member.organisation_id
    refuse_unless(own and proposes_under(member, proposal.vacancy, proposal.routing))
    return proposal


def _no_more(request: MemberRequest, proposal: Proposal) -> HttpResponse:
    """What was read meanwhile moved: say so, and show where it is."""
    label = Status(proposal.status_now).label
    messages.warning(
        request,
        f"Cette candidature en est à « {label} » : elle ne se modifie plus d’ici. "
        "Cette page dit ce qui reste possible.",
    )
    return redirect("proposal-detail", proposal.pk)


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
