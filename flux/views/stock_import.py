"""Importing a landlord's stock: the file is checked, its report read, and only then written."""

from __future__ import annotations

import hashlib
import zlib
from base64 import b64decode, b64encode
from typing import Any, BinaryIO, cast

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.stock_import import StockFileForm
from flux.imports.rpls import Reading, read_rpls, remarks_by_topic
from flux.imports.rpls_units import unit_columns
from flux.imports.units import Units
from flux.models import Unit
from flux.operations.stock_import import import_stock, preview_stock
from flux.permissions import can_manage_stock
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.imports.door import receive_file
from reservations.imports.kinds import kind_of
from reservations.models import Landlord, Territory
from reservations.words import integer, of, plural

#: Where the session keeps the checked file until it is imported, replaced or left.
KEPT = "stock_import"
#: Refused lines shown at once, and lines named beside a warning. The command shows all.
MOST_REFUSED = 200
MOST_LINES = 20


@require_http_methods(["GET", "HEAD", "POST"])
def stock_import(request: MemberRequest) -> HttpResponse:
    """Choose a file, read what it says, import it: three steps, one address. For the landlord's manager."""
    landlord = member_of(request).landlord
    refuse_unless(landlord is not None and can_manage_stock(request.member, landlord))
    assert landlord is not None
    if "digest" in request.POST:
        return _write(request, landlord)
    if request.method != "POST":
        request.session.pop(KEPT, None)
        return render(request, "flux/stock_import.html", _page(landlord, StockFileForm()))
    form = StockFileForm(request.POST, request.FILES)
    report: dict[str, Any] = {}
    if form.is_valid():
        file: UploadedFile = form.cleaned_data["file"]
        given = cast("BinaryIO", file.file)
        with refusals_on(form):
            if unit_columns(given) is not None:  # the landlord's own file: it has its door
                order = receive_file(
                    organisation=landlord.organisation,
                    kind=kind_of(Units.code),
                    name=file.name or "",
                    content=given,
                    by=request.user,
                )
                return redirect("file-import", pk=order.pk)
            given.seek(0)
            content = given.read()
            reading = read_rpls(content, communes=Territory.objects.communal_codes())
            report = _report(landlord, reading, file.name or "", _keep(request, landlord, content))
    if form.errors:
        request.session.pop(KEPT, None)
    page = _page(landlord, form) | {"report": report}
    return render(request, "flux/stock_import.html", page, status=422 if form.errors else 200)


def _page(landlord: Landlord, form: StockFileForm) -> dict[str, Any]:
    return {
        "landlord": landlord,
        "form": form,
        "report": {},
        "known": Unit.objects.filter(landlord=landlord).count(),
        "today": timezone.localdate(),
    }


def _keep(request: MemberRequest, landlord: Landlord, content: bytes) -> str:
    """Keep the file in the session, so that what is imported is what was checked. Return its fingerprint."""
    digest = hashlib.sha256(content).hexdigest()
    packed = b64encode(zlib.compress(content)).decode("ascii")
    request.session[KEPT] = {"landlord": landlord.pk, "digest": digest, "content": packed}
    return digest


def _report(landlord: Landlord, reading: Reading, name: str, digest: str) -> dict[str, Any]:
    outcome = preview_stock(landlord=landlord, lots=reading.lots)
    return {
        "name": name,
        "digest": digest,
        "reading": reading,
        "outcome": outcome,
        "changes": outcome.created + outcome.updated,
        "tables": [
            ("Par financement d’origine", "Financement", list(reading.by_financing.items())),
            ("Par typologie", "Typologie", list(reading.by_typology.items())),
            (
                "Par situation en quartier prioritaire",
                "Quartier",
                [
                    ("En QPV", reading.by_qpv["in"]),
                    ("Hors QPV", reading.by_qpv["out"]),
                    ("Non renseigné", reading.by_qpv["unknown"]),
                ],
            ),
        ],
        "refused": reading.refused[:MOST_REFUSED],
        "refused_beyond": max(0, len(reading.refused) - MOST_REFUSED),
        "warnings": [
            (
                topic,
                len(remarks),
                remarks[0].detail,
                [remark.line for remark in remarks[:MOST_LINES]],
                max(0, len(remarks) - MOST_LINES),
            )
            for topic, remarks in remarks_by_topic(reading.warnings)
        ],
    }


def _write(request: MemberRequest, landlord: Landlord) -> HttpResponse:
    """Import the file that was checked, and no other."""
    kept = request.session.pop(KEPT, None)
    if kept is None or kept["landlord"] != landlord.pk or kept["digest"] != request.POST["digest"]:
        messages.warning(
            request,
            "Rien n’est importé : le fichier vérifié n’est plus gardé. Choisissez-le et vérifiez-le de nouveau.",
        )
        return redirect("stock-import")
    reading = read_rpls(zlib.decompress(b64decode(kept["content"])), communes=Territory.objects.communal_codes())
    imported = import_stock(landlord=landlord, lots=reading.lots, by=request.user)
    refused = len(reading.refused)
    messages.success(
        request,
        f"Le parc {of(landlord)} est importé : {_count(imported.created, 'logement nouveau,logements nouveaux')}, "
        f"{_count(imported.updated, 'modifié,modifiés')}, {_count(imported.unchanged, 'inchangé,inchangés')}"
        + (f" ; {_count(refused, 'ligne refusée,lignes refusées')}." if refused else "."),
    )
    return redirect("unit-list")


def _count(number: int, forms: str) -> str:
    return f"{integer(number)} {plural(number, forms)}"
