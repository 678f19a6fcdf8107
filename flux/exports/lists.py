"""The lists of the stock and of the flow, as files: units, programmes, freed units, titles."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone

from flux.models import Unit, Vacancy
from flux.pages.dwelling import qpv
from flux.pages.inventory import standing_name
from flux.pages.programmes import stage_name
from flux.pages.stock_transfer import gone_words
from flux.pages.vacancies import VacancyLine
from flux.queries.inventory import TitleRow
from flux.queries.programmes import ProgrammeRow
from flux.words import known
from reservations.exports.listing import Listing
from reservations.exports.sheet import Column, Kind, Row


def place(vacancy: Vacancy) -> tuple[str, str, str]:
    """Reference and address, where its file is open to the reader (`with_file_access`), and commune."""
    unit = vacancy.unit
    known = (unit.reference, unit.address) if vacancy.file_open else ("", "")
    return *known, unit.commune.name


def what(unit: Unit) -> tuple[str, str, str]:
    """What everybody who reads a list knows of a unit."""
    return unit.typology, known(unit.financing_group), qpv(unit)


#: What a row says of a unit and of where it is: no other column is read of so many.
UNIT_READ = (
    *("reference", "rpls_id", "rooms", "surface", "street_number", "street_index", "street_type", "street_name"),
    *("financing_code", "in_qpv", "construction_year", "left_on", "commune__name", "commune__code"),
    *("programme__name", "programme__attractiveness"),
)


def _unit(unit: Unit) -> Row:
    kept = "en stock" if unit.in_stock else "en flux"  # type: ignore[attr-defined]  # annotated by `with_stock`
    return (
        unit.reference,
        unit.rpls_id,
        unit.typology,
        unit.surface,
        unit.address,
        unit.commune.name,
        unit.commune.code,
        str(unit.programme),
        unit.programme.attractiveness,
        known(unit.financing_group),
        qpv(unit),
        unit.construction_year,
        "sorti du parc" if unit.left_on else kept,
    )


def _vacancy(line: VacancyLine) -> Row:
    row, vacancy, unit = line.row, line.row.vacancy, line.row.vacancy.unit
    acting = row.routing.acting if row.routing else None
    return (
        vacancy.registered_on,
        unit.landlord.organisation.name,
        *place(vacancy),
        unit.commune.code,
        *what(unit),
        vacancy.notice_on,
        vacancy.available_on,
        str(vacancy.get_exclusion_display() or vacancy.get_kind_display()),
        line.state,
        timezone.localdate(row.since),
        str(row.destination) if row.destination else "",
        acting.name if acting else "",
        row.clock.until if row.clock else None,
        line.why,
        ", ".join(f"{given.who}{' (compté)' if given.counted else ''}" for given in row.returns),
        str(row.vacancy.get_source_display()),
    )


UNITS: Listing[Unit] = Listing(
    "logements",
    "Logements",
    (
        Column("Référence"),
        Column("Identifiant RPLS"),
        Column("Typologie"),
        Column("Surface, m²", Kind.DECIMAL),
        Column("Adresse"),
        Column("Commune"),
        Column("Code INSEE"),
        Column("Programme"),
        Column("Classe"),
        Column("Financement"),
        Column("Quartier"),
        Column("Construction", Kind.INTEGER, "0"),
        Column("Réservation"),
    ),
    _unit,
)

PROGRAMMES: Listing[ProgrammeRow] = Listing(
    "programmes",
    "Programmes",
    (
        Column("Bailleur"),
        Column("Numéro", Kind.INTEGER, "0"),
        Column("Programme"),
        Column("Commune"),
        Column("Code INSEE"),
        Column("Livré le", Kind.DATE),
        Column("Logements", Kind.INTEGER),
        Column("Répartis", Kind.INTEGER),
        Column("Loués", Kind.INTEGER),
        Column("Classe"),
        Column("État"),
    ),
    lambda row: (
        row.programme.landlord.organisation.name,
        row.programme.number,
        str(row.programme),
        row.programme.commune.name,
        row.programme.commune.code,
        row.programme.delivered_on,
        row.units,
        row.allotted,
        row.let,
        row.programme.attractiveness,
        gone_words(row.gone) if row.gone else stage_name(row.stage) if row.programme.expected_units else "",
    ),
)

VACANCIES: Listing[VacancyLine] = Listing(
    "logements-liberes",
    "Logements libérés",
    (
        Column("Enregistré le", Kind.DATE),
        Column("Bailleur"),
        Column("Logement"),
        Column("Adresse"),
        Column("Commune"),
        Column("Code INSEE"),
        Column("Typologie"),
        Column("Financement"),
        Column("Quartier"),
        Column("Congé reçu le", Kind.DATE),
        Column("Libre le", Kind.DATE),
        Column("Classement"),
        Column("État"),
        Column("Depuis le", Kind.DATE),
        Column("Destination"),
        Column("Par"),
        Column("Candidats au plus tard le", Kind.DATE),
        Column("Pourquoi"),
        Column("Auparavant"),
        Column("Origine"),
    ),
    _vacancy,
)

TITLES: Listing[TitleRow] = Listing(
    "droits-en-stock",
    "Droits en stock",
    (
        Column("Titre"),
        Column("Bailleur"),
        Column("Réservataire"),
        Column("Fondement"),
        Column("Usage"),
        Column("Logements", Kind.INTEGER),
        Column("Servi", Kind.INTEGER),
        Column("Du", Kind.DATE),
        Column("Au", Kind.DATE),
        Column("Jours restants", Kind.INTEGER),
        Column("État"),
    ),
    lambda row: (
        row.right.reference,
        row.right.landlord.organisation.name,
        str(row.right.holder),
        str(row.right.get_ground_display()),
        str(row.right.get_use_display()),
        row.units,
        row.taken,
        row.right.starts_on,
        row.right.ends_on,
        row.days_left,
        standing_name(row),
    ),
)

#: Of a figure of an account.
BEHIND: Listing[tuple[Vacancy, Decimal]] = Listing(
    "logements-du-compte",
    "Logements du compte",
    (
        Column("Enregistré le", Kind.DATE),
        Column("Logement"),
        Column("Adresse"),
        Column("Commune"),
        Column("Typologie"),
        Column("Financement"),
        Column("Quartier"),
        Column("Libre le", Kind.DATE),
        Column("Quantité", Kind.DECIMAL),
    ),
    lambda each: (
        each[0].registered_on,
        *place(each[0]),
        *what(each[0].unit),
        each[0].available_on,
        each[1],
    ),
)
