"""A field stated to be « facultatif » is never refused empty: its form says when it asks for it (`ASKED_WHEN`)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django import forms
from django.template.loader import render_to_string

from attributions.households.forms.sessions import ConveneForm
from reservations.models import Organisation
from tests.house.tree import ROOT, STOREYS, WINGS, modules

pytestmark = pytest.mark.django_db

#: Refused for what is written there, not for being empty.
WRITTEN = {
    ("OrganisationForm", "territory"),
    ("StockRightForm", "ends_on"),
    ("ReportedRightForm", "ends_on"),
    ("RemarkForm", "claimed"),
    ("OutcomeForm", "has_priority"),
    ("StepTimesFilters", "end"),
    ("AsksOnce", "confirmed"),  # a box, drawn once it is asked
    ("TransferForm", "programmes"),  # the boxes of a list, of which nobody says « facultatif »
}


def _refusals() -> Iterator[tuple[type[forms.Form], str]]:
    """Each (form, field) that a `clean` of ours refuses by name, of a field that may be left empty."""
    for path in modules(*(f"{house}/forms" for house in (*STOREYS, *WINGS))):
        module = import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        for node in ast.parse(Path(path).read_text(encoding="utf-8")).body:
            form = getattr(module, node.name) if isinstance(node, ast.ClassDef) else None
            fields = getattr(form, "base_fields", {})
            for call in ast.walk(node) if fields else ():
                if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.args):
                    continue
                name = call.args[0].value if isinstance(call.args[0], ast.Constant) else None
                if call.func.attr == "add_error" and name in fields and not fields[name].required:
                    yield form, name


def _forms() -> Iterator[type[forms.Form]]:
    for path in modules(*(f"{house}/forms" for house in (*STOREYS, *WINGS))):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for form in vars(import_module(name)).values():
            if isinstance(form, type) and issubclass(form, forms.Form) and form.__module__ == name:
                yield form


def test_a_field_whose_help_asks_for_it_is_not_called_optional() -> None:
    """« Précision (facultatif) » of a purpose, « Nécessaire si la finalité n’est pas dans la liste »: what is recorded
    for the conference (CCH, L441-1-5) is refused without it."""
    asking = re.compile(r"\b(Nécessaire|Obligatoire|Indispensable|À dire)\b")
    asked = {
        (form, name)
        for form in _forms()
        for name, field in form.base_fields.items()
        if not field.required and asking.search(str(field.help_text))
    }
    assert asked, "the reading finds what help asks for"
    left = {f"{form.__name__}.{name}" for form, name in asked if name not in getattr(form, "ASKED_WHEN", {})}
    assert left == set()


def test_an_optional_field_that_may_be_refused_empty_says_when_it_is_asked_for() -> None:
    found = {(form, name) for form, name in _refusals() if (form.__name__, name) not in WRITTEN}
    assert len(found) >= 9, "the reading finds the refusals of forms"
    left = {f"{form.__name__}.{name}" for form, name in found if name not in getattr(form, "ASKED_WHEN", {})}
    assert left == set()


def test_convening_a_session_says_which_fields_a_form_of_meeting_asks_for() -> None:
    """« Lieu (facultatif) » was refused empty with « Dites où la commission se réunit »."""
    form = ConveneForm(committees=Organisation.objects.none())
    drawn = {name: render_to_string("components/field.html", {"field": form[name]}) for name in form.fields}
    assert "(en salle)" in drawn["place"]
    assert "(pour un vote à distance)" in drawn["opens_on"]
    assert not [name for name, html in drawn.items() if "facultatif" in html]
