"""The command line of `./run`. Exit codes: 0 done, 1 refused or failed, 2 misspelt."""

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from config.local import bench, checks, demo, dependencies, house, loading, locks, manage, squash, status
from config.local.console import Refusal, say

EPILOG = """\
L’état (base, journaux, clé) est dans .equiflux/, ou dans le dossier nommé par EQUIFLUX_STATE.
Un service donné par DATABASE_URL ou REDIS_URL n’est jamais démarré ici."""


class Misspelt(Refusal):
    """A value that no command could take."""


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help in French."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]
        """The usage line, under its French name."""
        super().add_usage(usage, actions, groups, "Usage : " if prefix is None else prefix)


class Parser(argparse.ArgumentParser):
    """A parser that speaks French."""

    def __init__(self, **options: object) -> None:
        super().__init__(
            add_help=False,
            allow_abbrev=False,
            formatter_class=Formatter,
            **options,  # type: ignore[arg-type]
        )
        self.choices = self.add_argument_group("options")
        self.choices.add_argument("-h", "--help", action="help", help="affiche cette aide")

    def error(self, message: str) -> NoReturn:
        """Refuse a misspelt command line."""
        typed = shlex.join(["./run", *sys.argv[1:]])
        self.exit(2, f"{self.format_usage()}« {typed} » n’est pas une commande connue. L’aide : {self.prog} --help\n")


def port(text: str) -> int:
    """A port number; 0 lets the system choose.

    Raises Misspelt when it is not one.
    """
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise Misspelt(
            f"« --port {text} » : un port est un nombre entre 0 et 65535 (0 laisse le système choisir). "
            "L’aide : ./run demo --help"
        )
    return int(text)


def day(text: str) -> date:
    """A day, as in a calendar of the world.

    Raises Misspelt when it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Misspelt(
            f"« --on {text} » : un jour s’écrit AAAA-MM-JJ, comme 2026-12-31. L’aide : ./run demo --help"
        ) from error


def parser() -> Parser:
    """The commands and their options."""
    top = Parser(prog="./run", description="Équiflux sur ce poste.", epilog=EPILOG)
    commands = top.add_subparsers(title="commandes", dest="command", required=True, metavar="COMMANDE")
    start = commands.add_parser("demo", help="démarre tout, avec les données de démonstration")
    start.choices.add_argument("--port", type=port, metavar="N", help="port du site (8000, ou le premier libre après)")
    start.choices.add_argument("--ready-file", type=Path, metavar="FICHIER", help="y écrit adresses et comptes (JSON)")
    start.choices.add_argument("--kept", action="store_true", help=argparse.SUPPRESS)  # what --detach leaves running
    start.choices.add_argument("--detach", action="store_true", help="rend la main une fois que tout répond")
    start.choices.add_argument(
        "--reset", action="store_true", help="efface la base embarquée et reprend la démonstration de ce matin"
    )
    start.choices.add_argument(
        "--retell",
        action="store_true",
        help="de même, en racontant toute la démonstration par ses actes (minutes)",
    )
    start.choices.add_argument(
        "--on", type=day, metavar="AAAA-MM-JJ", help="l’ouvre un autre jour, une fois passés ceux d’ici là"
    )
    commands.add_parser(
        "record", help="raconte toute la démonstration, et en refait le récit enregistré du dépôt (minutes)"
    )
    commands.add_parser("stop", help="arrête ce qui tourne")
    state = commands.add_parser("status", help="dit ce qui tourne (code 0) ou que rien ne tourne (code 1)")
    state.choices.add_argument("--json", action="store_true", help="pour un programme")
    commands.add_parser("manage", help="lance une commande Django : ./run manage ARGUMENTS…")
    commands.add_parser("backup", help="sauvegarde la base : ./run backup DOSSIER")
    commands.add_parser(
        "restore", help="rétablit une sauvegarde dans une base vide, et le prouve : ./run restore FICHIER"
    )
    commands.add_parser("bench", help="mesure la règle : ./run bench --quick, ./run bench known, ./run bench speed")
    commands.add_parser("golive-rehearsal", help="met en service un bailleur inventé, de ses fichiers au premier congé")
    commands.add_parser("sbom", help="écrit ce dont le produit est fait (CycloneDX) : ./run sbom FICHIER")
    commands.add_parser(
        "audit", help="dit les avis de sécurité connus de ce qui est verrouillé (code 1) : ./run audit [ARCHIVE]"
    )
    commands.add_parser("env", help='de quoi employer ces services ailleurs : eval "$(./run env)"')
    commands.add_parser("locks", help="refait les verrous de requirements/ : ./run locks [--upgrade-package NOM]")
    commands.add_parser("squash", help="réunit les migrations de chaque app en une, et prouve que la base est la même")
    commands.add_parser("docs", help="écrit les documents qui sont des listes, dans docs/built/ : droits, états…")
    commands.add_parser("house", help="mesure le code, avec les bornes à tenir ; --keep garde ce qui a baissé")
    commands.add_parser(
        "test",
        help="lance toutes les vérifications, les plus rapides (--quick), ou seulement pytest : ./run test ARGUMENTS…",
    )
    commands.add_parser(
        "simulate", help="vit des années au hasard à côté du modèle : ./run simulate --seed N --acts M [--only 0,3,7]"
    )
    commands.add_parser(
        "mutants", help="plante des fautes une à une : les essais voisins les voient-ils ? ./run mutants CHEMINS…"
    )
    return top


#: What follows these is theirs, options included.
THEIRS: dict[str, Callable[[Sequence[str]], int]] = {
    "manage": manage.manage,
    "backup": lambda rest: manage.manage(["backup", *rest]),
    "restore": lambda rest: manage.manage(["restore", *rest]),
    "test": checks.test,
    "simulate": checks.simulate,
    "mutants": checks.mutants,
    "bench": bench.bench,
    "locks": locks.locks,
    "squash": squash.squash,
    "docs": checks.docs,
    "house": house.house,
    "golive-rehearsal": lambda rest: bench.bench(["golive", *rest]),
    "sbom": dependencies.sbom,
    "audit": dependencies.audit,
}


def dispatch(arguments: Sequence[str]) -> int:
    """Run the command. What follows one of `THEIRS` is its own, options included."""
    match list(arguments):
        case [command, *rest] if command in THEIRS:
            return THEIRS[command](rest)
    options = parser().parse_args(arguments)
    match options.command:
        case "demo":
            ready_file = options.ready_file.absolute() if options.ready_file else None
            reset = options.reset or options.retell
            start = demo.Wishes(options.port, ready_file, options.detach, reset, options.retell, options.on)
            return demo.keep(start) if options.kept else demo.demo(start)
        case "record":
            return loading.record()
        case "stop":
            return status.stop()
        case "env":
            return locks.env()
        case _:
            return status.status(as_json=options.json)


def main(arguments: Sequence[str]) -> int:
    """Run the command and return its exit code, turning a refusal into one sentence."""
    try:
        return dispatch(arguments)
    except Refusal as refusal:
        say(str(refusal))
        return 2 if isinstance(refusal, Misspelt) else 1
    except BrokenPipeError:  # `./run status | head -2` has read what it wanted; nothing more is to be flushed at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except KeyboardInterrupt:
        return 130
