"""A stock described unit by unit: which unit each line is, by its identifier, its reference, its address; and
writing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from typing import Any

from django.db import connection
from django.db.models import Max

from flux.models import Programme, Unit
from flux.operations.description import describe_all
from flux.operations.stock_import import DATED, ProgrammeNames, References
from reservations.imports.kinds import Earlier, FileLine, Scope, Verdict, plain
from reservations.models import HistoryEntry, Landlord, Territory
from reservations.operations.history import record_each
from reservations.refusals import Refusal
from reservations.words import day

#: Where a unit is, its ordinal there apart.
PLACE = ("commune_id", "street_number", "street_index", "street_type", "street_name")
#: What a file brings up to date.
WRITTEN = (
    *("programme", "reference", "is_own_reference", "rpls_id", "software", "street_number", "street_index"),
    *("street_type", "street_name", "postal_code", "building", "staircase", "door", "ordinal", "rooms", "surface"),
    *("financing_code", "in_qpv", "construction_year", "is_house", "energy_class", "floor", "rent", "leased_since"),
    *("last_offered_on", "told_contingent", "left_on", "left_why", "commune"),
)
BATCH = 1_000
#: Names of programmes, among what a line says of a unit.
NAMES = ("programme", "fallback")
REFERENCE, RPLS = "référence", "identifiant RPLS"

type Place = tuple[Any, ...]
type Told = Callable[[FileLine], dict[str, Any]]


def match_units(lines: Sequence[FileLine], scope: Scope, earlier: Earlier, facts_of: Told) -> None:
    """Say of each line which unit it is, and what changes there. `facts_of`: what a line says, by field of the unit.

    Its RPLS identifier comes first, then its reference, among the landlord's. A unit that has neither, as the
    public file gives them, is the one of its address, the most alike of those that no line has taken.
    """
    codes = {line.values["commune"] for line in lines}
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in=codes).order_by()
    ids: dict[str, int] = dict(communes.values_list("code", "pk"))
    for line in lines:
        if line.values["commune"] not in ids:
            line.refuse("commune", "aucune commune n’a ce code : écrivez un code INSEE, par exemple 11262.")
    values = {
        line.number: facts_of(line) | {"commune_id": ids[line.values["commune"]]}
        for line in lines
        if not line.is_refused
    }
    kept = [line for line in lines if line.number in values]
    units = _units_of(scope, values.values())
    taken = dict(earlier.about(unit.pk for unit in units))
    by_rpls = {unit.rpls_id: unit for unit in units if unit.rpls_id}
    by_reference = {unit.reference: unit for unit in units}
    names = _names(scope)
    for line in kept:
        facts = values[line.number]
        one, other = by_rpls.get(facts.get("rpls_id", "")), by_reference.get(facts.get("reference", ""))
        if one and other and one != other:
            line.refuse(
                REFERENCE, f"cette référence est celle d’un autre logement que l’identifiant RPLS ({one.reference})."
            )
        elif other and not one and other.rpls_id and facts.get("rpls_id"):
            line.refuse(
                RPLS, f"ce logement a déjà l’identifiant {other.rpls_id} : corrigez-le, ou changez-le d’abord ici."
            )
        elif found := one or other:
            _take(line, found, taken, facts, names)
    left = [line for line in kept if not line.verdict and not line.is_refused]
    _match_by_address(left, values, units, taken, names)
    for line in kept:
        if not line.is_refused and (name := _programme_name(line, values[line.number])):
            try:
                names.one(name, values[line.number]["commune_id"])
            except Refusal as refused:
                line.refuse("programme", str(refused))


def _names(scope: Scope) -> ProgrammeNames:
    if "programmes" not in scope.kept:
        scope.kept["programmes"] = ProgrammeNames(scope.landlord)
    found: ProgrammeNames = scope.kept["programmes"]
    return found


def _programme_name(line: FileLine, facts: Mapping[str, Any]) -> str:
    """How the programme that a line writes is called; "" when it writes none."""
    if line.target is None:
        return str(facts["programme"] or facts.get("fallback", ""))
    return "" if line.changes.keys().isdisjoint({"programme", "commune_id"}) else str(facts["programme"])


def _take(line: FileLine, unit: Unit, taken: dict[int, int], facts: Mapping[str, Any], names: ProgrammeNames) -> None:
    if unit.pk in taken:
        line.refuse(REFERENCE, f"ce logement est déjà à la ligne {taken[unit.pk]} : n’en gardez qu’une.")
        return
    if unit.left_why == Unit.Left.TRANSFERRED:
        line.refuse(
            REFERENCE, f"ce logement a été cédé le {day(unit.left_on)} : retirez la ligne, le repreneur la donne."
        )
        return
    taken[unit.pk] = line.number
    line.target = unit.pk
    line.changes = {
        name: [plain(getattr(unit, name)), plain(value)]
        for name, value in facts.items()
        if name not in NAMES and getattr(unit, name) != value
    }
    if facts.get("programme") and names.moves(unit.programme, facts["programme"], facts["commune_id"]):
        line.changes["programme"] = [unit.programme.name, facts["programme"]]
    line.verdict = Verdict.CHANGED if line.changes else Verdict.SAME


def _place(facts: Mapping[str, Any]) -> Place:
    return tuple(facts.get(name, "") for name in PLACE)


def _match_by_address(
    lines: Sequence[FileLine],
    values: Mapping[int, dict[str, Any]],
    units: Iterable[Unit],
    taken: dict[int, int],
    names: ProgrammeNames,
) -> None:
    """Those of the public file, which knows only addresses: the same rooms and financing first, then the same rooms."""
    free: dict[Place, list[Unit]] = defaultdict(list)
    for unit in sorted(units, key=lambda each: each.ordinal):
        if not unit.is_own_reference and not unit.rpls_id and unit.pk not in taken:
            free[tuple(getattr(unit, name) for name in PLACE)].append(unit)
    left = list(lines)
    for alike in (("rooms", "financing_code"), ("rooms",), ()):
        for line in list(left):
            facts = values[line.number]
            here = free.get(_place(facts), [])
            found = next((each for each in here if all(getattr(each, name) == facts[name] for name in alike)), None)
            if found is not None:
                here.remove(found)
                left.remove(line)
                _take(line, found, taken, facts, names)
                line.topics.append("rattachés à un logement déjà connu par son adresse")
    for line in left:
        line.verdict = Verdict.NEW


def _units_of(scope: Scope, rows: Iterable[Mapping[str, Any]]) -> list[Unit]:
    """The units that these facts may be about: by each of the two indexes, and by address while some units are known by
    nothing else. Three queries."""
    facts = list(rows)
    mine = Unit.objects.filter(landlord=scope.landlord).select_related("programme").order_by("pk")
    references = {each["reference"] for each in facts if each.get("reference")}
    found = list(mine.filter(reference__in=references))
    ids = {each["rpls_id"] for each in facts if each.get("rpls_id")} - {unit.rpls_id for unit in found}
    if ids:
        found += mine.exclude(rpls_id="").filter(rpls_id__in=ids)
    if "public" not in scope.kept:
        scope.kept["public"] = mine.filter(is_own_reference=False, rpls_id="").exists()
    if scope.kept["public"]:
        found += mine.filter(is_own_reference=False, rpls_id="").filter(**_places(facts))
    return list({unit.pk: unit for unit in found}.values())


def _places(facts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What finds the units of these addresses, by the index of addresses, and few others."""
    return {f"{name}__in": {each.get(name, "") for each in facts} for name in PLACE}


def write_units(lines: Sequence[FileLine], scope: Scope, facts_of: Told) -> None:
    """Write new units, and what changes of the others; the history of references is kept. In the caller's transaction.

    What differs from a known fact is a change that begins on the day of the import; what was not known is completed.
    """
    codes = {line.values["commune"] for line in lines}
    communes = Territory.objects.filter(kind__in=Territory.COMMUNAL, code__in=codes).order_by()
    ids: dict[str, int] = dict(communes.values_list("code", "pk"))
    rows = [(line, facts_of(line) | {"commune_id": ids[line.values["commune"]]}) for line in lines]
    held = Unit.objects.filter(pk__in=[line.target for line, _ in rows if line.target]).order_by("pk")
    known = {unit.pk: unit for unit in held.select_related("programme")}
    programmes = _programmes(scope, rows)
    ordinals = ordinals_at(scope.landlord, (facts for _, facts in rows))
    new, changed, renamed = list[Unit](), list[Unit](), list[tuple[Unit, dict[str, Any]]]()
    dated: dict[int, dict[str, Any]] = {}
    blank = Unit(landlord=scope.landlord)
    for line, facts in rows:
        unit = known[line.target] if line.target else copy(blank)  # several times as quick as making thirty fields
        place = tuple(getattr(unit, name) for name in PLACE)
        if unit.pk:
            dated[unit.pk] = {name: facts[name] for name in DATED if name in facts}
            if "reference" in facts and facts["reference"] != unit.reference:
                renamed.append((unit, {"reference": [unit.reference, facts["reference"]]}))
        if facts.get("left_why", unit.left_why) != unit.left_why:
            unit.left_on = scope.today if facts["left_why"] else None
        for name, value in facts.items():
            if name not in NAMES:
                setattr(unit, name, value)
        here = tuple(getattr(unit, name) for name in PLACE)
        if not unit.pk or place != here:
            ordinals[here] += 1
            unit.ordinal = ordinals[here]
        if line.number in programmes:
            unit.programme = programmes[line.number]
        (changed if unit.pk else new).append(unit)
    give_references(scope.landlord, new)
    describe_all(
        Unit.objects.filter(pk__in=list(dated)),
        lambda unit: dated[unit.pk],
        since=scope.today,
        source=scope.source[:200],
        by=scope.by,
    )
    copy_units(new)
    Unit.objects.bulk_create(
        changed, batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=list(WRITTEN)
    )
    if renamed:
        record_each(renamed, HistoryEntry.Act.EDITED, by=scope.by)


def equip_units(rows: Sequence[tuple[FileLine, Mapping[str, Any]]], scope: Scope) -> None:
    """Write what known units are let for and have: facts that no description dates. Who stated them is kept. In the
    caller's transaction; three queries."""
    known = {unit.pk: unit for unit in Unit.objects.filter(pk__in=[line.target for line, _ in rows]).order_by("pk")}
    changed: list[tuple[Unit, Mapping[str, Any]]] = []
    for line, facts in rows:
        unit = known[line.target or 0]
        for name, value in facts.items():
            setattr(unit, name, value)
        changed.append((unit, line.changes))
    names = sorted({name for _, facts in rows for name in facts})
    Unit.objects.bulk_create(
        list(known.values()), batch_size=BATCH, update_conflicts=True, unique_fields=["id"], update_fields=names
    )
    record_each(changed, HistoryEntry.Act.EDITED, by=scope.by)


def _programmes(scope: Scope, rows: Sequence[tuple[FileLine, dict[str, Any]]]) -> dict[int, Programme]:
    """The programme that each line (by number) writes, where it writes one; those that are new are written. Raises
    Refusal: several are called so."""
    names, found, new = _names(scope), dict[int, Programme](), list[Programme]()
    for line, facts in rows:
        name, commune = _programme_name(line, facts), facts["commune_id"]
        if not name:
            continue
        programme = names.one(name, commune)
        if programme is None:
            number = names.last + 1
            programme = Programme(landlord=scope.landlord, number=number, name=name, commune_id=commune)
            names.add(programme)
            new.append(programme)
        found[line.number] = programme
    Programme.objects.bulk_create(new, batch_size=BATCH)
    return found


def ordinals_at(landlord: Landlord, rows: Iterable[Mapping[str, Any]]) -> dict[Place, int]:
    """By place of these facts, the last ordinal given there."""
    here = Unit.objects.filter(landlord=landlord, **_places(list(rows))).order_by()
    last = here.values_list(*PLACE).annotate(last=Max("ordinal"))
    return defaultdict(int, {tuple(row[:-1]): row[-1] for row in last})


def copy_units(units: Sequence[Unit]) -> None:
    """Write new units: `COPY`, several times as quick as an INSERT of thirty columns. Triggers see each of them."""
    fields = [field for field in Unit._meta.concrete_fields if not field.primary_key]
    with connection.cursor() as cursor:
        names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
        with cursor.copy(f"COPY {Unit._meta.db_table} ({names}) FROM STDIN") as copy:
            for unit in units:
                copy.write_row([getattr(unit, field.attname) for field in fields])


def give_references(landlord: Landlord, units: Sequence[Unit]) -> None:
    """To those that the file gives none, one of ours while theirs is awaited."""
    nameless = [unit for unit in units if not unit.reference]
    if nameless:
        taken = Unit.objects.filter(programme__in={unit.programme_id for unit in nameless}).order_by()
        references = References(landlord, taken.values_list("reference", flat=True))
        for unit in nameless:
            unit.reference = references.next_in(unit.programme)
