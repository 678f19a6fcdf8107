"""Where every address is asked by every person, a page that was printed already is not drawn again.

A page has one PDF, to the byte, wherever and whenever it is drawn (tests/reservations/exports/test_documents.py holds
it). WeasyPrint takes a second a page; it draws here each page that differs, once a process.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any
from xml.etree.ElementTree import tostring

import pytest
from weasyprint import HTML

#: {a page, as it was read, and how its PDF was asked for: the PDF}
_drawn: dict[tuple[bytes, str], bytes] = {}


def draw_each_page_once(patch: pytest.MonkeyPatch) -> None:
    draw = HTML.write_pdf

    def draw_once(page: HTML, **how: Any) -> bytes:
        key = sha256(tostring(page.etree_element)).digest(), f"{page.base_url} {sorted(how.items())}"
        if key not in _drawn:
            _drawn[key] = draw(page, **how)
        return _drawn[key]

    patch.setattr(HTML, "write_pdf", draw_once)
