"""Transparency in tables: good units by holder, delays month by month, units registered late by person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils.html import format_html

from flux.models import Programme
from flux.pages.statement_tables import month_of
from flux.pages.transparency import SOMEBODY
from flux.queries.holding_back import Clerk
from flux.queries.transparency import Delays, HolderShares, Registrations, Share
from flux.words import gap, units
from reservations.pages.pieces import muted
from reservations.pages.table import FIGURE, Head, Said, Table, table
from reservations.words import integer, plural, upper_first


def shares_table(holders: Iterable[HolderShares]) -> Table:
    """What each holder had of each class, beside what it was due of it."""
    classes = [*(str(label) for label in Programme.Attractiveness.labels), "Non classé"]
    rows: list[Sequence[Said | str]] = [
        (str(each.holder), *(_share(share) for share in each.shares)) for each in holders
    ]
    if not rows:
        rows.append((Said("Aucun logement n’est entré dans ce compte.", span=len(classes) + 1),))
    headings: list[Head | str] = [Head("Réservataire", ""), *(f"{each}{FIGURE}" for each in classes)]
    note = (
        "En logements, reçus ou en cours / dus, comme la règle les compte ; entre parenthèses le manque. Les classes "
        "sont celles que le bailleur donne à ses résidences."
    )
    return table("t-bons", "Logements reçus et dus par classe d’attractivité", note, headings, rows, css="")


def _share(share: Share) -> str:
    return format_html("{} / {} {}", integer(share.received), units(share.due), muted(f"({gap(share.lack)})", "small"))


def delays_table(read: Registrations, year: int) -> Table:
    """How long from the notice to the registration, then to the routing: a month a row, then the year."""
    rows = [(upper_first(month_of(each.month)), *_delays(each)) for each in read.months if each.month]
    ninth = f"Neuf sur dix{FIGURE}"
    headings = (
        *("Enregistrés en", f"Logements{FIGURE}", f"Congé → enregistrement, médiane{FIGURE}", ninth),
        *(f"Enregistrement → orientation, médiane{FIGURE}", ninth),
    )
    note = (
        "Médiane : la moitié des logements ont attendu autant ou moins. Neuf sur dix : neuf logements sur dix ont "
        "attendu autant ou moins."
    )
    total = (str(year), *_delays(read.delays))
    return table("t-delais", "Délais, en jours", note, headings, rows, totals=[total])


def _delays(each: Delays) -> tuple[str, ...]:
    notice, routing = each.notice, each.routing
    routed = (integer(routing.median), integer(routing.ninth)) if routing.count else ("–", "–")
    return integer(notice.count), integer(notice.median), integer(notice.ninth), *routed


def clerks_table(read: Registrations, names: Mapping[int, str]) -> Table:
    """What each person registered, and late. `names`: for who may read them."""
    rows: list[Sequence[Said | str]] = [
        (
            names.get(each.person) or SOMEBODY,
            *(integer(count) for count in (each.registered, each.good, each.held, each.good_held, each.batches)),
            _reading(each),
        )
        for each in read.clerks
    ]
    if not rows:
        rows.append((Said("Aucun logement enregistré.", span=7),))
    good = f"dont classe A{FIGURE}"
    headings = (*("Qui", f"Enregistrés{FIGURE}", good, f"Tard{FIGURE}", good, f"Lots étalés{FIGURE}", "Lecture"),)
    who = (
        "Les noms ne sont lus que par les responsables du bailleur."
        if names
        else "Sans nom : seuls les responsables du bailleur les lisent."
    )
    days = read.threshold or 0
    batch = f"Lot étalé : enregistrés ensemble, à plus de {integer(days)} {plural(days, 'jour,jours')} d’écart"
    return table("t-tardifs", "Par personne qui enregistre", f"{who} {batch} entre les congés.", headings, rows)


def _reading(clerk: Clerk) -> Said:
    if clerk.alert:
        return Said(f"Moins d’une chance sur {integer(clerk.once_in)}", pill="late")
    return Said("Le hasard l’explique" if clerk.held else "Rien d’enregistré tard", pill="ok")
