"""The acts on reference figures.

* Recording what a household may earn, when the yearly order changes it.
* Cutting the years of construction into other periods, from a year that is not closed on.
* Writing again the counts that the database keeps, where they are not what they sum: for a command of the operator.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection

from flux.models import COUNTED, IncomeCeiling, PeriodCut
from flux.queries.controls.folds import AWAITED, KEPT_AWAITED, KEPT_READERS, READERS
from flux.queries.needs import SIZES
from reservations.models import HistoryEntry, Landlord, Territory, User
from reservations.models.wall import atomic
from reservations.operations.history import record
from reservations.refusals import Refusal, constraints_speak

#: Groups of financing that have a ceiling of this order.
FINANCED = ("PLAI", "PLUS", "PLS")


class CeilingRefused(Refusal):
    """A ceiling that cannot be; `field` is where."""


@atomic
def record_income_ceiling(
    *,
    financing: str,
    zone: str,
    household: int,
    amount: int,
    extra: int | None = None,
    starts_on: date,
    source: str,
    by: User,
    today: date,
) -> IncomeCeiling:
    """Record one figure from a day on; the one that ran until then ends the day before. Nothing past is rewritten.

    The latest figure, when it starts on `today` or later, is replaced by one that starts on the same day (mistyped).
    `amount` and `extra` in whole euros a year; `extra` with the sixth category only.

    Raises CeilingRefused, by field.
    """
    _check(financing=financing, zone=zone, household=household, amount=amount, extra=extra, source=source)
    same = IncomeCeiling.objects.filter(financing=financing, zone=zone, household=household)
    running = same.select_for_update(of=("self",)).order_by("-starts_on").first()
    if running is not None:
        if starts_on == running.starts_on >= today:
            before = _details(running)
            after: dict[str, object] = {"amount": amount, "extra": extra, "source": source.strip()}
            running.amount, running.extra, running.source = amount, extra, source.strip()
            running.save(update_fields=["amount", "extra", "source"])
            changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
            record(running, HistoryEntry.Act.EDITED, by=by, details=changed)
            return running
        if starts_on <= running.starts_on:
            raise CeilingRefused(
                f"Le plafond le plus récent court depuis le {running.starts_on:%d/%m/%Y} : choisissez un jour après "
                "celui-là.",
                field="starts_on",
            )
        if running.ends_on is None or running.ends_on >= starts_on:
            running.ends_on = starts_on - timedelta(days=1)
            running.save(update_fields=["ends_on"])
    with constraints_speak(IncomeCeiling):
        recorded = IncomeCeiling.objects.create(
            financing=financing,
            zone=zone,
            household=household,
            amount=amount,
            extra=extra,
            starts_on=starts_on,
            source=source.strip(),
        )
    before = _details(running) if running else dict.fromkeys(_details(recorded))
    details = {name: [before[name], value] for name, value in _details(recorded).items()}
    record(recorded, HistoryEntry.Act.RECORDED, by=by, details=details)
    return recorded


def _check(*, financing: str, zone: str, household: int, amount: int, extra: int | None, source: str) -> None:
    if financing not in FINANCED:
        raise CeilingRefused("Choisissez PLAI, PLUS ou PLS.", field="financing")
    if zone not in IncomeCeiling.Zone.values:
        raise CeilingRefused("Choisissez l’une des trois zones.", field="zone")
    if not 1 <= household <= SIZES:
        raise CeilingRefused("La catégorie de ménage va de 1 à 6.", field="household")
    if not 1 <= amount <= 1_000_000:
        raise CeilingRefused("Écrivez le plafond annuel en euros : 23403 par exemple.", field="amount")
    if extra is not None and (household != SIZES or not 1 <= extra <= 1_000_000):
        raise CeilingRefused(
            "Le montant par personne de plus ne va qu’avec la catégorie 6 : effacez-le, ou choisissez-la.",
            field="extra",
        )
    if not source.strip():
        raise CeilingRefused("Citez l’arrêté.", field="source")


def _details(ceiling: IncomeCeiling) -> dict[str, object]:
    return {
        "amount": ceiling.amount,
        "extra": ceiling.extra,
        "starts_on": ceiling.starts_on.isoformat(),
        "source": ceiling.source,
    }


#: A cut that nobody could read.
MOST = 12
FIRST_YEAR, LAST_YEAR = 1700, 2100


class PeriodCutRefused(Refusal):
    """A cut that cannot be; `field` is its column."""


@atomic
def cut_periods(
    *,
    bounds: Sequence[int],
    starts_on: date,
    source: str,
    landlord: Landlord | None = None,
    territory: Territory | None = None,
    by: User | None,
    today: date,
) -> PeriodCut:
    """From that day on, the balances of a landlord, of a région or département, or of everybody count by these periods;
    those of the years before go on counting by theirs.

    Raises PeriodCutRefused: years that do not grow, none or too many, a year that is closed, no source, another scale.
    """
    if not bounds or len(bounds) > MOST or any(one >= other for one, other in pairwise(bounds)):
        raise PeriodCutRefused(
            f"Donnez de 1 à {MOST} années croissantes : la dernière de chaque période, 1948, 1974 par exemple.",
            field="bounds",
        )
    if not FIRST_YEAR <= bounds[0] <= bounds[-1] <= LAST_YEAR:
        raise PeriodCutRefused(f"Une année va de {FIRST_YEAR} à {LAST_YEAR}.", field="bounds")
    if starts_on.year < today.year:
        raise PeriodCutRefused(
            f"Les bilans des années closes gardent leurs périodes : choisissez un jour de {today.year} ou d’après.",
            field="starts_on",
        )
    if not source.strip():
        raise PeriodCutRefused("Dites d’où vient ce découpage : une convention, un cadre régional.", field="source")
    if territory is not None and territory.kind not in (Territory.Kind.REGION, Territory.Kind.DEPARTEMENT):
        raise PeriodCutRefused("Choisissez une région ou un département.", field="territory")
    with constraints_speak(PeriodCut):
        cut = PeriodCut.objects.create(
            landlord=landlord, territory=territory, starts_on=starts_on, bounds=list(bounds), source=source.strip()
        )
    record(cut, HistoryEntry.Act.RECORDED, by=by, why=cut.source)
    return cut


@atomic
def write_folds() -> dict[str, int]:
    """Write each row that is not what the entries and the units say: by table, how many were taken away or written.

    Who writes meanwhile waits: what they wrote before is read.
    """
    hold([*(each.table for each in COUNTED), "flux_unitreader", "flux_awaiteddecision"])
    written = {each.table: write_rows(each.table, each.key, each.sums, *each.beside()) for each in COUNTED}
    readers = ("organisation_id", "unit_id"), ("commune_id", "programme_id", "reference", "routings")
    written["flux_unitreader"] = write_rows("flux_unitreader", *readers, KEPT_READERS, READERS)
    awaited = ("vacancy_id",), ("holder_id",)
    written["flux_awaiteddecision"] = write_rows("flux_awaiteddecision", *awaited, KEPT_AWAITED, AWAITED)
    return {table: rows for table, rows in written.items() if rows}


def hold(tables: Sequence[str]) -> None:
    """Let nobody else write these tables until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")


def write_rows(table: str, key: tuple[str, ...], rest: tuple[str, ...], kept: str, wanted: str) -> int:
    """Make the rows that `kept` selects those that `wanted` selects, both in the order of `key` then `rest`: how many
    were taken away or written."""
    at = " AND ".join(f"{name} IS NOT DISTINCT FROM %s" for name in key)
    columns = ", ".join((*key, *rest))
    places = ", ".join(["%s"] * len((*key, *rest)))
    with connection.cursor() as cursor:
        cursor.execute(f"({kept}) EXCEPT ({wanted})")
        extra: list[tuple[Any, ...]] = list(cursor.fetchall())
        cursor.execute(f"({wanted}) EXCEPT ({kept})")
        lacking: list[tuple[Any, ...]] = list(cursor.fetchall())
        for row in [*extra, *lacking]:
            cursor.execute(f"DELETE FROM {table} WHERE {at}", row[: len(key)])
        for row in lacking:
            cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", row)
    return len(extra) + len(lacking)
