"""Where a candidate that a committee kept stands."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.models import CaseDecision, ConditionMet, Offer, Proposal
from attributions.households.pages.leases import candidate_facts, candidate_state
from attributions.households.queries.letting import Candidate

DAY = date(2026, 11, 24)
RANKED = CaseDecision(kind="RANKED", rank=2, decided_on=DAY)
CONDITIONAL = CaseDecision(kind="CONDITIONAL", rank=1, decided_on=DAY, document_due_on=DAY)


def facts_shown(**given: Any) -> dict[str, str]:
    proposal = Proposal(status="READY", since=datetime(2026, 11, 20, 9, tzinfo=UTC), adults=given.pop("adults", None))
    nothing: dict[str, Any] = {"decision": None, "offer": None, "met": None, "end": None, "letter": None}
    rows = candidate_facts(Candidate(**{"proposal": proposal, "named": False} | nothing | given))
    return {label: strip_tags(words) for label, words in rows}


@pytest.mark.parametrize(
    ("given", "label", "expected"),
    [
        ({"decision": RANKED}, "Commission", "Attribution, rang 2, le 24 novembre 2026"),
        ({"decision": CONDITIONAL}, "Condition", "attendue jusqu’au mardi 24 novembre"),
        ({"decision": CONDITIONAL, "met": ConditionMet(received_on=DAY)}, "Condition", "reçue le 24 novembre 2026"),
        ({"offer": Offer(sent_on=DAY, answer_by=DAY)}, "Offre", ", à la suite du rang précédent : réponse jusqu’au"),
        ({"offer": Offer(sent_on=DAY, answer="ACCEPTED", answered_on=DAY)}, "Offre", "(envoyée le 24 novembre 2026)"),
        ({}, "Ménage", "non renseigné"),
        ({"adults": 2}, "Ménage", "2 personnes"),
    ],
)
def test_what_is_known_of_it_is_stated(given: dict[str, Any], label: str, expected: str) -> None:
    assert expected in facts_shown(**given)[label]


def test_what_has_not_come_is_left_out() -> None:
    assert set(facts_shown()) == {"Dans cet état", "Ménage"}
    assert "Condition" not in facts_shown(decision=RANKED)


@pytest.mark.parametrize(
    ("status", "pill"), [("HOUSED", "ok"), ("ACCEPTED", "ok"), ("OFFERED", "wait"), ("READY", "part")]
)
def test_a_state_has_its_colour(status: str, pill: str) -> None:
    assert f'class="st {pill}"' in candidate_state(Proposal(status=status))
