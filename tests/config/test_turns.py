"""Who knocks too often at the door of sign-ins waits outside, and nobody else does (config/turns.py)."""

from __future__ import annotations

import contextlib
import http.client
import re
import select
import signal
import subprocess
import sys
import urllib.parse
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.contrib.auth.hashers import make_password
from django.urls import reverse

from config import settings as real
from config.local.state import ROOT
from config.turns import FORMS, KNOCKS, LONGEST, MANY, Pace, Turns, pace_of
from reservations.models import User
from tests.config.conftest import until
from tests.config.test_several_hosts import answers, free_port
from tests.world import PASSWORD, World

SIGN_IN = reverse("sign-in")
OFFICE, ELSEWHERE = "127.0.0.2", "127.0.0.3"  # every address of the loop is this machine
AT_ONCE, EVERY = KNOCKS.at_once, KNOCKS.every
WAIT = int(LONGEST / EVERY)


def test_an_office_that_arrives_waits_for_nobody_then_one_enters_at_a_time() -> None:
    turns = Turns(KNOCKS)
    waits = [turns.take(OFFICE, 1000.0) for _ in range(AT_ONCE + WAIT + 2)]
    assert waits == [0.0] * AT_ONCE + [EVERY * each for each in range(1, WAIT + 1)] + [None, None]
    assert turns.take(ELSEWHERE, 1000.0) == 0.0


def test_a_turn_comes_back_each_second_and_all_of_them_after_a_rest() -> None:
    turns = Turns(KNOCKS)
    spent = [turns.take(OFFICE, 1000.0) for _ in range(AT_ONCE)]
    assert spent == [0.0] * AT_ONCE
    assert [turns.take(OFFICE, 1000.0 + EVERY) for _ in range(2)] == [0.0, EVERY]
    rested = 1000.0 + 2 * AT_ONCE * EVERY
    assert [turns.take(OFFICE, rested) for _ in range(AT_ONCE + 1)] == [*[0.0] * AT_ONCE, EVERY]


def test_addresses_that_knock_no_more_are_forgotten_and_no_other() -> None:
    turns = Turns(KNOCKS)
    for number in range(MANY + 1):
        turns.take(str(number), 1000.0)
    later = 1000.0 + AT_ONCE * EVERY
    waits = [turns.take(OFFICE, later) for _ in range(AT_ONCE + 1)]
    assert (len(turns._next), waits[-1]) == (1, EVERY)


@pytest.mark.parametrize("processes", [1, 2, 3, 8, 32])
def test_an_address_is_given_as_much_whatever_the_number_of_processes(processes: int) -> None:
    """« Eight connections take at most a fifth of a core in all »: a host that has more of them spends no more."""
    for pace in (KNOCKS, FORMS):
        shares = [Turns(pace.shared(processes)) for _ in range(processes)]
        minute = [each.take(OFFICE, 1000.0 + tick / 20) for tick in range(1200) for each in shares]
        given = sum(wait is not None for wait in minute)
        assert given <= pace.at_once + (60 + LONGEST) / pace.every + processes
        assert Pace(1, 1.0).shared(processes).at_once == 1, "somebody always enters"


@pytest.mark.parametrize(
    ("method", "path", "pace"),
    [
        ("POST", SIGN_IN, KNOCKS),
        ("POST", "/%63onnexion/", KNOCKS),
        ("POST", reverse("lost-password"), KNOCKS),
        ("GET", SIGN_IN, FORMS),
        ("GET", "/%63onnexion/", FORMS),
        ("HEAD", reverse("second-factor"), FORMS),
        ("GET", "/", None),
        ("POST", "/liberes/declarer/", None),
        ("GET", "/sante/", None),
    ],
)
def test_whatever_comes_to_the_door_has_its_pace_and_nothing_else(method: str, path: str, pace: Pace | None) -> None:
    """The form itself, asked for in a loop, cost more than a core."""
    assert pace_of(SimpleNamespace(method=method, path=path)) is pace


@pytest.fixture
def site(
    transactional_db: None,
    world: World,
    settings: LazySettings,
    process_environment: dict[str, str],
    tmp_path: Path,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A site that has one thread: whoever holds it is alone. Where it answers, and its process."""
    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    User.objects.update(password=make_password(PASSWORD))
    host = f"127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--workers", "1", "--threads", "1", "--bind", host]
    with (tmp_path / "site.log").open("wb") as log:
        served = subprocess.Popen(command, cwd=ROOT, env=process_environment, stdout=log, stderr=log)
    try:
        until(lambda: answers(host), seconds=60)
        yield host, served
    finally:
        served.terminate()
        served.wait(60)


def send(
    host: str, path: str, typed: dict[str, str] | None = None, *, source: str, **headers: str
) -> http.client.HTTPConnection:
    """A request whose answer is not read yet."""
    line = http.client.HTTPConnection(host, timeout=60, source_address=(source, 0))
    if typed is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = None if typed is None else urllib.parse.urlencode(typed)
    line.request("GET" if typed is None else "POST", path, body, headers)
    return line


def read(line: http.client.HTTPConnection) -> tuple[int, Message, str]:
    """What is answered: the status, the headers, the page."""
    with contextlib.closing(line), line.getresponse() as answer:
        return answer.status, answer.headers, answer.read().decode()


def enter(host: str, *, source: str) -> dict[str, str]:
    """Sign Chloé in, and return what her browser sends from then on."""
    _, headers, page = read(send(host, SIGN_IN, source=source))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token is not None
    typed = {"email": "chloe@exemple.test", "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    cookie = str(headers["Set-Cookie"]).partition(";")[0]
    status, headers, _ = read(send(host, SIGN_IN, typed, source=source, Cookie=cookie))
    assert status == 302
    return {"Cookie": "; ".join(each.partition(";")[0] for each in headers.get_all("Set-Cookie", ()))}


def is_answered(line: http.client.HTTPConnection) -> bool:
    return bool(select.select([line.sock], [], [], 0)[0])


def test_while_an_address_guesses_others_sign_in_and_its_own_people_read(
    site: tuple[str, subprocess.Popen[bytes]],
) -> None:
    """Without a thread: there is one. What is held is answered in its turn, and at once when the site stops."""
    host, served = site
    inside = enter(host, source=OFFICE)  # one knock
    spellings = (SIGN_IN, "/%63onnexion/", f"{SIGN_IN}?suite=/", reverse("lost-password"))
    knocks = [
        send(host, spellings[each % 4], {"email": "chloe@exemple.test", "password": str(each)}, source=OFFICE)
        for each in range(AT_ONCE - 1 + WAIT)
    ]
    free, held = knocks[: AT_ONCE - 1], knocks[AT_ONCE - 1 :]
    assert {read(line)[0] for line in free} == {403}  # without the token of the form
    assert read(send(host, "/", source=OFFICE, **inside))[0] == 200
    assert read(send(host, "/", source=ELSEWHERE, **enter(host, source=ELSEWHERE)))[0] == 200
    assert read(send(host, "/sante/", source=OFFICE))[0] == 200
    assert not is_answered(held[-1])
    assert read(held[0])[0] == 403
    assert not is_answered(held[-1])
    served.send_signal(signal.SIGTERM)
    assert {read(line)[0] for line in held[1:]} == {403}


def test_while_an_address_asks_for_the_form_in_a_loop_others_are_shown_it(
    site: tuple[str, subprocess.Popen[bytes]],
) -> None:
    """It sends no password, and cost more than a core: it comes in its turn too, at its own pace."""
    host, served = site
    forms = [send(host, SIGN_IN, source=OFFICE) for _ in range(AT_ONCE + int(LONGEST / FORMS.every) - 5)]
    assert {read(line)[0] for line in forms[:AT_ONCE]} == {200}
    assert read(send(host, SIGN_IN, source=ELSEWHERE))[0] == 200
    assert read(send(host, SIGN_IN, {"email": "x", "password": "x"}, source=OFFICE))[0] == 403, "a pace of its own"
    assert not is_answered(forms[-1])
    served.send_signal(signal.SIGTERM)
    assert {read(line)[0] for line in forms[AT_ONCE:]} == {200}


def test_beyond_those_who_wait_one_reads_how_long_to_wait(site: tuple[str, subprocess.Popen[bytes]]) -> None:
    host, served = site
    lines = [send(host, SIGN_IN, {"email": "x", "password": "x"}, source=OFFICE) for _ in range(AT_ONCE + WAIT + 3)]
    for line in lines[:AT_ONCE]:
        read(line)
    served.send_signal(signal.SIGTERM)
    found = [read(line) for line in lines[AT_ONCE:]]
    refused = [each for each in found if each[0] != 403]
    assert 1 <= len(refused) <= 3  # a turn may come back while they are sent
    for status, headers, page in refused:
        assert (status, headers["Retry-After"]) == (429, f"{LONGEST:.0f}")
        assert f"Recommencez dans {LONGEST:.0f} secondes" in page
