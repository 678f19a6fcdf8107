"""« Item 63 CONTINGENT, which is the old stock of reservations: proposed as rights to check, not silently made »."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.urls import reverse

from flux.models import StockAssignment, ToldAside
from flux.operations.stock_rights import assign_programme
from flux.queries.opening import reported_codes
from reservations.imports.door import confirm, digest_of, receive_file, run
from reservations.imports.kinds import kind_of
from reservations.models import HistoryEntry, StockRight
from tests.flux.views.pages import messages_of, text_of
from tests.flux.views.test_stock_right import title

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from tests.world import World

    SignIn = Callable[[str], Client]

CODES, START, RIGHTS = reverse("told-rights"), reverse("starting"), reverse("stock-right-list")
TERMS = {"ground": "LAND", "reference": "Délibération 12", "starts_on": "01/09/2008", "use": "", "ends_on": ""}


def of(code: int) -> str:
    return reverse("told-right", args=[code])


def sealed(page: Any) -> dict[str, str]:
    """What the form of a page confirms."""
    return {"digest": re.search(r'name="digest" value="([0-9a-f]+)"', page.text)[1]}


def test_a_unit_that_left_the_stock_is_not_to_check_any_more(world: World) -> None:
    world.unit(told_contingent=4)
    world.unit(told_contingent=4, left_on=date(2026, 3, 1), left_why="DEMOLISHED")
    [code] = reported_codes(world.landlord)
    assert (code.code, code.units, code.left) == (4, 1, 1)


def test_what_the_file_says_reserved_is_checked_then_recorded_by_a_person(world: World, sign_in: SignIn) -> None:
    """From the file to the title: nothing is made by itself, and what is confirmed is what was read."""
    alice = sign_in("alice")
    assert "Rien à vérifier" in text_of(alice.get(CODES))
    assert "Aucun de vos logements n’a de code de réservation" in text_of(alice.get(CODES))
    assert CODES in alice.get(RIGHTS).text
    rows = [f"A-{each};11262;3;13;{code}" for each, code in enumerate((4, 4, 3, 7, 9), 1)]
    content = "\n".join(["référence;commune;pièces;financement;CONTINGENT", *rows]).encode()
    order = receive_file(
        organisation=world.landlord.organisation, kind=kind_of("logements"), name="parc-2026.csv", content=content
    )
    order = run(order)
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    result = alice.get(reverse("file-import", args=[run(order).pk]))
    assert "Vérifier les droits que dit le RPLS" in text_of(result)
    assert not StockRight.objects.exists()
    words = text_of(alice.get(CODES))
    assert "4 logements réservés selon le RPLS n’ont encore aucun titre ici" in words
    assert "4, collectivités 2 2 à vérifier" in words
    assert "Source : RPLS, rubrique 63, fichier parc-2026.csv" in words
    start = text_of(alice.get(START))
    assert "Droits en stock vérifiés à faire aucun titre enregistré ; 4 logements réservés selon le RPLS" in start

    page = alice.get(of(4))
    holders = [str(holder) for holder in page.context["title_form"].fields["holder"].queryset]
    assert "Ville de Narbonne" in holders
    assert "Action Logement" not in "".join(holders)
    assert "STATE" not in dict(page.context["title_form"].fields["ground"].choices)
    given = TERMS | sealed(page) | {"holder": world.holders["city"].pk}
    new = world.unit(told_contingent=4)
    moved = alice.post(of(4), given)
    assert (moved.status_code, StockRight.objects.count()) == (422, 0)
    assert "ces logements ne sont plus ceux que vous aviez lus" in text_of(moved)

    only = f"{of(4)}?programme={new.programme_id}"  # a title of one programme leaves the others to check
    given |= sealed(alice.get(only))
    loan = alice.post(only, given | {"ground": "LOAN_GUARANTEE"})
    assert "Une garantie d’emprunt a une fin" in text_of(loan)
    assert messages_of(alice.post(only, given, follow=True)) == [
        "Le titre Délibération 12 est enregistré : 1 logement le porte."
    ]
    right = StockRight.objects.get()
    assert (right.holder, right.starts_on, right.assignments.get().unit) == (
        world.holders["city"],
        date(2008, 9, 1),
        new,
    )
    assert HistoryEntry.objects.about(right).get().why == "RPLS, rubrique 63, fichier parc-2026.csv"
    assert "RPLS, rubrique 63" in text_of(alice.get(reverse("stock-right-detail", args=[right.pk])))
    given |= sealed(alice.get(of(4)))
    other = alice.post(of(4), given | {"ground": "FUNDING"})
    assert "Un titre de cette référence est déjà enregistré, et dit autre chose" in text_of(other)
    assert alice.post(of(4), given).status_code == 302  # the same title bears the others too
    assert set(right.assignments.values_list("unit__told_contingent", flat=True)) == {4}
    assert StockAssignment.objects.filter(right=right).count() == 3
    assert "Aucun logement de ce code n’est à vérifier ici" in text_of(alice.get(of(4)))
    assert "4, collectivités 3 0 vérifié" in text_of(alice.get(CODES))


def test_a_code_is_left_aside_with_its_reason_and_taken_up_again(world: World, sign_in: SignIn) -> None:
    alice = sign_in("alice")
    world.unit(told_contingent=9)
    assert "Aucun réservataire de ce contingent n’est connu" in text_of(alice.get(of(9)))
    assert "Aucun logement de ce code" in text_of(alice.get(of(10**20)))
    assert alice.post(of(9), {"why": " "}).status_code == 422
    why = "Conventions éteintes en 2019."
    alice.post(of(9), {"why": why})
    assert "déjà mis de côté" in text_of(alice.post(of(9), {"why": why}))
    assert f"mis de côté {why}" in text_of(alice.get(CODES))
    assert "Rien à vérifier" in text_of(alice.get(CODES))
    assert "selon le RPLS" not in text_of(alice.get(START))
    assert "Ce code est mis de côté" in text_of(alice.get(of(9)))
    assert "Aucun logement de ce code n’est à vérifier." in text_of(alice.post(of(5), {"why": why}))
    alice.post(of(9), {"again": "1"})
    assert messages_of(alice.post(of(9), {"again": "1"}, follow=True)) == ["Ce code n’est pas mis de côté."]
    assert reported_codes(world.landlord)[0].to_check == 1
    with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
        ToldAside.objects.update(why="x")
    with pytest.raises(IntegrityError, match="told_aside_has_its_reason"), transaction.atomic():
        ToldAside.objects.create(
            landlord=world.landlord, contingent=3, is_aside=True, units=1, set_by=world.people["alice"]
        )
    assert [str(each).partition(", ")[2] for each in ToldAside.objects.all()] == [
        "code 9 : mis de côté",
        "code 9 : à vérifier",
    ]


def test_a_title_by_number_covers_the_units_that_it_does_not_name(world: World, sign_in: SignIn) -> None:
    """An inventory says « three units of this programme »: the three that the RPLS states are not asked about again."""
    units = [world.unit(told_contingent=4) for _ in range(3)]
    world.unit(told_contingent=3)
    right = title(world)
    assign_programme(right=right, programme=units[0].programme, units=2, by=world.people["alice"])
    assert [(each.code, each.left) for each in reported_codes(world.landlord)] == [(3, 1), (4, 3)]
    assign_programme(
        right=title(world, reference="VN-2"), programme=units[0].programme, units=1, by=world.people["alice"]
    )
    assert [(each.code, each.left) for each in reported_codes(world.landlord)] == [(3, 1), (4, 0)]
    page = sign_in("alice").get(of(3))
    full = TERMS | sealed(page) | {"holder": world.holders["als"].pk}
    state = title(world, "agents", "PR-1", ground="INTERNAL_SECURITY")  # titles now bear on each of the four units
    assign_programme(right=state, programme=units[0].programme, units=1, by=world.people["alice"])
    refused = sign_in("alice").post(of(3), full)
    assert "des droits porteraient sur 5" in text_of(refused)


@pytest.mark.parametrize("count", [1, 4])
def test_the_pages_cost_the_same_queries(
    world: World, sign_in: SignIn, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count):
        world.unit(told_contingent=4)
    alice = sign_in("alice")
    alice.get(CODES)
    with django_assert_num_queries(5):
        alice.get(CODES)
    with django_assert_num_queries(11):
        alice.get(of(4))
