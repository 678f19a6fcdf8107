"""Routings by software: on what was read, by the acts of the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flux.models import Routing
from flux.operations.routing import sweep_waiting_vacancies
from tests.flux.api.software import Software
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


def test_routing_is_confirmed_or_overridden_on_the_state_that_was_read(world: World) -> None:
    """428 without it, 412 once it changed, and a replay gives the first answer although the state is another."""
    software, staff = Software(world), Software(world, "alice", "READ")
    followed, elsewhere = world.vacancy(), world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    path = f"/vacancies/{followed.pk}/"
    read = software.get(path)
    assert software.post(f"{path}confirm/", None, 428).json()["code"] == "etat-requis"
    assert software.post(f"{path}confirm/", None, 412, If_Match='"autre"').json()["code"] == "etat-depasse"
    staff.post(f"{path}confirm/", None, 403, If_Match=read["ETag"])
    key = {"If_Match": read["ETag"], "Idempotency_Key": "suivre-1"}
    done = software.post(f"{path}confirm/", None, 200, **key)
    assert (done.json()["status"], done.json()["destination"]) == ("routed", read.json()["destination"])
    assert software.post(f"{path}confirm/", None, 200, **key).content == done.content
    assert software.post(f"{path}confirm/", None, 412, If_Match=read["ETag"]).json()["code"] == "etat-depasse"
    again = software.post(f"{path}confirm/", None, 409, If_Match=done["ETag"]).json()
    assert again["code"] == "etat-incompatible"
    assert Routing.objects.get().routed_by == world.people["alice"]

    path = f"/vacancies/{elsewhere.pk}/"
    read = software.get(path)
    others = [row["holder"] for row in software.get(f"{path}explanation/").json()["alternatives"]]
    body = {"holder": others[0], "motive": "OTHER", "motive_text": "Accord du 23."}
    state = {"If_Match": read["ETag"]}
    assert (
        software.post(f"{path}override/", {**body, "motive": "X"}, 400, **state).json()["errors"][0]["field"]
        == "motive"
    )
    software.post(f"{path}override/", {**body, "holder": 10**30}, 400, **state)
    same = {**body, "holder": read.json()["destination"]["id"]}
    assert software.post(f"{path}override/", same, 422, **state).json()["errors"][0]["field"] == "holder"
    moved = software.post(f"{path}override/", body, 200, **state).json()
    assert (moved["destination"]["id"], moved["overridden"]) == (others[0], True)


def test_unit_is_found_by_its_reference_and_completed_on_what_was_read(world: World) -> None:
    software, city = Software(world), Software(world, "chloe")
    unit = world.unit(reference="ESI 4021/12", financing_code="", rent=None)
    world.unit()
    [found] = software.get("/units/?reference=ESI 4021/12").json()["results"]
    assert (found["id"], found["commune"]["code"], found["rpls_id"]) == (unit.pk, "11262", "")
    assert city.get("/units/").json()["results"] == []
    path = f"/units/{unit.pk}/"
    read = software.get(path)
    software.ask("PATCH", path, {"floor": 2}, 428)
    city.ask("PATCH", path, {"floor": 2}, 404, If_Match=read["ETag"])
    state = {"If_Match": read["ETag"]}
    assert software.ask("PATCH", path, {"floor": 999}, 400, **state).json()["errors"][0]["field"] == "floor"
    body = {"floor": 2, "rent": "517.20", "financing_code": "13"}
    done = software.ask("PATCH", path, body, 200, **state)
    unit.refresh_from_db()
    assert (unit.floor, str(unit.rent), unit.financing_code) == (2, "517.20", "13")
    assert software.get(path).json() == done.json()
    software.ask("PATCH", path, {"floor": 3}, 412, **state)
    renamed = software.ask(
        "PATCH", path, {"reference": "ESI 4021/13", "rpls_id": "ab12345678"}, 200, If_Match=done["ETag"]
    )
    assert (renamed.json()["reference"], renamed.json()["rpls_id"]) == ("ESI 4021/13", "AB12345678")
    assert [each["id"] for each in software.get("/units/?rpls_id=AB12345678").json()["results"]] == [unit.pk]
    done = renamed
    known = software.ask("PATCH", path, {"financing_code": "14"}, 422, If_Match=done["ETag"]).json()
    assert known["errors"][0]["field"] == "financing_code"
