"""The columns of a stock described unit by unit: those of the landlord's RPLS file (arrêté du 5 janvier 2010, modified
on 26 January 2022), or of a spreadsheet of its own, under French names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from flux import financing
from flux.models import Unit
from flux.models.unit import LONGEST_REFERENCE, RPLS_ID
from reservations.imports.cells import CellRefused, choice, day, decimal, month, text, whole, yes_no
from reservations.imports.convention_rates import CONFIRMED_COLUMN
from reservations.imports.kinds import Column, FileLine, Scope
from reservations.imports.parties import place_of
from reservations.models import Territory
from reservations.models.territory import search_key

#: The items of the arrêté, in the order in which a file that names no column gives them.
ITEMS = (
    *("IDENT_REP", "IDENT_INT", "DROIT", "DEPCOM", "CODEPOSTAL", "LIBCOM", "NUMVOIE", "INDREP", "TYPVOIE", "NOMVOIE"),
    *("NUMAPPT", "NUMBOITE", "ESC", "COULOIR", "ETAGE", "COMPLIDENT", "ENTREE", "BAT", "IMMEU", "COMPLGEO"),
    *("LIEUDIT", "ITEM21", "QPV", "TYPECONST", "NBPIECE", "SURFHAB", "CONSTRUCT", "LOCAT", "PATRIMOINE", "ORIGINE"),
    *("ITEM30", "ITEM31"),
    *("FINAN", "ITEM33", "CONV", "NUMCONV", "DATCONV", "SORTIE", "ITEM38", "ITEM39", "MODE", "BAIL"),
    *("MODESURF", "SURFMODE", "LOYERPRINC", "LOYERACC", "CONTRIB", "CUS", "DPEDATE", "DPEENERGIE", "DPESERRE"),
    *("SRU_EXPIR", "SRU_ALINEA", "GEST", "CODSEGPATRIM", "LIBSEGPATRIM"),
    *("ITEM56", "ITEM57", "ITEM58", "ITEM59", "ITEM60", "ITEM61", "DERLOC", "CONTINGENT"),
)
Left = Unit.Left
#: T2-37, reason for leaving the stock; 9 is « sans objet ».
LEFT = {1: Left.OCCUPANT, 2: Left.LANDLORD, 3: Left.SOLD, 4: Left.DEMOLISHED, 5: Left.OTHERWISE}
OUT_OF_STOCK = 9
LONGEST_NAME = 120
#: What files write for a rent that is not known, or has no object.
NO_RENT = (Decimal(0), Decimal(999), Decimal(9999))
FLOOR = re.compile(r"(?:R\s*\+|ETAGE|ET)?\s*(-?[0-9]{1,2})(?:[.,]0+)?\s*(?:E|ER|EME|ETAGE)?")
GROUND = frozenset({"RDC", "RC", "REZ DE CHAUSSEE", "REZ-DE-CHAUSSEE", "R"})


INSEE = re.compile(r"[0-9][0-9AB][0-9]{3}")
NAMED = re.compile(r"[^\W\d_]{2}")


def commune(cell: str) -> str:
    """An INSEE code, of which a spreadsheet eats the first zero; or a name, to be found (`settle_communes`)."""
    code = re.sub(r"[.,]0+$", "", cell.strip().upper())
    code = code.zfill(5) if code.isdecimal() else code
    if INSEE.fullmatch(code):
        return code
    if NAMED.match(cell.strip()) and len(cell) <= LONGEST_NAME:
        return " ".join(cell.split())
    raise CellRefused("écrivez un code INSEE de cinq caractères, par exemple 11262, ou le nom de la commune.")


def directory_id(cell: str) -> str:
    """IDENT_REP, as the directory gives it: no space, capitals."""
    sentence = text(14)(cell).replace(" ", "").upper()
    if not RPLS_ID.fullmatch(sentence):
        raise CellRefused("recopiez l’identifiant du répertoire : des chiffres et des lettres, rien d’autre.")
    return sentence


def settle_communes(lines: Iterable[FileLine], scope: Scope) -> None:
    """Give the INSEE code of the communes that are written by name, whole or by a nickname; asks which it is of the
    others, and of those that several have."""
    for line in lines:
        if INSEE.fullmatch(result := line.values["commune"]):
            continue
        place = place_of(line, "commune", Territory.COMMUNAL, scope, whole=True)
        if place is not None:
            line.values["commune"] = place.code
            if search_key(result) == place.search_name:
                line.topics.append(f"« {result} » lu : {place.name} ({place.code})")


def postal_code(cell: str) -> str:
    """Five digits, their first zero found again."""
    code = re.sub(r"[.,]0+$", "", cell.strip()).zfill(5)
    if not re.fullmatch("[0-9]{5}", code):
        raise CellRefused("écrivez un code postal de cinq chiffres.")
    return code


def rooms(cell: str) -> int:
    """Main rooms: « 3 », « 3.0 », « T3 », « F3 »."""
    sentence = re.sub(r"^[TF]\s*", "", cell.strip().upper()).replace("BIS", "").rstrip("+ ")
    try:
        return int(whole(1, 99)(sentence))
    except CellRefused:
        raise CellRefused("écrivez un nombre de pièces de 1 à 99.") from None


def financed(cell: str) -> str:
    """A code of RPLS item 32, or the plain name of a loan that has one."""
    code = re.sub(r"[.,]0+$", "", cell.strip())
    if code and financing.is_known(code):
        return code
    if len(named := list(financing.codes_of(cell.strip().upper()))) and cell.strip().upper() in BY_NAME:
        return BY_NAME[cell.strip().upper()] if BY_NAME[cell.strip().upper()] in named else named[0]
    raise CellRefused("écrivez un code du RPLS (10, 13, 14…) ou PLAI, PLUS, PLS, PLI.")


#: The code of the loans of today, for those who write their name.
BY_NAME = {"PLAI": "10", "PLUS": "13", "PLS": "14", "PLI": "16"}


def floor(cell: str) -> int:
    """« RDC », « 2 », « R+2 », « 2e »."""
    sentence = (
        " ".join(search_key(cell).upper().split()) if cell.strip()[0] not in "-0123456789R" else cell.strip().upper()
    )
    if sentence in GROUND:
        return 0
    match = FLOOR.fullmatch(sentence)
    if match is None or not -3 <= int(match[1]) <= 60:
        raise CellRefused("écrivez un étage de −3 à 60 ; RDC ou 0 est le rez-de-chaussée.")
    return int(match[1])


def rent(cell: str) -> Decimal | None:
    """Euros a month; what stands for « sans objet » is none."""
    number: Decimal = decimal(0, 9_999)(cell)
    if number in NO_RENT:
        return None
    if number > 5_000:
        raise CellRefused("écrivez un montant mensuel de 0 à 5 000 €.")
    return number


def left(cell: str) -> Unit.Left | None:
    """Why a unit left the stock: a code of T2-37, or a word."""
    if re.fullmatch(r"[0-9](?:[.,]0+)?", cell.strip()):
        return LEFT.get(int(cell.strip()[0]))
    result: Unit.Left | None = choice({"vendu": Left.SOLD, "vente": Left.SOLD, "démoli": Left.DEMOLISHED,
        "démolition": Left.DEMOLISHED, **{each.label: each for each in LEFT.values()}})(cell)  # fmt: skip
    return result


def energy(cell: str) -> str:
    """A letter, A to G."""
    letter = cell.strip().upper()
    if letter not in {*"ABCDEFG"}:
        raise CellRefused("écrivez une lettre : A, B, C… G.")
    return letter


def last_offered(cell: str) -> object:
    """A day, or a month by its first day."""
    try:
        return day(cell)
    except CellRefused:
        return month(cell)


def contingent(cell: str) -> int:
    """A code of item 63."""
    return int(whole(0, 99)(cell))


COLUMNS = (
    Column(
        "référence",
        text(LONGEST_REFERENCE),
        "La référence du logement dans votre logiciel : elle le reconnaît d’un fichier à l’autre.",
        ("IDENT_INT", "référence logement", "réf", "code logement", "n° logement", "reference_logement"),
        example="0123-B-045",
    ),
    Column(
        "identifiant RPLS",
        directory_id,
        "L’identifiant du répertoire, dix positions.",
        ("IDENT_REP", "identifiant répertoire", "rpls", "id rpls"),
        example="1100123456",
    ),
    Column(
        "commune",
        commune,
        "Le code INSEE de la commune, ou de l’arrondissement ; ou son nom, quand une seule le porte.",
        ("DEPCOM", "code insee", "insee", "code commune", "code INSEE commune"),
        required=True,
        example="11262",
    ),
    Column("code postal", postal_code, "Cinq chiffres.", ("CODEPOSTAL", "cp"), soft=True, example="11100"),
    Column("numéro", text(15), "Le numéro dans la voie.", ("NUMVOIE", "n°", "num voie", "numéro voie"), example="12"),
    Column("indice", text(10), "Bis, ter, A…", ("INDREP", "indice de répétition", "indice répétition")),
    Column("type de voie", text(30), "Rue, avenue…", ("TYPVOIE", "type voie"), example="RUE"),
    Column("voie", text(120), "Le nom de la voie.", ("NOMVOIE", "nom de voie", "rue", "adresse"), example="VOLTAIRE"),
    Column(
        "programme",
        text(120),
        "Programme ou résidence.",
        ("IMMEU", "résidence", "nom programme"),
        example="Les Pins",
    ),
    Column("complément", text(120), "Sert de programme quand il manque.", ("COMPLGEO",)),
    Column("bâtiment", text(30), "Le bâtiment.", ("BAT", "bat", "bâtiment entrée"), soft=True, example="B"),
    Column("escalier", text(10), "L’escalier.", ("ESC", "esc", "cage"), soft=True),
    Column("étage", floor, "0 ou RDC est le rez-de-chaussée.", ("ETAGE", "niveau"), soft=True, example="2"),
    Column("appartement", text(15), "Le numéro de porte.", ("NUMAPPT", "porte", "n° appartement"), soft=True),
    Column(
        "pièces",
        rooms,
        "Pièces principales, ou T3.",
        ("NBPIECE", "nombre de pièces", "typologie", "type logement", "nb pièces"),
        required=True,
        example="3",
    ),
    Column(
        "surface",
        decimal(1, 2_000),
        "Surface habitable, m².",
        ("SURFHAB", "surface habitable"),
        soft=True,
        example="65,5",
    ),
    Column(
        "financement",
        financed,
        "Code de la rubrique 32 du RPLS, ou PLAI, PLUS, PLS, PLI.",
        ("FINAN", "financement initial", "code financement"),
        required=True,
        example="13",
    ),
    Column(
        "quartier prioritaire",
        yes_no,
        "Oui ou non (RPLS : 1 ou 2).",
        ("QPV", "en qpv"),
        soft=True,
        example="non",
    ),
    Column(
        "construction",
        whole(1000, 2100),
        "Année d’achèvement.",
        ("CONSTRUCT", "année d’achèvement", "année construction", "année"),
        soft=True,
        example="1984",
    ),
    Column(
        "individuel",
        choice({"I": True, "individuel": True, "maison": True, "C": False, "collectif": False}),
        "I ou C.",
        ("TYPECONST", "type de construction"),
        soft=True,
        example="C",
    ),
    Column(
        "étiquette énergie",
        energy,
        "Une lettre : A, B, C… G.",
        ("DPEENERGIE", "dpe", "classe énergie"),
        soft=True,
        example="C",
    ),
    Column(
        "loyer",
        rent,
        "Loyer mensuel hors charges, €.",
        ("LOYERPRINC", "loyer principal", "loyer hc"),
        soft=True,
        example="412,50",
    ),
    Column(
        "bail",
        month,
        "Début du bail en cours, mois et année.",
        ("BAIL", "début du bail"),
        soft=True,
        example="09/2019",
    ),
    Column(
        "remise en location",
        last_offered,
        "Dernière remise en location.",
        ("DERLOC", "date remise en location"),
        soft=True,
    ),
    Column(
        "occupation",
        whole(0, 99),
        "RPLS, MODE : 1 loué, 2 vacant, 3 vide, 9 hors parc.",
        ("MODE",),
        soft=True,
        example="1",
    ),
    Column(
        "sortie",
        left,
        "Vendu, démoli… : le logement sort du parc.",
        ("SORTIE", "motif de sortie", "motif sortie", "motif", "SORTIEPATRIM"),
        soft=True,
    ),
    Column(
        "contingent",
        contingent,
        "RPLS, rubrique 63 : un droit à vérifier, que l’import n’enregistre pas.",
        ("contingent de réservation", "rubrique 63"),
        soft=True,
        example="7",
    ),
    Column("logiciel", text(40), "Le logiciel d’où vient la référence.", ("logiciel d’origine", "source"), soft=True),
    CONFIRMED_COLUMN,
)
#: By column, the field of the unit that it gives.
FIELDS = {
    "référence": "reference",
    "identifiant RPLS": "rpls_id",
    "code postal": "postal_code",
    "bâtiment": "building",
    "escalier": "staircase",
    "étage": "floor",
    "appartement": "door",
    "pièces": "rooms",
    "surface": "surface",
    "financement": "financing_code",
    "quartier prioritaire": "in_qpv",
    "construction": "construction_year",
    "individuel": "is_house",
    "étiquette énergie": "energy_class",
    "loyer": "rent",
    "bail": "leased_since",
    "remise en location": "last_offered_on",
    "contingent": "told_contingent",
    "logiciel": "software",
}
