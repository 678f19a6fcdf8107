"""What it costs to make the tables of an empty database: ./run bench migrate [--against FOLDER] [--rounds N] [--json]

`manage.py migrate`, whole, on a new database each time: processor seconds of the command and of PostgreSQL. With
another checkout of the product in FOLDER, both are measured in turn on the same server, so that their ratio holds
whatever else the machine does. (A checkout of before docs/decisions/0035 wants `django-pgtrigger` in the environment.)
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks.command_line import Parser

HERE = Path(__file__).resolve().parents[1]
NAME = "bench_migrate"


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a checkout cannot be migrated."""
    parser = Parser("benchmarks.migrate", "Ce que coûte migrate sur une base vide, en secondes de processeur.")
    parser.add_argument("--against", type=Path, metavar="DOSSIER", help="un autre état du produit, à comparer")
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="mesures de chacun")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    options = parser.parse_args(arguments)
    trees = {"here": HERE} | ({"there": options.against.resolve()} if options.against else {})
    found: dict[str, list[float]] = {name: [] for name in trees}
    try:
        for _ in range(options.rounds):
            for name, tree in trees.items():
                found[name].append(cost(tree))
    except subprocess.CalledProcessError as failure:
        sys.stderr.write(f"{failure.stderr}\n")
        return 1
    figures = {name: {"seconds": seconds, "median": median(seconds)} for name, seconds in found.items()}
    if options.json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
        return 0
    for name, figure in figures.items():
        sys.stdout.write(f"{name:6} {figure['median']:6.2f} s   {'  '.join(f'{each:.2f}' for each in found[name])}\n")
    if options.against:
        sys.stdout.write(f"ratio  {median(found['there']) / median(found['here']):6.2f}\n")
    return 0


def cost(tree: Path) -> float:
    """Processor seconds of one `migrate`, command and server. Raises CalledProcessError when it fails."""
    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
        before = _spent() + _served(server)
        subprocess.run(
            [sys.executable, "-P", tree / "manage.py", "migrate", "--no-input", "--verbosity", "0"],
            cwd=tree,
            env={
                **os.environ,
                "PYTHONPATH": str(tree),
                "DATABASE_URL": urlunsplit(address._replace(path=f"/{NAME}")),
                "DJANGO_SETTINGS_MODULE": "config.settings",
            },
            capture_output=True,
            text=True,
            check=True,
        )
        spent = _spent() + _served(server) - before
        server.execute(f"DROP DATABASE {NAME}")
    return spent


def _spent() -> float:
    """What the commands that we ran took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _served(server: psycopg.Connection[tuple[object, ...]]) -> float:
    """What the server’s sessions that are over took: 0 where it is on another machine, or not under Linux."""
    try:
        session = Path(f"/proc/{server.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
        parent = Path(f"/proc/{session[1]}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(parent[13]) + int(parent[14])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
