"""The screens of documents.

* Signed files of a convention: attached by either party, handed back as they came.
* What goes out: one list, as its imports read it; or everything that an organisation has, in one file.
* Papers that come back: an archive that was taken away from another tool, or a folder of it.
"""

from __future__ import annotations

import logging
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.spreadsheet import CSV, spreadsheet
from reservations.forms.documents import PapersForm, SignedFileForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, asks_proof_to_read, member_of, refuse_unless
from reservations.imports.kinds import every_kind
from reservations.imports.papers import PapersRefused, bring_papers
from reservations.models import Archive, SignedDocument
from reservations.operations.documents import DocumentDamaged, NotYetSigned, attach_document, received
from reservations.pages.documents import signed_documents
from reservations.pages.nicknames import archives_table, brought_words, faults_table
from reservations.permissions import can_attach_document, can_take_everything
from reservations.queries.conventions import conventions_of, papers_of
from reservations.refusals import Refusal
from reservations.takeaway import leaving_kinds, order_archive, parts, table_of, tells

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
def document_attach(request: MemberRequest, pk: int) -> HttpResponse:
    """Give a signed file, for one of the two parties of a signed convention."""
    convention = get_object_or_404(conventions_of(request.member), pk=pk)
    refuse_unless(can_attach_document(request.member, convention))
    given = (request.POST, request.FILES) if request.method == "POST" else ()
    form = SignedFileForm(*given, papers=papers_of(convention))
    if form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            document = attach_document(
                convention=convention,
                name=file.name or "",
                content=file.read(),
                by=request.user,
                paper=form.cleaned_data.get("paper") or SignedDocument.Paper.CONVENTION,
            )
        except NotYetSigned as refusal:
            messages.error(request, str(refusal))
            return redirect("convention-detail", pk=convention.pk)
        except Refusal as refusal:
            show_refusal(form, refusal)
        else:
            messages.success(
                request, f"Le fichier « {document.name} » est joint : il est gardé tel quel, avec son empreinte."
            )
            return redirect("convention-detail", pk=convention.pk)
    return render(
        request,
        "reservations/convention_document_attach.html",
        {"convention": convention, "form": form, "documents": signed_documents(convention)},
        status=422 if form.errors else 200,
    )


@require_safe
def document_download(request: MemberRequest, pk: int) -> HttpResponse:
    """One signed file, for whoever may see its convention; never bytes that changed since they were received."""
    document = get_object_or_404(
        SignedDocument.objects.select_related("convention__organisation", "convention__landlord__organisation"),
        pk=pk,
        convention__in=conventions_of(request.member).order_by(),
    )
    try:
        content = received(document)
    except DocumentDamaged as refusal:
        logger.error("Signed document %s: its bytes no longer have the SHA-256 %s", document.pk, document.sha256)
        page = {"document": document, "convention": document.convention, "sentence": str(refusal)}
        return render(request, "reservations/convention_document_damaged.html", page, status=500)
    response = HttpResponse(content, content_type=document.content_type)
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=document.name)
    return response


#: The latest, shown: they are kept two days.
SHOWN = 20


@require_safe
def kind_export(request: MemberRequest, kind: str) -> StreamingHttpResponse:
    """One list, whole, under the columns of its model file: given back, it changes nothing. Households are named in the
    archive alone, which is asked for, and kept in the journal."""
    member = member_of(request)
    kinds = (each for each in every_kind() if tells(each) and not each.names_households)
    found = next((each for each in kinds if each.code == kind), None)
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


#: Faults shown; their count says them all.
MOST_FAULTS = 100


@require_http_methods(["GET", "HEAD", "POST"])
def papers_bring(request: MemberRequest) -> HttpResponse:
    """Give back what was sealed or signed elsewhere: all of it is kept, or nothing."""
    member = member_of(request)
    refuse_unless(can_take_everything(member))
    form = PapersForm(request.POST, request.FILES) if request.method == "POST" else PapersForm()
    context: dict[str, Any] = {"form": form, "table": None}
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        try:
            counts = bring_papers(member=member, file=cast("BinaryIO", file.file), kept_in=form.cleaned_data["kept_in"])
        except PapersRefused as refused:
            show_refusal(form, refused)
            context |= {"table": faults_table(refused.faults[:MOST_FAULTS], len(refused.faults))}
        except Refusal as refused:
            show_refusal(form, refused)
        else:
            messages.success(request, brought_words(counts))
            return redirect("papers-bring")
    return render(request, "reservations/papers_bring.html", context, status=422 if form.errors else 200)
