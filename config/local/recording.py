"""The story of the demonstration, recorded: one compressed file, restored in seconds, from which the story goes on.

Its first line says, in JSON, what it comes from and what the story needs for its next day; the rest is what `pg_dump`
writes, schema and data. It is restored into an empty database by a single transaction, without any program of
PostgreSQL. One is kept in the repository (`./run record` makes it again); where that one does not serve, the first
telling leaves one in the state folder.
"""

import json
import lzma
import subprocess
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO, Any

import psycopg

from config.local.console import Refusal
from config.local.fingerprint import LAID, STOREYS, STORY_SOURCES, fingerprint
from config.local.postgres import KEYLESS
from config.local.state import ROOT

KEPT = ROOT / "config" / "local" / "demonstration.sql.xz"
#: A story goes on to the end of its year, which it reaches anyway, and so many days into the next one.
OVER_THE_YEAR = timedelta(days=45)
HEAD = b"-- "
#: Lines of `pg_dump` that only its own version reads.
OF_ITS_VERSION = (b"\\restrict", b"\\unrestrict", b"SET transaction_timeout")


@dataclass(frozen=True)
class Recording:
    """What a recorded story comes from, and `notes`: what its next day needs beside the database."""

    day: str  # the next one to live: every day before was lived
    told_by: str
    laid_by: str
    migrations: list[str]
    notes: dict[str, Any]

    @classmethod
    def of(cls, notes: dict[str, Any]) -> "Recording":
        """That of a story left there by the present code."""
        return cls(notes["day"], fingerprint(*STORY_SOURCES), fingerprint(*LAID), migrations(), notes)

    @classmethod
    def at(cls, path: Path) -> "Recording | None":
        """That of a file, None when there is none that can be read."""
        try:
            with lzma.open(path) as file:
                return cls(**json.loads(file.readline().removeprefix(HEAD)))
        except (OSError, EOFError, ValueError, TypeError, lzma.LZMAError):
            return None

    @property
    def is_laid(self) -> bool:
        """Whether its tables and what is loaded in them are today’s: nothing to bring up to date."""
        return self.laid_by == fingerprint(*LAID)

    @property
    def next_day(self) -> date:
        return date.fromisoformat(self.day)

    def days_left(self, today: date) -> int:
        """How many days there are to live before this morning."""
        return (today - self.next_day).days

    def why_not(self, today: date) -> str:
        """Why it cannot be gone on from today; "" when it can."""
        day = self.next_day
        if self.told_by != fingerprint(*STORY_SOURCES):
            return "le récit a changé depuis"
        if not set(self.migrations) <= set(migrations()):
            return "des migrations de sa base n’existent plus"
        if day > today:
            return f"il va jusqu’au {day:%d/%m/%Y}, qui n’est pas venu"
        if today.year > day.year and today - day > OVER_THE_YEAR:
            return f"il s’arrête au {day:%d/%m/%Y}"
        return ""


def migrations() -> list[str]:
    """Our migrations, by their app and name."""
    paths = (path for storey in STOREYS for path in (ROOT / storey / "migrations").glob("[0-9]*.py"))
    return sorted(f"{path.parts[-3]}.{path.stem}" for path in paths)


def serving(today: date, *paths: Path) -> tuple[Path, Recording] | str:
    """The latest of these files that serves today, or why none does."""
    found, why = [], ["aucun n’est enregistré"]
    for path in paths:
        recording = Recording.at(path)
        if recording is None:
            continue
        if reason := recording.why_not(today):
            why.append(reason)
        else:
            found.append((path, recording))
    return max(found, key=lambda each: each[1].day, default=why[-1])


def write(path: Path, program: Path, address: str, notes: dict[str, Any], *, small: bool) -> None:
    """Record the database at this address, by this `pg_dump`; `small`: as small as can be, for the repository.

    Raises Refusal when the program fails; the file that was there stays.
    """
    draft = path.with_name(f"{path.name}-draft")
    command: list[str | Path] = [program, "--no-owner", "--no-privileges", KEYLESS, "--dbname", address]
    preset = 9 | lzma.PRESET_EXTREME if small else 0
    with lzma.open(draft, "wb", preset=preset) as file, subprocess.Popen(command, stdout=subprocess.PIPE) as dump:
        file.write(HEAD + json.dumps(asdict(Recording.of(notes)), separators=(",", ":")).encode() + b"\n")
        assert dump.stdout is not None
        for line in dump.stdout:
            if not line.startswith(OF_ITS_VERSION):
                file.write(line)
    if dump.returncode:
        draft.unlink()
        raise Refusal("« pg_dump » a échoué : le récit n’est pas enregistré.")
    draft.replace(path)


def restore(path: Path, address: str) -> None:
    """Restore a recorded story into the empty database at this address, whole or not at all.

    Raises psycopg.Error when this server refuses it.
    """
    with lzma.open(path) as file, psycopg.connect(address) as database:
        database.execute("SET LOCAL synchronous_commit = off")
        for statements, rows in parts(file):
            if statements.strip():
                database.execute(statements)
            if rows is None:
                continue
            copied, lines = rows
            with database.cursor().copy(copied) as copy:
                for line in lines:
                    copy.write(line)
    with psycopg.connect(address, autocommit=True) as database:
        database.execute("ANALYZE")  # nobody counted these rows yet


def parts(file: IO[bytes] | lzma.LZMAFile) -> Iterator[tuple[bytes, tuple[bytes, Iterator[bytes]] | None]]:
    """What `pg_dump` wrote, as statements to execute, each followed by a COPY and its rows, but for the last ones."""
    statements: list[bytes] = []
    for line in file:
        if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
            yield b"".join(statements), (line, blocks(file))
            statements = []
        else:
            statements.append(line)
    yield b"".join(statements), None


def blocks(file: IO[bytes] | lzma.LZMAFile, size: int = 1 << 16) -> Iterator[bytes]:
    """The rows of one COPY, many at a time."""
    block: list[bytes] = []
    held = 0
    for line in file:
        if line == b"\\.\n":
            break
        block.append(line)
        held += len(line)
        if held > size:
            yield b"".join(block)
            block, held = [], 0
    yield b"".join(block)
