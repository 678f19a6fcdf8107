"""Rates of a CIA: who records them, for where, from when; no past rate moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import Objective
from attributions.bilan.operations.objectives import FIRST_DAY, ObjectiveRefused, set_objective, withdraw_objective
from attributions.bilan.permissions import can_set_objective, can_set_objectives
from attributions.bilan.queries.objective_cells import withdrawable
from reservations.models import HistoryEntry
from reservations.refusals import Refusal, constraints_speak
from tests.world import MORNING, World

SignIn = Callable[[str], Client]
CODE = Objective.Code.FIRST_QUARTILE_OUTSIDE_QPV


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


def fix(world: World, percent: str = "28", starts_on: date = date(2026, 1, 1), **given: Any) -> Objective:
    terms = {
        "code": CODE,
        "territory": world.places["Le Grand Narbonne"],
        "source": "CIA du 12 mars 2026",
        "by": world.people["emma"],
        "now": MORNING,
    }
    return set_objective(percent=Decimal(percent), starts_on=starts_on, **(terms | given))


def rates(world: World) -> list[tuple[Decimal, date, date | None]]:
    found = Objective.objects.filter(territory=world.places["Le Grand Narbonne"], landlord=None).order_by("starts_on")
    return [(each.percent, each.starts_on, each.ends_on) for each in found]


def test_new_rate_ends_the_previous_one_the_day_before_and_writes_who(world: World) -> None:
    fix(world)
    recorded = fix(world, "30", date(2027, 1, 1))
    assert rates(world) == [(28, date(2026, 1, 1), date(2026, 12, 31)), (30, date(2027, 1, 1), None)]
    [act] = HistoryEntry.objects.about(recorded)
    assert (act.act, act.by, act.details["percent"]) == ("RECORDED", world.people["emma"], ["28", "30"])
    assert Objective.objects.filter(territory=None, ends_on=None).count() == 6  # the law is as it was


def test_rate_of_one_landlord_runs_beside_that_of_the_place(world: World) -> None:
    fix(world)
    own = fix(world, "31", landlord=world.landlord)
    assert (own.landlord, rates(world)) == (world.landlord, [(28, date(2026, 1, 1), None)])


def test_past_rate_never_changes(world: World) -> None:
    fix(world)
    for day in (date(2026, 1, 1), date(2025, 6, 1)):
        with pytest.raises(ObjectiveRefused, match="1er janvier 2026") as refused:
            fix(world, "40", day)
        assert refused.value.field == "starts_on"
    assert rates(world) == [(28, date(2026, 1, 1), None)]


def test_rate_to_come_is_corrected_on_its_own_day(world: World) -> None:
    fix(world, "30", date(2027, 1, 1))
    again = fix(world, "31", date(2027, 1, 1))
    assert rates(world) == [(31, date(2027, 1, 1), None)]
    assert HistoryEntry.objects.about(again).last().details == {"percent": ["30", "31"]}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"percent": 120, "starts_on": date(2020, 1, 1), "ends_on": date(2021, 1, 1)}, "Un taux va de 0 % à 100 %."),
        ({"ends_on": date(2025, 1, 1)}, "La date de fin précède la date de début."),
        ({"territory": None, "landlord": True}, "L’objectif d’un bailleur est celui d’un territoire."),
        ({"starts_on": date(2026, 6, 1)}, "Deux taux de cet objectif se chevauchent dans le temps."),
    ],
)
def test_the_database_says_no_in_french(world: World, given: dict[str, Any], words: str) -> None:
    fix(world)
    terms = {"code": CODE, "territory": world.places["Le Grand Narbonne"], "percent": 28, "source": "CIA"}
    terms |= {"starts_on": date(2026, 1, 1)} | given
    if given.get("landlord"):
        terms["landlord"] = world.landlord
    with pytest.raises(Refusal, match=words), constraints_speak(Objective):
        Objective.objects.create(**terms)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "NONE"}, "code"),
        ({"code": Objective.Code.STATE_AGENTS}, "code"),
        ({"percent": "101"}, "percent"),
        ({"percent": "-1"}, "percent"),
        ({"percent": "12.34567"}, "percent"),
        ({"percent": "0"}, "percent"),
        ({"source": "  "}, "source"),
        ({"starts_on": date(1999, 1, 1)}, "starts_on"),
        ({"starts_on": date(2017, 1, 26)}, "starts_on"),  # CCH, L441-1-6: loi n° 2017-86 du 27 janvier 2017
        ({"starts_on": date(2099, 1, 1)}, "starts_on"),
    ],
)
def test_what_cannot_be_a_rate_is_refused(world: World, given: dict[str, Any], field: str) -> None:
    with pytest.raises(ObjectiveRefused) as refused:
        fix(world, **given)
    assert (refused.value.field, rates(world)) == (field, [])


def test_who_records_for_where(world: World) -> None:
    where = ("Le Grand Narbonne", "Béziers Méditerranée")
    allowed = {
        person: [name for name in where if can_set_objective(world.member(person), world.places[name])]
        for person in ("alice", "bob", "chloe", "emma", "adam")
    }
    own = ["Le Grand Narbonne"]
    assert allowed == {"alice": [], "bob": own, "chloe": [], "emma": own, "adam": list(where)}
    assert not can_set_objectives(None)


POSTED = {
    "code": CODE.value,
    "territory": "CA Le Grand Narbonne",
    "percent": "27,5",
    "starts_on": "01/01/2027",
    "source": "CIA du 12 mars 2026, article 4",
}


def test_officer_of_the_epci_records_a_rate(world: World, sign_in: SignIn) -> None:
    client = sign_in("emma")
    url = reverse("objective-new")
    assert 'value="CA Le Grand Narbonne"' in client.get(url).text
    answer = client.post(url, POSTED, follow=True)
    assert "Le nouveau taux de la CA Le Grand Narbonne compte à partir du 1er janvier 2027" in answer.text
    assert rates(world) == [(Decimal("27.5"), date(2027, 1, 1), None)]
    refused = client.post(url, POSTED | {"starts_on": "31/12/2026"})
    assert (refused.status_code, "choisissez un jour après" in refused.text) == (422, True)


def test_another_epci_is_refused_in_a_sentence(world: World, sign_in: SignIn) -> None:
    answer = sign_in("emma").post(reverse("objective-new"), POSTED | {"territory": "CA de Béziers-Méditerranée"})
    assert answer.status_code == 422
    assert "écrivez une intercommunalité de votre territoire" in answer.text
    assert not Objective.objects.exclude(territory=None).exists()


def test_latest_rate_entered_by_mistake_is_withdrawn_and_kept_in_history(world: World, sign_in: SignIn) -> None:
    first = fix(world)
    wrong = fix(world, "2", date(2027, 1, 1))
    emma = sign_in("emma")
    assert "Derniers taux enregistrés" in emma.get(reverse("objective-new")).text
    url = reverse("objective-withdraw", args=[wrong.pk])
    assert "Pourquoi retirer ce taux" in emma.get(url).text
    assert (emma.post(url, {"why": ""}).status_code, len(rates(world))) == (422, 2)
    answer = emma.post(url, {"why": "saisi 2 % au lieu de 27 %"}, follow=True)
    assert "Le taux de la CA Le Grand Narbonne est retiré" in answer.text
    assert rates(world) == [(28, date(2026, 1, 1), None)]
    act = HistoryEntry.objects.filter(subject="attributions.objective", subject_id=wrong.pk).latest("pk")
    assert (act.act, act.by, act.why) == ("CANCELLED", world.people["emma"], "saisi 2 % au lieu de 27 %")
    assert (act.details["percent"], act.details["starts_on"]) == (["2", None], ["2027-01-01", None])
    assert emma.get(url).status_code == 404
    fix(world, "27", date(2027, 1, 1))
    with pytest.raises(ObjectiveRefused, match="n’est plus le dernier"):
        withdraw_objective(objective=first, why="trop tard", by=world.people["emma"])
    with pytest.raises(ObjectiveRefused, match="celui de la loi"):
        withdraw_objective(objective=Objective.objects.filter(territory=None)[0], why="x", by=world.people["emma"])
    with pytest.raises(ObjectiveRefused, match="Dites pourquoi"):
        withdraw_objective(objective=first, why=" ", by=world.people["emma"])


def test_who_records_a_rate_withdraws_it(world: World) -> None:
    fix(world)
    last = [fix(world, "30", date(2027, 1, 1)), fix(world, "31", landlord=world.landlord)]
    far = fix(world, territory=world.places["Béziers Méditerranée"])
    read = {person: set(withdrawable(world.member(person))) for person in ("bob", "emma", "adam")}
    assert read == {"bob": set(last), "emma": set(last), "adam": {*last, far}}


def test_rate_below_the_law_is_recorded_with_a_warning(world: World, sign_in: SignIn) -> None:
    """25 % by default (CCH, L441-1); a CIA may set less with the State, a slip of the keyboard too."""
    client = sign_in("emma")
    warning = "Ce taux est inférieur à celui de la loi (25"
    assert warning in client.post(reverse("objective-new"), POSTED | {"percent": "2"}, follow=True).text
    again = client.post(reverse("objective-new"), POSTED | {"percent": "25"}, follow=True)
    assert warning not in again.text
    refused = client.post(reverse("objective-new"), POSTED | {"percent": "0"})
    assert (refused.status_code, "supérieur à 0" in refused.text) == (422, True)
    with_landlord = fix(world, "31", landlord=world.landlord)
    assert f" · {world.landlord}" in client.get(reverse("objective-new")).text
    assert f" · {world.landlord}" in client.get(reverse("objective-withdraw", args=[with_landlord.pk])).text


def test_a_rate_starts_on_the_day_of_the_law_not_before(world: World) -> None:
    """The law of 27 January 2017 created the conventions intercommunales d’attribution (CCH, L441-1-6)."""
    with pytest.raises(ObjectiveRefused, match="27 janvier 2017"):
        fix(world, starts_on=FIRST_DAY - timedelta(days=1))
    assert fix(world, starts_on=FIRST_DAY).starts_on == FIRST_DAY
