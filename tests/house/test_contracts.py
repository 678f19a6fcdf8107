"""The import contracts hold, and each barks when it is broken on purpose."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.tree import PACKAGES, ROOT

CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]

#: One forbidden import for each contract: the file that would hold it, and the line.
BREACHES = {
    "Three storeys: an import only goes down": ("reservations/permissions.py", "import flux.models.unit"),
    "Doors of reservations": ("reservations/models/party.py", "import reservations.operations.party"),
    "Doors of flux": ("flux/operations/vacancy.py", "import flux.views.vacancy"),
    "Doors of attributions: the balance reads the households, which never import it": (
        "attributions/households/queries/stage.py",
        "import attributions.bilan.queries.figures",
    ),
    "Doors of the wings of attributions": (
        "attributions/bilan/queries/figures.py",
        "import attributions.bilan.operations.lines",
    ),
    "Inside the rooms of attributions": ("attributions/home/progress.py", "import attributions.home.to_do"),
    "The engine is pure: no Django, no clock, no chance, no service": ("flux/engine/rule.py", "import random"),
    "The conversion is pure: no Django, no clock, no chance, no service": ("flux/conversion/life.py", "import time"),
    "Mix equity and projection are pure: no Django, no clock, no chance, no service": ("flux/mix.py", "import time"),
    "Words are pure: no Django, no chance, no service": ("reservations/words.py", "import django.utils.formats"),
    "The formats of the verifiable log are pure: no Django, no clock, no service": (
        "reservations/verifiable/tree.py",
        "import time",
    ),
    "The fuse box holds no business, and no storey reads it": ("flux/wakeups.py", "import config.celery"),
    "The benchmark of the rule imports the engine, and nothing else of the product": (
        "benchmarks/policies.py",
        "import flux.situation",
    ),
    "No circles between the modules of a storey": (
        "reservations/models/territory.py",
        "import reservations.models.party",
    ),
}


def lint(folder: Path) -> str:
    """Run import-linter on the packages of a folder; return what it prints, without colours."""
    command = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder), "NO_COLOR": "1", "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def verdicts(output: str) -> dict[str, str]:
    """{contract: KEPT or BROKEN}; what it counts of the imports that a contract lets through is left out."""
    return dict(re.findall(r"^(.+) (KEPT|BROKEN)(?: \(\d+ ignored imports?\))?$", output, re.MULTILINE))


def test_every_contract_is_kept() -> None:
    output = lint(ROOT)
    assert verdicts(output) == {contract["name"]: "KEPT" for contract in CONTRACTS}, output


def test_every_contract_has_a_breach_to_bark_at() -> None:
    assert list(BREACHES) == [contract["name"] for contract in CONTRACTS]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages alone, in a folder of their own."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=lambda _, names: [n for n in names if not is_code(n)])
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def is_code(name: str) -> bool:
    return name.endswith(".py") or ("." not in name and name not in {"__pycache__", "data"})


@pytest.mark.parametrize("name", BREACHES)
def test_contract_barks_when_it_is_broken(name: str, copy: Path) -> None:
    path, line = BREACHES[name]
    module = copy / path
    before = module.read_text(encoding="utf-8")
    module.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        output = lint(copy)
    finally:
        module.write_text(before, encoding="utf-8")
    assert verdicts(output)[name] == "BROKEN", output
