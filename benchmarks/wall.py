"""What the second wall costs to the pages asked most often: ./run bench wall [--requests N] [--pairs N] [--write]

With --credential, what each page takes to sign and verify for whom it is, in pairs with one that takes it at its word.
With --width, how many rows it shows beside those of the pages (`benchmarks/service/width.py`), and nothing is timed.

Each page is asked in pairs, one behind the wall (the account of the site, with a credential) and one without (the
owner of the tables, whom no policy holds, without one), the first of each pair in turn, in one process, on
a copy of the demonstration to which so many requests of the past are added, shared out between its organisations and
its units. The ratio is the median of those of the pairs: what loads the machine loads both. docs/second-wall.md holds
what it found.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

import django
import psycopg
from psycopg import sql

from benchmarks.command_line import Parser
from benchmarks.data import copy, is_made
from benchmarks.page import put

#: Those of docs/performance.md, asked most often: every landing page of a role and every list of its work.
BUSIEST = (
    *("home", "vacancy-list", "file-list", "account-list", "application-list"),
    *("offer-list", "session-list", "objective-list", "step-times", "convention-list"),
)
#: Those that read what is walled by its key.
NAMING = ("application-detail", "file", "proposal-detail", "access-journal", "file-import-list")
SMALL, NAME = "small", "bench_wall"

#: Requests that were closed or wait, each with an organisation and an ended candidature like one of the demonstration.
REQUESTS = """
INSERT INTO attributions_application (number, name, nationality, closure, closed_on, recorded_at, requested_on,
    state_agent, urban_renewal)
SELECT 'Z' || lpad(n::text, 17, '0'), 'Ménage ' || n, '', CASE WHEN n % 4 = 0 THEN '' ELSE 'NO_ANSWER' END,
    CASE WHEN n % 4 > 0 THEN date '2026-06-01' END, now() - n * interval '1 minute', '2024-01-01', false, false
FROM generate_series(1, {requests}) n;
INSERT INTO attributions_application_organisations (application_id, organisation_id)
SELECT a.id, o.id FROM (SELECT *, row_number() OVER (ORDER BY id) n FROM attributions_application) a
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 n, count(*) OVER () every FROM reservations_organisation) o
ON o.n = a.n % o.every WHERE a.name LIKE 'Ménage %';
INSERT INTO attributions_proposal (application_id, vacancy_id, routing_id, proposer_id, designation_id, status,
    position, created_at, created_by_id, since, dalo_designated, state_agent, urban_renewal)
SELECT a.id, p.vacancy_id, p.routing_id, p.proposer_id, p.designation_id, 'ENDED', 1, now(), p.created_by_id, now(),
    false, false, false
FROM (SELECT *, row_number() OVER (ORDER BY id) n FROM attributions_application WHERE name LIKE 'Ménage %') a
JOIN (SELECT *, row_number() OVER (ORDER BY id) - 1 n, count(*) OVER () every FROM attributions_proposal
    WHERE designation_id IS NOT NULL) p ON p.n = a.n % p.every;
"""


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when the demonstration is not there."""
    parser = Parser("benchmarks.wall", "Ce que coûte le second mur aux pages les plus demandées.")
    parser.add_argument("--requests", type=int, default=120_000, metavar="N", help="combien de demandes du passé")
    parser.add_argument("--pairs", type=int, default=15, metavar="N", help="combien de fois chaque page")
    parser.add_argument("--width", action="store_true", help="ce que le mur montre, à côté des pages")
    parser.add_argument("--credential", action="store_true", help="ce que coûte ce qui est signé et vérifié")
    parser.add_argument("--write", action="store_true", help="écrit le tableau dans docs/second-wall.md")
    options = parser.parse_args(arguments)
    if not is_made(SMALL):
        sys.stderr.write(f"Faites d’abord la base : ./run bench data --size {SMALL}\n")
        return 1
    made(0 if options.width else options.requests)
    django.setup()
    if options.width:
        from benchmarks.service.width import of_each_kind, widths

        command, table = "./run bench wall --width", of_each_kind(widths(behind_the_wall))
    elif options.credential:
        made_to_compare()
        found = list(verifications(options.pairs))
        command, table = "./run bench wall --credential", of_credentials(found, options.requests)
    else:
        command, table = "./run bench wall", markdown(list(measured(options.pairs)), options.requests)
    if options.write:
        put(command, table, page="second-wall.md")
    sys.stdout.write(table + "\n")
    return 0


def made(requests: int) -> None:
    """The database, made again: this process and those that it starts are on it from now on."""
    copy(SMALL, NAME)
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        database.execute("SET session_replication_role = replica")  # in bulk: no trigger writes an imprint of each
        database.execute(sql.SQL(REQUESTS).format(requests=sql.Literal(requests)))
        database.execute("VACUUM ANALYZE")


#: What of a page its credential may take, for each hundred.
MOST = 5
#: What verifies credentials, beside one that takes them at their word where the session says so.
VERIFYING = """
ALTER FUNCTION reservations_credential(text) RENAME TO bench_verified;
CREATE FUNCTION reservations_credential(use text) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF current_setting('bench.word', true) = 'taken' THEN
        RETURN substr(nullif(current_setting('equiflux.' || use, true), ''), 65)::jsonb;
    END IF;
    RETURN bench_verified(use);
END
$$;
ALTER DATABASE {database} SET track_functions = 'all'
"""
VERIFIED = """
SELECT pg_stat_force_next_flush(), pg_stat_get_function_calls(oid), pg_stat_get_function_total_time(oid)
FROM pg_proc WHERE proname = 'bench_verified'
"""


@dataclass(frozen=True, slots=True)
class Credential:
    """What one costs to a page of a person: how often an answer verifies it, in milliseconds; the milliseconds of the
    page where it is taken at its word, and how many times as long it is where it is signed and verified."""

    page: str
    role: str
    verified: float
    spent: float
    without: float
    ratio: float

    @property
    def share(self) -> float:
        return self.spent / (self.without * self.ratio)


def made_to_compare() -> None:
    """The database verifies credentials, or takes them at their word, as each session asks."""
    statement = sql.SQL(VERIFYING).format(database=sql.Identifier(NAME))
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as database:
        database.execute(statement)


def verifications(pairs: int) -> Iterator[Credential]:
    """Of each page that answers, for each person."""
    for client, role, name, address in asked():
        calls, spent = verified_until_now()
        without, ratio = compared(client, address, pairs, taken_at_its_word)
        calls_then, spent_then = verified_until_now()
        answers = pairs + 1
        found = Credential(name, role, (calls_then - calls) / answers, (spent_then - spent) / answers, without, ratio)
        sys.stderr.write(f"{found}\n")
        yield found


def verified_until_now() -> tuple[int, float]:
    """(how many credentials, in how many milliseconds)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(VERIFIED)
        cursor.execute(VERIFIED)  # what this session has not reported yet is in the second answer
        _, calls, spent = cursor.fetchone()
    return calls or 0, spent or 0.0


@contextmanager
def taken_at_its_word() -> Iterator[None]:
    """Behind the wall, as what it reads was before it was signed: neither signed nor verified."""
    from django.db import connection

    from reservations import credentials

    signing, credentials.signed = credentials.signed, unsigned
    with behind_the_wall():
        connection.connection.execute("SET bench.word = 'taken'")
        try:
            yield
        finally:
            connection.connection.execute("RESET bench.word")
            credentials.signed = signing


def unsigned(*, given: Mapping[str, object], **_: object) -> str:
    """The content of a credential, where its signature would be preceded by nothing."""
    return " " * 64 + json.dumps(given)


def of_credentials(found: Sequence[Credential], requests: int) -> str:
    """One line a page: the person of whom its credential takes most."""
    people = len({each.role for each in found})
    lines = [
        f"{requests:,} requests beside those of the demonstration; {len(found)} pages, of {people} kinds of people.",
        "",
        "| page | verified | ms | of the page | at worst, for |",
        "| --- | --: | --: | --: | --- |",
    ]
    for name in (*BUSIEST, *NAMING):
        here = [each for each in found if each.page == name]
        if here:
            most = max(here, key=lambda each: each.share)
            lines.append(f"| {name} | {most.verified:.1f} | {most.spent:.2f} | {most.share:.1%} | {most.role} |")
    ratio = statistics.geometric_mean(each.ratio for each in found)
    worst = max(each.share for each in found)
    return "\n".join(
        [
            *lines,
            "",
            f"All pages together: × {ratio:.3f}. At worst {worst:.1%} of a page, of {MOST} % that it may take.",
        ]
    )


def measured(pairs: int) -> Iterator[tuple[str, str, float, float]]:
    """(page, role, milliseconds without, ratio) of each page that answers, for each person."""
    for client, role, name, address in asked():
        without, ratio = compared(client, address, pairs, without_it)
        sys.stderr.write(f"{role} {name} {without:.1f} ms × {ratio:.3f}\n")
        yield name, role, without, ratio


def asked() -> Iterator[tuple[Any, str, str, str]]:
    """(client, role, page, address) of each page that answers, for each person."""
    from django.conf import settings
    from django.test import Client

    from benchmarks.service.walked import people

    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    for person, role in people():
        client = Client(raise_request_exception=False)
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name, address in addresses(person):
            if client.get(address).status_code == 200:
                yield client, role.lower(), name, address


def addresses(person: Any) -> Iterator[tuple[str, str]]:
    """Each page, about the last thing that this person reads."""
    from django.urls import reverse

    from attributions.households.models import Application, Proposal
    from reservations.middleware import memberships_of

    for name in BUSIEST:
        yield name, reverse(name)
    member = memberships_of(person)[0]
    proposal = Proposal.objects.visible_to(member).order_by("pk").last()
    application = Application.objects.visible_to(member).order_by("pk").last()
    about = {"application-detail": application and application.pk, "proposal-detail": proposal and proposal.pk}
    about["file"] = proposal and proposal.vacancy_id
    for name in NAMING:
        if name not in about or about[name]:
            yield name, reverse(name, args=[about[name]] if name in about else [])


def compared(
    client: Any, address: str, pairs: int, without: Callable[[], AbstractContextManager[None]]
) -> tuple[float, float]:
    """(median of the milliseconds without it, median of the ratios of the pairs). Each side once for nothing."""
    sides: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(-1, pairs):
        for is_behind in (turn % 2 == 0, turn % 2 != 0):
            with behind_the_wall() if is_behind else without():
                began = time.perf_counter()
                client.get(address)
                took = 1000 * (time.perf_counter() - began)
            if turn >= 0:
                sides[is_behind].append(took)
    ratios = [behind / other for behind, other in zip(sides[True], sides[False], strict=True)]
    return statistics.median(sides[False]), statistics.median(ratios)


@contextmanager
def behind_the_wall() -> Iterator[None]:
    """As the site serves."""
    from django.db import connection

    from config.database_roles import APPLICATION, role

    connection.ensure_connection()
    connection.connection.execute(f'SET ROLE "{role(APPLICATION, str(connection.settings_dict["NAME"]))}"')
    try:
        yield
    finally:
        connection.connection.execute("RESET ROLE")


@contextmanager
def without_it() -> Iterator[None]:
    """As before there was one."""
    from reservations.models import wall

    giving, wall._give = wall._give, lambda *_, **__: ""
    taking, wall._take_back = wall._take_back, lambda: None
    try:
        yield
    finally:
        wall._give, wall._take_back = giving, taking


def markdown(found: Sequence[tuple[str, str, float, float]], requests: int) -> str:
    """One line a page: the person to whom the wall costs most, and the median of all of them."""
    lines = [
        f"{requests:,} requests beside those of the demonstration.",
        "",
        "| page | ms without | × behind the wall | at worst, for |",
        "| --- | --: | --: | --- |",
    ]
    for name in (*BUSIEST, *NAMING):
        here = [row for row in found if row[0] == name]
        if here:
            worst = max(here, key=lambda row: row[3])
            without = statistics.median(row[2] for row in here)
            ratio = statistics.median(row[3] for row in here)
            lines.append(f"| {name} | {without:.1f} | {ratio:.3f} | {worst[3]:.3f}, {worst[1]} |")
    ten = [row[3] for row in found if row[0] in BUSIEST]
    lines += ["", f"The ten busiest, together: × {statistics.geometric_mean(ten):.3f}."]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
