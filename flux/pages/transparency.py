"""Transparency as a page tells it: who decided otherwise than the rule, and who asked not to wait."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from django.urls import reverse

from flux.models import AskedDecision
from flux.pages.known import ELSEWHERE
from flux.queries.asked import Asked
from flux.queries.transparency import Overrides
from reservations.pages.table import FIGURE, Said, Table, table
from reservations.words import day, integer, plural, upper_first

#: Who reads no name.
SOMEBODY = "un chargé d’attribution"


def who_reads(*, named: bool) -> str:
    """Above what is told by person."""
    return "Lu par les responsables du bailleur." if named else "Sans nom."


def overrides_tables(overrides: Overrides, names: Mapping[int, str]) -> tuple[Table, ...]:
    """What was decided otherwise: by motive, by holder, by person."""
    every = integer(overrides.count)
    motives = [(upper_first(str(motive.label)), integer(number)) for motive, number in overrides.motives]
    holders = [(str(holder), f"{integer(number)} sur {every}") for holder, number in overrides.holders]
    people = [(names.get(person) or SOMEBODY, integer(number)) for person, number in overrides.people]
    count = f"Orientations{FIGURE}"
    return (
        table("t-motifs", "Par motif", "Orientations décidées autrement.", ("Motif", count), motives),
        table("t-profit", "À qui elles ont profité", f"Sur {every}.", ("Réservataire", count), holders),
        table("t-qui", "Par personne", who_reads(named=bool(names)), ("Qui", count), people),
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
    people = [
        (
            names.get(each.person) or SOMEBODY,
            integer(each.asked),
            integer(each.out_of_turn),
            integer(each.passed),
            integer(each.good),
        )
        for each in asked.people
    ]
    headings = (
        "Qui",
        f"Demandées{FIGURE}",
        f"Avant d’autres{FIGURE}",
        f"Départs passés{FIGURE}",
        f"dont de classe A{FIGURE}",
    )
    note = f"« Décider maintenant ». {who_reads(named=bool(names))}"
    found = [table("t-demandes", "Par personne qui demande", note, headings, people)]
    if asked.latest:
        found.append(_latest(asked.latest, seen))
    return tuple(found)


def _latest(latest: Sequence[AskedDecision], seen: Collection[int]) -> Table:
    rows = []
    for each in latest:
        made = each.recommendation
        fallen, opens = made.vacancy, made.vacancy_id in seen
        waited = (fallen.registered_on - fallen.notice_on).days
        rows.append(
            (
                Said(
                    day(made.recorded_at),
                    hint=fallen.unit.commune.name if opens else ELSEWHERE,
                    link=reverse("vacancy-detail", args=[fallen.pk]) if opens else "",
                ),
                str(made.holder),
                integer(each.passed),
                f"{integer(waited)} {plural(waited, 'jour,jours')}",
                each.motive,
            )
        )
    headings = ("Décidé le", "Destination", f"Départs passés{FIGURE}", "Du congé à l’enregistrement", "Motif")
    note = "Les dernières d’abord ; le motif est celui qu’a écrit la personne."
    return table("t-hors-tour", "Décisions passées avant d’autres", note, headings, rows)
