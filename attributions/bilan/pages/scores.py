"""What pages say of scores.

* Objectives of a year, each on its own leases: the rate, what is asked, how far it is.
* The publics of a table of leases, in words.
* An objective, landlord by landlord, in a table; the publics of leases, side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from attributions.bilan.models import Objective
from attributions.bilan.pages.balances import ratio_cell
from attributions.bilan.pages.scales import kind_names
from attributions.bilan.pages.territory_board import counted_words, score_pill, verdict_words
from attributions.bilan.queries.objective_cells import Target
from attributions.bilan.queries.objective_leases import OF_UNITS, Counts
from attributions.bilan.queries.objectives import Score
from attributions.bilan.queries.publics import PublicRow, Publics, Tally
from attributions.bilan.queries.territory_board import ScoreLine, ScoreTable
from flux.pages.checks import verdict_name, verdict_pill
from flux.queries.state_cap import Verdict
from reservations.models import Territory
from reservations.pages.pieces import below, beside, hint, link, muted, pill, whole
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.rounding import rate_of
from reservations.words import day, integer, percent, plural, upper_first

#: Rates in force that are shown one by one.
MOST_SHOWN = 3
#: What a ceiling counts here, and what is judged elsewhere (CCH, R441-5-2; docs/decisions/0047).
CEILING = "en baux signés ; le plafond se juge en logements gardés, dans les contrôles des conventions"
HIDDEN = muted("non communiqué")


@dataclass(frozen=True, slots=True)
class Reader:
    """How the objectives are read: `query`, of which year and place; `opens`, may the leases be opened; `is_whole`, are
    all the counts shown; `running`, is the year not over."""

    query: str
    opens: bool
    is_whole: bool
    running: bool

    def leases(self, score: Score, stands: str = "") -> str:
        """Where the leases of an objective are listed, those that stand so alone when it is stated."""
        address = f"{reverse('objective-leases', args=[score.code.value])}?{self.query}"
        return f"{address}&stands={stands}" if stands else address


def scores_table(scores: Iterable[Score], year: int, reader: Reader) -> Table:
    """An objective a row."""
    note = (
        "En baux non annulés. Taux arrondi au dixième le plus proche ; atteint ou non se lit sur les comptes exacts. "
        "Ce qui manque se compte au même nombre de baux. Barre : plein, le numérateur ; pointillé, le reste des baux ; "
        "trait, la cible."
    )
    return Rows(
        scores,
        Shown(
            "Objectif",
            lambda each: beside(upper_first(each.words), hint("en logements") if each.code in OF_UNITS else ""),
        ),
        Shown("Baux", lambda each: _leases(each, reader)),
        Shown("Taux et cible", _rate),
        Shown("Cible en vigueur", _targets),
        Shown("Où on en est", lambda each: _stands(each, running=reader.running)),
        Shown("Non renseigné", lambda each: _unknown(each, reader)),
    ).titled("t-taux", f"Objectifs sur les baux signés en {year}", note)


def _leases(score: Score, reader: Reader) -> str:
    """« 12 sur 40 = 30 % », each leading to its leases; then the reader's own."""
    if score.counts is None:
        result = beside(whole(counted_words(score)), f"sur {integer(score.denominator)}")
    else:
        of, on = integer(score.counts.numerator), integer(score.denominator)
        if reader.opens and score.denominator:
            of, on = link(reader.leases(score, "counted"), of), link(reader.leases(score), on)
        rate = format_html('= <b class="nw">{}</b>', percent(score.rate)) if score.rate is not None else ""
        result = beside(of, "sur", on, rate)
    return beside(result, _own(score.own, score, reader))


def _own(own: Counts | None, score: Score, reader: Reader) -> str:
    if own is None or not own.denominator:
        return ""
    figures = link(reader.leases(score), f"{integer(own.numerator)} sur {integer(own.denominator)}")
    return hint(format_html("dont les vôtres : {}", figures))


def _rate(score: Score) -> str:
    """The rate drawn beside what is asked, or why there is none."""
    if score.rate is not None:
        return render_to_string("bilan/rate_cell.html", {"rate": score.rate, "asked": score.share_asked})
    if score.within is not None:
        least, most = (percent(rate_of(each, score.denominator) or 0) for each in score.within)
        return muted(f"de {least} à {most} : trop peu de ménages pour le compte exact")
    return muted("non communiqué : trop peu de ménages" if score.denominator else "aucun bail")


def _targets(score: Score) -> str:
    """Each rate in force, its source and since when, on how many leases when there are several."""
    if not score.targets:
        return muted("aucun taux en vigueur")
    more = ""
    if len(score.targets) > MOST_SHOWN and score.share_asked is not None:
        more = hint(f"et d’autres taux, chacun sur ses baux : {percent(score.share_asked)} en moyenne")
    return beside(*(_target(each, score) for each in score.targets[:MOST_SHOWN]), more)


def _target(target: Target, score: Score) -> str:
    rate = whole(f"{'au plus' if score.is_ceiling else 'au moins'} {percent(target.percent)}")
    leases = f"sur {integer(target.leases)} {plural(target.leases, 'bail,baux')}" if len(score.targets) > 1 else ""
    where = f"{target.objective.territory} · " if target.objective.territory else ""
    source = hint(f"{where}{target.objective.source}, depuis le {day(target.objective.starts_on)}")
    return beside(rate, leases, source)


def _stands(score: Score, *, running: bool) -> str:
    """Reached or not; what is missing, and what it takes while the year runs."""
    if score.reached:
        return pill("sous le plafond" if score.is_ceiling else "atteint", "ok")
    if score.reached is None:
        return pill(_why_unknown(score), "wait")
    if score.within is not None:
        return _stands_within(score, running=running)
    missing, coming = integer(score.missing or 0), score.to_come if running else None
    if score.is_ceiling:
        others = f"il faut {integer(coming)} {plural(coming, 'bail,baux')} à d’autres" if coming else ""
        over = (verdict_name(Verdict.ROUNDING), verdict_pill(Verdict.ROUNDING))
        text = pill(*over) if score.is_rounding else pill(f"dépassé de {missing}", "late")
        return beside(text, hint(others) if others else "", hint(CEILING))
    if coming:
        lacks = f"il en manque {missing} au même nombre de baux, soit {integer(coming)} de plus si tous les prochains "
        lacks += "comptent"
    else:
        lacks = f"il en {'manque' if running else 'manquait'} {missing} au même nombre de baux"
    return beside(pill("pas encore" if running else "non atteint", "late"), hint(lacks))


def _stands_within(score: Score, *, running: bool) -> str:
    """Not reached, whichever of the two bounds is right."""
    least, most = score.missing_within or (0, 0)
    lacks = f"il en {'manque' if running else 'manquait'} de {integer(least)} à {integer(most)} au même nombre de baux"
    return beside(pill("pas encore" if running else "non atteint", "late"), hint(lacks))


def _why_unknown(score: Score) -> str:
    """Why nothing is stated of it."""
    if score.denominator and score.ends is None:
        return "non communiqué"
    if score.within is not None and score.targets and not score.is_few:
        return "non tranché"
    return "petit effectif" if score.denominator and score.is_few else "à mesurer"


def _unknown(score: Score, reader: Reader) -> str:
    """The leases that stay in the denominator unsaid; then those that nobody can place."""
    return beside(_unknown_leases(score, reader), _unplaced(score) if score.unplaced else "")


def _unknown_leases(score: Score, reader: Reader) -> str:
    if score.counts is None:
        return HIDDEN
    if not reader.is_whole and score.code not in OF_UNITS:
        return muted("non détaillé : trop peu de ménages")
    if not score.counts.unknown:
        return "0"
    count = integer(score.counts.unknown)
    return beside(link(reader.leases(score, "unknown"), count) if reader.opens else count, "au dénominateur")


def _unplaced(score: Score) -> str:
    residences = score.code == Objective.Code.MIX_RESIDENCES
    why = "dont on ne sait si la résidence est sur la liste" if residences else "sans quartier connu (QPV)"
    leases = f"{integer(score.unplaced)} {plural(score.unplaced, 'bail,baux')}"
    return hint(" ".join((leases, f"{why},", "hors du calcul")))


#: By code.
NAMES = {
    "priority": "ménages prioritaires (L441-1)",
    "dalo": "dont reconnus au titre du DALO",
    "first_quartile": "premier quartile de ressources",
    "last_quartile": "quatrième quartile de ressources",
    "renewal": "relogés pour la rénovation urbaine",
    "agents": "agents de l’État",
    "essential": str(Objective.Code.ESSENTIAL_WORKERS.label),
    "alone": "personnes seules",
    "large": "ménages de cinq personnes ou plus",
}


def public_name(code: str) -> str:
    """« agents de l’État »."""
    return NAMES[code]


def score_table(found: ScoreTable, year: int, territory: Territory | None) -> Table:
    """A landlord a row, then the territory: how many leases count, and what is read of them."""
    leases = f"Baux signés en {year}, {territory}."
    lacks = "Ce qui manque se compte au même nombre de baux."
    note = beside(
        leases, _score_tables_target(found), lacks, _judged_elsewhere() if found.whole.score.is_ceiling else ""
    )
    return Rows(
        found.lines,
        Shown("Bailleur", lambda line: line.words),
        Number("Comptés", _counted),
        Number("Baux", lambda line: line.score.denominator),
        Number("Taux", lambda line: muted("–") if line.score.rate is None else percent(line.score.rate)),
        Shown("Atteint et cible", lambda line: _bar(line.score.rate, line.score.share_asked)),
        Shown("Lecture", lambda line: pill(verdict_words(line.verdict), score_pill(line.verdict))),
    ).titled("", upper_first(found.words), note, totals=[found.whole])


def _score_tables_target(found: ScoreTable) -> str:
    """The first rate in force on the territory, and its source."""
    score = found.whole.score
    if not score.targets:
        return ""
    first = score.targets[0]
    least = "au plus" if score.is_ceiling else "au moins"
    return f"Cible : {least} {percent(first.percent)} ({first.objective.source})."


def _judged_elsewhere() -> str:
    """What a ceiling counts here, and where it is judged (CCH, R441-5-2; docs/decisions/0047)."""
    controls = link(reverse("check-list"), "contrôles des conventions")
    return format_html("Ici, en baux signés ; le plafond se juge en logements gardés, dans les {}.", controls)


def _counted(line: ScoreLine) -> str:
    return counted_words(line.score) if line.score.ends else muted(counted_words(line.score))


def _bar(rate: int | None, asked: int | None) -> str:
    return "" if rate is None else render_to_string("bilan/rate_cell.html", {"rate": rate, "asked": asked})


def publics_tables(found: Publics) -> list[Table]:
    """The publics of the leases that are read, by landlord, then by kind of holder."""
    landlords = [str(each) for each in found.landlords]
    return [
        _publics("t-publics-bailleurs", "par bailleur", found, landlords, lambda row: row.by_landlord),
        _publics(
            "t-publics-types", "par type de réservataire", found, kind_names(found.types), lambda row: row.by_type
        ),
    ]


def _publics(
    key: str, sort: str, found: Publics, names: Iterable[str], tallies: Callable[[PublicRow], Sequence[Any]]
) -> Table:
    def tally(row: PublicRow, *, place: int) -> Text:
        return _tally(tallies(row)[place][1])

    return Rows(
        found.rows,
        Shown("Public", lambda row: upper_first(public_name(row.public.code))),
        Shown(Head("Ensemble", ""), lambda row: _tally(row.whole)),
        *(Shown(Head(name, "" if at else "grp"), partial(tally, place=at)) for at, name in enumerate(names)),
    ).titled(key, f"Baux signés par public et {sort}", "Comptés sur baux dont le fait est renseigné.")


def _tally(tally: Tally) -> Text:
    """How many of how many; then those of whom it is not given."""
    known = ratio_cell(tally.count, tally.known, tally.rate) if tally.known else muted("–")
    unknown = f"{integer(tally.unknown)} non {plural(tally.unknown, 'renseigné,renseignés')}"
    return Text(below(known, muted(unknown, "small") if tally.unknown else ""))
