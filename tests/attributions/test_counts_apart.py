"""Counts beside their rows, read by the ORM and added up here: a wrong expression in a declaration is in its triggers
and in the recount of the night alike, and is seen here alone (docs/decisions/0160)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest

from attributions.households.models import Lease, LeaseCount
from flux.models import AccountMonth, FlowCell, FlowEntry, Ledger, Routing, Vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from tests.attributions.households.lettings import sign
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
Stage = FlowEntry.Stage
#: {key: {figure: sum}}
Sums = dict[tuple[object, ...], Counter[str]]


def written(rows: list[dict[str, object]], figures: tuple[str, ...], key: tuple[str, ...]) -> Sums:
    """What is kept, zeros left out."""
    return without_zeros({tuple(row[name] for name in key): Counter({f: row[f] for f in figures}) for row in rows})


def without_zeros(sums: Sums) -> Sums:
    kept_ones = {key: Counter({f: n for f, n in found.items() if n}) for key, found in sums.items()}
    return {key: found for key, found in kept_ones.items() if found}


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Six units routed in two communes, then an entry of each stage and side, and a step that is taken back. One is a
    first letting, which its yearly account copies."""
    for number in range(6):
        vacancy = world.vacancy(commune=("Narbonne", "Coursan")[number % 2], in_qpv=(None, True, False)[number % 3])
    ledger = vacancy.ledger
    assert ledger is not None
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    routed = Vacancy.objects.order_by("pk")
    confirm_recommendations(vacancies=list(routed.values_list("pk", flat=True)), by=world.people["aline"], now=MORNING)
    firsts = Ledger.objects.create(
        landlord=world.landlord, departement=world.places["Aude"], exercise=TODAY.year, kind="FIRST_LETTING"
    )
    first = Vacancy.objects.create(
        unit=world.unit(rooms=5),
        kind="FIRST_LETTING",
        ledger=firsts,
        notice_on=TODAY,
        available_on=TODAY,
        registered_at=MORNING,
        registered_on=TODAY,
        registered_by=world.people["aline"],
    )
    holders, days = [world.holders["als"], world.holders["city"]], [TODAY, TODAY + timedelta(400)]
    plain = [Stage.OFFERED, Stage.DESIGNATED, Stage.RETURNED, Stage.LAPSED, Stage.ALLOCATED, Stage.LEASED]
    for holder, vacancy, on in product(holders, [*routed[:3], first], days):
        steps = [(stage, "") for stage in plain]
        steps += [(Stage.REFUSED, side) for side in ("APPLICANT", "HOLDER", "LANDLORD", "COMMITTEE", "UNIT")]
        for stage, side in steps:
            FlowEntry.objects.create(
                ledger=ledger, holder=holder, vacancy=vacancy, stage=stage, side=side, quantity=1, on=on
            )
        FlowEntry.objects.create(
            ledger=ledger, holder=holder, vacancy=vacancy, stage=Stage.DUE, quantity=300_000, on=on
        )
    back = {"ledger": ledger, "holder": holders[0], "vacancy": routed[0], "quantity": -1, "on": days[1]}
    for stage in (Stage.LEASED, Stage.DESIGNATED):
        FlowEntry.objects.create(stage=stage, **back)
    FlowEntry.objects.create(stage=Stage.DUE, **(back | {"quantity": -300_000}))
    return world


def test_cells_are_what_entries_add_up_to(lived: World) -> None:
    """CCH, R441-5-1: by holder, year of the act and what the unit was, in the account that the unit belongs to."""
    described = ("commune_id", "rooms", "financing_code", "in_qpv", "construction_year")
    sums: Sums = {}
    for entry in FlowEntry.objects.select_related("vacancy", "description"):
        figure = entry.stage.lower()
        if figure in FlowCell.MEASURES and entry.vacancy and entry.vacancy.ledger_id == entry.ledger_id:
            assert entry.acted_on
            assert entry.description
            what = [getattr(entry.description, name) for name in described]
            cell = sums.setdefault((entry.ledger_id, entry.holder_id, entry.acted_on.year, *what), Counter())
            cell[figure] += entry.quantity
    key = ("ledger_id", "holder_id", "year", *described)
    cells = written(list(FlowCell.objects.values(*key, *FlowCell.MEASURES)), FlowCell.MEASURES, key)
    assert cells == without_zeros(sums)
    assert {figure for found in cells.values() for figure in found} == {*FlowCell.MEASURES}


def figures_of(entry: FlowEntry, times: Counter[tuple[object, ...]]) -> Iterator[tuple[str, int]]:
    """What an entry moves in its month."""
    if entry.stage in FlowEntry.OWED:
        yield "due", entry.quantity
    if entry.stage == Stage.CARRIED:
        yield "carried", entry.quantity
    if entry.stage == Stage.DUE:
        yield "shares", entry.quantity
        same = (entry.ledger_id, entry.holder_id, entry.vacancy_id, entry.quantity > 0)
        yield ("again" if times[same] else "vacated"), 1 if entry.quantity > 0 else -1
        times[same] += 1
    elif entry.stage == Stage.REFUSED:
        yield f"refused_{entry.side.lower()}", entry.quantity
    elif entry.stage not in FlowEntry.OWED:
        yield entry.stage.lower(), entry.quantity
    copies = entry.vacancy and entry.ledger.kind == "ORDINARY" and entry.vacancy.ledger.kind == "FIRST_LETTING"
    if copies and entry.stage in (Stage.ALLOCATED, Stage.LEASED):
        yield f"first_{entry.stage.lower()}", entry.quantity
    yield "received", entry.reached


def test_months_are_what_entries_add_up_to(lived: World) -> None:
    """By holder, commune and month of the entry, whatever account the unit belongs to."""
    sums: Sums = {}
    times: Counter[tuple[object, ...]] = Counter()
    for entry in FlowEntry.objects.select_related("ledger", "vacancy__ledger", "description").order_by("pk"):
        place = entry.description.commune_id if entry.description else None
        month = sums.setdefault((entry.ledger_id, entry.holder_id, place, entry.on.replace(day=1)), Counter())
        for figure, quantity in figures_of(entry, times):
            month[figure] += quantity
    key = ("ledger_id", "holder_id", "commune_id", "month")
    figures = tuple(f.name for f in AccountMonth._meta.fields if f.name not in {"id", "ledger", "holder", "commune"})
    figures = tuple(name for name in figures if name != "month")
    months = written(list(AccountMonth.objects.values(*key, *figures)), figures, key)
    assert months == without_zeros(sums)
    moved = {figure for found in months.values() for figure in found}
    assert {*figures} - moved <= {"carried", "awaiting"}


def asked_of(lease: Lease) -> Iterator[str]:
    """What objectives count of a lease (CCH, L441-1)."""
    quartile, renewal, mix = lease.income_quartile, lease.urban_renewal, lease.in_mix_residence
    yield "leases"
    yield "in_qpv" if lease.in_qpv else "outside_qpv" if lease.in_qpv is False else ""
    if lease.in_qpv is False:
        if quartile == 1 or renewal:
            yield "first_quartile"
        elif quartile is None or renewal is None:
            yield "first_unknown"
    if lease.in_qpv:
        yield "others_unknown" if quartile is None else "others" if quartile > 1 else ""
    for name, fact in (("priority", lease.has_priority), ("essential", lease.essential_worker)):
        yield f"{name}_unknown" if fact is None else name if fact else ""
    yield "mobility" if lease.vacancy.exclusion == "INTERNAL_TRANSFER" else ""
    yield "in_flow" if lease.vacancy.kind == "IN_FLOW" else ""
    if mix is None:
        yield "mix_unplaced"
    elif mix:
        yield "in_mix"
        yield "mix_unknown" if quartile is None else "mix_others" if quartile > 1 else ""


def test_counts_of_leases_are_what_leases_add_up_to(world: World) -> None:
    """By where the unit was and is, by year, by whom it is signed for and who follows it now."""
    maybe, holders = (True, False, None), [None, "als", "city", "epci"]
    for number in range(48):
        kind = {"kind": "EXCLUDED", "exclusion": "INTERNAL_TRANSFER"} if number % 7 == 0 else {}
        vacancy = world.vacancy(commune=("Narbonne", "Coursan")[number % 2], **kind)
        if (holder := holders[number % 4]) is not None:
            Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
        sign(
            world,
            vacancy,
            signed_on=date(TODAY.year - number % 2, 1 + number % 12, 1),
            in_qpv=maybe[number % 3],
            income_quartile=(1, 2, 3, 4, None)[number % 5],
            urban_renewal=maybe[number // 3 % 3],
            has_priority=maybe[number // 2 % 3],
            essential_worker=maybe[number // 5 % 3],
            in_mix_residence=maybe[number // 4 % 3],
        )
    gone = Lease.objects.order_by("pk")[5]
    Routing.objects.filter(pk=gone.routing_id).update(closed_at=MORNING)
    sums: Sums = {}
    for lease in Lease.objects.filter(cancelled_at=None).select_related("vacancy__description", "routing"):
        now = lease.vacancy.routings.filter(closed_at=None).order_by("pk").first()
        held = (now.holder_id, now.acting_id) if now else (None, None)
        unit, year = lease.vacancy, lease.vacancy.registered_on.year
        places = (unit.description.commune_id, unit.commune_id)
        signed = (lease.holder_id, lease.routing.acting_id if lease.routing else None)
        key = (unit.landlord_id, lease.signed_on.year, *places, year, *signed, *held)
        sums.setdefault(key, Counter()).update(filter(None, asked_of(lease)))
    names = ("landlord_id", "year", "commune_id", "place_id", "fell")
    names = (*names, "holder_id", "acting_id", "open_holder_id", "open_acting_id")
    of_key = {name.removesuffix("_id") for name in names}
    figures = tuple(field.name for field in LeaseCount._meta.fields if field.name not in {"id", *of_key})
    counts = written(list(LeaseCount.objects.values(*names, *figures)), figures, names)
    assert counts == without_zeros(sums)
    assert {figure for found in counts.values() for figure in found} == {*figures}
