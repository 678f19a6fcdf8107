"""The rule replayed on a year: the same year gives the same destinations, another hypothesis what it should."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from fractions import Fraction

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from flux.models import Ledger, Recommendation, Return, Routing, Vacancy
from flux.operations.cancellation import cancel_vacancy
from flux.operations.departures import decide_now
from flux.operations.entries import carry_over
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.whatif import SHOWN, Changes, Hypothesis, Past, answer_of, read, replay
from flux.whatif import explained as explained_of
from flux.whatif.answer import Moved
from reservations.models import Convention, Landlord, Membership
from reservations.models.convention import UNIT
from tests.flux.known import departure, departures, plan_together
from tests.flux.views.pages import text_of
from tests.guards import unguarded
from tests.world import MORNING, World
from tests.world_again import done_once

SignIn = Callable[[str], Client]
NumQueries = Callable[[int], AbstractContextManager[object]]


@done_once
def live(world: World, count: int = 40) -> Ledger:
    """So many vacancies over the year in two communes, one in ten subtracted, each recommended as it comes."""
    for number in range(count):
        now = MORNING - timedelta(days=count - number)
        commune = "Coursan" if number % 3 else "Narbonne"
        if number % 10 == 4:
            world.vacancy(kind="EXCLUDED", exclusion="INTERNAL_TRANSFER", now=now, commune=commune)
            continue
        world.vacancy(now=now, commune=commune, rooms=2 + number % 4)
        route_waiting_vacancies(ledger_id=Ledger.objects.ordinary().get().pk, now=now)
    return Ledger.objects.select_related("landlord").get()


def key(world: World, name: str, holder: str | None = None) -> tuple[int, int]:
    return world.conventions[name].pk, world.holders[holder or name].pk


def holders(found: Hypothesis) -> list[int | None]:
    return [outcome.holder for outcome in found.outcomes]


def received(found: Hypothesis) -> dict[str, tuple[int, int]]:
    return {str(line.holder): (line.received_then, line.received) for line in found.lines}


def explained(past: Past, found: Hypothesis, member: Membership) -> list[Moved]:
    return explained_of(answer_of(past, found), past.known.holders, member)


# --- the same year -------------------------------------------------------------------------------------------------


def test_replay_without_change_gives_every_unit_to_whom_it_was_recommended(world: World) -> None:
    ledger = live(world)
    recommended = list(Recommendation.objects.order_by("sequence").values_list("holder", flat=True))
    past = read(ledger)
    found = replay(past, Changes())
    assert holders(found) == recommended
    assert len(recommended) == past.entered == found.entered == 36
    assert found.moved == []
    lines = {line.holder_id: (line.due, line.received) for line in ledger.lines.order_by("pk")}
    assert {line.holder.pk: (line.due, line.received) for line in found.lines} == lines
    assert [(line.due_then, line.received_then) for line in found.lines] == [
        (line.due, line.received) for line in found.lines
    ]


def test_replay_of_a_year_of_version_2_knows_what_each_decision_knew(world: World) -> None:
    """Those asked for before their time, and those cancelled since, included."""
    plan_together(world, length=4)
    fallen = departures(world, 6)
    ledger = Ledger.objects.select_related("landlord").get()
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    last = departure(world)
    decide_now(vacancy=last, motive="Urgence.", by=world.people["aline"], now=MORNING)
    cancel_vacancy(
        vacancy=fallen[3], reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["aline"], now=MORNING
    )
    for _ in range(4):
        departure(world)
    route_waiting_vacancies(ledger_id=ledger.pk, now=MORNING)
    recommended = list(Recommendation.objects.order_by("sequence").values_list("holder", flat=True))
    past = read(ledger)
    assert [event.version for event in past.events] == [2] * len(recommended)
    assert {len(event.known) for event in past.events} == {3}
    assert fallen[3] in past.events[0].known
    assert holders(replay(past, Changes())) == recommended


def test_unit_offered_again_after_a_return_is_due_once_on_both_sides(world: World) -> None:
    """Its second offer credited everybody again; the replay, which gives nothing back, offers it once."""
    ledger = live(world, 4)
    vacancy = Vacancy.objects.filter(ledger=ledger).exclude(recommendations__holder=world.holders["landlord"])[0]
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    return_vacancy(routing=routing, reason="DECLINED", text="Trop haut.", by=world.people["aline"], now=MORNING)
    assert Return.objects.get().counted
    found = replay(read(ledger), Changes())
    assert [line.due_then for line in found.lines] == [line.due for line in found.lines]
    assert sum(line.due_then for line in found.lines) == 4 * UNIT


def test_replay_gives_back_what_the_year_before_left_as_the_ledger_did(world: World) -> None:
    live(world, 12)
    old = Ledger.objects.ordinary().get()
    conventions = [convention.pk for convention in world.conventions.values()]
    with_carry_over(conventions)
    new = Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2027)
    carried = carry_over(before=old, ledger=new)
    assert carried
    for number in range(15):
        now = MORNING.replace(year=2027) + timedelta(days=number)
        world.vacancy(now=now, rooms=2 + number % 3)
        route_waiting_vacancies(ledger_id=new.pk, now=now)
    recommended = list(new.recommendations.order_by("sequence").values_list("holder", flat=True))
    found = replay(read(Ledger.objects.select_related("landlord").get(pk=new.pk)), Changes())
    assert (old.pk != new.pk, holders(found)) == (True, recommended)
    lines = {line.holder_id: (line.due, line.received) for line in new.lines.order_by("pk")}
    assert {line.holder.pk: (line.due, line.received) for line in found.lines} == lines


def with_carry_over(conventions: list[int]) -> None:
    """Sign conventions that carry over, in the place of those that do not."""
    with unguarded("reservations_convention.terms_kept"):
        Convention.objects.filter(pk__in=conventions).update(carry_over="FULL")


def test_an_override_is_the_difference_and_is_explained(world: World) -> None:
    ledger = live(world, 6)
    last = ledger.vacancies.order_by("pk").last()
    assert last is not None
    [other] = [name for name in ("als", "city") if world.holders[name] != last.recommendations.get().holder][:1]
    seen = {row["id"] for row in last.recommendations.get().ranking}
    other = other if str(world.holders[other].pk) in seen else "als"
    route_elsewhere(
        vacancy=last,
        holder=world.holders[other],
        motive=Routing.Motive.OTHER,
        motive_text="Pour essayer.",
        by=world.people["aline"],
        now=MORNING,
    )
    past = read(ledger)
    found = replay(past, Changes())
    assert (past.overridden, [outcome.event.vacancy for outcome in found.moved]) == (1, [last])
    [moved] = explained(past, found, world.member("alice"))
    assert (moved.then, moved.why_then) == (str(world.holders[other]), "Choix du bailleur : Pour essayer.")
    assert moved.now == str(last.recommendations.get().holder)
    assert moved.why_now == last.recommendations.get().sentence


# --- another hypothesis --------------------------------------------------------------------------------------------


def test_a_larger_share_gives_more_and_the_sum_stays(world: World) -> None:
    past = read(live(world))
    found = replay(past, Changes(shares={key(world, "als"): 400_000}))
    figures = received(found)
    als = next(line for line in found.lines if line.holder == world.holders["als"])
    assert als.due == 36 * 400_000
    assert abs(als.due - UNIT * als.received) < UNIT
    assert figures["Action Logement Services"][1] > figures["Action Logement Services"][0]
    assert [sum(side) for side in zip(*figures.values(), strict=True)] == [36, 36]
    assert sum(line.difference for line in found.lines) == 0


def test_a_share_of_nothing_takes_the_right_away(world: World) -> None:
    found = replay(read(live(world)), Changes(shares={key(world, "als"): 0}))
    assert received(found)["Action Logement Services"][1] == 0
    assert sum(now for _, now in received(found).values()) == 36


def test_a_category_put_back_in_the_flow_is_shared_like_the_others(world: World) -> None:
    past = read(live(world))
    found = replay(past, Changes(included=frozenset({"INTERNAL_TRANSFER"})))
    assert (found.entered, len(found.outcomes)) == (40, 40)
    assert sum(line.due for line in found.lines) == 40 * UNIT
    moved = explained(past, found, world.member("alice"))
    subtracted = [row for row in moved if row.then == "Soustrait du flux"]
    assert subtracted
    assert subtracted[0].why_then == "Mutation interne d’un locataire du bailleur"
    untouched = replay(past, Changes(included=frozenset({"SALE_REHOUSING"})))
    assert untouched.moved == []


@pytest.mark.parametrize(
    ("rotation", "copies"),
    [
        (Fraction(11, 10), [1] * 9 + [2]),
        (Fraction(9, 10), [0] + [1] * 9),
        (Fraction(2), [2] * 10),
        (Fraction(1), [1] * 10),
        (Fraction(1, 3), [0, 0, 1, 0, 0, 1, 0, 0, 1, 0]),
    ],
)
def test_copies_of_each_departure_sum_to_the_whole_part(rotation: Fraction, copies: list[int]) -> None:
    changes = Changes(rotation=rotation)
    assert [changes.copies(rank) for rank in range(1, 11)] == copies


def test_more_departures_enter_more_units(world: World) -> None:
    past = read(live(world))
    assert replay(past, Changes(rotation=Fraction(3, 2))).entered == 54
    fewer = replay(past, Changes(rotation=Fraction(1, 2)))
    assert (fewer.entered, len(fewer.outcomes)) == (18, 36)
    row = explained(past, fewer, world.member("alice"))[0]
    assert (row.now, row.why_now) == ("Non compté", "Moins de départs dans l’hypothèse.")


def test_over_the_whole_is_refused_with_where_and_rescaled_nowhere(world: World) -> None:
    found = replay(read(live(world)), Changes(shares={key(world, "als"): 600_000}))
    assert [(excess.commune.name, excess.total) for excess in found.excess] == [
        ("Narbonne", 1_080_000),
    ]
    assert (found.lines, found.outcomes) == ((), ())


def test_replay_does_no_query_and_leaves_the_past_as_it_was(
    world: World, django_assert_num_queries: NumQueries
) -> None:
    past = read(live(world))
    with django_assert_num_queries(0):
        first = replay(past, Changes())
        replay(past, Changes(shares={key(world, "als"): 0}, rotation=Fraction(2)))
        assert replay(past, Changes()) == first


@pytest.mark.parametrize("count", [1, 12])
def test_read_costs_the_same_whatever_the_vacancies(
    world: World, count: int, django_assert_num_queries: NumQueries
) -> None:
    ledger = live(world, count)
    with django_assert_num_queries(12):
        read(ledger)


def test_only_the_units_that_one_may_read_are_shown(world: World) -> None:
    """Chloé sees those of Narbonne only; the count is common."""
    past = read(live(world))
    found = replay(past, Changes(shares={key(world, "als"): 0}))
    assert len(found.moved) > 0
    shown = explained(past, found, world.member("chloe"))
    visible = set(Vacancy.objects.visible_to(world.member("chloe")).values_list("pk", flat=True))
    assert {row.vacancy.pk for row in shown} <= visible
    assert len(explained(past, found, world.member("alice"))) == min(SHOWN, len(found.moved))


# --- the page ------------------------------------------------------------------------------------------------------


@contextmanager
def read_only() -> Iterator[None]:
    """Inside, the database refuses every write."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SAVEPOINT before_reading")
            cursor.execute("SET LOCAL transaction_read_only = on")
        yield
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK TO SAVEPOINT before_reading")


def rows() -> dict[str, int]:
    return {model._meta.label: model._base_manager.count() for model in apps.get_models()}


def test_read_only_would_hear_a_write(world: World) -> None:
    with read_only(), pytest.raises(DatabaseError, match="read-only"), transaction.atomic():
        Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2026)


def test_page_writes_nothing(world: World, sign_in: SignIn) -> None:
    ledger = live(world)
    client, before = sign_in("alice"), rows()
    convention, holder = key(world, "als")
    address = reverse("whatif", args=[ledger.pk])
    with read_only():
        response = client.get(address, {f"share-{convention}-{holder}": "30", "counted": "INTERNAL_TRANSFER"})
    assert response.status_code == 200
    assert rows() == before
    assert Ledger.objects.ordinary().get().sequence == 36
    assert client.post(address).status_code == 405


def test_page_says_the_hypothesis_and_what_it_gives(world: World, sign_in: SignIn) -> None:
    ledger = live(world)
    convention, holder = key(world, "als")
    response = sign_in("bob").get(reverse("whatif", args=[ledger.pk]), {f"share-{convention}-{holder}": "30"})
    text = text_of(response)
    found = replay(read(ledger), Changes(shares={key(world, "als"): 300_000}))
    line = next(line for line in found.lines if line.holder == world.holders["als"])
    assert f"{len(found.moved)} logements sur 36 auraient eu une autre destination" in text
    assert "Action Logement Services, Aude : 30 % au lieu de 20 %" in text
    assert f"{line.received_then} {line.received} +{line.difference}" in text


def test_page_without_a_change_says_that_the_rule_agrees(world: World, sign_in: SignIn) -> None:
    text = text_of(sign_in("alice").get(reverse("whatif", args=[live(world).pk])))
    assert "rejouée sur les 36 logements de 2026, donne chacun à celui qui l’a reçu." in text


def test_page_of_a_change_too_small_says_that_nothing_would_have_changed(world: World, sign_in: SignIn) -> None:
    """And how many units without recommendation are left out."""
    ledger = live(world, 1)
    world.vacancy()
    asked = {"share-{}-{}".format(*key(world, "als")): "20,01"}
    text = text_of(sign_in("alice").get(reverse("whatif", args=[ledger.pk]), asked))
    assert "Rien n’aurait changé : 0 logement sur 1 aurait eu une autre destination." in text
    assert "1 logement sans recommandation n’est pas rejoué." in text


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"rotation": "abc"}, "Écrivez un nombre en chiffres : 12,5 par exemple."),
        ({"rotation": ""}, "Écrivez un pourcentage, 100 pour ne rien changer."),
        ({"rotation": "5"}, "Écrivez de 10 à 300 : 110 pour un départ de plus sur dix."),
        ({"rotation": "301"}, "Écrivez de 10 à 300 : 110 pour un départ de plus sur dix."),
        ({"rotation": "110,001"}, "Écrivez deux décimales au plus : 112,5."),
        ({"counted": "WORKS"}, "Ce motif n’existe pas : choisissez dans la liste."),
        ({"als": "-1"}, "Écrivez une part de 0 à 100 : 12,5 pour 12,5 %."),
        ({"als": "101"}, "Écrivez une part de 0 à 100 : 12,5 pour 12,5 %."),
        ({"als": "1,00001"}, "Une part s’écrit avec quatre décimales au plus : 33,3333."),
        ({"als": ""}, "Écrivez une part, 0 pour retirer ce droit."),
        ({"als": "60"}, "À Narbonne, elle promet 108\u202f% du flux"),
    ],
)
def test_page_says_what_to_correct(world: World, sign_in: SignIn, asked: dict[str, str], sentence: str) -> None:
    ledger = live(world, 4)
    named = {("share-{}-{}".format(*key(world, name)) if name == "als" else name): v for name, v in asked.items()}
    response = sign_in("alice").get(reverse("whatif", args=[ledger.pk]), named)
    assert response.status_code == 422
    assert sentence in response.content.decode().replace("&#x27;", "'")
    assert "0 logement rejoué" in text_of(response)


@pytest.mark.parametrize(
    ("name", "status"),
    [("alice", 200), ("aline", 200), ("bob", 200), ("chloe", 200), ("emma", 200), ("adam", 200), ("zoe", 404)],
)
def test_whoever_sees_the_account_may_ask(world: World, sign_in: SignIn, name: str, status: int) -> None:
    assert sign_in(name).get(reverse("whatif", args=[live(world, 3).pk])).status_code == status


@pytest.mark.parametrize("count", [1, 12])
def test_page_costs_the_same_whatever_the_vacancies(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries: NumQueries
) -> None:
    ledger = live(world, count)
    client = sign_in("alice")
    with django_assert_num_queries(16):
        client.get(reverse("whatif", args=[ledger.pk]))


def test_a_ledger_of_an_empty_year_has_nothing_to_replay(world: World, sign_in: SignIn) -> None:
    ledger = Ledger.objects.create(landlord=world.landlord, departement=world.places["Aude"], exercise=2026)
    text = text_of(sign_in("alice").get(reverse("whatif", args=[ledger.pk])))
    assert "0 logement n’est entré dans ce compte" in text
    assert isinstance(read(Ledger.objects.select_related("landlord").get()), Past)
    assert Landlord.objects.count() == 2


def test_confirmed_and_awaiting_count_alike(world: World) -> None:
    ledger = live(world)
    before = received(replay(read(ledger), Changes()))
    some = list(ledger.vacancies.order_by("pk").values_list("pk", flat=True)[:10])
    confirm_recommendations(vacancies=some, by=world.people["aline"], now=MORNING)
    assert received(replay(read(ledger), Changes())) == before


def test_cancelled_unit_is_not_replayed_even_given_back(world: World) -> None:
    ledger = live(world, 20)
    vacancy = Vacancy.objects.filter(kind="IN_FLOW").order_by("pk")[3]
    before = read(ledger)
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    if routing.holder.is_not_reserved:
        routing = route_elsewhere(
            vacancy=vacancy,
            holder=world.holders["als"],
            motive="OTHER",
            motive_text="Une raison.",
            by=world.people["aline"],
            now=MORNING,
        )
    return_vacancy(
        routing=routing, reason=Return.Reason.DECLINED, text="Trop loin.", by=world.people["aline"], now=MORNING
    )
    cancel_vacancy(vacancy=vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=MORNING)
    past = read(ledger)
    assert past.entered == before.entered - 1
    assert (past.returned, past.overridden, past.waiting) == (0, 0, 0)
    lines = {line.holder_id: line.due for line in ledger.lines.order_by("pk")}
    assert past.due == lines
    assert vacancy.pk not in {outcome.event.vacancy.pk for outcome in replay(past, Changes()).outcomes}
