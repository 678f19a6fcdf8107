"""The files of lists that go out.

* The lists around the balances, as files: balances side by side, units behind a figure, leases, who took what.
* The balances that were sent, as the archive of an organisation has them: the very bytes that each seal is of.
* The points that one party has to settle, as a CSV file or a workbook, with no more of a household than it takes.
* A holder finds a letting by its unit: a numéro unique is in its file only where there is no unit, or where the
  number is what to settle. The landlord, the State and the desk of the SNE look requests up by their number.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Q
from django.utils import timezone

from attributions.bilan.models import (
    BalanceDownload,
    BalanceTolerance,
    BalanceVersion,
    Reconciliation,
    ReconciliationLine,
    StatedPurpose,
)
from attributions.bilan.operations.sending import record_kept_taken, record_version_download
from attributions.bilan.pages.charts import long_step
from attributions.bilan.pages.objectives import commune_of, district_of
from attributions.bilan.pages.overview import sealed_when
from attributions.bilan.queries.empty_units import EmptyUnits
from attributions.bilan.queries.overview import Overview
from attributions.bilan.queries.steps import StepTimesRow
from flux.exports.lists import OPENS
from flux.models import Vacancy
from flux.pages.units import headline, qpv
from flux.words import known
from reservations.exports.listing import Audience, ListColumn, Listing, columned
from reservations.exports.papers import Paper, Papers, as_brought, brought
from reservations.exports.spreadsheet import Kind, Sheet, spreadsheet
from reservations.exports.workbook import workbook
from reservations.models import KeptElsewhere, Membership
from reservations.models.convention import UNIT
from reservations.pages.nicknames import KEPT_IN
from reservations.rounding import rounded
from reservations.words import hour, upper_first


def _known(fact: bool | None, yes: str, no: str) -> str:
    return "non renseigné" if fact is None else yes if fact else no


BALANCES: Listing[Overview] = Listing(
    "bilans",
    "Bilans",
    (
        ListColumn("Bailleur", read=lambda row: str(row.landlord)),
        ListColumn("Année", Kind.INTEGER, "0", read=lambda row: row.year),
        ListColumn("Scellement", read=lambda row: sealed_when(row.seals)),
        ListColumn("Libérés", Kind.INTEGER, read=lambda row: row.flow.vacated),
        ListColumn("Soustraits", Kind.INTEGER, read=lambda row: row.flow.excluded),
        ListColumn("En stock", Kind.INTEGER, read=lambda row: row.flow.stock),
        ListColumn("Autres hors flux", Kind.INTEGER, read=lambda row: row.flow.others),
        ListColumn("Flux net", Kind.INTEGER, read=lambda row: row.flow.net),
        ListColumn("Orientés", Kind.INTEGER, read=lambda row: row.figures.routed),
        ListColumn("À confirmer", Kind.INTEGER, read=lambda row: row.figures.awaiting),
        ListColumn(
            "Plus grand écart",
            Kind.DECIMAL,
            "+0.00;-0.00;0.00",
            read=lambda row: Decimal(row.widest.gap) / UNIT if row.widest else None,
        ),
        ListColumn("De qui", read=lambda row: str(row.widest.holder) if row.widest else ""),
    ),
)

UNITS: Listing[tuple[Vacancy, int]] = Listing(
    "logements-du-bilan",
    "Logements du bilan",
    (
        ListColumn("Logement", read=lambda each: each[0].unit.reference, audience=OPENS),
        ListColumn("Adresse", read=lambda each: each[0].unit.address, audience=OPENS),
        ListColumn("Commune", read=lambda each: each[0].unit.commune.name),
        ListColumn("Typologie", read=lambda each: each[0].unit.typology),
        ListColumn("Financement", read=lambda each: known(each[0].unit.financing_group)),
        ListColumn("Quartier", read=lambda each: qpv(each[0].unit)),
        ListColumn("Enregistré le", Kind.DATE, read=lambda each: each[0].registered_on),
        ListColumn("Compte pour", Kind.INTEGER, read=lambda each: each[1]),
    ),
)

#: What a lease says of its household, until its term.
AMONG = "compté avec d’autres, au terme"
STANDS = {"counted": "compté", "unknown": "non renseigné"}

#: Leases as `leases_behind` annotates them; at its term, a lease says nothing of its household alone.
LEASES: Listing[Any] = Listing(
    "baux-de-l-objectif",
    "Baux de l’objectif",
    (
        ListColumn("Logement", read=lambda lease: lease.vacancy.unit.reference),
        ListColumn("Commune", read=lambda lease: commune_of(lease).name),
        ListColumn("Réservataire", read=lambda lease: str(lease.holder or "hors du flux")),
        ListColumn("Signé le", Kind.DATE, read=lambda lease: lease.signed_on),
        ListColumn("Quartier", read=lambda lease: _known(district_of(lease), "en QPV", "hors QPV")),
        ListColumn(
            "Quartile", Kind.INTEGER, read=lambda lease: lease.income_quartile if lease.facts_among is None else None
        ),
        ListColumn(
            "Renouvellement urbain", read=lambda lease: _alone(lease, _known(lease.urban_renewal, "oui", "non"))
        ),
        ListColumn("Prioritaire", read=lambda lease: _alone(lease, _known(lease.has_priority, "oui", "non"))),
        ListColumn("Dans l’objectif", read=lambda lease: _alone(lease, STANDS.get(lease.stands, "non compté"))),
    ),
)


def _alone(lease: Any, fact: str) -> str:
    return fact if lease.facts_among is None else AMONG


def step_times_list(by: str, start: str, end: str) -> Listing[StepTimesRow]:
    """Delays between two steps, a row a holder, a landlord or a place, then all of them; in which step units waited
    longest, and what those without a tenant cost. The page has the same columns."""
    return Listing(
        "delais",
        f"De « {start} » à « {end} »",
        (
            ListColumn(upper_first(by), read=lambda row: row.name),
            ListColumn("Parcours mesurés", Kind.INTEGER, read=lambda row: row.units),
            ListColumn("Médiane, jours ouvrés", Kind.DECIMAL, "0.0", read=lambda row: row.median),
            ListColumn("Moyenne, jours ouvrés", Kind.DECIMAL, "0.0", read=lambda row: row.mean),
            ListColumn("Candidats transmis", Kind.INTEGER, read=lambda row: row.sent),
            ListColumn("Leurs baux", Kind.INTEGER, read=lambda row: row.followed),
            ListColumn("Candidats par bail", Kind.DECIMAL, "0.0", read=lambda row: row.sent_per_lease),
            ListColumn(
                "Concrétisation",
                Kind.SHARE,
                "0.0%",
                read=lambda row: None if row.rate is None else Decimal(row.rate) / UNIT,
            ),
            ListColumn("Étape la plus longue", read=lambda row: long_step(row.longest)),
            ListColumn("Sans locataire, aujourd’hui", Kind.INTEGER, read=lambda row: row.empty.units or None),
            ListColumn("Dont loyer connu", Kind.INTEGER, read=lambda row: row.empty.rented or None),
            ListColumn("Loyer d’un jour, €", Kind.DECIMAL, "0", read=lambda row: _cost(row.empty, row.empty.a_day)),
            ListColumn("Loyers perdus, €", Kind.DECIMAL, "0", read=lambda row: _cost(row.empty, row.empty.lost)),
        ),
    )


def _cost(empty: EmptyUnits, amount: Fraction) -> Decimal | None:
    """In euros and cents; nothing where no rent is known."""
    return rounded(amount, 2) if empty.rented else None


TOLERANCES: Listing[tuple[BalanceTolerance, date | None]] = Listing(
    "dates-tolerees",
    "Dates tolérées des bilans",
    (
        ListColumn("Région", read=lambda pair: str(pair[0].region)),
        ListColumn("Exercice", Kind.INTEGER, "0", read=lambda pair: pair[0].exercise),
        ListColumn("Échéance légale, exclue", Kind.DATE, read=lambda pair: pair[1]),
        ListColumn("Toléré jusqu’au", Kind.DATE, read=lambda pair: pair[0].until),
        ListColumn("Source", read=lambda pair: pair[0].source),
    ),
)

#: Who reads where a unit is, of what it lacks.
OWN: Audience[dict[str, Any]] = Audience("le bailleur du logement", lambda row: row["own"])

DEFECTS: Listing[dict[str, Any]] = Listing(
    "donnees-a-completer",
    "Données à compléter",
    (
        ListColumn("Logement", read=lambda row: row["unit"].reference, audience=OWN),
        ListColumn("Adresse", read=lambda row: row["unit"].address, audience=OWN),
        ListColumn("Commune", read=lambda row: row["unit"].commune.name),
        ListColumn("Description", read=lambda row: headline(row["unit"])),
        ListColumn("Il manque", read=lambda row: ", ".join(row["lacked"])),
        ListColumn("Proposé, fois", Kind.INTEGER, read=lambda row: row["offers"]),
    ),
)

DOWNLOADS: Listing[BalanceDownload] = Listing(
    "telechargements",
    "Lectures et téléchargements du bilan",
    (
        ListColumn("Le", Kind.DATE, read=lambda each: timezone.localdate(each.at)),
        ListColumn("Heure", read=lambda each: hour(each.at)),
        ListColumn("Qui", read=lambda each: str(each.user)),
        ListColumn("Agit pour", read=lambda each: each.organisation.name),
        ListColumn("Fichier", read=lambda each: upper_first(str(each.get_form_display()))),
        ListColumn("Territoire", read=lambda each: str(each.territory or "tout ce que la personne lit")),
        ListColumn("Version", read=lambda each: each.of_version),
    ),
)

PURPOSES: Listing[StatedPurpose] = Listing(
    "finalites",
    "Finalités inscrites au journal",
    (
        ListColumn("Le", Kind.DATE, read=lambda each: timezone.localdate(each.at)),
        ListColumn("Heure", read=lambda each: hour(each.at)),
        ListColumn("Qui", read=lambda each: str(each.user)),
        ListColumn("Agit pour", read=lambda each: each.organisation.name),
        ListColumn("Exercice", Kind.INTEGER, "0", read=lambda each: each.exercise),
        ListColumn("Territoire", read=lambda each: str(each.territory)),
        ListColumn("Pourquoi", read=lambda each: upper_first(each.words)),
    ),
)

RECONCILIATIONS: Listing[Reconciliation] = Listing(
    "rapprochements",
    "Rapprochements",
    (
        ListColumn("Source", read=lambda each: upper_first(str(each.get_source_display()))),
        ListColumn("Fichier", read=lambda each: each.file_name),
        ListColumn("Exercice", Kind.INTEGER, "0", read=lambda each: each.exercise),
        ListColumn("Bailleur", read=lambda each: str(each.landlord)),
        ListColumn("Le", Kind.DATE, read=lambda each: timezone.localdate(each.at)),
        ListColumn("Par", read=lambda each: str(each.by)),
        ListColumn("Lignes", Kind.INTEGER, read=lambda each: each.rows),
        ListColumn("Concordants", Kind.INTEGER, read=lambda each: each.counts.get("MATCHED", 0)),
        ListColumn("À régler", Kind.INTEGER, read=lambda each: vars(each)["to_settle"]),
    ),
)


class SentBalances(Papers):
    """Bilans envoyés."""

    folder = "bilans"
    title = "Bilans envoyés"
    columns = (
        *("SIREN du bailleur", "département", "exercice", "version", "envoyée le", "scellée le", "signée par"),
        *("envoyée à", KEPT_IN),
    )

    def of(self, member: Membership) -> Iterator[Paper]:
        """Every version of the landlord, or that was sent to the organisation; its download is written down. Then what
        it brought from another tool."""
        organisation = member.organisation_id
        dispatched = Q(pk__in=BalanceVersion.objects.filter(dispatches__organisation=organisation).values("pk"))
        found = BalanceVersion.objects.filter(Q(balance__landlord__organisation=organisation) | dispatched)
        rows = found.select_related("balance__landlord__organisation", "balance__departement")
        beside = ("signatures__organisation", "dispatches__organisation")
        seals = set[str]()
        for version in rows.prefetch_related(*beside).order_by("pk").iterator(chunk_size=1):
            seals.add(version.seal)
            record_version_download(version=version, form=BalanceDownload.Form.JSON, member=member)
            balance = version.balance
            siren, code = balance.landlord.organisation.siren, balance.departement.code
            signed = (
                f"{each.organisation.siren} le {timezone.localdate(each.signed_at):%d/%m/%Y}"
                for each in version.signatures.all()
            )
            yield Paper(
                f"bilan-{siren}-{balance.exercise}-{code}-v{version.number}.json",
                version.content.encode("utf-8"),
                version.seal,
                (
                    siren,
                    code,
                    str(balance.exercise),
                    str(version.number),
                    f"{timezone.localdate(version.sent_at):%d/%m/%Y}",
                    f"{timezone.localdate(version.sealed_at):%d/%m/%Y}" if version.sealed_at else "",
                    ", ".join(signed),
                    ", ".join(sorted({each.organisation.siren for each in version.dispatches.all()})),
                    "",
                ),
            )
        for kept in brought(member, KeptElsewhere.Kind.BALANCE, without=seals):
            record_kept_taken(kept=kept, member=member)
            yield as_brought(kept, self.columns)


Owner, Finding = ReconciliationLine.Owner, ReconciliationLine.Finding


def reconciliation_csv(lines: Iterable[ReconciliationLine]) -> Iterator[bytes]:
    """One row a point; a number in groups, that no spreadsheet rounds."""
    return spreadsheet(_sheet(lines))


def reconciliation_xlsx(lines: Iterable[ReconciliationLine]) -> io.BytesIO:
    """The same, typed."""
    return workbook("Points à régler", [_sheet(lines)])


def file_name(kept: Reconciliation, owner: str, ending: str) -> str:
    """« rapprochement-sne-999000003-2026-bailleur.csv »."""
    party = {"LANDLORD": "bailleur", "HOLDER": "reservataire", "STATE": "etat", "SNE": "guichet-sne"}[owner]
    siren = kept.landlord.organisation.siren
    return f"rapprochement-{kept.source.lower()}-{siren}-{kept.exercise}-{party}.{ending}"


def _sheet(lines: Iterable[ReconciliationLine]) -> Sheet:
    return columned("À régler", lines, *COLUMNS)


def needs_number(line: ReconciliationLine) -> bool:
    """Does whoever settles this point need the numéro unique?"""
    return line.owner != Owner.HOLDER or line.finding == Finding.NUMBER or not line.unit_reference


COLUMNS: tuple[ListColumn[ReconciliationLine], ...] = (
    ListColumn("Constat", read=lambda line: str(line.get_finding_display())),
    ListColumn("Logement", read=lambda line: line.unit_reference),
    ListColumn(
        "Numéro unique",
        read=lambda line: (
            " ".join(line.number[i : i + 4] for i in range(0, len(line.number), 4)) if needs_number(line) else ""
        ),
    ),
    ListColumn("Ligne du fichier", Kind.INTEGER, number_format="0", read=lambda line: line.line),
    ListColumn("Contingent du fichier", read=lambda line: line.their_contingent),
    ListColumn(
        "Contingent du compte",
        read=lambda line: (
            str(line.our_holder) if line.our_holder else "orienté vers un autre" if line.is_elsewhere else ""
        ),
    ),
    ListColumn("Bail d’après le fichier", Kind.DATE, read=lambda line: line.their_day),
    ListColumn("Bail d’après le compte", Kind.DATE, read=lambda line: line.our_day),
    ListColumn("À faire", read=lambda line: line.todo),
)
