"""What is read of journey.

* The journey of each routed unit of a year: its dated steps, and what each account wrote. No personal data at all.
* The accounts' lines are the sum of the units' entries and of what is beside them (units not routed yet, transfers).
* The dated steps of each routed unit, from its rows: what happened, whose doing it was, what the account makes of it.
* Nothing here names a household: kinds, days, sides, reasons of the closed lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Count, Exists, Max, Min, OuterRef, Q, Sum
from django.utils import timezone

from attributions.households.models import AgendaItem, CaseDecision, Designation, Lease, Offer, Proposal, ProposalEnd
from flux.models import FlowEntry, Ledger, Return, Routing, Vacancy
from flux.permissions import landlord_proposes
from reservations.models import Landlord, ReservationHolder
from reservations.models.terms import Side

Stage = FlowEntry.Stage


class StepKind(StrEnum):
    """From the notice to the lease, in order; then how a candidate or a routing ended otherwise."""

    NOTICE = "NOTICE"
    REGISTERED = "REGISTERED"
    ROUTED = "ROUTED"
    SENT = "SENT"
    READY = "READY"
    COMMITTEE = "COMMITTEE"
    DECIDED = "DECIDED"
    OFFERED = "OFFERED"
    ANSWERED = "ANSWERED"
    ENDED = "ENDED"
    LEASED = "LEASED"
    RETURNED = "RETURNED"
    LAPSED = "LAPSED"


#: Those that every unit let goes through: what delays are measured between.
MEASURED = tuple(kind for kind in StepKind if kind not in (StepKind.ENDED, StepKind.RETURNED, StepKind.LAPSED))

ORDER = {kind: place for place, kind in enumerate(StepKind)}


@dataclass(frozen=True, slots=True)
class UnitStep:
    """One event of one unit. `routing`: the one it belongs to, None before any, and out of the flow.

    `reason` is a code of `ProposalEnd.Reason`, `Return.Reason` or `Offer.Answer`. `stage`: what the unit's account
    writes at that step, "" when nothing. `offered`, `consumed` and `restarts` are those of the convention that the
    routing applied, for steps that end something; None for the others. `of`: the row's id, to keep an order.
    """

    kind: StepKind
    on: date
    side: Side
    routing: Routing | None = None
    reason: str = ""
    stage: str = ""
    offered: bool | None = None
    consumed: bool | None = None
    restarts: bool | None = None
    of: int = 0


def steps(vacancies: Iterable[Vacancy]) -> dict[int, list[UnitStep]]:
    """The steps of each vacancy (by id), in order of their days. Eight queries, whatever their number."""
    units = {vacancy.pk: vacancy for vacancy in vacancies}
    found: dict[int, list[UnitStep]] = {pk: _declared(vacancy) for pk, vacancy in units.items()}
    routings = list(
        Routing.objects.filter(vacancy__in=units)
        .select_related("holder__organisation", "convention", "given_back", "acting")
        .order_by("pk")
    )
    by_id = {routing.pk: routing for routing in routings}
    for routing in routings:
        vacancy = units[routing.vacancy_id]
        found[vacancy.pk] += _of_routing(routing, counted=vacancy.ledger_id is not None)
    for add in (_sent, _ready, _committee, _decided, _offers, _ends, _leases):
        for pk, step in add(units, by_id):
            found[pk].append(step)
    for each in found.values():
        each.sort(key=lambda step: (step.on, step.routing.pk if step.routing else 0, ORDER[step.kind], step.of))
    return found


def _declared(vacancy: Vacancy) -> list[UnitStep]:
    return [
        UnitStep(StepKind.NOTICE, vacancy.notice_on, Side.UNIT),
        UnitStep(StepKind.REGISTERED, vacancy.registered_on, Side.LANDLORD),
    ]


def _of_routing(routing: Routing, *, counted: bool) -> list[UnitStep]:
    """Its opening, and how it was given back."""
    routed_on = timezone.localdate(routing.routed_at)
    stage = Stage.ROUTED if counted else ""
    found = [UnitStep(StepKind.ROUTED, routed_on, Side.LANDLORD, routing, stage=stage, of=routing.pk)]
    given: Return | None = getattr(routing, "given_back", None)
    if given is not None:
        silent = given.reason == Return.Reason.NO_CANDIDATE  # whoever recorded it: nobody may before the delay is over
        found.append(
            UnitStep(
                StepKind.LAPSED if silent else StepKind.RETURNED,
                timezone.localdate(given.returned_at),
                given.side,
                routing,
                reason=given.reason,
                stage=Stage.RETURNED if counted else "",
                offered=given.offered,
                consumed=given.counted,
                restarts=False,
                of=given.pk,
            )
        )
    return found


Found = Iterable[tuple[int, UnitStep]]
Units = dict[int, Vacancy]
Routings = dict[int, Routing]


def _sent(units: Units, routings: Routings) -> Found:
    """Those that sent somebody: an exception claimed later sends nobody more."""
    rows = Designation.objects.filter(vacancy__in=units, proposals__isnull=False).distinct().order_by("pk")
    for each in rows:
        routing = routings.get(each.routing_id or 0)
        side = Side.LANDLORD if landlord_proposes(units[each.vacancy_id], routing) else Side.HOLDER
        yield each.vacancy_id, UnitStep(StepKind.SENT, timezone.localdate(each.sent_at), side, routing, of=each.pk)


def _ready(units: Units, routings: Routings) -> Found:
    """The day the last of the candidates sent was instructed, once none waits."""
    rows = (
        Proposal.objects.sent()
        .filter(vacancy__in=units)
        .order_by()
        .values_list("vacancy", "routing")
        .annotate(
            last=Max("ready_at"),
            waiting=Count("pk", filter=Q(ready_at=None, status=Proposal.Status.SENT)),
        )
    )
    for vacancy, routing, last, waiting in rows:
        if last is not None and not waiting:
            yield vacancy, UnitStep(StepKind.READY, timezone.localdate(last), Side.LANDLORD, routings.get(routing or 0))


def _committee(units: Units, routings: Routings) -> Found:
    """A meeting that was held with the unit on its agenda, and did not postpone it."""
    rows = (
        AgendaItem.objects.filter(vacancy__in=units, session__opened_at__isnull=False, postponed_at=None)
        .select_related("session")
        .order_by("pk")
    )
    for item in rows:
        held = timezone.localdate(item.session.held_at)
        step = UnitStep(StepKind.COMMITTEE, held, Side.COMMITTEE, routings.get(item.routing_id or 0), of=item.pk)
        yield item.vacancy_id, step


def _decided(units: Units, routings: Routings) -> Found:
    """The day the committee decided of an item. ALLOCATED in the account when it kept somebody."""
    rows = (
        CaseDecision.objects.filter(item__vacancy__in=units)
        .order_by()
        .values_list("item", "item__vacancy", "item__routing")
        .annotate(day=Min("decided_on"), kept=Count("pk", filter=Q(superseded_at=None, kind__in=CaseDecision.KEPT)))
    )
    for item, vacancy, routing, day, kept in rows:
        stage = Stage.ALLOCATED if kept and units[vacancy].ledger_id is not None else ""
        yield vacancy, UnitStep(StepKind.DECIDED, day, Side.COMMITTEE, routings.get(routing or 0), stage=stage, of=item)


def _offers(units: Units, routings: Routings) -> Found:
    rows = Offer.objects.filter(proposal__vacancy__in=units).select_related("proposal").order_by("pk")
    for offer in rows:
        vacancy, routing = offer.proposal.vacancy_id, routings.get(offer.proposal.routing_id or 0)
        yield vacancy, UnitStep(StepKind.OFFERED, offer.sent_on, Side.LANDLORD, routing, of=offer.pk)
        if offer.answered_on is not None and offer.answer != Offer.Answer.CANCELLED:
            accepted = offer.answer == Offer.Answer.WITHDRAWN  # that day; its loss is an end, of another day
            result = Offer.Answer.ACCEPTED if accepted else offer.answer
            yield (
                vacancy,
                UnitStep(StepKind.ANSWERED, offer.answered_on, Side.APPLICANT, routing, reason=result, of=offer.pk),
            )


def _ends(units: Units, routings: Routings) -> Found:
    """How candidates that the landlord had received ended; those taken back before are nobody's business."""
    rows = (
        ProposalEnd.objects.filter(proposal__vacancy__in=units, proposal__designation__isnull=False)
        .select_related("proposal")
        .order_by("pk")
    )
    for end in rows:
        assert end.proposal is not None, "those undone by a correction are left out"
        yield (
            end.proposal.vacancy_id,
            UnitStep(
                StepKind.ENDED,
                end.on,
                Side(end.side),
                routings.get(end.proposal.routing_id or 0),
                reason=end.reason,
                offered=end.offered,
                consumed=end.consumed,
                restarts=end.restarts,
                of=end.pk,
            ),
        )


def _leases(units: Units, routings: Routings) -> Found:
    for lease in Lease.objects.filter(vacancy__in=units, cancelled_at=None).order_by("pk"):
        stage = Stage.LEASED if units[lease.vacancy_id].ledger_id is not None else ""
        routing = routings.get(lease.routing_id or 0)
        yield (
            lease.vacancy_id,
            UnitStep(StepKind.LEASED, lease.signed_on, Side.LANDLORD, routing, stage=stage, of=lease.pk),
        )


def first(found: Collection[UnitStep], kind: StepKind, *, since: date | None = None) -> UnitStep | None:
    """The first step of a kind among those of a unit or of a routing, on a day or after."""
    return next((step for step in found if step.kind == kind and (since is None or step.on >= since)), None)


@dataclass(frozen=True, slots=True)
class UnitJourney:
    """One unit that was routed, its steps, and its entries in the accounts of the year, in the order written."""

    vacancy: Vacancy
    steps: list[UnitStep]
    entries: list[FlowEntry]


@dataclass(frozen=True, slots=True)
class HolderSums:
    """Sums by stage for one holder: over the routed `units`, and `beside` them; the `account` is their sum."""

    holder: ReservationHolder
    units: dict[str, int]
    beside: dict[str, int]

    @property
    def account(self) -> dict[str, int]:
        """The holder's lines over the accounts of the year, by stage; units handed on for one turn are counted beside
        them, and are in the entries of each unit alone."""
        stages = [stage for stage in Stage.values if stage in self.units or stage in self.beside]
        return {stage: self.units.get(stage, 0) + self.beside.get(stage, 0) for stage in stages}


@dataclass(frozen=True, slots=True)
class Journey:
    """A landlord's year."""

    landlord: Landlord
    year: int
    units: list[UnitJourney]
    holders: list[HolderSums]


def journey(landlord: Landlord, year: int) -> Journey:
    """Read a year: units registered in it, or that its accounts hold, and that were routed; cancelled ones too, whose
    entries come to nothing. Eleven queries, whatever there is to state."""
    entries = FlowEntry.objects.filter(ledger__landlord=landlord, ledger__exercise=year)
    in_accounts = Exists(entries.filter(vacancy=OuterRef("pk")))
    elsewhere = Exists(FlowEntry.objects.filter(vacancy=OuterRef("pk")).exclude(ledger__exercise=year))
    units = list(
        Vacancy.declared.filter(
            in_accounts | Q(~elsewhere, registered_on__year=year),
            Exists(Routing.objects.filter(vacancy=OuterRef("pk"))),
            landlord=landlord,
        )
        .select_related("unit__commune", "unit__programme")
        .order_by("registered_on", "pk")
    )
    steps_of = steps(units)
    of: dict[int, list[FlowEntry]] = {vacancy.pk: [] for vacancy in units}
    written = entries.filter(vacancy__in=of).select_related("ledger__departement", "holder__organisation")
    for entry in written.order_by("pk"):
        of[entry.vacancy_id or 0].append(entry)
    sums: dict[int, dict[str, int]] = {}
    for each in of.values():
        own = (entry for entry in each if entry.ledger.kind != Ledger.Kind.ONE_TURN)
        _add(sums, ((entry.holder_id, entry.stage, entry.quantity) for entry in own))
    rest: dict[int, dict[str, int]] = {}
    accounts = entries.exclude(ledger__kind=Ledger.Kind.ONE_TURN)
    beside = accounts.exclude(vacancy__in=list(of)) if of else accounts
    _add(rest, beside.order_by().values_list("holder", "stage").annotate(sum=Sum("quantity")))
    holders = ReservationHolder.objects.filter(pk__in={*sums, *rest}).select_related("organisation").order_by("pk")
    return Journey(
        landlord=landlord,
        year=year,
        units=[UnitJourney(vacancy, steps_of[vacancy.pk], of[vacancy.pk]) for vacancy in units],
        holders=[HolderSums(holder, sums.get(holder.pk, {}), rest.get(holder.pk, {})) for holder in holders],
    )


def _add(sums: dict[int, dict[str, int]], rows: Iterable[Any]) -> None:
    for holder, stage, quantity in rows:
        stages = sums.setdefault(holder, {})
        stages[stage] = stages.get(stage, 0) + quantity


def as_json(read: Journey) -> dict[str, Any]:
    """The document that `docs/journey.md` describes."""
    organisation = read.landlord.organisation
    return {
        "landlord": {"siren": organisation.siren, "name": organisation.name},
        "year": read.year,
        "units": [_unit(each) for each in read.units],
        "holders": [
            {"holder": holder_key(each.holder), "units": each.units, "beside": each.beside, "account": each.account}
            for each in read.holders
        ],
    }


def holder_key(holder: ReservationHolder) -> dict[str, Any]:
    """Who a holder is, for a file: its organisation's SIREN and its code of RPLS item 63."""
    return {"siren": holder.organisation.siren, "contingent": holder.contingent, "name": str(holder)}


def _unit(each: UnitJourney) -> dict[str, Any]:
    vacancy, unit = each.vacancy, each.vacancy.unit
    return {
        "reference": unit.reference,
        "typology": unit.typology,
        "financing": unit.financing_group or None,
        "commune": {"code": unit.commune.code, "name": unit.commune.name},
        "in_qpv": unit.in_qpv,
        "kind": vacancy.kind,
        "cancelled": vacancy.is_cancelled,
        "steps": _steps(each.steps),
        "entries": [
            {
                "ledger": {"departement": entry.ledger.departement.code, "kind": entry.ledger.kind},
                "holder": holder_key(entry.holder),
                "stage": entry.stage,
                "quantity": entry.quantity,
                "on": entry.on.isoformat(),
                "acted_on": (entry.acted_on or entry.on).isoformat(),
            }
            for entry in each.entries
        ],
    }


def _steps(found: Sequence[UnitStep]) -> list[dict[str, Any]]:
    return [
        {
            "kind": step.kind.value,
            "on": step.on.isoformat(),
            "side": step.side.value,
            "holder": holder_key(step.routing.holder) if step.routing else None,
            "reason": step.reason or None,
            "stage": step.stage or None,
            "counts_as_offered": step.offered,
            "right_consumed": step.consumed,
            "clock_restarts": step.restarts,
        }
        for step in found
    ]
