"""What a committee may decide, and what its votes come to: pure rules, searched for counter-examples."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attributions.households import deliberation
from attributions.households.deliberation import CaseLine, count, faults, letter_of, without_gaps
from attributions.households.models import Ballot, BallotVote, DecisionTerms, ProposalEnd

DAY = date(2026, 11, 26)
LATER = DAY + timedelta(14)


def alone(**terms: object) -> dict[str, str]:
    return faults([CaseLine(**{"letter": "A", "kind": "ALLOCATED"} | terms)], letters=["A"], day=DAY)


def both(first: dict[str, object], second: dict[str, object]) -> dict[str, str]:
    given_lines = [CaseLine("A", **first), CaseLine("B", **second)]
    return faults(given_lines, letters=["A", "B"], day=DAY)


def ranked(rank: int | None) -> dict[str, object]:
    return {"kind": "RANKED", "rank": rank}


def conditional(rank: int | None = None) -> dict[str, object]:
    return {"kind": "CONDITIONAL", "rank": rank, "document": "TAX_NOTICE", "document_due_on": LATER}


NOT_KEPT = {"kind": "NOT_ALLOCATED", "reason": "SIZE"}
OTHER = {"kind": "NOT_ALLOCATED", "reason": "OTHER_CANDIDATE"}


@pytest.mark.parametrize(
    "terms",
    [
        {},
        ranked(1),
        conditional(),
        conditional(1),
        NOT_KEPT,
        {"kind": "INELIGIBLE", "reason": "OVER_CEILING"},
    ],
)
def test_each_of_the_five_decisions_holds_alone(terms: dict[str, object]) -> None:
    assert alone(**terms) == {}


@pytest.mark.parametrize(
    ("terms", "words"),
    [
        ({"kind": "POSTPONED"}, "choisissez une des cinq décisions"),
        (ranked(None), "donnez-lui un rang"),
        (ranked(2), "seul classé, il a le rang 1"),
        ({"rank": 1}, "ne porte pas de rang"),
        (NOT_KEPT | {"rank": 1}, "ne porte pas de rang"),
        ({"kind": "CONDITIONAL"}, "nommez la pièce manquante"),
        (conditional() | {"document_due_on": DAY}, "la pièce est attendue après le 26/11/2026"),
        (
            conditional() | {"document_due_on": date(2062, 11, 26)},
            "serait attendue le 26/11/2062, plus de six mois après",
        ),
        ({"document": "TAX_NOTICE"}, "seule une attribution sous condition"),
        ({"reason": "SIZE"}, "ne porte pas de motif"),
        ({"kind": "NOT_ALLOCATED"}, "choisissez le motif"),
        ({"kind": "NOT_ALLOCATED", "reason": "OVER_CEILING"}, "choisissez le motif"),
        ({"kind": "INELIGIBLE", "reason": "SIZE"}, "choisissez le motif"),
        ({"kind": "NOT_ALLOCATED", "reason": "NO_LINK_WITH_COMMUNE"}, "choisissez le motif"),
        (OTHER, "aucun autre candidat n’est retenu"),
    ],
)
def test_what_a_decision_lacks_is_stated(terms: dict[str, object], words: str) -> None:
    assert words in alone(**terms)["A"]


@pytest.mark.parametrize(
    ("first", "second", "letters"),
    [
        (ranked(1), ranked(2), ""),
        (ranked(2), conditional(1), ""),
        ({"kind": "ALLOCATED"}, OTHER, ""),
        (conditional(), OTHER, ""),
        (ranked(1), ranked(1), "AB"),
        (ranked(1), ranked(3), "B"),
        ({"kind": "ALLOCATED"}, ranked(1), "A"),
        ({"kind": "ALLOCATED"}, {"kind": "ALLOCATED"}, "AB"),
        ({"kind": "ALLOCATED"}, conditional(1), "A"),
        (conditional(), ranked(1), "A"),
        (conditional(), conditional(), "AB"),
        (OTHER, NOT_KEPT, "A"),
    ],
)
def test_what_two_decisions_cannot_be_together(
    first: dict[str, object], second: dict[str, object], letters: str
) -> None:
    assert "".join(both(first, second)) == letters


def test_each_case_has_exactly_one_line() -> None:
    found = faults(
        [CaseLine("A", "ALLOCATED"), CaseLine("A", "ALLOCATED"), CaseLine("C", "RANKED", 1)], letters="AB", day=DAY
    )
    assert {letter: sentence.split(" : ")[1][:20] for letter, sentence in found.items()} == {
        "A": "une seule décision p",
        "B": "choisissez une des c",
        "C": "il n’est plus à déci",
    }


def test_codes_are_those_of_the_tables() -> None:
    kinds = DecisionTerms.Kind
    assert set(kinds) == {*deliberation.KEPT, *deliberation.REASONS}
    assert tuple(kind.value for kind in DecisionTerms.KEPT) == deliberation.KEPT
    assert {
        "NOT_ALLOCATED": tuple(reason.value for reason in ProposalEnd.NOT_ALLOCATED),
        "INELIGIBLE": tuple(reason.value for reason in ProposalEnd.INELIGIBLE),
    } == deliberation.REASONS
    assert set(BallotVote.Choice) == {deliberation.FOR, deliberation.AGAINST, deliberation.ABSTAIN}
    assert set(Ballot.Outcome) == {deliberation.ADOPTED, deliberation.REJECTED, deliberation.NO_DECISION}


def test_letters_go_on_after_z() -> None:
    assert [letter_of(position) for position in (1, 2, 26, 27, 28, 52, 53)] == ["A", "B", "Z", "AA", "AB", "AZ", "BA"]


# --- searched ---

any_line = st.builds(
    CaseLine,
    letter=st.sampled_from("ABCD"),
    kind=st.sampled_from(["ALLOCATED", "RANKED", "CONDITIONAL", "NOT_ALLOCATED", "INELIGIBLE", "OTHER"]),
    rank=st.none() | st.integers(-1, 5),
    document=st.sampled_from(["", "TAX_NOTICE"]),
    document_due_on=st.none() | st.sampled_from([DAY, LATER]),
    reason=st.sampled_from(["", "SIZE", "OTHER_CANDIDATE", "OVER_CEILING", "NO_LINK"]),
)


@given(st.lists(any_line, max_size=5), st.sets(st.sampled_from("ABCD")))
def test_what_has_no_fault_is_what_the_law_allows(lines: list[CaseLine], letters: set[str]) -> None:
    if faults(lines, letters=letters, day=DAY):
        return
    assert Counter(line.letter for line in lines) == Counter(letters)
    kept = [line for line in lines if line.kind in {"ALLOCATED", "RANKED", "CONDITIONAL"}]
    ranks = [line.rank for line in kept if line.rank is not None]
    assert sorted(ranks) == list(range(1, len(ranks) + 1))
    assert len(kept) <= 1 or len(ranks) == len(kept)  # several kept: each has its rank
    for line in lines:
        assert (line.rank is not None) >= (line.kind == "RANKED")
        assert bool(line.document and line.document_due_on) == (line.kind == "CONDITIONAL")
        assert bool(line.reason) == (line not in kept)
    assert kept or all(line.reason != "OTHER_CANDIDATE" for line in lines)


valid_set = st.lists(st.sampled_from(["RANKED", "CONDITIONAL", "NOT_ALLOCATED", "INELIGIBLE"]), max_size=6)


def a_set(kinds: list[str]) -> list[CaseLine]:
    """A set that holds: whoever is kept ranked in order."""
    found, rank = [], 0
    for position, kind in enumerate(kinds, 1):
        kept = kind in {"RANKED", "CONDITIONAL"}
        rank += kept
        terms = {"RANKED": {}, "CONDITIONAL": {"document": "INCOME", "document_due_on": LATER}}.get(kind)
        reason = {"NOT_ALLOCATED": "EFFORT", "INELIGIBLE": "NOT_REGULAR"}.get(kind, "")
        found.append(CaseLine(letter_of(position), kind, rank if kept else None, reason=reason, **(terms or {})))
    return found


@given(valid_set)
def test_a_set_made_as_the_law_says_has_no_fault(kinds: list[str]) -> None:
    lines = a_set(kinds)
    assert faults(lines, letters=[line.letter for line in lines], day=DAY) == {}


@given(valid_set, st.data())
def test_ranks_close_up_when_somebody_withdraws(kinds: list[str], data: st.DataObject) -> None:
    lines = a_set(kinds)
    left = [line for line in lines if data.draw(st.booleans())]
    closed = without_gaps(left)
    assert faults(closed, letters=[line.letter for line in closed], day=DAY) == {}
    order = sorted((line for line in left if line.rank), key=lambda line: line.rank)
    assert [line.letter for line in sorted((c for c in closed if c.rank), key=lambda line: line.rank)] == [
        line.letter for line in order
    ]


votes = st.integers(0, 8)


@given(votes, votes, votes, st.sampled_from(["", "FOR", "AGAINST", "ABSTAIN"]))
def test_the_majority_decides_and_only_a_tie_calls_the_mayor(ayes: int, noes: int, out: int, mayor: str) -> None:
    found = count({"FOR": ayes, "AGAINST": noes, "ABSTAIN": out}, casting=mayor)
    assert found == count({"FOR": ayes, "AGAINST": noes}, casting=mayor)  # abstentions decide nothing
    if ayes != noes:
        assert found.outcome == ("ADOPTED" if ayes > noes else "REJECTED")
        assert not found.by_casting_vote
    elif mayor in {"FOR", "AGAINST"}:
        assert found.outcome == ("ADOPTED" if mayor == "FOR" else "REJECTED")
        assert found.by_casting_vote
    else:
        assert (found.outcome, found.by_casting_vote) == ("NO_DECISION", False)


@given(votes, votes, st.sampled_from(["", "FOR", "AGAINST"]))
def test_for_and_against_are_treated_alike(ayes: int, noes: int, mayor: str) -> None:
    swap = {"FOR": "AGAINST", "AGAINST": "FOR", "": ""}
    mirror = {"ADOPTED": "REJECTED", "REJECTED": "ADOPTED", "NO_DECISION": "NO_DECISION"}
    found = count({"FOR": ayes, "AGAINST": noes}, casting=mayor)
    turned = count({"FOR": noes, "AGAINST": ayes}, casting=swap[mayor])
    assert mirror[found.outcome] == turned.outcome
