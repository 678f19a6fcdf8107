"""Balances by software: the figures of the file, for whom the screen is, and who took them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from attributions.bilan.models import BalanceDownload
from flux.operations.routing import sweep_waiting_vacancies
from tests.flux.api.software import Software
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World


def test_balance_is_that_of_the_file_and_is_kept_in_its_journal(world: World, sign_in: Callable[[str], Client]) -> None:
    world.vacancy()
    sweep_waiting_vacancies(now=MORNING)
    siren = world.landlord.organisation.siren
    for person in ("alice", "chloe"):
        software = Software(world, person, "BALANCES")
        listed = software.get("/balances/").json()
        assert [(each["landlord"]["siren"], each["year"]) for each in listed] == [(siren, MORNING.year)]
        read = software.get(f"/balances/{siren}/{MORNING.year}/").json()
        file = sign_in(person).get(f"/bilans/{world.landlord.pk}/{MORNING.year}/bilan.json")
        assert read == json.loads(b"".join(file.streaming_content))
        assert set(read) >= {"by_act", "by_cohort"}
    assert [each.organisation for each in BalanceDownload.objects.order_by("pk")[::2]] == [
        world.landlord.organisation,
        world.city,
    ]
    software, path = Software(world, "alice", "BALANCES"), f"/balances/{siren}/{MORNING.year}/"
    limited = software.get(f"{path}?territory={world.places['Narbonne'].pk}").json()
    assert limited["territory"]["name"] == "Narbonne"
    software.get(f"{path}?territory=0", 404)
    software.get(f"/balances/{siren}/1999/", 404)
    Software(world, "alice", "READ").get("/balances/", 403)
    Software(world, "zoe").get(path, 404)
