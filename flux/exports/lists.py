"""The lists of the stock and of the flow, as files: units, programmes, freed units, titles."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from flux.models import Unit, Vacancy
from flux.pages.inventory import state_name
from flux.pages.programmes import stage_name
from flux.pages.stock_transfers import gone_words
from flux.pages.units import qpv
from flux.pages.vacancies import VacancyLine, entered_as, given_back
from flux.queries.programmes import ProgrammeRow
from flux.queries.stock import TitleRow
from flux.words import known
from reservations.exports.listing import Audience, ListColumn, Listing
from reservations.exports.spreadsheet import Kind

#: What a row says of a unit and of where it is: no other column is read of so many.
UNIT_READ = (
    *("reference", "rpls_id", "rooms", "surface", "street_number", "street_index", "street_type", "street_name"),
    *("financing_code", "in_qpv", "construction_year", "left_on", "commune__name", "commune__code"),
    *("programme__name", "programme__attractiveness"),
)


def _reservation(unit: Unit) -> str:
    kept = "en stock" if unit.in_stock else "en flux"  # type: ignore[attr-defined]  # annotated by `with_stock`
    return "sorti du parc" if unit.left_on else kept


def _stage(row: ProgrammeRow) -> str:
    if row.gone:
        return gone_words(row.gone)
    return stage_name(row.stage) if row.programme.expected_units else ""


UNITS: Listing[Unit] = Listing(
    "logements",
    "Logements",
    (
        ListColumn("Référence", key="reference", help="votre référence", read=lambda unit: unit.reference),
        ListColumn(
            "Identifiant RPLS",
            key="rpls_id",
            help="identifiant RPLS ; vide quand il n’est pas connu",
            read=lambda unit: unit.rpls_id,
        ),
        ListColumn("Typologie", key="typology", read=lambda unit: unit.typology),
        ListColumn("Surface, m²", Kind.DECIMAL, key="surface", nullable=True, read=lambda unit: unit.surface),
        ListColumn("Adresse", key="address", read=lambda unit: unit.address),
        ListColumn("Commune", key="commune.name", read=lambda unit: unit.commune.name),
        ListColumn("Code INSEE", key="commune.code", read=lambda unit: unit.commune.code),
        ListColumn("Programme", key="programme.name", read=lambda unit: str(unit.programme)),
        ListColumn("Classe", read=lambda unit: unit.programme.attractiveness),
        ListColumn("Financement", read=lambda unit: known(unit.financing_group)),
        ListColumn("Quartier", read=qpv),
        ListColumn(
            "Construction",
            Kind.INTEGER,
            "0",
            key="construction_year",
            nullable=True,
            read=lambda unit: unit.construction_year,
        ),
        ListColumn("Réservation", read=_reservation),
    ),
)

PROGRAMMES: Listing[ProgrammeRow] = Listing(
    "programmes",
    "Programmes",
    (
        ListColumn("Bailleur", read=lambda row: row.programme.landlord.organisation.name),
        ListColumn("Numéro", Kind.INTEGER, "0", read=lambda row: row.programme.number),
        ListColumn("Programme", key="name", read=lambda row: str(row.programme)),
        ListColumn("Commune", key="commune.name", read=lambda row: row.programme.commune.name),
        ListColumn("Code INSEE", key="commune.code", read=lambda row: row.programme.commune.code),
        ListColumn("Livré le", Kind.DATE, key="delivered_on", read=lambda row: row.programme.delivered_on),
        ListColumn("Logements", Kind.INTEGER, read=lambda row: row.units),
        ListColumn("Répartis", Kind.INTEGER, read=lambda row: row.allotted),
        ListColumn("Loués", Kind.INTEGER, read=lambda row: row.let),
        ListColumn("Classe", read=lambda row: row.programme.attractiveness),
        ListColumn("État", read=_stage),
    ),
)

#: Who reads where a freed unit is (`with_file_access`).
FILE_READERS: Audience[VacancyLine] = Audience("qui a le dossier du logement", lambda line: line.row.file_open)

VACANCIES: Listing[VacancyLine] = Listing(
    "logements-liberes",
    "Logements libérés",
    (
        ListColumn("Enregistré le", Kind.DATE, key="registered_on", read=lambda line: line.row.vacancy.registered_on),
        ListColumn("Bailleur", key="landlord.name", read=lambda line: line.row.vacancy.unit.landlord.organisation.name),
        ListColumn(
            "Logement", key="unit.reference", read=lambda line: line.row.vacancy.unit.reference, audience=FILE_READERS
        ),
        ListColumn(
            "Adresse", key="unit.address", read=lambda line: line.row.vacancy.unit.address, audience=FILE_READERS
        ),
        ListColumn("Commune", key="commune.name", read=lambda line: line.row.vacancy.unit.commune.name),
        ListColumn("Code INSEE", key="commune.code", read=lambda line: line.row.vacancy.unit.commune.code),
        ListColumn("Typologie", key="typology", read=lambda line: line.row.vacancy.unit.typology),
        ListColumn("Financement", read=lambda line: known(line.row.vacancy.unit.financing_group)),
        ListColumn("Quartier", read=lambda line: qpv(line.row.vacancy.unit)),
        ListColumn("Congé reçu le", Kind.DATE, read=lambda line: line.row.vacancy.notice_on),
        ListColumn("Libre le", Kind.DATE, key="available_on", read=lambda line: line.row.vacancy.available_on),
        ListColumn("Classement", read=lambda line: entered_as(line.row.vacancy)),
        ListColumn("État", read=lambda line: line.state),
        ListColumn("Depuis le", Kind.DATE, read=lambda line: timezone.localdate(line.row.since)),
        ListColumn("Destination", key="destination.name", read=lambda line: str(line.row.destination or "")),
        ListColumn("Par", read=lambda line: str(line.row.routing.acting or "") if line.row.routing else ""),
        ListColumn(
            "Candidats au plus tard le",
            Kind.DATE,
            read=lambda line: line.row.clock.until if line.row.clock else None,
            audience=FILE_READERS,
        ),
        ListColumn("Pourquoi", read=lambda line: line.why),
        ListColumn("Auparavant", read=lambda line: given_back(line.row.returns)),
        ListColumn("Origine", read=lambda line: str(line.row.vacancy.get_source_display())),
    ),
)

TITLES: Listing[TitleRow] = Listing(
    "droits-en-stock",
    "Droits en stock",
    (
        ListColumn("Titre", read=lambda row: row.right.reference),
        ListColumn("Bailleur", read=lambda row: row.right.landlord.organisation.name),
        ListColumn("Réservataire", read=lambda row: str(row.right.holder)),
        ListColumn("Fondement", read=lambda row: str(row.right.get_ground_display())),
        ListColumn("Usage", read=lambda row: str(row.right.get_use_display())),
        ListColumn("Logements", Kind.INTEGER, read=lambda row: row.units),
        ListColumn("Servi", Kind.INTEGER, read=lambda row: row.taken),
        ListColumn("Du", Kind.DATE, read=lambda row: row.right.starts_on),
        ListColumn("Au", Kind.DATE, read=lambda row: row.right.ends_on),
        ListColumn("Jours restants", Kind.INTEGER, read=lambda row: row.days_left),
        ListColumn("État", read=state_name),
    ),
)

#: Who reads where a unit of a figure is (`with_file_access`).
OPENS: Audience[tuple[Vacancy, Any]] = Audience("qui a le dossier du logement", lambda each: each[0].file_open)

#: Of a figure of an account.
BEHIND: Listing[tuple[Vacancy, Decimal]] = Listing(
    "logements-du-compte",
    "Logements du compte",
    (
        ListColumn("Enregistré le", Kind.DATE, read=lambda each: each[0].registered_on),
        ListColumn("Logement", read=lambda each: each[0].unit.reference, audience=OPENS),
        ListColumn("Adresse", read=lambda each: each[0].unit.address, audience=OPENS),
        ListColumn("Commune", read=lambda each: each[0].unit.commune.name),
        ListColumn("Typologie", read=lambda each: each[0].unit.typology),
        ListColumn("Financement", read=lambda each: known(each[0].unit.financing_group)),
        ListColumn("Quartier", read=lambda each: qpv(each[0].unit)),
        ListColumn("Libre le", Kind.DATE, read=lambda each: each[0].available_on),
        ListColumn("Quantité", Kind.DECIMAL, read=lambda each: each[1]),
    ),
)
