"""RPLS files for tests: the real extract, and small files of a few rows."""

from __future__ import annotations

from pathlib import Path

EXTRACT = Path(__file__).parents[3] / "flux" / "data" / "rpls_extrait_11262.csv"

#: The communes that small files may name.
COMMUNES = frozenset({"11262", "11106", "2A004", "75112"})

ROW = {
    "DEPCOM": "11262",
    "CODEPOSTAL": "11100",
    "NUMVOIE": "12",
    "INDREP": "",
    "TYPVOIE": "RUE",
    "NOMVOIE": "VOLTAIRE",
    "IMMEU": "LA POMMERAIE",
    "COMPLGEO": "",
    "QPV": "2",
    "TYPECONST": "C",
    "NBPIECE": "3",
    "SURFHAB": "195.0",
    "CONSTRUCT": "1984",
    "LOCAT": "1984",
    "PATRIMOINE": "1984",
    "FINAN": "13",
    "DATCONV": "15/04/1986",
    "DPEENERGIE": "C",
    "nb": "3.0",
}


def rpls(*rows: dict[str, str], columns: list[str] | None = None) -> bytes:
    """A file of rows that differ from a valid one by what is given."""
    names = columns or list(ROW)
    lines = [";".join(names), *(";".join((ROW | row).get(name, "") for name in names) for row in rows)]
    return ("\n".join(lines) + "\n").encode()
