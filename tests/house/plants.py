"""Twenty faults of the sorts that this house has known, planted one after the other in a copy of the tree: does the net
see each of them?

    .venv/bin/python -m tests.house.plants             # all of them: half an hour on a machine of one’s own
    .venv/bin/python -m tests.house.plants 3 7         # two of them
    .venv/bin/python -m tests.house.plants --list

A fault is a text that stands once in the product and what is written in its place: whatever moves the text to another
file leaves the fault where it is, and an anchor that is gone, or that stands twice, is refused here and by
`tests/house/test_plants.py`. What the net is: the checks of templates, the rules of words and figures, and a life
(tests/house/test_net.py), each as `./run test` runs it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SEARCHED = ("templates", "reservations", "flux", "attributions")

#: Quick first: the first failure ends the run.
NET = (
    "tests/reservations/test_checks.py",
    "tests/house/test_templates.py",
    "tests/house/test_plurals.py",
    "tests/house/test_names.py",
    "tests/house/test_rounding.py",
    "tests/house/test_net.py",
)
#: Who asks, in these runs: a landlord, an officer of the State, two holders.
ASKING = "alice,bob,anna,chloe"


@dataclass(frozen=True)
class Plant:
    """What goes wrong, the text that stands once in the product, and what takes its place."""

    what: str
    anchor: str
    instead: str


PLANTS = (
    Plant(
        "a comma more in a plural: the page breaks in one state only",
        'plural:"logement réservé selon le RPLS n’a,logements réservés selon le RPLS n’ont"',
        'plural:"logement, réservé selon le RPLS n’a,logements réservés selon le RPLS n’ont"',
    ),
    Plant(
        "pages cut what they should round",
        "written(nearest(10**places * shares, unit), places, signed=signed)",
        "written(10**places * shares // unit, places, signed=signed)",
    ),
    Plant(
        "a code in the place of its words",
        'beside(vacancy.get_kind_display(), pill("Annulé", "no")',
        'beside(vacancy.kind, pill("Annulé", "no")',
    ),
    Plant(
        "« Contingents de Action Logement »",
        'f"Contingents {of(convention.organisation.name)}"',
        'f"Contingents de {convention.organisation.name}"',
    ),
    Plant("an `if` asks for what nothing gives", "{% if totals.again %}", "{% if totals.agian %}"),
    Plant(
        "a word in the plural after one thing",
        "{% if page.paginator.count > 1 %} {{ what }}",
        "{% if page.paginator.count > 0 %} {{ what }}",
    ),
    Plant(
        "two columns of a workbook change places",
        "return tuple(getattr(measures, name) for name in MEASURES)",
        "return tuple(getattr(measures, name) for name in sorted(MEASURES))",
    ),
    Plant("the gap of a file is the other way round", "gap = _units(figures.gap)", "gap = _units(-figures.gap)"),
    Plant(
        "a figure leads to the units of another",
        'leading("DUE", units(figures.due))',
        'leading("ROUTED", units(figures.due))',
    ),
    Plant(
        "the foot of a table is its first line",
        "whole = found.total",
        "whole = found.lines[0].figures",
    ),
    Plant(
        "a page breaks for the units that nobody gave back",
        'for routing in vacancy.routings.all() if hasattr(routing, "given_back"))',
        "for routing in vacancy.routings.all())",
    ),
    Plant("the API and the page say two gaps", '"gap": self.gap,', '"gap": self.due,'),
    Plant("a list forgets which figure it is behind", ".filter(figure.condition, ", ".filter("),
    Plant(
        "« à Le Grand Narbonne »",
        "bold(units(total)), to(line.holder), bold(vacated)",
        'bold(units(total)), f"à {line.holder}", bold(vacated)',
    ),
    Plant("a link to an address that has no such name", "{% url 'needs-withdraw'", "{% url 'needs-retract'"),
    Plant("a list of notices in codes", "{{ notice.get_kind_display|upper_first }}", "{{ notice.kind }}"),
    Plant(
        "a figure counts every holder",
        'return found & Q(Exact(F("entries__holder") + 0, self.holder))',
        "return found",
    ),
    Plant("a link that is shown to whom it refuses", "{% if may_cancel %}", "{% if vacancy %}"),
    Plant(
        "a sentence of an act without its elision",
        'f"La part {of(quota.holder)} n’est pas',
        'f"La part de {quota.holder} n’est pas',
    ),
    Plant(
        "a count of one page in the place of that of the list",
        "{% with count=page.paginator.count %}",
        "{% with count=page.object_list.0.pk %}",
    ),
)


def where(anchor: str) -> list[Path]:
    """The files of the product in which a text stands, once for each time."""
    found = []
    for folder in SEARCHED:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".html", ".py") and "migrations" not in path.parts:
                found += [path] * path.read_text(encoding="utf-8").count(anchor)
    return found


def run(tree: Path, state: Path) -> tuple[bool, str]:
    """Is the net torn there, and by what?"""
    asked = ["./run", "test", *NET, "-x", "-q", "-p", "no:randomly", "--people", ASKING]
    environment = os.environ | {"EQUIFLUX_STATE": str(state)}
    done = subprocess.run(asked, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    told = [line for line in done.stdout.splitlines() if line.startswith(("E  ", "FAILED", "ERROR"))]
    return done.returncode != 0, " ".join(told[:3])[:300]


def main(*names: str) -> int:
    """Plant each fault, say which are seen; 1 when two or more are not, or an anchor is gone."""
    lost = [plant.what for plant in PLANTS if len(where(plant.anchor)) != 1]
    if lost:
        sys.stdout.write("These anchors stand nowhere, or twice: write them again.\n- " + "\n- ".join(lost) + "\n")
        return 1
    chosen = [(n, plant) for n, plant in enumerate(PLANTS, start=1) if not names or str(n) in names]
    if "--list" in names:
        chosen = []
        sys.stdout.write("\n".join(f"{n:2} {plant.what}" for n, plant in enumerate(PLANTS, start=1)) + "\n")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        tree, state = Path(folder) / "tree", Path(folder) / "state"
        shutil.copytree(ROOT, tree, ignore=shutil.ignore_patterns(".equiflux", ".git", ".venv", "__pycache__"))
        (tree / ".venv").symlink_to(ROOT / ".venv")
        for number, plant in chosen:
            [path] = where(plant.anchor)
            planted = tree / path.relative_to(ROOT)
            whole = planted.read_text(encoding="utf-8")
            planted.write_text(whole.replace(plant.anchor, plant.instead), encoding="utf-8")
            began = time.monotonic()
            seen, told = run(tree, state)
            planted.write_text(whole, encoding="utf-8")
            missed += not seen
            verdict = "seen  " if seen else "MISSED"
            sys.stdout.write(f"{number:2} {verdict} {time.monotonic() - began:4.0f} s  {plant.what}\n     {told}\n")
            sys.stdout.flush()
    return 1 if missed > 1 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
