"""The lists of what was agreed and what is owed, as files: conventions, accounts, conversions, forecasts, controls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from django.utils import timezone

from flux.models import AuditAlert, Conversion, Ledger
from flux.pages.checks import Reading
from flux.pages.compliance import consequence, situation_name, todo
from flux.pages.points import counted_when
from flux.queries.account import AccountLine
from flux.queries.compliance import ComplianceRow
from flux.queries.forecast import Due
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row
from reservations.models import Convention, Quota
from reservations.models.convention import UNIT
from reservations.pages.clauses import promised
from reservations.pages.conventions import ConventionLine, convention_line
from reservations.pages.pauses import in_force, suspended_told
from reservations.pages.renewal import notice_in_short, renewed_in_short
from reservations.words import upper_first

#: A gap has a sign.
SIGNED = "+0.00;-0.00;0.00"

CONVENTIONS: Listing[tuple[ConventionLine, Quota | None]] = Listing(
    "conventions",
    "Conventions",
    (
        Column("Bailleur"),
        Column("Signataire"),
        Column("Périmètre"),
        Column("Nature du périmètre"),
        Column("Du", Kind.DATE),
        Column("Au", Kind.DATE),
        Column("Reconduction tacite"),
        Column("Préavis de non-reconduction"),
        Column("Suspensions"),
        Column("Version", Kind.INTEGER),
        Column("Contingent"),
        Column("Part du flux", Kind.SHARE),
        Column("Promis"),
        Column("Rang", Kind.INTEGER),
        Column("État"),
    ),
    lambda each: _convention(*each),
)

ACCOUNTS: Listing[tuple[Ledger, int, AccountLine | None]] = Listing(
    "comptes",
    "Comptes",
    (
        Column("Bailleur"),
        Column("Département"),
        Column("Exercice", Kind.INTEGER, "0"),
        Column("Logements du compte", Kind.INTEGER),
        Column("Réservataire"),
        Column("Dû", Kind.DECIMAL),
        Column("Reçu", Kind.INTEGER),
        Column("À confirmer", Kind.INTEGER),
        Column("En cours", Kind.INTEGER),
        Column("Écart", Kind.DECIMAL, SIGNED),
        Column("Point de comptage"),
    ),
    lambda each: _account(*each),
)

CONVERSIONS: Listing[Conversion] = Listing(
    "conversions",
    "Conversions en flux",
    (
        Column("Réservataire"),
        Column("Variante"),
        Column("Faite le", Kind.DATE),
        Column("Par"),
        Column("Bailleur"),
        Column("Périmètre"),
        Column("Du", Kind.DATE),
        Column("Au", Kind.DATE),
        Column("Part du flux", Kind.SHARE),
        Column("Logements par an"),
        Column("Sur"),
        Column("État"),
    ),
    lambda each: (
        str(each.holder),
        each.label,
        timezone.localdate(each.created_at),
        each.created_by.full_name,
        each.landlord.organisation.name,
        each.perimeter.name,
        each.starts_on,
        each.ends_on,
        Decimal(each.share) / UNIT,
        each.expected,  # type: ignore[attr-defined]  # as the sheet shows it
        each.net_flow,  # type: ignore[attr-defined]
        "reprise" if each.convention_id else "variante",
    ),
)

FORECASTS: Listing[Due] = Listing(
    "previsionnels",
    "Prévisionnels",
    (
        Column("Bailleur"),
        Column("Département"),
        Column("Exercice", Kind.INTEGER, "0"),
        Column("Libérés attendus", Kind.INTEGER),
        Column("Soustraits", Kind.INTEGER),
        Column("Flux net", Kind.INTEGER),
        Column("Attendu avant le", Kind.DATE),
        Column("Envoyé le", Kind.DATE),
        Column("En retard"),
    ),
    lambda row: (
        str(row.landlord),
        str(row.departement),
        row.exercise,
        *((row.forecast.expected, row.subtracted, row.net) if row.forecast else (None, None, None)),
        row.due,
        timezone.localdate(row.forecast.sent_at) if row.forecast and row.forecast.sent_at else None,
        "oui" if row.late else "non",
    ),
)

COMPLIANCE: Listing[ComplianceRow] = Listing(
    "conformite",
    "Conventions à signer",
    (
        Column("Bailleur"),
        Column("Réservataire"),
        Column("Périmètre"),
        Column("Convention en flux"),
        Column("Jusqu’au", Kind.DATE),
        Column("Droits en stock", Kind.INTEGER),
        Column("Gardés de droit", Kind.INTEGER),
        Column("À faire"),
        Column("Sinon"),
    ),
    lambda row: (
        str(row.landlord),
        str(row.organisation or "aucun"),
        str(row.perimeter or "logement par logement"),
        situation_name(row.situation),
        row.convention.last_day if row.convention and row.convention.signed_on else None,
        row.stock,
        row.kept,
        todo(row),
        consequence(row),
    ),
)

ALERTS: Listing[AuditAlert] = Listing(
    "alertes",
    "Alertes des contrôles",
    (
        Column("Trouvée le", Kind.DATE),
        Column("Contrôle"),
        Column("Compte"),
        Column("Réservataire"),
        Column("Lue le", Kind.DATE),
        Column("Par"),
    ),
    lambda alert: (
        timezone.localdate(alert.found_at),
        upper_first(str(alert.get_check_code_display())),
        upper_first(alert.account),
        str(alert.holder or "tous"),
        timezone.localdate(alert.acknowledged_at) if alert.acknowledged_at else None,
        str(alert.acknowledged_by or ""),
    ),
)

CHECKS: Listing[Reading] = Listing(
    "controles",
    "Contrôles des conventions",
    (Column("Bailleur"), Column("Contraires au droit", Kind.INTEGER), Column("À surveiller", Kind.INTEGER)),
    lambda reading: (str(reading.landlord), len(reading.refusals), len(reading.warnings)),
)


def shares(conventions: Iterable[Convention], *, on: date) -> Iterator[tuple[ConventionLine, Quota | None]]:
    """A row for each share of each convention; one without any has a row too."""
    for each in conventions:
        line = convention_line(each, on)
        for quota in each.quotas.all() or [None]:
            yield line, quota


def _convention(line: ConventionLine, quota: Quota | None) -> Row:
    found = line.convention
    return (
        found.landlord.organisation.name,
        found.organisation.name,
        found.perimeter.name,
        str(found.perimeter.get_kind_display()),
        found.starts_on,
        found.last_day,
        renewed_in_short(found),
        notice_in_short(found),
        " ; ".join(suspended_told(pause) for pause in in_force(found)),
        found.version,
        str(quota.holder) if quota else "",
        Decimal(quota.share) / UNIT if quota else None,
        promised(quota) if quota else "aucune part",
        quota.rank if quota else None,
        line.words,
    )


def _account(ledger: Ledger, entered: int, line: AccountLine | None) -> Row:
    figures = line.figures if line else None
    return (
        str(ledger.landlord),
        str(ledger.departement),
        ledger.exercise,
        entered,
        str(line.holder) if line else "",
        Decimal(figures.due) / UNIT if figures else None,
        figures.received if figures else None,
        figures.awaiting if figures else None,
        figures.in_course if figures else None,
        Decimal(figures.gap) / UNIT if figures else None,
        counted_when(line) if line else "",
    )
