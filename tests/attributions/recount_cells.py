"""The cells of a balance counted again from acts alone: routings, returns, candidates, committees, leases, and the
lines corrected by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone

from attributions.bilan.models import BalanceCorrection
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.recounts import Tables, differences, read_tables
from attributions.households.models import CaseDecision, Designation, Lease, Proposal, ProposalEnd
from flux.models import Return, Routing, UnitDescription, Vacancy
from reservations.models import Landlord


def check_cells(landlord: Landlord, year: int, *, on: date) -> None:
    """Each cell of each table of a balance is what routings, returns, candidates, committees and leases make of it."""
    assert differences(cells(landlord, year), read_tables(balance(landlord, year, on=on).cells)) == [], (landlord, year)


def cells(landlord: Landlord, year: int) -> Tables:
    """The five tables of what was done in a year, under what each unit was on the day of the act."""
    described: dict[int, list[UnitDescription]] = {}
    for each in UnitDescription.objects.filter(unit__vacancies__landlord=landlord).distinct().select_related("commune"):
        described.setdefault(each.unit_id, []).append(each)
    found: Tables = {axis: {} for axis in ("TYPOLOGY", "FINANCING", "QPV", "COMMUNE", "PERIOD")}
    for measure, holder, vacancy, on, times in acts(landlord):
        if on.year != year or measure is None:
            continue
        then = max(
            (each for each in described[vacancy.unit_id] if each.since <= on), key=lambda each: (each.since, each.pk)
        )
        unit = vacancy.unit
        for name in ("rooms", "financing_code", "in_qpv", "construction_year", "commune"):
            setattr(unit, name, getattr(then, name))
        named = {
            "TYPOLOGY": unit.typology,
            "FINANCING": unit.financing_group,
            "QPV": unit.qpv,
            "COMMUNE": unit.commune.code,
            "PERIOD": unit.period,
        }
        for axis, category in named.items():
            counts = found[axis].setdefault(holder, {}).setdefault(category, {})
            counts[measure] = counts.get(measure, 0) + times
    for rows in found.values():  # a line corrected by hand may bring it to nothing
        for row in rows.values():
            for category, counts in list(row.items()):
                row[category] = {name: count for name, count in counts.items() if count}
    return found


FIRST = {"offered": "first_lettings", "allocated": "first_allocated", "leased": "first_leased"}


def acts(landlord: Landlord) -> Iterator[tuple[str | None, int, Vacancy, date, int]]:
    """(what it counts as, holder, unit, day, times) of each act of a landlord’s flow that stands."""
    units = Vacancy.objects.filter(landlord=landlord, ledger__isnull=False).select_related("unit__commune")
    known = {each.pk: each for each in units.select_related("unit__programme")}
    for measure, holder, vacancy, on, times in _acts(list(known)):
        first = known[vacancy].kind == Vacancy.Kind.FIRST_LETTING
        yield (FIRST.get(measure) if first else measure), holder, known[vacancy], on, times


def _acts(units: list[int]) -> Iterator[tuple[str, int, int, date, int]]:
    routings = {each.pk: each for each in Routing.objects.filter(vacancy__in=units)}
    given = {each.routing_id: each for each in Return.objects.filter(routing__vacancy__in=units)}
    sent: dict[int, date] = {}
    for each in Designation.objects.filter(routing__vacancy__in=units).order_by("-sent_at"):
        sent[each.routing_id] = day_of(each.sent_at)
    for routing in routings.values():
        whose = routing.holder_id, routing.vacancy_id
        back = given.get(routing.pk)
        if routing.closed_at is None or (back is not None and back.offered):
            yield "offered", *whose, day_of(routing.routed_at), 1
        if back is not None:
            yield "returned", *whose, day_of(back.returned_at), 1
            if back.reason == Return.Reason.NO_CANDIDATE:
                yield "lapsed", *whose, day_of(back.returned_at), 1
        if (proposed := routing.answered_on or sent.get(routing.pk)) is not None:
            yield "designated", *whose, proposed, 1
    yield from _refusals(routings)
    kept: dict[tuple[int, int], date] = {}
    leases = Lease.objects.filter(routing__in=routings, cancelled_at=None).order_by("pk")
    for lease in leases:
        routing = routings[lease.routing_id]
        kept[routing.holder_id, routing.vacancy_id] = lease.signed_on
        yield "leased", routing.holder_id, routing.vacancy_id, lease.signed_on, 1
    # An allocation stands while somebody that the committee kept is in the running, or housed.
    current = Proposal.objects.filter(status__in=(*Proposal.KEPT, Proposal.Status.HOUSED)).values("routing")
    decisions = CaseDecision.objects.filter(proposal__routing__in=routings, superseded_at=None)
    decisions = decisions.filter(proposal__routing__in=current)
    for decision in decisions.filter(kind__in=["RANKED", "ALLOCATED", "CONDITIONAL"]).select_related("proposal"):
        routing = routings[decision.proposal.routing_id]
        whose = routing.holder_id, routing.vacancy_id
        kept[whose] = min(kept.get(whose, decision.decided_on), decision.decided_on)
    for (holder, vacancy), on in kept.items():
        yield "allocated", holder, vacancy, on, 1
    for correction in BalanceCorrection.objects.filter(entry__vacancy__in=units).select_related("entry"):
        entry = correction.entry
        yield entry.stage.lower(), entry.holder_id, entry.vacancy_id, entry.on, entry.quantity


def _refusals(routings: dict[int, Routing]) -> Iterator[tuple[str, int, int, date, int]]:
    """Candidatures that came to nothing, on the day of what ended them."""
    ends = ProposalEnd.objects.filter(proposal__routing__in=routings, proposal__designation__isnull=False)
    for end in ends.exclude(reason="RECORDED_BY_MISTAKE").select_related("proposal").order_by("pk"):
        routing = routings[end.proposal.routing_id]
        yield "refused", routing.holder_id, routing.vacancy_id, end.on, 1


def day_of(moment: datetime) -> date:
    return timezone.localdate(moment)
