"""The lists around the balances, as files: balances side by side, units behind a figure, leases, who took what."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils import timezone

from attributions.bilan.models import BalanceDownload, BalanceTolerance, Reconciliation, StatedPurpose
from attributions.bilan.pages.objectives import commune_of, district_of
from attributions.bilan.queries.overview import Overview
from attributions.bilan.queries.step_times import StepTimesRow
from flux.exports.lists import place, what
from flux.models import Vacancy
from flux.pages.dwelling import headline
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.models.convention import UNIT
from reservations.words import hour, upper_first


def _overview(row: Overview) -> Row:
    flow, widest = row.flow, row.widest
    return (
        str(row.landlord),
        row.year,
        flow.vacated,
        flow.excluded,
        flow.stock,
        flow.others,
        flow.net,
        row.figures.routed,
        row.figures.awaiting,
        Decimal(widest.gap) / UNIT if widest else None,
        str(widest.holder) if widest else "",
    )


def _unit(each: tuple[Vacancy, int]) -> Row:
    vacancy, times = each
    return *place(vacancy), *what(vacancy.unit), vacancy.registered_on, times


def _lease(lease: Any) -> Row:
    """A lease as `leases_behind` annotates it; at its term, nothing of its household alone."""
    stands = {"counted": "compté", "unknown": "non renseigné"}.get(lease.stands, "non compté")
    facts = (
        lease.income_quartile,
        _known(lease.urban_renewal, "oui", "non"),
        _known(lease.has_priority, "oui", "non"),
        stands,
    )
    return (
        lease.vacancy.unit.reference,
        commune_of(lease).name,
        str(lease.holder or "hors du flux"),
        lease.signed_on,
        _known(district_of(lease), "en QPV", "hors QPV"),
        *(facts if lease.facts_among is None else (None, *["compté avec d’autres, au terme"] * 3)),
    )


def _known(fact: bool | None, yes: str, no: str) -> str:
    return "non renseigné" if fact is None else yes if fact else no


def _defect(row: dict[str, Any]) -> Row:
    unit = row["unit"]
    own = (unit.reference, unit.address) if row["own"] else ("", "")
    return *own, unit.commune.name, headline(unit), ", ".join(row["lacked"]), row["offers"]


def _download(each: BalanceDownload) -> Row:
    return (
        timezone.localdate(each.at),
        hour(each.at),
        str(each.user),
        each.organisation.name,
        upper_first(str(each.get_form_display())),
        str(each.territory or "tout ce que la personne lit"),
        f"version {each.version.number}" if each.version else "projet du jour",
    )


def _times(row: StepTimesRow) -> Row:
    rate = None if row.rate is None else Decimal(row.rate) / UNIT
    return row.name, row.units, row.median, row.mean, row.sent, row.followed, row.sent_per_lease, rate


def _tolerance(pair: tuple[BalanceTolerance, date | None]) -> Row:
    each, law = pair
    return str(each.region), each.exercise, law, each.until, each.source


def _purpose(each: StatedPurpose) -> Row:
    when = (timezone.localdate(each.at), hour(each.at))
    return *when, str(each.user), each.organisation.name, each.exercise, str(each.territory), upper_first(each.words)


def _reconciliation(each: Reconciliation) -> Row:
    return (
        upper_first(str(each.get_source_display())),
        each.file_name,
        each.exercise,
        str(each.landlord),
        timezone.localdate(each.at),
        str(each.by),
        each.rows,
        each.counts.get("MATCHED", 0),
        each.to_settle,  # type: ignore[attr-defined]  # annotated by `reconciliations`
    )


BALANCES: Listing[Overview] = Listing(
    "bilans",
    "Bilans",
    (
        Column("Bailleur"),
        Column("Année", Kind.INTEGER, "0"),
        Column("Libérés", Kind.INTEGER),
        Column("Soustraits", Kind.INTEGER),
        Column("En stock", Kind.INTEGER),
        Column("Autres hors flux", Kind.INTEGER),
        Column("Flux net", Kind.INTEGER),
        Column("Orientés", Kind.INTEGER),
        Column("À confirmer", Kind.INTEGER),
        Column("Plus grand écart", Kind.DECIMAL, "+0.00;-0.00;0.00"),
        Column("De qui"),
    ),
    _overview,
)

UNITS: Listing[tuple[Vacancy, int]] = Listing(
    "logements-du-bilan",
    "Logements du bilan",
    (
        Column("Logement"),
        Column("Adresse"),
        Column("Commune"),
        Column("Typologie"),
        Column("Financement"),
        Column("Quartier"),
        Column("Enregistré le", Kind.DATE),
        Column("Compte pour", Kind.INTEGER),
    ),
    _unit,
)

LEASES: Listing[Any] = Listing(
    "baux-de-l-objectif",
    "Baux de l’objectif",
    (
        Column("Logement"),
        Column("Commune"),
        Column("Réservataire"),
        Column("Signé le", Kind.DATE),
        Column("Quartier"),
        Column("Quartile", Kind.INTEGER),
        Column("Renouvellement urbain"),
        Column("Prioritaire"),
        Column("Dans l’objectif"),
    ),
    _lease,
)

#: The columns of figures; the first says what a row is of.
TIMES = (
    Column("Parcours mesurés", Kind.INTEGER),
    Column("Médiane, jours ouvrés", Kind.DECIMAL),
    Column("Moyenne, jours ouvrés", Kind.DECIMAL),
    Column("Candidats transmis", Kind.INTEGER),
    Column("Leurs baux", Kind.INTEGER),
    Column("Candidats par bail", Kind.DECIMAL),
    Column("Concrétisation", Kind.SHARE),
)


def step_times_list(by: str, start: str, end: str) -> Listing[StepTimesRow]:
    """Delays between two steps, a row a holder, a landlord or a place, then all of them."""
    return Listing("delais", f"De {start} à {end}", (Column(upper_first(by)), *TIMES), _times)


TOLERANCES: Listing[tuple[BalanceTolerance, date | None]] = Listing(
    "dates-tolerees",
    "Dates tolérées des bilans",
    (
        Column("Région"),
        Column("Exercice", Kind.INTEGER, "0"),
        Column("Échéance légale, exclue", Kind.DATE),
        Column("Toléré jusqu’au", Kind.DATE),
        Column("Source"),
    ),
    _tolerance,
)

DEFECTS: Listing[dict[str, Any]] = Listing(
    "donnees-a-completer",
    "Données à compléter",
    (
        Column("Logement"),
        Column("Adresse"),
        Column("Commune"),
        Column("Description"),
        Column("Il manque"),
        Column("Proposé, fois", Kind.INTEGER),
    ),
    _defect,
)

DOWNLOADS: Listing[BalanceDownload] = Listing(
    "telechargements",
    "Lectures et téléchargements du bilan",
    (
        Column("Le", Kind.DATE),
        Column("Heure"),
        Column("Qui"),
        Column("Agit pour"),
        Column("Fichier"),
        Column("Territoire"),
        Column("Version"),
    ),
    _download,
)

PURPOSES: Listing[StatedPurpose] = Listing(
    "finalites",
    "Finalités inscrites au journal",
    (
        Column("Le", Kind.DATE),
        Column("Heure"),
        Column("Qui"),
        Column("Agit pour"),
        Column("Exercice", Kind.INTEGER, "0"),
        Column("Territoire"),
        Column("Pourquoi"),
    ),
    _purpose,
)

RECONCILIATIONS: Listing[Reconciliation] = Listing(
    "rapprochements",
    "Rapprochements",
    (
        Column("Source"),
        Column("Fichier"),
        Column("Exercice", Kind.INTEGER, "0"),
        Column("Bailleur"),
        Column("Le", Kind.DATE),
        Column("Par"),
        Column("Lignes", Kind.INTEGER),
        Column("Concordants", Kind.INTEGER),
        Column("À régler", Kind.INTEGER),
    ),
    _reconciliation,
)
