"""What goes out: one list, as its imports read it; or everything that an organisation has, in one file."""

from __future__ import annotations

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.spreadsheet import CSV, spreadsheet
from reservations.http import MemberRequest, asks_proof_to_read, member_of, refuse_unless
from reservations.imports.kinds import every_kind
from reservations.models import Archive
from reservations.pages.takeaway import archives_table
from reservations.permissions import can_take_everything
from reservations.takeaway import leaving_kinds, order_archive, parts, table_of, tells

#: The latest, shown: they are kept two days.
SHOWN = 20


@require_safe
def kind_export(request: MemberRequest, kind: str) -> StreamingHttpResponse:
    """One list, whole, under the columns of its model file: given back, it changes nothing. Households are named in the
    archive alone, which is asked for, and kept in the journal."""
    member = member_of(request)
    told = (each for each in every_kind() if tells(each) and not each.names_households)
    found = next((each for each in told if each.code == kind), None)
    if found is None:
        raise Http404
    refuse_unless(found.may(member))
    response = StreamingHttpResponse(spreadsheet(table_of(found, member)), content_type=CSV)
    response["Content-Disposition"] = f'attachment; filename="{found.code}.csv"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def takeaway(request: MemberRequest) -> HttpResponse:
    """Everything that the organisation has: ask for it, and take what a worker made."""
    member = member_of(request)
    refuse_unless(can_take_everything(member))
    if request.method == "POST":
        order_archive(member=member, now=timezone.now())
        return redirect("takeaway")
    archives = list(Archive.objects.filter(organisation=member.organisation_id)[:SHOWN])
    context = {
        "kinds": leaving_kinds(member),
        "table": archives_table(archives),
        "archives": archives,
        "waiting": next((each for each in archives if each.made_at is None), None),
        "today": timezone.localdate(),
    }
    return render(request, "reservations/takeaway.html", context)


@asks_proof_to_read
@require_safe
def takeaway_file(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """The file, for whoever may take it, a part at a time."""
    member = member_of(request)
    refuse_unless(can_take_everything(member))
    found = get_object_or_404(Archive, pk=pk, organisation=member.organisation_id, made_at__isnull=False)
    response = StreamingHttpResponse(parts(found), content_type="application/zip")
    response["Content-Length"] = str(found.size)
    response["Content-Disposition"] = f'attachment; filename="equiflux-{found.asked_at:%Y-%m-%d}.zip"'
    return response
