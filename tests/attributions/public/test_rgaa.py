"""The 106 criteria of the RGAA 4.1.2: each answered, each answer held by a test that exists or a page that was read."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from attributions.public import rgaa
from config.audit import NAME, given

ROOT = Path(__file__).resolve().parents[3]

#: Criteria of each theme.
COUNTS = (9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12)


def test_every_criterion_is_answered_once_in_its_order() -> None:
    every = [f"{theme}.{number}" for theme, count in enumerate(COUNTS, 1) for number in range(1, count + 1)]
    assert len(every) == 106
    assert [each.number for each in rgaa.criteria()] == every
    assert len({each.title for each in rgaa.criteria()}) == 106
    assert {each.answer for each in rgaa.criteria()} <= set(rgaa.ANSWERS)


def test_every_answer_says_how_it_was_checked_and_what_it_names_is_there() -> None:
    """A test that exists, a page of the sample, or why the criterion does not apply."""
    pages, unheld, gone = {page for page, _ in rgaa.SAMPLE}, [], []
    assert (len(rgaa.SAMPLE), {page for page, _ in rgaa.SAMPLE}) == (20, set(rgaa.SEEN))
    for each in rgaa.criteria():
        paths = re.findall(r"`([^`]+)`", each.how)
        for path, _, name in (found.partition("::") for found in paths):
            there = ROOT / path
            if not there.exists() or (name and f"def {name}(" not in there.read_text(encoding="utf-8")):
                gone.append((each.number, path, name))
        read = pages.intersection(re.findall(r"« ([^»]+) »", each.how.replace("\u00a0", " ")))
        result = each.how.startswith("Sans objet") if each.answer == rgaa.DOES_NOT_APPLY else bool(paths or read)
        if not (result or each.answer == rgaa.NOT_MET or "pages de l’échantillon" in each.how):
            unheld.append(each.number)
    assert (unheld, gone) == ([], [])


def test_document_and_statement_say_what_was_found(db: None, tmp_path: Path) -> None:
    """`./run manage rgaa FILE` writes the document."""
    call_command("rgaa", tmp_path / "rgaa.md")
    assert (tmp_path / "rgaa.md").read_text(encoding="utf-8") == rgaa.document()
    assert [each.number for each in rgaa.criteria() if f"| {each.number} | {each.title} |" not in rgaa.document()] == []
    found, page = rgaa.conformity(), Client().get(reverse("accessibility")).text
    text = " ".join(page.split())
    assert f"Les contrôles du logiciel en tiennent {found.met} critères sur les {found.applying}" in text
    assert "<b>non encore auditée</b>" in text
    assert "conforme" not in text.replace("conformément", "").replace("la dire conforme", ""), "nobody audited it"
    listed = [*rgaa.not_met(), *rgaa.to_read()]
    assert [each.number for each in listed if escape(each.title) not in page] == []
    for recourse in ("Défenseur des droits", "Signaler une difficulté", "Ce qui n’est pas accessible"):
        assert recourse in page


@pytest.mark.parametrize("answer", [rgaa.NOT_MET, rgaa.TO_READ, None])
def test_statement_lists_what_is_not_met_and_what_is_left_to_read(answer: str | None) -> None:
    """Whatever the answers of this version are, each state of the statement is drawn."""
    one = rgaa.criteria()[0]
    left = {"not_met": [one] * (answer == rgaa.NOT_MET), "to_read": [one] * (answer == rgaa.TO_READ)}
    values = {"found": rgaa.conformity(), "sample": rgaa.SAMPLE, "read_on": rgaa.READ_ON, "notice": None}
    values |= {"state": rgaa.state(), "audit": rgaa.audit()}
    page = render_to_string("public/accessibility.html", {**values, **left})
    assert ("Aucun critère applicable n’a été trouvé en défaut" in page) is (answer != rgaa.NOT_MET)
    assert ("Restent à relire" in page) is (answer == rgaa.TO_READ)
    assert (escape(one.title) in page) is (answer is not None)


@pytest.mark.parametrize(
    ("expected", "state"),
    [
        ("2027-03-12 ; 100 ; Cabinet Untel", "totalement conforme"),
        ("2027-03-12;87,5 %;Cabinet Untel", "partiellement"),
        ("2027-03-12 ; 49.9 ; Cabinet Untel", "non conforme"),
    ],
)
def test_an_installation_says_what_its_own_audit_found(db: None, settings: Any, expected: str, state: str) -> None:
    """Arrêté du 20 septembre 2019: « totalement » from 100 %, « partiellement » from 50 %; nothing without an audit."""
    settings.ACCESSIBILITY_AUDIT = given({NAME: expected}, today=date(2027, 4, 1))
    page = " ".join(Client().get(reverse("accessibility")).text.split())
    assert f"<b>{rgaa.state()}</b> : l’audit du 12 mars 2027, par Cabinet Untel, trouve" in page
    assert rgaa.state().startswith(state)
    assert f"Accessibilité : {rgaa.state()}" in page[page.index("<footer") :]
    assert "Aucun organisme indépendant" not in page


@pytest.mark.parametrize(
    "expected",
    ["oui", "2027-03-12 ; 100", "2027-03-12 ; 101 ; X", "2027-05-01 ; 90 ; X", "12/03/2027 ; 90 ; X", "2027-03-12;x;X"],
)
def test_an_audit_that_cannot_be_is_refused_at_the_start(expected: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ACCESSIBILITY_AUDIT : écrivez le jour de l’audit"):
        given({NAME: expected}, today=date(2027, 4, 1))


def test_no_audit_is_declared_by_default() -> None:
    assert given({}, today=date(2027, 4, 1)) is None
