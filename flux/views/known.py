"""The known departures of a sheet: as they were when it was decided, or as they are while it waits."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from flux.engine.facts import Situation
from flux.models import ExpectedHolder
from flux.pages.known import KnownPlan, foreseen_for, foreseen_until, known_plan
from flux.queries.known import seen_among
from flux.queries.points import counts_later
from flux.queries.ranking import decision_of
from flux.queries.sheet import Sheet
from flux.situation.planned import planned
from reservations.models import Membership


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
