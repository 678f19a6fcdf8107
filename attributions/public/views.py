"""Pages that anybody reads, signed in or not, and the help of each role."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from attributions.households.models import TermReading
from attributions.households.queries.applications import terms as kept_for
from attributions.public import rgaa
from attributions.public.plan import by_role, plan, tasks
from attributions.public.register import left_table, readers_table, register, terms_table
from reservations.http import MemberRequest
from reservations.permissions import can_administer
from reservations.queries.imprints import service_notice


@login_not_required
@require_safe
def accessibility(request: MemberRequest) -> HttpResponse:
    """The statement that the law wants (décret n° 2019-768): state, what is not met, contact, ways of recourse."""
    context = {
        "notice": service_notice(),
        "found": rgaa.conformity(),
        "state": rgaa.state(),
        "audit": rgaa.audit(),
        "not_met": rgaa.not_met(),
        "to_read": rgaa.to_read(),
        "sample": rgaa.SAMPLE,
        "read_on": rgaa.READ_ON,
    }
    return render(request, "public/accessibility.html", context)


@login_not_required
@require_safe
def legal_notice(request: MemberRequest) -> HttpResponse:
    """Who publishes, who hosts, whom to write to; under which licence."""
    context = {"notice": service_notice(), "may_write": can_administer(request.member)}
    return render(request, "public/legal_notice.html", context)


@login_not_required
@require_safe
def terms(request: MemberRequest) -> HttpResponse:
    """The conditions of use."""
    context = {
        "notice": service_notice(),
        "idle": settings.SESSION_COOKIE_AGE // 60,
        "whole": int(settings.SESSION_LENGTH.total_seconds()) // 60,
    }
    return render(request, "public/terms.html", context)


@login_not_required
@require_safe
def personal_data(request: MemberRequest) -> HttpResponse:
    """The register of processing, field by field; who reads names, and one's rights."""
    terms = kept_for(timezone.localdate())
    context = {
        "notice": service_notice(),
        "terms": terms,
        "terms_table": terms_table(terms),
        "register": register(),
        "readers": readers_table(),
        "left": left_table(TermReading.objects.first()),
    }
    return render(request, "public/personal_data.html", context)


@login_not_required
@require_safe
def site_plan(request: MemberRequest) -> HttpResponse:
    """Every page that the reader's navigation leads to."""
    return render(request, "public/site_plan.html", {"parts": plan(request.user, request.member)})


@login_not_required
@require_safe
def help_page(request: MemberRequest) -> HttpResponse:
    """The first day and ten tasks of the reader's role, each with its page; for others, how one enters."""
    if request.member is None:
        context = {"roles": by_role(), "by_mail": bool(settings.EMAIL_URL)}
        return render(request, "public/help_entering.html", context)
    role = request.member.role
    return render(request, "public/help.html", {"first": tasks(role, "jour"), "tasks": tasks(role, "tâche")})


@login_not_required
@require_safe
def contact(request: MemberRequest) -> HttpResponse:
    """Whom to ask for what."""
    context = {"notice": service_notice(), "by_mail": bool(settings.EMAIL_URL)}
    return render(request, "public/contact.html", context)
