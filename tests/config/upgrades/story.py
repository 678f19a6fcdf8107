"""The story whose database is kept here as it was at a commit, `<version>.sql.gz`, to be upgraded by
tests/config/test_upgrade.py. It is lived by the acts and the tests' own helpers of that commit, in a checkout of it:

    git worktree add ../equiflux-before COMMIT && cp tests/config/upgrades/story.py ../equiflux-before/tests/
    cd ../equiflux-before && KEPT=/a/folder/1.0.0.sql.gz ./run test tests/story.py -q

Everybody and everything in it is of tests/world.py: nobody exists.
"""

from __future__ import annotations

import gzip
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from attributions.bilan.models import BalanceVersion
from config.local.postgres import folders
from flux.operations.audit import audit_ledgers
from flux.operations.routing import confirm_recommendations, route_waiting_vacancies
from reservations.models import Archive
from reservations.operations.service_notice import link_imprints
from tests.attributions.bilan.acts import lived_by_act, sealed_then_late
from tests.attributions.bilan.balances import draw_balances
from tests.attributions.households.lettings import candidate, convene, decide, lose, offer, put_on_agenda
from tests.own_database import own_database
from tests.world import MORNING, World, build_world, convention


@pytest.mark.django_db(transaction=True)
def test_the_story_is_kept(django_db_blocker: Any) -> None:
    with django_db_blocker.unblock(), own_database("kept") as name:
        live(build_world())
        assert BalanceVersion.objects.filter(sealed_at__isnull=False).exists()
        assert audit_ledgers() == []
        dump(name, Path(os.environ["KEPT"]))


def live(world: World) -> None:
    """A year routed, let in part, its balance sealed, and a lease that comes late; candidates before a committee; the
    convention of another landlord; an archive that was asked for."""
    lived_by_act(world)
    sealed_then_late(world)
    draw_balances()
    households(world)
    Archive.objects.create(organisation=world.city, asked_by=world.people["chloe"], asked_at=MORNING)
    convention(world.other_landlord, world.als, world.places["Hérault"], (world.holders["als"], "20", 1))
    link_imprints()


def households(world: World) -> None:
    """Two candidates for one unit: one gets it, the other gives up."""
    vacancy = world.vacancy(rooms=4)
    route_waiting_vacancies(ledger_id=vacancy.ledger_id, now=MORNING)
    confirm_recommendations(vacancies=[vacancy.pk], by=world.people["aline"], now=MORNING)
    first, second = candidate(world, vacancy), candidate(world, vacancy)
    item = put_on_agenda(convene(world), first, second)
    offer(decide(world, item, first), sent_on=date(2026, 12, 2), answer="ACCEPTED", answered_on=date(2026, 12, 4))
    lose(world, second, "WITHDREW", on=date(2026, 12, 3))


def dump(database: str, path: Path) -> None:
    """What `pg_dump` writes of it, in SQL that any PostgreSQL reads."""
    connection.close()
    address = connection.get_connection_params()
    folder = next(folder for folder in folders() if (folder / "pg_dump").exists())
    command = [folder / "pg_dump", "--no-owner", "--no-privileges", f"--dbname={database}"]
    reached = {"PGHOST": address.get("host"), "PGPORT": address.get("port"), "PGUSER": address.get("user")}
    reached |= {"PGPASSWORD": address.get("password"), "PGPASSFILE": address.get("passfile")}
    known = {key: str(value) for key, value in reached.items() if value}
    text = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **known}).stdout
    path.write_bytes(gzip.compress(text, 9, mtime=0))
