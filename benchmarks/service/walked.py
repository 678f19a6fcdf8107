"""Every page that each person comes to by links, measured in one process: `python -m benchmarks.service.walked`.

From the first page on, as a person would; of each address two at most (the first and the last), so that
a landlord of a hundred units and one of forty thousand are both there. With `--again`, what another size found is read
from the standard input, and the same people ask for the same addresses. Prints JSON.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from html import unescape
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import django

ELEMENT = re.compile(rb"<[a-zA-Z]")
LINK = re.compile(r'href="(/[^"#]*|\?[^"#]*)')
#: Whoever has the password of the demonstration enters by it: all that a sign-in does, and takes back what it wrote.
ENTERED = "sign-in, entered"
#: What is typed in the field of every page, that no link has: a street, a reference, a name, one with a wrong letter.
SEARCHED, TYPED = "search, typed", ("rue voltaire", "RH-03", "martin", "narbonne", "delormme")
#: Files as long as what they state, and what changes something.
LEFT_OUT = ("sign-out", "static", "switch-organisation")
REPEATS, SLOW, EACH = 3, 1.0, 2


@dataclass(frozen=True, slots=True)
class Asked:
    """One address, and the person who asks for it."""

    name: str
    role: str
    email: str
    address: str


@dataclass(frozen=True, slots=True)
class Measured(Asked):
    """What it costs. Milliseconds, database included; `bare`: of the barest list, asked in between; `nodes`:
    elements of a page, 0 of a file."""

    status: int
    median: float
    worst: float
    bare: float
    statements: int
    rows: int
    most: str
    bytes: int
    nodes: int


def main(arguments: list[str]) -> int:
    """The command line: names of addresses, or none for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--once", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args(arguments)
    django.setup()
    from django.conf import settings

    settings.ROOT_URLCONF = "benchmarks.service.bare_list"
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.COST_LIMITS, settings.SIGN_IN_PACE = {}, None  # every file of every person, in a few minutes
    repeats = 0 if options.once else REPEATS
    if options.again:
        found = list(again(json.load(sys.stdin), repeats))
    else:
        found = [each for person, role in people() for each in walk(person, role, set(options.names), repeats)]
    sys.stdout.write(json.dumps([asdict(each) for each in found], indent=0) + "\n")
    return 0


def people() -> list[tuple[Any, str]]:
    """One of each role, as the demonstration names them, Action Logement apart, which is the same for all; and who acts
    for the largest landlord."""
    from django.db.models import Count

    from reservations.models import Landlord, Membership

    members = Membership.objects.select_related("user", "organisation").order_by("pk")
    first: dict[tuple[str, str], Any] = {}
    for each in members.exclude(user__email__contains="exemple.test"):
        first.setdefault((each.role, each.organisation.kind), each)
    rows = [(each.user, _called(each)) for each in first.values()]
    landlords = list(Landlord.objects.annotate(units_held=Count("units")).order_by("-units_held"))
    largest = members.filter(organisation=landlords[0].organisation, role=Membership.Role.LANDLORD_MANAGER)
    return [*rows, *((each.user, "LARGEST") for each in largest[:1])]


def _called(member: Any) -> str:
    return str(member.organisation.kind if member.organisation.kind == "ACTION_LOGEMENT" else member.role)


def again(found: Iterable[Mapping[str, Any]], repeats: int) -> Iterator[Measured]:
    """What other measures found, asked here by the same people."""
    from reservations.models import User

    for email, theirs in groupby(found, key=itemgetter("email")):
        client = signed_in(User.objects.get(email=email))
        for each in theirs:
            asked = Asked(each["name"], each["role"], email, each["address"])
            result, _ = measure(client, asked, repeats)
            say(result)
            yield result


def signed_in(person: Any) -> Any:
    """A browser of this person."""
    from django.test import Client

    client = Client(raise_request_exception=False)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def say(given: Measured) -> None:
    """A line for whoever waits."""
    sys.stderr.write(
        f"{given.role} {given.name} {given.address} {given.status} {given.median:.0f} ms, {given.rows} rows\n"
    )


def walk(person: Any, role: str, wanted: set[str], repeats: int) -> list[Measured]:
    """Breadth first. With pages `wanted`, by those alone, and from each that has an address of its own."""
    from django.urls import resolve, reverse

    from reservations.queries.parties import DEMO_PASSWORD

    client = signed_in(person)
    found = list[Measured]()
    if person.check_password(DEMO_PASSWORD) and (not wanted or ENTERED in wanted):
        result, _ = measure(client, Asked(ENTERED, role, person.email, reverse("sign-in")), repeats)
        found.append(result)
        say(result)
    for words in TYPED if not wanted or SEARCHED in wanted else ():
        address = f"{reverse('search')}?{urlencode({'q': words})}"
        result, _ = measure(client, Asked(SEARCHED, role, person.email, address), repeats)
        found.append(result)
        say(result)
    queue = ["/", *(addressed for name in sorted(wanted) if (addressed := own_address(name)))]
    seen = set(queue)
    done: dict[str, int] = {}
    while queue:
        address = queue.pop(0)
        try:
            name = resolve(urlsplit(address).path).url_name or ""
        except django.urls.Resolver404:
            continue
        kind = name + ("?page" if "page=" in address else "?" if "?" in address else "")
        if (
            name in LEFT_OUT
            or "pdf" in name
            or (wanted and name not in wanted)
            or done.get(kind, 0) >= (EACH if "?" not in kind else 1)
        ):
            continue
        done[kind] = done.get(kind, 0) + 1
        result, body = measure(client, Asked(kind, role, person.email, address), repeats)
        found.append(result)
        say(result)
        if not result.nodes:
            continue
        links = [unescape(each) for each in LINK.findall(body.decode("utf-8", "replace"))]
        ordered = [links[at] for at in sorted(range(len(links)), key=lambda at: (at not in (0, len(links) - 1), at))]
        for link in ordered:
            absolute = urljoin(address, link)
            if absolute not in seen:
                seen.add(absolute)
                queue.append(absolute)
    return found


def enter(email: str, address: str) -> Any:
    """What a right password is answered by; nothing of it is kept. Raises RuntimeError when it is refused."""
    from django.db import transaction
    from django.test import Client

    from reservations.queries.parties import DEMO_PASSWORD

    with transaction.atomic():
        answer = Client().post(address, {"email": email, "password": DEMO_PASSWORD})
        transaction.set_rollback(True)
    if answer.status_code != HTTPStatus.FOUND:
        raise RuntimeError(f"{email} was not let in: {answer.status_code}")
    answer.status_code = HTTPStatus.OK
    return answer


def own_address(name: str) -> str:
    """The address of a page that is about nothing in particular; "" for the others."""
    from django.urls import NoReverseMatch, reverse

    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def measure(client: Any, asked: Asked, repeats: int) -> tuple[Measured, bytes]:
    """One address: once for what it reads, then again for how long it takes; with no repeats, once for both."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    from benchmarks.service.rows_read import rows_read

    def ask() -> tuple[Any, bytes, float]:
        began = time.perf_counter()
        entered = asked.name == ENTERED
        answer = enter(asked.email, asked.address) if entered else client.get(asked.address)
        body = b"".join(answer) if answer.streaming else answer.content
        return answer, body, 1000 * (time.perf_counter() - began)

    with transaction.atomic(), CaptureQueriesContext(connection) as queries, rows_read() as read:
        answer, body, first = ask()
    statements = len(queries) - 2
    times, bare = [first], []
    if repeats and first < 1000 * SLOW:
        times = []
        for _ in range(repeats):
            began = time.perf_counter()
            client.get("/liste-nue/")
            bare.append(1000 * (time.perf_counter() - began))
            times.append(ask()[2])
    result = Measured(
        name=asked.name,
        role=asked.role,
        email=asked.email,
        address=asked.address,
        status=answer.status_code,
        median=round(statistics.median(times), 1),
        worst=round(max(times), 1),
        bare=round(statistics.median(bare), 1) if bare else 0.0,
        statements=statements,
        rows=read.total,
        most=read.most,
        bytes=len(body),
        nodes=len(ELEMENT.findall(body)) if body[:200].lstrip()[:9].lower() == b"<!doctype" else 0,
    )
    return result, body


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
