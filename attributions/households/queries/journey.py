"""The journey of each routed unit of a year: its dated steps, and what each account wrote. No personal data at all.

The accounts' lines are the sum of the units' entries and of what is beside them (units not routed yet, transfers).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Sum

from attributions.households.queries.steps import UnitStep, steps
from flux.models import FlowEntry, Ledger, Routing, Vacancy
from reservations.models import Landlord, ReservationHolder

Stage = FlowEntry.Stage


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
    entries come to nothing. Eleven queries, whatever there is to tell."""
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
    told = steps(units)
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
        units=[UnitJourney(vacancy, told[vacancy.pk], of[vacancy.pk]) for vacancy in units],
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
