"""The page of one unit of an agenda: what is asked, what recording does, and what else may be done."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django import forms
from django.utils.html import strip_tags

from attributions.households.models import AgendaCase, AgendaItem, Ballot, CommitteeMember, CommitteeSession, Proposal
from attributions.households.pages.agenda import (
    agenda_links,
    effect_words,
    elsewhere,
    item_acts,
    question,
    record_button,
    recording_words,
    recused_words,
    secretariat_words,
    voter_words,
    votes_held,
)
from attributions.households.pages.minutes import BallotWords
from attributions.households.pages.sessions import (
    ItemRow,
    cancelling_acts,
    closing_acts,
    mode_words,
    papers,
    session_notes,
)
from flux.models import Routing, Unit, Vacancy
from flux.queries.returns import Effects
from reservations.models import Convention

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
REMOTE = CommitteeSession(pk=5, mode="REMOTE", vote_opens_at=NOW, vote_closes_at=NOW.replace(day=26))
ROOM = CommitteeSession(pk=5, mode="ROOM")


class Why(forms.Form):
    why = forms.CharField()
    sure = forms.BooleanField()
    member = forms.CharField()


def item(pk: int = 7, **given: Any) -> AgendaItem:
    unit = Unit(pk=4, rooms=3, street_number="3", street_type="rue", street_name="Voltaire")
    return AgendaItem(pk=pk, **{"vacancy": Vacancy(pk=9, unit=unit), "position": pk} | given)


def seat(name: str, capacity: str = "APPOINTED") -> CommitteeMember:
    return CommitteeMember(full_name=name, capacity=capacity)


def test_what_is_decided_is_asked_in_the_past() -> None:
    assert question(item()) == "Que décide la commission ?"
    assert question(item(concluded_at=NOW)) == "Qu’a décidé la commission ?"
    assert "Offres et bail" in elsewhere(item(concluded_at=NOW))
    assert "Offres et bail" not in elsewhere(item())


def test_the_agenda_shows_where_one_is_and_what_is_to_be_corrected() -> None:
    cases = [AgendaCase(proposal=Proposal(dalo_designated=each)) for each in (False, True)]
    rows = [ItemRow(item(7), "Ville", cases, "À examiner", "wait"), ItemRow(item(8), "État", [], "Décidé", "ok")]
    first, second = agenda_links(rows, item(7), refused=True)
    assert (first.is_here, second.is_here) == (True, False)
    assert strip_tags(first.label) == "7. T3, 3 rue VoltaireVille, 2 dossiers, DALOÀ corriger"
    assert strip_tags(second.label) == "8. T3, 3 rue VoltaireÉtat, 0 dossierDécidé"
    [sound] = agenda_links(rows[:1], item(7), refused=False)
    assert 'class="st wait">À examiner' in sound.label


def test_who_leaves_neither_reads_nor_votes() -> None:
    assert recused_words([]) == ""
    one, two = recused_words([seat("Aline")]), recused_words([seat("Aline"), seat("Bob")])
    assert one == "Aline s’est déporté : ce membre ne lit pas les dossiers et ne vote pas."
    assert two == "Aline, Bob se sont déportés : ils ne lisent pas les dossiers et ne votent pas."


def test_the_mayor_has_the_casting_vote() -> None:
    assert voter_words(seat("Aline", "MAYOR")).endswith(", voix prépondérante")
    assert not voter_words(seat("Aline")).endswith("prépondérante")


def test_what_a_refusal_does_is_that_of_the_convention_applied() -> None:
    effects = Effects(offered=True, consumed=False, restarts=True)
    text = strip_tags(effect_words(item(routing=Routing(convention=Convention())), effects))
    assert text.endswith("sans être décompté du droit de réservation ; le délai repart, selon la convention appliquée.")
    assert strip_tags(effect_words(item(), effects)).endswith("réservation ; le délai repart.")


def test_recording_decides_in_the_room_and_opens_a_vote_elsewhere() -> None:
    assert strip_tags(recording_words(ROOM)) == "Si vous enregistrez :"
    assert "mises au vote des membres jusqu’au 26 novembre 2026, " in recording_words(REMOTE)
    assert record_button(REMOTE, item(8)) == "Mettre au vote"
    assert record_button(ROOM, item(8)) == "Enregistrer et passer au logement 8"
    assert record_button(ROOM, None) == "Enregistrer la décision"


def test_several_votes_are_distinguished() -> None:
    ballots = [BallotWords(Ballot(ordinal=rank, closed_at=NOW), [], "Adoptée.") for rank in (1, 2)]
    assert [each for each, _ in votes_held(ballots)] == ["Tour 1. Adoptée.", "Tour 2. Adoptée."]
    assert [each for each, _ in votes_held(ballots[:1])] == ["Adoptée."]


def test_each_act_is_that_of_who_has_its_form() -> None:
    assert list(item_acts(item(), None, None)) == []
    leave, put_off = item_acts(item(), Why({}), Why())
    assert (leave.button, leave.opens) == ("Noter le déport", True)
    assert (put_off.button, put_off.opens) == ("Reporter ce logement", False)


def test_what_the_secretariat_alone_does_says_who_holds_it() -> None:
    held = strip_tags(secretariat_words("ouvre la séance", [seat("Aline"), seat("Bob")], 3))
    assert held.startswith("Le secrétariat de la commission ouvre la séance : Aline, Bob. Quelqu’un d’autre")
    assert ", et personne ne le tient. Le responsable" in secretariat_words("ouvre la séance", [], 3)


@pytest.mark.parametrize(
    ("session", "notes", "leads"),
    [
        (ROOM, [], False),
        (
            REMOTE,
            ["Vote à distance : de 10 h 00 le 24 novembre 2026, à 10 h 00 le 26 novembre 2026."],
            False,
        ),
        (CommitteeSession(pk=5, cancelled_at=NOW, cancelled_why="Quorum."), ["Quorum."], False),
        (CommitteeSession(pk=5, closed_at=NOW), [], True),
    ],
)
def test_a_session_says_how_it_is_held(session: CommitteeSession, notes: list[str], *, leads: bool) -> None:
    assert list(session_notes(session)) == notes
    assert ("Lire le procès-verbal" in papers(session)) is leads
    assert mode_words(CommitteeSession(mode="ROOM", place="siège")) == "en salle, siège"
    assert mode_words(ROOM) == "en salle"


def test_a_session_is_closed_or_cancelled_knowingly() -> None:
    [close], [cancel] = closing_acts(ROOM), cancelling_acts(ROOM, Why({}))
    assert close.stands == close.presses == "btn go"
    assert cancel.opens
    assert [field.name for field in (*cancel.fields, *cancel.sure)] == ["why", "sure"]
