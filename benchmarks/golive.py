"""A landlord goes live: ./run golive-rehearsal [--units N] [--json]

On an empty database made for it, through the product's own pages: files given, read, confirmed; people who enter by
their links; the first notice that comes by the API, and where it is routed. Prints how long it took and how many
human steps: forms sent and files confirmed by the people who put the landlord into service, its holders' included
(each other person's own entry is apart). Exit code 1 when a count is not the one of the files.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from benchmarks import golive_files as files
from benchmarks.command_line import Parser
from benchmarks.golive_days import clock, opened, since, today, year
from benchmarks.golive_wrong import SORTS, everything, try_doors, try_file

if TYPE_CHECKING:
    from django.test import Client

NAME = "bench_golive"
#: The most human steps that going live may take.
MOST_STEPS = 40
PASSWORD = "cheval agrafe pile correct"  # noqa: S105 - of people who live for a minute


@dataclass
class Rehearsal:
    """What was done, by whom, how long it took, and what was counted."""

    units: int
    steps: list[tuple[str, str]] = field(default_factory=list)
    entries: int = 0
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def count(self, what: str, expected: int, found: int) -> None:
        """What the files say, and what the product has."""
        self.counts[what] = (expected, found)

    @property
    def faults(self) -> list[str]:
        """The counts that are not those of the files."""
        wrong = {what: both for what, both in self.counts.items() if both[0] != both[1]}
        return [f"{what} : {found} au lieu de {wanted}" for what, (wanted, found) in wrong.items()]


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when a count is wrong, or when it takes too many steps."""
    parser = Parser("benchmarks.golive", "La mise en service d’un bailleur, de ses fichiers au premier congé orienté.")
    parser.add_argument("--units", type=int, default=5_000, metavar="N", help="logements du bailleur")
    parser.add_argument("--on", type=date.fromisoformat, metavar="AAAA-MM-JJ", help="comme si c’était ce jour-là")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    options = parser.parse_args(arguments)
    with_database()
    with clock(options.on):
        found = rehearse(options.units)
    values = {
        "units": found.units,
        "steps": len(found.steps),
        "most_steps": MOST_STEPS,
        "entries": found.entries,
        "seconds": {name: round(each, 2) for name, each in found.seconds.items()},
        "counts": {what: {"expected": wanted, "found": had} for what, (wanted, had) in found.counts.items()},
        "faults": found.faults,
    }
    if options.json:
        sys.stdout.write(json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join(report(found)) + "\n")
    return int(bool(found.faults) or len(found.steps) > MOST_STEPS)


def report(found: Rehearsal) -> list[str]:
    """What a person reads."""
    return [
        *(f"{number:3}. {who} : {what}" for number, (who, what) in enumerate(found.steps, 1)),
        "",
        *(f"{what:40} {had:6} (attendu : {wanted})" for what, (wanted, had) in found.counts.items()),
        "",
        *(f"{name:32} {each:6.1f} s" for name, each in found.seconds.items()),
        "",
        f"{len(found.steps)} gestes humains ({MOST_STEPS} au plus), {found.entries} personnes entrées par leur lien.",
        *(f"FAUX : {fault}" for fault in found.faults),
    ]


def with_database() -> None:
    """Make an empty database, and have Django use it."""
    address = urlsplit(os.environ["DATABASE_URL"])
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {NAME}")
    os.environ["DATABASE_URL"] = urlunsplit(address._replace(path=f"/{NAME}"))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.test.utils import setup_test_environment

    setup_test_environment()
    settings.COST_LIMITS = {}  # three hundred wrong files in a minute: nobody gives that
    call_command("migrate", verbosity=0, interactive=False)
    call_command("load_territories", verbosity=0, stdout=io.StringIO())


def rehearse(units: int) -> Rehearsal:
    """From an empty database to the first routed notice."""
    found = Rehearsal(units)
    result = files.units(units)
    references = [str(row[1]) for row in result]
    began = time.monotonic()

    def timed(name: str, do: Callable[[], Any]) -> Any:
        start = time.monotonic()
        done = do()
        found.seconds[name] = time.monotonic() - start
        return done

    manager = timed("compte du responsable", lambda: _manager(found))
    timed("parc", lambda: give(found, manager, "logements", files.unit_file(result)))
    timed("réservataires", lambda: give(found, manager, "reservataires", files.holder_file()))
    names = _sirens()
    timed("conventions", lambda: give(found, manager, "conventions", files.convention_file(names, year())))
    timed("droits en stock", lambda: give(found, manager, "droits", files.right_file(names, references, RIGHTS)))
    timed("personnes", lambda: give(found, manager, "personnes", files.people_file(PEOPLE)))
    inside = timed("liens", lambda: _enter(found, manager))
    timed("soldes d’ouverture", lambda: _openings(found, manager, names, inside))
    timed("orientations passées", lambda: _past(found, manager, references))
    timed("premier congé par l’API", lambda: _notice(found, manager))
    _counted(found, units)
    wrong = files.wrong_files(names, result, year())
    before = everything()
    timed("fichiers faux", lambda: _wrong(found, manager, wrong))
    after = everything()
    moved = {label: after[label] - before[label] for label in before | after if after[label] != before[label]}
    found.count("lignes écrites par un fichier faux", 0, sum(map(abs, moved.values())))
    for label in sorted(moved):
        found.count(f"{label}, après les fichiers faux", before[label], after[label])
    _counted(found, units)
    found.seconds["en tout"] = time.monotonic() - began
    return found


RIGHTS, PEOPLE, PAST = 150, 30, 300


def send(found: Rehearsal, step: tuple[str, str], client: Client, address: str, given: dict[str, Any]) -> Any:
    """One human step: a form sent. Raises AssertionError when the product refuses it."""
    answer = client.post(address, given)
    assert answer.status_code == 302, f"{step[1]} : {unescape(answer.content.decode())}"
    found.steps.append(step)
    return answer


def _manager(found: Rehearsal) -> Client:
    """The operator opens the installation, records the landlord and invites its manager, who enters."""
    from django.test import Client
    from django.urls import reverse

    from reservations.models import Organisation
    from reservations.operations.people_review import appoint_administrator

    appoint_administrator(
        siren="990000044",
        organisation_name="Exploitant",
        email="exploitant@equiflux.example",
        full_name="Exploitant",
        password=PASSWORD,
    )
    found.steps.append(("exploitant", "se nomme administrateur (commande)"))
    operator = Client()
    sign_in(operator, "exploitant@equiflux.example")
    landlord = {"name": files.LANDLORD_NAME, "siren": files.LANDLORD_SIREN, "kind": "LANDLORD", "acronym": "HC"}
    send(found, ("exploitant", "enregistre le bailleur"), operator, reverse("organisation-new"), landlord)
    person = {
        "email": "direction@corbieres.example",
        "full_name": "Direction",
        "organisation": Organisation.objects.get(siren=files.LANDLORD_SIREN).pk,
        "role": "LANDLORD_MANAGER",
    }
    send(found, ("exploitant", "invite son responsable"), operator, reverse("person-new"), person)
    page = unescape(operator.get(reverse("invitation-link")).content.decode())
    [link] = re.findall(r'value="https?://[^/]+(/invitation/\?cle=[^"]+)"', page)
    manager = take(link)
    found.steps.append(("responsable", "choisit son mot de passe"))
    return manager


def sign_in(client: Client, email: str) -> None:
    """By the door."""
    from django.urls import reverse

    answer = client.post(reverse("sign-in"), {"email": email, "password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()


def take(link: str) -> Client:
    """A person opens their link, and chooses a password: they are in."""
    from django.test import Client
    from django.urls import reverse

    client = Client()
    client.get(link)
    answer = client.post(reverse("invitation"), {"password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def give(found: Rehearsal, manager: Client, kind: str, content: bytes) -> None:
    """A file is chosen, its worker reads it, its page is read, and confirmed. Two steps."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from reservations.imports.door import run
    from reservations.models import FileImport, ImportedLine

    file = SimpleUploadedFile(f"{kind}.csv", content)
    send(
        found,
        ("responsable", f"donne le fichier « {kind} »"),
        manager,
        reverse("file-import-new", args=[kind]),
        {"file": file},
    )
    order = run(FileImport.objects.latest("pk"))
    rows = [(line.line, line.remarks) for line in ImportedLine.objects.filter(file_import=order, verdict="REFUSED")[:5]]
    assert (order.state, order.refused) == (FileImport.State.CHECKED, 0), (kind, order.failure, rows)
    page = unescape(manager.get(reverse("file-import", args=[order.pk])).content.decode())
    [digest] = re.findall(r'name="digest" value="(\w+)"', page)
    confirm = reverse("file-import-confirm", args=[order.pk])
    send(found, ("responsable", f"lit ce qu’il change et confirme « {kind} »"), manager, confirm, {"digest": digest})
    order = run(FileImport.objects.get(pk=order.pk))
    assert order.state == FileImport.State.DONE, (kind, order.failure)


def _openings(found: Rehearsal, manager: Client, names: Sequence[str], inside: dict[str, Client]) -> None:
    """What was owed before, given by a file; each holder accepts its own."""
    from django.urls import reverse

    from flux.models import OpeningBalance
    from reservations.models import Membership

    content = files.opening_file(names, f"{since():%d/%m/%Y}", f"{opened():%d/%m/%Y}")
    give(found, manager, "ouvertures", content)
    proposed = OpeningBalance.objects.active().select_related("holder__organisation").order_by("pk")
    for opening in proposed:
        at = Membership.objects.filter(organisation=opening.holder.organisation_id).select_related("user").get()
        step = (str(opening.holder), "accepte son solde d’ouverture")
        send(found, step, inside[at.user.email], reverse("opening-detail", args=[opening.pk]), {"act": "ACCEPTED"})
    found.count("soldes d’ouverture acceptés", len(proposed), OpeningBalance.objects.accepted().count())


def _past(found: Rehearsal, manager: Client, references: Sequence[str]) -> None:
    """The rest of the year, unit by unit, from its spreadsheet: each debits whom it calls so, and none waits to be
    routed again."""
    from flux.models import FlowEntry, Vacancy

    kept = set(files.bearers(references, RIGHTS))
    flow = [each for each in references if each not in kept]
    past = min(PAST, len(flow) - 1)  # one is left for the first notice
    days = [opened() + timedelta(number) for number in range(max(1, (today() - opened()).days))]
    give(found, manager, "orientations-passees", files.past_file(flow, past, days))
    found.count("orientations passées", past, Vacancy.objects.filter(source=Vacancy.Source.PAST).count())
    routed = FlowEntry.objects.filter(stage=FlowEntry.Stage.ROUTED, vacancy__source=Vacancy.Source.PAST)
    debited = Counter(str(each.holder) for each in routed.select_related("holder__organisation"))
    for place, name in enumerate(files.NICKNAMES.values()):
        found.count(f"débités, {name}", len(range(place, past, len(files.NICKNAMES))), debited[name])
    found.count("remis à orienter", 0, Vacancy.objects.waiting().count())


def _notice(found: Rehearsal, manager: Client) -> None:
    """The landlord's software is given a token, and sends the first notice as it comes; the worker recommends, the
    manager confirms."""
    from django.test import Client
    from django.urls import reverse
    from django.utils import timezone

    from flux.models import Routing, Unit, Vacancy
    from flux.operations.routing import route_waiting_vacancies

    reference = str(Unit.objects.filter(stock_assignments=None).latest("pk").reference)
    on = today()
    token = {"name": "Gestion locative", "scopes": ["READ", "NOTICES"], "expires_on": f"{on + timedelta(90):%d/%m/%Y}"}
    answer = manager.post(reverse("token-list"), token)
    found.steps.append(("responsable", "relie son logiciel : un jeton"))
    [secret] = re.findall(r"eqf_[\w-]+", answer.content.decode())
    notice = {"unit": reference, "notice_on": str(on), "available_on": str(on), "kind": "IN_FLOW"}
    pushed = Client().post(
        reverse("api-vacancies"),
        json.dumps(notice),
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "premier-conge"},
    )
    assert pushed.status_code == 201, pushed.content.decode()
    vacancy = Vacancy.objects.get(unit__reference=reference)
    assert vacancy.ledger_id is not None  # it entered the flow
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=timezone.now())
    confirm = reverse("vacancy-confirm", args=[vacancy.pk])
    send(found, ("responsable", "confirme l’orientation du premier congé"), manager, confirm, {})
    found.count("premier congé orienté", 1, Routing.objects.filter(vacancy=vacancy, closed_at=None).count())


def _wrong(found: Rehearsal, manager: Client, wrong: Sequence[files.Wrong]) -> None:
    """Each fault is named by its line, at every door, and nothing is written."""
    named = [each.what for each in wrong if try_file(manager, each)]
    found.count("fichiers faux de ce bailleur, fautes nommées", len(wrong), len(named))
    kinds, tried, result = try_doors(manager)
    found.count("sortes de faute, à chaque porte", max(SORTS, len(kinds)), len(kinds))
    found.count("fichiers faux de toutes les portes, fautes nommées", tried, result)


def _sirens() -> list[str]:
    """Of the holders, in the order of their file: the directory gave those of the authorities."""
    from reservations.models import Membership, Organisation

    invited = Organisation.objects.filter(invitations__role=Membership.FIRST_OF_HOLDER).order_by("invitations__email")
    return [str(each.siren) for each in invited]


def _enter(found: Rehearsal, manager: Client) -> dict[str, Client]:
    """The links are taken in one file and passed on; everybody enters, and chooses a password. The holders' managers
    count as steps: nothing goes on without them."""
    from django.urls import reverse

    answer = manager.post(reverse("invitation-links"))
    found.steps.append(("responsable", "prend tous les liens et les transmet"))
    inside = {}
    for row in list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]:
        inside[row[1]] = take(urlsplit(row[4])._replace(scheme="", netloc="").geturl())
        found.entries += 1
        if row[1].startswith("responsable"):
            found.steps.append((row[2], "choisit son mot de passe"))
    return inside


def _counted(found: Rehearsal, units: int) -> None:
    """What the product has, beside what the files say."""
    from flux.models import StockAssignment, Unit
    from reservations.models import Convention, Membership, Organisation, StockRight

    mine = {"landlord__organisation__siren": files.LANDLORD_SIREN}
    found.count("logements", units, Unit.objects.filter(**mine, is_own_reference=True).count())
    found.count(
        "réservataires", len(files.HOLDERS), Organisation.objects.exclude(kind__in=["LANDLORD", "OPERATOR"]).count()
    )
    found.count(
        "conventions signées",
        len({(rate[0], rate[2]) for rate in files.RATES}),
        Convention.objects.filter(**mine, status="SIGNED").count(),
    )
    found.count("droits en stock", RIGHTS, StockRight.objects.filter(**mine).count())
    found.count("logements qui les portent", RIGHTS, StockAssignment.objects.filter(unit__isnull=False).count())
    people = Membership.objects.filter(organisation__siren=files.LANDLORD_SIREN, user__is_active=True)
    found.count("personnes du bailleur", PEOPLE + 1, people.count())
    found.count(
        "responsables des réservataires", len(files.HOLDERS), Membership.objects.filter(role="HOLDER_MANAGER").count()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
