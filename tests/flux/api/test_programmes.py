"""A new programme and its units by software, before the RPLS knows them: the acts of the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from flux.models import Unit
from flux.operations.stock_transfers import Given, accept_transfer, propose_transfer
from reservations.models import HistoryEntry
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from tests.world import World


def test_a_new_programme_enters_by_software_then_its_units(world: World) -> None:
    landlord, city = Software(world), Software(world, "chloe", "READ", "UNITS")
    new = {"name": "Les Tilleuls", "commune": "11262", "delivered_on": "2027-03-01", "expected_units": 24}
    assert landlord.post("/programmes/", {**new, "commune": "99999"}, 400).json()["errors"][0]["field"] == "commune"
    assert landlord.post("/programmes/", {**new, "name": " "}, 400).json()["code"] == "demande-invalide"
    city.post("/programmes/", new, 403)
    Software(world, "alice", "READ").post("/programmes/", new, 403)
    made = landlord.post("/programmes/", new, Idempotency_Key="programme-1")
    assert landlord.post("/programmes/", new, Idempotency_Key="programme-1").json() == made.json()
    assert landlord.post("/programmes/", new, 422).json()["code"] == "acte-refuse"
    pk, path = made.json()["id"], f"/programmes/{made.json()['id']}/"
    assert made["Location"].endswith(f"/api/v1{path}")
    assert [each["id"] for each in landlord.get("/programmes/?commune=11262").json()["results"]] == [pk]
    city.get(path, 404)
    landlord.ask("PATCH", path, {"expected_units": 30}, 428)
    read = landlord.get(path)
    planned = landlord.ask("PATCH", path, {"expected_units": 30}, If_Match=read["ETag"]).json()
    assert (planned["expected_units"], planned["delivered_on"]) == (30, "2027-03-01")
    landlord.ask("PATCH", path, {"expected_units": 31}, 412, If_Match=read["ETag"])
    alike = {"count": 3, "rooms": 3, "financing_code": "13", "number": "4 bis", "street": "rue Voltaire"}
    assert landlord.post(f"{path}units/", {**alike, "count": 501}, 400).json()["errors"][0]["field"] == "count"
    city.post(f"{path}units/", alike, 404)
    references = landlord.post(f"{path}units/", alike, Idempotency_Key="logements-1").json()["references"]
    assert landlord.post(f"{path}units/", alike, Idempotency_Key="logements-1").json()["references"] == references
    units = Unit.objects.filter(programme=pk).order_by("ordinal")
    assert [unit.reference for unit in units] == references
    assert {unit.address for unit in units} == {"4 bis rue Voltaire"}
    assert HistoryEntry.objects.filter(subject="flux.programme", subject_id=pk).count() == 3


def test_a_programme_that_nobody_planned_says_what_is_missing(world: World) -> None:
    landlord, pk = Software(world), world.unit().programme_id
    etag = landlord.get(f"/programmes/{pk}/")["ETag"]
    refused = landlord.ask("PATCH", f"/programmes/{pk}/", {"expected_units": 12}, 400, If_Match=etag).json()
    assert [each["field"] for each in refused["errors"]] == ["delivered_on"]


def test_a_programme_that_was_given_says_to_whom_and_is_acted_on_no_more(world: World) -> None:
    """docs/decisions/0071: software of the one that gave it reads where it went; what the screens refuse is refused."""
    landlord, other, today = Software(world), Software(world, "zoe", "READ", "UNITS"), timezone.localdate()
    given = world.unit().programme
    path = f"/programmes/{given.pk}/"
    assert (landlord.get(path).json()["given_on"], landlord.get(path).json()["given_to"]) == (None, None)
    transfer = propose_transfer(
        giver=world.landlord, given=Given(world.other_landlord, [given], today, "acte"), by=world.people["alice"]
    )
    accept_transfer(transfer=transfer, by=world.people["zoe"])
    read = landlord.get(path)
    rows = (today.isoformat(), str(world.other_landlord))
    assert (read.json()["given_on"], read.json()["given_to"]) == rows
    [listed] = landlord.get("/programmes/").json()["results"]
    assert (listed["given_on"], listed["given_to"]) == rows
    [theirs] = other.get("/programmes/").json()["results"]
    assert theirs["given_on"] is None
    plan = {"delivered_on": today.isoformat(), "expected_units": 12}
    assert landlord.ask("PATCH", path, plan, 422, If_Match=read["ETag"]).json()["code"] == "acte-refuse"
    alike = {"count": 3, "rooms": 3, "financing_code": "13", "number": "4", "street": "rue Voltaire"}
    assert landlord.post(f"{path}units/", alike, 422).json()["code"] == "acte-refuse"
