"""`./run test`: every check of the house, on services of its own."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from config.local.console import Refusal, say
from config.local.postgres import FAST_AND_FORGETFUL
from config.local.services import manage_command, start_missing
from config.local.state import ROOT, State
from config.local.supervisor import Stopped, Supervisor, supervising

#: What `./run test` takes besides its checks (tests/selection.py), by its first argument; nothing: the ordinary tests.
QUICK, CHANGED, ALL = "--quick", "--changed", "--all"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def test(arguments: Sequence[str]) -> int:
    """Run every check and the ordinary tests, or those that `arguments` ask for; 0 when all passed.

    `--quick`: every check, and the tests that need neither a database nor a browser. `--changed [COMMIT]`: every check,
    and the tests that depend on what differs from this commit (the last one if none is given). `--all`: the nightly
    tests too, with the coverage of lines and branches, those of templates included. Anything else is given to pytest
    alone.

    Raises Refusal when there is no browser, or a service cannot be started or ends by itself.
    """
    ensure_system_packages()
    state = State.for_tests()
    if not state.lock():
        say("D’autres tests tournent déjà ici : j’attends (EQUIFLUX_STATE=DOSSIER permet d’en lancer à côté)…")
        while not state.lock():
            time.sleep(0.5)
    try:
        with supervising(state, "test", considerate=False) as supervisor:
            environment = start_missing(supervisor, FAST_AND_FORGETFUL)
            supervisor.publish("ready")
            match list(arguments):
                case []:
                    return run_everything(supervisor, environment)
                case [kind] if kind in HOW:
                    return run_everything(supervisor, environment, kind)
                case [kind, commit] if kind == CHANGED:
                    return run_everything(supervisor, environment, kind, commit)
            return supervisor.hand_over(pytest(*arguments), environment, ROOT)
    except Stopped:
        say("Interrompu.")
        return 1


def simulate(arguments: Sequence[str]) -> int:
    """Live random years beside the model of `tests/model/`: `--seed N --acts M`, and `--only` for a part of one."""
    return test(["tests/simulation/test_lives.py", "-q", "-p", "no:randomly", *side_by_side(), *arguments])


def docs(arguments: Sequence[str]) -> int:
    """Build the documents that are lists in docs/built/ (tests/house/documents.py)."""
    if arguments:
        raise Refusal("./run docs ne prend rien d’autre.")
    builders = ("tests/house/test_documents.py", "tests/house/test_rights.py")
    return test([*builders, "-q", "--numprocesses=0", "--documents", str(ROOT / "docs/built")])


def mutants(arguments: Sequence[str]) -> int:
    """Plant faults made of modules by operators: which do the nearest tests see? (tests/house/mutants.py)"""
    return subprocess.run(python("-m", "tests.house.mutants", *arguments), cwd=ROOT, check=False).returncode


def python(*arguments: str) -> list[str | Path]:
    """A module or a file run by our Python."""
    return [sys.executable, *arguments]


def pytest(*arguments: str) -> list[str | Path]:
    """The command line of pytest."""
    return python("-m", "pytest", *arguments)


def side_by_side() -> list[str]:
    """Options of pytest to use every core, four at most.

    Each process has a database, a broker and a browser of its own. It takes a run of neighbouring tests, which share
    what their module prepares; the first to end helps another.
    """
    return [f"--numprocesses={min(4, len(os.sched_getaffinity(0)))}", "--dist=worksteal"]


def djade() -> list[str | Path]:
    """The formatter of templates, which is no Python module: it stands beside our Python."""
    templates = sorted((ROOT / "templates").rglob("*.html"))
    return [Path(sys.executable).with_name("djade"), "--target-version", "6.1", "--check", *templates]


def steps() -> dict[str, list[str | Path]]:
    """The checks before pytest."""
    return {
        "ruff check": python("-m", "ruff", "check", "."),
        "ruff format": python("-m", "ruff", "format", "--check", "."),
        "djade": djade(),
        "mypy": python("-m", "mypy"),
        "lint-imports": python("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"),
        "makemigrations": manage_command("makemigrations", "--check", "--dry-run"),
    }


#: {kind of run: (the options of pytest, what is stated when all passed)}
HOW = {
    "": (["--ordinary"], "Tout est vérifié"),
    QUICK: ([QUICK], "Ce qui se vérifie vite l’est ; ./run test vérifie tout"),
    CHANGED: ([CHANGED], "Ce qui dépend de ce qui a changé est vérifié ; ./run test vérifie tout"),
    ALL: ([ALL, "--cov", "--cov-branch", "--every-branch"], "Tout est vérifié, essais de nuit compris"),
}


def run_everything(supervisor: Supervisor, environment: dict[str, str], kind: str = "", commit: str = "HEAD") -> int:
    """Run every step even after a failure; pytest comes last, so that its closing line stays in sight."""
    options, passed = HOW[kind]
    failed = []
    report = []
    began = time.monotonic()
    for name, command in steps().items():
        say(f"— {name}")
        step_began = time.monotonic()
        code = supervisor.hand_over(command, environment, ROOT)
        report.append(f"  {name:<16} {'échec' if code else 'ok':<6} {time.monotonic() - step_began:6.1f} s")
        if code:
            failed.append(name)
    say("\n".join(["— étapes", *report, "— pytest"]))
    tests_began = time.monotonic()
    if supervisor.hand_over(
        pytest(*options, *([commit] if kind == CHANGED else []), *side_by_side()), environment, ROOT
    ):
        failed.append("pytest")
    verdict = f"Échec : {', '.join(failed)}" if failed else passed
    now = time.monotonic()
    say(f"{verdict} (en {minutes(now - began)}, dont pytest {minutes(now - tests_began)}).")
    return 1 if failed else 0


def minutes(seconds: float) -> str:
    """« 11 min 42 s »."""
    whole, rest = divmod(round(seconds), 60)
    return f"{whole} min {rest:02} s" if whole else f"{rest} s"


#: A browser to drive, the libraries that WeasyPrint draws text with, a typeface for both, and a spreadsheet program
#: that opens our workbooks (its `ssconvert`).
PACKAGES = ("chromium", "fonts-liberation", "libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "gnumeric")


def ensure_system_packages() -> None:
    """Make sure a Chromium and a spreadsheet program are on the PATH and that PDFs can be drawn, installing what is
    missing where we may.

    Raises Refusal with what is missing otherwise: no test is ever skipped in silence.
    """
    missing = _missing()
    if missing and os.geteuid() == 0 and shutil.which("apt-get"):
        say(f"Installation, pour les tests, de {' et '.join(missing)}…")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-q"], ["install", "-q", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", *arguments], env=environment, stdout=sys.stderr, check=False)
        missing = _missing()
    if missing:
        raise Refusal(
            f"Il manque pour les tests {' et '.join(missing)} : installez les paquets {', '.join(PACKAGES[:-1])} "
            f"et {PACKAGES[-1]}."
        )


def _missing() -> list[str]:
    """What the tests need from the system and do not find, in words."""
    missing = [] if any(map(shutil.which, BROWSERS)) else ["un navigateur"]
    missing += [] if shutil.which("ssconvert") else ["un tableur (ssconvert)"]
    # Asked of the library itself, in a process of its own: it knows under which names it looks for Pango.
    drawing = subprocess.run(python("-c", "import weasyprint"), capture_output=True, check=False)
    return missing if drawing.returncode == 0 else [*missing, "la bibliothèque Pango"]
