"""Starting, stopping, crashing: what a person who only knows `./run` relies on."""

import json
import signal
import socket
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from tests.config.conftest import House, family, kill, until

NAMES = {"supervisor", "postgresql", "valkey", "worker", "beat", "web"}


def test_a_detached_demo_answers_is_shown_and_stops(house: House) -> None:
    ready = house.folder / "ready.json"

    started = house.demo("--detach", "--port", "0", "--ready-file", "ready.json")

    assert started.returncode == 0, started.stderr
    announced = json.loads(ready.read_text())
    assert announced["accounts"][0]["login"] == "alice"
    assert set(announced["logs"]) == NAMES - {"supervisor"}
    assert announced["url"] in started.stdout
    with urllib.request.urlopen(announced["url"] + "sante/", timeout=5) as response:  # noqa: S310
        assert response.status == 200

    shown = house.run("status", "--json")
    assert shown.returncode == 0
    status = json.loads(shown.stdout)
    assert set(status) == {"running", "url", "processes", "embedded", "logs"}
    assert (status["running"], status["url"]) == (True, announced["url"])
    assert status["embedded"] == {"postgresql": True, "valkey": True}
    assert set(status["processes"]) == NAMES
    assert all(process["alive"] for process in status["processes"].values())

    ready.unlink()
    again = house.demo("--ready-file", "ready.json")
    assert again.returncode == 0
    assert "tourne déjà" in again.stderr
    assert json.loads(ready.read_text()) == announced

    borrowed = house.run("manage", "showmigrations", "contenttypes")
    assert borrowed.returncode == 0, borrowed.stderr

    everyone = family(house.record.pid)
    assert house.run("stop").returncode == 0
    assert not [process for process in everyone if process.alive]


def test_a_killed_supervisor_leaves_no_orphan_and_the_next_start_recovers(house: House) -> None:
    house.demo("--detach", "--port", "0")
    everyone = family(house.record.pid)
    assert len(everyone) > len(NAMES)  # the workers of the workers too

    kill(house.record.pid)

    until(lambda: not any(process.alive for process in everyone), seconds=10)
    status = house.run("status", "--json")
    assert status.returncode == 1
    assert not json.loads(status.stdout)["running"]

    demo = house.demo_in_foreground("--port", "0")
    assert house.ready
    everyone = family(demo.pid)
    demo.send_signal(signal.SIGTERM)
    demo.communicate(timeout=30)
    assert demo.returncode == 0  # told to stop, it ends well
    assert not [process for process in everyone if process.alive]
    assert house.state.read() is None


def test_a_process_that_dies_is_named_with_its_reason_and_takes_the_rest_with_it(house: House) -> None:
    demo = house.demo_in_foreground("--port", "0")
    everyone = family(demo.pid)

    kill(house.record.processes["worker"].pid)
    _, said = demo.communicate(timeout=30)

    assert demo.returncode == 1
    assert "worker s’est arrêté de lui-même (signal SIGKILL)" in said
    assert str(house.state.log("worker")) in said
    assert not [process for process in everyone if process.alive]


def test_the_data_is_kept_from_one_start_to_the_next(house: House) -> None:
    assert house.run("manage", "migrate", "contenttypes", "--verbosity", "0").returncode == 0

    second = house.run("manage", "showmigrations", "contenttypes")

    assert "[X] 0001_initial" in second.stdout
    assert "Création" not in second.stderr
    assert house.state.read() is None  # what `manage` starts, it stops


def test_a_port_that_was_asked_for_and_is_taken_is_refused(house: House) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]

        refused = house.demo("--port", str(number))

    assert refused.returncode == 1
    assert f"Le port {number} est déjà pris" in refused.stderr
    assert not house.state.pgdata.exists()
    assert house.state.read() is None


def test_two_commands_at_once_share_or_wait(house: House) -> None:
    with ThreadPoolExecutor() as both:
        answers = list(both.map(lambda _: house.run("manage", "showmigrations", "contenttypes"), range(2)))

    assert [answer.returncode for answer in answers] == [0, 0], answers
    assert sum("Création" in answer.stderr for answer in answers) == 1
    assert house.state.read() is None
