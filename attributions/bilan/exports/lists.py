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
from flux.exports.lists import OPENS
from flux.models import Vacancy
from flux.pages.dwelling import headline, qpv
from flux.words import known
from reservations.exports.listing import Audience, ListColumn, Listing
from reservations.exports.sheet import Kind
from reservations.models.convention import UNIT
from reservations.words import hour, upper_first


def _known(fact: bool | None, yes: str, no: str) -> str:
    return "non renseigné" if fact is None else yes if fact else no


BALANCES: Listing[Overview] = Listing(
    "bilans",
    "Bilans",
    (
        ListColumn("Bailleur", read=lambda row: str(row.landlord)),
        ListColumn("Année", Kind.INTEGER, "0", read=lambda row: row.year),
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
    """Delays between two steps, a row a holder, a landlord or a place, then all of them."""
    return Listing(
        "delais",
        f"De {start} à {end}",
        (
            ListColumn(upper_first(by), read=lambda row: row.name),
            ListColumn("Parcours mesurés", Kind.INTEGER, read=lambda row: row.units),
            ListColumn("Médiane, jours ouvrés", Kind.DECIMAL, read=lambda row: row.median),
            ListColumn("Moyenne, jours ouvrés", Kind.DECIMAL, read=lambda row: row.mean),
            ListColumn("Candidats transmis", Kind.INTEGER, read=lambda row: row.sent),
            ListColumn("Leurs baux", Kind.INTEGER, read=lambda row: row.followed),
            ListColumn("Candidats par bail", Kind.DECIMAL, read=lambda row: row.sent_per_lease),
            ListColumn(
                "Concrétisation", Kind.SHARE, read=lambda row: None if row.rate is None else Decimal(row.rate) / UNIT
            ),
        ),
    )


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
        ListColumn("Version", read=lambda each: f"version {each.version.number}" if each.version else "projet du jour"),
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
