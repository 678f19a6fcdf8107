"""The minutes of a closed session: sealed, nominative, read and taken away under the eye of the journal."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from attributions.households.forms.session import PurposeForm
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.pages.minutes import minutes_page, title
from attributions.households.permissions import can_read_minutes
from attributions.households.queries.minutes_read import Minutes, minutes_of
from attributions.households.queries.sessions import sessions_of
from reservations.exports.documents import PdfUnavailable, printed
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, acts_from, asks_proof, member_of, refuse_unless
from reservations.refusals import Refusal


@require_safe
def minutes(request: MemberRequest, pk: int) -> HttpResponse:
    """Read the minutes, with the names that the reader may know."""
    return _render(request, _load(request, pk), PurposeForm())


@acts_from("minutes", "pk")
@asks_proof
def minutes_pdf(request: MemberRequest, pk: int) -> HttpResponse:
    """Take the minutes away as a tagged PDF, saying why."""
    found = _load(request, pk)
    form = PurposeForm(request.POST)
    if not form.is_valid():
        return _render(request, found, form)
    try:
        pdf = printed(
            render_to_string("households/minutes_document.html", {"minutes": found, "said": minutes_page(found)})
        )
        _journal(request, found, why=form.cleaned_data["why"])
    except PdfUnavailable as refusal:
        messages.error(request, str(refusal))
        return redirect("minutes", pk)
    except Refusal as refusal:
        show_refusal(form, refusal)
        return _render(request, found, form)
    response = HttpResponse(pdf, content_type="application/pdf")
    name = f"proces-verbal-caleol-{found.session.day.isoformat()}.pdf"
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    return response


def _load(request: MemberRequest, pk: int) -> Minutes:
    member = member_of(request)
    session = get_object_or_404(sessions_of(member), pk=pk)
    refuse_unless(can_read_minutes(member, session))
    if session.closed_at is None:
        raise Http404
    return minutes_of(session, member)


def _journal(request: MemberRequest, found: Minutes, *, why: str = "") -> None:
    record_access(
        member=member_of(request),
        keeper=found.session.committee.landlord.organisation,
        what=AccessRecord.What.MINUTES,
        subject=title(found),
        files=found.files,
        downloaded=bool(why),
        why=why,
    )


def _render(request: MemberRequest, found: Minutes, form: PurposeForm) -> HttpResponse:
    if found.files:
        _journal(request, found)
    context = {"minutes": found, "said": minutes_page(found), "session": found.session, "form": form}
    return render(request, "households/minutes.html", context, status=422 if form.errors else 200)
