"""What eight connections at the door cost to everybody else: ./run bench guessing [--rounds N] [--write]

Asked of the demonstration that serves here (`./run demo`), from outside. Rounds take turns: a landlord's pages alone,
then with eight connections that try one password after another, then with eight that ask for the form itself, as fast
as they are answered. What the product takes of the processor is read of its processes; what loads the machine loads
each round of a turn.
"""

from __future__ import annotations

import http.client
import itertools
import os
import re
import statistics
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path

from benchmarks.command_line import Parser
from benchmarks.page import put
from config.local.state import State

SIGN_IN = "/connexion/"
PAGES = ("/", "/liberes/", "/comptes/")
CONNECTIONS = 8
SECONDS = 8.0
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')
TICKS = os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when no demonstration serves here."""
    parser = Parser("benchmarks.guessing", "Ce que coûtent à tous huit connexions à la porte.")
    parser.add_argument("--rounds", type=int, default=5, metavar="N", help="combien de tours")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/performance.md")
    options = parser.parse_args(arguments)
    if (reader := signed_in("LANDLORD_STAFF")) is None:
        return 1
    table = markdown(list(rounds(reader, reader.supervisor, options.rounds)))
    if options.write:
        put("./run bench guessing", table, page="performance.md")
    sys.stdout.write(table + "\n")
    return 0


@dataclass
class Visitor:
    """A connection, its cookies, and what it is answered; `supervisor`: the process of the demonstration."""

    host: str
    supervisor: int = 0
    cookies: dict[str, str] = field(default_factory=dict)
    answers: Counter[int] = field(default_factory=Counter)

    def ask(self, address: str, typed: dict[str, str] | None = None) -> tuple[int, str]:
        line = http.client.HTTPConnection(self.host, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        body = None
        if typed is not None:
            headers["Content-Type"], body = "application/x-www-form-urlencoded", urllib.parse.urlencode(typed)
        try:
            line.request("GET" if typed is None else "POST", address, body, headers)
            with line.getresponse() as answer:
                for given in answer.headers.get_all("Set-Cookie", ()):
                    self.cookies |= {name: each.value for name, each in SimpleCookie(given).items()}
                return answer.status, answer.read().decode(errors="ignore")
        finally:
            line.close()

    def try_password(self, login: str, password: str) -> int:
        """The status of the answer; the form is asked for once."""
        if "csrftoken" not in self.cookies:
            self.token = TOKEN.search(self.ask(SIGN_IN)[1])[1]  # type: ignore[index]
        status, _ = self.ask(SIGN_IN, {"email": login, "password": password, "csrfmiddlewaretoken": self.token})
        self.answers[status] += 1
        return status


@dataclass(frozen=True)
class Round:
    """Milliseconds of a page (median), and cores that the product took."""

    page: float
    cores: float
    answers: Counter[int] = field(default_factory=Counter)


def signed_in(role: str) -> Visitor | None:
    """Somebody of this role at the demonstration that serves here; None, and why on the error output, without one."""
    record = State.default().read()
    if record is None or not record.ready or record.url is None:
        sys.stderr.write("Ouvrez d’abord la démonstration : ./run demo --detach\n")
        return None
    account = next(each for each in record.accounts if each["role"] == role)
    reader = Visitor(urllib.parse.urlsplit(record.url).netloc, record.pid)
    if reader.try_password(account["login"], account["password"]) != 302:
        sys.stderr.write("Le compte de la démonstration n’entre pas : ./run demo --reset, puis recommencez.\n")
        return None
    return reader


def rounds(reader: Visitor, supervisor: int, turns: int) -> Iterator[tuple[Round, Round, Round]]:
    """(alone, with those who guess, with those who ask for the form)."""
    for turn in range(turns):
        alone = one(reader, supervisor)
        yield alone, beside(reader, supervisor, guess, turn), beside(reader, supervisor, look, turn)


def beside(reader: Visitor, supervisor: int, act: Callable[[Visitor, str, int], None], turn: int) -> Round:
    """A round with connections that each do one thing again and again."""
    enough = threading.Event()
    visitors = [Visitor(reader.host) for _ in range(CONNECTIONS)]

    def insist(visitor: Visitor, login: str) -> None:
        for tried in itertools.takewhile(lambda _: not enough.is_set(), itertools.count(1)):
            act(visitor, login, tried)

    logins = (f"agent-{turn}-{place}@exemple.example" for place in range(CONNECTIONS))
    threads = [threading.Thread(target=insist, args=each) for each in zip(visitors, logins, strict=True)]
    for each in threads:
        each.start()
    found = one(reader, supervisor)
    enough.set()
    for each in threads:
        each.join()
    return Round(found.page, found.cores, sum((each.answers for each in visitors), Counter()))


def guess(visitor: Visitor, login: str, tried: int) -> None:
    visitor.try_password(login, f"mot de passe {tried}")


def look(visitor: Visitor, login: str, tried: int) -> None:
    status, _ = visitor.ask(SIGN_IN)
    visitor.answers[status] += 1


def one(reader: Visitor, supervisor: int) -> Round:
    began, spent, found = time.monotonic(), processor(supervisor), []
    while time.monotonic() - began < SECONDS:
        for address in PAGES:
            asked = time.perf_counter()
            status, _ = reader.ask(address)
            assert status == 200, (address, status)
            found.append(1000 * (time.perf_counter() - asked))
            time.sleep(0.1)
    elapsed = time.monotonic() - began
    return Round(statistics.median(found), (processor(supervisor) - spent) / elapsed)


def processor(parent: int) -> float:
    """Seconds of processor of a process and of all that descend from it."""
    children: dict[int, list[int]] = {}
    spent: dict[int, float] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            values = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        number = int(folder.name)
        children.setdefault(int(values[1]), []).append(number)
        spent[number] = sum(int(values[each]) for each in (11, 12, 13, 14)) / TICKS
    total, waiting = 0.0, [parent]
    while waiting:
        one = waiting.pop()
        total += spent.get(one, 0.0)
        waiting += children.get(one, [])
    return total


def markdown(found: Sequence[tuple[Round, Round, Round]]) -> str:
    """The table."""
    alone = [each[0] for each in found]
    columns = []
    for place in (1, 2):
        kind = [each[place] for each in found]
        answers, seconds = sum((each.answers for each in kind), Counter[int]()), len(found) * SECONDS
        columns.append(
            (
                statistics.median(b.page / a.page for a, b in zip(alone, kind, strict=True)),
                statistics.median(b.cores - a.cores for a, b in zip(alone, kind, strict=True)),
                sum(answers.values()) / seconds,
                answers[429] / seconds,
            )
        )
    titles = (
        "a page, its median beside them ÷ alone",
        "processor that they take, in cores",
        "requests answered in a second",
        "of which refused, 429",
    )
    lines = [f"| {title} | {one:.2f} | {two:.2f} |" for title, one, two in zip(titles, *columns, strict=True)]
    return "\n".join(["| eight connections | that guess | that ask for the form |", "| --- | --: | --: |", *lines])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
