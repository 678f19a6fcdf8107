"""Fill the database that is given with a département, and say how far it is:

python -m benchmarks.service.filling SEED
"""

from __future__ import annotations

import sys
import time

import django


def main(arguments: list[str]) -> int:
    """The command line: a seed, then the sizes of the landlords when they are not those of a département."""
    django.setup()
    from benchmarks.service.stored import DEPARTEMENT, fill  # models are there once Django is set up

    began = time.monotonic()

    def tell(name: str, done: int, wanted: int) -> None:
        spent = time.monotonic() - began
        left = spent / done * (wanted - done) / 60
        sys.stderr.write(f"{name} : {done} logements libérés sur {wanted}, encore {left:.0f} min\n")

    fill(sizes=tuple(map(int, arguments[1:])) or DEPARTEMENT, seed=int(arguments[0]), tell=tell)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
