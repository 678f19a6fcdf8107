"""Importing an export of the SNE: the file is checked, its report read, and only then written."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from datetime import date
from decimal import Decimal
from hashlib import sha256
from importlib import import_module
from json import dumps, loads
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from attributions.households.forms.sne_import import SneFileForm
from attributions.households.imports.sne import READ, SneReading, read_sne
from attributions.households.models import AccessRecord
from attributions.households.operations.access import record_access
from attributions.households.operations.sne_import import ImportPlan, SneRow, import_applications, preview_applications
from attributions.households.permissions import can_register
from attributions.households.queries.applications import ending
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import Membership
from reservations.refusals import Refusal
from reservations.words import integer, plural

#: Where the session keeps the key of the lines that were checked, until they are imported, replaced or left: not the
#: file, of which most columns are not read.
KEPT = "sne_import"
#: Minutes after which what was checked is no longer read: its own session ends, and `clear_sessions` deletes it.
LONGEST = 60
MOST_REFUSED = 200
FIRST = 5
MOST_LINES = 20


@require_http_methods(["GET", "HEAD", "POST"])
def sne_import(request: MemberRequest) -> HttpResponse:
    """Choose a file, read what it says, import it: three steps, one address. For who registers requests."""
    member = member_of(request)
    refuse_unless(can_register(member))
    if "digest" in request.POST:
        return _write(request, member)
    form, report = SneFileForm(), dict[str, Any]()
    _forget(request)
    if request.method == "POST":
        form = SneFileForm(request.POST, request.FILES)
        if form.is_valid():
            file = form.cleaned_data["file"]
            with refusals_on(form):
                report = _report(request, member, read_sne(file.read(), today=timezone.localdate()), file.name or "")
    context = {"form": form, "report": report, "columns": READ, "today": timezone.localdate()}
    return render(request, "households/sne_import.html", context, status=422 if form.errors else 200)


def _report(request: MemberRequest, member: Membership, reading: SneReading, name: str) -> dict[str, Any]:
    plan = preview_applications(rows=reading.rows, organisation=member.organisation, today=timezone.localdate())
    refused = sorted([*reading.refused, *plan.refused], key=lambda each: each.line)
    return {
        "name": name,
        "digest": _keep(request, member, reading),
        "reading": reading,
        "plan": plan,
        "refused": refused[:MOST_REFUSED],
        "refused_count": len(refused),
        "refused_beyond": max(0, len(refused) - MOST_REFUSED),
        "first": [_shown(row) for row in reading.rows[:FIRST]],
        "unknown": [
            (column, len(lines), lines[:MOST_LINES], max(0, len(lines) - MOST_LINES))
            for column, lines in reading.unknown.items()
        ],
    }


def _shown(row: SneRow) -> dict[str, Any]:
    """A line as the preview shows it: no whole number, no name."""
    facts = dict[str, Any](row.facts)
    adults, children, income = facts.get("adults"), facts.get("children", 0), facts.get("income")
    household = f"{adults} {plural(adults, 'adulte,adultes')}" if adults else "non renseigné"
    return {
        "row": row,
        "ending": ending(row.number),
        "household": f"{household}, {children} {plural(children, 'enfant,enfants')}" if children else household,
        "income": "non renseigné" if income is None else integer(income),
        "dalo": "dalo" in facts,
    }


def _keep(request: MemberRequest, member: Membership, reading: SneReading) -> str:
    """Keep the lines aside, so that what is imported is what was checked. Return their fingerprint.

    They are in a session of their own, that nobody signs in with: it ends after an hour, whatever the person does.
    """
    content = dumps([_plain(row) for row in reading.rows]).encode()
    digest = sha256(content).hexdigest()
    aside = _aside()
    aside.set_expiry(60 * LONGEST)
    aside[KEPT] = {
        "organisation": member.organisation_id,
        "digest": digest,
        "shape": reading.shape,
        "content": b64encode(zlib.compress(content)).decode("ascii"),
    }
    aside.save()
    request.session[KEPT] = aside.session_key
    return digest


def _aside(key: str | None = None) -> SessionBase:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    found: SessionBase = store(key)
    return found


def _forget(request: MemberRequest) -> dict[str, Any] | None:
    """What was kept, that is kept no more; None when its hour is over."""
    key = request.session.pop(KEPT, None)
    if key is None:
        return None
    aside = _aside(key)
    kept: dict[str, Any] | None = aside.get(KEPT)
    aside.delete(key)
    return kept


def _plain(row: SneRow) -> list[Any]:
    facts = {
        name: value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, Decimal) else value
        for name, value in row.facts.items()
    }
    return [
        row.line,
        row.number,
        row.requested_on.isoformat() if row.requested_on else None,
        facts,
        row.closed_on.isoformat() if row.closed_on else None,
    ]


def _row(plain: list[Any]) -> SneRow:
    line, number, requested_on, facts, closed_on = plain
    if "income_units" in facts:
        facts["income_units"] = Decimal(facts["income_units"])
    if "labelled_on" in facts:
        facts["labelled_on"] = date.fromisoformat(facts["labelled_on"])
    on, off = (date.fromisoformat(each) if each else None for each in (requested_on, closed_on))
    return SneRow(line, number, on, facts, off)


def _write(request: MemberRequest, member: Membership) -> HttpResponse:
    """Import the lines that were checked, and no others."""
    kept = _forget(request)
    if kept is None or (kept["organisation"], kept["digest"]) != (member.organisation_id, request.POST["digest"]):
        sentence = "Rien n’est importé : le fichier vérifié n’est plus gardé. Choisissez-le et vérifiez-le de nouveau."
        messages.warning(request, sentence)
        return redirect("sne-import")
    rows = [_row(each) for each in loads(zlib.decompress(b64decode(kept["content"])))]
    record_access(
        member=member,
        keeper=member.organisation,
        what=AccessRecord.What.IMPORT,
        subject=f"export des {kept['shape']}",
        files=len(rows),
    )
    try:
        plan = import_applications(rows=rows, organisation=member.organisation, by=request.user)
    except Refusal as refusal:
        messages.warning(request, str(refusal))
        return redirect("sne-import")
    messages.success(request, _said(plan))
    return redirect("application-list")


def _said(plan: ImportPlan) -> str:
    changed = plan.touched - len(plan.created)
    said = [
        (len(plan.created), "demande nouvelle,demandes nouvelles"),
        (changed, "mise à jour,mises à jour"),
        (plan.unchanged, "inchangée,inchangées"),
        (len(plan.refused), "refusée,refusées"),
    ]
    return f"L’export est importé : {', '.join(f'{integer(n)} {plural(n, forms)}' for n, forms in said)}."
