"""What the landlords own: the real units of the Narbonne extract, and an invented stock around it."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path

from attributions.demonstration.cast import Cast, manager_of
from flux.imports.rpls import read_rpls
from flux.models import Programme
from flux.operations.stock import classify_programme
from flux.operations.stock_import import import_stock
from reservations.models import Landlord, Territory

EXTRACT = Path(__file__).resolve().parents[2] / "flux" / "data" / "rpls_extrait_11262.csv"

#: Communes of the invented stock: INSEE code, postcode, name, addresses.
INVENTED = (
    ("11262", "11100", "NARBONNE", 6),
    ("11106", "11110", "COURSAN", 5),
    ("11379", "11130", "SIGEAN", 4),
    ("11266", "11210", "PORT-LA-NOUVELLE", 4),
    ("11170", "11430", "GRUISSAN", 3),
    ("11203", "11200", "LEZIGNAN-CORBIERES", 5),
)
STREETS = (
    "DES ETANGS", "DU PRESSOIR", "DE LA MAIRIE", "DES AMANDIERS", "DU MOULIN", "DES VENDANGES", "DE LA CLAPE",
    "DU GENERAL LECLERC", "DES TAMARIS", "DE L EUROPE",
)  # fmt: skip
RESIDENCES = (
    "LES TAMARIS", "LE PRESSOIR", "LES ETANGS", "LA CLAPE", "LES VENDANGEURS", "LE MOULIN", "LES SALINES",
    "LE CLOS DES AMANDIERS", "LES GENETS", "LE CANAL",
)  # fmt: skip


def build(cast: Cast) -> None:
    """Import both stocks through the RPLS import, and class their programmes."""
    communes = Territory.objects.communal_codes()
    import_stock(landlord=cast.robine, lots=read_rpls(EXTRACT.read_bytes(), communes=communes).lots)
    import_stock(
        landlord=cast.corbieres, lots=read_rpls(invented_file("Corbières Logis", INVENTED), communes=communes).lots
    )
    for landlord in (cast.robine, cast.corbieres):
        _classify(landlord)


def invented_file(
    seed: str, communes: tuple[tuple[str, str, str, int], ...], *, new: tuple[str, str, int] | None = None
) -> bytes:
    """An RPLS file of an invented stock, always the same for a seed; communes are (code, postcode, name, addresses).

    `new`: a programme just built, as (name, commune, year), of twelve units.
    """
    draw = random.Random(seed)  # noqa: S311 - a story, not a secret
    with EXTRACT.open(encoding="utf-8", newline="") as lines:
        columns = csv.DictReader(lines, delimiter=";").fieldnames
    assert columns is not None
    text = io.StringIO()
    rows = csv.DictWriter(text, fieldnames=columns, delimiter=";", lineterminator="\n", restval="")
    rows.writeheader()
    for code, postcode, commune, addresses in communes:
        for address in range(addresses):
            residence, qpv = f"{draw.choice(RESIDENCES)} DE {commune}", draw.random() < 0.25 and code == "11262"
            year = draw.choice((1968, 1974, 1982, 1991, 2003, 2012, 2019))
            for rooms in draw.sample((1, 2, 3, 3, 4, 5), 3):
                count = draw.randint(2, 6)
                rows.writerow(
                    {
                        "REG": "76", "DEP": "11", "LIBDEP": "AUDE", "DEPCOM": code, "CODEPOSTAL": postcode,
                        "LIBCOM": commune, "NUMVOIE": 2 * address + rooms * 10, "TYPVOIE": "RUE",
                        "NOMVOIE": STREETS[(address + int(code)) % len(STREETS)], "IMMEU": residence,
                        "QPV": 1 if qpv else 2, "TYPECONST": "C", "NBPIECE": rooms,
                        "SURFHAB": float(count * (18 + 16 * rooms)), "CONSTRUCT": year, "LOCAT": year,
                        "PATRIMOINE": year, "ORIGINE": 1, "FINAN": draw.choice((10, 13, 13, 13, 14)) if year > 1976
                        else 52, "DPEENERGIE": draw.choice("BCCDDE"), "nb": count,
                    }
                )  # fmt: skip
    if new is not None:
        name, code, year = new
        for rooms, count in ((2, 4), (3, 5), (4, 3)):
            rows.writerow(
                {
                    "REG": "76", "DEP": "11", "LIBDEP": "AUDE", "DEPCOM": code, "CODEPOSTAL": "11210",
                    "LIBCOM": "PORT-LA-NOUVELLE", "NUMVOIE": 2, "TYPVOIE": "AV", "NOMVOIE": "DU MOLE", "IMMEU": name,
                    "QPV": 2, "TYPECONST": "C", "NBPIECE": rooms, "SURFHAB": float(count * (20 + 16 * rooms)),
                    "CONSTRUCT": year, "LOCAT": year, "PATRIMOINE": year, "ORIGINE": 1, "FINAN": 13,
                    "DPEENERGIE": "A", "nb": count,
                }
            )  # fmt: skip
    return text.getvalue().encode()


def _classify(landlord: Landlord) -> None:
    """A, B or C in turn, as a landlord would from its own grid; one programme in eleven is left unclassed."""
    manager = manager_of(landlord)
    for programme in Programme.objects.filter(landlord=landlord).order_by("number"):
        if programme.number % 11:
            classes = Programme.Attractiveness.values
            classify_programme(programme=programme, attractiveness=classes[programme.number % 3], by=manager)
