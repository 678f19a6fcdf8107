"""A commune that passes from one EPCI to another inside a year: the year says both (docs/decisions/0128)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from attributions.bilan.exports.layout import balance_page
from attributions.bilan.passages import Passage
from attributions.bilan.queries.balance import balance
from attributions.bilan.queries.overview import passages_in
from attributions.bilan.queries.transmissions import whole_balance
from flux.models import Routing
from reservations.models import Membership, Organisation, TerritoryLink
from reservations.operations.party import register_organisation
from reservations.operations.person import grant_membership, register_user
from tests.attributions.bilan.acts import at, let, lived_by_act
from tests.attributions.bilan.balances import YEAR, send, sign
from tests.world import MORNING, PASSWORD, World, siren

LAST = date(YEAR + 1, 3, 1)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(at(LAST), tick=False)


def moved(world: World, on: date) -> Membership:
    """Coursan passes that day from Le Grand Narbonne to Béziers-Méditerranée; an officer of the second."""
    place, to = world.places["Coursan"], world.places["Béziers Méditerranée"]
    TerritoryLink.objects.filter(territory=place, kind="EPCI").update(until=on - DAY)
    TerritoryLink.objects.create(territory=place, kind="EPCI", container=to, since=on, source="arrêté préfectoral")
    type(place).objects.filter(pk=place.pk).update(epci=to)
    there = register_organisation(siren=siren(22), name="CA de Béziers", kind=Organisation.Kind.EPCI, territory=to)
    user = register_user(email="noemie@exemple.test", full_name="Noémie", password=PASSWORD)
    world.people["noemie"] = user
    return grant_membership(user=user, organisation=there, role=Membership.Role.EPCI_OFFICER)


def read(world: World, member: Membership) -> tuple[Passage, ...]:
    found = balance(world.landlord, YEAR, member=member)
    return passages_in(found, member)


@pytest.mark.parametrize(("on", "sides"), [(MORNING.date(), (0, 3)), (MORNING.date() + DAY, (3, 0))])
def test_what_was_done_is_stated_on_both_sides_of_the_day(world: World, on: date, sides: tuple[int, int]) -> None:
    """Three units of Coursan are offered on 24 November, and one let in December: on that day they are of the second
    EPCI, on the eve of the next one still of the first."""
    lived_by_act(world)
    noemie = moved(world, on)
    for member, here in ((world.member("emma"), False), (noemie, True)):
        [each] = read(world, member)
        assert (each.commune.name, each.on, each.counted_here) == ("Coursan", on, here)
        assert (str(each.former), str(each.latter)) == ("CA Le Grand Narbonne", "CA de Béziers-Méditerranée")
        assert (each.before["offered"], each.since["offered"]) == sides
        assert (each.before["leased"], each.since["leased"]) == (0, 1)
    whole = balance(world.landlord, YEAR, world.places["Coursan"]).measures
    assert (whole.offered, whole.leased) == (3, 1), "both sides make the year, which one of them counts"
    assert balance(world.landlord, YEAR, world.places["Béziers Méditerranée"]).measures.offered == 3
    assert balance(world.landlord, YEAR, world.places["Le Grand Narbonne"]).measures.offered == 8


@pytest.mark.parametrize("on", [date(YEAR, 1, 1), date(YEAR + 1, 1, 1)])
def test_a_first_of_january_divides_no_year(world: World, on: date) -> None:
    lived_by_act(world)
    noemie = moved(world, on)
    assert read(world, world.member("emma")) == read(world, noemie) == ()


def test_no_other_place_says_it(world: World) -> None:
    """A landlord reads the whole, and a département keeps the commune."""
    lived_by_act(world)
    moved(world, date(YEAR, 12, 1))
    assert read(world, world.member("aline")) == read(world, world.member("bob")) == ()
    assert len(passages_in(balance(world.landlord, YEAR, world.places["Le Grand Narbonne"]), None)) == 1


def test_a_sealed_year_says_both_sides_as_they_were_sealed(world: World) -> None:
    lived_by_act(world)
    noemie = moved(world, date(YEAR, 12, 1))
    sign(world, send(world))
    both = noemie, world.member("emma")
    before = [read(world, member) for member in both]
    late = Routing.objects.filter(closed_at=None, leases=None, vacancy__unit__commune=world.places["Coursan"])[0]
    let(world, late, date(YEAR, 12, 20), on=LAST)
    assert balance(world.landlord, YEAR, member=noemie).since.moved
    assert [read(world, member) for member in both] == before, "wherever the commune is counted"


def test_every_output_of_both_says_it(world: World, sign_in: Callable[[str], Client]) -> None:
    lived_by_act(world)
    noemie = moved(world, date(YEAR, 12, 1))
    sides = (
        "jusqu’au 30 novembre 2026, dans « CA Le Grand Narbonne », 3 proposés, 0 attribué, 0 loué ; à compter du "
        "1er décembre 2026, dans « CA de Béziers-Méditerranée », 0 proposé, 1 attribué, 1 loué."
    )
    values = {
        "emma": f"le 1er décembre 2026 ; ses logements sont comptés hors d’ici pour toute l’année : {sides}",
        "noemie": f"le 1er décembre 2026 ; ses logements sont comptés ici pour toute l’année : {sides}",
    }
    here = [world.landlord.pk, YEAR]
    for name, sentence in values.items():
        client = sign_in(name)
        pages = [
            *(reverse("balance", args=here), reverse("balance-axis", args=[*here, "commune"])),
            *(reverse(board, args=[YEAR]) for board in ("balance-territory", "balance-scale", "balance-cil")),
        ]
        for page in pages:
            assert sentence in " ".join(client.get(page).content.decode().split()), (name, page)
        payload = json.loads(b"".join(client.get(reverse("balance-json", args=here)).streaming_content))
        assert [each["counted_here"] for each in payload["passages"]] == [name == "noemie"]
        assert payload["passages"][0]["before"] == {"offered": 3, "allocated": 0, "leased": 0}
    content = whole_balance(world.landlord, YEAR, member=noemie, on=LAST)
    assert values["noemie"] in balance_page(content)
    answer = sign_in("noemie").get(reverse("balance-csv", args=here) + "?table=communes-passees")
    assert "Coursan;11106;01/12/2026;CA Le Grand Narbonne" in b"".join(answer.streaming_content).decode()
