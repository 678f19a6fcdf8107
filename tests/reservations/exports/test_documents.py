"""Printed documents: what a screen reader finds in the PDF, and what the printing may read."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from reservations.exports.file_import import ForeignResource, PdfUnavailable, printed, static_file

PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Convention d’essai</title>
<meta name="author" content="Robine Habitat"><meta name="dcterms.created" content="2026-01-15">
<link rel="stylesheet" href="/static/document.css"></head>
<body><main><h1>Convention</h1><h2>Article 1. Objet</h2><p>Une phrase.</p>
<table><caption>Parts</caption>
<thead><tr><th scope="col">Contingent</th><th scope="col">Part</th></tr></thead>
<tbody><tr><th scope="row">Ville</th><td>12 %</td></tr></tbody></table></main></body></html>"""


def elements(node: Any) -> Iterator[Any]:
    """Every structure element of a PDF, depth first."""
    node = node.get_object()
    if isinstance(node, list):
        for kid in node:
            yield from elements(kid)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from elements(node["/K"])


def tags(reader: PdfReader) -> list[str]:
    return [element["/S"] for element in elements(reader.trailer["/Root"]["/StructTreeRoot"])]


def test_printed_page_is_a_tagged_document_in_french_with_its_title_and_its_own_date() -> None:
    reader = PdfReader(BytesIO(printed(PAGE)))
    catalog = reader.trailer["/Root"]

    assert catalog["/MarkInfo"]["/Marked"].value is True
    assert catalog["/Lang"] == "fr"
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"].value is True
    assert 'pdfuaid:part="1"' in catalog["/Metadata"].get_object().get_data().decode()
    assert reader.metadata.title == "Convention d’essai"
    assert reader.metadata.author == "Robine Habitat"
    assert reader.metadata["/CreationDate"] == "D:20260115"
    assert "/ModDate" not in reader.metadata
    assert reader.pages[0].mediabox.width == pytest.approx(595, abs=1)  # A4


def test_printed_page_keeps_its_headings_and_the_headers_of_its_tables() -> None:
    reader = PdfReader(BytesIO(printed(PAGE)))
    found = tags(reader)
    rows = ("/H1", "/H2", "/P", "/Table", "/Caption", "/THead", "/TBody", "/TR", "/TH", "/TD")
    assert [(tag, found.count(tag)) for tag in rows] == [
        ("/H1", 1),
        ("/H2", 1),
        ("/P", 1),
        ("/Table", 1),
        ("/Caption", 1),
        ("/THead", 1),
        ("/TBody", 1),
        ("/TR", 2),
        ("/TH", 3),
        ("/TD", 1),
    ]
    everything = list(elements(reader.trailer["/Root"]["/StructTreeRoot"]))
    (cell,) = (element for element in everything if element["/S"] == "/TD")
    headers = [element for element in everything if element["/S"] == "/TH"]
    assert sorted(cell["/A"]["/Headers"]) == sorted([headers[1]["/ID"], headers[2]["/ID"]])


def test_same_page_gives_the_same_bytes_and_another_page_others() -> None:
    fingerprint = hashlib.sha256(printed(PAGE)).hexdigest()
    assert hashlib.sha256(printed(PAGE)).hexdigest() == fingerprint
    assert hashlib.sha256(printed(PAGE.replace("12 %", "13 %"))).hexdigest() != fingerprint


def test_pages_are_numbered_out_of_their_count() -> None:
    reader = PdfReader(BytesIO(printed(PAGE.replace("<p>Une phrase.</p>", "<p>Une phrase.</p>" * 150))))
    assert len(reader.pages) > 2
    numbered = [page.extract_text() for page in reader.pages]
    assert [f"page {n} sur {len(numbered)}" in text for n, text in enumerate(numbered, 1)] == [True] * len(numbered)


@pytest.mark.parametrize(
    "address",
    [
        "https://example.org/logo.png",
        "file:///etc/passwd",
        "/etc/passwd",
        "/static/../manage.py",
        "/static/%2e%2e/manage.py",
        "/static/nothing.css",
        "data:image/png;base64,iVBORw0KGgo=",
        "//example.org/static/tokens.css",
    ],
)
def test_printing_reads_nothing_but_our_static_files(address: str) -> None:
    with pytest.raises(ForeignResource):
        printed(PAGE.replace("<p>", f'<p><img src="{address}" alt="Logo">'))


def test_static_file_comes_with_its_type() -> None:
    content, content_type = static_file("https://document.invalid/static/document.css")
    assert content_type == "text/css"
    assert b"@page" in content


def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pango cannot be taken away from here: the loading of the library is made to fail as it does without it."""

    class Missing:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    for name in [name for name in sys.modules if name.split(".")[0] == "weasyprint"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Missing(), *sys.meta_path])


def test_without_the_library_printing_is_refused_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    without_pango(monkeypatch)
    with pytest.raises(PdfUnavailable, match=r"Imprimez cette page depuis votre navigateur, ou .* libpango-1\.0-0\."):
        printed(PAGE)
