"""Units given back before the account was kept here, by the one door for files: each fault on its line, and where each
went next reported by the file of past routings."""

from __future__ import annotations

import pytest

from flux.imports.past_routings import PastRoutings
from flux.imports.returned_units import ReturnedUnits
from flux.models import Ledger, Vacancy
from flux.queries.controls.accounts import audit
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

KIND = ReturnedUnits.code
HEAD = "Référence;Congé;Réservataire;Proposé le;Rendu le;Raison;Compte pour lui;Dû abandonné au bailleur;En une phrase"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def line(reference: str, **given: str) -> str:
    values = {"notice": "02/03/2026", "holder": "Ville de Narbonne", "proposed": "09/03/2026", "on": "23/03/2026"}
    values |= {"reason": "refus", "counted": "", "lost": "", "text": "Étage trop haut."}
    return ";".join((reference, *(values | given).values()))


def test_a_unit_given_back_goes_on_to_whom_the_past_routings_say(world: World) -> None:
    passed, works = world.unit().reference, world.unit().reference
    content = csv_of(
        HEAD,
        line(passed),
        line(passed, holder="ALS", proposed="24/03/2026", on="07/04/2026", reason="aucun candidat dans le délai"),
        line(works, reason="travaux"),
    )
    order = written(world, KIND, content)
    assert counts(order) == (3, 0, 0, 0)
    assert counts(given(world, KIND, content)) == (0, 0, 3, 0)
    head = "Référence;Congé;Réservataire;Proposé le;Bail"
    early, late = f"{passed};02/03/2026;Préfecture prioritaires;{{}};15/05/2026".format, "10/04/2026"
    [(at, column, result)] = faults(given(world, PastRoutings.code, csv_of(head, early("01/04/2026"))))
    assert (at, column, result) == (
        2,
        "proposé le",
        "Ce logement a été rendu le 07/04/2026 : il a été orienté de nouveau ensuite.",
    )
    written(world, PastRoutings.code, csv_of(head, early(late)))
    vacancy = Vacancy.objects.get(unit__reference=passed)
    went = vacancy.routings.order_by("pk").values_list("holder__organisation__kind", "given_back__reason")
    assert list(went) == [("COMMUNE", "DECLINED"), ("ACTION_LOGEMENT", "NO_CANDIDATE"), ("STATE", None)]
    assert list(vacancy.recommendations.order_by("pk").values_list("attempt", "engine_version")) == [
        (1, 0),
        (2, 0),
        (3, 0),
    ]
    assert not Vacancy.objects.get(unit__reference=works).routings.filter(closed_at=None).exists()
    assert audit([Ledger.objects.ordinary().get().pk]).differences == ()
    assert counts(given(world, PastRoutings.code, csv_of(head, early(late)))) == (0, 0, 1, 0)
    [(_, column, result)] = faults(given(world, KIND, csv_of(HEAD, line(passed, holder="Préfecture prioritaires"))))
    assert (column, result) == ("réservataire", "un autre réservataire l’a rendu, à cette date : corrigez cette ligne.")


def test_each_wrong_return_is_named_by_line_and_column(world: World) -> None:
    unit = world.unit().reference
    order = given(
        world,
        KIND,
        csv_of(
            HEAD,
            line("INCONNU"),
            line(unit, holder="Ville d’Ys"),
            line(unit, notice="02/12/2025", proposed="09/12/2025"),
            line(unit, proposed="10/03/2026", on="09/03/2026"),
            line(unit, proposed="11/03/2026", on="01/12/2026"),
            line(unit, proposed="12/03/2026", reason="humeur"),
            line(unit, proposed="13/03/2026", counted="oui", lost="0,25"),
            line(unit, proposed="16/03/2026", holder="Non réservé", reason="travaux", lost="0,25"),
            line(unit, proposed="01/03/2026"),
        ),
    )
    assert [(at, column) for at, column, _ in faults(order)] == [
        (2, "logement"),
        (3, "réservataire"),
        (4, "exercice confirmé"),
        (5, "rendu le"),
        (6, "rendu le"),
        (7, "raison"),
        (8, "dû abandonné au bailleur"),
        (9, "dû abandonné au bailleur"),
        (10, "proposé le"),
    ]
    assert not Vacancy.objects.exists()
