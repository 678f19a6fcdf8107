"""The mayor of a commune without a right proposes on the landlord's part: a delay, a way out, and what comes next."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.urls import reverse

from attributions.households.operations.offers import withdraw_proposal
from attributions.households.operations.silence import (
    give_back,
    give_unit_back,
    lapse_silent_routings,
    say_no_candidate,
)
from attributions.notices.models import Notice
from flux.models import Return, Routing
from flux.operations.returning import ReturnRefused
from flux.operations.routing import confirm_recommendations
from flux.permissions import can_propose, return_reasons
from flux.queries.returns import clock
from reservations.models import Membership, Organisation
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership
from tests.attributions.households.candidates import agree, routed
from tests.attributions.households.rows import candidates
from tests.attributions.households.sittings import candidates as sitting
from tests.attributions.households.sittings import house
from tests.flux.books import check_books
from tests.flux.views.pages import text_of
from tests.world import MORNING, World, siren
from tests.world_again import kept

if TYPE_CHECKING:
    from django.test import Client

#: Ten working days after MORNING: 8 December.
NIGHT = datetime(2026, 12, 8, 23, 20, tzinfo=UTC)


@pytest.fixture
@kept
def coursan(world: World) -> Organisation:
    """A commune without a right; Chloé acts for it."""
    made = register_organisation(
        siren=siren(50), name="Commune de Coursan", article="la", kind="COMMUNE", territory=world.places["Coursan"]
    )
    Membership.objects.filter(user=world.people["chloe"]).update(organisation=made)
    return made


def step(world: World, *fallback: str, **terms: object) -> Routing:
    """Action Logement stated none: the unit is routed to the commune, on the landlord's part."""
    agree(world.conventions["als"], proposal_days=10, fallback=["MAYOR", *fallback], **terms)
    routing = routed(world, "als", world.vacancy(commune="Coursan"))
    say_no_candidate(routing=routing, by=world.people["aline"], now=MORNING)
    return confirm(world, routing)


def confirm(world: World, routing: Routing) -> Routing:
    [opened] = confirm_recommendations(vacancies=[routing.vacancy_id], by=world.people["aline"], now=MORNING)
    return Routing.objects.select_related("convention", "holder", "acting").get(pk=opened.pk)


@pytest.mark.parametrize("management", ["DIRECT", "DELEGATED"])
def test_commune_has_the_delay_of_the_convention_that_named_it(
    world: World, coursan: Organisation, management: str
) -> None:
    opened = step(world, "LANDLORD", management=management)
    assert (opened.acting, opened.convention) == (coursan, world.conventions["als"])
    asked = clock(opened, "IN_FLOW", today=MORNING.date())
    assert asked is not None
    assert (asked.until, asked.delegated) == (date(2026, 12, 8), False)
    assert can_propose(world.member("chloe"), opened.vacancy, opened)
    assert not can_propose(world.member("aline"), opened.vacancy, opened)
    assert return_reasons(world.member("chloe"), opened) == ("DECLINED",)


def test_commune_that_has_nobody_leaves_the_unit_to_the_landlord_who_proposes(
    world: World, coursan: Organisation
) -> None:
    opened = step(world, "LANDLORD", returns_effect="YES")
    given = say_no_candidate(routing=opened, by=world.people["chloe"], now=MORNING)
    assert (given.reason, given.counted, given.returned_by) == ("DECLINED", False, world.people["chloe"])
    again = opened.vacancy.recommendations.latest("attempt")
    assert again.sentence.startswith("Rendu par Commune de Coursan : sa convention le laisse alors au bailleur")
    check_books(opened.vacancy.ledger)
    after = confirm(world, opened)
    assert (after.holder, after.acting) == (world.holders["landlord"], None)
    assert can_propose(world.member("aline"), after.vacancy, after)
    check_books(opened.vacancy.ledger)


@pytest.mark.parametrize("effect", ["YES", "YES_IF_HOLDER_FAULT", "NO"])
def test_silence_of_the_commune_goes_on_along_the_chain(world: World, coursan: Organisation, effect: str) -> None:
    opened = step(world, "STATE", "LANDLORD", returns_effect=effect)
    assert lapse_silent_routings(now=NIGHT - timedelta(hours=1)) == 0
    assert lapse_silent_routings(now=NIGHT) == 1
    given = Return.objects.get(routing=opened)
    assert (given.reason, given.counted, given.returned_by, given.returned_at) == ("NO_CANDIDATE", False, None, NIGHT)
    assert given.text == "Sans réponse jusqu’au 08/12/2026, dernier jour du délai."
    again = opened.vacancy.recommendations.latest("attempt")
    assert (again.holder, again.reason) == (world.holders["priority"], "FALLBACK")
    assert coursan.name in Notice.objects.filter(kind="LAPSED").values_list("organisation__name", flat=True)
    check_books(opened.vacancy.ledger)
    assert confirm(world, opened).holder == world.holders["priority"]
    check_books(opened.vacancy.ledger)


@pytest.mark.parametrize("fallback", [(), ("NEXT",)])
def test_rule_decides_after_the_last_step_and_may_leave_it_to_the_landlord(
    world: World, coursan: Organisation, fallback: tuple[str, ...]
) -> None:
    opened = step(world, *fallback)
    say_no_candidate(routing=opened, by=world.people["chloe"], now=MORNING)
    again = opened.vacancy.recommendations.latest("attempt")
    facts = {row["id"]: row["may_take"] for row in again.situation["holders"]}
    assert facts[str(world.holders["landlord"].pk)] is True
    assert facts[str(world.holders["als"].pk)] is False
    assert again.reason != "FALLBACK"
    check_books(opened.vacancy.ledger)


def test_landlord_takes_it_back_from_the_commune_and_waits_for_its_delay(world: World, coursan: Organisation) -> None:
    opened, aline = step(world, "LANDLORD"), world.people["aline"]
    with pytest.raises(ReturnRefused, match="Commune de Coursan peut proposer jusqu’au 08/12/2026"):
        give_unit_back(routing=opened, reason="NO_CANDIDATE", text="", by=aline, now=MORNING)
    given = give_unit_back(routing=opened, reason="WITHDRAWN", text="Accord du maire.", by=aline, now=MORNING)
    assert not given.counted
    check_books(opened.vacancy.ledger)


def test_candidates_of_the_commune_that_are_lost_let_the_unit_go(world: World, coursan: Organisation) -> None:
    opened = step(world, "LANDLORD", new_candidates_days=None, returns_effect="YES")
    [proposal] = candidates(world, opened, 1, proposer=coursan)
    withdraw_proposal(proposal=proposal, reason="WITHDREW", by=world.people["aline"], now=MORNING)
    assert proposal.end.consumed is False
    assert give_back(routing=opened, by=world.people["aline"], now=MORNING).reason == "REFUSED"
    check_books(opened.vacancy.ledger)


def test_commune_reads_its_delay_and_says_no(
    world: World, coursan: Organisation, sign_in: Callable[[str], Client]
) -> None:
    opened = step(world, "LANDLORD", returns_effect="YES")
    with time_machine.travel(MORNING, tick=False):
        chloe = sign_in("chloe")
        words = text_of(chloe.get(reverse("home")))
        assert "Sur la part non réservée du bailleur" in words
        assert "jusqu’au mardi 8 décembre 2026" in words
        url = reverse("vacancy-return", args=[opened.vacancy_id])
        asked = text_of(chloe.get(url))
        assert "compté comme proposé, sans être décompté du droit de réservation" in asked
        assert "Ce logement est proposé pour un tour, hors des comptes annuels : le rendre n’en change aucun." in asked
        page = chloe.post(url, {"routing": opened.pk, "reason": "DECLINED", "text": ""}, follow=True)
    assert page.redirect_chain == [(reverse("home"), 302)]
    assert Return.objects.filter(routing=opened).exists()


def test_landlord_is_not_reported_that_what_it_takes_back_from_the_commune_will_not_be_its_own(
    world: World, coursan: Organisation, sign_in: Callable[[str], Client]
) -> None:
    opened = step(world, "LANDLORD")
    with time_machine.travel(MORNING, tick=False):
        page = text_of(sign_in("aline").get(reverse("vacancy-return", args=[opened.vacancy_id])))
    assert "orienté vers le bailleur (non réservé), par la Commune de Coursan." in page
    assert "La Commune de Coursan n’y propose plus de candidats" in page
    assert "ou revient à votre part non réservée. Pour des travaux, il sort du flux." in page
    assert "ne vous reviendra pas" not in page
    give_unit_back(routing=opened, reason="WITHDRAWN", text="Accord.", by=world.people["aline"], now=MORNING)
    assert opened.vacancy.recommendations.latest("attempt").holder == world.holders["landlord"]


@pytest.mark.parametrize("effect", ["YES", "YES_IF_HOLDER_FAULT"])
def test_what_is_announced_to_the_commune_is_what_is_written(
    world: World, coursan: Organisation, sign_in: Callable[[str], Client], effect: str
) -> None:
    """It has no turn to use: neither when it says none, nor when the committee keeps nobody."""
    opened = step(world, "LANDLORD", returns_effect=effect)
    with time_machine.travel(MORNING, tick=False):
        page = text_of(sign_in("chloe").get(reverse("vacancy-return", args=[opened.vacancy_id])))
    assert "compté comme proposé, sans être décompté du droit de réservation" in page
    assert "et décompté du droit" not in page
    grant_membership(user=world.people["chloe"], organisation=world.city, role="HOLDER_STAFF")
    at = house(world)
    sitting(world, opened.vacancy, 3)
    item = at.opened(vacancy=opened.vacancy)
    with time_machine.travel(MORNING, tick=False):
        page = text_of(sign_in("aline").get(reverse("agenda-item", args=[item.pk])))
    assert "celle de la CALEOL : compté comme proposé, sans être décompté du droit de réservation" in page
