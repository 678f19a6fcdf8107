"""Starting, stopping, crashing: what a person who only knows `./run` relies on."""

import json
import resource
import shlex
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.local import postgres
from config.local.state import ROOT
from tests.config.conftest import House, family, kill, until

NAMES = {"supervisor", "postgresql", "valkey", "worker", "beat", "web"}


def test_three_starts_of_a_demonstration(house: House) -> None:
    """Detached, then killed, alone and with its keeper; recovered in the foreground, and reported to stop; detached
    again on a full disk, and stopped. A start is twenty seconds of processor: what each one shows is asked of it while
    it runs."""
    house.environment["BARE_ACCOUNTS"] = "1"
    started = house.demo("--detach", "--port", "0", "--ready-file", "ready.json")
    assert started.returncode == 0, started.stderr
    _answers_and_is_shown(house, started.stdout)
    made = _accounts_made(house)
    _killed_comes_back_by_itself(house)
    _killed_with_its_keeper_leaves_no_orphan(house)

    demo = house.demo_in_foreground("--port", "0")
    assert house.ready  # it recovered
    assert _accounts_made(house) == made, "a second start finds them"
    _what_falls_is_started_again(house)
    with postgres.connect(house.state.socket_folder(), postgres.NAME) as server:
        server.execute("CREATE TABLE came_since ()")
    assert not postgres.has_accounts(house.state.socket_folder(), house.secret_key)
    everyone = family(demo.pid)
    demo.send_signal(signal.SIGTERM)
    _, result = demo.communicate(timeout=30)
    assert demo.returncode == 0  # reported to stop, it ends well
    assert "beat s’est arrêté (signal SIGKILL) : relancé." in result
    assert not [process for process in everyone if process.alive]
    assert house.state.read() is None

    assert house.demo("--detach", "--port", "0").returncode == 0
    assert _accounts_made(house) > made, "a table that came since has them made again"
    _with_no_room_nothing_stops(house)
    everyone = family(house.record.pid)
    assert house.run("stop").returncode == 0
    assert not [process for process in everyone if process.alive]
    refused = house.run("env")
    assert (refused.returncode, refused.stdout, "./run demo --detach" in refused.stderr) == (1, "", True)


def _answers_and_is_shown(house: House, text: str) -> None:
    ready = house.folder / "ready.json"
    announced = json.loads(ready.read_text())
    assert announced["accounts"][0]["login"] == "alice"
    assert set(announced["logs"]) == NAMES - {"supervisor"}
    assert announced["url"] in text
    with urllib.request.urlopen(announced["url"] + "sante/pret/", timeout=5) as response:  # noqa: S310
        assert response.status == 200

    shown = house.run("status", "--json")
    assert shown.returncode == 0
    status = json.loads(shown.stdout)
    assert set(status) == {"running", "problems", "url", "processes", "embedded", "logs"}
    assert (status["running"], status["problems"], status["url"]) == (True, [], announced["url"])
    assert status["embedded"] == {"postgresql": True, "valkey": True}
    assert set(status["processes"]) == NAMES
    assert all(process["alive"] and process["restarts"] == 0 for process in status["processes"].values())

    ready.unlink()
    again = house.demo("--ready-file", "ready.json")
    assert again.returncode == 0
    assert "tourne déjà" in again.stderr
    assert json.loads(ready.read_text()) == announced

    borrowed = house.run("manage", "showmigrations", "contenttypes")
    assert borrowed.returncode == 0, borrowed.stderr

    # `eval "$(./run env)"`, then `python manage.py runserver`, `psql`…
    given = dict(part.split("=", 1) for line in house.run("env").stdout.splitlines() for part in shlex.split(line)[1:])
    assert {"SECRET_KEY", "DJANGO_SETTINGS_MODULE"} | set(house.record.environment) <= set(given)
    command = [sys.executable, "manage.py", "showmigrations", "contenttypes"]
    asked = subprocess.run(command, env=given, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (asked.returncode, "[X] 0001_initial" in asked.stdout) == (0, True), asked.stderr


def _accounts_made(house: House) -> int:
    """When the accounts of the site and of the worker were made; they are those that serve."""
    with postgres.connect(house.state.socket_folder(), postgres.NAME) as server:
        served = server.execute("SELECT count(DISTINCT usename) FROM pg_stat_activity WHERE usename LIKE %s", ["%\\_%"])
        assert served.fetchone() != (0,)
        asked = server.execute(
            "SELECT count(*) FROM pg_authid WHERE rolname LIKE %s AND rolpassword ~ 'SCRAM'", ["eq%"]
        )
        assert asked.fetchone() == (3,), "of the owner, of the site and of the worker: nobody signs in as another"
    assert postgres.has_accounts(house.state.socket_folder(), house.secret_key)
    return house.state.log("database_roles").stat().st_mtime_ns


def _keeper(house: House) -> int:
    """Who starts the supervisor again."""
    return int(Path(f"/proc/{house.record.pid}/stat").read_text().rpartition(")")[2].split()[1])


def _killed_comes_back_by_itself(house: House) -> None:
    """« Killing the supervisor of the demonstration does not stop the services for good. »"""
    before, keeper, everyone = house.record, _keeper(house), family(house.record.pid)

    kill(before.pid)

    until(lambda: not any(process.alive for process in everyone), seconds=30)
    until(lambda: house.ready, seconds=120)
    assert (house.record.url, _keeper(house)) == (before.url, keeper)
    assert house.record.pid != before.pid
    with urllib.request.urlopen(f"{before.url}sante/vivant/", timeout=20) as answer:  # noqa: S310
        assert answer.status == 200


def _killed_with_its_keeper_leaves_no_orphan(house: House) -> None:
    everyone = family(house.record.pid)
    assert len(everyone) > len(NAMES)  # the workers of the workers too

    kill(_keeper(house))
    assert house.ready, "alone, it takes nothing with it"
    kill(house.record.pid)

    until(lambda: not any(process.alive for process in everyone), seconds=30)
    status = house.run("status", "--json")
    assert status.returncode == 1
    assert not json.loads(status.stdout)["running"]


def _what_falls_is_started_again(house: House) -> None:
    before = house.record.processes["beat"]

    kill(before.pid)
    until(lambda: house.record.processes["beat"] != before)

    result = json.loads(house.run("status", "--json").stdout)["processes"]
    assert (result["beat"]["restarts"], result["beat"]["reason"], result["beat"]["given_up"]) == (
        1,
        "signal SIGKILL",
        False,
    )
    assert result["worker"]["restarts"] == 0
    assert "relancé 1 fois, la dernière chute le 20" in house.run("status").stdout


def _with_no_room_nothing_stops(house: House) -> None:
    """A limit on the size of files fails each write of the supervisor and of what it starts, as a full disk does."""
    ready = house.record
    resource.prlimit(ready.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    kill(ready.processes["postgresql"].pid)
    until(lambda: "FATAL" in house.state.log("postgresql").read_text() or not ready.processes["postgresql"].alive)
    shown = house.run("status")

    assert shown.returncode == 1
    assert "ne répond pas comme il faut" in shown.stdout
    assert "tourne" not in shown.stdout
    assert "postgresql est arrêté" in shown.stdout
    assert house.state.read() is not None
    assert any(process.pid == ready.pid and process.alive for process in family(ready.pid))
    with pytest.raises(urllib.error.HTTPError) as page:
        urllib.request.urlopen(f"{ready.url}connexion/", data=b"", timeout=20)  # noqa: S310
    with page.value as answer:
        assert answer.code in {403, 503}

    resource.prlimit(ready.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    until(lambda: house.run("status").returncode == 0, seconds=90)  # room again: it comes back by itself
    assert house.record.restarts["postgresql"].count >= 1


def test_a_process_that_dies_while_starting_is_named_with_its_reason(house: House) -> None:
    refused = house.demo("--port", "0", LOG_LEVEL="BAVARD")

    assert refused.returncode == 1
    assert "s’est arrêté de lui-même (code 1)" in refused.stderr
    assert str(house.state.folder / "logs") in refused.stderr
    assert house.state.read() is None


def test_a_port_that_was_asked_for_and_is_taken_is_refused(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]

        refused = house.demo("--port", str(number))

    assert refused.returncode == 1
    assert f"Le port {number} est déjà pris" in refused.stderr
    assert not house.state.log("postgresql").exists()  # nothing was started
    assert house.state.read() is None


def test_two_commands_at_once_share_or_wait_and_the_data_is_kept(house: House) -> None:
    commands = [["showmigrations", "contenttypes"], ["migrate", "contenttypes", "--verbosity", "0"]]
    with ThreadPoolExecutor() as both:
        answers = list(both.map(lambda command: house.run("manage", *command), commands))

    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert sum("Création" in answer.stderr for answer in answers) == 1
    assert house.state.read() is None  # what `manage` starts, it stops

    after = house.run("manage", "showmigrations", "contenttypes")
    assert "[X] 0001_initial" in after.stdout
    assert "Création" not in after.stderr
    assert house.state.read() is None
