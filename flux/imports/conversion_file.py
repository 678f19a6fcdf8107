"""The kind of file that states what rights in stock were worked out to be worth: a line a variant, with its figures."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from flux.models import Conversion
from flux.operations.conversions import work_out
from flux.queries.conversion import Wish
from reservations.imports.cells import CellRefused, day, text, whole
from reservations.imports.kinds import Column, Earlier, FileKind, FileLine, Scope, Verdict
from reservations.imports.parties import holder_of, in_full, place_of
from reservations.imports.slices import try_lines
from reservations.models import Landlord, Membership, StockRight, Territory
from reservations.models.guards import in_order
from reservations.permissions import can_manage_landlord

HOLDER, PLACE, LABEL, SINCE, UNTIL, GIVEN = (
    "réservataire",
    "périmètre",
    "variante",
    "début",
    "fin",
    "données",
)


def figures(cell: str) -> dict[str, Any]:
    """What a conversion is computed from, as docs/conversion.md writes it; a title is named by its reference."""
    try:
        payload = json.loads(cell)
        if isinstance(payload["rights"], list) and all(isinstance(each, dict) for each in payload["rights"]):
            return dict(payload)
    except (KeyError, TypeError, ValueError):
        pass
    raise CellRefused("ce ne sont pas les données d’une conversion : recopiez la cellule entière.")


EXAMPLE = '{"rights": [{"reference": "R-1"}]}'


class Conversions(FileKind):
    """Une variante de conversion par ligne."""

    code = "conversions"
    title = "Variantes de conversion"
    one, many = "variante", "variantes"
    says = (
        "Ce que vous avez calculé des droits en stock de chaque réservataire, avec toutes les données : la feuille est "
        "calculée de nouveau, et dit la même part. Une variante n’engage personne et ne change plus."
    )
    columns = (
        Column(HOLDER, text(120), "SIREN ou nom.", ("SIREN",), required=True, example="Ville de Narbonne"),
        Column("contingent", whole(1, 6), "RPLS, rubrique 63 ; vide quand il n’y en a qu’un."),
        Column(PLACE, text(140), "Nom ou code.", ("territoire",), required=True, example="11262"),
        Column(LABEL, text(80), "Son nom.", required=True, example="Première lecture"),
        Column(SINCE, day, "De la convention.", required=True, example="01/01/2027"),
        Column(UNTIL, day, "De la convention.", required=True, example="31/12/2029"),
        Column(GIVEN, figures, "Telles que l’archive les écrit.", required=True, example=EXAMPLE),
    )
    nicknames = True
    rank = 52

    def may(self, member: Membership | None) -> bool:
        """Whoever works them out."""
        return member is not None and member.landlord is not None and can_manage_landlord(member, member.landlord)

    def key(self, values: Mapping[str, Any]) -> str:
        """Whose, where, and its name."""
        rows = (str(values.get(name, "")) for name in (HOLDER, "contingent", PLACE, LABEL))
        return "|".join(rows)[:200]

    def compare(self, lines: Sequence[FileLine], scope: Scope, earlier: Earlier) -> None:
        """What is there already stays; the rest is worked out, then undone."""
        new: list[list[FileLine]] = []
        for line in lines:
            wish = self._wish(line, scope)
            if wish is None:
                continue
            known = Conversion.objects.filter(
                landlord=wish.landlord, holder=wish.holder, perimeter=wish.perimeter, label=line.values[LABEL]
            ).first()
            line.verdict = Verdict.NEW
            if known is None:
                new.append([line])
                continue
            line.target = known.pk
            period = (known.starts_on, known.ends_on) == (wish.starts_on, wish.ends_on)
            result = line.values[GIVEN]
            if period and (_elsewhere(known) == result or known.given == _here(result, wish)):
                line.verdict = Verdict.SAME
            else:
                line.refuse(LABEL, "une variante de ce nom dit autre chose, et ne change plus : renommez-la.")
        try_lines(new, lambda line: self._act(line, scope), lambda _: GIVEN)

    def _act(self, line: FileLine, scope: Scope) -> None:
        wish = self._wish(line, scope)
        assert wish is not None  # it is looked for once a file
        self._work_out(line, wish, scope)

    def _wish(self, line: FileLine, scope: Scope) -> Wish | None:
        holder = holder_of(line, scope, column=HOLDER)
        place = place_of(line, PLACE, tuple(Territory.Kind), scope)
        if holder is None or place is None:
            return None
        return Wish(scope.landlord, holder, place, line.values[SINCE], line.values[UNTIL])

    def _work_out(self, line: FileLine, wish: Wish, scope: Scope) -> None:
        assert scope.by is not None  # a person confirms a file
        work_out(wish=wish, label=line.values[LABEL], given=_here(line.values[GIVEN], wish), by=scope.by)

    def state(self, scope: Scope) -> Iterable[QuerySet[Any, Any]]:
        """The variants of the landlord, and its titles."""
        return [
            Conversion.objects.filter(landlord=scope.landlord).values_list("pk", "label"),
            StockRight.objects.filter(landlord=scope.landlord).values_list("pk", "reference"),
        ]

    def lock(self, scope: Scope) -> None:
        """Imports of one landlord wait for each other."""
        in_order(Landlord.objects.all()).get(pk=scope.landlord.pk)

    def write(self, lines: Sequence[FileLine], scope: Scope) -> None:
        """By the act of the page, one a line."""
        for line in lines:
            self._act(line, scope)

    def recorded(self, member: Membership) -> Iterator[Mapping[str, str]]:
        """Every variant of the landlord."""
        mine = Conversion.objects.filter(landlord__organisation=member.organisation_id).defer("worksheet")
        for each in mine.select_related("holder__organisation", "perimeter").order_by("pk").iterator(chunk_size=100):
            yield {
                HOLDER: each.holder.organisation.siren,
                "contingent": str(each.holder.contingent),
                PLACE: in_full(each.perimeter),
                LABEL: each.label,
                SINCE: f"{each.starts_on:%d/%m/%Y}",
                UNTIL: f"{each.ends_on:%d/%m/%Y}",
                GIVEN: json.dumps(_elsewhere(each), ensure_ascii=False, sort_keys=True),
            }

    def after(self) -> str:
        """Their list."""
        return "conversion-list"


def _elsewhere(variant: Conversion) -> dict[str, Any]:
    """Its data, each title by its reference: ids are of one installation."""
    rows = variant.given["rights"]
    titles = StockRight.objects.in_bulk([row["id"] for row in rows if row.get("id") is not None])
    named = {pk: title.reference for pk, title in titles.items() if title.reference}
    return variant.given | {"rights": [_named(row, named) for row in rows]}


def _here(given: Mapping[str, Any], wish: Wish) -> dict[str, Any]:
    """The same with the ids of here; a title that is not recorded here has none."""
    rows = given["rights"]
    asked = [row["id"] for row in rows if isinstance(row.get("id"), str)]
    titles = StockRight.objects.filter(landlord=wish.landlord, holder=wish.holder, reference__in=asked)
    return dict(given) | {"rights": [_named(row, dict(titles.values_list("reference", "pk"))) for row in rows]}


def _named(row: Mapping[str, Any], names: Mapping[Any, Any]) -> dict[str, Any]:
    values = {name: value for name, value in row.items() if name != "id"}
    return values | ({"id": names[row["id"]]} if row.get("id") in names else {})
