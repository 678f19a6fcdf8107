"""What a project shows of itself: one version, one licence, locks that one command writes, files of the standard."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.version import Version

from config.local import locks
from config.local.state import ROOT
from tests.config.conftest import House

PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

#: EUPL 1.2, the text that the European Commission published (Decision (EU) 2017/863), as SPDX spreads it.
EUPL = "57fb42fbcd0b037ce528ed8f72f1ec095d67bc6825ecf1448ff39be1fe68a4b4"


def test_one_version_is_stated_everywhere() -> None:
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    version, changes = PROJECT["version"], (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert public["softwareVersion"] == version
    assert re.findall(r"^## (\S+) — (\S+)$", changes, re.MULTILINE)[0] == (version, public["releaseDate"])
    assert json.loads((ROOT / "docs/openapi.json").read_text(encoding="utf-8"))["info"]["version"] == version


def test_licence_is_the_official_text_and_everything_names_it() -> None:
    """Docs: docs/decisions/0060-eupl.md."""
    assert hashlib.sha256((ROOT / "LICENSE").read_bytes()).hexdigest() == EUPL
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert (PROJECT["license"], public["legal"]["license"]) == ("EUPL-1.2", "EUPL-1.2")


def test_publiccode_is_what_its_standard_wants() -> None:
    """publiccode.yml 0.4: keys that must be there, lengths of what is read in catalogues, words of its lists. But
    `url`, which whoever publishes the sources adds: no address is true here yet, and an example is worse than none."""
    public = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert ".example" not in str(public)
    must = {"publiccodeYmlVersion", "name", "platforms", "developmentStatus", "softwareType", "description"}
    assert must | {"legal", "maintenance", "localisation", "categories", "releaseDate"} <= set(public)
    assert public["developmentStatus"] in {"concept", "development", "beta", "stable", "obsolete"}
    assert public["softwareType"] == "standalone/web"
    assert public["maintenance"]["type"] == "community"
    assert all(contact["name"] for contact in public["maintenance"]["contacts"])
    assert public["localisation"]["availableLanguages"] == list(public["description"]) == ["fr"]
    result = public["description"]["fr"]
    assert len(result["shortDescription"]) <= 150
    assert 150 <= len(result["longDescription"]) <= 10_000
    assert all(len(feature) <= 100 for feature in result["features"])


@pytest.mark.parametrize("name", locks.LOCKS)
def test_locks_are_those_of_what_is_wanted_with_their_digests(name: str) -> None:
    """Production’s, then a workstation’s, then the tests’: same versions in all, nothing without a digest."""
    wanted = [*PROJECT["dependencies"]]
    for extra in locks.LOCKS[name]:
        wanted += PROJECT["optional-dependencies"][extra]
    locked, text = pinned(name), (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(locked[requirement.name.lower()]), requirement
    assert pinned("base").items() <= locked.items()
    assert text.count("==") <= text.count("--hash=sha256:")
    assert "://" not in text


def pinned(name: str) -> dict[str, str]:
    """Each package of a lock, and its version."""
    text = (ROOT / f"requirements/{name}.txt").read_text(encoding="utf-8")
    return {
        found[0].lower(): found[1] for found in re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==([^\s;]+)", text, re.MULTILINE)
    }


def test_one_command_writes_the_three_locks_by_the_program_that_is_locked() -> None:
    """Each is bounded by that of production; what is asked is passed on; the program is of our environment."""
    commands = [[str(part) for part in each] for each in locks.compilations(["--upgrade-package", "django"])]
    assert [command[command.index("-o") + 1] for command in commands] == [
        f"requirements/{name}.txt" for name in ("base", "local", "dev")
    ]
    assert ["-c" in command for command in commands] == [False, True, True]
    assert all({"--generate-hashes", "--universal", "--upgrade-package"} <= set(command) for command in commands)
    run = subprocess.run([commands[0][0], "--version"], capture_output=True, text=True, check=True)
    assert Version(run.stdout.split()[1]) == Version(pinned("dev")["uv"])


def test_pytest_starts_the_services_that_it_is_not_given(tmp_path: Path) -> None:
    """In a shell where only the environment is active: `pytest tests/…` runs as `./run test tests/…` does."""
    outside = {name: value for name, value in House(tmp_path).environment.items() if "PYTEST" not in name}
    outside.pop("SECRET_KEY", None)
    outside.pop("PYTHONPATH")
    command = [Path(sys.executable).with_name("pytest"), "-q", "tests/config/test_client_address.py"]
    ran = subprocess.run(command, env=outside, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert " passed" in ran.stdout
    assert (tmp_path / "test" / "pgdata").is_dir()
