"""Sending the candidates of a unit, or claiming what excuses too few."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.forms.requests import SendForm
from attributions.households.models import Application, Proposal
from attributions.households.pages.sendings import Sending, draft_lines, exemptions
from attributions.households.queries.minimum import Count
from flux.models import Unit, Vacancy

PLAIN: dict[str, Any] = {"sent": 0, "ready": 0, "minimum": 3, "exemptions": (), "claimed": frozenset()}


def draft(**given: Any) -> Proposal:
    return Proposal(pk=5, position=1, application=Application(pk=6, number="0110999"), application_id=6, **given)


def sending_words(drafts: int = 0, *, claims: bool = False, routed: bool = True, **count: Any) -> Sending:
    return Sending([draft()] * drafts, Count(**PLAIN | count), claims, routed)


@pytest.mark.parametrize(
    ("sending", "title", "button", "back"),
    [
        (sending_words(2), "Transmettre 2 candidats ?", "Transmettre 2 candidats", "Revenir sans transmettre"),
        (
            sending_words(claims=True),
            "Pourquoi si peu de candidats ?",
            "Demander cette exception",
            "Revenir sans rien demander",
        ),
        (sending_words(), "Aucun candidat à transmettre", "Demander cette exception", "Revenir sans rien demander"),
    ],
)
def test_it_says_what_is_done(sending: Sending, title: str, button: str, back: str) -> None:
    assert (sending.title, sending.button, sending.back) == (title, button, back)


@pytest.mark.parametrize(
    ("count", "words"),
    [
        ({"ready": 3}, "3 sur 3 candidats au moins à examiner."),
        ({"ready": 1, "minimum": 1}, "1 sur 1 candidat au moins à examiner."),
        ({"ready": 1, "sent": 1}, "2 sur 3 candidats au moins à examiner, dont 1 déjà transmis : il en manque 1."),
        ({"sent": 2, "gone": 1}, ", dont 2 déjà transmis (dont 1 n’est plus en cours) : il en manque 1."),
    ],
)
def test_it_says_how_many_there_are(count: dict[str, Any], words: str) -> None:
    assert strip_tags(sending_words(**count).answer).endswith(words)


def test_what_is_sent_does_not_change_any_more() -> None:
    assert sending_words(1).after.endswith("Le délai pour proposer s’arrête le jour de la transmission.")
    assert sending_words(1, routed=False).after.endswith("il se retire, avec un motif.")
    assert sending_words(claims=True).after == ""


def test_an_offer_that_a_household_has_elsewhere_is_reported() -> None:
    there = draft(vacancy=Vacancy(unit=Unit(reference="RH-02")))
    [line] = draft_lines([draft(dalo_designated=True)], [there])
    assert "nom non renseigné" in line
    assert 'class="st late">Une offre est en cours pour ce ménage : RH-02' in line
    assert "DALO désigné" in line
    [plain] = draft_lines([draft()], [])
    assert 'class="st' not in plain


@pytest.mark.django_db
def test_an_exception_says_what_it_is_for() -> None:
    count = Count(**PLAIN | {"exemptions": ("TOO_FEW", "DALO", "ADAPTED_PLAI")})
    html = exemptions(SendForm(None, vacancy=Vacancy(pk=9), count=count)).as_field_group()
    assert html.count('class="hint"') == 3  # two exceptions, and the sentence that the third asks for
    assert html.count('<div class="when">') == 1
