"""Signed files of a convention: attached by either party, handed back as they came."""

from __future__ import annotations

import logging

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from reservations.forms.document import SignedFileForm
from reservations.forms.fields import show_refusal
from reservations.http import MemberRequest, refuse_unless
from reservations.models import SignedDocument
from reservations.operations.document import DocumentDamaged, NotYetSigned, attach_document, received
from reservations.pages.documents import signed_documents
from reservations.permissions import can_attach_document
from reservations.queries.conventions import conventions_of, papers_of
from reservations.refusals import Refusal

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
