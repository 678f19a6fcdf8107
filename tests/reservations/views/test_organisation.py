"""The screens of organisations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from reservations.models import HistoryEntry, Organisation, Territory
from reservations.operations.party import register_organisation
from reservations.words import of
from tests.world import World, siren, territory

SignIn = Callable[[str], Client]
LIST, NEW = reverse("organisation-list"), reverse("organisation-new")
OTHERS = ("alice", "aline", "bob", "chloe", "driss", "emma", "zoe")
GOOD = {"name": "Ville de Coursan", "siren": "990 000 606", "kind": "COMMUNE", "territory": "Coursan", "acronym": ""}


@pytest.mark.parametrize("name", OTHERS)
def test_organisations_are_the_administrators(world: World, sign_in: SignIn, name: str) -> None:
    client = sign_in(name)
    assert [client.get(LIST).status_code, client.get(NEW).status_code, client.post(NEW, GOOD).status_code] == [403] * 3
    assert Organisation.objects.count() == 7


def test_list_counts_and_shows_what_each_is(world: World, sign_in: SignIn) -> None:
    page = sign_in("adam").get(LIST).content.decode()
    assert "7 organisations enregistrées, dont 2 bailleurs." in page
    assert "bailleur social, sigle RH" in page
    assert "État – publics prioritaires<br>État – agents" in page


@pytest.mark.parametrize(
    ("filters", "seen"),
    [
        ({"mots": "narbonne"}, ["Le Grand Narbonne", "Ville de Narbonne"]),
        ({"mots": "999000003"}, ["Robine Habitat"]),
        ({"nature": "LANDLORD"}, ["Robine Habitat", "Toits de l’Orb"]),
        ({"nature": "LANDLORD", "mots": "orb"}, ["Toits de l’Orb"]),
        ({"mots": "\x00"}, 7),
        ({"nature": "n’importe quoi"}, 7),
        ({"mots": "atlantide"}, []),
    ],
)
def test_filters_are_in_the_address(
    world: World, sign_in: SignIn, filters: dict[str, str], seen: list[str] | int
) -> None:
    page = sign_in("adam").get(LIST, filters).context["page"]
    found = [organisation.name for organisation in page]
    assert (len(found) if isinstance(seen, int) else found) == seen


@pytest.mark.parametrize("count", [1, 12])
def test_list_costs_the_same_whatever_its_length(
    world: World, sign_in: SignIn, count: int, django_assert_num_queries
) -> None:
    client = sign_in("adam")
    for number in range(count):
        register_organisation(siren=siren(100 + number), name=f"Réservataire {number}", kind=Organisation.Kind.OTHER)
    with django_assert_num_queries(6):
        answer = client.get(LIST)
    assert len(answer.context["page"].object_list) == 7 + count


def test_organisation_is_recorded_with_its_contingents(world: World, sign_in: SignIn) -> None:
    answer = sign_in("adam").post(NEW, GOOD | {"siren": siren(60)})
    assert answer["Location"] == LIST
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "Ville de Coursan est enregistrée. Donnez-lui maintenant une première personne."
    ]
    recorded = Organisation.objects.get(siren=siren(60))
    assert (recorded.name, recorded.kind, recorded.territory) == (
        "Ville de Coursan",
        "COMMUNE",
        world.places["Coursan"],
    )
    assert list(recorded.contingents.values_list("contingent", flat=True)) == [4]


def test_landlord_is_recorded_with_its_acronym(world: World, sign_in: SignIn) -> None:
    given = {"name": "Habitat du Lauragais", "siren": siren(60), "kind": "LANDLORD", "territory": "", "acronym": "hl"}
    given |= {"article": "d’"}
    sign_in("adam").post(NEW, given)
    assert Organisation.objects.get(siren=siren(60)).landlord.acronym == "HL"


def phrases_of(page: Any) -> list[tuple[str, str]]:
    return list(page.context["form"].fields["article"].choices)


def test_name_that_the_directory_does_not_give_is_asked_with_its_article(world: World, sign_in: SignIn) -> None:
    """Nothing is guessed from how it begins: its phrases are shown, and the one that is chosen is stored."""
    admin, office = sign_in("adam"), {"siren": siren(60), "kind": "LANDLORD", "territory": "", "acronym": "oa"}
    assert "Dans une phrase" not in admin.get(NEW).content.decode()
    given = {"name": "OPH  de l’Aude"} | office
    asked = admin.post(NEW, given)
    assert asked.status_code == 422
    assert asked.context["form"].errors == {"article": ["Choisissez la phrase où « OPH de l’Aude » est bien écrit."]}
    assert phrases_of(asked) == [
        ("la", "une convention de la OPH de l’Aude, signée par la OPH de l’Aude"),
        ("le", "une convention du OPH de l’Aude, signée par le OPH de l’Aude"),
        ("l’", "une convention de l’OPH de l’Aude, signée par l’OPH de l’Aude"),
        ("les", "une convention des OPH de l’Aude, signée par les OPH de l’Aude"),
        ("aucun", "une convention d’OPH de l’Aude, signée par OPH de l’Aude"),
    ]
    assert not Organisation.objects.filter(siren=siren(60)).exists()
    assert admin.post(NEW, given | {"article": "X"}).context["form"].errors["article"] == [
        "Choisissez une phrase de la liste."
    ]
    admin.post(NEW, given | {"article": "l’"})
    recorded = Organisation.objects.get(siren=siren(60))
    assert (recorded.name, recorded.article, of(recorded)) == ("OPH de l’Aude", "l’", "de l’OPH de l’Aude")


@pytest.mark.parametrize(
    ("kind", "place", "phrase"),
    [
        ("COMMUNE", "Coursan", "de la Ville de Coursan"),
        ("DEPARTEMENT", "Hérault", "du Département (Hérault)"),
        ("REGION", "Occitanie", "de la Région (Occitanie)"),
        ("EPCI", "CC du Minervois", "de la CC du Minervois"),
    ],
)
def test_name_of_the_directory_has_its_article(
    world: World, sign_in: SignIn, kind: str, place: str, phrase: str
) -> None:
    territory(Territory.Kind.EPCI, "200035715", "CC du Minervois")
    sign_in("alice").post(reverse("holder-new"), {"kind": kind, "territory": place, "siren": siren(60), "name": ""})
    recorded = Organisation.objects.get(siren=siren(60))
    assert of(recorded) == phrase


def test_holder_that_the_directory_does_not_name_is_asked_with_its_article(world: World, sign_in: SignIn) -> None:
    territory(Territory.Kind.EPCI, "243400470", "Pays de l’Or Agglomération")
    given = {"kind": "EPCI", "territory": "243400470", "siren": siren(60), "name": ""}
    asked = sign_in("alice").post(reverse("holder-new"), given)
    assert ("aucun", "une convention de Pays de l’Or Agglomération, signée par Pays de l’Or Agglomération") in (
        phrases_of(asked)
    )
    sign_in("alice").post(reverse("holder-new"), given | {"article": "aucun"})
    assert Organisation.objects.get(siren=siren(60)).article == ""


def test_article_is_put_right_and_what_changed_is_in_the_history(world: World, sign_in: SignIn) -> None:
    page = sign_in("adam").get(reverse("organisation-correct", args=[world.epci.pk]))
    assert page.context["form"]["article"].value() == "le"
    given = {"name": "Grand Narbonne", "siren": world.epci.siren, "territory": str(world.epci.territory.code)}
    sign_in("adam").post(reverse("organisation-correct", args=[world.epci.pk]), given | {"article": "aucun"})
    world.epci.refresh_from_db()
    assert of(world.epci) == "de Grand Narbonne"
    entry = HistoryEntry.objects.about(world.epci).latest("pk")
    assert entry.details["article"] == ["le", ""]


def test_spaces_in_a_siren_are_how_people_read_it(world: World, sign_in: SignIn) -> None:
    written = siren(60)
    sign_in("adam").post(NEW, GOOD | {"siren": f" {written[:3]} {written[3:6]}\u00a0{written[6:]} "})
    assert Organisation.objects.filter(siren=written).exists()


@pytest.mark.parametrize(
    ("field", "given", "sentence"),
    [
        ("siren", {"siren": "99900000"}, "Un SIREN a neuf chiffres, sans espace : 999000003 par exemple."),
        (
            "siren",
            {"siren": "999000004"},
            "Ce SIREN comporte une erreur de saisie : sa clé de contrôle est fausse. Vérifiez chaque chiffre.",
        ),
        ("siren", {"siren": "999000003"}, "Ce SIREN est déjà celui de Robine Habitat : vérifiez-le."),
        ("siren", {"siren": ""}, "Écrivez le SIREN : neuf chiffres."),
        ("name", {"name": "  "}, "Écrivez le nom de l’organisation."),
        ("kind", {"kind": ""}, "Choisissez la nature."),
        ("kind", {"kind": "X"}, "Choisissez une nature de la liste."),
        (
            "territory",
            {"territory": ""},
            "Donnez le territoire de cette commune : ses droits portent sur lui (CCH, R441-5-3).",
        ),
        (
            "territory",
            {"territory": "Atlantide"},
            "Aucun territoire de cette échelle ne répond à « Atlantide ». Vérifiez l’orthographe, ou écrivez son code.",
        ),
        (
            "territory",
            {"territory": "Le Grand Narbonne"},
            "Aucun territoire de cette échelle ne répond à « Le Grand Narbonne ». "
            "Vérifiez l’orthographe, ou écrivez son code.",
        ),
        (
            "territory",
            {"territory": "saint martin"},
            "Plusieurs territoires répondent à « saint martin » : Saint-Martin-Lys (commune, 11358), "
            "Saint-Martin-de-Villereglan (commune, 11355). Recopiez le bon en entier, ou écrivez son code.",
        ),
        (
            "acronym",
            {"kind": "LANDLORD", "acronym": ""},
            "Donnez le sigle du bailleur : six lettres ou chiffres au plus.",
        ),
        (
            "acronym",
            {"kind": "LANDLORD", "acronym": "rh"},
            "Ce sigle est déjà celui de Robine Habitat : choisissez-en un autre.",
        ),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_written(
    world: World, sign_in: SignIn, field: str, given: dict[str, str], sentence: str
) -> None:
    for code, name in (("11358", "Saint-Martin-Lys"), ("11355", "Saint-Martin-de-Villereglan")):
        territory(Territory.Kind.COMMUNE, code, name)
    answer = sign_in("adam").post(NEW, GOOD | {"siren": siren(60)} | given)
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [sentence]}
    assert Organisation.objects.count() == 7


def test_place_copied_from_the_list_of_several_is_the_right_one(world: World, sign_in: SignIn) -> None:
    for code in ("11358", "66185"):
        territory(Territory.Kind.COMMUNE, code, "Saint-Martin")
    sign_in("adam").post(
        NEW, GOOD | {"siren": siren(60), "territory": "Saint-Martin (commune, 66185)", "article": "la"}
    )
    assert Organisation.objects.get(siren=siren(60)).territory.code == "66185"
