"""Files to compare, made from the ledger itself as it stands, then spoilt one row at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256

from openpyxl import Workbook

from attributions.bilan.imports.reconciliation import (
    COMMUNE,
    CONTINGENT,
    LEASED,
    OUTCOME,
    PROPOSED,
    REFERENCE,
    SNE_CLOSED,
    SNE_COMMUNE,
    SNE_HOLDER,
    SNE_UNIT,
    SYPLO_COLUMNS,
    read_compared,
)
from attributions.bilan.models import Reconciliation
from attributions.bilan.operations.reconciliation import reconcile
from attributions.bilan.reconciliation import Source
from attributions.households.imports.sne_table import NUMBER
from attributions.households.models import Lease
from flux.models import Routing, Vacancy
from tests.attributions.households.lettings import candidate, sign
from tests.attributions.households.sne_files import HOUSED, as_csv, as_xlsx
from tests.world import MORNING, World

Row = dict[str, object]
TODAY = MORNING.date()

#: How the SNE writes each contingent.
WORDS = {
    1: "Préfet – fonctionnaires",
    2: "Préfet – prioritaires",
    3: "Action Logement",
    4: "Collectivités territoriales",
    5: "État, réservations conventionnelles",
    6: "Autres",
    7: "Bailleur (non réservé)",
}


def let(world: World, holder: str = "city", *, days: int = 0, known: bool = True, **unit: object) -> Lease:
    """A unit routed to a holder, let so many days ago; its household is known unless stated otherwise."""
    vacancy = world.vacancy(**unit)
    routing = Routing.objects.create(
        vacancy=vacancy,
        holder=world.holders[holder],
        routed_at=MORNING - timedelta(days=days + 30),
        routed_by=world.people["aline"],
    )
    housed = candidate(world, vacancy, routing=routing, status="HOUSED") if known else None
    return sign(world, vacancy, signed_on=TODAY - timedelta(days=days), proposal=housed)


def sne_row(lease: Lease, **given: object) -> Row:
    """What the SNE should say of a lease."""
    number = lease.proposal.application.number if lease.proposal else "0999000000000AAA01"
    row: Row = {
        NUMBER: number,
        "Date création demande": "12/03/2024",
        SNE_CLOSED: f"{lease.signed_on:%d/%m/%Y}",
        SNE_UNIT: f"1126200000{lease.pk}",
        SNE_COMMUNE: lease.vacancy.unit.commune.code,
        SNE_HOLDER: WORDS[lease.holder.contingent] if lease.holder else "",
    }
    return row | {SHORT.get(name, name): value for name, value in given.items()}


def syplo_row(lease: Lease, **given: object) -> Row:
    """What SYPLO should say of a lease of one of the State's contingents."""
    row: Row = {
        NUMBER: lease.proposal.application.number if lease.proposal else "",
        REFERENCE: lease.vacancy.unit.reference,
        COMMUNE: lease.vacancy.unit.commune.code,
        CONTINGENT: "agents" if lease.holder and lease.holder.contingent == 1 else "prioritaires",
        PROPOSED: f"{lease.signed_on - timedelta(days=20):%d/%m/%Y}",
        LEASED: f"{lease.signed_on:%d/%m/%Y}",
        OUTCOME: "bail signé",
    }
    return row | {SYPLO_SHORT.get(name, name): value for name, value in given.items()}


SHORT = {"number": NUMBER, "closed": SNE_CLOSED, "unit": SNE_UNIT, "commune": SNE_COMMUNE, "holder": SNE_HOLDER}
SHORT |= {"reference": REFERENCE}
SYPLO_SHORT = {"number": NUMBER, "unit": REFERENCE, "commune": COMMUNE, "contingent": CONTINGENT}
SYPLO_SHORT |= {"proposed": PROPOSED, "leased": LEASED, "outcome": OUTCOME}


def sne_file(*rows: Mapping[str, object], write: str = "csv") -> bytes:
    """The rows as an export of the SNE, under its banner."""
    columns = [*HOUSED, REFERENCE] if any(REFERENCE in row for row in rows) else HOUSED
    return (as_xlsx if write == "xlsx" else as_csv)(*rows, columns=columns)


def syplo_file(*rows: Mapping[str, object], columns: tuple[str, ...] = SYPLO_COLUMNS, write: str = "csv") -> bytes:
    """The rows as an extract of SYPLO."""
    table = [list(columns), *([row.get(name) for name in columns] for row in rows)]
    if write == "xlsx":
        book, held = Workbook(), io.BytesIO()
        for line in table:
            book.worksheets[0].append(line)
        book.save(held)
        return held.getvalue()
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([["" if cell is None else cell for cell in line] for line in table])
    return text.getvalue().encode("utf-8" if write == "bare" else "utf-8-sig")


def compared(world: World, source: Source, content: bytes, *, who: str = "aline", year: int = 2026) -> Reconciliation:
    """Read a file and keep what it gives, through the act."""
    return reconcile(
        landlord=world.landlord,
        year=year,
        source=source,
        rows=read_compared(source, content, today=TODAY),
        file_name="fichier.csv",
        digest=sha256(content).hexdigest(),
        member=world.member(who),
        now=MORNING,
    )


def reconciliation(world: World, *numbers: str) -> Reconciliation:
    """One of the SNE, of the lettings of these numbers, that the ledger does not have."""
    row = {SNE_CLOSED: f"{TODAY:%d/%m/%Y}", SNE_UNIT: "112620009999", SNE_COMMUNE: "11262", SNE_HOLDER: WORDS[4]}
    content = sne_file(*(row | {NUMBER: number} for number in numbers or ("0999000000000AAA01",)))
    return compared(world, Source.SNE, content)


def outcomes_of(kept: Reconciliation) -> list[tuple[str, str, str]]:
    """(finding, unit, who settles it) of the points kept, in their order."""
    lines = kept.lines.select_related("organisation").order_by("pk")
    return [(line.finding, line.unit_reference, line.party_name) for line in lines]


def many_leases(world: World, count: int, *, start: int = 0) -> list[Lease]:
    """Leases of households that nobody registered, in bulk: one unit let again and again, every three days."""
    unit, clerk = world.unit(), world.people["aline"]
    vacancies = Vacancy.objects.bulk_create(
        Vacancy(
            unit=unit,
            kind=Vacancy.Kind.EXCLUDED,
            exclusion=Vacancy.Exclusion.INTERNAL_TRANSFER,
            notice_on=TODAY - timedelta(3 * rank),
            available_on=TODAY - timedelta(3 * rank - 1),
            registered_at=MORNING,
            registered_on=TODAY,
            registered_by=clerk,
        )
        for rank in range(start, start + count)
    )
    return Lease.objects.bulk_create(
        Lease(
            vacancy=vacancy,
            holder=world.holders["city"],
            signed_on=TODAY - timedelta(rank % 300),
            recorded_at=MORNING,
            recorded_by=clerk,
        )
        for rank, vacancy in enumerate(vacancies)
    )
