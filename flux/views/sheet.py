"""The screens of sheet.

* The known departures of a sheet: as they were when it was decided, or as they are while it waits.
* The routing sheet: one page for reading why, following and overriding.
"""

from __future__ import annotations

from datetime import date

from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_htmx.http import reselect, reswap, retarget

from flux.delegating import proposing
from flux.engine.facts import Situation
from flux.forms.routing import DecideNowForm, RerouteForm
from flux.models import ExpectedHolder, FlowEntry, Ledger, Recommendation, UnitDescription, Vacancy
from flux.pages.departures import KnownPlan, foreseen_for, foreseen_until, known_plan, passed_before
from flux.pages.opening import carried_from
from flux.pages.ranking import Choosing, alternative_words, changes_table, ranking_table, warns
from flux.pages.sheet_state import Following, SheetFacts, delegated
from flux.pages.sheet_words import SheetWords
from flux.pages.steps import sheet_line
from flux.pages.story import StoryWords
from flux.pages.units import vacancy_facts, without_convention
from flux.permissions import can_cancel_vacancy, can_propose, can_route, return_reasons
from flux.queries.compliance import NEEDLESS, coverage
from flux.queries.conventions import counts_later
from flux.queries.departures import registered_before, seen_among
from flux.queries.first_letting import first_letting, kin
from flux.queries.needs import ceilings_for
from flux.queries.recommendations import decision_of
from flux.queries.returns import choices
from flux.queries.sheet import Sheet, alternative, sheet, with_carried
from flux.queries.vacancies import with_destinations, with_signal_due
from flux.situation.earlier import planned
from flux.views.checks import reads_compliance
from reservations.http import MemberRequest, member_of, next_look
from reservations.models import Membership
from reservations.models.together import by_itself, read_whole


def plan_behind(read: Sheet, member: Membership, *, today: date) -> KnownPlan | None:
    """The plan behind a decision, frozen with it, or behind a forecast, as it stands; None when nothing else is known.

    Three queries at most behind a decision; eleven behind a forecast.
    """
    vacancy, named = read.vacancy, member.is_landlord
    if read.state == "FORESEEN" and vacancy.ledger is not None:
        plan = planned(vacancy.ledger, today=today)
        if plan is None:
            return None
        firm = {each.vacancy.pk: each.firm_on for each in plan.departures}
        seen = seen_among(firm, member)
        first, later = seen.get(next(iter(firm))), counts_later(vacancy.ledger, on=today)
        return known_plan(plan.facts, plan.decision, first=first, seen=seen, named=named, firm=firm, later=later)
    made = read.recommendation
    if made is None or not made.plan:
        return None
    facts = Situation.from_json(made.situation)
    seen = seen_among([int(each.vacancy) for each in facts.known], member)
    later = counts_later(made.ledger, on=timezone.localdate(made.recorded_at))
    return known_plan(facts, decision_of(made), first=vacancy, seen=seen, named=named, later=later)


def waiting_words(expected: ExpectedHolder) -> dict[str, str]:
    """What the sheet of a departure that waits says of its forecast."""
    return {
        "foreseen": foreseen_for(expected),
        "foreseen_until": foreseen_until(expected, timezone.localdate(expected.since)),
    }


def sheet_vacancy(member: Membership, pk: int) -> Vacancy:
    """The vacancy with all that its sheet shows, cancelled or not, and the last account of its decisions that may be
    opened by this person. Http404 for whom it is not."""
    seen = Vacancy.declared.visible_to(member).with_file_access(member).select_related("cancelled_by")
    signalled = with_signal_due(seen, today=timezone.localdate())
    decided = Recommendation.objects.filter(vacancy=OuterRef("pk"), ledger__in=Ledger.objects.visible_to(member))
    opened = Subquery(decided.order_by("-attempt").values("ledger")[:1])
    found = with_carried(with_destinations(signalled)).annotate(account_opened=opened).filter(pk=pk)
    for vacancy in by_itself(read_whole(found)):
        return vacancy
    raise Http404


def may_give_back(member: Membership, read: Sheet) -> bool:
    """May this person give back the unit, as it stands: routed, and not allocated, for a reason that holds today?"""
    return (
        read.state in ("ROUTED", *Vacancy.BESIDE)
        and read.routing is not None
        and not read.allocated
        and bool(choices(read.routing, return_reasons(member, read.routing), today=timezone.localdate()))
    )


def render_sheet(
    request: MemberRequest,
    vacancy: Vacancy,
    *,
    form: RerouteForm | None = None,
    now_form: DecideNowForm | None = None,
) -> HttpResponse:
    """The sheet as this person may read it. With a refused form: what was typed, and 422.

    To htmx, while the worker has not come: what waits, and when to look again; then the whole sheet, once.
    """
    read, again = sheet(vacancy, today=timezone.localdate()), next_look(request)
    looks = bool(request.htmx)
    if (signed_on := read.outcome.get(FlowEntry.Stage.LEASED)) is not None:
        # A lease of the past: the unit as it was that day.
        vacancy.unit = UnitDescription.objects.unit_on(vacancy.unit, signed_on)
    if looks and read.state == "WAITING":
        return render(request, "flux/vacancy_waiting.html", {"vacancy": vacancy, "again": again})
    member = member_of(request)
    may_route = can_route(member, vacancy) and read.ranking is not None and read.state not in ("OUT", "CANCELLED")
    asked = request.POST.get("holder", "") if form else request.GET.get("destination", "") if may_route else ""
    other = alternative(read, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    if form is None and other is not None:
        form = RerouteForm(
            vacancy=vacancy,
            initial={
                "holder": other.taker.holder_id,
                "instead_of": other.giver.holder_id,
                "was_routed": read.routing is not None,
            },
        )
    related, first = kin(vacancy, member), first_letting(vacancy, member=member)
    carried = carried_from(vacancy.registered_on.year, opened=read.opened)
    in_force = coverage(vacancy.unit, on=vacancy.rights_on) if vacancy.kind == Vacancy.Kind.IN_FLOW else NEEDLESS
    ours = read.routing is not None and member.organisation_id in (
        read.routing.holder.organisation_id,
        read.routing.acting_id,
    )
    proposes = read.routing is not None and member.organisation_id == proposing(read.routing).pk
    words = SheetWords(read, in_force.covered, member.is_landlord, ours, vacancy.file_open, proposes)
    state = SheetFacts(words, related.replaced_by, first, reads_compliance(member))
    may_propose = read.routing is not None and not read.allocated and can_propose(member, vacancy, read.routing)
    gives_back = may_give_back(member, read)
    context = {
        "vacancy": vacancy,
        "unit": vacancy.unit,
        "landlord": vacancy.unit.landlord,
        "file_open": vacancy.file_open,
        "facts": vacancy_facts(
            vacancy, read, opens=vacancy.file_open, by_landlord=member.is_landlord, today=timezone.localdate()
        ),
        "sheet": read,
        "words": words,
        "steps": sheet_line(read),
        "state": state.state,
        "promises": state.promises,
        "following": list(state.following(Following(may_propose, may_route, gives_back))),
        "delegation": delegated(read.routing),
        "today": timezone.localdate(),
        "may_route": may_route,
        "asked": asked,
        "alternative": other,
        "not_chosen": bool(asked) and other is None,
        "form": form,
        "by_landlord": member.is_landlord,
        "ranking": ranking_table(read, read.ranking, Choosing(may_route, asked), carried) if read.ranking else None,
        "taker": other.taker if other else None,
        "change_words": alternative_words(other) if other else (),
        "change_warns": warns(other) if other else False,
        "changes": changes_table(other, read.typology) if other else None,
        "may_cancel": can_cancel_vacancy(member, vacancy) and not vacancy.is_cancelled,
        "story": StoryWords(read, member.is_landlord, in_force.covered, related.replaces).lines,
        "uncovered": without_convention(in_force, vacancy.unit, declared_on=vacancy.registered_on),
        "may_comply": reads_compliance(member),
        "ceilings": ceilings_for(vacancy.unit, on=timezone.localdate()) if vacancy.file_open else None,
        "may_propose": may_propose,
        "may_give_back": gives_back,
        "again": again,
        "announced": looks,
        "plan": plan_behind(read, member, today=timezone.localdate()),
        "now_form": now_form,
        "fault": now_form is not None,
    }
    if read.expected is not None:
        context |= waiting_words(read.expected)
        if can_route(member, vacancy):
            earlier = registered_before(vacancy)
            form_shown = now_form or DecideNowForm(passes=bool(earlier))
            context |= {"now_form": form_shown, "passes": passed_before(earlier)}
    refused = any(each is not None and each.is_bound for each in (form, now_form))
    page = render(request, "flux/vacancy_detail.html", context, status=422 if refused else 200)
    return reswap(reselect(retarget(page, "main"), "main"), "outerHTML") if looks else page
