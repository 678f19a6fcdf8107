"""A balance beside the count of its acts, made apart (benchmarks/service/by_acts.py)."""

from __future__ import annotations

from attributions.bilan.queries.balance import Balance, balance
from attributions.bilan.queries.recounts import Tables
from benchmarks.service import by_acts
from flux.queries.balance import FigureUnits
from flux.queries.cells import ENTRIES, Axis
from flux.queries.controls.folds import drift
from reservations.models import Landlord


def check_same_totals(landlord: Landlord, year: int) -> Balance:
    """The same as `check_totals`; and no fold of any account has drifted, counted over everything."""
    read = check_totals(landlord, year)
    assert drift() == {}, str(drift())
    return read


def check_totals(landlord: Landlord, year: int) -> Balance:
    """Every cell of every axis, the accounts and the flow are those counted from the acts."""
    read = balance(landlord, year)
    assert read_tables(read) == by_acts.tables(landlord.pk, year)
    counted = {line.holder.pk: (line.figures.due, line.figures.held) for line in read.lines}
    assert {holder: figures for holder, figures in counted.items() if any(figures)} == {
        holder: figures for holder, figures in by_acts.accounts(landlord.pk, year).items() if any(figures)
    }
    assert {kind: count for kind, count in read.flow.by_kind.items() if count} == by_acts.vacated(landlord.pk, year)
    assert len({read.cells.total(axis) for axis in Axis}) == 1, "each axis adds up to the same"
    for name in ENTRIES:
        assert FigureUnits(read.acts, None, name, acted_in=year).figure().times == getattr(read.measures, name), name
        assert FigureUnits(read.ledgers, None, name).figure().times == getattr(read.cohort.total(), name), name
    return read


def read_tables(read: Balance) -> Tables:
    """The tables of a balance, nothing where nothing is counted."""
    found: Tables = {}
    for axis in Axis:
        for holder, row in read.cells.of(axis).items():
            for category, measures in row.items():
                counts = {name: count for name, count in measures.as_json().items() if count}
                if counts:
                    found.setdefault(axis.value, {}).setdefault(holder, {})[category] = counts
        found.setdefault(axis.value, {})
    return found
