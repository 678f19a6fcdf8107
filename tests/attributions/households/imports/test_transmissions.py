"""Units, ranks and numbers in one file: each unit is sent whole or not at all, each fault on its line."""

from __future__ import annotations

import pytest

from attributions.households.imports.transmissions import BACK, Transmissions
from attributions.households.models import Application, ApplicationAlias, Proposal
from attributions.households.operations.application import add_alias
from flux.models import Routing, Unit
from reservations.imports.door import run
from tests.attributions.households.candidates import number, routed
from tests.attributions.households.named import household
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.reservations.imports.test_whole_groups import confirmed
from tests.world import World

KIND = Transmissions.code
HEAD = "Référence;rang;NUD;pourquoi moins de candidats"


def waiting(world: World, many: int) -> list[Application]:
    return [household(world, rank, number=number(rank)) for rank in range(1, many + 1)]


def line(routing: Routing, rank: int, household: int, why: str = "") -> str:
    return f"{routing.vacancy.unit.reference};{rank};{number(household)};{why}"


def test_several_units_are_sent_by_one_file_in_the_order_of_ranks(world: World) -> None:
    one, two = routed(world), routed(world)
    made = waiting(world, 4)
    content = csv_of(
        HEAD,
        line(one, 3, 1),
        line(two, 1, 4, "Peu de demandes."),
        line(one, 1, 2),
        line(one, 2, 3),
    )
    assert not Proposal.objects.exists()
    order = written(world, KIND, content, person="chloe")
    assert counts(order)[0] == 4
    assert not order.parts.exists()
    found = Proposal.objects.order_by("vacancy", "position").values_list("vacancy", "application", "status")
    assert list(found) == [
        *((one.vacancy_id, made[each].pk, "SENT") for each in (1, 2, 0)),
        (two.vacancy_id, made[3].pk, "SENT"),
    ]
    assert counts(given(world, KIND, content, person="chloe")) == (0, 0, 4, 0)


def test_a_fault_of_one_line_keeps_its_unit_back_and_no_other(world: World) -> None:
    one, two, three = routed(world), routed(world), routed(world)
    waiting(world, 8)
    household(world, 9, organisation=world.als, number=number(9))
    content = csv_of(
        HEAD,
        *(line(one, rank, rank) for rank in (1, 2, 3)),
        line(two, 1, 4),
        line(two, 2, 9),
        line(three, 1, 5, "Peu de demandes."),
        line(three, 2, 1),
        f"NULLE-PART;1;{number(6)};",
        f"NULLE-PART-2;60;{number(7)};",
    )
    order = given(world, KIND, content, person="chloe")
    values = {at: (column, sentence) for at, column, sentence in reversed(faults(order))}
    assert set(values) == {5, 6, 7, 8, 9, 10}
    assert values[6][1].startswith("ce ménage n’est pas parmi les vôtres")
    assert (8, "numéro unique") in {(at, column) for at, column, _ in faults(order)}
    assert values[9] == ("logement", "aucun logement libéré de cette référence n’attend de candidats de vous.")
    assert values[10][0] == "rang"
    assert not Proposal.objects.exists()
    run(confirmed(world, order, person="chloe"))
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {one.vacancy_id}


def test_too_few_without_a_reason_refuses_the_unit(world: World) -> None:
    one = routed(world)
    waiting(world, 1)
    [(at, _, sentence)] = faults(given(world, KIND, csv_of(HEAD, line(one, 1, 1)), person="chloe"))
    assert (at, sentence[:10]) == (2, "Il manque ")


def test_another_number_of_the_same_request_leads_to_it(world: World) -> None:
    one, [made] = routed(world), waiting(world, 1)
    add_alias(application=made, number=number(5), organisation=world.city, by=world.people["chloe"])
    assert ApplicationAlias.objects.count() == 1
    written(world, KIND, csv_of(HEAD, line(one, 1, 5, "Peu de demandes.")), person="chloe")
    assert Proposal.objects.get().application_id == made.pk


def test_a_unit_named_two_ways_is_refused_by_line_and_no_other(world: World) -> None:
    """Its candidates are one sending: by two names they would be two, each short of what CCH, R441-3 asks for."""
    one, two = routed(world), routed(world)
    waiting(world, 6)
    Unit.objects.filter(pk=one.vacancy.unit_id).update(rpls_id="110012345678")
    content = csv_of(
        HEAD,
        *(line(one, rank, rank) for rank in (1, 2)),
        f"110012345678;3;{number(3)};",
        *(line(two, rank, rank + 3) for rank in (1, 2, 3)),
    )
    order = given(world, KIND, content, person="chloe")
    assert [(at, column) for at, column, _ in faults(order)] == [(2, "logement"), (3, "logement"), (4, "logement")]
    assert faults(order)[0][2] == (
        "le fichier nomme aussi ce logement « 110012345678 » : nommez‑le de la même façon sur toutes ses lignes."
    )
    run(confirmed(world, order, person="chloe"))
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {two.vacancy_id}


#: The landlord by its SIREN too, as a file does where two landlords have the same references.
WHOSE = "Référence;rang;NUD;SIREN du bailleur"


def test_the_siren_on_some_lines_of_a_unit_is_another_name_of_it(world: World) -> None:
    """CCH, R441-3: three candidates for a unit. Neither those with the SIREN nor those without are sent alone."""
    one, two = routed(world), routed(world)
    waiting(world, 6)
    reference, of = one.vacancy.unit.reference, world.landlord.organisation.siren
    content = csv_of(
        WHOSE,
        f"{reference};1;{number(1)};{of}",
        f"{reference};2;{number(2)};",
        f"{reference};3;{number(3)};{of}",
        *(line(two, rank, rank + 3) for rank in (1, 2, 3)),
    )
    order = given(world, KIND, content, person="chloe")
    values = {at: sentence for at, _, sentence in faults(order)}
    assert set(values) == {2, 3, 4}
    assert values[2].startswith(f"le fichier nomme aussi ce logement « {reference} » sans SIREN : nommez")
    assert values[3].startswith(f"le fichier nomme aussi ce logement « {reference} » avec le SIREN {of} : nommez")
    run(confirmed(world, order, person="chloe"))
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {two.vacancy_id}


@pytest.mark.parametrize(
    "wrong", ["{reference};1;{stranger};{of}", "{reference};60;{known};{of}", "{reference};;;1234"]
)
def test_a_line_refused_under_another_name_keeps_its_unit_back(world: World, wrong: str) -> None:
    """A household of nobody here, a rank that is not one, a SIREN that nobody reads: the unit is the same."""
    one, two = routed(world), routed(world)
    waiting(world, 7)
    names = {"reference": one.vacancy.unit.reference, "of": world.landlord.organisation.siren}
    content = csv_of(
        WHOSE,
        wrong.format(**names, stranger=number(9), known=number(7)),
        *(line(one, rank, rank) for rank in (1, 2, 3)),
        *(line(two, rank, rank + 3) for rank in (1, 2, 3)),
    )
    order = given(world, KIND, content, person="chloe")
    values = {at: sentence for at, _, sentence in faults(order)}
    assert set(values) == {2, 3, 4, 5}
    assert {values[at].split(" :")[0].removesuffix(" (ligne 2)") for at in (3, 4, 5)} == {BACK.split(" :")[0]}
    run(confirmed(world, order, person="chloe"))
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {two.vacancy_id}


def test_a_household_under_two_numbers_is_given_for_one_unit(world: World) -> None:
    """Its own number, then an alias: it is one request, and the unit of the second is kept back whole."""
    one, two = routed(world), routed(world)
    made = waiting(world, 5)
    add_alias(application=made[0], number=number(8), organisation=world.city, by=world.people["chloe"])
    content = csv_of(
        HEAD,
        *(line(one, rank, rank) for rank in (1, 2, 3)),
        line(two, 1, 8),
        *(line(two, rank, rank + 2) for rank in (2, 3)),
    )
    order = given(world, KIND, content, person="chloe")
    assert faults(order) == [
        (5, "numéro unique", "ce ménage est déjà donné à la ligne 2, sous un autre numéro : n’en gardez qu’une."),
        (6, "logement", BACK),
        (7, "logement", BACK),
    ]
    run(confirmed(world, order, person="chloe"))
    assert set(Proposal.objects.values_list("vacancy", flat=True)) == {one.vacancy_id}
