"""The register of processing and docs/personal-data.md name the same fields, which the models have."""

from __future__ import annotations

import re
from pathlib import Path

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from attributions.public.register import model_called, named, register, word
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]
NAMED = re.compile(r"`(?:axes\.)?([A-Z]\w+(?:\.\w+)?)`")

#: Reported in docs/personal-data.md because texts are typed there, or because files are kept, about units, conventions,
#: balances: they name nobody.
NOBODY = {
    *(
        "Archive",
        "ArchivePart",
        "BalanceComment",
        "BalanceCorrection",
        "BalanceLayout",
        "BalanceRemark",
        "BalanceVersion",
        "Leaf",
        "LeafSalt",
        "LogCheckpoint",
        "LogCosignature",
        "LogNode",
    ),
    *(
        "CapReading",
        "Convention",
        "Nickname",
        "Notice",
        "PeriodCut",
        "PrintedBalance",
        "ReplayedYear",
        "Reconciliation",
        "Return",
    ),
    *("Routing", "AskedDecision", "OpeningBalance", "OpeningAct", "ToldAside", "Vacancy", "UnitDescription"),
    *("Imprint", "WebhookEvent"),  # a digest, ids
    *(
        "Delegation",
        "OutsideFlow",
        "StockTransfer",
        "Unconfirmed",
    ),  # texts of the law, and what nobody has read in them
}


def fields_written() -> set[str]:
    """What the tables of the document name: fields, or models."""
    text = (ROOT / "docs/personal-data.md").read_text(encoding="utf-8")
    return {name for line in text.splitlines() if line.startswith("|") for name in NAMED.findall(line.split(" | ")[0])}


def test_register_and_document_name_the_same_data() -> None:
    """RGPD, art. 30. A field that the document states is in the register; a model of the register, in the document."""
    fields, written = set(named()), {name for name in fields_written() if name.partition(".")[0] not in NOBODY}
    models = {name.partition(".")[0] for name in fields}
    assert {name for name in written if name not in fields | models} == set()
    assert models == {name.partition(".")[0] for name in written}
    for name in fields:
        model, _, field = name.partition(".")
        assert model_called(model)._meta.get_field(field)


def test_register_says_a_purpose_and_a_term_of_each_field_to_anybody(world: World) -> None:
    page = Client().get(reverse("personal-data")).text
    rows = [line for each in register() for line in each.lines]
    assert all(cell.content.text for row in rows for cell in row.cells)
    assert [row.cells[0].content.text for row in rows if escape(row.cells[0].content.text) not in page] == []
    assert "Demande : numéro unique ; autre numéro d’une demande : numéro unique" in page


def test_every_field_of_the_register_has_a_french_name() -> None:
    """A field without a name of its own is stated by its identifier: « merged into »."""
    found = {each: word(model_called(each.partition(".")[0]), each) for each in named()}
    unsaid = {each: text for each, text in found.items() if text == each.partition(".")[2].replace("_", " ")}
    assert unsaid == {"ServiceNotice.contact": "contact"}
    assert not any(text.istitle() and " " in text for text in found.values())
