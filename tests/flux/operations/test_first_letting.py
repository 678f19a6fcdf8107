"""First lettings of a new programme: who gets which unit, and what each account then says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flux.models import FlowEntry, Ledger, Programme, Recommendation, Routing, Vacancy
from flux.operations.allotment import agree_allotment
from flux.operations.cancellation import cancel_vacancy
from flux.operations.outcomes import record_lease, withdraw_outcome
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.vacancy import VacancyRefused
from reservations.models import ReservationHolder
from reservations.models.convention import UNIT
from reservations.operations.party import register_organisation
from reservations.refusals import Refusal
from tests.flux.books import check_books
from tests.flux.programmes import agreed, count_first_lettings, drafted, let, planned, unit_of
from tests.flux.views.pages import text_of
from tests.leases import let as leased
from tests.world import MORNING, promise_behind_the_acts, siren

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

TODAY = MORNING.date()
Kind = Ledger.Kind


def figures(ledger: Ledger, stage: str = "DUE") -> dict[str, int]:
    """{holder: sum of a stage} in a ledger."""
    sums: dict[str, int] = {}
    for entry in FlowEntry.objects.filter(ledger=ledger, stage=stage).select_related("holder__organisation"):
        sums[str(entry.holder)] = sums.get(str(entry.holder), 0) + entry.quantity
    return sums


def first(world: World) -> Ledger:
    return Ledger.objects.get(kind=Kind.FIRST_LETTING)


def test_first_letting_goes_at_once_to_the_holder_it_is_named_for(world: World) -> None:
    programme = planned(world, units=4)
    mine, other = unit_of(world, programme), unit_of(world, programme)
    drafted(world, programme, ("city", 3, []), ("als", 1, [mine]))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    vacancy = let(world, programme, mine)
    assert (vacancy.kind, vacancy.ledger, vacancy.allotment.holder) == (
        "FIRST_LETTING",
        first(world),
        world.holders["als"],
    )
    routing = Routing.objects.get()
    assert (routing.vacancy, routing.holder, routing.recommendation) == (vacancy, world.holders["als"], None)
    assert (routing.routed_at, routing.routed_by, routing.closed_at) == (MORNING, None, None)
    assert routing.convention == world.conventions["als"]
    assert let(world, programme, other).allotment.holder == world.holders["city"]
    assert Recommendation.objects.count() == 0
    check_books(first(world))


def test_unnamed_units_go_to_the_furthest_behind_and_the_landlord_keeps_the_rest(world: World) -> None:
    programme = agreed(world, ("city", 2, []), ("als", 1, []), units=5)
    went = [let(world, programme) for _ in range(5)]
    city, als, own = (world.holders[name] for name in ("city", "als", "landlord"))
    assert [vacancy.routings.get().holder for vacancy in went] == [city, own, als, city, own]
    assert [vacancy.allotment and vacancy.allotment.holder for vacancy in went] == [city, None, als, city, None]
    assert figures(first(world)) == {str(city): 2 * UNIT, str(als): UNIT, str(own): 2 * UNIT}
    assert figures(first(world), "ROUTED") == {str(city): 2, str(als): 1, str(own): 2}
    check_books(first(world))


def test_a_holder_whose_units_are_all_named_takes_no_other(world: World) -> None:
    programme = planned(world, units=3)
    named = [unit_of(world, programme), unit_of(world, programme)]
    drafted(world, programme, ("city", 2, named))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    assert let(world, programme).routings.get().holder == world.holders["landlord"]
    with pytest.raises(Refusal, match="les logements qui restent sont tous désignés, et celui-ci ne l’est pas"):
        let(world, programme)
    assert [let(world, programme, unit).routings.get().holder for unit in named] == [world.holders["city"]] * 2
    check_books(first(world))


@pytest.mark.django_db
@given(data=st.data())
@settings(
    max_examples=settings.default.max_examples // 13,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_books_hold_at_every_letting_and_end_as_agreed(world: World, data: st.DataObject) -> None:
    counts = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    rest = data.draw(st.integers(0, 3))
    inside = data.draw(st.sets(st.sampled_from(["state", "als", "city", "epci"])))
    count_first_lettings(*(world.conventions[name] for name in inside))
    names = ["priority", "als", "city", "epci"][: len(counts)]
    programme = planned(world, units=sum(counts) + rest, name=f"Programme {Programme.objects.count()}")
    before = {name: _net_received(world, name) for name in [*names, "landlord"]}
    drafted(world, programme, *((name, count, []) for name, count in zip(names, counts, strict=True)))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING)
    for _ in range(sum(counts) + rest):
        let(world, programme)
        check_books(*Ledger.objects.order_by("pk"))
    for name, count in zip([*names, "landlord"], [*counts, rest], strict=True):
        assert _net_received(world, name) - before[name] == count
    lines = first(world).lines.filter(holder__in=[world.holders[name] for name in names])
    assert [line.due - UNIT * line.received for line in lines.order_by("pk")] == [0] * lines.count()


def _net_received(world: World, name: str) -> int:
    return Routing.objects.filter(holder=world.holders[name], vacancy__kind="FIRST_LETTING").count()


def test_outside_the_percentage_nothing_enters_the_yearly_ledger(world: World) -> None:
    let(world, agreed(world, ("city", 2, []), units=5))
    assert list(Ledger.objects.values_list("kind", flat=True)) == ["FIRST_LETTING"]


def test_inside_one_convention_and_outside_another(world: World, sign_in: Callable[[str], Client]) -> None:
    """The city's convention counts first lettings (12 %), Action Logement's does not (20 %)."""
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("als", 1, []), ("city", 1, []), units=2)
    city, als, own = (world.holders[name] for name in ("city", "als", "landlord"))
    assert [let(world, programme).routings.get().holder for _ in range(2)] == [als, city]
    yearly = Ledger.objects.get(kind=Kind.ORDINARY)
    assert figures(yearly) == {str(city): 240_000, str(own): 1_760_000}
    assert figures(yearly, "ROUTED") == {str(own): 1, str(city): 1}
    assert figures(first(world)) == {str(als): UNIT, str(city): UNIT}
    assert (yearly.sequence, yearly.recommendations.count(), yearly.vacancies.count()) == (2, 0, 0)
    page = reverse("statement", args=[yearly.pk, own.pk])
    statement = text_of(sign_in("alice").get(page, {"month": f"{MORNING:%Y-%m}"}))
    assert statement.count(" hors part : elle va à un réservataire dont la convention ne la compte pas") == 1
    check_books(yearly)
    check_books(first(world))


def test_what_counts_inside_is_seen_by_the_next_recommendation(world: World) -> None:
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("city", 1, []), units=1)
    let(world, programme)
    vacancy = world.vacancy()
    assert sweep_waiting_vacancies(now=MORNING) == 1
    recommendation = Recommendation.objects.get(vacancy=vacancy)
    seen = {row["id"]: row for row in recommendation.situation["holders"]}[str(world.holders["city"].pk)]
    assert (recommendation.sequence, seen["due"], seen["received"], seen["last_served"]) == (2, 240_000, 1, 1)
    check_books(recommendation.ledger)


def test_a_funder_without_a_right_there_has_its_line_and_no_convention(world: World) -> None:
    register_organisation(
        siren=siren(40), name="Région Occitanie", article="la", kind="REGION", territory=world.places["Occitanie"]
    )
    world.holders["region"] = ReservationHolder.objects.get(organisation__siren=siren(40))
    vacancy = let(world, agreed(world, ("region", 1, []), units=1))
    assert (vacancy.routings.get().holder, vacancy.routings.get().convention) == (world.holders["region"], None)
    assert figures(first(world)) == {str(world.holders["region"]): UNIT}
    check_books(first(world))


def test_then_the_unit_joins_the_common_flow(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=2)
    unit = leased(world, let(world, programme)).unit
    later = MORNING + timedelta(days=20)
    with pytest.raises(Refusal) as refused:
        let(world, programme, unit, now=later)
    assert (refused.value.field, str(refused.value)) == (
        "kind",
        f"{unit} a déjà été mis en location : déclarez-le dans le flux, ou soustrait du flux.",
    )
    again = world.vacancy(unit, now=later)
    assert sweep_waiting_vacancies(now=later) == 1
    assert (again.kind, again.ledger.kind, again.allotment) == ("IN_FLOW", "ORDINARY", None)
    check_books(again.ledger)


def test_new_unit_declared_in_the_flow_is_refused(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=2)
    unit = unit_of(world, programme)
    technical = world.vacancy(unit, kind=Vacancy.Kind.TECHNICAL)
    cancel_vacancy(vacancy=technical, reason="DECLARED_BY_MISTAKE", text="Une erreur.", by=world.people["aline"])
    later = MORNING + timedelta(days=20)
    with pytest.raises(Refusal) as refused:
        world.vacancy(unit, now=later)
    assert str(refused.value) == (
        f"Les Quais est un programme neuf, réparti entre ceux qui l’ont financé : {unit} se déclare d’abord en "
        "première mise en location. Il entrera dans le flux la fois suivante."
    )
    assert let(world, programme, unit, now=later).routings.count() == 1


def test_first_letting_waits_for_a_draft_to_be_agreed(world: World) -> None:
    programme = planned(world, units=2)
    drafted(world, programme, ("city", 1, []))
    with pytest.raises(Refusal, match="La répartition du programme Les Quais est en préparation : convenez-la d’abord"):
        let(world, programme)
    assert (Vacancy.objects.count(), Ledger.objects.count()) == (0, 0)


def test_first_letting_recorded_without_allotment_is_routed_when_one_is_agreed(world: World) -> None:
    programme = planned(world, units=2)
    waiting = [let(world, programme), let(world, programme)]
    assert [(vacancy.ledger, vacancy.routings.count()) for vacancy in waiting] == [(None, 0)] * 2
    drafted(world, programme, ("city", 1, []))
    agree_allotment(programme=programme, agreed_on=TODAY, by=world.people["alice"], now=MORNING + timedelta(days=1))
    assert [vacancy.routings.get().holder for vacancy in waiting] == [world.holders["city"], world.holders["landlord"]]
    assert set(FlowEntry.objects.values_list("stage", "on")) == {
        ("DUE", TODAY),
        ("ROUTED", timezone.localdate(MORNING + timedelta(days=1))),
        ("OFFERED", timezone.localdate(MORNING + timedelta(days=1))),
    }
    check_books(first(world))


def test_letting_more_units_than_agreed_is_refused(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=1)
    let(world, programme)
    with pytest.raises(Refusal, match="La répartition du programme Les Quais est épuisée, 1 sur 1"):
        let(world, programme)
    assert Vacancy.objects.count() == 1


def test_conventions_that_count_more_than_the_whole_stop_the_letting(world: World) -> None:
    for name in ("city", "als"):
        promise_behind_the_acts(world.conventions[name], 600_000)
    count_first_lettings(world.conventions["city"], world.conventions["als"])
    programme = agreed(world, ("city", 1, []), units=1)
    with pytest.raises(Refusal, match="les conventions qui comptent les premières locations promettent plus de 100 %"):
        let(world, programme)
    assert (Vacancy.objects.count(), Ledger.objects.count(), FlowEntry.objects.count()) == (0, 0, 0)


def test_unit_kept_in_stock_goes_to_its_own_holder(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=2)
    unit = unit_of(world, programme)
    keep_in_stock(
        unit=unit, holder=world.holders["agents"], ground="DEFENCE", starts_on=TODAY, by=world.people["alice"]
    )
    vacancy = let(world, programme, unit)
    assert (vacancy.kind, vacancy.routings.get().holder, vacancy.ledger) == ("STOCK", world.holders["agents"], None)


def test_outcome_is_reported_to_each_account_that_counts_the_unit(world: World) -> None:
    """Action Logement's convention does not count it: in the year, the landlord's line has the lease."""
    count_first_lettings(world.conventions["city"])
    vacancy = let(world, agreed(world, ("als", 1, []), units=1))
    record_lease(vacancy=vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    yearly = Ledger.objects.get(kind=Kind.ORDINARY)
    for stage in ("ALLOCATED", "LEASED"):
        assert figures(first(world), stage) == {str(world.holders["als"]): 1}
        assert figures(yearly, stage) == {str(world.holders["landlord"]): 1}
    withdraw_outcome(vacancy=vacancy, why="Erreur de saisie.", by=world.people["aline"], today=TODAY)
    assert figures(first(world), "LEASED") == {str(world.holders["als"]): 0}
    assert figures(yearly, "LEASED") == {str(world.holders["landlord"]): 0}


def test_unit_never_let_of_an_agreed_programme_is_not_taken_out_of_the_flow(world: World) -> None:
    programme = agreed(world, ("als", 2, []), units=3)
    unit = unit_of(world, programme)
    with pytest.raises(VacancyRefused, match="se déclare d’abord en première mise en location") as refused:
        world.vacancy(unit, kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER)
    assert refused.value.field == "kind"
    assert not Vacancy.objects.exists()
    assert let(world, programme, unit).kind == Vacancy.Kind.FIRST_LETTING
