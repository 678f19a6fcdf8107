"""« Signed balances: PAdES by pyHanko »: what a signature is worth, and what is refused in a sentence."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from reservations.exports.file_import import printed
from reservations.exports.signatures import (
    SIGNED,
    DateMissing,
    SignatureRefused,
    State,
    certificate_path,
    dated,
    demonstration_certificate,
    read_certificate,
    roots_of,
    signed,
    state_of,
)

PAGE = '<!doctype html><html lang="fr"><head><title>Bilan</title></head><body><h1>Bilan</h1></body></html>'
NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    path = tmp_path / "robine.p12"
    path.write_bytes(demonstration_certificate())
    return path


def test_a_signature_is_added_after_the_bytes_and_one_byte_changed_breaks_it(certificate: Path) -> None:
    """ETSI EN 319 142: what is signed is the whole file; who is unknown to the operator is trusted for nothing."""
    pdf, trusted = printed(PAGE), partial(roots_of, [f"990000036:{certificate}"], "")
    out = signed(pdf, read_certificate(certificate, now=NOW), reason="Bilan scellé")
    assert out.startswith(pdf)
    assert (state_of(pdf, trusted), state_of(out, trusted)) == (State.NONE, State.UNDATED)
    assert state_of(out, list) == State.UNKNOWN
    for at in range(0, len(pdf), len(pdf) // 40):
        assert state_of(out[:at] + bytes([out[at] ^ 1]) + out[at + 1 :], trusted) == State.BROKEN, at
    assert {state_of(out + b"x", trusted), state_of(out[:-40], trusted)} == {State.BROKEN}


def test_a_signed_file_is_still_for_everybody_to_read(certificate: Path) -> None:
    """ISO 14289-1, 7.18: a field that no tag holds is hidden, outside the page, and has a name."""
    reader = PdfReader(BytesIO(signed(printed(PAGE), read_certificate(certificate, now=NOW), reason="Bilan scellé")))
    catalog, [widget] = reader.trailer["/Root"], reader.pages[0]["/Annots"]
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert (catalog["/MarkInfo"]["/Marked"].value, catalog["/Lang"], reader.pages[0]["/Tabs"]) == (True, "fr", "/S")
    field = widget.get_object()
    assert (field["/TU"], field["/F"] & 2, max(field["/Rect"]) < 0) == (SIGNED, 2, True)


def test_what_does_not_sign_is_refused_with_what_to_do(certificate: Path) -> None:
    for year, words in ((2100, "a expiré le 31/12/2099"), (2019, "ne vaut qu’à partir du 01/01/2020")):
        with pytest.raises(SignatureRefused, match=words):
            read_certificate(certificate, now=datetime(year, 1, 1, tzinfo=UTC))
    certificate.write_bytes(b"rien")
    with pytest.raises(SignatureRefused, match="ne s’ouvre pas : demandez à l’exploitant"):
        read_certificate(certificate, now=NOW)


def test_an_authority_that_is_down_is_named_as_missing(certificate: Path) -> None:
    out = signed(printed(PAGE), read_certificate(certificate, now=NOW), reason="Bilan scellé")
    with pytest.raises(DateMissing, match="L’horodatage manque encore"):
        dated(out, "http://127.0.0.1:9/")


def test_an_organisation_signs_with_its_own_certificate_or_that_of_the_installation() -> None:
    given = ["990000036:/c/robine.p12", "/c/installation.p12"]
    assert [certificate_path(given, each) for each in ("990000036", "111111111")] == [
        Path("/c/robine.p12"),
        Path("/c/installation.p12"),
    ]
    assert certificate_path(given[:1], "111111111") is None
