"""What pages say of reconciliation.

* The ledger compared with a file of the SNE or of SYPLO, in tables.
* What was sent of a balance and of its forecasts, in words.
* The lines that lead from the stock to the flow, in words.
* What a balance says of a commune that passed from one EPCI to another inside its year.
* Two versions of a balance side by side: the lines that differ.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby

from django.urls import reverse

from attributions.bilan.models import Reconciliation, ReconciliationLine
from attributions.bilan.passages import Passage
from attributions.bilan.queries.figures import Difference
from attributions.bilan.queries.transmissions import Transmission
from flux.models import Vacancy
from flux.words import gap, units
from reservations.models import Territory
from reservations.pages.pieces import below, link, muted, pill
from reservations.pages.table import FIGURE, Head, Number, Rows, Shown, Table
from reservations.words import day, integer, plural, signed, towards, upper_first


def comparisons_table(found: Iterable[Reconciliation], *, show_landlord: bool) -> Table:
    """A comparison a row, the latest first. Landlords, and who did it: fetched."""
    note = (
        "Du plus récent au plus ancien. Aucun ne change après coup : comparez un nouveau fichier pour voir ce qui est "
        "réglé."
    )
    return Rows(
        found,
        Shown(
            "Fichier",
            lambda each: below(
                link(
                    reverse("reconciliation-detail", args=[each.pk]),
                    upper_first(each.get_source_display()),
                    also=f" du {day(each.at)} : lire le résultat",
                ),
                muted(each.file_name),
            ),
        ),
        Shown(Head("Exercice", ""), lambda each: str(each.exercise)),
        Shown(Head("Bailleur", ""), lambda each: str(each.landlord), when=show_landlord),
        Shown(Head("Le", "nw"), lambda each: below(day(each.at), muted(each.by))),
        Number("Lignes", lambda each: each.rows),
        Number("Concordants", lambda each: each.counts["MATCHED"]),
        Number("À régler", lambda each: each.to_settle),  # type: ignore[attr-defined]  # annotated by `reconciliations`
    ).titled("faits", "Rapprochements faits", note)


def points_tables(found: Iterable[ReconciliationLine], *, leads: bool) -> list[Table]:
    """The points to settle, a table for each party that settles them, in their order. `leads`: may the reader open the
    units?"""
    return [_points(key, list(points), leads=leads) for key, points in groupby(found, key=lambda each: each.party_key)]


def _points(key: str, points: list[ReconciliationLine], *, leads: bool) -> Table:
    title = f"À régler par {towards(points[0].party)}"
    return Rows(
        points,
        Shown(Head("Logement", "all unit"), lambda each: _unit(each, leads=leads)),
        Shown(Head("Constat", ""), lambda each: pill(upper_first(each.get_finding_display()))),
        Shown(Head("Fichier", ""), _file),
        Shown(Head("Compte", ""), _account),
        Shown("À faire", lambda each: each.todo),
    ).titled(f"par-{key}", title, "Le numéro unique n’est montré que par sa fin.")


def _unit(point: ReconciliationLine, *, leads: bool) -> str:
    reference = point.unit_reference or "non renseigné"
    opens = leads and point.vacancy_id is not None
    result = link(reverse("vacancy-detail", args=[point.vacancy_id]), reference) if opens else reference
    return below(result, muted(f"numéro se terminant par {point.ending}") if point.number else "")


def _file(point: ReconciliationLine) -> str:
    """What the file says of it, and on which line."""
    if not point.line:
        return muted("absent")
    where = f"ligne {integer(point.line)}" + (f", bail du {day(point.their_day)}" if point.their_day else "")
    return below(point.their_contingent or "contingent non renseigné", muted(where))


def _account(point: ReconciliationLine) -> str:
    """What the ledger says of it."""
    if point.vacancy_id is None:
        return muted("absent")
    whose = "orienté vers un autre" if point.is_elsewhere else point.our_holder or "hors réservation"
    return below(whose, muted(f"bail du {day(point.our_day)}") if point.our_day else "")


def paper(sent: Transmission) -> str:
    """« Prévisionnel 2027 », « Bilan 2026, version 1 »."""
    if sent.version is None:
        return f"Prévisionnel {sent.exercise}"
    return f"Bilan {sent.exercise}, version {sent.version}"


def act(sent: Transmission) -> str:
    """« envoi du 20 février 2027, par Alice Robin », « scellement du 1er mars 2027 »."""
    return f"{'scellement' if sent.is_seal else 'envoi'} du {day(sent.on)}{f', par {sent.by}' if sent.by else ''}"


#: (heading, words), by code of line; a category that is subtracted has the words of the law.
FLOW = {
    "VACATED": ("Logements libérés", "Ensemble"),
    **{choice.value: ("Soustraits du flux", str(choice.label)) for choice in Vacancy.Exclusion},
    "SUBTRACTED": ("Soustraits du flux", "Ensemble"),
    "STOCK": ("Hors du flux", "gardés en stock"),
    "TECHNICAL": ("Hors du flux", "vacances techniques"),
    "OUTSIDE": ("Hors du flux", str(Vacancy.Kind.OUTSIDE.label)),
    "FIRST_LETTINGS": ("Hors du flux", "premières mises en location"),
    "NET": ("Flux", "Flux net"),
}


WORDS = {"offered": "proposé,proposés", "allocated": "attribué,attribués", "leased": "loué,loués"}


def passage_words(found: Iterable[Passage]) -> list[str]:
    """A sentence a commune: when it passed, where its year is counted, and what was done on each side of the day."""
    return [_sentence(each) for each in found]


def _sentence(each: Passage) -> str:
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


def differences_table(rows: Iterable[tuple[str, str, str, str, Difference]], versions: tuple[int, int]) -> Table:
    """A figure that differs a row: whose, in which table and category, which measure, in both `versions`."""
    before, after = (f"Version {number}{FIGURE}" for number in versions)
    return Rows(
        rows,
        Shown("Réservataire", lambda each: upper_first(each[0])),
        Shown("Tableau", lambda each: f"{upper_first(each[1])} : {each[2]}" if each[2] else upper_first(each[1])),
        Shown("Colonne", lambda each: upper_first(each[3])),
        Shown(before, lambda each: _figure(each[4].before, is_due=each[4].is_due)),
        Shown(after, lambda each: _figure(each[4].after, is_due=each[4].is_due)),
        Number("Écart", lambda each: gap(each[4].gap) if each[4].is_due else signed(each[4].gap)),
    ).titled("", "Lignes qui diffèrent", "En logements.")


def _figure(value: int, *, is_due: bool) -> str:
    return units(value) if is_due else integer(value)
