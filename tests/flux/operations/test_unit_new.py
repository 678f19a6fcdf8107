"""The units of a new programme: by a form or by a file, before the RPLS knows them, and known again when it does."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from flux.models import Unit
from flux.operations.units import Alike, UnitsRefused, create_units
from reservations.models import FileImport, HistoryEntry
from tests.flux.imports.test_units import counts, imported
from tests.flux.imports.unit_files import many, units
from tests.flux.programmes import planned
from tests.world import World

SignIn = Callable[[str], Client]


def test_a_new_programme_gets_its_units_by_a_form_and_the_rpls_knows_them_again(sign_in: SignIn, world: World) -> None:
    """« New programmes create their units here (by file or by form), before RPLS knows them. »"""
    programme = planned(world, units=3)
    client, url = sign_in("alice"), reverse("programme-units", args=[programme.pk])
    assert "Ajouter des logements" in client.get(reverse("programme-detail", args=[programme.pk])).text
    assert "0 logement y est déjà enregistré" in client.get(url).text
    values = {
        "count": "2",
        "rooms": "3",
        "financing_code": "13",
        "number": "12 bis",
        "street": "Rue Voltaire",
        "surface": "65,5",
        "construction_year": "2026",
        "in_qpv": "False",
    }
    wrong = client.post(url, values | {"count": "0"})
    assert (wrong.status_code, "de 1 à 500 logements" in wrong.text) == (422, True)
    assert client.post(url, values, follow=True).text.count("2 logements sont ajoutés") == 1
    made = list(Unit.objects.filter(programme=programme).order_by("ordinal"))
    assert [(unit.ordinal, unit.is_own_reference) for unit in made] == [(1, False), (2, False)]
    assert (made[0].address, made[0].surface, made[0].in_qpv) == ("12 bis rue Voltaire", Decimal("65.50"), False)
    assert made[0].descriptions.get().rooms == 3
    assert HistoryEntry.objects.about(programme).filter(details__units__1=f"{made[0].reference}, 2").count() == 1

    rows = many(2, NUMVOIE="12", NOMVOIE="VOLTAIRE", IMMEU=programme.name, DEPCOM=programme.commune.code)
    order = imported(world, units(*(row | {"INDREP": "BIS"} for row in rows)))
    assert (order.state, counts(order)) == (FileImport.State.DONE, (0, 2, 0, 0))
    assert set(programme.units.values_list("pk", flat=True)) == {unit.pk for unit in made}
    assert set(programme.units.values_list("reference", flat=True)) == {"A-000001", "A-000002"}


@pytest.mark.parametrize(
    ("count", "given", "field"),
    [(501, {}, "count"), (1, {"financing_code": "98"}, "financing_code"), (1, {"rooms": 0}, "rooms")],
)
def test_units_that_cannot_be_are_refused(world: World, count: int, given: dict[str, object], field: str) -> None:
    programme = planned(world, units=3)
    before = Unit.objects.count()
    with pytest.raises(UnitsRefused) as refused:
        create_units(
            programme=programme, count=count, alike=Alike(**({"rooms": 3, "financing_code": "13"} | given)), by=None
        )
    assert (refused.value.field, Unit.objects.count()) == (field, before)
