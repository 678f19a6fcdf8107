"""The préfet's order that stands for a convention where none was signed: of the State, or of another holder."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.operations.openings import settle_earlier_dues
from flux.pages.convention_sheet import order_answer, order_question
from flux.pages.statement_lines import would_owe
from flux.views.convention import owed
from reservations.forms.fields import refusals_on
from reservations.forms.prefect_order import HolderOrderForm, OrderHolderForm, PrefectOrderForm
from reservations.http import MemberRequest, refuse_unless
from reservations.models import Convention, Landlord, Organisation
from reservations.operations.prefect_order import record_holder_order, record_order
from reservations.permissions import can_record_order
from reservations.queries.conventions import proposed_ranks
from reservations.queries.derogations import caps_of
from reservations.words import of


class _Asked(Exception):
    """What was tried is undone: a question is left."""

    def __init__(self, question: str) -> None:
        super().__init__(question)
        self.question = question


@require_http_methods(["GET", "HEAD", "POST"])
def prefect_order_new(request: MemberRequest) -> HttpResponse:
    """Record an order; the holder is in the address, and the State's parts are asked without one. Where its first day
    is past, what it would have owed is shown before it is recorded, and what becomes of it asked."""
    refuse_unless(can_record_order(request.member))
    whose = OrderHolderForm(request.GET)
    organisation = whose.cleaned_data["reservataire"] if whose.is_valid() else None
    form = _form(request, organisation)
    if form.is_valid():
        with refusals_on(form):
            try:
                with transaction.atomic():
                    recorded = _record(request, form)
            except _Asked as asked:
                form.add_error("earlier_dues", asked.question)
            else:
                messages.success(request, _recorded_words(recorded))
                return redirect("convention-detail", pk=recorded.pk)
    context = {
        "form": form,
        "whose": whose,
        "organisation": organisation,
        "question": order_question(organisation),
        "answer": order_answer(organisation),
    }
    return render(request, "flux/prefect_order_form.html", context, status=422 if form.errors else 200)


def _form(request: MemberRequest, organisation: Organisation | None) -> PrefectOrderForm | HolderOrderForm:
    member = request.member
    assert member is not None
    landlords, departements = caps_of(member)
    given = request.POST if request.method == "POST" else None
    initial = {"landlord": member.landlord, "departement": member.organisation.territory_id}
    if organisation is None:
        return PrefectOrderForm(given, landlords=landlords, departements=departements, initial=initial)
    landlord = member.landlord or Landlord.objects.filter(pk=_number(request.POST.get("landlord"))).first()
    contingents = list(organisation.contingents.order_by("-contingent"))
    ranks = {holder.pk: place for place, holder in enumerate(contingents, 1)}
    if landlord is not None:
        ranks = dict(proposed_ranks(landlord, contingents, timezone.localdate()))
    return HolderOrderForm(
        given,
        landlords=landlords,
        departements=departements,
        organisation=organisation,
        ranks=ranks,
        initial=initial,
    )


def _record(request: MemberRequest, form: PrefectOrderForm | HolderOrderForm) -> Convention:
    """Record it, and settle what precedes; raises _Asked when it does not say what becomes of it."""
    act = record_order if isinstance(form, PrefectOrderForm) else record_holder_order
    recorded: Convention = act(**form.terms(), **form.shares(), by=request.user)
    if form.lacks_earlier_dues() and (found := owed(recorded)):
        raise _Asked(f"{would_owe(recorded, found)} Dites ce que deviennent ces logements.")
    settle_earlier_dues(convention=recorded, on=timezone.localdate())
    return recorded


def _recorded_words(recorded: Convention) -> str:
    days = f"du {recorded.starts_on:%d/%m/%Y} au {recorded.ends_on:%d/%m/%Y}"
    if recorded.organisation.kind == Organisation.Kind.STATE:
        part = "la part de l’État y est comptée"
    else:
        part = f"la part {of(recorded.organisation)} est comptée, et les services du préfet proposent à sa place,"
    return f"L’arrêté est enregistré : {part} {days}, ou jusqu’à la convention qui sera signée."


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isascii() and typed.isdigit() else 0
