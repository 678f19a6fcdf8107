"""Which of one's own households fit a unit, and adding several of them at once."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.proposal import ChosenForm
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.operations.proposal import prepare_proposals
from attributions.households.pages.matching import choices, matching_answer, matching_table
from attributions.households.queries.matching import counted, fitting, pool
from attributions.households.views.file import routing_read, vacancy_or_404
from flux.permissions import proposes_under
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.words import integer, plural

PAGE = 25


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
