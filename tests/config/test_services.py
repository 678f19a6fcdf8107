"""Given services win; embedded ones adapt to the machine."""

import os
import pwd
import tempfile
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest

from config.local import identity, postgres, valkey
from config.local.console import Refusal
from config.local.services import start_missing
from config.local.state import SOCKET_PATH_LIMIT, State
from config.local.supervisor import supervising
from tests.config.conftest import House

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="only root changes identity")


@pytest.fixture
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")


def serve(state: State) -> str:
    """Start the services, create what stays, stop; return the version that answered."""
    assert state.lock()
    with supervising(state, "manage", considerate=True) as supervisor:
        environment = start_missing(supervisor)
        assert environment["REDIS_URL"].startswith("unix:///")
        with psycopg.connect(environment["DATABASE_URL"]) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number integer)")
            connection.execute("INSERT INTO kept VALUES (1)")
            row = connection.execute("SELECT count(*), upper('é') FROM kept").fetchone()
    assert row is not None
    return f"{row[0]}{row[1]}"


def test_with_both_services_given_nothing_is_embedded(house: House, service_environment: dict[str, str]) -> None:
    asked = house.run("manage", "showmigrations", "contenttypes", **service_environment)

    assert asked.returncode == 0, asked.stderr
    assert not house.state.pgdata.exists()
    assert not house.state.valkey_data.exists()


def test_with_a_database_given_only_the_broker_is_embedded(house: House, service_environment: dict[str, str]) -> None:
    asked = house.run("manage", "--version", DATABASE_URL=service_environment["DATABASE_URL"])

    assert asked.returncode == 0, asked.stderr
    assert not house.state.pgdata.exists()
    assert house.state.valkey_data.exists()


@pytest.mark.usefixtures("nothing_given")
def test_a_server_of_ours_asks_for_a_password(tmp_path: Path) -> None:
    """« `trust` nowhere »: of one made now, and of one made by a version that trusted whoever reached its socket."""
    state = State(tmp_path / "state")
    assert serve(state) == "1É"
    rules = state.pgdata / "pg_hba.conf"
    asking = rules.read_text()
    assert postgres.TRUSTING.search(asking) is None
    with rules.open("w") as file:
        file.write(asking.replace(f"{postgres.SCRAM}\n", "trust\n"))
    (state.pgdata / postgres.SEED).unlink()
    assert serve(state) == "2É"
    assert rules.read_text() == asking
    assert state.lock()
    with supervising(state, "manage", considerate=True) as supervisor:
        address = start_missing(supervisor)["DATABASE_URL"]
        sockets = state.socket_folder()
        assert {path.stat().st_mode & 0o777 for path in sockets.glob("*.password")} == {0o600}
        assert postgres.password_of(postgres.ACCOUNT, state.pgdata) not in address
        for given in ({}, {"password": "equiflux"}, {"passfile": str(postgres.passfile(sockets, "equiflux_app"))}):
            with pytest.raises(psycopg.OperationalError, match="password"):
                psycopg.connect(host=str(sockets), user=postgres.ACCOUNT, dbname=postgres.NAME, **given)


@pytest.mark.usefixtures("nothing_given")
@ROOT_ONLY
def test_where_namespaces_are_forbidden_nobody_runs_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = State(tmp_path / "state")
    state.folder.chmod(0o700)  # nobody could not even enter
    monkeypatch.setattr(identity, "namespace_reaches", lambda _: False)

    assert serve(state) == "1É"

    assert state.pgdata.stat().st_uid == pwd.getpwnam("nobody").pw_uid
    monkeypatch.undo()
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("REDIS_URL")
    assert serve(state) == "2É"  # the owner of the data decides, not what is allowed today


@pytest.mark.usefixtures("nothing_given")
def test_a_stale_lock_naming_somebody_else_s_process_does_not_prevent_the_start(tmp_path: Path) -> None:
    state = State(tmp_path / "state")
    serve(state)
    (state.pgdata / "postmaster.pid").write_text(f"{os.getpid()}\n{state.pgdata}\n")

    assert serve(state) == "2É"


def test_a_database_of_another_version_is_refused_in_a_sentence(tmp_path: Path) -> None:
    pgdata = tmp_path / "pgdata"
    pgdata.mkdir()
    (pgdata / "PG_VERSION").write_text("12\n")

    with pytest.raises(Refusal, match="créée par PostgreSQL 12"):
        postgres.binaries(pgdata)


def test_a_machine_without_servers_is_notified_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "folders", lambda: [tmp_path])
    monkeypatch.setattr(valkey, "candidates", lambda: [tmp_path / "valkey-server"])

    with pytest.raises(Refusal, match="DATABASE_URL"):
        postgres.binaries(tmp_path / "pgdata")
    with pytest.raises(Refusal, match="REDIS_URL"):
        valkey.binary()


@pytest.mark.parametrize(
    ("account", "become"), [(pwd.getpwnam("daemon").pw_uid, None), (65533, identity.enter_namespace)]
)
def test_an_ordinary_account_is_itself_unless_the_system_does_not_know_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, account: int, become: object
) -> None:
    monkeypatch.setattr(identity, "os", SimpleNamespace(geteuid=lambda: account, getegid=lambda: account))

    chosen = identity.identity_for(tmp_path / "pgdata")

    assert (chosen.owner, chosen.become) == (account, become)


@pytest.mark.usefixtures("nothing_given")
@ROOT_ONLY
def test_root_runs_the_database_in_the_folder_of_somebody_else() -> None:
    with tempfile.TemporaryDirectory(prefix="equiflux-test-") as folder:
        os.chown(folder, 65533, 65533)

        assert serve(State(Path(folder) / "state")) == "1É"


def test_somebody_else_s_database_is_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "os", SimpleNamespace(geteuid=lambda: os.geteuid() + 1, getegid=os.getegid))

    with pytest.raises(Refusal, match="appartient à un autre utilisateur"):
        identity.identity_for(tmp_path)


def test_the_sockets_of_a_long_path_go_to_a_short_private_folder_that_is_remembered(tmp_path: Path) -> None:
    state = State(tmp_path / ("long" * 30))

    folder = state.socket_folder()

    assert len(str(folder / ".s.PGSQL.5432")) < SOCKET_PATH_LIMIT
    assert folder.stat().st_mode & 0o777 == 0o700
    assert state.socket_folder() == folder
    folder.chmod(0o755)  # somebody could have entered: another one is made
    other = state.socket_folder()
    assert other != folder
    folder.rmdir()
    state.remove_short_folder()
    assert not other.exists()


def test_a_state_folder_that_cannot_be_is_refused_in_a_sentence(house: House) -> None:
    (house.folder / "file").touch()

    refused = house.run("status", EQUIFLUX_STATE=str(house.folder / "file"))

    assert refused.returncode == 1
    assert "EQUIFLUX_STATE" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_the_secret_key_is_drawn_once_and_private(tmp_path: Path) -> None:
    state = State(tmp_path / "state")

    key = state.secret_key()

    assert len(key) >= 50
    assert state.secret_key() == key
    assert (state.folder / "secret_key").stat().st_mode & 0o777 == 0o600
