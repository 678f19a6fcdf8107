"""Two people on one declaration: it is cancelled once, or it was routed first, and the books balance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.operations.calls import cancel_followed, reclassify_followed
from flux.models import FlowCount, FlowEntry, Ledger, Programme, Vacancy
from flux.operations.cancellation import CancellationRefused, cancel_vacancy, reclassify_vacancy
from flux.operations.routing import RoutingRefused, confirm_recommendations, route_waiting_vacancies
from reservations.models import HistoryEntry
from reservations.refusals import Refusal
from tests.concurrency.together import at_once
from tests.flux.api.software import Software
from tests.flux.books import check_books
from tests.flux.programmes import agreed, let, unit_of
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@kept
def vacancy(world: World) -> Vacancy:
    """The first of two, recommended and not confirmed."""
    first, _ = world.vacancy(), world.vacancy()
    route_waiting_vacancies(ledger_id=first.ledger_id)
    return first


def cancelling(world: World, vacancy: Vacancy, person: str = "aline"):
    return lambda: cancel_vacancy(
        vacancy=vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur de saisie.", by=world.people[person]
    )


def net(vacancy: Vacancy) -> set[int]:
    """What the entries of the vacancy come to, by holder and stage."""
    sums: dict[tuple[int, str], int] = {}
    for entry in FlowEntry.objects.filter(vacancy=vacancy).order_by("pk"):
        key = entry.holder_id, entry.stage
        sums[key] = sums.get(key, 0) + entry.quantity
    return set(sums.values())


def test_without_the_lock_two_clerks_take_back_twice(world: World, vacancy: Vacancy, without_row_locks: None) -> None:
    outcomes = at_once(cancelling(world, vacancy), cancelling(world, vacancy, "alice"))
    assert [type(outcome) for outcome in outcomes] == [Vacancy, Vacancy]
    assert HistoryEntry.objects.about(vacancy).count() == 2


def test_two_clerks_cancel_once_and_the_other_reads_that_it_is_done(world: World, vacancy: Vacancy) -> None:
    outcomes = at_once(cancelling(world, vacancy), cancelling(world, vacancy, "alice"))
    [error] = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    [cancelled] = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
    assert isinstance(error, CancellationRefused)
    assert isinstance(cancelled, Vacancy)
    assert str(error).startswith(f"{vacancy.unit} est déjà annulé, le ")
    assert str(error).endswith(". Rechargez la page.")
    assert net(vacancy) == {0}
    check_books(vacancy.ledger)


def test_confirming_and_cancelling_at_once(world: World, vacancy: Vacancy) -> None:
    """Cancelled first, the confirmation is refused with a sentence; confirmed first, it is taken back as well."""
    confirmed, cancelled = at_once(
        lambda: confirm_recommendations(vacancies=[vacancy.pk], by=world.people["alice"]), cancelling(world, vacancy)
    )
    assert isinstance(cancelled, Vacancy)
    if isinstance(confirmed, Exception):
        assert isinstance(confirmed, RoutingRefused)
        assert str(confirmed).startswith(f"{vacancy.unit} est déjà annulé, le ")
    assert not vacancy.routings.filter(closed_at=None).exists()
    check_books(vacancy.ledger)


def test_worker_and_cancellation_at_once_lose_no_count(world: World) -> None:
    waiting = world.vacancy()
    world.vacancy()
    at_once(lambda: route_waiting_vacancies(ledger_id=waiting.ledger_id), cancelling(world, waiting))
    route_waiting_vacancies(ledger_id=waiting.ledger_id)
    assert not Vacancy.objects.waiting().exists()
    check_books(waiting.ledger)


def test_two_reclassifications_declare_once(world: World, vacancy: Vacancy) -> None:
    def reclassifying(person: str):
        return lambda: reclassify_vacancy(
            vacancy=vacancy, kind=Vacancy.Kind.TECHNICAL, text="Travaux.", by=world.people[person]
        )

    outcomes = at_once(reclassifying("alice"), reclassifying("aline"))
    assert sorted(isinstance(outcome, Refusal) for outcome in outcomes) == [False, True]
    assert Vacancy.objects.filter(unit=vacancy.unit).count() == 1
    check_books(vacancy.ledger)


def test_reclassifications_that_cross_outside_the_accounts_never_wait_for_each_other(world: World) -> None:
    """One leaves the class that the other enters, and no ledger holds either back: the counts of both classes do."""
    units = [world.unit(), world.unit()]
    units[1].programme = Programme.objects.create(
        landlord=world.landlord, name="Une autre", commune=units[1].commune, number=90
    )
    units[1].save()
    excluded = world.vacancy(units[0], kind=Vacancy.Kind.EXCLUDED, exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER)
    technical = world.vacancy(units[1], kind=Vacancy.Kind.TECHNICAL)
    by = world.people["aline"]
    outcomes = at_once(
        lambda: reclassify_vacancy(vacancy=excluded, kind=Vacancy.Kind.TECHNICAL, text="Travaux.", by=by, now=MORNING),
        lambda: reclassify_vacancy(
            vacancy=technical,
            kind=Vacancy.Kind.EXCLUDED,
            exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER,
            text="Mutation.",
            by=by,
            now=MORNING,
        ),
        before='INTO "flux_vacancy"',
    )
    assert [type(outcome) for outcome in outcomes] == [Vacancy, Vacancy], outcomes
    counted = FlowCount.objects.filter(units__gt=0).values_list("kind", "units")
    assert sorted(counted) == [("EXCLUDED", 1), ("TECHNICAL", 1)]


def test_reclassification_and_declaration_never_wait_for_each_other(world: World) -> None:
    """One holds the programme and wants the ledger: the other takes them in the same order."""
    programme = agreed(world, ("city", 2, []), units=4)
    kept = world.vacancy(unit_of(world, programme), kind=Vacancy.Kind.TECHNICAL, now=MORNING)
    other = unit_of(world, programme)
    outcomes = at_once(
        lambda: reclassify_vacancy(
            vacancy=kept, kind=Vacancy.Kind.FIRST_LETTING, text="Loué.", by=world.people["alice"], now=MORNING
        ),
        lambda: let(world, programme, other),
    )
    assert [type(outcome) for outcome in outcomes] == [Vacancy, Vacancy]
    check_books(Ledger.objects.get(kind=Ledger.Kind.FIRST_LETTING))


def test_cancelling_with_its_candidates_waits_for_nobody_in_another_order(world: World) -> None:
    """The candidates are read under the locks of the flow: programme, ledgers, vacancy."""
    programme = agreed(world, ("city", 2, []), units=4)
    let(world, programme)
    last = let(world, programme)
    other = unit_of(world, programme)
    outcomes = at_once(
        lambda: cancel_followed(
            vacancy=last, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["aline"], now=MORNING
        ),
        lambda: let(world, programme, other),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, Refusal)]
    check_books(Ledger.objects.get(kind=Ledger.Kind.FIRST_LETTING))


def test_reclassifying_with_its_candidates_and_declaring_the_same_unit(world: World, vacancy: Vacancy) -> None:
    outcomes = at_once(
        lambda: reclassify_followed(
            vacancy=vacancy, kind=Vacancy.Kind.TECHNICAL, text="Travaux.", by=world.people["aline"], now=MORNING
        ),
        lambda: world.vacancy(vacancy.unit, now=MORNING + timedelta(days=30)),
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception) and not isinstance(outcome, Refusal)]
    check_books(vacancy.ledger)


def test_letting_and_cancelling_the_last_one_at_once(world: World) -> None:
    """Whoever is first, the dues of the programme are those of its counts."""
    programme = agreed(world, ("city", 2, []), units=4)
    let(world, programme)
    last = let(world, programme)
    new = unit_of(world, programme)
    at_once(cancelling(world, last), lambda: let(world, programme, new))
    while Vacancy.objects.filter(unit__programme=programme).count() < 4:
        let(world, programme)
    ledger = Ledger.objects.get(kind=Ledger.Kind.FIRST_LETTING)
    assert {line.due % 1_000_000 for line in ledger.lines.order_by("pk")} == {0}
    check_books(ledger)


def test_of_two_pieces_of_software_that_read_one_state_the_second_is_answered_that_it_changed(world: World) -> None:
    """Both named the state that they read: the one that comes second is answered that the unit is cancelled (409), and
    does not go on to the act, which would refuse it (422)."""
    vacancy = world.vacancy()
    asked = {"reason": "DECLARED_BY_MISTAKE", "text": "Erreur de saisie."}
    sent = []
    for _ in range(2):
        software = Software(world)
        state = software.get(f"/vacancies/{vacancy.pk}/")["ETag"]
        headers = {"Authorization": f"Bearer {software.secret}", "If-Match": state}
        sent.append(
            lambda headers=headers: Client().post(
                reverse("api-cancel", args=[vacancy.pk]), asked, "application/json", headers=headers
            )
        )
    assert sorted(each.status_code for each in at_once(*sent, before="flux_vacancy")) == [200, 409]
