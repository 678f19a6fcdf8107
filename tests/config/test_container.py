"""The image and its composition, as far as they can be checked without an engine; run for real where there is one."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands
from django.urls import resolve

from config.database_roles import PASSWORDS
from config.local.checks import PACKAGES
from config.local.state import ROOT

DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSITION = (ROOT / "docker-compose.yml").read_text()


def test_the_image_holds_only_locked_base_packages_and_does_not_run_as_root() -> None:
    assert "requirements/base.txt" in DOCKERFILE
    assert "--require-hashes" in DOCKERFILE
    assert not re.search(r"^[^#].*requirements/(local|dev)", DOCKERFILE, re.MULTILINE)
    instructions = re.findall(r"^[A-Z]+ .*", DOCKERFILE, re.MULTILINE)
    last_user = [line for line in instructions if line.startswith("USER")][-1]
    assert last_user != "USER root"
    assert instructions.index(last_user) < instructions.index(next(i for i in instructions if i.startswith("CMD")))


def test_the_image_has_what_the_tests_draw_pdf_with() -> None:
    assert [name for name in PACKAGES if name not in ("chromium", "gnumeric") and f" {name} " not in DOCKERFILE] == []


def test_the_composition_has_its_services_and_no_secret() -> None:
    section = COMPOSITION.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    assert re.findall(r"^  (\w+):$", section, re.MULTILINE) == [
        *("db", "redis", "migrate", "web", "worker", "beat", "backup")
    ]
    assert "\t" not in COMPOSITION
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD", *sorted(PASSWORDS.values())[:1], "DATABASE_OWNER_PASSWORD"):
        assert re.search(rf"\$\{{{name}:\?", COMPOSITION)  # asked for, never written here
    assert section.count("condition: service_completed_successfully") == 4  # nobody starts before the tables


def test_every_variable_that_the_readme_states_reaches_the_services() -> None:
    """`STATIC_ROOT` is given by the image; the pool is for the site alone, passwords for what makes accounts."""
    production = (ROOT / "README.md").read_text().split("\n## En production\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`[A-Z].*?) \|", production, re.MULTILINE)
    names = {name for row in rows for name in row.split("`")[1::2]}
    given = set(re.findall(r"^ {2}([A-Z_]+): ", COMPOSITION, re.MULTILINE))

    assert len(names) > 10
    passwords = {name for name in names if re.fullmatch(r"DATABASE_\w+_PASSWORD", name)}
    assert passwords == set(PASSWORDS.values())
    assert passwords == set(re.findall(r"^ {6}(DATABASE_\w+_PASSWORD): ", COMPOSITION, re.MULTILINE))
    assert names - given == {"STATIC_ROOT", "DATABASE_POOL"} | passwords
    assert "STATIC_ROOT" in DOCKERFILE
    assert 'DATABASE_POOL: "1"' in COMPOSITION


def test_each_job_of_the_composition_says_how_it_is_found_well_at_an_address_or_a_command_that_exists() -> None:
    section = COMPOSITION.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    jobs = dict(re.findall(r"^  (\w+):$\n((?:^    .*\n|^$\n|^ *#.*\n)+)", section, re.MULTILINE))

    assert [name for name in ("web", "worker", "beat") if "healthcheck:" not in jobs[name]] == []
    asked = re.search(r"127\.0\.0\.1:8000(/\S+?)\"", jobs["web"])
    assert asked is not None
    assert resolve(asked[1]).view_name == "health"  # what pages need: without a worker they are still answered
    assert '"config.seen", "beat"' in jobs["beat"]


def test_nobody_in_the_image_can_write_it_nor_become_anybody_else() -> None:
    section = COMPOSITION.split("\nservices:\n")[1].split("\nvolumes:\n")[0]
    ours = COMPOSITION.split("\nx-app: &app\n")[1].split("\n\n")[0]
    assert {"  read_only: true", "  tmpfs: /tmp", "  cap_drop: [ALL]"} <= set(ours.splitlines())
    assert "no-new-privileges:true" in ours
    assert section.count("<<: *app") == 5


def test_a_copy_is_made_every_night_by_a_command_that_exists_where_it_may_write() -> None:
    assert "python manage.py backup /sauvegardes --keep 14; do sleep 86400" in COMPOSITION
    assert "install --directory --owner equiflux /sauvegardes" in DOCKERFILE
    assert " postgresql-client " in DOCKERFILE.replace("\\\n", " ")
    assert get_commands()["backup"] == "config"


def test_every_service_that_lasts_is_started_again_and_says_how_it_is() -> None:
    services = yaml.safe_load(COMPOSITION)["services"]
    lasting = {name: each for name, each in services.items() if each["restart"] != "no"}
    assert set(services) - set(lasting) == {"migrate"}
    assert {each["restart"] for each in lasting.values()} == {"unless-stopped"}
    assert [name for name, each in lasting.items() if not each.get("healthcheck", {}).get("test")] == []
    assert set(KILLED) == set(lasting)


#: How the process of a service is ended from inside. With an init it is the child of the first process, which nobody in
#: the container may kill; the database and the broker are that first process, and end by a signal. What a person stops
#: from outside (`docker kill`) is not started again.
CHILD = "kill -KILL $(cat /proc/1/task/1/children)"
KILLED = {"web": CHILD, "worker": CHILD, "beat": CHILD, "backup": CHILD, "redis": "kill -TERM 1", "db": "kill -QUIT 1"}
WITHIN = 10  # seconds until another process is there
ANSWERS = 300  # seconds until it is found well: health checks ask each minute


class Composed:
    """The composition under a name of its own, with secrets drawn for it."""

    def __init__(self, folder: Path) -> None:
        wanted = sorted(set(re.findall(r"\$\{([A-Z_]+):\?", COMPOSITION)))
        secrets_file, self.name = folder / "secrets", f"equiflux-{secrets.token_hex(4)}"
        secrets_file.write_text("".join(f"{each}={secrets.token_hex(32)}\n" for each in wanted))
        self.command = ["docker", "compose", "--project-name", self.name, "--env-file", str(secrets_file)]

    def run(self, *arguments: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        command = [*self.command, *arguments]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds)

    def state(self, service: str) -> tuple[str, int, str]:
        """(when its process began, how many times it was started again, its health)."""
        container = self.run("ps", "--all", "--quiet", service).stdout.strip()
        asked = ["docker", "inspect", container]
        (held,) = json.loads(subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout)
        state = held["State"]
        return state["StartedAt"], held["RestartCount"], state["Health"]["Status"] if state["Running"] else "stopped"


def waited(condition: Callable[[], bool], seconds: float) -> float:
    """How many seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, "it did not happen in time"
        time.sleep(0.2)
    return time.monotonic() - began


@pytest.fixture
def composed(tmp_path: Path) -> Iterator[Composed]:
    if shutil.which("docker") is None:
        pytest.skip("no engine of containers is installed here")
    if subprocess.run(["docker", "info"], capture_output=True, check=False, timeout=60).returncode:
        pytest.skip("the engine of containers does not answer here")
    composed = Composed(tmp_path)
    try:
        started = composed.run("up", "--build", "--detach", seconds=1800)
        assert started.returncode == 0, started.stderr
        yield composed
    finally:
        composed.run("down", "--volumes", "--timeout", "5", seconds=300)


@pytest.mark.nightly
@pytest.mark.waits(3600)
def test_each_process_that_is_killed_comes_back_by_the_policy_of_its_service(composed: Composed) -> None:
    """« The composition's restart policies are run in a test of the images where one can be built. »"""
    for service in KILLED:
        waited(lambda service=service: composed.state(service)[2] == "healthy", ANSWERS)
    took = {}
    for service, kill in KILLED.items():
        before, starts, _ = composed.state(service)
        composed.run("exec", "-T", service, "sh", "-c", kill)  # ended with what it kills
        took[service] = waited(lambda one=service, at=before: composed.state(one)[0] != at, ANSWERS)
        waited(lambda one=service: composed.state(one)[2] == "healthy", ANSWERS)
        assert composed.state(service)[1] == starts + 1, service
    assert {service: seconds for service, seconds in took.items() if seconds > WITHIN} == {}
