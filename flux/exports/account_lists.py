"""The files of account lists that go out.

* The lists of what was agreed and what is owed, as files: conventions, accounts, conversions, forecasts, controls.
* A forecast as a CSV file: the comparison with the year before, then the targets.
* The figures of pages that are no list, as files: the transparency of an account, needs, a year supposed otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils import timezone

from flux.models import AuditAlert, Conversion, Forecast, Ledger, Programme
from flux.pages.checks import Reading
from flux.pages.compliance import consequence, situation_name, todo
from flux.pages.departures import counted_when
from flux.pages.forecast import figure_words
from flux.pages.needs import category_name, dimension_name
from flux.queries.accounts import AccountLine
from flux.queries.compliance import ComplianceRow
from flux.queries.forecast_content import Content
from flux.queries.forecasts import Due
from flux.queries.needs import Comparison, NeedsRow
from flux.queries.transparency import HolderShares, Share
from flux.whatif.hypothesis import SupposedLine
from reservations.exports.listing import ListColumn, Listing, columned
from reservations.exports.spreadsheet import Kind, spreadsheet
from reservations.models import Convention, Quota
from reservations.models.convention import UNIT
from reservations.pages.clauses import promised
from reservations.pages.conventions import ConventionLine, convention_line
from reservations.pages.pauses import in_force, suspended_words
from reservations.pages.terms import notice_in_short, renewed_in_short
from reservations.words import upper_first

#: A gap has a sign.
SIGNED = "+0.00;-0.00;0.00"

CONVENTIONS: Listing[tuple[ConventionLine, Quota | None]] = Listing(
    "conventions",
    "Conventions",
    (
        ListColumn("Bailleur", read=lambda each: each[0].convention.landlord.organisation.name),
        ListColumn("Signataire", read=lambda each: each[0].convention.organisation.name),
        ListColumn("Périmètre", read=lambda each: each[0].convention.perimeter.name),
        ListColumn("Nature du périmètre", read=lambda each: str(each[0].convention.perimeter.get_kind_display())),
        ListColumn("Du", Kind.DATE, read=lambda each: each[0].convention.starts_on),
        ListColumn("Au", Kind.DATE, read=lambda each: each[0].convention.last_day),
        ListColumn("Reconduction tacite", read=lambda each: renewed_in_short(each[0].convention)),
        ListColumn("Préavis de non-reconduction", read=lambda each: notice_in_short(each[0].convention)),
        ListColumn(
            "Suspensions",
            read=lambda each: " ; ".join(suspended_words(pause) for pause in in_force(each[0].convention)),
        ),
        ListColumn("Version", Kind.INTEGER, read=lambda each: each[0].convention.version),
        ListColumn("Contingent", read=lambda each: str(each[1].holder) if each[1] else ""),
        ListColumn("Part du flux", Kind.SHARE, read=lambda each: Decimal(each[1].share) / UNIT if each[1] else None),
        ListColumn("Promis", read=lambda each: promised(each[1]) if each[1] else "aucune part"),
        ListColumn("Rang", Kind.INTEGER, read=lambda each: each[1].rank if each[1] else None),
        ListColumn("État", read=lambda each: each[0].words),
    ),
)

ACCOUNTS: Listing[tuple[Ledger, int, AccountLine | None]] = Listing(
    "comptes",
    "Comptes",
    (
        ListColumn("Bailleur", read=lambda each: str(each[0].landlord)),
        ListColumn("Département", read=lambda each: str(each[0].departement)),
        ListColumn("Exercice", Kind.INTEGER, "0", read=lambda each: each[0].exercise),
        ListColumn("Logements du compte", Kind.INTEGER, read=lambda each: each[1]),
        ListColumn("Réservataire", read=lambda each: str(each[2].holder) if each[2] else ""),
        ListColumn("Dû", Kind.DECIMAL, read=lambda each: Decimal(each[2].figures.due) / UNIT if each[2] else None),
        ListColumn("Reçu", Kind.INTEGER, read=lambda each: each[2].figures.received if each[2] else None),
        ListColumn("À confirmer", Kind.INTEGER, read=lambda each: each[2].figures.awaiting if each[2] else None),
        ListColumn("En cours", Kind.INTEGER, read=lambda each: each[2].figures.in_course if each[2] else None),
        ListColumn(
            "Écart", Kind.DECIMAL, SIGNED, read=lambda each: Decimal(each[2].figures.gap) / UNIT if each[2] else None
        ),
        ListColumn("Point de comptage", read=lambda each: counted_when(each[2]) if each[2] else ""),
    ),
)

CONVERSIONS: Listing[Conversion] = Listing(
    "conversions",
    "Conversions en flux",
    (
        ListColumn("Réservataire", read=lambda each: str(each.holder)),
        ListColumn("Variante", read=lambda each: each.label),
        ListColumn("Faite le", Kind.DATE, read=lambda each: timezone.localdate(each.created_at)),
        ListColumn("Par", read=lambda each: each.created_by.full_name),
        ListColumn("Bailleur", read=lambda each: each.landlord.organisation.name),
        ListColumn("Périmètre", read=lambda each: each.perimeter.name),
        ListColumn("Du", Kind.DATE, read=lambda each: each.starts_on),
        ListColumn("Au", Kind.DATE, read=lambda each: each.ends_on),
        ListColumn("Part du flux", Kind.SHARE, read=lambda each: Decimal(each.share) / UNIT),
        ListColumn("Logements par an", read=lambda each: vars(each)["expected"]),
        ListColumn("Sur", read=lambda each: vars(each)["net_flow"]),
        ListColumn("État", read=lambda each: "reprise" if each.convention_id else "variante"),
    ),
)

FORECASTS: Listing[Due] = Listing(
    "previsionnels",
    "Prévisionnels",
    (
        ListColumn("Bailleur", read=lambda row: str(row.landlord)),
        ListColumn("Département", read=lambda row: str(row.departement)),
        ListColumn("Exercice", Kind.INTEGER, "0", read=lambda row: row.exercise),
        ListColumn("Libérés attendus", Kind.INTEGER, read=lambda row: row.forecast.expected if row.forecast else None),
        ListColumn("Soustraits", Kind.INTEGER, read=lambda row: row.subtracted if row.forecast else None),
        ListColumn("Flux net", Kind.INTEGER, read=lambda row: row.net if row.forecast else None),
        ListColumn("Attendu avant le", Kind.DATE, read=lambda row: row.due),
        ListColumn(
            "Envoyé le",
            Kind.DATE,
            read=lambda row: (
                timezone.localdate(row.forecast.sent_at) if row.forecast and row.forecast.sent_at else None
            ),
        ),
        ListColumn("En retard", read=lambda row: "oui" if row.late else "non"),
    ),
)

COMPLIANCE: Listing[ComplianceRow] = Listing(
    "conformite",
    "Conventions à signer",
    (
        ListColumn("Bailleur", read=lambda row: str(row.landlord)),
        ListColumn("Réservataire", read=lambda row: str(row.organisation or "aucun")),
        ListColumn("Périmètre", read=lambda row: str(row.perimeter or "logement par logement")),
        ListColumn("Convention en flux", read=lambda row: situation_name(row.situation)),
        ListColumn(
            "Jusqu’au",
            Kind.DATE,
            read=lambda row: row.convention.last_day if row.convention and row.convention.signed_on else None,
        ),
        ListColumn("Droits en stock", Kind.INTEGER, read=lambda row: row.stock),
        ListColumn("Gardés de droit", Kind.INTEGER, read=lambda row: row.kept),
        ListColumn("À faire", read=todo),
        ListColumn("Sinon", read=consequence),
    ),
)

ALERTS: Listing[AuditAlert] = Listing(
    "alertes",
    "Alertes des contrôles",
    (
        ListColumn("Trouvée le", Kind.DATE, read=lambda alert: timezone.localdate(alert.found_at)),
        ListColumn("Contrôle", read=lambda alert: upper_first(str(alert.get_check_code_display()))),
        ListColumn("Compte", read=lambda alert: upper_first(alert.account)),
        ListColumn("Réservataire", read=lambda alert: str(alert.holder or "tous")),
        ListColumn(
            "Lue le",
            Kind.DATE,
            read=lambda alert: timezone.localdate(alert.acknowledged_at) if alert.acknowledged_at else None,
        ),
        ListColumn("Par", read=lambda alert: str(alert.acknowledged_by or "")),
    ),
)

CHECKS: Listing[Reading] = Listing(
    "controles",
    "Contrôles des conventions",
    (
        ListColumn("Bailleur", read=lambda reading: str(reading.landlord)),
        ListColumn("Contraires au droit", Kind.INTEGER, read=lambda reading: len(reading.refusals)),
        ListColumn("À surveiller", Kind.INTEGER, read=lambda reading: len(reading.warnings)),
    ),
)


def shares(conventions: Iterable[Convention], *, on: date) -> Iterator[tuple[ConventionLine, Quota | None]]:
    """A row for each share of each convention; one without any has a row too."""
    for each in conventions:
        line = convention_line(each, on)
        for quota in each.quotas.all() or [None]:
            yield line, quota


def forecast_csv(forecast: Forecast, content: Content) -> Iterator[bytes]:
    """One table: what is expected and subtracted beside the year before, then each holder's indicative target."""
    organisation = forecast.landlord.organisation
    sent = timezone.localdate(forecast.sent_at) if forecast.sent_at else None
    return spreadsheet(
        columned(
            "Prévisionnel",
            _lines(content),
            ListColumn[_Line]("Bailleur", read=lambda _: organisation.name),
            ListColumn("SIREN", read=lambda _: organisation.siren),
            ListColumn("Département", read=lambda _: forecast.departement.name),
            ListColumn("Exercice", Kind.INTEGER, read=lambda _: forecast.exercise),
            ListColumn("Envoyé le", Kind.DATE, read=lambda _: sent),
            ListColumn("Rubrique", read=lambda line: line.heading),
            ListColumn("Ligne", read=lambda line: line.words),
            ListColumn("Prévu l’année précédente", Kind.INTEGER, read=lambda line: line.planned_before),
            ListColumn("Constaté l’année précédente", Kind.INTEGER, read=lambda line: line.happened),
            ListColumn("Écart", Kind.INTEGER, read=lambda line: line.gap),
            ListColumn("Prévu", Kind.INTEGER, read=lambda line: line.planned),
            ListColumn("Calcul", read=lambda line: line.formula),
            ListColumn("Volume exact", read=lambda line: line.exact),
            ListColumn("Objectif entier", Kind.INTEGER, read=lambda line: line.whole),
        )
    )


def file_name(forecast: Forecast) -> str:
    """« previsionnel-999000003-11-2027.csv »."""
    return f"previsionnel-{forecast.landlord.organisation.siren}-{forecast.departement.code}-{forecast.exercise}.csv"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A figure of the forecast beside the year before, or the target of a holder."""

    heading: str
    words: str
    planned_before: int | None = None
    happened: int | None = None
    gap: int | None = None
    planned: int | None = None
    formula: str | None = None
    exact: str | None = None
    whole: int | None = None


def _lines(content: Content) -> Iterator[_Line]:
    compared, drawn = content.compared, content.drawn
    for heading, rows in (
        ("Logements", [compared.fallen]),
        ("Soustraits du flux", [*compared.categories, compared.subtracted]),
        ("Flux", [compared.net]),
    ):
        for row in rows:
            yield _Line(
                heading=heading,
                words=figure_words(row),
                planned_before=row.planned_before,
                happened=row.happened,
                gap=row.gap,
                planned=row.planned,
            )
    for target in drawn.targets:
        yield _Line(
            heading="Objectifs indicatifs",
            words=str(target.holder),
            formula=" + ".join(part.formula for part in target.parts),
            exact=_exact(target.exact),
            whole=target.whole,
        )


def _exact(volume: Fraction) -> str:
    """A whole number as itself, any other as its fraction: nothing is lost."""
    return str(volume.numerator) if volume.denominator == 1 else f"{volume.numerator}/{volume.denominator}"


CLASSES = dict(Programme.Attractiveness.choices) | {"": "Non classé"}


def good_units(rows: tuple[HolderShares, ...]) -> list[tuple[HolderShares, Share]]:
    """Each holder by each class."""
    return [(each, share) for each in rows for share in each.shares]


def needs_rows(parts: list[Comparison]) -> list[tuple[Comparison, NeedsRow]]:
    """Each dimension by each of its categories."""
    return [(part, row) for part in parts for row in part.rows]


GOOD_UNITS: Listing[tuple[HolderShares, Share]] = Listing(
    "transparence",
    "Bons logements reçus et dus",
    (
        ListColumn("Réservataire", read=lambda pair: str(pair[0].holder)),
        ListColumn("Classe d’attractivité", read=lambda pair: CLASSES[pair[1].attractiveness]),
        ListColumn("Reçus ou en cours", Kind.INTEGER, read=lambda pair: pair[1].received),
        ListColumn("Dus", Kind.DECIMAL, read=lambda pair: Decimal(pair[1].due) / UNIT),
        ListColumn("Manque", Kind.DECIMAL, read=lambda pair: Decimal(pair[1].lack) / UNIT),
    ),
)

NEEDS: Listing[tuple[Comparison, NeedsRow]] = Listing(
    "besoins",
    "Le flux, les besoins, la cible",
    (
        ListColumn("Dimension", read=lambda pair: dimension_name(pair[0].dimension)),
        ListColumn("Catégorie", read=lambda pair: upper_first(category_name(pair[1].category))),
        ListColumn("Dans le flux (%)", Kind.INTEGER, read=lambda pair: pair[1].flow),
        ListColumn("Besoin (%)", Kind.INTEGER, read=lambda pair: pair[1].declared),
        ListColumn("Cible (%)", Kind.INTEGER, read=lambda pair: pair[1].target),
    ),
)

WHAT_IF: Listing[SupposedLine] = Listing(
    "et-si",
    "Arrivé et hypothèse",
    (
        ListColumn("Réservataire", read=lambda line: str(line.holder)),
        ListColumn("Dû, arrivé", Kind.DECIMAL, read=lambda line: Decimal(line.due_then) / UNIT),
        ListColumn("Dû, hypothèse", Kind.DECIMAL, read=lambda line: Decimal(line.due) / UNIT),
        ListColumn("Reçus ou en cours, arrivé", Kind.INTEGER, read=lambda line: line.received_then),
        ListColumn("Reçus, hypothèse", Kind.INTEGER, read=lambda line: line.received),
        ListColumn("Différence", Kind.INTEGER, read=lambda line: line.difference),
    ),
)
