"""The middle of a sheet: where a unit stands when nothing is left to decide, and what follows a routing."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils.html import strip_tags

from flux.models import Programme, Recommendation, Return, Routing, Unit, Vacancy
from flux.pages.sheet_state import Following, SheetFacts, SheetState, delegated
from flux.pages.sheet_words import SheetWords
from flux.queries.first_letting import FirstLetting
from flux.queries.sheet import Promise, Sheet
from reservations.models import Convention, Landlord, Organisation, ReservationHolder, Territory, User
from reservations.models.convention import UNIT

CITY = ReservationHolder(pk=2, organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
OWN = ReservationHolder(pk=1, organisation=Organisation(name="Robine Habitat"), contingent=7)
EPCI = Organisation(pk=8, name="Le Grand Narbonne", article="le")
NOW, DAY = datetime(2026, 11, 24, 9, tzinfo=UTC), date(2026, 11, 24)


def vacancy(**given: Any) -> Vacancy:
    landlord = Landlord(organisation=Organisation(name="Robine Habitat"))
    programme = Programme(pk=3, name="Voltaire", allotment_agreed_on=DAY)
    unit = Unit(pk=4, reference="RH-01", commune=Territory(name="Narbonne"), landlord=landlord, programme=programme)
    return Vacancy(pk=9, **{"unit": unit, "registered_on": DAY, "kind": "IN_FLOW"} | given)


def sheet(state: str, **given: Any) -> Sheet:
    nothing: dict[str, Any] = {"recommendation": None, "ranking": None, "routing": None, "story": [], "returns": ()}
    nothing |= {"outcome": {}, "clock": None, "promises": [], "excess": None, "stock": None}
    return Sheet(**{"vacancy": vacancy(), "state": state} | nothing | given)


def sheet_facts(
    state: str,
    *,
    by_landlord: bool = False,
    ours: bool = False,
    first: FirstLetting | None = None,
    replaced_by: Vacancy | None = None,
    may_comply: bool = False,
    **given: Any,
) -> SheetFacts:
    words = SheetWords(sheet(state, **given), covered=True, by_landlord=by_landlord, ours=ours, opens=True)
    return SheetFacts(words, replaced_by, first, may_comply)


def state(name: str, **given: Any) -> SheetState:
    found = sheet_facts(name, **given).state
    assert found is not None
    return found


def state_words(name: str, **given: Any) -> list[str]:
    found = state(name, **given)
    return [strip_tags(each) for each in (found.why, *found.sentences, *found.then) if each]


@pytest.mark.parametrize("name", ["WAITING", "FORESEEN", "IMPOSSIBLE", "RECOMMENDED", "ROUTED"])
def test_where_something_is_awaited_the_sheet_has_its_own_words(name: str) -> None:
    assert sheet_facts(name).state is None


def test_what_was_cancelled_leads_to_what_replaces_it() -> None:
    gone = vacancy(cancelled_at=NOW, cancellation="DECLARED_BY_MISTAKE", cancellation_text="Erreur.")
    assert len(state_words("CANCELLED", vacancy=gone)) == 1
    other = state_words("CANCELLED", vacancy=gone, replaced_by=vacancy(kind="EXCLUDED"))[1]
    assert other == "Lire la déclaration qui le remplace, soustrait du flux, du 24 novembre 2026."


@pytest.mark.parametrize(
    ("by_landlord", "words"), [(True, "Préparez une convention qui couvre"), (False, "Le bailleur doit faire signer")]
)
def test_a_unit_without_convention_says_who_makes_one(*, by_landlord: bool, words: str) -> None:
    what, then = state_words("UNCOVERED", by_landlord=by_landlord)
    assert what.startswith("À Narbonne, le 24 novembre 2026, aucune convention")
    assert then.startswith(words)
    assert then.endswith("sa part est comptée.")
    assert state_words("UNCOVERED", may_comply=True)[-1] == "Voir qui a signé, et quoi faire"


def test_what_begins_later_says_from_when() -> None:
    assert state_words("NOT_LIVE", later=date(2027, 1, 1)) == [
        "L’orientation commence le 1er janvier 2027. Ce logement est enregistré à sa place dans l’ordre : il sera "
        "orienté à partir de ce jour, rien n’est compté d’ici là."
    ]
    assert state_words("NOT_LIVE", later=DAY, by_landlord=True)[-1] == "Voir la mise en service"


def test_what_left_the_flow_says_who_gave_it_back() -> None:
    given = Return(routing=Routing(holder=CITY), reason="WORKS", returned_at=NOW, text="Toiture.")
    why, out = state_words("OUT", returns=(given,))
    assert why.startswith("Repris par le bailleur à la Ville de Narbonne le 24 novembre 2026 : ")
    assert why.endswith(" « Toiture. »")
    assert out.startswith("Personne ne l’a reçu")


@pytest.mark.parametrize(
    ("name", "heading", "lines"),
    [("EXCLUDED", "Soustrait du flux", 2), ("OUTSIDE", "Hors de l’assiette du flux", 1), ("TECHNICAL", "Vacance", 2)],
)
def test_what_is_not_counted_says_so(name: str, heading: str, lines: int) -> None:
    found = state(name, vacancy=vacancy(kind=name, exclusion="INTERNAL_TRANSFER"))
    assert found.heading.startswith(heading)
    assert "Non compté" in found.status
    assert len(state_words(name)) == lines
    assert bool(found.term) is (name == "EXCLUDED")
    assert len(state_words("OUTSIDE", by_landlord=True)) == 2


def test_a_unit_in_stock_goes_to_its_holder() -> None:
    found = state("STOCK", routing=Routing(holder=CITY))
    assert (found.heading, found.goes_on) == ("À la Ville de Narbonne", True)


def test_a_first_letting_follows_the_allotment_of_its_programme() -> None:
    waits = state("FIRST_LETTING")
    assert (waits.heading, waits.goes_on, len(waits.sentences)) == ("Première mise en location", False, 1)
    assert state_words("FIRST_LETTING", by_landlord=True)[-1] == "Répartir Voltaire"
    result = vacancy(kind="FIRST_LETTING", ledger_id=6)
    first = FirstLetting(named=True, yearly=None, ledger_seen=True, programme_seen=True)
    went = state("FIRST_LETTING", vacancy=result, routing=Routing(holder=CITY), first=first)
    assert went.heading == "À la Ville de Narbonne"
    assert strip_tags(went.then[-1]) == "Compte des premières locations Répartition du programme"
    shut = FirstLetting(named=False, yearly=None, ledger_seen=False, programme_seen=False)
    assert len(state("FIRST_LETTING", vacancy=result, routing=Routing(holder=CITY), first=shut).then) == 1


def test_a_convention_that_promises_too_much_opens_to_the_landlord() -> None:
    signed = Convention(
        pk=7, organisation=Organisation(name="Ville"), perimeter=Territory(name="Aude"), starts_on=DAY, ends_on=DAY
    )
    promise = Promise(signed, UNIT // 2)
    [opened], [named] = (
        sheet_facts("IMPOSSIBLE", promises=[promise], by_landlord=each).promises for each in (True, False)
    )
    assert strip_tags(opened) == named
    assert named.startswith("Ville, Aude, du 24 novembre 2026 au ")


def following(may: Following, **given: Any) -> list[str]:
    return [strip_tags(each) for _, each in sheet_facts("ROUTED", **given).following(may)]


def test_proposing_comes_first_and_giving_up_second() -> None:
    every = Following(may_propose=True, may_route=False, may_give_back=True)
    routed = Routing(holder=CITY)
    assert following(every, routing=routed) == []
    assert following(every, routing=routed, ours=True) == [
        "Proposer un candidat Suivre les candidats",
        "Personne à proposer ? Je n’ai pas de candidat",
    ]
    answered = Routing(holder=CITY, answered_on=DAY)
    assert following(every, routing=answered, ours=True) == [
        "Suivre les candidats",
        "Pour rendre ce logement, retirez d’abord les candidats transmis : lire les candidats de ce logement",
    ]


def test_the_landlord_takes_a_unit_back_or_sends_it_elsewhere() -> None:
    may = Following(may_propose=False, may_route=True, may_give_back=True)
    ways, back = following(may, routing=Routing(holder=CITY), by_landlord=True, ranking=object())
    assert ways == "Suivre les candidats Choisir une autre destination"
    assert back == "Travaux, erreur, délai passé ? Rendre ce logement…"
    assert following(may, routing=Routing(holder=OWN), by_landlord=True)[1].startswith("Travaux découverts ?")
    given = {"routing": Routing(holder=CITY), "by_landlord": True, "ranking": object(), "outcome": {"LEASED": DAY}}
    assert following(may, **given)[0] == "Suivre les candidats"


def test_a_delegation_of_the_state_is_explained() -> None:
    assert delegated(None) == delegated(Routing(holder=CITY)) == delegated(Routing(holder=OWN, acting=EPCI)) == ""
    assert "Le Grand Narbonne propose les candidats" in delegated(Routing(holder=CITY, acting=EPCI))


def test_what_the_landlord_chose_is_beside_what_the_rule_recommended() -> None:
    recommended = Recommendation(holder=OWN, sentence="Le plus en retard.")
    routed = Routing(holder=CITY, routed_at=NOW, routed_by=User(full_name="Aline"))
    plain = sheet_facts("ROUTED", routing=routed, recommendation=recommended).words
    assert plain.why == "Le plus en retard."
    assert len(list(plain.routed)) == 1
    routed.motive, routed.motive_text = "OTHER", "Mobilité."
    chosen = sheet_facts("ROUTED", routing=routed, recommendation=recommended).words
    assert chosen.why.endswith(" : Mobilité.")
    assert strip_tags(next(iter(chosen.routed))).endswith("Le plus en retard.")
