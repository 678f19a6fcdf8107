"""Routing: what the engine writes, what a person changes, and that the books balance after every act."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation, Routing, Vacancy
from flux.operations.routing import (
    RoutingRefused,
    confirm_recommendations,
    route_elsewhere,
    route_waiting_vacancies,
    sweep_waiting_vacancies,
)
from flux.operations.stock import set_routing_policy
from reservations.models.convention import UNIT
from reservations.words import towards
from tests.flux.books import check_books
from tests.world import MORNING, convention, promise_behind_the_acts

if TYPE_CHECKING:
    from reservations.models import ReservationHolder
    from tests.world import World

TODAY = MORNING.date()


def route(world: World, *vacancies: Vacancy) -> list[Recommendation]:
    route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING)
    return [Recommendation.objects.select_related("holder").get(vacancy=vacancy) for vacancy in vacancies]


def line(holder: ReservationHolder) -> LedgerLine:
    return LedgerLine.objects.get(holder=holder)


def written() -> tuple[int, int, list[tuple[int, int, int, dict[str, object]]]]:
    """What an act that is refused leaves as it was."""
    lines = LedgerLine.objects.order_by("pk").values_list("holder", "due", "received", "profile")
    return Routing.objects.count(), FlowEntry.objects.count(), list(lines)


def elsewhere(world: World, vacancy: Vacancy, to: ReservationHolder, **given: object) -> Routing:
    terms = {"motive": "OTHER", "motive_text": "Demande écrite.", "by": world.people["aline"], "now": MORNING}
    return route_elsewhere(vacancy=vacancy, holder=to, **(terms | given))


# --- the engine's turn


def test_recommendation_credits_each_share_and_counts_as_received(world: World) -> None:
    vacancy = world.vacancy()
    [recommendation] = route(world, vacancy)
    dues = FlowEntry.objects.filter(stage="DUE").order_by("-quantity", "pk").values_list("holder", "quantity", "on")
    assert sorted(dues) == sorted(
        (world.holders[name].pk, share, TODAY)
        for name, share in (
            ("landlord", 320_000),
            ("priority", 250_000),
            ("als", 200_000),
            ("city", 120_000),
            ("epci", 60_000),
            ("agents", 50_000),
        )
    )
    assert list(FlowEntry.objects.exclude(stage="DUE").values_list("holder", "stage", "quantity")) == [
        (recommendation.holder_id, "AWAITING", 1)
    ]
    assert recommendation.holder == world.holders["landlord"]
    assert (recommendation.sequence, recommendation.attempt, recommendation.engine_version) == (1, 1, 1)
    assert Routing.objects.count() == 0
    check_books(vacancy.ledger)


def test_share_goes_to_holders_with_a_right_where_the_unit_lies(world: World) -> None:
    vacancy = world.vacancy(commune="Coursan")
    [recommendation] = route(world, vacancy)
    names = {holder["name"] for holder in recommendation.situation["holders"]}
    assert names == {
        "État – publics prioritaires",
        "État – agents",
        "Action Logement Services",
        "Le Grand Narbonne",
        "Non réservé",
    }
    assert sum(holder["share"] for holder in recommendation.situation["holders"]) == UNIT


def test_each_landlord_and_departement_has_its_own_ledger(world: World) -> None:
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "0.0001", 1))
    here, there = world.vacancy(), world.vacancy(landlord=world.other_landlord, commune="Béziers")
    assert sweep_waiting_vacancies(now=MORNING) == 2
    assert here.ledger != there.ledger
    [only] = route(world, there)
    assert only.holder == world.holders["other_landlord"]
    check_books(here.ledger)
    check_books(there.ledger)


def test_waiting_recommendations_do_not_all_point_to_the_same_holder(world: World) -> None:
    vacancies = [world.vacancy() for _ in range(20)]
    route(world, *vacancies)
    received = dict(LedgerLine.objects.values_list("holder", "received"))
    assert sum(received.values()) == 20
    for held in LedgerLine.objects.all():
        assert abs(held.due - UNIT * held.received) < UNIT
    check_books(vacancies[0].ledger)


def test_routing_twice_changes_nothing(world: World) -> None:
    vacancies = [world.vacancy() for _ in range(3)]
    assert route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING) == 3
    before = written()
    assert route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING) == 0
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert written() == before


def test_a_queue_longer_than_a_transaction_is_routed_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By three: what a transaction leaves is the next one's, the last few too."""
    monkeypatch.setattr("flux.operations.routing.BATCH", 3)
    vacancies = [world.vacancy() for _ in range(8)]
    assert route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING) == 8
    decided = Recommendation.objects.order_by("sequence").values_list("vacancy", flat=True)
    assert list(decided) == [each.pk for each in vacancies]
    check_books(vacancies[0].ledger)


def test_unknown_ledger_is_nobodys_turn(world: World) -> None:
    assert route_waiting_vacancies(ledger_id=0, now=MORNING) == 0


@pytest.mark.parametrize("count", [1, 12])
def test_routing_costs_the_same_queries_whatever_the_number(
    world: World, count: int, django_assert_num_queries
) -> None:
    vacancies = [world.vacancy() for _ in range(count)]
    with django_assert_num_queries(13):
        assert route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING) == count


def test_policy_of_the_day_confirms_or_routes_at_once(world: World) -> None:
    confirmed = world.vacancy()
    route(world, confirmed)
    tomorrow = TODAY + timedelta(days=1)
    set_routing_policy(
        by=world.people["alice"], landlord=world.landlord, mode="AUTOMATIC", starts_on=tomorrow, today=TODAY
    )
    still = world.vacancy()
    route(world, still)
    assert Routing.objects.count() == 0
    automatic = world.vacancy()
    now = MORNING + timedelta(days=1)
    route_waiting_vacancies(ledger_id=automatic.ledger_id, now=now)
    routing = Routing.objects.get()
    recommendation = Recommendation.objects.get(vacancy=automatic)
    assert (routing.vacancy, routing.holder, routing.recommendation) == (
        automatic,
        recommendation.holder,
        recommendation,
    )
    assert (routing.routed_by, routing.routed_at, routing.motive) == (None, now, "")
    assert list(FlowEntry.objects.filter(vacancy=automatic).exclude(stage="DUE").values_list("stage", flat=True)) == [
        "ROUTED",
        "OFFERED",
    ]
    assert list(Vacancy.objects.to_confirm()) == [confirmed, still]
    check_books(automatic.ledger)


def test_over_commitment_stops_routing_there_and_only_there(world: World) -> None:
    promise_behind_the_acts(world.conventions["city"], 500_000)
    first, coursan, second = world.vacancy(), world.vacancy(commune="Coursan"), world.vacancy()
    assert route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING) == 1
    assert list(Recommendation.objects.values_list("vacancy", "sequence")) == [(coursan.pk, 1)]
    assert list(Vacancy.objects.waiting()) == [first, second]
    check_books(coursan.ledger)
    promise_behind_the_acts(world.conventions["city"], 120_000)
    assert sweep_waiting_vacancies(now=MORNING) == 2
    assert list(Recommendation.objects.order_by("sequence").values_list("vacancy", flat=True)) == [
        coursan.pk,
        first.pk,
        second.pk,
    ]
    check_books(coursan.ledger)


def test_rights_are_those_of_the_day_of_registration(world: World) -> None:
    before = world.vacancy(now=MORNING - timedelta(days=2))
    world.end(world.conventions["city"], TODAY - timedelta(days=1))
    convention(
        world.landlord,
        world.city,
        world.places["Narbonne"],
        (world.holders["city"], "20", 4),
        starts_on=TODAY,
        ends_on=date(2028, 12, 31),
    )
    after = world.vacancy()
    shares = [
        next(holder["share"] for holder in made.situation["holders"] if holder["id"] == str(world.holders["city"].pk))
        for made in route(world, before, after)
    ]
    assert shares == [120_000, 200_000]
    check_books(after.ledger)


# --- a person's turn


def test_confirming_routes_and_moves_the_entry_from_awaiting_to_routed(world: World) -> None:
    vacancies = [world.vacancy() for _ in range(3)]
    made = route(world, *vacancies)
    lines = written()[2]
    later = MORNING + timedelta(days=1)
    routings = confirm_recommendations(
        vacancies=[vacancies[0].pk, vacancies[1].pk], by=world.people["aline"], now=later
    )
    assert [(r.vacancy, r.holder, r.recommendation, r.routed_by, r.routed_at) for r in routings] == [
        (vacancies[n], made[n].holder, made[n], world.people["aline"], later) for n in (0, 1)
    ]
    moved = FlowEntry.objects.filter(vacancy=vacancies[0]).exclude(stage="DUE")
    assert list(moved.values_list("stage", "quantity", "on")) == [
        ("AWAITING", 1, TODAY),
        ("AWAITING", -1, later.date()),
        ("ROUTED", 1, later.date()),
        ("OFFERED", 1, later.date()),
    ]
    assert written()[2] == lines
    assert list(Vacancy.objects.to_confirm()) == [vacancies[2]]
    check_books(vacancies[0].ledger)


def test_confirming_is_all_or_nothing(world: World) -> None:
    done, todo = world.vacancy(), world.vacancy()
    [made, _] = route(world, done, todo)
    confirm_recommendations(vacancies=[done.pk], by=world.people["aline"], now=MORNING)
    waiting, excluded = world.vacancy(), world.vacancy(kind=Vacancy.Kind.TECHNICAL)
    before = written()
    for vacancies, sentence in (
        ([todo.pk, done.pk], f"{done.unit} est déjà orienté vers {towards(made.holder)}. Rechargez la page."),
        (
            [todo.pk, waiting.pk],
            f"{waiting.unit} n’a pas encore de recommandation : attendez quelques secondes et rechargez la page.",
        ),
        ([todo.pk, excluded.pk], "Choisissez au moins un logement du flux, puis recommencez."),
        ([todo.pk, 0], "Choisissez au moins un logement du flux, puis recommencez."),
        ([], "Choisissez au moins un logement du flux, puis recommencez."),
    ):
        with pytest.raises(RoutingRefused) as refused:
            confirm_recommendations(vacancies=vacancies, by=world.people["aline"], now=MORNING)
        assert str(refused.value) == sentence
        assert written() == before


def test_override_moves_the_count_and_the_lacks_of_the_profile(world: World) -> None:
    vacancy = world.vacancy()
    [made] = route(world, vacancy)
    giver, taker = made.holder, world.holders["city"]
    before = line(giver), line(taker)
    routing = elsewhere(world, vacancy, taker, motive="HOLDER_AGREEMENT", motive_text="  Accord du 23.  ")
    assert (routing.holder, routing.motive, routing.motive_text) == (taker, "HOLDER_AGREEMENT", "Accord du 23.")
    assert (routing.recommendation, routing.routed_by, routing.closed_at) == (made, world.people["aline"], None)
    after = line(giver), line(taker)
    assert [a.received - b.received for a, b in zip(after, before, strict=True)] == [-1, 1]
    assert [a.due - b.due for a, b in zip(after, before, strict=True)] == [0, 0]
    for dimension, category in vacancy.categories.items():
        moved = [
            a.profile[dimension][category][1] - b.profile[dimension][category][1]
            for a, b in zip(after, before, strict=True)
        ]
        assert moved == [-1, 1]
    entries = FlowEntry.objects.exclude(stage="DUE").values_list("holder", "stage", "quantity")
    assert list(entries) == [
        (giver.pk, "AWAITING", 1),
        (giver.pk, "AWAITING", -1),
        (taker.pk, "ROUTED", 1),
        (taker.pk, "OFFERED", 1),
    ]
    check_books(vacancy.ledger)


def test_override_lets_other_recommendations_stand(world: World) -> None:
    vacancies = [world.vacancy() for _ in range(5)]
    made = route(world, *vacancies)
    elsewhere(world, vacancies[0], world.holders["city"])
    assert route(world, *vacancies) == made
    assert list(Vacancy.objects.to_confirm()) == vacancies[1:]
    check_books(vacancies[0].ledger)


def test_re_routing_closes_one_routing_and_opens_one(world: World) -> None:
    vacancy = world.vacancy()
    [made] = route(world, vacancy)
    [first] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    later = MORNING + timedelta(hours=3)
    second = elsewhere(world, vacancy, world.holders["als"], instead_of=made.holder, now=later)
    routings = Routing.objects.order_by("pk").values_list("pk", "holder", "closed_at")
    assert list(routings) == [(first.pk, made.holder_id, later), (second.pk, world.holders["als"].pk, None)]
    check_books(vacancy.ledger)
    back = elsewhere(world, vacancy, made.holder, instead_of=world.holders["als"], now=later)
    assert list(Routing.objects.filter(closed_at=None)) == [back]
    check_books(vacancy.ledger)


def test_route_elsewhere_refused_writes_nothing(world: World) -> None:
    vacancy = world.vacancy()
    coursan = world.vacancy(commune="Coursan")
    [made, other] = route(world, vacancy, coursan)
    waiting = world.vacancy()
    city, als = world.holders["city"], world.holders["als"]
    before = written()
    why = "Dites pourquoi, en choisissant un motif et en écrivant une phrase : elle sera lue par les réservataires."
    no_right = "n’a pas de droit là où se trouve ce logement : choisissez une destination du classement."
    for given, field, sentence in (
        (
            {"vacancy": vacancy, "to": made.holder},
            "holder",
            f"Ce logement est déjà pour {towards(made.holder)} : ",
        ),
        ({"vacancy": vacancy, "to": city, "motive": ""}, "motive", why),
        ({"vacancy": vacancy, "to": city, "motive": "FRIEND"}, "motive", why),
        ({"vacancy": vacancy, "to": city, "motive_text": "   "}, "motive_text", why),
        ({"vacancy": vacancy, "to": city, "instead_of": als}, None, "Entre-temps, ce logement est passé "),
        ({"vacancy": coursan, "to": city}, "holder", f"Ville de Narbonne {no_right}"),
        ({"vacancy": coursan, "to": world.holders["other_landlord"]}, "holder", f"Non réservé {no_right}"),
        ({"vacancy": waiting, "to": city}, None, f"{waiting.unit} n’a pas encore de recommandation"),
    ):
        with pytest.raises(RoutingRefused) as refused:
            elsewhere(world, **given)
        assert refused.value.field == field
        assert str(refused.value).startswith(sentence)
        assert written() == before
    assert other.holder != city


def test_page_out_of_date_is_refused_after_another_clerk_re_routed(world: World) -> None:
    vacancy = world.vacancy()
    [made] = route(world, vacancy)
    elsewhere(world, vacancy, world.holders["city"])
    before = written()
    with pytest.raises(RoutingRefused) as refused:
        elsewhere(world, vacancy, world.holders["als"], instead_of=made.holder)
    assert str(refused.value) == (
        "Entre-temps, ce logement est passé à la Ville de Narbonne. Relisez la fiche, puis décidez de nouveau."
    )
    with pytest.raises(RoutingRefused):
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    assert written() == before


def test_the_landlord_may_keep_a_unit_for_itself_with_a_motive(world: World) -> None:
    vacancies = [world.vacancy() for _ in range(2)]
    made = route(world, *vacancies)
    for recommendation in made:
        if recommendation.holder != world.holders["landlord"]:
            elsewhere(world, recommendation.vacancy, world.holders["landlord"])
            break
    check_books(vacancies[0].ledger)
    assert Routing.objects.get().holder == world.holders["landlord"]


@pytest.mark.parametrize("seed", range(5))
def test_books_balance_after_any_sequence_of_acts(world: World, seed: int) -> None:
    chance = random.Random(seed)
    holders = list(world.holders.values())
    declared: list[Vacancy] = []
    for _ in range(80):
        act = chance.choice(["declare", "declare", "route", "confirm", "elsewhere", "elsewhere"])
        if act == "declare" or not declared:
            declared.append(
                world.vacancy(
                    commune=chance.choice(["Narbonne", "Narbonne", "Coursan", "Sigean"]),
                    rooms=chance.randint(1, 6),
                    in_qpv=chance.choice([True, False, None]),
                    financing_code=chance.choice(["13", "10", ""]),
                )
            )
        elif act == "route":
            sweep_waiting_vacancies(now=MORNING)
        else:
            vacancy = chance.choice(declared)
            try:
                if act == "confirm":
                    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
                else:
                    elsewhere(world, vacancy, chance.choice(holders))
            except RoutingRefused:
                continue
    sweep_waiting_vacancies(now=MORNING)
    [ledger] = Ledger.objects.all()
    assert Routing.objects.exclude(closed_at=None).exists()
    check_books(ledger)


def test_ledger_at_fault_does_not_make_the_others_wait(world: World, caplog: pytest.LogCaptureFixture) -> None:
    first = world.vacancy()
    route_waiting_vacancies(ledger_id=first.ledger_id, now=MORNING)
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 1))
    LedgerLine.objects.filter(ledger=first.ledger).update(profile={"typology": None})  # a fold that cannot be read
    stuck, sound = world.vacancy(), world.vacancy(landlord=world.other_landlord, commune="Béziers")
    assert stuck.ledger_id < sound.ledger_id
    assert sweep_waiting_vacancies(now=MORNING) == 1
    assert (stuck.recommendations.count(), sound.recommendations.count()) == (0, 1)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"flux.routing: ledger:{stuck.ledger_id} failed"
    ]


def test_colleague_s_confirmation_is_not_overturned_unread(world: World) -> None:
    vacancy = world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    seen = vacancy.recommendations.get()
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["alice"], now=MORNING)
    with pytest.raises(RoutingRefused, match="a été orienté vers"):
        route_elsewhere(
            vacancy=vacancy,
            holder=world.holders["als"],
            motive="OTHER",
            motive_text="Accord trouvé ce matin.",
            by=world.people["aline"],
            instead_of=seen.holder,
            was_routed=False,
            now=MORNING,
        )
    assert vacancy.routings.get().holder == seen.holder
