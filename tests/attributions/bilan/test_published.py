"""All that the demonstration publishes, in one system of linear constraints: the objectives under every filter and the
papers of each overseer, of two years, against each reader and what it knows (docs/disclosure.md; CCH, L441-1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import connection
from django.urls import reverse

from attributions.bilan.blocks import Path
from attributions.bilan.models import Objective
from attributions.bilan.queries.objective_cells import ObjectiveCell
from attributions.bilan.queries.objective_leases import OF_UNITS
from attributions.bilan.queries.objectives import Score, published
from attributions.demonstration.years import at
from reservations.models import Landlord, Territory, User
from tests.attributions.bilan.solver import squeezed
from tests.own_database import recorded_story
from tests.reader import Reader
from tests.signing_in import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.nightly]

Code = Objective.Code
LEAST = 5
PAPERS = ("balance-territory", "balance-communes", "balance-cil", "balance-one-page")
#: A count of an objective, of the leases of these landlords and communes: at least, and at most.
Figure = tuple[Code, frozenset[Path], int, int]


@pytest.fixture(scope="module")
def morning(django_db_setup: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[date]:
    """The demonstration as the repository keeps it, the morning after its last day."""
    with django_db_blocker.unblock(), recorded_story("published") as recording:
        yield recording.next_day
        connection.close()


@pytest.mark.parametrize("before", [0, 1])
def test_no_reader_squeezes_a_few_households_from_all_that_is_published(
    morning: date, time_machine: Any, before: int
) -> None:
    """Of the year that runs, and of the last one, some balances of which are sealed."""
    time_machine.move_to(at(morning, 9), tick=False)
    year = morning.year - before
    aude = Territory.objects.get(kind=Territory.Kind.DEPARTEMENT, code="11")
    cells = {cell.path: cell for cell in published(year, aude).cells}
    figures = list(dict.fromkeys(_read(year, aude, cells)))
    assert {code for code, *_ in figures} >= {Code.FIRST_QUARTILE_OUTSIDE_QPV, Code.ESSENTIAL_WORKERS}
    assert len(figures) > 20, "what is published is read"
    readers = [None, *sorted({reader for cell in cells.values() for reader in cell.known})]
    assert len(readers) > 6
    for code, reader in product({code for code, *_ in figures}, readers):
        assert _squeezed(code, reader, cells, figures) == [], (year, code, reader)


def _read(year: int, aude: Territory, cells: dict[Path, ObjectiveCell]) -> Iterator[Figure]:
    """Every count that is given to who may not read them all, whoever reads it; those of the reader’s own leases alone
    are given to nobody else."""
    communes = {cell.commune.pk: cell.commune for cell in cells.values()}
    covering = Territory.objects.filter(pk__in={pk for each in communes.values() for pk in each.covering_ids()})
    places = [None, aude, *covering.filter(kind=Territory.Kind.EPCI).order_by("pk"), *communes.values()]
    landlords = [None, *Landlord.objects.filter(pk__in={cell.landlord for cell in cells.values()}).order_by("pk")]
    everybody = published(year, aude)
    for landlord, place in product(landlords, places):
        for score in everybody.scores(landlords=[landlord] if landlord else None, territory=place):
            yield from _figure(score, everybody.cells, {landlord.pk} if landlord else None, place)
    for person in User.objects.filter(memberships__isnull=False).order_by("pk").distinct():
        client = Reader()
        sign_in(client, person)
        for landlord, place in product(landlords, places):
            asked = {"year": year, "landlord": landlord.pk if landlord else "", "territory": place.pk if place else ""}
            context = client.get(reverse("objective-list"), asked).context
            if context is None or "whole" not in context or context["whole"].is_whole:
                continue
            kept = {context["landlord"].pk} if context["landlord"] else None
            for score in context["scores"]:
                yield from _figure(score, context["whole"].cells, kept, context["territory"])
        for address in PAPERS:
            context = client.get(reverse(address, args=[year])).context
            if context is None or "board" not in context or context["board"].read.is_whole:
                continue
            found = context["board"]
            for line in (line for table in found.tables for line in (*table.lines, table.whole)):
                kept = {each.pk for each in line.landlords} or None
                yield from _figure(line.score, found.read.cells, kept, found.territory)


def _figure(
    score: Score, cells: Iterable[ObjectiveCell], landlords: set[int] | None, place: Territory | None
) -> Iterator[Figure]:
    if score.code in OF_UNITS or score.ends is None or (score.own is not None and score.counts == score.own):
        return
    paths = frozenset(
        cell.path
        for cell in cells
        if (landlords is None or cell.landlord in landlords)
        and (place is None or place.pk in cell.commune.covering_ids())
        and cell.counts[score.code].denominator
    )
    if paths:
        yield score.code, paths, *score.ends


def _squeezed(code: Code, reader: int | None, cells: dict[Path, ObjectiveCell], figures: Iterable[Figure]) -> list[str]:
    """Of one objective: no figure is of two. Less what the reader knows: its own leases, or all those of its EPCI."""
    known = {path: cell.known[reader][code].numerator for path, cell in cells.items() if reader in cell.known}
    left: dict[Path, tuple[int, int]] = {}
    for path, cell in cells.items():
        counts = cell.counts[code]
        if counts.denominator:
            mine = cell.known[reader][code] if reader in cell.known else None
            yes, no = (mine.numerator, mine.rest) if mine else (0, 0)
            left[path] = counts.numerator - yes, counts.rest - no
    read = [
        (paths, low - sum(known.get(path, 0) for path in paths), high - sum(known.get(path, 0) for path in paths))
        for of, paths, low, high in figures
        if of == code
    ]
    landlords, communes = ({cells[path].landlord for path in left}, {cells[path].commune.pk for path in left})
    asked = [
        frozenset(path for path in left if cells[path].landlord in wanted)
        for wanted in (landlords, *({each} for each in landlords))
    ]
    asked += [frozenset(path for path in left if cells[path].commune.pk == each) for each in communes]
    return squeezed(
        left,
        read,
        dict.fromkeys([*asked, *(frozenset({path}) for path in left), *(paths for paths, *_ in read)]),
        LEAST,
    )
