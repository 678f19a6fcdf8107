"""Faults of counting and deciding, planted one by one in a copy of the product: within how many acts does the simulator
find each?

    .venv/bin/python -m tests.simulation.faults                 # each, by the seeds 1, 2, 3… of `./run simulate`
    .venv/bin/python -m tests.simulation.faults 3 17            # those of these numbers
    .venv/bin/python -m tests.simulation.faults --left          # those that docs/simulation.md does not say found
    .venv/bin/python -m tests.simulation.faults --write         # and write its table

A fault is a text that stands once in the product, and what takes its place (`tests/house/plants.py`).
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from xml.etree import ElementTree

from tests.house.planting import Copy, copied, planted
from tests.house.plants import ROOT, Plant, where

PAGE = ROOT / "docs/simulation.md"
#: Where its table begins.
TITLE = "## What it finds of what is planted"
#: Acts lived before a fault is stated lost; those of a year (`tests/simulation/test_lives.py`).
MOST, YEAR = 20_000, 100

FAULTS = (
    # --- who is served
    Plant(
        "whoever is within a whole unit of the most owed is in the band",
        "2 * seen.delay[h.id] >= 2 * top - seen.unit",
        "seen.delay[h.id] >= top - seen.unit",
    ),
    Plant(
        "only who is owed the most may be served at no cost",
        "if seen.delay[h.id] >= seen.floor or seen.delay[h.id] == top]",
        "if seen.delay[h.id] == top]",
    ),
    Plant("the guard lets a whole unit of delay come", "limit=seen.unit - seen.floor)", "limit=seen.unit)"),
    Plant("a unit of delay weighs nine lacks", "DELAY_WEIGHT = 10", "DELAY_WEIGHT = 9"),
    Plant(
        "at a tie, who was served last is served again",
        "lambda _, h: -h.last_served",
        "lambda _, h: h.last_served",
    ),
    Plant("at the last tie, the largest rank is served", "lambda _, h: -h.rank)", "lambda _, h: h.rank)"),
    Plant(
        "a holder is served what it does not take",
        "[h for h in holders if (h.share > 0 and h.may_take)",
        "[h for h in holders if (h.share > 0)",
    ),
    Plant("the commune counts five times for who asks for uniformity", "UNIFORM_WEIGHT = 6\n", "UNIFORM_WEIGHT = 5\n"),
    Plant(
        "the two limits of a plan change places",
        "return 4 * unit // 5, 2 * unit // 3",
        "return 2 * unit // 3, 4 * unit // 5",
    ),
    Plant(
        "a plan fills the fewest lacks",
        "price = growth * self._weight - self.lacks[step].get(key, 0)",
        "price = growth * self._weight + self.lacks[step].get(key, 0)",
    ),
    # --- why, and when
    Plant(
        "no tie is said",
        "return any(preference(seen, h)[:2] == equal for h in kept.band if h is not chosen)",
        "return False",
    ),
    Plant(
        "a plan that costs as much is said to be for the limits",
        "window.best([first.holder]).excess > plan.excess",
        "window.best([first.holder]).excess >= plan.excess",
    ),
    Plant(
        "one departure more than are planned together is waited for",
        "return len(queue) >= window.length or firm_on(",
        "return len(queue) > window.length or firm_on(",
    ),
    Plant(
        "a departure waits though a holder loses its last day",
        "longest, how) <= vacancy.available_on",
        "longest, how) <= vacancy.available_on + timedelta(1)",
    ),
    # --- what is due
    Plant(
        "the units left over go to the smallest remainders",
        "sorted(dues, key=lambda name: -dues[name][1])",
        "sorted(dues, key=lambda name: dues[name][1])",
    ),
    Plant(
        "the least precise row of a table is read",
        "if not any(other.within(cell) and not cell.within(other) for other in holding)]",
        "if not any(cell.within(other) and not other.within(cell) for other in holding)]",
    ),
    Plant(
        "a row holds a year before it begins",
        "self.since_year <= facts.year",
        "self.since_year <= facts.year + 1",
    ),
    Plant(
        "what a holder does not take is due to it there",
        "            if any(mix.values()):\n                spread[dimension] = mix\n        if spread:\n",
        "        if spread:\n",
    ),
    Plant(
        "the mix of the flow has what its holder does not take",
        "counters.flow_mix(dimension, without=without)",
        "counters.flow_mix(dimension)",
    ),
    # --- what is received, and given back
    Plant(
        "a unit sent elsewhere stays received in its categories",
        'a person sent it elsewhere."""\n        self.holders[holder].add(categories, received=-1)',
        'a person sent it elsewhere."""\n        self.holders[holder].add({}, received=-1)',
    ),
    Plant(
        "a turn kept is owed in the categories of the unit given back",
        "apportion(unit, mix if any(mix.values()) else {category: 1})",
        "apportion(unit, {category: 1})",
    ),
    Plant(
        "what is forfeited is taken on what a holder is ahead of too",
        "{name: max(0, lack) for name, lack in counter.lacks(dimension, self.unit).items()}",
        "{name: abs(lack) for name, lack in counter.lacks(dimension, self.unit).items()}",
    ),
    Plant(
        "more than the unit given back is forfeited",
        "return max(0, min(UNIT, delay - limit))",
        "return max(0, delay - limit)",
    ),
    Plant(
        "a committee that refuses uses the turn of the holder",
        "consumed = side == Side.HOLDER",
        "consumed = side in (Side.HOLDER, Side.COMMITTEE)",
    ),
    Plant(
        "works use a turn where returns always do",
        "consumed = consumed and side != Side.UNIT",
        "consumed = bool(consumed)",
    ),
    Plant(
        "who gave a unit back may have it again at once",
        "own = set() if given.routing.on_landlords_part else {given.routing.holder_id}",
        "own = set[int]()",
    ),
    Plant(
        "who gave a unit back before works never has it again",
        "found = [] if routing.given_back.reason == Return.Reason.WORKS else [*found, routing.given_back]",
        "found = [*found, routing.given_back]",
    ),
    Plant(
        "handed on for one turn, a unit is due to who does not take it",
        "out |= set(self.declining(vacancy, categories))",
        "out |= set()",
    ),
    Plant(
        "a unit handed on for one turn is due to who gave it back",
        "credited = {holder: share for holder, share in shares.items() if holder not in out}",
        "credited = dict(shares)",
    ),
    Plant(
        "the chain of a convention is followed whoever gave the unit back",
        "if given.reason not in Return.HOLDER_FAULT or convention is None:",
        "if convention is None:",
    ),
    Plant(
        "the chain names who gave the unit back",
        "            if key not in out:\n                return Chain(key, step, after), passed",
        "            if key:\n                return Chain(key, step, after), passed",
    ),
    # --- what the balance says
    Plant("a return that is not counted as offered is", "    if not given.offered:\n", "    if not given.counted:\n"),
    Plant(
        "a unit sent elsewhere stays offered to who had it",
        "            *(offered(vacancy, held_by, -1, now=now) if current else []),\n",
        "",
    ),
    Plant(
        "what was never confirmed is taken back as if it had been",
        "entry(vacancy, held_by, Stage.ROUTED if current else Stage.AWAITING, -1,",
        "entry(vacancy, held_by, Stage.ROUTED, -1,",
    ),
    Plant(
        "a lease is dated of the day on which it is recorded",
        "    _add(routing, Stage.LEASED, 1, on=on, by=by)",
        "    _add(routing, Stage.LEASED, 1, on=today, by=by)",
    ),
    Plant(
        "a sealed year says what is known today",
        "after = NOTHING if live else (yield from since_of.steps(scope, landlord, year))",
        "after = NOTHING",
    ),
)


def lived(copy: Copy, fault: Plant, acts: int) -> int:
    """How many acts were lived by the end of the year in which the simulator found this fault; 0 for never."""
    report = copy.tree / "report.xml"
    report.unlink(missing_ok=True)
    test = "tests/simulation/test_lives.py"
    options = ["-x", "-q", "--unshrunk", f"--acts={acts}", f"--junitxml={report}"]
    command = [sys.executable, "-m", "pytest", test, "-p", "no:randomly", *options]
    with planted(copy.tree, [fault]), (copy.tree / "pytest.log").open("ab") as log:
        copy.supervisor.run(command, copy.environment | {"PYTHONPATH": str(copy.tree)}, copy.tree, log, log)
    for case in ElementTree.parse(report).iter("testcase"):  # noqa: S314 - written by our own pytest
        if case.find("failure") is not None or case.find("error") is not None:
            year = re.search(r"\[(\d+)-", case.get("name", ""))
            assert year is not None, case.get("name")
            return int(year[1]) * YEAR
    return 0


def faults_declared() -> dict[str, str]:
    """Of each fault, the acts that the page says."""
    _, _, table = PAGE.read_text(encoding="utf-8").partition(TITLE)
    rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("| ")]
    return {row[1]: row[2] for row in rows if len(row) == 3}


def page(found: dict[str, str]) -> str:
    """The page, with this table at its end."""
    before, *_ = PAGE.read_text(encoding="utf-8").partition(TITLE)
    rows = [
        f"| `{where(fault.anchor)[0].relative_to(ROOT)}` | {fault.what} | {found.get(fault.what, 'not asked')} |"
        for fault in FAULTS
    ]
    head = f"""{TITLE}

{len(FAULTS)} faults of counting and deciding, each planted alone in a copy of the product by
`.venv/bin/python -m tests.simulation.faults --write`, which writes this table: how many acts were lived, from seed 1
on,
by the end of the year that found it ({MOST:,} at most).

| module | fault | acts |
| --- | --- | --: |
"""
    return before + head + "\n".join(rows) + "\n"


def main(*arguments: str) -> int:
    """Plant the faults that are named; 1 when one is not found."""
    asked = argparse.ArgumentParser(prog="python -m tests.simulation.faults")
    asked.add_argument("numbers", nargs="*", type=int, help="all without any")
    asked.add_argument("--acts", type=int, default=MOST)
    for option in ("left", "write", "keep"):
        asked.add_argument(f"--{option}", action="store_true")
    given = asked.parse_args(arguments)
    known, lost = faults_declared(), 0
    with copied(keep=given.keep) as copy:
        for number, fault in enumerate(FAULTS, start=1):
            found_before = known.get(fault.what, "").replace(",", "").isdigit()
            if (given.numbers and number not in given.numbers) or (given.left and found_before):
                continue
            began = time.monotonic()
            acts = lived(copy, fault, given.acts)
            known[fault.what] = f"{acts:,}" if acts else f"not in {given.acts:,}"
            lost += not acts
            sys.stdout.write(f"{number:2} {known[fault.what]:>12} {time.monotonic() - began:4.0f} s  {fault.what}\n")
            sys.stdout.flush()
            if given.write:
                PAGE.write_text(page(known), encoding="utf-8")
    return 1 if lost else 0


if __name__ == "__main__":
    os.chdir(ROOT)
    sys.exit(main(*sys.argv[1:]))
