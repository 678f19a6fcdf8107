"""The agenda: what is put on it, postponed, joined, left; and what may be called."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from attributions.households.models import AgendaItem, Proposal
from attributions.households.operations.agenda import add_to_agenda, postpone_item, recuse, refresh_item
from attributions.households.operations.ballot import open_ballot
from attributions.households.operations.candidate_state import SittingRefused, end, lock_candidates, move
from attributions.households.operations.committee import found_committee
from attributions.households.operations.sending import claim_exemption
from attributions.households.pages.agenda import why_not
from attributions.households.queries.committees import voters
from attributions.households.queries.minimum import ready_units
from attributions.notices.models import Notice
from flux.operations.cancellation import cancel_vacancy
from flux.operations.departures import HoldRefused
from reservations.refusals import Refusal
from tests.attributions.households.candidates import agree
from tests.attributions.households.sittings import DAY, HOUR, SINCE, House, candidates, elsewhere, house, lines, routed
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

NOON = MORNING + 2 * HOUR


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def refused(words: str) -> object:
    return pytest.raises(SittingRefused, match=words)


def put(at: House, *vacancies: object, session: object = None) -> list[AgendaItem]:
    return add_to_agenda(session=session or at.session(), vacancies=vacancies, by=at.secretary, now=MORNING)


def statuses(item: AgendaItem) -> list[str]:
    return list(item.cases.order_by("pk").values_list("proposal__status", flat=True))


def test_units_come_in_the_order_asked_with_their_lettered_cases(at: House) -> None:
    first, second = at.unit(), at.unit(4)
    items = put(at, second, first)
    assert [(item.position, item.vacancy_id) for item in items] == [(1, second.pk), (2, first.pk)]
    assert [case.letter for case in items[0].cases.order_by("pk")] == ["A", "B", "C", "D"]
    assert statuses(items[1]) == ["ON_AGENDA"] * 3
    salts = {case.salt for item in items for case in item.cases.order_by("pk")}
    assert len(salts) == 7
    [third] = put(at, at.unit(), session=items[0].session)
    assert third.position == 3


def test_a_draft_stays_out(at: House, world: World) -> None:
    vacancy = at.unit()
    [left] = candidates(world, vacancy, 1)
    Proposal.objects.filter(pk=left.pk).update(status="DRAFT", designation=None)
    [item] = put(at, vacancy)
    assert item.cases.count() == 3


def test_units_refused(at: House, world: World) -> None:
    with refused("au moins un logement"):
        put(at)
    with refused("RH-01-001 : aucun dossier n’est prêt"):
        put(at, routed(world))
    with refused(r"RH-01-002 : la commission examine au moins 3 candidats \(CCH, R441-3\)"):
        put(at, at.unit(2))
    to_instruct = at.unit()
    [one] = candidates(world, to_instruct, 1, status="SENT")
    with refused("RH-01-003 : un dossier reste à instruire"):
        put(at, to_instruct)
    candidates(world, to_instruct, 1, status="SENT")
    with refused("2 dossiers restent à instruire"):
        put(at, to_instruct)
    kept = at.unit()
    Proposal.objects.filter(vacancy=kept, position__lte=kept.proposals.order_by("pk")[0].position).update(
        status="ALLOCATED"
    )
    with refused("a déjà retenu un candidat"):
        put(at, kept)
    late = routed(world, now=MORNING + DAY)
    candidates(world, late)
    with refused("orienté après le jour de la séance"):
        add_to_agenda(session=at.session(), vacancies=[late], by=at.secretary, now=MORNING + DAY)
    assert one.status == "SENT"


def test_each_unit_that_cannot_be_called_is_named_at_once(at: House, world: World) -> None:
    with refused(r"RH-01-001 : .* RH-01-002 : "):
        put(at, routed(world), at.unit(1), at.unit())
    assert not AgendaItem.objects.exists()


def test_fewer_candidates_with_the_exception_or_when_some_were_lost(at: House, world: World) -> None:
    assert put(at, at.unit(1, exemption="TOO_FEW"))
    lost = at.unit(3)
    state = lock_candidates(lost.pk)
    end(state.proposals[:1], "HOUSED_ELSEWHERE", by=at.secretary, now=MORNING)
    assert put(at, lost)[0].cases.count() == 2
    taken_back = at.unit(3)
    end(lock_candidates(taken_back.pk).proposals[:1], "HOLDER_WITHDREW", by=at.secretary, now=MORNING)
    with refused("au moins 3 candidats"):
        put(at, taken_back)
    claim_exemption(
        vacancy=taken_back,
        routing=lock_candidates(taken_back.pk).routing,
        sender=world.als,
        exemption="TOO_FEW",
        exemption_text="Une demande retirée.",
        by=at.secretary,
        now=MORNING,
    )
    assert put(at, taken_back)[0].cases.count() == 2


def test_the_larger_minimum_holds_for_the_agenda_as_for_the_sending(at: House, world: World) -> None:
    agree(world.conventions["als"], minimum_candidates=4)
    with refused("au moins 4 candidats"):
        put(at, at.unit(3))
    assert put(at, at.unit(4))
    assert [bool(unit.blocked) for unit in ready_units(world.landlord, on=MORNING.date()) if not unit.item] == [True]


def test_one_agenda_at_a_time_but_for_an_item_that_fell(at: House, world: World) -> None:
    vacancy = at.unit()
    [item] = put(at, vacancy)
    with refused("déjà à l’ordre du jour de la séance du 24/11/2026"):
        put(at, vacancy)
    elsewhere(world, vacancy, "city")
    candidates(world, vacancy)
    [again] = put(at, vacancy)
    item.refresh_from_db()
    assert (item.postponed_why, again.cases.count()) == ("le logement n’est plus orienté", 3)


def test_a_committee_of_a_territory_takes_its_units_only(at: House, world: World) -> None:
    where = world.places
    small = found_committee(
        landlord=world.landlord,
        name="Littoral",
        territory=where["Sigean"],
        quorum=1,
        remote_allowed=False,
        source="CA",
        starts_on=SINCE,
        by=world.people["alice"],
    )
    inland, shore = at.unit(), at.unit(commune="Sigean")
    with refused(r"hors du territoire de cette commission \(Sigean\)"):
        put(at, inland, session=at.session(committee=small))
    assert put(at, shore, session=at.session(committee=small))
    abroad = found_committee(
        landlord=world.other_landlord,
        name="Autre",
        quorum=1,
        remote_allowed=False,
        source="CA",
        starts_on=SINCE,
        by=world.people["zoe"],
    )
    with refused("n’est pas de ce bailleur"):
        put(at, inland, session=at.session(committee=abroad))


def test_cancelled_meanwhile(at: House, world: World) -> None:
    vacancy = at.unit()
    cancel_vacancy(vacancy=vacancy, reason="DECLARED_BY_MISTAKE", text="Erreur.", by=world.people["alice"])
    with pytest.raises(HoldRefused):
        put(at, vacancy)


def test_postponed_is_ready_for_another_session(at: House, world: World) -> None:
    item = at.item()
    with refused("Dites pourquoi ce point"):
        postpone_item(item=item, why="", by=at.secretary, now=NOON)
    postpone_item(item=item, why="Une pièce manque.", by=world.people["alice"], now=NOON)  # before it opens, any clerk
    assert statuses(item) == ["READY"] * 3
    with refused("déjà reporté"):
        postpone_item(item=item, why="Encore.", by=at.secretary, now=NOON)
    assert put(at, item.vacancy)


def test_postponing_in_session(at: House, world: World) -> None:
    item = at.opened()
    with refused("Seul le secrétariat"):
        postpone_item(item=item, why="Demain.", by=world.people["alice"], now=NOON)
    open_ballot(item=item, lines=lines(item, "RANKED 1", "RANKED 2", "RANKED 3"), by=at.secretary, now=NOON)
    with refused("Un scrutin est ouvert"):
        postpone_item(item=item, why="Demain.", by=at.secretary, now=NOON)
    with refused("Un scrutin est ouvert"):
        refresh_item(item=item, by=at.secretary, now=NOON)


def test_decided_is_no_more_postponed_nor_joined(at: House) -> None:
    item = at.opened()
    at.decide(item, *lines(item, "RANKED 1", "RANKED 2", "RANKED 3"))
    for act in (lambda: postpone_item(item=item, why="Non.", by=at.secretary, now=NOON), lambda: recuse_paul(at, item)):
        with refused("a déjà décidé de ce logement"):
            act()


def recuse_paul(at: House, item: AgendaItem, by: str = "aline") -> object:
    return recuse(item=item, member=at.members["Paul"], by=at.world.people[by], now=NOON)


def test_gone_elsewhere_is_postponed_without_touching_its_candidates(at: House, world: World) -> None:
    item = at.item()
    elsewhere(world, item.vacancy)
    postpone_item(item=item, why="Reparti.", by=at.secretary, now=NOON)
    assert statuses(item) == ["ON_AGENDA"] * 3
    assert item.cases.order_by("pk")[0].proposal.status_now == "RELEASED"


def test_a_new_candidate_joins_with_the_next_letter(at: House, world: World) -> None:
    item = at.item()
    with refused("Aucun nouveau dossier"):
        refresh_item(item=item, by=at.secretary, now=NOON)
    candidates(world, item.vacancy, 1)
    [unit] = ready_units(world.landlord, on=MORNING.date())
    assert (unit.joining, unit.item) == (1, item)
    [case] = refresh_item(item=item, by=at.secretary, now=NOON)
    assert (case.letter, case.proposal.status) == ("D", "ON_AGENDA")
    move([case.proposal], "READY", now=NOON)  # a file instructed again keeps its letter
    [back] = refresh_item(item=item, by=at.secretary, now=NOON)
    assert back == case
    assert item.cases.count() == 4


def test_recused_by_itself_or_the_secretary(at: House, world: World) -> None:
    item = at.opened()
    with refused("par le membre lui-même, ou par le secrétariat"):
        recuse_paul(at, item, by="alice")
    other = found_committee(
        landlord=world.landlord,
        name="Autre",
        quorum=1,
        remote_allowed=False,
        source="CA",
        starts_on=SINCE,
        by=world.people["alice"],
    )
    stranger = at.members["Ada"]
    stranger.pk, stranger.committee = None, other
    stranger.save()
    with refused("ne siège pas dans cette commission"):
        recuse(item=item, member=stranger, by=at.secretary, now=NOON)
    mayor = at.members["Chloé"]
    recuse(item=item, member=mayor, by=mayor.user, now=NOON)
    with pytest.raises(Refusal, match="déjà déporté"):
        recuse(item=item, member=mayor, by=at.secretary, now=NOON)
    assert mayor not in voters(item)
    assert {member.full_name for member in voters(item)} == {
        *("Paul", "Rosa", "Henri", "Leïla", "Martin", "Noémie"),
        "Bob",
        "Emma",
    }


# --- what may be called ---


def test_units_ready_come_first_the_oldest_first_and_others_say_why(at: House, world: World) -> None:
    waiting = routed(world)
    candidates(world, waiting, 3, status="SENT")
    young = at.unit(now=MORNING + HOUR)
    old = at.unit()
    called = at.unit()
    put(at, called)
    routed(world)  # nobody sent
    few = at.unit(2)
    found = ready_units(world.landlord, on=MORNING.date())
    assert [unit.vacancy for unit in found[:2]] == [old, young]
    assert {unit.vacancy.pk: why_not(unit.blocked)[:24] for unit in found[2:]} == {
        waiting.pk: "3 dossiers restent à ins",
        called.pk: "déjà à l’ordre du jour d",
        few.pk: "la commission examine au",
    }
    assert (found[0].ready, found[0].to_instruct, found[0].since) == (3, 0, MORNING)
    assert ready_units(world.other_landlord, on=MORNING.date()) == []


def test_what_a_committee_of_a_territory_may_call(at: House, world: World) -> None:
    at.unit()
    shore = at.unit(commune="Sigean")
    at.committee.territory = world.places["Sigean"]
    found = ready_units(world.landlord, on=MORNING.date(), committee=at.committee)
    assert [unit.vacancy for unit in found] == [shore]


def test_a_unit_whose_item_fell_may_be_called_again_and_the_decided_are_gone(at: House, world: World) -> None:
    fallen = at.item()
    elsewhere(world, fallen.vacancy, "city")
    assert ready_units(world.landlord, on=MORNING.date()) == []
    candidates(world, fallen.vacancy)
    [unit] = ready_units(world.landlord, on=MORNING.date())
    assert (unit.blocked, unit.item, unit.vacancy) == (None, None, fallen.vacancy)
    item = at.opened()
    at.decide(item, *lines(item, "RANKED 1", "RANKED 2", "RANKED 3"))
    assert [unit.vacancy for unit in ready_units(world.landlord, on=MORNING.date())] == [fallen.vacancy]


@pytest.mark.parametrize("count", [1, 3, 10])
def test_the_list_costs_the_same_whatever_its_length(at: House, world: World, count: int) -> None:
    for _ in range(count):
        at.unit(1)
    put(at, at.unit())
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = ready_units(world.landlord, on=MORNING.date())
        assert all(str(unit.vacancy.unit.commune) and str(unit.routing.holder) for unit in found)
    assert len(queries) == 4
    assert len(found) == count + 1
    assert not Notice.objects.filter(kind="DECIDED").exists()
