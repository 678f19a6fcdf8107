"""The worksheets of conversion, in words: what differs is marked, what binds nobody is not annexed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flux.models import Conversion
from flux.pages.conversion import annex_tables, answer, compared_tables, none_yet, sheet_tables
from flux.queries.conversion_sheets import compared, sheet
from reservations.models import Organisation, ReservationHolder


def variant(pk: int, **shown: str) -> Conversion:
    """A variant of the City, each of whose lines shows what is given."""
    lines = [
        {
            "code": code,
            "label": code.capitalize(),
            "display": display,
            "formula": "a ÷ b",
            "worked": "1 ÷ 2",
            "source": "",
            "numbers": [],
            "overrides": [{"field": "units", "was": 2, "reason": "compté"}] if code == "NET" else [],
            "details": [],
        }
        for code, display in shown.items()
    ]
    parts: list[dict[str, Any]] = [
        {"code": "BASE", "label": "L’assiette", "lines": lines},
        {"code": "TARGETS", "label": "Ce que d’autres attendent", "lines": lines[:1]},
    ]
    holder = ReservationHolder(organisation=Organisation(name="Ville de Narbonne", article="la"), contingent="OWN")
    return Conversion(pk=pk, label=f"Variante {pk}", holder=holder, worksheet={"sections": parts}, starts_on=date.min)


@pytest.mark.parametrize(
    ("count", "own", "words"),
    [
        (0, True, "Aucune variante pour l’instant."),
        (1, False, "1 variante calculée, chacune reprise dans une convention proposée ou signée."),
        (
            2,
            True,
            "2 variantes calculées. Comparez-en plusieurs ligne à ligne ; celle que vous reprenez dans une convention "
            "y est figée.",
        ),
    ],
)
def test_answer_says_how_many_variants_there_are_and_for_what(count: int, own: bool, words: str) -> None:
    assert answer(count, own=own) == words


def test_who_has_none_reads_what_makes_the_first_appear() -> None:
    names = {none_yet(can_convert=True, own=True), none_yet(can_convert=False, own=True)}
    assert len(names | {none_yet(can_convert=False, own=False)}) == 3


def test_lines_that_differ_are_marked_and_those_that_one_variant_lacks() -> None:
    both = [variant(1, BASE="100", NET="40"), variant(2, BASE="100", NET="42", SHARE="3 %")]
    base, _ = compared_tables(both, compared(both))
    assert [head.label for head in base.heads] == [None, "Variante 1", "Variante 2", None]
    assert [[cell.content.text for cell in line.cells] for line in base.lines] == [
        ["Base", "100", "100", '<span class="muted">pareil</span>'],
        ["Net", "<b>40</b>", "<b>42</b>", '<span class="st todo">diffère</span>'],
        ["Share", '<span class="muted">absente</span>', "<b>3 %</b>", '<span class="st todo">diffère</span>'],
    ]


def test_the_last_word_of_a_part_stands_out_and_says_what_was_changed() -> None:
    base, _ = sheet_tables(sheet(variant(1, OTHER="1", NET="40")))
    assert (base.title, [line.css for line in base.lines]) == ("1. L’assiette", ["", "total"])
    assert "2 à l’origine, changé parce que : compté" in base.lines[1].cells[1].content.text


def test_what_others_may_expect_is_annexed_to_no_convention() -> None:
    assert [each.title for each in annex_tables(variant(1, BASE="100"))] == ["L’assiette"]
