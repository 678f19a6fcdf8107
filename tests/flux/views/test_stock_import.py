"""The import screen: choose, read the report, import; bad files are told at the field."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from flux.models import Programme, Unit
from reservations.models import FileImport, Membership
from reservations.operations.person import grant_membership
from tests.flux.imports.files import EXTRACT, rpls
from tests.flux.imports.unit_files import many, units
from tests.world import World

URL = reverse("stock-import")
SignIn = Callable[[str], Client]


def check(client: Client, content: bytes, name: str = "parc.csv") -> HttpResponse:
    return client.post(URL, {"file": SimpleUploadedFile(name, content, "text/csv")})


def import_checked(client: Client, checked: HttpResponse) -> HttpResponse:
    return client.post(URL, {"digest": checked.context["report"]["digest"]})


def told(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("alice", 200),
        ("zoe", 200),
        ("aline", 403),
        ("bob", 403),
        ("chloe", 403),
        ("emma", 403),
        ("adam", 403),
        ("driss", 404),
    ],
)
def test_only_a_landlord_s_manager_imports(sign_in: SignIn, person: str, status: int) -> None:
    client = sign_in(person)
    assert client.get(URL).status_code == status
    assert check(client, rpls({})).status_code == status
    assert client.post(URL, {"digest": "x"}).status_code == (302 if status == 200 else status)
    assert Unit.objects.count() == 0


def test_the_first_page_says_what_is_known(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    assert "Aucun logement n’est encore connu d’Équiflux" in client.get(URL).text
    world.unit()
    assert "1 logement est connu d’Équiflux." in client.get(URL).text


def test_checking_the_extract_shows_its_report_and_writes_nothing(sign_in: SignIn) -> None:
    response = check(sign_in("alice"), EXTRACT.read_bytes(), "rpls_extrait_11262.csv")
    assert response.status_code == 200
    assert Unit.objects.count() == 0
    text = response.text
    assert "2\u202f630 logements dans 86 programmes, lus sur 500 lignes. Rien n’est encore écrit." in text
    report = response.context["report"]
    assert [counts for _, _, counts in report["tables"]] == [
        [("PLAI", 183), ("PLUS", 1574), ("PLS", 0), ("PLI", 0), ("AUTRE", 873)],
        [("T1", 36), ("T2", 447), ("T3", 1161), ("T4", 822), ("T5", 154), ("T6+", 10)],
        [("En QPV", 1064), ("Hors QPV", 1566), ("Non renseigné", 0)],
    ]
    assert [(topic, lines) for topic, _, _, lines, _ in report["warnings"]] == [
        ("Date de convention fictive", [4, 5, 6, 7, 8, 9, 10]),
        ("Adresse donnée deux fois", [405, 406, 407]),
        ("Construction avant 1850", [194, 195, 327]),
        ("Identifiant en minuscules", [89]),
    ]


def test_the_checked_file_is_imported_without_choosing_it_again(sign_in: SignIn, world: World) -> None:
    client = sign_in("alice")
    response = import_checked(client, check(client, rpls({}, {"nb": "0"}, {"NUMVOIE": "14"})))
    assert (response.status_code, response.url) == (302, reverse("unit-list"))
    assert told(response) == [
        "Le parc de Robine Habitat est importé : 6 logements nouveaux, 0 modifié, 0 inchangé ; 1 ligne refusée."
    ]
    assert Unit.objects.filter(landlord=world.landlord).count() == 6
    assert Programme.objects.get().name == "LA POMMERAIE"


def test_a_second_import_has_nothing_to_do(sign_in: SignIn) -> None:
    client = sign_in("alice")
    import_checked(client, check(client, rpls({})))
    again = check(client, rpls({}))
    assert "Tout est déjà à jour : il n’y a rien à importer." in again.text
    assert 'name="digest"' not in again.text


def test_what_will_change_is_said_first(sign_in: SignIn) -> None:
    client = sign_in("alice")
    import_checked(client, check(client, rpls({"nb": "5", "SURFHAB": "325"})))
    outcome = check(client, rpls({"QPV": "1"}, {"NUMVOIE": "14"})).context["report"]["outcome"]
    assert (outcome.created, outcome.updated, outcome.unchanged, outcome.beyond) == (3, 3, 0, 2)


def test_refused_lines_are_listed_with_their_reasons(sign_in: SignIn) -> None:
    text = check(sign_in("alice"), rpls({}, {"FINAN": "<b>98</b>"}, {"DEPCOM": "99999"})).text
    assert "Financement inconnu : FINAN « &lt;b&gt;98&lt;/b&gt; » n’est pas un code du RPLS" in text
    assert "Commune inconnue : DEPCOM « 99999 » ; un code INSEE a cinq caractères" in text
    assert "2 lignes refusées" in text


def test_a_file_of_refused_lines_only_cannot_be_imported(sign_in: SignIn) -> None:
    response = check(sign_in("alice"), rpls({"nb": "0"}))
    assert response.status_code == 200
    assert "Aucune ligne ne peut être importée" in response.text
    assert 'name="digest"' not in response.text


def test_many_remarks_are_shortened_and_counted(sign_in: SignIn) -> None:
    rows = [{"NUMVOIE": str(n), "nb": "0"} for n in range(1, 251)]
    rows += [{"NUMVOIE": str(n), "QPV": ""} for n in range(300, 340)]
    response = check(sign_in("alice"), rpls(*rows))
    assert len(response.context["report"]["refused"]) == 200
    assert "Et 50 autres lignes." in response.text
    assert "270, 271 et 20 autres" in response.text


class TestBadFile:
    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "Le fichier est vide : choisissez-en un qui a des lignes."),
            (b"\n\n", "Le fichier est vide : choisissez-en un qui a des lignes."),
            (
                rpls({"NOMVOIE": "DE L'ÉGLISE"}).decode().encode("cp1252").replace(b"L'", b"L'\x81"),
                "Le fichier n’est ni en UTF-8 ni en Windows (première erreur à la ligne 2) : enregistrez-le au format "
                "« CSV UTF-8 », puis choisissez-le de nouveau.",
            ),
            (
                rpls({}).replace(b"FINAN", b"AUTRE"),
                "Il manque la colonne FINAN : exportez le fichier avec toutes ses colonnes.",
            ),
            (
                b"PK\x03\x04",
                "Ce classeur ne se lit pas : enregistrez-le de nouveau au format « Classeur Excel (.xlsx) » ou « CSV "
                "UTF-8 ».",
            ),
            (
                b"%PDF-1.7 rien",
                "C’est un PDF : choisissez un classeur .xlsx ou un fichier CSV.",
            ),
            (
                b"x" * (30 * 1024 * 1024 + 1),
                "Le fichier dépasse 30 Mo : coupez-le en plusieurs fichiers, qui gardent chacun la ligne des colonnes.",
            ),
        ],
        ids=["empty", "blank", "no encoding", "missing column", "workbook", "pdf", "too large"],
    )
    def test_the_field_says_what_to_do(self, sign_in: SignIn, content: bytes, sentence: str) -> None:
        response = check(sign_in("alice"), content)
        assert response.status_code == 422
        assert response.context["form"].errors == {"file": [sentence]}
        assert "<title>Erreur : Importer les logements" in response.text
        assert Unit.objects.count() == 0

    def test_no_file_at_all(self, sign_in: SignIn) -> None:
        response = sign_in("alice").post(URL, {})
        assert response.status_code == 422
        assert response.context["form"].errors == {"file": ["Choisissez un fichier."]}


class TestOnlyWhatWasChecked:
    REFUSED = "Rien n’est importé : le fichier vérifié n’est plus gardé. Choisissez-le et vérifiez-le de nouveau."

    def refused(self, response: HttpResponse) -> None:
        assert (response.status_code, response.url) == (302, URL)
        assert told(response) == [self.REFUSED]
        assert Unit.objects.count() == 0

    def test_nothing_checked(self, sign_in: SignIn) -> None:
        self.refused(sign_in("alice").post(URL, {"digest": "0" * 64}))

    def test_another_file_checked_since(self, sign_in: SignIn) -> None:
        client = sign_in("alice")
        first = check(client, rpls({}))
        check(client, rpls({"NUMVOIE": "14"}))
        self.refused(import_checked(client, first))

    def test_a_bad_file_chosen_since(self, sign_in: SignIn) -> None:
        client = sign_in("alice")
        first = check(client, rpls({}))
        check(client, b"")
        self.refused(import_checked(client, first))

    def test_the_page_left_and_opened_again(self, sign_in: SignIn) -> None:
        client = sign_in("alice")
        first = check(client, rpls({}))
        client.get(URL)
        assert "stock_import" not in client.session
        self.refused(import_checked(client, first))

    def test_another_landlord_chosen_since(self, sign_in: SignIn, world: World) -> None:
        other = grant_membership(
            user=world.people["alice"],
            organisation=world.other_landlord.organisation,
            role=Membership.Role.LANDLORD_MANAGER,
        )
        client = sign_in("alice")
        first = check(client, rpls({}))
        client.post(reverse("switch-organisation"), {"membership": other.pk})
        response = import_checked(client, first)
        assert (response.status_code, response.url) == (302, URL)
        assert Unit.objects.count() == 0

    def test_a_double_click_imports_once(self, sign_in: SignIn) -> None:
        client = sign_in("alice")
        checked = check(client, rpls({}))
        import_checked(client, checked)
        assert import_checked(client, checked).url == URL
        assert Unit.objects.count() == 3


@pytest.mark.parametrize("count", [1, 3, 30])
def test_the_report_costs_the_same_whatever_the_file(sign_in: SignIn, django_assert_num_queries, count: int) -> None:
    client = sign_in("alice")
    content = rpls(*({"NUMVOIE": str(number + 1), "QPV": ""} for number in range(count)))
    with django_assert_num_queries(11):
        check(client, content)


def test_the_landlord_s_own_file_goes_by_its_door(sign_in: SignIn, world: World) -> None:
    """Whichever page it is given on: one unit a line is no address a line, and it has no limit of 5 MB."""
    content = units(*many(32_000))
    assert len(content) > 5 * 1024 * 1024
    response = check(sign_in("alice"), content, "rpls.txt")
    order = FileImport.objects.get()
    assert (response.status_code, response["Location"]) == (302, reverse("file-import", args=[order.pk]))
    assert (order.kind, order.state, order.size) == ("logements", FileImport.State.CHECKING, len(content))
