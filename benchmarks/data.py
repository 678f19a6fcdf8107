"""A database of the size of a département, kept: ./run bench data --size small|departement|france --seed N

`small` is the demonstration, reported by its acts. `departement` is a copy of it beside which six landlords live two
years of 50,000 vacancies (`benchmarks.service.stored`). `france` is a copy of that one, to which départements are
added one after another (`benchmarks.service.country`), each whole or not there: as many as `--departements` says, or
until the hour that `--until` gives, and the same command goes on from there. Each is kept in the server of the
measures until it is made again.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from benchmarks.command_line import Parser

HERE = Path(__file__).resolve().parents[1]
SIZES = ("small", "departement", "france")

#: Départements of a country, when nothing else is asked.
DEPARTEMENTS = 20
PREPARED = ("migrate --no-input --verbosity 0", "load_territories", "demo --only-tell")
COPIED = ("migrate --no-input --verbosity 0", "database_roles")


def name_of(size: str) -> str:
    """The database that keeps a size."""
    return f"bench_{size}"


def address_of(size: str) -> str:
    """Its address, beside the one that is given."""
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name_of(size)}"))


def is_made(size: str) -> bool:
    """Is it there, and whole? A database takes its name once it is."""
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name_of(size)])
        return found.fetchone() is not None


def copy(size: str, name: str) -> None:
    """A copy of a size that is kept, made again: this process and those that it starts are on it from now on."""
    given = os.environ["DATABASE_URL"]
    with psycopg.connect(given, autocommit=True) as server:
        as_one = sql.Identifier(name)
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(as_one))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(as_one, sql.Identifier(name_of(size))))
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(given)._replace(path=f"/{name}"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    for command in COPIED:
        subprocess.run([sys.executable, HERE / "manage.py", *command.split()], check=True, stdout=subprocess.DEVNULL)


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a step failed."""
    parser = Parser("benchmarks.data", "Une base de la taille d’un département, gardée pour d’autres mesures.")
    parser.add_argument(
        "--size", choices=SIZES, default="departement", help="la démonstration, un département, un pays"
    )
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="le tirage des logements et des ménages")
    parser.add_argument(
        "--departements", type=int, default=DEPARTEMENTS, metavar="N", help="autant de départements à côté de l’Aude"
    )
    parser.add_argument("--until", type=an_hour, default="", metavar="HH:MM", help="n’en commencer aucun passé l’heure")
    parser.add_argument("--anew", action="store_true", help="le pays, depuis le début")
    options = parser.parse_args(arguments)
    began = time.monotonic()
    try:
        if options.size == "small" or not is_made("small"):
            made("small", tell_story)
        if options.size == "departement" or (options.size == "france" and not is_made("departement")):
            made("departement", lambda address: fill(address, options.seed), like="small")
        if options.size == "france":
            if options.anew or not is_made("france"):
                made("france", lambda address: None, like="departement")
            grow(options.seed, options.departements, options.until)
    except subprocess.CalledProcessError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1
    sys.stdout.write(f"{name_of(options.size)} : prête en {time.monotonic() - began:.0f} s\n")
    return 0


def made(size: str, write: Callable[[str], None], *, like: str | None = None) -> None:
    """Make a size under a draft name, give it its own name once it is whole."""
    draft = f"bench_draft_{size}"
    address = urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{draft}"))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(draft)))
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
            sql.Identifier(draft), sql.Identifier(name_of(like) if like else "template1")
        )
        server.execute(copied)
    write(address)
    sweep(address)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name_of(size))))
        server.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name_of(size)))
        )


def tell_story(address: str) -> None:
    """The demonstration, by its own command. Raises CalledProcessError when a step fails."""
    for command in PREPARED:
        sys.stderr.write(f"{command.partition(' ')[0]}…\n")
        run_in(address, [sys.executable, "-P", str(HERE / "manage.py"), *command.split()])


def fill(address: str, seed: int) -> None:
    """The landlords of a département, by a process that has this database. Raises CalledProcessError."""
    run_in(address, [sys.executable, "-P", "-m", "benchmarks.service.filling", str(seed)])


def grow(seed: int, departements: int, until: str) -> None:
    """More départements, on the tables of today. Raises CalledProcessError; those that are whole are kept."""
    address = address_of("france")
    bring("france")
    stop = ["--departements", str(departements), *(("--until", until) if until else ())]
    run_in(address, [sys.executable, "-P", "-m", "benchmarks.service.growing", str(seed), *stop])
    sweep(address)


def bring(size: str) -> None:
    """The tables of today for one that is kept, as an installation is upgraded. Raises CalledProcessError."""
    manage = [sys.executable, "-P", str(HERE / "manage.py")]
    run_in(address_of(size), [*manage, "migrate", "--no-input", "--verbosity", "0"])


def sweep(address: str) -> None:
    """As the database does by itself, later: planned from what there is."""
    with psycopg.connect(address, autocommit=True) as filled:
        filled.execute("VACUUM ANALYZE")


def an_hour(text: str) -> str:
    """« 23:50 ». Raises ValueError, as a command line expects."""
    return datetime.strptime(text, "%H:%M").replace(tzinfo=UTC).strftime("%H:%M") if text else ""


def run_in(address: str, command: Sequence[str]) -> None:
    """Run a program that has this database. Raises CalledProcessError when it fails."""
    subprocess.run(
        command,
        cwd=HERE,
        env={**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "config.settings"},
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
