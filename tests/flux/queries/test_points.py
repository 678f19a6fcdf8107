"""When a unit counts: at its routing, its proposal, its allocation or its lease, as the convention says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from attributions.households.operations.withdrawals import record_outside_answer
from flux.models import AccountMonth, CarriedOver, FlowEntry, LedgerLine, Return, Vacancy
from flux.operations.outcomes import record_lease, withdraw_outcome
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations
from flux.queries.accounts import AccountLine, account
from flux.queries.controls.accounts import audit
from flux.queries.controls.folds import drift
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.operations.convention_terms import TermsRefused, check_terms
from reservations.operations.terms import ConventionTerms
from tests.flux.operations.test_carry_over import YEAR_1, YEAR_2, elsewhere, live, settle, totals
from tests.flux.quotas import promise
from tests.guards import unguarded
from tests.world import World, convention

SignIn = Callable[[str], Client]
DECEMBER_31 = date(2026, 12, 31)


def routed_to(world: World, who: str, number: int) -> list[Vacancy]:
    """So many units routed to a holder, all of them its own."""
    found = []
    while len(found) < number:
        ledger = live(world, YEAR_1, 1)
        vacancy = ledger.vacancies.latest("pk")
        if vacancy.recommendations.get().holder != world.holders[who]:
            elsewhere(world, vacancy, who, YEAR_1)
        else:
            confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=YEAR_1)
        found.append(vacancy)
    return found


def line_of(world: World, vacancy: Vacancy, who: str, on: date = DECEMBER_31) -> AccountLine:
    return next(line for line in account(vacancy.ledger, on).lines if line.holder == world.holders[who])


def give_back(world: World, vacancy: Vacancy, reason: str, now: datetime = YEAR_1) -> Return:
    routing = vacancy.routings.get(closed_at=None)
    return return_vacancy(routing=routing, reason=reason, text="Convenu.", by=world.people["aline"], now=now)


def test_leases_are_what_due_is_compared_with_and_the_rest_is_in_course(world: World, sign_in: SignIn) -> None:
    """« Attributions effectives », suivies d’un bail signé (CCH, L441-1): three routed, one let, one given back."""
    settle(world, "als", "NONE", counting_point="LEASED", returns_effect="NO")
    one, two, _ = routed_to(world, "als", 3)
    record_lease(vacancy=one, on=date(2026, 11, 24), by=world.people["aline"], today=date(2026, 11, 24))
    before = line_of(world, one, "als")
    assert (before.figures.received, before.figures.in_course, before.figures.held) == (1, 2, 3)
    assert before.gap == before.figures.due - UNIT
    give_back(world, two, Return.Reason.DECLINED)
    after = line_of(world, one, "als")
    assert (after.figures.received, after.figures.in_course) == (1, 1), "it never reaches the point: it is due again"
    assert LedgerLine.objects.get(ledger=one.ledger, holder=world.holders["als"]).received == 2
    assert audit([one.ledger_id]).differences == ()
    page = sign_in("aline").get(reverse("statement", args=[one.ledger_id, world.holders["als"].pk])).content.decode()
    assert "La convention compte un logement au bail signé. 1 logement orienté est en cours : la règle le compte" in (
        " ".join(page.split())
    )
    listed = " ".join(sign_in("aline").get(reverse("account", args=[one.ledger_id])).content.decode().split())
    assert "1 reçu au bail signé, 1 en cours" in listed


def test_a_return_that_the_convention_counts_uses_the_turn_at_every_point(world: World) -> None:
    """« Compte si le réservataire en est la cause », signed beside « au bail signé » : both clauses are obeyed."""
    settle(world, "als", "NONE", counting_point="LEASED")
    (vacancy,) = routed_to(world, "als", 1)
    assert give_back(world, vacancy, Return.Reason.DECLINED).counted
    line = line_of(world, vacancy, "als")
    assert (line.figures.received, line.figures.leased, line.figures.in_course) == (1, 0, 0)


@pytest.mark.parametrize(("answered", "counted"), [(True, True), (False, False)])
def test_once_proposed_a_unit_is_received_whatever_its_candidates_answer(
    world: World, sign_in: SignIn, answered: bool, counted: bool
) -> None:
    settle(world, "als", "NONE", counting_point="PROPOSED", returns_effect="NO")
    page = sign_in("alice").get(reverse("convention-detail", args=[world.conventions["als"].pk])).content.decode()
    assert "quand ses candidats sont proposés" in " ".join(page.split())
    (vacancy,) = routed_to(world, "als", 1)
    if answered:
        record_outside_answer(vacancy=vacancy, on=date(2026, 11, 24), by=world.people["aline"], now=YEAR_1)
    assert line_of(world, vacancy, "als").figures.received == int(answered)
    given = give_back(world, vacancy, Return.Reason.DECLINED)
    line = line_of(world, vacancy, "als")
    assert (given.counted, line.figures.received, line.figures.in_course) == (counted, int(counted), 0)


def test_what_is_in_course_on_31_december_is_carried_once_it_fails(world: World) -> None:
    """Counted on leases, deficit carried whole: a unit of December that is never let is due in the next year."""
    settle(world, "als", "FULL", counting_point="LEASED", returns_effect="NO")
    (vacancy,) = routed_to(world, "als", 1)
    ledger = live(world, YEAR_2, 1)
    carried = totals(ledger)[world.holders["als"].pk]
    give_back(world, vacancy, Return.Reason.DECLINED, now=datetime(2027, 1, 12, 8, tzinfo=UTC))
    assert totals(ledger)[world.holders["als"].pk] == carried + UNIT
    assert CarriedOver.objects.filter(holder=world.holders["als"]).count() == 2


def test_two_units_in_course_on_31_december_are_settled_one_by_one(world: World) -> None:
    """Counted on leases, deficit carried whole. Two units are in course on 31 December: they are held for received, so
    that nothing of them is carried. One is let in February: nothing moves, and the account of 31 December still says
    that it was not let that day. The other is given back in March: it is due in the new year, whole."""
    settle(world, "als", "FULL", counting_point="LEASED", returns_effect="NO")
    one, two = routed_to(world, "als", 2)
    als, aline = world.holders["als"], world.people["aline"]
    ended = line_of(world, one, "als").figures
    assert (ended.received, ended.in_course, ended.gap) == (0, 2, ended.due)
    ledger = live(world, YEAR_2, 1)
    assert totals(ledger)[als.pk] == ended.left == ended.due - 2 * UNIT

    february, march = datetime(2027, 2, 9, 8, tzinfo=UTC), datetime(2027, 3, 9, 8, tzinfo=UTC)
    record_lease(vacancy=one, on=february.date(), by=aline, today=february.date())
    assert totals(ledger)[als.pk] == ended.left
    assert line_of(world, one, "als").figures == ended, "what had reached the point on that day"
    now = line_of(world, one, "als", february.date()).figures
    assert (now.received, now.in_course) == (1, 1)

    give_back(world, two, Return.Reason.DECLINED, now=march)
    assert totals(ledger)[als.pk] == ended.left + UNIT
    now = line_of(world, one, "als", march.date()).figures
    assert (now.received, now.in_course, now.gap) == (1, 0, totals(ledger)[als.pk])
    assert line_of(world, one, "als", february.date()).figures.in_course == 1
    assert drift() == {}
    assert audit([one.ledger_id]).differences == ()


def test_what_a_fold_says_received_is_reported_when_it_is_no_longer_what_the_entries_say(world: World) -> None:
    settle(world, "als", "NONE", counting_point="LEASED", returns_effect="NO")
    (vacancy,) = routed_to(world, "als", 1)
    record_lease(vacancy=vacancy, on=date(2026, 11, 24), by=world.people["aline"], today=date(2026, 11, 24))
    withdraw_outcome(vacancy=vacancy, why="Erreur.", by=world.people["aline"], today=date(2026, 11, 25))
    rows = FlowEntry.objects.filter(holder=world.holders["als"], vacancy=vacancy).order_by("pk")
    assert [(entry.stage, entry.reached) for entry in rows if entry.reached] == [("LEASED", 1), ("LEASED", -1)]
    assert drift() == {}
    AccountMonth.objects.filter(holder=world.holders["als"]).update(received=7)
    assert set(drift()) == {"flux_accountmonth"}
    with unguarded("flux_flowentry.append_only"):
        FlowEntry.objects.filter(pk=rows[0].pk).update(reached=1)
    assert set(drift()) == {"flux_accountmonth", "flux_flowentry"}


def test_a_later_point_beside_compte_toujours_is_refused_with_the_way_out() -> None:
    for point in ("PROPOSED", "ALLOCATED", "LEASED"):
        with pytest.raises(TermsRefused) as refused:
            check_terms(ConventionTerms(counting_point=point, returns_effect="YES"))
        label = Convention.CountingPoint(point).label
        assert str(refused.value).startswith(f"Un logement ne peut pas compter {label} et compter toujours")
        assert refused.value.field == "returns_effect"


def test_pages_that_keep_the_figures_of_the_rule_say_so_where_a_convention_counts_later(
    world: World, sign_in: SignIn
) -> None:
    """docs/decisions/0073: what-if, needs and « Pourquoi pas nous ? » count what is in course, and say it then."""
    (vacancy,) = routed_to(world, "als", 1)
    ledger, als = vacancy.ledger_id, world.holders["als"].pk
    at = {
        reverse("whatif", args=[ledger]): "(recommandés ou orientés), en cours compris.",
        reverse("needs", args=[ledger, als]): "ressemblent à ce qui se libère, en cours compris.",
        reverse("why-not-us", args=[ledger, als]): "La convention compte un logement au bail signé. 1 logement orienté",
    }

    def page_words(address: str) -> str:
        return " ".join(sign_in("aline").get(address).content.decode().split())

    assert [address for address, words in at.items() if words in page_words(address)] == []
    settle(world, "als", "NONE", counting_point="LEASED", returns_effect="NO")
    routed_to(world, "als", 1)
    assert [address for address, words in at.items() if words not in page_words(address)] == []


def test_a_unit_that_waits_counts_by_the_convention_that_bears_on_it(world: World) -> None:
    """Two conventions of one holder: at the lease in the Aude, at the routing in the Hérault, signed after. A unit of
    Narbonne that waits is not received yet, and is not once it is routed."""
    settle(world, "als", "NONE", counting_point="LEASED")
    convention(
        world.landlord,
        world.als,
        world.places["Hérault"],
        (world.holders["als"], "20", 9),
        starts_on=date(2026, 6, 1),
        counting_point="ROUTED",
    )
    promise(world, "als", share=520_000)
    vacancy = live(world, YEAR_1, 1).vacancies.get()
    assert vacancy.recommendations.get().holder == world.holders["als"]
    figures = line_of(world, vacancy, "als").figures
    assert (figures.awaiting, figures.received, figures.in_course) == (1, 0, 1)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=YEAR_1)
    assert line_of(world, vacancy, "als").figures.received == 0
    assert drift() == {}
