"""What is stated of a candidate, and of a unit that a committee examines: what is known, and what is not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.models import AgendaItem, CommitteeMember, CommitteeSession, Proposal
from attributions.households.pages.files import candidate_facts
from attributions.households.pages.procedure import item_heading, item_words, vote_answer
from attributions.households.queries.deadlines import Comparison
from flux.models import Programme, Unit, Vacancy
from reservations.models import Territory

READY = datetime(2026, 11, 20, 9, tzinfo=UTC)


def facts_shown(beside: Comparison | None = None, **given: Any) -> dict[str, str]:
    rows = candidate_facts(Proposal(**given), beside)
    return {label: strip_tags(words).replace("\u202f", " ").replace("\xa0", " ") for label, words in rows}


@pytest.mark.parametrize(
    ("given", "label", "expected"),
    [
        ({"adults": None}, "Ménage", "non renseigné"),
        ({"adults": 1, "children": None}, "Ménage", "1 adulte, enfants non renseignés"),
        ({"adults": 2, "children": 0}, "Ménage", "2 adultes"),
        ({"adults": 2, "children": 1}, "Ménage", "2 adultes, 1 enfant"),
        ({"income": None}, "Revenu fiscal de référence", "non renseigné"),
        (
            {"income": 12000, "income_units": Decimal("1.5")},
            "Revenu fiscal de référence",
            "12 000 €, 1,50 unité de consommation",
        ),
        ({"income_quartile": None}, "Quartile de ressources", "non renseigné"),
        ({"income_quartile": 1}, "Quartile de ressources", "1er"),
        ({"income_quartile": 3}, "Quartile de ressources", "3e"),
        ({"score": None}, "Cotation", "non renseignée"),
        ({"score": 1}, "Cotation", "1 point"),
        ({"ready_at": READY, "effort_rate": None}, "Taux d’effort, APL déduite", "non renseigné"),
        ({"ready_at": READY, "effort_rate": Decimal("30.5")}, "Taux d’effort, APL déduite", "30,5 %"),
        ({"ready_at": READY, "living_rest": None}, "Reste pour vivre", "non renseigné"),
        ({"ready_at": READY, "living_rest": Decimal(12)}, "Reste pour vivre", "12 € par personne et par jour"),
    ],
)
def test_each_fact_says_what_is_known(given: dict[str, Any], label: str, expected: str) -> None:
    assert facts_shown(**given)[label] == expected


def test_an_income_stands_beside_the_ceiling_and_nothing_is_examined_before_it_is_verified() -> None:
    assert "Au-dessus du plafond" in facts_shown(Comparison(30000, 20000))["Revenu fiscal de référence"]
    assert "Sous le plafond" in facts_shown(Comparison(10000, 20000))["Revenu fiscal de référence"]
    assert "Reste pour vivre" not in facts_shown()


def item(**given: Any) -> AgendaItem:
    home = {
        "rooms": 3,
        "street_number": "3",
        "street_type": "rue",
        "street_name": "Voltaire",
        "commune": Territory(name="Narbonne"),
    }
    unit = Unit(programme=Programme(name="Voltaire"), financing_code="", in_qpv=None, **home | given)
    return AgendaItem(vacancy=Vacancy(unit=unit), routing=None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"floor": None}, "étage non renseigné, Voltaire"),
        ({"floor": 0}, "rez-de-chaussée, Voltaire"),
        ({"floor": 2, "has_lift": True}, "étage 2 avec ascenseur, Voltaire"),
        ({"floor": 2, "has_lift": False}, "étage 2 sans ascenseur, Voltaire"),
        ({"floor": 2, "has_lift": None}, "étage 2, Voltaire"),
        ({"is_accessible": True}, ", accessible en fauteuil roulant, Voltaire"),
        ({"surface": Decimal("62.5")}, "62,5 m², étage"),
        ({"energy_class": "D"}, "étiquette énergie D. Loyer"),
        ({"rent": None}, "Loyer non renseigné. Soustrait du flux."),
        ({"rent": Decimal(400), "charges": Decimal(60)}, "hors charges, charges 60"),
    ],
)
def test_a_unit_is_reported_in_sentences(given: dict[str, Any], expected: str) -> None:
    assert expected in item_words(item(**given), None)


def test_a_mayor_has_the_casting_vote_of_its_commune() -> None:
    one = item()
    assert item_heading(one.vacancy.unit) == "T3 de financement non renseigné, 3 rue Voltaire, Narbonne"
    assert "Aucun maire ne siège pour Narbonne" in item_words(one, None)
    mayor = CommitteeMember(full_name="Zoé Adam", territory=Territory(name="Narbonne"))
    assert item_words(one, mayor).endswith("Voix prépondérante : maire de Narbonne (Zoé Adam).")


REMOTE = {"mode": "REMOTE", "vote_closes_at": READY}


@pytest.mark.parametrize(
    ("session", "result", "known", "expected"),
    [
        (REMOTE, None, {"may_vote"}, "Le vote est ouvert jusqu’au vendredi 20 novembre"),
        ({"mode": "ROOM"}, None, set(), "Cette séance se tient en salle"),
        (REMOTE, None, set(), "Aucun scrutin n’est encore ouvert"),
        (REMOTE, "Adopté.", {"closed", "voted"}, "Adopté."),
        (REMOTE, "Adopté.", {"voted"}, "Votre vote est enregistré. Le résultat s’affichera après la clôture"),
        (REMOTE, "Adopté.", set(), "Vous ne votez pas sur ce logement"),
    ],
)
def test_a_vote_says_where_it_stands(
    session: dict[str, Any], result: str | None, known: set[str], expected: str
) -> None:
    asked = {name: name in known for name in ("may_vote", "closed", "voted")}
    assert vote_answer(CommitteeSession(**session), result, **asked).startswith(expected)
