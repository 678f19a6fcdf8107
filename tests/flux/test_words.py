"""Figures and names inside a French sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils import timezone
from django.utils.formats import date_format

from flux.words import plural_units, rounded_percent
from reservations.models import Landlord, Organisation, ReservationHolder
from reservations.words import Named, day, every_years, hour, near_day, of, plural, short_month, to, towards, weekday


@pytest.mark.parametrize(
    ("article", "name", "named", "given", "belongs"),
    [
        ("la", "Ville de Narbonne", "la Ville de Narbonne", "à la Ville de Narbonne", "de la Ville de Narbonne"),
        ("l’", "OPH de l’Aude", "l’OPH de l’Aude", "à l’OPH de l’Aude", "de l’OPH de l’Aude"),
        ("d’", "Harmonie Habitat", "Harmonie Habitat", "à Harmonie Habitat", "d’Harmonie Habitat"),
        (
            "",
            "Hauts-de-France Habitat",
            "Hauts-de-France Habitat",
            "à Hauts-de-France Habitat",
            "de Hauts-de-France Habitat",
        ),
        ("l’", "EPT Plaine Commune", "l’EPT Plaine Commune", "à l’EPT Plaine Commune", "de l’EPT Plaine Commune"),
        (
            "",
            "Pays de l’Or Agglomération",
            "Pays de l’Or Agglomération",
            "à Pays de l’Or Agglomération",
            "de Pays de l’Or Agglomération",
        ),
        ("le", "Pays de l’Or", "le Pays de l’Or", "au Pays de l’Or", "du Pays de l’Or"),
        ("", "Action Logement", "Action Logement", "à Action Logement", "d’Action Logement"),
        ("le", "Le Grand Narbonne", "le Grand Narbonne", "au Grand Narbonne", "du Grand Narbonne"),
        ("le", "Grand Narbonne", "le Grand Narbonne", "au Grand Narbonne", "du Grand Narbonne"),
        ("les", "Corbières", "les Corbières", "aux Corbières", "des Corbières"),
        ("l’", "L'Avenir", "l’Avenir", "à l’Avenir", "de l’Avenir"),
        ("", "La Clape Habitat", "La Clape Habitat", "à La Clape Habitat", "de La Clape Habitat"),
        ("", "Robine Habitat", "Robine Habitat", "à Robine Habitat", "de Robine Habitat"),
        ("", "Ysé Habitat", "Ysé Habitat", "à Ysé Habitat", "d’Ysé Habitat"),
    ],
)
def test_name_takes_the_article_of_its_organisation(
    article: str, name: str, named: str, given: str, belongs: str
) -> None:
    """Its own, stored with it: nothing is guessed from how the name begins."""
    organisation = Organisation(name=name, article=article)
    for party in (organisation, Landlord(organisation=organisation), Named(name, article)):
        assert (towards(party), to(party), of(party)) == (named, given, belongs)
    holder = ReservationHolder(organisation=organisation, contingent=4)
    assert (towards(holder), to(holder), of(holder)) == (named, given, belongs)


def test_a_contingent_without_the_name_of_its_organisation_has_its_own_article() -> None:
    organisation = Organisation(name="Préfecture de l’Aude", article="la")
    state, own = (ReservationHolder(organisation=organisation, contingent=code) for code in (1, 7))
    assert (towards(state), to(state), of(state)) == ("l’État – agents", "à l’État – agents", "de l’État – agents")
    assert (towards(own), to(own), of(own)) == (
        *("le bailleur (non réservé)", "au bailleur (non réservé)"),
        "du bailleur (non réservé)",
    )


@pytest.mark.parametrize(
    ("name", "named", "given", "belongs"),
    [
        ("La Redorte", "la Redorte", "à La Redorte", "de La Redorte"),
        ("Le Havre", "le Havre", "au Havre", "du Havre"),
        ("Les Sables-d’Olonne", "les Sables-d’Olonne", "aux Sables-d’Olonne", "des Sables-d’Olonne"),
        ("Narbonne", "Narbonne", "à Narbonne", "de Narbonne"),
    ],
)
def test_name_of_a_place_has_its_article_in_it(name: str, named: str, given: str, belongs: str) -> None:
    assert (towards(name), to(name), of(name)) == (named, given, belongs)


@pytest.mark.parametrize(
    ("name", "belongs"),
    [
        ("Hélène Roux", "d’Hélène Roux"),
        ("Hérault", "d’Hérault"),
        ("Hénin-Beaumont", "d’Hénin-Beaumont"),
        ("Hauts-de-France", "de Hauts-de-France"),
        ("Honfleur", "de Honfleur"),
        ("Le Havre", "du Havre"),
        ("Yvetot", "d’Yvetot"),
        ("Yann Le Goff", "de Yann Le Goff"),
        ("Y", "de Y"),
        ("Œuilly", "d’Œuilly"),
        ("Élodie", "d’Élodie"),
        ("Robine", "de Robine"),
    ],
)
def test_de_is_elided_before_a_vowel_a_mute_h_and_a_y_before_a_consonant(name: str, belongs: str) -> None:
    assert of(name) == belongs


@pytest.mark.parametrize(
    ("shares", "word"),
    [(0, "dû"), (620_000, "dû"), (-1_000_000, "dû"), (1_994_999, "dû"), (1_995_000, "dus"), (-2_100_000, "dus")],
)
def test_word_agrees_with_the_figure_as_it_is_shown(shares: int, word: str) -> None:
    assert plural_units(shares, "dû,dus") == word
    assert plural_units(10_000_000, "dû,dus") == "dus"


@pytest.mark.parametrize(("count", "word"), [(0, "reçu"), (1, "reçu"), (-1, "reçu"), (2, "reçus"), (-2, "reçus")])
def test_the_plural_begins_at_two(count: int, word: str) -> None:
    assert plural(count, "reçu,reçus") == word


def test_a_share_and_its_years_are_rounded_and_not_cut() -> None:
    """Two thirds read « 66,66 % », and 0,34 of a unit a year « un tous les 2 ans », once they are cut."""
    assert rounded_percent(666_666) == "66,67\u202f%"
    assert rounded_percent(333_333) == "33,33\u202f%"
    assert every_years(340_000) == "environ un logement tous les 3 ans"


def test_a_day_of_another_year_says_its_year() -> None:
    """« Depuis le 28 nov. » of last year was read as yesterday."""
    with time_machine.travel(datetime(2026, 11, 27, 9, tzinfo=UTC), tick=False):
        assert near_day(date(2026, 11, 26)) == "26 nov."
        assert near_day(date(2025, 11, 28)) == "28 nov. 2025"
        assert near_day(datetime(2025, 12, 31, 23, 30, tzinfo=UTC)) == "1er janv."


def test_a_month_is_shortened_in_one_way() -> None:
    """Django's own « jan. » and « fév. » stood beside the « janv. » and « févr. » of the days."""
    assert [short_month(date(2026, month, 1)) for month in (1, 2, 5, 7)] == ["janv.", "févr.", "mai", "juil."]


@pytest.mark.parametrize(("month", "number"), [(2, 28), (8, 24)])
def test_days_and_hours_are_those_that_django_writes_in_paris(month: int, number: int) -> None:
    """Plain Python since acts say them too: in winter and in summer time, after midnight in Paris."""
    moment = datetime(2026, month, number, 23, 30, tzinfo=UTC)
    local = timezone.localtime(moment)
    number_of = "1er" if local.day == 1 else str(local.day)
    assert weekday(moment) == f"{date_format(local, 'l')} {number_of} {date_format(local, 'F Y')}"
    assert day(moment) == f"{number_of} {date_format(local, 'F Y')}"
    assert hour(moment) == date_format(local, r"G \h i")
