"""Ten thousand mails through a server that refuses, hangs, and answers twice: ./run bench mails [--mails N] [--json]

On an empty database made for it, by two workers of which one is killed in the middle, again and again. Each person has
to be notified once (one `Message-ID`, however often it was handed over) and none is lost. Exit code 1 otherwise.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from benchmarks.command_line import Parser
from benchmarks.mail_server import MailServer

#: Of a hundred addresses, how many the server treats so, the first time that it is given their message.
WAYS = {"later": 3, "cut": 2, "again": 2, "twice": 2, "nobody": 1}
#: Of a thousand: each costs a second of silence.
SILENT = {"hang": 5}
#: Between two rounds, in minutes of the calendar of the queue: longer than a message is held by a worker that died.
ROUND = timedelta(minutes=20)
ROUNDS = 12
WORKERS = 2


@dataclass
class Poured:
    """What became of the mails: `faults`, in sentences; `again`, handed over more than once under one identifier."""

    mails: int
    seconds: float = 0
    rounds: int = 0
    killed: int = 0
    told: int = 0
    refused: int = 0
    again: int = 0
    ways: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def main(arguments: Sequence[str]) -> int:
    """The command line; 1 when somebody was not reported, or was twice."""
    parser = Parser("benchmarks.mails", "Des courriels par un serveur qui refuse, se tait et répond deux fois.")
    parser.add_argument("--mails", type=int, default=10_000, metavar="N", help="courriels à remettre")
    parser.add_argument("--json", action="store_true", help="pour un programme")
    parser.add_argument("--send", metavar="MOMENT", help="un travailleur : remet ce qui est dû à ce moment")
    options = parser.parse_args(arguments)
    if options.send:
        return _worker(datetime.fromisoformat(options.send))
    with MailServer(ways_of) as server:
        os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{server.port}?timeout=1"
        from benchmarks.golive import with_database

        with_database()
        found = pour(options.mails, server, _killing())
    values = vars(found) | {"ways": dict(found.ways), "seconds": round(found.seconds, 1)}
    if options.json:
        sys.stdout.write(json.dumps(values, indent=1, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(
            f"{found.mails} courriels, {found.told} personnes prévenues une fois, {found.refused} adresses refusées, "
            f"{found.again} remis de nouveau sous le même identifiant ; {found.killed} travailleurs tués ; "
            f"{found.seconds:.0f} s.\n" + "".join(f"{each}\n" for each in found.faults)
        )
    return 1 if found.faults else 0


def ways_of(address: str) -> str:
    """What the server does with the first message to this address: drawn from its number, the same each time."""
    number = int(address.partition("@")[0].removeprefix("p"))
    drawn = number * 7919 % 1000
    for way, share in [(way, 10 * share) for way, share in WAYS.items()] + list(SILENT.items()):
        if drawn < share:
            return way
        drawn -= share
    return ""


def pour(mails: int, server: MailServer, work: Callable[[datetime, int], int]) -> Poured:
    """Write the mails, have workers send them round after round, and read what the server took. `work`: a round at a
    moment, with its rank; it returns how many workers were killed."""
    from django.utils import timezone

    from reservations.models import Mail, RefusedAddress
    from reservations.operations.history import post

    found, start, began = Poured(mails), timezone.now(), time.monotonic()
    addresses = [f"p{number}@exemple.test" for number in range(mails)]
    for address in addresses:
        post(to=address, kind="bench", subject="Un logement vous est proposé", says=["Il attend."], now=start)
    for rank in range(ROUNDS):
        found.killed += work(start + rank * ROUND, rank)
        found.rounds = rank + 1
        if Mail.objects.count() == mails and not Mail.objects.filter(state=Mail.State.PENDING).exists():
            break
    found.seconds = time.monotonic() - began
    nobody = {address for address in addresses if ways_of(address) == "nobody"}
    found.ways = Counter(way for address in addresses if (way := ways_of(address)))
    found.refused = RefusedAddress.objects.count()
    for address in addresses:
        taken = server.taken.get(address, [])
        found.told += len(set(taken)) == 1
        found.again += len(taken) > 1
        if len(set(taken)) != (address not in nobody):
            found.faults.append(f"{address} : {len(set(taken))} messages au lieu de {int(address not in nobody)}")
    if found.refused != len(nobody):
        found.faults.append(f"{found.refused} adresses refusées au lieu de {len(nobody)}")
    left = Mail.objects.filter(state__in=[Mail.State.PENDING, Mail.State.GIVEN_UP]).count()
    if left:
        found.faults.append(f"{left} courriels attendent encore")
    return found


def _killing() -> Callable[[datetime, int], int]:
    """Rounds of two workers; in the first five, one is killed in the middle of what it does."""

    def work(now: datetime, rank: int) -> int:
        command = [sys.executable, "-P", "-m", "benchmarks.mails", "--send", now.isoformat()]
        workers = [subprocess.Popen(command, env=os.environ) for _ in range(WORKERS)]
        killed = 0
        if rank < 5:
            time.sleep(4 + rank)
            if workers[0].poll() is None:
                workers[0].send_signal(signal.SIGKILL)
                killed = 1
        for each in workers:
            each.wait()
        return killed

    return work


def _worker(now: datetime) -> int:
    """Send until nothing is due at this moment."""
    import django

    django.setup()
    drain(now)
    return 0


def drain(now: datetime) -> None:
    """Take turns until nothing is due."""
    from reservations.models import Mail, MailItem
    from reservations.operations.mail_sending import send_mails

    while (
        MailItem.objects.waiting().filter(due_at__lte=now).exists()
        or Mail.objects.filter(state=Mail.State.PENDING, next_at__lte=now).exists()
    ):
        send_mails(now=now)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
