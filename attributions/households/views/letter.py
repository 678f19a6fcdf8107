"""A letter to one applicant, to print and send."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.models import AccessRecord, Proposal
from attributions.households.operations.access import record_access
from attributions.households.pages.letter import TITLES
from attributions.households.permissions import can_instruct
from attributions.households.queries.letter import Letter, letter_kind
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.permissions import can_correct_organisation


@require_safe
def letter(request: MemberRequest, pk: int) -> HttpResponse:
    """The letter that this candidate is due now; a page that says so when none is."""
    member = member_of(request)
    seen = Proposal.objects.visible_to(member).select_related(
        "application", "offer", "vacancy__unit__landlord__organisation", "vacancy__unit__commune"
    )
    seen = seen.select_related("vacancy__unit__programme", "routing__holder__organisation")
    proposal = get_object_or_404(seen, pk=pk)
    refuse_unless(can_instruct(member, proposal.vacancy))
    decision = proposal.decisions.filter(superseded_at=None).order_by("pk").first()
    kind = letter_kind(proposal, decision)
    unit = proposal.vacancy.unit
    if kind:
        record_access(
            member=member,
            keeper=unit.landlord.organisation,
            what=AccessRecord.What.LETTER,
            subject=str(unit),
        )
    offer = getattr(proposal, "offer", None)
    context = {
        "proposal": proposal,
        "application": proposal.application,
        "decision": decision,
        "offer": offer,
        "kind": kind,
        "title": TITLES[kind] if kind else "",
        "unit": unit,
        "landlord": unit.landlord.organisation,
        "may_correct": can_correct_organisation(member, unit.landlord.organisation),
        "dated": offer.sent_on if kind == Letter.OFFER and offer else timezone.localdate(),
    }
    return render(request, "households/letter.html", context)
