"""The kind of file that states a stock address by address: the public RPLS, a line that stands for several units. What
is already known at an address is brought up to date; nothing is ever taken away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from flux.imports.rpls import Placed, ordered
from flux.imports.rpls_row import COLUMNS, IDENTIFIERS, AddressRow, Remark, RowRefused, shown
from flux.models import Programme, Unit
from flux.operations.stock_import import ADDRESS, ATTRIBUTES, Lot, LotFound, ProgrammeNames, find_lots, import_stock
from flux.permissions import can_manage_stock
from reservations.imports.cells import text
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict, plain
from reservations.imports.staging import laid_down
from reservations.models import FileImport, ImportedLine, Landlord, Membership, Territory
from reservations.models.guards import in_order
from reservations.refusals import Refusal

#: What each column is, for the page of columns.
SAYS = {
    "DEPCOM": "Code INSEE de la commune.",
    "CODEPOSTAL": "Code postal.",
    "NUMVOIE": "Numéro dans la voie.",
    "INDREP": "Indice de répétition : B, T…",
    "TYPVOIE": "Type de voie.",
    "NOMVOIE": "Nom de la voie.",
    "IMMEU": "Nom de l’immeuble : c’est celui du programme.",
    "COMPLGEO": "Complément d’adresse, à défaut d’immeuble.",
    "QPV": "En quartier prioritaire : 1 dedans, 2 dehors.",
    "TYPECONST": "I, individuel ; C, collectif.",
    "NBPIECE": "Nombre de pièces.",
    "SURFHAB": "Surface habitable, de tous les logements de la ligne.",
    "CONSTRUCT": "Année de construction.",
    "LOCAT": "Année de première location.",
    "PATRIMOINE": "Année d’entrée au patrimoine.",
    "FINAN": "Financement d’origine, code du RPLS.",
    "DATCONV": "Date de la convention avec l’État.",
    "DPEENERGIE": "Étiquette énergie, une lettre : A pour la meilleure, G pour la pire.",
    "NB": "Nombre de logements de la ligne.",
}
EXAMPLES = {"DEPCOM": "11262", "FINAN": "13", "NBPIECE": "3", "NB": "4"}
#: What a column of a unit is called in the file.
NAMES = dict(
    zip(
        ATTRIBUTES,
        ("IMMEU", "CODEPOSTAL", "NBPIECE", "SURFHAB", "FINAN", "QPV", "CONSTRUCT", "TYPECONST", "DPEENERGIE"),
        strict=True,
    )
)
#: As the lot of a line has it.
OF_LOT = {name: "programme" if name == "programme_id" else name for name in ATTRIBUTES}
OTHER_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
LOT = "lot"


class _Anywhere:
    """Communes are looked for by the batch, afterwards."""

    def __contains__(self, code: object) -> bool:
        return True


class PublicAddresses(FileKind):
    """Une adresse par ligne."""

    code = "parc-public"
    title = "Parc, fichier public du RPLS"
    one, many = "adresse", "adresses"
    says = (
        "Le fichier public du RPLS, une ligne par adresse pour plusieurs logements, sans vos références : pour "
        "commencer avant d’avoir le vôtre. Un logement par ligne se donne à « Logements »."
    )
    columns = tuple(
        Column(
            shown(name),
            text(400),
            SAYS.get(name, "Identifiant du logement."),
            required=name in EXAMPLES,
            example=EXAMPLES.get(name, ""),
        )
        for name in (*COLUMNS, *IDENTIFIERS)
    )
    rank = 12

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """None: two lines of one address are units of it."""
        return ""

    def check(self, line: FileLine) -> None:
        """The units that it stands for, ordinals apart."""
        by_name = {name: _french(line.values.get(shown(name), "")) for name in (*COLUMNS, *IDENTIFIERS)}
        row = AddressRow(line.number, by_name)
        try:
            line.values[LOT] = row.lot(_Anywhere())
        except RowRefused as refused:
            for column, topic, detail in refused.faults:
                line.refuse(shown(column), _sentence(topic, detail))
        for remark in row.warnings:
            line.warn(shown(remark.column), _sentence(remark.topic, remark.detail))

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Its commune exists. The rest waits for the whole file: what follows what at an address is not known before
        (`conclude`)."""
        if "communes" not in scope.kept:
            communes = Territory.objects.filter(kind__in=Territory.COMMUNAL).order_by()
            scope.kept["communes"] = dict(communes.values_list("code", "pk"))
            scope.kept["programmes"] = ProgrammeNames(scope.landlord)
        for line in lines:
            line.verdict, lot = Verdict.NEW, line.values[LOT]
            if lot.commune not in scope.kept["communes"]:
                line.refuse("DEPCOM", "aucune commune n’a ce code : un code INSEE a cinq caractères.")
                continue
            try:
                scope.kept["programmes"].one(lot.programme, scope.kept["communes"][lot.commune])
            except Refusal as refused:
                line.refuse("IMMEU", str(refused))

    def compare_again(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Each from the ordinal that the whole file gave it."""
        lots = [replace(line.values[LOT], first=line.target) for line in lines]
        found, _ = find_lots(landlord=scope.landlord, lots=lots)
        for line, lot, of in zip(lines, lots, found, strict=True):
            line.changes, line.verdict = _changes(lot, of), _verdict(lot, of)

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """Each line has its verdict, the first ordinal of its units for target, and what changes."""
        order = FileImport.objects.get(pk=earlier.import_id)
        placed: list[Placed] = [
            (line.number, [_french(cell.strip()) for cell in line.cells], line.values[LOT])
            for batch in laid_down(order, self, [Verdict.NEW])
            for line in batch
        ]
        firsts, crowded, shared = ordered(placed)
        lots = [replace(lot, first=firsts[number]) for number, _, lot in placed if number in firsts]
        found, beyond = find_lots(landlord=scope.landlord, lots=lots)
        lot_of_line = {
            line: (lot, of) for line, lot, of in zip((n for n, *_ in placed if n in firsts), lots, found, strict=True)
        }
        refused = {remark.line: remark for remark in crowded}
        noted = {remark.line: remark for remark in shared}
        rows = list(ImportedLine.objects.filter(file_import=order, verdict=Verdict.NEW).order_by("line"))
        for row in rows:
            if row.line in refused:
                row.verdict, row.remarks = Verdict.REFUSED, [*row.remarks, _remark(refused[row.line], stops=True)]
                continue
            lot, of = lot_of_line[row.line]
            row.target, row.changes = lot.first, _changes(lot, of)
            row.verdict = _verdict(lot, of)
            if row.line in noted:
                row.remarks = [*row.remarks, _remark(noted[row.line], stops=False)]
        ImportedLine.objects.bulk_update(rows, ["verdict", "target", "changes", "remarks"], batch_size=1000)
        return {
            "logements nouveaux": sum(of.new for of in found),
            "logements modifiés": sum(of.changed for of in found),
            "logements connus à ces adresses que le fichier ne compte plus, gardés": beyond,
        }

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's stock."""
        return [
            Unit.objects.filter(landlord=scope.landlord).values_list("pk", *ADDRESS, *ATTRIBUTES),
            Programme.objects.filter(landlord=scope.landlord).values_list("pk", "name", "commune"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act, each lot from the ordinal that was found for it."""
        lots = [replace(line.values[LOT], first=line.target) for line in lines]
        import_stock(landlord=scope.landlord, lots=lots, since=scope.today, by=scope.by)

    def after(self) -> str:
        """The stock."""
        return "unit-list"


def _french(cell: str) -> str:
    """A day as the RPLS writes it, whatever a workbook makes of it."""
    match = OTHER_DAY.fullmatch(cell)
    return f"{match[3]}/{match[2]}/{match[1]}" if match else cell


def _sentence(topic: str, detail: str) -> str:
    words = f"{topic[0].lower()}{topic[1:]}"
    return f"{words} : {detail}." if detail else f"{words}."


def _remark(remark: Remark, *, stops: bool) -> list[Any]:
    """As a line keeps it."""
    return [shown(remark.column), "", _sentence(remark.topic, remark.detail), stops]


def _verdict(lot: Lot, found: LotFound) -> str:
    """Of all the units of a line."""
    if found.new == lot.count:
        return Verdict.NEW
    return Verdict.CHANGED if found.new or found.changed else Verdict.SAME


def _changes(lot: Lot, found: LotFound) -> dict[str, Any]:
    """Of the first unit described otherwise, each column before and after; and how many more there are."""
    changes = {NAMES[name]: [plain(before), plain(getattr(lot, OF_LOT[name]))] for name, before in found.before.items()}
    if found.new and found.new < lot.count:
        changes[shown("NB")] = [lot.count - found.new, lot.count]
    return changes
