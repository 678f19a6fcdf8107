"""A file of the national table « bilan de la gestion en flux », checked whoever made it
(`docs/schemas/bilan-gestion-en-flux.json`)."""

from __future__ import annotations

from pathlib import Path

from attributions.bilan.imports.table_schema import Reading, Schema, read, schema_of
from reservations.imports.table import read_rows

SCHEMA = Path(__file__).parents[3] / "docs" / "schemas" / "bilan-gestion-en-flux.json"

#: What its rows add up to, and what tells whose they are.
SUMMED = (
    *("logements_proposes", "logements_attribues", "logements_loues", "logements_rendus"),
    "candidatures_non_abouties",
)
TOLD = ("bailleur", "annee", "code_departement", "reservataire", "code_commune")


def balance_schema() -> Schema:
    """The schema as it is published."""
    return schema_of(SCHEMA)


def check_balance(content: bytes) -> Reading:
    """Each line of a file, text or workbook, beside the schema. Raises FileRefused: it cannot be read at all."""
    return read(read_rows(content, breaks=True), balance_schema(), summed=SUMMED, told=TOLD)
