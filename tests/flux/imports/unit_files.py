"""Files of units for tests: the landlord's RPLS file as the arrêté describes it, in the shapes it has in the wild."""

from __future__ import annotations

from flux.imports.unit_columns import ITEMS

UNIT = {
    "IDENT_REP": "1100000001",
    "IDENT_INT": "A-0001",
    "DROIT": "1",
    "DEPCOM": "11262",
    "CODEPOSTAL": "11100",
    "LIBCOM": "NARBONNE",
    "NUMVOIE": "12",
    "TYPVOIE": "RUE",
    "NOMVOIE": "VOLTAIRE",
    "NUMAPPT": "21",
    "ESC": "B",
    "ETAGE": "2",
    "IMMEU": "LA POMMERAIE",
    "QPV": "2",
    "TYPECONST": "C",
    "NBPIECE": "3",
    "SURFHAB": "65,5",
    "CONSTRUCT": "1984",
    "LOCAT": "1984",
    "PATRIMOINE": "1984",
    "FINAN": "13",
    "SORTIE": "9",
    "MODE": "1",
    "BAIL": "09/2019",
    "LOYERPRINC": "412,50",
    "DPEENERGIE": "C",
    "DERLOC": "15/08/2019",
    "CONTINGENT": "7",
}
#: The record on the landlord: its name, its address, its SIRET.
LANDLORD = "ROBINE HABITAT;;1 QUAI VICTOR HUGO 11100 NARBONNE;99900000300012"


def units(
    *rows: dict[str, str],
    columns: tuple[str, ...] = ITEMS,
    record: bool = True,
    names: bool = True,
    sign: str = ";",
    encoding: str = "utf-8",
) -> bytes:
    """A file of units that differ from a valid one by what is given."""
    lines = [LANDLORD] * record + [sign.join(columns)] * names
    lines += [sign.join(_quoted((UNIT | row).get(name, ""), sign) for name in columns) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


def many(count: int, **given: str) -> list[dict[str, str]]:
    """So many units, each with its own reference and identifier, ten an address."""
    return [
        {
            "IDENT_REP": f"11{place:08d}",
            "IDENT_INT": f"A-{place:06d}",
            "NUMVOIE": str(1 + place // 10 % 400),
            "NOMVOIE": f"VOIE {place // 4000}",
            "NUMAPPT": str(place % 10),
            "IMMEU": f"PROGRAMME {place // 50}",
        }
        | given
        for place in range(1, count + 1)
    ]


def _quoted(cell: str, sign: str) -> str:
    return f'"{cell}"' if sign in cell else cell
