"""Importing the inventory of rights (état des lieux des réservations): all of a file, or nothing of it.

A title is known by its reference. An import adds titles, and what bears them; it never changes nor removes what is
recorded: a line that says otherwise than the title recorded is refused, and the title's own page is where to put it
right. Asking again for the same file changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Count

from flux.models import Programme, StockAssignment, Unit
from flux.operations.stock_inventory_file import COLUMN_OF, InventoryLine, InventoryPlan, InventoryRefused, RowError
from flux.operations.stock_rights import Span, given_away, out_of_stock, peak, units_left
from flux.queries.programmes import gone_in, with_passage
from reservations.models import HistoryEntry, Landlord, ReservationHolder, StockRight, User
from reservations.models.guards import in_order
from reservations.models.territory import search_key
from reservations.models.wall import atomic
from reservations.operations.history import record_each
from reservations.operations.stock_right import StockRightRefused, TitleTerms, facts, title_of
from reservations.queries.rates import extension_years_on
from reservations.refusals import constraints_speak
from reservations.words import to, towards

BATCH = 1000


@atomic
def import_inventory(
    *, landlord: Landlord, lines: Sequence[InventoryLine], by: User, today: date, source: str = ""
) -> InventoryPlan:
    """Write the titles of a file and what bears them. Asking again changes nothing.

    Imports of one landlord wait for each other. `today`: the day whose law gives the years after a guaranteed loan.
    `source`: where the lines were read, when it is not a file of rights; the story of each title says it.
    Raises InventoryRefused when one row is wrong; Refusal when a unit came to bear another right meanwhile.
    """
    _hold(landlord)
    plan = preview_inventory(landlord=landlord, lines=lines, today=today)
    if plan.errors:
        raise InventoryRefused(plan.errors)
    added: dict[int, list[str]] = defaultdict(list)
    with constraints_speak(StockRight, StockAssignment):
        StockRight.objects.bulk_create(plan.titles, batch_size=BATCH)
        for bearer in plan.bearers:
            bearer.right_id = bearer.right.pk
            added[bearer.right.pk].append(_named(bearer))
        StockAssignment.objects.bulk_create(plan.bearers, batch_size=BATCH)
    new = {title.pk for title in plan.titles}
    imported = HistoryEntry.Act.IMPORTED
    record_each(
        ((title, _as_details(facts(title) | {"bearers": ", ".join(added[title.pk])})) for title in plan.titles),
        imported,
        by=by,
        why=source,
    )
    old = {bearer.right.pk: bearer.right for bearer in plan.bearers if bearer.right.pk not in new}
    record_each(
        ((right, _as_details({"bearers": ", ".join(added[pk])})) for pk, right in old.items()),
        imported,
        by=by,
        why=source,
    )
    return plan


def _hold(landlord: Landlord) -> None:
    """Hold what the plan rests on: titles before programmes, as the acts on one title do."""
    in_order(Landlord.objects.all()).get(pk=landlord.pk)
    list(in_order(StockRight.objects.all()).filter(landlord=landlord).order_by("pk"))
    list(in_order(Programme.objects.all()).filter(landlord=landlord).order_by("pk"))


def preview_inventory(*, landlord: Landlord, lines: Sequence[InventoryLine], today: date) -> InventoryPlan:
    """What `import_inventory` would do, without writing: consequence before commitment. Seven queries."""
    plan = InventoryPlan()
    known = _Known(landlord)
    years = extension_years_on(today)
    by_title: dict[str, list[InventoryLine]] = defaultdict(list)
    for line in lines:
        by_title[line.reference].append(line)
    for rows in by_title.values():
        _check_agreement(plan, rows)
        right = _title(plan, known, rows[0], years)
        if right is not None:
            _bear(plan, known, right, rows)
    _check_units(plan, known)
    _check_room(plan, known)
    plan.errors.sort(key=lambda error: error.row)
    return plan


class _Known:
    """What is recorded of a landlord's stock, read once."""

    def __init__(self, landlord: Landlord) -> None:
        self.landlord = landlord
        self.holders: dict[str, dict[int, ReservationHolder]] = defaultdict(dict)
        for holder in ReservationHolder.objects.select_related("organisation"):
            self.holders[holder.organisation.siren][holder.contingent] = holder
        rights = StockRight.objects.filter(landlord=landlord).select_related("holder__organisation")
        self.titles = {right.reference: right for right in rights if right.reference}
        self.units: dict[str, Unit] = {
            unit.reference: unit
            for unit in Unit.objects.filter(landlord=landlord).only(
                "reference", "programme", "landlord", "left_on", "left_why"
            )
        }
        self.programmes = list(with_passage(Programme.objects.filter(landlord=landlord)).select_related("commune"))
        self.sizes = dict(
            Unit.objects.filter(landlord=landlord).order_by().values_list("programme").annotate(count=Count("pk"))
        )
        self.borne = list(
            StockAssignment.objects.filter(right__landlord=landlord)
            .with_taken(date.max)
            .select_related("right__holder__organisation", "unit")
        )
        self.row_of: dict[int, int] = {}

    def programme(self, text: str) -> list[Programme]:
        """Those that a name or a number names."""
        if text.isdecimal():
            return [programme for programme in self.programmes if programme.number == int(text)]
        key = search_key(text)
        return [programme for programme in self.programmes if search_key(programme.name) == key]


def _check_agreement(plan: InventoryPlan, rows: Sequence[InventoryLine]) -> None:
    """Every row of a title says the same of it."""
    first = rows[0]
    for line in rows[1:]:
        differing = [column for column, each in line.said.items() if each != first.said[column]]
        if differing:
            plan.errors.append(
                RowError(
                    line.row,
                    differing[0],
                    f"le titre {line.reference} dit autre chose à la ligne {first.row} : toutes les lignes d’un titre "
                    "donnent les mêmes réservataire, fondement, usage et dates.",
                )
            )


def _title(plan: InventoryPlan, known: _Known, line: InventoryLine, years: int | None) -> StockRight | None:
    """The title of these rows, recorded or new; None when it cannot be."""
    holder = _holder(plan, known, line)
    if holder is None:
        return None
    before = known.titles.get(line.reference)
    terms = TitleTerms(holder, line.ground, line.starts_on, line.ends_on, line.use, line.reference, line.loan_ends_on)
    kept = before.extension_years if before is not None and before.extension_years is not None else years
    try:
        right = title_of(known.landlord, terms, extension_years=kept)
    except StockRightRefused as refusal:
        plan.errors.append(RowError(line.row, COLUMN_OF[refusal.field or "reference"], _lower_first(str(refusal))))
        return None
    if before is None:
        plan.titles.append(right)
        return right
    recorded, result = facts(before), facts(right)
    differing = [
        name for name in COLUMN_OF if recorded[name] != result[name] or (name == "holder" and before.holder != holder)
    ]
    if differing or before.converted_in_id is not None:
        column = COLUMN_OF[differing[0]] if differing else "reference_titre"
        what = f"autrement ({_cell_text(recorded[differing[0]])})" if differing else "et converti en flux"
        sentence = (
            f"le titre {line.reference} est déjà enregistré {what} : corrigez le fichier, ou le titre sur sa page."
        )
        plan.errors.append(RowError(line.row, column, sentence))
        return None
    plan.titles_known += 1
    return before


def _holder(plan: InventoryPlan, known: _Known, line: InventoryLine) -> ReservationHolder | None:
    contingents = known.holders.get(line.siren, {})
    if not contingents:
        sentence = (
            f"aucune organisation de SIREN {line.siren} n’est enregistrée : demandez à l’administrateur de l’ajouter."
        )
        plan.errors.append(RowError(line.row, "siren_reservataire", sentence))
        return None
    if line.contingent is None and len(contingents) == 1:
        return next(iter(contingents.values()))
    holder = contingents.get(line.contingent or 0)
    if holder is None:
        codes = ", ".join(f"{code} ({holder})" for code, holder in sorted(contingents.items()))
        sentence = f"écrivez l’un des contingents de cette organisation : {codes}."
        plan.errors.append(RowError(line.row, "contingent", sentence))
    return holder


def _bear(plan: InventoryPlan, known: _Known, right: StockRight, rows: Sequence[InventoryLine]) -> None:
    """What bears the title: new bearers in the plan, those recorded counted, those the file leaves out too."""
    recorded = {
        (borne.unit_id, borne.programme_id): borne for borne in known.borne if right.pk and borne.right_id == right.pk
    }
    met: dict[tuple[int | None, int | None], int] = {}
    for line in rows:
        bearer = _bearer(plan, known, right, line)
        if bearer is None:
            continue
        key = (bearer.unit_id, bearer.programme_id)
        column = "reference_logement" if bearer.unit_id else "programme"
        if key in met:
            plan.errors.append(RowError(line.row, column, f"déjà donné à la ligne {met[key]} pour ce titre."))
            continue
        met[key] = line.row
        before = recorded.get(key)
        if before is None and (result := _gone(bearer, right)):
            plan.errors.append(RowError(line.row, column, result))
        elif before is None:
            known.row_of[id(bearer)] = line.row
            plan.bearers.append(bearer)
        elif before.units != bearer.units:
            plan.errors.append(
                RowError(
                    line.row,
                    "nombre_logements",
                    f"le titre {right.reference} porte déjà sur {before.units} de ce programme : corrigez le fichier, "
                    "ou terminez ce rattachement sur la page du titre.",
                )
            )
        else:
            plan.units_known += before.units
    plan.beyond += sum(borne.units for key, borne in recorded.items() if key not in met)


def _gone(bearer: StockAssignment, right: StockRight) -> str:
    """Why what would bear this title is not in the stock any more; "" when it is, or was until the title ended."""
    if bearer.unit is not None:
        return out_of_stock(bearer.unit, right.ends_on)
    assert bearer.programme is not None  # a unit or a programme bears it (constraint `stock_assignment_bearer`)
    return given_away(bearer.programme, gone_in(bearer.programme), right.ends_on)


def _bearer(plan: InventoryPlan, known: _Known, right: StockRight, line: InventoryLine) -> StockAssignment | None:
    programme = None
    if line.programme:
        named = known.programme(line.programme)
        if len(named) != 1:
            sentence = (
                "aucun programme de ce nom ou de ce numéro : importez d’abord le parc, ou corrigez la cellule."
                if not named
                else f"plusieurs programmes portent ce nom : écrivez son numéro ({_numbers(named)})."
            )
            plan.errors.append(RowError(line.row, "programme", sentence))
            return None
        programme = named[0]
    if not line.unit:
        return StockAssignment(
            right=right, programme=programme, units=line.units, starts_on=right.starts_on, ends_on=right.ends_on
        )
    unit = known.units.get(line.unit)
    if unit is None:
        sentence = "aucun logement de cette référence : importez d’abord le parc, ou corrigez la cellule."
        plan.errors.append(RowError(line.row, "reference_logement", sentence))
        return None
    if programme is not None and unit.programme_id != programme.pk:
        sentence = f"le logement {unit.reference} n’est pas de ce programme : corrigez l’un des deux."
        plan.errors.append(RowError(line.row, "programme", sentence))
        return None
    return StockAssignment(right=right, unit=unit, starts_on=right.starts_on, ends_on=right.ends_on)


def _check_units(plan: InventoryPlan, known: _Known) -> None:
    """A unit bears one right at a time; the row that says otherwise is reported, with what it meets."""
    of_unit: dict[int, list[StockAssignment]] = defaultdict(list)
    for borne in known.borne:
        if borne.unit_id is not None:
            of_unit[borne.unit_id].append(borne)
    for bearer in plan.bearers:
        if bearer.unit_id is None:
            continue
        for other in of_unit[bearer.unit_id]:
            if _meet(bearer, other):
                row = known.row_of.get(id(other))
                where = (
                    f"à la ligne {row}"
                    if row
                    else f"par {towards(other.right.holder)}, depuis le {other.starts_on:%d/%m/%Y}"
                )
                plan.errors.append(
                    RowError(
                        known.row_of[id(bearer)],
                        "reference_logement",
                        f"le logement {bearer.unit} porte déjà un autre titre à ces dates ({where}).",
                    )
                )
                break
        of_unit[bearer.unit_id].append(bearer)


def _check_room(plan: InventoryPlan, known: _Known) -> None:
    """Rights never bear on more units of a programme than it has."""
    spans: dict[int, list[Span]] = defaultdict(list)
    last: dict[int, StockAssignment] = {}
    counted: set[int] = set()
    for borne in (*known.borne, *plan.bearers):
        programme = borne.programme_id or (borne.unit.programme_id if borne.unit else None)
        assert programme is not None  # a unit or a programme bears it (constraint `stock_assignment_bearer`)
        new = id(borne) in known.row_of
        if (left := borne.units if new else units_left(borne)) > 0:
            spans[programme].append((borne.starts_on, borne.ends_on, left))
        if borne.programme_id:
            counted.add(programme)
        if new:
            last[programme] = borne
    names = {programme.pk: programme for programme in known.programmes}
    for pk in counted & last.keys():
        size = known.sizes.get(pk, 0)
        if (most := peak(spans[pk])) > size:
            plan.errors.append(
                RowError(
                    known.row_of[id(last[pk])],
                    "nombre_logements",
                    f"{names[pk]} a {size} logement{'s' if size > 1 else ''} : des droits porteraient sur {most}.",
                )
            )


def _meet(one: StockAssignment, other: StockAssignment) -> bool:
    return (one.ends_on is None or other.starts_on <= one.ends_on) and (
        other.ends_on is None or one.starts_on <= other.ends_on
    )


def _named(bearer: StockAssignment) -> str:
    return str(bearer.unit) if bearer.unit else f"{bearer.units} × {bearer.programme}"


def _numbers(programmes: Iterable[Programme]) -> str:
    return ", ".join(f"{programme.number} {to(programme.commune)}" for programme in programmes)


def _cell_text(value: str | int | None) -> str:
    """What is recorded, as the file would write it: a day, a code of ground or use, a name, or nothing."""
    words = dict(StockRight.Ground.choices) | dict(StockRight.Use.choices)
    return "rien" if value is None else str(words.get(str(value), value))


def _as_details(values: dict[str, str | int | None]) -> dict[str, list[str | int | None]]:
    return {name: [None, value] for name, value in values.items()}


def _lower_first(sentence: str) -> str:
    return f"{sentence[:1].lower()}{sentence[1:]}"
