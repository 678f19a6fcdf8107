"""A request and its household: what is known is stated, and each of its states has its acts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils.html import strip_tags

from attributions.households.models import Application, ApplicationAlias
from attributions.households.pages.requests import (
    household_facts,
    identity_facts,
    keeping_acts,
    reopening_act,
    request_answer,
)

DAY = date(2026, 11, 24)


class Asked(forms.Form):
    number = forms.CharField()
    cause = forms.CharField()
    on = forms.CharField()
    why = forms.CharField()


def request(**given: Any) -> Application:
    return Application(pk=6, number="011099912345678901", **given)


@pytest.mark.parametrize(
    ("given", "until", "expected"),
    [
        ({"closed_on": DAY, "closure": "WAIVED"}, None, "Demande radiée le 24 novembre 2026 : b – renonciation"),
        ({"closed_on": DAY, "closure": "LEASE"}, DAY, "Identité conservée jusqu’au 24 novembre 2026, puis effacée."),
        ({"requested_on": DAY}, None, "Demande active depuis le 24 novembre 2026, 2 candidatures. L’identité"),
        ({}, None, "Demande active, 2 candidatures."),
    ],
)
def test_it_says_until_when_it_is_kept(given: dict[str, Any], until: date | None, expected: str) -> None:
    text = strip_tags(request_answer(request(**given), 2, until))
    assert expected in text
    assert text.endswith("Cette lecture est inscrite au journal.")


def test_what_is_not_known_is_stated_so() -> None:
    bare = dict(household_facts(request())) | dict(identity_facts(request(), []))
    assert {label for label, each in bare.items() if "non renseigné" in each} == {
        *("Composition", "Revenu fiscal de référence", "Unités de consommation", "Quartile de ressources"),
        *("Travailleur essentiel", "Cotation", "Nom", "Date de naissance", "Nationalité", "Priorité"),
    }


def test_what_is_known_is_stated() -> None:
    known = request(
        adults=2,
        income=18000,
        income_units=Decimal("1.50"),
        income_quartile=1,
        labelled_on=DAY,
        urban_renewal=True,
        score=1,
        birth_date=DAY,
        name="Fabre",
    )
    values = dict(household_facts(known))
    assert (values["Composition"], values["Cotation"]) == ("2 adultes", "1 point")
    assert (values["Unités de consommation"], values["Renouvellement urbain"]) == ("1,50", "relogement")
    assert values["Priorité"].endswith(", labellisé le 24 novembre 2026")
    other = ApplicationAlias(number="0110", recorded_at=datetime(2026, 11, 24, 9, tzinfo=UTC))
    identity = identity_facts(known, [other])
    assert [label for label, _ in identity][-1] == "Autre numéro"
    assert strip_tags(identity[-1][1]) == "0110 depuis le 24 novembre 2026"


def test_each_act_opens_where_it_was_refused() -> None:
    alias, close = keeping_acts(request(), Asked({}), Asked())
    assert (alias.opens, close.opens) == (True, False)
    assert [field.name for field in close.fields] == ["cause", "on"]
    assert reopening_act(request(), Asked({})).opens
    assert reopening_act(request(), Asked()).presses == "btn go"
