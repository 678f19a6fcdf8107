"""Sentences of a printed convention: who signs it, and the figures of the law that are recorded, or are not."""

from __future__ import annotations

from datetime import date

import pytest

from reservations.models import Convention, Organisation, Quota, ReservationHolder, Territory
from reservations.pages import prose

FIRST, SIGNED = date(2027, 1, 1), date(2026, 12, 1)


def convention(**given: object) -> Convention:
    return Convention(starts_on=FIRST, perimeter=Territory(name="Aude", code="11", kind="DEPARTEMENT"), **given)


@pytest.mark.parametrize(
    ("expected", "has", "lacks"),
    [
        (prose.grounds(of_the_state=True, own_territory=False), "R441-5-2 pour les droits de l’État", "R441-5-3"),
        (prose.grounds(of_the_state=False, own_territory=True), "et de son article R441-5-3", "l’État"),
        (prose.grounds(of_the_state=False, own_territory=False), "(CCH). La commission", "et de son article"),
        (prose.uniform("25 %"), "n’est pas inférieure à 25 % hors des quartiers", "None"),
        (prose.uniform(None), "possède des logements (CCH", "inférieure"),
        (prose.each_year("28 février"), "Avant le 28 février de chaque année", "None"),
        (prose.each_year(None), "Chaque année", "Avant"),
        (prose.caps("30 %", "5 %", 6), "n’excèdent pas 30 % du flux annuel total du bailleur, dont 5 % au", "None"),
        (prose.caps("30 %", None, None), "du bailleur (CCH", "agents"),
        (prose.caps(None, None, 6), "Le préfet peut y déroger par arrêté, pour 6 mois au plus.", "excèdent"),
        (prose.termination(3), "après une mise en demeure restée sans suite pendant 3 mois", "None"),
        (prose.termination(None), "après une mise en demeure restée sans suite\xa0; il fixe", "None"),
        (prose.handed_on(of_the_state=True), "signée.", "préfet"),
        (prose.handed_on(of_the_state=False), "le bailleur la transmet au préfet", "None"),
        (prose.heading(2), "à la convention de réservation", "Convention"),
        (prose.heading(0), "Convention de réservation", "Avenant"),
    ],
)
def test_what_is_not_recorded_is_not_written(expected: str, has: str, lacks: str) -> None:
    assert has in expected
    assert lacks not in expected


def test_a_draft_is_not_signed() -> None:
    draft, made = convention(status="DRAFT"), convention(status="SIGNED", signed_on=SIGNED)
    assert prose.about(draft).startswith("Projet de convention")
    assert prose.about(made) == "Convention signée le 1er décembre 2026."
    assert [prose.signed(draft, given, 3) for given in (0, 1, 2)] == [
        "Projet, non signé.",
        "Projet : 1 signature sur 3.",
        "Projet : 2 signatures sur 3.",
    ]
    assert prose.signed(made, 2, 2) == "Signée le 1er décembre 2026, à effet du 1er janvier 2027."
    assert ", signée le 1er décembre 2026, à compter" in prose.replaced(made, convention(version=1, signed_on=SIGNED))
    assert "la version 1, à compter du" in prose.replaced(made, convention(version=1))


def test_a_contingent_says_what_it_has_of_its_own() -> None:
    city = ReservationHolder(organisation=Organisation(name="Ville de Narbonne", article="la"), contingent=4)
    assert list(prose.apart(Quota(holder=city, declined=[]))) == []
    units, declined = prose.apart(Quota(holder=city, yearly_units=12, declined=["T5"]))
    assert units.endswith("ne dépasse pas 12 logements.")
    assert "ne prend pas" in declined


def test_steps_end_with_a_stop_and_first_lettings_count_or_not() -> None:
    assert [each[-1] for each in prose.steps(["le préfet", "le bailleur"])] == [";", "."]
    assert "sont décomptés de la part" in prose.first_lettings(convention(first_letting_counts=True))
    assert "s’ajoutent à la part" in prose.first_lettings(convention(first_letting_counts=False))
    assert "son seul territoire" in prose.perimeter(convention(), own_territory=True)
    assert "son seul territoire" not in prose.perimeter(convention(), own_territory=False)
    assert [prose.side(place) for place in range(3)] == [*prose.SIDES, "Pour l’autre signataire"]
