"""Uniformity over communes, measured: the State's communes are served nearer to equal rates, and nobody is further."""

from __future__ import annotations

from benchmarks.uniform import FAMILIES, WINDOWS, follow, markdown, tasks


def test_the_clause_serves_the_communes_of_the_state_nearer_to_equal_rates() -> None:
    without, asked = ([follow((f"B1/{seed}", 1, asks)) for seed in range(6)] for asks in (False, True))
    assert sum(year.communes for year in asked) < sum(year.communes for year in without)
    assert max(year.worst for year in asked) < 1.5


def test_the_table_has_a_line_for_each_family_and_window() -> None:
    year = follow(("B1/0", 1, True))
    lines = markdown(dict.fromkeys(tasks(1), year), 1).splitlines()
    assert len(lines) == 2 + len(FAMILIES) * len(WINDOWS)
    assert lines[2].startswith("| B1 2 EPCI, 5 communes, 200 vacancies | 1 | ")
    assert f"{year.communes:.2f} → {year.communes:.2f}" in lines[2]
