"""What pages say of transparency.

* Transparency as a page states it: who decided otherwise than the rule, and who asked not to wait.
* Transparency in tables: good units by holder, delays month by month, units registered late by person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import partial

from django.urls import reverse
from django.utils.html import format_html

from flux.models import AskedDecision, Programme, Recommendation, Vacancy
from flux.pages.departures import ELSEWHERE
from flux.pages.statement_tables import month_of
from flux.queries.controls.early_decisions import Asked, Clerk
from flux.queries.transparency import Delays, HolderShares, Overrides, Registrations
from flux.words import gap, units
from reservations.pages.pieces import muted
from reservations.pages.table import FIGURE, Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, plural, upper_first

#: Who reads no name.
SOMEBODY = "un chargé d’attribution"


def who_reads(*, named: bool) -> str:
    """Above what is listed by person."""
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


def _decided(made: Recommendation, *, opens: bool) -> Text:
    return Text(
        day(made.recorded_at),
        hint=made.vacancy.unit.commune.name if opens else ELSEWHERE,
        link=reverse("vacancy-detail", args=[made.vacancy.pk]) if opens else "",
    )


def _waited(fallen: Vacancy) -> str:
    days = (fallen.registered_on - fallen.notice_on).days
    return f"{integer(days)} {plural(days, 'jour,jours')}"


def shares_table(holders: Iterable[HolderShares]) -> Table:
    """What each holder had of each class, beside what it was due of it."""
    classes = [*(str(label) for label in Programme.Attractiveness.labels), "Non classé"]
    note = (
        "En logements, reçus ou en cours / dus, comme la règle les compte ; entre parenthèses le manque. Les classes "
        "sont celles que le bailleur donne à ses résidences."
    )
    return Rows(
        holders,
        Shown(Head("Réservataire", ""), lambda each: str(each.holder)),
        *(Number(words, partial(_share, place=place)) for place, words in enumerate(classes)),
    ).titled(
        "t-bons",
        "Logements reçus et dus par classe d’attractivité",
        note,
        empty="Aucun logement n’est entré dans ce compte.",
        css="",
    )


def _share(each: HolderShares, *, place: int) -> str:
    share = each.shares[place]
    return format_html("{} / {} {}", integer(share.received), units(share.due), muted(f"({gap(share.lack)})", "small"))


def delays_table(read: Registrations, year: int) -> Table:
    """How long from the notice to the registration, then to the routing: a month a row, then the year."""
    whole = read.delays
    note = (
        "Médiane : la moitié des logements ont attendu autant ou moins. Neuf sur dix : neuf logements sur dix ont "
        "attendu autant ou moins."
    )
    return Rows(
        [each for each in read.months if each.month],
        Shown("Enregistrés en", lambda each: upper_first(month_of(each.month)) if each.month else "", str(year)),
        Number("Logements", lambda each: each.notice.count, whole.notice.count),
        Number("Congé → enregistrement, médiane", lambda each: each.notice.median, whole.notice.median),
        Number("Neuf sur dix", lambda each: each.notice.ninth, whole.notice.ninth),
        Number("Enregistrement → orientation, médiane", _median, _median(whole)),
        Number("Neuf sur dix", _ninth, _ninth(whole)),
    ).titled("t-delais", "Délais, en jours", note)


def _median(each: Delays) -> int | str:
    return each.routing.median if each.routing.count else "–"


def _ninth(each: Delays) -> int | str:
    return each.routing.ninth if each.routing.count else "–"


def clerks_table(read: Registrations, names: Mapping[int, str]) -> Table:
    """What each person registered, and late. `names`: for who may read them."""
    who = (
        "Les noms ne sont lus que par les responsables du bailleur."
        if names
        else "Sans nom : seuls les responsables du bailleur les lisent."
    )
    days = read.threshold or 0
    batch = f"Lot étalé : enregistrés ensemble, à plus de {integer(days)} {plural(days, 'jour,jours')} d’écart"
    return Rows(
        read.clerks,
        Shown("Qui", lambda each: names.get(each.person) or SOMEBODY),
        Number("Enregistrés", lambda each: each.registered),
        Number("dont classe A", lambda each: each.good),
        Number("Tard", lambda each: each.held),
        Number("dont classe A", lambda each: each.good_held),
        Number("Lots étalés", lambda each: each.batches),
        Shown("Lecture", _reading),
    ).titled(
        "t-tardifs",
        "Par personne qui enregistre",
        f"{who} {batch} entre les congés.",
        empty="Aucun logement enregistré.",
    )


def _reading(clerk: Clerk) -> Text:
    if clerk.alert:
        return Text(f"Moins d’une chance sur {integer(clerk.once_in)}", pill="late")
    return Text("Le hasard l’explique" if clerk.held else "Rien d’enregistré tard", pill="ok")
