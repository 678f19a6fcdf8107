"""A table said once: where its cells stand, and how its template lays them out."""

from __future__ import annotations

import re

import pytest
from django.template.loader import render_to_string

from reservations.pages.pieces import below, beside, button, muted
from reservations.pages.table import FIGURE, Head, Said, Table, acting, table, unmatched


def drawn(said: Table, *, bare: bool = False) -> str:
    """The table as a page has it, blanks between tags left out."""
    html = render_to_string(f"components/table.html{'#bare' if bare else ''}", {"table": said})
    return re.sub(r"\s*(<[^>]*>)\s*", lambda tag: re.sub(r"\s+(?=>)", "", re.sub(r"\s+", " ", tag[1])), html)


PLAIN = table("t", "Parts", "Sur 100.", ("Réservataire", f"Part{FIGURE}"), [("État", "30"), ("Ville", Said("20"))])


def test_first_cell_heads_its_row_and_a_phone_says_the_heading_again() -> None:
    page = drawn(PLAIN)
    assert '<div class="table stack" role="region" aria-labelledby="t" tabindex="0"><table>' in page
    assert '<caption><span id="t">Parts</span><small>Sur 100.</small></caption>' in page
    assert '<th scope="col">Réservataire</th><th scope="col" class="n">Part</th>' in page
    assert '<tr><th scope="row" class="all">État</th><td class="n" data-l="Part">30</td></tr>' in page
    assert "<tfoot>" not in page


def test_without_an_id_it_is_no_region_and_a_quiet_title_is_heard_alone() -> None:
    page = drawn(table("", "Parts", "", ("A",), [("1",)], quiet=True, css="wide", under="Barre pleine : dû."))
    assert page.startswith('<div class="table wide"><table><caption class="vh"><span>Parts</span></caption>')
    assert page.endswith('</table><div class="tools">Barre pleine : dû.</div></div>')


def test_paper_has_the_table_alone() -> None:
    page = drawn(PLAIN, bare=True)
    assert page.startswith("<table>")
    assert page.endswith("</table>")


def test_another_column_may_head_the_rows_and_one_may_act() -> None:
    headings = (Head("Le", "nw"), "Acte", acting("Lire", hidden=True))
    page = drawn(table("", "Actes", "", headings, [("hier", "Vu", button("/a", "Lire", also=" l’acte"))], head_at=1))
    assert '<th scope="col" class="noprint"><span class="vh">Lire</span></th>' in page
    assert '<td class="nw" data-l="Le">hier</td><th scope="row" class="all">Vu</th>' in page
    link = '<a class="btn sm" href="/a">Lire<span class="vh">l’acte</span></a>'
    assert f'<td class="all noprint">{link}</td>' in page


def test_headings_stand_under_one_another() -> None:
    headings = ("Qui", Head("dû", "n grp", group="2026"), Head("reçu", "n", group="2026"), Head("État", ""))
    page = drawn(table("", "Comptes", "", headings, [("État", "1", "2", "bon")]))
    above, under = re.findall(r"<tr>(.*?)</tr>", page)[:2]
    assert above == (
        '<th scope="col" rowspan="2">Qui</th><th scope="colgroup" class="grp" colspan="2">2026</th>'
        '<th scope="col" rowspan="2">État</th>'
    )
    assert under == '<th scope="col" class="n grp">dû</th><th scope="col" class="n">reçu</th>'


def test_a_total_spans_and_says_nothing_above_what_is_empty() -> None:
    headings = ("Qui", Head("Quoi", ""), f"Dû{FIGURE}", f"Reçu{FIGURE}")
    page = drawn(table("", "Comptes", "", headings, [], totals=[(Said("Ensemble", span=2), "3", "")]))
    assert (
        '<tfoot><tr class="total"><th scope="row" class="all" colspan="2">Ensemble</th>'
        '<td class="n" data-l="Dû">3</td><td class="n"></td></tr></tfoot>'
    ) in page


def test_a_cell_that_spans_the_heading_column_heads_its_row_as_that_column_stands() -> None:
    headings = (Head("Date", "nw"), "Acte", f"Solde{FIGURE}")
    page = drawn(table("", "Lignes", "", headings, [(Said("Avant", span=2), "3"), ("hier", "Dû", "4")], head_at=1))
    assert '<tr><th scope="row" class="all" colspan="2">Avant</th><td class="n" data-l="Solde">3</td></tr>' in page
    assert '<td class="nw" data-l="Date">hier</td><th scope="row" class="all">Dû</th>' in page


def test_headings_that_say_nothing_are_not_written() -> None:
    page = drawn(table("", "Solde", "", (Head("", ""), Head("", "n")), [("Dû", "3")], totals=[("Reste", "3")]))
    assert "<thead>" not in page
    assert '<tbody><tr><th scope="row">Dû</th><td class="n">3</td></tr></tbody><tfoot>' in page


def test_one_cell_may_stand_otherwise_than_its_column() -> None:
    headings = ("Logement", Head("Attendus", "first-cell"))
    page = drawn(table("", "", "", headings, [("T3", Said("–", css="wide-only"))]))
    assert '<td class="first-cell wide-only" data-l="Attendus">–</td>' in page


def test_rows_stand_out_by_their_place() -> None:
    rows = [("a",), ("b",), ("c",)]
    assert [line.css for line in table("", "", "", ("A",), rows, first=1).lines] == ["", "first", ""]
    marked = table("", "", "", ("A",), rows, first=[0, 2], marks={1: "month"})
    assert [line.css for line in marked.lines] == ["first", "month", "first"]


@pytest.mark.parametrize("row", [("a",), ("a", "b", "c"), (Said("a", span=3),), (Said("a", span=2), "b")])
def test_a_row_that_the_headings_do_not_announce_is_refused(row: tuple[Said | str, ...]) -> None:
    with pytest.raises(ValueError, match="do not announce"):
        table("", "", "", ("A", "B"), [row])


def test_pieces_escape_what_they_are_given_and_leave_out_what_is_empty() -> None:
    assert beside("<b>", "", muted("a & b")) == '&lt;b&gt; <span class="muted">a &amp; b</span>'
    assert below("", "1", "") == "1"
    assert drawn(table("", "", "", ("A",), [(below("<i>", muted("x")),)])).count("<i>") == 0


def test_without_a_row_a_sentence_stands_in_its_place() -> None:
    empty = table("t", "Parts", "", ("A",), [], none="Aucune part.")
    assert drawn(empty) == '<p class="empty">Aucune part.</p>'
    assert drawn(empty.or_say("Rien.")) == '<p class="empty">Rien.</p>'
    assert drawn(PLAIN.or_say("Rien.")) == drawn(PLAIN)
    assert unmatched("Aucune part", "/a") == 'Aucune part ne répond à ces filtres. <a href="/a">Tout afficher</a>'
