"""A backup brings back every row, file, seal and trigger: made by real commands, destroyed, restored, compared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
import time_machine
from django.db import DatabaseError, connection
from django.utils import timezone
from psycopg import sql
from pytest_django import DjangoDbBlocker

from attributions.bilan.models import BalanceVersion
from attributions.retention import pseudonymise_due
from config.backup import Backup, back_up, differences, forget_old, held, read, restore
from config.database_roles import BACKUP, PASSWORDS, role
from flux.models import Ledger, Recommendation
from flux.operations.audit import confirmed, tampering
from flux.queries.controls.folds import drift
from reservations.models import Convention, Organisation, ReservationHolder, SignedDocument
from reservations.operations.log import append_leaves, sign_checkpoint, signers_of
from reservations.operations.service_notice import link_imprints
from reservations.refusals import Refusal
from tests.attributions.bilan.acts import lived_by_act, sealed_then_late
from tests.attributions.bilan.balances import DAY, SENT, YEAR, answer, contest, correct, lived, people, send, sign
from tests.attributions.households.named import housed
from tests.attributions.test_retention import close
from tests.guards import unguarded
from tests.house.test_tampering import behind_the_triggers
from tests.house.tree import ROOT, STOREYS
from tests.one_template import server
from tests.own_database import own_database
from tests.reservations.verifiable.proved import KEYS
from tests.walled import ACCOUNT_PASSWORD, make_accounts
from tests.world import MORNING, build_world

FILE = bytes(range(256)) * 40
NIGHT = datetime(YEAR + 1, 5, 1, 0, 15, tzinfo=UTC)


@contextmanager
def empty_database(suffix: str) -> Iterator[str]:
    """Django’s connection leads to an empty database, without a table, until the end."""
    before = connection.settings_dict["NAME"]
    name = f"{before}_{suffix}"
    with server() as postgres:
        postgres.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        postgres.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before
        with server() as postgres:
            postgres.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def manage(*command: str, account: str = "", code: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """A real command, on the database that Django’s connection leads to now, with its account or another, of this code
    or another."""
    address = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    if account:
        address = address._replace(netloc=f"{account}:{ACCOUNT_PASSWORD}@{address.netloc.rpartition('@')[2]}")
    environment = {**os.environ, "DATABASE_URL": urlunsplit(address), "DJANGO_SETTINGS_MODULE": "config.settings"}
    environment["PYTHONPATH"] = str(code)
    line = [sys.executable, "-P", str(code / "manage.py"), *command]
    return subprocess.run(line, cwd=code, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def saved(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Backup]:
    """The backup of a year that ended with a sealed balance and a signed file, on the night that follows."""
    folder = tmp_path_factory.mktemp("backups")
    with django_db_blocker.unblock():
        with own_database("saved") as name, time_machine.travel(NIGHT, tick=False):
            world = build_world()
            lived_by_act(world)
            sealed_then_late(world)
            SignedDocument.objects.create(
                convention=Convention.objects.order_by("pk")[0],
                name="convention.pdf",
                content_type="application/pdf",
                content=FILE,
                size=len(FILE),
                sha256=sha256(FILE).hexdigest(),
                attached_by=world.people["alice"],
            )
            make_accounts()
            done = manage("backup", str(folder), account=role(BACKUP, name))
            assert done.returncode == 0, done.stderr
        with server() as postgres:
            for work in PASSWORDS:
                postgres.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role(work, name))))
        (dump,) = folder.glob("*.dump")
        assert done.stdout.startswith(f"{dump} : ")
        yield read(dump)


def test_destroyed_base_comes_back_row_by_row_and_proves_it(saved: Backup) -> None:
    """« The restore test brings back every row, file and seal. »"""
    with empty_database("again"):
        done = manage("restore", str(saved.dump))
        assert done.returncode == 0, done.stderr
        assert f"{len(saved.held.tables)} tables, {saved.held.rows} lignes" in done.stdout
        assert "1 versions de bilan ont l’empreinte de leur contenu" in done.stdout
        assert "0 différences" in done.stdout
        assert bytes(SignedDocument.objects.get().content) == FILE
        assert BalanceVersion.objects.get().sealed_at is not None
        with connection.cursor() as cursor, pytest.raises(DatabaseError):
            cursor.execute("UPDATE attributions_balanceversion SET seal = repeat('0', 64)")
        again = manage("restore", str(saved.dump))
        assert again.returncode == 1
        assert f"contient déjà {len(saved.held.tables)} tables, et rien n’y est écrasé" in again.stderr


def test_what_did_not_come_back_as_it_was_is_named(saved: Backup) -> None:
    """One figure, one row less, a trigger left off, a sequence that would give a number twice."""
    with empty_database("other"):
        assert restore(saved) == []
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "UPDATE flux_flowentry SET quantity = quantity + 1 WHERE id = (SELECT min(id) FROM flux_flowentry)"
            )
            cursor.execute("DELETE FROM reservations_signeddocument")
            cursor.execute("ALTER TABLE attributions_balanceversion DISABLE TRIGGER ALL")
            cursor.execute("SELECT setval('flux_vacancy_id_seq', 1)")
            cursor.execute("RESET session_replication_role")
        found = list(differences(saved.held, held()))
        assert found[0] == "table flux_flowentry : des lignes diffèrent"
        assert found[1] == "table reservations_signeddocument : 1 lignes sauvegardées, 0 lignes rétablies"
        assert found[2] == "séquence flux_vacancy_id_seq : pas comme avant"
        assert {each.split(".")[0] for each in found[3:]} == {"déclencheur attributions_balanceversion"}


def test_backup_that_was_touched_or_cut_is_refused_before_anything_is_written(saved: Backup, tmp_path: Path) -> None:
    alone = tmp_path / saved.dump.name
    alone.write_bytes(saved.dump.read_bytes())
    with pytest.raises(Refusal, match="faite de deux fichiers"):
        read(alone)
    alone.with_suffix(".json").write_bytes(saved.dump.with_suffix(".json").read_bytes())
    alone.write_bytes(saved.dump.read_bytes()[:-1])
    with pytest.raises(Refusal, match="n’est plus tel qu’il a été écrit"):
        read(alone)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_a_backup_that_fails_and_old_ones_go_last(tmp_path: Path) -> None:
    nights = [NIGHT.replace(day=number) for number in (1, 2, 3)]
    made = [back_up(tmp_path, now=night).dump for night in nights]
    assert forget_old(tmp_path, keep=2) == made[:1]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.with_suffix(suffix).name for path in made[1:] for suffix in (".dump", ".json")
    )
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Refusal, match="ne peut pas être écrit"):
        back_up(tmp_path / "file", now=NIGHT)
    assert not list(tmp_path.glob("*.part"))


def with_another_rule(folder: Path) -> Path:
    """The code of another version: it chooses the last of those that this one chooses the first of."""
    folder.mkdir()
    for each in (*STOREYS, "config", "static", "templates", "pyproject.toml", "manage.py"):
        copy = shutil.copytree if (ROOT / each).is_dir() else shutil.copy2
        copy(ROOT / each, folder / each)
    rule = folder / "flux/engine/rule.py"
    before, after = "chosen = max(kept.band", "chosen = min(kept.band"
    assert before in rule.read_text()
    rule.write_text(rule.read_text().replace(before, after))
    return folder


def test_an_upgrade_is_rehearsed_on_a_copy_and_says_what_would_differ(saved: Backup, tmp_path: Path) -> None:
    """« Replays every decision of the installation under the new code before it accepts, and says what would differ »:
    what a rule that was changed decides otherwise, decision by decision, and one that was never taken by any."""
    other_version = with_another_rule(tmp_path / "code")
    with empty_database("rehearsing") as name:
        restore(saved)
        taken = Recommendation.objects.exclude(holder=None)
        with unguarded("flux_recommendation.append_only"):
            forged = taken.earliest("pk")
            other = ReservationHolder.objects.exclude(pk=forged.holder_id).order_by("pk")[0]
            Recommendation.objects.filter(pk=forged.pk).update(holder=other)
        holders = dict(taken.values_list("pk", "holder_id"))
        backup = back_up(tmp_path, now=NIGHT)
        done = manage("rehearse_upgrade", str(backup.dump), code=other_version)
        assert held() == backup.held, "nothing of this database is touched"
        with server() as postgres:
            left = postgres.execute("SELECT count(*) FROM pg_database WHERE datname LIKE %s", [f"{name}_rep%"])
            assert left.fetchone() == (0,)
    found = dict(line.rstrip(".").split(" : ") for line in done.stdout.splitlines() if not line.startswith(" "))
    assert found == {
        "La sauvegarde est rétablie à part": "rien ne diffère",
        "Ses tables passent à cette version": "rien ne diffère",
        "Chaque décision est rejouée par ce code": "une différence",
        "Comptes, décomptes et empreintes sont refaits": "une différence",
        "Chaque année est recomptée, et chaque bilan envoyé relu": "rien ne diffère",
    }
    named = re.findall(r"n° (\d+), holder : (\d+) → (\d+)", done.stdout)
    assert {(int(pk), int(stored)) for pk, stored, _ in named} <= holders.items()
    assert all(stored != recomputed for _, stored, recomputed in named)
    assert str(forged.pk) in [pk for pk, _, _ in named]
    assert len(named) > 1, "what the changed rule decides otherwise, beside what no rule decided"
    assert (done.returncode, "gardez celle d’avant" in done.stderr) == (1, True)


def no_alarm() -> None:
    """What the night controls, and asks of whoever administers: nothing differs, once the log has caught up."""
    link_imprints()
    append_leaves()
    sign_checkpoint(signers=signers_of(KEYS), now=timezone.now())
    assert tampering().sentences == []
    assert confirmed(Ledger.objects.values_list("pk", flat=True)) == []
    assert drift() == {}


def test_a_year_with_returns_corrections_erasure_and_a_restore_gives_no_alarm(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path: Path
) -> None:
    """« 0 false alarms over a simulated year with returns, corrections, erasure and a restore »; one row that is then
    written behind the product is named, in what was restored as before."""
    with django_db_blocker.unblock():
        with own_database("quiet"):
            world = build_world()
            returned = lived(world)
            people(world)
            closed = [each.application for each in housed(world, text="Dit par M. VASSEUR.")]
            returned.refresh_from_db()
            assert returned.closed_at is not None
            no_alarm()
            version = send(world)
            remark = contest(world, version)
            correct(world, version.balance, returned)
            no_alarm()
            answer(world, remark)
            sign(world, send(world, now=SENT + 3 * DAY))
            assert BalanceVersion.objects.exclude(sealed_at=None).count() == 1
            no_alarm()
            for each in closed:
                close(world, each)
            assert pseudonymise_due(now=MORNING + timedelta(days=366)) == len(closed)
            no_alarm()
            backup = back_up(tmp_path, now=NIGHT)
        with empty_database("quiet_again"):
            assert restore(backup) == []
            no_alarm()
            Organisation.objects.filter(pk=world.city.pk).update(name="Narbonne la Belle")
            no_alarm()
            with behind_the_triggers():
                Organisation.objects.filter(pk=world.city.pk).update(name="Autre")
                assert len(tampering().sentences) == 1
