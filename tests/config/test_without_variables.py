"""The very first try of somebody who has just cloned: no variable of ours is given."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from config.local.state import ROOT

OURS = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PYTHONPATH", "DEBUG", "DATABASE_POOL", "EQUIFLUX_WORKSTATION"}
ENVIRONMENT = {name: value for name, value in os.environ.items() if name not in OURS and "PYTEST" not in name}

ASK = """
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False)
for address in ("/sante/", "/sante/pret/", "/", "/regle/"):
    answer = client.get(address, headers={"Host": "localhost"})
    print(address, answer.status_code, "DATABASE_URL manque" in answer.content.decode())
client.cookies["sessionid"] = "x" * 32
answer = client.get("/", headers={"Host": "localhost"})
print(answer.status_code, "DATABASE_URL manque" in answer.content.decode())
"""


def without_variables(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Our Python, in the checkout."""
    return subprocess.run(
        [sys.executable, *arguments],
        env={**ENVIRONMENT, "DJANGO_SETTINGS_MODULE": "config.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_without_variables_pages_and_health_say_what_to_give() -> None:
    asked = without_variables("-c", ASK)

    assert asked.returncode == 0, asked.stderr
    assert asked.stdout.splitlines()[:2] == ["/sante/ 503 True", "/sante/pret/ 503 True"]
    assert asked.stdout.splitlines()[-1] == "503 True"
    assert "Traceback" not in asked.stderr


def test_without_variables_check_has_nothing_to_say() -> None:
    checked = without_variables("manage.py", "check")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert checked.stdout.startswith("System check identified no issues")


def test_pytest_alone_works_as_a_module_of_python_does() -> None:
    """`pytest`, as it is installed: the folder where it is typed is not on its path."""
    script = "import sys; from pytest import console_main; sys.argv[0] = 'pytest'; sys.exit(console_main())"

    called = script.replace("'pytest'", "'another program'")  # services are started for a pytest that is typed
    listed = without_variables("-P", "-c", script, "--collect-only", "-q", "tests/config/test_client_address.py")
    result = without_variables("-P", "-c", called, "-q", "-p", "no:randomly", "tests/reservations/test_permissions.py")

    assert listed.returncode == 0, listed.stdout + listed.stderr
    assert "test_client_address" in listed.stdout
    assert result.returncode == int(pytest.ExitCode.USAGE_ERROR)
    assert "./run test" in result.stdout + result.stderr


def test_runserver_without_variables_warns_of_nothing_that_does_not_matter() -> None:
    process = subprocess.Popen(
        [sys.executable, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0"],
        env=ENVIRONMENT,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    rows = []
    for line in process.stdout:
        rows.append(line)
        if "Quit the server" in line:
            break
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert "W047" not in "".join(rows)
    assert "no issues" in "".join(rows)
