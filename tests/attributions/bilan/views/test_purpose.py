"""Officers read whole figures for a purpose that is recorded; the others read the journal of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceDownload, StatedPurpose
from attributions.bilan.operations.objectives import PurposeRefused, state_purpose
from tests.attributions.bilan.queries.test_objectives import let
from tests.flux.views.test_account import page
from tests.world import MORNING, World
from tests.world_again import kept

SignIn = Callable[[str], Client]
Why = StatedPurpose.Why
URL = reverse("balance-purposes", args=[2026])
SCALE = reverse("balance-scale", args=[2026])
OBJECTIVES = f"{reverse('objective-list')}?year=2026"


@pytest.fixture(autouse=True)
def morning(time_machine: Any) -> None:
    time_machine.move_to(MORNING, tick=False)


@pytest.fixture
@kept
def few(world: World) -> World:
    """Two households of the first quartile, of nine."""
    for number in range(9):
        let(world, "city", income_quartile=1 if number < 2 else 3, urban_renewal=False)
    return world


def test_officer_says_why_once_and_comes_back_to_whole_figures(few: World, sign_in: SignIn, time_machine: Any) -> None:
    emma = sign_in("emma")
    before = page(emma, SCALE)
    assert "Dire pourquoi, et lire les chiffres entiers de 2026" in before
    assert "Baux signés par public" not in before
    form = page(emma, f"{URL}?next={SCALE}")
    assert "Pourquoi lire les chiffres entiers de 2026 ?" in form
    assert "votre organisation, les bailleurs du territoire et l’exploitant le lisent" in " ".join(form.split())
    sent = emma.post(URL, {"why": "CIA", "text": "", "next": SCALE})
    assert (sent.status_code, sent["Location"]) == (302, SCALE)
    after = page(emma, SCALE)
    assert "Finalité inscrite au journal" in after
    assert "lus pour : suivre la convention intercommunale d’attribution (CCH, L441-1-6)" in " ".join(after.split())
    assert "Baux signés par public et par bailleur" in after
    assert "2 sur 9" in page(emma, OBJECTIVES)
    stated = StatedPurpose.objects.get()
    assert (stated.user, stated.organisation, stated.territory) == (
        few.people["emma"],
        few.epci,
        few.places["Le Grand Narbonne"],
    )
    assert (stated.exercise, stated.why, stated.at) == (2026, "CIA", MORNING)
    time_machine.move_to(MORNING + timedelta(days=2), tick=False)
    assert "déclaré le 24 novembre 2026." in page(sign_in("emma"), URL)
    assert "2 sur 9" not in page(sign_in("bob"), OBJECTIVES), "Bob has said nothing"


def test_publics_are_not_published_and_a_wider_place_is_reported_in_part(few: World, sign_in: SignIn) -> None:
    adam = page(sign_in("adam"), SCALE)
    assert "Tant de comptes de si peu de ménages ne se publient pas" in adam
    assert "Dire pourquoi" not in adam
    part = "De ce territoire, seules les communes que vous pouvez lire sont comptées."
    emma, aude, narbonne = sign_in("emma"), few.places["Aude"].pk, few.places["Narbonne"].pk
    assert part in page(emma, f"{OBJECTIVES}&territory={aude}")
    assert part not in page(emma, f"{OBJECTIVES}&territory={narbonne}")
    assert part not in page(sign_in("alice"), f"{OBJECTIVES}&territory={aude}")


def test_paper_is_for_everybody_whatever_its_author_reads(few: World, sign_in: SignIn) -> None:
    emma = sign_in("emma")
    papers = [reverse(name, args=[2026]) for name in ("balance-cil", "balance-one-page")]
    before = [page(emma, paper) for paper in papers]
    state_purpose(member=few.member("emma"), exercise=2026, why=Why.CIL)
    assert [page(emma, paper) for paper in papers] == before
    assert all("2 sur 9" not in paper for paper in before)


def test_whole_pack_is_for_the_conference_by_its_stated_purpose_and_landlords_find_who_took_it(
    few: World, sign_in: SignIn
) -> None:
    """Members of the conference (CCH, L441-1-5) have every count; who gave them the pack, when and why is written."""
    emma, whole = (
        sign_in("emma"),
        [reverse(name, args=[2026]) for name in ("balance-cil-whole", "balance-cil-whole-pdf")],
    )
    state_purpose(member=few.member("emma"), exercise=2026, why=Why.BALANCE)
    for address in whole:
        sent = emma.get(address)
        assert sent["Location"] == f"{URL}?next={quote(whole[0], safe='')}", "another purpose is not that one"
    assert "Le dossier complet est réservé aux membres de la conférence" in page(emma, URL)
    assert not BalanceDownload.objects.filter(form="CIL").exists()
    assert emma.post(URL, {"why": "CIL", "next": whole[0]})["Location"] == whole[0]
    text = " ".join(page(emma, whole[0]).split())
    assert "2 sur 9" in text
    assert "À ne pas publier. Pris par Emma" in text
    assert "pour : préparer ou suivre la conférence intercommunale du logement (CCH, L441-1-5)" in text
    assert emma.get(whole[1])["Content-Type"] == "application/pdf"
    taken = BalanceDownload.objects.filter(form="CIL")
    assert {(each.user, each.landlord, each.exercise, each.at) for each in taken} == {
        (few.people["emma"], few.landlord, 2026, MORNING)
    }
    assert taken.count() == 2
    journal = page(sign_in("alice"), reverse("balance-downloads", args=[few.landlord.pk, 2026]))
    assert "Dossier complet de la conférence (CIL)" in journal
    published = page(emma, reverse("balance-cil", args=[2026]))
    assert "2 sur 9" not in published
    assert whole[0] in published


@pytest.mark.parametrize(
    ("posted", "sentence"),
    [
        ({}, "Choisissez une finalité dans la liste : le journal la garde."),
        ({"why": "CURIOSITY"}, "Choisissez une finalité dans la liste : le journal la garde."),
        ({"why": "OTHER", "text": "  "}, "Précisez la finalité : elle n’est pas dans la liste."),
    ],
)
def test_purpose_is_stated(world: World, sign_in: SignIn, posted: dict[str, str], sentence: str) -> None:
    refused = sign_in("emma").post(URL, posted)
    assert (refused.status_code, sentence in refused.content.decode()) == (422, True)
    assert not StatedPurpose.objects.exists()


@pytest.mark.parametrize("asked", ["https://ailleurs.example/", "//ailleurs.example/", "javascript:alert(1)", ""])
def test_one_comes_back_to_a_page_of_ours_only(world: World, sign_in: SignIn, asked: str) -> None:
    sent = sign_in("emma").post(URL, {"why": "CIL", "next": asked})
    assert sent["Location"] == reverse("balance-territory", args=[2026])


@pytest.mark.parametrize("name", ["alice", "chloe", "adam"])
def test_others_state_nothing(world: World, sign_in: SignIn, name: str) -> None:
    assert sign_in(name).post(URL, {"why": "CIL"}).status_code == 403
    with pytest.raises(PurposeRefused, match="Seuls les agents de l’État et de l’intercommunalité"):
        state_purpose(member=world.member(name), exercise=2026, why=Why.CIL)


def test_landlords_of_the_territory_and_the_administrator_read_the_journal(world: World, sign_in: SignIn) -> None:
    world.unit()
    world.unit(landlord=world.other_landlord, commune="Béziers")
    state_purpose(member=world.member("emma"), exercise=2026, why=Why.OTHER, text="Étude de la vacance")
    for name in ("emma", "alice", "adam"):
        text = page(sign_in(name), URL)
        assert "Étude de la vacance" in text
        assert "Emma" in text
    assert "Vous les lisez déjà, pour : <b>Étude de la vacance</b>" in page(sign_in("emma"), URL)
    for name in ("zoe", "bob"):
        assert "Étude de la vacance" not in page(sign_in(name), URL), "neither its territory nor its organisation"
    assert "Personne n’a encore déclaré de finalité ici" in page(sign_in("zoe"), URL)


def test_what_was_stated_is_never_changed_and_another_purpose_is_stated(world: World) -> None:
    stated = state_purpose(member=world.member("emma"), exercise=2026, why=Why.CIL)
    for change in (
        lambda: StatedPurpose.objects.filter(pk=stated.pk).update(why=Why.CIA),
        lambda: StatedPurpose.objects.filter(pk=stated.pk).delete(),
    ):
        with pytest.raises(DatabaseError, match=r"Cannot (update|delete)"), transaction.atomic():
            change()
    with pytest.raises(DatabaseError, match="stated_purpose_other_is_said"), transaction.atomic():
        StatedPurpose.objects.create(
            user=stated.user,
            organisation=stated.organisation,
            territory=stated.territory,
            exercise=2026,
            why=Why.OTHER,
            at=MORNING,
        )
