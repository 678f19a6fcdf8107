"""A unit's life is one story: works take it out, it is let again under its notice, and it falls vacant once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from flux.models import FlowEntry, Ledger, LedgerLine, OutsideFlow, Resumption, Routing, Unit, Vacancy
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.outcomes import resume_vacancy, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations, route_elsewhere, sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock, set_routing_policy
from flux.operations.vacancy import declare_vacancy
from flux.operations.vacancy_dates import VacancyOpen
from flux.queries.accounts import account, entered_by
from flux.queries.sheet import sheet, with_carried
from flux.queries.vacancies import with_destinations
from reservations.models.convention import UNIT
from reservations.refusals import Refusal
from tests.flux.books import check_books, count_as_before
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.programmes import agreed, unit_of
from tests.leases import let
from tests.world import MORNING, World

TODAY, LATER, NEXT_YEAR = MORNING.date(), MORNING + timedelta(days=20), MORNING + timedelta(days=60)


def resume(world: World, vacancy: Vacancy, **given: object) -> Vacancy:
    return resume_vacancy(**{"vacancy": vacancy, "by": world.people["aline"], "now": LATER} | given)


def out(world: World, holder: str = "city") -> Vacancy:
    """A unit of the flow that works took out."""
    routing = send(world, holder)
    give_back(world, routing, "WORKS")
    return routing.vacancy


def figures(ledger: Ledger) -> tuple[int, int]:
    lines = LedgerLine.objects.filter(ledger=ledger)
    return sum(line.due for line in lines), sum(line.received for line in lines)


def test_after_works_the_same_vacancy_enters_its_account_once(world: World) -> None:
    """« un logement n’est compté qu’une fois dans l’année » : Σ dû = logements entrés, avant, pendant et après."""
    vacancy = out(world)
    assert (figures(vacancy.ledger), entered_by(vacancy.ledger, TODAY)) == ((0, 0), 0)
    assert resume(world, vacancy) == vacancy
    made = vacancy.recommendations.latest("attempt")
    assert (made.attempt, made.ledger, Vacancy.objects.get()) == (2, vacancy.ledger, vacancy)
    assert (figures(vacancy.ledger), entered_by(vacancy.ledger, LATER.date())) == ((UNIT, 1), 1)
    assert list(Vacancy.objects.to_confirm()) == [vacancy]
    check_books(vacancy.ledger)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=LATER)
    check_books(vacancy.ledger)
    resumed = Resumption.objects.get()
    assert (resumed.given_back.routing.vacancy, resumed.resumed_by) == (vacancy, world.people["aline"])


def test_whoever_had_it_before_the_works_may_have_it_again(world: World) -> None:
    vacancy = out(world, "als")
    resume(world, vacancy)
    again = send(world, "als", vacancy, now=LATER)
    assert (again.holder, again.one_turn) == (world.holders["als"], False)
    assert account(vacancy.ledger, LATER.date()).entered == 1
    check_books(vacancy.ledger)


def test_a_turn_used_before_the_works_is_given_back_with_the_rest(world: World) -> None:
    """Counted, handed on for one turn, then works: nothing of it stands once it is let again."""
    agree(world.conventions["city"], returns_effect="YES", fallback=[])
    routing = send(world, "city")
    give_back(world, routing)
    handed = send(world, "als", routing.vacancy)
    give_back(world, handed, "WORKS")
    resume(world, routing.vacancy)
    send(world, "als", routing.vacancy, now=LATER)
    assert figures(routing.vacancy.ledger) == (UNIT, 1)
    check_books(routing.vacancy.ledger)


def test_a_unit_that_works_changed_enters_as_what_it_is(world: World) -> None:
    vacancy = out(world)
    Unit.objects.filter(pk=vacancy.unit_id).update(rooms=5)
    resume(world, Vacancy.objects.get(pk=vacancy.pk))
    vacancy.refresh_from_db()
    assert vacancy.entered_as["typology"] == "T5"
    check_books(vacancy.ledger)


def test_in_an_account_of_before_nothing_is_credited_again(world: World) -> None:
    count_as_before_after = send(world, "city")
    count_as_before()
    give_back(world, Routing.objects.get(pk=count_as_before_after.pk), "WORKS")
    vacancy = count_as_before_after.vacancy
    due, _ = figures(vacancy.ledger)
    resume(world, vacancy)
    assert figures(vacancy.ledger) == (due, 1)
    check_books(vacancy.ledger)


def test_it_is_routed_at_once_where_the_landlord_routes_so(world: World) -> None:
    vacancy = out(world)
    set_routing_policy(
        landlord=world.landlord, mode="AUTOMATIC", starts_on=TODAY, by=world.people["alice"], today=TODAY
    )
    resume(world, vacancy)
    assert vacancy.routings.filter(closed_at=None).count() == 1
    check_books(vacancy.ledger)


def test_in_january_it_is_still_of_its_year(world: World) -> None:
    """A unit belongs to the exercise of the day it was registered: it is let again in that one, and in no other."""
    vacancy = out(world)
    resume(world, vacancy, now=NEXT_YEAR)
    assert vacancy.recommendations.latest("attempt").ledger.exercise == 2026
    assert figures(vacancy.ledger) == (UNIT, 1)
    assert not Ledger.objects.filter(exercise=2027).exists()


def test_only_what_is_out_is_let_again(world: World) -> None:
    vacancy = world.vacancy()
    with pytest.raises(RoutingRefused, match="n’est pas sorti de la location"):
        resume(world, vacancy)
    routed = out(world)
    resume(world, routed)
    with pytest.raises(RoutingRefused, match="n’est pas sorti de la location"):
        resume(world, routed)


def test_a_unit_that_bears_a_title_since_is_reclassified(world: World) -> None:
    vacancy = out(world)
    holder = world.holders["agents"]
    keep_in_stock(unit=vacancy.unit, holder=holder, ground="DEFENCE", starts_on=TODAY, by=world.people["alice"])
    with pytest.raises(RoutingRefused, match="n’est plus du flux"):
        resume(world, vacancy)


# --- technical vacancies ---


def test_technical_vacancy_is_let_again_with_its_own_notice(world: World) -> None:
    """It never had a place in the order: it takes one the day it can be let, counted once in its year."""
    technical = world.vacancy(kind="TECHNICAL")
    again = resume(world, technical)
    assert (again.kind, again.replaces, again.notice_on) == ("IN_FLOW", technical, technical.notice_on)
    assert (again.ledger.exercise, again.registered_on) == (2026, LATER.date())
    assert Vacancy.objects.get() == again
    sweep_waiting_vacancies(now=LATER)
    assert figures(again.ledger) == (UNIT, 1)
    with pytest.raises(RoutingRefused, match="est déjà annulé"):
        resume(world, Vacancy.declared.get(pk=technical.pk))


def test_the_year_after_the_technical_vacancy_stays_counted_in_its_own(world: World) -> None:
    technical = world.vacancy(kind="TECHNICAL")
    again = resume(world, technical, now=NEXT_YEAR)
    technical.refresh_from_db()
    assert (technical.cancelled_at, technical.closed_on) == (None, NEXT_YEAR.date())
    assert (again.ledger.exercise, again.notice_on) == (2027, technical.notice_on)
    assert set(Vacancy.objects.all()) == {technical, again}
    with pytest.raises(RoutingRefused, match="est déjà remis en location"):
        resume(world, technical, now=NEXT_YEAR)


@pytest.mark.parametrize("path", ["works", "technical"])
def test_figures_do_not_depend_on_the_button(world: World, path: str) -> None:
    """« Travaux découverts » or « vacance technique »: the same fact, the same account."""
    if path == "works":
        vacancy = out(world)
    else:
        routing = send(world, "city")
        text = "Des travaux."
        vacancy = reclassify_vacancy(
            vacancy=routing.vacancy, kind="TECHNICAL", text=text, by=world.people["aline"], now=MORNING
        )
    ledger = Ledger.objects.get(kind=Ledger.Kind.ORDINARY)
    assert (figures(ledger), entered_by(ledger, TODAY)) == ((0, 0), 0)
    again = resume(world, vacancy)
    sweep_waiting_vacancies(now=LATER)
    assert (figures(again.ledger), entered_by(again.ledger, LATER.date())) == ((UNIT, 1), 1)


def test_technical_vacancy_comes_back_as_its_unit_is_then(world: World) -> None:
    """A title, outside what shares bear on, a first letting of an agreed programme: each has its class."""
    titled, outside = world.vacancy(kind="TECHNICAL"), world.vacancy(kind="TECHNICAL")
    holder = world.holders["agents"]
    keep_in_stock(unit=titled.unit, holder=holder, ground="DEFENCE", starts_on=TODAY, by=world.people["alice"])
    OutsideFlow.objects.create(
        unit=outside.unit,
        reason=OutsideFlow.Reason.values[0],
        starts_on=TODAY,
        source="La convention.",
        recorded_by=world.people["alice"],
    )
    programme = agreed(world, ("city", 1, []), units=2)
    new = world.vacancy(unit_of(world, programme), kind="TECHNICAL")
    assert [resume(world, each).kind for each in (titled, outside, new)] == ["STOCK", "OUTSIDE", "FIRST_LETTING"]


# --- once ---


@pytest.mark.parametrize("kind", ["IN_FLOW", "TECHNICAL"])
def test_a_unit_falls_vacant_once(world: World, kind: str) -> None:
    """Declared, and not let: a notice of later is refused, and leads to the one that is open."""
    open_now = world.vacancy(kind=kind)
    for days in (40, 120, 500):
        with pytest.raises(VacancyOpen) as refused:
            world.vacancy(open_now.unit, now=MORNING + timedelta(days=days))
        assert refused.value.vacancy == open_now
    assert Vacancy.objects.get() == open_now


def test_what_works_took_out_is_not_declared_again(world: World) -> None:
    vacancy = out(world)
    with pytest.raises(VacancyOpen):
        world.vacancy(vacancy.unit, now=NEXT_YEAR)


def test_once_let_or_cancelled_it_falls_vacant_again(world: World) -> None:
    first = let(world, world.vacancy())
    second = world.vacancy(first.unit, now=NEXT_YEAR)
    cancel_vacancy(vacancy=second, reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["aline"], now=NEXT_YEAR)
    assert world.vacancy(first.unit, now=NEXT_YEAR).unit == first.unit


def test_the_database_holds_it_behind_the_act(world: World) -> None:
    """Two clerks at once: the index refuses what the act did not see."""
    open_now = world.vacancy()
    later = NEXT_YEAR.date()
    with pytest.raises(IntegrityError, match="vacancy_open_once"), transaction.atomic():
        Vacancy.objects.create(
            unit=open_now.unit,
            kind="IN_FLOW",
            ledger=open_now.ledger,
            notice_on=later,
            available_on=later,
            registered_at=NEXT_YEAR,
            registered_on=later,
            registered_by=world.people["aline"],
        )


def test_the_lease_of_a_unit_that_fell_vacant_again_is_not_undone(world: World) -> None:
    first = let(world, world.vacancy())
    world.vacancy(first.unit, now=NEXT_YEAR)
    entries = FlowEntry.objects.count()
    with pytest.raises(Refusal, match=r"s’est libéré de nouveau depuis, enregistré le .* : ce bail a donc couru"):
        withdraw_outcome(
            vacancy=first, why="Une erreur.", by=world.people["aline"], today=timezone.localdate(NEXT_YEAR)
        )
    assert FlowEntry.objects.count() == entries


# --- beside the flow ---


def in_stock(world: World, holder: str = "als") -> Vacancy:
    unit = world.unit()
    keep_in_stock(unit=unit, holder=world.holders[holder], ground="FUNDING", starts_on=TODAY, by=world.people["alice"])
    return world.vacancy(unit)


def hand_on(world: World, vacancy: Vacancy, reason: str = "DECLINED", **given: object) -> object:
    routing = vacancy.routings.get(closed_at=None)
    text = "Personne." if reason == "DECLINED" else ""
    return return_vacancy(
        **{"routing": routing, "reason": reason, "text": text, "by": world.people["aline"], "now": LATER} | given
    )


def test_a_unit_in_stock_is_handed_on_for_one_turn(world: World) -> None:
    """The title serves this time: the unit goes on beside the yearly accounts, and debits nobody there."""
    vacancy = in_stock(world)
    given = hand_on(world, vacancy)
    assert (given.counted, given.offered) == (True, True)
    made = vacancy.recommendations.get()
    assert (made.ledger.kind, made.ledger.exercise) == (Ledger.Kind.ONE_TURN, 2026)
    assert made.holder != world.holders["als"]
    assert list(Vacancy.objects.to_confirm()) == [vacancy]
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=LATER)
    assert (routing.one_turn, routing.holder) == (True, made.holder)
    assert not Ledger.objects.ordinary().exists()
    assert figures(made.ledger) == (UNIT, 1)
    check_books(made.ledger)
    let(world, vacancy, now=LATER)
    assert vacancy.leases.get().holder == made.holder
    assert world.vacancy(vacancy.unit, now=NEXT_YEAR).routings.get().holder == world.holders["als"]


def test_a_unit_in_stock_handed_on_goes_elsewhere_and_back_again(world: World) -> None:
    vacancy = in_stock(world)
    hand_on(world, vacancy)
    made = vacancy.recommendations.get()
    other = next(
        int(row["id"]) for row in made.ranking if int(row["id"]) not in (made.holder_id, world.holders["als"].pk)
    )
    route_elsewhere(
        vacancy=vacancy,
        holder=next(each for each in world.holders.values() if each.pk == other),
        motive="HOLDER_REQUEST",
        motive_text="À sa demande.",
        by=world.people["aline"],
        now=LATER,
    )
    check_books(made.ledger)
    given = hand_on(world, vacancy)
    assert given.counted is False
    check_books(made.ledger)
    cancel_vacancy(vacancy=vacancy, reason="NOTICE_WITHDRAWN", text="Il reste.", by=world.people["aline"], now=LATER)
    check_books(made.ledger)
    assert figures(made.ledger) == (0, 0)


def test_the_landlord_hands_on_once_the_customary_delay_is_over(world: World) -> None:
    vacancy = in_stock(world)
    with pytest.raises(RoutingRefused, match="peut proposer jusqu’au"):
        hand_on(world, vacancy, "NO_CANDIDATE", now=MORNING + timedelta(days=3))
    with pytest.raises(RoutingRefused, match="est hors du flux"):
        hand_on(world, vacancy, "WITHDRAWN", text="Pour nous.")
    assert hand_on(world, vacancy, "NO_CANDIDATE", now=NEXT_YEAR).counted is True


def test_a_first_letting_is_handed_on_and_stays_received_by_whose_it_was(world: World) -> None:
    """Its allotment has served: the account of first lettings keeps it, the lease is of whom it was let through."""
    programme = agreed(world, ("city", 2, []), units=2)
    vacancy = world.vacancy(unit_of(world, programme), kind="FIRST_LETTING")
    before = figures(vacancy.ledger)
    hand_on(world, vacancy)
    assert figures(vacancy.ledger) == before
    check_books(vacancy.ledger)
    [routing] = confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=LATER)
    assert routing.one_turn
    let(world, vacancy, now=LATER)
    leased = FlowEntry.objects.filter(vacancy=vacancy, stage="LEASED").values_list("holder", flat=True)
    assert list(leased) == [routing.holder_id]
    check_books(vacancy.ledger)


def test_works_on_what_was_handed_on_leave_its_own_right_served(world: World) -> None:
    """What works take back is of the account of units handed on; the account of first lettings does not move."""
    programme = agreed(world, ("city", 2, []), units=2)
    vacancy = world.vacancy(unit_of(world, programme), kind="FIRST_LETTING")
    before = figures(vacancy.ledger)
    hand_on(world, vacancy)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=LATER)
    hand_on(world, vacancy, "WORKS", text="La chaudière.")
    beside = vacancy.recommendations.get().ledger
    assert (figures(vacancy.ledger), figures(beside)) == (before, (0, 0))
    check_books(vacancy.ledger)
    resume(world, vacancy, now=NEXT_YEAR)
    assert (figures(vacancy.ledger), figures(beside)) == (before, (UNIT, 1))
    check_books(vacancy.ledger)


def test_its_sheet_says_where_it_stands(world: World) -> None:
    vacancy = in_stock(world)
    member = world.people["aline"].memberships.get()

    def state() -> str:
        seen = with_carried(with_destinations(Vacancy.objects.with_file_access(member))).get(pk=vacancy.pk)
        return sheet(seen, today=TODAY).state

    assert state() == "STOCK"
    hand_on(world, vacancy)
    assert state() == "RECOMMENDED"
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=LATER)
    assert state() == "ROUTED"


def test_declared_through_the_act_with_other_dates_is_refused_too(world: World) -> None:
    """Not the screen’s date alone: a file, a software and a person are refused alike."""
    open_now = world.vacancy()
    with pytest.raises(VacancyOpen, match="un logement ne se libère qu’une fois"):
        declare_vacancy(
            unit=open_now.unit,
            kind="EXCLUDED",
            exclusion="URBAN_RENEWAL",
            notice_on=NEXT_YEAR.date(),
            available_on=NEXT_YEAR.date(),
            by=world.people["aline"],
            now=NEXT_YEAR,
        )
