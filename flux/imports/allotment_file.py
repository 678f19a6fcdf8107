"""The kind of file that states how the first lettings of new programmes are shared: a line a part of a programme."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet

from flux.models import Allotment, AllottedUnit, Programme, Unit
from flux.operations.allotment import (
    LARGEST,
    Share,
    agree_allotment,
    plan_delivery,
    register_programme,
    set_allotment,
)
from flux.operations.stock_import import ProgrammeNames
from flux.permissions import can_manage_stock
from reservations.imports.cells import day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Shown, Verdict
from reservations.imports.parties import holder_of, place_of
from reservations.imports.slices import tried
from reservations.models import Landlord, Membership, ReservationHolder, Territory
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.refusals import Refusal

PROGRAMME, PLACE, DELIVERED, PLANNED = "programme", "commune", "livré le", "logements prévus"
HOLDER, UNITS, NAMED, AGREED = "réservataire", "logements", "logements désignés", "répartition convenue le"
#: What all the lines of a programme say alike.
COMMON = (DELIVERED, PLANNED, AGREED)
BETWEEN = " / "
#: The column that shows what the act refuses.
COLUMN_OF = {"expected_units": PLANNED, "delivered_on": DELIVERED, "agreed_on": AGREED, "commune": PLACE}

type Held = list[tuple[FileLine, ReservationHolder | None]]
#: A programme by its name and its commune (id).
type Group = tuple[str, int]


class Allotments(FileKind):
    """La part d’un réservataire dans un programme neuf par ligne."""

    code = "repartitions"
    title = "Répartitions des programmes neufs"
    one, many = "part de programme", "parts de programmes"
    says = (
        "Qui aura combien de logements de chaque programme neuf à sa première mise en location, lesquels s’ils sont "
        "désignés, et le jour de l’accord. Donnez toutes les parts d’un programme ensemble ; le reste est au bailleur."
    )
    columns = (
        Column(PROGRAMME, text(120), "Son nom.", ("résidence",), required=True, example="Les Tamaris"),
        Column(PLACE, text(140), "Nom ou code INSEE.", ("code INSEE",), required=True, example="11262"),
        Column(DELIVERED, day, "Prévu ou réel.", ("livraison",), required=True, example="30/06/2027"),
        Column(PLANNED, whole(1, LARGEST), "En tout.", required=True, example="24"),
        Column(HOLDER, text(120), "SIREN ou nom ; vide : rien n’est réparti.", ("SIREN",), example="Ville de Narbonne"),
        Column("contingent", whole(1, 6), "RPLS, rubrique 63 ; vide quand il n’y en a qu’un."),
        Column(UNITS, whole(1, LARGEST), "La part de ce réservataire.", ("part",), example="4", shown=Shown.SUM),
        Column(NAMED, text(5_000), f"Vos références, séparées par «{BETWEEN}»."),
        Column(AGREED, day, "Vide : pas encore convenue.", ("convenue le", "accord")),
    )
    nicknames = True
    grouped = "ce programme"
    rank = 56

    def may(self, member: Membership | None) -> bool:
        """The landlord's manager."""
        return member is not None and member.landlord is not None and can_manage_stock(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Which programme, and whose part."""
        return "|".join(str(values.get(name, "")) for name in (PROGRAMME, PLACE, HOLDER, "contingent"))

    def check(self, line: FileLine) -> None:
        """A part is somebody's, and of so many units."""
        if (HOLDER in line.values) != (UNITS in line.values):
            missing = UNITS if HOLDER in line.values else HOLDER
            line.refuse(missing, "une part dit à qui elle est, et de combien de logements : remplissez les deux.")

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is there already stays; each other programme is tried by the acts that will write it, then undone."""
        groups = self._groups(lines, scope)
        for group, held in groups.items():
            known = _programme(group, scope)
            for line, _ in held:
                line.target = known.pk if known else None
                line.verdict = Verdict.CHANGED if known and known.expected_units else Verdict.NEW
        whole = [pair for pair in groups.items() if not any(line.is_refused for line, _ in pair[1])]
        for (_, held), moved in tried(whole, lambda pair, _: self._write(*pair, scope), lambda: None):
            for line, _ in held:
                if isinstance(moved, Refusal):
                    line.refuse(COLUMN_OF.get(moved.field or "", PROGRAMME), str(moved))
                elif not moved:
                    line.verdict = Verdict.SAME

    def group(self, line: FileLine, scope: Scope) -> Hashable:
        """A programme: its name without case or accents, and its commune however it is written."""
        name = search_key(line.values[PROGRAMME]) if PROGRAMME in line.values else None
        if PLACE not in line.values:
            return name, None
        asked = FileLine(line.number, [], {PLACE: line.values[PLACE]})
        place = place_of(asked, PLACE, Territory.COMMUNAL, scope, whole=True)
        return name, place.pk if place else None

    def _groups(self, lines: Sequence[FileLine], scope: Scope) -> dict[Group, Held]:
        """The lines of each programme, with their holders; those that name nobody, no place or several programmes are
        refused."""
        groups: dict[Group, Held] = {}
        names = ProgrammeNames(scope.landlord)
        for line in lines:
            place = place_of(line, PLACE, Territory.COMMUNAL, scope, whole=True)
            holder = holder_of(line, scope, column=HOLDER) if HOLDER in line.values else None
            if place is None:
                continue
            try:
                known = names.one(line.values[PROGRAMME], place.pk)
            except Refusal as refused:
                line.refuse(PROGRAMME, str(refused))
                continue
            groups.setdefault((known.name if known else line.values[PROGRAMME], place.pk), []).append((line, holder))
        _ask_which_new(groups, names)
        return groups

    def _write(self, group: Group, held: Held, scope: Scope) -> bool:
        """Write what a programme has not yet; False when it has all of it."""
        assert scope.by is not None  # a person confirms a file
        first = held[0][0].values
        for line, _ in held:
            if differing := [name for name in COMMON if line.values.get(name) != first.get(name)]:
                raise Refusal(f"Les lignes d’un programme disent la même chose : « {differing[0]} » diffère.")
        plan = {"delivered_on": first[DELIVERED], "expected_units": first[PLANNED], "by": scope.by}
        programme, moved = _programme(group, scope), False
        if programme is None:
            place = Territory.objects.get(pk=group[1])
            programme, moved = register_programme(landlord=scope.landlord, name=group[0], commune=place, **plan), True
        elif (programme.delivered_on, programme.expected_units) != (first[DELIVERED], first[PLANNED]):
            programme, moved = plan_delivery(programme=programme, why=scope.source, **plan), True
        shares = [_share(line, holder, programme) for line, holder in held if holder is not None]
        if _parts(shares) != _parts(_shares(programme)):
            set_allotment(programme=programme, shares=shares, by=scope.by)
            moved = True
        if programme.allotment_agreed_on != first.get(AGREED):
            _agree(programme, first.get(AGREED), scope)
            moved = True
        return moved

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The programmes of the landlord, their parts and the units named."""
        mine = Programme.objects.filter(landlord=scope.landlord)
        return [
            mine,
            Allotment.objects.filter(programme__in=mine),
            AllottedUnit.objects.filter(allotment__programme__in=mine),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """Each programme, in the order of the file."""
        for group, held in self._groups(lines, scope).items():
            self._write(group, held, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every part of every programme that was planned; those without any, on one line."""
        mine = Programme.objects.filter(landlord__organisation=member.organisation_id, delivered_on__isnull=False)
        planned = mine.exclude(expected_units=None).select_related("commune").order_by("number")
        rows = planned.prefetch_related("allotments__holder__organisation", "allotments__named_units__unit")
        for programme in rows.iterator(chunk_size=500):
            agreed = programme.allotment_agreed_on
            common = {
                PROGRAMME: programme.name,
                PLACE: programme.commune.code,
                DELIVERED: f"{programme.delivered_on:%d/%m/%Y}",
                PLANNED: str(programme.expected_units),
                AGREED: f"{agreed:%d/%m/%Y}" if agreed else "",
            }
            for share in _shares(programme):
                yield common | {
                    HOLDER: share.holder.organisation.siren,
                    "contingent": str(share.holder.contingent),
                    UNITS: str(share.units),
                    NAMED: BETWEEN.join(unit.reference for unit in share.named),
                }
            if not programme.allotments.all():
                yield common

    def after(self) -> str:
        """Their list."""
        return "programme-list"


def _ask_which_new(groups: dict[Group, Held], names: ProgrammeNames) -> None:
    """New programmes that differ by case or accents alone: one that is written twice, or two? It is asked."""
    written: dict[Group, list[Group]] = {}
    for name, place in groups:
        if names.one(name, place) is None:
            written.setdefault((search_key(name), place), []).append((name, place))
    for alike in (each for each in written.values() if len(each) > 1):
        spellings = " et ".join(f"« {name} »" for name, _ in alike)
        for line, _ in (pair for group in alike for pair in groups[group]):
            line.refuse(
                PROGRAMME,
                f"le fichier écrit {spellings} : un seul programme, ou plusieurs ? Écrivez le même nom partout, ou des "
                "noms qui diffèrent autrement que par les majuscules et les accents.",
            )


def _programme(group: Group, scope: Scope) -> Programme | None:
    return Programme.objects.filter(landlord=scope.landlord, name=group[0], commune=group[1]).order_by("pk").first()


def _agree(programme: Programme, on: date | None, scope: Scope) -> None:
    assert scope.by is not None
    if on is None or programme.allotment_agreed_on is not None:
        raise Refusal("Cette répartition est déjà convenue, un autre jour : rouvrez-la sur sa page.", field="agreed_on")
    agree_allotment(programme=programme, agreed_on=on, why=scope.source, by=scope.by)


def _share(line: FileLine, holder: ReservationHolder, programme: Programme) -> Share:
    """The part that a line states. Raises Refusal for a unit that the landlord does not have."""
    asked = [each.strip() for each in line.values.get(NAMED, "").split(BETWEEN.strip()) if each.strip()]
    found = {unit.reference: unit for unit in Unit.objects.filter(landlord=programme.landlord_id, reference__in=asked)}
    if missing := [each for each in asked if each not in found]:
        raise Refusal(
            f"Aucun de vos logements n’a cette référence : {missing[0]}. Vérifiez-la, ou importez-le d’abord."
        )
    return Share(holder, line.values[UNITS], tuple(found[each] for each in asked))


def _shares(programme: Programme) -> list[Share]:
    """What is written of a programme, in the order in which it was. Read with it."""
    return [
        Share(
            each.holder,
            each.units,
            tuple(sorted((row.unit for row in each.named_units.all()), key=lambda unit: unit.reference)),
        )
        for each in programme.allotments.all()
    ]


def _parts(shares: Iterable[Share]) -> dict[int, tuple[int, frozenset[int]]]:
    return {each.holder.pk: (each.units, frozenset(unit.pk for unit in each.named)) for each in shares}
