"""Transparency in tables: good units by holder, delays month by month, units registered late by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from django.utils.html import format_html

from flux.models import Programme
from flux.pages.statement_tables import month_of
from flux.pages.transparency import SOMEBODY
from flux.queries.holding_back import Clerk
from flux.queries.transparency import Delays, HolderShares, Registrations
from flux.words import gap, units
from reservations.pages.pieces import muted
from reservations.pages.table import Head, Number, Rows, Said, Shown, Table
from reservations.words import integer, plural, upper_first


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


def _reading(clerk: Clerk) -> Said:
    if clerk.alert:
        return Said(f"Moins d’une chance sur {integer(clerk.once_in)}", pill="late")
    return Said("Le hasard l’explique" if clerk.held else "Rien d’enregistré tard", pill="ok")
