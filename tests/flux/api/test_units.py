"""A unit created by software: the act of the screen, with what its landlord says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flux.models import Unit
from reservations.models import HistoryEntry
from tests.flux.api.software import Software

if TYPE_CHECKING:
    from tests.world import World


def test_unit_of_a_programme_is_created_with_its_own_reference_before_the_rpls_knows_it(world: World) -> None:
    programme = world.unit().programme
    software, before = Software(world), Unit.objects.count()
    values = {
        "programme": programme.pk,
        "rooms": 3,
        "financing_code": "13",
        "number": "4 bis",
        "street": "rue Voltaire",
    }
    body = {
        **values,
        "reference": "ESI-4021",
        "rpls_id": "1100000042",
        "surface": "64.50",
        "floor": 2,
        "rent": "402.10",
    }
    for wrong in ({"programme": world.unit(landlord=world.other_landlord).programme_id}, {"rooms": 0}, {"rien": 1}):
        assert software.post("/units/", {**body, **wrong}, 400).json()["errors"][0]["field"] == next(iter(wrong))
    made = software.post("/units/", body, Idempotency_Key="logement-1")
    assert software.post("/units/", body, Idempotency_Key="logement-1").json() == made.json()
    assert Unit.objects.count() == before + 2  # the other landlord's, and one
    unit = Unit.objects.get(pk=made.json()["id"])
    assert (unit.reference, unit.rpls_id, unit.is_own_reference) == ("ESI-4021", "1100000042", True)
    assert (unit.typology, str(unit.surface), unit.floor, str(unit.rent)) == ("T3", "64.50", 2, "402.10")
    assert unit.address.startswith("4 bis") or unit.address.startswith("4 B")
    assert made["Location"].endswith(f"/api/v1/units/{unit.pk}/")
    assert made["ETag"] == software.get(f"/units/{unit.pk}/")["ETag"]
    assert HistoryEntry.objects.about(programme).filter(act="RECORDED").exists()
    twice = software.post("/units/", body, 422).json()
    assert (twice["code"], Unit.objects.count()) == ("acte-refuse", before + 2)
    assert software.post("/units/", values).json()["reference"] != ""
    Software(world, "alice", "READ").post("/units/", body, 403)
    Software(world, "chloe").post("/units/", body, 403)
