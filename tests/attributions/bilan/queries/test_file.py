"""Is a file the one that was sent? Every byte of it counts."""

from __future__ import annotations

import html
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from django.urls import reverse

from attributions.bilan.models import BalanceVersion
from attributions.bilan.queries.content import FORMAT
from attributions.bilan.queries.figures import first_difference
from attributions.bilan.queries.files import FileDifference, balances_elsewhere, check_file
from tests.attributions.bilan.balances import YEAR, lived, people, send, sign
from tests.reservations.models.test_constraints import paper
from tests.world import World
from tests.world_again import kept

pytestmark = pytest.mark.django_db

THIS_FORM = f'"format":{FORMAT}'.encode()


@pytest.fixture
@kept
def version(world: World) -> BalanceVersion:
    people(world)
    lived(world)
    return send(world)


@pytest.mark.usefixtures("version")
def test_a_balance_kept_elsewhere_is_read_by_those_it_is_about_or_was_sent_to(world: World) -> None:
    """As one of here: of a year in which a convention bore, or where one oversees a commune; else, once it was sent."""
    for exercise, readers in ((YEAR, []), (YEAR - 30, []), (YEAR - 31, [world.city.siren])):
        paper(world, exercise=exercise, readers=readers, sha256=f"{exercise:064}").save()

    def read(name: str) -> list[int]:
        return [each.exercise for each in balances_elsewhere(world.member(name))]

    assert {name: read(name) for name in ("alice", "bob", "chloe", "zoe")} == {
        "alice": [YEAR, YEAR - 30, YEAR - 31],
        "bob": [YEAR, YEAR - 30, YEAR - 31],  # its landlord has units there
        "chloe": [YEAR, YEAR - 31],
        "zoe": [],
    }


def run(path: Path, *options: str) -> tuple[int, str]:
    """(exit code, what the command says)."""
    result = StringIO()
    try:
        call_command("verify_balance", str(path), *options, stdout=result)
    except SystemExit as stopped:
        return int(stopped.code or 0), result.getvalue()
    return 0, result.getvalue()


def test_file_as_sent_is_recognised(version: BalanceVersion, world: World, tmp_path: Path) -> None:
    path = tmp_path / "bilan.json"
    path.write_bytes(version.content.encode())
    code, result = run(path)
    assert (code, result.splitlines()[1:]) == (
        3,
        [
            "C’est la version 1 du bilan 2026 de Robine Habitat, Aude, envoyée le 9 février 2027 : envoyée, pas encore "
            "scellée.",
            "Personne ne l’a encore signée.",
            "Pas encore certifiée ; il manque : les signatures de toutes les parties ; le journal (aucun point de "
            "contrôle signé ne contient cette version telle qu’elle est) ; la signature du PDF (personne ne l’a encore "
            "demandé, ou l’installation n’a pas de certificat) ; les témoins (deux organismes n’ont pas encore "
            "contresigné un état du journal qui la contient).",
        ],
    )
    sign(world, version)
    code, result = run(path)
    assert "scellée le 12 février 2027." in result
    assert "Signée par : Robine Habitat, Préfecture de l’Aude, Action Logement Services" in result
    code, result = run(path, "--json")
    payload = json.loads(result)
    assert (code, payload["same"], payload["sha256"], payload["difference"]) == (3, True, version.seal, None)
    assert payload["version"]["signed_by"] == [
        "Robine Habitat",
        "Préfecture de l’Aude",
        "Action Logement Services",
        "Ville de Narbonne",
        "Le Grand Narbonne",
    ]


def test_every_changed_byte_is_detected(version: BalanceVersion) -> None:
    """Bytes all along the file, each replaced, dropped and doubled: none passes, and none is taken for another."""
    written = version.content.encode()
    assert check_file(written).same
    for at in range(0, len(written), len(written) // 40):
        byte = written[at : at + 1]
        other = bytes([byte[0] ^ 1])
        for changed in (
            written[:at] + other + written[at + 1 :],
            written[:at] + written[at + 1 :],
            written[:at] + byte + written[at:],
        ):
            if changed != written:  # doubling or dropping one of two alike
                assert not check_file(changed).same


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        (
            '"name":"Robine Habitat"',
            '"name":"Robine HABITAT"',
            ("landlord.name", '"Robine HABITAT"', '"Robine Habitat"'),
        ),
        ('"made_on":"2027-02-09"', '"made_on":"2027-02-08"', ("made_on", '"2027-02-08"', '"2027-02-09"')),
        (f'"format":{FORMAT}', '"format":true', ("format", "true", f"{FORMAT}")),
        ('"note":"",', "", ("note", "null", '""')),
        (f'"format":{FORMAT}', f'"format": {FORMAT}', ("octet", "0x20", f"0x3{FORMAT}")),
    ],
)
def test_first_difference_is_stated(
    version: BalanceVersion, tmp_path: Path, old: str, new: str, found: tuple[str, str, str]
) -> None:
    """A name, a day, a number, a field gone; and a space, that changes nothing but the bytes."""
    file, (path, mine, sent) = tmp_path / "bilan.json", found
    file.write_text(version.content.replace(old, new, 1), encoding="utf-8")
    code, result = run(file)
    assert code == 1
    assert "Ce fichier n’est pas celui qui a été envoyé (version 1 du bilan 2026 de Robine Habitat, Aude)." in result
    assert f"Première différence : {path}" in result
    assert f"dans le fichier : {mine}\n  à l’envoi : {sent}" in result
    payload = json.loads(run(file, "--json")[1])
    assert (payload["same"], payload["version"]["number"], payload["difference"]["file"]) == (False, 1, mine)


def test_end_of_the_file_counts(version: BalanceVersion) -> None:
    longer = version.content.encode() + b"\n"
    assert check_file(longer).difference == FileDifference("", len(longer), ord("\n"), None)


@pytest.mark.parametrize(
    "written",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"12",
        b"{}",
        b'{"landlord":{"siren":"999000003"},"departement":{"code":"11"},"exercise":2026,"version":2}',
        b'{"landlord":{"siren":"999000003"},"departement":{"code":"1\\u0000"},"exercise":2026,"version":1}',
        b'{"landlord":{"siren":"999000003"},"departement":{"code":"11"},"exercise":1e400,"version":1}',
        b'{"landlord":{"siren":"999000003"},"departement":{"code":"11"},"exercise":99999999999,"version":1}',
        b"[" * 100_000,
    ],
)
def test_file_that_is_no_balance(version: BalanceVersion, tmp_path: Path, written: bytes) -> None:
    path = tmp_path / "bilan.json"
    path.write_bytes(written)
    code, result = run(path)
    assert (code, "aucune version n’a cette empreinte" in result) == (1, True)
    assert json.loads(run(path, "--json")[1])["version"] is None


def test_misuse(tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        run(tmp_path / "absent.json")
    large = tmp_path / "large.json"
    with large.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(CommandError) as caught:
        run(large)
    assert caught.value.returncode == 2


@pytest.mark.parametrize(
    ("one", "other", "found"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, ("a[1].b", 2, 3)),
        ({"a": [1]}, {"a": [1, 2]}, ("a[1]", None, 2)),
        ({"a": [1, None]}, {"a": [1]}, ("a", [1, None], [1])),
        ({"a": None}, {}, ("a", None, None)),
        ({"a": 1}, {"a": 1}, None),
        ([], {}, ("", [], {})),
    ],
)
def test_where_two_values_part(one: Any, other: Any, found: Any) -> None:
    assert first_difference(one, other) == found


def upload(world: World, person: str, written: bytes) -> str:
    """What the page answers to a file, without tags."""
    client = Client()
    client.force_login(world.people[person])
    response = client.post(reverse("balance-verify"), {"file": SimpleUploadedFile("bilan.json", written)})
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]*>", " ", html.unescape(response.content.decode())).split())


def test_page_gives_the_verdict_of_the_command(version: BalanceVersion, world: World) -> None:
    written = version.content.encode()
    page = upload(world, "chloe", written)
    assert "Oui, à l’octet près. C’est la version 1 du bilan 2026 de Robine Habitat, Aude" in page
    assert "Signée par personne pour l’instant" in page
    sign(world, version)
    assert "Signée par Robine Habitat, Préfecture de l’Aude" in upload(world, "chloe", written)
    page = upload(world, "chloe", written.replace(THIS_FORM, b'"format":2', 1))
    assert "Non. Ce fichier n’est pas celui qui a été envoyé (version 1" in page
    assert f"Première différence format Dans le fichier 2 À l’envoi {FORMAT}" in page


def test_page_says_nothing_of_a_balance_that_one_does_not_read(version: BalanceVersion, world: World) -> None:
    """Zoé works for another landlord: neither the version, nor what differs in it, is reported to her."""
    written = version.content.encode()
    for changed in (written, written.replace(THIS_FORM, b'"format":2', 1)):
        page = upload(world, "zoe", changed)
        assert "aucune version n’a cette empreinte. Seuls les bilans que vous pouvez lire sont comparés." in page
        assert "Robine" not in page


def test_file_too_large_to_be_a_balance_is_not_read(
    version: BalanceVersion, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attributions.bilan.forms.review.LARGEST", 10)
    client = Client()
    client.force_login(world.people["chloe"])
    response = client.post(reverse("balance-verify"), {"file": SimpleUploadedFile("bilan.json", b"{" * 11)})
    assert (response.status_code, "Le fichier dépasse 20 Mo" in response.content.decode()) == (422, True)
