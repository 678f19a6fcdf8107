"""The files of a landlord that goes live: 5,000 units at the real addresses of the public extract, its holders,
conventions, old rights and people; drawn from a seed, always the same. And the same made wrong on purpose."""

from __future__ import annotations

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

EXTRACT = Path(__file__).resolve().parents[1] / "flux" / "data" / "rpls_extrait_11262.csv"

#: Nature, territory, name when the directory does not give it, SIREN when it does not.
HOLDERS = (
    ("service de l’État", "Aude", "Préfecture de l’Aude", "990000010"),
    ("Action Logement Services", "", "Action Logement Services", "990000028"),
    ("intercommunalité", "241100593", "", ""),
    ("commune", "11262", "", ""),
    ("commune", "11106", "", ""),
    ("commune", "11379", "", ""),
    ("commune", "11266", "", ""),
    ("commune", "11170", "", ""),
    ("région", "Occitanie", "", "200053791"),
)
#: Holder (its place above), contingent, perimeter, percent: thirteen contingents, twelve conventions.
RATES = (
    (0, 2, "11", "25"),
    (0, 1, "11", "5"),
    (1, 3, "11", "20"),
    (1, 3, "34", "20"),
    (1, 3, "66", "20"),
    (2, 4, "", "6,25"),
    (3, 4, "", "12"),
    (4, 4, "", "10"),
    (5, 4, "", "10"),
    (6, 4, "", "8"),
    (7, 4, "", "8"),
    (8, 4, "11", "2"),
    (8, 4, "34", "2"),
)
UNIT_COLUMNS = (
    *("IDENT_REP", "IDENT_INT", "DEPCOM", "CODEPOSTAL", "NUMVOIE", "INDREP", "TYPVOIE", "NOMVOIE", "NUMAPPT", "ETAGE"),
    *("IMMEU", "QPV", "TYPECONST", "NBPIECE", "SURFHAB", "CONSTRUCT", "FINAN", "MODE", "LOYERPRINC", "DPEENERGIE"),
)
LANDLORD_SIREN, LANDLORD_NAME = "990000036", "Habitat des Corbières"


@dataclass(frozen=True, slots=True)
class Addressed:
    """An address of the extract."""

    row: dict[str, str]
    units: int


def addresses() -> list[Addressed]:
    """Every address of the extract, with how many units it has."""
    with EXTRACT.open(encoding="utf-8", newline="") as lines:
        return [Addressed(row, max(1, int(float(row["nb"])))) for row in csv.DictReader(lines, delimiter=";")]


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """A CSV of a French office: semicolons, a mark."""
    lines = [";".join(columns), *(";".join(str(cell) for cell in row) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig")


def units(count: int) -> list[list[object]]:
    """So many units, as the landlord's own file states them: each with its reference and its identifier."""
    draw, rows, known = random.Random("parc"), list[list[object]](), addresses()
    turn = 0
    while len(rows) < count:
        for place, each in enumerate(known):
            for door in range(each.units):
                if len(rows) == count:
                    return rows
                rows.append(_unit(each.row, len(rows) + 1, place, door + 100 * turn, draw))
        turn += 1
    return rows


def _unit(row: dict[str, str], number: int, place: int, door: int, draw: random.Random) -> list[object]:
    rooms = int(float(row["NBPIECE"] or 3))
    return [
        f"11{number:08d}",
        f"HC-{place + 1:04d}-{number:05d}",
        row["DEPCOM"],
        row["CODEPOSTAL"],
        row["NUMVOIE"],
        row["INDREP"],
        row["TYPVOIE"],
        row["NOMVOIE"],
        door + 1,
        door % 5,
        row["IMMEU"].replace(";", " ") or row["NOMVOIE"],
        row["QPV"],
        row["TYPECONST"],
        rooms,
        f"{18 + 16 * rooms + draw.randrange(8)}",
        row["CONSTRUCT"],
        row["FINAN"],
        1,
        f"{180 + 90 * rooms + draw.randrange(60)},{draw.randrange(100):02d}",
        row["DPEENERGIE"],
    ]


def unit_file(rows: Iterable[Sequence[object]]) -> bytes:
    """Under the names of the arrêté."""
    return table(UNIT_COLUMNS, rows)


def holder_file() -> bytes:
    """Each with the address of whoever answers for it."""
    rows = [
        (nature, place, siren, name, f"responsable{number}@reservataire.example", f"Service logement {number}")
        for number, (nature, place, name, siren) in enumerate(HOLDERS)
    ]
    return table(("nature", "territoire", "SIREN", "nom", "adresse du responsable", "nom du responsable"), rows)


def convention_file(names: Sequence[str], year: int) -> bytes:
    """`names`: the SIREN of each holder. Three years from the first of January, signed the month before."""
    rows = [
        (names[holder], contingent, place, percent, f"01/01/{year}", f"31/12/{year + 2}", f"15/12/{year - 1}")
        for holder, contingent, place, percent in RATES
    ]
    return table(("SIREN", "contingent", "périmètre", "taux", "début", "fin", "signée le"), rows)


def bearers(references: Sequence[str], count: int) -> list[str]:
    """The units that bear an old right: they are not of the flow."""
    return random.Random("droits").sample(list(references), count)


def right_file(names: Sequence[str], references: Sequence[str], count: int) -> bytes:
    """Old rights of communes on named units: guarantees whose loan runs still."""
    rows = [
        (
            f"GE-{number:03d}",
            names[3 + number % 5],
            "garantie d’emprunt",
            f"01/03/{2001 + number % 15}",
            f"31/12/{2030 + number % 15}",
            reference,
        )
        for number, reference in enumerate(bearers(references, count))
    ]
    return table(
        ("référence du titre", "réservataire", "fondement", "début", "fin de l’emprunt", "référence du logement"), rows
    )


def opening_file(names: Sequence[str], since: str, opened_on: str) -> bytes:
    """What the landlord's own table stated of the year, contingent by contingent in the Aude."""
    rows = [
        (names[holder], contingent, "11", since, opened_on, 300, percent, received, "tableau de suivi de l’année")
        for received, (holder, contingent, place, percent) in enumerate(RATES, 5)
        if place in ("", "11")
    ]
    columns = ("SIREN", "contingent", "département", "compté depuis le", "compte tenu ici à partir du")
    return table((*columns, "logements entrés dans le flux", "dû", "reçus", "source"), rows)


#: Whom the spreadsheet of the year calls so, and the name that accounts have.
NICKNAMES = {
    "Préfecture prioritaires": "État – publics prioritaires",
    "Préfecture agents": "État – agents",
    "ALS": "Action Logement Services",
    "Agglo": "CA Le Grand Narbonne",
    "Mairie de Narbonne": "Ville de Narbonne",
    "Région": "Région (Occitanie)",
    "Bailleur": "Non réservé",
}


def past_file(references: Sequence[str], count: int, days: Sequence[date]) -> bytes:
    """The spreadsheet of the year, from the day on that no opening balance counts: a unit and its holder each, in the
    order of their notices; two out of three allocated the same day, one of these let."""
    nicknames, last = list(NICKNAMES), days[-1]
    rows = []
    for number, reference in enumerate(references[:count]):
        notice = days[number * len(days) // count]
        outcome = ("attribué", "bail signé", "")[number % 3]
        rows.append(
            (
                f"{notice:%d/%m/%Y}",
                reference,
                nicknames[number % len(nicknames)],
                f"{notice:%d/%m/%Y}",
                f"{last:%d/%m/%Y}" if outcome else "",
                f"{last:%d/%m/%Y}" if outcome == "bail signé" else "",
                outcome,
            )
        )
    columns = (
        "date de congé",
        "référence",
        "réservataire",
        "date de proposition",
        "date CALEOL",
        "date du bail",
        "suite",
    )
    return table(columns, rows)


def people_file(count: int) -> bytes:
    """A directory: two managers, the others on the staff."""
    rows = [
        (f"agent{number}@corbieres.example", f"Agent {number}", "responsable" if number < 2 else "agent")
        for number in range(count)
    ]
    return table(("courriel", "nom", "fonction"), rows)


@dataclass(frozen=True, slots=True)
class Wrong:
    """A file made wrong on purpose, its kind, and the lines that must be named (none: it is no table)."""

    what: str
    kind: str
    content: bytes
    lines: tuple[int, ...]


def wrong_files(names: Sequence[str], rows: Sequence[Sequence[object]], year: int) -> list[Wrong]:
    """Fourteen of them, each with good lines around the wrong ones."""
    unit = dict(zip(UNIT_COLUMNS, rows[0], strict=True))

    def units_with(*changes: dict[str, object]) -> bytes:
        good = [list(row) for row in rows[:2]]
        wrong = [[str((unit | change)[name]) for name in UNIT_COLUMNS] for change in changes]
        return unit_file([*good, *wrong])

    def new(number: int, **change: object) -> dict[str, object]:
        return {"IDENT_REP": f"99{number:08d}", "IDENT_INT": f"NEUF-{number}", **change}

    terms = f"01/01/{year + 3};31/12/{year + 5};15/12/{year + 2}".split(";")
    convention = ("SIREN", "contingent", "périmètre", "taux", "début", "fin", "signée le")
    right = ("référence du titre", "réservataire", "fondement", "début", "référence du logement")
    holder = ("nature", "territoire", "SIREN", "nom")
    past = ("date de congé", "référence", "réservataire", "date de proposition")
    reference, other = str(rows[0][1]), str(rows[1][1])
    return [
        Wrong("deux fois la même référence", "logements", units_with(new(1), new(2), new(1)), (6,)),
        Wrong("commune inconnue", "logements", units_with(new(1, DEPCOM="99999"), new(2)), (4,)),
        Wrong(
            "pièces et financement illisibles",
            "logements",
            units_with(new(1, NBPIECE="trois"), new(2, FINAN="ZZ")),
            (4, 5),
        ),
        Wrong(
            "un logement dans deux programmes",
            "logements",
            units_with({"IMMEU": "AILLEURS"}, new(2)),
            (4,),
        ),
        Wrong(
            "SIREN faux, nature inconnue",
            "reservataires",
            table(holder, [("autre", "", "123456789", "X"), ("tribu", "", "", "Y"), ("commune", "11145", "", "")]),
            (2, 3),
        ),
        Wrong("lieu inconnu", "reservataires", table(holder, [("commune", "Nulle-Part-sur-Mer", "", "")]), (2,)),
        Wrong(
            "plus de 100 % du flux",
            "conventions",
            table(convention, [(names[1], 3, "11", "80", *terms), (names[3], 4, "", "30", *terms)]),
            (3,),
        ),
        Wrong("réservataire inconnu", "conventions", table(convention, [("Ville d’Ys", "", "", "10", *terms)]), (2,)),
        Wrong(
            "autre taux que celui signé, fin avant le début",
            "conventions",
            table(
                convention,
                [
                    (names[3], 4, "", "13", f"01/01/{year}", f"31/12/{year + 2}", f"15/12/{year - 1}"),
                    (names[4], 4, "", "10", terms[1], terms[0], terms[2]),
                ],
            ),
            (2, 3),
        ),
        Wrong(
            "logement inconnu, fondement inconnu",
            "droits",
            table(
                right,
                [
                    ("X-1", names[3], "terrain", "01/01/2010", "INCONNU"),
                    ("X-2", names[3], "cadeau", "01/01/2010", reference),
                ],
            ),
            (2, 3),
        ),
        Wrong(
            "adresse illisible, rôle d’ailleurs",
            "personnes",
            table(
                ("courriel", "nom", "fonction"),
                [("pas une adresse", "A", "agent"), ("b@corbieres.example", "B", "réservataire")],
            ),
            (2, 3),
        ),
        Wrong(
            "congé de l’an passé, logement inconnu, motif inconnu",
            "conges",
            table(
                ("référence", "date de congé", "libre le", "motif"),
                [
                    (reference, f"01/12/{year - 1}", f"28/12/{year - 1}", ""),
                    ("INCONNU", f"01/01/{year}", f"02/01/{year}", ""),
                    (other, f"01/01/{year}", f"02/01/{year}", "envie"),
                ],
            ),
            (2, 3, 4),
        ),
        Wrong(
            "orientation de l’an passé, réservataire inconnu, proposé avant le congé",
            "orientations-passees",
            table(
                past,
                [
                    (f"01/12/{year - 1}", reference, "ALS", f"02/12/{year - 1}"),
                    (f"02/01/{year}", reference, "Ville d’Ys", f"03/01/{year}"),
                    (f"02/01/{year}", other, "ALS", f"01/01/{year}"),
                ],
            ),
            (2, 3, 4),
        ),
        Wrong("aucun tableau", "logements", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), ()),
    ]
