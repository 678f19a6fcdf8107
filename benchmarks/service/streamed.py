"""Lines a second of the files that grow with a year, read whole through the site, in a database thrown away."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db import connection
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from benchmarks.service.ledgers import fall_vacant, holders, open_landlord
from benchmarks.service.measure import scratch_database
from flux.models import Ledger, Recommendation, Vacancy
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Membership, Organisation, User
from reservations.operations.person import grant_membership

#: Units that are decided and confirmed by acts; the others are written again from them.
DECIDED = 500
#: Lines a second that a file gives, at least.
LEAST = 5_000
#: The tables that are written again, and what of a row differs from one time to the next: its numbers, its names.
NUMBERS = {
    "flux_unit": {"id"},
    "flux_vacancy": {"id", "unit_id"},
    "flux_recommendation": {"id", "vacancy_id", "sequence"},
    "flux_routing": {"id", "vacancy_id", "recommendation_id"},
}
NAMES = {"street_number", "reference"}
#: Far beyond the numbers of the rows that acts write.
APART = 1_000_000


@dataclass(frozen=True, slots=True)
class Streamed:
    """One file: its lines, its bytes, and its seconds, of the clock and of the processor of the site."""

    name: str
    lines: int
    bytes: int
    elapsed: float
    processor: float

    @property
    def pace(self) -> int:
        """Lines a second, by the clock."""
        return round(self.lines / self.elapsed)

    @property
    def processor_pace(self) -> int:
        """Lines a second of processor of the site, its database apart."""
        return round(self.lines / self.processor)


def measured(*, lines: int) -> list[Streamed]:
    """The files of at least so many lines that a commune reads of one landlord, each twice, the second time counted."""
    with scratch_database():
        signing = holders()
        ledger = decided(signing)
        multiplied(-(-lines // Vacancy.objects.filter(unit__commune=signing["city"].territory).count()))
        return list(files(ledger, signing["city"]))


def decided(signing: dict[str, Organisation], units: int = DECIDED) -> Ledger:
    """A ledger whose units went where the rule recommended."""
    now = timezone.now()
    landlord, by = open_landlord(1, signing, on=timezone.localdate(now))
    ledger = fall_vacant(landlord, by, units, seed=1, now=now)
    route_waiting_vacancies(ledger_id=ledger.pk, now=now)
    waiting = Recommendation.objects.filter(ledger=ledger).values_list("vacancy", flat=True)
    confirm_recommendations(vacancies=list(waiting), by=by, now=now)
    return ledger


def multiplied(times: int) -> None:
    """Write these units and what was decided of them so many times in all, without what triggers keep beside."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, numbers in NUMBERS.items():
            columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
            values = ", ".join(_again(column, numbers) for column in columns)
            listed = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(
                f"INSERT INTO {table} ({listed}) SELECT {values} FROM {table}, generate_series(1, %s) AS again",
                [times - 1],
            )
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE")


def _again(column: str, numbers: Collection[str]) -> str:
    if column in numbers:
        return f'"{column}" + again * {APART}'
    return f"\"{column}\" || '-' || again" if column in NAMES else f'"{column}"'


def files(ledger: Ledger, organisation: Organisation) -> Iterator[Streamed]:
    """What somebody of this organisation reads of it."""
    person = User.objects.create(email="lecture@exemple.test", full_name="Lecture")
    grant_membership(user=person, organisation=organisation, role=Membership.Role.HOLDER_STAFF)
    holder = organisation.contingents.get()
    addresses = {
        "vacancy-list": f"{reverse('vacancy-list')}?fichier=csv",
        "why-not-us-csv": reverse("why-not-us-csv", args=[ledger.pk, holder.pk]),
    }
    with override_settings(ALLOWED_HOSTS=["testserver"], COST_LIMITS={}):
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        for name, address in addresses.items():
            read(client, name, address)
            yield read(client, name, address)


def read(client: Client, name: str, address: str) -> Streamed:
    """One file, to its end. Raises ValueError when it is refused."""
    began, spent = time.perf_counter(), time.process_time()
    answer = client.get(address)
    if answer.status_code != 200 or not answer.streaming:
        raise ValueError(f"{name}: {answer.status_code}")
    body = b"".join(answer)
    elapsed, processor = time.perf_counter() - began, time.process_time() - spent
    return Streamed(name, body.count(b"\r\n") - 1, len(body), elapsed, processor)
