"""What a balance says of a commune that passed from one EPCI to another inside its year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from attributions.bilan.passages import Passage
from reservations.models import Territory
from reservations.words import day, integer, plural

WORDS = {"offered": "proposé,proposés", "allocated": "attribué,attribués", "leased": "loué,loués"}


def passage_words(found: Iterable[Passage]) -> list[str]:
    """A sentence a commune: when it passed, where its year is counted, and what was done on each side of the day."""
    return [_said(each) for each in found]


def _said(each: Passage) -> str:
    before, after = each.on - timedelta(days=1), each.on
    former = f"jusqu’au {day(before)}, dans {_name(each.former)}, {_figures(each.before)}"
    latter = f"à compter du {day(after)}, dans {_name(each.latter)}, {_figures(each.since)}"
    where = "comptés ici pour toute l’année" if each.counted_here else "comptés hors d’ici pour toute l’année"
    change = f"{each.commune.name} change d’intercommunalité le {day(after)} ; ses logements sont {where}"
    return f"{change} : {former} ; {latter}."


def _name(place: Territory | None) -> str:
    return f"« {place.name} »" if place else "aucune"


def _figures(done: Mapping[str, int]) -> str:
    return ", ".join(f"{integer(done[name])} {plural(done[name], forms)}" for name, forms in WORDS.items())
