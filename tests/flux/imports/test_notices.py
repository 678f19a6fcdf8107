"""Notices as they come, by the one door for files: declared as on the screen, each fault on its line, the same file
twice changing nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from flux.imports.notices import Notices
from flux.models import Vacancy, WebhookEndpoint, WebhookEvent
from flux.operations.cancellation import cancel_vacancy
from flux.operations.routing import sweep_waiting_vacancies
from flux.operations.stock import keep_in_stock
from reservations.models import ImportedLine
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World

KIND = Notices.code
BARE_HEAD = "Référence;Congé reçu le;Libre le;Motif;Exercice confirmé"
HEAD = f"{BARE_HEAD};Fin des travaux"


@pytest.fixture(autouse=True)
def today(time_machine: object) -> None:
    time_machine.move_to(MORNING)


def test_notices_are_declared_as_on_the_screen_and_the_file_of_the_next_night_declares_only_the_new(
    world: World, sign_in: Callable[[str], Client]
) -> None:
    """Aline gives it, who declares them one by one; she gives no other file."""
    found = sign_in("aline").get(reverse("file-import-list")).content.decode()
    assert "Congés reçus" in found
    assert "Tout emporter" not in found
    assert "Orientations passées" not in found
    assert reverse("file-import-new", args=[KIND]) in sign_in("aline").get(reverse("vacancy-declare")).text
    plain, moved, works, old, late = (
        world.unit(),
        world.unit(rpls_id="1100000001"),
        world.unit(),
        world.unit(),
        world.unit(),
    )
    kept = world.unit()
    keep_in_stock(
        unit=kept, holder=world.holders["city"], ground="LAND", starts_on=date(2026, 1, 1), by=world.people["alice"]
    )
    night = [
        f"{plain.reference};24/11/2026;28/02/2027;décès;;30/06/2027",
        "1100000001;23/11/2026;23/12/2026;Mutation interne d’un locataire du bailleur;",
        f"{works.reference};20/11/2026;20/12/2026;Travaux;",
        f"{kept.reference};20/11/2026;20/12/2026;;",
        f"{old.reference};15/12/2025;15/10/2026;;oui",
    ]
    order = given(world, KIND, csv_of(HEAD, *night), person="aline")
    assert (counts(order), order.topics) == (
        (5, 0, 0, 0),
        {"dans le flux": 2, "soustrait du flux": 1, "vacance technique": 1, "gardé en stock": 1},
    )
    assert not Vacancy.objects.exists()
    written(world, KIND, csv_of(HEAD, *night), person="aline")
    declared = {each.unit_id: each for each in Vacancy.objects.all()}
    assert {unit: (each.kind, each.exclusion, each.registered_on) for unit, each in declared.items()} == {
        plain.pk: ("IN_FLOW", "", MORNING.date()),
        moved.pk: ("EXCLUDED", "INTERNAL_TRANSFER", MORNING.date()),
        works.pk: ("TECHNICAL", "", MORNING.date()),
        kept.pk: ("STOCK", "", MORNING.date()),
        old.pk: ("IN_FLOW", "", MORNING.date()),
    }
    assert declared[plain.pk].works_end_on == date(2027, 6, 30)
    shown = sign_in("aline").get(reverse("vacancy-detail", args=[declared[plain.pk].pk])).text
    assert "jusqu’au 30 juin 2027" in " ".join(shown.split())
    assert sweep_waiting_vacancies(now=MORNING) == 2
    assert declared[old.pk].recommendations.get().ledger.exercise == 2026
    cancel_vacancy(
        vacancy=declared[works.pk],
        reason="NOTICE_WITHDRAWN",
        text="Le locataire reste.",
        by=world.people["alice"],
        now=MORNING,
    )
    night[0] = f"{plain.reference};24/11/2026;31/03/2027;vacance technique;"
    next_night = given(world, KIND, csv_of(HEAD, *night, f"{late.reference};24/11/2026;24/12/2026;;"))
    assert (counts(next_night), next_night.warned) == ((1, 0, 5, 0), 2)


def test_each_wrong_notice_is_named_by_line_and_column_with_the_way_out(world: World) -> None:
    free, taken, twice = world.unit(), world.unit(), world.unit(rpls_id="1100000002")
    world.vacancy(taken)  # free on the 28th
    sold = world.unit(left_on=date(2026, 5, 1), left_why="DEMOLISHED")
    order = given(
        world,
        KIND,
        csv_of(
            HEAD,
            "INCONNU;24/11/2026;24/12/2026;;",
            f"{taken.reference};25/11/2026;24/12/2026;;",
            f"{taken.reference};20/11/2026;24/12/2026;;",
            f"{free.reference};15/12/2025;15/10/2026;;",
            f"{free.reference};16/12/2025;15/10/2026;;non",
            f"{free.reference};15/12/2021;15/02/2022;;oui",
            f"{free.reference};24/11/2026;24/12/2028;;",
            f"{free.reference};22/11/2026;20/11/2026;;",
            f"{free.reference};24/11/2026;24/12/2026;mutation;",
            f"{free.reference};24/11/2026;24/12/2026;vendu;",
            f"{free.reference};23/11/2026;23/12/2026;gardé en stock;",
            f"{sold.reference};24/11/2026;24/12/2026;;",
            f"{twice.reference};24/11/2026;24/12/2026;;",
            f"{twice.reference};24/11/2026;24/12/2026;;",
            "1100000002;24/11/2026;24/12/2026;;",
            f"{free.reference};19/11/2026;24/12/2026;;;01/12/2026",
        ),
    )
    found = faults(order)
    assert (counts(order), [(number, column) for number, column, _ in found]) == (
        (1, 0, 0, 15),
        [
            (2, "logement"),
            (3, "congé reçu le"),
            (4, "logement"),
            (5, "exercice confirmé"),
            (6, "exercice confirmé"),
            (7, "congé reçu le"),
            (8, "libre le"),
            (9, "libre le"),
            (10, "motif"),
            (11, "motif"),
            (12, "motif"),
            (13, "logement"),
            (15, "logement"),
            (16, "logement"),
            (17, "fin des travaux"),
        ],
    )
    values = dict(ImportedLine.objects.filter(file_import=order).values_list("line", "remarks"))
    assert [values[number][0][1] for number in (3, 6, 12)] == ["25/11/2026", "non", "gardé en stock"]
    by_key = {number: sentence for number, _, sentence in found}
    assert "aucun de vos logements" in by_key[2]
    assert "est déjà déclaré libéré, libre le 28/11/2026" in by_key[4]
    assert "il entre dans le compte 2026, et non 2025" in by_key[5]
    assert by_key[5].endswith("écrivez oui dans cette colonne.")
    assert "si ce logement-ci est gardé pour une mutation" in by_key[10]
    assert "écrivez congé, ou l’un de : travaux, dans le flux" in by_key[11]
    assert "il ne se libère plus" in by_key[13]
    assert "déjà donné à la ligne 14" in by_key[15]
    assert values[15][0][1] == twice.reference, "what is typed there, not what the line is found by"
    assert "la ligne 14 le déclare déjà : un logement ne se libère qu’une fois. Gardez l’une des deux" in by_key[16]
    assert Vacancy.objects.count() == 1


def test_a_cancelled_notice_comes_in_as_such_and_each_fault_of_it_is_named(world: World) -> None:
    """It fell vacant for nobody: nothing waits for a decision, and software is not reported that it is declared."""
    unit, other = world.unit(), world.unit()
    WebhookEndpoint.objects.create(
        organisation=world.landlord.organisation,
        role="LANDLORD_STAFF",
        url="https://logiciel.exemple.fr/",
        kinds=["vacancy.declared"],
        secret="whsec_c2VjcmV0",
        made_by=world.people["alice"],
    )
    head = f"{BARE_HEAD};Annulé le;Motif d’annulation;Pourquoi il est annulé"
    row = f"{unit.reference};01/09/2026;01/12/2026;congé;"
    wrong = csv_of(
        head,
        f"{row};10/09/2026;;Le locataire reste.",
        f"{other.reference};01/09/2026;01/12/2026;congé;;10/08/2026;congé retiré par le locataire;Il reste.",
        f"{other.reference};02/09/2026;01/12/2026;congé;;10/09/2026;lubie;Il reste.",
    )
    assert [(line, column) for line, column, _ in faults(given(world, KIND, wrong))] == [
        (2, "motif d’annulation"),
        (3, "annulé le"),
        (4, "motif d’annulation"),
    ]
    content = csv_of(head, f"{row};10/09/2026;congé retiré par le locataire;Le locataire reste.", f"{row[:-1]};oui;;;")
    order = written(world, KIND, content)
    assert order.topics == {"annulés, gardés comme tels": 1, "dans le flux": 1}
    assert counts(given(world, KIND, content)) == (0, 0, 2, 0)
    gone = Vacancy.declared.get(cancelled_at__isnull=False)
    assert (gone.cancelled_at.date(), gone.cancellation) == (date(2026, 9, 10), "NOTICE_WITHDRAWN")
    assert list(WebhookEvent.objects.values_list("vacancy", flat=True)) == [Vacancy.objects.get().pk]
