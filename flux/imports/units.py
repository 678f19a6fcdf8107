"""The files of units that come in.

* The kind of file that states a stock unit by unit: the landlord's RPLS file, its spreadsheet, or a new programme.
* The stock as its own file would say it: what the import of units reads back (reservations/takeaway.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from flux.imports.addresses import street, street_number
from flux.imports.unit_columns import COLUMNS, FIELDS, ITEMS, OUT_OF_STOCK, settle_communes
from flux.models import Unit
from flux.models.stock_assignment import REPORTED_RIGHTS
from flux.models.unit import unusual_unit
from flux.operations.unit_file import match_units, write_units
from flux.permissions import can_manage_stock
from flux.queries.units import written_alike
from flux.words import written_so
from reservations.exports.spreadsheet import decimal
from reservations.imports.convention_rates import CONFIRMED, ask_once, of_columns
from reservations.imports.kinds import Earlier, FileKind, FileLine, Scope, Verdict
from reservations.models import Landlord, Membership
from reservations.models.guards import in_order
from reservations.models.territory import search_key

BATCH = 2_000


def unit_lines(member: Membership) -> Iterator[Mapping[str, str]]:
    """The landlord's units, those that left too, by column."""
    held = Unit.objects.filter(landlord__organisation=member.organisation_id).select_related("commune", "programme")
    today = timezone.localdate()
    for unit in held.order_by("pk").iterator(chunk_size=BATCH):
        unusual = unusual_unit({field: getattr(unit, field) for field in FIELDS.values()}, today=today)
        yield {
            CONFIRMED: "oui" if unusual else "",
            **{name: _written(getattr(unit, field)) for name, field in FIELDS.items()},
            "commune": unit.commune.code,
            "numéro": unit.street_number,
            "indice": unit.street_index,
            "type de voie": unit.street_type,
            "voie": unit.street_name,
            "programme": unit.programme.name,
            "individuel": "" if unit.is_house is None else "I" if unit.is_house else "C",
            "bail": f"{unit.leased_since:%m/%Y}" if unit.leased_since else "",
            "sortie": Unit.Left(unit.left_why).label if unit.left_why else "",
        }


def _written(value: Any) -> str:
    """A fact as a cell: oui or non, a French day, a decimal comma; "" for what is not known."""
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case date():
            return f"{value:%d/%m/%Y}"
        case Decimal():
            return decimal(value)
    return str(value)


#: « 12 bis rue Voltaire » in one cell.
WHOLE_ADDRESS = re.compile(r"(\d+)\s*(bis|ter|quater|[A-Za-z])?[\s,]+(?=\D)(.+)", re.IGNORECASE)
#: Years that may be, but seldom are.
OLDEST_USUAL_YEAR = 1850


def _alike_above(references: Sequence[str], earlier: Earlier) -> dict[str, str]:
    """By reference of a line that differs by its capitals alone from that of a line above: that one. One query, by the
    index of the lines of a file."""
    forms = {form for each in references for form in (each, each.upper(), each.lower(), each.capitalize())}
    before = earlier.lines().filter(key__in=forms).order_by("-line").values_list("key", flat=True)
    above = {each.casefold(): each for each in before}
    met = {each: above.setdefault(each.casefold(), each) for each in references}
    return {each: other for each, other in met.items() if each != other}


class Units(FileKind):
    """Un logement par ligne."""

    code = "logements"
    title = "Logements, un par ligne"
    one, many = "logement", "logements"
    says = (
        "Votre fichier RPLS (celui que vous envoyez chaque année), un tableur de votre parc, ou les logements d’un "
        "programme neuf."
    )
    columns = COLUMNS
    once = ("identifiant RPLS",)
    unsettled = (REPORTED_RIGHTS, "told-rights", "Vérifier les droits que dit le RPLS")
    nicknames = True
    rank = 10

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Its reference; without one, its identifier in the RPLS."""
        return str(values.get("référence") or values.get("identifiant RPLS") or "")

    def check(self, line: FileLine) -> None:
        """What is odd and usable is stated."""
        values = line.values
        if not self.key(values):
            line.warn("référence", "sans référence ni identifiant RPLS : le logement n’est reconnu qu’à son adresse.")
        if not values.get("voie"):
            line.warn("voie", "sans voie, les logements ne se distinguent que par leur rang dans la commune.")
        if values.get("construction", OLDEST_USUAL_YEAR) < OLDEST_USUAL_YEAR:
            line.warn("construction", f"avant {OLDEST_USUAL_YEAR} : vérifiez l’année.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """Which unit each line is (flux/operations/unit_file.py)."""
        settle_communes(lines, scope)
        match_units([line for line in lines if not line.is_refused], scope, earlier, facts_of)
        self._ask(lines, scope, earlier)
        for line in lines:
            if line.values.get("sortie") and "left_why" in line.changes:
                line.topics.append("sortis du parc (vendus, démolis)")
            if 1 <= line.values.get("contingent", 0) <= 6:
                line.topics.append(REPORTED_RIGHTS)

    def _ask(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is seldom true of a unit, and was not there already, is asked. Two queries."""
        values = {line.number: facts_of(line) for line in lines if not line.is_refused}
        asked = [line for line in lines if line.number in values and line.verdict != Verdict.SAME]
        references = [facts["reference"] for line in asked if (facts := values[line.number]).get("reference")]
        alike = _alike_above(references, earlier) | written_alike(scope.landlord.pk, references)
        for line in asked:
            facts = values[line.number]
            doubts = unusual_unit(facts, today=scope.today)
            if line.target is not None:
                doubts = {field: sentence for field, sentence in doubts.items() if field in line.changes}
            if (line.target is None or "reference" in line.changes) and facts.get("reference") in alike:
                doubts["reference"] = written_so(alike[facts["reference"]])
            ask_once(line, of_columns(doubts, FIELDS))

    def conclude(self, scope: Scope, earlier: Earlier) -> Mapping[str, int]:
        """The units that a file of the whole stock no longer names: they stay, and are counted."""
        named = earlier.lines().exclude(target=None).values("target")
        stock = Unit.objects.filter(landlord=scope.landlord, left_on=None)
        gone = stock.exclude(pk__in=named).count()
        return {"connus ici et absents du fichier (ils restent)": gone if 2 * gone < stock.count() else 0}

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The landlord's units."""
        return [Unit.objects.filter(landlord=scope.landlord)]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the storey."""
        settle_communes(lines, scope)
        write_units(lines, scope, facts_of)

    def finish(self, scope: Scope) -> None:
        """The database counts its units again: the next file would be read by the plans of a stock that was empty."""
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE flux_unit")

    def nameless(self, rows: Sequence[Sequence[str]]) -> tuple[list[str], int] | None:
        """The landlord's file as the arrêté describes it: maybe a record on the landlord, then units, and no names."""
        for skipped, row in enumerate(rows[:2]):
            if len(row) >= len(ITEMS) - 1 and re.fullmatch(r"[0-9]{4,5}|2[AB][0-9]{3}", row[3].upper()):
                more = [f"ITEM{place + 1}" for place in range(len(ITEMS), len(row))]
                return [*ITEMS, *more], skipped
        return None

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """The landlord's units."""
        return unit_lines(member)

    def after(self) -> str:
        """The stock."""
        return "unit-list"


def facts_of(line: FileLine) -> dict[str, Any]:
    """What a line says, by field of the unit; what it leaves empty is left out. `programme` is a name; `fallback`, the
    one of a new unit without any."""
    values = line.values
    facts = {field: values[name] for name, field in FIELDS.items() if values.get(name) is not None}
    number, index, kind, name = (values.get(each, "") for each in ("numéro", "indice", "type de voie", "voie"))
    if not number and not kind and (match := WHOLE_ADDRESS.fullmatch(name)):
        number, index, name = match[1], match[2] or "", match[3]
    if number or name:
        facts["street_number"], facts["street_index"] = (each[:10] for each in street_number(number, index))
        facts["street_type"], facts["street_name"] = street(kind, name)
    if "reference" in facts:
        facts["is_own_reference"] = True
    programme = values.get("programme", "")
    facts["programme"] = programme if search_key(programme).strip("0 ") else ""
    if not facts["programme"]:
        other = (values.get("complément", ""), f"{kind} {name}".strip(), "Sans nom")
        facts["fallback"] = next(each for each in other if search_key(each).strip("0 "))[:120]
    why = values.get("sortie")
    if why is None and values.get("occupation") == OUT_OF_STOCK:
        why = Unit.Left.OTHERWISE
    if "sortie" in values or "occupation" in values:
        facts["left_why"] = why or ""  # a unit that is let has not left
    return facts
