"""The page of a unit whose candidates are followed: where it stands, and what each reader may do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from attributions.households.models import Proposal
from attributions.households.pages.file_words import NAMED, UNNAMED, FileWords
from attributions.households.queries.file import UnitFile
from attributions.households.queries.file_steps import FileEvent, FileStep
from attributions.households.queries.minimum import Count
from attributions.households.queries.stage import Stage
from flux.models import Routing, Unit, Vacancy
from flux.queries.returns import Effects
from reservations.models import Convention, Landlord, Organisation, ReservationHolder, Territory

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
ROUTED = Routing(holder=CITY, routed_at=NOW, convention=None)


def vacancy(*, opens: bool = True, **given: Any) -> Vacancy:
    landlord = Landlord(organisation=Organisation(name="Robine Habitat"))
    unit = Unit(
        pk=4,
        reference="RH-01",
        rooms=3,
        in_qpv=None,
        financing_code="",
        commune=Territory(name="Narbonne"),
        landlord=landlord,
    )
    found = Vacancy(pk=9, unit=unit, registered_at=NOW, **given)
    vars(found)["file_open"] = opens
    return found


def count(**given: Any) -> Count:
    return Count(**{"sent": 0, "ready": 3, "minimum": 3, "exemptions": (), "claimed": frozenset()} | given)


def file_words_of(*, ours: bool = False, has_past: bool = False, **given: Any) -> FileWords:
    nothing: dict[str, Any] = {"vacancy": vacancy(), "routing": None, "stage": None, "returns": False, "since": None}
    nothing |= {"clock": None, "searcher": None, "by_landlord": False, "proposals": [], "sent": 0, "steps": []}
    nothing |= {"count": None, "may_propose": False, "may_instruct": False, "may_decline": False}
    return FileWords(UnitFile(**nothing | given), ours, has_past)


def links(lines: Any) -> list[str]:
    return [strip_tags(each) for each in lines]


def test_the_unit_is_named_to_who_may_open_its_file() -> None:
    result = file_words_of(may_instruct=True)
    assert (result.title, result.named) == ("Candidats de RH-01", "RH-01")
    assert strip_tags(result.way) == "Candidats › RH-01"
    shut = file_words_of(vacancy=vacancy(opens=False))
    assert "RH-01" not in shut.title + shut.named + shut.way
    assert shut.title.endswith(", Narbonne, enregistré le 24 novembre 2026")
    assert strip_tags(shut.way) == "Logements libérés › Robine Habitat"
    assert strip_tags(file_words_of(ours=True).way) == "Candidats › RH-01"


@pytest.mark.parametrize(
    ("given", "pill", "words"),
    [
        ({}, "", "Ce logement n’est orienté vers personne"),
        ({"stage": Stage.TO_SIGN}, "Bail à signer", "Robine Habitat et le ménage signent le bail."),
        ({"vacancy": vacancy(cancelled_at=NOW)}, "Annulé", "annulé depuis le 24 novembre 2026 : ses candidats"),
    ],
)
def test_it_says_where_the_unit_stands(given: dict[str, Any], pill: str, words: str) -> None:
    result = file_words_of(**given)
    assert strip_tags(result.stands) == pill
    assert words in result.next
    assert result.answer.endswith(" : 0 candidat transmis.")
    assert file_words_of(routing=ROUTED, sent=2).answer.endswith("2 candidats transmis, pour la Ville de Narbonne.")


@pytest.mark.parametrize(
    ("given", "acts", "first"),
    [
        ({"count": count(ready=0)}, "Choisir parmi vos ménages Ajouter par numéro unique", True),
        (
            {"count": count(), "proposals": [Proposal(status="DRAFT")]},
            "par numéro unique Transmettre 1 candidat",
            False,
        ),
        (
            {
                "count": count(ready=0, sent=1),
                "proposals": [Proposal(status="SENT", designation_id=3, vacancy=vacancy(), routing=None)],
            },
            "Choisir parmi vos ménages Ajouter par numéro unique Demander l’exception",
            True,
        ),
    ],
)
def test_who_proposes_adds_then_sends(given: dict[str, Any], acts: str, *, first: bool) -> None:
    [line] = file_words_of(may_propose=True, **given).proposing
    assert strip_tags(line).endswith(acts)
    assert ("btn go" in line.split("Choisir")[0]) is first
    assert list(file_words_of().proposing) == []


def test_who_proposes_reads_for_whom_and_how_many() -> None:
    meant = Routing(holder=CITY, convention=Convention(publics=["DALO"]))
    publics, counted = file_words_of(may_propose=True, count=count(), routing=meant).asked
    assert publics.startswith("La convention destine ce logement à : ")
    assert counted == "3 sur 3 au moins."
    assert list(file_words_of(routing=meant).asked) == []
    assert list(file_words_of(may_propose=True, count=count(), routing=ROUTED).asked) == ["3 sur 3 au moins."]


@pytest.mark.parametrize(
    ("given", "acts"),
    [
        (
            {"proposals": [Proposal(pk=5, status="SENT", position=2)], "stage": Stage.TO_INSTRUCT},
            ["Instruire le candidat n° 2"],
        ),
        ({"stage": Stage.TO_CONVENE}, ["Mettre à l’ordre du jour"]),
        ({"stage": Stage.ON_AGENDA, "sent": 1}, ["Voir les séances de la CALEOL", "Offres et bail"]),
        ({"stage": Stage.TO_OFFER, "sent": 1}, ["Envoyer l’offre"]),
    ],
)
def test_who_instructs_goes_on_from_the_stage(given: dict[str, Any], acts: list[str]) -> None:
    assert links(file_words_of(may_instruct=True, **given).going_on) == acts
    assert links(file_words_of(**given | {"vacancy": vacancy(opens=False)}).going_on) == []


def test_what_else_may_be_stated_is_asked() -> None:
    assert list(file_words_of().otherwise) == []
    elsewhere, nobody = links(file_words_of(may_instruct=True, stage=Stage.TO_FIND, may_decline=True).otherwise)
    assert elsewhere.endswith("autre outil ? Enregistrer l’attribution ou le bail")
    assert nobody == "Personne à proposer ? Je n’ai pas de candidat pour RH-01"


def test_candidates_that_one_does_not_read_are_counted() -> None:
    assert list(file_words_of(proposals=[Proposal(status="SENT")], sent=1).below_candidates) == [("small muted", NAMED)]
    assert list(file_words_of(sent=2).below_candidates) == [("muted", f"2 candidats transmis. {UNNAMED}")]
    assert list(file_words_of(has_past=True).below_candidates) == []
    [(_, asked)], [(_, none)] = file_words_of(may_propose=True).below_candidates, file_words_of().below_candidates
    assert asked.endswith("par son numéro unique.")
    assert none == "Aucun candidat transmis pour l’instant."


def test_its_story_goes_to_where_it_stands() -> None:
    effects = Effects(offered=True, consumed=False, restarts=False)
    sent = FileStep(date(2026, 11, 25), FileEvent.SENT, number=3, whose=CITY.organisation, code="DALO")
    over = FileStep(date(2026, 11, 26), FileEvent.ENDED, side="UNIT", effects=effects)
    result = file_words_of(routing=ROUTED, steps=[sent, over], stage=Stage.NOBODY_LEFT, since=date(2026, 11, 26))
    words = [strip_tags(each.words).strip() for each in result.story]
    assert words[:2] == ["Déclaré libéré", "Orienté vers la Ville de Narbonne"]
    assert words[2].startswith("3 candidats transmis par la Ville de Narbonne (exception : ")
    assert "Compté comme proposé" in words[3]
    assert words[4] == "Plus aucun candidat, depuis le 26 novembre 2026"
    assert [each.is_now for each in result.story] == [False] * 4 + [True]
    assert len(list(file_words_of(stage=Stage.LET).story)) == 1
    assert len(list(file_words_of(stage=Stage.TO_FIND).story)) == 2
