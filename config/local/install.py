"""Makes `.venv` and installs the locked requirements. Standard library only: it runs before anything is installed.

Called by `run` as `python install.py local|dev CHECKSUM`; the checksum is kept in `.venv/installed-…`,
so that a later start has nothing to do.
"""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
SUITABLE = "import sys, pip; sys.exit(sys.version_info < (3, 12))"


def say(text: str) -> None:
    """Tell the person at the keyboard."""
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


def install(name: str, checksum: str) -> None:
    """Install `requirements/NAME.txt`; the hashes are required, so nothing else than what was locked comes in."""
    if stamp(name).exists() and stamp(name).read_text().strip() == checksum:
        return  # another start did it while this one waited
    say("Installation des paquets verrouillés (une demi-minute la première fois)…")
    requirements = ROOT / "requirements" / f"{name}.txt"
    options = ["--quiet", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    command: list[str | Path] = [PYTHON, "-m", "pip", "install", *options, "--requirement", requirements]
    if subprocess.run(command, check=False).returncode:
        sys.exit("L’installation des paquets a échoué : vérifiez l’accès au réseau, puis recommencez.")
    stamp(name).write_text(f"{checksum}\n")


def main(name: str, checksum: str) -> None:
    """Install under a lock on the checkout: two first starts at once do the work once."""
    checkout = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(checkout, fcntl.LOCK_EX)
    make_environment()
    install(name, checksum)


if __name__ == "__main__":
    main(*sys.argv[1:])
