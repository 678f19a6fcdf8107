"""Add départements to the database that is given, and say how far it is:

python -m benchmarks.service.growing SEED [--departements N] [--until HH:MM]
"""

from __future__ import annotations

import argparse
import sys
import time
from datetime import datetime

import django

#: What a country of five years falls vacant: 400,000 units a year.
COUNTRY = 2_000_000


def main(arguments: list[str]) -> int:
    """The command line: a seed, how many départements there are to be beside the Aude, and until when to begin one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("seed", type=int)
    parser.add_argument("--departements", type=int)
    parser.add_argument("--until", type=clock)
    options = parser.parse_args(arguments)
    django.setup()
    from benchmarks.service.country import add, is_there, plans, reached  # models are there once Django is set up

    missing = [plan for plan in plans(options.seed)[: options.departements] if not is_there(plan)]
    began, done, wanted, at_first = time.monotonic(), 0, sum(plan.wanted for plan in missing), reached()
    for plan in missing:
        spent, name, before = time.monotonic() - began, plan.departement.name, done
        if options.until is not None and time.time() + (spent / done * plan.wanted if done else 0) > options.until:
            sys.stderr.write(f"{name} n’aurait pas le temps d’être fait : la même commande reprendra là.\n")
            break

        def tell(some: int, *, name: str = name) -> None:
            nonlocal done
            done += some
            left = (time.monotonic() - began) / done * (wanted - done) / 60
            sys.stderr.write(f"{name} : {done} logements libérés sur {wanted} au plus, encore {left:.0f} min\n")

        add(plan, seed=options.seed, tell=tell)
        took, some = time.monotonic() - began - spent, done - before
        sys.stderr.write(f"{name}, entier : {some} logements libérés en {took:.0f} s\n")
    now = reached()
    sys.stdout.write(
        f"{now.departements} départements, {now.landlords} bailleurs, {now.units} logements, "
        f"{now.vacancies} libérations en deux ans, {now.bytes / 10**9:.1f} Go\n"
    )
    if done:
        each, size = (time.monotonic() - began) / done, (now.bytes - at_first.bytes) / done
        sys.stdout.write(
            f"Une libération de plus : {1000 * each:.1f} ms, {size / 1000:.1f} ko. Les {COUNTRY} de cinq ans d’un pays "
            f"prendraient {COUNTRY * each / 3600:.0f} h et {COUNTRY * size / 10**9:.0f} Go.\n"
        )
    return 0


def clock(text: str) -> float:
    """« 23:50 » today, in seconds since the epoch."""
    hour, minute = map(int, text.split(":"))
    return datetime.now().astimezone().replace(hour=hour, minute=minute, second=0).timestamp()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
