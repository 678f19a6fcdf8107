"""The official geographic code, read from `reservations/data/` (origin and licence: data/LICENCE.md)."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

from reservations.models import Territory
from reservations.operations.territory import Edition, Merger, TerritoryPlace
from reservations.operations.territory_file import prepared

DATA = Path(__file__).parent.parent / "data"
Kind = Territory.Kind

#: All of them, ready to be loaded: `load_territories --prepare` writes it again when one of these files changes.
PREPARED = DATA / "territories.copy.gz"

#: The official code that these files are.
EDITION = Edition("COG 2026", date(2026, 1, 1))


def read_territories(folder: Path = DATA) -> list[TerritoryPlace]:
    """Every territory of France, containers before what they contain: 26 + 109 + 1,266 + 34,969 + 45 of them.

    Codes stay text (« 2A », « 01 »). A municipal district has no EPCI of its own in the file: it has that of its
    commune. A commune of an EPT is also in the métropole: it has both. Only communes and EPCI have a population.
    """
    places = [*_regions(folder), *_departements(folder), *_intercommunal(folder)]
    communes = _rows(folder / "geo_communes.csv.gz")
    epci_of = {row["code_insee"]: (row["epci_siren"], row["ept_siren"]) for row in communes}
    districts: list[TerritoryPlace] = []
    for row in communes:
        mother = row["commune_mere"]
        epci, ept = epci_of[mother or row["code_insee"]]
        (districts if mother else places).append(
            TerritoryPlace(
                kind=Kind.DISTRICT if mother else Kind.COMMUNE,
                code=row["code_insee"],
                name=row["nom"],
                region=row["region"],
                departement=row["departement"],
                epci=epci,
                ept=ept,
                parent_commune=mother,
                population=_population(row["population"]),
                postal_codes=tuple(code for code in row["codes_postaux"].split("|") if code),
            )
        )
    return places + districts


def write_prepared(path: Path = PREPARED) -> None:
    """Write the file that is loaded, from those that it is made of; the same bytes on every machine."""
    path.write_bytes(gzip.compress(b"".join(prepared(read_territories())), compresslevel=9, mtime=0))


def read_prepared(path: Path = PREPARED) -> bytes:
    """Its lines, as `load_prepared` takes them."""
    return gzip.decompress(path.read_bytes())


def read_mergers(folder: Path = DATA) -> list[Merger]:
    """Communes that became a part of another, the oldest first: `former`, `current` (INSEE codes), `since` and `source`
    of each line."""
    rows = (
        Merger(row["former"], row["current"], date.fromisoformat(row["since"]), row["source"])
        for row in _rows(folder / "geo_mergers.csv")
    )
    return sorted(rows, key=lambda merger: (merger.since, merger.former))


@cache
def _sirens() -> dict[str, str]:
    return {row["code_insee"]: row["siren"] for row in _rows(DATA / "geo_communes.csv.gz") if row["siren"]}


def siren_of(place: Territory) -> str:
    """The SIREN of the authority that governs a place, where the official files give it: communes, EPCI and EPT. Else
    « ». The file of communes is read once a process."""
    return place.code if place.kind in (Kind.EPCI, Kind.EPT) else _sirens().get(place.code, "")


def _regions(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_regions.csv"):
        yield TerritoryPlace(kind=Kind.REGION, code=row["code"], name=row["nom"])


def _departements(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_departements.csv"):
        yield TerritoryPlace(kind=Kind.DEPARTEMENT, code=row["code"], name=row["nom"], region=row["region"])


def _intercommunal(folder: Path) -> Iterator[TerritoryPlace]:
    for row in _rows(folder / "geo_epci_ept.csv"):
        yield TerritoryPlace(
            kind=Kind.EPT if row["type"] == "EPT" else Kind.EPCI,
            code=row["siren"],
            name=row["nom"],
            population=_population(row["population_municipale"]),
        )


def _population(text: str) -> int | None:
    return int(text) if text else None


def _rows(path: Path) -> list[dict[str, str]]:
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
            return list(csv.DictReader(lines))
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
