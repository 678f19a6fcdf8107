"""A folder of files as landlords have them goes in exactly, or is asked: homonyms, percentages as Excel and LibreOffice
write them, groups that straddle every boundary of a batch. At the real size: tests/reservations/imports/
test_whole_groups.py."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from flux.models import Allotment
from reservations.imports import door
from reservations.imports.door import run
from reservations.models import Quota
from reservations.operations.party import register_organisation
from tests.reservations.imports.test_party_files import csv_of, faults, given
from tests.reservations.imports.test_whole_groups import HEAD, PARTS, confirmed
from tests.reservations.imports.written_as import Cell, Number, ods, percent, xlsx
from tests.world import World, siren

type Row = tuple[Cell, ...]
#: By convention (organisation, year): the share of each contingent, in millionths.
type Shares = dict[tuple[int, int], dict[int, int]]

#: The same rate as people leave it in a cell: shown as a percentage, or typed.
WRITINGS: list[Callable[[float], Cell]] = [
    percent,
    lambda rate: f"{rate}".replace(".", ",") + " %",
    lambda rate: Number(rate, '0.00"%"', f"{rate}%"),
    lambda rate: f"{rate}".replace(".", ","),
]


def conventions(world: World, twin: str, year: int) -> Iterator[tuple[Row, tuple[int, int, int, int] | None]]:
    """The lines of one year, and what each promises; None for those that are asked, with their group."""
    days = (f"01/01/{year}", f"31/12/{year}", "15/12/2026")
    write = WRITINGS[year % len(WRITINGS)]
    yield (world.state.siren, "2", "11", write(20.5), *days), (world.state.pk, year, 2, 205_000)
    yield (world.epci.siren, "", "", write(6.25), *days), (world.epci.pk, year, 4, 62_500)
    if year % 3:
        yield (world.city.siren, "", "", write(12.5), *days), (world.city.pk, year, 4, 125_000)
    else:
        yield (twin, "", "", write(12.5), *days), None
    yield (world.als.siren, "", "11", write(33.3333), *days), (world.als.pk, year, als(world), 333_333)
    yield (world.state.name, "1", "Aude", write(4.75), *days), (world.state.pk, year, 1, 47_500)


def als(world: World) -> int:
    return int(world.holders["als"].contingent)


def shares() -> Shares:
    found: Shares = {}
    for quota in Quota.objects.filter(convention__starts_on__year__gte=2029).select_related("convention", "holder"):
        of = found.setdefault((quota.convention.organisation_id, quota.convention.starts_on.year), {})
        of[quota.holder.contingent] = quota.share
    return found


@pytest.mark.parametrize(("write", "size"), [(xlsx, 2), (ods, 3)])
def test_a_folder_goes_in_exactly_or_is_asked(
    world: World, monkeypatch: pytest.MonkeyPatch, write: Callable[..., bytes], size: int
) -> None:
    monkeypatch.setattr(door, "BATCH", size)
    twin = "Ville de Narbonne"
    register_organisation(siren=siren(73), name=twin, kind=world.city.kind, territory=world.places["Coursan"])
    lines = [line for year in range(2029, 2033) for line in conventions(world, twin, year)]
    order = given(world, "conventions", write(HEAD, *(row for row, _ in lines)))
    result = faults(order)
    asked = [place for place, (_, promised) in enumerate(lines, start=2) if promised is None]
    assert [line for line, _, _ in result] == asked
    assert all("écrivez le SIREN" in each for _, _, each in result)
    expected: Shares = {}
    for _, promised in lines:
        if promised is not None:
            organisation, year, contingent, share = promised
            expected.setdefault((organisation, year), {})[contingent] = share
    order = run(confirmed(world, order))
    assert (order.state, order.new) == ("DONE", len(lines) - len(asked)), faults(order)
    assert shares() == expected

    holders = (world.als.siren, world.epci.siren)
    parts = [(name, units, who) for units, who in enumerate(holders, start=1) for name in "ABCD"]
    parts.append(("C", 3, twin))
    rows = [
        f"Programme {name};{('11262', 'Narbonne')[units % 2]};30/06/2027;24;{who};;{units}"
        for name, units, who in parts
    ]
    order = given(world, "repartitions", csv_of(PARTS, *rows))
    of_c = {at for at, (name, *_) in enumerate(parts, start=2) if name == "C"}
    assert {line for line, _, _ in faults(order)} == of_c
    run(confirmed(world, order))
    found = Allotment.objects.order_by("programme__name", "units").values_list("programme__name", "units")
    assert list(found) == [(f"Programme {name}", units) for name in "ABD" for units in (1, 2)]
