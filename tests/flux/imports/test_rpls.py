"""Reading RPLS files: the real extract to the unit, and every kind of dirt, row by row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.imports.rpls import Reading, read_rpls
from flux.imports.rpls_row import COLUMNS
from flux.operations.stock_import import Lot
from reservations.imports.table import FileRefused
from tests.flux.imports.files import COMMUNES, EXTRACT, ROW, rpls

VALID = Lot(
    commune="11262",
    street_number="12",
    street_index="",
    street_type="RUE",
    street_name="VOLTAIRE",
    postal_code="11100",
    programme="LA POMMERAIE",
    first=1,
    count=3,
    rooms=3,
    surface=Decimal("65.00"),
    financing_code="13",
    in_qpv=False,
    construction_year=1984,
    is_house=False,
    energy_class="C",
)


def read(*rows: dict[str, str]) -> Reading:
    return read_rpls(rpls(*rows), communes=COMMUNES)


def refusal(content: bytes) -> str:
    with pytest.raises(FileRefused) as refused:
        read_rpls(content, communes=COMMUNES)
    assert refused.value.field == "file"
    return str(refused.value)


@pytest.fixture(scope="module")
def extract() -> Reading:
    return read_rpls(EXTRACT.read_bytes(), communes=COMMUNES)


class TestExtract:
    def test_every_unit_is_read(self, extract: Reading) -> None:
        assert (extract.rows, extract.units, extract.programmes, extract.refused) == (500, 2630, 86, [])

    def test_the_groups_are_those_measured(self, extract: Reading) -> None:
        assert extract.by_financing == {"PLAI": 183, "PLUS": 1574, "PLS": 0, "PLI": 0, "AUTRE": 873}
        assert extract.by_typology == {"T1": 36, "T2": 447, "T3": 1161, "T4": 822, "T5": 154, "T6+": 10}
        assert extract.by_qpv == {"in": 1064, "out": 1566, "unknown": 0}

    def test_the_real_dirt_is_reported_line_by_line(self, extract: Reading) -> None:
        values: dict[str, list[int]] = {}
        for remark in extract.warnings:
            values.setdefault(remark.topic, []).append(remark.line)
        assert values == {
            "Date de convention fictive": [4, 5, 6, 7, 8, 9, 10],
            "Adresse donnée deux fois": [405, 406, 407],
            "Construction avant 1850": [194, 195, 327],
            "Identifiant en minuscules": [89],
        }

    def test_two_spellings_of_one_address_lose_no_unit(self, extract: Reading) -> None:
        lots = [lot for lot in extract.lots if (lot.street_number, lot.street_name) == ("2", "DU ROUSSILLON")]
        assert [(lot.street_type, lot.first, lot.count) for lot in lots] == [
            ("BOULEVARD", 7, 10),
            ("BOULEVARD", 1, 6),
        ]

    def test_no_unit_has_the_address_and_ordinal_of_another(self, extract: Reading) -> None:
        units = [
            replace(lot, first=n, count=1) for lot in extract.lots for n in range(lot.first, lot.first + lot.count)
        ]
        keys = {(u.commune, u.street_number, u.street_index, u.street_type, u.street_name, u.first) for u in units}
        assert len(keys) == 2630

    def test_the_order_of_the_rows_does_not_matter(self, extract: Reading) -> None:
        header, *rows = EXTRACT.read_bytes().splitlines()
        reversed_file = b"\n".join([header, *reversed(rows)])
        assert sorted(read_rpls(reversed_file, communes=COMMUNES).lots, key=repr) == sorted(extract.lots, key=repr)


def test_a_row_stands_for_its_units() -> None:
    reading = read({})
    assert reading == Reading(rows=1, lots=[VALID], refused=[], warnings=[])


@pytest.mark.parametrize(
    ("dirt", "clean"),
    [
        ({"nb": "10.0", "SURFHAB": "650"}, {"count": 10}),
        ({"nb": " 3 "}, {}),
        ({"nb": "3,00"}, {}),
        ({"NBPIECE": "6.0"}, {"rooms": 6}),
        ({"FINAN": "13.0"}, {}),
        ({"DEPCOM": "11262.0"}, {}),
        ({"DEPCOM": "2a004"}, {"commune": "2A004"}),
        ({"DEPCOM": "75112"}, {"commune": "75112"}),
        ({"CODEPOSTAL": "01100.0"}, {"postal_code": "01100"}),
        ({"CONSTRUCT": "1984.0"}, {}),
        ({"SURFHAB": "100,5"}, {"surface": Decimal("33.50")}),
        ({"SURFHAB": "200"}, {"surface": Decimal("66.67")}),
        ({"QPV": "1.0"}, {"in_qpv": True}),
        ({"TYPECONST": "i"}, {"is_house": True}),
        ({"DPEENERGIE": "g"}, {"energy_class": "G"}),
        ({"DPEENERGIE": ""}, {"energy_class": ""}),
        ({"NUMVOIE": "2 B"}, {"street_number": "2", "street_index": "B"}),
        ({"NUMVOIE": "14BIS"}, {"street_number": "14", "street_index": "BIS"}),
        ({"NUMVOIE": "2 b", "INDREP": "ter"}, {"street_number": "2", "street_index": "B TER"}),
        ({"NUMVOIE": "0012"}, {}),
        ({"NUMVOIE": "12.0"}, {}),
        ({"NUMVOIE": "BT A"}, {"street_number": "BT A"}),
        ({"NUMVOIE": ""}, {"street_number": ""}),
        ({"TYPVOIE": "R"}, {}),
        ({"TYPVOIE": "r."}, {}),
        ({"TYPVOIE": "AV"}, {"street_type": "AVENUE"}),
        ({"TYPVOIE": "", "NOMVOIE": "RUE VOLTAIRE"}, {}),
        ({"TYPVOIE": "", "NOMVOIE": "VOLTAIRE"}, {"street_type": ""}),
        ({"NOMVOIE": "voltaire"}, {}),
        ({"NOMVOIE": "de  l’Église"}, {"street_name": "DE L'EGLISE"}),
        ({"NOMVOIE": "DU SACRÉ-CŒUR"}, {"street_name": "DU SACRE-COEUR"}),
        ({"NOMVOIE": '"LES PINS"'}, {"street_name": "LES PINS"}),
        ({"NOMVOIE": 'RES "LES PINS"'}, {"street_name": 'RES "LES PINS"'}),
        ({"NOMVOIE": '"LES PINS'}, {"street_name": '"LES PINS'}),
        ({"IMMEU": "L`ORION  "}, {"programme": "L'ORION"}),
        ({"IMMEU": "", "COMPLGEO": "BALISTE"}, {"programme": "BALISTE"}),
        ({"IMMEU": "0", "COMPLGEO": "-"}, {"programme": "RUE VOLTAIRE"}),
        ({"IMMEU": "", "COMPLGEO": "", "TYPVOIE": "R"}, {"programme": "RUE VOLTAIRE"}),
    ],
)
def test_dirt_is_read_without_a_warning(dirt: dict[str, str], clean: dict[str, object]) -> None:
    reading = read(dirt)
    assert reading == Reading(rows=1, lots=[replace(VALID, **clean)], refused=[], warnings=[])


def remark_on(column: str, value: str) -> str:
    return f"{column} « {value} »" if value else f"{column} vide"


@pytest.mark.parametrize(
    ("dirt", "reason"),
    [
        *(
            ({"nb": nb}, f"Nombre de logements refusé : {remark_on('nb', nb)} doit être un entier de 1 à 9 999")
            for nb in ("", "0", "-1", "2.5", "abc", "10000", "1e3", "٣", "99999999999999999999")
        ),
        *(
            (
                {"NBPIECE": rooms},
                f"Nombre de pièces refusé : {remark_on('NBPIECE', rooms)} doit être un entier de 1 à 99",
            )
            for rooms in ("", "0", "-3", "2.5", "T3", "100")
        ),
        *(
            ({"FINAN": code}, f"Financement inconnu : {remark_on('FINAN', code)} n’est pas un code du RPLS")
            for code in ("", "PLUS", "98", "1")
        ),
        *(
            ({"DEPCOM": code}, f"Commune inconnue : {remark_on('DEPCOM', code)} ; un code INSEE a cinq caractères")
            for code in ("", "99999", "1262", "NARBONNE")
        ),
        (
            {"DEPCOM": "99999", "nb": "x"},
            "Commune inconnue ; Nombre de logements refusé : DEPCOM « 99999 » ; un code INSEE a cinq caractères ; "
            "nb « x » doit être un entier de 1 à 9 999",
        ),
        ({"nb": "9" * 50}, f"Nombre de logements refusé : nb « {'9' * 40}… » doit être un entier de 1 à 9 999"),
        ({"NOMVOIE": "VOL\0TAIRE"}, "Caractère illisible dans la ligne : retapez-la"),
        (
            {"NOMVOIE": "VOL;TAIRE"},
            "Nombre de colonnes différent de l’en-tête : 20 au lieu de 19, vérifiez les séparateurs",
        ),
    ],
)
def test_a_wrong_row_is_refused_and_its_neighbours_are_read(dirt: dict[str, str], reason: str) -> None:
    reading = read({}, dirt, {"NUMVOIE": "14"})
    assert reading.rows == 3
    assert [(remark.line, remark.reason) for remark in reading.refused] == [(3, reason)]
    assert reading.lots == [VALID, replace(VALID, street_number="14")]


@pytest.mark.parametrize(
    ("dirt", "kept", "reason"),
    [
        ({"CONSTRUCT": "1640"}, {"construction_year": 1640}, "Construction avant 1850 : 1640, vérifiez l’année"),
        ({"CONSTRUCT": ""}, {"construction_year": None}, "Année de construction inconnue : CONSTRUCT vide"),
        ({"CONSTRUCT": "84"}, {"construction_year": None}, "Année de construction inconnue : CONSTRUCT « 84 »"),
        ({"PATRIMOINE": "1970"}, {}, "Entrée au patrimoine avant la construction : PATRIMOINE 1970, CONSTRUCT 1984"),
        ({"LOCAT": "1983"}, {}, "Première location avant la construction : LOCAT 1983, CONSTRUCT 1984"),
        (
            {"DATCONV": "01/01/2000"},
            {},
            "Date de convention fictive : DATCONV 01/01/2000 remplace souvent une date inconnue",
        ),
        ({"DATCONV": "hier"}, {}, "Date de convention illisible : DATCONV « hier » au lieu de jj/mm/aaaa"),
        ({"SURFHAB": ""}, {"surface": None}, "Surface inconnue : SURFHAB vide"),
        ({"SURFHAB": "-3"}, {"surface": None}, "Surface inconnue : SURFHAB « -3 »"),
        ({"SURFHAB": "900000000"}, {"surface": None}, "Surface inconnue : SURFHAB « 900000000 »"),
        ({"SURFHAB": "20"}, {"surface": Decimal("6.67")}, "Surface peu vraisemblable : 6,67 m² par logement"),
        ({"SURFHAB": "900"}, {"surface": Decimal("300.00")}, "Surface peu vraisemblable : 300,00 m² par logement"),
        (
            {"QPV": "3"},
            {"in_qpv": None},
            "Quartier prioritaire inconnu : QPV « 3 » au lieu de 1 (dedans) ou 2 (dehors)",
        ),
        ({"TYPECONST": "E"}, {"is_house": None}, "Type de construction inconnu : TYPECONST « E » au lieu de I ou C"),
        (
            {"DPEENERGIE": "H"},
            {"energy_class": ""},
            "Étiquette énergie inconnue : DPEENERGIE « H » au lieu de A à G",
        ),
        (
            {"CODEPOSTAL": "1110"},
            {"postal_code": ""},
            "Code postal inconnu : CODEPOSTAL « 1110 » n’a pas cinq chiffres",
        ),
        (
            {"NOMVOIE": ""},
            {"street_name": ""},
            "Nom de voie absent : les logements ne se distinguent que par leur rang dans la commune",
        ),
        ({"NOMVOIE": "V" * 130}, {"street_name": "V" * 120}, "NOMVOIE trop long : coupé à 120 caractères"),
        ({"IMMEU": "P" * 130}, {"programme": "P" * 120}, "Nom de programme trop long : coupé à 120 caractères"),
    ],
)
def test_an_odd_value_is_kept_with_a_warning(dirt: dict[str, str], kept: dict[str, object], reason: str) -> None:
    reading = read({}, {"NUMVOIE": "14"} | dirt)
    assert reading.lots == [VALID, replace(VALID, street_number="14", **kept)]
    assert [(remark.line, remark.reason) for remark in reading.warnings] == [(3, reason)]


def test_lower_case_identifiers_are_reported() -> None:
    content = rpls({"COMPLIDENT": "7 rue Pierre Souvestre"}, columns=[*ROW, "COMPLIDENT"])
    reading = read_rpls(content, communes=COMMUNES)
    assert reading.lots == [VALID]
    assert [remark.reason for remark in reading.warnings] == [
        "Identifiant en minuscules : COMPLIDENT « 7 rue Pierre Souvestre »"
    ]


def test_a_row_without_programme_nor_street_is_kept() -> None:
    reading = read({"TYPVOIE": "", "NOMVOIE": "", "IMMEU": ""})
    assert reading.lots == [replace(VALID, street_type="", street_name="", programme="Sans nom")]


class TestOneAddressTwice:
    def test_ordinals_follow_each_other(self) -> None:
        reading = read({"TYPVOIE": "RUE", "nb": "2"}, {"TYPVOIE": "R", "nb": "3"})
        assert [(lot.first, lot.count) for lot in reading.lots] == [(4, 2), (1, 3)]
        assert [(remark.line, remark.reason) for remark in reading.warnings] == [
            (2, "Adresse donnée deux fois : ses logements suivent ceux de la ligne 3")
        ]

    def test_an_identical_row_is_counted_and_reported(self) -> None:
        reading = read({}, {})
        assert [(lot.first, lot.count) for lot in reading.lots] == [(1, 3), (4, 3)]
        assert [remark.reason for remark in reading.warnings] == [
            "Ligne en double : identique à la ligne 2, ses logements sont comptés en plus"
        ]

    def test_a_full_address_refuses_the_row_and_its_warnings(self) -> None:
        reading = read({"nb": "9999", "SURFHAB": "600000"}, {"nb": "9999", "SURFHAB": "x"})
        assert [lot.count for lot in reading.lots] == [9999]
        assert [(remark.line, remark.reason) for remark in reading.refused] == [
            (3, "Trop de logements à cette adresse : 9 999 au plus")
        ]
        assert reading.warnings == []


class TestFile:
    @pytest.mark.parametrize("content", [b"", b"  \n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"])
    def test_an_empty_file_is_refused(self, content: bytes) -> None:
        assert refusal(content) == "Le fichier est vide : choisissez-en un qui a des lignes."

    def test_a_file_without_rows_is_refused(self) -> None:
        assert refusal(rpls()) == (
            "Le fichier a ses en-têtes mais aucune ligne : exportez-le de nouveau avec ses logements."
        )

    def test_a_byte_of_no_encoding_is_refused_with_its_line(self) -> None:
        assert refusal(rpls({}, {"NOMVOIE": "DE L'GLISE"}).replace(b"L'G", b"L'\x81G")) == (
            "Le fichier n’est ni en UTF-8 ni en Windows (première erreur à la ligne 3) : enregistrez-le au format "
            "« CSV UTF-8 », puis choisissez-le de nouveau."
        )

    @pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
    def test_utf_16_without_its_mark_is_refused(self, encoding: str) -> None:
        assert refusal(rpls({}).decode().encode(encoding)).startswith("Le fichier n’est ni en UTF-8 ni en Windows")

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"PK\x03\x04...", "Ce classeur ne se lit pas"),
            (b"\xd0\xcf\x11\xe0...", "C’est un ancien classeur (.xls)"),
            (b"%PDF-1.7", "C’est un PDF"),
        ],
    )
    def test_what_is_no_table_is_refused(self, content: bytes, sentence: str) -> None:
        assert refusal(content).startswith(sentence)

    def test_any_text_is_refused(self) -> None:
        assert refusal(b"Bonjour").startswith("Ce n’est pas un tableau")

    @pytest.mark.parametrize("column", COLUMNS)
    def test_a_missing_column_is_named(self, column: str) -> None:
        columns = [name for name in ROW if name.upper() != column]
        shown = "nb" if column == "NB" else column
        assert refusal(rpls({}, columns=columns)) == (
            f"Il manque la colonne {shown} : exportez le fichier avec toutes ses colonnes."
        )

    def test_all_missing_columns_are_named(self) -> None:
        columns = [name for name in ROW if name not in ("nb", "FINAN")]
        assert refusal(rpls({}, columns=columns)) == (
            "Il manque les colonnes FINAN, nb : exportez le fichier avec toutes ses colonnes."
        )

    def test_a_column_given_twice_is_refused(self) -> None:
        assert refusal(rpls({}, columns=[*ROW, "FINAN"])) == (
            "Une colonne est donnée deux fois (FINAN) : n’en gardez qu’une."
        )

    @pytest.mark.parametrize(
        "spelled",
        [
            lambda text: "\ufeff" + text,
            lambda text: text.replace("\n", "\r\n"),
            lambda text: text.replace("\n", "\r"),
            lambda text: text.rstrip("\n"),
            lambda text: text + "\n\n;;;;\n",
            lambda text: text.replace("nb", " NB "),
            lambda text: text.replace("\n", ";\n"),
            lambda text: "\n".join(f'"{line.replace(";", chr(34) + ";" + chr(34))}"' for line in text.split("\n")[:-1]),
        ],
        ids=["mark", "crlf", "cr", "no last newline", "blank lines", "header case", "one separator more", "quotes"],
    )
    def test_ways_of_writing_a_file_do_not_matter(self, spelled) -> None:
        content = spelled(rpls({}).decode()).encode()
        assert read_rpls(content, communes=COMMUNES) == Reading(1, [VALID], [], [])

    def test_lines_are_those_of_the_file(self) -> None:
        content = rpls({}, {"nb": "x"}).replace(b"\n12", b"\n\n12")
        lines = content.decode().split("\n")
        spaced = "\n".join([lines[0], "", lines[1], "", "", lines[2]]).encode()
        assert [remark.line for remark in read_rpls(spaced, communes=COMMUNES).refused] == [6]


cell = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)
dirty_cell = cell | st.sampled_from(
    ["", "0", "-1", "2.5", "1e9", '"', '""', '"a', "12 B", "nan", "inf", "²", "\0", "\r"]
)
dirty_row = st.dictionaries(st.sampled_from(list(ROW)), dirty_cell)
dirty_line = cell | st.lists(dirty_cell, max_size=25).map(";".join)


@given(before=dirty_row, line=dirty_line)
def test_no_dirt_raises_nor_loses_a_valid_row(before: dict[str, str], line: str) -> None:
    """Whatever its neighbours hold, a valid row gives its units, and the neighbours are read or refused."""
    mine = {"DEPCOM": "2A004", "NOMVOIE": "SEULE ICI", "NUMVOIE": "7"}
    header, dirty, valid = rpls(before, mine).decode().removesuffix("\n").rsplit("\n", 2)
    reading = read_rpls("\n".join([header, dirty, line, valid]).encode(), communes=COMMUNES)
    assert replace(VALID, commune="2A004", street_name="SEULE ICI", street_number="7") in reading.lots
    assert len(reading.lots) + len(reading.refused) == reading.rows
    assert {remark.line for remark in reading.refused} <= {2, 3}
    assert {remark.line for remark in reading.warnings} <= {2, 3}
    assert all(remark.reason for remark in (*reading.refused, *reading.warnings))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    refusal(content)
