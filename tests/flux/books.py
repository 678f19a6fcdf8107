"""The checks of the specification (section 7) on one ledger: what must hold after any act."""

from __future__ import annotations

from collections import defaultdict

from flux.models import FlowEntry, Ledger, LedgerLine, Routing, Vacancy
from flux.situation import DIMENSIONS
from reservations.models.convention import UNIT

Stage = FlowEntry.Stage


def check_books(ledger: Ledger) -> None:
    """Lines are the fold of the entries; every unit entered is due once and received once; lacks sum to the gap."""
    ledger = Ledger.objects.get(pk=ledger.pk)
    due: dict[int, int] = defaultdict(int)
    received: dict[int, int] = defaultdict(int)
    living: dict[int, int] = defaultdict(int)
    profile: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for entry in FlowEntry.objects.filter(ledger=ledger).select_related(
        "vacancy__unit__commune", "vacancy__unit__programme"
    ):
        column = 0 if entry.stage == Stage.DUE else 1
        (received if column else due)[entry.holder_id] += entry.quantity
        if column:
            living[entry.vacancy_id] += entry.quantity
        for dimension, category in entry.vacancy.categories.items():
            profile[entry.holder_id, dimension, category][column] += entry.quantity
    lines = LedgerLine.objects.filter(ledger=ledger).order_by("pk")
    assert {line.holder_id: (line.due, line.received) for line in lines} == {
        holder: (due[holder], received[holder]) for holder in {*due, *received}
    }
    assert {
        (line.holder_id, dimension, category): figures
        for line in lines
        for dimension, categories in line.profile.items()
        for category, figures in categories.items()
    } == dict(profile)
    for line in lines:
        for dimension in DIMENSIONS:
            lacks = [due - UNIT * received for due, received in line.profile[dimension].values()]
            assert sum(lacks) == line.due - UNIT * line.received
    firsts = set(
        Vacancy.objects.filter(kind=Vacancy.Kind.FIRST_LETTING, entries__ledger=ledger).values_list("pk", flat=True)
    )
    entered = ledger.recommendations.count() + len(firsts)
    assert sum(due.values()) == UNIT * entered == UNIT * ledger.sequence
    assert list(living.values()) == [1] * entered
    routed = Routing.objects.filter(vacancy__ledger=ledger, closed_at=None)
    net = _net(ledger, Stage.ROUTED)
    if ledger.kind == Ledger.Kind.ORDINARY:  # a first letting may count for the landlord: its routing is of its ledger
        net = {vacancy: holder for vacancy, holder in net.items() if vacancy not in firsts}
    assert dict(routed.values_list("vacancy", "holder")) == net


def _net(ledger: Ledger, stage: str) -> dict[int, int]:
    """{vacancy: holder} of the entries of a stage that do not cancel out."""
    net: dict[tuple[int, int], int] = defaultdict(int)
    for entry in FlowEntry.objects.filter(ledger=ledger, stage=stage):
        net[entry.vacancy_id, entry.holder_id] += entry.quantity
    return {vacancy: holder for (vacancy, holder), quantity in net.items() if quantity}
