"""Papers that come back: an archive that was taken away from another tool, or a folder of it."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from reservations.forms.fields import show_refusal
from reservations.forms.papers import PapersForm
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.imports.papers import PapersRefused, bring_papers
from reservations.pages.papers import brought_words, faults_table
from reservations.permissions import can_take_everything
from reservations.refusals import Refusal

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
