"""Who sits, and by which rules: each refusal once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attributions.households.models import Committee, CommitteeMember
from attributions.households.operations.committee import found_committee, seat_member, set_rules, unseat_member
from attributions.households.queries.committees import appointed_limit, is_secretary, minimum_candidates, rules_of
from flux.models import Vacancy
from reservations.models import HistoryEntry, LegalParameter
from reservations.refusals import Refusal
from tests.attributions.households.sittings import DAY, SINCE, House, house, person
from tests.world import MORNING, World
from tests.world_again import kept

pytestmark = pytest.mark.django_db


@pytest.fixture
@kept
def at(world: World) -> House:
    return house(world)


def founded(world: World, **given: object) -> Committee:
    return found_committee(
        **{
            "landlord": world.landlord,
            "name": "CALEOL du littoral",
            "quorum": 3,
            "remote_allowed": False,
            "source": "Délibération",
            "starts_on": SINCE,
            "by": world.people["alice"],
        }
        | given
    )


def seat(at: House, **given: object) -> CommitteeMember:
    return seat_member(
        **{
            "committee": at.committee,
            "capacity": "APPOINTED",
            "full_name": "Yann",
            "starts_on": SINCE,
            "by": at.world.people["alice"],
        }
        | given
    )


def rules(at: House, **given: object) -> object:
    return set_rules(
        **{
            "committee": at.committee,
            "quorum": 4,
            "remote_allowed": True,
            "source": "Délibération du 1er décembre",
            "starts_on": date(2026, 12, 1),
            "by": at.world.people["alice"],
        }
        | given
    )


def test_a_committee_is_founded_with_its_first_rules(at: House) -> None:
    first = rules_of(at.committee, date(2026, 6, 1))
    assert (first.quorum, first.remote_allowed) == (3, True)
    assert rules_of(at.committee, SINCE - timedelta(1)) is None
    acts = HistoryEntry.objects.about(at.committee)
    assert [entry.act for entry in acts] == ["RECORDED", "EDITED"]


def test_rules_are_dated_and_the_latest_holds(at: House) -> None:
    rules(at)
    assert rules_of(at.committee, date(2026, 11, 30)).quorum == 3
    assert rules_of(at.committee, date(2026, 12, 1)).quorum == 4


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": " "}, "name"),
        ({"source": ""}, "source"),
        ({"quorum": 0}, "quorum"),
        ({"quorum": 7}, "quorum"),
        ({"name": "CALEOL de Robine Habitat"}, None),
    ],
)
def test_committees_refused(at: House, given: dict[str, object], field: str | None) -> None:
    with pytest.raises(Refusal) as error:
        founded(at.world, **given)
    assert error.value.field == field


def test_a_committee_has_a_territory_where_its_landlord_is(world: World) -> None:
    with pytest.raises(Refusal, match="ni logement ni convention"):
        founded(world, territory=world.places["Béziers Méditerranée"])
    world.unit(commune="Béziers")
    assert founded(world, territory=world.places["Béziers Méditerranée"]).territory


def test_rules_never_change_a_session_that_was_held(at: House) -> None:
    item = at.opened()
    with pytest.raises(Refusal, match="au plus tôt le 25 novembre 2026"):
        rules(at, starts_on=item.session.day)
    assert rules(at, starts_on=item.session.day + DAY)
    with pytest.raises(Refusal, match="commence déjà ce jour-là"):
        rules(at, starts_on=item.session.day + DAY)


def test_without_a_figure_in_force_nothing_limits(at: House) -> None:
    LegalParameter.objects.filter(code__in=["COMMITTEE_MEMBERS", "MINIMUM_CANDIDATES"]).delete()
    assert appointed_limit(SINCE) is None
    assert minimum_candidates(SINCE) is None
    assert seat(at, full_name="Septième")
    with pytest.raises(Refusal, match="au moins un membre"):
        rules(at, quorum=0)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"full_name": " "}, "nom du membre"),
        ({}, "limite à 6"),
        ({"capacity": "PREFECT", "presides": True}, "membre désigné préside"),
        ({"capacity": "OWNER", "represents_tenants": True}, "représente les locataires"),
        ({"capacity": "MAYOR"}, "siège pour sa commune"),
        ({"capacity": "EPCI"}, "siège pour son territoire"),
        ({"capacity": "SECRETARY"}, "tiendra les procès-verbaux"),
        ({"capacity": "HOLDER"}, "réservataire pour lequel"),
    ],
)
def test_seats_refused(at: House, given: dict[str, object], words: str) -> None:
    with pytest.raises(Refusal, match=words):
        seat(at, **given)


def test_places_of_local_seats(at: House) -> None:
    where = at.world.places
    with pytest.raises(Refusal, match="Seuls le maire"):
        seat(at, capacity="PREFECT", territory=where["Aude"])
    with pytest.raises(Refusal, match="siège pour sa commune"):
        seat(at, capacity="MAYOR", territory=where["Le Grand Narbonne"])
    with pytest.raises(Refusal, match="aucun logement dans ce territoire"):
        seat(at, capacity="MAYOR", territory=where["Béziers"])
    with pytest.raises(Refusal, match="Chloé siège déjà"):
        seat(at, capacity="MAYOR", territory=where["Narbonne"])
    assert seat(at, capacity="MAYOR", territory=where["Sigean"])
    small = founded(at.world, territory=where["Sigean"])
    with pytest.raises(Refusal, match="aucun logement dans ce territoire"):
        seat(at, committee=small, capacity="MAYOR", territory=where["Narbonne"])


def test_who_signs_in_acts_for_the_organisation_of_the_seat(at: House) -> None:
    with pytest.raises(Refusal, match="n’agit pas pour la Préfecture de l’Aude"):
        seat(at, capacity="PREFECT", organisation=at.world.state, user=at.world.people["chloe"])
    with pytest.raises(Refusal, match="n’agit pas pour Robine Habitat"):
        seat(at, capacity="SECRETARY", user=at.world.people["bob"])
    with pytest.raises(Refusal, match="siège déjà en cette qualité"):
        seat(at, capacity="SECRETARY", user=at.world.people["aline"])


def test_a_person_has_one_vote_at_a_time(at: House) -> None:
    """Whatever it sits as; an adviser who also keeps the minutes has none."""
    paul = at.members["Paul"]
    with pytest.raises(Refusal, match=r"vote déjà dans cette commission \(désigné par le conseil") as refused:
        seat(at, capacity="OWNER", user=paul.user)
    assert refused.value.field == "user"
    unseat_member(member=paul, ends_on=date(2026, 11, 30), by=at.world.people["alice"])
    assert seat(at, capacity="OWNER", user=paul.user, starts_on=date(2026, 12, 1))
    assert seat(at, capacity="ADVISER", user=at.members["Rosa"].user)


def test_one_president_and_six_appointed_on_any_day(at: House) -> None:
    by = at.world.people["alice"]
    leaving = unseat_member(member=at.members["Noémie"], ends_on=date(2026, 11, 30), by=by)
    with pytest.raises(Refusal, match="limite à 6"):
        seat(at, starts_on=date(2026, 11, 30))
    with pytest.raises(Refusal, match="Paul préside déjà"):
        seat(at, starts_on=date(2026, 12, 1), presides=True)
    seat(at, starts_on=date(2026, 12, 1), user=person("Yann"))
    with pytest.raises(Refusal, match="limite à 6"):  # room until the end of November, and no more afterwards
        seat(at, starts_on=date(2026, 11, 1))
    assert HistoryEntry.objects.about(leaving).filter(act="ENDED").exists()


def test_unseating_refused(at: House) -> None:
    by = at.world.people["alice"]
    paul = at.members["Paul"]
    with pytest.raises(Refusal, match="siège depuis le 1er janvier 2026"):
        unseat_member(member=paul, ends_on=SINCE - DAY, by=by)
    item = at.opened()
    with pytest.raises(Refusal, match="a siégé le 24 novembre 2026"):
        unseat_member(member=paul, ends_on=item.session.day - DAY, by=by)
    unseat_member(member=paul, ends_on=item.session.day, by=by)
    with pytest.raises(Refusal, match="ne siège déjà plus"):
        unseat_member(member=paul, ends_on=item.session.day, by=by)


def test_a_secretary_keeps_the_minutes_while_seated(at: House) -> None:
    aline = at.world.people["aline"]
    assert is_secretary(at.committee, aline, MORNING.date())
    unseat_member(member=at.members["Aline"], ends_on=date(2026, 11, 1), by=at.world.people["alice"])
    assert not is_secretary(at.committee, aline, MORNING.date())
    assert not Vacancy.objects.exists()
