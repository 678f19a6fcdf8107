"""The screens of the audit.

* Alerts of the nightly controls: the administrator's and the landlord's managers' pages.
* Transparence de l'orientation: is anybody favoured? One page for all who read the account.
"""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from flux.controls import CONTROLS
from flux.exports.account_lists import ALERTS, GOOD_UNITS, good_units
from flux.forms.settings import AcknowledgementForm
from flux.models import AuditAlert, Ledger
from flux.operations.audit import acknowledge_alert
from flux.pages.alerts import alerts_table, figures_table
from flux.pages.opening import kept_words
from flux.pages.transparency import (
    asked_tables,
    asked_words,
    clerks_table,
    delays_table,
    overrides_tables,
    shares_table,
)
from flux.permissions import can_mend_alert, can_name_staff, can_read_alerts, can_settle_alert
from flux.queries.controls.accounts import Check
from flux.queries.departures import seen_among
from flux.queries.opening import kept
from flux.queries.transparency import good_units as shares
from flux.queries.transparency import names
from flux.queries.transparency import transparency as read_transparency
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, asks_file, in_a_file, member_of, refusals_shown, refuse_unless

#: Alerts of one page.
PAGE = 25
#: What a page says beside an alert.
SHOWN = (
    "ledger__landlord__organisation",
    "ledger__departement",
    "landlord__organisation",
    "holder__organisation",
    "acknowledged_by",
)
READ = "Alerte lue. Le compte n’est pas changé : elle reviendra demain si elle dure."
AGAIN = "Alerte lue. La ligne est reprise : si elle échoue encore, une autre alerte le dira."
MENDED = "C’est fait, et le compte le dit. Marquez l’alerte comme lue : elle ne reviendra pas."
BEHIND = "Alerte lue. La base n’est pas changée : elle ne reviendra que si d’autres lignes sont touchées."


@require_safe
def audit_alert_list(request: MemberRequest) -> HttpResponseBase:
    """Every alert, those that nobody has read first; and what each control looks at."""
    member = member_of(request)
    refuse_unless(can_read_alerts(member))
    seen = AuditAlert.objects.visible_to(member)
    ordered = seen.select_related(*SHOWN).order_by(F("acknowledged_at").desc(nulls_first=True), "-pk")
    if asks_file(request):
        return in_a_file(request, ALERTS, ordered)
    page = Paginator(ordered, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "table": alerts_table(page),
        "open_alerts": seen.active().count(),
        "controls": CONTROLS.values(),
    }
    return render(request, "flux/audit_alert_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def audit_alert(request: MemberRequest, pk: int) -> HttpResponse:
    """One alert: the figures that differ, what mends it, and who read it."""
    member = member_of(request)
    seen = AuditAlert.objects.visible_to(member).select_related(*SHOWN, "recommendation")
    alert = get_object_or_404(seen, pk=pk)
    settles = can_settle_alert(member, alert)
    refuse_unless(settles or request.method != "POST")
    control = CONTROLS[Check(alert.check_code)]
    mends = control.mends if can_mend_alert(member, alert) else None
    if request.method == "POST" and "mend" in request.POST:
        act = mends.act if mends else None
        if act is None:
            raise PermissionDenied
        with refusals_shown(request):
            act(alert, request.user)
            messages.success(request, MENDED)
        return redirect("audit-alert", pk=alert.pk)
    form = AcknowledgementForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_on(form):
            acknowledge_alert(alert=alert, text=form.cleaned_data["text"], by=request.user)
            messages.success(request, AGAIN if alert.is_set_aside else BEHIND if alert.is_tampering else READ)
            return redirect("audit-alert-list")
    context = {
        "alert": alert,
        "control": control,
        "mends": mends,
        "pages": [mends.address(alert)] if mends and mends.address else [],
        "buttons": [mends.words] if mends and mends.act else [],
        "table": figures_table(alert),
        "form": form,
        "settles": settles,
    }
    return render(request, "flux/audit_alert.html", context, status=422 if form.errors else 200)


@require_safe
def transparency(request: MemberRequest, ledger: int) -> HttpResponseBase:
    """Good units by holder, delays, order and overrides. People are named to their own managers only."""
    member = member_of(request)
    seen = Ledger.objects.visible_to(member).ordinary().select_related("landlord__organisation", "departement")
    book = get_object_or_404(seen, pk=ledger)
    if asks_file(request):
        return in_a_file(request, GOOD_UNITS, good_units(shares(book)))
    read = read_transparency(book)
    known, opened = {}, kept(book)
    if can_name_staff(member, book.landlord):
        people = {clerk.person for clerk in read.registrations.clerks} | {pk for pk, _ in read.overrides.people}
        people |= {each.person for each in read.asked.people}
        known = names(people)
    context = {
        "ledger": book,
        "read": read,
        "shares": shares_table(read.holders),
        "delays": delays_table(read.registrations, book.exercise),
        "clerks": clerks_table(read.registrations, known),
        "alerts": [(known.get(clerk.person, ""), clerk) for clerk in read.registrations.alerts],
        "overrides_tables": overrides_tables(read.overrides, known),
        "asked_words": asked_words(read.asked),
        "asked_tables": asked_tables(
            read.asked, known, seen_among([each.recommendation.vacancy_id for each in read.asked.latest], member)
        ),
        "count": len(good_units(read.holders)),
        "kept": kept_words(opened) if opened else "",
    }
    return render(request, "flux/transparency.html", context)
