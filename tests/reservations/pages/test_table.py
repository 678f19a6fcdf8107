"""A table stated once: where its cells stand, and how its template lays them out."""

from __future__ import annotations

import re
from operator import itemgetter
from typing import Any

import pytest
from django.template.loader import render_to_string

from reservations.pages.pieces import below, beside, button, muted
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text, acting, unmatched
from reservations.words import integer


def drawn(given: Table, *, bare: bool = False) -> str:
    """The table as a page has it, blanks between tags left out."""
    html = render_to_string(f"components/table.html{'#bare' if bare else ''}", {"table": given})
    return re.sub(r"\s*(<[^>]*>)\s*", lambda tag: re.sub(r"\s+(?=>)", "", re.sub(r"\s+", " ", tag[1])), html)


type Cells = tuple[Text | str, ...]


def laid(key: str, title: str, note: str, headings: tuple[Head | str, ...], rows: list[Cells], **how: Any) -> Table:
    """Rows under headings, each column reading its own cell."""
    columns = (Shown[Cells](head, itemgetter(at)) for at, head in enumerate(headings))
    return Rows(rows, *columns).titled(key, title, note, **how)


SHARES = (("État", "30"), ("Ville", "20"))
PLAIN = Rows(
    SHARES, Shown[tuple[str, str]]("Réservataire", lambda row: row[0]), Number("Part", lambda row: row[1])
).titled("t", "Parts", "Sur 100.")


def test_first_cell_heads_its_row_and_a_phone_says_the_heading_again() -> None:
    page = drawn(PLAIN)
    assert '<div class="table stack" role="region" aria-labelledby="t" tabindex="0"><table>' in page
    assert '<caption><span id="t">Parts</span><small>Sur 100.</small></caption>' in page
    assert '<th scope="col">Réservataire</th><th scope="col" class="n">Part</th>' in page
    assert '<tr><th scope="row" class="all">État</th><td class="n" data-l="Part">30</td></tr>' in page
    assert "<tfoot>" not in page


def test_without_an_id_it_is_no_region_and_a_quiet_title_is_heard_alone() -> None:
    page = drawn(laid("", "Parts", "", ("A",), [("1",)], quiet=True, css="wide", under="Barre pleine : dû."))
    assert page.startswith('<div class="table wide"><table><caption class="vh"><span>Parts</span></caption>')
    assert page.endswith('</table><div class="tools">Barre pleine : dû.</div></div>')


def test_paper_has_the_table_alone() -> None:
    page = drawn(PLAIN, bare=True)
    assert page.startswith("<table>")
    assert page.endswith("</table>")


def test_another_column_may_head_the_rows_and_one_may_act() -> None:
    headings = (Head("Le", "nw"), "Acte", acting("Lire", hidden=True))
    page = drawn(laid("", "Actes", "", headings, [("hier", "Vu", button("/a", "Lire", also=" l’acte"))], head_at=1))
    assert '<th scope="col" class="noprint"><span class="vh">Lire</span></th>' in page
    assert '<td class="nw" data-l="Le">hier</td><th scope="row" class="all">Vu</th>' in page
    link = '<a class="btn sm" href="/a">Lire<span class="vh">l’acte</span></a>'
    assert f'<td class="all noprint">{link}</td>' in page


def test_headings_stand_under_one_another() -> None:
    headings = ("Qui", Head("dû", "n grp", group="2026"), Head("reçu", "n", group="2026"), Head("État", ""))
    page = drawn(laid("", "Comptes", "", headings, [("État", "1", "2", "bon")]))
    above, under = re.findall(r"<tr>(.*?)</tr>", page)[:2]
    assert above == (
        '<th scope="col" rowspan="2">Qui</th><th scope="colgroup" class="grp" colspan="2">2026</th>'
        '<th scope="col" rowspan="2">État</th>'
    )
    assert under == '<th scope="col" class="n grp">dû</th><th scope="col" class="n">reçu</th>'


def test_a_total_spans_and_says_nothing_above_what_is_empty() -> None:
    none: list[Cells] = []
    page = drawn(
        Rows(
            none,
            Shown("Qui", lambda row: row[0], total=Text("Ensemble", span=2)),
            Shown(Head("Quoi", ""), lambda row: row[1]),
            Number("Dû", lambda row: row[2], total=3),
            Number("Reçu", lambda row: row[3], total=""),
        ).titled("", "Comptes")
    )
    assert (
        '<tfoot><tr class="total"><th scope="row" class="all" colspan="2">Ensemble</th>'
        '<td class="n" data-l="Dû">3</td><td class="n"></td></tr></tfoot>'
    ) in page


def test_a_cell_that_spans_the_heading_column_heads_its_row_as_that_column_stands() -> None:
    page = drawn(
        Rows(
            [("hier", "Dû", 4000)],
            Shown[tuple[str, str, int]](Head("Date", "nw"), lambda row: row[0], above=Text("Avant", span=2)),
            Shown("Acte", lambda row: row[1]),
            Number("Solde", lambda row: row[2], above=3),
        ).titled("", "Lignes", head_at=1)
    )
    above = '<th scope="row" class="all" colspan="2">Avant</th><td class="n" data-l="Solde">3</td></tr>'
    assert f'<tbody><tr class="month">{above}' in page
    assert '<td class="nw" data-l="Date">hier</td><th scope="row" class="all">Dû</th>' in page
    assert f'data-l="Solde">{integer(4000)}</td>' in page


def test_a_line_stands_above_the_rows_and_one_below_them_even_when_there_is_none() -> None:
    column = Shown[str]("Commune", str, above="Toutes", below="Ailleurs")
    lines = Rows(["Narbonne"], column).titled("", "").lines
    assert [(line.cells[0].content.text, line.css) for line in lines] == [
        ("Toutes", "month"),
        ("Narbonne", ""),
        ("Ailleurs", ""),
    ]
    nothing = Rows([], column).titled("", "", empty="Aucune.").lines
    assert [line.cells[0].content.text for line in nothing] == ["Toutes", "Aucune.", "Ailleurs"]


def test_a_column_that_a_reader_does_not_have_is_in_no_line() -> None:
    kept = Shown[str]("A", str, total="1", above="2", below="3")
    gone = Shown[str]("B", str, total="9", above="9", below="9", when=False)
    result = Rows(["a"], kept, gone).titled("", "")
    assert [[cell.content.text for cell in line.cells] for line in (*result.lines, *result.totals)] == [
        ["2"],
        ["a"],
        ["3"],
        ["1"],
    ]


def test_headings_that_say_nothing_are_not_written() -> None:
    page = drawn(laid("", "Solde", "", (Head("", ""), Head("", "n")), [("Dû", "3")], totals=[("Reste", "3")]))
    assert "<thead>" not in page
    assert '<tbody><tr><th scope="row">Dû</th><td class="n">3</td></tr></tbody><tfoot>' in page


def test_one_cell_may_stand_otherwise_than_its_column() -> None:
    headings = ("Logement", Head("Attendus", "first-cell"))
    page = drawn(laid("", "", "", headings, [("T3", Text("–", css="wide-only"))]))
    assert '<td class="first-cell wide-only" data-l="Attendus">–</td>' in page


def test_a_row_stands_out_by_what_it_is() -> None:
    marks = {"a": "first", "b": "month"}
    lines = Rows("abc", Shown[str]("A", str)).titled("", "", mark=lambda row: marks.get(row, "")).lines
    assert [line.css for line in lines] == ["first", "month", ""]


@pytest.mark.parametrize("below", [(None, "b"), (Text("a", span=3), None), (Text("a", span=2), "b")])
def test_a_line_that_the_headings_do_not_announce_is_refused(below: tuple[Text | str | None, ...]) -> None:
    none: list[Cells] = []
    columns = (Shown[Cells](head, itemgetter(0), below=cell) for head, cell in zip("AB", below, strict=True))
    with pytest.raises(ValueError, match="do not announce"):
        Rows(none, *columns).titled("", "")


def test_pieces_escape_what_they_are_given_and_leave_out_what_is_empty() -> None:
    assert beside("<b>", "", muted("a & b")) == '&lt;b&gt; <span class="muted">a &amp; b</span>'
    assert below("", "1", "") == "1"
    assert drawn(laid("", "", "", ("A",), [(below("<i>", muted("x")),)])).count("<i>") == 0


def test_without_a_row_a_sentence_stands_in_its_place() -> None:
    empty = laid("t", "Parts", "", ("A",), [], none="Aucune part.")
    assert drawn(empty) == '<p class="empty">Aucune part.</p>'
    assert drawn(empty.or_say("Rien.")) == '<p class="empty">Rien.</p>'
    assert drawn(PLAIN.or_say("Rien.")) == drawn(PLAIN)
    assert unmatched("Aucune part", "/a") == 'Aucune part ne répond à ces filtres. <a href="/a">Tout afficher</a>'
