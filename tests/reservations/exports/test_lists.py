"""Each column of a list has its own value: of a row whose values all differ, none may take the place of another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

from reservations.exports.listing import ACTS, DEROGATIONS, ORGANISATIONS, PEOPLE
from reservations.models import (
    Derogation,
    HistoryEntry,
    Landlord,
    LegalParameter,
    Membership,
    Organisation,
    Territory,
    User,
)
from reservations.pages.derogations import DerogationLine
from reservations.pages.imprints import HistoryLine
from tests.reservations.exports.listed import listed

AUDE = Territory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude")


def test_each_column_of_the_derogations() -> None:
    order = Derogation(
        landlord=Landlord(organisation=Organisation(name="Robine Habitat")),
        departement=AUDE,
        code=LegalParameter.Code.STATE_SHARE_MAX,
        value=Decimal("35.5"),
        starts_on=date(2026, 2, 3),
        ends_on=date(2027, 4, 5),
        order="2026-117",
    )
    assert listed(DEROGATIONS, DerogationLine(order, "35,5 %", "en vigueur", "ok")) == {
        "Bailleur": "Robine Habitat",
        "Département": "Aude",
        "Plafond levé": "Part maximale de l’État dans le flux, en %",
        "Plafond, sur 100": Decimal("35.5"),
        "Du": date(2026, 2, 3),
        "Au": date(2027, 4, 5),
        "Arrêté": "2026-117",
        "État": "en vigueur",
    }


def test_each_column_of_the_acts_on_people() -> None:
    entry = HistoryEntry(at=datetime(2026, 11, 4, 23, 41, tzinfo=UTC))  # the 5th in Paris
    line = HistoryLine(entry, "Chloé", "chloe@exemple.test", "rôle donné", "Alice", "alice@exemple.test")
    assert listed(ACTS, line) == {
        "Le": date(2026, 11, 5),
        "Heure": "0 h 41",
        "Compte": "Chloé",
        "Adresse électronique": "chloe@exemple.test",
        "Acte": "rôle donné",
        "Par": "Alice",
    }


def test_each_column_of_the_people() -> None:
    chloe = User(full_name="Chloé", email="chloe@exemple.test", is_active=False)
    role = Membership(
        organisation=Organisation(name="Ville de Narbonne", article="la"), role=Membership.Role.HOLDER_STAFF
    )
    assert listed(PEOPLE, (chloe, role)) == {
        "Personne": "Chloé",
        "Adresse électronique": "chloe@exemple.test",
        "Agit pour": "Ville de Narbonne",
        "Rôle": "réservataire",
        "Compte": "fermé",
    }


def test_each_column_of_the_organisations() -> None:
    state = Organisation(
        pk=1,
        siren="110000015",
        name="Préfecture de l’Aude",
        article="la",
        kind=Organisation.Kind.STATE,
        territory=AUDE,
        closed_on=date(2026, 7, 8),
    )
    vars(state).update(people=3, _prefetched_objects_cache={"contingents": Organisation.objects.none()})
    assert listed(ORGANISATIONS, state) == {
        "SIREN": "110000015",
        "Organisation": "Préfecture de l’Aude",
        "Nature": "service de l’État",
        "Sigle": "",
        "Territoire": "Aude",
        "Code du territoire": "11",
        "Contingents": "",
        "Personnes": 3,
        "Fermée le": date(2026, 7, 8),
    }
