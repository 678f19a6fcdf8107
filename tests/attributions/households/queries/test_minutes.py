"""The minutes: what is sealed, what breaks the seal, and what outlives the names."""

from __future__ import annotations

import copy
import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attributions.households.models import AgendaCase, AgendaItem, Application, CommitteeSession
from attributions.households.operations.agenda import postpone_item, recuse
from attributions.households.operations.ballot import cast_vote, close_due_ballots, open_ballot
from attributions.households.operations.session import close_session
from attributions.households.queries.minutes import digest, names_of
from reservations.canonical import canonical, seal_of, verify
from tests.attributions.households.sittings import HOUR, House, house, lines
from tests.world import MORNING, World

NOON = MORNING + 2 * HOUR


@pytest.fixture
def at(world: World) -> House:
    return house(world)


@pytest.fixture
def closed(at: House) -> CommitteeSession:
    """One unit decided by the mayor's vote, after a first ballot that decided nothing; one postponed."""
    item = at.opened()
    other = at.item(item.session, vacancy=at.unit(1, exemption="TOO_FEW"))
    recuse(item=item, member=at.members["Emma"], by=at.secretary, now=NOON)
    terms = lines(item, "CONDITIONAL 1", "RANKED 2", "NOT_ALLOCATED EFFORT")
    tie = {at.members["Paul"].pk: "FOR", at.members["Rosa"].pk: "AGAINST", at.members["Bob"].pk: "ABSTAIN"}
    at.decide(item, *terms, votes=tie)
    at.decide(item, *terms, votes=tie | {at.members["Henri"].pk: "AGAINST", at.members["Chloé"].pk: "FOR"})
    postpone_item(item=other, why="Une pièce manque.", by=at.secretary, now=NOON)
    session = close_session(session=item.session, by=at.secretary, now=NOON)
    session.refresh_from_db()
    return session


@pytest.mark.django_db
def test_what_is_sealed(closed: CommitteeSession) -> None:
    minutes = closed.minutes
    assert (minutes["committee"], minutes["mode"], minutes["quorum"], minutes["place"]) == (
        "CALEOL de Robine Habitat",
        "ROOM",
        3,
        "siège",
    )
    assert (minutes["held_at"], minutes["closed_by"]) == ("2026-11-24T10:00:00+01:00", "Aline")
    assert {member["name"]: member["presence"] for member in minutes["members"]}["Ada"] == "PRESENT"
    assert minutes["members"][0]["presides"]
    first, second = minutes["items"]
    assert (first["issue"], first["holder"], first["recusals"]) == ("DECIDED", "Action Logement Services", ["Emma"])
    assert [
        (ballot["outcome"]["code"], ballot["by_casting_vote"], ballot["for"], ballot["against"], ballot["abstain"])
        for ballot in first["ballots"]
    ] == [("NO_DECISION", False, 1, 1, 1), ("ADOPTED", True, 2, 2, 1)]
    a, _, c = (case["decisions"][0] for case in first["cases"])
    assert (a["kind"]["words"], a["rank"], a["document"]["words"], a["document_due_on"]) == (
        "attribution sous condition suspensive",
        1,
        "avis d’imposition",
        "2026-12-10",
    )
    assert (c["reason"], c["ballot"]) == ({"code": "EFFORT", "words": "taux d’effort trop élevé"}, 2)
    assert (second["issue"], second["postponed_why"]) == ("POSTPONED", "Une pièce manque.")
    assert second["cases"][0]["decisions"] == []


@pytest.mark.django_db
def test_no_candidate_is_named_in_what_is_sealed(closed: CommitteeSession) -> None:
    written = canonical(closed.minutes).decode()
    for application in Application.objects.order_by("pk"):
        assert application.number not in written
        assert application.name not in written


@pytest.mark.django_db
def test_the_names_come_from_the_rows_while_they_are_there(closed: CommitteeSession) -> None:
    names = names_of(closed)
    assert {position: sorted(cases) for position, cases in names.items()} == {1: ["A", "B", "C"], 2: ["A"]}
    assert names[1]["A"].name == "Ménage 1"
    assert all(name.sealed for cases in names.values() for name in cases.values())


@pytest.mark.django_db
def test_another_number_is_not_the_one_that_was_sealed(closed: CommitteeSession) -> None:
    Application.objects.filter(name="Ménage 1").update(number="011000009900001114")
    assert not names_of(closed)[1]["A"].sealed
    assert names_of(closed)[1]["B"].sealed


@pytest.mark.django_db
def test_the_seal_holds_once_names_and_members_are_gone(closed: CommitteeSession, at: House) -> None:
    AgendaCase.objects.filter(item__session=closed).update(salt="")
    Application.objects.update(number="", name="", pseudonymised_on=date(2030, 1, 1))
    AgendaItem.objects.update(postponed_why="autre chose", concluded_at=None)
    at.members["Paul"].full_name = "Pierre"
    at.members["Paul"].save()
    closed.refresh_from_db()
    assert verify(closed.minutes, closed.seal)
    [first, *_] = names_of(closed)[1].values()
    assert (first.number, first.name, first.sealed) == ("", "", False)


@pytest.mark.django_db
def test_before_it_closes_a_session_has_names_and_no_seal(at: House) -> None:
    item = at.item()
    names = names_of(item.session)
    assert names[1]["A"].name == "Ménage 1"
    assert not names[1]["A"].sealed


@pytest.mark.django_db
def test_remotely_who_is_there_is_who_voted(at: House) -> None:
    item = at.opened(mode="REMOTE")
    terms = lines(item, "RANKED 1", "RANKED 2", "RANKED 3")
    ballot = open_ballot(item=item, lines=terms, by=at.secretary, now=NOON)
    for name in ("Paul", "Rosa", "Henri"):
        member = at.members[name]
        cast_vote(ballot=ballot, member=member, choice="FOR", by=member.user, now=NOON)
    late = item.session.vote_closes_at
    close_due_ballots(now=late)
    minutes = close_session(session=item.session, by=at.secretary, now=late).minutes
    there = {member["name"] for member in minutes["members"] if member["presence"] == "PRESENT"}
    assert there == {"Paul", "Rosa", "Henri", "Ada", "Aline"}  # without a vote, who was called


@pytest.mark.django_db
def test_every_byte_is_under_the_seal(closed: CommitteeSession) -> None:
    written = canonical(closed.minutes)
    assert verify(json.loads(written), closed.seal)
    changed = written.replace(b"EFFORT", b"EFFORD", 1)
    assert not verify(json.loads(changed), closed.seal)
    other = copy.deepcopy(closed.minutes)
    other["items"][0]["ballots"][1]["for"] += 1
    assert not verify(other, closed.seal)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abcé", max_size=3), inner, max_size=3),
    max_leaves=10,
)
content = st.dictionaries(st.text("abcé", max_size=3), plain, max_size=4)


@given(content)
def test_the_order_of_keys_does_not_matter(minutes: dict[str, object]) -> None:
    turned = dict(reversed(list(minutes.items())))
    assert canonical(turned) == canonical(minutes)
    assert verify(json.loads(canonical(minutes)), seal_of(minutes))


@given(content, content)
def test_two_contents_have_two_seals(one: dict[str, object], other: dict[str, object]) -> None:
    same = canonical(one) == canonical(other)
    assert verify(other, seal_of(one)) == same


@pytest.mark.parametrize("value", [0.5, [1, 2.0], {"a": {"b": float("nan")}}])
def test_no_fraction_is_sealed(value: object) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        canonical({"x": value})
    assert not verify({"x": value}, "")


def test_a_digest_needs_its_salt() -> None:
    assert digest("a", "011000000100001114") != digest("b", "011000000100001114")
