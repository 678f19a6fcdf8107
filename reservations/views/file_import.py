"""The one door for files: choose, say the columns once, read what would change, confirm; then where it stands."""

from __future__ import annotations

from functools import partial
from typing import Any, BinaryIO, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from reservations.exports.file_import import model, refused_lines
from reservations.forms.fields import refusals_on
from reservations.forms.files import ColumnsForm, FileForm
from reservations.http import (
    MemberRequest,
    acts_from,
    asks_file,
    is_timed,
    member_of,
    next_look,
    refusals_shown,
    refuse_unless,
    table_in_a_file,
)
from reservations.imports.door import confirm, digest_of, drop, receive_file, tell_columns
from reservations.imports.kept import parts
from reservations.imports.kinds import Asks, FileKind, every_kind, kind_of, kinds_for
from reservations.imports.staging import as_read, by_holder
from reservations.models import FileImport, ImportedLine
from reservations.pages.file_import import (
    changes_table,
    columns_table,
    imports_table,
    progress_words,
    reasons_table,
    remarks_table,
    totals_table,
    written_table,
)
from reservations.pages.table import Table
from reservations.permissions import can_name_in_files, can_take_everything

PAGE = 25
#: Changes shown; the counts say them all.
MOST_CHANGES = 20
State = FileImport.State
Verdict = ImportedLine.Verdict
CSV = "text/csv; charset=utf-8"


#: Names of which one may say whose they are, from the page of a file.
MOST_NAMES = 5
ASKED = {Asks.HOLDER: "Dire qui est « {} »", Asks.PLACE: "Dire quel lieu est « {} »"}


@require_safe
def file_import_list(request: MemberRequest) -> HttpResponseBase:
    """What can be imported, and what was."""
    member = member_of(request)
    kinds = kinds_for(member)
    refuse_unless(bool(kinds))
    mine = FileImport.objects.visible_to(member).filter(kind__in=[kind.code for kind in kinds])
    found, titles = mine.select_related("given_by"), {kind.code: kind.title for kind in kinds}
    if asks_file(request):
        return table_in_a_file(request, "fichiers-importes", found, partial(imports_table, titles=titles))
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "kinds": kinds,
        "page": page,
        "table": imports_table(page, titles),
        "may_take": can_take_everything(member),
        "today": timezone.localdate(),
    }
    return render(request, "reservations/file_import_list.html", context)


def _kind(request: MemberRequest, code: str) -> FileKind:
    """Http404 when there is none; 403 for those who do not give such files."""
    member = member_of(request)
    if code not in {kind.code for kind in every_kind()}:
        raise Http404
    kind = kind_of(code)
    refuse_unless(kind.may(member))
    return kind


@require_http_methods(["GET", "HEAD", "POST"])
def file_import_new(request: MemberRequest, kind: str) -> HttpResponse:
    """Choose a file of one kind; its columns are listed beside."""
    of = _kind(request, kind)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        with refusals_on(form):
            order = receive_file(
                organisation=member_of(request).organisation,
                kind=of,
                name=file.name or "",
                content=cast("BinaryIO", file.file),
                by=request.user,
            )
            return redirect("file-import", pk=order.pk)
    page = {"kind": of, "form": form, "table": columns_table(of.columns)}
    return render(request, "reservations/file_import_new.html", page, status=422 if form.errors else 200)


@require_safe
def file_import_model(request: MemberRequest, kind: str) -> HttpResponse:
    """The model file of a kind."""
    of = _kind(request, kind)
    content = model([each.name for each in of.columns], [each.example for each in of.columns])
    return HttpResponse(content, content_type=CSV, headers=_saved_as(f"modele-{of.code}.csv"))


def _order(request: MemberRequest, pk: int) -> tuple[FileImport, FileKind]:
    """An import of one's organisation, of a kind that one gives; Http404 otherwise."""
    member = member_of(request)
    kinds = {kind.code: kind for kind in kinds_for(member)}
    orders = FileImport.objects.visible_to(member).filter(kind__in=list(kinds))
    order = get_object_or_404(orders.select_related("organisation", "given_by", "confirmed_by"), pk=pk)
    return order, kinds[order.kind]


@require_safe
def file_import(request: MemberRequest, pk: int) -> HttpResponse:
    """Where an import stands: columns to state, progress, what it would change, what it changed."""
    order, kind = _order(request, pk)
    context: dict[str, Any] = {"order": order, "kind": kind, "again": next_look(request), "change": ""}
    if order.at_work:
        context["words"] = progress_words(order)
    if is_timed(request):
        context["change"] = "" if order.at_work else str(State(order.state).label).capitalize()
        return render(request, "reservations/file_import_state.html", context)
    if order.state == State.CHOSEN:
        return redirect("file-import-columns", pk=order.pk)
    if order.state in (State.CHECKED, State.DONE):
        context |= _found(request, order, kind)
        counted = kind.unsettled is not None and kind.unsettled[0] in order.topics
        context["unsettled"] = kind.unsettled if counted else None
    return render(request, "reservations/file_import.html", context)


def _found(request: MemberRequest, order: FileImport, kind: FileKind) -> dict[str, Any]:
    lines = ImportedLine.objects.filter(file_import=order)
    refused = lines.filter(verdict=Verdict.REFUSED).order_by("line")
    page = Paginator(refused, PAGE).get_page(request.GET.get("page"))
    warned = lines.exclude(verdict=Verdict.REFUSED).exclude(remarks=[]).order_by("line")[:PAGE]
    changed = lines.filter(verdict=Verdict.CHANGED).order_by("line")[:MOST_CHANGES]
    checked = order.state == State.CHECKED
    is_emptied = kind.names_households and not checked
    reasons = reasons_table(page) if is_emptied else remarks_table(page, refused=True)
    return {
        "digest": digest_of(order),
        "to_write": _to_write(lines, order, kind) if checked else [],
        "page": page,
        "refused": reasons if page.paginator.count else None,
        "is_emptied": is_emptied,
        "unknown": _unknown(refused, order) if can_name_in_files(member_of(request)) else [],
        "warned": remarks_table(warned, refused=False) if order.warned and checked else None,
        "changes": changes_table(changed) if order.changed and checked else None,
    }


def _to_write(lines: QuerySet[ImportedLine], order: FileImport, kind: FileKind) -> list[Table]:
    """By holder, then line by line but of households: what will be written."""
    found = [totals_table(*by_holder(order.totals, kind))] if order.totals else []
    return [*found, _written(lines, order, kind)] if order.new and not kind.names_households else found


def _written(lines: QuerySet[ImportedLine], order: FileImport, kind: FileKind) -> Table:
    """The first lines that are new, as they are read. Files that name households are not opened here."""
    new = lines.filter(verdict=Verdict.NEW).order_by("line").values_list("line", "cells", "named")[:PAGE]
    return written_table((number, " · ".join(as_read(order, kind, number, *read))) for number, *read in new)


def _unknown(refused: QuerySet[ImportedLine], order: FileImport) -> list[tuple[str, str]]:
    """Names that nobody answers to, of the first refused lines: the words of a link, and where one says whose it is."""
    if order.state != State.CHECKED:
        return []
    remarks = (remark for line in refused[:PAGE] for remark in line.remarks)
    names = dict.fromkeys((value, what) for _, value, _, what in remarks if value and what in list(Asks))
    asked = [
        (ASKED[what].format(name), urlencode({"import": order.pk, "quoi": what, "nom": name}))
        for name, what in list(names)[:MOST_NAMES]
    ]
    return [(words, f"{reverse('nicknames')}?{query}") for words, query in asked]


@require_http_methods(["GET", "HEAD", "POST"])
def file_import_columns(request: MemberRequest, pk: int) -> HttpResponse:
    """Say which column of the file is which: once, for it is remembered."""
    order, kind = _order(request, pk)
    if order.state not in (State.CHOSEN, State.CHECKED):
        return redirect("file-import", pk=order.pk)
    given = (request.POST,) if request.method == "POST" else ()
    form = ColumnsForm(*given, columns=kind.columns, header=order.header, places=order.mapping)
    if request.method == "POST" and form.is_valid():
        with refusals_on(form):
            tell_columns(order=order, places=form.places())
            return redirect("file-import", pk=order.pk)
    page = {"order": order, "kind": kind, "form": form}
    return render(request, "reservations/file_import_columns.html", page, status=422 if form.errors else 200)


@acts_from("file-import", "pk")
def file_import_confirm(request: MemberRequest, pk: int) -> HttpResponse:
    """Have what was checked written."""
    order, _ = _order(request, pk)
    with refusals_shown(request):
        confirm(order=order, digest=request.POST.get("digest", ""), by=request.user)
    return redirect("file-import", pk=order.pk)


@acts_from("file-import", "pk")
def file_import_drop(request: MemberRequest, pk: int) -> HttpResponse:
    """Give up a file that is not written."""
    order, _ = _order(request, pk)
    with refusals_shown(request):
        drop(order=order)
        left = "rien de plus n’en est écrit" if order.written else "rien n’en est écrit"
        messages.success(request, f"Le fichier « {order.name} » est abandonné : {left}.")
    return redirect("file-import-list")


@require_safe
def file_import_refused(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """Only the refused lines, to correct and give again; Http404 once those of households are emptied."""
    order, kind = _order(request, pk)
    if order.state == State.DONE and kind.names_households:
        raise Http404
    refused = ImportedLine.objects.filter(file_import=order, verdict=Verdict.REFUSED).order_by("line")
    lines = refused.values_list("line", "cells", "remarks").iterator(chunk_size=1000)
    name = f"lignes-refusees-{order.pk}.csv"
    return StreamingHttpResponse(refused_lines(order.header, lines), content_type=CSV, headers=_saved_as(name))


@require_safe
def file_import_content(request: MemberRequest, pk: int) -> StreamingHttpResponse:
    """The file as it was received, part by part."""
    order, _ = _order(request, pk)
    if not order.parts.exists():
        raise Http404
    return StreamingHttpResponse(parts(order), content_type="application/octet-stream", headers=_saved_as(order.name))


def _saved_as(name: str) -> dict[str, str]:
    return {"Content-Disposition": str(content_disposition_header(as_attachment=True, filename=name))}
