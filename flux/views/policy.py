"""How the landlord's recommendations become routings."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from flux.forms.policy import PolicyForm
from flux.models import RoutingPolicy
from flux.operations.stock import set_routing_policy
from flux.permissions import can_declare_vacancy, can_manage_stock
from reservations.forms.fields import refusals_on
from reservations.http import MemberRequest, member_of, refuse_unless
from reservations.models import HistoryEntry
from reservations.words import day

#: How many acts the page tells.
LATEST = 20


@require_http_methods(["GET", "HEAD", "POST"])
def routing_policy(request: MemberRequest) -> HttpResponse:
    """The mode in force, those before and to come, and the choice of another. Staff read; the manager chooses."""
    landlord, today = member_of(request).landlord, timezone.localdate()
    refuse_unless(landlord is not None and can_declare_vacancy(request.member, landlord))
    assert landlord is not None
    may_manage = can_manage_stock(request.member, landlord)
    if request.method == "POST":
        refuse_unless(may_manage)
    form = PolicyForm(request.POST if request.method == "POST" else None, initial={"starts_on": today})
    if form.is_valid():
        with refusals_on(form):
            policy = set_routing_policy(landlord=landlord, by=request.user, today=today, **form.cleaned_data)
            messages.success(request, f"À partir du {day(policy.starts_on)}, {policy.get_mode_display()}.")
            return redirect("routing-policy")
    policies = list(RoutingPolicy.objects.filter(landlord=landlord).order_by("-starts_on"))
    current = next((policy for policy in policies if policy.starts_on <= today), None)
    context = {
        "landlord": landlord,
        "automatic": RoutingPolicy.objects.is_automatic(landlord, today),
        "policies": [(policy, _when(policy, current, today)) for policy in policies],
        "current": current,
        "acts": _acts(policies),
        "may_manage": may_manage,
        "form": form,
        "today": today,
    }
    return render(request, "flux/routing_policy.html", context, status=422 if form.errors else 200)


def _when(policy: RoutingPolicy, current: RoutingPolicy | None, today: date) -> str:
    """Where a choice stands on the line of time: `now`, `next` or `past`."""
    if policy == current:
        return "now"
    return "next" if policy.starts_on > today else "past"


def _acts(policies: list[RoutingPolicy]) -> list[tuple[HistoryEntry, RoutingPolicy, str, str]]:
    """Who chose what, the latest first: (act, the choice, mode before, mode after). One query."""
    chosen = {policy.pk: policy for policy in policies}
    words = dict(RoutingPolicy.Mode.choices)
    entries = HistoryEntry.objects.filter(subject=RoutingPolicy._meta.label_lower, subject_id__in=chosen)
    return [
        (entry, chosen[entry.subject_id], str(words[before]), str(words[after]))
        for entry in entries.select_related("by").order_by("-pk")[:LATEST]
        for before, after in [entry.details["mode"]]
    ]
