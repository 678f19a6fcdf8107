"""Exit codes: 0 done, 1 refused, 2 misspelt; and French all along."""

import json

import pytest

from tests.config.conftest import House


def test_nothing_runs(house: House) -> None:
    shown = house.run("status", "--json")

    assert shown.returncode == 1
    assert json.loads(shown.stdout) == {
        "running": False,
        "url": None,
        "processes": {},
        "embedded": {"postgresql": False, "valkey": False},
        "logs": {},
    }
    assert house.run("status").returncode == 1
    assert house.run("stop").returncode == 0


@pytest.mark.parametrize("typed", [[], ["dmeo"], ["demo", "--port", "loin"], ["demo", "--prot", "1"], ["stop", "now"]])
def test_a_misspelt_command_is_not_guessed(house: House, typed: list[str]) -> None:
    answer = house.run(*typed)

    assert answer.returncode == 2
    assert "L’aide" in answer.stderr
    assert answer.stdout == ""


def test_help_is_help(house: House) -> None:
    answer = house.run("demo", "--help")

    assert answer.returncode == 0
    assert answer.stdout.startswith("Usage : ./run demo")


def test_the_options_after_manage_belong_to_django(house: House, service_environment: dict[str, str]) -> None:
    helped = house.run("manage", "migrate", "--help", **service_environment)
    refused = house.run("manage", "migrate", "--json", **service_environment)

    assert helped.returncode == 0
    assert "manage.py migrate" in helped.stdout
    assert refused.returncode == 2  # as Django says it
    assert "manage.py migrate" in refused.stderr


def test_a_ready_file_in_no_folder_is_refused_before_anything_starts(house: House) -> None:
    refused = house.run("demo", "--ready-file", "nowhere/ready.json")

    assert refused.returncode == 1
    assert "nowhere" in refused.stderr
    assert not house.state.pgdata.exists()
