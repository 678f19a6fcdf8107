"""The landlords side by side: the figures of their balances, the objectives of each, nothing that isolates a few."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Sum
from django.template.loader import render_to_string

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.pages.scores import Reader, scores_table
from attributions.bilan.pages.territory_board import score_pill, verdict_words
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.landlord_figures import LandlordFigures, by_commune, compare
from attributions.bilan.queries.objective_cells import Target
from attributions.bilan.queries.objective_leases import Counts
from attributions.bilan.queries.objectives import Score, objectives, published, reading
from attributions.bilan.queries.publics import PUBLICS, Tally, publics
from attributions.bilan.queries.scales import HolderKind, acts_read, places, scale
from attributions.bilan.queries.state_rights import Ratio, state_rights
from attributions.bilan.queries.territory_board import ABSENT, AWAITED, Judgement, Verdict, board, score_tables, verdict
from attributions.households.models import Lease
from flux.models import FlowCell, Ledger, Routing
from flux.operations.routing import confirm_recommendations
from flux.pages.checks import verdict_name, verdict_pill
from flux.queries.cells import Axis
from flux.queries.state_cap import Verdict as Cap
from flux.queries.state_cap import fold
from reservations.models import Landlord
from reservations.operations.party import register_landlord
from reservations.words import upper_first
from tests.attributions.households.lettings import sign
from tests.flux.before_the_rule import route_all
from tests.world import MORNING, World, convention, siren
from tests.world_again import kept

TODAY = MORNING.date()
NumQueries = Callable[[int], Any]
Code = Objective.Code


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def three(world: World) -> World:
    """Robine, Toits de l’Orb and Corbières let units in Narbonne, Coursan, Sigean and Béziers."""
    corbieres = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    hold = world.holders
    for landlord in (world.other_landlord, corbieres):
        convention(landlord, world.state, world.places["Aude"], (hold["priority"], "25", 1), (hold["agents"], "5", 2))
        convention(landlord, world.city, world.places["Narbonne"], (hold["city"], "20", 3))
    draw = random.Random(3)
    for number in range(42):
        landlord = (world.landlord, world.other_landlord, corbieres)[number % 3]
        commune = draw.choice(("Narbonne", "Narbonne", "Coursan", "Sigean", "Béziers" if number % 3 == 1 else "Sigean"))
        world.vacancy(
            landlord=landlord,
            commune=commune,
            in_qpv=draw.choice((True, False, None)),
            rooms=draw.randint(1, 6),
            now=MORNING - timedelta(days=60 - number),
        )
    for ledger in Ledger.objects.all():
        route_all(ledger)
        half = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True))[::2]
        confirm_recommendations(vacancies=half, by=world.people["aline"], now=MORNING)
    return world


def test_each_figure_is_that_of_the_balance_it_opens(three: World) -> None:
    place = three.places["Le Grand Narbonne"]
    emma = three.member("emma")
    compared = compare(2026, place, member=emma)
    assert [str(line.landlord) for line in compared.lines] == ["Corbières Logis", "Robine Habitat", "Toits de l’Orb"]
    for line in compared.lines:
        read = balance(line.landlord, 2026, place, member=emma)
        figures = line.figures
        assert (figures.net, figures.due, figures.received, figures.gap) == (
            read.flow.net,
            read.total.due,
            read.total.received,
            read.total.gap,
        )
        measures = read.measures
        assert (figures.offered, figures.allocated, figures.leased) == (
            measures.offered,
            measures.allocated,
            measures.leased,
        )
        assert {each.holder.pk: each.figures.due for each in line.holders} == {
            each.holder.pk: each.figures.due for each in read.lines if each.figures != type(each.figures)()
        }
    assert compared.total.net > 20
    lines = by_commune(compared, place)
    assert sum((line.figures for line in lines), LandlordFigures()) == compared.total
    assert sum((line.reserved for line in lines), LandlordFigures()).gap == compared.reserved.gap
    assert [line.commune.name for line in lines] == ["Coursan", "Narbonne", "Sigean"]


@pytest.mark.parametrize("name", ["Le Grand Narbonne", "Narbonne"])
def test_complete_counts_the_units_that_the_figures_beside_say_offered(three: World, name: str) -> None:
    place = three.places[name]
    read = board(three.member("emma"), place, 2026, today=date(2027, 2, 16))
    offered = {line.landlord.pk: line.figures.offered for line in read.comparison.lines}
    assert {row.landlord.pk: row.units for row in read.state.rows} == offered
    assert 0 < sum(offered.values()) < FlowCell.objects.aggregate(all=Sum("offered"))["all"]


def test_a_landlord_that_lived_nothing_is_there_with_zeros(three: World) -> None:
    place = three.places["Béziers Méditerranée"]
    compared = compare(2025, place, member=three.member("emma"), landlords=[three.landlord])
    assert [(str(line.landlord), line.figures) for line in compared.lines] == [("Robine Habitat", LandlordFigures())]


def let(world: World, landlord: Landlord, holder: str, count: int, commune: str = "Narbonne", **facts: object) -> None:
    """Leases of units of a landlord, routed straight."""
    for _ in range(count):
        vacancy = world.vacancy(landlord=landlord, commune=commune)
        Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
        sign(world, vacancy, **({"in_qpv": False} | facts))


def let_quartiles(world: World, owners: list[Landlord], first: tuple[int, ...], others: tuple[int, ...]) -> None:
    """Households of the first quartile, and of the last, each third of a holder."""
    for landlord, yes, no in zip(owners, first, others, strict=True):
        for number in range(yes + no):
            facts = {"income_quartile": 1} if number < yes else {"income_quartile": 4, "urban_renewal": False}
            let(world, landlord, ("city", "als", "priority")[number % 3], 1, **facts)


def test_one_reading_scores_every_landlord_as_reading_each(world: World, django_assert_num_queries: NumQueries) -> None:
    let(world, world.landlord, "city", 7, income_quartile=1)
    let(world, world.landlord, "als", 9, income_quartile=3, urban_renewal=False)
    let(world, world.other_landlord, "als", 8, commune="Coursan", income_quartile=1)
    let(world, world.other_landlord, "city", 6, commune="Coursan", income_quartile=2, urban_renewal=False)
    emma, place = world.member("emma"), world.places["Le Grand Narbonne"]
    state_purpose(member=emma, exercise=2026, why="CIA")
    with django_assert_num_queries(3):
        read = reading(2026, member=emma)
        tables = score_tables(read, place, [world.landlord, world.other_landlord])
    for landlord in (world.landlord, world.other_landlord):
        alone = objectives(2026, landlord=landlord, territory=place, member=emma)
        assert [line.score for table in tables for line in table.lines if line.landlord == landlord] == [
            score for score in alone if score.denominator
        ]
    assert tables[0].whole.score.counts == Counts(15, 30, 0, 0)


@pytest.fixture
@kept
def compared(world: World) -> list[Landlord]:
    """First quartile: Robine 12 of 40, Orb 6 of 20, Corbières 5 of 19, and La Clape 2 of 10."""
    corbieres = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    clape = register_landlord(siren=siren(301), name="La Clape Habitat", acronym="CH")
    owners = [world.landlord, world.other_landlord, corbieres, clape]
    let_quartiles(world, owners, (12, 6, 5, 2), (28, 14, 14, 8))
    return owners


def test_epci_compares_its_landlords_with_figures(world: World, compared: list[Landlord]) -> None:
    """14 of 17 cells were « Regroupé », one of them on 117 leases: entitled, an officer reads all of them."""
    emma, place = world.member("emma"), world.places["Le Grand Narbonne"]
    state_purpose(member=emma, exercise=2026, why="CIL")
    table = score_tables(reading(2026, member=emma), place, compared)[0]
    values = {str(line.landlord): (line.score.counts.numerator, verdict_words(line.verdict)) for line in table.lines}
    assert values == {
        "Corbières Logis": (5, "Petit effectif"),
        "La Clape Habitat": (2, "Petit effectif"),
        "Robine Habitat": (12, "Tenu"),
        "Toits de l’Orb": (6, "Petit effectif"),
    }
    assert table.whole.score.counts == Counts(25, 89)


def test_papers_join_on_one_line_the_landlords_that_may_not_be_distinguished(
    world: World, compared: list[Landlord]
) -> None:
    """Whole figures of a named whole: no rate of a part, no cell kept back for its neighbour."""
    place = world.places["Le Grand Narbonne"]
    table = score_tables(published(2026, place), place, compared)[0]
    values = {line.words: line.score.counts for line in table.lines}
    assert values == {
        "Corbières Logis, La Clape Habitat et Toits de l’Orb, ensemble": Counts(13, 49),
        "Robine Habitat": Counts(12, 40),
    }
    assert table.whole.score.counts == Counts(25, 89)
    assert table.whole.words == "Territoire"


def test_total_less_the_landlords_reported_isolates_nobody(world: World) -> None:
    """Robine 24, Orb 14, Corbières 2 of 10: with both others reported, the total would state of two households; and Orb
    and Corbières on one line would state Orb of them."""
    corbieres = register_landlord(siren="999000029", name="Corbières Logis", acronym="CL")
    owners = [world.landlord, world.other_landlord, corbieres]
    let_quartiles(world, owners, (12, 6, 2), (12, 8, 8))
    place = world.places["Le Grand Narbonne"]
    table = score_tables(reading(2026, member=world.member("emma")), place, owners)[0]
    shown = {line.words: line.score.counts for line in table.lines}
    assert shown == {"Corbières Logis": None, "Robine Habitat": None, "Toits de l’Orb": None}
    assert {line.words: line.score.within for line in table.lines} == {
        "Corbières Logis": None,
        "Robine Habitat": (0, 20),
        "Toits de l’Orb": None,
    }, "what the total of 20 leaves them, of 24, 14 and 10 leases"
    assert table.whole.score.counts == Counts(20, 48)


def score(numerator: int, denominator: int, percent: int = 25, **given: Any) -> Score:
    rate = Objective(code=Code.FIRST_QUARTILE_OUTSIDE_QPV, percent=percent, starts_on=date(2026, 1, 1))
    return Score(
        **{
            "code": Code.FIRST_QUARTILE_OUTSIDE_QPV,
            "denominator": denominator,
            "unplaced": 0,
            "counts": Counts(numerator, denominator),
            "own": None,
            "targets": (Target(rate, denominator),),
        }
        | given
    )


@pytest.mark.parametrize(
    ("given", "lacking", "words"),
    [
        (score(66, 294), None, "Il manque 8 baux"),
        (score(41, 150), None, "Tenu"),
        (score(37, 150), None, "Il manque 1 bail"),
        (score(9, 29), None, "Petit effectif"),
        (score(8, 30), None, "Tenu"),
        (score(66, 294), ABSENT, "Bilan absent"),
        (score(66, 294), AWAITED, "Bilan attendu"),
        (score(0, 0), None, "Aucun bail"),
        (score(2, 40, counts=None), None, "Non communiqué"),
        (score(2, 40, counts=None, within=(11, 16)), None, "Tenu"),
        (score(2, 40, counts=None, within=(2, 7)), None, "Il manque 3 à 8 baux"),
        (score(2, 40, counts=None, within=(8, 13)), None, "Non tranché"),
        (score(2, 29, counts=None, within=(8, 13)), None, "Petit effectif"),
        (score(2, 40, counts=None, within=(8, 13), targets=()), None, "Aucun taux en vigueur"),
        (score(2, 40, targets=()), None, "Aucun taux en vigueur"),
        (score(7, 100, 5, code=Code.STATE_AGENTS), None, "Dépassé de 2 baux"),
        (score(5, 100, 5, code=Code.STATE_AGENTS), None, "Sous le plafond"),
        # Under one lease too many: as the cap of the flow is read, in the words of the controls and of the State's page
        (score(10, 197, 5, code=Code.STATE_AGENTS), None, "Au-dessus du plafond, par arrondi"),
        (score(11, 200, 5, code=Code.STATE_AGENTS), None, "Dépassé de 1 bail"),
    ],
)
def test_verdict_says_what_is_missing_and_nothing_under_thirty(
    given: Score, lacking: Verdict | None, words: str
) -> None:
    assert verdict_words(verdict(given, lacking=lacking)) == words


@pytest.mark.parametrize(("agents", "leases"), [(9, 197), (10, 197), (10, 200), (11, 200), (12, 220)])
def test_ceiling_of_the_agents_is_judged_in_leases_as_in_units(agents: int, leases: int) -> None:
    """« 10 sur 197 » was « Dépassé de 1 bail », in red, here, and « par arrondi », to watch, on the State's page."""
    here = verdict(score(agents, leases, 5, code=Code.STATE_AGENTS))
    (there,) = fold([(2026, leases, 50_000 * leases, agents)])
    same = {Cap.UNDER: Judgement.UNDER, Cap.ROUNDING: Judgement.ROUNDING, Cap.BREACH: Judgement.OVER}
    assert here.judgement == same[there.verdict]
    assert score_pill(here) == verdict_pill(there.verdict)
    assert verdict_words(here).startswith(("Dépassé de", upper_first(verdict_name(there.verdict))))


def test_absent_balance_is_notified_once_the_year_is_over(three: World) -> None:
    place, emma = three.places["Le Grand Narbonne"], three.member("emma")
    let(three, three.landlord, "city", 1)
    running = board(emma, place, 2026, today=TODAY)
    assert {line.lacking for line in running.first_quartile.lines} == {None}
    awaited = board(emma, place, 2026, today=date(2027, 2, 27))
    assert {line.verdict for line in awaited.first_quartile.lines} == {AWAITED}
    over = board(emma, place, 2026, today=date(2027, 3, 1))
    assert {verdict_words(line.verdict) for line in over.first_quartile.lines} == {"Bilan absent"}


def test_board_costs_the_same_whatever_there_is(world: World, django_assert_num_queries: NumQueries) -> None:
    emma, place = world.member("emma"), world.places["Le Grand Narbonne"]
    for number in (2, 5, 12):
        while Lease.objects.count() < number:
            extra = Lease.objects.count()
            landlord = world.landlord if extra % 2 else world.other_landlord
            let(world, landlord, ("city", "als", "priority")[extra % 3], 1, income_quartile=1)
        with django_assert_num_queries(6):
            board(emma, place, 2026, today=TODAY)


# --- the State, the scales ---


def test_state_rights_are_the_sum_of_its_contingents(three: World) -> None:
    bob, place = three.member("bob"), three.places["Aude"]
    compared = compare(2026, place, member=bob)
    met = {book.departement_id for book in Ledger.objects.ordinary().visible_to(bob)}
    read = state_rights(compared, 2026, place, met, on=TODAY)
    assert {line.holder.pk for line in read.lines} == {three.holders["priority"].pk, three.holders["agents"].pk}
    whole = [line for each in compared.lines for line in each.holders if line.holder.organisation_id == three.state.pk]
    assert read.total == sum((line.figures for line in whole), LandlordFigures())
    assert sum((figures for _, figures in read.by_contingent), LandlordFigures()) == read.total
    for each in read.landlords:
        assert [cap.ratio.asked for cap in each.caps] == [300_000, 50_000]
        assert all(cap.ratio.denominator == each_net(compared, each.landlord) for cap in each.caps)
    assert read.outside_qpv.asked == 300_000
    assert sum(place.ratio.denominator for place in read.places) == compared.total.offered


def each_net(compared: Any, landlord: Landlord) -> int:
    return next(line.figures.net for line in compared.lines if line.landlord == landlord)


@pytest.mark.parametrize(
    ("ratio", "holds"),
    [
        (Ratio(9, 30, 300_000), True),
        (Ratio(10, 30, 300_000), False),
        (Ratio(9, 30, 300_000, is_ceiling=False), True),
        (Ratio(8, 30, 300_000, is_ceiling=False), False),
        (Ratio(20, 29, 300_000), None),
        (Ratio(20, 40), None),
    ],
)
def test_bound_is_compared_exactly_and_never_under_thirty(ratio: Ratio, holds: bool | None) -> None:
    assert ratio.holds is holds


@pytest.mark.parametrize("name", ["Occitanie", "Aude", "Le Grand Narbonne", "Narbonne"])
def test_every_axis_of_a_scale_has_the_same_total(three: World, name: str) -> None:
    adam = three.member("adam")
    read = {place.territory: place for place in places(adam, 2026)}
    chosen = read[three.places[name]]
    found = scale(acts_read(adam, 2026), chosen.communes, 2026)
    for axis, lines in found.axes:
        assert sum(line.measures.offered for line in lines) == found.total.offered, axis
        assert sum(sum(line.offered.values()) for line in lines) == found.total.offered
    assert {axis for axis, _ in found.axes} == set(Axis)


def test_overseer_reads_its_own_communes_whatever_the_scale(three: World) -> None:
    emma = three.member("emma")
    read = {place.territory.name: place.communes for place in places(emma, 2026)}
    ours = {three.places[name].pk for name in ("Narbonne", "Coursan", "Sigean")}
    assert read["Occitanie"] == read["Aude"] == read["CA Le Grand Narbonne"] == ours
    assert "Béziers" not in read
    zoe, alice = ({place.territory.name for place in places(three.member(name), 2026)} for name in ("zoe", "alice"))
    assert "Béziers" in zoe
    assert "Béziers" not in alice, "nothing of hers fell vacant there, and nothing was done"


# --- publics ---


def test_publics_of_a_landlord_are_exact_and_count_what_is_not_given(world: World) -> None:
    let(world, world.landlord, "city", 2, income_quartile=1, has_priority=True, persons=1)
    let(world, world.landlord, "als", 1, income_quartile=4, has_priority=False, persons=6)
    let(world, world.landlord, "als", 1)
    read = publics(2026, world.places["Narbonne"], member=world.member("aline"))
    values = {row.public.code: (row.whole.count, row.whole.known, row.whole.unknown) for row in read.rows}
    assert values["priority"] == (2, 3, 1)
    assert values["first_quartile"] == (2, 3, 1)
    assert values["last_quartile"] == (1, 3, 1)
    assert values["alone"] == (2, 3, 1)
    assert values["large"] == (1, 3, 1)
    assert values["dalo"] == (0, 1, 3)
    assert len(read.rows) == len(PUBLICS)
    assert read.purpose is None


def test_publics_are_for_who_stated_why(world: World) -> None:
    """So many figures of so few are never published: the others read none of them."""
    let(world, world.landlord, "city", 2, income_quartile=1, has_priority=True, persons=1)
    let(world, world.other_landlord, "als", 1, income_quartile=4, persons=6)
    place, emma = world.places["Narbonne"], world.member("emma")
    for name in ("emma", "bob", "adam", "chloe"):
        assert publics(2026, place, member=world.member(name)) is None
    stated = state_purpose(member=emma, exercise=2026, why="CIL")
    read = publics(2026, place, member=emma)
    assert (read.purpose, read.leases) == (stated, 3)
    values = {row.public.code: row for row in read.rows}
    assert (values["first_quartile"].whole, values["first_quartile"].whole.rate) == (Tally(2, 3, 0), 667_000)
    assert dict(values["alone"].by_landlord)["Robine Habitat"] == Tally(2, 2, 0)
    assert dict(values["large"].by_type)[HolderKind.ACTION_LOGEMENT] == Tally(1, 1, 0)
    assert publics(2026, place, member=world.member("bob")) is None


def test_publics_cost_the_same_whatever_there_is(world: World, django_assert_num_queries: NumQueries) -> None:
    emma = world.member("emma")
    state_purpose(member=emma, exercise=2026, why="CIL")
    for number in (1, 3, 12):
        while Lease.objects.count() < number:
            let(world, world.landlord, "city", 1, income_quartile=1)
        with django_assert_num_queries(3):
            publics(2026, world.places["Narbonne"], member=emma)


def test_command_counts_what_everybody_is_given(compared: list[Landlord], capsys: pytest.CaptureFixture[str]) -> None:
    """Exact, between two bounds, absent: of an EPCI, its landlords and its communes; then its objectives."""
    call_command("published_figures", year=2026)
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("CA Le Grand Narbonne, 2026 : ")
    counts = [
        int(each) for each in re.findall(r"(\d+) (?:chiffres|exacts|entre|non|objectifs|chiffrés|tranchés)", line)
    ]
    assert counts[0] == sum(counts[1:4])
    assert counts[4] >= counts[5] >= counts[6] >= 1


@pytest.mark.parametrize(
    ("within", "running", "words"),
    [
        ((2, 7), False, ("entre 2 et 7", "de 5 % à 17,5 %", "non atteint", "il en manquait de 3 à 8 au même nombre")),
        ((2, 7), True, ("pas encore", "il en manque de 3 à 8 au même nombre")),
        ((8, 13), False, ("entre 8 et 13", "non tranché")),
        ((11, 16), False, ("entre 11 et 16", "atteint")),
    ],
)
def test_objective_between_two_bounds_says_what_is_certain(
    within: tuple[int, int], running: bool, words: tuple[str, ...]
) -> None:
    shown = scores_table([score(0, 40, counts=None, within=within)], 2026, Reader("", False, False, running))
    result = re.sub(r"[\u00a0\u202f]", " ", render_to_string("components/table.html", {"table": shown}))
    assert all(each in result for each in words), result
