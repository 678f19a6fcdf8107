"""Units given back: whose turn is used, who comes next, and that the books balance after every act."""

from __future__ import annotations

import random
from datetime import date, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db.models import Sum

from flux.models import FlowEntry, Ledger, LedgerLine, Recommendation, Return, Routing, Vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.outcomes import record_allocation, record_lease
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import set_routing_policy
from flux.queries.accounts import entered_by
from reservations.deadlines import deadline
from reservations.models import Convention, Delegation, ReservationHolder
from reservations.models.convention import UNIT
from reservations.operations.party import register_organisation
from tests.flux.books import check_books, count_as_before
from tests.guards import unguarded
from tests.world import MORNING, siren
from tests.world_again import done_once, kept

if TYPE_CHECKING:
    from tests.world import World

TODAY = MORNING.date()
LATER = MORNING + timedelta(days=60)


def agree(convention: Convention, **terms: object) -> None:
    """Give a signed convention other terms, as no act can: the tests say only what they are about."""
    rules = ("terms", "delays", "procedure", "renewal", "returned_cap", "uniform_communes", "end")
    with unguarded(*(f"reservations_convention.{rule}_kept" for rule in rules)):
        Convention.objects.filter(pk=convention.pk).update(**terms)


@pytest.fixture
@kept
def world(world: World) -> World:
    """Every convention by default settles ten working days, and counts a return when the holder is at fault."""
    for convention in world.conventions.values():
        agree(
            convention,
            proposal_days=10,
            returns_effect=Convention.ReturnsEffect.YES_IF_HOLDER_FAULT,
            management=Convention.Management.DIRECT,
            fallback=[],
        )
    return world


@done_once
def send(world: World, holder: str, vacancy: Vacancy | None = None, *, now=MORNING) -> Routing:
    """A vacancy routed to this holder, whatever the rule stated."""
    vacancy = vacancy or world.vacancy()
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=now)
    made, to = vacancy.recommendations.latest("attempt"), world.holders[holder]
    if made.holder == to:
        [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=now)
        return routing
    return route_elsewhere(
        vacancy=vacancy, holder=to, motive="OTHER", motive_text="Pour le test.", by=world.people["aline"], now=now
    )


def give_back(world: World, routing: Routing, reason: str = "DECLINED", **given: object) -> Return:
    terms = {"text": "Étage trop haut.", "by": world.people["aline"], "now": MORNING}
    return return_vacancy(routing=routing, reason=reason, **(terms | given))


def moved(routing: Routing) -> list[tuple[str, str, int]]:
    """What was written on the account after the first routing, dues left out."""
    entries = routing.vacancy.entries.exclude(stage="DUE").select_related("holder__organisation").order_by("pk")
    return [(entry.stage, str(entry.holder), entry.quantity) for entry in entries]


def lines(ledger: Ledger | None = None) -> dict[str, tuple[int, int]]:
    """What each is due and received, in the yearly account by default."""
    here = {"ledger__kind": Ledger.Kind.ORDINARY} if ledger is None else {"ledger": ledger}
    return {str(line.holder): (line.due, line.received) for line in LedgerLine.objects.filter(**here)}


def written() -> tuple[object, ...]:
    return Return.objects.count(), Routing.objects.count(), FlowEntry.objects.count(), lines()


# --- whose turn is used ---


def test_counted_return_uses_the_turn_and_credits_nobody_again(world: World) -> None:
    """The unit stays received by who gave it back; it goes on for one turn, in an account of its own, credited by the
    shares of those who may take it, the returner's to the landlord (decision 103)."""
    routing = send(world, "city")
    before = lines()
    given = give_back(world, routing)
    assert (given.counted, given.reason, given.text, given.returned_by) == (
        True,
        "DECLINED",
        "Étage trop haut.",
        world.people["aline"],
    )
    routing.refresh_from_db()
    assert routing.closed_at == MORNING
    again = Recommendation.objects.get(vacancy=routing.vacancy, attempt=2)
    assert (again.ledger.kind, again.sequence) == (Ledger.Kind.ONE_TURN, 1)
    assert again.holder != world.holders["city"]
    assert lines() == before
    assert lines()["Ville de Narbonne"][1] == 1
    assert lines(again.ledger) == {
        "Non réservé": (320_000 + 120_000, again.holder.is_not_reserved),  # its remainder, and the share of the city
        "État – publics prioritaires": (250_000, 0),
        "Action Logement Services": (200_000, 0),
        "Le Grand Narbonne": (60_000, 0),
        "État – agents": (50_000, 0),
    }
    assert moved(routing)[-2:] == [("RETURNED", "Ville de Narbonne", 1), ("AWAITING", str(again.holder), 1)]
    assert list(Vacancy.objects.to_confirm()) == [routing.vacancy]
    check_books(routing.vacancy.ledger)


def test_counted_return_in_an_account_of_before_credits_the_others_again(world: World) -> None:
    """What was begun under a rule of accounting goes on under it (`Ledger.accounting` 1)."""
    routing = send(world, "city")
    count_as_before()
    before = lines()
    give_back(world, routing)
    again = Recommendation.objects.get(vacancy=routing.vacancy, attempt=2)
    assert (again.ledger, again.sequence) == (routing.vacancy.ledger, 2)
    after = lines()
    assert {name: after[name][0] - before[name][0] for name in after} == {
        "Non réservé": 320_000 + 120_000,  # its remainder, and the share of the city
        "État – publics prioritaires": 250_000,
        "Action Logement Services": 200_000,
        "Le Grand Narbonne": 60_000,
        "État – agents": 50_000,
        "Ville de Narbonne": 0,
    }
    assert after["Ville de Narbonne"][1] == 1
    check_books(routing.vacancy.ledger)


def test_a_unit_passed_for_one_turn_counts_for_nobody_however_many_give_it_back(world: World) -> None:
    """Eight units, of which four lapse to the State, and the State lets them lapse too: no more is due to anybody than
    its share of eight, and the State, which never had one, received none."""
    for name in ("city", "state"):
        agree(world.conventions[name], returns_effect="YES", fallback=["STATE", "LANDLORD"])
    vacancies = [world.vacancy() for _ in range(8)]
    for vacancy in vacancies[:4]:
        give_back(world, send(world, "city", vacancy))
        [passed] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
        assert (passed.holder, passed.one_turn) == (world.holders["priority"], True)
        assert give_back(world, passed).counted is False
        [left] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
        assert (left.holder, left.one_turn) == (world.holders["landlord"], True)
    for vacancy in vacancies[4:]:
        send(world, "als", vacancy)
    yearly = Ledger.objects.ordinary().get()
    found = lines(yearly)
    assert sum(due for due, _ in found.values()) == 8 * UNIT
    assert found["Ville de Narbonne"] == (8 * 120_000, 4)
    assert found["État – publics prioritaires"] == (8 * 250_000, 0)
    assert sum(received for _, received in found.values()) == 8
    beside = lines(Ledger.objects.get(kind=Ledger.Kind.ONE_TURN))
    assert (sum(due for due, _ in beside.values()), beside["Non réservé"][1]) == (4 * UNIT, 4)
    check_books(yearly)


def test_who_receives_it_for_one_turn_was_not_offered_it_where_its_convention_says_so(world: World) -> None:
    """Every return uses a turn, but this holder has none here: what the clause says of the cause holds (CCH, R441-5-1:
    the balance counts what was offered)."""
    for name in ("city", "state"):
        agree(world.conventions[name], returns_effect="YES", fallback=["STATE", "LANDLORD"], not_offered=["APPLICANT"])
    routing = send(world, "city")
    give_back(world, routing)
    [passed] = confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    assert (passed.holder, passed.one_turn) == (world.holders["priority"], True)
    given = return_vacancy(routing=passed, reason="REFUSED", text="Refus.", by=world.people["aline"], now=MORNING)
    assert (given.counted, given.offered) == (False, False)


def test_who_receives_it_for_one_turn_and_what_becomes_of_it(world: World) -> None:
    """A lease is counted in the balance to whom it was really let through, and is received in no yearly account."""
    agree(world.conventions["als"], counting_point="LEASED")
    routing = send(world, "city")
    give_back(world, routing)
    route_elsewhere(
        vacancy=routing.vacancy,
        holder=world.holders["als"],
        motive="OTHER",
        motive_text="Pour le test.",
        by=world.people["aline"],
        now=MORNING,
    )
    yearly = routing.vacancy.ledger
    record_lease(vacancy=routing.vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    let = FlowEntry.objects.filter(stage="LEASED").values_list("ledger", "holder", "reached")
    assert list(let) == [(yearly.pk, world.holders["als"].pk, 0)]
    reached = FlowEntry.objects.filter(ledger=yearly).values_list("holder").annotate(Sum("reached")).order_by("holder")
    assert {holder: units for holder, units in reached if units} == {world.holders["city"].pk: 1}
    check_books(yearly)


def test_uncounted_return_takes_the_unit_back_and_credits_nobody(world: World) -> None:
    routing = send(world, "city")
    before = lines()
    given = give_back(world, routing, "ERROR")
    assert given.counted is False
    after, again = lines(), Recommendation.objects.get(vacancy=routing.vacancy, attempt=2)
    assert {name: figures[0] for name, figures in after.items()} == {n: f[0] for n, f in before.items()}
    assert after["Ville de Narbonne"][1] == 0
    assert [move for move in moved(routing) if move[0] not in FlowEntry.MEMO][-3:] == [
        ("RETURNED", "Ville de Narbonne", 1),
        ("ROUTED", "Ville de Narbonne", -1),
        ("AWAITING", str(again.holder), 1),
    ]
    check_books(routing.vacancy.ledger)


def test_uncounted_return_does_not_give_the_category_back(world: World) -> None:
    """Its claim is spread on the holder's mix: one T5 given back among three T2 is no reason for another T5."""
    for _ in range(3):
        send(world, "als", world.vacancy(rooms=2))
    routing = send(world, "city", world.vacancy(rooms=5))
    give_back(world, routing, "WITHDRAWN")
    typology = LedgerLine.objects.get(holder=world.holders["city"]).profile["typology"]
    # due 0.12 of a unit four times, a quarter of it in T5; the unit owed again follows the same mix
    assert typology == {"T2": [360_000 + 750_000, 0], "T5": [120_000 + 250_000, 1]}
    check_books(routing.vacancy.ledger)


@pytest.mark.parametrize(
    ("effect", "counted"),
    [
        ("YES", {"NO_CANDIDATE", "DECLINED", "WITHDRAWN", "REFUSED", "UNALLOCATED", "ERROR"}),
        ("NO", set()),
        ("YES_IF_HOLDER_FAULT", {"NO_CANDIDATE", "DECLINED"}),
    ],
)
def test_convention_says_whether_the_turn_is_used(world: World, effect: str, counted: set[str]) -> None:
    agree(world.conventions["city"], returns_effect=effect)
    for reason in Return.Reason.values:
        assert give_back(world, send(world, "city"), reason, now=LATER).counted == (reason in counted)
    check_books(Vacancy.objects.first().ledger)


@pytest.mark.parametrize("handed_on", [False, True])
def test_works_take_back_what_the_unit_had_counted(world: World, handed_on: bool) -> None:
    """What cannot be let is no unit of the flow: nothing is due of it and nobody received it, nor who gave it back with
    its turn used before the works were found."""
    other = send(world, "als")
    before = lines()
    routing = send(world, "city")
    if handed_on:
        give_back(world, routing)
        [routing] = confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    give_back(world, routing, "WORKS")
    assert lines(other.vacancy.ledger) == before
    assert all(figures == (0, 0) for book in Ledger.objects.filter(kind="TURN") for figures in lines(book).values())
    assert entered_by(other.vacancy.ledger, TODAY) == 1
    check_books(other.vacancy.ledger)


def test_works_take_the_unit_out_of_the_flow(world: World) -> None:
    routing = send(world, "city")
    give_back(world, routing, "WORKS")
    assert set(lines().values()) == {(0, 0)}
    assert (Vacancy.objects.to_confirm().count(), Vacancy.objects.waiting().count()) == (0, 0)
    assert (Recommendation.objects.count(), Routing.objects.filter(closed_at=None).count()) == (1, 0)
    check_books(routing.vacancy.ledger)
    before = written()
    for act in (
        lambda: confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING),
        lambda: send(world, "als", routing.vacancy),
        lambda: give_back(world, routing),
    ):
        with pytest.raises(RoutingRefused):
            act()
        assert written() == before


def test_landlord_may_take_its_own_unit_out_for_works_only(world: World) -> None:
    routing = send(world, "landlord")
    with pytest.raises(RoutingRefused) as refused:
        give_back(world, routing)
    assert str(refused.value).startswith("Ce logement est au bailleur")
    assert give_back(world, routing, "WORKS").counted is False
    check_books(routing.vacancy.ledger)


# --- who comes next ---


def test_whoever_gave_the_unit_back_does_not_get_it_again(world: World) -> None:
    """Each holder declines in turn; the landlord has it in the end, and every other turn is used."""
    vacancy = world.vacancy()
    returned = []
    routing = send(world, "city", vacancy)
    while not routing.holder.is_not_reserved:
        give_back(world, routing)
        returned.append(routing.holder)
        check_books(vacancy.ledger)
        again = vacancy.recommendations.latest("attempt")
        assert again.holder not in returned
        [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    assert routing.recommendation.attempt == len(returned) + 1
    with pytest.raises(RoutingRefused) as refused:
        send(world, "city", vacancy)
    assert str(refused.value) == "Ville de Narbonne a déjà rendu ce logement : choisissez une autre destination."
    check_books(vacancy.ledger)


@pytest.mark.parametrize(
    ("chain", "to"),
    [
        (["MAYOR", "STATE"], "city"),
        (["STATE", "MAYOR"], "priority"),
        (["LANDLORD"], "landlord"),
    ],
)
def test_chain_of_the_convention_names_the_next_destination(world: World, chain: list[str], to: str) -> None:
    agree(world.conventions["als"], fallback=chain)
    routing = send(world, "als")
    give_back(world, routing)
    again = routing.vacancy.recommendations.latest("attempt")
    assert (again.holder, again.reason) == (world.holders[to], "FALLBACK")
    assert again.sentence.startswith("Rendu par Action Logement Services : sa convention ")
    assert {row["id"] for row in again.ranking} == {
        str(h.pk) for n, h in world.holders.items() if n != "other_landlord"
    }
    check_books(routing.vacancy.ledger)
    out = StringIO()
    call_command("replay", stdout=out)
    assert "2 recommandations recalculées, 0 différentes" in out.getvalue()


@pytest.mark.parametrize("chain", [[], ["NEXT", "LANDLORD"], ["MAYOR"]])
def test_rule_decides_when_no_step_of_the_chain_can_take_the_unit(world: World, chain: list[str]) -> None:
    """No city has a right in Coursan."""
    agree(world.conventions["als"], fallback=chain)
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    give_back(world, routing)
    assert routing.vacancy.recommendations.latest("attempt").reason != "FALLBACK"


def test_commune_without_a_right_proposes_on_the_part_of_the_landlord(world: World) -> None:
    """Coursan has signed nothing: its mayor comes first in the chain all the same, for this letting."""
    coursan = register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    agree(world.conventions["als"], fallback=["MAYOR", "LANDLORD"])
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    give_back(world, routing)
    again = routing.vacancy.recommendations.latest("attempt")
    assert (again.holder, again.reason) == (world.holders["landlord"], "FALLBACK")
    assert again.sentence == (
        "Rendu par Action Logement Services : sa convention l’envoie alors à la commune du logement, Commune de "
        "Coursan, qui n’a pas de droit ici : elle propose sur la part non réservée du bailleur, pour une location."
    )
    [opened] = confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    kept = world.conventions["als"]  # the convention whose chain named the commune: its delay is theirs
    assert (opened.holder, opened.acting, opened.convention) == (world.holders["landlord"], coursan, kept)
    check_books(routing.vacancy.ledger)
    out = StringIO()
    call_command("replay", stdout=out)
    assert "2 recommandations recalculées, 0 différentes" in out.getvalue()
    give_back(world, opened)  # the landlord's part, but not its own unit: the commune gives it back for any reason
    assert Return.objects.filter(routing=opened).exists()
    check_books(routing.vacancy.ledger)


@pytest.mark.parametrize(("chain", "reason"), [(["MAYOR", "LANDLORD"], {"FALLBACK"}), (["MAYOR"], {"LARGEST_DELAY"})])
def test_commune_that_nobody_registered_is_passed_and_stated(world: World, chain: list[str], reason: set[str]) -> None:
    agree(world.conventions["als"], fallback=chain)
    routing = send(world, "als", world.vacancy(commune="Coursan"))
    give_back(world, routing)
    again = routing.vacancy.recommendations.latest("attempt")
    assert {again.reason} == reason
    assert again.sentence.startswith("Coursan, commune du logement, n’est pas inscrite ici : étape passée. ")


def test_chain_speaks_only_when_the_holder_is_the_cause(world: World) -> None:
    agree(world.conventions["als"], fallback=["LANDLORD"])
    routing = send(world, "als")
    give_back(world, routing, "ERROR")
    assert routing.vacancy.recommendations.latest("attempt").reason != "FALLBACK"


def test_commune_that_gave_back_is_no_step_of_the_chain(world: World) -> None:
    agree(world.conventions["als"], fallback=["MAYOR", "STATE"])
    vacancy = world.vacancy()
    give_back(world, send(world, "city", vacancy))
    give_back(world, send(world, "als", vacancy))
    assert vacancy.recommendations.latest("attempt").holder == world.holders["priority"]
    check_books(vacancy.ledger)


def test_automatic_policy_routes_the_unit_again_at_once(world: World) -> None:
    routing = send(world, "city")
    set_routing_policy(
        by=world.people["alice"],
        landlord=world.landlord,
        mode="AUTOMATIC",
        starts_on=TODAY,
        today=TODAY - timedelta(days=1),
    )
    give_back(world, routing)
    opened = Routing.objects.get(vacancy=routing.vacancy, closed_at=None)
    assert (opened.recommendation.attempt, opened.routed_by, opened.routed_at) == (2, None, MORNING)
    check_books(routing.vacancy.ledger)


def test_books_balance_after_a_hundred_acts_drawn_at_random(world: World) -> None:
    chance = random.Random(11)
    agree(world.conventions["als"], fallback=["MAYOR", "NEXT"], returns_effect="NO")
    for _ in range(25):
        vacancy = world.vacancy(rooms=chance.randint(1, 5), commune=chance.choice(["Narbonne", "Coursan"]))
        route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
        for _ in range(chance.randint(0, 4)):
            [routing] = Routing.objects.filter(vacancy=vacancy, closed_at=None) or confirm_recommendations(
                vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING
            )
            if routing.holder.is_not_reserved:
                break
            reason = chance.choice(["DECLINED", "WITHDRAWN", "ERROR", "WORKS"])
            give_back(world, routing, reason)
            if reason == "WORKS":
                break
    check_books(vacancy.ledger)
    out = StringIO()
    call_command("replay", stdout=out)
    assert "0 différentes" in out.getvalue()


# --- refusals ---


def test_holder_is_at_fault_only_once_its_time_is_over(world: World) -> None:
    routing = send(world, "city")
    until = deadline(TODAY, 10)
    assert until == date(2026, 12, 8)
    last_day = MORNING + (until - TODAY)
    before = written()
    with pytest.raises(RoutingRefused) as refused:
        give_back(world, routing, "NO_CANDIDATE", now=last_day)
    assert (refused.value.field, str(refused.value)) == (
        "reason",
        "Ville de Narbonne peut proposer jusqu’au 08/12/2026 inclus : attendez cette date.",
    )
    assert written() == before
    assert give_back(world, routing, "NO_CANDIDATE", text="", now=last_day + timedelta(days=1)).counted is True


def test_delay_stated_to_be_over_by_hand_lapsed_as_well(world: World) -> None:
    """Somebody did not wait for the night."""
    routing, declined = send(world, "city"), send(world, "city")
    give_back(world, routing, "NO_CANDIDATE", text="", now=LATER)
    give_back(world, declined)
    lapsed = FlowEntry.objects.filter(stage="LAPSED").values_list("vacancy", "holder", "quantity")
    assert list(lapsed) == [(routing.vacancy_id, routing.holder_id, 1)]


@pytest.mark.parametrize(
    ("terms", "typed", "field", "sentence"),
    [
        ({"proposal_days": None}, ("NO_CANDIDATE", ""), "reason", "La convention ne fixe aucun délai pour proposer"),
        (
            {"management": "DELEGATED"},
            ("NO_CANDIDATE", ""),
            "reason",
            "La gestion est déléguée : c’est le bailleur qui cherche les candidats de la Ville de Narbonne.",
        ),
        ({}, ("DECLINED", "   "), "text", "Dites pourquoi en une phrase"),
        ({}, ("BORED", "Assez."), "reason", "Choisissez l’une des raisons de la liste."),
    ],
)
def test_return_refused_writes_nothing(
    world: World, terms: dict[str, object], typed: tuple[str, str], field: str, sentence: str
) -> None:
    agree(world.conventions["city"], **terms)
    routing = send(world, "city")
    before = written()
    with pytest.raises(RoutingRefused) as refused:
        give_back(world, routing, typed[0], text=typed[1], now=LATER)
    assert refused.value.field == field
    assert str(refused.value).startswith(sentence)
    assert written() == before
    assert Routing.objects.get(closed_at=None) == routing


def test_return_of_a_routing_closed_since_is_refused(world: World) -> None:
    routing = send(world, "city")
    send(world, "als", routing.vacancy)
    before = written()
    with pytest.raises(RoutingRefused) as refused:
        give_back(world, routing)
    assert str(refused.value) == (
        "Entre-temps, ce logement est orienté vers Action Logement Services. Relisez la fiche, puis décidez de nouveau."
    )
    assert written() == before


def test_allocated_unit_is_neither_given_back_nor_sent_elsewhere(world: World) -> None:
    routing = send(world, "city")
    record_allocation(vacancy=routing.vacancy, on=TODAY, by=world.people["aline"], today=TODAY)
    before = written()
    for act in (lambda: give_back(world, routing), lambda: send(world, "als", routing.vacancy)):
        with pytest.raises(RoutingRefused) as refused:
            act()
        assert str(refused.value) == (
            "Ce logement est attribué à un ménage de la Ville de Narbonne. Si ses candidats sont suivis ici, "
            "annulez le bail, ou enregistrez le désistement du candidat retenu, sur la page « Offres et bail » ; "
            "sinon, annulez l’attribution, sur la page « Attribution et bail »."
        )
        assert written() == before


def test_confirming_a_recommendation_read_before_the_return_is_refused(world: World) -> None:
    routing = send(world, "city")
    stale = routing.recommendation_id
    give_back(world, routing)
    with pytest.raises(RoutingRefused) as refused:
        confirm_recommendations(
            vacancies=[routing.vacancy_id],
            by=world.people["aline"],
            seen={routing.vacancy_id: stale},
            now=MORNING,
        )
    assert "a été rendu et recommandé de nouveau" in str(refused.value)
    fresh = routing.vacancy.recommendations.latest("attempt")
    [opened] = confirm_recommendations(
        vacancies=[routing.vacancy_id], by=world.people["aline"], seen={routing.vacancy_id: fresh.pk}, now=MORNING
    )
    assert (opened.holder, opened.recommendation) == (fresh.holder, fresh)


# --- the version each routing applies, and who acts for the State ---


def test_each_routing_keeps_the_version_it_applied(world: World) -> None:
    """Automatic, confirmed or sent elsewhere; the landlord's own applies none."""
    confirmed = send(world, "landlord")
    overridden = send(world, "city")
    set_routing_policy(
        by=world.people["alice"],
        landlord=world.landlord,
        mode="AUTOMATIC",
        starts_on=TODAY,
        today=TODAY - timedelta(days=1),
    )
    vacancies = [world.vacancy() for _ in range(8)]
    route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING)
    of = {
        "priority": "state",
        "agents": "state",
        "als": "als",
        "city": "city",
        "epci": "epci",
    }
    expected = {world.holders[name].pk: world.conventions[key].pk for name, key in of.items()}
    routed = Routing.objects.filter(vacancy__in=vacancies)
    assert len(routed) == 8
    for routing in (*routed, confirmed, overridden):
        assert routing.convention_id == expected.get(routing.holder_id)
        assert routing.acting_id is None


def delegate(world: World, holder: ReservationHolder, *names: str) -> None:
    quota = world.conventions["state"].quotas.get(holder=holder)
    for name in names:
        Delegation.objects.create(quota=quota, delegate=getattr(world, name))


def test_delegate_proposes_in_the_name_of_the_state_on_its_own_territory(world: World) -> None:
    """The commune before the EPCI; elsewhere the EPCI; the State stays debited; the other contingent is its own."""
    delegate(world, world.holders["priority"], "epci", "city")
    here, around = send(world, "priority"), send(world, "priority", world.vacancy(commune="Coursan"))
    agents = send(world, "agents")
    assert (here.acting, around.acting, agents.acting) == (world.city, world.epci, None)
    assert here.holder == world.holders["priority"]
    assert lines()["État – publics prioritaires"][1] == 2
    assert lines()["Ville de Narbonne"][1] == 0
    give_back(world, here)
    assert Return.objects.get().routing.holder == world.holders["priority"]
    assert here.vacancy.recommendations.latest("attempt").holder != world.holders["priority"]
    check_books(here.vacancy.ledger)


@pytest.mark.parametrize(("count", "queries"), [(1, 13), (3, 14), (30, 14)])
def test_confirming_costs_the_same_queries_whatever_the_number(
    world: World, count: int, queries: int, django_assert_num_queries
) -> None:
    """One more when a unit goes to the State: who acts in its name."""
    vacancies = [world.vacancy() for _ in range(count)]
    route_waiting_vacancies(ledger_id=vacancies[0].ledger_id, now=MORNING)
    with django_assert_num_queries(queries):
        confirm_recommendations(vacancies=[v.pk for v in vacancies], by=world.people["aline"], now=MORNING)


@pytest.mark.parametrize(("reason", "opens", "queries"), [("DECLINED", 33, 30), ("ERROR", 28, 28), ("WORKS", 27, 27)])
def test_return_costs_a_fixed_number_of_queries(
    world: World, reason: str, opens: int, queries: int, django_assert_num_queries
) -> None:
    """The first that is handed on for one turn `opens` their account."""
    for number, expected in ((1, opens), (12, queries)):
        for _ in range(number):
            routing = send(world, "city")
        with django_assert_num_queries(expected):
            give_back(world, routing, reason)


def test_gaps_sum_to_nothing_once_nothing_waits(world: World) -> None:
    for reason in ("DECLINED", "ERROR", "WORKS"):
        give_back(world, send(world, "city"), reason)
    assert sum(due - UNIT * received for due, received in lines().values()) == 0


# --- the cap of a delay swollen by returns ---


def refuse_all(world: World, times: int, reason: str = "DECLINED", cap: int | None = 2 * UNIT) -> Routing:
    """The city, whose convention counts no return and keeps it `cap` due at most, gives back as many units as that."""
    agree(world.conventions["city"], returns_effect="NO", returned_cap=cap)
    for _ in range(times):
        routing = send(world, "city")
        give_back(world, routing, reason)
    return routing


def test_what_nobody_signed_takes_nothing_of_what_a_return_leaves_due(world: World) -> None:
    """« Un logement rendu ne compte jamais » (CCH, R441-5: the convention settles it), and no other clause."""
    agree(world.conventions["city"], returns_effect="NO", returned_cap=None)
    routing = send(world, "city")
    LedgerLine.objects.filter(holder=world.holders["city"]).update(due=5_000_000)
    LedgerLine.objects.filter(holder=world.holders["landlord"]).update(due=-3_000_000)
    give_back(world, routing)
    assert lines()["Ville de Narbonne"] == (5_000_000, 0)
    assert not FlowEntry.objects.filter(stage="FORFEITED").exists()


def test_holder_that_gives_everything_back_keeps_two_units_due_at_most(world: World) -> None:
    """0.12 due each time: at the 17th return the city is owed 2.04, of which 0.04 goes to the landlord, and so on."""
    routing = refuse_all(world, 16)
    assert lines()["Ville de Narbonne"] == (1_920_000, 0)
    assert not FlowEntry.objects.filter(stage="FORFEITED").exists()
    routing = refuse_all(world, 2)
    assert lines()["Ville de Narbonne"] == (2_000_000, 0)
    assert moved(routing)[-3:-1] == [
        ("FORFEITED", "Ville de Narbonne", -120_000),
        ("FORFEITED", "Non réservé", 120_000),
    ]
    check_books(routing.vacancy.ledger)


def test_landlord_that_takes_units_back_never_lowers_what_it_owes(world: World) -> None:
    """Or it would empty a claim by sending units and taking them back."""
    routing = refuse_all(world, 18, "WITHDRAWN")
    assert lines()["Ville de Narbonne"] == (18 * 120_000, 0)
    assert not FlowEntry.objects.filter(stage="FORFEITED").exists()
    check_books(routing.vacancy.ledger)


def test_what_the_landlord_left_due_is_never_forfeited(world: World) -> None:
    """Owed 5 units by the landlord's own choices, the holder loses at most the unit that it gave back."""
    agree(world.conventions["city"], returns_effect="NO", returned_cap=2 * UNIT)
    routing = send(world, "city")
    LedgerLine.objects.filter(holder=world.holders["city"]).update(due=5_000_000)
    LedgerLine.objects.filter(holder=world.holders["landlord"]).update(due=-3_000_000)
    give_back(world, routing)
    assert lines()["Ville de Narbonne"] == (4_000_000, 0)


def test_cap_is_that_of_the_version_that_the_routing_applied(world: World) -> None:
    refuse_all(world, 9, cap=UNIT)
    assert lines()["Ville de Narbonne"] == (1_000_000, 0)
    refuse_all(world, 1, cap=None)
    assert lines()["Ville de Narbonne"] == (1_120_000, 0)


def test_return_that_counts_forfeits_nothing(world: World) -> None:
    agree(world.conventions["city"], returns_effect="YES")
    for _ in range(3):
        give_back(world, send(world, "city"))
    assert not FlowEntry.objects.filter(stage="FORFEITED").exists()
