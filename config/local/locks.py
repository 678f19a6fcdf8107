"""`./run locks`: the locks of `requirements/`, from what pyproject.toml wants. `./run env`: the services that run, for
another command than ours."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from config.local.console import Refusal, say
from config.local.services import base_environment
from config.local.state import ROOT, State
from config.safety import WORKSTATION

#: Each lock: what it adds to what production needs. The first bounds the others, so that all have the same versions.
LOCKS = {"base": (), "local": ("local",), "dev": ("local", "dev")}
OPTIONS = ("--quiet", "--universal", "--python-version", "3.12", "--generate-hashes", "--no-header")


def compilations(arguments: Sequence[str]) -> list[list[str | Path]]:
    """The command lines that write the locks, in their order. What is locked stays as it is unless `arguments` say
    otherwise: `--upgrade`, `--upgrade-package django`."""
    uv = Path(sys.executable).with_name("uv")
    commands: list[list[str | Path]] = []
    for name, extras in LOCKS.items():
        wanted = [part for extra in extras for part in ("--extra", extra)]
        bound = ["-c", "requirements/base.txt"] if extras else []
        output = ["pyproject.toml", "-o", f"requirements/{name}.txt"]
        commands.append([uv, "pip", "compile", *OPTIONS, *arguments, *output, *wanted, *bound])
    return commands


def locks(arguments: Sequence[str]) -> int:
    """Write the three locks again.

    Raises Refusal at the first that cannot be: the versions asked for do not go together, or nothing answers.
    """
    for command in compilations(arguments):
        if subprocess.run(command, cwd=ROOT).returncode:
            raise Refusal("Les verrous n’ont pas été refaits : lisez ci-dessus quelles versions ne vont pas ensemble.")
    say("Verrous refaits : requirements/base.txt, local.txt et dev.txt. ./run test installe et vérifie.")
    return 0


def env() -> int:
    """Print what a shell needs to use the services that run: `eval "$(./run env)"`.

    Raises Refusal when nothing runs.
    """
    state = State.default()
    record = state.read()
    if record is None or not record.alive or not record.environment:
        raise Refusal("Rien ne tourne ici : démarrez les services par ./run demo --detach, puis recommencez.")
    environment = {**base_environment(state), **record.environment}
    for name in (*record.environment, "SECRET_KEY", WORKSTATION, "DJANGO_SETTINGS_MODULE"):
        print(f"export {name}={shlex.quote(environment[name])}")
    return 0
