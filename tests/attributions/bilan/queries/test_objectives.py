"""The objectives: against SQL written apart, what is not given, which target holds, who reads what."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import state_purpose
from attributions.bilan.pages.territory_board import verdict_words
from attributions.bilan.queries.objective_cells import Target, lease_scopes
from attributions.bilan.queries.objective_leases import leases_behind, own_leases
from attributions.bilan.queries.objectives import Counts, Score, objectives, published
from attributions.bilan.queries.territory_board import verdict
from attributions.households.models import Lease
from flux.models import FlowEntry, Ledger, Return, Routing, Vacancy
from flux.operations.outcomes import record_lease
from tests.attributions.bilan.leases import unmatched
from tests.attributions.households.lettings import sign
from tests.flux.operations.test_returning import give_back, send
from tests.flux.views.pages import text_of
from tests.flux.views.test_account import page
from tests.world import MORNING, World
from tests.world_again import kept

TODAY = MORNING.date()
Code = Objective.Code
SignIn = Callable[[str], Client]
NumQueries = Callable[[int], Any]


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def routed(world: World, holder: str, **unit: object) -> Vacancy:
    """A unit of the flow routed to a holder, directly: what the rule thinks of it is not the question."""
    vacancy = world.vacancy(**unit)
    Routing.objects.create(vacancy=vacancy, holder=world.holders[holder], routed_at=MORNING)
    return vacancy


def let(world: World, holder: str, *, in_qpv: bool | None = False, commune: str = "Narbonne", **facts: object) -> Lease:
    return sign(world, routed(world, holder, commune=commune, in_qpv=in_qpv), in_qpv=in_qpv, **facts)


@pytest.fixture
@kept
def lived(world: World) -> World:
    """Sixty leases of every sort, drawn: a few cancelled, a few of the year before, units subtracted from the flow."""
    chance = random.Random(7)
    maybe = (True, False, None)
    for number in range(60):
        facts = {
            "in_qpv": chance.choice(maybe),
            "income_quartile": chance.choice((1, 1, 2, 3, 4, None)),
            "urban_renewal": chance.choice(maybe),
            "has_priority": chance.choice(maybe),
            "in_mix_residence": maybe[number % 3],
            "signed_on": date(2025, 12, 31) if number % 20 == 0 else TODAY - timedelta(days=number),
        }
        commune = chance.choice(("Narbonne", "Coursan", "Sigean"))
        if number % 9 == 0:
            vacancy = world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", commune=commune)
            lease = sign(world, vacancy, **facts)
        else:
            holder = chance.choice(("priority", "agents", "als", "city", "epci", "landlord"))
            lease = sign(world, routed(world, holder, commune=commune), **facts)
        if number % 15 == 4:
            Lease.objects.filter(pk=lease.pk).update(
                cancelled_at=MORNING, cancelled_by=world.people["aline"], cancelled_why="Saisi deux fois."
            )
    return world


def by_hand(year: int, communes: list[str]) -> dict[str, tuple[int, int, int, int]]:
    """(numerator, denominator, not stated, not placed) of each objective, one statement an objective."""
    base = """FROM attributions_lease l JOIN flux_vacancy v ON v.id = l.vacancy_id JOIN flux_unit u ON u.id = v.unit_id
              JOIN reservations_territory c ON c.id = u.commune_id
              LEFT JOIN reservations_reservationholder h ON h.id = l.holder_id
              WHERE l.cancelled_at IS NULL AND extract(year FROM l.signed_on) = %s AND c.code = ANY(%s)"""
    first = "coalesce(l.income_quartile = 1, false) OR coalesce(l.urban_renewal, false)"
    written = {
        "FIRST_QUARTILE_OUTSIDE_QPV": (
            "l.in_qpv IS FALSE",
            first,
            f"NOT ({first}) AND (l.income_quartile IS NULL OR l.urban_renewal IS NULL)",
            "l.in_qpv IS NULL",
        ),
        "OTHERS_IN_QPV": (
            "l.in_qpv IS TRUE",
            "l.income_quartile > 1",
            "l.income_quartile IS NULL",
            "l.in_qpv IS NULL",
        ),
        "PRIORITY_AUTHORITY": ("h.contingent = 4", "l.has_priority IS TRUE", "l.has_priority IS NULL", "false"),
        "PRIORITY_ACTION_LOGEMENT": ("h.contingent = 3", "l.has_priority IS TRUE", "l.has_priority IS NULL", "false"),
        "PRIORITY_LANDLORD": (
            "coalesce(h.contingent, 7) = 7",
            "l.has_priority IS TRUE",
            "l.has_priority IS NULL",
            "false",
        ),
        "ESSENTIAL_WORKERS": ("true", "l.essential_worker IS TRUE", "l.essential_worker IS NULL", "false"),
        "MOBILITY": ("true", "v.exclusion = 'INTERNAL_TRANSFER'", "false", "false"),
        "MIX_RESIDENCES": (
            "l.in_mix_residence IS TRUE",
            "l.income_quartile > 1",
            "l.income_quartile IS NULL",
            "l.in_mix_residence IS NULL",
        ),
        "STATE_AGENTS": ("v.kind = 'IN_FLOW'", "h.contingent = 1", "h.contingent IS NULL", "false"),
    }
    found = {}
    with connection.cursor() as cursor:
        for code, (among, counted, unknown, unplaced) in written.items():
            asked = (f"({among}) AND ({counted})", among, f"({among}) AND ({unknown})", unplaced)
            sums = ", ".join(f"sum(CASE WHEN {each} THEN 1 ELSE 0 END)" for each in asked)
            cursor.execute(" ".join(["SELECT", sums, base]), [year, communes])
            found[code] = tuple(int(count or 0) for count in cursor.fetchone())
    return found


def read(scores: list[Score]) -> dict[str, tuple[int, int, int, int]]:
    return {
        score.code.value: (score.counts.numerator, score.denominator, score.counts.unknown, score.unplaced)
        for score in scores
    }


@pytest.mark.parametrize("place", [None, "Aude", "Le Grand Narbonne", "Narbonne", "Sigean", "Béziers"])
def test_objectives_equal_sql_written_apart(lived: World, place: str | None) -> None:
    communes = {"Narbonne": ["11262"], "Sigean": ["11379"], "Béziers": ["34032"]}
    codes = communes.get(place or "", ["11262", "11106", "11379"])
    for year in (2025, 2026):
        scores = objectives(year, territory=lived.places[place] if place else None)
        assert read(scores) == by_hand(year, codes)
    if place is None:
        assert min(score.denominator for score in scores) > 2
        assert sum(score.counts.unknown for score in scores) > 10


def test_objectives_cost_the_same_whatever_there_is(world: World, django_assert_num_queries: NumQueries) -> None:
    emma, bob = world.member("emma"), world.member("bob")
    state_purpose(member=bob, exercise=2026, why="CIA")
    for number in (1, 3, 30):
        while Lease.objects.count() < number:
            let(world, "city")
        with django_assert_num_queries(3):
            objectives(2026)
        with django_assert_num_queries(5):
            objectives(2026, member=emma)
        with django_assert_num_queries(3):
            objectives(2026, member=bob)
        with django_assert_num_queries(4):
            published(2026, world.places["Le Grand Narbonne"])


def score_of(code: Code, year: int = 2026, **scope: Any) -> Score:
    return next(score for score in objectives(year, **scope) if score.code == code)


def test_renewal_counts_as_the_first_quartile_and_unknown_is_neither_dropped_nor_guessed(world: World) -> None:
    let(world, "city", income_quartile=4, urban_renewal=True)
    let(world, "city", income_quartile=1)
    let(world, "city", income_quartile=3, urban_renewal=False)
    let(world, "city", income_quartile=None, urban_renewal=False)
    let(world, "city", income_quartile=3, urban_renewal=None)
    let(world, "city", in_qpv=None, income_quartile=1)
    assert score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV).counts == Counts(2, 5, 2, 1)
    assert score_of(Code.OTHERS_IN_QPV).counts == Counts(0, 0, 0, 1)


def test_residences_of_the_list_are_read_by_who_reads_every_count_and_by_nobody_else(
    world: World, sign_in: SignIn
) -> None:
    """CCH, L441-1-6, 3° bis. Beside « en QPV », which counts the same fact, it would state by subtraction of the few
    that are in one and not in the other (docs/disclosure.md)."""
    for number in range(20):
        let(world, "city", in_qpv=True, income_quartile=3 if number < 10 else 1, in_mix_residence=number not in (0, 19))
    let(world, "city", in_qpv=False, income_quartile=2)
    values = {score.code: score for score in published(2026, world.places["Le Grand Narbonne"]).scores()}
    assert values[Code.OTHERS_IN_QPV].counts == Counts(10, 20, 0, 0)
    mix = values[Code.MIX_RESIDENCES]
    assert (mix.counts, mix.denominator, mix.unplaced) == (None, 18, 1)
    emma = world.member("emma")
    assert next(each for each in objectives(2026, member=emma) if each.code == Code.MIX_RESIDENCES).counts is None
    state_purpose(member=emma, exercise=2026, why="CIA")
    read = next(each for each in objectives(2026, member=emma) if each.code == Code.MIX_RESIDENCES)
    assert read.counts == Counts(9, 18, 0, 1)
    shown = text_of(sign_in("alice").get(reverse("objective-list"), {"exercice": 2026}))
    assert "1 bail dont on ne sait si la résidence est sur la liste, hors du calcul" in shown


def test_unit_whose_holder_proposed_nobody_counts_for_whom_lets_it(world: World) -> None:
    """Given back for want of candidates and routed to the landlord: it answers for its household."""
    routing = send(world, "city")
    vacancy = routing.vacancy
    Return.objects.create(
        routing=routing, reason=Return.Reason.NO_CANDIDATE, counted=True, offered=True, returned_at=MORNING
    )
    Routing.objects.filter(pk=routing.pk).update(closed_at=MORNING)
    Routing.objects.create(vacancy=vacancy, holder=world.holders["landlord"], routed_at=MORNING)
    sign(world, vacancy, has_priority=True)
    assert score_of(Code.PRIORITY_LANDLORD).counts == Counts(1, 1, 0, 0)
    assert score_of(Code.PRIORITY_AUTHORITY).counts == Counts()


@pytest.mark.parametrize(
    ("first", "others", "expected"),
    [
        (1, 3, (250_000, 0, 0)),
        (0, 3, (0, 1, 1)),
        (2, 6, (250_000, 0, 0)),
        (1, 7, (125_000, 1, 2)),  # 2 of 9 is still under 25 %
        (2, 7, (222_000, 1, 1)),
    ],
)
def test_what_is_missing_and_how_many_it_takes(
    world: World, first: int, others: int, expected: tuple[int, ...]
) -> None:
    """(rate, missing on these leases, leases to come that it takes)."""
    for number in range(first + others):
        let(world, "city", income_quartile=1 if number < first else 3, urban_renewal=False)
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV)
    assert (score.rate, score.missing, score.to_come) == expected


def score_on(first: int, leases: int) -> Score:
    law = Objective.objects.get(code=Code.FIRST_QUARTILE_OUTSIDE_QPV, territory=None, landlord=None)
    counts = Counts(first, leases)
    return Score(law.code, leases, 0, counts, None, (Target(law, leases),))


@pytest.mark.parametrize(
    ("first", "leases", "reached", "expected"),
    [
        (8, 29, None, "Petit effectif"),
        (0, 29, None, "Petit effectif"),
        (8, 30, True, "Tenu"),
        (7, 30, False, "Il manque 1 bail"),
        (0, 0, None, "Aucun bail"),
    ],
)
@pytest.mark.django_db
def test_no_rate_is_judged_under_thirty_leases(first: int, leases: int, reached: bool | None, expected: str) -> None:
    """One rule in the score: the page of objectives, the board of a territory and its papers say the same."""
    score = score_on(first, leases)
    assert (score.reached, verdict_words(verdict(score))) == (reached, expected)


def test_page_of_objectives_judges_no_rate_under_thirty_leases(world: World, sign_in: SignIn) -> None:
    for _ in range(3):
        let(world, "city", income_quartile=1)
    text = page(sign_in("alice"), f"{reverse('objective-list')}?year=2026")
    assert '<span class="st wait">petit effectif</span>' in text
    assert ">atteint</span>" not in text
    assert "Rien à mesurer pour l’instant" in text


def test_ceiling_is_exceeded_and_rates_round_to_the_nearest_tenth(world: World) -> None:
    for number in range(21):
        let(world, "agents" if number < 2 else "city")
    score = score_of(Code.STATE_AGENTS)
    assert (score.counts, score.rate, score.share_asked) == (Counts(2, 21), 95_000, 50_000)
    assert (score.missing, score.to_come) == (1, 19)
    let(world, "als", income_quartile=1)
    let(world, "als", income_quartile=2, urban_renewal=False)
    let(world, "als", income_quartile=2, urban_renewal=False)
    assert score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV).rate == 42_000  # 1 of 24 is 4.16… %


# --- targets ---


def rate(world: World, percent: str, place: str | None, *, landlord: bool = False, since: date = date(2026, 1, 1)):
    return Objective.objects.create(
        code=Code.FIRST_QUARTILE_OUTSIDE_QPV,
        territory=world.places[place] if place else None,
        landlord=world.landlord if landlord else None,
        percent=Decimal(percent),
        starts_on=since,
        source="CIA du 12 mars 2026",
    )


def asked(**scope: Any) -> list[tuple[Decimal, int]]:
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV, **scope)
    return [(target.objective.percent, target.leases) for target in score.targets]


def test_closest_target_holds_for_each_lease_landlord_then_place_then_law(world: World) -> None:
    for _ in range(3):
        let(world, "city")
    assert asked() == [(25, 3)]
    epci = rate(world, "30", "Le Grand Narbonne")
    assert asked() == asked(territory=world.places["Narbonne"]) == [(30, 3)]
    own = rate(world, "28", "Le Grand Narbonne", landlord=True)
    assert asked() == [(28, 3)]
    sign(world, world.vacancy(kind="EXCLUDED", exclusion="SALE_REHOUSING", commune="Béziers"), in_qpv=False)
    assert asked() == [(28, 3), (25, 1)]
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV)
    assert (score.asked * 100, score.share_asked) == (3 * 28 + 25, 272_500)
    Objective.objects.filter(pk__in=[epci.pk, own.pk]).update(ends_on=date(2026, 12, 30))
    assert asked() == [(25, 4)]  # no longer in force on 31 December


def test_target_is_reported_before_any_lease(world: World) -> None:
    rate(world, "30", "Le Grand Narbonne")
    assert asked(territory=world.places["Narbonne"]) == [(30, 0)]
    assert asked() == [(25, 0)]
    assert score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV).reached is None


# --- the same ledger ---


def test_leases_and_entries_of_a_ledger_are_the_same(world: World) -> None:
    aline = world.people["aline"]
    first, second = send(world, "city").vacancy, send(world, "als").vacancy
    ledger = Ledger.objects.ordinary().get()
    assert unmatched([ledger]) == []
    record_lease(vacancy=first, on=TODAY, by=aline, today=TODAY)
    sign(world, first)
    assert unmatched([ledger]) == []
    sign(world, second)
    [found] = unmatched([ledger])
    assert (found.vacancy, found.leases, found.entries) == (second.pk, 1, 0)
    record_lease(vacancy=second, on=TODAY, by=aline, today=TODAY)
    assert unmatched([ledger]) == []
    Lease.objects.filter(vacancy=first).update(cancelled_at=MORNING, cancelled_by=aline, cancelled_why="Erreur.")
    [found] = unmatched([ledger])
    assert (found.vacancy, found.leases, found.entries) == (first.pk, 0, 1)
    assert FlowEntry.objects.filter(stage="LEASED").count() == 2


def test_leases_of_nobody_are_reported_to_those_who_can_say_whose(world: World, sign_in: SignIn) -> None:
    """Recorded in the account alone: in no objective, and nobody would have known."""
    vacancy = send(world, "city").vacancy
    record_lease(vacancy=vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    url = f"{reverse('objective-list')}?year=2026"
    for person in ("alice", "adam"):
        text = page(sign_in(person), url)
        assert "1 bail du compte de 2026 sans ménage connu ici" in text
        assert reverse("vacancy-detail", args=[vacancy.pk]) in text
    for person in ("zoe", "chloe", "emma", "bob"):
        assert "sans ménage connu" not in page(sign_in(person), url)
    other = send(world, "city").vacancy
    record_lease(vacancy=other, on=TODAY, by=world.people["aline"], today=TODAY)
    text = page(sign_in("alice"), f"{url}&landlord={world.landlord.pk}")
    assert "2 baux du compte de 2026 sans ménage connu ici" in text
    assert f"{vacancy.unit.reference}</a>, <a" in text
    assert f"{other.unit.reference}</a>.</div>" in text
    sign(world, vacancy)
    sign(world, other)
    assert "sans ménage connu" not in page(sign_in("alice"), url)


def test_rates_of_several_places_are_listed_each_with_its_leases(world: World, sign_in: SignIn) -> None:
    """A CIA sets its own rate, and the law holds elsewhere: three are shown, and the mean of all."""
    for place, percent in (("Narbonne", 30), ("Coursan", 40), ("Sigean", 50)):
        terms = {"territory": world.places[place], "percent": Decimal(percent), "source": f"CIA, {place}"}
        Objective.objects.create(code=Code.FIRST_QUARTILE_OUTSIDE_QPV, starts_on=date(2026, 1, 1), **terms)
        let(world, "city", commune=place, income_quartile=1)
    let(world, "city", commune="Narbonne", income_quartile=2, urban_renewal=False)
    url = f"{reverse('objective-list')}?year=2026"
    three = " ".join(page(sign_in("alice"), url).replace("\u202f", " ").split())
    for each in (
        "au moins 30 %</span> sur 2 baux",
        "au moins 40 %</span> sur 1 bail",
        "au moins 50 %</span> sur 1 bail",
    ):
        assert each in three
    assert "et d’autres taux" not in three
    let(world, "city", commune="Béziers", income_quartile=1)
    four = page(sign_in("alice"), url).replace("\u202f", " ")
    assert "et d’autres taux, chacun sur ses baux : 35 % en moyenne" in four, "(2 × 30 + 40 + 50 + 25) / 5"


def test_list_limited_to_a_landlord_names_it_and_each_lease_without_a_district_says_so(
    world: World, sign_in: SignIn
) -> None:
    let(world, "city", in_qpv=None, has_priority=True)
    chloe, query = sign_in("chloe"), {"year": "2026", "landlord": world.landlord.pk}
    assert "baux signés en 2026 · Robine Habitat" in text_of(chloe.get(reverse("objective-list"), query))
    leases = chloe.get(reverse("objective-leases", args=[Code.PRIORITY_AUTHORITY]), query)
    assert "collectivités : ménages prioritaires · 2026 · Robine Habitat" in text_of(leases)
    assert '<td data-l="Quartier"><span class="muted">non renseigné</span></td>' in leases.content.decode()
    taken = chloe.get(leases.request["PATH_INFO"], {**query, "fichier": "csv"}).getvalue().decode().splitlines()
    assert taken[1].endswith("Ville de Narbonne;24/11/2026;non renseigné;;non renseigné;oui;compté")


# --- who reads what ---


@pytest.fixture
@kept
def many(world: World) -> World:
    """Outside QPV: Narbonne 14 of 40 of the first quartile, Coursan 8 of 20, Sigean 2 of 10."""
    for commune, first, every in (("Narbonne", 14, 40), ("Coursan", 8, 20), ("Sigean", 2, 10)):
        for number in range(every):
            let(
                world,
                "als",
                commune=commune,
                income_quartile=1 if number < first else 2,
                urban_renewal=False,
            )
    return world


def numerator(world: World, person: str, place: str | None = None) -> int | None:
    territory = world.places[place] if place else None
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV, member=world.member(person), territory=territory)
    return score.counts.numerator if score.counts else None


def test_epci_cannot_find_a_small_count_by_subtraction(many: World) -> None:
    """24 in all, 14 in Narbonne: were Coursan's 8 reported, Sigean's 2 would be."""
    values = {place: numerator(many, "emma", place) for place in (None, "Narbonne", "Coursan", "Sigean")}
    assert values == {None: 24, "Narbonne": 14, "Coursan": None, "Sigean": None}
    assert [numerator(many, "alice", place) for place in (None, "Narbonne", "Coursan", "Sigean")] == [24, 14, 8, 2]
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV, member=many.member("emma"), territory=many.places["Sigean"])
    assert (score.denominator, score.rate, score.reached, score.missing) == (10, None, None, None)


def test_epci_reads_every_figure_once_it_has_stated_why(many: World) -> None:
    """Entitled, on its territory, for a purpose that is recorded; of another year, it is another purpose."""
    emma = many.member("emma")
    state_purpose(member=emma, exercise=2025, why="CIA")
    assert numerator(many, "emma", "Sigean") is None
    state_purpose(member=emma, exercise=2026, why="CIA")
    values = {place: numerator(many, "emma", place) for place in (None, "Narbonne", "Coursan", "Sigean")}
    assert values == {None: 24, "Narbonne": 14, "Coursan": 8, "Sigean": 2}
    assert numerator(many, "chloe", None) == 14, "a city reads what everybody is told"


def test_page_says_neither_fewer_than_five_nor_more(many: World, sign_in: SignIn) -> None:
    """« moins de 5 » beside « regroupés », five at least, and their sum: both would be known."""
    place = f"{reverse('objective-list')}?territory="
    for name, bounds, leases in (("Sigean", "entre 0 et 10", 10), ("Coursan", "entre 0 et 10", 20)):
        text = page(sign_in("emma"), f"{place}{many.places[name].pk}")
        assert (f"{bounds}</span> sur {leases}" in text) == (name == "Coursan")
        assert (f"non communiqué</span> sur {leases}" in text) == (name == "Sigean")
        assert "moins de 5 sur" not in text
        assert "regroupés" not in text
    alice = page(sign_in("alice"), f"{place}{many.places['Sigean'].pk}")
    assert 'stands=counted">2</a> sur' in alice
    assert "non communiqué" not in alice


def test_holder_reads_its_own_leases_exactly_and_others_in_large_counts(many: World) -> None:
    """Action Logement knows the forty others: the city's three would be what is reported, less its own."""
    for number in range(3):
        let(many, "city", income_quartile=1 if number else 2, urban_renewal=False)
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV, member=many.member("chloe"))
    assert (score.own, score.denominator, score.counts) == (Counts(2, 3), 43, None)
    authority = score_of(Code.PRIORITY_AUTHORITY, member=many.member("chloe"))
    assert (authority.own, authority.counts) == (Counts(0, 3, 3), Counts(0, 3, 3))  # all are its own
    for number in range(9):
        let(many, "city", income_quartile=1 if number < 4 else 2, urban_renewal=False)
    score = score_of(Code.FIRST_QUARTILE_OUTSIDE_QPV, member=many.member("chloe"))
    assert score.own == Counts(6, 12)
    assert score.counts == Counts(20, 52)  # Narbonne only: where the city has a right


def test_agents_are_units_that_accounts_show_already(world: World) -> None:
    let(world, "agents")
    assert score_of(Code.STATE_AGENTS, member=world.member("emma")).counts == Counts(1, 1)


def test_each_opens_its_own_leases_and_nobody_elses(lived: World) -> None:
    current = Lease.objects.filter(cancelled_at=None)
    assert own_leases(lived.member("alice")).count() == current.count()
    for person, holders in (("chloe", ["city"]), ("bob", ["priority", "agents"])):
        mine = own_leases(lived.member(person))
        assert {lease.holder for lease in mine} == {lived.holders[name] for name in holders}
    for person in ("emma", "adam", "zoe"):
        assert not own_leases(lived.member(person)).exists()


def test_list_behind_has_what_the_objective_counts(lived: World) -> None:
    alice = lived.member("alice")
    for score in objectives(2026, member=alice):
        behind = list(leases_behind(score.code, 2026, member=alice))
        stands = [lease.stands for lease in behind]
        assert (stands.count("counted"), len(stands), stands.count("unknown")) == (
            score.counts.numerator,
            score.denominator,
            score.counts.unknown,
        )


def test_pages_of_a_landlord_open_on_the_list(lived: World, sign_in: SignIn) -> None:
    client = sign_in("alice")
    text = page(client, f"{reverse('objective-list')}?territory={lived.places['Narbonne'].pk}")
    assert "9 objectifs" in text
    url = reverse("objective-leases", args=[Code.OTHERS_IN_QPV])
    every, counted = page(client, url), page(client, f"{url}?year=2026&stands=counted")
    assert every.count("RH-0") > counted.count("RH-0") > 0
    assert client.get(reverse("objective-leases", args=["NONE"])).status_code == 404
    unknown = page(client, f"{url}?year=zz")
    assert "« Année » : cette valeur n’existe pas ici, le filtre est ignoré." in unknown
    assert "n’existe pas ici" not in page(client, url)


def test_pages_cost_the_same_with_more_leases(
    world: World, sign_in: SignIn, django_assert_num_queries: NumQueries
) -> None:
    alice, chloe = sign_in("alice"), sign_in("chloe")
    for number in (1, 3, 30):
        while Lease.objects.count() < number:
            let(world, "city", in_qpv=True, income_quartile=2)
        with django_assert_num_queries(LIST_QUERIES):
            alice.get(reverse("objective-list"))
        with django_assert_num_queries(LEASES_QUERIES):
            chloe.get(reverse("objective-leases", args=[Code.OTHERS_IN_QPV]))


LIST_QUERIES = 10
LEASES_QUERIES = 8


def test_unknown_filters_are_stated_and_ignored(lived: World, sign_in: SignIn) -> None:
    text = page(sign_in("alice"), f"{reverse('objective-list')}?territory=999999&year=abc")
    assert "le filtre est ignoré" in text


def test_filters_offer_what_one_reads(lived: World) -> None:
    scopes = lease_scopes(lived.member("emma"), this_year=2026)
    assert (scopes.years, scopes.landlords) == ([2026, 2025], [lived.landlord])
    assert {lived.places[name] for name in ("Le Grand Narbonne", "Narbonne", "Aude")} <= set(scopes.territories)
    assert lease_scopes(lived.member("zoe"), this_year=2026).landlords == []


def test_given_back_unit_needs_no_lease_to_be_read(world: World) -> None:
    """A routing without a lease counts nowhere."""
    give_back(world, send(world, "city"))
    assert all(score.denominator == 0 for score in objectives(2026))
