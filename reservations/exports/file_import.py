"""The files of file import that go out.

* Files of the door that go out: the model of a kind, and the refused lines of a file, to correct and give again.
* A page of ours printed as a tagged PDF, for everybody to read: PDF/UA-1 (ISO 14289-1).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage

from reservations.exports.spreadsheet import clean, risky
from reservations.refusals import Refusal

BOM = "\ufeff"
LINE, MEND = "ligne", "à corriger"


def model(names: Sequence[str], examples: Sequence[str]) -> str:
    """The names of the columns, and one line as an example."""
    return BOM + _line(names) + (_line(examples) if any(examples) else "")


def refused_lines(
    header: Sequence[str], lines: Iterable[tuple[int, Sequence[str], Sequence[Sequence[object]]]]
) -> Iterator[str]:
    """Only the refused lines, as they were, then their number and what to mend: two columns that no import reads."""
    yield BOM + _line([*header, LINE, MEND])
    width = len(header)
    for number, cells, remarks in lines:
        held = [*cells, *[""] * (width - len(cells))][:width]
        mend = " ; ".join(f"{column} : {sentence}" for column, _, sentence, stops in remarks if stops)
        yield _line([*held, str(number), mend])


def _line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=";", lineterminator="\r\n").writerow(
        f"'{cell}" if risky(cell) else cell for cell in map(clean, cells)
    )
    return out.getvalue()


if TYPE_CHECKING:
    from weasyprint.urls import URLFetcherResponse

#: Where a printed page believes it stands. It has no address: `.invalid` is nobody's, by RFC 2606.
ORIGIN = "https://document.invalid"

CONTENT_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".png": "image/png"}

#: What `collectstatic` puts in the name of a file, before its suffix.
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}(?=\.\w+$)")


class PdfUnavailable(Refusal):
    """The server lacks the libraries that draw the text of a PDF."""


class ForeignResource(ValueError):
    """A page to print names something else than our own static files: a mistake of its template."""


def printed(html: str) -> bytes:
    """The PDF of a whole HTML page: its `lang`, `title`, authors and dates become the document's own.

    The same page gives the same bytes: no clock and no chance enters the file, which may so be known by its
    SHA-256. Nothing is fetched but our own static files.

    Raises PdfUnavailable when Pango is not installed here, ForeignResource when the page names a file not ours.
    """
    # Late: loading takes half a second, and fails where Pango is missing; every other page works without it.
    try:
        from weasyprint import HTML
        from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse
    except OSError as error:
        raise PdfUnavailable(
            "Le PDF ne peut pas être produit : il manque au serveur la bibliothèque Pango. Imprimez cette page "
            "depuis votre navigateur, ou demandez à l’administrateur d’installer le paquet libpango-1.0-0."
        ) from error

    class OwnFiles(URLFetcher):
        """Neither network nor file system: only the static files of the product."""

        def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
            content, content_type = static_file(url)
            return URLFetcherResponse(url, content, {"Content-Type": content_type})

    try:
        pdf = HTML(string=html, base_url=f"{ORIGIN}/", url_fetcher=OwnFiles(fail_on_errors=True)).write_pdf(
            pdf_variant="pdf/ua-1"
        )
    except FatalURLFetchingError as error:
        raise ForeignResource(str(error)) from error
    assert isinstance(pdf, bytes)
    return pdf


def fingerprint(html: str) -> str:
    """What the PDF of a page is known by without drawing it: its text, our style and the printer's version, SHA-256."""
    style, _ = static_file(f"{ORIGIN}{settings.STATIC_URL}document.css")
    return sha256(b"\0".join([html.encode(), style, version("weasyprint").encode()])).hexdigest()


def static_file(url: str) -> tuple[bytes, str]:
    """Content and type of one of our static files, by the absolute address a printed page gives it. A page may wait
    over a release: the fingerprint in the name of a file that is no more leads to the file of today.

    Raises ForeignResource for anything else.
    """
    parts = urlsplit(url)
    name = unquote(parts.path).removeprefix(settings.STATIC_URL)
    content_type = CONTENT_TYPES.get(Path(name).suffix)
    if f"{parts.scheme}://{parts.netloc}" != ORIGIN or name == unquote(parts.path) or content_type is None:
        raise ForeignResource(url)
    if found := finders.find(name):
        return Path(found).read_bytes(), content_type
    if settings.STATIC_ROOT and staticfiles_storage.exists(name):  # under the name that holds its fingerprint
        with staticfiles_storage.open(name) as file:
            return file.read(), content_type
    if found := finders.find(FINGERPRINT.sub("", name)):  # written before the last release, or by another server
        return Path(found).read_bytes(), content_type
    raise ForeignResource(url)
