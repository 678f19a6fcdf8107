"""Votes and decisions of a committee by the software of its secretary, and the lease undone: the acts of the screens,
under the same rights."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from attributions.households.api.agenda import ItemSheetShape
from attributions.households.models import Ballot, BallotVote, CaseDecision, Lease
from reservations.models import ApiCall
from tests.attributions.households.api.test_steps import act
from tests.attributions.households.rows import decided
from tests.attributions.households.sittings import APPOINTED, HOUR, house
from tests.flux.api.software import Software
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


def test_secretary_has_the_votes_of_the_room_recorded_by_its_software(world: World, time_machine: Any) -> None:
    """CCH, R441-9 and R441-3: the committee decides by the votes of its members, one of the five decisions a case."""
    found = house(world)
    item = found.opened()
    time_machine.move_to(MORNING + 2 * HOUR, tick=False)
    secretary, manager, city = Software(world, "aline"), Software(world, "alice"), Software(world, "chloe")
    path = f"/agenda-items/{item.pk}/"
    [listed] = secretary.get(f"/agenda-items/?vacancy={item.vacancy_id}").json()["results"]
    read = secretary.get(path)
    payload = read.json()
    assert set(payload) == set(ItemSheetShape().fields)
    assert (listed["id"], listed["state"], payload["session_state"]) == (item.pk, "TO_EXAMINE", "OPEN")
    city.get(path, 404)
    letters = [case["letter"] for case in payload["cases"]]
    assert [case["status"] for case in payload["cases"]] == ["ON_AGENDA"] * 3
    votes = [{"member": each["id"], "choice": "FOR"} for each in payload["voters"] if each["name"] in APPOINTED]
    assert len(votes) == len(APPOINTED)
    due = (timezone.localdate() + timedelta(days=10)).isoformat()
    cases: list[dict[str, Any]] = [
        {"letter": letters[0], "kind": "RANKED", "rank": 1},
        {"letter": letters[1], "kind": "CONDITIONAL", "rank": 2, "document": "TAX_NOTICE", "document_due_on": due},
        {"letter": letters[2], "kind": "NOT_ALLOCATED", "reason": "SIZE"},
    ]
    asked, etag = {"cases": cases, "votes": votes}, read["ETag"]

    def say(body: dict[str, Any], expected: int, name: str = "") -> Any:
        return secretary.post(f"{path}decide/", body, expected, If_Match=name or etag).json()

    manager.post(f"{path}decide/", asked, 403, If_Match=etag)
    secretary.post(f"{path}decide/", asked, 428)
    assert say(asked, 412, '"autre"')["code"] == "etat-depasse"
    assert say({**asked, "votes": [*votes, votes[0]]}, 400)["errors"][0]["field"] == "votes"
    assert say({**asked, "cases": [{**cases[0], "letter": "Z"}]}, 422)["errors"][0]["field"] == "cases"
    assert say({**asked, "cases": cases[:1]}, 422)["code"] == "acte-refuse"
    assert say({**asked, "votes": [{"member": 10**6, "choice": "FOR"}]}, 422)["errors"][0]["field"] == "votes"
    assert not Ballot.objects.exists()
    key = {"If_Match": etag, "Idempotency_Key": "seance-1"}
    done = secretary.post(f"{path}decide/", asked, 200, **key).json()
    assert done["state"] == "DECIDED"
    assert [case["decision"] for case in done["cases"]] == ["RANKED", "CONDITIONAL", "NOT_ALLOCATED"]
    assert secretary.post(f"{path}decide/", asked, 200, **key).json() == done
    assert (BallotVote.objects.count(), CaseDecision.objects.count()) == (len(APPOINTED), 3)
    assert say(asked, 422, secretary.get(path)["ETag"])["code"] == "acte-refuse"
    assert "Ménage" not in "".join(ApiCall.objects.values_list("answer", flat=True))


def test_at_a_distance_no_software_votes_in_the_place_of_a_member(world: World, time_machine: Any) -> None:
    found = house(world)
    item = found.opened(mode="REMOTE")
    time_machine.move_to(MORNING + 2 * HOUR, tick=False)
    software, path = Software(world, "aline"), f"/agenda-items/{item.pk}/"
    read = software.get(path)
    cases = [{"letter": case["letter"], "kind": "NOT_ALLOCATED", "reason": "SIZE"} for case in read.json()["cases"]]
    votes = [{"member": read.json()["voters"][0]["id"], "choice": "FOR"}]
    refused = software.post(f"{path}decide/", {"cases": cases, "votes": votes}, 422, If_Match=read["ETag"]).json()
    assert "chaque membre vote lui-même" in refused["detail"]
    assert (read.json()["remote"], BallotVote.objects.count()) == (True, 0)


def test_lease_recorded_by_mistake_is_undone_by_software(world: World, time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)
    today = timezone.localdate().isoformat()
    first, second, _ = decided(world)
    landlord = Software(world)
    assert "Aucun bail" in act(landlord, first, "lease/undo", {"why": "Erreur de saisie."}, 422)["detail"]
    act(landlord, first, "offer", {})
    act(landlord, first, "answer", {"accepted": True, "answered_on": today})
    act(landlord, first, "lease", {"signed_on": today})
    assert landlord.get(f"/candidates/{second.pk}/").json()["status"] == "RELEASED"
    Software(world, "chloe").post(f"/candidates/{first.pk}/lease/undo/", {"why": "Erreur."}, 403)
    assert act(landlord, first, "lease/undo", {"why": ""}, 400)["errors"][0]["field"] == "why"
    undone = act(landlord, first, "lease/undo", {"why": "Erreur de saisie."})
    assert (undone["status"], undone["lease_signed_on"]) == ("ACCEPTED", None)
    assert landlord.get(f"/candidates/{second.pk}/").json()["status"] == "ALLOCATED"
    assert Lease.objects.get().cancelled_why == "Erreur de saisie."
