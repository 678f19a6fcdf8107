"""The image and its composition, as far as they can be checked without an engine."""

import re

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
