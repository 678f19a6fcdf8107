"""What pages say of forecast.

* A forecast in words: its figures, and why each organisation reads it.
* Forecasts in tables: which there are, one beside the year before, the targets drawn from it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from flux.models import Forecast, Vacancy
from flux.queries.forecast_content import Comparison, ForecastRow
from flux.queries.forecasts import Due, Recipient, WhyReads, Year
from flux.queries.targets import Target, Targets
from flux.words import gap
from reservations.pages.pieces import beside, bold, button, link, muted, pill
from reservations.pages.table import Head, Number, Rows, Shown, Table, Text
from reservations.words import day, integer, short_day, signed, upper_first

#: By the code of a row; a category that is subtracted has the words of the law.
FIGURES = {"fallen": "Logements libérés", "subtracted": "Soustraits, ensemble", "net": "Flux net"}

REASONS = {
    WhyReads.CONVENTION: "convention",
    WhyReads.STOCK_RIGHT: "droit en stock",
    WhyReads.EPCI: "intercommunalité",
    WhyReads.PREFECTURE: "préfecture",
}


def figure_words(row: ForecastRow) -> str:
    """« Logements libérés »."""
    return FIGURES.get(row.code) or str(Vacancy.Exclusion(row.code).label)


def why_reads(recipient: Recipient) -> str:
    """« convention, intercommunalité »."""
    return ", ".join(REASONS[reason] for reason in recipient.reasons)


#: Where a figure is not known.
NONE = "–"


def forecasts_table(rows: Iterable[Due], *, own: bool, may_write: bool, years: Container[int]) -> Table:
    """A landlord, a département and a year a row. `own`: is the landlord the reader’s?
    `years`: those whose forecast may still be written."""
    note = "En logements. Flux net = libérés attendus − soustraits."
    return Rows(
        rows,
        Shown("Prévisionnel", lambda row: _name(row, own=own)),
        Number("Libérés attendus", lambda row: integer(row.forecast.expected) if row.forecast else NONE),
        Number("Soustraits", lambda row: integer(row.subtracted) if row.forecast else NONE),
        Number("Flux net", lambda row: integer(row.net) if row.forecast else NONE),
        Shown("État", _state),
        Shown(Head("Agir", "all noprint", label=""), lambda row: _act(row, years), when=may_write),
    ).titled("", "Prévisionnels", note)


def _name(row: Due, *, own: bool) -> SafeString:
    if row.forecast is None:
        return bold(f"{row.departement}, {row.exercise}")
    words = f"{f'{row.landlord}, ' if not own else ''}{row.departement}, {row.exercise}"
    return link(reverse("forecast", args=[row.landlord.pk, row.departement.code, row.exercise]), bold(words))


def _state(row: Due) -> SafeString:
    if row.forecast is not None and row.forecast.sent_at is not None:
        sent = f"le {short_day(row.forecast.sent_at)} {row.forecast.sent_at:%Y}"
        return pill(f"envoyé{' en retard' if row.late else ''} {sent}", "late" if row.late else "ok")
    written = "brouillon" if row.forecast else "à préparer"
    if row.late:
        return beside(pill(f"{written}, en retard", "late"), muted(f"attendu avant le {day(row.due)}", "small"))
    due = muted(f"avant le {day(row.due)}", "small") if row.due else ""
    return beside(pill(written, "part" if row.forecast else "todo"), due)


def _act(row: Due, years: Container[int]) -> SafeString:
    if row.is_sent:
        return muted("plus rien à faire", "small")
    if row.exercise not in years:
        return muted("année close", "small")
    about = [row.landlord.pk, row.departement.code, row.exercise]
    address, act = ("forecast-send", "Envoyer") if row.forecast else ("forecast-edit", "Préparer")
    return button(reverse(address, args=about), act, also=f" le prévisionnel {row.departement} {row.exercise}")


@dataclass(frozen=True, slots=True)
class _Compared:
    """A line of the comparison; `address`: of the units that make what happened; `mark`: how it stands out."""

    figures: ForecastRow
    address: str
    mark: str = ""


def compared_table(forecast: Forecast, compared: Comparison) -> Table:
    """What is expected, beside what was and what happened the year before; each count leads to its units."""
    before = compared.before
    rows = [_Compared(compared.fallen, "", "month")]
    rows += [
        _Compared(row, _listed(forecast, before, kind=Vacancy.Kind.EXCLUDED, exclusion=row.code))
        for row in compared.categories
    ]
    rows.append(_Compared(compared.subtracted, _listed(forecast, before, kind=Vacancy.Kind.EXCLUDED), "month"))
    net = _Compared(compared.net, _listed(forecast, before, kind=Vacancy.Kind.IN_FLOW))
    note = (
        f"En logements. Constaté : du 1er janvier au {day(compared.counted_until)}"
        f"{', l’année n’est pas finie' if compared.running else ''}. Écart = constaté − prévu"
        f"{'' if compared.has_before else f' ; aucun prévisionnel {before} n’a été envoyé ici'}."
    )
    return Rows(
        rows,
        Shown("Logements", lambda row: upper_first(figure_words(row.figures))),
        Number(f"Prévu {before}", lambda row: _or_none(row.figures.planned_before, integer)),
        Number(f"Constaté {before}", _happened),
        Number("Écart", lambda row: _or_none(row.figures.gap, signed)),
        Number(f"Prévu {forecast.exercise}", lambda row: bold(integer(row.figures.planned))),
    ).titled(
        "",
        f"Du parc au flux, {forecast.exercise} et {before}",
        note,
        totals=[net],
        mark=lambda row: row.mark,
    )


def _listed(forecast: Forecast, year: int, **asked: str) -> str:
    """The list of the units that make a count."""
    where: dict[str, str | int] = {
        "landlord": forecast.landlord.pk,
        "exercise": year,
        "territory": forecast.departement.pk,
        **asked,
    }
    return f"{reverse('vacancy-list')}?{urlencode(where)}"


def _happened(row: _Compared) -> str:
    happened = integer(row.figures.happened)
    return link(row.address, happened) if row.figures.happened and row.address else happened


def _or_none(figure: int | None, written: Callable[[int], str]) -> str:
    return NONE if figure is None else written(figure)


def targets_table(forecast: Forecast, compared: Comparison, drawn: Targets) -> Table:
    """What each holder may expect of the net flow, with the arithmetic."""
    left = f"Écart au compte {compared.before}"
    local = f"du flux {compared.before}" if drawn.by_vacancies else "du parc"
    inside = (
        f" × logements {local} sur le territoire de la convention / ceux du département ({integer(drawn.known)})"
        if drawn.has_local
        else ""
    )
    note = (
        f"En logements. Part de la convention × flux net{inside}. Arrondi au plus fort reste : la somme fait le flux "
        "net."
    )
    return Rows(
        drawn.targets,
        Shown("Réservataire", lambda target: str(target.holder), total=Text("Ensemble", span=2)),
        Shown("Calcul", _formula),
        Number("Volume", lambda target: target.written, total=drawn.net),
        Number("Objectif", lambda target: bold(integer(target.whole)), total=drawn.net),
        Number(left, lambda target: NONE if target.left is None else gap(target.left), total=""),
    ).titled("", f"Objectifs entiers de {forecast.exercise}", note)


def _formula(target: Target) -> SafeString:
    if not target.parts:
        return muted("le reste" if target.holder.is_not_reserved else "")
    parts = ((part.formula, muted(part.perimeter, "small")) for part in target.parts)
    return format_html_join(SafeString("<br>"), "{} {}", parts)


def known_table(known: Iterable[Year], departement: object, today: date) -> Table:
    """The years behind what is proposed."""
    years = list(known)
    mean = " Moyenne arrondie à l’unité la plus proche ; les motifs se partagent leur total au plus fort reste."
    note = f"En logements, dans {departement}.{mean if len(years) > 1 else ''}"
    return Rows(
        years,
        Shown(
            Head("Année", ""),
            lambda each: beside(
                str(each.exercise), muted(f"au {short_day(today)}", "small") if each.exercise == today.year else ""
            ),
        ),
        Number("Libérés", lambda each: each.fallen),
        Number("Soustraits", lambda each: each.total_subtracted),
        Number("Flux net", lambda each: each.net),
    ).titled("t-connu", "Années connues", note, css="")


def recipients_table(recipients: Iterable[Recipient]) -> Table:
    """To whom a forecast goes, and why."""
    note = (
        "Tous les réservataires qui ont un droit dans le département, l’intercommunalité et la préfecture. Ils le "
        "liront ici, dans « Prévisionnels »."
    )
    return Rows(
        recipients, Shown("Organisation", lambda each: each.organisation.name), Shown("Pourquoi", why_reads)
    ).titled("", "Destinataires", note)
