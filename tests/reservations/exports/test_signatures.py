"""« Signed balances: PAdES by pyHanko »: what a signature is worth, and what is refused in a sentence."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from reservations.exports.file_import import printed
from reservations.exports.signatures import (
    SIGNED,
    State,
    certificate_path,
    dated,
    drawn_certificate,
    read_certificate,
    signature_words,
    signed,
    state_of,
)
from reservations.refusals import Refusal
from tests.house.tree import ROOT
from tests.timestamping import authority

PAGE = '<!doctype html><html lang="fr"><head><title>Bilan</title></head><body><h1>Bilan</h1></body></html>'
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "robine.p12"
    path.write_bytes(drawn_certificate("Robine Habitat"))
    return path


def test_a_signature_is_added_after_the_bytes_and_one_byte_changed_breaks_it(certificate: Path) -> None:
    """ETSI EN 319 142: what is signed is the whole file; who is unknown to the operator is trusted for nothing."""
    pdf, given = printed(PAGE), [f"990000036:{certificate}"]
    out = signed(pdf, read_certificate(certificate, now=NOW), reason="Bilan scellé")
    assert out.startswith(pdf)
    assert [state_of(each, given, "") for each in (pdf, out)] == [State.NONE, State.UNDATED]
    assert state_of(out, [], "") == State.UNKNOWN
    for at in range(0, len(pdf), len(pdf) // 40):
        assert state_of(out[:at] + bytes([out[at] ^ 1]) + out[at + 1 :], given, "") == State.NONE, at
    assert {state_of(each, given, "") for each in (out + b"x", out[:-40])} == {State.NONE}


def test_an_authority_dates_all_of_the_file(certificate: Path, tmp_path: Path) -> None:
    """RFC 3161: its token is of the bytes before it; one that the operator does not recognise dates nothing."""
    given = [str(certificate)]
    out = signed(printed(PAGE), read_certificate(certificate, now=NOW), reason="Bilan scellé")
    with authority(tmp_path) as opened:
        held = dated(out, opened.url)
    assert held.startswith(out)
    assert state_of(held, given, str(opened.certificate)) == State.DATED
    assert state_of(held, given, "") == State.UNDATED
    for at in (100, len(out) - 100, len(out) + 100, len(held) - 100):
        assert (
            state_of(held[:at] + bytes([held[at] ^ 1]) + held[at + 1 :], given, str(opened.certificate)) == State.NONE
        )


def test_a_signed_file_is_still_for_everybody_to_read(certificate: Path) -> None:
    """ISO 14289-1, 7.18: a field that no tag holds is hidden, outside the page, and has a name."""
    reader = PdfReader(BytesIO(signed(printed(PAGE), read_certificate(certificate, now=NOW), reason="Bilan scellé")))
    catalog, [widget] = reader.trailer["/Root"], reader.pages[0]["/Annots"]
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert (catalog["/MarkInfo"]["/Marked"].value, catalog["/Lang"], reader.pages[0]["/Tabs"]) == (True, "fr", "/S")
    field = widget.get_object()
    assert (field["/TU"], field["/F"] & 2, max(field["/Rect"]) < 0) == (SIGNED, 2, True)


def test_what_does_not_sign_is_refused_with_what_to_do(certificate: Path) -> None:
    for year in (2100, 2019):
        with pytest.raises(Refusal, match=r"du 01/01/2020 au 31/12/2099 : demandez à l’exploitant d’en donner un"):
            read_certificate(certificate, now=datetime(year, 1, 1, tzinfo=UTC))
    certificate.write_bytes(b"rien")
    with pytest.raises(Refusal, match="ne s’ouvre pas : demandez à l’exploitant"):
        read_certificate(certificate, now=NOW)


def test_a_paper_names_who_signs_it_and_who_issued_that(certificate: Path) -> None:
    words = signature_words(read_certificate(certificate, now=NOW), dated=False)
    assert words == (
        "Ce PDF est signé électroniquement (PAdES) par Robine Habitat, certificat délivré par Robine Habitat, valable "
        "jusqu’au 31 décembre 2099. Aucune autorité d’horodatage ne la date."
    )
    assert signature_words(None, dated=True).startswith("Ce PDF n’est pas signé électroniquement : aucun certificat")


def test_an_organisation_signs_with_its_own_certificate_or_that_of_the_installation() -> None:
    given = ["990000036:/c/robine.p12", "/c/installation.p12"]
    assert [certificate_path(given, each) for each in ("990000036", "111111111")] == [
        Path("/c/robine.p12"),
        Path("/c/installation.p12"),
    ]
    assert certificate_path(given[:1], "111111111") is None


def test_a_start_does_not_load_what_signs() -> None:
    """It takes a second: pages, and workers that sign nothing, never pay it."""
    program = "import config.urls, attributions.tasks, sys; print([each for each in sys.modules if 'hanko' in each])"
    program = f"import django; django.setup(); {program}"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"
