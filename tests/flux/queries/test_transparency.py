"""Anti-gaming: who keeps good units back is seen, who works honestly is not; and what each person may read of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from flux.models import Ledger, Programme, Unit, Vacancy
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.vacancy import declare_vacancy
from flux.queries.controls.early_decisions import Registered, clerks, tail
from flux.queries.controls.folds import drift
from flux.queries.transparency import CLASSES, Spell, names, spell, transparency
from reservations.models import LegalParameter
from reservations.models.convention import UNIT
from tests.flux.operations.test_returning import agree, send
from tests.flux.views.pages import text_of
from tests.world import MORNING, promise_behind_the_acts
from tests.world_again import kept

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
HONEST, CUNNING = 1, 2


# --- the test itself ---


@given(st.integers(1, 9), st.data())
def test_tail_is_what_counting_every_draw_gives(every: int, data: st.DataObject) -> None:
    good, drawn = data.draw(st.integers(0, every)), data.draw(st.integers(0, every))
    least = data.draw(st.integers(0, drawn))
    draws = list(combinations(range(every), drawn))
    as_many = sum(sum(unit < good for unit in draw) >= least for draw in draws)
    assert tail(every, good, drawn, least) == Fraction(as_many, len(draws))


def test_tail_of_a_large_landlord_is_exact_and_quick() -> None:
    chance = tail(50_000, 10_000, 2_000, 500)
    assert isinstance(chance, Fraction)
    assert Fraction(1, 10**9) < chance < Fraction(1, 10**6)


def year_of(draw: random.Random, *, cunning: bool) -> list[Registered]:
    """Two hundred units by two people; a few late whatever they are, and the good ones of the second, if cunning."""
    rows = []
    for number in range(200):
        person = HONEST if number % 2 else CUNNING
        attractiveness = draw.choices(["A", "B", "C", ""], [2, 3, 3, 2])[0]
        delay = 30 if draw.random() < 0.1 else draw.randrange(6)
        if cunning and person == CUNNING and attractiveness == "A" and draw.random() < 0.9:
            delay = 25 + draw.randrange(20)
        on = date(2026, 3, 1) + timedelta(days=number)
        rows.append(Registered(on - timedelta(days=delay), on, person, attractiveness))
    return rows


def test_clerk_who_holds_good_units_back_raises_the_alert_and_the_other_does_not() -> None:
    for seed in range(20):
        found = {
            clerk.person: clerk for clerk in clerks(year_of(random.Random(seed), cunning=True), median=3, threshold=15)
        }
        assert (found[CUNNING].alert, found[HONEST].alert) == (True, False), seed


def test_honest_people_are_not_accused_more_often_than_chance_says() -> None:
    """Two people and two hundred years: fewer than one alert in a hundred is expected, the test being discrete."""
    years = (clerks(year_of(random.Random(seed), cunning=False), median=3, threshold=15) for seed in range(200))
    assert sum(clerk.alert for found in years for clerk in found) <= 4


def test_two_units_prove_nothing_and_all_good_ones_alike_neither() -> None:
    late = [Registered(date(2026, 1, 1), date(2026, 3, 1), CUNNING, "A")] * 2
    early = [Registered(date(2026, 3, 1), date(2026, 3, 1), HONEST, "C")] * 200
    assert [clerk.chance for clerk in clerks(late + early, median=0, threshold=15)] == [None, None]
    [alone] = clerks(late * 5, median=0, threshold=15)
    assert (alone.held, alone.chance, alone.alert, alone.once_in) == (10, 1, False, 1)


def test_batch_of_spread_notices_is_counted() -> None:
    """Three notices kept in a drawer and registered on one morning; two of the same week are no batch."""
    day = date(2026, 5, 4)
    drawer = [Registered(day - timedelta(days=days), day, CUNNING, "") for days in (0, 10, 16)]
    week = [Registered(day - timedelta(days=days), day, HONEST, "") for days in (0, 5)]
    assert {clerk.person: clerk.batches for clerk in clerks(drawer + week, median=5, threshold=15)} == {
        CUNNING: 1,
        HONEST: 0,
    }


def test_median_and_ninth_decile_are_days_that_some_unit_waited() -> None:
    assert spell([]) == Spell(0, 0, 0)
    assert spell([7]) == Spell(1, 7, 7)
    assert spell([0, 1, 2, 30]) == Spell(4, 1, 30)
    assert spell(range(1, 11)) == Spell(10, 5, 9)


# --- in a landlord's books ---


def registered(world: World, unit: Unit, *, delay: int, by: str, now: Any = MORNING) -> Vacancy:
    on = timezone.localdate(now)
    return declare_vacancy(
        unit=unit,
        kind="IN_FLOW",
        notice_on=on - timedelta(days=delay),
        available_on=on + timedelta(days=30),
        by=world.people[by],
        now=now,
    )


@pytest.fixture
@kept
def ledger(world: World) -> Ledger:
    """Twenty-four units: Alice registers as notices come; Aline keeps four good ones, and sends one elsewhere."""
    good, plain = world.unit(commune="Coursan").programme, world.unit().programme
    Programme.objects.filter(pk=good.pk).update(attractiveness="A")
    Programme.objects.filter(pk=plain.pk).update(attractiveness="C")
    for number in range(19):
        registered(world, world.unit(), delay=number % 3, by="alice", now=MORNING - timedelta(days=40 - number))
    registered(world, world.unit(commune="Coursan"), delay=1, by="alice")
    for delay in (20, 30, 40, 50):
        registered(world, world.unit(commune="Coursan"), delay=delay, by="aline")
    sweep_waiting_vacancies(now=MORNING)
    first = Vacancy.objects.order_by("pk")[0]
    to = next(world.holders[n] for n in ("als", "priority") if world.holders[n] != first.recommendations.get().holder)
    route_elsewhere(
        vacancy=first,
        holder=to,
        motive="BUILDING_BALANCE",
        motive_text="Mixité.",
        by=world.people["aline"],
        now=MORNING,
    )
    second = Vacancy.objects.to_confirm().first()
    confirm_recommendations(vacancies=[second.pk], by=world.people["aline"], now=MORNING + timedelta(days=3))
    return Ledger.objects.select_related("landlord__organisation", "departement").get()


def test_ledger_states_who_kept_good_units_back(world: World, ledger: Ledger) -> None:
    found = transparency(ledger).registrations
    people = {world.people[name].pk: name for name in ("alice", "aline")}
    assert [
        (people[c.person], c.registered, c.held, c.good, c.good_held, c.batches, c.alert) for c in found.clerks
    ] == [
        ("aline", 4, 4, 4, 4, 1, True),
        ("alice", 20, 0, 1, 0, 0, False),
    ]
    assert found.clerks[0].chance == Fraction(5, 10_626)
    assert (found.threshold, [clerk.once_in for clerk in found.alerts]) == (15, [2125])


def test_threshold_is_a_dated_parameter(ledger: Ledger) -> None:
    LegalParameter.objects.filter(code="HOLDING_BACK_DAYS").update(value=45)
    found = transparency(ledger).registrations
    assert ([clerk.held for clerk in found.clerks], found.alerts) == ([1, 0], [])


def test_nobody_is_compared_without_the_parameter(sign_in: Callable[[str], Any], ledger: Ledger) -> None:
    LegalParameter.objects.filter(code="HOLDING_BACK_DAYS").delete()
    found = transparency(ledger).registrations
    assert (found.threshold, found.clerks, found.delays.notice.count) == (None, (), 24)
    page = sign_in("alice").get(reverse("transparency", args=[ledger.pk]))
    assert 'role="region" aria-labelledby="t-delais" tabindex="0"' in page.content.decode()
    words = text_of(page)
    assert "n’est pas enregistré : rien n’est comparé." in words


def test_delays_are_by_month_and_overall(ledger: Ledger) -> None:
    found = transparency(ledger).registrations
    assert [(each.month, each.notice) for each in (*found.months, found.delays)] == [
        (date(2026, 10, 1), Spell(17, 1, 2)),
        (date(2026, 11, 1), Spell(7, 20, 50)),
        (None, Spell(24, 1, 30)),
    ]
    assert found.delays.routing == Spell(2, 40, 42)


def test_good_units_are_those_of_the_account(ledger: Ledger) -> None:
    read = transparency(ledger)
    lines = {line.holder_id: line for line in ledger.lines.all()}
    for row in read.holders:
        line = lines[row.holder.pk]
        assert [share.attractiveness for share in row.shares] == list(CLASSES)
        assert sum(share.due for share in row.shares) == line.due
        assert sum(share.received for share in row.shares) == line.received
        assert sum(share.lack for share in row.shares) == line.due - UNIT * line.received
    assert sum(row.shares[0].received for row in read.holders) == 5
    assert read.holders[-1].holder.is_not_reserved


def test_overrides_are_counted_by_motive_person_and_holder(world: World, ledger: Ledger) -> None:
    read = transparency(ledger).overrides
    assert (read.count, read.routed) == (1, 2)
    assert drift() == {}
    assert [(motive.value, number) for motive, number in read.motives] == [("BUILDING_BALANCE", 1)]
    assert read.people == ((world.people["aline"].pk, 1),)
    assert [number for _, number in read.holders] == [1]
    assert names([world.people["aline"].pk]) == {world.people["aline"].pk: world.people["aline"].full_name}


def test_overrides_of_units_handed_on_for_one_turn_are_counted_too(world: World) -> None:
    """They are decided in an account of their own, which has no page of transparency."""
    agree(world.conventions["city"], returns_effect="YES", fallback=[])
    routing = send(world, "city")
    before = transparency(routing.vacancy.ledger).overrides
    return_vacancy(routing=routing, reason="DECLINED", text="Non.", by=world.people["aline"], now=MORNING)
    assert send(world, "epci", routing.vacancy).motive == "OTHER"
    read = transparency(routing.vacancy.ledger).overrides
    assert (read.count, read.routed) == (before.count + 1, before.routed + 1)


def test_order_is_that_of_registration_and_waiting_for_conventions_is_reported(
    world: World, sign_in: Callable[[str], Any]
) -> None:
    share = world.conventions["city"].quotas.get().share
    promise_behind_the_acts(world.conventions["city"], 900_000)
    world.vacancy()
    world.vacancy(commune="Coursan")
    sweep_waiting_vacancies(now=MORNING)
    promise_behind_the_acts(world.conventions["city"], share)
    sweep_waiting_vacancies(now=MORNING + timedelta(hours=1))
    ledger = Ledger.objects.select_related("landlord").get()
    read = transparency(ledger)
    assert (read.out_of_order, read.waited) == (0, 1)
    words = text_of(sign_in("bob").get(reverse("transparency", args=[ledger.pk])))
    assert "Aucun logement n’est passé avant un autre, enregistré plus tôt." in words
    assert "1 logement a attendu que les conventions ne promettent plus de 100 % du flux." in words


def test_unit_passed_by_one_registered_later_is_stated_as_what_must_not_be(
    world: World, sign_in: Callable[[str], Any]
) -> None:
    """Two passes of a clock that stands still read as one, out of order."""
    promise_behind_the_acts(world.conventions["city"], 900_000)
    world.vacancy()
    world.vacancy(commune="Coursan")
    sweep_waiting_vacancies(now=MORNING)
    promise_behind_the_acts(world.conventions["city"], 120_000)
    sweep_waiting_vacancies(now=MORNING)
    words = text_of(sign_in("bob").get(reverse("transparency", args=[Ledger.objects.ordinary().get().pk])))
    assert "1 logement est passé après un autre, enregistré plus tard : cela ne doit pas arriver." in words


def test_page_of_a_year_without_any_unit_of_the_flow_says_so(world: World, sign_in: Callable[[str], Any]) -> None:
    world.vacancy()
    ledger = Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2025)
    words = text_of(sign_in("alice").get(reverse("transparency", args=[ledger.pk])))
    assert "Aucun logement enregistré." in words


# --- the page ---


def test_page_names_people_to_their_manager_only(world: World, sign_in: Callable[[str], Any], ledger: Ledger) -> None:
    url = reverse("transparency", args=[ledger.pk])
    name = world.people["aline"].full_name
    read = {who: text_of(sign_in(who).get(url)) for who in ("alice", "aline", "bob", "chloe", "adam")}
    after = read["alice"].split("Quelqu’un est-il favorisé ?")[1]
    assert f"{name} a enregistré 4 logements bien après leur congé, dont 4 de classe A" in after
    assert "moins d’une fois sur 2 125" in after.replace("\u202f", " ")
    for who in ("aline", "bob", "chloe", "adam"):
        after = read[who].split("Quelqu’un est-il favorisé ?")[1]
        assert name not in after
        assert "Un chargé d’attribution a enregistré 4 logements" in after
    assert "0 logement traité hors de l’ordre d’enregistrement, 1 orientation sur 2 décidée autrement" in after


def test_page_of_an_empty_ledger_says_so(world: World, sign_in: Callable[[str], Any]) -> None:
    world.vacancy()
    ledger = Ledger.objects.ordinary().get()
    words = text_of(sign_in("alice").get(reverse("transparency", args=[ledger.pk])))
    assert "Aucune : chaque orientation suit la règle." in words
    assert "Aucun logement n’est entré dans ce compte." in words


def test_account_leads_to_it(sign_in: Callable[[str], Any], ledger: Ledger) -> None:
    page = sign_in("chloe").get(reverse("account", args=[ledger.pk])).content.decode()
    assert reverse("transparency", args=[ledger.pk]) in page


@pytest.mark.parametrize("units", [1, 12])
def test_transparency_costs_the_same_queries_whatever_the_number(
    world: World, django_assert_num_queries: Callable[[int], Any], units: int
) -> None:
    for _ in range(units):
        world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    for vacancy in Vacancy.objects.order_by("pk"):
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    ledger = Ledger.objects.select_related("landlord").get()
    with django_assert_num_queries(6):
        transparency(ledger)


# --- the command ---


def test_command_gives_the_figures_without_a_name(
    world: World, ledger: Ledger, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("transparency", landlord="999000003", year=2026, json=True)
    printed = capsys.readouterr().out
    found = json.loads(printed)
    assert [(p["person"], p["late"], p["chance"], p["alert"]) for p in found["people"]] == [
        (1, 4, "5/10626", True),
        (2, 0, None, False),
    ]
    [book] = found["ledgers"]
    assert (book["departement"], book["out_of_order"], book["overrides"]["count"]) == ("11", 0, 1)
    assert world.people["aline"].full_name not in printed
    call_command("transparency", landlord="999000003", year=2026)
    assert "24 logements enregistrés, 1 alertes" in capsys.readouterr().out


def test_command_refuses_in_french(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^1$"):
        call_command("transparency", landlord="732829320", year=2026, json=True)
    assert "Aucun bailleur" in json.loads(capsys.readouterr().out)["error"]
