"""What is read of what came since a seal.

* What was recorded once a balance was sealed, act by act: a late act, one undone, a unit described otherwise. A
  sealed year is what is known today, less this (docs/decisions/0121).
* Which balances are sealed, and where each seal stands among all that was written.
* The imprint that the database gave to the version when it was sent is a place in one order (docs/triggers.md): what
  is written in the accounts of the balance before it is in its file, what comes after is not. Whoever sends a balance
  holds its accounts, so that nothing of them is written in between.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Model, OuterRef, QuerySet, Subquery
from django.utils import timezone

from attributions.bilan.models import BalanceVersion
from attributions.bilan.moved import MEASURED, Cause, Fallen, Moved, Seal, SealKey, Stage
from flux.queries.cells import LeftOut
from reservations.canonical import seal_of_bytes
from reservations.models import Imprint, Territory
from reservations.models.once_a_request import once_in_steps
from reservations.models.territory import end_of, within
from reservations.models.together import Part, Steps, stepwise


def place_of(model: type[Model], row: OuterRef | None = None, *, last: bool = False) -> Subquery:
    """Where a row was first written, or was `last`, in the order of every imprint. `row`: its id, by default that of
    the row that is read."""
    written = Imprint.objects.filter(table_name=model._meta.db_table, row_id=row or OuterRef("pk"))
    return Subquery(written.order_by("-pk" if last else "pk").values("pk")[:1])


def seals(landlords: Collection[int], years: Collection[int] | None = None) -> dict[SealKey, Seal]:
    """Those of some landlords (ids), of some years or of all, by balance. A version sent before rows had imprints has
    no place among them, and is left out. One query."""
    return seals_among(frozenset(landlords), None if years is None else frozenset(years))


@once_in_steps
def seals_among(landlords: frozenset[int], years: frozenset[int] | None) -> Steps[dict[SealKey, Seal]]:
    """The same, to be read with what does not wait for it."""
    found = BalanceVersion.objects.filter(balance__landlord__in=landlords)
    if years is not None:
        found = found.filter(balance__exercise__in=years)
    return (yield from _latest(found))


@stepwise
def seals_of(
    year: int, *, landlord: int | None = None, departements: Collection[int] | None = None
) -> Steps[list[Seal]]:
    """Those of a year, of a landlord and of some départements (ids), all by default. One query."""
    found = BalanceVersion.objects.filter(balance__exercise=year)
    if landlord is not None:
        found = found.filter(balance__landlord=landlord)
    if departements is not None:
        found = found.filter(balance__departement__in=departements)
    return list((yield from _latest(found)).values())


def _latest(versions: QuerySet[BalanceVersion]) -> Steps[dict[SealKey, Seal]]:
    sealed: QuerySet[Any, Any] = (
        versions.filter(sealed_at__isnull=False)
        .order_by("balance_id", "-number")
        .distinct("balance_id")
        .annotate(mark=place_of(BalanceVersion))
        .values_list(
            "balance__landlord",
            "balance__departement",
            "balance__exercise",
            "balance__departement__name",
            "balance__departement__region",
            "number",
            "pk",
            "sealed_at",
            "seal",
            "mark",
        )
    )
    (rows,) = yield [sealed]
    return {
        key: Seal(key, name, region, number, pk, timezone.localdate(at), digest, mark)
        for landlord, departement, year, name, region, number, pk, at, digest, mark in rows
        if mark is not None and (key := SealKey(landlord, departement, year))
    }


def printed_on_versions() -> QuerySet[BalanceVersion, str]:
    """What each version that was sent carries of chains and of the log, as it was printed."""
    return BalanceVersion.objects.exclude(heads="").order_by().values_list("heads", flat=True)


def takers(key: SealKey, seals_of: Collection[Seal]) -> list[Seal]:
    """The balances sealed without a break after one, in order: what came late to it is in the first that was sent
    after, else in the balance that follows them."""
    by_key = {each.key: each for each in seals_of}
    found, year = [], key.year + 1
    while (after := key._replace(year=year)) in by_key:
        found.append(by_key[after])
        year += 1
    return found


def broken_seals() -> list[BalanceVersion]:
    """The versions of all balances whose seal is not that of their content: none, unless somebody rewrote one."""
    found = BalanceVersion.objects.select_related("balance__landlord__organisation", "balance__departement")
    return [
        each
        for each in found.order_by("pk").iterator(chunk_size=20)
        if each.seal != seal_of_bytes(each.content.encode())
    ]


@dataclass(frozen=True, slots=True)
class Since:
    """All of it, for some balances."""

    seals: tuple[Seal, ...] = ()
    moved: tuple[Moved, ...] = ()
    fallen: tuple[Fallen, ...] = ()

    def where(self, here: Collection[int] | None, whole: Collection[int] = ()) -> Since:
        """What lies in some communes (ids), all by default; of transfers, which bear on none, those of the accounts
        (ids) that are read `whole`."""
        if here is None:
            return self
        moved = tuple(
            each for each in self.moved if (each.commune in here if each.commune is not None else each.ledger in whole)
        )
        return replace(self, moved=moved, fallen=tuple(each for each in self.fallen if each.commune in here))

    def among(self, ledgers: Collection[int]) -> Since:
        """What is written in some accounts (ids)."""
        return replace(self, moved=tuple(each for each in self.moved if each.ledger in ledgers))

    def lying_in(self, place: Territory | Collection[int], year: int, *, transfers: bool = True) -> Since:
        """What lies in a territory, as it was at the end of a year, or in some communes (ids); `transfers`: those of
        the départements read whole too. One query at most."""
        if not isinstance(place, Territory):
            return self.where(place, {each.ledger for each in self.moved} if transfers else ())
        if not self.communes:
            return self
        here = Territory.objects.filter(within(place.pk, on=end_of(year)), pk__in=self.communes).order_by()
        whole = {each.ledger for each in self.moved if place.pk in (each.seal.key.departement, each.seal.region)}
        return self.where(frozenset(here.values_list("pk", flat=True)), whole)

    def placed(self, ledgers: Collection[int]) -> Iterator[tuple[Moved, dict[str, int]]]:
        """What the cells of communes leave out, in some accounts (ids), by column."""
        for each in self.among(ledgers).moved:
            if each.measure and each.is_done:
                offered = {"described": not each.lacks, "outside_qpv": each.described[2] is False}
                more = {name: each.quantity for name, is_so in offered.items() if is_so and each.measure == "offered"}
                yield each, {each.measure: each.quantity} | more

    def cells(self) -> Iterator[LeftOut]:
        """What its cells leave out, to be read as sealed."""
        for each in self.moved:
            if each.measure:
                done = each.acted_on.year
                yield LeftOut(each.ledger, done, each.holder, each.described, each.measure, each.quantity)

    def accounts(self, ledgers: Collection[int]) -> Iterator[tuple[Moved, dict[str, int]]]:
        """What the months of some accounts (ids) leave out, to be read as sealed: figures of today, less these. Those
        of an exercise that is sealed alone: the account of another is not read here."""
        for each in self.moved:
            if each.ledger in ledgers and each.exercise == each.seal.key.year:
                yield each, each.figures()

    @property
    def communes(self) -> set[int]:
        """Those (ids) that something moved in."""
        found = {each.commune for each in self.moved if each.commune is not None}
        return found | {each.commune for each in self.fallen}


NOTHING = Since()

#: The seals asked about, with what bounds the search of what came after each, found once a seal: the last row of a
#: table that was written before, from the last of all. From the seal back, it would read what other tables had written.
ASKED = """
WITH seal AS MATERIALIZED (
    SELECT
        s.*,
        (SELECT i.row_id FROM reservations_imprint i WHERE i.table_name = 'flux_flowentry' AND i.id < s.mark
         ORDER BY i.row_id DESC LIMIT 1) AS entry_floor,
        (SELECT i.row_id FROM reservations_imprint i WHERE i.table_name = 'flux_unitdescription' AND i.id < s.mark
         ORDER BY i.row_id DESC LIMIT 1) AS description_floor
    FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::bigint[]) AS s (landlord_id, departement_id, year, mark)
), book AS MATERIALIZED (
    SELECT s.*, l.id AS ledger_id, l.exercise, l.kind
    FROM seal s
    JOIN flux_ledger l
        ON l.landlord_id = s.landlord_id AND l.departement_id = s.departement_id AND l.exercise <= s.year
)
"""
#: What is read of an entry, under one description (d); `written`: the place of its own writing.
READ = """
    b.landlord_id, b.departement_id, b.year, b.ledger_id, b.exercise, b.kind = 'FIRST_LETTING',
    coalesce(v.ledger_id = b.ledger_id, false), e.holder_id, h.contingent, e.vacancy_id, coalesce(u.reference, ''),
    e.stage, e.side, e.quantity, e.reached, e."on", e.acted_on, {recorded}, d.id,
    d.rooms, d.financing_code, d.in_qpv, d.commune_id, d.construction_year, {written},
    EXISTS (SELECT 1 FROM attributions_balancecorrection c WHERE c.entry_id = e.id)
"""
#: The place of the first writing of a row.
FIRST = "(SELECT min(i.id) FROM reservations_imprint i WHERE i.table_name = '{table}' AND i.row_id = {row})"
ENTRY, DESCRIPTION = (
    FIRST.format(table="flux_flowentry", row="e.id"),
    FIRST.format(table="flux_unitdescription", row="{row}"),
)
#: What the queries below are made of.
PIECES = {
    "asked": ASKED,
    "written": READ.format(recorded="e.recorded_at", written=ENTRY),
    "described": READ.format(recorded="n.recorded_at", written=DESCRIPTION.format(row="n.id")),
    "entry": ENTRY,
    "later": DESCRIPTION.format(row="n.id"),
    "back": DESCRIPTION.format(row="k.id"),
    "vacancy": FIRST.format(table="flux_vacancy", row="v.id"),
    # An act of the year, or of any year in the account of the exercise.
    "bears": "(b.exercise = b.year OR date_part('year', e.acted_on) = b.year)",
}

WRITTEN = """
{asked}
SELECT {written}
FROM book b
JOIN flux_flowentry e ON e.ledger_id = b.ledger_id AND e.id > coalesce(b.entry_floor, 0)
JOIN reservations_reservationholder h ON h.id = e.holder_id
LEFT JOIN flux_vacancy v ON v.id = e.vacancy_id
LEFT JOIN flux_unit u ON u.id = v.unit_id
LEFT JOIN flux_unitdescription d ON d.id = e.description_id
WHERE {bears} AND {entry} > b.mark
ORDER BY e.id
"""

#: Entries that were in the file under another description: the one that each correction since took the place of, and
#: the one of today, which says so last.
DESCRIBED = """
{asked}
SELECT {described}, d.id = n.id
FROM book b
JOIN flux_unitdescription n ON n.corrects_id IS NOT NULL AND n.id > coalesce(b.description_floor, 0)
JOIN flux_vacancy v ON v.unit_id = n.unit_id
JOIN flux_unit u ON u.id = v.unit_id
JOIN flux_flowentry e ON e.vacancy_id = v.id AND e.description_id = n.id AND e.ledger_id = b.ledger_id
JOIN reservations_reservationholder h ON h.id = e.holder_id
CROSS JOIN LATERAL (
    WITH RECURSIVE back AS (
        SELECT n.id, n.corrects_id
        UNION ALL
        SELECT o.id, o.corrects_id
        FROM back k
        JOIN flux_unitdescription o ON o.id = k.corrects_id
        WHERE {back} > b.mark
    )
    SELECT min(k.id) AS id FROM back k
) was
JOIN flux_unitdescription d ON d.id IN (n.id, was.id)
WHERE {bears} AND {later} > b.mark AND {entry} < b.mark
ORDER BY e.id, d.id
"""

#: What fell vacant in the year and was declared since, or was cancelled since.
FALLEN = """
WITH seal AS MATERIALIZED (
    SELECT
        s.*,
        (SELECT i.row_id FROM reservations_imprint i WHERE i.table_name = 'flux_vacancy' AND i.id < s.mark
         ORDER BY i.row_id DESC LIMIT 1) AS floor
    FROM unnest(%s::bigint[], %s::bigint[], %s::integer[], %s::bigint[]) AS s (landlord_id, departement_id, year, mark)
)
SELECT
    v.landlord_id, s.year, d.commune_id, date_trunc('month', v.registered_on)::date, v.kind, v.exclusion,
    EXISTS (SELECT 1 FROM flux_recommendation r WHERE r.vacancy_id = v.id),
    CASE WHEN v.cancelled_at IS NULL THEN 1 ELSE -1 END
FROM seal s
JOIN flux_vacancy v
    ON v.landlord_id = s.landlord_id
    AND v.registered_on BETWEEN make_date(s.year, 1, 1) AND make_date(s.year, 12, 31)
    AND (v.cancelled_at IS NOT NULL OR v.id > coalesce(s.floor, 0))
JOIN flux_unitdescription d ON d.id = v.description_id
JOIN reservations_territory t ON t.id = d.commune_id AND t.departement_id = s.departement_id
WHERE
    CASE
        WHEN v.cancelled_at IS NULL THEN {vacancy} > s.mark
        ELSE {vacancy} < s.mark
            AND (SELECT max(i.id) FROM reservations_imprint i WHERE i.table_name = 'flux_vacancy' AND i.row_id = v.id)
            > s.mark
    END
ORDER BY v.id
"""


@stepwise
def since(
    landlords: Collection[int], years: Collection[int], departements: Collection[int] | None = None
) -> Steps[Since]:
    """What was recorded after the seals of some years, of some landlords and départements (ids), all by default. One
    query where nothing is sealed, two otherwise, whose cost is that of what came since."""
    places = None if departements is None else frozenset(departements)
    return (yield from _since.steps(frozenset(landlords), frozenset(years), places))


@once_in_steps
def _since(landlords: frozenset[int], years: frozenset[int], departements: frozenset[int] | None) -> Steps[Since]:
    every = yield from seals_among.steps(landlords, None)
    asked = [
        each
        for key, each in every.items()
        if key.year in years and (departements is None or key.departement in departements)
    ]
    if not asked:
        return NOTHING
    by_key = {each.key: each for each in asked}
    after = {key: takers(key, every.values()) for key in by_key}
    columns = [
        [each.key.landlord for each in asked],
        [each.key.departement for each in asked],
        [each.key.year for each in asked],
        [each.mark for each in asked],
    ]
    asked_of = [Part(query.format(**PIECES), tuple(columns)) for query in (WRITTEN, DESCRIBED, FALLEN)]
    entries, described, fallen = yield asked_of
    moved = [_moved(row[:-2], by_key, after, written=row[-2], corrected=row[-1]) for row in entries]
    for *row, written, _, now in described:
        found = _moved(row, by_key, after, written=written, corrected=False)
        sign = 1 if now else -1
        moved.append(
            replace(
                found,
                cause=Cause.DESCRIBED,
                quantity=sign * found.quantity,
                reached=sign * found.reached,
                taken_by=None,
            )
        )
    return Since(tuple(asked), tuple(moved), tuple(Fallen(*row) for row in fallen))


def _moved(
    row: Iterable[Any],
    by_key: dict[SealKey, Seal],
    after: dict[SealKey, list[Seal]],
    *,
    written: int,
    corrected: bool,
) -> Moved:
    landlord, departement, year, ledger, exercise, first, own, holder, contingent, vacancy, unit, *rest = row
    stage, side, quantity, reached, on, acted_on, recorded_at, description, *described = rest
    seal = by_key[SealKey(landlord, departement, year)]
    done = acted_on.year == year
    cause = Cause.FOLLOWED if not done else Cause.LATE if quantity > 0 else Cause.UNDONE
    taken: int | None = acted_on.year
    if done:
        sealed_after = after[seal.key]
        taken = next((each.key.year for each in sealed_after if each.mark > written), year + 1 + len(sealed_after))
    return Moved(
        seal,
        Cause.CORRECTED if corrected else cause,
        ledger,
        exercise,
        first,
        own,
        holder,
        contingent,
        vacancy,
        unit,
        Stage(stage),
        side,
        quantity,
        reached,
        on,
        acted_on,
        recorded_at,
        description,
        tuple(described) if description is not None else (),
        taken if own and stage in MEASURED else None,
    )
