"""The table of times in step, in words."""

from __future__ import annotations

from dataclasses import replace

from attributions.bilan.queries.step_times import By, StepTimes

#: What the table has a row for.
BY = {
    By.HOLDER: "réservataire",
    By.LANDLORD: "bailleur",
    By.COMMUNE: "commune",
    By.EPCI: "intercommunalité",
}


def step_times_table(read: StepTimes) -> StepTimes:
    """Each line with its name, in the order of names."""
    none = "hors du flux" if read.by is By.HOLDER else "sans intercommunalité"
    rows = [replace(row, name=row.name or none) for row in read.rows]
    total = replace(read.total, name="Ensemble")
    return replace(read, rows=sorted(rows, key=lambda row: row.name), total=total)
