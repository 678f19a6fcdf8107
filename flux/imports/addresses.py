"""One spelling for one address, so that the same place is recognised from one file to the next.

The way of the postal norm (AFNOR NF Z 10-011): capitals, no accent; but street types in full and apostrophes kept,
because people read them.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

#: Short street types of the cadastre and of RPLS files, and what they stand for.
STREET_TYPES = {
    "ALL": "ALLEE",
    "AV": "AVENUE",
    "AVE": "AVENUE",
    "BD": "BOULEVARD",
    "BLD": "BOULEVARD",
    "BVD": "BOULEVARD",
    "CAR": "CARREFOUR",
    "CHE": "CHEMIN",
    "CHEM": "CHEMIN",
    "CITE": "CITE",
    "CLOS": "CLOS",
    "CRS": "COURS",
    "DOM": "DOMAINE",
    "ESP": "ESPLANADE",
    "FG": "FAUBOURG",
    "HAM": "HAMEAU",
    "IMP": "IMPASSE",
    "LOT": "LOTISSEMENT",
    "MTE": "MONTEE",
    "PAS": "PASSAGE",
    "PL": "PLACE",
    "PRO": "PROMENADE",
    "PROM": "PROMENADE",
    "QU": "QUAI",
    "R": "RUE",
    "RES": "RESIDENCE",
    "RPT": "ROND POINT",
    "RTE": "ROUTE",
    "SEN": "SENTIER",
    "SQ": "SQUARE",
    "TRA": "TRAVERSE",
    "VLA": "VILLA",
}
#: Signs typed one for another, and the ligatures that no decomposition knows.
SAME_LETTER = str.maketrans({"’": "'", "`": "'", "´": "'", "œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"})
FULL_TYPES = frozenset(STREET_TYPES.values())

#: A number, perhaps padded with zeros or written as a decimal, perhaps with its index: « 0012 », « 12.0 », « 2 B ».
NUMBER = re.compile(r"0*([0-9]+)(?:[.,]0+)?\s*([A-Z]*)")


@lru_cache(4_000)
def plain(text: str) -> str:
    """Capitals, no accent, single spaces, straight apostrophes: « Rue de l’Église » → « RUE DE L'EGLISE »."""
    letters = unicodedata.normalize("NFKD", text.translate(SAME_LETTER)).upper()
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def street_number(number: str, index: str) -> tuple[str, str]:
    """The number and its repetition index: (« 2 B », « ») → (« 2 », « B »); a letter alone stays a number."""
    number, index = plain(number), plain(index)
    if match := NUMBER.fullmatch(number):
        return match[1], " ".join(part for part in (match[2], index) if part)
    return number, index


def street(kind: str, name: str) -> tuple[str, str]:
    """The street type in full, and the name: (« R », « VOLTAIRE ») and (« », « RUE VOLTAIRE ») are one street."""
    kind, name = plain(kind).rstrip("."), plain(name)
    if not kind:
        first, _, rest = name.partition(" ")
        if first in FULL_TYPES and rest:
            return first, rest
    return STREET_TYPES.get(kind, kind), name
