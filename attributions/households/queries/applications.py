"""What is read of applications.

* How long named data is kept: until when, and what is due for erasure.
* The requests that an organisation registers or instructs, with what is in progress and until when they are kept.
* Labels before the committee: a household that counts as the State's priority is labelled by the day it is examined.
* Shown while it can still be mended: before the meeting. A lease signed all the same counts for the priority
  objectives of L441-1, which count the household's situation; the State's own count in SYPLO leaves it out
  (docs/decisions/0023).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, Count, Exists, F, Func, Min, OuterRef, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast
from django.db.models.lookups import IsNull
from django.utils import timezone

from attributions.households.models import (
    AgendaCase,
    Application,
    ApplicationAlias,
    CommitteeSession,
    Lease,
    Proposal,
    RequestReader,
)
from attributions.households.models.application import ApplicationQuerySet
from attributions.households.models.priority import FACTS, NEEDS
from flux.models import Vacancy
from reservations.deadlines import months_after
from reservations.models import LegalParameter, Membership, ReservationHolder
from reservations.models.territory import search_key, within
from reservations.queries.rows import ids_first

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


#: What is looked for as a numéro unique, whole; nothing is read in it.
NUMBER = re.compile(r"[0-9]{13}[0-9A-Z]{5}")


@dataclass(frozen=True, slots=True)
class ApplicationRow:
    """A request, how many of its candidatures the reader sees in progress, and the last day its identity is kept."""

    application: Application
    live: int
    kept_until: date | None


def applications(member: Membership) -> ApplicationQuerySet:
    """Those the member reads by name, the latest recorded first; those whose identity is erased are gone."""
    return Application.objects.visible_to(member).select_related("priority").order_by("-pk")


def read_by(member: Membership) -> QuerySet[RequestReader, int]:
    """The ids of `applications(member)`, in its order: by an index, and without what they say."""
    return RequestReader.objects.of(member).order_by("-application").values_list("application", flat=True)


def rows(found: Sequence[Application], member: Membership) -> list[ApplicationRow]:
    """Two queries, whatever their number."""
    retention, live = Retention(), _live(found, member)
    return [ApplicationRow(each, live[each.pk], retention.until(each.closed_on)) for each in found]


def numbered(member: Membership, text: str) -> Application | None:
    """The request that the member reads, known by this whole number, its own or another; None otherwise."""
    number = as_number(text)
    return applications(member).numbered(number).first() if number else None


def named(member: Membership, text: str, *, near: bool = False) -> ApplicationQuerySet:
    """The requests that the member reads whose name holds every word of `text`, accents and case apart, or comes near
    each (`near`); those with a candidacy in progress first, then those that are open, then by name. Found by an index,
    however many requests are read."""
    words = sorted(search_key(text).split(), key=len, reverse=True)
    if not words:
        return Application.objects.none()
    reader = Cast(Value(member.organisation_id), BigIntegerField())
    found = Func(reader, Value(words, ArrayField(TextField())), Value(near), function="attributions_named")
    few = Func(found, template="(SELECT %(expressions)s)", output_field=BigIntegerField())
    ordered = applications(member).filter(pk__in=few, merged_into=None)
    live = Proposal.objects.live().visible_to(member).filter(application=OuterRef("pk")).order_by()
    return ordered.order_by(~Exists(live), IsNull(F("closed_on"), False), "name", "pk")


def as_number(text: str) -> str:
    """A text that may be a numéro unique, as it is stored; "" when it cannot be one."""
    number = "".join(text.split()).upper()
    return number if NUMBER.fullmatch(number) else ""


def ending(number: str) -> str:
    """How a number is shown outside its own file: « 41 07 » for its last four characters."""
    return f"{number[-4:-2]} {number[-2:]}"


def proposals_of(application: Application, member: Membership) -> list[Proposal]:
    """The candidatures of this request that the member reads, the latest first, with those of what merged into it."""
    seen = Proposal.objects.visible_to(member).of(application).order_by().values("pk")
    found = Proposal.objects.filter(pk__in=ids_first(seen))
    around = ("vacancy__unit__commune", "vacancy__unit__landlord__organisation", "routing")
    return list(found.select_related(*around).order_by("-pk"))


def _live(found: Iterable[Application], member: Membership) -> Counter[int]:
    ids = [each.pk for each in found]
    seen = Proposal.objects.live().visible_to(member).of_requests(ids)
    pairs = seen.order_by("pk").values_list("application_id", "application__merged_into")
    return Counter(into if into in ids else own for own, into in pairs)


def readers_adrift() -> list[tuple[int, int, bool]]:
    """The requests and the organisations (ids) of which one reads the other and is not kept so, or is kept and does not
    read it (then True): asked of what each request says. Three queries, over everything: for the
    nightly control, not for screens."""
    kept = set(RequestReader.objects.order_by().values_list("application", "organisation"))
    named = Application.objects.filter(pseudonymised_on=None).order_by()
    registered = named.filter(organisations__isnull=False).values_list("pk", "organisations")
    sent = named.filter(proposals__designation__isnull=False)
    found = {*registered, *sent.values_list("pk", "proposals__vacancy__landlord__organisation")}
    return sorted((*pair, pair in kept) for pair in kept ^ found)


def numbers_adrift() -> list[tuple[int, int]]:
    """The requests (ids) whose number is also another number (its id) of a request into which they did not merge. Two
    queries, over everything."""
    numbers = Application.objects.exclude(number="").order_by().values("number")
    both = ApplicationAlias.objects.filter(number__in=numbers)
    leads = {number: (pk, to) for number, pk, to in both.order_by("pk").values_list("number", "pk", "application")}
    found = Application.objects.filter(number__in=list(leads)).order_by("pk").values_list("pk", "number", "merged_into")
    return [(pk, leads[number][0]) for pk, number, into in found if into != leads[number][1]]


@dataclass(frozen=True, slots=True)
class LateLabel:
    """A case whose label is missing, or dated after the meeting of day `before`. It names no household."""

    vacancy: Vacancy
    letter: str
    labelled_on: date | None
    before: date


#: Households that count as the State's priority: its contingent, its own designation, or a category of the law.
COUNTED = (
    Q(proposal__routing__holder__contingent=ReservationHolder.Contingent.STATE_PRIORITY)
    | Q(proposal__dalo_designated=True)
    | Q(proposal__has_priority=True)
)


def asks_label(proposal: Proposal) -> bool:
    """Is this candidate one of COUNTED? Reads its routing's holder."""
    holder = proposal.routing.holder if proposal.routing is not None else None
    states = holder is not None and holder.contingent == ReservationHolder.Contingent.STATE_PRIORITY
    return states or proposal.dalo_designated or bool(proposal.has_priority)


def late_labels(session: CommitteeSession) -> list[LateLabel]:
    """The cases to label before this meeting, in the order of its agenda; none once it is open. One query."""
    if session.state != CommitteeSession.State.CONVENED:
        return []
    day = timezone.localdate(session.held_at)
    cases = _late().filter(item__session=session).select_related("item__vacancy__unit__commune", "proposal")
    return [
        LateLabel(case.item.vacancy, case.letter, case.proposal.labelled_on, day)
        for case in cases.order_by("item__position", "letter")
    ]


def late_labels_of(member: Membership, *, now: datetime) -> QuerySet[AgendaCase]:
    """The cases of the meetings to come that lack their label: of a landlord, in its committees; of the State, on its
    territory. None for the others."""
    if member.is_landlord:
        mine = Q(item__session__committee__landlord__organisation=member.organisation_id)
    elif member.is_state and member.organisation.territory_id:
        mine = within(member.organisation.territory_id, commune="item__vacancy__unit__commune")
    else:
        return AgendaCase.objects.none()
    return _late().filter(mine, item__session__held_at__date__gte=timezone.localdate(now))


def _late() -> QuerySet[AgendaCase]:
    """Pending cases of meetings neither open nor cancelled, whose label is missing or too late."""
    return AgendaCase.objects.filter(
        COUNTED,
        Q(proposal__labelled_on=None) | Q(proposal__labelled_on__gt=F("item__session__held_at__date")),
        item__concluded_at=None,
        item__postponed_at=None,
        item__session__opened_at=None,
        item__session__cancelled_at=None,
        proposal__status__in=Proposal.LIVE,
    )
