"""Publics and objectives count the same households: no difference of what two pages tell isolates a few."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, product

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from hypothesis import event, given
from hypothesis import strategies as st

from attributions.bilan.models import Objective
from attributions.bilan.pages.one_page import _housed
from attributions.bilan.queries import publics as module
from attributions.bilan.queries.objective_rules import Counts as ObjectiveCounts
from attributions.bilan.queries.objectives import Score, grouped, objectives
from attributions.bilan.queries.publics import Counts, PublicCell, publics, tell
from attributions.bilan.queries.small_cells import Path
from attributions.bilan.queries.territory_board import ScoreLine, verdict
from attributions.households.models import Lease
from flux.models import Routing
from reservations.models import Territory
from tests.attributions.households.lettings import sign
from tests.flux.views.test_account import page
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
Code = Objective.Code
LEAST = 5
OUTSIDE, INSIDE = 1, 2
#: Of one landlord in one commune, in one quarter, of one kind of holder: all those where leases may lie.
PATHS = [
    (quarter, kind, 1, commune // 10, landlord, commune)
    for quarter, kind, landlord, commune in product((OUTSIDE, INSIDE), (0, 2), (1, 2), (10, 11, 20))
]


def cell(path: Path, first: int, both: int, rehoused: int, others: int) -> PublicCell:
    """Leases of households of the first quartile, rehoused too or not, only rehoused, and of the others."""
    none = Counts()
    counts = {public.code: none for public in module.PUBLICS}
    known = first + both + rehoused + others
    counts["first_quartile"] = Counts(first + both, rehoused + others, known)
    counts["renewal"] = Counts(both + rehoused, first + others, known)
    counts["priority"] = Counts(first + both, rehoused + others, known)
    asked = {code: ObjectiveCounts() for code in Code}
    if path[0] == OUTSIDE:
        asked[Code.FIRST_QUARTILE_OUTSIDE_QPV] = ObjectiveCounts(first + both + rehoused, known)
    if path[0] == INSIDE:
        asked[Code.OTHERS_IN_QPV] = ObjectiveCounts(rehoused + others, known)
    if path[1] == 2:
        asked[Code.PRIORITY_AUTHORITY] = ObjectiveCounts(first + both, known)
    return PublicCell(path, path[4], path[1], Territory(pk=path[5]), known, counts, asked)


def drawn(numbers: list[tuple[int, int, int, int]]) -> list[PublicCell]:
    return [cell(path, *each) for path, each in zip(PATHS, numbers, strict=True) if any(each)]


many = st.sampled_from((0, 0, 1, 2, 6, 9, 25))
few = st.sampled_from((0, 0, 0, 0, 1, 7))
#: (public, objective, part of a path, its value, is the public what is beside?)
SAME = (
    ("priority", Code.PRIORITY_AUTHORITY, 1, 2, False),
    ("first_quartile", Code.FIRST_QUARTILE_OUTSIDE_QPV, 0, OUTSIDE, False),
    ("first_quartile", Code.OTHERS_IN_QPV, 0, INSIDE, True),
    ("renewal", Code.FIRST_QUARTILE_OUTSIDE_QPV, 0, OUTSIDE, False),
)


def figures(cells: list[PublicCell], code: Objective.Code) -> list[set[Path]]:
    """What an objective tells: sets of (landlord, commune), the quarter and the kind left out."""
    at: dict[Path, ObjectiveCounts] = {}
    for each in cells:
        at[each.path[2:]] = at.get(each.path[2:], ObjectiveCounts()) + each.objectives[code]
    made, small = grouped(at.items(), LEAST)
    return [set(group) for group in made if group not in small]


@given(st.lists(st.tuples(many, few, few, many), min_size=len(PATHS), max_size=len(PATHS)))
def test_no_difference_of_the_two_pages_tells_of_a_few(numbers: list[tuple[int, int, int, int]]) -> None:
    cells = drawn(numbers)
    of = {each.path: each for each in cells}
    tellers = tell(cells, LEAST)
    event(f"{sum(len(teller.told) for teller in tellers.values())} groups told")
    told_of: dict[tuple[str, frozenset[Path]], bool] = {}
    for public, code, place, value, inverted in SAME:
        shown = [{path for path in of if path[2:] in group and path[place] == value} for group in figures(cells, code)]
        told = tellers[public].told
        shown = [paths for paths in shown if any(group & paths for group in told)]

        def counts(paths: set[Path], public: str = public) -> Counts:
            return sum((of[path].counts[public] for path in paths), Counts())

        def is_nothing_or_large(paths: set[Path]) -> bool:
            left = counts(paths)
            return not left.known or min(left.count, left.beside) >= LEAST

        for size in range(1, len(shown) + 1):
            for some in combinations(shown, size):
                wide = set().union(*some)
                inside = set().union(*(group for group in told if group <= wide))
                assert is_nothing_or_large(wide - inside)
                across = set().union(*(group for group in told if group & wide))
                if wide <= across:
                    assert is_nothing_or_large(across - wide)
                if counts(wide - inside).known:
                    continue
                asked = sum(of[path].objectives[code].numerator for path in wide)
                here = counts(wide)
                assert asked - (here.beside if inverted else here.count) not in range(1, LEAST)
                told_of[public, frozenset(wide)] = True
                assert not (public == "renewal" and told_of.get(("first_quartile", frozenset(wide))))


# --- through the pages ---


@pytest.fixture(autouse=True)
def morning(request: pytest.FixtureRequest) -> None:
    if "world" in request.fixturenames:
        request.getfixturevalue("time_machine").move_to(MORNING, tick=False)


def let(world: World, holder: str, count: int, commune: str = "Narbonne", **facts: object) -> None:
    """Leases out of QPV, of units routed straight."""
    for _ in range(count):
        vacancy = world.vacancy(commune=commune)
        Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
        sign(world, vacancy, **({"in_qpv": False, "urban_renewal": False} | facts))


def told(world: World, name: str, public: str) -> dict[str, int | None]:
    read = publics(2026, world.places["Narbonne"], member=world.member(name))
    row = next(row for row in read.rows if row.public.code == public)
    return {"Ensemble": row.whole.count} | {words: tally.count for words, tally in row.by_type}


def test_only_household_of_a_city_is_not_the_objective_less_the_publics(world: World, sign_in: SignIn) -> None:
    """9 of 16 on one page, 8 of 15 on the other: the city’s only household would be of the first quartile."""
    let(world, "priority", 8, income_quartile=1)
    let(world, "priority", 7, income_quartile=3)
    let(world, "city", 1, income_quartile=1)
    # Elsewhere, enough of the same kind of holder: that household is grouped with them.
    let(world, "city", 10, "Coursan", income_quartile=1)
    let(world, "city", 10, "Coursan", income_quartile=4)
    place, emma = world.places["Narbonne"], sign_in("emma")
    first = objectives(2026, territory=place, member=world.member("emma"))[0]
    assert first.counts == ObjectiveCounts(9, 16, 0, 0)
    text = page(emma, f"{reverse('balance-scale', args=[2026])}?territory={place.pk}")
    rows = re.findall(r"Premier quartile de ressources</th>(.*?)</tr>", text, re.DOTALL)
    assert len(rows) == 2
    assert all("regroupé" in row and "sur" not in re.sub("<.*?>", "", row) for row in rows)
    let(world, "city", 11, income_quartile=1)
    let(world, "city", 6, income_quartile=4)
    assert told(world, "emma", "first_quartile")["Ensemble"] == 20, "large enough on both sides, everything is told"


def test_household_rehoused_out_of_the_first_quartile_is_not_the_objective_less_the_publics(world: World) -> None:
    let(world, "priority", 8, income_quartile=1)
    let(world, "priority", 9, income_quartile=3)
    assert told(world, "emma", "first_quartile")["Ensemble"] == 8
    let(world, "priority", 1, income_quartile=2, urban_renewal=True)
    first = objectives(2026, territory=world.places["Narbonne"], member=world.member("emma"))[0]
    assert first.counts == ObjectiveCounts(9, 18, 0, 0)
    assert told(world, "emma", "first_quartile")["Ensemble"] is None
    let(world, "priority", 5, income_quartile=2, urban_renewal=True)
    assert told(world, "emma", "first_quartile")["Ensemble"] == 8


@pytest.mark.parametrize("kind", ["city", "als", "landlord"])
def test_priority_is_not_told_beside_its_objective(world: World, kind: str) -> None:
    for quarter, yes, no in ((False, 7, 8), (True, 1, 1)):
        let(world, kind, yes, in_qpv=quarter, has_priority=True)
        let(world, kind, no, in_qpv=quarter, has_priority=False)
    # In the same quarter, enough of another kind of holder: the two households there are grouped with them.
    let(world, "priority", 10, in_qpv=True, has_priority=True)
    let(world, "priority", 10, in_qpv=True, has_priority=False)
    code = {"city": "PRIORITY_AUTHORITY", "als": "PRIORITY_ACTION_LOGEMENT", "landlord": "PRIORITY_LANDLORD"}[kind]
    read = {each.code: each.counts for each in objectives(2026, member=world.member("emma"))}
    assert read[Code[code]] == ObjectiveCounts(8, 17, 0, 0)
    assert set(told(world, "emma", "priority").values()) == {None}


def test_state_reads_its_own_leases_and_nobody_elses_by_subtraction(world: World) -> None:
    """The State knows its own leases one by one: they are told, and hide no other."""
    let(world, "priority", 2, income_quartile=1)
    let(world, "city", 6, income_quartile=1)
    let(world, "city", 6, income_quartile=4)
    let(world, "als", 1, income_quartile=1)
    assert told(world, "bob", "first_quartile") == {
        "Ensemble": 2,
        "État": 2,
        "Action Logement": None,
        "Collectivités": None,
        "Autres": None,
        "Non réservé": None,
    }
    assert Lease.objects.count() == 15


# --- a rate is of everybody, or is not told ---


def cells_of(text: str, public: str) -> list[str]:
    """What the page says of a public, column by column."""
    row = re.findall(rf"{public}</th>(.*?)</tr>", text, re.DOTALL)[0]
    return [" ".join(re.sub("<.*?>", " ", cell).split()) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]


def test_no_rate_is_told_of_what_is_left_when_some_are_left_out(world: World, sign_in: SignIn) -> None:
    """« 6 sur 45 = 13,3 %, 207 mis à part » where 22 of 257 have it: the share of what is left is nobody's."""
    let(world, "priority", 6, in_qpv=True, income_quartile=1)
    let(world, "priority", 39, in_qpv=True, income_quartile=3)
    let(world, "city", 2, income_quartile=1)
    let(world, "als", 4, income_quartile=1)
    let(world, "als", 32, income_quartile=3)
    read = publics(2026, world.places["Narbonne"], member=world.member("emma"))
    whole = next(row.whole for row in read.rows if row.public.code == "first_quartile")
    assert (whole.count, whole.known, whole.left) == (6, 45, 38)
    assert whole.rate is None, "12 of 83 are 14.5 %, and not 13.3 %"
    text = page(sign_in("emma"), f"{reverse('balance-scale', args=[2026])}?territory={world.places['Narbonne'].pk}")
    assert cells_of(text, "Premier quartile de ressources")[0] == "6 sur 45 38 mis à part : pas de taux"
    assert "le taux, qui ne porterait que sur les autres, n’est alors pas donné" in text
    let(world, "city", 6, income_quartile=1)
    let(world, "city", 5, income_quartile=3)
    let(world, "als", 6, income_quartile=1)
    whole = next(
        row.whole
        for row in publics(2026, world.places["Narbonne"], member=world.member("emma")).rows
        if row.public.code == "first_quartile"
    )
    assert (whole.count, whole.known, whole.left, whole.rate) == (24, 100, 0, 240_000)


def test_no_page_writes_a_rate_beside_what_is_left_out() -> None:
    """The siblings: a count kept back whole has a part that may be told, and no rate."""
    part = Score(
        code=Code.FIRST_QUARTILE_OUTSIDE_QPV,
        denominator=257,
        unplaced=0,
        counts=None,
        small=False,
        least=LEAST,
        own=None,
        targets=(),
        part=ObjectiveCounts(6, 45, 0, 0),
    )
    assert (part.rate, part.reached, part.missing, verdict(part).words) == (None, None, None, "Regroupé")
    line = ScoreLine(None, part)
    assert _housed(line) == (
        "Hors quartiers prioritaires, 6 baux sur 45 sont allés au premier quartile de ressources ou à un relogement ; "
        "212 autres sont mis à part, pour que personne ne s’y reconnaisse : pas de taux."
    )
    for template in ("bilan/score_row.html", "bilan/document_score.html"):
        said = render_to_string(template, {"line": line, "score": part, "name": "Ensemble", "total": False})
        told = " ".join(re.sub("<.*?>", " ", said).split())
        assert "6 sur 45, le reste regroupé" in told
        assert "%" not in told
