"""A signature that a party gave by hand, with its file, on a page of its own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.operations.signing import sign_by_hand
from flux.views.convention import earlier_words, load
from flux.views.convention_acts import said_of_signature, told_of
from reservations.forms.convention_acts import DepositForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, asks_proof, member_of, refuse_unless
from reservations.operations.convention import ConventionClosed, SignatureRefused
from reservations.operations.convention_signature import Paper
from reservations.permissions import can_deposit_signature
from reservations.queries.signatories import depositable
from reservations.refusals import Refusal


@require_http_methods(["GET", "HEAD", "POST"])
@asks_proof
def convention_deposit(request: MemberRequest, pk: int) -> HttpResponse:
    """Deposit what a party signed: one's own organisation, or, for the landlord, one for which nobody signs here."""
    convention = load(request, pk)
    refuse_unless(can_deposit_signature(request.member, convention))
    parties = depositable(convention, member_of(request))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = DepositForm(*given, parties=parties, today=timezone.localdate())
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            signed = sign_by_hand(
                convention=convention,
                organisation=form.cleaned_data["organisation"],
                signed_on=form.cleaned_data["signed_on"],
                signer=form.cleaned_data["signer"],
                paper=Paper(file.name or "", file.read()),
                by=request.user,
            )
        except ConventionClosed as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except SignatureRefused as refusal:
            for obstacle in told_of(refusal, request, convention):
                form.add_error(None, obstacle)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(request, said_of_signature(signed))
            return redirect("convention-detail", pk=convention.pk)
    earlier = earlier_words(convention, today=timezone.localdate())
    context = {"convention": convention, "form": form, "parties": parties, "earlier": earlier}
    return render(request, "flux/convention_deposit.html", context, status=422 if form.errors else 200)
