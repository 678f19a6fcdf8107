"""Each column of a list has its own value: of a row whose values all differ, none may take the place of another."""

from __future__ import annotations

from datetime import UTC, date, datetime

from attributions.households.exports.lists import (
    ACCESSES,
    FILES,
    OFFERS,
    REQUESTS,
    SESSIONS,
    TO_ANSWER,
    TO_FULFIL,
    TO_SIGN,
)
from attributions.households.models import (
    AccessRecord,
    Application,
    CaseDecision,
    Committee,
    CommitteeSession,
    Offer,
    Proposal,
)
from attributions.households.pages.files import FileLine
from attributions.households.queries.applications import ApplicationRow
from attributions.households.queries.file import FileRow
from attributions.households.queries.letting import Candidate
from attributions.households.queries.sessions import SessionLine
from attributions.households.queries.stage import Stage
from flux.models import Routing
from reservations.models import Organisation, User
from tests.flux.exports.test_lists import CITY, ROBINE, vacancy
from tests.reservations.exports.listed import listed

LATE = datetime(2026, 11, 4, 23, 41, tzinfo=UTC)  # the 5th in Paris


def candidate(*, named: bool) -> Candidate:
    freed = vacancy()
    proposal = Proposal(
        vacancy=freed,
        routing=Routing(vacancy=freed, holder=CITY),
        application=Application(number="111222333444554107", name="Durand Amina"),
        position=2,
        since=LATE,
    )
    decision = CaseDecision(proposal=proposal, rank=3, document_due_on=date(2026, 12, 6))
    offer = Offer(proposal=proposal, sent_on=date(2026, 11, 7), answer_by=date(2026, 11, 18))
    return Candidate(proposal, decision, offer, None, None, named, None)


def test_each_column_of_the_offers() -> None:
    """What an offer waits for says by when: its answer, or the document of its condition."""
    values = {
        "Attendu": TO_ANSWER,
        "Logement": "RH-01-007",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Réservataire": "Ville de Narbonne",
        "Candidat n°": 2,
        "Nom": "Durand Amina",
        "Demande qui se termine par": "41 07",
        "Rang": 3,
        "Depuis le": date(2026, 11, 5),
        "Au plus tard le": date(2026, 11, 18),
    }
    assert listed(OFFERS, (TO_ANSWER, candidate(named=True))) == values
    document = values | {"Attendu": TO_FULFIL, "Nom": "", "Au plus tard le": date(2026, 12, 6)}
    assert listed(OFFERS, (TO_FULFIL, candidate(named=False))) == document
    assert listed(OFFERS, (TO_SIGN, candidate(named=True)))["Au plus tard le"] is None


def test_each_column_of_the_sessions() -> None:
    session = CommitteeSession(
        committee=Committee(landlord=ROBINE, name="Littoral"), held_at=LATE, place="Salle Cité", opened_at=LATE
    )
    assert listed(SESSIONS, SessionLine(session, units=4, cases=9, decided=7, postponed=2)) == {
        "Le": date(2026, 11, 5),
        "Heure": "0 h 41",
        "Commission": str(session.committee),
        "Forme": "en salle",
        "Lieu": "Salle Cité",
        "Logements": 4,
        "Reportés": 2,
        "Dossiers": 9,
        "Décidés": 7,
        "État": "ouverte",
    }


def test_each_column_of_the_requests() -> None:
    request = Application(
        number="111222333444554107",
        adults=2,
        children=3,
        requested_on=date(2021, 5, 6),
        income_quartile=1,
        has_priority=False,
        closed_on=date(2026, 7, 8),
    )
    assert listed(REQUESTS, ApplicationRow(request, live=4, kept_until=date(2028, 9, 10))) == {
        "Numéro unique": "111222333444554107",
        "Adultes": 2,
        "Enfants": 3,
        "Demande depuis": date(2021, 5, 6),
        "Quartile": 1,
        "Priorité": "aucune",
        "Candidatures en cours": 4,
        "Radiée le": date(2026, 7, 8),
        "Identité conservée jusqu’au": date(2028, 9, 10),
    }


def test_each_column_of_the_units_that_await_candidates() -> None:
    freed = vacancy()
    routing = Routing(vacancy=freed, holder=CITY, acting=Organisation(name="Commune de Sigean", article="la"))
    row = FileRow(freed, routing, Stage.TO_PROPOSE, date(2026, 12, 24), True, None, False, False, [], LATE)
    assert listed(FILES, FileLine(row, "candidats à proposer", [("prête", 2), ("transmises", 3)])) == {
        "Échéance": date(2026, 12, 24),
        "Dépassée": "oui",
        "Logement": "RH-01-007",
        "Description": "T3 PLUS, en QPV",
        "Adresse": "12 rue Voltaire",
        "Commune": "Narbonne",
        "Bailleur": "Robine Habitat",
        "Réservataire": "Ville de Narbonne",
        "Par": "Commune de Sigean",
        "Étape": "Candidats à proposer",
        "Candidatures": "2 prête, 3 transmises",
    }


def test_each_column_of_the_accesses() -> None:
    record = AccessRecord(
        at=LATE,
        user=User(full_name="Bob"),
        organisation=Organisation(name="Préfecture de l’Aude", article="la"),
        keeper=ROBINE.organisation,
        what=AccessRecord.What.MINUTES,
        subject="Séance 12",
        files=6,
        downloaded=True,
        why="contrôle",
    )
    assert listed(ACCESSES, record) == {
        "Le": date(2026, 11, 5),
        "Heure": "0 h 41",
        "Qui": "Bob",
        "Agit pour": "Préfecture de l’Aude",
        "Quoi": "Procès-verbal",
        "Objet": "Séance 12",
        "Dossiers": 6,
        "Fichier de": "Robine Habitat",
        "Emporté": "oui",
        "Pourquoi": "contrôle",
    }
