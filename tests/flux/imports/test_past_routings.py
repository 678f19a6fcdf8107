"""The year's own spreadsheet by the one door for files: each routing at its date, to the right holder, not routed
again; each fault on its line, the same file twice changing nothing."""

from __future__ import annotations

from datetime import date

import pytest
from django.db.models import Sum

from flux.imports.past_routings import PastRoutings
from flux.models import FlowEntry, Ledger, Vacancy
from flux.operations.routing import sweep_waiting_vacancies
from flux.queries.controls.accounts import audit
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

KIND = PastRoutings.code
HEAD = "Date de congé;Référence;Commune;Réservataire;Contingent;Date de proposition;Date CALEOL;Date du bail;Suite"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def line(reference: str, holder: str, notice: str = "02/03/2026", **given: str) -> str:
    values = {"contingent": "", "proposed": "09/03/2026", "caleol": "", "lease": "", "outcome": ""} | given
    return ";".join((notice, reference, "Narbonne", holder, *values.values()))


def test_a_year_of_routings_debits_whom_its_spreadsheet_calls_so_and_is_not_routed_again(world: World) -> None:
    units = [world.unit() for _ in range(8)]
    content = csv_of(
        HEAD,
        line(units[0].reference, "Ville de Narbonne", caleol="01/04/2026", outcome="Attribué"),
        line(units[1].reference, "Mairie", caleol="01/04/2026", lease="20/04/2026", outcome="Bail signé"),
        line(units[2].reference, "Préfecture prioritaires", caleol="01/04/2026", outcome="refusé"),
        line(units[3].reference, "Préfecture", contingent="1", lease="20/04/2026"),
        line(units[4].reference, "ALS", caleol="01/04/2026", outcome="loué"),
        line(units[5].reference, world.epci.siren),
        line(units[6].reference, "Non réservé", outcome="en cours"),
        line(units[7].reference, "bailleur"),
    )
    order = given(world, KIND, content)
    assert (counts(order), order.warned) == ((8, 0, 0, 0), 5)
    assert order.topics == {
        "« Mairie » lu : Ville de Narbonne": 1,
        "« Préfecture prioritaires » lu : État – publics prioritaires": 1,
        "« Préfecture » lu : État – agents": 1,
        "« ALS » lu : Action Logement Services": 1,
        "« bailleur » lu : Non réservé": 1,
    }
    assert not Vacancy.objects.exists()
    written(world, KIND, content)
    found = FlowEntry.objects.exclude(stage__in=["DUE", "CARRIED"]).order_by().values_list("stage", "holder")
    hold = {holder.pk: name for name, holder in world.holders.items()}
    assert {(stage, hold[holder]): total for stage, holder, total in found.annotate(Sum("quantity"))} == {
        **{("ROUTED", name): 1 for name in ("priority", "agents", "als", "epci")},
        **{("OFFERED", name): 1 for name in ("priority", "agents", "als", "epci")},
        **{(stage, "city"): 2 for stage in ("ROUTED", "OFFERED", "ALLOCATED")},
        **{(stage, "landlord"): 2 for stage in ("ROUTED", "OFFERED")},
        **{("ALLOCATED", name): 1 for name in ("agents", "als")},
        **{("LEASED", name): 1 for name in ("city", "agents")},
    }
    assert set(Vacancy.objects.values_list("source", "registered_on")) == {("PAST", date(2026, 3, 2))}
    assert sweep_waiting_vacancies(now=MORNING) == 0
    assert audit([Ledger.objects.ordinary().get().pk]).differences == ()
    assert counts(given(world, KIND, content)) == (0, 0, 8, 0)
    later = csv_of(
        HEAD,
        line(units[5].reference, world.epci.siren, caleol="02/05/2026", outcome="attribué"),
        line(units[0].reference, "Ville de Narbonne", proposed="10/03/2026", caleol="01/04/2026", outcome="attribué"),
        line(units[6].reference, "ALS"),
    )
    again = given(world, KIND, later)
    assert (counts(again), again.warned) == ((0, 0, 2, 1), 2)
    [(number, column, sentence)] = faults(again)
    assert (number, column) == (4, "réservataire")
    assert "ce congé est déjà repris, orienté au bailleur (non réservé)" in sentence


def test_each_wrong_past_routing_is_named_by_line_and_column_with_the_way_out(world: World) -> None:
    free, taken, other = world.unit(), world.unit(), world.unit(rpls_id="1100000003")
    world.vacancy(taken)
    order = given(
        world,
        KIND,
        csv_of(
            f"{HEAD};Exercice confirmé",
            line("INCONNU", "Mairie"),
            line(free.reference, "Ville d’Ys"),
            line(free.reference, "Narbonne", "03/03/2026"),
            line(free.reference, "Préfecture", "04/03/2026"),
            line(free.reference, "Mairie", "02/12/2025", proposed="09/12/2025"),
            line(free.reference, "Mairie", "03/12/2025", proposed="09/12/2025") + ";oui",
            line(taken.reference, "Mairie", "24/11/2026", proposed="24/11/2026"),
            line(free.reference, "Mairie", "05/03/2026", proposed="01/03/2026"),
            line(free.reference, "Mairie", "06/03/2026", proposed="09/12/2026"),
            line(free.reference, "Mairie", caleol="01/04/2026"),
            line(free.reference, "Mairie", outcome="attribué"),
            line(free.reference, "Mairie", outcome="bail signé"),
            line(free.reference, "Mairie", lease="20/04/2026", outcome="refusé"),
            line(free.reference, "Mairie", proposed=""),
            line(other.reference, "Mairie"),
            line(other.reference, "ALS"),
            line("1100000003", "ALS"),
        ),
    )
    found = faults(order)
    assert (counts(order), [(number, column) for number, column, _ in found]) == (
        (1, 0, 0, 16),
        [
            (2, "logement"),
            (3, "réservataire"),
            (4, "réservataire"),
            (5, "réservataire"),
            (6, "exercice confirmé"),
            (7, "congé reçu le"),
            (8, "logement"),
            (9, "proposé le"),
            (10, "proposé le"),
            (11, "issue"),
            (12, "CALEOL le"),
            (13, "bail signé le"),
            (14, "issue"),
            (15, "proposé le"),
            (17, "logement"),
            (18, "logement"),
        ],
    )
    values = {number: sentence for number, _, sentence in found}
    assert "Écrivez un SIREN, ou l’un de : " in values[3]
    several = f"Le Grand Narbonne (SIREN {world.epci.siren}, contingent 4), Ville de Narbonne (SIREN {world.city.siren}"
    assert f"plusieurs répondent : {several}" in values[4]
    assert f"Préfecture de l’Aude (SIREN {world.state.siren}, contingent 1)" in values[5]
    assert "il entrerait dans le compte 2025, et non 2026" in values[6]
    assert "Aucune convention de réservation n’était en vigueur" in values[7]
    assert "a déjà un congé du 24 novembre 2026, sans bail : il ne s’est libéré qu’une fois" in values[8]
    assert "est à venir" in values[10]
    assert "écrivez ce que la commission a décidé" in values[11]
    assert "déjà donné à la ligne 16" in values[17]
    assert Vacancy.objects.count() == 1
