"""Candidates and cancellations by software: the acts of the screens, without a name in what is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attributions.households.models import AccessRecord, Proposal
from reservations.models import ApiCall
from tests.attributions.households.candidates import number, routed
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from tests.world import World


def test_holder_prepares_its_candidates_sends_them_and_follows_them_by_number(world: World) -> None:
    """Nobody is named in an answer, nor in the one that a key keeps; the landlord reads them once they are sent."""
    routing = routed(world)
    city, landlord = Software(world, "chloe", "PROPOSALS"), Software(world)
    path = f"/vacancies/{routing.vacancy_id}/candidates/"
    household = {"name": "Durand Amina", "birth_date": "1984-03-12", "adults": 2, "children": 1, "income": 18000}
    body = {"number": number(1), **household}
    assert city.post(path, {**body, "number": "12"}, 422).json()["errors"][0]["field"] == "number"
    assert city.post(path, {**body, "priority": "RIEN"}, 400).json()["errors"][0]["field"] == "priority"
    landlord.post(path, body, 403)
    made = city.post(path, {**body, "priority": "DALO"}, Idempotency_Key="candidat-1")
    assert (made.json()["status"], made.json()["position"]) == ("DRAFT", 1)
    assert Proposal.objects.get().has_priority is True
    assert landlord.get(path).json()["results"] == []
    refused = city.post(f"{path}send/", {}, 422).json()
    assert refused["code"] == "acte-refuse"
    few = {"exemption": "TOO_FEW", "exemption_text": "Peu de demandes."}
    [sent] = city.post(f"{path}send/", few).json()
    assert (sent["status"], sent["proposer"]) == ("SENT", world.city.siren)
    assert landlord.get(path).json()["results"] == [sent]
    kept = "".join(ApiCall.objects.values_list("answer", flat=True))
    assert made.content.decode() in kept
    assert "Durand" not in kept
    assert number(1) not in kept
    assert not AccessRecord.objects.exists()
    Software(world, "zoe").get(path, 404)


def test_withdrawn_notice_is_cancelled_on_the_state_that_was_read(world: World) -> None:
    software, vacancy = Software(world), world.vacancy()
    path, body = f"/vacancies/{vacancy.pk}/", {"reason": "NOTICE_WITHDRAWN", "text": "Le locataire reste."}
    state = {"If_Match": software.get(path)["ETag"]}
    software.post(f"{path}cancel/", body, 428)
    assert software.post(f"{path}cancel/", {**body, "reason": "RECLASSIFIED"}, 400, **state).json()["errors"]
    assert software.post(f"{path}cancel/", body, 200, **state).json()["status"] == "cancelled"
    assert software.get(path).json()["status"] == "cancelled"
    assert software.get("/vacancies/").json()["results"] == []
    assert software.post(f"{path}cancel/", body, 409, **state).json()["code"] == "etat-incompatible"
    Software(world, "zoe").post(f"{path}cancel/", body, 404, **state)
