"""Transparency as a page tells it: who decided otherwise than the rule, and who asked not to wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse

from flux.models import AskedDecision, Recommendation, Vacancy
from flux.pages.known import ELSEWHERE
from flux.queries.asked import Asked
from flux.queries.transparency import Overrides
from reservations.pages.table import FIGURE, Number, Rows, Said, Shown, Table
from reservations.words import day, integer, plural, upper_first

#: Who reads no name.
SOMEBODY = "un chargé d’attribution"


def who_reads(*, named: bool) -> str:
    """Above what is told by person."""
    return "Lu par les responsables du bailleur." if named else "Sans nom."


def overrides_tables(overrides: Overrides, names: Mapping[int, str]) -> tuple[Table, ...]:
    """What was decided otherwise: by motive, by holder, by person."""
    every = integer(overrides.count)
    count = f"Orientations{FIGURE}"
    return (
        Rows(
            overrides.motives,
            Shown("Motif", lambda each: upper_first(str(each[0].label))),
            Shown(count, lambda each: each[1]),
        ).titled("t-motifs", "Par motif", "Orientations décidées autrement."),
        Rows(
            overrides.holders,
            Shown("Réservataire", lambda each: str(each[0])),
            Shown(count, lambda each: f"{integer(each[1])} sur {every}"),
        ).titled("t-profit", "À qui elles ont profité", f"Sur {every}."),
        Rows(
            overrides.people,
            Shown("Qui", lambda each: names.get(each[0]) or SOMEBODY),
            Shown(count, lambda each: each[1]),
        ).titled("t-qui", "Par personne", who_reads(named=bool(names))),
    )


def asked_words(asked: Asked) -> str:
    """How many decisions were asked for, and how many passed before others: in one or two sentences."""
    if not asked.asked:
        return "Aucune décision n’a été demandée avant son tour : la règle décide dans l’ordre, au temps prévu."
    first = (
        f"{integer(asked.asked)} {plural(asked.asked, 'décision a été demandée,décisions ont été demandées')} sans "
        f"attendre, sur {integer(asked.decided)} ; {integer(asked.out_of_turn)} "
        f"{plural(asked.out_of_turn, 'est passée,sont passées')} avant des départs enregistrés plus tôt."
    )
    if asked.is_habit:
        return f"{first} C’est une habitude : demandez pourquoi au bailleur."
    return first


def asked_tables(asked: Asked, names: Mapping[int, str], seen: Collection[int]) -> tuple[Table, ...]:
    """Who asked, then each decision that passed before others, with its motive; nothing when nobody asked. `seen`: the
    departures (ids) whose page the reader may open."""
    if not asked.asked:
        return ()
    note = f"« Décider maintenant ». {who_reads(named=bool(names))}"
    found = [
        Rows(
            asked.people,
            Shown("Qui", lambda each: names.get(each.person) or SOMEBODY),
            Number("Demandées", lambda each: each.asked),
            Number("Avant d’autres", lambda each: each.out_of_turn),
            Number("Départs passés", lambda each: each.passed),
            Number("dont de classe A", lambda each: each.good),
        ).titled("t-demandes", "Par personne qui demande", note)
    ]
    if asked.latest:
        found.append(_latest(asked.latest, seen))
    return tuple(found)


def _latest(latest: Sequence[AskedDecision], seen: Collection[int]) -> Table:
    note = "Les dernières d’abord ; le motif est celui qu’a écrit la personne."
    return Rows(
        latest,
        Shown("Décidé le", lambda each: _decided(each.recommendation, opens=each.recommendation.vacancy_id in seen)),
        Shown("Destination", lambda each: str(each.recommendation.holder)),
        Number("Départs passés", lambda each: each.passed),
        Shown("Du congé à l’enregistrement", lambda each: _waited(each.recommendation.vacancy)),
        Shown("Motif", lambda each: each.motive),
    ).titled("t-hors-tour", "Décisions passées avant d’autres", note)


def _decided(made: Recommendation, *, opens: bool) -> Said:
    return Said(
        day(made.recorded_at),
        hint=made.vacancy.unit.commune.name if opens else ELSEWHERE,
        link=reverse("vacancy-detail", args=[made.vacancy.pk]) if opens else "",
    )


def _waited(fallen: Vacancy) -> str:
    days = (fallen.registered_on - fallen.notice_on).days
    return f"{integer(days)} {plural(days, 'jour,jours')}"
