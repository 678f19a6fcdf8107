"""The steps of a candidate by software, from its file to its lease, and the outcome of a unit followed elsewhere: the
acts of the screens, on the state that was read, without a name in what is answered."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from attributions.households.api.steps import StepsShape
from attributions.households.models import Lease, Proposal
from flux.models import FlowEntry
from flux.operations.returning import return_vacancy
from reservations.models import ApiCall
from tests.attributions.households.candidates import number, routed
from tests.attributions.households.rows import Case, candidates, decided
from tests.flux.api.software import Software
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


def act(software: Software, candidate: Proposal, step: str, body: dict[str, Any], expected: int = 200) -> Any:
    path = f"/candidates/{candidate.pk}/"
    return software.post(f"{path}{step}/", body, expected, If_Match=software.get(path)["ETag"]).json()


def test_landlord_leads_a_candidate_to_its_lease_by_the_acts_of_the_screens(world: World, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    today = timezone.localdate().isoformat()
    first, second, third = decided(world)
    landlord, city = Software(world), Software(world, "chloe", "PROPOSALS")
    read = landlord.get(f"/candidates/{first.pk}/").json()
    assert set(read) == set(StepsShape().fields)
    assert (read["status"], read["decision"]["rank"], read["offer"]) == ("ALLOCATED", 1, None)
    landlord.post(f"/candidates/{first.pk}/offer/", {}, 428)
    city.post(f"/candidates/{first.pk}/offer/", {}, 403)
    Software(world, "zoe").get(f"/candidates/{first.pk}/", 404)
    assert "tour" in act(landlord, third, "offer", {}, 422)["detail"]
    assert act(landlord, first, "answer", {"accepted": True, "answered_on": today}, 422)["code"] == "acte-refuse"
    assert act(landlord, first, "offer", {})["offer"]["answer"] == ""
    stale = landlord.get(f"/candidates/{first.pk}/")["ETag"]
    refusal = {"accepted": False, "answered_on": today, "reason": "RENT_REFUSED"}
    gone = act(landlord, first, "answer", refusal)
    assert (gone["status"], gone["ended_why"], gone["offer"]["answer"]) == ("ENDED", "RENT_REFUSED", "REFUSED")
    landlord.post(f"/candidates/{first.pk}/answer/", refusal, 412, If_Match=stale)
    assert act(landlord, second, "answer", {"accepted": True, "answered_on": today})["status"] == "ACCEPTED"
    assert act(landlord, second, "document", {"received_on": today}, 422)["code"] == "acte-refuse"
    assert act(landlord, second, "lease", {"signed_on": today, "in_mix_residence": True})["lease_signed_on"] == today
    assert Lease.objects.get(proposal=second).in_mix_residence is True
    assert Lease.objects.get().proposal_id == second.pk
    assert landlord.get(f"/candidates/{third.pk}/").json()["status"] == "RELEASED"
    [alone] = decided(world, Case("CONDITIONAL", due=timezone.localdate() + timedelta(days=5)))
    act(landlord, alone, "offer", {"answer_by": (timezone.localdate() + timedelta(days=12)).isoformat()})
    act(landlord, alone, "answer", {"accepted": True, "answered_on": today})
    assert "pièce" in act(landlord, alone, "lease", {"signed_on": today}, 422)["detail"]
    assert act(landlord, alone, "document", {"received_on": today})["decision"]["received_on"] == today
    assert act(landlord, alone, "lease", {"signed_on": today})["status"] == "HOUSED"
    kept = "".join(ApiCall.objects.values_list("answer", flat=True))
    assert not any(each.application.name in kept for each in (first, second, third))


def test_file_is_instructed_and_a_candidate_stops_for_a_reason_that_is_the_senders(world: World) -> None:
    routing = routed(world)
    one, two, three = candidates(world, routing, status="SENT")
    landlord, city = Software(world), Software(world, "chloe", "PROPOSALS")
    assert act(landlord, one, "instruct", {"priority": "RIEN"}, 400)["errors"][0]["field"] == "priority"
    verified = {"income": 21_000, "priority": "DALO", "effort_rate": "28.5"}
    assert act(landlord, one, "instruct", verified)["status"] == "READY"
    one.refresh_from_db()
    assert (one.income, one.has_priority, str(one.effort_rate)) == (21_000, True, "28.5")
    assert act(landlord, two, "withdraw", {"reason": "HOLDER_WITHDREW"}, 422)["errors"][0]["field"] == "reason"
    assert act(city, two, "withdraw", {"reason": "HOLDER_WITHDREW"})["ended_why"] == "HOLDER_WITHDREW"
    assert act(landlord, three, "withdraw", {"reason": "WITHDREW", "text": "Il reste où il est."})["status"] == "ENDED"
    assert "instruite" not in act(landlord, two, "document", {"received_on": "2026-11-24"}, 422)["detail"]


def test_an_act_played_again_is_answered_as_the_first_time_once_the_unit_came_back(world: World) -> None:
    """Its answer was lost on the way, and the landlord took the unit back meanwhile: the act is not refused."""
    routing = routed(world)
    one, *_ = candidates(world, routing, status="SENT")
    city, path = Software(world, "chloe", "PROPOSALS"), f"/candidates/{one.pk}/"
    asked = {"If_Match": city.get(path)["ETag"], "Idempotency_Key": "retrait-1"}
    first = city.post(f"{path}withdraw/", {"reason": "HOLDER_WITHDREW"}, 200, **asked)
    return_vacancy(routing=routing, reason="WITHDRAWN", text="Vente.", by=world.people["aline"])
    again = city.post(f"{path}withdraw/", {"reason": "HOLDER_WITHDREW"}, 200, **asked)
    assert (again["Idempotency-Replayed"], again.json()) == ("true", first.json())
    city.post(f"{path}withdraw/", {"reason": "WITHDREW"}, 422, **asked)
    assert ApiCall.objects.count() == 1


def test_a_candidate_added_again_is_answered_as_the_first_time_once_the_unit_left(world: World) -> None:
    """Who no longer has the unit may add nobody, and had: its first answer was lost on the way."""
    routing = routed(world)
    city, path = Software(world, "chloe", "PROPOSALS"), f"/vacancies/{routing.vacancy_id}/candidates/"
    body, key = {"number": number(1), "name": "Martin"}, {"Idempotency_Key": "ajout-1"}
    first = city.post(path, body, 201, **key)
    return_vacancy(routing=routing, reason="WITHDRAWN", text="Vente.", by=world.people["aline"])
    city.post(path, body, 403, Idempotency_Key="ajout-2")
    again = city.post(path, body, 201, **key)
    assert (again["Idempotency-Replayed"], again.json()) == ("true", first.json())


def test_outcome_of_a_unit_followed_in_another_tool_enters_the_account_and_is_undone(
    world: World, time_machine: Any
) -> None:
    time_machine.move_to(MORNING, tick=False)
    vacancy, today = routed(world).vacancy, timezone.localdate().isoformat()
    landlord, path = Software(world), f"/vacancies/{vacancy.pk}/"

    def say(body: dict[str, Any], expected: int = 200) -> Any:
        return landlord.post(f"{path}outcome/", body, expected, If_Match=landlord.get(path)["ETag"]).json()

    def counted() -> dict[str, int]:
        entries = FlowEntry.objects.filter(vacancy=vacancy, stage__in=("ALLOCATED", "LEASED"))
        found: dict[str, int] = {}
        for stage, quantity in entries.values_list("stage", "quantity"):
            found[stage] = found.get(stage, 0) + quantity
        return found

    assert say({"outcome": "ALLOCATED"}, 400)["errors"][0]["field"] == "on"
    assert say({"outcome": "LEASED", "on": today, "priority": "RIEN"}, 400)["errors"][0]["field"] == "priority"
    say({"outcome": "ANSWERED", "on": today})
    say({"outcome": "ALLOCATED", "on": today})
    assert counted() == {"ALLOCATED": 1}
    say({"outcome": "LEASED", "on": today, "priority": "DALO", "persons": 3})
    assert counted() == {"ALLOCATED": 1, "LEASED": 1}
    assert say({"outcome": "UNDONE"}, 422)["code"] == "acte-refuse"
    say({"outcome": "UNDONE", "why": "Erreur de saisie."})
    assert set(counted().values()) == {0}
    say({"outcome": "LEASED", "on": today})
    say({"outcome": "DATED", "on": today})
    assert counted() == {"ALLOCATED": 1, "LEASED": 1}
    assert say({"outcome": "DATED", "on": today}, 422)["code"] == "acte-refuse"
    say({"outcome": "UNDONE", "why": "Erreur de saisie."})
    say({"outcome": "LEASED", "on": today, "allocated_on": today})
    assert say({"outcome": "DATED", "on": today}, 422)["code"] == "acte-refuse"
    Software(world, "chloe").post(f"{path}outcome/", {"outcome": "ALLOCATED", "on": today}, 403)
