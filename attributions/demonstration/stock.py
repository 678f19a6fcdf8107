"""The stock.

* What the landlords own: the real units of the Narbonne extract, and an invented stock around it.
* What was owed before the account was kept here: declared by the landlord, accepted by a holder, contested by
  another.
"""

from __future__ import annotations

import csv
import io
import random
from datetime import date
from pathlib import Path

from attributions.demonstration.cast import Cast, manager_of
from attributions.demonstration.years import at
from flux.imports.rpls import read_rpls
from flux.models import OpeningAct, Programme
from flux.operations.openings import OpeningFigures, answer_opening, propose_opening
from flux.operations.stock import classify_programme
from flux.operations.stock_import import import_stock
from reservations.models import Landlord, ReservationHolder, Territory, User

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


Contingent = ReservationHolder.Contingent


def open_account(cast: Cast, landlord: Landlord, manager: User, *, opened_on: date) -> None:
    """The landlord's figures of the half-year before `opened_on`, with their source; Action Logement finds its own
    there, the préfecture counts otherwise. What is contested waits for the landlord's answer, and counts for nothing.
    """
    departement = landlord.organisation.territory
    assert departement is not None
    since, before = date(opened_on.year - 1, 7, 1), opened_on.year - 1
    source = f"tableau de suivi du flux, arrêté le 12/12/{before}"
    proposed = {
        holder: propose_opening(
            landlord=landlord,
            departement=departement,
            holder=cast.holder(organisation, contingent),
            since=since,
            opened_on=opened_on,
            figures=figures,
            source=source,
            by=manager,
            now=at(date(before, 12, 15), 10),
        )
        for holder, organisation, contingent, figures in (
            ("als", cast.action_logement, Contingent.ACTION_LOGEMENT, OpeningFigures(13, 2_600_000, 2, 2, 2)),
            ("state", cast.state, Contingent.STATE_PRIORITY, OpeningFigures(13, 2_860_000, 3, 2, 2)),
        )
    }
    answer_opening(
        opening=proposed["als"],
        act=OpeningAct.Act.ACCEPTED,
        by=cast.person("reservation@action-logement.example"),
        now=at(date(before, 12, 18), 11),
    )
    answer_opening(
        opening=proposed["state"],
        act=OpeningAct.Act.CONTESTED,
        text="Nous comptons deux logements reçus sur ce semestre : celui de la rue Voltaire nous a été repris.",
        by=cast.person("logement@prefecture-aude.example"),
        now=at(date(before, 12, 19), 15),
    )
