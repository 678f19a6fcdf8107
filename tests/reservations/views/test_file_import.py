"""The pages of the door for files: each state of an import as a person reads it, and what it gives out."""

from __future__ import annotations

from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from attributions.mails.words import file_import as file_words
from flux.models import Unit
from reservations.imports.door import MOST_CRASHES, run
from reservations.imports.kinds import kind_of, register
from reservations.models import FileImport, Membership
from reservations.operations.person import grant_membership
from tests.flux.imports.test_units import xlsx
from tests.flux.imports.unit_files import many, units
from tests.world import World

SignIn = Callable[[str], Client]
NEW = reverse("file-import-new", args=["logements"])


def give(client: Client, content: bytes, name: str = "parc.csv") -> FileImport:
    response = client.post(NEW, {"file": SimpleUploadedFile(name, content)})
    assert response.status_code == 302, response.text
    order = FileImport.objects.first()
    assert order is not None
    return order


def page(client: Client, order: FileImport, **query: str) -> str:
    response = client.get(reverse("file-import", args=[order.pk]), query, follow=True)
    assert response.status_code == 200
    return response.text


def test_from_the_choice_of_a_file_to_what_it_wrote(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    assert "Aucun fichier n’est encore importé" in client.get(reverse("file-import-list")).text
    columns = client.get(NEW).text
    assert "IDENT_INT" in columns
    assert "Parc, fichier public du RPLS" in client.get(reverse("file-import-list")).text
    model = client.get(reverse("file-import-model", args=["logements"])).content.decode("utf-8-sig")
    assert model.startswith("référence;identifiant RPLS;commune;")

    rows = many(4)
    rows[2]["FINAN"] = "98"
    rows[3] |= {"ETAGE": "99", "CONTINGENT": "3"}
    order = give(client, units(*rows))
    text = page(client, order)
    assert "Vérification en cours" in text
    assert f'<progress max="{order.total}" value="0"' in text
    assert "essai=1" in text
    run(order)
    assert (
        "Lire le résultat"
        in client.get(reverse("file-import", args=[order.pk]), {"essai": "1"}, headers={"HX-Request": "true"}).text
    )
    text = page(client, order)
    assert "Importer 3 lignes" in text
    assert "« 98 »" in text
    assert "Écrivez un code du RPLS" in text
    assert "Lignes à regarder" in text
    assert "droits à vérifier" in text
    leads = (("refused", "Télécharger les seules lignes refusées"), ("content", "Télécharger le fichier reçu"))
    for what, words in leads:
        assert f'href="{reverse(f"file-import-{what}", args=[order.pk])}">{words}</a>' in text
    refused = b"".join(client.get(reverse("file-import-refused", args=[order.pk])).streaming_content).decode(
        "utf-8-sig"
    )
    header, line = refused.splitlines()
    assert header.endswith("CONTINGENT;ligne;à corriger")
    assert line.startswith("1100000003;A-000003;")
    assert ";5;financement : écrivez un code du RPLS" in line
    received = client.get(reverse("file-import-content", args=[order.pk]))
    assert b"".join(received.streaming_content) == units(*rows)

    digest = client.get(reverse("file-import", args=[order.pk])).context["digest"]
    sentence = client.post(reverse("file-import-confirm", args=[order.pk]), {"digest": "autre"}, follow=True).text
    assert "ce n’est plus ce que vous aviez lu" in sentence
    client.post(reverse("file-import-confirm", args=[order.pk]), {"digest": digest})
    assert "lignes restent à écrire ; 0 le sont" in page(client, order)
    world.unit()
    run(order)
    text = page(client, order)
    assert "Qu’a changé ce fichier ?" in text
    assert "confirmé par" in text
    assert "Télécharger les seules lignes refusées" in text
    assert Unit.objects.filter(is_own_reference=True).count() == 3
    assert "parc.csv" in client.get(reverse("file-import-list")).text

    corrected = refused.replace(";98;", ";13;").encode()
    order = give(client, corrected, "lignes-corrigees.csv")
    run(order)
    assert "Importer 1 ligne" in page(client, order)

    rows[0]["LOYERPRINC"] = "500"
    order = run(give(client, units(rows[0], rows[1])))
    text = page(client, order)
    assert "412.50" in text
    assert "500.00" in text
    dropped = client.post(reverse("file-import-drop", args=[order.pk]), follow=True).text
    assert "est abandonné" in dropped
    assert "Choisir un autre fichier" in page(client, order)
    assert client.get(reverse("file-import-content", args=[order.pk])).status_code == 404
    same = run(give(client, units(rows[1])))
    assert "Il n’y a rien à importer" in page(client, same)
    assert client.get(reverse("file-import-list")).text.count("Vérifié, rien à importer") == 1
    assert file_words(same).subject == "Votre fichier est vérifié, rien à importer"
    assert client.get(reverse("file-import-new", args=["rien"])).status_code == 404


def test_columns_that_no_one_recognises_are_reported_by_hand(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    content = xlsx(["Bien", "", "Taille", "Pret"], ["A-1", "11262", "3", "13"])
    order = give(client, content, "parc.xlsx")
    text = page(client, order)
    assert "Quelle colonne de votre fichier est laquelle ?" in text
    assert "colonne 2" in text
    assert "Abandonner ce fichier" in text
    where = reverse("file-import-columns", args=[order.pk])
    wrong = client.post(where, {"commune": "1", "pièces": "2", "financement": "2"})
    assert (wrong.status_code, "ne peut pas servir deux fois" in wrong.text) == (422, True)
    client.post(where, {"référence": "0", "commune": "1", "pièces": "2", "financement": "3"})
    text = page(client, order)
    assert "<progress aria-labelledby" in text
    assert "0 ligne vérifiée" in text
    run(order)
    assert client.get(where).status_code == 200
    client.post(reverse("file-import-drop", args=[order.pk]))
    assert client.get(where).status_code == 302
    assert client.post(NEW).status_code == 422
    assert client.post(NEW, {"file": SimpleUploadedFile("x.csv", b"%PDF-1.7")}).status_code == 422


def test_a_kind_may_be_stopped_by_one_line(sign_in: SignIn, world: World) -> None:
    """What other kinds of files ask of the same pages; and a file that no person gave."""
    units_kind = kind_of("logements")
    plain = type(units_kind)
    whole = plain.whole
    register(units_kind)  # again: the same kind keeps its place
    try:
        plain.whole = True
        client = sign_in("alice")
        order = give(client, units({"FINAN": "98"}, {"IDENT_INT": "A-2", "IDENT_REP": "2"}))
        FileImport.objects.filter(pk=order.pk).update(given_by=None)
        run(order)
        assert "Une seule ligne refusée arrête ce fichier" in page(client, order)
        digest = client.get(reverse("file-import", args=[order.pk])).context["digest"]
        text = client.post(reverse("file-import-confirm", args=[order.pk]), {"digest": digest}, follow=True).text
        assert "Une ligne refusée arrête tout ce fichier" in text
    finally:
        plain.whole = whole


def test_a_failure_of_ours_stops_after_three_times_and_says_so(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    order = give(client, units({}))
    FileImport.objects.filter(pk=order.pk).update(mapping={"commune": "?"})  # what no act writes
    run(order)
    text = page(client, order)
    assert "Une erreur de notre côté a arrêté cet import" in text
    assert FileImport.objects.get().state == FileImport.State.REFUSED
    order = give(client, units({}))
    FileImport.objects.filter(pk=order.pk).update(attempts=MOST_CRASHES)  # that many workers went down with it
    assert run(order).state == FileImport.State.REFUSED


def test_a_file_written_by_the_server_names_no_person(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    order = run(give(client, units({})))
    FileImport.objects.filter(pk=order.pk).update(state=FileImport.State.WRITING, given_by=None)
    run(order)
    text = page(client, order)
    assert "confirmé par" not in text
    assert "commande du serveur" in client.get(reverse("file-import-list")).text


def test_only_a_landlord_s_manager_gives_units(sign_in: SignIn, world: World) -> None:
    order = give(sign_in("alice"), units({}))
    grant_membership(
        user=world.people["driss"],
        organisation=world.landlord.organisation,
        role=Membership.Role.LANDLORD_STAFF,
    )
    for person in ("aline", "driss"):
        client = sign_in(person)
        assert client.get(NEW).status_code == 403
        assert client.get(reverse("file-import", args=[order.pk])).status_code == 404
