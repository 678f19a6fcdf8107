"""Whom, or which place, the files of a landlord call so: reported once by a person, kept with who and when, read by
every kind of file that names one, forgotten."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from flux.imports.past_routings import PastRoutings
from flux.models import Unit
from reservations.imports.door import confirm, digest_of, run
from reservations.models import FileImport, Nickname, Quota, ReservationHolder
from reservations.operations.party import register_organisation
from tests.reservations.imports.test_party_files import counts, csv_of, faults, given, written
from tests.world import MORNING, World, convention, siren

SignIn = Callable[[str], Client]
PAGE = "/noms-dans-les-fichiers/"


@pytest.fixture(autouse=True)
def today(time_machine: Any) -> None:
    time_machine.move_to(MORNING)


def test_a_name_that_nothing_states_is_notified_once_from_its_file_and_forgotten(world: World, sign_in: SignIn) -> None:
    unit, alice = world.unit(), sign_in("alice")
    content = csv_of("logement;congé;réservataire;orienté le", f"{unit.reference};02/03/2026;Mme  DURAND;09/03/2026")
    order = given(world, PastRoutings.code, content)
    assert counts(order) == (0, 0, 0, 1)
    shown = unescape(alice.get(reverse("file-import", args=[order.pk])).content.decode())
    asked = f"{PAGE}?import={order.pk}&quoi=holder&nom=Mme+DURAND"
    assert f'<a href="{asked}">Dire qui est « Mme DURAND »</a>' in shown
    page = alice.get(asked).content.decode()
    assert 'value="Mme DURAND"' in page
    assert f"Le fichier « {order.name} » sera vérifié de nouveau." in page
    values = {"said": "Mme Durand", "holder": world.holders["city"].pk}
    assert alice.post(asked, {**values, "holder": ""}).status_code == 422
    assert alice.post(asked, {**values, "said": "…"}).status_code == 422
    assert alice.post(asked, values)["Location"] == reverse("file-import", args=[order.pk])
    order = run(FileImport.objects.get(pk=order.pk))
    assert (counts(order), order.topics) == ((1, 0, 0, 0), {"« Mme DURAND » retenu : Ville de Narbonne": 1})
    kept = Nickname.objects.get()
    assert (kept.holder, kept.by) == (world.holders["city"], world.people["alice"])
    assert "Ce nom est déjà retenu" in unescape(alice.post(PAGE, {**values, "said": "mme durand"}).content.decode())
    page = alice.get(PAGE).content.decode()
    assert ("« Mme Durand »" in page, "Oublier ce nom" in page, "Dit par" in page) == (True, True, True)
    assert sign_in("zoe").post(PAGE, {"forget": kept.pk}).status_code == 422
    assert alice.post(PAGE, {"forget": kept.pk})["Location"] == PAGE
    assert not Nickname.objects.exists()
    assert counts(given(world, PastRoutings.code, content)) == (0, 0, 0, 1)
    assert alice.post(PAGE, values)["Location"] == PAGE
    assert sign_in("aline").get(PAGE).status_code == 403


def test_two_of_one_name_are_distinguished_where_one_says_which_is_meant(world: World, sign_in: SignIn) -> None:
    """A file asks which « Ville de Narbonne » : the list stated twice the same."""
    other = register_organisation(
        name="Ville de Narbonne", article="la", siren=siren(77), kind="COMMUNE", territory=world.places["Coursan"]
    )
    holder = ReservationHolder.objects.get(organisation=other)
    convention(world.landlord, other, world.places["Coursan"], (holder, "5", 9))
    page = sign_in("alice").get(PAGE).content.decode()
    for siren_number, pk in ((world.city.siren, world.holders["city"].pk), (siren(77), holder.pk)):
        assert f'<option value="{pk}">Ville de Narbonne, SIREN {siren_number}</option>' in page
    assert "Le Grand Narbonne, SIREN" not in page


#: Of each kind of file that names a holder or a place: its lines, with the name that nobody answers to.
CALLED = {
    "conventions": (
        "réservataire;périmètre;taux;début;fin",
        "Mme DURAND;;10;01/01/2030;31/12/2032",
        f"{siren(71)};Le Narbonnais;5;01/01/2030;31/12/2032",
    ),
    "droits": (
        "titre;réservataire;fondement;début;programme;nombre",
        "GE-1;Mme Durand;terrain;01/01/2020;1;1",
    ),
    "ouvertures": (
        "réservataire;département;compté depuis le;compte tenu ici à partir du;flux;dû;reçus;source",
        "mme durand;Le 11;01/01/2026;01/11/2026;10;1;1;suivi",
    ),
    "reservataires": ("nature;territoire;SIREN", f"commune;Narbonne Plage;{siren(72)}"),
    "logements": (
        "référence;commune;pièces;financement;voie",
        "N-1;Narbonne-Plage;3;13;PLAGE",
        "N-2;SIGEAN;3;13;PORT",
        "N-3;Narbo;3;13;QUAI",
    ),
}


def test_a_name_reported_once_is_read_by_every_kind_of_file_and_a_place_too(world: World, sign_in: SignIn) -> None:
    """« Narbonne Plage » is no commune, and a part of a name is nobody's: its page says which place it is."""
    alice = sign_in("alice")
    register_organisation(
        siren=siren(71), name="Hôpital", kind="OTHER", territory=None, by=world.people["alice"], for_whom=[]
    )
    world.unit()
    orders = {code: given(world, code, csv_of(*lines)) for code, lines in CALLED.items()}
    asked = {code: [(line, column) for line, column, _ in faults(order)] for code, order in orders.items()}
    assert asked == {
        "conventions": [(2, "réservataire"), (3, "périmètre")],
        "droits": [(2, "réservataire")],
        "ouvertures": [(2, "réservataire"), (2, "département")],
        "reservataires": [(2, "territoire")],
        "logements": [(2, "commune"), (4, "commune")],
    }
    page = unescape(alice.get(reverse("file-import", args=[orders["logements"].pk])).content.decode())
    text = f"{PAGE}?import={orders['logements'].pk}&quoi=place&nom="
    assert f'<a href="{text}Narbonne-Plage">Dire quel lieu est « Narbonne-Plage »</a>' in page
    assert f'<a href="{text}Narbo">Dire quel lieu est « Narbo »</a>' in page
    shown = alice.get(f"{text}Narbo").content.decode()
    assert shown.index("Retenir un lieu") < shown.index("Retenir un réservataire")
    assert alice.post(f"{text}Narbo", {"what": "place", "said": "Narbo", "place": "Nulle-Part"}).status_code == 422
    for each, place in (("Narbonne Plage", "11262"), ("Narbo", "Narbonne (commune, 11262)"), ("le 11", "11")):
        assert alice.post(PAGE, {"what": "place", "said": each, "place": place})["Location"] == PAGE
    assert alice.post(PAGE, {"what": "place", "said": "le narbonnais", "place": "11"})["Location"] == PAGE
    same = alice.post(PAGE, {"what": "place", "said": "NARBO", "place": "11106"})
    assert "oubliez-le d’abord, pour dire un autre lieu" in unescape(same.content.decode())
    text = {"what": "holder", "said": "Mme Durand", "holder": world.holders["city"].pk}
    assert alice.post(PAGE, text)["Location"] == PAGE
    assert "Narbo" in alice.get(f"{PAGE}?fichier=csv").getvalue().decode()

    found = {code: given(world, code, csv_of(*lines)) for code, lines in CALLED.items()}
    assert {code: faults(order) for code, order in found.items()} == {code: [] for code in CALLED}
    assert found["logements"].topics == {
        "« Narbonne-Plage » retenu : Narbonne": 1,
        "« SIGEAN » lu : Sigean (11379)": 1,
        "« Narbo » retenu : Narbonne": 1,
    }
    written(world, "logements", csv_of(*CALLED["logements"]))
    assert set(Unit.objects.filter(reference__startswith="N-").values_list("reference", "commune__code")) == {
        ("N-1", "11262"),
        ("N-2", "11379"),
        ("N-3", "11262"),
    }
    written(world, "conventions", csv_of(*CALLED["conventions"]))
    shares = Quota.objects.filter(convention__starts_on__year=2030).values_list("holder__organisation__name", "share")
    assert set(shares) == {("Ville de Narbonne", 100_000), ("Hôpital", 50_000)}
    order = found["ouvertures"]
    Nickname.objects.get(said="le 11").delete()
    confirm(order=order, digest=digest_of(order), by=world.people["alice"])
    order = run(order)
    assert (order.state, order.moved, order.refused) == ("DONE", True, 1), "what it names was taken back since"
