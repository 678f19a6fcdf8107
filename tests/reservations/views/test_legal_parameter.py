"""The screens of legal parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from reservations.models import LegalParameter
from reservations.operations.legal_parameter import record_legal_parameter
from tests.world import World

SignIn = Callable[[str], Client]
LIST, NEW = reverse("legal-parameter-list"), reverse("legal-parameter-new")
GOOD = {"code": "STATE_SHARE_MAX", "value": "27,5", "starts_on": "01/01/2027", "source": "décret à venir"}


def listed(answer: Any) -> list[tuple[str, str, str]]:
    """(code, value, state) of each row of the page, in its order."""
    codes = LegalParameter.objects.order_by("code", "-starts_on").values_list("code", flat=True)
    rows = [[each.content.text.replace("\u00a0", " ") for each in line.cells] for line in answer.context["table"].lines]
    return [(code, row[1], row[5]) for code, row in zip(codes, rows, strict=True)]


def history() -> list[tuple[Decimal, date, date | None]]:
    return list(
        LegalParameter.objects.filter(code="STATE_SHARE_MAX")
        .order_by("starts_on")
        .values_list("value", "starts_on", "ends_on")
    )


@pytest.mark.parametrize("name", ["alice", "aline", "bob", "chloe", "driss", "emma", "zoe"])
def test_parameters_are_the_administrators(sign_in: SignIn, name: str) -> None:
    client = sign_in(name)
    assert [client.get(LIST).status_code, client.get(NEW).status_code, client.post(NEW, GOOD).status_code] == [403] * 3
    assert len(history()) == 1


def test_values_are_listed_with_their_source_and_where_they_stand(world: World, sign_in: SignIn) -> None:
    for year, value in ((2026, "29.5"), (2027, "28")):
        record_legal_parameter(
            by=world.people["adam"],
            code="STATE_SHARE_MAX",
            value=Decimal(value),
            starts_on=date(year, 1, 1),
            source=f"décret de {year}",
            today=date(2026, 1, 1),
        )
    answer = sign_in("adam").get(LIST)
    assert [row for row in listed(answer) if row[0].endswith("_SHARE_MAX")] == [
        ("GUARANTEE_SHARE_MAX", "20 %", "à confirmer"),
        ("STATE_AGENTS_SHARE_MAX", "5 %", "en vigueur"),
        ("STATE_SHARE_MAX", "28 %", "à venir"),
        ("STATE_SHARE_MAX", "29,5 %", "en vigueur"),
        ("STATE_SHARE_MAX", "30 %", "passée"),
    ]
    doubted = {code for code, _, state in listed(answer) if state == "à confirmer"}
    assert "COMMITTEE_MEMBERS" in doubted, "as the page of what is to confirm says it"
    assert f"{len(doubted)} sont à confirmer" in answer.content.decode()
    for coded in ("mois × 100", "(1 : oui)"):
        assert coded not in answer.content.decode(), "how a value is typed, on the form alone"
    acts = answer.context["acts"]
    assert [tuple(value.split()[0] for value in each) for _, _, *each in acts] == [("29,5", "28"), ("30", "29,5")]
    page = answer.content.decode()
    assert "Enregistrement</b>, par" in page
    assert "31 valeurs en vigueur." in page
    assert "CCH, R441-5-2 (décret n° 2020-145 du 20 février 2020)" in page


def test_a_source_put_right_is_reported_without_a_value(world: World, sign_in: SignIn) -> None:
    for source in ("décret à venir", "décret n° 2026-9"):
        record_legal_parameter(
            by=world.people["adam"],
            code="STATE_SHARE_MAX",
            value=Decimal(28),
            starts_on=date(2027, 1, 1),
            source=source,
            today=date(2026, 12, 1),
        )
    text = sign_in("adam").get(LIST).content.decode()
    assert re.search(r", par Adam : part maximale de l’État dans le flux, en %, la source seule</li>", text)


def test_new_value_is_recorded_and_stated(sign_in: SignIn) -> None:
    answer = sign_in("adam").post(NEW, GOOD)
    assert answer["Location"] == LIST
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "La nouvelle valeur compte à partir du 1er janvier 2027 (part maximale de l’État dans le flux, en %)."
    ]
    assert history() == [
        (Decimal(30), date(2020, 2, 22), date(2026, 12, 31)),
        (Decimal("27.5"), date(2027, 1, 1), None),
    ]


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("code", "", "Choisissez le paramètre."),
        ("code", "X", "Choisissez-le dans la liste."),
        ("value", "", "Écrivez la valeur."),
        ("value", "trente", "Écrivez un nombre en chiffres : 12,5 par exemple."),
        ("value", "120", "Un plafond va de 0 % à 100 %."),
        ("value", "-1", "Un plafond va de 0 % à 100 %."),
        ("value", "27,55555", "Un plafond s’écrit avec quatre décimales au plus."),
        ("starts_on", "", "Écrivez une date : jour, mois, année."),
        (
            "starts_on",
            "22/02/2020",
            "La valeur la plus récente court depuis le 22/02/2020 : choisissez un jour après celui-là.",
        ),
        ("source", " ", "Citez l’article, le décret ou l’arrêté."),
    ],
)
def test_bad_input_is_refused_at_its_field_and_nothing_is_written(
    sign_in: SignIn, field: str, typed: str, sentence: str
) -> None:
    answer = sign_in("adam").post(NEW, GOOD | {field: typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [sentence]}
    assert history() == [(Decimal(30), date(2020, 2, 22), None)]


def test_each_value_is_read_in_its_own_unit(sign_in: SignIn) -> None:
    assert {code: value for code, value, _ in listed(sign_in("adam").get(LIST))} == {
        "ACCESS_LOG_MONTHS": "12 mois",
        "COMMITTEE_MEMBERS": "6 membres",
        "DEROGATION_MONTHS_MAX": "12 mois",
        "MINUTES_READ_MONTHS": "2 mois",
        "OFFER_DAYS_MIN": "10 jours",
        "RETENTION_MONTHS": "12 mois",
        "SMALL_CELL": "5 ménages",
        "EXPIRY_WARNING_DAYS": "180 jours",
        "FIRST_LETTING_DAYS": "40 jours ouvrés",
        "FLOW_REQUIRED": "oui",
        "FORECAST_DUE": "28 février",
        "GUARANTEE_EXTENSION_YEARS": "5 ans",
        "GUARANTEE_SHARE_MAX": "20 %",
        "HOLDING_BACK_DAYS": "15 jours",
        "REMARK_DAYS": "20 jours ouvrés",
        "DORMANT_MONTHS": "12 mois",
        "DORMANT_WARNING_DAYS": "30 jours",
        "PROOF_MINUTES": "30 minutes",
        "RIGHT_END_DAYS": "30 jours",
        "MINIMUM_CANDIDATES": "3 candidats",
        "PROPOSAL_DAYS": "20 jours ouvrés",
        "STATE_AGENTS_SHARE_MAX": "5 %",
        "STATE_OUTSIDE_QPV_MIN": "30 %",
        "STATE_SHARE_MAX": "30 %",
        "TERMINATION_NOTICE_MONTHS": "2 mois",
        "UNCONFIRMED_FILE_DAYS": "30 jours",
        "SPARE_ROOMS_MAX": "1 pièce",
        "AREA_ALONE_MIN": "9 m²",
        "AREA_OF_TWO_MIN": "16 m²",
        "AREA_OF_EACH_MIN": "9 m²",
        "AREA_MIN_MOST": "70 m²",
    }
