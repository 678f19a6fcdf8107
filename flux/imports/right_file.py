"""The kind of file that states old rights, and what bears them: the inventory, by the one door (docs/inventory.md)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux.imports.inventory import GROUNDS, USES
from flux.models import Programme, StockAssignment
from flux.operations.stock_inventory import import_inventory, preview_inventory
from flux.operations.stock_inventory_file import InventoryLine
from flux.permissions import can_manage_stock
from reservations.imports.cells import CellRefused, day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import holder_of
from reservations.models import Membership, Organisation, StockRight
from reservations.models.territory import search_key
from reservations.operations.stock_right import LONGEST_REFERENCE

TITLE, HOLDER, GROUND, START = "référence du titre", "réservataire", "fondement", "début"
UNIT, PROGRAMME, NUMBER, LOAN = "référence du logement", "programme", "nombre de logements", "fin de l’emprunt"
#: The column of this file that shows what the inventory refuses.
COLUMN_OF = {
    "reference_titre": TITLE,
    "siren_reservataire": HOLDER,
    "contingent": "contingent",
    "fondement": GROUND,
    "usage": "usage",
    "debut": START,
    "fin": "fin",
    "fin_emprunt": LOAN,
    "programme": PROGRAMME,
    "reference_logement": UNIT,
    "nombre_logements": NUMBER,
}


def ground(cell: str) -> str:
    """One of the grounds, whole or short."""
    if (found := GROUNDS.get(search_key(cell))) is None:
        raise CellRefused(f"écrivez l’un de : {', '.join(each.label for each in StockRight.Ground)}.")
    return found


def use(cell: str) -> str:
    """Suite, or unique."""
    if (found := USES.get(search_key(cell))) is None:
        raise CellRefused("écrivez suite ou unique.")
    return found


class Rights(FileKind):
    """Un titre et ce qui le porte par ligne."""

    code = "droits"
    title = "Droits en stock"
    one, many = "droit sur un logement ou un programme", "droits sur des logements ou des programmes"
    says = (
        "L’état des lieux des réservations anciennes : une ligne par logement, ou par programme, qui porte un titre. "
        "Un fichier ajoute ; ce qui est enregistré se corrige sur la page du titre."
    )
    columns = (
        Column(
            TITLE,
            text(LONGEST_REFERENCE),
            "Réunit les lignes d’un titre, et le reconnaît ensuite.",
            ("reference_titre", "titre", "convention d’origine", "référence"),
            required=True,
            example="GE-2008-014",
        ),
        Column(
            HOLDER,
            text(120),
            "SIREN ou nom, tel qu’il est enregistré.",
            ("siren_reservataire", "SIREN", "SIREN réservataire", "titulaire"),
            required=True,
            example="Ville de Narbonne",
        ),
        Column("contingent", whole(1, 6), "RPLS, rubrique 63 ; vide quand il n’y en a qu’un.", ("code contingent",)),
        Column(
            GROUND,
            ground,
            "Garantie d’emprunt, terrain, financement, État, défense, sécurité intérieure, santé, antérieur.",
            ("motif", "contrepartie"),
            required=True,
            example="garantie d’emprunt",
        ),
        Column("usage", use, "Droit de suite (vide) ou droit unique.", ("suite ou unique",), example="suite"),
        Column(START, day, "Premier jour.", ("debut", "date de début"), required=True, example="01/03/2008"),
        Column("fin", day, "Dernier jour ; vide s’il n’y en a pas.", ("date de fin", "échéance")),
        Column(LOAN, day, "Dernier jour de l’emprunt garanti.", ("fin_emprunt", "fin emprunt"), example="31/12/2038"),
        Column(
            UNIT,
            text(40),
            "La référence du logement qui porte le titre.",
            ("reference_logement", "logement", "référence logement"),
            example="0123-B-045",
        ),
        Column(PROGRAMME, text(120), "Ou le programme, par son nom ou son numéro.", ("résidence",)),
        Column(NUMBER, whole(1, 9_999), "Combien de ses logements.", ("nombre_logements", "nombre"), shown=Shown.SUM),
    )
    nicknames = True
    written_together = True
    rank = 50

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """The title, and what bears it."""
        return "|".join(str(values.get(name, "")) for name in (TITLE, UNIT, PROGRAMME))

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """A title, with what bears it."""
        return line.values.get(TITLE)

    def check(self, line: FileLine) -> None:
        """A unit, or so many of a programme."""
        values = line.values
        if UNIT in values and values.get(NUMBER, 1) != 1:
            line.refuse(NUMBER, "un logement désigné compte pour 1 : laissez vide.")
        if UNIT not in values and PROGRAMME not in values:
            line.refuse(UNIT, "dites quel logement porte ce titre, ou quel programme et combien de ses logements.")
        elif UNIT not in values and NUMBER not in values:
            line.refuse(NUMBER, "écrivez combien de logements du programme portent ce titre.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """As the inventory plans it: new titles and new bearers, the others known; each error on its line."""
        result = self._lines_of(lines, scope)
        plan = preview_inventory(landlord=scope.landlord, lines=list(result.values()), today=scope.today)
        by_number = {line.number: line for line in lines}
        for error in plan.errors:
            by_number[error.row].refuse(COLUMN_OF[error.column], error.sentence)
        new = set[tuple[str, str]]()
        for bearer in plan.bearers:
            if bearer.unit is not None:
                new.add((bearer.right.reference, bearer.unit.reference))
            elif bearer.programme is not None:
                new |= {(bearer.right.reference, name) for name in _names(bearer.programme)}
        for line in lines:
            values = line.values
            bears = values.get(UNIT) or search_key(values.get(PROGRAMME, ""))
            line.verdict = Verdict.NEW if (values[TITLE], bears) in new else Verdict.SAME

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """The bearers of the titles of the file that it no longer names: they stay, and are counted."""
        keys = set(earlier.lines().values_list("key", flat=True))
        named = {key.split("|")[0] for key in keys}
        held = StockAssignment.objects.filter(right__landlord=scope.landlord, right__reference__in=named)
        absent = sum(keys.isdisjoint(_keys(bearer)) for bearer in held.select_related("right", "unit", "programme"))
        return {"rattachés à ces titres et absents du fichier (ils le restent)": absent}

    def _lines_of(self, lines: Sequence[FileLine], scope: Scope) -> dict[int, InventoryLine]:
        """What the lines say, as the act takes it, by number; those that name no holder are refused."""
        by_key = {}
        for line in lines:
            holder = holder_of(line, scope, column=HOLDER)
            if holder is None:
                continue
            values = line.values
            by_key[line.number] = InventoryLine(
                row=line.number,
                reference=values[TITLE],
                siren=holder.organisation.siren,
                contingent=holder.contingent,
                ground=values[GROUND],
                use=values.get("usage", StockRight.Use.RECURRING.value),
                starts_on=values[START],
                ends_on=values.get("fin"),
                loan_ends_on=values.get(LOAN),
                programme=values.get(PROGRAMME, ""),
                unit=values.get(UNIT, ""),
                units=1 if UNIT in values else values[NUMBER],
            )
        return by_key

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's titles and what bears them; whoever may hold one."""
        return [
            StockRight.objects.filter(landlord=scope.landlord),
            StockAssignment.objects.filter(right__landlord=scope.landlord),
            Organisation.objects.all(),
        ]

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the inventory."""
        assert scope.by is not None  # a person records rights
        rows = list(self._lines_of(lines, scope).values())
        import_inventory(landlord=scope.landlord, lines=rows, by=scope.by, today=scope.today)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every bearer that has not ended, of the titles of the landlord that have a reference."""
        held = StockAssignment.objects.filter(right__landlord__organisation=member.organisation_id).exclude(
            right__reference=""
        )
        rows = held.select_related("right__holder__organisation", "unit", "programme")
        for bearer in rows.order_by("right__reference", "pk").iterator(chunk_size=1_000):
            right = bearer.right
            yield {
                TITLE: right.reference,
                HOLDER: right.holder.organisation.siren,
                "contingent": str(right.holder.contingent),
                GROUND: right.get_ground_display(),
                "usage": "unique" if right.use == StockRight.Use.SINGLE else "suite",
                START: f"{right.starts_on:%d/%m/%Y}",
                "fin": f"{right.ends_on:%d/%m/%Y}" if right.ends_on else "",
                LOAN: f"{right.loan_ends_on:%d/%m/%Y}" if right.loan_ends_on else "",
                UNIT: bearer.unit.reference if bearer.unit else "",
                PROGRAMME: str(bearer.programme.number) if bearer.programme else "",
                NUMBER: str(bearer.units) if bearer.programme else "",
            }

    def after(self) -> str:
        """Their list."""
        return "stock-right-list"


def _keys(bearer: StockAssignment) -> set[str]:
    """How the key of a line may name it."""
    if bearer.unit is not None:
        return {f"{bearer.right.reference}|{bearer.unit.reference}|"}
    assert bearer.programme is not None, "a unit, or a programme"
    return {f"{bearer.right.reference}||{name}" for name in (str(bearer.programme.number), bearer.programme.name)}


def _names(programme: Programme) -> set[str]:
    """How a cell may name it."""
    return {str(programme.number), search_key(programme.name)}
