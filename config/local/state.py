"""The state folder: data, sockets, logs, the secret key, and the record of who runs what.

`.equiflux/` in the checkout, or the folder named by EQUIFLUX_STATE.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
import stat
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from config.local.console import Refusal
from config.local.processes import Running, started_at
from config.local.recovery import Restarts

ROOT = Path(__file__).resolve().parents[2]
SOCKET_PATH_LIMIT = 100  # the system refuses 108 bytes (104 on some)
SHORT_PREFIX = "equiflux-"
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")  # what survives in an address and in a list of folders


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace `path` in one step: a reader sees the old content or the new one, never half of it."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except OSError:  # no room left
        os.unlink(temporary)
        raise


@dataclass
class Record:
    """What a supervisor publishes (`supervisor.json`) for the other commands.

    `purpose` is the command (demo, manage, test); `phase` is starting, ready or stopping;
    `environment` holds the addresses of the database and of the broker, given or embedded.
    """

    purpose: str
    pid: int
    started: int
    phase: str = "starting"
    url: str | None = None
    accounts: list[dict[str, Any]] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    embedded: dict[str, bool] = field(default_factory=lambda: {"postgresql": False, "valkey": False})
    processes: dict[str, Running] = field(default_factory=dict)
    logs: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, Restarts] = field(default_factory=dict)

    @property
    def alive(self) -> bool:
        """Whether the supervisor that wrote this is still there (and not another process with its number)."""
        return started_at(self.pid) == self.started

    @property
    def ready(self) -> bool:
        """Whether its services can be used."""
        return self.alive and self.phase == "ready"


class State:
    """One state folder. Whoever holds its lock may start services in it.

    Raises Refusal when the folder cannot be made or entered.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pgdata = folder / "pgdata"
        self.valkey_data = folder / "valkey"
        self.beat_schedule = folder / "beat-schedule"
        self._record = folder / "supervisor.json"
        self._note = folder / "socket_folder"
        self._lock: int | None = None
        self._use: int | None = None
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / "logs").mkdir(exist_ok=True)
        except OSError as error:
            raise Refusal(
                f"Le dossier d’état {folder} ne peut pas servir ({error.strerror}) : "
                "choisissez-en un autre avec EQUIFLUX_STATE."
            ) from error

    @classmethod
    def default(cls) -> "State":
        """The folder of the demonstration and of `manage`."""
        named = os.environ.get("EQUIFLUX_STATE")
        return cls(Path(named).absolute() if named else ROOT / ".equiflux")

    @classmethod
    def for_tests(cls) -> "State":
        """Its own folder, so that the tests never disturb a running demonstration."""
        return cls(cls.default().folder / "test")

    @classmethod
    def for_benchmarks(cls) -> "State":
        """Its own folder too: what is measured is alone on its services."""
        return cls(cls.default().folder / "bench")

    @classmethod
    def for_recording(cls) -> "State":
        """Its own folder as well, removed once the story is recorded."""
        return cls(cls.default().folder / "record")

    def log(self, name: str) -> Path:
        """Where the service or step `name` writes."""
        return self.folder / "logs" / f"{name}.log"

    # The record

    def read(self) -> Record | None:
        """The last record published, None when there is none that can be read."""
        try:
            found = json.loads(self._record.read_text(encoding="utf-8"))
            found["processes"] = {name: Running(**process) for name, process in found["processes"].items()}
            found["restarts"] = {name: Restarts(**fallen) for name, fallen in found.get("restarts", {}).items()}
            return Record(**found)
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None

    def publish(self, record: Record) -> None:
        """Let the other commands see `record`."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # somebody may remove it while we run
        write_atomically(self._record, json.dumps(asdict(record), ensure_ascii=False, indent=2))

    def forget(self) -> None:
        """Remove the record: nothing runs any more."""
        self._record.unlink(missing_ok=True)

    # The locks: the system drops them with the process, however it ends

    def lock(self) -> bool:
        """Take the right to start services here; False when another process has it."""
        handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def unlock(self) -> None:
        """Give the right back."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def attach(self) -> Record | None:
        """Use the services another process runs here, and keep it from stopping them under our feet.

        None when there is nothing ready to attach to. A demonstration that is asked to stop does not wait for us.
        """
        handle = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        record = self.read()
        if record is None or not record.ready:
            os.close(handle)
            return None
        self._use = handle
        return record

    def unused(self) -> bool:
        """Whether nobody is attached; from a True on, nobody can attach any more."""
        handle = os.open(self.folder / "users", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._use = handle
        return True

    def release(self) -> None:
        """Stop using, or stop keeping others from using."""
        if self._use is not None:
            os.close(self._use)
            self._use = None

    # What is made once and kept

    def secret_key(self) -> str:
        """The key of this folder, drawn at random the first time."""
        path = self.folder / "secret_key"
        if not path.exists():
            write_atomically(path, secrets.token_urlsafe(50))
        return path.read_text(encoding="utf-8").strip()

    def journal_keys(self) -> str:
        """What signs the verifiable log of this folder, drawn at random the first time."""
        path = self.folder / "journal_keys"
        if not path.exists():
            from reservations.verifiable.notes import Kind, Signer  # once it is installed

            kinds = (Kind.NOTE, Kind.COSIGNATURE_ML)
            keys = [Signer("equiflux.demonstration/journal", kind, secrets.token_bytes(32)) for kind in kinds]
            write_atomically(path, ",".join(map(str, keys)))
        return path.read_text(encoding="utf-8").strip()

    def signing_certificate(self) -> Path:
        """What signs the PDF of sealed balances of this folder, drawn at random the first time; its name is on each."""
        path = self.folder / "demonstration.p12"
        if not path.exists():
            from reservations.exports.signatures import drawn_certificate  # once it is installed

            path.touch(mode=0o600)
            path.write_bytes(drawn_certificate("Équiflux, clé de démonstration sans valeur"))
        return path

    def socket_folder(self) -> Path:
        """A private folder for Unix sockets, whose path is short enough for the system and plain enough for an address.

        It is in the state folder when that one suits; else a short one under the temporary folder, remembered here.
        """
        inside = self.folder / "sockets"
        if len(os.fsencode(inside / ".s.PGSQL.5432")) < SOCKET_PATH_LIMIT and PLAIN_PATH.fullmatch(str(inside)):
            inside.mkdir(mode=0o700, exist_ok=True)
            return inside
        remembered = self._short_folder()
        if remembered is not None:
            return remembered
        base = Path(tempfile.gettempdir())
        if len(os.fsencode(base)) > 40 or not PLAIN_PATH.fullmatch(str(base)):
            base = Path("/tmp")  # noqa: S108
        folder = Path(tempfile.mkdtemp(prefix=SHORT_PREFIX, dir=base))
        write_atomically(self._note, str(folder))
        return folder

    def remove_short_folder(self) -> None:
        """Leave nothing under the temporary folder; the sockets in it answer nobody any more."""
        folder = self._short_folder()
        if folder is not None:
            shutil.rmtree(folder)
        self._note.unlink(missing_ok=True)

    def _short_folder(self) -> Path | None:
        """The short folder made earlier, if it is still there and still ours."""
        if not self._note.exists():
            return None
        folder = Path(self._note.read_text(encoding="utf-8"))
        return folder if folder.name.startswith(SHORT_PREFIX) and _is_private(folder) else None


def _is_private(folder: Path) -> bool:
    """Whether the folder is a real one that nobody else can enter (the temporary folder belongs to everyone)."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    ours = found.st_uid == os.geteuid() or os.geteuid() == 0
    return stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700 and ours
