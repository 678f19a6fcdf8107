"""Cancelling and reclassifying: exactly what was accrued is taken back, and nothing else moves."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.models import Sum

from flux.models import CarriedOver, FlowEntry, Ledger, LedgerLine, Recommendation, Routing, Vacancy
from flux.operations.allotment import reopen_allotment
from flux.operations.cancellation import cancel_vacancy, reclassify_vacancy
from flux.operations.decision import RoutingRefused
from flux.operations.outcomes import OutcomeRefused, record_allocation, record_lease, withdraw_outcome
from flux.operations.routing import confirm_recommendations, route_elsewhere, route_waiting_vacancies
from flux.operations.stock import keep_in_stock
from flux.operations.vacancy import VacancyRefused
from flux.queries.accounts import account
from flux.queries.stock import with_state
from reservations.models import Convention, HistoryEntry, StockRight
from reservations.models.convention import UNIT
from reservations.refusals import Refusal
from tests.flux.books import check_books
from tests.flux.operations.test_returning import agree, give_back, send
from tests.flux.programmes import agreed, count_first_lettings, drafted, let, planned, unit_of
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World

Kind = Vacancy.Kind
Reason = Vacancy.Cancellation
Stage = FlowEntry.Stage
LATER = MORNING + timedelta(days=3)
TEXT = "Le locataire est resté."
THERE = "sur la page « Attribution et bail »."


def cancel(world: World, vacancy: Vacancy, **given: object) -> Vacancy:
    terms = {"reason": Reason.NOTICE_WITHDRAWN, "text": TEXT, "by": world.people["aline"], "now": LATER}
    return cancel_vacancy(vacancy=vacancy, **(terms | given))


def reclassify(world: World, vacancy: Vacancy, kind: str, **given: object) -> Vacancy:
    terms = {"text": TEXT, "by": world.people["aline"], "now": LATER}
    return reclassify_vacancy(vacancy=vacancy, kind=kind, **(terms | given))


def lines_in_force() -> dict[tuple[int, int], tuple[int, int, dict]]:
    """Every line that is not nothing, its profile without the categories that came back to nothing."""
    return {
        (line.ledger_id, line.holder_id): (
            line.due,
            line.received,
            {
                dimension: {name: figures for name, figures in categories.items() if any(figures)}
                for dimension, categories in line.profile.items()
            },
        )
        for line in LedgerLine.objects.order_by("pk")
        if line.due or line.received or any(any(f) for c in line.profile.values() for f in c.values())
    }


def written() -> tuple[object, ...]:
    return (
        list(Vacancy.declared.order_by("pk").values()),
        Routing.objects.count(),
        FlowEntry.objects.count(),
        HistoryEntry.objects.count(),
        list(LedgerLine.objects.order_by("pk").values()),
    )


def in_flow(world: World, *, commune: str = "Narbonne") -> Vacancy:
    vacancy = world.vacancy(commune=commune)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    return vacancy


# --- what is taken back ---


def test_waiting_vacancy_has_nothing_to_take_back_and_is_never_routed(world: World) -> None:
    vacancy = world.vacancy()
    cancelled = cancel(world, vacancy)
    assert (cancelled.cancellation, cancelled.cancellation_text) == ("NOTICE_WITHDRAWN", TEXT)
    assert (cancelled.cancelled_at, cancelled.cancelled_by) == (LATER, world.people["aline"])
    assert route_waiting_vacancies(ledger_id=vacancy.ledger_id) == 0
    assert not FlowEntry.objects.exists()
    assert not Vacancy.objects.exists()


@pytest.mark.parametrize("state", ["recommended", "confirmed", "sent elsewhere", "moved twice"])
def test_cancelled_unit_leaves_the_account_as_if_it_never_fell_vacant(state: str, world: World) -> None:
    in_flow(world)
    before = lines_in_force()
    vacancy = in_flow(world, commune="Coursan")
    if state == "confirmed":
        confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    elif state != "recommended":
        send(world, "epci", vacancy)
    if state == "moved twice":
        send_again(world, vacancy, "als")
    cancel(world, vacancy)
    assert lines_in_force() == before
    assert not vacancy.routings.filter(closed_at=None).exists()
    check_books(vacancy.ledger)
    assert account(vacancy.ledger, LATER.date()).entered == 1
    assert account(vacancy.ledger, MORNING.date()).entered == 2, "it was still counted then"


def send_again(world: World, vacancy: Vacancy, holder: str) -> None:
    route_elsewhere(
        vacancy=vacancy,
        holder=world.holders[holder],
        motive="OTHER",
        motive_text="Pour le test.",
        by=world.people["aline"],
        now=MORNING,
    )


@pytest.mark.parametrize("counted", [True, False])
def test_returns_of_a_cancelled_unit_vanish_with_it(counted: bool, world: World) -> None:
    """The turn used, the shares credited again, and the unit owed again, spread on the usual mix of its holder."""
    agree(world.conventions["city"], returns_effect="YES" if counted else "NO")
    in_flow(world)
    send(world, "city", world.vacancy(rooms=5))
    before = lines_in_force()
    vacancy = world.vacancy(rooms=2)
    give_back(world, send(world, "city", vacancy))
    cancel(world, vacancy)
    assert lines_in_force() == before
    entries = FlowEntry.objects.filter(vacancy=vacancy)
    assert entries.filter(spread__isnull=False).exists() is not counted
    sums = dict(entries.order_by().values_list("stage").annotate(Sum("quantity")))
    assert "RETURNED" in sums
    assert not any(sums.values())
    check_books(vacancy.ledger)


def test_unit_taken_out_for_works_is_cancelled_too(world: World) -> None:
    vacancy = world.vacancy()
    give_back(world, send(world, "city", vacancy), "WORKS")
    cancel(world, vacancy)
    assert lines_in_force() == {}
    check_books(vacancy.ledger)


def test_entry_with_a_partial_spread_is_reversed_where_it_went(world: World) -> None:
    """A due whose typology went elsewhere than to the unit's, as declared needs do; and what a return forfeited."""
    vacancy = in_flow(world)
    city, landlord = world.holders["city"], world.holders["landlord"]
    extra = [
        FlowEntry(
            ledger=vacancy.ledger,
            holder=holder,
            vacancy=vacancy,
            stage=Stage.FORFEITED,
            quantity=quantity,
            spread={"typology": {"T1": quantity // 2, "T4": quantity - quantity // 2}},
            on=MORNING.date(),
        )
        for holder, quantity in ((city, -70_001), (landlord, 70_001))
    ]
    FlowEntry.objects.bulk_create(extra)
    for entry in extra:
        line = LedgerLine.objects.get(ledger=vacancy.ledger, holder=entry.holder)
        line.due += entry.quantity
        for dimension, category in Vacancy.objects.get(pk=vacancy.pk).entered_as.items():
            if dimension != "typology":
                line.profile[dimension][category][0] += entry.quantity
        for category, part in entry.spread["typology"].items():
            line.profile["typology"].setdefault(category, [0, 0])[0] += part
        line.save()
    check_books(vacancy.ledger)
    cancel(world, vacancy)
    assert lines_in_force() == {}
    check_books(vacancy.ledger)


def test_turn_taken_stays_taken_and_later_decisions_stand(world: World) -> None:
    first = in_flow(world)
    second = in_flow(world)
    decided = Recommendation.objects.get(vacancy=second)
    line = LedgerLine.objects.get(holder=Recommendation.objects.get(vacancy=first).holder)
    cancel(world, first)
    line.refresh_from_db()
    assert line.last_served == 1
    assert Recommendation.objects.get(vacancy=second) == decided
    ledger = Ledger.objects.ordinary().get()
    assert ledger.sequence == 2
    third = in_flow(world)
    assert Recommendation.objects.get(vacancy=third).sequence == 3
    check_books(ledger)


def test_random_lives_with_cancellations_keep_the_books(world: World) -> None:
    """Whatever happened to a unit, cancelling it takes back what it accrued, and only that."""
    draw = random.Random(12)
    for key in ("city", "als", "epci"):
        agree(world.conventions[key], returns_effect=draw.choice(["YES", "NO"]), proposal_days=10, fallback=[])
    vacancies: list[Vacancy] = []
    for _ in range(14):
        vacancy = world.vacancy(commune=draw.choice(["Narbonne", "Coursan"]), rooms=draw.randint(1, 6))
        routing = send(
            world, draw.choice(["city", "als", "epci", "priority"][vacancy.unit.commune.code != "11262" :]), vacancy
        )
        if draw.random() < 0.5:
            give_back(world, routing)
        vacancies.append(vacancy)
    ledger = vacancies[0].ledger
    check_books(ledger)
    for vacancy in draw.sample(vacancies, 6):
        cancel(world, vacancy)
        check_books(ledger)


def test_entries_are_dated_now_and_the_history_says_who_and_why(world: World) -> None:
    vacancy = in_flow(world)
    count = vacancy.entries.count()
    cancel(world, vacancy)
    assert [entry.on for entry in vacancy.entries.order_by("pk")[count:]] == [LATER.date()] * count
    row = HistoryEntry.objects.about(vacancy).get()
    assert (row.act, row.by, row.why) == ("CANCELLED", world.people["aline"], TEXT)
    assert row.details == {"cancellation": ["", "NOTICE_WITHDRAWN"]}


# --- from one year to the next ---


def test_unit_of_december_cancelled_in_january_corrects_what_the_new_year_carries(world: World) -> None:
    for convention in world.conventions.values():
        agree(convention, carry_over=Convention.CarryOver.FULL)
    kept, gone = in_flow(world), in_flow(world)
    january = datetime(2027, 1, 11, 9, tzinfo=UTC)
    new = world.vacancy(now=january)
    route_waiting_vacancies(ledger_id=new.ledger_id, now=january)
    assert new.ledger != gone.ledger
    cancel(world, gone, now=january + timedelta(days=1))
    old = {line.holder_id: line.due - UNIT * line.received for line in LedgerLine.objects.filter(ledger=kept.ledger)}
    carried = dict(
        CarriedOver.objects.filter(ledger=new.ledger).order_by().values_list("holder").annotate(Sum("amount"))
    )
    assert {holder: amount for holder, amount in carried.items() if amount} == {
        holder: gap for holder, gap in old.items() if gap and holder != world.holders["landlord"].pk
    }
    check_books(kept.ledger)
    check_books(new.ledger)
    # and what the year itself had given back of the year before is owed again
    cancel(world, new, now=january + timedelta(days=2))
    assert (
        not FlowEntry.objects.filter(ledger=new.ledger)
        .order_by()
        .values("stage", "holder")
        .annotate(sum=Sum("quantity"))
        .exclude(sum=0)
    )
    check_books(new.ledger)


# --- outside the yearly account ---


@pytest.mark.parametrize("kind", [Kind.EXCLUDED, Kind.TECHNICAL, Kind.FIRST_LETTING])
def test_what_is_in_no_account_is_cancelled_too(kind: str, world: World) -> None:
    vacancy = world.vacancy(kind=kind, exclusion="UNFIT_HOUSING" if kind == Kind.EXCLUDED else "")
    cancel(world, vacancy)
    assert not FlowEntry.objects.exists()
    assert Vacancy.declared.get().is_cancelled


def test_right_in_stock_that_was_used_once_is_free_again(world: World) -> None:
    unit = world.unit()
    kept = keep_in_stock(
        unit=unit,
        holder=world.holders["city"],
        ground=StockRight.Ground.LAND,
        use=StockRight.Use.SINGLE,
        starts_on=date(2020, 1, 1),
        by=world.people["alice"],
    )

    def taken() -> int:
        return with_state(StockRight.objects.filter(pk=kept.right_id), on=LATER.date()).get().taken

    vacancy = world.vacancy(unit)
    assert (vacancy.kind, taken()) == (Kind.STOCK, 1)
    cancel(world, vacancy)
    assert taken() == 0
    assert not vacancy.routings.filter(closed_at=None).exists()
    again = world.vacancy(unit, now=LATER)
    assert again.stock_right == kept.right


# --- first lettings ---


def test_last_first_letting_comes_off_both_accounts(world: World) -> None:
    count_first_lettings(world.conventions["city"])
    programme = agreed(world, ("city", 2, []), ("als", 1, []), units=4)
    let(world, programme)
    before = lines_in_force()
    last = let(world, programme)
    cancel(world, last)
    assert lines_in_force() == before
    assert Vacancy.declared.get(pk=last.pk).allotment is None
    check_books(*Ledger.objects.order_by("pk"))
    assert {let(world, programme, now=LATER).routings.get().holder for _ in range(3)} <= {*world.holders.values()}
    first = Ledger.objects.get(kind=Ledger.Kind.FIRST_LETTING)
    assert {line.due - UNIT * line.received for line in first.lines.order_by("pk")} == {0}
    check_books(first)


def test_programme_whose_only_letting_is_cancelled_may_be_shared_anew(world: World) -> None:
    programme = agreed(world, ("city", 1, []), units=2)
    cancel(world, let(world, programme))
    reopen_allotment(programme=programme, why="À revoir.", by=world.people["alice"])
    assert [share.units for share in drafted(world, programme, ("als", 2, []))] == [2]


def test_first_letting_that_is_not_the_last_is_refused(world: World) -> None:
    programme = agreed(world, ("city", 2, []), units=4)
    first, last = let(world, programme), let(world, programme)
    with pytest.raises(Refusal, match=f"annulez d’abord la dernière première location, celle de {last.unit}"):
        cancel(world, first)
    cancel(world, last)
    cancel(world, first)


def test_first_letting_of_a_unit_let_again_since_is_refused(world: World) -> None:
    programme = agreed(world, ("city", 2, []), units=4)
    first = let(world, programme)
    closed = Vacancy.objects.filter(pk=first.pk)
    closed.update(closed_on=MORNING.date())  # as an upgrade closes what was declared again before its lease
    world.vacancy(first.unit, now=MORNING + timedelta(days=40))
    with pytest.raises(Refusal, match="s’est libéré de nouveau depuis, enregistré le 03/01/2027 : annulez d’abord"):
        cancel(world, first, now=MORNING + timedelta(days=41))


# --- refusals ---


def refused(world: World, act: Callable[[], object], sentence: str, kind: type[Refusal] = Refusal) -> None:
    before = written()
    with pytest.raises(kind) as raised:
        act()
    assert str(raised.value) == sentence
    assert written() == before


def test_cancelling_twice_says_when_it_was_done(world: World) -> None:
    vacancy = in_flow(world)
    cancel(world, vacancy, by=world.people["alice"])
    sentence = f"{vacancy.unit} est déjà annulé, le 27/11/2026. Rechargez la page."
    refused(world, lambda: cancel(world, vacancy), sentence)
    refused(world, lambda: reclassify(world, vacancy, Kind.TECHNICAL), sentence)
    follow = {"vacancies": [vacancy.pk], "by": world.people["aline"]}
    refused(world, lambda: confirm_recommendations(**follow), sentence, RoutingRefused)
    refused(world, lambda: send_again(world, vacancy, "epci"), sentence, RoutingRefused)
    done = {"vacancy": vacancy, "on": MORNING.date(), "by": world.people["aline"], "today": MORNING.date()}
    refused(world, lambda: record_allocation(**done), sentence, OutcomeRefused)


@pytest.mark.parametrize("act", [record_allocation, record_lease])
def test_what_is_allocated_or_let_is_undone_first(act: Callable[..., Routing], world: World) -> None:
    vacancy = in_flow(world)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    day = {"by": world.people["aline"], "today": MORNING.date()}
    act(vacancy=vacancy, on=MORNING.date(), **day)
    if act is record_lease:
        sentence = f"Le bail de {vacancy.unit} est signé : annulez d’abord le bail, puis l’attribution, {THERE}"
        refused(world, lambda: cancel(world, vacancy), sentence)
        withdraw_outcome(vacancy=vacancy, why="Erreur.", **day)
    sentence = f"{vacancy.unit} est attribué à un ménage : annulez d’abord l’attribution, {THERE}"
    refused(world, lambda: cancel(world, vacancy), sentence)
    withdraw_outcome(vacancy=vacancy, why="Erreur.", **day)
    cancel(world, vacancy)
    assert lines_in_force() == {}
    check_books(vacancy.ledger)


@pytest.mark.parametrize("reason", ["", "OTHER", Reason.RECLASSIFIED])
def test_reason_is_one_of_the_list(reason: str, world: World) -> None:
    vacancy = in_flow(world)
    sentence = "Dites pourquoi vous annulez, en choisissant un motif ; pour un autre classement, reclassez le logement."
    refused(world, lambda: cancel(world, vacancy, reason=reason), sentence)


def test_sentence_is_asked(world: World) -> None:
    vacancy = in_flow(world)
    sentence = "Dites pourquoi, en une phrase : les réservataires la liront."
    refused(world, lambda: cancel(world, vacancy, text="  "), sentence)
    refused(world, lambda: reclassify(world, vacancy, Kind.TECHNICAL, text=""), sentence)


# --- reclassified ---


def test_reclassified_out_of_the_flow(world: World) -> None:
    vacancy = in_flow(world)
    again = reclassify(world, vacancy, Kind.EXCLUDED, exclusion="UNFIT_HOUSING")
    before = Vacancy.declared.get(pk=vacancy.pk)
    assert (before.cancellation, before.replaced_by) == ("RECLASSIFIED", again)
    assert (again.kind, again.exclusion, again.ledger, again.replaces) == ("EXCLUDED", "UNFIT_HOUSING", None, before)
    assert (again.notice_on, again.available_on) == (before.notice_on, before.available_on)
    assert (again.registered_at, again.registered_on) == (LATER, LATER.date())
    assert lines_in_force() == {}
    assert list(Vacancy.objects.all()) == [again]
    check_books(vacancy.ledger)


def test_dates_accepted_once_are_not_asked_again_when_it_is_reclassified(world: World) -> None:
    """Four years later, in another exercise: nobody mistyped them today."""
    vacancy = world.vacancy(kind=Kind.EXCLUDED, exclusion="UNFIT_HOUSING")
    years_later = MORNING.replace(year=MORNING.year + 4)
    again = reclassify_vacancy(
        vacancy=vacancy, kind=Kind.IN_FLOW, text="Erreur.", by=world.people["aline"], now=years_later
    )
    assert (again.notice_on, again.replaces.pk, again.ledger.exercise) == (vacancy.notice_on, vacancy.pk, 2030)


def test_reclassified_into_the_flow_takes_its_place_today(
    world: World, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    vacancy = world.vacancy(kind=Kind.EXCLUDED, exclusion="UNFIT_HOUSING")
    other = in_flow(world)
    connection.run_on_commit.clear()  # as after a commit: a wake-up call is sent once for each transaction
    with django_capture_on_commit_callbacks() as woken:
        again = reclassify(world, vacancy, Kind.IN_FLOW)
    assert len(woken) == 1
    assert list(Vacancy.objects.waiting()) == [again]
    route_waiting_vacancies(ledger_id=again.ledger_id)
    assert again.recommendations.get().sequence == 2
    assert other.ledger == again.ledger
    check_books(again.ledger)


def test_another_motive_of_subtraction_is_another_classification(world: World) -> None:
    vacancy = world.vacancy(kind=Kind.EXCLUDED, exclusion="UNFIT_HOUSING")
    sentence = f"{vacancy.unit} est déjà déclaré ainsi : choisissez un autre classement, ou annulez la déclaration."
    refused(world, lambda: reclassify(world, vacancy, Kind.EXCLUDED, exclusion="UNFIT_HOUSING"), sentence)
    assert reclassify(world, vacancy, Kind.EXCLUDED, exclusion="URBAN_RENEWAL").exclusion == "URBAN_RENEWAL"


def test_same_kind_is_refused(world: World) -> None:
    vacancy = in_flow(world)
    sentence = f"{vacancy.unit} est déjà déclaré ainsi : choisissez un autre classement, ou annulez la déclaration."
    refused(world, lambda: reclassify(world, vacancy, Kind.IN_FLOW), sentence)


def test_what_a_declaration_refuses_leaves_everything_as_it_was(world: World) -> None:
    vacancy = in_flow(world)
    stock = "Ce logement ne porte aucun droit en stock : enregistrez-le d’abord sur sa fiche."
    refused(world, lambda: reclassify(world, vacancy, Kind.STOCK), stock, VacancyRefused)
    motive = "Choisissez l’un des motifs de la loi pour soustraire ce logement du flux (CCH, R441-5)."
    refused(world, lambda: reclassify(world, vacancy, Kind.EXCLUDED), motive, VacancyRefused)
    programme = agreed(world, ("city", 2, []), units=4)
    first = let(world, programme)
    with pytest.raises(VacancyRefused, match="se déclare d’abord en première mise en location"):
        reclassify(world, first, Kind.IN_FLOW)
    assert not Vacancy.declared.exclude(cancelled_at=None).exists()
    check_books(vacancy.ledger)


def test_reclassified_as_first_letting_goes_where_the_allotment_says(world: World) -> None:
    programme = agreed(world, ("city", 2, []), units=2)
    vacancy = world.vacancy(unit_of(world, programme), kind=Kind.TECHNICAL)
    again = reclassify(world, vacancy, Kind.FIRST_LETTING)
    assert again.routings.get().holder == world.holders["city"]
    check_books(again.ledger)


def test_first_letting_only_recorded_is_reclassified(world: World) -> None:
    programme = planned(world, units=2)
    vacancy = let(world, programme)
    assert reclassify(world, vacancy, Kind.TECHNICAL).kind == Kind.TECHNICAL


def test_unit_that_bears_a_right_in_stock_is_not_reclassified(world: World) -> None:
    unit = world.unit()
    keep_in_stock(
        unit=unit,
        holder=world.holders["city"],
        ground=StockRight.Ground.LAND,
        starts_on=date(2020, 1, 1),
        by=world.people["alice"],
    )
    vacancy = world.vacancy(unit)
    sentence = (
        f"{unit} porte un droit en stock de la Ville de Narbonne : il va à lui, quel que soit le classement. Terminez "
        "d’abord ce rattachement, sur la page du droit."
    )
    refused(world, lambda: reclassify(world, vacancy, Kind.IN_FLOW), sentence)


def test_dates_of_a_cancelled_declaration_are_free_again(world: World) -> None:
    unit = world.unit()
    cancel(world, world.vacancy(unit))
    assert world.vacancy(unit, now=LATER).unit == unit


def test_reclassifying_opens_no_account_that_it_does_not_enter(world: World) -> None:
    """A ledger of first lettings that nothing enters would be printed, and sealed, empty."""
    first = let(world, agreed(world, ("city", 2, []), units=2))
    Vacancy.objects.filter(pk=first.pk).update(closed_on=MORNING.date())
    later = MORNING + timedelta(days=40)  # in 2027
    reclassify(world, world.vacancy(first.unit, now=later), Kind.TECHNICAL, now=later)
    opened = Ledger.objects.filter(kind=Ledger.Kind.FIRST_LETTING)
    assert list(opened.values_list("exercise", flat=True)) == [2026]
