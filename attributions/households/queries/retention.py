"""How long named data is kept: until when, and what is due for erasure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Count, Min, Q

from attributions.households.models import Application, Lease, Proposal
from attributions.households.models.household import FACTS, NEEDS
from reservations.deadlines import months_after
from reservations.models import LegalParameter

Code = LegalParameter.Code


class Retention:
    """The months that the law gives after a closure, as they were in force on the day of it. One query."""

    @cached_property
    def _months(self) -> list[LegalParameter]:
        return list(LegalParameter.objects.filter(code=Code.RETENTION_MONTHS).order_by("-starts_on"))

    def until(self, closed_on: date | None) -> date | None:
        """The last day that the identity of a request closed that day is kept; None while it is open.

        Closed before the first figure recorded, the first one holds: nothing is kept for ever by an omission.
        """
        if closed_on is None or not self._months:
            return None
        held = [each for each in self._months if each.starts_on <= closed_on]
        held = [each for each in held if each.ends_on is None or each.ends_on >= closed_on] or held
        return months_after(closed_on, int((held or self._months[-1:])[0].value))


def kept_until(application: Application) -> date | None:
    """The last day that the identity of a request is kept; None while it is open: only a closure starts the term."""
    return Retention().until(application.closed_on)


def due(on: date) -> list[int]:
    """Requests (by id) whose identity was kept until a day before `on`; not while a candidature of theirs goes on, as
    those of a request that merged into another do."""
    retention = Retention()
    live = Proposal.objects.live().order_by().values("application")
    closed: Iterable[tuple[int, date | None]] = (
        Application.objects.filter(pseudonymised_on=None, closed_on__isnull=False)
        .exclude(pk__in=live)
        .order_by("pk")
        .values_list("pk", "closed_on")
    )
    return [pk for pk, closed_on in closed if (until := retention.until(closed_on)) is not None and until < on]


def terms(on: date) -> list[LegalParameter]:
    """The dated figures that say how long, and under how many households a count is grouped, in force on a day."""
    codes = (
        *(Code.RETENTION_MONTHS, Code.ACCESS_LOG_MONTHS, Code.UNCONFIRMED_FILE_DAYS),
        *(Code.MINUTES_READ_MONTHS, Code.SMALL_CELL),
    )
    found = LegalParameter.objects.filter(code__in=codes, starts_on__lte=on).order_by("code", "-starts_on")
    return [each for each in found if each.ends_on is None or each.ends_on >= on]


@dataclass(frozen=True, slots=True)
class PastTerm:
    """What is left of households: leases whose facts are still their own; those that are past their term, `dealt` among
    `among` of them at least, or `erased`; requests past their term, and those that still have a fact."""

    own: int
    dealt: int
    among: int | None
    erased: int
    requests: int
    with_a_fact: int


def past_term() -> PastTerm:
    """Two queries, over everything: for a command, not for screens."""
    among = Q(facts_among__gt=0)
    leases = Lease.objects.aggregate(
        own=Count("pk", filter=Q(facts_among=None)),
        dealt=Count("pk", filter=among),
        among=Min("facts_among", filter=among),
        erased=Count("pk", filter=Q(facts_among=0)),
    )
    a_fact = Q()
    for name in FACTS:
        a_fact |= Q(**{name: True}) if name in ("urban_renewal", "state_agent") else Q(**{f"{name}__isnull": False})
    empty = {"wanted_communes": [], "documents": ""}
    for name in NEEDS:
        a_fact |= ~Q(**{name: empty[name]}) if name in empty else Q(**{f"{name}__isnull": False})
    closed = Application.objects.filter(pseudonymised_on__isnull=False)
    requests = closed.aggregate(requests=Count("pk"), with_a_fact=Count("pk", filter=a_fact))
    return PastTerm(**leases, **requests)
