"""The page of one candidate: each reader has its acts, in each of its states."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.models import Proposal, ProposalEnd
from attributions.households.pages.candidacies import (
    CandidateReader,
    candidate_ways,
    checked_words,
    corrections,
    end_effects,
    end_words,
)
from flux.models import Vacancy
from reservations.models import HistoryEntry, User

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ANYBODY = CandidateReader(may_edit=False, instructs=False, may_withdraw=False)
MAKER = CandidateReader(may_edit=True, instructs=False, may_withdraw=False)
LANDLORD = CandidateReader(may_edit=False, instructs=True, may_withdraw=False)
SENDER = CandidateReader(may_edit=False, instructs=False, may_withdraw=True)


def proposal(status: str = "SENT", **given: Any) -> Proposal:
    return Proposal(pk=5, status=status, vacancy=Vacancy(pk=9), routing=None, **given)


@pytest.mark.parametrize(
    ("of", "reader", "ways"),
    [
        (proposal(), ANYBODY, []),
        (proposal("DRAFT"), MAKER, ["Modifier Retirer"]),
        (proposal(), LANDLORD, ["Instruire ce candidat"]),
        (
            proposal("READY", ready_at=NOW),
            LANDLORD,
            ["Vérifier de nouveau", "Mettre à l’ordre du jour d’une CALEOL"],
        ),
        (proposal("ON_AGENDA"), SENDER, ["Retirer cette candidature…"]),
        (proposal("ALLOCATED"), SENDER, ["Offres et bail Retirer cette candidature…"]),
        (proposal("HOUSED"), ANYBODY, ["Offres et bail"]),
    ],
)
def test_each_reader_has_the_acts_of_its_state(of: Proposal, reader: CandidateReader, ways: list[str]) -> None:
    assert [strip_tags(each) for each in candidate_ways(of, reader)] == ways


def test_why_it_ended_and_what_that_does_are_reported() -> None:
    end = ProposalEnd(reason="WITHDREW", side="APPLICANT", on=date(2026, 11, 24), text="Déjà logé.")
    assert end_words(None) == end_effects(proposal(), None) == ""
    assert end_words(end).startswith("Désistement")
    assert end_words(end).endswith(", le 24 novembre 2026. « Déjà logé. »")
    assert end_words(ProposalEnd(reason="WITHDREW", on=date(2026, 11, 24))).endswith("le 24 novembre 2026.")
    assert end_effects(proposal(), end) == "Sans effet sur le compte : ce candidat n’avait pas été transmis."
    sent = proposal(designation_id=3)
    assert "Compté comme proposé" in end_effects(sent, ProposalEnd(offered=True, consumed=False, restarts=False))


def test_who_verified_is_named_to_its_landlord() -> None:
    checked = proposal(ready_at=NOW, ready_by=User(full_name="Aline Marty"))
    assert checked_words(proposal(), by_landlord=True).startswith("Tel que proposé")
    assert checked_words(checked, by_landlord=False) == "Vérifié le 24 novembre 2026."
    assert checked_words(checked, by_landlord=True) == f"Vérifié le 24 novembre 2026 par {checked.ready_by}."


def test_what_was_corrected_is_reported_before_and_after() -> None:
    changed = {"adults": [1, 2], "urban_renewal": [None, True]}
    acts = [HistoryEntry(at=NOW, by=User(full_name="Aline Marty"), details=changed), HistoryEntry(at=NOW)]
    [line] = corrections(acts, by_landlord=False)
    assert line.words.endswith(", 1 → 2 ; relogement de renouvellement urbain, non renseigné → oui")
    assert line.when.startswith("24 novembre 2026, 10")
    [named] = corrections(acts, by_landlord=True)
    assert named.words == f"{acts[0].by} : {line.words}"
