"""Exit codes: 0 done, 1 refused, 2 misspelt; and French all along."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from config.local import checks
from config.local.console import Refusal
from config.local.state import ROOT, State
from config.local.supervisor import Supervisor, supervising
from tests.config.conftest import House
from tests.dealt import dealt
from tests.selection import is_quick


def test_nothing_runs(house: House) -> None:
    shown = house.run("status", "--json")

    assert shown.returncode == 1
    assert json.loads(shown.stdout) == {
        "running": False,
        "problems": [],
        "url": None,
        "processes": {},
        "embedded": {"postgresql": False, "valkey": False},
        "logs": {},
    }
    assert house.run("status").returncode == 1
    assert house.run("stop").returncode == 0


@pytest.mark.parametrize("typed", [[], ["dmeo"], ["demo", "--prot", "1"], ["stop", "now"]])
def test_a_misspelt_command_is_not_guessed(house: House, typed: list[str]) -> None:
    answer = house.run(*typed)

    assert answer.returncode == 2
    assert "L’aide" in answer.stderr
    assert answer.stdout == ""


@pytest.mark.parametrize("number", ["99999", "-1", "loin", "٣"])
def test_a_port_that_is_none_is_notified_what_a_port_is(house: House, number: str) -> None:
    answer = house.run("demo", f"--port={number}")

    assert answer.returncode == 2
    assert f"« --port {number} » : un port est un nombre entre 0 et 65535" in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_reader_that_leaves_ends_a_command_without_a_word(house: House) -> None:
    """`./run status | head -2`: the pipe is closed before the first line."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "config.local", "status"],
            env=house.environment,
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(writing)

    assert (ended.returncode, ended.stderr) == (141, "")


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


def test_manage_says_that_the_database_it_borrows_does_not_answer(house: House, tmp_path: Path) -> None:
    """Help needs none: it is given all the same."""
    assert house.state.lock()
    with supervising(house.state, "demo", considerate=False) as supervisor:
        supervisor.record.environment = {
            "DATABASE_URL": f"postgres://equiflux@/equiflux?host={tmp_path}",
            "REDIS_URL": f"unix://{tmp_path}/nobody-listens.sock",
        }
        supervisor.publish("ready")
        helped = house.run("manage", "help", "migrate")
        refused = house.run("manage", "createcachetable")

    assert (helped.returncode, "manage.py migrate" in helped.stdout) == (0, True)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        "La base embarquée ne répond pas : voyez ./run status et son journal, ou relancez (./run stop, ./run demo).\n"
    )


def test_a_ready_file_in_no_folder_is_refused_before_anything_starts(house: House) -> None:
    refused = house.run("demo", "--ready-file", "nowhere/ready.json")

    assert refused.returncode == 1
    assert "nowhere" in refused.stderr
    assert not house.state.pgdata.exists()


def test_arguments_of_test_belong_to_pytest_on_services_of_its_own(house: House) -> None:
    answer = house.run("test", "--version")

    assert answer.returncode == 0, answer.stderr
    assert "pytest" in answer.stdout + answer.stderr
    assert (house.folder / "test" / "pgdata").exists()
    assert not house.state.pgdata.exists()


class Rehearsal(Supervisor):
    """Runs nothing: each command answers as declared."""

    def __init__(self, folder: Path, codes: dict[str, int]) -> None:
        super().__init__(State(folder), "test")
        self.codes = codes
        self.ran: list[str] = []

    def hand_over(self, command: Sequence[str | Path], environment: object, folder: Path | None) -> int:
        line = " ".join(map(str, command))
        self.ran.append(line)
        return next((code for name, code in self.codes.items() if name in line), 0)


def test_every_check_runs_after_a_failure_and_pytest_is_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rehearsal = Rehearsal(tmp_path, {"ruff check": 1, "mypy": 1})

    assert checks.run_everything(rehearsal, {}) == 1

    assert len(rehearsal.ran) == len(checks.steps()) + 1
    assert "pytest" in rehearsal.ran[-1]
    assert capsys.readouterr().err.splitlines()[-1].startswith("Échec : ruff check, mypy (")
    assert checks.run_everything(Rehearsal(tmp_path, {}), {}) == 0


def test_quick_checks_run_the_same_steps_and_the_tests_that_need_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Between two commits: « a `./run test --quick` under 3 » minutes. What it runs says that it is not all."""
    rehearsal = Rehearsal(tmp_path, {})

    assert checks.run_everything(rehearsal, {}, checks.QUICK) == 0

    assert len(rehearsal.ran) == len(checks.steps()) + 1
    assert "--quick" in rehearsal.ran[-1]
    assert "--cov" not in rehearsal.ran[-1]
    assert (
        capsys.readouterr()
        .err.splitlines()[-1]
        .startswith("Ce qui se vérifie vite l’est ; ./run test vérifie tout (en 0 s, dont pytest")
    )


def test_each_kind_of_run_asks_pytest_for_its_tests(tmp_path: Path) -> None:
    """Every night runs what the ordinary run leaves; what changed is asked of a commit."""
    asked = {}
    for kind, commit in (("", "HEAD"), (checks.CHANGED, "v1.0.0"), (checks.ALL, "HEAD")):
        rehearsal = Rehearsal(tmp_path, {})
        assert checks.run_everything(rehearsal, {}, kind, commit) == 0
        asked[kind] = rehearsal.ran[-1]
    assert "--ordinary" in asked[""]
    assert "--every-branch" not in asked[""], "what a part of the tests draws is not all that they draw"
    assert "--changed v1.0.0" in asked[checks.CHANGED]
    assert "--all --cov --cov-branch --every-branch" in asked[checks.ALL]
    assert "--ordinary" not in asked[checks.ALL]
    assert checks.minutes(59.6) == "1 min 00 s"
    assert checks.minutes(12) == "12 s"


def test_what_needs_a_database_is_not_quick() -> None:
    """Asked of pytest itself, which lists what it would run."""
    named = ["tests/flux/engine/test_rule.py", "tests/reservations/operations/test_party.py", "tests/journeys"]
    line = [sys.executable, "-m", "pytest", "--quick", "--collect-only", "-q", *named]
    listed = subprocess.run(line, capture_output=True, text=True, check=False, cwd=ROOT).stdout.splitlines()
    files = {each.partition("::")[0] for each in listed if "::" in each}
    assert "tests/flux/engine/test_rule.py" in files
    assert not [each for each in files if each.startswith("tests/journeys")]
    assert is_quick("tests/words/test_words.py::test_a", (), ())
    assert not is_quick("tests/config/test_mail.py::test_a", (), ())
    assert not is_quick("tests/words/test_words.py::test_a", ("db",), ())
    assert not is_quick("tests/words/test_words.py::test_a", (), ("browser",))


def test_each_process_has_its_share_of_what_is_slow_then_of_what_is_quick() -> None:
    slow, quick = [["a1", "a2", "a3"], ["b1"], ["c1"], ["d1", "d2"]], ["q0", "q1", "q2", "q3", "q4", "q5", "q6"]
    assert dealt(slow, quick, 2) == ["a1", "a2", "a3", *quick[:4], "q4", "b1", "c1", "d1", "d2", "q5", "q6"]
    assert dealt(slow[:1], quick[:1], 3) == ["a1", "a2", "a3", "q0"], "nothing is lost where one share is too long"


def test_without_a_browser_the_tests_say_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    with pytest.raises(Refusal, match=r"Il manque pour les tests un navigateur et un tableur .*chromium.*gnumeric"):
        checks.ensure_system_packages()


def test_without_the_library_of_pdf_the_tests_say_what_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "weasyprint.py").write_text("raise OSError('no pango here')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "apt-get" else f"/usr/bin/{name}")

    with pytest.raises(Refusal, match=r"Il manque pour les tests la bibliothèque Pango : .*libpango-1\.0-0"):
        checks.ensure_system_packages()


def test_bench_reads_the_files_of_the_folder_where_it_is_typed(house: House) -> None:
    instance = {
        "unit": 100,
        "landlord": "NR",
        "dimensions": [],
        "holders": [{"id": "NR", "rank": 0}],
        "vacancies": [{"id": "v1", "shares": {"NR": 100}}],
    }
    (house.folder / "flux.json").write_text(json.dumps(instance), encoding="utf-8")

    # First, because the first command of a clone says that it installs what is locked.
    assert house.run("bench", "--instance", "absent.json").returncode == 2

    routed = house.run("bench", "routing", "--instance", "flux.json")

    assert (routed.returncode, routed.stderr) == (0, "")
    assert json.loads(routed.stdout) == {"id": "v1", "holder": "NR", "reason": "ONLY_ONE"}
    assert house.run("bench", "--instance", "flux.json").stdout == routed.stdout
    assert house.run("bench", "speed", "--hlep").returncode == 2
