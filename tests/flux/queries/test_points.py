"""When a unit counts: at its routing, its proposal, its allocation or its lease, as the convention says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import CarriedOver, LedgerLine, Return, Routing, Vacancy
from flux.operations.outcome import record_lease
from flux.operations.returning import return_vacancy
from flux.operations.routing import confirm_recommendations
from flux.queries.account import AccountLine, account
from flux.queries.audit import audit
from reservations.models import Convention
from reservations.models.convention import UNIT
from reservations.operations.convention_terms import ConventionTerms, TermsRefused, check_terms
from tests.flux.operations.test_carry_over import YEAR_1, YEAR_2, elsewhere, live, settle, totals
from tests.world import World

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
    assert (before.counted, before.in_course, before.figures.received) == (1, 2, 3)
    assert before.owed == before.figures.due - UNIT
    give_back(world, two, Return.Reason.DECLINED)
    after = line_of(world, one, "als")
    assert (after.counted, after.in_course) == (1, 1), "it never reaches the point: it is due again"
    assert LedgerLine.objects.get(ledger=one.ledger, holder=world.holders["als"]).received == 2
    assert audit([one.ledger_id]).differences == ()
    page = sign_in("aline").get(reverse("statement", args=[one.ledger_id, world.holders["als"].pk])).content.decode()
    assert "La convention compte un logement au bail signé : 1 compte, et " in " ".join(page.split())
    assert "1 logement reçu est en cours : la règle le compte en attendant" in " ".join(page.split())
    listed = " ".join(sign_in("aline").get(reverse("account", args=[one.ledger_id])).content.decode().split())
    assert "1 compté au bail signé, 1 en cours" in listed


def test_a_return_that_the_convention_counts_uses_the_turn_at_every_point(world: World) -> None:
    """« Compte si le réservataire en est la cause », signed beside « au bail signé » : both clauses are obeyed."""
    settle(world, "als", "NONE", counting_point="LEASED")
    (vacancy,) = routed_to(world, "als", 1)
    assert give_back(world, vacancy, Return.Reason.DECLINED).counted
    line = line_of(world, vacancy, "als")
    assert (line.counted, line.figures.leased, line.in_course) == (1, 0, 0)


@pytest.mark.parametrize(("answered", "counted"), [(True, True), (False, False)])
def test_once_proposed_a_unit_is_received_whatever_its_candidates_answer(
    world: World, sign_in: SignIn, answered: bool, counted: bool
) -> None:
    settle(world, "als", "NONE", counting_point="PROPOSED", returns_effect="NO")
    page = sign_in("alice").get(reverse("convention-detail", args=[world.conventions["als"].pk])).content.decode()
    assert "quand ses candidats sont proposés" in " ".join(page.split())
    (vacancy,) = routed_to(world, "als", 1)
    if answered:
        Routing.objects.filter(vacancy=vacancy, closed_at=None).update(answered_on=date(2026, 11, 24))
    assert line_of(world, vacancy, "als").counted == int(answered)
    given = give_back(world, vacancy, Return.Reason.DECLINED)
    line = line_of(world, vacancy, "als")
    assert (given.counted, line.counted, line.in_course) == (counted, int(counted), 0)


def test_what_is_in_course_on_31_december_is_carried_once_it_fails(world: World) -> None:
    """Counted on leases, deficit carried whole: a unit of December that is never let is due in the next year."""
    settle(world, "als", "FULL", counting_point="LEASED", returns_effect="NO")
    (vacancy,) = routed_to(world, "als", 1)
    ledger = live(world, YEAR_2, 1)
    carried = totals(ledger)[world.holders["als"].pk]
    give_back(world, vacancy, Return.Reason.DECLINED, now=datetime(2027, 1, 12, 8, tzinfo=UTC))
    assert totals(ledger)[world.holders["als"].pk] == carried + UNIT
    assert CarriedOver.objects.filter(holder=world.holders["als"]).count() == 2


def test_a_later_point_beside_compte_toujours_is_refused_with_the_way_out() -> None:
    for point in ("PROPOSED", "ALLOCATED", "LEASED"):
        with pytest.raises(TermsRefused) as refused:
            check_terms(ConventionTerms(counting_point=point, returns_effect="YES"))
        label = Convention.CountingPoint(point).label
        assert str(refused.value).startswith(f"Un logement ne peut pas compter {label} et compter toujours")
        assert refused.value.field == "returns_effect"
