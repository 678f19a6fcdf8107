"""Each column of what is owed has its own value: of a row whose values all differ, none takes the place of another."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

from flux.exports.account_lists import ACCOUNTS, ALERTS, CHECKS, COMPLIANCE, CONVENTIONS, CONVERSIONS, FORECASTS
from flux.models import AuditAlert, Ledger
from flux.pages.checks import Reading
from flux.pages.compliance import consequence, todo
from flux.queries.accounts import AccountFigures, AccountLine
from flux.queries.compliance import ComplianceRow, Situation
from flux.queries.forecasts import Due
from reservations.models import Convention, Landlord, Organisation, Quota, ReservationHolder, Territory, User
from reservations.pages.conventions import ConventionLine
from tests.reservations.exports.listed import listed

AUDE = Territory(kind=Territory.Kind.DEPARTEMENT, code="11", name="Aude")
NARBONNE = Territory(kind=Territory.Kind.COMMUNE, code="11262", name="Narbonne")
ROBINE = Landlord(organisation=Organisation(name="Robine Habitat"), acronym="RH")
VILLE = Organisation(name="Ville de Narbonne", article="la", kind=Organisation.Kind.COMMUNE)
CITY = ReservationHolder(organisation=VILLE, contingent=ReservationHolder.Contingent.AUTHORITY)
ALINE = User(full_name="Aline Robine")
#: The 2nd and the 5th in Paris.
ONE, OTHER = datetime(2026, 3, 1, 23, 30, tzinfo=UTC), datetime(2026, 4, 4, 22, 30, tzinfo=UTC)


def test_each_column_of_the_accounts() -> None:
    figures = AccountFigures(due=7_250_000, routed=8, awaiting=3, received=4)
    line = AccountLine(CITY, (), figures, counting_point="LEASED")
    assert listed(ACCOUNTS, (Ledger(landlord=ROBINE, departement=AUDE, exercise=2026), 41, line)) == {
        "Bailleur": "Robine Habitat",
        "Département": "Aude",
        "Exercice": 2026,
        "Logements du compte": 41,
        "Réservataire": "Ville de Narbonne",
        "Dû": Decimal("7.25"),
        "Reçu": 4,
        "À confirmer": 3,
        "En cours": 7,
        "Écart": Decimal("3.25"),
        "Point de comptage": "au bail signé",
    }


def test_each_column_of_the_conversions() -> None:
    made = SimpleNamespace(
        holder=CITY,
        label="Variante B",
        created_at=ONE,
        created_by=ALINE,
        landlord=ROBINE,
        perimeter=NARBONNE,
        starts_on=date(2027, 1, 1),
        ends_on=date(2029, 12, 31),
        share=125_000,
        expected="4,5",
        net_flow="36",
        convention_id=None,
    )
    assert listed(CONVERSIONS, made) == {
        "Réservataire": "Ville de Narbonne",
        "Variante": "Variante B",
        "Faite le": date(2026, 3, 2),
        "Par": "Aline Robine",
        "Bailleur": "Robine Habitat",
        "Périmètre": "Narbonne",
        "Du": date(2027, 1, 1),
        "Au": date(2029, 12, 31),
        "Part du flux": Decimal("0.125"),
        "Logements par an": "4,5",
        "Sur": "36",
        "État": "variante",
    }


def test_each_column_of_the_forecasts() -> None:
    lines = SimpleNamespace(all=lambda: [SimpleNamespace(units=6), SimpleNamespace(units=5)])
    forecast = SimpleNamespace(expected=50, lines=lines, sent_at=ONE)
    due = Due(ROBINE, AUDE, 2027, date(2027, 2, 28), forecast, late=True)  # type: ignore[arg-type]
    assert listed(FORECASTS, due) == {
        "Bailleur": "Robine Habitat",
        "Département": "Aude",
        "Exercice": 2027,
        "Libérés attendus": 50,
        "Soustraits": 11,
        "Flux net": 39,
        "Attendu avant le": date(2027, 2, 28),
        "Envoyé le": date(2026, 3, 2),
        "En retard": "oui",
    }


def test_each_column_of_the_conventions_to_sign() -> None:
    signed = Convention(
        landlord=ROBINE,
        organisation=VILLE,
        perimeter=NARBONNE,
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 12, 31),
        signed_on=date(2025, 12, 5),
    )
    row = ComplianceRow(ROBINE, VILLE, NARBONNE, Situation.SIGNED, signed, stock=12, kept=3, required_since=None)
    found = listed(COMPLIANCE, row)
    assert found | {"Convention en flux": ""} == {
        "Bailleur": "Robine Habitat",
        "Réservataire": "Ville de Narbonne",
        "Périmètre": "Narbonne",
        "Convention en flux": "",
        "Jusqu’au": date(2028, 12, 31),
        "Droits en stock": 12,
        "Gardés de droit": 3,
        "À faire": todo(row),
        "Sinon": consequence(row),
    }
    assert len({str(cell) for cell in found.values()}) == len(found)


def test_each_column_of_the_alerts() -> None:
    alert = AuditAlert(
        check_code=AuditAlert.Check.ORDER,
        ledger=Ledger(landlord=ROBINE, departement=AUDE, exercise=2026),
        holder=CITY,
        found_at=ONE,
        acknowledged_at=OTHER,
        acknowledged_by=ALINE,
    )
    found = listed(ALERTS, alert)
    assert found["Trouvée le"] == date(2026, 3, 2)
    assert found["Contrôle"] == str(alert.get_check_code_display()).capitalize()
    assert "Robine Habitat" in str(found["Compte"])
    assert found["Réservataire"] == "Ville de Narbonne"
    assert found["Lue le"] == date(2026, 4, 5)
    assert found["Par"] == "Aline Robine"


def test_each_column_of_the_controls() -> None:
    refused, watched = (object(),) * 2, (object(),) * 5
    reading = Reading(ROBINE, refused, watched, ())  # type: ignore[arg-type]  # only counted
    assert listed(CHECKS, reading) == {"Bailleur": "Robine Habitat", "Contraires au droit": 2, "À surveiller": 5}


def test_each_column_of_the_conventions() -> None:
    signed = Convention(
        pk=1,
        landlord=ROBINE,
        organisation=VILLE,
        perimeter=NARBONNE,
        starts_on=date(2026, 1, 1),
        ends_on=date(2028, 12, 31),
        renewal_months=12,
        renewal_times=2,
        notice_months=3,
        version=7,
    )
    vars(signed)["_prefetched_objects_cache"] = {"pauses": Convention.objects.none()}
    quota = Quota(convention=signed, holder=CITY, share=125_000, rank=4)
    found = listed(CONVENTIONS, (ConventionLine(signed, "En vigueur", "ok"), quota))
    assert {
        title: found[title]
        for title in found
        if title not in ("Reconduction tacite", "Préavis de non-reconduction", "Suspensions", "Promis", "Au")
    } == {
        "Bailleur": "Robine Habitat",
        "Signataire": "Ville de Narbonne",
        "Périmètre": "Narbonne",
        "Nature du périmètre": "commune",
        "Du": date(2026, 1, 1),
        "Version": 7,
        "Contingent": "Ville de Narbonne",
        "Part du flux": Decimal("0.125"),
        "Rang": 4,
        "État": "En vigueur",
    }
    assert found["Reconduction tacite"] == "pour 1 an, 2 fois au plus"
    assert "3 mois" in str(found["Préavis de non-reconduction"])
    assert "12,5" in str(found["Promis"])
    assert found["Au"] == signed.last_day
